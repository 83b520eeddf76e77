# SPDX-License-Identifier: GPL-2.0-or-later
"""What the owner's configuration of a network asks of its trial: a login, an address, a VPN beside
it, encryption; and who waits for a login page."""

from dataclasses import replace

import pytest

from tests.changing import said, state
from tests.known import network
from tests.proving import DUMP, FETCH, INFO, LAN, WWAN, dump, interface
from tests.trying import HOME, KEY, Try
from wifirelay.core.causes import Cause
from wifirelay.core.known import FixedAddress, PortalLogin, Relay, Vpn
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed
from wifirelay.values import Secret, Security

WALL = Completed(0, b'<meta http-equiv="refresh" content="0; url=http://login.camp.example/">')
PAGE = "http://login.camp.example/"
FINE = Completed(0, b"success\n")
PLAIN = {INFO: said({"ssid": "Home", "encryption": {"enabled": False}})}


def test_it_logs_in_where_the_network_s_login_is_known() -> None:
    known = network("Home", KEY, portal_login=PortalLogin(form=Secret("user=anna")))
    trial = Try({FETCH: [WALL, FINE], "login_form": Completed(0)}, known=known)
    assert trial.run().internet is Verdict.ONLINE
    assert len(trial.router.of("login_form")) == 1


def test_its_own_address_is_what_it_waits_for() -> None:
    known = network("Home", KEY, fixed=FixedAddress("10.10.1.5/24", "10.10.1.1"))
    trial = Try(known=known)
    name = trial.trial.interface
    rows = [{**WWAN, "interface": name}]
    trial = Try({DUMP: dump(LAN, *rows)}, known=known)
    assert trial.run().address == "10.10.1.5/24"
    other = interface(name, "phy0-sta0", "10.10.1.99/24")
    trial = Try({DUMP: dump(LAN, other)}, known=known)
    trial.fails(Cause.DEAD_DHCP, f"{name} did not get 10.10.1.5/24", hint="`wifirelay setup`")


def test_of_ipv6_alone_it_waits_for_an_interface_of_that() -> None:
    known = network("Home", KEY, ipv6_only=True)
    address = [{"address": "2001:db8:1::5", "mask": 64}]
    six = {**WWAN, "interface": "wwan_6", "proto": "dhcpv6", "ipv6-address": address}
    trial = Try({DUMP: dump(LAN, six)}, known=known)
    trial.fails(Cause.IPV6_ONLY, "nothing on the router makes IPv4", hint="464xlat")


def test_the_vpn_over_it_is_no_clash() -> None:
    rows = dump(LAN, WWAN, interface("wg0", "wg0", "10.10.1.77/24"))
    assert Try({DUMP: rows}, relay=Relay(vpn=Vpn("wg0"))).run().kept == "flash"
    Try({DUMP: rows}).fails(Cause.SUBNET_CLASH, "overlaps wg0", hint="give wg0 another subnet")


@pytest.mark.parametrize(("security", "encrypted"), [(Security.OWE, True), (Security.OPEN, False)])
def test_one_that_was_heard_encrypted_is_not_taken_without(
    security: Security, encrypted: bool
) -> None:
    heard = replace(HOME, security=security)
    trial = Try(PLAIN, known=network("Home", None), heard=heard)
    if encrypted:
        trial.fails(Cause.UNENCRYPTED, "no encryption (OWE)", hint="`security: open`")
    else:
        assert trial.run().kept == "flash"


def test_one_that_was_not_heard_may_be_without() -> None:
    assert Try(PLAIN, known=network("Home", None), heard=None).run().kept == "flash"


# --- a login page that somebody will log in at ---


def test_the_page_that_is_waited_for_is_told() -> None:
    trial = Try({FETCH: WALL, "confirm": Completed(0, b"session\n")}, login=True)
    joined = trial.run()
    assert (joined.internet, joined.portal) == (Verdict.PORTAL, PAGE)
    assert joined.kept == "session"


def test_without_a_page_nothing_is_waited_for() -> None:
    joined = Try(login=True).run()
    assert (joined.kept, joined.note, joined.portal) == ("flash", "", "")


def test_where_no_internet_is_needed_a_page_is_no_reason_to_wait() -> None:
    joined = Try({FETCH: WALL}, needs_internet=False).run()
    assert (joined.internet, joined.kept, joined.portal) == (Verdict.PORTAL, "flash", PAGE)


@pytest.mark.parametrize("opened", [True, False])
def test_whether_clients_reach_one_from_before_is_remembered(opened: bool) -> None:
    trial = Try({"state": state("portal") if opened else state()})
    trial.run()
    assert trial.trial.portal_open is opened
