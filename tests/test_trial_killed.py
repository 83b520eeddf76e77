# SPDX-License-Identifier: GPL-2.0-or-later
"""G1, G2, G3, G5: the controller dies, or its link for good, at every command of a trial.

Enumerated, not sampled: a first undisturbed run counts the commands, then each of them in
turn is the one that never reaches the router. (A death after command n and before command
n + 1 is the same to the router.) The sentry, the real script, has to bring the baseline
back by itself.
"""

from functools import cache

import pytest

from tests.lab import RETURN, Killed, Lab, commands_of, killer, lab
from wifirelay.change.onrouter import Token
from wifirelay.core.known import Relay
from wifirelay.errors import TrialFailed

PARTS = 4  # of one enumeration, so that they can run side by side
DEADLINE = 60  # seconds; the shortest that all steps of a join fit into
FLASH = Relay(deadline=DEADLINE)
SESSION = Relay(keep_on_flash=False, deadline=DEADLINE)
# The sentry's own commands take router time as well, and its look at files depends on the
# machine's clock: two runs may differ by a few polls at the end.
SPREAD = 4


@cache
def boundaries(name: str, ssid: str | None, relay: Relay) -> int:
    return len(commands_of(name, ssid, relay))


def kill_at(number: int, name: str, ssid: str | None, relay: Relay) -> None:
    with lab(name, relay=relay) as bench:
        before = bench.wireless()
        killer(number, bench)
        try:
            bench.join(ssid)
        except Killed:
            pass
        except TrialFailed:
            assert number >= boundaries(name, ssid, relay) - SPREAD
        else:
            assert number >= boundaries(name, ssid, relay) - SPREAD
        bench.wait_for_the_sentry(DEADLINE + RETURN)
        state = bench.state()
        bench.check_hands_off(before)
        if state.token is not None and state.token.result.startswith("confirmed"):
            check_confirmed(bench, relay)
        else:
            bench.check_baseline(before)
        # The next start finds nothing to clean, or cleans it, and works.
        after = bench.restarted()
        after.leave()
        assert after.state().lock is None
        assert after.state().unfinished is None
        assert after.wireless()["wifirelay"] == before["wifirelay"]
        after.wait_on_air(1.0)
        after.check_hands_off(before)


def check_confirmed(bench: Lab, relay: Relay) -> None:
    """The answer to the confirmation was all that got lost: the uplink stays."""
    own = bench.wireless()["wifirelay_radio1"]
    assert own["ssid"] == "HomeNet"
    assert own["disabled"] == "0"
    writes = {path for _, path in bench.world.router.flash_writes}
    assert writes == ({"/etc/config/wireless"} if relay.keep_on_flash else set())


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_anywhere_in_a_join_that_would_work(part: int) -> None:
    for number in range(part, boundaries("home", None, FLASH), PARTS):
        kill_at(number, "home", None, FLASH)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_anywhere_in_a_join_for_this_session(part: int) -> None:
    # Only what comes after arming differs from the test above; the same in the next one.
    for number in range(12 + part, boundaries("home", None, SESSION), PARTS):
        kill_at(number, "home", None, SESSION)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_anywhere_in_a_join_with_a_wrong_key(part: int) -> None:
    for number in range(12 + part, boundaries("broken", "WrongKey", FLASH), PARTS):
        kill_at(number, "broken", "WrongKey", FLASH)


def test_the_enumeration_reaches_every_step() -> None:
    commands = commands_of("home", None, FLASH)
    scripts = [command for command in commands if command.startswith("sh -c")]
    assert len(scripts) == 6  # state (settling, checking), arm, stage, apply, confirm
    assert any("assoclist" in command for command in commands)
    assert any("uclient-fetch" in command for command in commands)


def test_killed_right_after_confirmation_keeps_the_uplink() -> None:
    with lab() as bench:
        bench.join()
        state = bench.state()
        assert state.token is not None
        assert state.token.state is Token.ENDED
        bench.world.clock.sleep(DEADLINE + RETURN)
        check_confirmed(bench, Relay())
        bench.wait_on_air(1.0)
