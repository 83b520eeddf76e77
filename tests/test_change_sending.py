# SPDX-License-Identifier: GPL-2.0-or-later
"""Sending the service to a router, over a link that may die; and taking it off again."""

import hashlib
from typing import Any

import pytest

from tests.changing import LOST, Scripted, Ticks, check_text, failed, raised
from wifirelay.change.deploy import ANSWER_LIMIT, DEPLOY_LIMIT, TRIES, Bundle, deploy, undeploy
from wifirelay.change.insist import RETRY
from wifirelay.change.scripts import Exit
from wifirelay.errors import (
    DeadlineExceeded,
    HostKeyRefused,
    LinkLost,
    LoginRefused,
    Refused,
    RouterAnswer,
    WifirelayError,
)
from wifirelay.transport.base import Completed

ME = "me pid 7"
BUNDLE = Bundle((), (), b"compile", b"default", (), "5eed  -", b"")


def sent(**answers: Any) -> tuple[Scripted, Ticks]:
    return Scripted(answers), Ticks(1000.0)


def ends(
    kind: type[WifirelayError],
    *words: str,
    hint: str | tuple[str, ...] = (),
    **answers: Any,
) -> tuple[Scripted, Ticks]:
    asked, clock = sent(**answers)
    with raised(kind, *words, hint=hint):
        deploy(asked, clock, BUNDLE, ME)
    return asked, clock


OK = Completed(0, err=b"ok\n")


def test_it_is_sent_with_its_digest_and_waited_for() -> None:
    asked, clock = sent(deploy=OK)
    assert deploy(asked, clock, BUNDLE, ME) == ""
    (command,) = asked.commands
    assert len(bytes.fromhex(command.argv[4])) == 8
    digest = hashlib.sha256(BUNDLE.tar()).hexdigest()
    assert command.argv[5:] == (digest, str(ANSWER_LIMIT), ME)
    assert (command.stdin, command.deadline) == (BUNDLE.tar(), DEPLOY_LIMIT)


def test_an_object_that_comes_later_is_a_remark() -> None:
    for answers in (
        {"deploy": Completed(0, err=b"ok  later\n")},
        {"deploy": LOST, "deployed": Completed(0, b"ok later\n")},
    ):
        asked, clock = sent(**answers)
        remark = deploy(asked, clock, BUNDLE, ME)
        assert all(word in remark for word in ("LuCI", "`/etc/init.d/rpcd reload`", "`wifirelay`"))
        check_text(remark)


def test_what_the_router_says_to_it() -> None:
    said = b"failed flash is \x1b full\n"
    for answers in (
        {"deploy": Completed(25, err=said)},
        {"deploy": LOST, "deployed": Completed(0, said)},
    ):
        ends(
            RouterAnswer,
            r"could not be installed: flash is \x1b full",
            hint=("as it was before", "`logread -e wifirelay`"),
            **answers,
        )
    ends(RouterAnswer, "exit code 127", hint="as it was before", deploy=failed(127))
    ends(Refused, "a laptop", hint="later", deploy=failed(Exit.LOCKED, "a laptop"))


# --- with a link that dies ---


def test_after_a_lost_link_it_is_asked_what_came_of_it() -> None:
    running, ok = Completed(0, b"running 17\n"), Completed(0, b"ok\n")
    asked, clock = sent(deploy=LOST, deployed=[LOST, running, running, ok])
    assert deploy(asked, clock, BUNDLE, ME) == ""
    (first,) = asked.of("deploy")
    assert [each.argv[4] for each in asked.of("deployed")] == [first.argv[4]] * 4
    assert clock.now == 1000.0 + 4 * RETRY


def test_what_never_arrived_is_sent_again() -> None:
    asked, _ = sent(deploy=[LOST, LOST, OK], deployed=Completed(0))
    assert deploy(asked, Ticks(), BUNDLE, ME) == ""
    ids = [each.argv[4] for each in asked.of("deploy")]
    assert len(set(ids)) == 3
    assert [each.argv[4] for each in asked.of("deployed")] == ids[:2]


def test_it_is_sent_three_times() -> None:
    asked, _ = ends(
        LinkLost,
        f"{TRIES} times",
        "the link died",
        hint=("nothing of the service is on the router", "cable"),
        deploy=LOST,
        deployed=Completed(0),
    )
    assert len(asked.of("deploy")) == TRIES == 3


def test_one_that_was_sent_before_may_be_what_holds_the_lock() -> None:
    locked = failed(Exit.LOCKED, "me")
    nothing, ok = Completed(0), Completed(0, b"ok\n")
    asked, clock = sent(deploy=[LOST, locked], deployed=[nothing, nothing, ok])
    assert deploy(asked, clock, BUNDLE, ME) == ""
    ids = [each.argv[4] for each in asked.of("deploy")]
    assert [each.argv[4] for each in asked.of("deployed")] == [ids[0], ids[0], ids[1]]
    ends(Refused, "me", hint="later", deploy=[LOST, locked], deployed=nothing)
    running = Completed(0, b"running 17\n")
    answers: dict[str, Any] = {"deploy": [LOST, locked], "deployed": [nothing, running]}
    ends(LinkLost, "not told", "the link died", hint="`wifirelay status`", **answers)


def test_one_that_was_killed_on_the_router() -> None:
    ends(
        RouterAnswer,
        "killed",
        "memory",
        hint="install again",
        deploy=LOST,
        deployed=Completed(0, b"died 17\n"),
    )


def test_a_router_that_does_not_tell_in_time() -> None:
    running = Completed(0, b"running 17\n")
    hints = ("`wifirelay status`", "ends by itself")
    _, clock = ends(
        LinkLost,
        "not told",
        "too late",
        hint=hints,
        deploy=DeadlineExceeded("too late"),
        deployed=running,
    )
    assert clock.now == 1000.0 + DEPLOY_LIMIT
    _, clock = ends(LinkLost, "the link died", deploy=LOST, deployed=LOST)
    assert clock.now == 1000.0 + DEPLOY_LIMIT


@pytest.mark.parametrize("error", [HostKeyRefused("changed"), LoginRefused("no password")])
def test_a_refused_login_ends_it(error: WifirelayError) -> None:
    asked, _ = ends(type(error), error.message, deploy=error)
    assert len(asked.asked) == 1
    asked, _ = ends(type(error), error.message, deploy=LOST, deployed=error)
    assert len(asked.asked) == 2


# --- taking it off ---


@pytest.mark.parametrize(("purge", "word"), [(True, "yes"), (False, "no")])
def test_the_service_is_taken_off(purge: bool, word: str) -> None:
    asked = Scripted({"undeploy": Completed(0)})
    undeploy(asked, ["/etc/a", "/etc/b"], ME, purge=purge)
    (command,) = asked.commands
    assert len(bytes.fromhex(command.argv[4])) == 8
    assert command.argv[5:] == (ME, word, "/etc/a", "/etc/b")
    assert command.deadline == 60.0


def test_a_service_that_cannot_be_taken_off() -> None:
    with raised(RouterAnswer, "could not remove the service: no", hint="read-only"):
        undeploy(Scripted({"undeploy": failed(25, " no\n")}), [], ME, purge=False)
    with raised(Refused, "a laptop", hint="later"):
        undeploy(Scripted({"undeploy": failed(22, "a laptop")}), [], ME, purge=False)
