# SPDX-License-Identifier: GPL-2.0-or-later
"""Known networks as other programs would keep them: what `imports` must give back."""

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.values import Secret

_PLAIN = ("MSCHAPV2", "MSCHAP", "PAP", "CHAP")


def _revealed(secret: Secret | None) -> str:
    return "" if secret is None else secret.reveal()


# --- wpa_supplicant ---


def supplicant_text(network: KnownNetwork) -> str:
    """A `network={...}` block, as `wpa_cli save_config` writes it."""
    name = "".join(f"\\x{byte:02x}" for byte in network.ssid.raw)
    lines = [f'ssid=P"{name}"', f"key_mgmt={_key_mgmt(network)}"]
    if network.key is not None:
        key = network.key.reveal()
        lines.append(f"psk={key}" if network.raw_psk else f'psk="{key}"')
    lines += [f"priority={network.priority}"] if network.priority else []
    lines += [f"bssid={bssid.lower()}" for bssid in network.bssids]
    lines += ["scan_ssid=1"] if network.hidden else []
    if network.eap is not None:
        lines += _supplicant_eap(network.eap)
    return "network={\n" + "".join(f"\t{line}\n" for line in lines) + "}\n"


def _key_mgmt(network: KnownNetwork) -> str:
    words = {
        Wanted.SAE: "SAE",
        Wanted.OWE: "OWE",
        Wanted.WPA2_EAP: "WPA-EAP",
        Wanted.WPA3_EAP: "WPA-EAP-SHA256",
    }
    return words.get(network.security, "NONE" if network.key is None else "WPA-PSK SAE")


def _supplicant_eap(eap: Eap) -> list[str]:
    own = eap.phase2.startswith("EAP-")
    inner = f"auth{'eap' if own else ''}={eap.phase2.removeprefix('EAP-')}"
    texts = {
        "identity": eap.identity,
        "password": _revealed(eap.password),
        "anonymous_identity": eap.anonymous_identity,
        "phase2": None if eap.method == "tls" else inner,
        "ca_cert": eap.ca_cert,
        "client_cert": eap.client_cert,
        "private_key": eap.priv_key,
        "private_key_passwd": _revealed(eap.priv_key_password),
    }
    return [f"eap={eap.method.upper()}", *(f'{n}="{text}"' for n, text in texts.items() if text)]


# --- NetworkManager ---


def keyfile_text(network: KnownNetwork) -> str:
    """A `.nmconnection`, its SSID as text where that can be."""
    raw = network.ssid.raw
    listed = not raw.isascii() or not any(char.isalpha() for char in raw.decode())
    name = "".join(f"{byte};" for byte in raw) if listed else network.ssid.text
    lines = ["[connection]", "id=x", "type=wifi"]
    lines += [f"autoconnect-priority={network.priority}"] if network.priority else []
    lines += ["metered=1"] if network.metered else []
    lines += [
        "",
        "[wifi]",
        f"ssid={name if listed else _escaped(name.replace(';', chr(92) + ';'))}",
    ]
    lines += [f"bssid={bssid}" for bssid in network.bssids]
    lines += ["hidden=true"] if network.hidden else []
    words = {Wanted.SAE: "sae", Wanted.OWE: "owe", Wanted.WPA2_EAP: "wpa-eap"}
    word = words.get(network.security, "" if network.key is None else "wpa-psk")
    lines += ["", "[wifi-security]", f"key-mgmt={word}"] if word else []
    lines += [f"psk={_escaped(network.key.reveal())}"] if network.key is not None else []
    if network.eap is not None:
        lines += ["", "[802-1x]", *_keyfile_eap(network.eap)]
    return "\n".join([*lines, "", "[ipv4]", "method=auto", ""])


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\")
    inner = text.lstrip(" ")
    return "\\s" * (len(text) - len(inner)) + inner


def _keyfile_eap(eap: Eap) -> list[str]:
    own = eap.phase2.startswith("EAP-")
    key = "phase2-autheap" if own else "phase2-auth"
    texts = {
        "identity": eap.identity,
        "password": _revealed(eap.password),
        "anonymous-identity": eap.anonymous_identity,
        key: None if eap.method == "tls" else eap.phase2.removeprefix("EAP-").lower(),
        "ca-cert": eap.ca_cert,
        "client-cert": eap.client_cert,
        "private-key": eap.priv_key,
        "private-key-password": _revealed(eap.priv_key_password),
    }
    return [f"eap={eap.method};", *(f"{n}={_escaped(text)}" for n, text in texts.items() if text)]


# --- OpenWrt ---


def station_text(network: KnownNetwork, *, number: int = 1, disabled: bool = False) -> str:
    """A station of /etc/config/wireless."""
    words = {
        Wanted.SAE: "sae",
        Wanted.OWE: "owe",
        Wanted.WPA2_EAP: "wpa2",
        Wanted.WPA3_EAP: "wpa3",
    }
    word = words.get(network.security, "none" if network.key is None else "sae-mixed")
    options = {
        "device": "radio0",
        "network": "trm_wwan",
        "mode": "sta",
        "ssid": network.ssid.text,
        "encryption": word,
        "key": _revealed(network.key),
        "bssid": "".join(network.bssids[:1]),
        "disabled": "1" if disabled else "",
    }
    if network.eap is not None:
        eap = network.eap
        options |= {
            "eap_type": eap.method,
            "auth": "" if eap.method == "tls" else eap.phase2,
            "identity": eap.identity,
            "password": _revealed(eap.password),
            "anonymous_identity": eap.anonymous_identity or "",
            "ca_cert": eap.ca_cert or "",
            "client_cert": eap.client_cert or "",
            "priv_key": eap.priv_key or "",
            "priv_key_pwd": _revealed(eap.priv_key_password),
        }
    return _section(f"config wifi-iface 'trm_uplink{number}'", options)


def uplink_text(network: KnownNetwork, *, enabled: bool = True) -> str:
    """An uplink of /etc/config/travelmate."""
    options = {
        "enabled": "1" if enabled else "0",
        "device": "radio0",
        "ssid": network.ssid.text,
        "bssid": "".join(network.bssids[:1]),
    }
    return _section("config uplink", options)


def _section(head: str, options: dict[str, str]) -> str:
    lines = [f"\toption {name} {_quoted(value)}\n" for name, value in options.items() if value]
    return f"\n{head}\n{''.join(lines)}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


# --- QR codes ---


def qr_text(network: KnownNetwork) -> str:
    """A `WIFI:` text as `nmcli` and ZXing write it."""
    eap = network.eap
    words = {Wanted.SAE: "SAE", Wanted.WPA2_EAP: "WPA2-EAP", Wanted.WPA3_EAP: "WPA3-EAP"}
    fields = {
        "T": words.get(network.security, "nopass" if network.key is None else "WPA"),
        "R": "8" if network.security is Wanted.OWE else "",
        "S": _coded(network.ssid.text),
        "P": _coded(_revealed(network.key if eap is None else eap.password)),
        "H": "true" if network.hidden else "",
    }
    if eap is not None:
        fields |= {
            "E": eap.method.upper(),
            "PH2": eap.phase2,
            "A": _coded(eap.anonymous_identity or ""),
            "I": _coded(eap.identity),
        }
    return "WIFI:" + "".join(f"{name}:{value};" for name, value in fields.items() if value) + ";"


def _coded(text: str) -> str:
    if text and all(char in "0123456789abcdefABCDEF" for char in text):
        return f'"{text}"'
    return "".join(f"\\{char}" if char in '\\;,:"' else char for char in text)
