# SPDX-License-Identifier: GPL-2.0-or-later
"""Picks the transport for a target. The only place that knows them all."""

import os
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from wifirelay.clock import Clock, SystemClock
from wifirelay.config.model import Settings
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import UsageError
from wifirelay.rooted import rooted
from wifirelay.transport.base import Transport
from wifirelay.transport.target import Kind, Target, parse_target


@dataclass(frozen=True)
class Opened:
    """A router that can be talked to. `dry` when nothing that is done to it lasts."""

    target: Target
    transport: Transport
    clock: Clock
    close: Callable[[], None]
    known: tuple[KnownNetwork, ...] = ()  # a simulated world's own
    relay: Mapping[str, Any] = field(default_factory=dict)  # ... and what of `Relay` it is for

    @property
    def dry(self) -> bool:
        return self.target.kind is Kind.RECORDING


def open_target(text: str | None, settings: Settings, withheld: Collection[str] = ()) -> Opened:
    """Open the router that `text` names, or find it when there is no text.

    `withheld`: variables of the environment that programs started here do not get.
    """
    target = parse_target(text) if text is not None else find_target()
    if target.kind is Kind.LOCAL:
        from wifirelay.transport.local import LocalTransport

        transport: Transport = LocalTransport(withheld=withheld)
        return Opened(target, transport, SystemClock(), transport.close)
    if target.kind is Kind.RECORDING:
        from wifirelay.transport.recorded import RecordedTransport, load_recording

        transport = RecordedTransport(load_recording(target.path))
        return Opened(target, transport, SystemClock(), transport.close)
    if target.kind is Kind.SIM:
        return _simulated(target)
    from wifirelay.cli.open_ssh import open_ssh  # a router has it not

    return open_ssh(target, settings)


def is_router() -> bool:
    """Whether this machine is an OpenWrt router."""
    return os.path.exists(rooted("/etc/openwrt_release"))


def find_target() -> Target:
    """This machine when it is an OpenWrt router, else the default gateway."""
    if is_router():
        return parse_target("local")
    from wifirelay.cli.host import default_gateway

    gateway = default_gateway()
    if gateway is None:
        raise UsageError(
            "no router is named, and this machine has no default gateway to try",
            hint="name it: `wifirelay --router ssh://root@192.168.1.1 ...`, or try "
            "`--router sim:home`",
        )
    print(f"wifirelay: no router is named: trying the default gateway {gateway}", file=sys.stderr)
    return parse_target(f"ssh://root@{gateway}")


def _simulated(target: Target) -> Opened:
    from wifirelay.sim.transport import SimTransport
    from wifirelay.sim.worlds import make_world

    world = make_world(target.world)
    lan = world.router.interfaces.all["lan"].networks()
    transport = SimTransport(world.router, at=str(lan[0].ip))  # as a client of its own

    def close() -> None:
        transport.close()
        world.router.close()

    return Opened(target, transport, world.clock, close, world.known, world.relay)
