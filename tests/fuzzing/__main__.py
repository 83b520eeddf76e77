# SPDX-License-Identifier: GPL-2.0-or-later
"""Coverage-guided fuzzing of the parsers, with atheris: `scripts/fuzz`. See docs/fuzzing.md.

What is found is kept below --into, for each family in a folder of its own, with its log beside it.
"""

import argparse
import os
import sys
import time
import traceback

from tests.fuzzing.campaign import fuzz
from tests.fuzzing.families import FAMILIES


def replay(family: str, paths: list[str]) -> int:
    """Each input once; 1 when one of them is still a finding."""
    code = 0
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        begun = time.process_time()
        try:
            FAMILIES[family].target(data)
        except Exception:
            traceback.print_exc()
            code = 1
        else:
            print(f"{path}: nothing, in {time.process_time() - begun:.1f} s")
    return code


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/fuzz", description="Coverage-guided fuzzing of the parsers, with atheris."
    )
    parser.add_argument("family", choices=[*FAMILIES, "all"])
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="of a processor, for each; default 60"
    )
    parser.add_argument("--seed", type=int, help="the same search again")
    parser.add_argument("--into", default="/tmp/wifirelay-fuzz", help="default: %(default)s")
    parser.add_argument("--replay", nargs="+", metavar="FILE", help="inputs to try again")
    args = parser.parse_args()
    if args.replay:
        return replay(args.family, args.replay)
    code = 0
    for family in FAMILIES if args.family == "all" else [args.family]:
        folder = os.path.join(args.into, family)
        os.makedirs(args.into, exist_ok=True)
        with open(f"{folder}.log", "w", encoding="utf-8") as log:
            figures = fuzz(family, args.seconds, folder, seed=args.seed, log=log)
            log.write(figures.line() + "\n")
        print(figures.line(), flush=True)
        if not figures.inputs:
            print("".join(figures.said.splitlines(keepends=True)[-3:]), file=sys.stderr)
        for path in figures.findings:
            print(f"   scripts/fuzz {family} --replay {path}", flush=True)
        if figures.findings or not figures.inputs:
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
