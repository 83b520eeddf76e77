# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay --routers NAMES COMMAND`: one command over many routers of the inventory at once.

Each router is a `wifirelay --router NAME --json COMMAND` of its own, which never asks anything;
here its answer becomes a line as it comes in. What fails on one router stops no other.
"""

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from wifirelay.cli.asking import confirm
from wifirelay.cli.context import Context, Result
from wifirelay.cli.crew import Crew, Cut, Ended, Interrupt, Task
from wifirelay.config.routers import Listed, chosen
from wifirelay.errors import DeadlineExceeded, UsageError, WifirelayError
from wifirelay.transport.target import Kind, Target, parse_target
from wifirelay.values import printable
from wifirelay.view.error import error_object
from wifirelay.view.many import (
    Answered,
    answer_line,
    end_lines,
    head_line,
    many_object,
    worst_exit,
)
from wifirelay.view.table import columns

OURS = ("--routers", "--jobs", "--limit")
COMMANDS = ("scan", "plan", "join", "status", "doctor", "trust")
JOBS, MOST_JOBS = 8, 64
LIMIT, MOST_LIMIT = 120.0, 3600.0  # seconds
GRACE = 3.0  # seconds for a look to end, once interrupted
BACK = 90.0  # seconds that a trial may take to be taken back (docs/safety.md)
BESIDE = 180.0  # seconds of `join` beside the trial itself: what was unfinished, scans, rollback

_ONE = {  # why not
    "run": "the service looks after one router: `install` puts it on each",
    "watch": "one screen shows one router; over many: `--routers NAMES status`",
    "setup": "it shows the edits of each router, which you should see",
    "install": "it shows what each router gets, which you should see",
    "uninstall": "it shows what each router loses, which you should see",
    "leave": "it takes a router off the internet",
    "move-lan": "every client of that router loses it, which you should see",
    "record": "a recording is of one router",
    "report": "a page is about one router",
    "web": "the page is that of one router",
    "networks": "known networks are the same for all routers: they are in the configuration",
    "routers": "it is about the list itself",
    "simulate": "it is itself the router",
    "evaluate": "it needs no router",
    "completion": "it needs no router",
    "metrics": "a scraper asks each router by itself",
    "mqtt": "it follows one router",
}


def run(context: Context, args: argparse.Namespace) -> Result:
    """The command, for each router that `--routers` names."""
    if args.command == "evaluate" and args.routers is None and args.limit is None:
        from wifirelay.cli.evaluate import run as play

        return play(context, args)  # which has jobs of its own
    _check(args)
    settings = context.settings()
    routers = chosen(settings, args.routers)
    targets = _apart(routers)
    if args.command == "join":
        names = ", ".join(f"{each.name} ({targets[each.name]})" for each in routers)
        number = f"{len(routers)} router{'s' if len(routers) > 1 else ''}"
        question = f"join on {number}: {names}?"
        confirm(args, question, "join", f"`wifirelay --routers {args.routers} plan`")
    rest = _rest(args.words)
    tasks = [Task(_words(each, rest), _limit(args, each), _grace(args)) for each in routers]
    answers = _asked(context, args, routers, targets, tasks)
    return Result(
        many_object(args.command, answers),
        end_lines(answers),
        worst_exit([each.exit for each in answers]),
    )


def _check(args: argparse.Namespace) -> None:
    if args.routers is None:
        raise UsageError(
            "--jobs and --limit are about many routers", hint="name them: --routers all"
        )
    if args.router is not None:
        raise UsageError("--router and --routers exclude each other", hint="keep one of them")
    if args.command not in COMMANDS:
        raise UsageError(
            f"{args.command} does not go with --routers: {_ONE[args.command]}",
            hint=f"{', '.join(COMMANDS)} do; all else one by one, as in "
            f"`wifirelay --router NAME {args.command}`",
        )
    if args.command == "trust" and args.host is not None:
        raise UsageError("trust takes HOST or --routers, not both", hint="keep one of them")
    if args.jobs is not None and not 1 <= args.jobs <= MOST_JOBS:
        raise UsageError(f"--jobs: 1 to {MOST_JOBS}, not {args.jobs}")
    if args.limit is not None and not 1 <= args.limit <= MOST_LIMIT:
        raise UsageError(f"--limit: seconds from 1 to {MOST_LIMIT:g}, not {args.limit:g}")


def _apart(routers: Sequence[Listed]) -> dict[str, Target]:
    """Each one's target. Raises UsageError where two are one and the same router."""
    targets = {each.name: parse_target(each.target) for each in routers}
    there: dict[tuple[str, int], str] = {}
    for name, target in targets.items():
        if target.kind is not Kind.SSH:
            continue
        other = there.setdefault((target.host.lower(), target.port), name)
        if other != name:
            raise UsageError(
                f"{other} and {name} are the same router, {target}",
                hint="list each router once in the configuration",
            )
    return targets


def _rest(words: Sequence[str]) -> tuple[str, ...]:
    """The words without those that are about many."""
    kept: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            return (*kept, word, *left)
        if word in OURS:
            left.pop(0)
        elif word.partition("=")[0] not in OURS:
            kept.append(word)
    return tuple(kept)


def _words(router: Listed, rest: Sequence[str]) -> tuple[str, ...]:
    return ("--json", f"--router={router.name}", *rest)


def _limit(args: argparse.Namespace, router: Listed) -> float:
    if args.limit is not None:
        return float(args.limit)
    return router.relay.deadline + BESIDE if args.command == "join" else LIMIT


def _grace(args: argparse.Namespace) -> float:
    return BACK if args.command == "join" else GRACE


def _asked(
    context: Context,
    args: argparse.Namespace,
    routers: Sequence[Listed],
    targets: dict[str, Target],
    tasks: Sequence[Task],
) -> list[Answered]:
    """All the answers, in the order of the inventory; each shown as it comes in."""
    from wifirelay.cli.main import print_all

    width = max(columns("ROUTER"), *(columns(printable(each.name)) for each in routers))
    found: dict[int, Answered] = {}
    interrupted = False

    def show(line: str) -> None:
        if not args.json:
            with suppress(BrokenPipeError):  # nobody reads any more: no reason to end a trial
                print_all([line])

    show(head_line(width))
    with Crew(tasks, args.jobs or JOBS) as crew:
        while len(found) < len(tasks):
            context.doing(f"{len(found)} of {len(tasks)} routers have answered")
            told = crew.next()
            if isinstance(told, Interrupt):
                if interrupted:
                    crew.kill()
                else:
                    crew.interrupt()
                    context.say(_ENDING if args.command == "join" else "interrupted")
                interrupted = True
                continue
            index, ended = told
            code, answer = _answer(args, tasks[index], ended)
            one = Answered(
                routers[index].name, str(targets[routers[index].name]), code, ended.seconds, answer
            )
            found[index] = one
            if args.verbose:
                for line in ended.err.decode("utf-8", "replace").splitlines():
                    context.say(f"{one.name}: {line}")
            context.end_line()
            show(answer_line(one, width))
    return [found[index] for index in range(len(tasks))]


_ENDING = (
    "interrupted: each router's trial is being taken back; Ctrl-C again leaves that to the "
    "routers' sentries"
)


def _answer(args: argparse.Namespace, task: Task, ended: Ended) -> tuple[int, dict[str, Any]]:
    """The exit code and the object of one router, whatever became of its process."""
    code, answer = ended.code, _object(ended.out)
    if answer is not None and code is not None and 0 <= code < 130:
        return code, answer
    sentry = "its sentry takes an unconfirmed trial back; `wifirelay status` then tells"
    after = sentry if args.command == "join" else ""
    if ended.cut is Cut.INTERRUPTED or code == 130:
        if code is None:
            after = "nothing was begun there"
        if ended.cut is not Cut.LIMIT:
            return 130, error_object(WifirelayError("interrupted", hint=after), 130)
    if ended.cut is Cut.LIMIT:
        error: WifirelayError = DeadlineExceeded(
            f"no answer within {task.limit:g} s",
            hint=after or "is its link stalled? `--limit SECONDS` gives it longer",
        )
        return error.exit_code, error_object(error)
    said = ended.err.decode("utf-8", "replace").strip().splitlines()
    error = WifirelayError(
        f"its process ended with {code} and no answer" + (f": {said[-1]}" if said else ""),
        hint="run it for this router alone, with --debug",
    )
    return error.exit_code, error_object(error)


def _object(out: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(out)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "schema" in found else None
