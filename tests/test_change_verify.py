# SPDX-License-Identifier: GPL-2.0-or-later
"""Is an uplink proved? The router takes it, it associates, gets an address; how long each waits."""

from typing import Any

import pytest

from tests.changing import LOST, Ticks, failed, radios, raised, said
from tests.proving import (
    BSSID,
    DUMP,
    IN_HOME,
    INFO,
    LAN,
    LINK,
    NOT_LINKED,
    OURS,
    RUNS,
    WIRELESS,
    WWAN,
    Look,
    dump,
    interface,
    log,
)
from wifirelay.change.onair import POLL
from wifirelay.change.outcome import Step
from wifirelay.change.rejection import WEAK
from wifirelay.change.verify import (
    ASSOCIATED_LIMIT,
    LEASE_LIMIT,
    TAKEN_LIMIT,
    Found,
)
from wifirelay.core.causes import Cause
from wifirelay.errors import DeadlineExceeded, LinkLost, RouterAnswer
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.station import Association
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed
from wifirelay.values import Security


def test_an_uplink_that_works_is_found_out_at_once() -> None:
    look = Look()
    found = look.run()
    assert (found.ifname, found.internet.verdict) == ("phy0-sta0", Verdict.ONLINE)
    assert found.link == Association(BSSID, -48)
    assert found.logical.addresses == ("10.10.1.5/24",)
    assert set(found.all_interfaces) == {"lan", "wwan"}
    assert look.waited == 0.0
    assert look.steps.shape == [
        *("taken...", "taken", "associated...", "associated", "lease...", "lease", "subnet"),
        *("on-air...", "on-air", "internet...", "internet"),
    ]
    texts = dict(zip(look.steps.shape, look.steps.texts, strict=True))
    assert "phy0-sta0" in texts["taken"]
    assert "Home" in texts["associated..."]
    assert BSSID in texts["associated"]
    assert "-48 dBm" in texts["associated"]
    assert "10.10.1.5/24" in texts["lease"]
    assert "overlaps no subnet" in texts["subnet"]
    assert "on the air" in texts["on-air"]
    assert "detectportal" in texts["internet"]


def test_nothing_was_found_out_before() -> None:
    found = Found()
    assert (found.ifname, found.internet.verdict, found.all_interfaces) == ("", Verdict.ONLINE, {})
    assert found.link == Association("", None)
    assert isinstance(found.logical, LogicalInterface)


# --- the router takes the configuration ---


@pytest.mark.parametrize(
    "status",
    [
        radios(OURS),
        radios(OURS, ("wifirelay", "sta", "Old", "phy0-sta0")),
        radios(OURS, ("wifirelay", "ap", "Home", "phy0-sta0")),
        radios(OURS, ("wifirelay", "sta", "Home", None)),
    ],
)
def test_until_the_edited_section_runs_it_is_waited_for(status: Completed) -> None:
    look = Look({WIRELESS: [status, status, RUNS]})
    look.run()
    assert look.waited == 2 * POLL
    look = Look({WIRELESS: status})
    look.fails(Step.TAKEN, Cause.IGNORED, "staged edits", "setup failed", hint="`logread`")
    assert look.waited == TAKEN_LIMIT
    assert look.steps.shape == ["taken..."]


# --- association ---


def test_an_association_with_another_network_is_the_one_from_before() -> None:
    look = Look({INFO: [said({"ssid": "Old"}), said({}), IN_HOME]})
    look.run()
    assert look.waited == 2 * POLL


def test_a_network_that_does_not_answer() -> None:
    look = Look({LINK: NOT_LINKED, INFO: said({})})
    limit = f"{ASSOCIATED_LIMIT:.0f} s"
    look.fails(Step.ASSOCIATED, Cause.VANISHED, "Home", limit, hint="`wifirelay scan`")
    assert look.waited == ASSOCIATED_LIMIT
    assert look.steps.shape == ["taken...", "taken", "associated..."]


def test_a_signal_that_is_not_told_is_not_shown() -> None:
    look = Look({LINK: said({"results": [{"mac": BSSID, "authorized": True}]})})
    assert look.run().link == Association(BSSID, None)
    assert look.steps.texts[3].endswith(BSSID)


def rejected(*reasons: str, **changes: Any) -> Look:
    """It is not associated, and wpa_supplicant says why."""
    look = Look({LINK: NOT_LINKED, INFO: said({}), "logread": log(*reasons)})
    return look.expect(**changes)


@pytest.mark.parametrize("reason", ["WRONG_KEY", "AUTH_FAILED"])
def test_a_rejected_key_is_known_at_once(reason: str) -> None:
    look = rejected(reason)
    what = "login" if reason == "AUTH_FAILED" else "key"
    text = f"Home rejected the {what} ({reason} at -50 dBm)"
    failure = look.fails(Step.ASSOCIATED, Cause.WRONG_KEY, text, hint="correct ")
    assert failure.hint.endswith(" in the configuration")
    assert look.waited == 0.0


@pytest.mark.parametrize("security", [Security.SAE, Security.SAE_MIXED])
def test_wpa3_says_the_same_of_a_wrong_password_and_a_full_access_point(
    security: Security,
) -> None:
    look = rejected("CONN_FAILED", security=security)
    words = ("Home did not let us in", "wrong password", "full", "(CONN_FAILED at -50 dBm)")
    look.fails(Step.ASSOCIATED, Cause.REFUSED, *words, hint="password")
    assert look.waited == 0.0


def test_in_transition_mode_one_wrong_key_tells_more_than_all_others() -> None:
    for reasons in (("WRONG_KEY", "CONN_FAILED"), ("CONN_FAILED", "WRONG_KEY")):
        look = rejected(*reasons, security=Security.SAE_MIXED, signal=WEAK - 1)
        look.fails(Step.ASSOCIATED, Cause.WRONG_KEY, "(WRONG_KEY at -76 dBm)", hint="key")


@pytest.mark.parametrize("told", [False, True, None])
def test_owe_without_encryption_is_no_owe(told: bool | None) -> None:
    table = {} if told is None else {"encryption": {"enabled": told}}
    look = Look({INFO: said({"ssid": "Home", **table})}).expect(encrypted=True)
    if told is not False:
        look.run()
        return
    words = ("Home", "no encryption (OWE)")
    look.fails(Step.ASSOCIATED, Cause.UNENCRYPTED, *words, hint="`security: open`")


def test_others_are_joined_whatever_is_told_of_their_encryption() -> None:
    Look({INFO: said({"ssid": "Home", "encryption": {"enabled": False}})}).run()


@pytest.mark.parametrize("security", [Security.PSK2, Security.OPEN, None])
def test_for_others_that_is_no_word_about_the_key(security: Security | None) -> None:
    look = rejected("CONN_FAILED", security=security)
    look.fails(Step.ASSOCIATED, Cause.VANISHED, "Home", hint="try again")


@pytest.mark.parametrize(
    ("signal", "times", "cause"),
    [
        (WEAK, 1, Cause.WRONG_KEY),
        (WEAK - 1, 1, Cause.VANISHED),
        (WEAK - 1, 2, Cause.WRONG_KEY),
        (None, 1, Cause.WRONG_KEY),
    ],
)
def test_a_weak_signal_has_to_say_it_twice(signal: int | None, times: int, cause: Cause) -> None:
    look = rejected(*["WRONG_KEY"] * times, signal=signal)
    look.fails(Step.ASSOCIATED, cause, "Home", hint="key" if cause is Cause.WRONG_KEY else "again")


def test_a_rejection_beside_an_association_does_not_count() -> None:
    assert Look({"logread": log("WRONG_KEY")}).run().ifname == "phy0-sta0"


def test_the_last_reason_is_the_one_that_is_told() -> None:
    look = rejected("CONN_FAILED", "AUTH_FAILED", security=Security.SAE)
    text = "rejected the login (AUTH_FAILED at -50 dBm)"
    look.fails(Step.ASSOCIATED, Cause.WRONG_KEY, text, hint="identity")


def test_a_signal_that_was_not_told_is_left_out() -> None:
    look = rejected("WRONG_KEY", signal=None)
    look.fails(Step.ASSOCIATED, Cause.WRONG_KEY, "rejected the key (WRONG_KEY)", hint="key")


# --- a lease ---


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{**WWAN, "up": False}],
        [interface("wwan", "phy0-sta0", None)],
        [interface("wwan", "phy0-sta1", "10.10.1.5/24")],
        [interface("other", "phy0-sta0", "10.10.1.5/24")],
    ],
)
def test_until_its_own_interface_has_an_address_it_is_waited_for(rows: list[Any]) -> None:
    look = Look({DUMP: dump(LAN, *rows)})
    limit = f"{LEASE_LIMIT:.0f} s"
    look.fails(Step.LEASE, Cause.DEAD_DHCP, "Home", limit, "DHCP", hint="DHCP server")
    assert look.waited == LEASE_LIMIT
    look = Look({DUMP: [dump(LAN, *rows), dump(LAN, WWAN)]})
    look.run()
    assert look.waited == POLL


def test_the_station_may_be_the_lower_of_two_devices() -> None:
    bridged = interface("wwan", "br-wwan", "10.10.1.5/24", device="phy0-sta0")
    assert Look({DUMP: dump(LAN, bridged)}).run().logical.l3_device == "br-wwan"


# --- waiting ---


@pytest.mark.parametrize(
    "trouble", [LOST, DeadlineExceeded("late"), failed(4), Completed(0, b"{"), Completed(0, b"7")]
)
def test_a_link_that_dies_is_no_failure_of_the_uplink(trouble: Any) -> None:
    look = Look({WIRELESS: [trouble, trouble, RUNS]})
    look.run()
    assert look.waited == 2 * POLL


def test_after_a_link_that_was_dead_to_the_limit_it_is_looked_once_more() -> None:
    dead = [LOST] * int(TAKEN_LIMIT / POLL + 1)
    look = Look({WIRELESS: [*dead, RUNS]})
    look.run()
    assert look.waited == TAKEN_LIMIT + POLL
    look = Look({WIRELESS: [*dead, radios(OURS), RUNS]})
    look.fails(Step.TAKEN, Cause.IGNORED, hint="logread")
    assert look.waited == TAKEN_LIMIT + POLL


@pytest.mark.parametrize("trouble", [LOST, failed(4)])
def test_at_the_end_of_the_trial_a_dead_link_is_what_is_told(trouble: Any) -> None:
    look = Look({WIRELESS: trouble})
    with raised(
        LinkLost if trouble is LOST else RouterAnswer, hint=() if trouble is LOST else "logread"
    ):
        look.run()
    assert look.clock.now == 1200.0


def test_no_step_goes_beyond_the_trials_end() -> None:
    look = Look({WIRELESS: radios(OURS)})
    look.verifier.give_up = 1010.0
    look.fails(Step.TAKEN, Cause.IGNORED, hint="logread")
    assert look.clock.now == 1010.0


def test_with_the_end_of_the_trial_a_link_is_waited_for_no_longer() -> None:
    look = Look({WIRELESS: [LOST] * 3 + [radios(OURS), RUNS]})
    look.verifier.give_up, look.verifier.poll = 1007.0, 3.0
    look.fails(Step.TAKEN, Cause.IGNORED, hint="logread")
    assert look.clock.now == 1009.0


def test_between_two_looks_an_event_may_wake_it() -> None:
    look, naps = Look({WIRELESS: [radios(OURS), RUNS]}), Ticks()
    look.verifier.nap, look.verifier.poll = naps.sleep, 3.0
    look.run()
    assert naps.naps == [3.0]
    assert look.waited == 0.0


# --- a network of IPv6 alone ---

NOBODY = dump(LAN, {**WWAN, "up": False})
MINE = "64 bytes from fe80::5: seq=0 ttl=64 time=0.1 ms\n"
THEIRS = "64 bytes from fe80::1%9: seq=0 ttl=64 time=2.3 ms (DUP!)\n"


def test_ipv6_without_ipv4_is_told_apart() -> None:
    look = Look({DUMP: NOBODY, "ping -6": Completed(0, (MINE + THEIRS).encode())})
    look.fails(Step.LEASE, Cause.IPV6_ONLY, "no IPv4 address", "has IPv6", hint="APN")
    asked = [each for each in look.router.asked if each.startswith(("ping", "ip "))]
    assert asked == [
        "ip -6 addr show dev phy0-sta0",
        "ping -6 -c 2 -W 1 -I phy0-sta0 ff02::2%phy0-sta0",
    ]


@pytest.mark.parametrize(
    "answers",
    [
        {"ping -6": Completed(0, MINE.encode())},  # this router itself
        {"ping -6": failed(1)},
        {"ping -6": Completed(0, b"64 bytes from ;reboot: seq=0\n\xff")},
        {"ip -6 addr": failed(1), "ping -6": Completed(0, THEIRS.encode())},  # which is our own?
        {"ping -6": LOST},
        {"ping -6": DeadlineExceeded("late")},
    ],
)
def test_without_a_router_s_answer_it_is_a_dead_dhcp_server(answers: dict[str, Any]) -> None:
    look = Look({DUMP: NOBODY, **answers})
    look.fails(Step.LEASE, Cause.DEAD_DHCP, "Home", "DHCP", hint="DHCP server")


def test_with_a_lease_nobody_asks() -> None:
    look = Look()
    look.run()
    assert not [each for each in look.router.asked if each.startswith(("ping", "ip "))]
