# SPDX-License-Identifier: GPL-2.0-or-later
"""NetworkManager's keyfiles (`*.nmconnection`), one or several in a row.

Reads groups, escapes and lists of bytes as GLib's GKeyFile and NetworkManager's `nm-keyfile.c`
do. A group that comes a second time begins the next file: `cat *.nmconnection` is enough.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.imports.enterprise import inner, login, refuse_checks
from wifirelay.imports.found import WEP, Found, Make, Unfit, behind, broken, bssid, gather, within
from wifirelay.values import Secret, Ssid, shown

_ALIASES = {"802-11-wireless": "wifi", "802-11-wireless-security": "wifi-security"}
_GROUP = re.compile(r"\[([^\[\]\x00-\x1f]+)\][ \t]*\Z")
_ESCAPE = re.compile(r"\\([sntr\\])")
_PLAIN = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_BYTES = re.compile(r"(?:[ \t]*+[0-9]{1,3}[ \t]*+;)++[ \t]*+\Z")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}\Z")
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")
_CHECKS = (
    *("domain-suffix-match", "domain-match", "altsubject-matches", "subject-match", "ca-path"),
    *("phase2-ca-cert", "phase2-domain-suffix-match", "phase2-altsubject-matches"),
    *("phase2-domain-match", "phase2-subject-match", "phase2-ca-path"),
)
_CARRIED = {
    "wifi": {"ssid", "mode", "bssid", "hidden"},
    "wifi-security": {"key-mgmt", "psk", "psk-flags", "auth-alg"},
    "802-1x": {
        *("eap", "identity", "anonymous-identity", "password", "password-flags", "phase2-auth"),
        *("phase2-autheap", "ca-cert", "client-cert", "private-key", "private-key-password"),
        *("private-key-password-flags", "system-ca-certs"),
    },
}
# Settings of that machine's card, and notes of NetworkManager's own
_ITS_OWN = {"mac-address", "mac-address-blacklist", "seen-bssids", "powersave", "security"}
_USUAL = ("auto", "ignore", "disabled", "link-local", "default", "none", "shared")


def parse(text: str, where: str, *, disabled: bool = False) -> Found:
    """The networks of such a file; with `disabled` those not to be joined by themselves, too.

    Raises ConfigError for a line that cannot be read.
    """
    return gather(
        _entry(profile, disabled=disabled)
        for profile in _profiles(text.removeprefix("\ufeff"), where)
    )


@dataclass(frozen=True, slots=True)
class _Profile:
    """One keyfile: its groups, each value with its line."""

    where: str
    line: int
    groups: Mapping[str, Mapping[str, tuple[str, int]]] = field(repr=False)  # may hold keys

    def text(self, group: str, key: str) -> str | None:
        value = self.groups.get(group, {}).get(key)
        return None if value is None else _ESCAPE.sub(lambda found: _PLAIN[found[1]], value[0])

    def number(self, group: str, key: str) -> int:
        """A whole number; 0 when it is not there. Raises ConfigError."""
        text, line = self.groups.get(group, {}).get(key, ("0", 0))
        if not _NUMBER.match(text.strip()):
            raise broken(self.where, line, f"{key} is not a whole number", "write digits alone")
        return int(text)

    def truth(self, group: str, key: str, *, default: bool) -> bool:
        """A truth value. Raises ConfigError."""
        text, line = self.groups.get(group, {}).get(key, ("", 0))
        word = text.strip().lower()
        if line and word not in (*_TRUE, *_FALSE):
            raise broken(self.where, line, f"{key} is not true or false", "write true or false")
        return word in _TRUE if line else default


def _profiles(text: str, where: str) -> Iterator[_Profile]:
    groups: dict[str, dict[str, tuple[str, int]]] = {}
    current: dict[str, tuple[str, int]] | None = None
    begun = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r").lstrip(" \t")
        if not line or line.startswith("#"):
            continue
        group = _GROUP.match(line)
        if group is not None:
            name = _ALIASES.get(group[1], group[1])
            if name in groups:
                yield _Profile(where, begun, groups)
                groups = {}
            begun = begun if groups else number
            current = groups[name] = {}
            continue
        key, equals, value = line.partition("=")
        if current is None or not equals:
            hint = "a keyfile has [groups] and key=value below them"
            raise broken(where, number, "is neither a group nor key=value", hint)
        current[key.rstrip(" \t")] = (value.lstrip(" \t"), number)
    if groups:
        yield _Profile(where, begun, groups)


def _entry(profile: _Profile, *, disabled: bool) -> tuple[str, Make]:
    ssid = _ssid(profile.text("wifi", "ssid"))
    name = profile.text("connection", "id") or f"line {profile.line}"
    kind = _ALIASES.get(found := profile.text("connection", "type") or "wifi", found)
    if kind != "wifi" or ssid is None:
        why = "it has no ssid" if kind == "wifi" else f"it is no Wi-Fi network ({shown(kind)})"
        return name, partial(_refused, why)
    return ssid.text, partial(_network, profile, ssid, disabled)


def _refused(why: str, _noted: list[str]) -> KnownNetwork:
    raise Unfit(why)


def _ssid(value: str | None) -> Ssid | None:
    """A list of bytes, `72;111;`, or else text, where `;` stands behind a backslash."""
    if not value:
        return None
    if _BYTES.match(value):
        numbers = [int(each) for each in value.split(";") if each.strip()]
        if max(numbers) <= 255:
            return Ssid(bytes(numbers))
    return Ssid.of(value.replace("\\;", ";"))


def _network(profile: _Profile, ssid: Ssid, disabled: bool, noted: list[str]) -> KnownNetwork:
    if (profile.text("wifi", "mode") or "infrastructure") != "infrastructure":
        raise Unfit("it is no network to join: its mode is ad hoc, mesh or an own access point")
    if not disabled and not profile.truth("connection", "autoconnect", default=True):
        raise Unfit(
            "it is not joined by itself there (autoconnect=false); --disabled takes it, too"
        )
    security, key, eap = _login(profile, noted)
    pinned = profile.text("wifi", "bssid")
    priority = within(profile.number("connection", "autoconnect-priority"), noted)
    metered = profile.number("connection", "metered") == 1  # 2: no; 3 and 4: a guess
    for group, carried in _CARRIED.items():
        behind(
            (key for key in profile.groups.get(group, ()) if key not in carried | _ITS_OWN), noted
        )
    for group in ("ipv4", "ipv6", "proxy"):
        method = profile.text(group, "method") or "auto"
        if method not in _USUAL:
            noted.append(f"not carried over: the addresses under [{group}]")
    return KnownNetwork(
        ssid=ssid,
        key=key,
        security=security,
        priority=priority,
        bssids=(bssid(pinned),) if pinned else (),
        hidden=profile.truth("wifi", "hidden", default=False),
        metered=metered,
        eap=eap,
    )


def _login(profile: _Profile, noted: list[str]) -> tuple[Wanted, Secret | None, Eap | None]:
    word = profile.text("wifi-security", "key-mgmt")
    if "wifi-security" not in profile.groups:
        return Wanted.AUTO, None, None
    if word in ("none", "ieee8021x"):
        raise Unfit(WEP)
    if word in ("wpa-psk", "sae"):
        key = _secret(profile, "wifi-security", "psk")
        return (Wanted.SAE if word == "sae" else Wanted.AUTO), Secret(key), None
    if word == "owe":
        return Wanted.OWE, None, None
    if word == "wpa-eap":
        return Wanted.WPA2_EAP, None, _eap(profile, noted)
    raise Unfit(f"its key-mgmt, {shown(word or '')}, is not possible here")


def _secret(profile: _Profile, group: str, key: str) -> str:
    """A key or password. Raises Unfit, which says where it is instead."""
    text = profile.text(group, key)
    if text:
        return text
    flags = profile.number(group, f"{key}-flags")
    add = "`wifirelay networks add` asks for it"
    if flags & 1:
        raise Unfit(f"its {key} is in its user's keyring ({key}-flags={flags}): {add}")
    if flags & 2:
        raise Unfit(f"its {key} is asked for each time ({key}-flags={flags}): {add}")
    raise Unfit(f"its {key} is not in there")


def _eap(profile: _Profile, noted: list[str]) -> Eap:
    of = partial(profile.text, "802-1x")
    method = (of("eap") or "").rstrip("; ")
    refuse_checks(name for name in _CHECKS if of(name))
    if profile.truth("802-1x", "system-ca-certs", default=False):
        refuse_checks(["system-ca-certs"])
    tls = method.lower() == "tls"
    plain, own = of("phase2-auth"), of("phase2-autheap")
    word = own or plain
    return login(
        method,
        noted,
        identity=of("identity"),
        password=None if tls else _secret(profile, "802-1x", "password"),
        anonymous_identity=of("anonymous-identity"),
        phase2=inner(method, word.rstrip("; "), eap=own is not None) if word else None,
        ca_cert=_path(of("ca-cert")),
        client_cert=_path(of("client-cert")),
        priv_key=_path(of("private-key")),
        priv_key_password=of("private-key-password"),
    )


def _path(value: str | None) -> str | None:
    """A certificate's path: bare, as file://, or either as a list of bytes with a NUL behind."""
    if not value:
        return None
    if _BYTES.match(value):
        numbers = [int(each) for each in value.split(";") if each.strip()]
        if max(numbers) > 255:
            raise Unfit("a certificate is no file with a full path")
        value = bytes(numbers).decode("utf-8", "surrogateescape").removesuffix("\0")
    return value.removeprefix("file://")
