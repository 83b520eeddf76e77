# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for a router whose uplink works, or searches: when it stays, moves or lets go."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import bss, lan, logical, network, own, router, wireless

from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.plan import Action, Plan, make_plan, working_uplink
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.uci.model import Package, Section
from wifirelay.values import Security, Ssid

RELAY = Relay()


def plan(air: list[Bss], known: list[KnownNetwork], on: Router | None = None, **more: Any) -> Plan:
    return make_plan(on or router(), air, known, RELAY, **more)


def shown(found: Plan) -> list[str]:
    return [edit.shown() for edit in found.edits]


# --- a working uplink ---

TWO = [network("HomeNet"), network("Office")]
HERE = bss("HomeNet", signal=-80, bssid="02:00:00:00:00:01")


def decide(air: list[Bss], known: list[KnownNetwork], **more: Any) -> tuple[str, str]:
    found = plan(air, known, router(uplink="HomeNet"), **more)
    assert (found.edits == ()) is (found.decision.action in (Action.STAY, Action.NOTHING))
    return found.decision.action.value, found.decision.why


@given(st.integers(-83, -23), st.integers(-20, 3))
def test_a_working_uplink_is_not_left_for_a_hardly_better_one(signal: int, more: int) -> None:
    air = [
        bss("HomeNet", signal=signal, bssid="02:00:00:00:00:02"),
        bss("Airport", signal=max(signal + more, -100), bssid="02:00:00:00:00:01"),
    ]
    assert decide(air, [network("HomeNet"), network("Airport")])[0] == "stay"


def test_it_is_left_for_a_much_better_one_or_a_higher_class() -> None:
    better = bss("Office", signal=-40, bssid="02:00:00:00:00:02")
    assert decide([HERE, better], TWO)[0] == "join"
    same = bss("Office", signal=-80, bssid="02:00:00:00:00:02")
    assert decide([HERE, same], TWO)[0] == "stay"
    above = [network("HomeNet"), network("Office", priority=1)]
    action, why = decide([HERE, same], above)
    assert action == "join"
    assert "worth leaving HomeNet" in why
    metered = [network("HomeNet", metered=True), network("Office")]
    assert decide([HERE, same], metered)[0] == "join"


def test_it_is_left_when_it_is_too_weak_and_another_is_not() -> None:
    faint = bss("HomeNet", signal=-95, bssid="02:00:00:00:00:01")
    other = bss("Office", signal=-70, bssid="02:00:00:00:00:02")
    assert decide([faint, other], TWO)[0] == "join"
    action, why = decide([faint], TWO)
    assert action == "stay"
    assert "too weak" in why


def test_one_scan_without_it_proves_nothing() -> None:
    other = bss("Office", signal=-30, bssid="02:00:00:00:00:02")
    assert decide([other], TWO)[0] == "stay"
    assert decide([], TWO)[0] == "stay"
    lower = [network("HomeNet", priority=5), network("Office")]
    assert decide([other], lower)[0] == "stay"
    above = [network("HomeNet"), network("Office", priority=1)]
    assert decide([other], above)[0] == "join"


def test_an_evil_twin_in_its_place_proves_nothing_either() -> None:
    twin = bss("HomeNet", security=Security.OPEN)
    other = bss("Office", signal=-30, bssid="02:00:00:00:00:02")
    assert decide([twin, other], TWO)[0] == "stay"


def test_a_hidden_network_is_not_tried_blind_while_an_uplink_works() -> None:
    known = [network("HomeNet"), network("Backroom", hidden=True, priority=9)]
    for air in ([], [HERE], [bss("HomeNet", signal=-95)]):
        assert decide(air, known)[0] == "stay"


def test_what_the_owner_asks_for_is_joined() -> None:
    other = bss("Office", signal=-84, bssid="02:00:00:00:00:02")
    assert decide([HERE, other], TWO, chosen=Ssid(b"Office"))[0] == "join"
    assert decide([HERE, other], TWO, chosen=Ssid(b"HomeNet"))[0] == "stay"
    action, why = decide([HERE], TWO, chosen=Ssid(b"Office"))
    assert (action, why) == ("nothing", "Office is not heard")


def test_a_network_that_is_not_known_any_more_is_left() -> None:
    assert decide([HERE, bss("Office")], [network("Office")])[0] == "join"
    assert decide([HERE], [network("Office")])[0] == "stay"


def test_an_open_uplink_of_a_network_known_as_secured_is_left() -> None:
    """Somebody listed a key for it since."""
    on = router(wireless(own(ssid="HomeNet", disabled="0", encryption="none")), uplink="HomeNet")
    twin = bss("HomeNet", security=Security.OPEN)
    found = plan([twin, bss("Office")], TWO, on)
    assert found.decision.action is Action.JOIN
    assert "set wireless.wifirelay.ssid='Office'" in shown(found)


def test_an_interface_without_a_device_is_no_working_uplink() -> None:
    on = router(uplink="HomeNet")
    on.interfaces["wwan"] = logical("wwan", None, "10.10.1.176/24")
    assert working_uplink(on, RELAY) is None
    on.interfaces["wwan"] = lan()
    assert working_uplink(on, RELAY) is None


# --- a searching uplink, and after the edits ---


def searching() -> Router:
    return router(wireless(own(ssid="Gone", disabled="0", encryption="psk2", key="x" * 8)))


def test_a_searching_uplink_is_disabled_when_nothing_is_to_be_had() -> None:
    found = plan([], [network()], searching())
    assert found.decision.action is Action.LEAVE
    assert shown(found) == [
        "delete wireless.wifirelay.ssid",
        "delete wireless.wifirelay.encryption",
        "delete wireless.wifirelay.key",
        "set wireless.wifirelay.disabled='1'",
    ]
    assert plan([bss()], [network()], searching()).decision.action is Action.JOIN


def applied(on: Router, found: Plan, uplink: str | None) -> Router:
    """The router as it is with the plan's edits, and the uplink working (or off)."""
    sections = []
    for each in on.wireless:
        options = dict(each.options)
        for edit in found.edits:
            if edit.section == each.name and edit.option is not None:
                options.pop(edit.option, None)
                if edit.value is not None:
                    options[edit.option] = edit.value
        sections.append(Section(each.name, each.kind, options))
    return router(Package("wireless", tuple(sections)), uplink=uplink)


@pytest.mark.parametrize("security", [Security.PSK2, Security.SAE_MIXED, Security.SAE])
def test_a_plan_that_is_carried_out_leaves_nothing_to_do(security: Security) -> None:
    air, known = [bss(security=security)], [network()]
    first = plan(air, known)
    again = plan(air, known, applied(router(), first, "HomeNet"))
    assert (again.decision.action, again.edits) == (Action.STAY, ())
    gone = plan([], known, searching())
    after = plan([], known, applied(searching(), gone, None))
    assert (after.decision.action, after.edits) == (Action.NOTHING, ())
