# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeping a move of lan: what the router says to it, and what each answer means for who asks."""

from typing import Any

import pytest

from tests.changing import LOST, Answer, Scripted, failed, raised, state
from wifirelay.change.confirm_lan import NothingWaits, confirm_lan
from wifirelay.change.scripts import Exit
from wifirelay.errors import LinkLost, Refused, RouterAnswer, TrialFailed
from wifirelay.transport.base import Completed

OLD, NEW = "192.168.1.1", "192.168.77.1"
WAITS = state("armed 0123 b007 1050")


def router(confirm: Answer, **answers: Any) -> Scripted:
    well: dict[str, Answer] = {"state": WAITS, "rollback": Completed(0)}
    return Scripted({"confirm_lan": confirm, **well, **answers})


@pytest.mark.parametrize(("ssh", "asked"), [(True, "confirm_lan ssh"), (False, "confirm_lan")])
def test_the_router_is_told_whence_somebody_comes(ssh: bool, asked: str) -> None:
    there = router(Completed(0, f"{NEW}\n".encode()))
    assert confirm_lan(there, ssh=ssh) == NEW
    assert there.asked == [asked]
    assert there.commands[0].deadline == 40.0


def test_where_nothing_waits() -> None:
    there = router(failed(Exit.NOTHING))
    with raised(NothingWaits, "no move of lan waits", hint="`wifirelay move-lan`"):
        confirm_lan(there, ssh=False)
    assert there.asked == ["confirm_lan"]


def test_who_came_by_another_address_is_told_both() -> None:
    there = router(failed(Exit.ELSEWHERE, f"{OLD} {NEW}\n"))
    with raised(
        Refused,
        f"reached at {OLD}",
        f"reach it at {NEW}",
        hint=f"`wifirelay --router ssh://root@{NEW} move-lan --confirm`",
    ):
        confirm_lan(there, ssh=True)
    assert there.asked == ["confirm_lan ssh"]


def test_a_server_that_tells_no_address_leaves_it_to_the_console() -> None:
    there = router(failed(Exit.ELSEWHERE, f"unknown {NEW}\n"))
    with raised(
        Refused, "SSH server does not tell", "SSH_CONNECTION", hint="at the router's console"
    ):
        confirm_lan(there, ssh=True)


def test_who_comes_too_late() -> None:
    there = router(failed(Exit.CLAIMED))
    with raised(TrialFailed, "too late", "taken back") as caught:
        confirm_lan(there, ssh=True)
    assert caught[0].cause == "rolled-back"
    assert there.asked == ["confirm_lan ssh"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (failed(Exit.FLASH, "only 4 KiB\n  free\x1b[31m"), r"(only 4 KiB free\x1b[31m)"),
        (failed(127), "(exit code 127)"),
    ],
)
def test_one_that_cannot_be_kept_is_taken_back(answer: Completed, why: str) -> None:
    there = router(answer)
    with raised(RouterAnswer, "could not be kept", why, hint="old address again"):
        confirm_lan(there, ssh=True)
    assert there.asked == ["confirm_lan ssh", "state", "rollback 0123"]


def test_what_is_over_already_is_not_taken_back_again() -> None:
    there = router(failed(Exit.FLASH), state=state("ended 0123 b007 1050"))
    with raised(RouterAnswer, "could not be kept", hint="old address"):
        confirm_lan(there, ssh=True)
    assert there.asked == ["confirm_lan ssh", "state"]


@pytest.mark.parametrize("lost", ["state", "rollback"])
def test_the_link_that_ends_with_the_address_is_no_other_failure(lost: str) -> None:
    with raised(RouterAnswer, "could not be kept", hint="old address"):
        confirm_lan(router(failed(Exit.FLASH), **{lost: LOST}), ssh=True)


def test_a_router_out_of_reach() -> None:
    with raised(LinkLost, LOST.message):
        confirm_lan(router(LOST), ssh=True)
