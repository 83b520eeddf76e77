# SPDX-License-Identifier: GPL-2.0-or-later
"""An uplink through the own network's bridge (WDS): only a lease that was asked for anew proves it,
and one that was left or taken back is forgotten."""

from dataclasses import replace
from typing import Any

import pytest

from tests.changing import LOST, TEXTS, check_text, failed, raised, said, uci
from tests.known import own, router, wireless
from tests.proving import (
    BSSID,
    DUMP,
    LAN,
    LINK,
    NOT_LINKED,
    TRIAL,
    WIRELESS,
    Look,
    dump,
    interface,
)
from tests.trying import Try
from wifirelay.change.onair import POLL
from wifirelay.change.outcome import Step
from wifirelay.change.scripts import Exit, script
from wifirelay.change.verify import LEASE_LIMIT, TAKEN_LIMIT
from wifirelay.change.wds import SLACK, is_fresh
from wifirelay.core.causes import Cause
from wifirelay.core.known import Relay
from wifirelay.errors import Refused, RouterAnswer, TrialFailed
from wifirelay.router.interfaces import parse_interfaces
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Package, Section

DONE = Completed(0)
RENEW = f"renew wwan {TRIAL}"
RELAY = Relay(kind="wds")


def wwan(uptime: int = 0, device: str = "br-lan", **more: object) -> dict[str, Any]:
    """The uplink's interface with a lease that is so old, in seconds."""
    return interface(
        "wwan", device, "10.10.1.5/24", uptime=uptime, proto="dhcp", **{"dns-server": ["10.10.1.1"]}
    ) | dict(more)


def look(answers: dict[str, Any] | None = None) -> Look:
    well = {DUMP: dump(LAN, wwan()), "renew": DONE}
    return Look({**well, **(answers or {})}).expect(bridged=True)


def test_it_is_asked_for_anew_once_and_after_the_association() -> None:
    proof = look({LINK: [NOT_LINKED, NOT_LINKED, said({"results": [link()]})]})
    found = proof.run()
    asked = proof.router.asked
    assert [each for each in asked if each.startswith("renew")] == [RENEW]
    assert asked.index(RENEW) > max(n for n, each in enumerate(asked) if each == LINK)
    assert asked.index(RENEW) < asked.index(DUMP)
    assert found.logical.addresses == ("10.10.1.5/24",)
    assert set(found.all_interfaces) == {"lan", "wwan"}
    assert [each for each in proof.steps.shape if each.startswith("lease")] == ["lease...", "lease"]


def link() -> dict[str, Any]:
    return {"mac": BSSID, "signal": -48, "authorized": True}


def test_another_kind_of_uplink_is_not_asked_anew() -> None:
    proof = Look()
    proof.run()
    assert not proof.router.of("renew")


def test_what_is_asked_then_goes_out_by_the_bridge() -> None:
    proof = look({"uclient-fetch": failed(4), "ping": DONE, "nslookup": failed(1)})
    proof.fails(Step.INTERNET, Cause.NO_DNS, hint="later")
    assert {each.argv[each.argv.index("-I") + 1] for each in proof.router.of("ping")} == {"br-lan"}
    assert proof.verifier.found.ifname == "br-lan"


def test_an_old_lease_is_waited_out() -> None:
    old = dump(LAN, wwan(uptime=40))
    proof = look({DUMP: [old, dump(LAN, wwan(up=False)), dump(LAN, wwan(uptime=1))]})
    assert proof.run().logical.uptime == 1
    assert proof.waited == 2 * POLL


@pytest.mark.parametrize(
    "there",
    [
        dump(LAN, wwan(uptime=3600)),
        dump(LAN, wwan(device="eth0")),
        dump(wwan()),
        dump({**LAN, "up": False}, wwan()),
        dump(LAN, {**wwan(), "ipv4-address": []}),
        dump(LAN),
    ],
)
def test_no_lease_of_its_own(there: Completed) -> None:
    proof = look({DUMP: there})
    proof.fails(
        Step.LEASE,
        Cause.DEAD_DHCP,
        "Home gave no address",
        "does not do WDS?",
        hint="on an OpenWrt of your own, `option wds",
    )
    assert proof.waited == LEASE_LIMIT
    assert not proof.router.of("ping")  # nobody is asked for IPv6 behind a bridge's port


@pytest.mark.parametrize(
    ("uptime", "seconds", "fresh"),
    [(0, 0.0, True), (1, 0.0, True), (2, 0.5, False), (5, 4.0, True), (6, 4.9, False)],
)
def test_how_young_a_lease_has_to_be(uptime: int, seconds: float, fresh: bool) -> None:
    found = parse_interfaces({"interface": [LAN, wwan(uptime=uptime)]})
    assert is_fresh(found["wwan"], found, seconds) is fresh
    assert (LEASE_LIMIT, SLACK) == (25.0, 1.0)


def test_a_link_that_dies_in_between_is_asked_again() -> None:
    proof = look({"renew": [LOST, LOST, DONE]})
    assert proof.run().logical.up
    assert proof.router.asked.count(RENEW) == 3


def test_what_came_since_the_first_request_counts_though_its_answer_was_lost() -> None:
    proof = look({"renew": [LOST, DONE], DUMP: dump(LAN, wwan(uptime=2))})
    assert proof.run().logical.uptime == 2
    assert proof.waited == 1.0


def test_the_sentry_was_quicker() -> None:
    proof = look({"renew": failed(Exit.CLAIMED)})
    proof.fails(Step.STOPPED, Cause.OVERTAKEN, "sentry")


def test_an_interface_that_is_not_there() -> None:
    proof = look({"renew": failed(4, "Command failed: Not found\n")})
    with pytest.raises(
        RouterAnswer, match="wwan cannot be taken down and up again: Command"
    ) as caught:
        proof.run()
    assert "wifirelay setup" in caught.value.hint
    check_text(caught.value.hint)


def test_a_radio_that_cannot() -> None:
    proof = look({WIRELESS: said({"radio0": {"up": True, "interfaces": []}})})
    proof.fails(Step.TAKEN, Cause.IGNORED, "its radio cannot do WDS", hint="logread")
    assert proof.waited == TAKEN_LIMIT


def test_a_subnet_that_is_the_own_one() -> None:
    clash = interface("wwan", "br-lan", "192.168.1.7/24", uptime=0, proto="dhcp")
    proof = look({DUMP: dump(LAN, clash)})
    proof.fails(Step.SUBNET, Cause.SUBNET_CLASH, "overlaps lan", hint="move-lan")


# --- a whole trial ---


def dumped(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"interface": list(rows)}


def dhcp(name: str = "lan", **more: str) -> Section:
    """The section of a network's servers, which setup has silenced."""
    silenced = dict.fromkeys(("dhcpv4", "ra", "dhcpv6", "ndp"), "disabled")
    return Section(name, "dhcp", {"interface": name, "ignore": "1", **silenced, **more})


def trial(answers: dict[str, Any] | None = None, relay: Relay = RELAY) -> Try:
    section = own(network="lan", wds="1") if relay.kind == "wds" else own()
    here = replace(router(), wireless=wireless(section), interfaces=parse_interfaces(dumped(LAN)))
    well = {DUMP: dump(LAN, wwan()), "renew": DONE}
    well |= {"uci get dhcp": uci(Package("dhcp", (dhcp(), dhcp("guest", ra="server"))))}
    return Try({**well, **(answers or {})}, here=here, relay=relay)


def test_a_trial_of_that_kind_expects_it() -> None:
    one = trial()
    assert one.run().address == "10.10.1.5/24"
    (asked,) = one.router.of("renew")
    assert asked.argv[-2:] == ("wwan", one.trial.trial)


@pytest.mark.parametrize("change", [{"ignore": "0"}, {"dhcpv4": "server"}, {"ra": "relay"}])
def test_it_does_not_begin_while_a_server_of_this_router_s_is_on(change: dict[str, str]) -> None:
    answer = {"uci get dhcp": uci(Package("dhcp", (dhcp(**change),)))}
    one = trial(answer)
    (option,) = change
    with raised(Refused, "for lan would answer", f"option {option};", hint="`wifirelay setup`"):
        one.run()
    assert not one.router.of("arm")
    trial({"uci get dhcp": uci(Package("dhcp"))}).run()
    with pytest.raises(TrialFailed):  # another kind does not look
        trial(answer, Relay()).run()


def test_nor_while_another_network_in_the_bridge_has_one() -> None:
    answers = {"uci get dhcp": uci(Package("dhcp", (dhcp(), dhcp("lan2", ignore=""))))}
    one = trial(answers)
    lan2 = parse_interfaces(dumped(LAN, interface("lan2", "br-lan", "10.9.9.1/24")))
    one.trial.router = replace(one.trial.router, interfaces=lan2)
    with raised(Refused, "for lan2 would answer", hint="`wifirelay setup`"):
        one.run()
    apart = parse_interfaces(dumped(LAN, interface("lan2", "br-lan2", "10.9.9.1/24")))
    one = trial(answers)
    one.trial.router = replace(one.trial.router, interfaces=apart)
    one.run()


def test_nor_where_lan_has_a_default_route() -> None:
    one = trial()
    lan = parse_interfaces(dumped(LAN))["lan"]
    there = {"lan": replace(lan, default_route=True)}
    one.trial.router = replace(one.trial.router, interfaces=there)
    with raised(Refused, "a default route of its own", hint="`wifirelay setup`"):
        one.run()
    assert not one.router.of("arm")


def test_what_was_taken_back_is_forgotten() -> None:
    one = trial({DUMP: dump(LAN)})
    with pytest.raises(TrialFailed, match="does not do WDS"):
        one.run()
    asked = [each.split()[0] for each in one.router.asked]
    assert [each for each in asked if each in ("renew", "rollback")] == [
        *("renew", "rollback", "renew")
    ]
    assert one.router.of("renew")[-1].argv[-1] == "wwan"


@pytest.mark.parametrize("answer", [LOST, failed(4)])
def test_that_it_cannot_be_forgotten_is_no_failure_of_its_own(answer: Any) -> None:
    one = trial({DUMP: dump(LAN), "renew": [DONE, answer]})
    with pytest.raises(TrialFailed, match="does not do WDS"):
        one.run()


def test_of_another_kind_nothing_is_forgotten() -> None:
    one = trial({DUMP: dump(LAN)}, Relay())
    with pytest.raises(TrialFailed):
        one.run()
    assert not one.router.of("renew")


def test_what_was_confirmed_before_is_not_forgotten() -> None:
    one = trial({DUMP: dump(LAN), "rollback": Completed(0, b"confirmed flash\n")})
    with pytest.raises(RouterAnswer, match="had been confirmed"):
        one.run()
    assert len(one.router.of("renew")) == 1


# --- the script ---


def test_the_script_goes_on_though_the_link_dies() -> None:
    text = script("renew", "wwan").argv[2]
    assert "trap '' HUP PIPE" in text
    assert TEXTS["renew"] in text
    assert "mine()" in text
