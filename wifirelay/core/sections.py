# SPDX-License-Identifier: GPL-2.0-or-later
"""Own sections of `wireless`: which they are, what they hold at baseline and while joined."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from wifirelay.core.feeds import interface_for
from wifirelay.core.known import NAT, WDS, KnownNetwork, Relay, Wanted
from wifirelay.core.mac import LENT, MAC, lend
from wifirelay.core.wds import BRIDGED, is_bridged
from wifirelay.router.programs import NOT_ASKED, Abilities
from wifirelay.uci.edits import Edit, Verb, section_edits
from wifirelay.uci.model import Package, Section, Value
from wifirelay.uci.staged import OWN_PREFIX, Change
from wifirelay.values import Security, Ssid

KIND = "wifi-iface"

# wpa_supplicant neither joins nor roams to these. Known to hostapd.sh and supplicant.uc of all
# releases from 22.03, and taken by wpa_supplicant 2.10, which calls it `bssid_ignore` by now.
# As one text: netifd splits it at the blanks.
DENIED = "bssid_blacklist"

# Every option that a join may write, beside those of mac.py; all others in an own section stay.
JOIN_OPTIONS = (
    "device",
    "network",
    "wds",
    "mode",
    "ssid",
    "bssid",
    DENIED,
    "encryption",
    "key",
    "eap_type",
    "auth",
    "identity",
    "anonymous_identity",
    "password",
    "ca_cert",
    "client_cert",
    "priv_key",
    "priv_key_pwd",
    "disabled",
)

_ENCRYPTION = {
    Security.OPEN: "none",
    Security.OWE: "owe",
    Security.PSK2: "psk2",
    Security.SAE_MIXED: "sae-mixed",
    Security.SAE: "sae",
    Security.WPA2_EAP: "wpa2",
    Security.WPA3_EAP: "wpa3",
}

# A hidden network that was not heard: what is tried for its configured word.
_BLIND = {
    Wanted.OPEN: Security.OPEN,
    Wanted.OWE: Security.OWE,
    Wanted.PSK2: Security.PSK2,
    Wanted.SAE: Security.SAE,
    Wanted.SAE_MIXED: Security.SAE_MIXED,
    Wanted.WPA2_EAP: Security.WPA2_EAP,
    Wanted.WPA3_EAP: Security.WPA3_EAP,
}


def all_own(wireless: Package) -> tuple[Section, ...]:
    """Every own section, two on one radio included (somebody renamed or copied one)."""
    return tuple(
        section for section in wireless.of_kind(KIND) if section.name.startswith(OWN_PREFIX)
    )


def own_options(wireless: Package) -> dict[str, dict[str, object]]:
    """What every own section holds."""
    return {section.name: dict(section.options) for section in all_own(wireless)}


def own_sections(wireless: Package) -> dict[str, Section]:
    """The own uplink sections by their radio; of two on one radio the first."""
    found: dict[str, Section] = {}
    for section in all_own(wireless):
        found.setdefault(section.get("device"), section)
    return found


def section_name(radio: str, wireless: Package) -> str:
    """The own section of this radio: the one there is, else the name that `setup` gives it."""
    own = own_sections(wireless)
    if radio in own:
        return own[radio].name
    taken = {section.name for section in wireless}
    return OWN_PREFIX if OWN_PREFIX not in taken and not own else f"{OWN_PREFIX}_{radio}"


def encryption(
    network: KnownNetwork, security: Security | None, abilities: Abilities = NOT_ASKED
) -> str:
    """UCI's word for joining `network` at a BSS with this security (None: not heard).

    `security: sae` at a BSS in transition mode insists on SAE. A wpa_supplicant without SAE
    refuses a configuration that names it: such a router joins transition mode by WPA2.
    """
    if security is None:
        security = _BLIND.get(network.security)
    if security is None:  # auto
        if network.eap is not None:
            security = Security.WPA2_EAP
        elif network.key is None:
            security = Security.OPEN
        else:  # a key too short for WPA2 can only be an SAE password
            security = Security.SAE_MIXED if network.fits(Security.PSK2) else Security.SAE
    if security is Security.SAE_MIXED and network.security is Wanted.SAE:
        security = Security.SAE
    elif security is Security.SAE_MIXED and (network.raw_psk or abilities.get("sae") is False):
        security = Security.PSK2
    return _ENCRYPTION[security]


def joined(
    network: KnownNetwork,
    radio: str,
    relay: Relay,
    security: Security | None,
    bssid: str | None,
    abilities: Abilities = NOT_ASKED,
) -> dict[str, str]:
    """The options of the own section while it is joined to `network`.

    `bssid` is given only when the owner listed BSSIDs, and for OWE: else wpa_supplicant picks
    and roams.
    """
    options = {
        "device": radio,
        "network": interface_for(network, relay.interface),
        "mode": "sta",
        "ssid": network.ssid.text,
        "encryption": encryption(network, security, abilities),
    }
    if bssid is not None:
        options["bssid"] = bssid
    if network.not_bssids:
        options[DENIED] = " ".join(network.not_bssids)
    if network.key is not None:
        options["key"] = network.key.reveal()
    if network.eap is not None:
        eap = network.eap
        options["eap_type"] = eap.method
        if eap.method != "tls":
            options["auth"] = eap.phase2
        extra = (
            ("identity", eap.identity),
            ("anonymous_identity", eap.anonymous_identity),
            ("password", eap.password.reveal() if eap.password else None),
            ("ca_cert", eap.ca_cert),
            ("client_cert", eap.client_cert),
            ("priv_key", eap.priv_key),
            ("priv_key_pwd", eap.priv_key_password.reveal() if eap.priv_key_password else None),
        )
        options.update((option, value) for option, value in extra if value)
    if relay.kind == WDS:
        options |= BRIDGED
    options["disabled"] = "0"
    return options


def baseline(radio: str, relay: Relay) -> dict[str, str]:
    """The options of an own section at baseline, as `setup` leaves it."""
    bridged = BRIDGED if relay.kind == WDS else {}
    return {"device": radio, "network": relay.interface, "mode": "sta", "disabled": "1", **bridged}


def at_rest(section: Section, relay: Relay) -> dict[str, Value]:
    """What an own section holds of what joins write once none is joined: the baseline, but for its
    device, which stays as it is, right or wrong or missing, and the owner's `macaddr`.
    In the bridge, or not, as `setup` left it: the configuration may be another one by now."""
    relay = replace(relay, kind=WDS if is_bridged(section) else NAT)
    device = {"device": section.options["device"]} if section.get("device") else {}
    wanted: dict[str, Value] = {**baseline("", relay), **lend(section, None)}
    del wanted["device"]
    return wanted | device


def join_edits(wireless: Package, radio: str, options: dict[str, str]) -> tuple[Edit, ...]:
    """What makes the own section of `radio` hold `options`, and no other own section enabled.

    On a router without that section: the edits as they would be after `setup`.
    """
    name = section_name(radio, wireless)
    relay = Relay(interface=options["network"])
    current = wireless.section(name) or Section(name, KIND, baseline(radio, relay))
    wanted: dict[str, Value] = {**options, **lend(current, options.get(MAC))}
    return (
        *section_edits("wireless", name, current, wanted, (*JOIN_OPTIONS, *LENT)),
        *disable_edits(section for section in all_own(wireless) if section.name != name),
    )


def leave_edits(wireless: Package, relay: Relay) -> tuple[Edit, ...]:
    """What brings every own section back to its baseline."""
    return tuple(
        edit
        for section in all_own(wireless)
        for edit in section_edits(
            "wireless",
            section.name,
            section,
            at_rest(section, relay),
            (*JOIN_OPTIONS, *LENT),
        )
    )


def disable_edits(sections: Iterable[Section]) -> tuple[Edit, ...]:
    """What disables these sections, as far as they are enabled."""
    return tuple(
        edit
        for section in sections
        if section.enabled
        for edit in section_edits("wireless", section.name, section, {"disabled": "1"}, ())
    )


def forget_edits(
    wireless: Package, radio: str, relay: Relay, kept: Collection[Ssid]
) -> tuple[Edit, ...]:
    """What brings the other radios' own sections back to their baseline whose network is none to
    be `kept`: a commit of this radio's would put its key on flash as well."""
    name = section_name(radio, wireless)
    strangers = tuple(
        section
        for section in all_own(wireless)
        if section.name != name and (ssid := section.get("ssid")) and Ssid.of(ssid) not in kept
    )
    return leave_edits(Package("wireless", strangers), relay)


def staged_only(
    wireless: Package, changes: Collection[Change], radio: str, relay: Relay
) -> tuple[Edit, ...]:
    """What brings the other radios' own sections back to their baseline that have staged edits: a
    commit of this radio's would put on flash what was to be for a session alone, its key too."""
    name = section_name(radio, wireless)
    staged = {change.section for change in changes if change.package == "wireless"}
    others = (each for each in all_own(wireless) if each.name != name and each.name in staged)
    return leave_edits(Package("wireless", tuple(others)), relay)


def off_again(wireless: Package, radio: str) -> tuple[Edit, ...]:
    """Disables every own section but this radio's, disabled as they may seem: since they were
    looked at, the sentry may have allowed one. `uci` stages nothing for what is so already."""
    name = section_name(radio, wireless)
    return tuple(
        Edit(Verb.SET, "wireless", section.name, "disabled", "1")
        for section in all_own(wireless)
        if section.name != name
    )
