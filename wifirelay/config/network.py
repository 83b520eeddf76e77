# SPDX-License-Identifier: GPL-2.0-or-later
"""One known network out of its mapping: which keys it has and which go together."""

import os

from wifirelay.config import secrets
from wifirelay.config.fields import Fields
from wifirelay.config.secrets import ReadSecret
from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.values import Secret, Ssid, parse_bssid, shown

NETWORK_KEYS = (
    "ssid",
    "ssid_hex",
    "key",
    "key_file",
    "key_env",
    "security",
    "priority",
    "bssid",
    "min_signal",
    "hidden",
    "metered",
    "eap",
)
EAP_KEYS = (
    "method",
    "identity",
    "password",
    "password_file",
    "password_env",
    "anonymous_identity",
    "phase2",
    "ca_cert",
    "client_cert",
    "priv_key",
    "priv_key_password",
    "priv_key_password_file",
    "priv_key_password_env",
)
PRIORITY = (-1000, 1000)
MIN_SIGNAL = (-100, -20)  # dBm

_ENTERPRISE = (Wanted.WPA2_EAP, Wanted.WPA3_EAP)
_NEEDS_KEY = (Wanted.PSK2, Wanted.SAE, Wanted.SAE_MIXED)
_WITHOUT_KEY = (Wanted.OPEN, Wanted.OWE)
# What wpa_supplicant can run inside of the tunnel, by UCI's names for it.
_PHASE2 = {
    "peap": ("MSCHAPV2", "EAP-MSCHAPV2", "EAP-GTC", "EAP-MD5"),
    "ttls": ("MSCHAPV2", "MSCHAP", "PAP", "CHAP", "EAP-MSCHAPV2", "EAP-GTC", "EAP-MD5"),
}


def network_from(
    data: object, where: str, path: str, reader: ReadSecret, warnings: list[str]
) -> KnownNetwork:
    """The network that a mapping describes; `path` is its place, such as `networks[2]`.

    What the owner should know is added to `warnings`. Raises ConfigError.
    """
    fields = Fields(data, where, path, NETWORK_KEYS)
    ssid = _ssid(fields)
    word = fields.word("security", [wanted.value for wanted in Wanted], Wanted.AUTO.value)
    security = Wanted(word)
    key = secrets.read(fields, "key", os.path.dirname(where), reader, warnings)
    _check_fit(fields, security, key)
    return KnownNetwork(
        ssid=ssid,
        key=key,
        security=security,
        priority=fields.whole("priority", *PRIORITY, "a whole number") or 0,
        bssids=_bssids(fields),
        min_signal=fields.whole("min_signal", *MIN_SIGNAL, "dBm"),
        hidden=fields.truth("hidden"),
        metered=fields.truth("metered"),
        eap=_eap(fields, where, reader, warnings) if fields.has("eap") else None,
    )


def _ssid(fields: Fields) -> Ssid:
    if fields.has("ssid") and fields.has("ssid_hex"):
        raise fields.error("ssid_hex", "stands beside ssid", "keep one of ssid, ssid_hex")
    name = "ssid_hex" if fields.has("ssid_hex") else "ssid"
    text = fields.text(name)
    if text is None:
        raise fields.error("ssid", "is missing", "every network needs an ssid, or an ssid_hex")
    if name == "ssid_hex":
        try:
            ssid = Ssid(bytes.fromhex(text))
        except ValueError:
            raise fields.error(
                name, "is not hexadecimal", 'two digits for each byte: ssid_hex: "436166e9"'
            ) from None
    else:
        try:
            ssid = Ssid.of(text)
        except UnicodeEncodeError:
            raise fields.error(
                name, "holds a character that UTF-8 does not have", "write the bytes as ssid_hex"
            ) from None
    why = ssid.unjoinable()
    if why:
        raise fields.error(name, why, "1 to 32 bytes in UTF-8, without control characters")
    return ssid


def _check_fit(fields: Fields, security: Wanted, key: Secret | None) -> None:
    """Whether security, key and eap go together."""
    present = next((n for n in ("key", "key_file", "key_env") if fields.has(n)), "key")
    if security in _ENTERPRISE:
        if key is not None:
            raise fields.error(
                present,
                f"an enterprise network (security {security}) has no key",
                "write identity and password under `eap:`",
            )
        if not fields.has("eap"):
            raise fields.error(
                "eap",
                f"is missing: security {security} needs it",
                "eap: {method: peap, identity: ..., password_file: ..., ca_cert: ...}",
            )
        return
    if fields.has("eap"):
        raise fields.error(
            "eap",
            f"does not go with security {security}",
            "set security: wpa2-eap or wpa3-eap, or take eap out",
        )
    if key is None and security in _NEEDS_KEY:
        raise fields.error(
            "key",
            f"is missing: security {security} needs one",
            "add one of key, key_file, key_env",
        )
    if key is not None and security in _WITHOUT_KEY:
        raise fields.error(
            present,
            f"does not go with security {security}, which has no key",
            "take the key out, or set security: auto",
        )
    unfit = secrets.key_problem(key, security) if key is not None else None
    if unfit:
        raise fields.error(present, *unfit)


def _bssids(fields: Fields) -> tuple[str, ...]:
    bssids = []
    texts = fields.lines("bssid", '["02:00:00:00:06:00"]', alone=True)
    for index, text in enumerate(texts):
        try:
            bssids.append(parse_bssid(text))
        except ValueError as error:
            key = "bssid" if len(texts) == 1 else f"bssid[{index}]"
            raise fields.error(key, str(error), "six bytes in hexadecimal, in quotes") from None
    return tuple(dict.fromkeys(bssids))


def _eap(outer: Fields, where: str, reader: ReadSecret, warnings: list[str]) -> Eap:
    fields = Fields(outer.raw("eap"), where, outer.path("eap"), EAP_KEYS)
    if not fields.has("method"):
        raise fields.error("method", "is missing", "one of peap, ttls, tls")
    method = fields.word("method", ("peap", "ttls", "tls"), "")
    identity = fields.line("identity")
    if identity is None:
        raise fields.error("identity", "is missing", "the user name, such as me@example.org")
    tls = method == "tls"
    _refuse(fields, _TUNNELED if tls else _CERTIFIED, method)
    base = os.path.dirname(where)
    password = secrets.read(fields, "password", base, reader, warnings)
    if password is None and not tls:
        raise fields.error(
            "password",
            f"is missing: method {method} needs one",
            "add one of password, password_file, password_env",
        )
    for name in ("client_cert", "priv_key"):
        if tls and not fields.has(name):
            raise fields.error(
                name, "is missing: method tls needs it", "the file's path on the router"
            )
    ca_cert = _router_path(fields, "ca_cert")
    if ca_cert is None:
        warnings.append(
            f"{fields.path('ca_cert')} is missing: any access point with this name "
            "can pose as the network" + ("" if tls else " and learn the password")
        )
    return Eap(
        method=method,
        identity=identity,
        password=password,
        anonymous_identity=fields.line("anonymous_identity"),
        phase2=fields.word("phase2", _PHASE2.get(method, ()), "MSCHAPV2"),
        ca_cert=ca_cert,
        client_cert=_router_path(fields, "client_cert"),
        priv_key=_router_path(fields, "priv_key"),
        priv_key_password=secrets.read(fields, "priv_key_password", base, reader, warnings),
    )


_TUNNELED = ("password", "password_file", "password_env", "phase2")
_CERTIFIED = tuple(name for name in EAP_KEYS if name.startswith(("client_cert", "priv_key")))


def _refuse(fields: Fields, keys: tuple[str, ...], method: str) -> None:
    for key in keys:
        if fields.has(key):
            raise fields.error(key, f"does not go with method {method}", "take it out")


def _router_path(fields: Fields, key: str) -> str | None:
    path = fields.line(key)
    if path is not None and not path.startswith("/"):
        raise fields.error(
            key,
            f"{shown(path)!r} is not an absolute path",
            "the file is read on the router: write its full path there, such as /etc/ssl/ca.pem",
        )
    return path
