# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trial looks for, as its plan and its owner say: how often, how long, and what counts."""

from dataclasses import replace

import pytest

from tests.changing import LOST, Ticks, carriers, radios, raised, said
from tests.proving import DEVICES, INFO, LINK, NOT_LINKED, RUNS, TRIAL, WIRELESS, log
from tests.trying import HOME, Try
from wifirelay.change.trial import MARGIN
from wifirelay.core.causes import Cause
from wifirelay.core.known import Relay
from wifirelay.errors import LinkLost, NotOnAir
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed
from wifirelay.values import Security


def test_its_looks_are_as_it_was_told() -> None:
    waits = Ticks()
    trial = Try({WIRELESS: [radios(), radios(), RUNS]}, poll=7.0, nap=waits.sleep)
    trial.run()
    assert waits.naps == [7.0, 7.0]


def test_it_gives_up_some_seconds_before_the_deadline() -> None:
    trial = Try({WIRELESS: LOST}, relay=Relay(deadline=60.0))
    with raised(LinkLost, "in the middle", hint="60 s"):
        trial.run()
    assert trial.clock.now == 1060.0 - MARGIN


@pytest.mark.parametrize("needed", [True, False])
def test_without_the_internet_it_is_as_good_as_none_unless_it_is_not_needed(needed: bool) -> None:
    trial = Try({"uclient-fetch": Completed(0, b"log in")}, needs_internet=needed)
    if needed:
        trial.fails(Cause.PORTAL, "Home", hint="--login")
    else:
        assert trial.run().internet is Verdict.PORTAL


@pytest.mark.parametrize(
    ("heard", "reason", "cause"),
    [
        (HOME, "WRONG_KEY", Cause.WRONG_KEY),
        (HOME, "CONN_FAILED", Cause.VANISHED),
        (replace(HOME, signal=-80), "WRONG_KEY", Cause.VANISHED),
        (replace(HOME, security=Security.SAE), "CONN_FAILED", Cause.REFUSED),
        (None, "WRONG_KEY", Cause.WRONG_KEY),
        (None, "CONN_FAILED", Cause.VANISHED),
    ],
)
def test_what_was_heard_of_it_says_what_a_rejection_means(
    heard: Bss | None, reason: str, cause: Cause
) -> None:
    answers = {LINK: NOT_LINKED, INFO: said({}), "logread": log(reason)}
    trial = Try(answers, heard=heard, trial=TRIAL)
    trial.fails(cause, "Home", hint="key" if cause is Cause.WRONG_KEY else "again")


def test_access_points_that_were_on_the_air_before_are_waited_for_too() -> None:
    trial = Try({DEVICES: carriers(phy0_ap0=True)}, on_air=(("guest", "radio0"),))
    with raised(NotOnAir, "but guest is", hint="`wifirelay status`") as caught:
        trial.run()
    assert caught[0].cause == Cause.OFF_AIR
    trial = Try({DEVICES: carriers()}, on_air=(("guest", "radio0"),))
    with raised(NotOnAir, "but default_radio0, guest is", hint="`wifirelay status`"):
        trial.run()
