# SPDX-License-Identifier: GPL-2.0-or-later
"""Services that every OpenWrt has, simulated: what their init scripts' actions do."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wifirelay.sim.captive import TLS
from wifirelay.sim.configs import release_text
from wifirelay.sim.files import Root
from wifirelay.sim.procd import Builtin, Procd
from wifirelay.sim.rc import InitScripts

if TYPE_CHECKING:
    from wifirelay.sim.router import SimRouter

_STARTS = {"rpcd": 12, "firewall": 19, "network": 20, "odhcpd": 35}
_SUPPLICANT_UC = "/usr/share/ucode/wifi/supplicant.uc"


def write_flash(root: Root, configs: Mapping[str, str], release: str) -> None:
    """What a router is delivered with: configurations, its release, those init scripts."""
    for name, text in configs.items():
        root.write(f"/etc/config/{name}", text)
    root.write("/etc/openwrt_release", release_text(release))
    for path in TLS:
        root.write(path, "TLS\n")
    if release >= "25.12":  # its wireless scripts are ucode; this line quotes every PSK
        root.write(_SUPPLICANT_UC, 'config.psk = `"${config.key}"`;\n')
    for name, number in _STARTS.items():
        install_service(root, name, number)


def install_service(root: Root, name: str, number: int) -> None:
    """The init script of one that is simulated, enabled, as its package leaves it."""
    root.write(
        f"/etc/init.d/{name}",
        f"#!/bin/sh /etc/rc.common\nSTART={number}\nUSE_PROCD=1\nstart_service() {{ :; }}\n",
        0o755,
    )
    root.link(f"/etc/rc.d/S{number}{name}", f"../init.d/{name}")


def make_procd(router: "SimRouter") -> Procd:
    """The router's procd, with those services that are simulated."""
    made = Procd(
        router.root,
        router.shell,
        scripts=InitScripts(router.root, router.shell, router.folders),
        timeline=router.timeline,
        sentry=router.sentry,
        log=router.log,
        lock=router.lock,
        chores=router.chores,
        real=lambda: router.speed is not None,
    )
    made.builtin = _builtins(router)
    return made


def _builtins(router: "SimRouter") -> dict[str, Builtin]:
    """What each does for an action. Not to be called with the router's lock."""

    def network(action: str) -> None:
        if action in ("reload", "restart"):
            with router.lock:
                router.netifd.reload()

    def rpcd(action: str) -> None:
        if action in ("boot", "start", "reload", "restart"):
            router.plugins.look()

    def dnsmasq(action: str) -> None:
        if action in ("boot", "start", "reload", "restart"):
            router.names.start()

    def reads(package: str) -> Builtin:
        """One that reads its configuration when it starts or is told to."""

        def act(action: str) -> None:
            if action in ("boot", "start", "reload", "restart"):
                with router.lock:
                    router.clients.read(package)

        return act

    return {
        "network": network,
        "rpcd": rpcd,
        "firewall": reads("firewall"),
        "dnsmasq": dnsmasq,
        "odhcpd": reads("dhcp"),
        "relayd": reads("network"),
    }
