# SPDX-License-Identifier: GPL-2.0-or-later
"""One radio as netifd, hostapd and wpa_supplicant run it together.

Own access points share the radio's one channel with the station: they are off the air
while it searches, and follow it when it has joined. Times are those of `Timings`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from wifirelay.sim.air import AccessPoint, Air
from wifirelay.sim.bridge import refused
from wifirelay.sim.radio import Channel, Radio
from wifirelay.sim.station import Options, Pace, Station, text_option
from wifirelay.sim.syslog import Log
from wifirelay.sim.timeline import Plan, Plans, Timeline
from wifirelay.sim.timings import Timings
from wifirelay.values import Band


@dataclass(frozen=True, slots=True)
class Iface:
    """A `wifi-iface` section that is enabled, as loaded."""

    section: str
    options: Options

    @property
    def mode(self) -> str:
        return text_option(self.options, "mode")


@dataclass(slots=True)
class OwnAp:
    """One of the router's own access points, with its network interface."""

    iface: Iface
    ifname: str
    channel: Channel
    on_air: bool = False


class Network(Protocol):
    """What a radio tells netifd's logical interfaces, and who counts outages."""

    def link_up(self, network: str, ifname: str) -> None: ...

    def link_down(self, network: str, ifname: str) -> None: ...

    def removed(self, network: str, ifname: str) -> None: ...

    def added(self, network: str, ifname: str) -> None: ...

    def lease(self, network: str, ifname: str, point: AccessPoint, delay: float) -> None: ...

    def on_air(self, section: str, *, on: bool) -> None: ...


class Wireless:
    """One `wifi-device`."""

    def __init__(
        self,
        radio: Radio,
        *,
        air: Air,
        log: Log,
        timeline: Timeline,
        timings: Timings,
        network: Network,
    ) -> None:
        self.radio = radio
        self._air, self._log, self._timeline = air, log, timeline
        self._timings, self._network = timings, network
        self._plans = Plans(timeline)
        self._returns: list[Plan] = []
        self.options: Options = {}
        self.wanted: list[Iface] = []
        self.aps: list[OwnAp] = []
        self.station: Station | None = None
        self.busy_until = 0.0

    @property
    def disabled(self) -> bool:
        return text_option(self.options, "disabled") == "1"

    @property
    def busy(self) -> bool:
        """Whether a reconfiguration has not run its course."""
        return self._timeline.now < self.busy_until

    @property
    def searching(self) -> bool:
        return self.station is not None and not self.station.completed

    def ifname(self, section: str) -> str | None:
        """The network interface of a section, once it exists."""
        for ap in self.aps:
            if ap.iface.section == section:
                return ap.ifname
        if self.station is not None and self.station.section == section:
            return self.station.ifname
        return None

    def load(self, options: Options, wanted: list[Iface], *, force: bool = False) -> None:
        """Take a configuration; what differs from the last one is set up anew."""
        wanted = [] if text_option(options, "disabled") == "1" else wanted
        changed = options != self.options or wanted != self.wanted or force
        if not changed and not self.busy:
            return
        extra = self._timings.second_reload if self.busy else 0.0
        all_new = (
            options != self.options
            or force
            or self._of(wanted, "ap") != self._of(self.wanted, "ap")
        )
        self.options, self.wanted = options, wanted
        self._plans.call_off()
        self._reconfigure(extra, all_new=all_new)

    def boot(self, options: Options, wanted: list[Iface]) -> None:
        """Set up for the first time after power on, now."""
        self.options = options
        self.wanted = [] if text_option(options, "disabled") == "1" else wanted
        self._create_aps()
        if self._of(self.wanted, "sta"):
            self._start_station(self._timings.join_found, self._timings.join_lease)
        else:
            self._plans.at(self._timings.boot_ap_on, self._aps_on)
            self.busy_until = self._timeline.now + self._timings.boot_ap_on

    def stop(self) -> None:
        """Power is gone."""
        self._plans.call_off()
        self._stop_station()
        self._remove_aps()

    def heard_change(self, point: AccessPoint, *, on: bool) -> None:
        if self.station is not None:
            self.station.heard_change(point, on=on)

    def _of(self, ifaces: list[Iface], mode: str) -> list[Iface]:
        return [iface for iface in ifaces if iface.mode == mode]

    def _reconfigure(self, extra: float, *, all_new: bool) -> None:
        times = self._timings
        steps: list[tuple[float, Callable[[], None]]]
        wants = bool(self._of(self.wanted, "sta"))
        if not wants:
            steps = [
                (times.back_station_removed, self._stop_station),
                (times.back_ap_off, self._remove_aps),
                (times.back_ap_on, self._create_aps),
                (times.back_ap_on, self._aps_on),
            ]
        elif self.station is None:
            steps = [
                (times.join_removed, self._remove_aps),
                (times.join_glimpse, self._create_aps),
                (times.join_glimpse, self._aps_on),
                (
                    times.join_scan,
                    lambda: self._start_station(times.join_found, times.join_lease),
                ),
            ]
        else:
            steps = [
                (times.switch_removed, self._stop_station),
                (
                    times.switch_scan,
                    lambda: self._start_station(
                        times.switch_found, times.switch_lease, switch=True
                    ),
                ),
                (times.switch_ap_off, self._aps_off_unless_joined),
            ]
            if all_new or not self.aps:
                steps.insert(1, (times.switch_removed, self._remove_aps))
                steps.insert(2, (times.switch_scan, self._create_aps))
        for delay, step in steps:
            self._plans.at(extra + delay, step)
        self.busy_until = self._timeline.now + extra + steps[-1][0]

    def _own_channel(self) -> Channel:
        band = Band(text_option(self.options, "band") or "2g")
        number = text_option(self.options, "channel")
        usable = [c for c in self.radio.channels if c.band is band and not c.disabled]
        for channel in usable:
            if str(channel.number) == number:
                return channel
        return usable[0] if usable else self.radio.channels[0]  # auto

    def _create_aps(self) -> None:
        channel = self._own_channel()
        if self.aps or self.disabled:
            return
        for index, iface in enumerate(self._of(self.wanted, "ap")):
            ifname = text_option(iface.options, "ifname") or f"{self.radio.phy}-ap{index}"
            self.aps.append(OwnAp(iface, ifname, channel))

    def _remove_aps(self) -> None:
        self._aps_off()
        self.aps.clear()

    def _aps_on(self, channel: Channel | None = None) -> None:
        """Let the own access points start: on their own channel, or the station's."""
        for ap in self.aps:
            ap.channel = channel or self._own_channel()
            if ap.channel.no_ir and not ap.channel.radar:
                continue  # may not start here, and nobody tries again
            if ap.channel.radar and not ap.on_air:
                self._later(self._timings.radar_wait, lambda ap=ap: self._set(ap, on=True))  # type: ignore[misc]
            else:
                self._set(ap, on=True)

    def _aps_off(self) -> None:
        for plan in self._returns:
            plan.call_off()
        self._returns.clear()
        for ap in self.aps:
            self._set(ap, on=False)

    def _aps_off_unless_joined(self) -> None:
        if self.station is not None and not self.station.completed:
            self._aps_off()

    def _set(self, ap: OwnAp, *, on: bool) -> None:
        if ap.on_air != on:
            ap.on_air = on
            self._network.on_air(ap.iface.section, on=on)

    def _later(self, delay: float, step: Callable[[], None]) -> None:
        self._returns.append(self._plans.at(delay, step))

    def _start_station(self, found: float, lease: float, *, switch: bool = False) -> None:
        times = self._timings
        iface = self._of(self.wanted, "sta")[0]
        ifname = text_option(iface.options, "ifname") or f"{self.radio.phy}-sta0"
        if why := refused(iface.options, able=self.radio.wds):
            self._log.write("daemon.notice netifd", f"{self.radio.name} (1710): {why}")
            return
        self.station = Station(
            self.radio,
            iface.section,
            ifname,
            iface.options,
            air=self._air,
            log=self._log,
            timeline=self._timeline,
            timings=times,
            listener=_Follower(self, gentle=switch),
        )
        self._network.added(self._upstream(), ifname)
        ap = times.ap_follows_switch if switch else times.ap_follows
        self.station.start(Pace(found, ap, lease))

    def _stop_station(self) -> None:
        if self.station is not None:
            self.station.stop()
            self._network.removed(self._upstream(), self.station.ifname)
            self.station = None

    def _upstream(self) -> str:
        return text_option(self.station.options, "network") if self.station else ""


class _Follower:
    """What a station's state does to its radio's access points and to its interface."""

    def __init__(self, wireless: Wireless, *, gentle: bool) -> None:
        self._wireless = wireless
        self._gentle = gentle  # a switch: the access point stays for a moment

    def searching(self) -> None:
        if not self._gentle:
            self._wireless._aps_off()
        self._gentle = False

    def link_up(self, point: AccessPoint) -> None:
        del point
        wireless = self._wireless
        if wireless.station is not None:
            wireless._network.link_up(wireless._upstream(), wireless.station.ifname)

    def link_down(self) -> None:
        wireless = self._wireless
        if wireless.station is not None:
            wireless._network.link_down(wireless._upstream(), wireless.station.ifname)

    def completed(self, point: AccessPoint, ap_delay: float, lease_delay: float) -> None:
        wireless = self._wireless
        channel = wireless.radio.channel(point.band, point.channel)
        wireless._later(ap_delay, lambda: wireless._aps_on(channel))
        if wireless.station is not None:
            station = wireless.station
            behind = point.behind(station.mac)
            wireless._network.lease(wireless._upstream(), station.ifname, behind, lease_delay)
