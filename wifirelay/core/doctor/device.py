# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of the device itself: release, clock, room, programs."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from wifirelay.core.abilities import FULL_WPAD
from wifirelay.core.doctor.facts import Facts
from wifirelay.core.doctor.finding import Finding, Unknown, ok, problem, together, unknown, warning
from wifirelay.core.known import KnownNetwork, Wanted
from wifirelay.errors import Refused
from wifirelay.values import shown

MIB = 1 << 20
FLASH_LEAST = 16 * 1024  # bytes: below it the scripts commit nothing
FLASH_SERVICE = MIB  # bytes: what `install` asks for
MEMORY_LEAST = 4 * MIB  # bytes: below it processes are killed
MEMORY_SERVICE = 24 * MIB  # bytes: what `install` asks for
DAY = 86400
OLDEST_IMAGE = 1661990400  # 2022-09-01: no supported release is older
RAW_PSK_FAILS = (25, 12)  # its supplicant.uc writes every key as a passphrase

# ubus object -> the package that brings it
_NEEDED = {
    "iwinfo": "rpcd-mod-iwinfo",
    "uci": "rpcd",
    "rc": "rpcd",
    "network.interface": "netifd",
    "network.wireless": "netifd",
    "wpa_supplicant": "wpad-basic-mbedtls (or another wpad)",
}


def release(facts: Facts) -> Finding:
    """OpenWrt, and not too old."""
    board = facts.board
    if isinstance(board, Unknown):
        return unknown("release", board)
    try:
        board.check_supported()
    except Refused as refused:
        return problem("release", shown(refused.message), refused.hint)
    return ok("release", shown(f"{board.model}, {board.description or board.version}"))


def clock(facts: Facts) -> Finding:
    """A clock that is wrong makes certificates fail and logs mislead; no trial depends on it."""
    if isinstance(facts.system, Unknown):
        return unknown("clock", facts.system)
    there = facts.system.clock
    if there is None:
        return unknown("clock", Unknown("the router does not tell its time"))
    built = None if isinstance(facts.board, Unknown) else facts.board.built
    remedy = (
        "it is set by NTP as soon as an uplink works: see that `/etc/init.d/sysntpd` is enabled; "
        "until then certificates can fail, and the times in logs are wrong"
    )
    if there < (built or OLDEST_IMAGE) - DAY:
        return warning("clock", f"it says {_day(there)}: before its software was made", remedy)
    if facts.now is not None and abs(int(facts.now) - there) > DAY:
        return warning("clock", f"it says {_day(there)}, and it is {_day(facts.now)}", remedy)
    return ok("clock", f"it says {_day(there)}")


def _day(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return "a time that no calendar has"


def flash(facts: Facts) -> Finding:
    """`uci commit` on a full flash exits 0 and empties the file (OpenWrt of 2025-02)."""
    if isinstance(facts.system, Unknown):
        return unknown("flash", facts.system)
    free = facts.system.flash_free
    if free is None:
        return unknown("flash", Unknown("the router does not tell how much is free"))
    if free < FLASH_LEAST:
        return problem(
            "flash",
            f"{free // 1024} KiB free: nothing could be written safely",
            "remove packages or files below /overlay",
        )
    if free < FLASH_SERVICE:
        return warning(
            "flash",
            f"{free // 1024} KiB free: the service does not fit on the router",
            "run it on another machine: `wifirelay --router ... run`",
        )
    return ok("flash", f"{free // MIB} MiB free")


def memory(facts: Facts) -> Finding:
    """RAM for new processes."""
    if isinstance(facts.system, Unknown):
        return unknown("memory", facts.system)
    free = facts.system.memory_free
    if free is None:
        return unknown("memory", Unknown("the router does not tell how much is free"))
    if free < MEMORY_LEAST:
        return problem(
            "memory",
            f"{free // MIB} MiB available: processes may be killed",
            "stop services that are not needed, or reboot",
        )
    if free < MEMORY_SERVICE:
        return warning(
            "memory",
            f"{free // MIB} MiB available: the service does not fit on the router",
            "run it on another machine: `wifirelay --router ... run`",
        )
    return ok("memory", f"{free // MIB} MiB available")


def packages(facts: Facts) -> Finding:
    """What wifirelay asks over ubus, and which package brings it."""
    if isinstance(facts.objects, Unknown):
        return unknown("packages", facts.objects)
    missing = [name for name in _NEEDED if name not in facts.objects]
    if missing:
        wanted = dict.fromkeys(_NEEDED[name] for name in missing)
        return problem(
            "packages",
            f"ubus has no {', '.join(missing)}",
            f"install {', '.join(wanted)}; if it is installed: is its service running?",
        )
    return ok("packages", "all that is asked over ubus is there")


def supplicant(facts: Facts) -> Finding:
    """The flavours of wpad differ in what they can log in to."""
    if isinstance(facts.features, Unknown):
        return unknown("supplicant", facts.features)
    has = [name for name, there in facts.features.items() if there]
    lacks = [name for name, there in facts.features.items() if there is False]
    if not has and not lacks:
        return unknown("supplicant", Unknown("wpa_supplicant does not tell what it can"))
    remedy = (
        f"replace the wpad package by a full one, such as {FULL_WPAD}, over a cable: "
        "the own Wi-Fi is off the air meanwhile"
    )

    def wrong() -> Iterator[Finding]:
        for name in lacks:
            for network in facts.known:
                if _needs(network) == name:
                    yield problem(
                        "supplicant",
                        f"wpa_supplicant was built without {name}, which {network.ssid} needs",
                        remedy,
                    )
        if "sae" in lacks:
            yield warning(
                "supplicant", "wpa_supplicant knows no sae: WPA3 networks are not joined", remedy
            )

    without = f", not {', '.join(lacks)}: no known network needs it" if lacks else ""
    return together(wrong(), ok("supplicant", f"wpa_supplicant knows {', '.join(has)}{without}"))


def _needs(network: KnownNetwork) -> str:
    """What a network cannot be joined without."""
    if network.eap is not None:
        return "eap"
    return {Wanted.SAE: "sae", Wanted.OWE: "owe"}.get(network.security, "")


def login_page(facts: Facts) -> Finding:
    """A network's own word on its login page (RFC 8908) comes by TLS."""
    if isinstance(facts.login_api, Unknown):
        return unknown("login-page", facts.login_api)
    if facts.login_api:
        return warning(
            "login-page",
            f"a network cannot be asked for its login page, which is found by probes alone: "
            f"{facts.login_api}",
            "install libustream-mbedtls and ca-bundle, which OpenWrt's own images have",
        )
    return ok("login-page", "TLS and certificates are there: a network can be asked for it")


def keys(facts: Facts) -> Finding:
    """A key of 64 hexadecimal digits is written as a passphrase from 25.12 on, and that is too
    long: wpa_supplicant then refuses its whole configuration."""
    fine = ok("keys", "no known network has a key of 64 hexadecimal digits")
    raw = ", ".join(str(network.ssid) for network in facts.known if network.raw_psk)
    if not raw:
        return fine
    if facts.raw_psk is True:
        return ok("keys", f"the key of {raw} is 64 hexadecimal digits, which this release can use")
    if facts.raw_psk is False:
        evidence = f"the key of {raw} is 64 hexadecimal digits: this release cannot use it"
        return problem("keys", evidence, "put the passphrase itself into the configuration")
    if isinstance(facts.board, Unknown):
        return unknown("keys", facts.board)
    number = re.match(r"([0-9]{1,4})\.([0-9]{1,4})", facts.board.version)
    evidence = f"the key of {raw} is 64 hexadecimal digits"
    remedy = "put the passphrase itself into the configuration"
    if number is None:
        return warning("keys", f"{evidence}: releases from 25.12 on cannot use it", remedy)
    if (int(number[1]), int(number[2])) >= RAW_PSK_FAILS:
        return problem("keys", f"{evidence}: this release cannot use it", remedy)
    return ok("keys", f"{evidence}, which this release can use")
