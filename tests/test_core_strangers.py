# SPDX-License-Identifier: GPL-2.0-or-later
"""For how long open networks that nobody listed may be used, and how many of them."""

from known import allowed
from reading import reads_well

from wifirelay.core.strangers import DAY
from wifirelay.values import Ssid

CAFE, BAR, INN = (Ssid.of(name) for name in ("Cafe", "Bar", "Inn"))
HOUR = 3600.0


def test_its_hours_count_from_its_first_try() -> None:
    rule, tried = allowed("*", hours=2), dict[str, float]()
    rule.note(tried, 1000.04, CAFE)
    assert tried == {CAFE.hex: 1000.0}
    rule.note(tried, 1000.0 + HOUR, CAFE)
    assert tried == {CAFE.hex: 1000.0}
    assert rule.why_not(tried, 999.0 + 2 * HOUR, CAFE) is None
    told = rule.why_not(tried, 1000.0 + 3 * HOUR, CAFE)
    assert told == "its hours (open.stay) are over: left alone for 21 h more"
    reads_well(told)
    assert rule.why_not(tried, 1000.0 + DAY, CAFE) is None


def test_by_its_owner_s_hand_they_begin_anew() -> None:
    rule, tried = allowed("*", hours=2), {CAFE.hex: 100.0, BAR.hex: 200.0}
    rule.note(tried, 100.06 + 2 * HOUR, CAFE)
    assert list(tried.items()) == [(BAR.hex, 200.0), (CAFE.hex, 7300.1)]


def test_only_so_many_within_a_day() -> None:
    rule, tried = allowed("*", limit=2), dict[str, float]()
    rule.note(tried, 1e6, CAFE)
    assert rule.why_not(tried, 1e6, INN) is None
    rule.note(tried, 1e6 + HOUR, BAR)
    told = rule.why_not(tried, 1e6 + HOUR, INN)
    assert told == "2 others were tried within a day (open.limit)"
    assert rule.why_not(tried, 1e6 + DAY, INN) is None
    rule.note(tried, 1e6 + DAY, INN)
    assert list(tried) == [BAR.hex, INN.hex]
