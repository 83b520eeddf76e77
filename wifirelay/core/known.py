# SPDX-License-Identifier: GPL-2.0-or-later
"""The networks that an owner knows, and which kinds of security fit each."""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from wifirelay.values import Band, Secret, Security, Ssid

DEVICE, STABLE, RANDOM = MAC_WORDS = ("device", "stable", "random")  # words of `mac`
SHOW, REFUSE = TWIN_WORDS = ("show", "refuse")  # words of `twins`

KINDS = NAT, RELAYD, WDS = ("nat", "relayd", "wds")
IPV6 = ("delegated", "relay", "nat66")
VPN_RULE = "wifirelay_vpn_only"  # the firewall's section that is the kill-switch

if TYPE_CHECKING:
    from wifirelay.core.strangers import Allowed


class Wanted(str, Enum):
    """The word of a known network's `security` in the configuration."""

    AUTO = "auto"
    OPEN = "open"
    OWE = "owe"
    PSK2 = "psk2"
    SAE = "sae"
    SAE_MIXED = "sae-mixed"
    WPA2_EAP = "wpa2-eap"
    WPA3_EAP = "wpa3-eap"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Eap:
    """How to log in to an enterprise network (UCI's options of the same meaning)."""

    method: str  # peap, ttls, tls
    identity: str
    password: Secret | None = None
    anonymous_identity: str | None = None
    phase2: str = "MSCHAPV2"
    ca_cert: str | None = None  # path on the router
    client_cert: str | None = None  # path on the router
    priv_key: str | None = None  # path on the router
    priv_key_password: Secret | None = None


@dataclass(frozen=True, slots=True)
class PortalLogin:
    """How to log in to a network's login page without its owner: a form, or a program."""

    url: str | None = None  # where the form is sent to; None: to the login page that is found
    form: Secret | None = None  # the body as a browser would send it: a=1&b=2
    script: str | None = None  # full path on the router, in place of a form


@dataclass(frozen=True, slots=True)
class FixedAddress:
    """The router's own address in a network that gives none (no DHCP). IPv4 alone."""

    address: str  # 192.168.5.20/24
    gateway: str
    dns: tuple[str, ...] = ()  # none: the router asks whom it asks anyway


@dataclass(frozen=True, slots=True)
class KnownNetwork:
    """One network that the owner listed."""

    ssid: Ssid
    key: Secret | None = None
    security: Wanted = Wanted.AUTO
    priority: int = 0
    bssids: tuple[str, ...] = ()  # only these, when not empty
    min_signal: int | None = None  # dBm
    hidden: bool = False
    metered: bool = False
    eap: Eap | None = field(default=None)
    portal_login: PortalLogin | None = None
    not_bssids: tuple[str, ...] = ()  # never these
    bands: tuple[Band, ...] = ()  # only these, when not empty
    radios: tuple[str, ...] = ()  # only these, when not empty
    mac: str = DEVICE  # what the station shows to it: DEVICE, STABLE, RANDOM, or an address
    fixed: FixedAddress | None = None  # without: by DHCP
    ipv6_only: bool = False  # it gives no IPv4: 464XLAT translates
    twins: str = ""  # what to do about its suspects: SHOW, REFUSE; empty: as Relay has it
    stranger: bool = False  # not listed at all: open, and allowed by `open`
    vpn: bool | None = None  # whether the VPN goes up over it; None: as `vpn.everywhere` says

    @property
    def protected(self) -> bool:
        """Whether the owner expects this network to be secured."""
        return self.key is not None or self.eap is not None

    def fits(self, security: Security) -> bool:
        """Whether a BSS with this security may be joined as this network.

        The design's table: security never goes down by itself, WPA1 and WEP never.
        """
        return security in _FITS[self.security] & self._possible()

    def _possible(self) -> frozenset[Security]:
        if self.eap is not None:
            return _ENTERPRISE
        if self.key is None:
            return _WITHOUT_KEY
        if self.raw_psk:
            return _WITH_KEY - {Security.SAE}
        # A passphrase has 8 bytes at least; an SAE password any number.
        short = len(self.key.reveal().encode("utf-8", "surrogateescape")) < 8
        return _WITH_KEY - {Security.PSK2, Security.SAE_MIXED} if short else _WITH_KEY

    @property
    def raw_psk(self) -> bool:
        """Whether the key is 64 hexadecimal digits: a PSK itself, of no use to SAE."""
        return self.key is not None and _RAW_PSK.match(self.key.reveal()) is not None


_RAW_PSK = re.compile(r"[0-9A-Fa-f]{64}\Z")
_WITH_KEY = frozenset({Security.PSK2, Security.SAE_MIXED, Security.SAE})
_WITHOUT_KEY = frozenset({Security.OPEN, Security.OWE})
_ENTERPRISE = frozenset({Security.WPA2_EAP, Security.WPA3_EAP})
_FITS: dict[Wanted, frozenset[Security]] = {
    Wanted.AUTO: _WITH_KEY | _WITHOUT_KEY | _ENTERPRISE,
    Wanted.OPEN: frozenset({Security.OPEN}),
    Wanted.OWE: frozenset({Security.OWE}),
    Wanted.PSK2: frozenset({Security.PSK2, Security.SAE_MIXED}),
    Wanted.SAE: frozenset({Security.SAE, Security.SAE_MIXED}),
    Wanted.SAE_MIXED: frozenset({Security.PSK2, Security.SAE_MIXED, Security.SAE}),
    Wanted.WPA2_EAP: frozenset({Security.WPA2_EAP}),
    Wanted.WPA3_EAP: frozenset({Security.WPA3_EAP}),
}


@dataclass(frozen=True, slots=True)
class Vpn:
    """The `vpn` part of the configuration: a tunnel that goes up and down with the uplink."""

    interface: str  # netifd's
    only: bool = False  # nothing is forwarded past it (vpn_only.py)
    everywhere: bool = True  # over networks, too, that say nothing of it

    def over(self, network: KnownNetwork | None) -> bool:
        """Whether it goes up over this network; None: one that is not known."""
        said = network.vpn if network is not None else None
        return self.everywhere if said is None else said


@dataclass(frozen=True, slots=True)
class Relay:
    """How this router relays: the `relay` part of the configuration."""

    interface: str = "wwan"
    radios: tuple[str, ...] = ()  # in order of preference; empty: all that are enabled
    keep_on_flash: bool = True  # keep: flash | session
    deadline: float = 120.0  # seconds a trial may take
    beside_wired: bool = False  # join although another uplink gives the internet
    kind: str = NAT  # how clients get out: a word of KINDS
    ipv6: str = "delegated"  # how they get IPv6: a word of IPV6
    hostname: str = ""  # the router's name, to the upstream's DHCP: sent | none; empty: as it is
    twins: str = SHOW  # what to do about suspects of networks that say nothing of their own
    allowed: "Allowed | None" = None  # without: known networks alone are joined
    vpn: Vpn | None = None

    @property
    def tunnel(self) -> str:
        """The VPN's interface; empty without one."""
        return self.vpn.interface if self.vpn is not None else ""
