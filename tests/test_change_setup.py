# SPDX-License-Identifier: GPL-2.0-or-later
"""Setup and its undoing: the sentry before the baseline, off after it; and on a living router."""

import json
from typing import Any

import pytest

from tests.changing import (
    Scripted,
    Steps,
    Ticks,
    at_work,
    carriers,
    check_text,
    failed,
    radios,
    raised,
    said,
    state,
    uci,
)
from tests.known import own, wireless
from tests.laboratory.lab import lab
from tests.laboratory.link import Link
from wifirelay.change.files import sentry_files
from wifirelay.change.scripts import Exit
from wifirelay.change.setup import SENTRY_LIMIT, look, prepare, set_up, take_out, withdraw
from wifirelay.core.baseline import setup_edits
from wifirelay.core.known import Relay
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.router.config import package
from wifirelay.sim.timeline import VirtualClock
from wifirelay.transport.base import Command, Completed
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import Change

ME = "me pid 7"
DONE = Completed(0)
BOARD = {"model": "A router", "release": {"distribution": "OpenWrt", "version": "24.10.2"}}
ZONE = Section("wan", "zone", {"name": "wan", "input": "REJECT"})
WIRELESS = Edit(Verb.SET, "wireless", "wifirelay", "disabled", "1")
NETWORK = Edit(Verb.SET, "network", "wwan", "proto", "dhcp")
FIREWALL = Edit(Verb.SET, "firewall", "wan", "network", "wwan")
FILES = [file.path for file in sentry_files()]


def router(**answers: Any) -> Scripted:
    return Scripted(
        {
            "system board": said(BOARD),
            "rc list": said({"network": {"enabled": True, "running": True}}),
            "uci get network": uci(Package("network", (Section("wwan", "interface", {}),))),
            "uci get firewall": uci(Package("firewall", (ZONE,))),
            "uci get wireless": uci(wireless(own())),
            "uci changes": said({"changes": {}}),
            "network.wireless status": radios(("default_radio0", "ap", "Mine", "phy0-ap0")),
            "network.device status": carriers(phy0_ap0=True),
            "network.interface dump": said({"interface": []}),
            "state": state(),
            "install": DONE,
            "uninstall": DONE,
            "rc init": DONE,
            "commit": DONE,
            "ubus send wifirelay.poke": DONE,
            "leave": DONE,
            "keep_left": Completed(0, b"committed"),
            **answers,
        }
    )


def done(asked: Scripted) -> list[str]:
    """What changed something, in short: files by their names, edits by their packages."""
    found = []
    for text in asked.asked:
        words = text.split()
        if words[0] == "commit":
            found.append(" ".join(["commit", *text.partition(ME)[2].split()]))
        elif words[0] in ("install", "uninstall", "leave"):
            found.append(words[0])
        elif words[:2] == ["rc", "init"]:
            found.append(" ".join(words[2:]))
    return found


# --- looking ---


def test_what_setup_looks_at() -> None:
    found = look(router(), Relay())
    assert found.board.model == "A router"
    assert (found.router.wireless, found.owned.wireless) == (found.router.wireless,) * 2
    assert found.owned.network.name == "network"
    assert found.owned.firewall.section("wan") is not None
    assert found.remarks == ()


def test_what_its_owner_should_know() -> None:
    asked = router(**{"rc list": said({"mwan3": {"enabled": True}})})
    (remark,) = look(asked, Relay()).remarks
    assert "mwan3" in remark
    assert "wwan" in remark


def test_a_router_that_is_left_alone() -> None:
    old = {**BOARD, "release": {"distribution": "OpenWrt", "version": "21.02"}}
    with raised(Refused, "21.02 is too old", hint="upgrade"):
        look(router(**{"system board": said(old)}), Relay())
    staged = said({"changes": {"network": [["set", "lan", "ipaddr", "10.0.0.1"]]}})
    with raised(Refused, "network.lan.ipaddr", hint="`uci commit network`"):
        look(router(**{"uci changes": staged}), Relay())
    busy = router(**{"rc list": said({"repeater": {"running": True}})})
    with raised(Refused, "repeater runs", hint="repeater stop"):
        look(busy, Relay())
    assert look(busy, Relay(), leaving=True).board.model == "A router"
    wanted = Package("travelmate", (Section("global", "travelmate", {"trm_enabled": "1"}),))
    travels = {
        "rc list": said({"travelmate": {"enabled": True}}),
        "uci get travelmate": uci(wanted),
    }
    with raised(Refused, "travelmate is enabled", hint="travelmate stop"):
        look(router(**travels), Relay())


STAGED = said({"changes": {"wireless": [["set", "wifirelay", "ssid", "Home"]]}})
RULE = Section("wifirelay_vpn_only", "rule", {"src": "*"})
WWAN = {
    "uci get network": uci(Package("network", (Section("wwan", "interface", {"proto": "dhcp"}),)))
}


def test_what_is_staged_in_own_sections_is_not_committed_along() -> None:
    asked = router(**WWAN, **{"uci changes": STAGED})
    found = look(asked, Relay())
    words = ("edits of wifirelay are staged", "not for its flash")
    with raised(Refused, *words, hint="`wifirelay leave`"):
        prepare(found, Relay(), (), "")
    assert done(asked) == []
    there = look(asked, Relay(), leaving=True)
    assert there.owned == found.owned
    _, edits = prepare(look(router(**WWAN), Relay()), Relay(), (), "")
    assert "wireless" in {edit.package for edit in edits}


def test_what_the_router_s_own_configuration_may_want_is_said() -> None:
    service = said({"wifirelay": {"enabled": True}})
    stopped = said({"wifirelay": {"start": 96, "enabled": False, "running": False}})
    firewall = uci(Package("firewall", (ZONE, RULE)))
    for there, same, held in (
        (service, False, True),
        (service, True, False),
        (stopped, False, True),  # its owner wrote that, and may start it again
        (stopped, True, False),
        (said({}), False, False),
    ):
        asked = router(**WWAN, **{"rc list": there, "uci get firewall": firewall})
        found = look(asked, Relay(), own=same)
        assert found.owned.others is held
        found, edits = prepare(found, Relay(), (), "")
        goes = Edit(Verb.DELETE, "firewall", RULE.name)
        assert (goes in edits) is not held
        told = [each for each in found.remarks if f"{goes.shown()}." in each]
        assert bool(told) is held
        for each in told:
            check_text(each)
            assert "`wifirelay setup` on the router" in each


def test_an_uplink_that_is_set_up_anew_is_said() -> None:
    up = {"interface": "wwan", "up": True, "proto": "dhcp"}
    joined = uci(wireless(own(ssid="Home", disabled="0")))
    made = own(ssid="Home", disabled="0", wifirelay_created="interface:wwan")
    for config, rows, anew in (
        (uci(wireless(made)), [up], True),
        (uci(wireless(made)), [{**up, "up": False}], False),
        (joined, [up], False),  # the owner's interface: it stays as it is
    ):
        asked = router(
            **WWAN,
            **{
                "uci get wireless": config,
                "network.interface dump": said({"interface": rows}),
            },
        )
        found, _ = prepare(look(asked, Relay()), Relay(), (), "")
        told = [each for each in found.remarks if "wwan is set up anew" in each]
        assert bool(told) is anew
        for each in told:
            check_text(each)


# --- set up ---


def test_the_sentry_lives_before_the_baseline_is_written() -> None:
    asked, steps = router(), Steps()
    set_up(asked, Ticks(), (NETWORK, WIRELESS, FIREWALL), steps, ME)
    assert done(asked) == [
        *(["install"] * len(FILES)),
        "wifirelay-sentry enable",
        "wifirelay-sentry restart",
        "commit wireless network firewall",
        "firewall reload",
        "network reload",
    ]
    (command,) = asked.of("commit")
    assert len(bytes.fromhex(command.argv[4])) == 8
    assert command.argv[5] == ME
    assert command.deadline == 40.0
    assert b"set network.wwan.proto='dhcp'\n" in (command.stdin or b"")
    assert [each.split()[1] for each in asked.asked[: len(FILES)]] == FILES
    assert steps.shape == ["arm...", "arm", "stage"]
    assert "sentry" in steps.texts[0]
    assert "lives" in steps.texts[1]
    assert "3 edits" in steps.texts[2]


@pytest.mark.parametrize(
    ("edit", "reloaded"),
    [(WIRELESS, "network"), (NETWORK, "network"), (FIREWALL, "firewall")],
)
def test_only_what_was_edited_is_reloaded(edit: Edit, reloaded: str) -> None:
    setting, taking = router(), router()
    set_up(setting, Ticks(), (edit,), Steps(), ME)
    take_out(taking, (edit,), Steps(), ME)
    for asked in (setting, taking):
        assert [each for each in done(asked) if "reload" in each] == [f"{reloaded} reload"]
        poked = [each for each in asked.asked if each.startswith("ubus send wifirelay.poke")]
        assert len(poked) == (reloaded == "network")  # a service looks at the interfaces anew
        assert f"commit {edit.package}" in done(asked)


DHCP = Edit(Verb.SET, "dhcp", "lan", "ra", "hybrid")
RELAYD = Edit(Verb.SET, "network", "wifirelay", "proto", "relay")


@pytest.mark.parametrize(
    ("edit", "there", "told"),
    [
        (DHCP, {"odhcpd": {"enabled": True}}, ["odhcpd reload"]),
        (DHCP, {"odhcpd": {"running": True}, "dnsmasq": {}}, ["odhcpd reload"]),
        (DHCP, {"odhcpd": {}, "relayd": {"enabled": True}}, []),
        (RELAYD, {"relayd": {"enabled": True}}, ["network reload", "relayd restart"]),
        (RELAYD, {}, ["network reload"]),
    ],
)
def test_who_reads_what_was_edited_beside(
    edit: Edit, there: dict[str, Any], told: list[str]
) -> None:
    asked = router(**{"rc list": said(there)})
    set_up(asked, Ticks(), (edit,), Steps(), ME)
    steps = done(asked)
    assert steps[steps.index(f"commit {edit.package}") + 1 :] == told
    asked = router(**{"rc list": said(there)})
    take_out(asked, (edit,), Steps(), ME)
    assert [each for each in done(asked) if "sentry" not in each][1:-1] == told


def test_the_own_network_s_dhcp_is_looked_at_only_where_it_matters() -> None:
    asked = router()
    assert look(asked, Relay()).owned.dhcp == Package("dhcp")
    assert not [each for each in asked.asked if "dhcp" in each]
    dhcp = Package("dhcp", (Section("lan", "dhcp", {"interface": "lan"}),))
    found = look(router(**{"uci get dhcp": uci(dhcp)}), Relay(ipv6="relay"))
    assert found.owned.dhcp.section("lan") is not None
    assert [remark for remark in found.remarks if "own /64" in remark]
    noted = {"wifirelay_created": ('option:["dhcp","lan","ra","hybrid","server"]',)}
    section = Section("wifirelay", "wifi-iface", {"device": "radio0", **noted})
    lent = router(**{"uci get dhcp": uci(dhcp), "uci get wireless": uci(wireless(section))})
    (remark,) = look(lent, Relay(), leaving=True).remarks
    assert remark == "dhcp.lan.ra is not what setup made it any more: it stays as it is"


def test_a_router_that_is_as_it_should_be_is_not_written() -> None:
    asked, steps = router(), Steps()
    set_up(asked, Ticks(), (), steps, ME)
    assert done(asked)[len(FILES) :] == ["wifirelay-sentry enable", "wifirelay-sentry restart"]
    assert steps.shape == ["arm...", "arm", "stage"]
    assert "as it should be" in steps.texts[2]


def test_a_sentry_is_waited_for() -> None:
    clock = Ticks()
    set_up(router(state=[state(alive=None)] * 3 + [state()]), clock, (), Steps(), ME)
    assert 0 < clock.now < SENTRY_LIMIT / 4
    clock, asked = Ticks(), router(state=state(alive=None))
    with raised(RouterAnswer, "sentry", "no sign of life", hint="`logread -e wifirelay`"):
        set_up(asked, clock, (NETWORK,), Steps(), ME)
    assert clock.now == SENTRY_LIMIT
    assert "commit" not in " ".join(done(asked))


def test_a_service_that_cannot_be_started() -> None:
    with raised(RouterAnswer, "could not enable its service wifirelay-sentry"):
        set_up(router(**{"rc init": failed(4)}), Ticks(), (), Steps(), ME)
    init = "rc init firewall reload"
    with raised(RouterAnswer, "could not reload its service firewall"):
        set_up(router(**{init: failed(4)}), Ticks(), (FIREWALL,), Steps(), ME)


def test_what_the_router_says_to_the_edits() -> None:
    with raised(Refused, "a laptop", hint="later"):
        set_up(router(commit=failed(Exit.LOCKED, "a laptop")), Ticks(), (NETWORK,), Steps(), ME)
    with raised(RouterAnswer, "configuration was not changed", "no space") as caught:
        set_up(router(commit=failed(25, " no space\n")), Ticks(), (NETWORK,), Steps(), ME)
    assert caught[0].message.endswith(": no space")


# --- taken out ---


def test_the_sentry_goes_last() -> None:
    asked, steps = router(), Steps()
    take_out(asked, (WIRELESS, FIREWALL), steps, ME)
    assert done(asked) == [
        "commit wireless firewall",
        "firewall reload",
        "network reload",
        "wifirelay-sentry stop",
        "wifirelay-sentry disable",
        "uninstall",
    ]
    assert asked.asked[-1] == " ".join(["uninstall", *FILES])
    assert steps.shape == ["stage", "arm"]
    assert "2 edits" in steps.texts[0]
    assert "off the router" in steps.texts[1]


def test_the_script_is_told_what_of_its_own_was_staged() -> None:
    sections = ("wifirelay", "wifirelay_radio1", "default_radio0")
    staged = [Change("wireless", "set", each, "disabled", "1") for each in sections]
    asked = router()
    take_out(asked, (Edit(Verb.DELETE, "wireless", "wifirelay"),), Steps(), ME, staged)
    (command,) = asked.of("commit")
    seen = "wireless.wifirelay.disabled wireless.wifirelay_radio1.disabled"
    assert command.argv[-2:] == (seen, "wireless")


def test_a_sentry_that_is_gone_already_is_not_stopped() -> None:
    asked, steps = router(state=Completed(0, b"up 5\nboot b\n")), Steps()
    take_out(asked, (), steps, ME)
    assert done(asked) == ["uninstall"]
    assert steps.shape == ["arm"]


def test_an_uplink_is_left_before_all_is_taken_out() -> None:
    joined = uci(wireless(own(ssid="Home", disabled="0")))
    asked, steps = router(**{"uci get wireless": joined}), Steps()
    withdraw(asked, Ticks(), Relay(), steps, ME)
    assert done(asked)[:2] == ["leave", "commit wireless"]
    assert asked.of("leave")[0].argv[5] == ME
    assert b"delete wireless.wifirelay\n" in (asked.of("commit")[0].stdin or b"")
    assert steps.shape == ["apply...", "apply", "stage", "arm"]
    asked = router()
    withdraw(asked, Ticks(), Relay(), Steps(), ME)
    assert done(asked)[0] == "commit wireless"


def test_it_is_taken_out_beside_anybody() -> None:
    busy = said({"travelmate": {"running": True}, "mwan3": {"running": True}})
    for joined in ("0", "1"):
        asked = router(**{"rc list": busy, "uci get wireless": uci(wireless(own(disabled=joined)))})
        withdraw(asked, Ticks(), Relay(), Steps(), ME)
        assert done(asked)[-1] == "uninstall"


# --- on a living router ---


JOINING = b"set wireless.wifirelay.ssid='HomeNet'\nset wireless.wifirelay.disabled='0'\n"


def test_an_uplink_that_is_staged_in_the_middle_is_not_committed_along() -> None:
    """Between setup's look and its commit a sentry is waited for; an undoing has a moment, too."""
    relay = Relay()
    with lab() as bench:

        def stage(here: Link) -> None:
            assert here.run(Command(("uci", "batch"), stdin=JOINING)).rc == 0

        def init(command: Command) -> Completed:
            stage(links[0])
            words = json.loads(command.argv[-1])
            return bench.router.services.run_init(words["name"], words["action"]) or failed(4)

        def commit(command: Command) -> Completed:
            stage(links[0])
            return links[0].run(command)

        def refused(link: Link, clock: VirtualClock) -> list[str]:
            links.append(link)
            link.run(Command(("uci", "delete", "wireless.wifirelay_radio1")))
            link.run(Command(("uci", "commit", "wireless")))
            before = flash()
            edits = setup_edits(look(link, relay).owned, relay)
            assert {edit.section for edit in edits} == {"wifirelay_radio1"}
            found = []
            with pytest.raises(Refused) as setting:
                set_up(Scripted({"rc init": init}, link), clock, edits, Steps(), ME)
            found.append(setting.value.message)
            assert flash() == before
            link.run(Command(("uci", "revert", "wireless")))
            with pytest.raises(Refused) as undoing:
                withdraw(Scripted({"commit": commit}, link), clock, relay, Steps(), ME)
            found.append(undoing.value.message)
            assert flash() == before
            return found

        def flash() -> bytes:
            done = links[0].run(Command(("cat", "/etc/config/wireless")))
            assert done.rc == 0
            return done.out

        links: list[Link] = []
        for said in at_work(bench, refused):
            assert "just now: wireless.wifirelay.ssid" in said


def test_what_holds_an_uplink_does_not_keep_it_from_being_taken_out() -> None:
    """The sentry's `disabled`, staged when undoing looks, goes with the section."""
    with lab() as bench:

        def init(command: Command) -> Completed:
            words = json.loads(command.argv[-1])
            return bench.router.services.run_init(words["name"], words["action"]) or failed(4)

        def work(link: Link, clock: VirtualClock) -> Package:
            here = Scripted({"rc init": init}, link)
            here.run(Command(("uci", "batch"), stdin=JOINING + b"commit wireless\n"))
            here.run(Command(("uci", "set", "wireless.wifirelay.disabled=1")))
            (held,) = look(here, Relay(), leaving=True).router.changes
            assert held.path == "wireless.wifirelay.disabled"
            withdraw(here, clock, Relay(), Steps(), ME)
            return package("wireless").read(here)

        assert not [each for each in at_work(bench, work) if each.name.startswith("wifirelay")]


def test_taken_out_and_set_up_again_it_is_as_before() -> None:
    relay = Relay()
    with lab() as bench:

        def init(command: Command) -> Completed:
            words = json.loads(command.argv[-1])
            return bench.router.services.run_init(words["name"], words["action"]) or failed(4)

        def work(link: Link, clock: VirtualClock) -> list[Package]:
            here = Scripted({"rc init": init}, link)
            read = package("wireless").read
            seen = [read(here)]
            withdraw(here, clock, relay, Steps(), ME)
            seen.append(read(here))
            edits = setup_edits(look(here, relay).owned, relay)
            set_up(here, clock, edits, Steps(), ME)
            return [*seen, read(here)]

        before, without, after = at_work(bench, work)
        assert bench.sentry_lives()
        assert bench.on_air()
    names = [{each.name for each in found} for found in (before, without, after)]
    assert names[0] == names[2]
    assert names[0] - names[1] == {"wifirelay", "wifirelay_radio1"}
