# SPDX-License-Identifier: GPL-2.0-or-later
"""What a parser of this package gives: networks, what was left out, and what stays behind.

Every network is checked here by the configuration's own rules, in both of its forms, so that
what is given can be written. Nothing is dropped without a word, and no word holds a secret.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wifirelay.config.entry import entry_of
from wifirelay.config.fields import key_name
from wifirelay.config.network import PRIORITY, network_from
from wifirelay.config.secrets import unread
from wifirelay.config.uci_text import options_of
from wifirelay.config.writing import UCI, Place
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import ConfigError
from wifirelay.values import Secret, parse_bssid, shown

_HERE = "import"  # stands where errors name the file

WEP = "WEP protects nothing, and is never joined"
OLD_WPA = "WPA1 alone is never joined"


class Unfit(ValueError):
    """Why a network is left out, in words for its owner and without a secret."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one source holds. Names are as the source has them: not yet harmless to show.

    `left_out`: name and reason of each network that is not taken. `remarks`: name of a network
    that is taken, and what of it could not be carried over or should be known.
    """

    networks: tuple[KnownNetwork, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()


Make = Callable[[list[str]], KnownNetwork]
"""Makes a network and adds remarks to the list it gets. Raises Unfit, and ConfigError for text
that is broken."""


def gather(entries: Iterable[tuple[str, Make]]) -> Found:
    """All entries of a source, each by its name. Raises ConfigError for text that is broken."""
    networks, left_out, remarks = [], [], []
    for name, make in entries:
        noted: list[str] = []
        try:
            network = make(noted)
            noted += checked(network)
        except Unfit as unfit:
            left_out.append((name, str(unfit)))
            continue
        networks.append(network)
        remarks += [(name, note) for note in noted]
    return Found(tuple(networks), tuple(left_out), tuple(remarks))


def checked(network: KnownNetwork) -> list[str]:
    """What the owner should know of a network. Raises Unfit when no configuration can hold it."""
    for what, text in _texts(network):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise Unfit(f"its {what} is not UTF-8 text") from None
    noted: list[str] = []
    try:
        network_from(entry_of(network), Place(_HERE), unread, noted)
        network_from(options_of(network), Place(_HERE, "", UCI), unread, [])
    except ConfigError as wrong:
        raise Unfit(wrong.message.removeprefix(f"{_HERE}: ")) from None
    return noted


def _texts(network: KnownNetwork) -> Iterator[tuple[str, str]]:
    if network.key is not None:
        yield "key", network.key.reveal()
    if network.eap is None:
        return
    for name in network.eap.__slots__:
        value = getattr(network.eap, name)
        if value is not None:
            text = value.reveal() if isinstance(value, Secret) else value
            yield name.replace("_", " "), text


def broken(where: str, line: int, text: str, hint: str) -> ConfigError:
    """The error for one line of a source; `text` never holds any of it that could be a secret."""
    return ConfigError(f"{shown(where)}:{line}: {text}", hint=hint)


def within(priority: int, noted: list[str]) -> int:
    """A source's priority, or the nearest that there is here."""
    low, high = PRIORITY
    kept = min(max(priority, low), high)
    if kept != priority:
        noted.append(f"its priority is not from {low} to {high}: it gets {kept}")
    return kept


def bssid(text: str) -> str:
    """A BSSID. Raises Unfit."""
    try:
        return parse_bssid(text)
    except ValueError as wrong:
        raise Unfit(f"bssid: {wrong}") from None


def behind(names: Iterable[str], noted: list[str]) -> None:
    """Remarks which settings stay behind, by name: a value may be a secret, and what is no plain
    name may be a secret out of its place."""
    left = [key_name(name, "") or "a setting that is no plain name" for name in names]
    if left:
        noted.append(f"not carried over: {', '.join(dict.fromkeys(left))}")
