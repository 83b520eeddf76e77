# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that is known for IPv6 alone: proved, or not, and why; setup's question; its status."""

from dataclasses import replace
from typing import Any

import pytest
from known import network as known
from test_change_setup import router as router_to_set_up
from test_change_status import HERE, only

from tests.changing import Scripted, check_text, failed, said, uci
from tests.known import lan, logical, own, router, wireless
from tests.proving import DUMP, EXPECTED, LAN, Look, dump, interface
from wifirelay.change.ahead import Ahead, first_probes, internet_through
from wifirelay.change.outcome import Step
from wifirelay.change.setup import look, prepare
from wifirelay.change.status import State
from wifirelay.change.verify import LEASE_LIMIT, POLL
from wifirelay.core.causes import Cause
from wifirelay.core.known import Relay
from wifirelay.errors import RouterAnswer
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.internet import PROBES, fetch
from wifirelay.router.protocols import protocols
from wifirelay.router.state import Router
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Package, Section

ADDRESS = "2001:db8:1::5/64"
ANYWHERE = {"target": "0.0.0.0", "mask": 0, "nexthop": "0.0.0.0", "metric": 2048}
SIX = {
    **interface("wwan_6", "phy0-sta0", None),
    "device": "phy0-sta0",
    "proto": "dhcpv6",
    "metric": 20,
    "ipv6-address": [{"address": "2001:db8:1::5", "mask": 64}],
    "route": [{"target": "::", "mask": 0, "nexthop": "fe80::1"}],
    "dns-server": ["fe80::1"],
}
CLAT = {**interface("wwan_6_4", "464-wwan_6_4", None), "proto": "464xlat", "route": [ANYWHERE]}
DOWN = {"interface": "wwan_6_4", "up": False, "proto": "464xlat"}


def phone(*interfaces: dict[str, Any], **answers: Any) -> Look:
    """The verification of a network of IPv6 alone, where netifd tells so."""
    found = dump(LAN, *(interfaces or (SIX, CLAT)))
    return Look({DUMP: found, **answers}).expect(interface="wwan_6", ipv6_only=True)


# --- the trial's steps ---


def test_ipv6_with_ipv4_over_it_is_an_uplink() -> None:
    look = phone()
    found = look.run()
    assert found.internet.verdict is Verdict.ONLINE
    assert found.logical.addresses == (ADDRESS,)
    assert (found.ifname, found.logical.ifname) == ("phy0-sta0", "464-wwan_6_4")
    texts = dict(zip(look.steps.shape, look.steps.texts, strict=True))
    assert texts["lease..."] == "asking for IPv6, and IPv4 over it"
    assert ADDRESS in texts["lease"]
    assert look.waited == 0.0


def test_its_internet_is_that_of_ipv4() -> None:
    look = phone(**{"uclient-fetch": Completed(4), "nslookup": Completed(1), "ping": Completed(0)})
    look.fails(Step.INTERNET, Cause.NO_DNS, "fe80::1%phy0-sta0", hint="later")
    pages = [each for each in look.router.asked if each.startswith("uclient-fetch")]
    assert len(pages) == len(PROBES)
    assert all(each.startswith("uclient-fetch -4 ") for each in pages)
    pings = [each for each in look.router.asked if each.startswith("ping")]
    assert pings
    assert all("-I 464-wwan_6_4 " in each for each in pings)
    names = [each for each in look.router.asked if each.startswith("nslookup")]
    assert [each.split()[-1] for each in names] == ["fe80::1%phy0-sta0"]


def test_any_other_uplink_s_pages_come_as_they_like() -> None:
    assert "-4" not in fetch(PROBES[0], "phy0-sta0").argv
    assert "-4" not in fetch(PROBES[0]).argv
    assert fetch(PROBES[0], "464-wwan_6_4").argv[:2] == ("uclient-fetch", "-4")
    assert fetch(PROBES[0], "464-x").argv[2:] == fetch(PROBES[0]).argv[1:]


def test_a_cable_s_default_route_goes_before() -> None:
    wan = {**interface("wan", "eth0", "10.64.0.5/24"), "route": [{**ANYWHERE, "metric": 0}]}
    look = phone(wan, SIX, CLAT, ping=Completed(0))
    assert "wan has the default route" in look.run().internet.why


def test_what_translates_may_come_later() -> None:
    look = phone(**{DUMP: [dump(LAN, SIX), dump(LAN, SIX, DOWN), dump(LAN, SIX, CLAT)]})
    look.run()
    assert look.waited == 2 * POLL


def test_another_station_s_is_not_its_own() -> None:
    other = {**SIX, "device": "phy1-sta0", "l3_device": "phy1-sta0"}
    phone(other, CLAT).fails(Step.LEASE, Cause.IPV6_ONLY, "NAT64", hint="logread")


def test_without_nat64_it_says_so() -> None:
    look = phone(SIX, DOWN)
    why = f"Home gave {ADDRESS}, and no IPv4 over it within {LEASE_LIMIT:.0f} s"
    look.fails(
        Step.LEASE, Cause.IPV6_ONLY, why, "NAT64", "ipv4only.arpa", hint="`logread -e wwan_6`"
    )
    assert look.waited == LEASE_LIMIT
    assert not [each for each in look.router.asked if each.startswith(("ping", "ip "))]


def test_without_the_package_it_says_so() -> None:
    failure = phone(SIX).fails(
        Step.LEASE, Cause.IPV6_ONLY, ADDRESS, "nothing on the router", hint="`wifirelay setup`"
    )
    assert "464xlat" in failure.hint


def fails_without_hint(*interfaces: dict[str, Any]) -> None:
    text = f"Home gave no IPv6 address within {LEASE_LIMIT:.0f} s"
    phone(*interfaces).fails(Step.LEASE, Cause.DEAD_DHCP, text, hint="take `ipv6_only` out")


@pytest.mark.parametrize("six", [{**SIX, "up": False}, {**SIX, "ipv6-address": []}, LAN])
def test_without_ipv6_it_asks_whether_it_is_such_a_network(six: dict[str, Any]) -> None:
    fails_without_hint(six, CLAT)


def test_a_network_without_the_key_never_takes_it() -> None:
    look = Look({DUMP: dump(LAN, SIX, CLAT), "ping -6": Completed(1)})
    look.fails(Step.LEASE, Cause.DEAD_DHCP, "Home gave no address", hint="DHCP server")
    assert not EXPECTED.ipv6_only


def test_where_it_is_not_known_as_such_the_hint_names_the_way() -> None:
    theirs = Completed(0, b"64 bytes from fe80::1%9: seq=0 ttl=64 time=2.3 ms (DUP!)\n")
    look = Look({DUMP: dump(LAN), "ping -6": theirs})
    failure = look.fails(Step.LEASE, Cause.IPV6_ONLY, "has IPv6", hint="APN")
    for words in ("`ipv6_only: true`", "package 464xlat", "`wifirelay setup`"):
        assert words in failure.hint


# --- setup asks the router what it can do ---

HANDLERS = "network get_proto_handlers"
PHONE = known("Phone6", ipv6_only=True)
CAN = {HANDLERS: said({"static": {}, "464xlat": {"no_device": True}})}
DHCP_OF_LAN = {"uci get dhcp": uci(Package("dhcp", (Section("lan", "dhcp", {}),)))}
CANNOT = {HANDLERS: said({"static": {}})}


def test_only_where_a_known_network_needs_it() -> None:
    asked = router_to_set_up()
    assert look(asked, Relay(), [known()]).owned.protocols is None
    assert not [each for each in asked.asked if HANDLERS in each]
    found = look(router_to_set_up(**CAN), Relay(), [known(), PHONE])
    assert found.owned.protocols == {"static", "464xlat"}
    assert look(router_to_set_up(), Relay(), leaving=True).owned.protocols is None


def test_a_router_that_cannot_translate_is_set_up_and_told() -> None:
    empty = uci(Package("network", ()))
    found = look(router_to_set_up(**{**CANNOT, "uci get network": empty}), Relay(), [PHONE])
    told, edits = prepare(found, Relay(), [PHONE], "")
    assert edits == prepare(found, Relay(), [known()], "")[1] != ()
    assert [each for each in told.remarks if "opkg install 464xlat" in each]
    for each in told.remarks:
        check_text(each)
    assert not prepare(found, Relay(), [known()], "")[0].remarks


def test_a_bridge_does_not_ask() -> None:
    asked = router_to_set_up(**CANNOT, **DHCP_OF_LAN)
    assert look(asked, Relay(kind="relayd"), [PHONE]).owned.protocols is None


@pytest.mark.parametrize("answer", [said([]), Completed(0, b"nonsense"), Completed(4)])
def test_an_answer_that_is_none_is_told(answer: Completed) -> None:
    with pytest.raises(RouterAnswer):
        protocols().read(Scripted({HANDLERS: answer}))


# --- status ---


def at(*interfaces: LogicalInterface) -> Router:
    section = own(ssid="Home", encryption="psk2", disabled="0", network="wwan_6")
    quiet = replace(lan(), default_route=False)
    found = {each.name: each for each in (quiet, *interfaces)}
    return replace(router(uplink="Home"), wireless=wireless(section), interfaces=found)


ALONE = replace(
    logical("wwan_6", "phy0-sta0", ADDRESS), proto="dhcpv6", gateway="fe80::1", dns=("fe80::1",)
)
OVER = replace(logical("wwan_6_4", "464-wwan_6_4"), proto="464xlat", metric=2048, device=None)


def test_its_status_has_ipv6_and_how_ipv4_comes() -> None:
    uplink = only(at(ALONE, OVER))
    assert uplink.state is State.CONNECTED
    assert (uplink.addresses, uplink.gateway) == ((ADDRESS,), "fe80::1")
    assert uplink.dns == ("fe80::1%phy0-sta0",)
    assert uplink.translated
    assert uplink.ipv6 == ALONE


def test_without_ipv4_over_it_it_is_associated_and_the_status_shows_what_there_is() -> None:
    uplink = only(at(ALONE, replace(OVER, up=False)))
    assert (uplink.state, uplink.addresses, uplink.translated) == (State.ASSOCIATED, (), False)
    assert uplink.ipv6 == ALONE
    assert only(at(replace(ALONE, up=False), OVER)).ipv6 is None
    assert only(at(ALONE, OVER), None).ipv6 is None  # searching


def test_an_uplink_with_ipv4_of_its_own_is_not_translated() -> None:
    here = router(uplink="Home")
    six = replace(logical("wwan6", "phy0-sta0", ADDRESS), proto="dhcpv6")
    uplink = only(replace(here, interfaces={**here.interfaces, "wwan6": six, "wwan_6": ALONE}))
    assert (uplink.state, uplink.translated) == (State.CONNECTED, False)
    assert uplink.ipv6 == six
    elsewhere = logical("wwan", "phy1-sta0", "10.10.1.5/24")
    found = {"wwan": elsewhere, "wwan6": six, "wwan_6": ALONE}
    waits = only(replace(here, interfaces=found), HERE)
    assert (waits.state, waits.ipv6) == (State.ASSOCIATED, None)


def test_what_is_asked_ahead_is_what_is_asked_then() -> None:
    here = at(ALONE, OVER)
    up = replace(ALONE, l3_device="464-wwan_6_4", metric=2048)
    page = Completed(0, b"success\n")
    asked = Scripted({"uclient-fetch -4": page})
    ahead = Ahead(asked)
    ahead.ask(first_probes(here, up, ""))
    assert internet_through(ahead, here, up, "").verdict is Verdict.ONLINE
    assert len(asked.asked) == 1
    none = Scripted({"uclient-fetch -4": Completed(4), "nslookup": Completed(1), "ping": failed(1)})
    assert internet_through(Ahead(none), here, up, "").verdict is Verdict.OFFLINE
