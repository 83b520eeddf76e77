# SPDX-License-Identifier: GPL-2.0-or-later
"""netifd: reads the configuration, staged edits included, and drives radios and interfaces.

Also counts how long each own access point was off the air: what the first promise is
about, and what no ubus answer of a real router tells.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from wifirelay.sim.air import AccessPoint, Air
from wifirelay.sim.blobmsg import Json, Pairs
from wifirelay.sim.bridge import LAN
from wifirelay.sim.interfaces import Interfaces
from wifirelay.sim.radio import Radio
from wifirelay.sim.station import Options, text_option
from wifirelay.sim.syslog import Log
from wifirelay.sim.timeline import Timeline
from wifirelay.sim.timings import Timings
from wifirelay.sim.tunnel import PROTO, peers
from wifirelay.sim.uci import UciError, UciFolders, load
from wifirelay.sim.wireless import Iface, Wireless


@dataclass(slots=True)
class Outage:
    """How long an own access point was off the air, in seconds of the simulation."""

    on: bool = False
    since: float = 0.0  # when `on` last changed
    total: float = 0.0  # of outages that have ended
    ever: bool = field(default=False)

    def seconds(self, now: float) -> float:
        return self.total + (0.0 if self.on or not self.ever else now - self.since)


class Netifd:
    """All radios and logical interfaces of one router."""

    def __init__(
        self,
        radios: tuple[Radio, ...],
        *,
        air: Air,
        log: Log,
        timeline: Timeline,
        timings: Timings,
        interfaces: Interfaces,
        folders: Callable[[], UciFolders],
    ) -> None:
        self.interfaces = interfaces
        self.radios = {
            radio.name: Wireless(
                radio,
                air=air,
                log=log,
                timeline=timeline,
                timings=timings,
                network=self,
            )
            for radio in radios
        }
        self.running = False
        self.outages: dict[str, Outage] = {}
        self._timeline, self._timings, self._folders = timeline, timings, folders
        air.watchers.append(self._heard)

    def boot(self) -> None:
        """Read the configuration for the first time after power on."""
        self.running = True
        self._load_interfaces()
        for wireless, options, wanted in self._wireless_config():
            wireless.boot(options, wanted)

    def reload(self, *, force: bool = False) -> None:
        """`ubus call network reload`: read again, set up what changed."""
        if not self.running:
            return
        self._load_interfaces()
        for wireless, options, wanted in self._wireless_config():
            wireless.load(options, wanted, force=force)

    def stop(self) -> None:
        """Power is gone."""
        self.running = False
        for wireless in self.radios.values():
            wireless.stop()
        self.interfaces.stop()

    def wireless_status(self) -> dict[str, Json]:
        """What `network.wireless status` answers; it never tells what is on the air."""
        return {
            name: {
                "up": not wireless.disabled and not wireless.busy,
                "pending": not wireless.disabled and wireless.busy,
                "autostart": True,
                "disabled": wireless.disabled,
                "retry_setup_failed": False,
                "config": _device_config(wireless.options),
                "interfaces": [_vif(wireless, iface) for iface in wireless.wanted],
            }
            for name, wireless in self.radios.items()
            if wireless.options
        }

    def joined(self, ifname: str) -> AccessPoint | None:
        """What the station of this interface is associated with."""
        found = (wireless.station for wireless in self.radios.values())
        return next((each.point for each in found if each and each.ifname == ifname), None)

    # What radios tell

    def link_up(self, network: str, ifname: str) -> None:
        self.interfaces.link_up(network, ifname)

    def link_down(self, network: str, ifname: str) -> None:
        self.interfaces.bridge.left(ifname)
        self.interfaces.link_down(network, ifname)

    def added(self, network: str, ifname: str) -> None:
        self.interfaces.added(network, ifname)

    def removed(self, network: str, ifname: str) -> None:
        self.interfaces.removed(network, ifname)

    def lease(self, network: str, ifname: str, point: AccessPoint, delay: float) -> None:
        if network == LAN:
            self.interfaces.bridge.joined(ifname, point)
        self.interfaces.coming(network, ifname, point, delay)

    def on_air(self, section: str, *, on: bool) -> None:
        outage = self.outages.setdefault(section, Outage())
        now = self._timeline.now
        if on and outage.ever and not outage.on:
            outage.total += now - outage.since
        outage.on, outage.since = on, now
        outage.ever = outage.ever or on

    def _heard(self, point: AccessPoint, on: bool) -> None:
        for wireless in self.radios.values():
            wireless.heard_change(point, on=on)

    def _load(self, package: str) -> dict[str, tuple[str, Options]]:
        """Type and options of each section; a file that cannot be read has none."""
        try:
            loaded = load(package, self._folders())
        except UciError:
            return {}
        return {s.name: (s.type, dict(s.options)) for s in loaded.sections}

    def _load_interfaces(self) -> None:
        sections = self._load("network")
        wanted = {
            name: options
            for name, (kind, options) in sections.items()
            if kind == "interface"
            and not (
                text_option(options, "proto") == PROTO and text_option(options, "disabled") == "1"
            )
        }
        self.interfaces.load(wanted, {name: peers(name, sections) for name in wanted})
        for wireless in self.radios.values():  # an interface that is new to a link that is old
            if (station := wireless.station) is not None:
                network = text_option(station.options, "network")
                known = self.interfaces.all.get(network)
                if known is None or known.device is not None:
                    continue
                self.interfaces.added(network, station.ifname)
                if station.point is not None and station.completed:
                    self.interfaces.link_up(network, station.ifname)
                    self.lease(network, station.ifname, station.point, self._timings.lease)

    def _wireless_config(self) -> list[tuple[Wireless, Options, list[Iface]]]:
        sections = self._load("wireless")
        out = []
        for name, wireless in self.radios.items():
            kind, options = sections.get(name, ("", {}))
            wanted = [
                Iface(section, iface)
                for section, (what, iface) in sections.items()
                if what == "wifi-iface"
                and text_option(iface, "device") == name
                and text_option(iface, "disabled") != "1"
            ]
            out.append((wireless, options, wanted if kind == "wifi-device" else []))
        return out


_ORDER = ("path", "band", "channel", "htmode", "country")
_HIDDEN = ("type", "disabled", "device", "network", "mode")


def _device_config(options: Options) -> dict[str, Json]:
    known = {name: options[name] for name in _ORDER if name in options}
    rest = {k: v for k, v in options.items() if k not in known and k not in _HIDDEN}
    return {**known, **rest, "disabled": text_option(options, "disabled") == "1"}


def _vif(wireless: Wireless, iface: Iface) -> dict[str, Json]:
    """One interface; its config says "mode" twice (OpenWrt 24.10 lab)."""
    options = iface.options
    network = options.get("network", [])
    pairs: list[tuple[str, Json]] = [("mode", iface.mode)]
    pairs += [(k, v) for k, v in options.items() if k not in _HIDDEN]
    pairs.append(("network", network.split() if isinstance(network, str) else network))
    pairs.append(("mode", iface.mode))
    if "disabled" in options:
        pairs.append(("disabled", False))
    out: dict[str, Json] = {"section": iface.section}
    if ifname := wireless.ifname(iface.section):
        out["ifname"] = ifname
    return out | {"config": Pairs(pairs), "vlans": [], "stations": []}
