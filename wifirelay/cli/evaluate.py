# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay evaluate`"""

import argparse
import os

from wifirelay.cli.context import Context, Result
from wifirelay.errors import UsageError
from wifirelay.evaluation.campaign import Place, campaign, places, timeline_place
from wifirelay.evaluation.families import FAMILIES
from wifirelay.evaluation.policies import POLICIES
from wifirelay.evaluation.table import as_object, lines, rows
from wifirelay.values import shown

SEEDS, DAYS = 5, 3.0
LONGEST = 366.0  # days
MOST_SEEDS = 100_000
MOST_JOBS = 256


_TIMELINE = (
    "A timeline is a CSV file; its first line is at,bssid,ssid,channel,signal,reachable and, if "
    "wanted, security, known, priority, metered, width. Each row is what a BSS is like from `at` "
    "(seconds) on: signal in dBm, empty when it is gone; reachable: yes, no, portal, no-dhcp, "
    "wrong-key or busy. Rows are in order of time, the last one is the end."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _TIMELINE
    parser.add_argument(
        "--family",
        action="append",
        metavar="F",
        help=f"worlds to play in, again for more; default: all ({', '.join(FAMILIES)})",
    )
    parser.add_argument(
        "--policy",
        action="append",
        metavar="P",
        help=f"who plays, again for more; default: all ({', '.join(POLICIES)})",
    )
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, metavar="N", help=f"worlds a family; default {SEEDS}"
    )
    parser.add_argument("--first-seed", type=int, default=1, metavar="N", help="default 1")
    parser.add_argument(
        "--days", type=float, default=DAYS, metavar="D", help=f"of each world; default {DAYS:g}"
    )
    parser.add_argument(
        "--results", metavar="FILE", help="add each finished run there, and skip what is there"
    )
    parser.add_argument(
        "--timeline",
        action="append",
        metavar="FILE.csv",
        help="play in this world (as well, where --family is given); again for more",
    )


def run(context: Context, args: argparse.Namespace) -> Result:
    where = _places(args)
    policies = _names("--policy", args.policy, tuple(POLICIES))
    jobs = args.jobs if args.jobs is not None else os.cpu_count() or 1
    _within("--jobs", jobs, 1, MOST_JOBS)

    def report(done: int, total: int) -> None:
        context.doing(f"{done} of {total} runs")

    runs = campaign(where, policies, jobs=jobs, results=args.results, report=report)
    found = rows(runs)
    return Result(as_object(found), lines(found))


def _places(args: argparse.Namespace) -> list[Place]:
    _within("--seeds", args.seeds, 1, MOST_SEEDS)
    _within("--first-seed", args.first_seed, 0, 2**31)
    _within("--days", args.days, 0.01, LONGEST)
    where = [timeline_place(path) for path in dict.fromkeys(args.timeline or ())]
    names = [place.family for place in where]
    if twice := sorted({name for name in names if names.count(name) > 1 or name in FAMILIES}):
        raise UsageError(
            f"--timeline: {shown(twice[0])} names two worlds or a family",
            hint="a file's name, without its folder, stands for its world: give it another",
        )
    if args.family or not where:
        families = _names("--family", args.family, tuple(FAMILIES))
        seeds = range(args.first_seed, args.first_seed + args.seeds)
        where += places(families, seeds, args.days)
    return where


def _names(option: str, asked: list[str] | None, there: tuple[str, ...]) -> tuple[str, ...]:
    for name in asked or ():
        if name not in there:
            raise UsageError(f"{option}: {shown(name)}", hint=f"there are {', '.join(there)}")
    return tuple(dict.fromkeys(asked)) if asked else there


def _within(option: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise UsageError(f"{option}: {least:g} to {most:g}, not {value:g}")
