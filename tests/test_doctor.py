# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up as values: each check of the router as a whole in each of its verdicts."""

from dataclasses import replace

import pytest
from healthy import ALL, BOARD, BROKEN, GOOD, MIB, NOON, bare, firewall, found, says, subnet
from known import logical, network, recorded_json, wireless

from wifirelay.change import deploy
from wifirelay.core.doctor import device
from wifirelay.core.doctor.checks import NAMES, PER_RADIO, check_up
from wifirelay.core.doctor.facts import Facts, Neighbours, Sentry
from wifirelay.core.doctor.finding import Finding, Unknown, Verdict, ok, problem, together, warning
from wifirelay.core.doctor.finding import word as safe_word
from wifirelay.core.known import Eap, Relay
from wifirelay.router.board import Board, SystemInfo, parse_board, parse_system_info
from wifirelay.router.services import Services
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import Change


def test_a_good_router_has_no_problem() -> None:
    findings = check_up(GOOD)
    assert [each.check for each in findings] == list(NAMES)
    assert {each.verdict for each in findings} == {Verdict.OK}
    assert {each.about for each in findings if each.check in PER_RADIO} == {"radio0"}
    assert {each.about for each in findings if each.check not in PER_RADIO} == {""}


def test_of_nothing_it_says_unknown_and_not_that_all_is_well() -> None:
    findings = check_up(Facts())
    assert {each.check for each in findings} == set(NAMES)
    # Without known networks no key can be wrong, without a wish for a bridge none is missing, nor
    # a VPN that is not named; all else was not looked at.
    known = [each.check for each in findings if each.verdict is not Verdict.UNKNOWN]
    assert known == ["bridge", "vpn", "keys"]


# --- the device ---


@pytest.mark.parametrize(
    ("board", "verdict", "text"),
    [
        (replace(BOARD, version="21.02.7"), "problem", "too old"),
        (replace(BOARD, distribution="Debian"), "problem", "not OpenWrt"),
        (replace(BOARD, version="SNAPSHOT"), "ok", "Router"),
        (replace(BOARD, version="25.12.0"), "ok", "Router"),
        (BROKEN, "unknown", "logread"),
    ],
)
def test_release(board: Board | Unknown, verdict: str, text: str) -> None:
    says("release", verdict, text, board=board)


@pytest.mark.parametrize(
    ("clock", "now", "built", "verdict"),
    [
        (NOON, None, None, "ok"),
        (NOON, NOON - 86_000.0, 1, "ok"),  # its time zone
        (NOON, NOON + 90_000.0, 1, "warning"),
        (NOON, NOON - 90_000.0, 1, "warning"),
        (0, None, None, "warning"),  # no clock of its own, and no NTP yet
        (1_700_000_000, None, 1_738_624_045, "warning"),  # before its image was made
        (10**30, None, None, "ok"),  # nothing to compare with; no calendar has it
        (10**400, NOON + 0.0, None, "warning"),
        (None, None, None, "unknown"),
    ],
)
def test_clock(clock: int | None, now: float | None, built: int | None, verdict: str) -> None:
    system = SystemInfo(1, None, None, clock)
    says("clock", verdict, system=system, now=now, board=replace(BOARD, built=built))


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(16 * 1024 - 1, "problem"), (16 * 1024, "warning"), (MIB - 1, "warning"), (MIB, "ok")],
)
def test_flash(free: int, verdict: str) -> None:
    says("flash", verdict, system=SystemInfo(1, free))


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(4 * MIB - 1, "problem"), (4 * MIB, "warning"), (24 * MIB - 1, "warning"), (24 * MIB, "ok")],
)
def test_memory(free: int, verdict: str) -> None:
    says("memory", verdict, system=SystemInfo(1, None, free))


def test_what_the_service_needs_is_what_install_asks_for() -> None:
    assert (device.FLASH_SERVICE, device.MEMORY_SERVICE) == (deploy.FLASH, deploy.MEMORY)


def test_room_that_is_not_told_is_unknown() -> None:
    says("flash", "unknown", system=SystemInfo(1, None))
    says("memory", "unknown", system=SystemInfo(1, None))
    says("memory", "unknown", "logread", system=BROKEN)


@pytest.mark.parametrize(
    ("missing", "package"),
    [("iwinfo", "rpcd-mod-iwinfo"), ("rc", "rpcd"), ("wpa_supplicant", "wpad-basic-mbedtls")],
)
def test_packages(missing: str, package: str) -> None:
    says("packages", "problem", missing, package, objects=ALL - {missing})


def test_supplicant() -> None:
    eduroam = network("eduroam", key=None, eap=Eap("peap", "me"))
    basic = {"eap": False, "sae": True, "owe": True}
    says("supplicant", "ok", "not eap", features=basic)
    says("supplicant", "problem", "eduroam", "wpad-mbedtls", features=basic, known=(eduroam,))
    says("supplicant", "ok", known=(eduroam,))
    old = {"eap": False, "sae": False, "owe": False}
    says("supplicant", "warning", "WPA3", features=old)
    says("supplicant", "problem", "sae", features=old, known=(network(security="sae"),))
    says("supplicant", "problem", "owe", features=old, known=(network(key=None, security="owe"),))
    says("supplicant", "unknown", features=dict.fromkeys(old))


def test_login_page() -> None:
    says("login-page", "ok", "certificates")
    says("login-page", "warning", "ca-bundle", login_api="ca-bundle is missing")
    says("login-page", "unknown", "logread", login_api=BROKEN)


@pytest.mark.parametrize(
    ("version", "verdict"),
    [("24.10.2", "ok"), ("25.12.0", "problem"), ("SNAPSHOT", "warning"), ("26.06.0", "problem")],
)
def test_a_raw_psk(version: str, verdict: str) -> None:
    known = (network("Raw", key="0123456789abcdef" * 4),)
    says("keys", verdict, "Raw", board=replace(BOARD, version=version), known=known)
    says("keys", "ok", board=replace(BOARD, version=version), known=(network(),))
    says("keys", "unknown", board=BROKEN, known=known)
    # what its scripts do tells more than its number: a snapshot's, and where it was repaired
    at = replace(BOARD, version=version)
    says("keys", "ok", board=at, known=known, raw_psk=True)
    says("keys", "problem", "Raw", board=at, known=known, raw_psk=False)


# --- what the relay stands on ---


def test_configuration() -> None:
    says("configuration", "problem", "/etc/config/network", "uci show network", network=BROKEN)
    says("configuration", "unknown", network=Unknown("not in this recording"))


def interface(**options: str) -> Package:
    return Package("network", (Section("wwan", "interface", {"proto": "dhcp", **options}),))


def test_setup() -> None:
    says("setup", "warning", "`wifirelay setup`", wireless=bare())
    says("setup", "problem", "wwan is missing", network=Package("network"))
    says("setup", "problem", "switched off", network=interface(auto="0"))
    says("setup", "problem", "switched off", network=interface(disabled="1"))
    says("setup", "unknown", network=BROKEN)
    second = Section("radio1", "wifi-device", {"band": "5g"})
    two = Package("wireless", (*wireless(), second))
    says("setup", "warning", "radio1 has no own section", wireless=two)
    says("setup", "ok", wireless=two, relay=Relay(radios=("radio0",)))
    quiet = Relay(hostname="none")
    said = says("setup", "warning", "no effect in wwan, which", network=interface(), relay=quiet)
    assert "uci set network.wwan.hostname='*'" in said.remedy
    says("setup", "ok", network=interface(hostname="*"), relay=quiet)


def test_firewall() -> None:
    says("firewall", "problem", "no zone named `wan`", firewall=Package("firewall"))
    says("firewall", "problem", "wwan is not in", firewall=firewall(network="wan wan6"))
    says("firewall", "ok", wireless=bare(), firewall=firewall(network="wan wan6"))  # no setup yet
    says("firewall", "warning", "masquerade", firewall=firewall(masq="0"))
    off = Section("cfg1", "forwarding", {"src": "lan", "dest": "wan", "enabled": "0"})
    says("firewall", "warning", "forwarded", firewall=firewall(off))
    one = says("firewall", "warning", "takes all", open_zone="it takes all. Set it to REJECT")
    assert (one.evidence, one.remedy) == ("it takes all", "Set it to REJECT")
    says("firewall", "unknown", firewall=BROKEN)


def test_sentry() -> None:
    gone = Sentry(installed=False, lives=False)
    says("sentry", "problem", "not installed", sentry=gone)
    says("sentry", "ok", "comes with", sentry=gone, wireless=bare())
    says("sentry", "ok", "comes with", sentry=BROKEN, wireless=bare())
    says("sentry", "problem", "restart", sentry=Sentry(installed=True, lives=False))
    says("sentry", "problem", "enable", services=Services(frozenset(), frozenset()))
    says("sentry", "ok", services=BROKEN)
    says("sentry", "warning", "holds wifirelay", sentry=Sentry(True, True, ("wifirelay",)))
    says("sentry", "unknown", sentry=BROKEN)


def test_staged() -> None:
    ours = Change("wireless", "set", "wifirelay", "disabled", "0")
    says("staged", "ok", "1 own", changes=(ours,))
    theirs = Change("wireless", "set", "default_radio0", "key", "a secret")
    one = says("staged", "problem", "uci revert wireless", changes=(ours, theirs))
    assert "a secret" not in one.evidence
    assert "key=***" in one.evidence
    says("staged", "problem", "and 2 more", changes=(theirs,) * 7)
    says("staged", "warning", "dhcp", changes=(Change("dhcp", "set", "lan", "start", "9"),))
    says("staged", "unknown", changes=BROKEN)


def test_subnets() -> None:
    uplink = logical("wwan", "phy0-sta0", "192.168.77.9/24")
    mine = {"lan": subnet("lan", "br-lan", "192.168.77.1/24")}
    says("subnets", "problem", "wifirelay leave", interfaces={**mine, "wwan": uplink})
    says("subnets", "ok", interfaces={**mine, "wwan": replace(uplink, up=False)})
    says(
        "subnets",
        "warning",
        "192.168.1.0/24",
        interfaces={"lan": subnet("lan", "br-lan", "192.168.1.1/24")},
    )
    wan = logical("wan", "eth0", "192.168.1.9/24")  # with a default route
    says("subnets", "ok", interfaces={**mine, "wan": wan})  # an upstream's, not its own
    says("subnets", "ok", interfaces={"loopback": subnet("loopback", "lo", "127.0.0.1/8")})
    says("subnets", "unknown", interfaces=BROKEN)


def test_neighbours() -> None:
    told = Neighbours("travelmate runs on this router", "stop it", ())
    says("neighbours", "problem", "travelmate", "stop it", neighbours=told)
    says(
        "neighbours",
        "warning",
        "mwan3",
        "add wwan",
        neighbours=Neighbours(remarks=("mwan3: add wwan",)),
    )
    says("neighbours", "unknown", neighbours=BROKEN)


# --- findings ---


def test_what_is_wrong_together_is_as_bad_as_its_worst() -> None:
    parts = [warning("x", "a", "do a"), problem("x", "b", "do b"), warning("x", "c", "do a")]
    assert together(parts, ok("x", "fine", "radio0")) == Finding(
        "x", "radio0", Verdict.PROBLEM, "a; b; c", "do a; do b"
    )
    assert together([], ok("x", "fine")).evidence == "fine"


@pytest.mark.parametrize("name", ["a;reboot", "$(reboot)", "a b", "-n", "", "a`b`", "ä"])
def test_no_name_is_more_than_a_word_of_a_remedy(name: str) -> None:
    assert safe_word(name) == "NAME"
    for each in ("radio0", "Wan_6", "Z.b-9"):
        assert safe_word(each) == each
    clash = {"a": subnet(name, "br-lan", "192.168.1.1/24")}
    one = found(replace(GOOD, interfaces=clash), "subnets")
    assert "network.NAME.ipaddr" in one.remedy


# --- parsers ---


def test_recorded_clock_and_image() -> None:
    assert (
        parse_board(recorded_json("baseline", "ubus", "call", "system", "board")).built
        == 1738624045
    )
    info = parse_system_info(recorded_json("baseline", "ubus", "call", "system", "info"))
    assert info.clock == 1795438013


@pytest.mark.parametrize("date", ["", "-1", "1²", "9" * 16, 1738624045, None, []])
def test_an_odd_date_of_an_image_is_none(date: object) -> None:
    assert parse_board({"release": {"builddate": date}}).built is None
