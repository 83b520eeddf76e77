# SPDX-License-Identifier: GPL-2.0-or-later
"""Moving lan on a router in words: what is sent and asked in which order, for how long, and how
each way that it may end is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.changing import (
    LOST,
    Answer,
    Scripted,
    Steps,
    Ticks,
    failed,
    radios,
    raised,
    said,
    state,
    uci,
)
from tests.known import network as known_network
from tests.known import own, wireless
from tests.proving import LAN, dump
from wifirelay.change.move_lan import BACK, POLL, Moving, look_around
from wifirelay.change.scripts import Exit
from wifirelay.core.lan import Around, Move, plan_move
from wifirelay.errors import (
    HostKeyRefused,
    LinkLost,
    Refused,
    RouterAnswer,
    TrialFailed,
    WifirelayError,
)
from wifirelay.transport.base import Command, Completed
from wifirelay.uci.model import Package, Section

TRIAL = "0123456789abcdef"
OLD, NEW = "192.168.1.1", "192.168.77.1"
DONE = Completed(0)
NOW, SECONDS = 1000.0, 120
KEPT = Completed(0, f"{NEW}\n".encode())
FREE, ARMED = state(), state(f"armed {TRIAL} b007 1120")
REVERTS = b"\n\n\nrevert network.lan.ipaddr\nrevert network.lan.netmask\n"
BACK_AGAIN = ("rolled-back", "rolled-back sentry deadline passed")


def network(**options: str | tuple[str, ...]) -> Package:
    lan: dict[str, str | tuple[str, ...]] = {
        "proto": "static",
        "ipaddr": OLD,
        "netmask": "255.255.255.0",
    }
    return Package("network", (Section("lan", "interface", {**lan, **options}),))


def planned(here: Package) -> Move:
    pool = Section("lan", "dhcp", {"interface": "lan"})
    return plan_move(Around(here, Package("dhcp", (pool,)), Package("firewall"), {}), NEW)


def ended(result: str, trial: str = TRIAL) -> Completed:
    words = (f"{trial} b007 1120", "", "", result)
    return state(*(f"ended {word}" for word in words))


class House:
    """One move. `there` is the router at its new address: out of reach but where a test says."""

    def __init__(
        self,
        answers: Mapping[str, Answer | Sequence[Answer]] | None = None,
        there: Mapping[str, Answer | Sequence[Answer]] | None = None,
        here: Package | None = None,
    ) -> None:
        here = here or network()
        move = planned(here)
        well: dict[str, Answer | Sequence[Answer]] = {
            "state": [FREE, LOST],
            "arm": DONE,
            "stage_lan": uci(here, move.edits),
            "apply": DONE,
            "rollback": DONE,
            "uci changes": said({"changes": {}}),
        }
        self.router = Scripted({**well, **(answers or {})})
        away = dict.fromkeys(("confirm_lan ssh", "state", "uci get network"), LOST)
        self.there = Scripted({**away, **(there or {})})
        self.reached: list[str] = []
        self.clock, self.steps = Ticks(NOW), Steps()
        self.moving = Moving(
            self.router, self.clock, move, SECONDS, self._reach, self.steps, "me pid 7", TRIAL
        )

    def _reach(self, address: str) -> Scripted:
        self.reached.append(address)
        return self.there

    def alone(self) -> "House":
        """There is no way to the new address."""
        self.moving.reach = None
        return self

    @property
    def waited(self) -> float:
        return self.clock.now - NOW

    @property
    def scripts(self) -> list[str]:
        """What was asked of the router, by name."""
        return [each.split()[0] for each in self.router.asked]


# --- kept ---


def test_who_reaches_it_at_its_new_address_keeps_it() -> None:
    house = House(there={"confirm_lan ssh": [LOST, KEPT]})
    house.moving.run()
    assert house.router.asked == [
        "state",
        f"arm {TRIAL} {SECONDS} me pid 7",
        f"stage_lan {TRIAL} {NEW}",
        f"apply {TRIAL}",
        "state",
    ]
    assert house.reached == [NEW]
    assert house.there.asked == ["confirm_lan ssh", "state", "confirm_lan ssh", "(closed)"]
    assert house.clock.naps == [POLL]
    assert house.steps.shape == [
        "arm...",
        "arm",
        "stage",
        "apply",
        "confirm",
        "confirm...",
        "confirm",
    ]


def test_the_way_back_travels_before_the_edits_and_both_as_input() -> None:
    house = House(there={"confirm_lan ssh": KEPT})
    house.moving.run()
    (arm,) = house.router.of("arm")
    assert arm.stdin == REVERTS + (
        f"set network.lan.ipaddr='{OLD}'\nset network.lan.netmask='255.255.255.0'\n".encode()
    )
    (stage,) = house.router.of("stage_lan")
    assert stage.stdin == f"set network.lan.ipaddr='{NEW}'\n".encode()
    (apply,) = house.router.of("apply")
    assert apply.deadline == 10.0


@pytest.mark.parametrize(
    ("options", "back"),
    [
        ({"ipaddr": f"{OLD}/16", "netmask": ""}, f"set network.lan.ipaddr='{OLD}/16'\n"),
        ({"ipaddr": (f"{OLD}/16",)}, ""),  # a list that is set would be staged, needed or not
    ],
)
def test_the_way_back_sets_what_there_was(
    options: dict[str, str | tuple[str, ...]], back: str
) -> None:
    house = House(there={"confirm_lan ssh": KEPT}, here=network(**options))
    house.moving.run()
    (arm,) = house.router.of("arm")
    assert arm.stdin == REVERTS + back.encode()


def test_each_step_tells_what_it_is_about() -> None:
    house = House(there={"confirm_lan ssh": KEPT})
    house.moving.run()
    texts = house.steps.texts
    assert "sentry" in texts[0]
    assert f"{SECONDS} s" in texts[1]
    assert texts[2].startswith("1 edits staged")
    assert f"{NEW}/24" in texts[3]
    assert "192.168.77.0/24" in texts[4]
    assert [each.asks for each in house.steps] == [False] * 4 + [True] + [False] * 2
    assert NEW in texts[5]
    assert f"at {NEW}" in texts[6]


def test_edits_in_every_form_are_read_back() -> None:
    wide = network(ipaddr=(f"{OLD}/16",))
    House(there={"confirm_lan ssh": KEPT}, here=wide).moving.run()


def test_each_move_has_an_id_of_its_own() -> None:
    here = network()
    ids = {
        Moving(Scripted({}), Ticks(), planned(here), 60, None, Steps(), "me").trial
        for _ in range(3)
    }
    assert len(ids) == 3
    assert all(len(bytes.fromhex(each)) == 8 for each in ids)


def test_somebody_else_may_confirm_it() -> None:
    house = House({"state": [FREE, ARMED, ended("confirmed flash")]}).alone()
    house.moving.run()
    assert house.clock.naps == [POLL]
    assert house.steps.shape[-1] == "confirm"
    assert f"confirmed at {NEW}" in house.steps.texts[-1]
    assert house.reached == []


def test_an_answer_that_got_lost_is_found_in_how_it_ended() -> None:
    house = House(there={"state": ended("confirmed flash")})
    house.moving.run()
    assert house.there.asked == ["confirm_lan ssh", "state", "(closed)"]
    assert house.router.of("state") == house.router.commands[:1]


def test_a_link_that_ends_with_the_old_address_is_no_failure() -> None:
    house = House({"apply": LOST}, {"confirm_lan ssh": KEPT})
    house.moving.run()
    assert house.steps.shape[3] == "apply"


# --- refused before anything is changed ---


@pytest.mark.parametrize(
    ("answer", "why", "hint"),
    [
        (state(alive=None), "sentry", "wifirelay-sentry restart"),
        (state("lock/owner abc 1050 a laptop"), "a laptop", "50 s"),
        (state("armed 0123 b007 1050"), "not ended", "80 s"),
    ],
)
def test_on_a_router_that_is_not_free_nothing_is_begun(
    answer: Completed, why: str, hint: str
) -> None:
    house = House({"state": answer})
    with raised(Refused, why, hint=hint):
        house.moving.run()
    assert house.router.asked == ["state"]
    assert house.steps == []


def test_a_link_that_is_lost_while_the_sentry_takes_note() -> None:
    house = House({"arm": LOST})
    with raised(LinkLost, LOST.message, "before anything was changed", hint="try again") as caught:
        house.moving.run()
    assert caught[0].__cause__ is LOST
    assert house.scripts == ["state", "arm"]
    assert house.steps.shape == ["arm..."]


def test_what_arming_refuses_is_refused() -> None:
    house = House({"arm": failed(Exit.LOCKED, "a laptop\n")})
    with raised(Refused, "another controller", "a laptop", hint="later"):
        house.moving.run()
    assert house.scripts == ["state", "arm"]


def test_an_arming_that_the_router_cannot_do() -> None:
    house = House({"arm": failed(127, "sh: \n not found")})
    with raised(RouterAnswer, "step arm", "exit code 127", ": sh: not found"):
        house.moving.run()
    assert house.scripts == ["state", "arm"]


# --- taken back at once ---


def taken_back(
    house: House, kind: type[WifirelayError], *words: str, hint: str | tuple[str, ...] = ()
) -> None:
    """What was begun is taken back by whoever began it."""
    with raised(kind, *words, hint=hint):
        house.moving.run()
    assert house.router.asked[-1] == f"rollback {TRIAL}"
    assert house.router.asked.count(f"rollback {TRIAL}") == 1


def test_edits_that_somebody_stages_just_now() -> None:
    house = House({"stage_lan": failed(Exit.FOREIGN, "network.lan.mtu\n")})
    taken_back(house, Refused, "network.lan.mtu", hint="commit or revert")
    assert "apply" not in house.scripts


def test_a_staging_that_the_router_cannot_do() -> None:
    taken_back(House({"stage_lan": failed(25)}), RouterAnswer, "step stage (exit code 25)")
    taken_back(House({"stage_lan": Completed(0, b"what?")}), RouterAnswer, "uci get", "is not JSON")


@pytest.mark.parametrize("there", [network(), Package("network")])
def test_edits_that_did_not_arrive(there: Package) -> None:
    house = House({"stage_lan": uci(there)})
    taken_back(house, RouterAnswer, "did not take the edits of lan", hint="`uci changes`")
    assert "apply" not in house.scripts
    assert house.steps.shape == ["arm...", "arm"]


def test_each_edit_has_to_be_there() -> None:
    """With another prefix length the address alone is not enough."""
    narrow = network(netmask="255.255.0.0")
    move = plan_move(Around(narrow, Package("dhcp"), Package("firewall"), {}), f"{NEW}/24")
    assert len(move.edits) == 2
    for answer, good in ((move.edits, True), (move.edits[:1], False), (move.edits[1:], False)):
        house = House({"stage_lan": uci(narrow, answer)}, {"confirm_lan ssh": KEPT}, narrow)
        house.moving.move = move
        if good:
            house.moving.run()
            assert house.steps.texts[2].startswith("2 edits")
        else:
            taken_back(house, RouterAnswer, "did not take", hint="uci changes")


def test_a_step_that_cannot_be_applied() -> None:
    house = House({"apply": failed(2, "sh: broken\n")})
    taken_back(house, RouterAnswer, "step apply (exit code 2): sh: broken")
    assert house.reached == []


@pytest.mark.parametrize("lost", [False, True])
def test_a_person_may_interrupt_it(lost: bool) -> None:
    def interrupt(_: Command) -> Completed:
        raise KeyboardInterrupt

    house = House({"state": [FREE, interrupt], "rollback": LOST if lost else DONE}).alone()
    with pytest.raises(KeyboardInterrupt):
        house.moving.run()
    assert house.scripts[-1] == "rollback"


def test_a_new_address_that_proves_nothing_ends_it() -> None:
    answer = failed(Exit.ELSEWHERE, f"unknown {NEW}\n")
    house = House(there={"confirm_lan ssh": answer})
    taken_back(house, Refused, "does not tell", hint="move-lan --confirm")
    assert house.there.asked == ["confirm_lan ssh", "(closed)"]  # no need to ask how it stands


def test_a_new_address_that_cannot_be_kept_ends_it() -> None:
    house = House(there={"confirm_lan ssh": failed(25, "no space\n")})
    taken_back(house, RouterAnswer, "could not be kept (no space)", hint="old address again")
    assert house.there.asked == ["confirm_lan ssh", "state", "(closed)"]


# --- taken back by the sentry ---


def test_a_sentry_that_was_quicker_than_the_staging() -> None:
    house = House({"stage_lan": failed(Exit.CLAIMED)})
    with raised(TrialFailed, "sentry took the move back") as caught:
        house.moving.run()
    assert caught[0].cause == "rolled-back"
    assert house.scripts == ["state", "arm", "stage_lan"]


def test_a_sentry_that_was_quicker_than_the_reload_is_told_by_how_it_ended() -> None:
    house = House({"apply": failed(Exit.CLAIMED), "state": [FREE, ended(BACK_AGAIN[1])]})
    with raised(TrialFailed, "nobody reached", hint="--wait"):
        house.moving.run()


def test_staging_is_tried_for_half_a_minute() -> None:
    house = House({"stage_lan": LOST})
    with raised(LinkLost, LOST.message):
        house.moving.run()
    assert house.waited == 30.0
    assert "rollback" not in house.scripts


@pytest.mark.parametrize("result", BACK_AGAIN)
def test_nobody_comes_and_the_old_address_is_back(result: str) -> None:
    answers: list[Answer] = [FREE, *([LOST] * 60), ended(result)]
    house = House({"state": answers})
    with raised(
        TrialFailed,
        f"nobody reached the router at {NEW} within {SECONDS} s",
        f"lan has {OLD}/24 again",
        hint=("in time", "192.168.77.0/24 (Wi-Fi off", "--wait"),
    ) as caught:
        house.moving.run()
    assert caught[0].cause == "not-confirmed"
    assert house.waited == 120.0
    assert house.there.asked.count("confirm_lan ssh") == 60
    assert house.there.asked.count("uci get network") == 1  # at the end
    assert "rollback" not in house.scripts
    assert house.there.asked[-1] == "(closed)"


def test_one_that_has_ended_and_does_not_tell_how_is_taken_back() -> None:
    with raised(TrialFailed, "nobody reached", hint="--wait"):
        House({"state": [FREE, state(f"ended {TRIAL} b007 1120")]}).moving.run()


def test_who_is_there_too_late_is_told_that_it_is_over() -> None:
    house = House(
        {"state": [FREE, LOST, ended(BACK_AGAIN[1])]},
        {"confirm_lan ssh": failed(Exit.CLAIMED), "state": state(f"rolling {TRIAL} b007 1120")},
    )
    with raised(TrialFailed, "nobody reached", hint="--wait"):
        house.moving.run()
    assert house.waited == POLL
    # what it asked again at the new address
    assert house.there.asked[-3:] == ["state", "uci get network", "(closed)"]


@pytest.mark.parametrize(
    "there", [state(f"rolling {TRIAL} b007 1120"), state(), state("armed fe b007 1200"), LOST]
)
def test_who_is_there_while_it_is_taken_back_is_not_told_that_nothing_was_begun(
    there: Answer,
) -> None:
    """The sentry's clock began before ours: it may be quicker by the seconds of arming."""
    house = House(
        {"state": [FREE, LOST, ended(BACK_AGAIN[1])]},
        {"confirm_lan ssh": failed(Exit.NOTHING), "state": [there, LOST]},
    )
    with raised(TrialFailed, "nobody reached", hint="--wait") as caught:
        house.moving.run()
    assert caught[0].cause == "not-confirmed"
    assert "rollback" not in house.scripts


@pytest.mark.parametrize(
    "answer", [state(), ended("confirmed flash", "feedc0de"), state("armed fe b007 1200")]
)
def test_a_router_that_knows_nothing_of_it_any_more(answer: Completed) -> None:
    house = House({"state": [FREE, ARMED, answer]}).alone()
    taken_back(house, RouterAnswer, "tells nothing of this move", hint=f"brings {OLD} back")
    assert house.waited == 2 * POLL
    assert house.scripts.count("state") == 4  # told twice


@pytest.mark.parametrize("cut", [state(), ended("confirmed flash", "feedc0de")])
def test_one_answer_that_was_cut_short_is_not_believed(cut: Completed) -> None:
    house = House({"state": [FREE, cut, ended("confirmed flash")]}).alone()
    house.moving.run()
    assert (house.waited, house.steps.shape[-1]) == (POLL, "confirm")
    house = House({"state": [FREE, LOST]}, {"state": [cut, ended("confirmed flash")]})
    house.moving.run()
    assert (house.waited, house.steps.shape[-1]) == (POLL, "confirm")
    assert "uci get network" not in house.there.asked  # nothing has ended yet


def test_either_way_may_tell_it_twice() -> None:
    house = House({"state": [FREE, state()]}, {"state": [state(), LOST]})
    taken_back(house, RouterAnswer, "tells nothing of this move", hint=f"brings {OLD} back")
    assert house.waited == POLL
    assert house.there.asked[-2:] == ["uci get network", "(closed)"]


@pytest.mark.parametrize(
    ("answers", "waited"), [(ended(BACK_AGAIN[1]), 0.0), (ended(BACK_AGAIN[0]), 0.0), (FREE, POLL)]
)
def test_a_confirmation_that_was_cut_short_may_have_kept_it(
    answers: Completed, waited: float
) -> None:
    """The rollback came behind the commit: lan has its new address, however it ended."""
    house = House(
        {"state": [FREE, answers]},
        {"uci get network": uci(network(), planned(network()).edits)},
    )
    taken_back(house, RouterAnswer, "cut short", f"lan is {NEW}/24 all the same", hint="is left")
    assert house.waited == waited
    assert house.there.asked[-2:] == ["uci get network", "(closed)"]
    assert house.there.asked.count("uci get network") == 1


@pytest.mark.parametrize(
    "there", [uci(network()), uci(Package("network")), Completed(0, b"what?"), failed(4)]
)
def test_where_lan_is_not_the_new_one_it_was_taken_back(there: Completed) -> None:
    house = House({"state": [FREE, ended(BACK_AGAIN[1])]}, {"uci get network": there})
    with raised(TrialFailed, "nobody reached", f"lan has {OLD}/24 again", hint="--wait"):
        house.moving.run()
    assert house.there.asked[-2:] == ["uci get network", "(closed)"]


def test_a_router_that_is_reached_nowhere() -> None:
    house = House()
    with raised(
        LinkLost,
        f"neither at {NEW} nor at {OLD}",
        hint=("sentry has taken back", f"it is at {OLD}", "Has this machine an address there?"),
    ):
        house.moving.run()
    assert house.waited == SECONDS + BACK
    assert house.there.asked.count("confirm_lan ssh") == SECONDS / POLL
    assert house.there.asked.count("state") == (SECONDS + BACK) / POLL
    assert house.there.asked[-1] == "(closed)"
    assert "rollback" not in house.scripts


def test_its_time_runs_from_when_the_sentry_watches() -> None:
    def slow(_: Command) -> Completed:
        house.clock.now += 15.0
        return DONE

    house = House({"arm": slow})
    with raised(LinkLost, "neither", hint="sentry"):
        house.moving.run()
    assert house.waited == 15.0 + SECONDS + BACK


def test_whoever_refuses_the_login_there_is_somebody_else() -> None:
    """Another router may have the new address where this machine is."""
    house = House(
        {"state": [FREE, ARMED, ended("confirmed flash")]},
        {"confirm_lan ssh": HostKeyRefused("another key"), "state": HostKeyRefused("another key")},
    )
    house.moving.run()
    assert house.steps.shape[-1] == "confirm"


# --- what it has to fit in with ---


def around(**answers: Any) -> tuple[Scripted, Around]:
    router = Scripted(
        {
            "uci get wireless": uci(wireless(own())),
            "uci changes": said({"changes": {}}),
            "network.wireless status": radios(),
            "network.device status": said({}),
            "network.interface dump": dump(LAN),
            "uci get network": uci(network()),
            "uci get dhcp": uci(Package("dhcp", (Section("lan", "dhcp", {}),))),
            "uci get firewall": uci(Package("firewall", (Section("wan", "zone", {}),))),
            **answers,
        }
    )
    return router, look_around(router, (known_network(),))


def test_a_look_around_takes_two_round_trips() -> None:
    router, found = around()
    assert router.trips == [5, 3]
    assert found.network.section("lan") is not None
    assert [each.kind for each in found.dhcp] == ["dhcp"]
    assert [each.kind for each in found.firewall] == ["zone"]
    assert found.interfaces["lan"].ifname == "br-lan"
    assert found.known == (known_network(),)
    move = plan_move(replace(found, known=()), None)
    assert str(move.new) == f"{NEW}/24"


def test_without_setup_or_beside_others_edits_there_is_no_move() -> None:
    with raised(Refused, "not set up", hint="`wifirelay setup`"):
        around(**{"uci get wireless": uci(Package("wireless"))})
    staged = {"network": [["set", "lan", "mtu", "1400"]]}
    with raised(Refused, "network.lan.mtu", hint="uci revert network"):
        around(**{"uci changes": said({"changes": staged})})
