# SPDX-License-Identifier: GPL-2.0-or-later
"""The MAC address that the station shows to one network, in the own section's `macaddr`.

Knows how an address is made, how an owner's own `macaddr` is set aside while ours is there, and
how it comes back. Refuses to know where randomness comes from: it is handed in.

netifd takes `macaddr` for a station beside an access point of the same radio: it makes the
station's interface with it (mac80211.sh of 22.03 to 24.10, iface.uc and supplicant.uc after). Its
word `random` is not used: that draws anew with each reload of the radio, which is no join.
"""

from collections.abc import Iterable

from wifirelay.core.known import DEVICE, MAC_WORDS, STABLE, KnownNetwork
from wifirelay.uci.model import Section, Value

MAC = "macaddr"
NOTE = "wifirelay_macaddr"  # ours, a blank, the owner's own where there is one; netifd ignores it
SECRET = "wifirelay_secret"  # noqa: S105 - an option's name; netifd ignores it too
LENT = (MAC, NOTE)
CHANCE = 22  # random bytes that one join can need: an address and a secret


def mac_options(network: KnownNetwork, own: Iterable[Section], chance: bytes) -> dict[str, str]:
    """What a join writes for the `mac` of its network: `macaddr`, and for the first that is
    stable the router's secret; nothing for the device's own. `own` are the own sections.

    A stable one is made of the secret and the network's name: from anything else, such as the
    addresses that the radio has or shows elsewhere, nobody can compute it. `chance` are CHANCE
    random bytes. Raises ValueError without them where they are needed.
    """
    if network.mac == DEVICE:
        return {}
    if network.mac not in MAC_WORDS:
        return {MAC: network.mac.lower()}  # wpa_supplicant.uc compares lower case
    if len(chance) < CHANCE:
        raise ValueError("no chance was handed in")
    options, six = {}, chance[:6]
    if network.mac == STABLE:
        from hashlib import blake2s  # costs memory; python3-light has it

        secret = secret_of(own)
        if not secret:
            options[SECRET] = secret = chance[6:].hex()
        key = secret.encode("utf-8", "surrogateescape")[: blake2s.MAX_KEY_SIZE]
        six = blake2s(network.ssid.raw, key=key, digest_size=6).digest()
    options[MAC] = bytes((six[0] & 0xFC | 0x02, *six[1:])).hex(":")  # local, a station's
    return options


def secret_of(own: Iterable[Section]) -> str:
    """The router's secret, of whichever own section has it; empty when none has."""
    for section in own:
        if secret := section.get(SECRET):
            return secret
    return ""


def lend(section: Section, ours: str | None) -> dict[str, Value]:
    """What LENT holds while the station shows `ours` (None: an address that is not ours).

    The owner's own `macaddr` is in it, or set aside in the note: it comes back as it was. Where
    somebody has changed what we wrote, that is the owner's.
    """
    own = section.options.get(MAC)
    wrote, _, aside = section.get(NOTE).partition(" ")
    if wrote and own == wrote:
        own = aside
    if ours is None:
        return {MAC: own} if own else {}
    if isinstance(own, tuple):
        own = " ".join(own)
    return {MAC: ours, NOTE: f"{ours} {own}" if own else ours}
