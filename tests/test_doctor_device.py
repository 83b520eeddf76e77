# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of the device: numbers at their edges, and what an owner reads of them."""

import time
from dataclasses import replace

import pytest
from healthy import ALL, BOARD, MIB, NOON, says
from known import network

from wifirelay.core.doctor.device import DAY, OLDEST_IMAGE
from wifirelay.core.doctor.finding import Unknown
from wifirelay.core.known import Eap
from wifirelay.router.board import SystemInfo


def clock(at: int, verdict: str, *texts: str, built: int | None, now: float | None = None) -> None:
    board = replace(BOARD, built=built)
    says("clock", verdict, *texts, board=board, now=now, system=SystemInfo(1, None, None, at))


def test_a_clock_is_believed_from_a_day_before_its_software_was_made() -> None:
    clock(NOON - DAY, "ok", built=NOON)
    clock(NOON - DAY - 1, "warning", "before its software was made", "sysntpd", built=NOON)
    clock(OLDEST_IMAGE - DAY, "ok", built=None)
    clock(OLDEST_IMAGE - DAY - 1, "warning", "it says 2022-08-30", built=None)


def test_a_clock_may_differ_by_a_day_from_one_that_is_right() -> None:
    clock(NOON, "ok", "it says 2026-11-23", built=1, now=NOON + DAY + 0.5)
    clock(NOON, "ok", built=1, now=NOON - DAY + 0.5)
    clock(NOON, "warning", "2026-11-23, and it is 2026-11-24", built=1, now=NOON + DAY + 1.0)
    clock(NOON, "warning", "2026-11-23, and it is 2026-11-22", built=1, now=NOON - DAY - 1.0)


def test_the_day_is_that_of_utc_wherever_the_reader_is(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        monkeypatch.setenv("TZ", "EARLY-14")
        time.tzset()
        clock(1_795_478_399, "ok", "it says 2026-11-23", built=1)
        clock(1_795_478_400, "ok", "it says 2026-11-24", built=1)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_room_is_told_in_whole_numbers() -> None:
    def room(check: str, free: int) -> str:
        fact = SystemInfo(1, free, None) if check == "flash" else SystemInfo(1, None, free)
        return says(check, {0: "problem"}.get(free // 16384, "warning"), system=fact).evidence

    assert room("flash", 5 * 1024).startswith("5 KiB free: nothing")
    assert room("flash", 512 * 1024).startswith("512 KiB free: the service")
    assert room("flash", 16 * 1024 - 1).startswith("15 KiB free: nothing")
    assert room("flash", MIB - 1).startswith("1023 KiB free: the service does not fit")
    few, fine = SystemInfo(1, MIB, 4 * MIB - 1), SystemInfo(1, 3 * MIB - 1, 25 * MIB - 1)
    assert says("memory", "problem", system=few).evidence.startswith("3 MiB available")
    assert room("memory", 24 * MIB - 1).startswith("23 MiB available: the service does not fit")
    assert says("flash", "ok", system=fine).evidence == "2 MiB free"
    assert says("memory", "ok", system=fine).evidence == "24 MiB available"


def test_all_packages_that_are_missing_are_named_once() -> None:
    says("packages", "ok", "all that is asked over ubus is there")
    says(
        "packages",
        "problem",
        "ubus has no iwinfo, uci, rc",
        "install rpcd-mod-iwinfo, rpcd; if",
        objects=ALL - {"uci", "rc", "iwinfo"},
    )


def test_what_the_supplicant_lacks_is_only_told_where_it_is_so() -> None:
    one = says("supplicant", "ok")
    assert one.evidence == "wpa_supplicant knows eap, sae, owe"
    lacks = {"eap": False, "sae": True, "owe": False}
    one = says("supplicant", "ok", features=lacks, known=(network(),))
    assert one.evidence == "wpa_supplicant knows sae, not eap, owe: no known network needs it"
    campus = network("Campus", key=None, eap=Eap("peap", "me"))
    needs = (network(), campus, network("Sealed", key=None, security="owe"))
    one = says("supplicant", "problem", features=lacks, known=needs)
    assert one.evidence == (
        "wpa_supplicant was built without eap, which Campus needs; "
        "wpa_supplicant was built without owe, which Sealed needs"
    )
    assert "over a cable" in one.remedy


def test_every_network_with_such_a_key_is_named() -> None:
    raw = tuple(network(name, key="0123456789abcdef" * 4) for name in ("One", "Two"))
    says("keys", "ok", "the key of One, Two is", known=(*raw, network("Three")), raw_psk=True)


def test_nobody_is_sent_to_a_log_for_what_was_not_asked() -> None:
    one = says("login-page", "unknown", login_api=Unknown("not in this recording"))
    assert (one.evidence, one.remedy) == ("not in this recording", "")
    one = says("login-page", "unknown", login_api=Unknown("it fell silent", broken=True))
    assert (one.evidence, one.remedy) == ("it fell silent", "look at `logread` on the router")
