# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory's command line: `scripts/soak`."""

import argparse
import sys
import time
from pathlib import Path

from tests.laboratory.campaign import KINDS, campaign, guarded, shortest
from tests.laboratory.schedule import parse

SHOWN = 20  # failing schedules that are printed


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/soak", description="Fault schedules against wifirelay's promises."
    )
    parser.add_argument("--seeds", type=int, default=0, help="so many random schedules")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--singles", action="store_true", help="every single fault everywhere")
    parser.add_argument(
        "--pairs", action="store_true", help="every pair within a trial (a join, else SCENARIO)"
    )
    parser.add_argument("--scenario", default="", help="of this scenario alone")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--state", type=Path, help="a file that lets it go on where it was")
    parser.add_argument("--replay", metavar="SCHEDULE", help="run this one, and tell all")
    parser.add_argument("--shrink", metavar="SCHEDULE", help="find a shorter one that fails")
    args = parser.parse_args()
    if args.replay:
        return replay(args.replay)
    if args.shrink:
        return replay(str(shortest(args.shrink)))
    wanted = {"singles": args.singles, "pairs": args.pairs, "random": args.seeds > 0}
    failed = False
    for kind in [kind for kind in KINDS if wanted[kind]]:
        count = args.seeds if kind == "random" else None
        first = args.first if kind == "random" else 0
        begun = shown = time.monotonic()
        of = f"{kind} {args.scenario}".rstrip()
        for tally in campaign(of, first, count, jobs=args.jobs, state=args.state):
            if time.monotonic() - shown > 30:
                shown = time.monotonic()
                print(f"  {kind}: {tally.schedules}, broken {len(tally.broken)}", flush=True)
        print(f"{kind}: {time.monotonic() - begun:.0f} s")
        print("\n".join(f"  {line}" for line in tally.lines()), flush=True)
        for line, text in list(tally.broken.items())[:SHOWN]:
            print(f"  {text}\n    scripts/soak --replay '{line}'")
        failed = failed or bool(tally.broken)
    return 1 if failed else 0


def replay(line: str) -> int:
    outcome = guarded(parse(line))
    print(f"scripts/soak --replay '{outcome.schedule}'")
    for entry in outcome.journal:
        print(f"  {entry}")
    print(f"  the controller ended with {outcome.ended}; {outcome.seconds:.0f} s simulated")
    print(outcome.broken or "all promises kept")
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
