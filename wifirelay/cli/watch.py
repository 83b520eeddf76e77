# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay watch`: where a router stands and what it hears, live. It only looks."""

import argparse
import json
import os
import sys
from dataclasses import replace

from wifirelay.cli.context import Context, Result
from wifirelay.cli.looking import Looking
from wifirelay.cli.real_time import real_time
from wifirelay.cli.screen import show
from wifirelay.cli.simulate import ended_by_signals
from wifirelay.cli.telling import when
from wifirelay.cli.watching import Watching
from wifirelay.clock import Clock, SystemClock, readable
from wifirelay.errors import UsageError
from wifirelay.values import printable
from wifirelay.view.changes import change_lines, settled, state_line, watch_object
from wifirelay.view.picture import Picture, Source

INTERVALS = (1.0, 3600.0)  # seconds
_STILL = "a recording stands still: this is all of it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--interval", type=float, default=5.0, metavar="S", help="seconds between looks; default 5"
    )
    parser.add_argument(
        "--plain", action="store_true", help="a line for each change, as without a terminal"
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so many")


def run(context: Context, args: argparse.Namespace) -> Result:
    check_interval(args.interval)
    if args.seconds is not None and not 0 <= args.seconds <= 1e9:
        raise UsageError(f"--seconds: 0 or more, not {args.seconds:g}")
    opened, clock = context.opened(), SystemClock()
    source = Source.RECORDING if opened.dry else Source.ROUTER
    # Warnings about the configuration come before anything is drawn.
    _ = context.relay, context.known
    on_screen = not (args.json or args.plain) and _screen_there() and not opened.dry
    watching = Watching(
        lambda doing: Looking(context, doing),
        str(opened.target),
        args.interval,
        clock,
        source,
        airing=on_screen or opened.dry,
    )
    try:
        with ended_by_signals(), real_time(context):
            if on_screen:
                show(watching, clock, args.seconds)
            else:
                with watching:
                    _tell(watching, clock, args, still=opened.dry)
    except KeyboardInterrupt:
        pass  # the usual way to end it
    return Result({}, printed=True)


def check_interval(interval: float) -> None:
    """Raises UsageError unless a router may be looked at so often."""
    if not INTERVALS[0] <= interval <= INTERVALS[1]:
        raise UsageError(
            f"--interval: {INTERVALS[0]:g} to {INTERVALS[1]:g} seconds, not {interval:g}"
        )


def _screen_there() -> bool:
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    return on_terminal and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def _tell(watching: Watching, clock: Clock, args: argparse.Namespace, *, still: bool) -> None:
    """Lines as things change. `still`: nothing will; one look is all."""
    end = None if args.seconds is None else clock.monotonic() + args.seconds
    before: Picture | None = None
    while True:
        left = 3600.0 if end is None else end - clock.monotonic()
        if left <= 0:
            return
        readable(left, watching.fd)
        watching.clear()
        picture = watching.picture()
        if not watching.looks or (still and picture.scan is None):
            continue
        now = replace(picture, busy="", age=0.0, heard_age=None, online_for=None)
        if args.json:
            _print_json(before, now)
        else:
            for line in [state_line(now)] if before is None else change_lines(before, now):
                print(printable(line), flush=True)
        if still:
            if not args.json:
                _print_still(now)
            return
        before = now


def _print_json(before: Picture | None, now: Picture) -> None:
    moment = when()
    shape = watch_object(now, moment)
    if before is None or settled(shape) != settled(watch_object(before, moment)):
        print(json.dumps(shape), flush=True)


def _print_still(picture: Picture) -> None:
    try:
        from wifirelay.view.live import screen
    except ModuleNotFoundError:  # without rich there is the one line
        print(_STILL, flush=True)
        return
    wide, high = 100, 40
    lines = [line.plain.rstrip() for line in screen(picture, wide, high)]
    print("\n".join(["", *(line for line in lines if line)]), flush=True)
