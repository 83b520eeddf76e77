# SPDX-License-Identifier: GPL-2.0-or-later
"""The end of a trial: on flash or for the session, and what is said of one that failed."""

from typing import Any

from tests.changing import LOST, failed, info, raised
from tests.trying import Try
from wifirelay.change.scripts import Exit
from wifirelay.change.trial import ROOM
from wifirelay.core.causes import Cause
from wifirelay.core.known import Relay
from wifirelay.errors import RouterAnswer, TrialFailed
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed

SESSION = Relay(keep_on_flash=False)

# --- keeping ---


def test_kept_for_the_session_as_asked() -> None:
    trial = Try({"confirm": Completed(0, b"session as asked\n")}, relay=SESSION)
    joined = trial.run()
    assert (joined.kept, joined.note) == ("session", "as asked")
    assert trial.scripts[-1] == "confirm ID session"
    assert "for this session (as asked)" in trial.steps.texts[-1]
    assert "system info" not in trial.router.asked


def test_kept_for_the_session_because_the_flash_is_full() -> None:
    answers: dict[str, Any] = {"confirm": Completed(0, b"session as asked\n")}
    trial = Try({**answers, "system info": info(ROOM - 1024)})
    joined = trial.run()
    assert joined.kept == "session"
    assert "nearly full" in joined.note
    assert trial.scripts[-1] == "confirm ID session"
    for free in (ROOM, None):
        trial = Try({"system info": [LOST, info(free)]})
        assert trial.run().kept == "flash"


def test_kept_for_the_session_because_of_others() -> None:
    trial = Try({"confirm": Completed(0, b"session because others staged edits: a b\n")})
    joined = trial.run()
    assert (joined.kept, joined.note) == ("session", "because others staged edits: a b")


def test_kept_for_the_session_while_it_waits_for_its_login_page() -> None:
    answers = {"confirm": Completed(0, b"session\n"), "uclient-fetch": Completed(0, b"log in")}
    trial = Try(answers, login=True)
    joined = trial.run()
    assert (joined.internet, joined.kept) == (Verdict.PORTAL, "session")
    assert joined.note == "while it waits for its login page"
    assert trial.scripts[-1] == "confirm ID session"
    assert "system info" not in trial.router.asked
    assert trial.steps.texts[-1].endswith("for this session (while it waits for its login page)")


def test_a_flash_that_cannot_be_written() -> None:
    trial = Try({"confirm": failed(Exit.FLASH, " no space\n")})
    trial.fails(Cause.FLASH, "flash: no space;", hint=("free some flash", "`relay.keep: session`"))
    assert trial.steps.shape[-3] == "confirm!"


# --- the end of a failed one ---


def test_one_that_had_been_confirmed_before_is_kept() -> None:
    trial = Try({"confirm": failed(2), "rollback": Completed(0, b"confirmed flash\n")})
    with raised(
        RouterAnswer,
        "step confirm",
        "confirmed before",
        hint=("`wifirelay status`", "`wifirelay leave`"),
    ):
        trial.run()


def test_what_failed_is_what_came_of_the_cause() -> None:
    with raised(TrialFailed, "step apply") as caught:
        Try({"apply": failed(2)}).run()
    assert str(caught[0].__cause__) in str(caught[0])
