# SPDX-License-Identifier: GPL-2.0-or-later
"""A simulated router that lives while nobody asks it anything, too."""

from collections.abc import Iterator
from contextlib import contextmanager

from wifirelay.cli.context import Context
from wifirelay.transport.target import Kind


@contextmanager
def real_time(context: Context, speed: float = 1.0) -> Iterator[None]:
    """So many seconds of a simulated router a second; other targets have their own time."""
    opened = context.opened()
    if opened.target.kind is not Kind.SIM:
        yield
        return
    from wifirelay.sim.pace import Pacer
    from wifirelay.sim.transport import SimTransport

    if not isinstance(opened.transport, SimTransport):
        raise TypeError("a simulated target has another transport")
    router = opened.transport.router
    router.speed = speed
    pacer = Pacer(speed, lambda: router.now, router.advance)
    pacer.start()
    try:
        yield
    finally:
        pacer.stop()
