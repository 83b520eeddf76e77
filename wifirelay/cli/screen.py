# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal while `wifirelay watch` has it: its other screen, keys one by one, all restored."""

import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wifirelay.cli.watching import Watching
from wifirelay.clock import Clock, readable
from wifirelay.errors import UsageError

if TYPE_CHECKING:
    from rich.console import ConsoleDimensions

_TICK = 1.0  # seconds: ages grow, and the window may have another size


def show(watching: Watching, clock: Clock, seconds: float | None) -> None:
    """Until `q`, or so many seconds. Raises UsageError without rich, and what a look raises."""
    try:
        from rich.console import Console, Group

        from wifirelay.view.live import screen
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"the live view needs rich, which is not installed ({missing.name})",
            hint="pip install 'wifirelay[tui]', or add --plain",
        ) from None
    console = Console(highlight=False, markup=False, emoji=False)
    ascii_only = not console.encoding.lower().startswith("utf")
    end = None if seconds is None else clock.monotonic() + seconds
    with _keys() as keys, console.screen(hide_cursor=True) as shown, watching:
        while end is None or clock.monotonic() < end:
            console.size = size = _size(console.size)
            picture = watching.picture()
            lines = screen(picture, size.width, size.height, ascii_only=ascii_only)
            shown.update(Group(*lines))
            tick = _TICK if end is None else min(_TICK, end - clock.monotonic())
            ready = readable(max(tick, 0.0), watching.fd, keys)
            watching.clear()
            if keys is not None and keys in ready:
                pressed = os.read(keys, 64).lower()
                if not pressed:  # the terminal has gone
                    return
                if pressed.startswith(b"\x1b"):  # an arrow, say: letters in it are no keys
                    continue
                if b"q" in pressed:
                    return
                if b"r" in pressed:
                    watching.rescan()


def _size(otherwise: "ConsoleDimensions") -> "ConsoleDimensions":
    """The terminal's own size now: rich believes COLUMNS and LINES, which stay as they were."""
    from rich.console import ConsoleDimensions

    try:
        found = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        return otherwise
    return ConsoleDimensions(*found) if all(found) else otherwise  # a serial line tells 0


@contextmanager
def _keys() -> Iterator[int | None]:
    """Standard input's descriptor, giving each key at once; None when it is no terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        yield None
        return
    keys = sys.stdin.fileno()
    before = termios.tcgetattr(keys)
    try:
        tty.setcbreak(keys)
        now = termios.tcgetattr(keys)
        # A program that Ctrl-Z stops would leave the terminal in its other screen.
        now[6][termios.VSUSP] = b"\0"
        termios.tcsetattr(keys, termios.TCSANOW, now)
        yield keys
    finally:
        termios.tcsetattr(keys, termios.TCSAFLUSH, before)
