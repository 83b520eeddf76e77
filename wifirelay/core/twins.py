# SPDX-License-Identifier: GPL-2.0-or-later
"""Evil twins: which access points of a known network have proved themselves, and which of the
others look as if somebody posed as it. What looks right may be false all the same: an address
is copied as easily as a name."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from wifirelay.core.known import REFUSE, SHOW, KnownNetwork
from wifirelay.core.places import DAY, DEVICES, KEPT, Place, Places, checked_moment, made_up
from wifirelay.core.places import MOST as PLACES
from wifirelay.router.scan import Bss
from wifirelay.values import Security, parse_bssid

MOST = 128  # access points remembered
OF_ONE = 16  # of one network
DENIED = 8  # twins of one network that its station is kept from
POINTS = -8.0  # of a suspect that is only shown: as much as failures cost at most
_MAKER = slice(3, 8)  # of a BSSID: two bytes of its maker's three, which the local bit is not in
# What is not here is not compared: open and OWE have no secret to lose.
_STRENGTH = {"wep": 0, "wpa1": 0, "psk2": 1, "sae-mixed": 2, "sae": 2, "wpa2-eap": 3, "wpa3-eap": 4}

Proof = list[Any]  # the SSID's hex, BSSID, security, place (0: none), when


class Past:
    """What is remembered of places and access points, and what follows for what is heard now."""

    def __init__(self, twins: str = SHOW) -> None:
        self.twins = twins  # what to do about suspects of a network that says nothing of its own
        self.places = Places()
        self.proofs: list[Proof] = []  # oldest first

    def proved(self, now: float, network: KnownNetwork, bss: Bss) -> None:
        """The internet works through this network's station, which is at this access point."""
        ssid, bssid, security = network.ssid.hex, bss.bssid or "", bss.security.value
        place, kept, mine = self.places.worked(now, network.ssid), [], 1
        if bss.security is Security.UNKNOWN:
            return
        for each in reversed(self.proofs):
            if each[:3] == [ssid, bssid, security] and now - each[4] < DAY:
                return
            mine += each[0] == ssid
            crowded = each[0] == ssid and (each[1] == bssid or mine > OF_ONE)
            if now - each[4] <= KEPT and not crowded:
                kept.append(each)
        kept.reverse()
        self.proofs = [*kept, [ssid, bssid, security, place, round(now)]][-MOST:]

    def suspect(self, network: KnownNetwork, bss: Bss) -> str | None:
        """Why this access point may be an evil twin, or None."""
        security, bssid, here = bss.security, bss.bssid or "", self.places.here
        if network.protected and security is Security.OPEN:
            return "open, but known as secured"
        own, least, before = False, 9, ""  # by itself if it has proved itself, else by the others
        near: set[str] = set()
        makers: set[str] = set()
        for ssid, one, kind, place, _ in self.proofs:
            if ssid != network.ssid.hex:
                continue
            if one == bssid or (not own and _STRENGTH.get(kind, 0) < least):
                least, before = _STRENGTH.get(kind, 0), kind
            own = own or one == bssid
            if here is None or place in (here, 0):
                near.add(one[_MAKER])
            if made_up(one):
                makers.add(one[_MAKER])
        if before and _STRENGTH.get(security.value, 9) < least:
            return f"{security}, and it has proved itself with {before}"
        if own or not bssid or bssid in network.bssids or not made_up(bssid):
            return None
        # At a place not seen yet anything is the first; and two made-up ones that worked are of a
        # network whose addresses change, as a phone's do.
        if here == 0 or not near or len(makers) > 1 or bssid[_MAKER] in near:
            return None
        return "its address is made up, and of no maker's that has proved itself here"

    def rekeyed(self, before: Iterable[KnownNetwork], known: Iterable[KnownNetwork]) -> None:
        """Forget the access points of networks whose key is another now: others may be meant."""
        keys = {each.ssid.hex: each.key for each in known}
        changed = {each.ssid.hex for each in before if keys.get(each.ssid.hex) != each.key}
        self.proofs = [proof for proof in self.proofs if proof[0] not in changed]

    def refuses(self, network: KnownNetwork) -> bool:
        """Whether its owner wants no suspect of it joined."""
        return (network.twins or self.twins) == REFUSE

    def refused(self, network: KnownNetwork, bss: Bss) -> str | None:
        """Why a station must leave this access point."""
        return self.suspect(network, bss) if self.refuses(network) else None

    def guarded(self, network: KnownNetwork, heard: Iterable[Bss]) -> KnownNetwork:
        """The network with its suspects under `not_bssids`, where they are refused: its station
        takes whom it likes of the rest."""
        if not self.refuses(network):
            return network
        # one that has proved itself is its own: a copy of it must not shut it out
        proved, denied = {each[1] for each in self.proofs}, list(network.not_bssids)
        for bss in heard:
            its = bss.ssid == network.ssid and network.fits(bss.security)
            if its and bss.bssid and bss.bssid not in proved and self.suspect(network, bss):
                denied.append(bss.bssid)
        both = tuple(dict.fromkeys(denied))
        return replace(network, not_bssids=both[: len(network.not_bssids) + DENIED])

    def as_json(self) -> dict[str, Any]:
        """For a file in RAM."""
        return {"places": self.places.known, "proofs": self.proofs}

    def load(self, stored: dict[str, Any], now: float) -> None:
        """Take up what `as_json` gave; a version before this one wrote none. Raises ValueError,
        KeyError, TypeError or OverflowError for anything else, and is then unchanged."""
        places: list[Place] = []
        proofs: list[Proof] = []
        for number, name, at, *near in stored.get("places", [])[-PLACES:]:
            there = [parse_bssid(f"00:{each}:00")[3:14] for each in near[:DEVICES]]
            places.append([int(number), _name(name), checked_moment(now, at), *there])
        for name, bssid, kind, place, at in stored.get("proofs", [])[-MOST:]:
            kind, bssid, at = Security(kind).value, parse_bssid(bssid), checked_moment(now, at)
            proofs.append([_name(name), bssid, kind, int(place), at])
        self.places.known, self.proofs = places, proofs


def _name(text: Any) -> str:
    return bytes.fromhex(text).hex()
