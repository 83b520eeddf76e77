# SPDX-License-Identifier: GPL-2.0-or-later
"""The fault laboratory in the gate: every single fault, and fresh random schedules."""

import hashlib
import os
from itertools import islice
from pathlib import Path

import pytest

from tests.laboratory import draw
from tests.laboratory.campaign import Tally, guarded, judge
from tests.laboratory.experiment import Experiment, run
from tests.laboratory.lab import lab
from tests.laboratory.router import LabRouter
from tests.laboratory.scenarios import SCENARIOS
from tests.laboratory.schedule import Event, Schedule, parse
from tests.laboratory.shrink import shrink

PARTS = 32  # of one enumeration, so that they can run side by side
FRESH = 3000  # random schedules in all
CHECKOUT = Path(__file__).parents[1]


def first() -> int:
    """Where the fresh schedules begin: other ones for every change of the code, so that the
    same tree is always judged alike. WIFIRELAY_SEED begins elsewhere."""
    if seed := os.environ.get("WIFIRELAY_SEED"):
        return int(seed)
    code = hashlib.sha256()
    for folder in ("wifirelay", "openwrt/files", "tests/laboratory"):
        for path in sorted((CHECKOUT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                code.update(path.read_bytes())
    return int.from_bytes(code.digest()[:5], "big")


FIRST = first()


def check(tally: Tally) -> None:
    assert tally.schedules > 0
    lines = [f"{text}\n    scripts/soak --replay '{line}'" for line, text in tally.broken.items()]
    assert not lines, "\n".join(lines[:10])


@pytest.mark.parametrize("part", range(PARTS))
def test_every_single_fault(part: int) -> None:
    check(judge(islice(draw.singles(), part, None, PARTS)))


@pytest.mark.parametrize("part", range(PARTS))
def test_fresh_random_schedules(part: int) -> None:
    check(judge(draw.random(FIRST * FRESH + number) for number in range(part, FRESH, PARTS)))


# Each broke a promise once, as the comment says. What they meet moves with the code, so each
# has a test of its own as well, where the defect was.
ONCE = (
    # a lease counted for another station than its own
    "switch/5386905158978 s52:internet-gone=150 t77.7:sentry-killed s22:shell-commits",
    # an old `arm` undid a confirmed uplink
    "service/4480 c172.before:again=70 c1.middle:scan-fails=10",
    # rolled back to an uplink that is gone as well: 93 s off the air
    "switch/32189 t44.2:scan-busy=120 s92:late=9 t9.2:upstream-gone=150 s51:cut=200",
    "switch/41649 c9.middle:upstream-gone=150 c7.before:subnet t25.9:kill",
    # allowed by the sentry between the look and the trial: two stations on flash
    "service/34908 c136.after:kill",
    "service/37666 c177.after:kill c166.before:radio-gone=10 s177:scan-fails=10 "
    "c88.middle:silence=5",
    # a read-only flash lost what was staged, and a station ran on that nobody watched
    "service/0 t162.2:commits-all t122.1:flash-read-only=200",
    "session/90891 s42:flash-read-only=30 s70:commits-all s68:upstream-gone=150",
    # a reload read a configuration that was just being put back
    "join/139759 s73:interrupt",
    "join/234 s72:interrupt",
    # somebody else's commit of the same moment was taken for a commit that had failed
    "join/7484 s71:shell-commits",
    # somebody's commit in the middle of a move: lan stayed where nobody had reached the router
    "move-alone/0 c15.before:commits-all",
    "move/0 c12.before:removes-interface",
    # cut off behind its commit, a confirmation was told as one that never came
    "move/0 s34:oom",
    "move/0 s35:oom",
    "move/0 c13.before:second-joins",
    "move/0 c13.middle:half c13.middle:oom",
    # a flash that was full at the commit, and had its last room taken before the text was back
    "move/349530783980244 c0.middle:scan-fails=10 s30:flash-full=30 s34:travelmate",
    # the sentry took a move of lan back first, and waited 25 s more for its own access point
    "service-portal/349530783980372 t336.5:ap-stuck=300 c302.before:second-moves "
    "s214:scan-garbage=10",
    # taken back while it was being staged: the reload between had read the new address
    "move/2009683 s6:subnet s19:interrupt",
    # not a promise, a limit of the laboratory: a laptop that sleeps twice
    "join/65358 c7.middle:hang=200 c28.before:hang=200",
)


@pytest.mark.parametrize("line", ONCE)
def test_what_once_broke_a_promise(line: str) -> None:
    assert guarded(parse(line)).broken == ""


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_undisturbed_everything_works(scenario: str) -> None:
    outcome = run(Schedule(scenario, 0))
    assert outcome.broken == ""
    ends = {
        "leave": "Left",
        "wrong-key": "TrialFailed",
        **dict.fromkeys(("service", "service-portal", "service-vpn"), "NoneType"),
        **dict.fromkeys(("move", "move-online"), "Moved"),
        "move-alone": "TrialFailed",
        "move-elsewhere": "Refused",
    }
    assert outcome.ended == ends.get(scenario, "Joined")


def test_a_page_and_a_tunnel_come_to_be() -> None:
    """The scenarios are what their names say."""
    page, told = watched("service-portal")
    assert "HomeNet needs a login: http://10.10.1.1/login" in told
    assert "the internet is back through HomeNet" in told
    assert page.disk.read("/etc/config/network").count(b"wwan_") == 0
    tunnel, told = watched("service-vpn")
    assert tunnel.interfaces.server.asked == ["up wg0", "down wg0", "up wg0"]
    assert "wg0 is up, over network Phone" in told
    assert b"wifirelay_vpn" in tunnel.disk.read("/etc/config/firewall")
    fixed, told = watched("fixed")
    assert "address 10.10.1.20/24" in told
    assert fixed.disk.read("/etc/config/network").count(b"wwan_") == 1


def watched(name: str) -> tuple[LabRouter, list[str]]:
    """The router of a scenario alone, and what its controller told."""
    scenario = SCENARIOS[name]
    with lab(scenario.world, relay=scenario.relay) as bench:
        experiment = Experiment(bench, Schedule(name, 0), scenario)
        experiment.run()
        return bench.router, experiment.controller.told


def test_numbers_mean_what_they_meant() -> None:
    """Schedules by number are in docs/safety.md, and in people's notes."""
    assert str(draw.random(7)) == "join/8 s65:removes-interface"
    old = "switch/1000000 c15.after:reload-fails=10 c2.before:radio-gone=60"
    assert str(draw.random(999_999)) == old
    assert not {draw.random(seed).scenario for seed in range(2000)} & set(draw.NEWER)
    later = {draw.random(draw.SINCE + seed).scenario for seed in range(2000)}
    assert later == set(SCENARIOS)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_schedule_is_the_same_experiment(seed: int) -> None:
    one, other = run(draw.random(seed)), run(draw.random(seed))
    assert one == other
    assert one.journal == other.journal


def test_a_schedule_is_one_line_and_back() -> None:
    for seed in range(200):
        schedule = draw.random(seed)
        assert parse(str(schedule)) == schedule


def test_what_is_no_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match="no event"):
        parse("join/1 c1.sometimes:kill")


def test_a_failing_schedule_shrinks_to_what_fails() -> None:
    needed = Event("s", 7, "", "power")
    others = tuple(Event("c", number, "before", "kill") for number in range(4))
    long = Schedule("join", 99, (*others[:2], needed, *others[2:]))
    short = shrink(long, lambda each: any(e.name == "power" for e in each.events))
    assert short == Schedule("join", 0, (Event("s", 0, "", "power"),))
