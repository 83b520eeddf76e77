# SPDX-License-Identifier: GPL-2.0-or-later
"""`WIFI:T:WPA;S:name;P:key;H:true;;`, the text of a QR code, one a line.

ZXing's format as phones read it, with the Wi-Fi Alliance's `T:SAE` and `R:`; `QR-Code:` in front,
as zbarimg prints it, is taken. ZXing would read a name of hexadecimal digits without quotes as
bytes, and phones read it as text; so does this, unless it is too long for a name.
"""

import re
from functools import partial

from wifirelay.core.known import KnownNetwork, Wanted
from wifirelay.imports.enterprise import inner, login
from wifirelay.imports.found import WEP, Found, Make, Unfit, behind, broken, gather
from wifirelay.values import SSID_BYTES, Secret, Ssid, shown

_FIELDS = ("T", "S", "P", "H", "R", "I", "K", "E", "A", "PH2")
_START = re.compile(r"(?:QR-Code:)?WIFI:", re.IGNORECASE)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})++\Z")
_FIELD = re.compile(r"([A-Za-z0-9]{1,4}):((?:[^\\;]|\\.)*+)\Z", re.DOTALL)
_PIECE = re.compile(r"(?:[^\\;]|\\.)++", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ENTERPRISE = ("WPA2-EAP", "WPA-EAP", "WPA3-EAP", "EAP")
_PERSONAL = ("", "WPA", "WPA2", "WPA3", "WPA/WPA2", "WPA2/WPA3", "SAE")
_ONLY_SAE, _ONLY_OWE = 1, 8  # bits of R, "transition disable" (WPA3 specification 3.0, 7.4)


def parse(text: str, where: str) -> Found:
    """The networks of such lines. Raises ConfigError for a line that is none."""
    return gather(
        _entry(line.strip(), where, number)
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1)
        if line.strip()
    )


def _entry(line: str, where: str, number: int) -> tuple[str, Make]:
    start = _START.match(line)
    if start is None:
        raise broken(
            where, number, "is no WIFI: text", "each line is such as WIFI:T:WPA;S:name;P:key;;"
        )
    fields: dict[str, str] = {}
    rest = line[start.end() :]
    for piece in _PIECE.findall(rest):
        found = _FIELD.match(piece)
        cut = (len(rest) - len(rest.rstrip("\\"))) % 2
        name = "" if found is None or cut else found[1].upper()
        if found is None or name not in _FIELDS or name in fields:
            raise broken(
                where,
                number,
                "has a part that is no field, or a field twice",
                'each is such as S:name; write ; : , " and \\ in a name or key with a \\ before it',
            )
        fields[name] = found[2]
    if not fields.get("S"):
        raise broken(where, number, "has no name", "the field S: is the network's name")
    if not rest.endswith(";"):
        raise broken(where, number, "has no end", "it ends with ;; and a key may be cut off before")
    noted: list[str] = []
    ssid = _ssid(fields["S"], noted)
    return ssid.text, partial(_network, fields, ssid, noted)


def _plain(value: str) -> str:
    """A value without its quotes and escapes."""
    if len(value) >= 2 and value[0] == '"' and value[-1] == '"' and value[-2] != "\\":
        value = value[1:-1]
    return _ESCAPE.sub(r"\1", value)


def _ssid(value: str, noted: list[str]) -> Ssid:
    if _HEX.match(value):
        raw = bytes.fromhex(value)
        if len(value) > SSID_BYTES:
            return Ssid(raw)
        noted.append(f"its name is taken as text; were it meant as bytes, {shown(Ssid(raw).text)}")
    return Ssid.of(_plain(value))


def _network(
    fields: dict[str, str], ssid: Ssid, first: list[str], noted: list[str]
) -> KnownNetwork:
    noted += first
    word = _plain(fields.get("T", "")).upper()
    key = _plain(fields.get("P", ""))
    restricted = _bits(fields.get("R", ""))
    hidden = _plain(fields.get("H", "")).lower()
    used = {"T", "S", "P", "R", "H"}
    if word == "WEP":
        raise Unfit(WEP)
    if word in _ENTERPRISE:
        method = _plain(fields.get("E", ""))
        inside = _plain(fields.get("PH2", ""))
        eap = login(
            method,
            noted,
            identity=_plain(fields["I"]) if fields.get("I") else None,
            password=key or None,
            anonymous_identity=_plain(fields.get("A", "")),
            phase2=inner(method, inside) if inside else None,
        )
        behind((name for name in fields if name not in used | {"E", "PH2", "A", "I"}), noted)
        security = Wanted.WPA3_EAP if word == "WPA3-EAP" else Wanted.WPA2_EAP
        return KnownNetwork(ssid, security=security, hidden=hidden == "true", eap=eap)
    behind((name for name in fields if name not in used), noted)
    if word == "NOPASS" or (word == "" and not key):
        security = Wanted.OWE if restricted & _ONLY_OWE else Wanted.AUTO
        return KnownNetwork(ssid, security=security, hidden=hidden == "true")
    if word not in _PERSONAL:
        raise Unfit(f"its kind of security, {shown(word)}, is not known")
    if not key:
        raise Unfit("its key is not in there")
    if "I" in fields:
        raise Unfit("its key has an identifier, which wifirelay cannot send")
    only_sae = word in ("SAE", "WPA3") or restricted & _ONLY_SAE
    return KnownNetwork(
        ssid,
        Secret(key),
        security=Wanted.SAE if only_sae else Wanted.AUTO,
        hidden=hidden == "true",
    )


def _bits(value: str) -> int:
    return int(value, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,8}", value) else 0
