# SPDX-License-Identifier: GPL-2.0-or-later
"""What is against joining a BSS as a known network, in words for its owner. Pure.

What was remembered of it, and whether it may be an evil twin, is asked elsewhere (candidates.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wifirelay.core import feeds
from wifirelay.core.abilities import lacking
from wifirelay.core.known import WDS, KnownNetwork, Wanted
from wifirelay.router.channels import Channels
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.programs import Abilities
from wifirelay.router.scan import Bss
from wifirelay.values import Band, Security, Ssid, shown

# dBm from which a network is joined at all (Android's entry levels for 2.4, 5 and 6 GHz).
JOIN_LEVEL = {Band.GHZ2: -80, Band.GHZ5: -77, Band.GHZ6: -77}
# ... and below which even the one that works is not worth keeping (its exit levels).
DROP_LEVEL = {Band.GHZ2: -83, Band.GHZ5: -80, Band.GHZ6: -80}


@dataclass(frozen=True, slots=True)
class UsableRadio:
    """A radio that may be used, and what limits it."""

    name: str
    band: Band | None  # its configured band; None: no limit
    channels: Channels
    has_access_point: bool
    why_not: str | None = None  # a reason against all of its candidates
    abilities: Abilities = field(default_factory=dict)  # the router's
    uplink: str = ""  # the relay's interface; empty: the router's interfaces are not known
    interfaces: Mapping[str, LogicalInterface] = field(default_factory=dict)  # the router's
    vpn: str = ""  # that goes up over the uplink
    kind: str = ""  # the relay's kind, where clients are in the upstream's own network


def why_not(
    network: KnownNetwork,
    bss: Bss,
    radio: UsableRadio | None,
    *,
    is_current: bool,
    chosen: Ssid | None,
    lenient: int,
) -> str | None:
    """Why this BSS is not joined as this network; None: nothing is against it. `is_current`: it is
    what works now; the level to join at is `lenient` dB lower."""
    if chosen is not None and network.ssid != chosen:
        return f"{chosen} was asked for"
    if (reason := network.ssid.unjoinable()) is not None:
        return reason
    if bss.bssid is None:
        return "the router reported no proper BSSID for it"
    if bss.mode != "Master":
        return f"not an access point ({shown(bss.mode)})"
    if network.bssids and bss.bssid not in network.bssids:
        return "its BSSID is not one that the configuration lists for this network"
    if bss.bssid in network.not_bssids:
        return "its BSSID is one that the configuration lists under not_bssid"
    if (reason := _security(network, bss.security)) is not None:
        return reason
    if radio is None:
        return f"{bss.radio} is not one of the radios to use"
    if network.radios and bss.radio not in network.radios:
        return f"{bss.radio} is not a radio that the configuration lists for this network"
    if network.bands and bss.band is not None and bss.band not in network.bands:
        return f"it is on {bss.band}, which the configuration does not list for this network"
    asked = chosen is not None
    if (reason := lacking(network, bss.security, radio.abilities)) is not None:
        return reason
    # The address of the uplink of now works, whatever the configuration has become since.
    if not is_current and (reason := _address(network, radio)) is not None:
        return reason
    return _radio(radio, bss) or _signal(network, bss, is_current, asked=asked, lenient=lenient)


def why_not_blind(network: KnownNetwork, radio: UsableRadio) -> str | None:
    """The same for a hidden network that is not heard, on a radio that it allows."""
    return lacking(network, None, radio.abilities) or _address(network, radio)


def _address(network: KnownNetwork, radio: UsableRadio) -> str | None:
    if radio.kind == WDS and network.security is Wanted.AUTO and not network.protected:
        return (
            "anybody may be in it, and it would be one network with your own (relay.kind wds): "
            "`security: open` allows that, or `owe`"
        )
    return feeds.why_not(network, radio.uplink, radio.interfaces, radio.vpn, kind=radio.kind)


def _security(network: KnownNetwork, security: Security) -> str | None:
    if network.fits(security):
        return None
    if security is Security.OPEN and network.protected:
        return "open, but known as secured: possibly an evil twin"
    if security is Security.WEP:
        return (
            "WEP (or key management that the router cannot name): never joined; its owner should "
            "set it to WPA2 or WPA3"
        )
    if security is Security.WPA1:
        return "WPA1 alone: never joined, it can be broken; its owner should set it to WPA2 or WPA3"
    if security is Security.UNKNOWN:
        return "what the router says of its security makes no sense"
    if security is Security.OPEN and network.security is Wanted.OWE:
        return "open, and the configuration wants owe: never joined without encryption"
    if network.security is not Wanted.AUTO:
        return f"its security is {security}, the configuration wants {network.security}"
    if network.protected:
        return f"its security is {security}, which the known secret does not fit"
    return f"it needs a key ({security}), and none is known"


def _radio(radio: UsableRadio, bss: Bss) -> str | None:
    if radio.why_not is not None:
        return radio.why_not
    if bss.band is None or bss.channel <= 0:
        return "the router did not tell its channel"
    if radio.band is not None and bss.band is not radio.band:
        return f"it is on {bss.band}, {radio.name} is configured for {radio.band}"
    return radio.channels.refusal(bss.band, bss.channel, own_access_point=radio.has_access_point)


def _signal(
    network: KnownNetwork, bss: Bss, is_current: bool, *, asked: bool, lenient: int
) -> str | None:
    if bss.signal is None or bss.band is None:
        return None  # the driver tells none: nothing to hold against it
    if network.min_signal is not None:
        if bss.signal < network.min_signal:
            return f"{bss.signal} dBm is below its min_signal of {network.min_signal} dBm"
        return None
    least = DROP_LEVEL[bss.band] if is_current else JOIN_LEVEL[bss.band] - lenient
    if bss.signal < least and not asked:
        return f"too weak: {bss.signal} dBm, {bss.band} needs {least} dBm"
    return None
