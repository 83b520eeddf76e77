# SPDX-License-Identifier: GPL-2.0-or-later
"""Words and numbers that others rely on: kept on routers, in JSON, in the promises."""

from known import network

from wifirelay.core.candidates import Current
from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS
from wifirelay.core.known import IPV6, KINDS, Eap, KnownNetwork, Relay, Wanted
from wifirelay.core.memory import DAY
from wifirelay.core.moves import Do
from wifirelay.core.owned import CREATED
from wifirelay.core.plan import Action
from wifirelay.core.refusals import DROP_LEVEL, JOIN_LEVEL
from wifirelay.core.troubles import REJECTIONS
from wifirelay.uci.staged import OWN_PREFIX
from wifirelay.values import Band, Ssid


def test_names_on_routers_that_a_later_release_has_to_find_again() -> None:
    assert OWN_PREFIX == "wifirelay"
    assert CREATED == "wifirelay_created"


def test_words_of_json_and_of_files_that_outlive_a_process() -> None:
    assert {each.name: each.value for each in Cause} == {
        "BUSY": "busy",
        "VANISHED": "vanished",
        "LOST": "lost",
        "WRONG_KEY": "wrong-key",
        "REFUSED": "refused",
        "UNENCRYPTED": "unencrypted",
        "DEAD_DHCP": "dead-dhcp",
        "IPV6_ONLY": "ipv6-only",
        "SUBNET_CLASH": "subnet-clash",
        "OFF_AIR": "own-access-point-off-air",
        "PORTAL": "portal",
        "NO_DNS": "no-dns",
        "NO_INTERNET": "no-internet",
        "IGNORED": "staged-edits-ignored",
        "NOT_STAGED": "edits-not-staged",
        "FLASH": "flash-not-written",
        "OVERTAKEN": "rolled-back-by-the-sentry",
        "STOPPED": "stopped",
    }
    assert [*map(str, Action)] == ["join", "stay", "leave", "nothing"]
    assert [*map(str, Do)] == ["wait", "scan", "join", "rest", "look", "check", "keep"]


def test_words_of_the_configuration() -> None:
    assert [*map(str, Wanted)] == [
        *("auto", "open", "owe", "psk2", "sae", "sae-mixed", "wpa2-eap", "wpa3-eap")
    ]


def test_words_of_the_relay() -> None:
    assert KINDS == ("nat", "relayd", "wds")
    assert IPV6 == ("delegated", "relay", "nat66")


def test_what_holds_where_the_configuration_says_nothing() -> None:
    assert Relay() == Relay("wwan", (), True, 120.0, False)
    assert Eap("peap", "me").phase2 == "MSCHAPV2"
    plain = KnownNetwork(Ssid.of("HomeNet"))
    assert (plain.security, plain.priority, plain.bssids) == (Wanted.AUTO, 0, ())
    assert not plain.hidden and not plain.metered
    assert Current(plain.ssid, "radio0", None).secured
    assert network().min_signal is None


def test_numbers_of_the_promises() -> None:
    assert (HABITS.commits_a_day, DAY) == (12, 24 * 3600.0)  # G5
    assert HABITS.keep_after == 600.0  # good for ten minutes, then on flash
    assert HABITS.chosen_for == 8 * 3600.0
    assert REJECTIONS == 3  # G7


def test_levels_to_join_and_to_leave() -> None:
    assert JOIN_LEVEL == {Band.GHZ2: -80, Band.GHZ5: -77, Band.GHZ6: -77}
    assert DROP_LEVEL == {Band.GHZ2: -83, Band.GHZ5: -80, Band.GHZ6: -80}
