# SPDX-License-Identifier: GPL-2.0-or-later
"""Who and where out of a recording: names of networks, hosts and people, MACs, IP addresses.

The same input always becomes the same replacement, so that a recording still tells what
belongs together: which BSS is which, which addresses share a subnet.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Sequence

# Option or JSON member -> the kind of name that it holds
_KINDS = {
    "ssid": "ssid",
    "mesh_id": "ssid",
    "hostname": "host",
    "identity": "user",
    "anonymous_identity": "user",
    "username": "user",
    "uuid": "id",
    "duid": "id",
    "clientid": "id",
    "serial": "id",
}
_KEPT = {"", "*", "OpenWrt", "LEDE"}  # names that name nobody; OpenWrt stands for itself elsewhere
_LITERAL = range(4, 129)  # characters: in free text shorter names would hit innocent words

_NAME = "|".join(_KINDS)
# Possessive (`*+`), and short where a line may have no end: a router's answer of any length and
# content takes time and memory as its length does.
_STRING = r'"(?:[^"\\]|\\.)*+"'
_WORD = r"(?:'[^']*'|\"(?:[^\"\\]|\\.)*+\"|\\.|[^\s'\"\\;])++"
_SPOTS = (  # pattern: before, kind, value; how the value is written
    (re.compile(rf'("(?P<kind>{_NAME})"\s*:\s*)(?P<value>{_STRING})', re.DOTALL), "json"),
    (
        re.compile(
            rf'(\[\s*"[a-z_-]+"\s*,\s*{_STRING}\s*,\s*"(?P<kind>{_NAME})"\s*,\s*)'
            rf"(?P<value>{_STRING})",
            re.DOTALL,
        ),
        "json",
    ),
    (re.compile(rf"(\.(?P<kind>{_NAME})[+|]?=)(?P<value>{_WORD})", re.DOTALL), "uci"),
    (
        re.compile(rf"(\b(?:option|list)[ \t]+(?P<kind>{_NAME})[ \t]+)(?P<value>{_WORD})"),
        "uci",
    ),
    # wpa_supplicant's log, iw, iwinfo, wpa_cli
    (re.compile(r"(\b(?P<kind>ssid)=)(?P<value>\"(?:[^\"\\]|\\.)*+\")"), "quoted"),
    (re.compile(r"(\bSSID=)(?P<value>'.{0,130}?')(?= freq=|\)| )"), "quoted"),
    (re.compile(r"(\bESSID: )(?P<value>\".{0,130}\")(?=\n|\Z)"), "quoted"),
    (re.compile(r"(?m)(^[ \t]*(?P<kind>ssid)[ =])(?P<value>[^\"'\n]+)$"), "escaped"),
    # dnsmasq's log and lease file
    (re.compile(r"(\bDHCP[A-Z]+\([^\s()]{1,64}\) \S+ \S+ )(?P<value>\S+)$", re.MULTILINE), "host"),
    (re.compile(r"(?m)(^\d+ [0-9A-Fa-f:]{17} \S+ )(?P<value>\S+)(?= )"), "host"),
)

_MAC = re.compile(r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])")
_IPV4 = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\.?\w)")
_IPV6 = re.compile(r"(?<![\w.:])(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]{3,39}(?![\w:])")
# In wifirelay's own state: what a network calls its login page's API, in hexadecimal digits
_API = re.compile(r"^(api\.\w{1,64} )[0-9A-Fa-f]++$", re.MULTILINE)
_BEGIN = re.compile(r"(?<!\w).", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)


class Anonymizer:
    """First `learn` every text of a recording, then `text` replaces in each."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], str] = {}  # (kind, name) -> replacement
        self._literals: dict[str, str] | None = None  # name -> replacement
        self._macs: dict[str, str] = {}
        self._octets: dict[tuple[int, ...], dict[int, int]] = {}
        self._sites: dict[int, int] = {}  # the first 48 bits of IPv6 addresses
        self._hosts: dict[int, int] = {}  # the last 64

    def learn(self, text: str) -> None:
        """Note the names that stand in places where names stand."""

        def note(kind: str, name: str) -> str:
            self._found.setdefault((kind, name), "")
            return ""

        _replaced(text, note)
        self._literals = None

    def text(self, argv: Sequence[str], text: str) -> str:
        """What the command `argv` answered, or was given, with everything replaced."""
        literals = self._settle()
        text = _API.sub(lambda match: match[1] + b"https://api.example/".hex(), text)
        if argv[:1] not in (("ubus",), ("uci",)) or "log" in argv:
            text = _with_literals(text, literals)
        text = _replaced(text, self._name)
        text = _MAC.sub(lambda match: self._mac(match.group()), text)
        text = _IPV6.sub(lambda match: self._ipv6(match.group()), text)
        return _IPV4.sub(lambda match: self._ipv4(match.group()), text)

    def _settle(self) -> dict[str, str]:
        """Number what was learnt; a replacement is never a name that somebody really has."""
        if self._literals is not None:
            return self._literals
        names = {name for _, name in self._found}
        counts: dict[str, int] = {}
        for kind, name in self._found:
            new = name
            while new in names and name not in _KEPT:
                counts[kind] = counts.get(kind, 0) + 1
                new = f"{kind}-{counts[kind]}"
            self._found[kind, name] = new
        self._literals = {}
        for (_, name), new in self._found.items():
            if name not in _KEPT and len(name) in _LITERAL:
                self._literals.setdefault(name, new)
        return self._literals

    def _name(self, kind: str, name: str) -> str:
        return self._found.get((kind, name), name)

    def _mac(self, text: str) -> str:
        mac = text.upper()
        if mac in ("00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF"):
            return text
        number = len(self._macs) + 1
        new = self._macs.setdefault(
            mac, f"02:00:00:{number >> 16:02X}:{number >> 8 & 255:02X}:{number & 255:02X}"
        )
        return new if text == mac else new.lower()

    def _ipv4(self, text: str) -> str:
        """Octet by octet, below the same prefix: what shares a /8, /16 or /24 still does.

        Private stays private, 0 and 255 stay; the last octet is nobody's name, and stays.
        """
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            return text
        a, b, c, d = address.packed
        if a in (0, 127, 255) or address.is_multicast or address.is_link_local:
            return text
        if a == 10:
            first, second = a, self._octet((a,), b, 1)
        elif (a, b) == (192, 168):
            first, second = a, b
        elif a == 172 and 16 <= b < 32:
            first, second = a, 16 + self._octet((a,), b, 0) % 16
        elif a == 100 and 64 <= b < 128:
            first, second = a, 64 + self._octet((a,), b, 0) % 64
        else:  # public: the benchmarks' 198.18.0.0/15, RFC 2544
            return f"198.{18 + self._octet((), a << 8 | b, 0) % 2}.{self._octet((a, b), c, 1)}.{d}"
        return f"{first}.{second}.{self._octet((a, b), c, 1)}.{d}"

    def _octet(self, prefix: tuple[int, ...], octet: int, first: int) -> int:
        if octet in (0, 255) and first:
            return octet
        known = self._octets.setdefault(prefix, {})
        return known.setdefault(octet, (len(known) + first) % 255)

    def _ipv6(self, text: str) -> str:
        """The site (48 bits) and the host (64) become numbers; the subnet stays."""
        try:
            address = ipaddress.IPv6Address(text)
        except ValueError:
            return text
        if address.is_loopback or address.is_unspecified or address.is_multicast:
            return text
        site, subnet, host = int(address) >> 80, int(address) >> 64 & 0xFFFF, int(address)
        host &= 0xFFFF_FFFF_FFFF_FFFF
        if host > 0xFFFF:  # smaller ones are given by hand: ::1 is a router
            host = 0x1_0000 + self._hosts.setdefault(host, len(self._hosts) + 1)
        if not address.is_link_local:
            number = self._sites.setdefault(site, len(self._sites) + 1)
            site = (0xFD00_0000_0000 if site >> 41 == 0x7E else 0x2001_0DB8_0000) + number
        return str(ipaddress.IPv6Address(site << 80 | subnet << 64 | host))


def _with_literals(text: str, literals: dict[str, str]) -> str:
    """Text with each name replaced that stands in it as a whole word, the longest where several
    do. By length, not by one pattern of all names: thousands of names shall not take minutes."""
    lengths: dict[str, set[int]] = {}  # by a name's first character
    for name in literals:
        lengths.setdefault(name[0], set()).add(len(name))
    longest_first = {char: sorted(found, reverse=True) for char, found in lengths.items()}
    pieces = []
    done = 0
    for begin in _BEGIN.finditer(text):
        at = begin.start()
        if at < done:
            continue
        for length in longest_first.get(text[at], ()):
            end = at + length
            new = literals.get(text[at:end])
            if new is not None and end <= len(text) and not _in_word(text[end : end + 1]):
                pieces += [text[done:at], new]
                done = end
                break
    return "".join(pieces) + text[done:]


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _replaced(text: str, replace: Callable[[str, str], str]) -> str:
    """Text with `replace(kind, name)` in each place where a name stands."""
    for pattern, style in _SPOTS:

        def new(match: re.Match[str], style: str = style) -> str:
            groups = match.groupdict()
            kind = _KINDS[groups.get("kind") or ("hostname" if style == "host" else "ssid")]
            name = _decoded(groups["value"], style)
            fresh = name if name in _KEPT else replace(kind, name)
            if fresh == name:
                return match.group()
            quote = groups["value"][0] if groups["value"][0] in "\"'" else ""
            return match.group(1) + quote + fresh + quote

        text = pattern.sub(new, text)
    return text


def _decoded(value: str, style: str) -> str:
    """A name out of the form in which it is written."""
    if style == "json":
        try:
            name = json.loads(value, strict=False)
        except ValueError:
            return value
        return name if isinstance(name, str) else value
    if style == "uci":
        pieces = re.findall(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.|[^'\"\\]+", value, re.DOTALL)
        return "".join(
            piece[1:-1] if piece[0] in "'\"" else piece.removeprefix("\\") for piece in pieces
        )
    if style == "quoted":
        value = value[1:-1]
    return _unescaped(value) if style in ("quoted", "escaped") else value


def _unescaped(text: str) -> str:
    """wpa_supplicant's and iw's escapes, to the bytes that they stand for."""
    known = {"n": "\n", "r": "\r", "t": "\t", "e": "\x1b", "0": "\0"}

    def char(match: re.Match[str]) -> str:
        word = match.group(1)
        if len(word) == 3:
            return bytes.fromhex(word[1:]).decode("latin-1")
        return known.get(word, word)

    if "\\" not in text:
        return text
    raw = text.encode("utf-8", "surrogateescape").decode("latin-1")
    return _ESCAPE.sub(char, raw).encode("latin-1").decode("utf-8", "surrogateescape")
