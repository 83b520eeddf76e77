# SPDX-License-Identifier: GPL-2.0-or-later
"""The MAC address that the station shows to one network, in the own section's `macaddr`.

Knows how an address is made, how an owner's own `macaddr` is set aside while ours is there, and
how it comes back. Refuses to know where randomness comes from: it is handed in.

netifd takes `macaddr` for a station beside an access point of the same radio: it makes the
station's interface with it (mac80211.sh of 22.03 to 24.10, iface.uc and supplicant.uc after). Its
word `random` is not used: that draws anew with each reload of the radio, which is no join.
"""

from collections.abc import Iterable

from wifirelay.core.known import DEVICE, MAC_WORDS, RANDOM, STABLE, KnownNetwork
from wifirelay.uci.model import Section, Value

MAC = "macaddr"
NOTE = "wifirelay_macaddr"  # ours, a blank, the owner's own where there is one; netifd ignores it
SECRET = "wifirelay_secret"  # noqa: S105 - an option's name; netifd ignores it too
LENT = (MAC, NOTE)
CHANCE = 22  # random bytes that one join can need: an address and a secret


def mac_options(network: KnownNetwork, own: Iterable[Section], chance: bytes) -> dict[str, str]:
    """What a join writes for the `mac` of its network: `macaddr`, and for the first that is
    stable the router's secret; nothing for the device's own. `own` are the own sections.

    `chance` are CHANCE random bytes. Raises ValueError without them where they are needed.
    """
    if network.mac not in MAC_WORDS:
        return {MAC: network.mac.lower()}  # wpa_supplicant.uc compares lower case
    if network.mac == DEVICE:
        return {}
    if len(chance) < CHANCE:
        raise ValueError(f"a network with `mac: {network.mac}` needs {CHANCE} random bytes")
    if network.mac == RANDOM:
        return {MAC: _address(chance[:6])}
    if secret := secret_of(own):
        return {MAC: stable(network, secret)}
    secret = new_secret((network,), chance)
    return {MAC: stable(network, secret), SECRET: secret}


def new_secret(known: Iterable[KnownNetwork], chance: bytes) -> str:
    """A secret out of CHANCE random bytes; empty where none of the networks needs one."""
    return chance[6:].hex() if any(each.mac == STABLE for each in known) else ""


def secret_of(own: Iterable[Section]) -> str:
    """The router's secret, of whichever own section has it; empty when none has."""
    return next((text for section in own if (text := section.get(SECRET))), "")


def stable(network: KnownNetwork, secret: str) -> str:
    """Always the same address for this network. Who does not know the secret can compute it
    from nothing: not from the name, nor from the address that the radio has or shows elsewhere."""
    from hashlib import blake2s  # costs memory; python3-light has it

    key = secret.encode("utf-8", "surrogateescape")[: blake2s.MAX_KEY_SIZE]
    return _address(blake2s(network.ssid.raw, key=key, digest_size=6).digest())


def _address(six: bytes) -> str:
    """Locally administered, unicast."""
    return bytes((six[0] & 0xFC | 0x02, *six[1:])).hex(":")


def lend(section: Section, ours: str | None) -> dict[str, Value]:
    """What LENT holds while the station shows `ours` (None: an address that is not ours).

    The owner's own `macaddr` is in it, or set aside in the note: it comes back as it was.
    """
    own = _owners(section)
    if ours is None:
        return {} if own is None else {MAC: own}
    aside = own if isinstance(own, str) else " ".join(own or ())
    return {MAC: ours, NOTE: f"{ours} {aside}" if aside else ours}


def _owners(section: Section) -> Value | None:
    """The owner's `macaddr`, None without. Where somebody has changed what we wrote, it is that."""
    now = section.options.get(MAC)
    ours, _, aside = section.get(NOTE).partition(" ")
    return (aside or None) if ours and now == ours else now
