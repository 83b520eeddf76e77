# SPDX-License-Identifier: GPL-2.0-or-later
"""A trial on a router in words: in which order, with which words, what each answer makes of it."""

from dataclasses import replace

import pytest

from tests.changing import LOST, failed, raised, said, state, uci
from tests.known import own, router, wireless
from tests.proving import BSSID
from tests.trying import DONE, KEY, ME, ROLLED_BACK, Try, well
from wifirelay.change.outcome import Joined
from wifirelay.change.scripts import Exit
from wifirelay.change.trial import MARGIN, new_id
from wifirelay.change.undo import plan_undo
from wifirelay.core.causes import Cause
from wifirelay.core.known import Relay
from wifirelay.errors import ConnectError, LinkLost, Refused, RouterAnswer
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed
from wifirelay.uci.staged import Change

WHOLE = ["state", f"arm ID 120 {ME}", "stage ID 0", "apply ID", "confirm ID flash"]
LAN_EDIT = Change("network", "set", "lan", "ipaddr", "10.0.0.1")


def test_a_trial_that_goes_well() -> None:
    trial = Try()
    joined = trial.run()
    assert joined == Joined(
        "Home", "radio0", BSSID, -48, "10.10.1.5/24", "flash", "", 0.0, Verdict.ONLINE
    )
    assert trial.scripts == WHOLE
    assert trial.steps.shape == [
        *("arm...", "arm", "stage...", "stage", "apply...", "apply", "taken...", "taken"),
        *("associated...", "associated", "lease...", "lease", "subnet", "on-air...", "on-air"),
        *("internet...", "internet", "confirm...", "confirm"),
    ]
    texts = dict(zip(trial.steps.shape, trial.steps.texts, strict=True))
    assert "120 s" in texts["arm"]
    assert f"{len(trial.trial.plan.edits)} edits" in texts["stage"]
    assert "wifi reload" in texts["apply"]
    assert "on flash" in texts["confirm"]
    assert trial.router.of("confirm")[0].deadline == 40.0


def test_edits_and_the_way_back_travel_as_input() -> None:
    trial = Try()
    trial.run()
    undo = plan_undo(router().wireless, None).as_input()
    assert trial.router.of("arm")[0].stdin == undo
    assert f"key='{KEY}'".encode() in (trial.router.of("stage")[0].stdin or b"")
    assert not any(KEY in word for each in trial.router.commands for word in each.argv)


def test_from_an_uplink_that_works_the_way_back_leads_there() -> None:
    here = router(uplink="Old")
    trial = Try(here=here)
    trial.run()
    undo = plan_undo(here.wireless, "wifirelay").as_input()
    assert trial.router.of("arm")[0].stdin == undo
    assert undo != plan_undo(here.wireless, None).as_input()


def test_an_id_is_nobodys_guess() -> None:
    ids = {new_id() for _ in range(50)}
    assert len(ids) == 50
    assert {len(bytes.fromhex(each)) for each in ids} == {8}


def test_a_plan_that_does_not_join_is_no_trial() -> None:
    with pytest.raises(ValueError, match="joins"):
        Try().without_candidate().run()


# --- before anything is changed ---


def test_without_setup_nothing_is_begun() -> None:
    bare = replace(router(), wireless=wireless(own("guest")))
    trial = Try()
    trial.trial.router = bare
    with raised(Refused, "not set up", hint="`wifirelay setup`"):
        trial.run()
    trial = Try()
    trial.trial.router = replace(router(), wireless=wireless(own(radio="radio1")))
    with raised(Refused, "radio0", hint="`wifirelay setup`"):
        trial.run()
    assert trial.router.asked == []


def test_beside_staged_edits_nothing_is_begun() -> None:
    here = replace(router(), changes=(LAN_EDIT,))
    trial = Try(here=here)
    with raised(Refused, "network.lan.ipaddr", hint="`uci commit network`"):
        trial.run()
    assert trial.router.asked == []
    trial = Try(here=here, tolerated=(LAN_EDIT,))
    trial.run()
    assert trial.scripts[2] == "stage ID 1"


@pytest.mark.parametrize(
    ("found", "words", "hint"),
    [
        (state(alive=None), "sentry", "restart"),
        (state("lock/owner a 1060 a laptop"), "a laptop", "in 60 s"),
        (state("armed a b 1060"), "trial", "90 s"),
    ],
)
def test_on_a_router_that_is_not_free_nothing_is_begun(
    found: Completed, words: str, hint: str
) -> None:
    trial = Try({"state": found})
    with raised(Refused, words, hint=hint):
        trial.run()
    assert trial.scripts == ["state"]
    trial = Try({"state": found}, checked=True)
    trial.run()
    assert trial.scripts == WHOLE[1:]


# --- arming ---


def test_a_lost_answer_may_mean_armed_so_that_one_is_ended_and_another_begun() -> None:
    trial = Try({"arm": [LOST, DONE], "rollback": [LOST, ROLLED_BACK]})
    joined = trial.run()
    assert trial.scripts == [
        *("state", f"arm ID 120 {ME}", "rollback ID", "rollback ID", f"arm ID1 120 {ME}"),
        *("stage ID1 0", "apply ID1", "confirm ID1 flash"),
    ]
    assert joined.seconds == 0.0  # since the second one
    assert trial.clock.now == 1001.0


def test_arming_is_not_tried_for_ever() -> None:
    trial = Try({"arm": LOST, "rollback": LOST})
    with raised(LinkLost, "the link died"):
        trial.run()
    assert trial.clock.now == 1030.0


def test_a_router_that_cannot_be_reached_is_armed_by_nobody() -> None:
    trial = Try({"arm": ConnectError("no answer")})
    with raised(ConnectError, "no answer"):
        trial.run()
    assert trial.scripts == WHOLE[:2]


def test_what_arming_refuses_is_refused() -> None:
    trial = Try({"arm": failed(Exit.NO_SENTRY)})
    with raised(Refused, "sentry", hint="restart"):
        trial.run()
    trial = Try({"arm": failed(1, "one\ntwo\n")})
    with raised(RouterAnswer, "step arm", "exit code 1", ": two"):
        trial.run()
    trial = Try({"arm": failed(127)})
    with raised(RouterAnswer, "step arm", "127)"):
        trial.run()
    assert trial.scripts == WHOLE[:2]


def test_in_a_pause_only_a_person_joins() -> None:
    trial = Try(heeds_pause=True)
    trial.run()
    assert trial.scripts[1] == f"arm ID 120 {ME} heed"


# --- staging and applying ---


@pytest.mark.parametrize("name", ["stage", "apply", "confirm"])
def test_a_sentry_that_was_quicker_ends_it(name: str) -> None:
    trial = Try({name: failed(Exit.CLAIMED)})
    trial.fails(Cause.OVERTAKEN, "sentry rolled the trial back")
    assert trial.steps.shape[-3] == "stopped!"


@pytest.mark.parametrize("name", ["stage", "apply", "confirm"])
def test_a_step_that_the_router_could_not_run(name: str) -> None:
    trial = Try({name: failed(2, "sh: out of memory\n")})
    trial.fails(Cause.STOPPED, f"step {name}", "exit code 2", "out of memory")
    assert trial.steps.shape[-3] == "stopped!"


@pytest.mark.parametrize("name", ["stage", "apply", "confirm"])
def test_a_lost_link_is_only_asked_again(name: str) -> None:
    answer = well(router(), Try().trial.plan.edits)[name]
    trial = Try({name: [LOST, LOST, answer]})
    joined = trial.run()
    assert [each.split()[0] for each in trial.scripts].count(name) == 3
    assert joined.seconds == 2.0


def test_edits_that_somebody_stages_just_now_are_refused() -> None:
    trial = Try({"stage": failed(Exit.FOREIGN, "network.lan.ipaddr\n"), "rollback": [LOST, DONE]})
    with raised(Refused, "network.lan.ipaddr", hint="commit or revert"):
        trial.run()
    assert trial.scripts[2:] == ["stage ID 0", "rollback ID", "rollback ID"]
    trial = Try({"stage": failed(Exit.FOREIGN, "network.lan.ipaddr\n"), "rollback": LOST})
    with raised(LinkLost, "in the middle", hint="120 s"):
        trial.run()
    assert trial.clock.now == 1030.0


def test_edits_that_did_not_arrive() -> None:
    here = router()
    edits = Try().trial.plan.edits
    less = [edit for edit in edits if edit.option not in ("ssid", "disabled")]
    trial = Try({"stage": uci(here.wireless, less)})
    trial.fails(
        Cause.NOT_STAGED,
        "wireless.wifirelay.ssid, wireless.wifirelay.disabled",
        hint=("`uci changes`", "/tmp"),
    )
    assert trial.steps.shape[-3] == "stage!"


def test_another_own_section_is_off_again_whatever_was_seen() -> None:
    """The sentry may have allowed it since."""
    here = replace(router(), wireless=wireless(own(), own("wifirelay_radio1", "radio1")))
    trial = Try(here=here)
    trial.run()
    line = b"set wireless.wifirelay_radio1.disabled='1'\n"
    assert (trial.router.of("stage")[0].stdin or b"").endswith(line)
    allowed = wireless(own(), own("wifirelay_radio1", "radio1", disabled="0"))
    trial = Try({"stage": uci(allowed, Try().trial.plan.edits)}, here=here)
    trial.fails(Cause.NOT_STAGED, "wireless.wifirelay_radio1.disabled", hint="`uci changes`")


def test_a_section_that_is_gone_is_an_edit_that_did_not_arrive() -> None:
    Try({"stage": uci(wireless(own("guest")))}).fails(
        Cause.NOT_STAGED,
        "wireless.wifirelay.ssid",
        hint="`uci changes`",
    )


def test_an_answer_to_staging_that_is_none() -> None:
    Try({"stage": Completed(0, b"{")}).fails(Cause.STOPPED, "call uci get", "not JSON")
    Try({"stage": said({})}).fails(Cause.STOPPED, "package wireless")


def test_a_link_that_stays_lost_leaves_it_to_the_sentry() -> None:
    trial = Try({"apply": LOST}, relay=Relay(deadline=90.0))
    with raised(
        LinkLost, "the link died", "in the middle of a trial", hint=("90 s", "`wifirelay status`")
    ):
        trial.run()
    assert trial.clock.now == 1090.0 - MARGIN
    assert "rollback ID" not in trial.scripts


def test_staging_is_tried_for_half_a_minute() -> None:
    trial = Try({"stage": LOST})
    with raised(LinkLost, "in the middle of a trial", hint="120 s"):
        trial.run()
    assert trial.clock.now == 1030.0


def test_a_person_may_interrupt_it() -> None:
    def interrupt(_: object) -> Completed:
        raise KeyboardInterrupt

    Try({"apply": interrupt}).fails(Cause.STOPPED, "interrupted")


def test_what_stops_it_keeps_its_remedy() -> None:
    stop = RouterAnswer("netifd is gone", hint="look at `logread`")
    Try({"apply": stop}).fails(Cause.STOPPED, "netifd is gone", hint="look at `logread`")
