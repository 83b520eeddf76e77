# SPDX-License-Identifier: GPL-2.0-or-later
"""The `network={...}` blocks of a wpa_supplicant.conf.

Reads lines and strings as wpa_supplicant's `config_file.c` and `wpa_config_parse_string` do.
What is outside of these blocks is of that machine, and no network.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.imports.enterprise import inner, login, refuse_checks
from wifirelay.imports.found import (
    OLD_WPA,
    WEP,
    Found,
    Make,
    Unfit,
    behind,
    broken,
    bssid,
    gather,
    within,
)
from wifirelay.values import Secret, Ssid, shown

_PSK = {"WPA-PSK", "WPA-PSK-SHA256", "FT-PSK"}
_SAE = {"SAE", "FT-SAE", "SAE-EXT-KEY", "FT-SAE-EXT-KEY"}
_EAP = {"WPA-EAP", "WPA-EAP-SHA256", "FT-EAP"}
_DEFAULT = "WPA-PSK WPA-EAP"
_CHECKS = (
    *("domain_suffix_match", "domain_match", "altsubject_match", "subject_match"),
    *("check_cert_subject", "ca_path", "domain_suffix_match2", "domain_match2"),
    *("altsubject_match2", "subject_match2", "ca_cert2", "ca_path2"),
)
_CARRIED = {
    *("ssid", "psk", "sae_password", "key_mgmt", "proto", "mode", "disabled", "scan_ssid"),
    *("bssid", "priority", "eap", "identity", "anonymous_identity", "password", "phase2"),
    *("ca_cert", "client_cert", "private_key", "private_key_passwd"),
}
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}\Z")
_RAW_PSK = re.compile(r"[0-9A-Fa-f]{64}\Z")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})++\Z")
_PHASE2 = re.compile(r"(auth|autheap)=(\S+)\Z")
_ESCAPE = re.compile(rb"\\(?:([\\\"])|([nrte])|x([0-9A-Fa-f]{1,2})|([0-7]{1,3}))")
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"e": b"\x1b"}


def parse(text: str, where: str, *, disabled: bool = False) -> Found:
    """The networks of such a file; with `disabled` those that it has switched off, too.

    Raises ConfigError for a line that cannot be read.
    """
    return gather(
        _entry(block, disabled=disabled) for block in _blocks(text.removeprefix("\ufeff"), where)
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """One `network={...}`: each value as it is written, with its line."""

    where: str
    line: int
    values: Mapping[str, tuple[str, int]] = field(repr=False)  # may hold keys

    def written(self, name: str) -> str | None:
        return self.values[name][0] if name in self.values else None

    def number(self, name: str) -> int:
        """A whole number; 0 when it is not there. Raises ConfigError."""
        text, line = self.values.get(name, ("0", 0))
        if not _NUMBER.match(text):
            raise broken(self.where, line, f"{name} is not a whole number", "write digits alone")
        return int(text)

    def string(self, name: str) -> bytes | None:
        """A string in any of its three forms. Raises ConfigError."""
        if name not in self.values:
            return None
        text, line = self.values[name]
        inside = re.fullmatch(r'P?"(.*)"', text, re.DOTALL)
        if inside is not None:
            raw = inside[1].encode("utf-8", "surrogateescape")
            return _ESCAPE.sub(_unescaped, raw) if text.startswith("P") else raw
        if _HEX.match(text):
            return bytes.fromhex(text)
        raise broken(
            self.where, line, f"{name} is no string", 'write "text", P"text" or hexadecimal digits'
        )

    def text(self, name: str) -> str | None:
        """The same as text. Raises ConfigError."""
        raw = self.string(name)
        return None if raw is None else raw.decode("utf-8", "surrogateescape")


def _unescaped(match: re.Match[bytes]) -> bytes:
    plain, letter, digits, octal = match.groups()
    if plain is not None:
        return plain
    if letter is not None:
        return _LETTERS[letter]
    return bytes([int(digits, 16) if digits is not None else int(octal, 8) & 0xFF])


def _blocks(text: str, where: str) -> Iterator[_Block]:
    opened, values, inside = 0, dict[str, tuple[str, int]](), False
    for number, raw in enumerate(text.split("\n"), 1):
        line = _without_comment(raw.strip(" \t\r"))
        if not line:
            continue
        if not opened:
            head = re.match(r"(network|cred|blob-base64-[^=]*)\s*=\s*\{\Z", line)
            if head is not None:
                opened, values, inside = number, {}, head[1] == "network"
        elif line == "}":
            if inside:
                yield _Block(where, opened, values)
            opened = 0
        elif inside:
            name, equals, value = line.partition("=")
            if not equals:
                raise broken(
                    where, number, "is not name=value", "or is the } before it missing? add it"
                )
            values[name.strip()] = (value.strip(), number)
    if opened:
        raise broken(where, opened, "this block has no end", "close it with } on a line of its own")


def _without_comment(line: str) -> str:
    """A # begins a comment unless it is between a line's first and last quote."""
    first, last = line.find('"'), line.rfind('"')
    at = line.find("#", last if last > first >= 0 else 0)
    before = line.find("#", 0, first) if first >= 0 else -1
    cut = before if before >= 0 else at
    return line if cut < 0 else line[:cut].rstrip(" \t")


def _entry(block: _Block, *, disabled: bool) -> tuple[str, Make]:
    raw = block.string("ssid")
    if raw is None:
        return f"line {block.line}", _without_name
    return Ssid(raw).text, partial(_network, block, Ssid(raw), disabled)


def _without_name(_noted: list[str]) -> KnownNetwork:
    raise Unfit("it has no ssid: it stands for any network of its kind")


def _network(block: _Block, ssid: Ssid, disabled: bool, noted: list[str]) -> KnownNetwork:
    words = set((block.written("key_mgmt") or _DEFAULT).upper().split())
    proto = set((block.written("proto") or "RSN").upper().split())
    if any(name.startswith("wep_") for name in block.values):
        raise Unfit(WEP)
    if block.number("mode") != 0:
        raise Unfit("it is no network to join: its mode is ad hoc, mesh or an own access point")
    if block.number("disabled") and not disabled:
        raise Unfit("it is switched off there (disabled=1); --disabled takes it, too")
    if not proto & {"RSN", "WPA2"}:
        raise Unfit(OLD_WPA)
    security, key, eap = _login(block, words, noted)
    behind((name for name in block.values if name not in _CARRIED), noted)
    pinned = block.written("bssid")
    return KnownNetwork(
        ssid=ssid,
        key=key,
        security=security,
        priority=within(block.number("priority"), noted),
        bssids=(bssid(pinned),) if pinned not in (None, "", "any") else (),
        hidden=block.number("scan_ssid") == 1,
        eap=eap,
    )


def _login(
    block: _Block, words: set[str], noted: list[str]
) -> tuple[Wanted, Secret | None, Eap | None]:
    """Security, key and login. Where several kinds are allowed: a key comes first."""
    personal, enterprise = words & (_PSK | _SAE), words & _EAP
    has_key = "psk" in block.values or "sae_password" in block.values
    if personal and (has_key or not enterprise or "eap" not in block.values):
        return (Wanted.SAE if not words & _PSK else Wanted.AUTO), _key(block), None
    if enterprise:
        only_wpa3 = enterprise == {"WPA-EAP-SHA256"}
        return (Wanted.WPA3_EAP if only_wpa3 else Wanted.WPA2_EAP), None, _eap(block, noted)
    if "NONE" in words:
        return Wanted.AUTO, None, None
    if "OWE" in words:
        return Wanted.OWE, None, None
    if "IEEE8021X" in words:
        raise Unfit(WEP)
    raise Unfit(f"its key_mgmt, {shown(' '.join(sorted(words)))}, is not possible here")


def _key(block: _Block) -> Secret:
    if "sae_password_id" in block.values:
        raise Unfit("its key has an identifier, which wifirelay cannot send")
    psk, line = block.values.get("psk", ("", 0))
    keys = {block.text("sae_password")} - {None}
    if psk.startswith("ext:"):
        raise Unfit("its key is not in there: another program has it (psk=ext:)")
    if _RAW_PSK.match(psk):
        keys.add(psk)
    elif len(psk) >= 2 and psk[0] == psk[-1] == '"':
        keys.add(psk[1:-1])
    elif psk:
        hint = 'write psk="text", or 64 hexadecimal digits'
        raise broken(block.where, line, "psk is neither text nor a PSK", hint)
    if not keys:
        raise Unfit("its key is not in there")
    if len(keys) > 1:
        raise Unfit("its psk and its sae_password are not the same: wifirelay has one key")
    (key,) = keys
    return Secret(key or "")


def _eap(block: _Block, noted: list[str]) -> Eap:
    method = block.written("eap") or ""
    refuse_checks(name for name in _CHECKS if name in block.values)
    password = block.written("password") or ""
    if password.startswith(("hash:", "ext:")):
        raise Unfit("its password is not in there, or only as a hash")
    phase2 = block.text("phase2")
    inside = None if phase2 is None else _PHASE2.match(phase2)
    if phase2 is not None and inside is None and method.strip().lower() != "tls":
        raise Unfit("its phase2 is not one method, such as auth=MSCHAPV2")
    return login(
        method,
        noted,
        identity=block.text("identity"),
        password=block.text("password"),
        anonymous_identity=block.text("anonymous_identity"),
        phase2=inner(method, inside[2], eap=inside[1] == "autheap") if inside else None,
        ca_cert=block.text("ca_cert"),
        client_cert=block.text("client_cert"),
        priv_key=block.text("private_key"),
        priv_key_password=block.text("private_key_passwd"),
    )
