# SPDX-License-Identifier: GPL-2.0-or-later
"""A model of wpa_supplicant: one station that looks for its network and joins it.

Knows the air, the section's options and the log. What follows from its state (the own
access points of the radio, the lease) belongs to whoever listens.
"""

from dataclasses import dataclass
from typing import Protocol

from wifirelay.sim.air import AccessPoint, Air
from wifirelay.sim.radio import Radio
from wifirelay.sim.syslog import Log, ssid_text
from wifirelay.sim.timeline import Plan, Plans, Timeline
from wifirelay.sim.timings import Timings
from wifirelay.values import Security

Options = dict[str, str | list[str]]

SCANNING = "SCANNING"
AUTHENTICATING = "AUTHENTICATING"
HANDSHAKE = "4WAY_HANDSHAKE"
COMPLETED = "COMPLETED"

# wpa_supplicant's wpas_auth_failed: seconds a network is left alone after n failures
_LEFT_ALONE = ((50, 300), (10, 120), (5, 90), (3, 60), (2, 30), (1, 20), (0, 10))

_FITS = {
    "none": {Security.OPEN},
    "owe": {Security.OWE, Security.OPEN},  # wpa_supplicant without `owe_only`
    "psk": {Security.WPA1, Security.PSK2, Security.SAE_MIXED},
    "psk2": {Security.PSK2, Security.SAE_MIXED},
    "sae": {Security.SAE, Security.SAE_MIXED},
    "sae-mixed": {Security.PSK2, Security.SAE_MIXED, Security.SAE},
    "wpa2": {Security.WPA2_EAP},
    "wpa3": {Security.WPA3_EAP},
}


def text_option(options: Options, name: str) -> str:
    value = options.get(name, "")
    return value if isinstance(value, str) else " ".join(value)


class Listener(Protocol):
    """Who lives with a station's state."""

    def searching(self) -> None:
        """The station has no link: own access points on its radio go off the air."""

    def link_up(self, point: AccessPoint) -> None:
        """Associated, which says nothing of the key."""

    def link_down(self) -> None: ...

    def completed(self, point: AccessPoint, ap_delay: float, lease_delay: float) -> None:
        """The key was right: the link carries traffic."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the steps of one join take, in seconds."""

    found: float  # from the scan to the association
    ap: float  # from the association to the own access point's return
    lease: float  # from the association to the lease


class Station:
    """One station interface."""

    def __init__(
        self,
        radio: Radio,
        section: str,
        ifname: str,
        options: Options,
        *,
        air: Air,
        log: Log,
        timeline: Timeline,
        timings: Timings,
        listener: Listener,
    ) -> None:
        self.radio, self.section, self.ifname, self.options = radio, section, ifname, options
        self._air, self._log, self._timings = air, log, timings
        self._timeline, self._listener = timeline, listener
        self._plans = Plans(timeline)
        self._loss: Plan | None = None
        self.state = SCANNING
        self.point: AccessPoint | None = None  # associated with this one
        self.associated_at = 0.0
        self.failures = 0
        self.valid = valid_key(options)
        self._pace = self._later()

    @property
    def ssid(self) -> bytes:
        return text_option(self.options, "ssid").encode("utf-8", "surrogateescape")

    @property
    def mac(self) -> str:
        """The address that it shows, in upper case."""
        return text_option(self.options, "macaddr").upper() or self.radio.station_mac.upper()

    @property
    def completed(self) -> bool:
        return self.state == COMPLETED

    def start(self, pace: Pace) -> None:
        """Begin to scan now."""
        self._pace = pace
        if not self.valid:
            self._say("Line 12: Invalid passphrase length or character", prefix=False)
            self._say(f"Failed to read or parse configuration '{self.ifname}.conf'.", prefix=False)
            self._listener.searching()
            return
        self._scan()

    def stop(self) -> None:
        """The interface is taken away."""
        self._plans.call_off()
        self._forget_loss()
        if self.point is not None:
            self.point = None
            self._listener.link_down()

    def heard_change(self, point: AccessPoint, *, on: bool) -> None:
        """An access point appeared or vanished."""
        if self.point is None or point.bssid != self.point.bssid:
            return
        self._forget_loss()
        if not on:
            self._loss = self._plans.at(self._timings.upstream_lost, self._lost)

    def candidates(self) -> list[AccessPoint]:
        """Access points that this configuration may join, strongest first."""
        bssid = text_option(self.options, "bssid").upper()
        denied = text_option(self.options, "bssid_blacklist").upper().split()
        encryption = text_option(self.options, "encryption").split("+")[0] or "none"
        fits = _FITS.get(encryption, set())
        return [
            point
            for point in self._air.heard(self.radio.hears)
            if point.ssid == self.ssid
            and (not bssid or point.bssid == bssid)
            and point.bssid not in denied
            and point.security in fits
            and self.radio.channel(point.band, point.channel) is not None
        ]

    def _later(self) -> Pace:
        times = self._timings
        return Pace(times.join_found, times.ap_follows_reconnect, times.lease)

    def _scan(self) -> None:
        self.state = SCANNING
        self._listener.searching()
        if found := self.candidates():
            self._plans.at(self._pace.found, lambda: self._associate(found[0]))
        else:
            self._plans.at(self._timings.rescan, self._scan)

    def _associate(self, point: AccessPoint) -> None:
        if not self._air.is_on(point):
            self._scan()
            return
        bssid, name = point.bssid.lower(), ssid_text(self.ssid)
        self._say(f"SME: Trying to authenticate with {bssid} (SSID='{name}' freq={point.mhz} MHz)")
        if not self._key_fits(point) and self._uses_sae(point):
            self.state = AUTHENTICATING
            self._plans.at(self._timings.sae_rejected, lambda: self._rejected("CONN_FAILED"))
            return
        self._say(f"Trying to associate with {bssid} (SSID='{name}' freq={point.mhz} MHz)")
        self._say(f"Associated with {bssid}")
        self._say("CTRL-EVENT-SUBNET-STATUS-UPDATE status=0")
        self.point, self.associated_at = point, self._timeline.now
        if self._key_fits(point):
            self._complete(point)
            return
        self.state = HANDSHAKE
        self._listener.link_up(point)
        enterprise = point.security in (Security.WPA2_EAP, Security.WPA3_EAP)
        reason = "AUTH_FAILED" if enterprise else "WRONG_KEY"
        self._plans.at(self._timings.handshake, lambda: self._handshake_failed(point, reason))

    def _complete(self, point: AccessPoint) -> None:
        self.state = COMPLETED
        self.failures = 0
        self._say(
            f"CTRL-EVENT-CONNECTED - Connection to {point.bssid.lower()} completed [id=0 id_str=]"
        )
        self._listener.link_up(point)
        self._listener.completed(point, self._pace.ap, self._pace.lease)
        self._pace = self._later()

    def _handshake_failed(self, point: AccessPoint, reason: str) -> None:
        self._disconnect(point, 15)
        if reason == "WRONG_KEY":
            self._say("WPA: 4-Way Handshake failed - pre-shared key may be incorrect")
        self._rejected(reason)

    def _rejected(self, reason: str) -> None:
        self.failures += 1
        pause = next(seconds for over, seconds in _LEFT_ALONE if self.failures > over)
        name = ssid_text(self.ssid)
        self._say(
            f'CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="{name}" '
            f"auth_failures={self.failures} duration={pause} reason={reason}"
        )
        self.state = SCANNING
        self._listener.searching()
        self._plans.at(pause, self._allowed_again)

    def _allowed_again(self) -> None:
        self._say(f'CTRL-EVENT-SSID-REENABLED id=0 ssid="{ssid_text(self.ssid)}"')
        self._scan()

    def _lost(self) -> None:
        if self.point is not None:
            self._plans.call_off()
            self._disconnect(self.point, 4)
            self._scan()

    def _disconnect(self, point: AccessPoint, reason: int) -> None:
        self.point = None
        self._forget_loss()
        self._listener.link_down()
        self._say(f"CTRL-EVENT-DISCONNECTED bssid={point.bssid.lower()} reason={reason}")

    def _forget_loss(self) -> None:
        if self._loss is not None:
            self._loss.call_off()
            self._loss = None

    def _uses_sae(self, point: AccessPoint) -> bool:
        encryption = text_option(self.options, "encryption")
        return point.security is Security.SAE or (
            point.security is Security.SAE_MIXED and encryption.startswith("sae")
        )

    def _key_fits(self, point: AccessPoint) -> bool:
        if point.security in (Security.OPEN, Security.OWE):
            return True
        enterprise = point.security in (Security.WPA2_EAP, Security.WPA3_EAP)
        return text_option(self.options, "password" if enterprise else "key") == (point.key or "")

    def _say(self, text: str, *, prefix: bool = True) -> None:
        self._log.write(
            "daemon.notice wpa_supplicant[694]", f"{self.ifname}: {text}" if prefix else text
        )


def valid_key(options: Options) -> bool:
    """Whether wpa_supplicant takes the section's key: 8 to 63 bytes, or 64 hex digits."""
    encryption = text_option(options, "encryption").split("+")[0]
    if encryption not in ("psk", "psk2", "psk-mixed", "sae-mixed"):
        return True
    key = text_option(options, "key").encode("utf-8", "surrogateescape")
    if len(key) == 64:
        return all(byte in b"0123456789abcdefABCDEF" for byte in key)
    return 8 <= len(key) <= 63 and b"\n" not in key
