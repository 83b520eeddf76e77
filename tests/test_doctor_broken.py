# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of routers that answer wrongly, or not at all: it goes on, and never raises."""

import json
from collections.abc import Callable, Sequence
from random import Random

import pytest
from healthy import changed
from hypothesis import given, settings
from hypothesis import strategies as st
from known import recording
from shapes import NAMES, check

from tests.fuzzing.names import safe
from wifirelay.change.checkup import read_facts
from wifirelay.core.doctor.checks import NAMES as CHECKS
from wifirelay.core.doctor.checks import check_up
from wifirelay.core.doctor.finding import Verdict
from wifirelay.core.known import Relay
from wifirelay.errors import DeadlineExceeded, LinkLost, RouterAnswer
from wifirelay.transport.base import Command, Completed, Following
from wifirelay.transport.recorded import RecordedTransport
from wifirelay.view.doctor import doctor_lines, doctor_object


class Failing:
    """A replay of a recording on which some commands fail as `fails` says."""

    def __init__(self, fails: Callable[[Command], Completed | None], name: str = "baseline"):
        self._inner = RecordedTransport(recording(name))
        self._fails = fails

    def run(self, command: Command) -> Completed:
        failed = self._fails(command)
        if failed is None and command.argv == ("true",):
            return Completed(0)
        return failed if failed is not None else self._inner.run(command)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple([self.run(command) for command in commands])

    def follow(self, command: Command) -> Following:
        return self._inner.follow(command)

    def close(self) -> None:
        self._inner.close()


def test_no_openwrt_router() -> None:
    nothing = Failing(lambda command: Completed(127, err=b"ubus: not found"))
    with pytest.raises(RouterAnswer, match="cannot be read"):
        read_facts(nothing, Relay())


def test_a_configuration_that_uci_cannot_read() -> None:
    def fails(command: Command) -> Completed | None:
        return Completed(4) if command.argv[-1] == '{"config":"network"}' else None

    found = {each.check: each for each in check_up(read_facts(Failing(fails), Relay()))}
    assert found["configuration"].verdict is Verdict.PROBLEM
    assert "/etc/config/network" in found["configuration"].evidence
    assert found["setup"].verdict is Verdict.UNKNOWN
    assert found["access-points"].verdict is Verdict.OK


def test_a_command_that_never_ends_costs_only_its_own_checks() -> None:
    def fails(command: Command) -> Completed | None:
        if command.argv == ("iw", "phy"):
            raise DeadlineExceeded("iw took more than 10 s")
        return None

    found = {each.check: each.verdict for each in check_up(read_facts(Failing(fails), Relay()))}
    assert found["combination"] is Verdict.UNKNOWN
    assert found["country"] is Verdict.OK


def test_a_link_that_stalls_is_no_diagnosis() -> None:
    def fails(command: Command) -> Completed | None:
        if command.argv == ("true",):
            raise LinkLost("gone")
        raise DeadlineExceeded("nothing comes")

    with pytest.raises(LinkLost, match="gone"):
        read_facts(Failing(fails), Relay())


ODD = (
    None,
    True,
    -1,
    10**400,
    2.5,
    "",
    "\x1b[31m",
    "a\nb",
    "$(x)",
    "\u202e",
    [],
    {},
    [[]],
    "\ud83d",
)


def bent(random: Random, value: object) -> object:
    """The value of an answer's JSON with parts of it replaced, renamed or left out."""
    if random.random() < 0.03:
        return random.choice(ODD)
    if isinstance(value, list):
        return [bent(random, each) for each in value if random.random() > 0.02]
    if isinstance(value, dict):
        return {
            key if random.random() > 0.02 else "odd;name": bent(random, each)
            for key, each in value.items()
            if random.random() > 0.02
        }
    return value


ASKED = {
    name: [e for e in recording(name).exchanges if "scan" not in e.argv and e.out] for name in NAMES
}


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), name=st.sampled_from(NAMES))
def test_it_never_raises_on_what_a_router_answers(seed: int, name: str) -> None:
    random, made = Random(seed), {}
    for each in ASKED[name]:
        how = random.randrange(4)
        if how == 0 and each.out.startswith("{"):
            made[each.argv] = json.dumps(bent(random, json.loads(each.out)))
        elif how == 1 and random.random() < 0.3:
            made[each.argv] = each.out[: random.randrange(len(each.out))]
    try:
        facts = read_facts(changed(name, made), Relay())
    except RouterAnswer as failed:
        assert "cannot be read" in failed.message
        return
    findings = check_up(facts)
    assert {each.check for each in findings} >= set(CHECKS[:8])
    safe("\n".join(doctor_lines(findings)))
    check(json.loads(json.dumps(doctor_object(facts, findings))))
