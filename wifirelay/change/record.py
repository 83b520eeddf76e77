# SPDX-License-Identifier: GPL-2.0-or-later
"""What a recording of a router holds: all that `scan`, `plan`, `status` and `doctor` ask, through
their own functions, and what helps to understand a report of somebody else's router.

Only reads; a command that fails on the router is an answer like any other.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress

from wifirelay.change.scripts import read_script
from wifirelay.change.status import read_status
from wifirelay.errors import RouterAnswer
from wifirelay.router.log import LINES
from wifirelay.router.observe import listen, observe
from wifirelay.router.programs import FEATURES, RAW_PSK, ability
from wifirelay.router.ubus import call
from wifirelay.transport.base import SCAN, Command, Transport

CONFIGS = ("wireless", "network", "firewall", "dhcp")
BATCH = 12  # commands in a round trip: a slow router's answers shall not add up to minutes


def record_all(transport: Transport, doing: Callable[[str], None]) -> tuple[str, ...]:
    """Ask everything through `transport`, which notes it. Returns the radios.

    Raises RouterAnswer where not even the radios can be had, after having asked all the same.
    """
    radios: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    failure: RouterAnswer | None = None
    doing("asking the router")
    try:
        router = observe(transport)
        radios = tuple(section.name for section in router.wireless.of_kind("wifi-device"))
        names = tuple(each.ifname for each in router.status.interfaces if each.ifname is not None)
        enabled = [each.name for each in router.wireless.of_kind("wifi-device") if each.enabled]
        doing(f"scanning with {', '.join(enabled) or 'no radio'}")
        listen(transport, router, enabled)
    except RouterAnswer as error:
        failure = error
    doing("asking for its status")
    with suppress(RouterAnswer):
        read_status(transport, probing=False)
    doing("asking for the rest")
    _ask(transport, general_commands())
    _ask(transport, (each for name in (*radios, *names) for each in device_commands(name)))
    phys = sorted({found[0] for name in names if (found := re.match(r"phy\d+", name))})
    _ask(transport, (call("wpa_supplicant", "phy_status", {"phy": phy}) for phy in phys))
    doing("scanning once more")
    for name in (*names, *radios):
        transport.run(call("iwinfo", "scan", {"device": name}, limit=SCAN))
    if failure is not None and not radios:
        raise failure
    return radios


def general_commands() -> list[Command]:
    """The router as a whole."""
    uci = [("uci", word, name) for name in CONFIGS for word in ("show", "export")]
    return [
        call("system", "board"),
        call("system", "info"),
        Command(("cat", "/etc/openwrt_release")),
        Command(("ubus", "list")),
        *(call("uci", "get", {"config": name}) for name in CONFIGS),
        *(Command(argv) for argv in uci),
        Command(("uci", "changes")),
        call("uci", "changes", {}),
        call("network.wireless", "status"),
        call("network.interface", "dump"),
        call("network", "get_proto_handlers"),
        call("network.device", "status"),
        call("iwinfo", "devices"),
        call("rc", "list", {}),
        Command(("iw", "dev")),
        Command(("iw", "phy")),
        *(ability(name).command for name in (*FEATURES, RAW_PSK)),
        read_script("captive"),  # it only looks, and asks nobody
        Command(("wifi", "status")),
        Command(("ip", "-4", "route")),
        Command(("ip", "-4", "addr")),
        Command(("cat", "/tmp/resolv.conf.d/resolv.conf.auto")),  # noqa: S108 - on the router
        Command(("logread", "-l", str(LINES))),
        Command(("df", "-k", "/overlay")),
        Command(("free",)),
        Command(("uptime",)),
    ]


def device_commands(name: str) -> list[Command]:
    """One radio, or one of its interfaces."""
    return [
        call("iwinfo", method, {"device": name}) for method in ("info", "assoclist", "freqlist")
    ]


def _ask(transport: Transport, commands: Iterable[Command]) -> None:
    waiting = list(commands)
    while waiting:
        transport.run_all(waiting[:BATCH])
        del waiting[:BATCH]
