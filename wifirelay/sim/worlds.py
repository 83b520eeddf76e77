# SPDX-License-Identifier: GPL-2.0-or-later
"""Ready-made worlds: a router, its neighbourhood, and the networks that its owner knows.

`make_world(name, seed)` always gives the same world for the same arguments. Addresses
are private, MACs locally administered, keys made up.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from wifirelay.change.files import sentry_files
from wifirelay.core.known import KnownNetwork, Vpn
from wifirelay.errors import UsageError
from wifirelay.sim import neighbourhoods
from wifirelay.sim.air import Air
from wifirelay.sim.configs import texts
from wifirelay.sim.neighbourhood_ipv6 import sixonly
from wifirelay.sim.neighbourhood_kinds import kinds
from wifirelay.sim.neighbourhood_places import journey, twin
from wifirelay.sim.neighbourhood_train import train
from wifirelay.sim.neighbourhood_wds import farm
from wifirelay.sim.neighbourhoods import Neighbourhood
from wifirelay.sim.procd import SENTRY
from wifirelay.sim.router import PYTHON, SimRouter
from wifirelay.sim.timeline import VirtualClock
from wifirelay.sim.timings import LAB, Timings

VPN, WDS = "vpn", "wds"
SIXONLY = "sixonly"
WORLDS: dict[str, Callable[[int], Neighbourhood]] = {
    "home": neighbourhoods.home,
    "hotel": neighbourhoods.hotel,
    "road": neighbourhoods.road,
    "hostile": neighbourhoods.hostile,
    "broken": neighbourhoods.broken,
    "kinds": kinds,
    "camp": neighbourhoods.camp,
    "train": train,
    "twin": twin,
    "journey": journey,
    WDS: farm,
    SIXONLY: sixonly,  # with the package 464xlat on the router
    VPN: lambda seed: replace(  # with a WireGuard on the router
        neighbourhoods.home(seed),
        description="as home, and the router has a WireGuard, wg0",
        relay={"vpn": Vpn("wg0")},
    ),
}


@dataclass(slots=True)
class World:
    """A simulated router where its owner lives. Close it."""

    name: str
    description: str
    router: SimRouter
    air: Air
    known: tuple[KnownNetwork, ...]
    relay: Mapping[str, Any]  # its owner's: what of `Relay` is not as without a configuration
    clock: VirtualClock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.router)

    def close(self) -> None:
        self.router.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def make_world(
    name: str,
    seed: int = 0,
    *,
    set_up: bool = True,
    sentry: bool = True,
    radio1: bool = True,
    wired: bool = False,
    timings: Timings = LAB,
    speed: float | None = None,
    release: str = "24.10.2",
    boot: bool = True,
    python: str | None = PYTHON,
    vpn: bool = False,
    xlat: bool | None = None,
) -> World:
    """A world by name, booted, with everything on the air that should be.

    `set_up`: as `wifirelay setup` leaves a router; `sentry`: with the sentry installed.
    `speed`: real time, so many router seconds a second; otherwise time is virtual.
    `python`: None for a router without python3-light. `vpn`: with a WireGuard, wg0, that is down.
    `xlat`: with the package 464xlat; None: as the world has it.
    """
    if name not in WORLDS:
        raise UsageError(f"no world {name!r}", hint=f"one of: {', '.join(sorted(WORLDS))}")
    around = WORLDS[name](seed)
    return build_world(
        around,
        name=name,
        vpn=vpn or name == VPN,
        wds=name == WDS,
        xlat=name == SIXONLY if xlat is None else xlat,
        seed=seed,
        set_up=set_up,
        sentry=sentry,
        radio1=radio1,
        wired=wired,
        timings=timings,
        speed=speed,
        release=release,
        boot=boot,
        python=python,
    )


def build_world(
    around: Neighbourhood,
    *,
    name: str = "custom",
    seed: int = 0,
    set_up: bool = True,
    sentry: bool = True,
    radio1: bool = True,
    wired: bool = False,
    timings: Timings = LAB,
    speed: float | None = None,
    release: str = "24.10.2",
    boot: bool = True,
    python: str | None = PYTHON,
    vpn: bool = False,
    wds: bool = False,
    xlat: bool = False,
) -> World:
    """The same for any neighbourhood. `wds`: set up with its station in the own bridge."""
    air = Air(list(around.points), seed)
    router = SimRouter(
        air,
        texts(set_up=set_up, radio1=radio1, wired=wired, vpn=vpn, wds=wds, six=xlat),
        timings=timings,
        wired=wired,
        speed=speed,
        release=release,
        python=python,
    )
    router.interfaces.translation.installed = xlat
    try:
        if set_up and sentry:
            install_sentry(router)
        router.look()
        if boot:
            router.power_on()
            if speed is None:
                router.advance(30.0)
        for point in around.points:
            for moment, on in point.schedule:
                change = air.switch_on if on else air.switch_off
                router.at(moment, lambda c=change, b=point.bssid: c(b))  # type: ignore[misc]
        router.flash_writes.clear()
        router.argvs.clear()
        router.processes.clear()
    except BaseException:
        router.close()
        raise
    return World(name, around.description, router, air, around.known, around.relay)


def install_sentry(router: SimRouter) -> None:
    """Put the sentry on the router's flash and enable it, as `setup` does."""
    folder = router_files()
    for file, target, mode in (
        (SENTRY, f"/usr/sbin/{SENTRY}", 0o755),
        (f"{SENTRY}.init", f"/etc/init.d/{SENTRY}", 0o755),
        ("wifirelay.udhcpc", "/etc/udhcpc.user.d/wifirelay", 0o644),
    ):
        with open(os.path.join(folder, file), encoding="utf-8") as source:
            router.root.write(target, source.read(), mode)
    keep = next(each for each in sentry_files() if "/keep.d/" in each.path)
    router.root.write(keep.path, keep.content.decode(), int(keep.mode, 8))
    router.procd.init(SENTRY, "enable")


def router_files() -> str:
    """The folder of the files for routers: in the package, or beside it in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = os.path.join(package, "onrouter")
    beside = os.path.join(os.path.dirname(package), "openwrt", "files")
    for folder in (inside, beside):
        if os.path.exists(os.path.join(folder, SENTRY)):
            return folder
    raise UsageError(
        "the sentry's files are neither in the package nor beside it",
        hint="install wifirelay anew",
    )
