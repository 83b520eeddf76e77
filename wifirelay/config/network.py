# SPDX-License-Identifier: GPL-2.0-or-later
"""One known network out of its mapping: which keys it has and which go together."""

from wifirelay.config import secrets
from wifirelay.config.fields import Fields
from wifirelay.config.portal_login import LOGIN_KEYS, portal_login
from wifirelay.config.secrets import ReadSecret
from wifirelay.config.writing import Place
from wifirelay.core.known import (
    DEVICE,
    MAC_WORDS,
    TWIN_WORDS,
    Eap,
    FixedAddress,
    KnownNetwork,
    Wanted,
)
from wifirelay.values import Band, Secret, Ssid, parse_bssid, shown

FIXED_KEYS = ("address", "gateway", "dns")
NETWORK_KEYS = (
    "ssid",
    "ssid_hex",
    "key",
    "key_file",
    "key_env",
    "security",
    "priority",
    "bssid",
    "not_bssid",
    "band",
    "radio",
    "mac",
    "min_signal",
    "hidden",
    "metered",
    *FIXED_KEYS,
    "ipv6_only",
    "twins",
    "vpn",
    "eap",
    *LOGIN_KEYS,
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
NETWORK_OPTIONS = (  # in a file without mappings in mappings, and of a service
    *(key for key in NETWORK_KEYS if key != "eap" and not key.endswith("_env")),
    "enabled",
    *(f"eap_{key}" for key in EAP_KEYS if not key.endswith("_env")),
)
PRIORITY = (-1000, 1000)
PHASE2 = "MSCHAPV2"  # unless the owner says otherwise
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
    data: object, place: Place, reader: ReadSecret, warnings: list[str]
) -> KnownNetwork:
    """The network that a mapping describes, by the keys that its kind of file has.

    What the owner should know is added to `warnings`. Raises ConfigError.
    """
    fields = Fields(data, place, NETWORK_KEYS if place.style.nested else NETWORK_OPTIONS)
    ssid = _ssid(fields)
    word = fields.word("security", [wanted.value for wanted in Wanted], Wanted.AUTO.value)
    security = Wanted(word)
    key = secrets.read(fields, "key", reader, warnings)
    _check_fit(fields, security, key)
    bssids, denied = _bssids(fields, "bssid"), _bssids(fields, "not_bssid")
    if both := set(bssids).intersection(denied):
        raise fields.error(
            "not_bssid", f"{min(both)} stands under bssid too", "take it out of one of them"
        )
    return KnownNetwork(
        ssid=ssid,
        key=key,
        security=security,
        priority=fields.whole("priority", *PRIORITY, "a whole number") or 0,
        bssids=bssids,
        not_bssids=denied,
        bands=_bands(fields),
        radios=tuple(dict.fromkeys(fields.lines("radio", "radio0", alone=True))),
        mac=_mac(fields),
        fixed=_fixed(fields),
        ipv6_only=fields.truth("ipv6_only"),
        min_signal=fields.whole("min_signal", *MIN_SIGNAL, "dBm"),
        hidden=fields.truth("hidden"),
        metered=fields.truth("metered"),
        twins=fields.word("twins", TWIN_WORDS, ""),
        vpn=fields.truth("vpn") if fields.has("vpn") else None,
        eap=_eap(fields, reader, warnings) if fields.first("eap") is not None else None,
        portal_login=portal_login(fields, reader, warnings),
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
                name,
                "is not hexadecimal",
                f"two digits for each byte: {fields.written(name, '436166e9')}",
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
    style = fields.style
    keys = [f"key{ending}" for ending in style.endings]
    present = next((name for name in keys if fields.has(name)), "key")
    eap = fields.first("eap")
    if security in _ENTERPRISE:
        if key is not None:
            raise fields.error(
                present,
                f"an enterprise network (security {security}) has no key",
                "write identity and password under `eap:`"
                if style.nested
                else "write eap_identity and eap_password",
            )
        if eap is None:
            raise fields.error(
                "eap" if style.nested else "eap_method",
                f"is missing: security {security} needs it",
                "eap: {method: peap, identity: ..., password_file: ..., ca_cert: ...}"
                if style.nested
                else "write eap_method, eap_identity, eap_password and eap_ca_cert",
            )
        return
    if eap is not None:
        raise fields.error(
            eap,
            f"does not go with security {security}",
            f"set {style.one('security', 'wpa2-eap')} or wpa3-eap, or take eap out"
            if style.nested
            else f"set {style.one('security', 'wpa2-eap')} or 'wpa3-eap', or take it out",
        )
    if key is None and security in _NEEDS_KEY:
        raise fields.error(
            "key",
            f"is missing: security {security} needs one",
            f"add one of {', '.join(keys)}",
        )
    if key is not None and security in _WITHOUT_KEY:
        raise fields.error(
            present,
            f"does not go with security {security}, which has no key",
            f"take the key out, or set {style.one('security', 'auto')}",
        )
    unfit = secrets.key_problem(key, security, style) if key is not None else None
    if unfit:
        raise fields.error(present, *unfit)


def _bands(fields: Fields) -> tuple[Band, ...]:
    texts = fields.lines("band", "5g", alone=True)
    for text in texts:
        if text not in tuple(Band):
            raise fields.impossible("band", text, Band)
    return tuple(dict.fromkeys(map(Band, texts)))


def _fixed(fields: Fields) -> FixedAddress | None:
    if not any(map(fields.has, FIXED_KEYS)):
        return None
    from wifirelay.config.fixed import fixed_address  # costs memory

    return fixed_address(fields)


def _mac(fields: Fields) -> str:
    """A word, or a station's address in the form of a BSSID."""
    text = fields.line("mac") or DEVICE
    if text in MAC_WORDS:
        return text
    try:
        address = parse_bssid(text)
    except ValueError:
        raise fields.impossible("mac", text, (*MAC_WORDS, "02:00:00:00:06:00")) from None
    if address[1] in "13579BDF" or not address.strip("0:"):
        raise fields.error(
            "mac",
            f"{address} is a group's address, or nobody's",
            "the second digit of a station's is even",
        )
    return address


def _bssids(fields: Fields, name: str) -> tuple[str, ...]:
    bssids = []
    texts = fields.lines(name, "02:00:00:00:06:00", alone=True)
    for index, text in enumerate(texts):
        try:
            bssids.append(parse_bssid(text))
        except ValueError as error:
            key = name if len(texts) == 1 else f"{name}[{index}]"
            hint = "six bytes in hexadecimal" + (", in quotes" if fields.style.typed else "")
            raise fields.error(key, str(error), hint) from None
    return tuple(dict.fromkeys(bssids))


def _eap(outer: Fields, reader: ReadSecret, warnings: list[str]) -> Eap:
    fields = outer.inner("eap", EAP_KEYS)
    if not fields.has("method"):
        raise fields.error("method", "is missing", "one of peap, ttls, tls")
    method = fields.word("method", ("peap", "ttls", "tls"), "")
    identity = fields.line("identity")
    if identity is None:
        raise fields.error("identity", "is missing", "the user name, such as me@example.org")
    tls = method == "tls"
    _refuse(fields, _TUNNELED if tls else _CERTIFIED, method)
    password = secrets.read(fields, "password", reader, warnings)
    if password is None and not tls:
        raise fields.error(
            "password",
            f"is missing: method {method} needs one",
            f"add one of {', '.join(fields.name(f'password{e}') for e in fields.style.endings)}",
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
        phase2=fields.word("phase2", _PHASE2.get(method, ()), PHASE2),
        ca_cert=ca_cert,
        client_cert=_router_path(fields, "client_cert"),
        priv_key=_router_path(fields, "priv_key"),
        priv_key_password=secrets.read(fields, "priv_key_password", reader, warnings),
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
