# SPDX-License-Identifier: GPL-2.0-or-later
"""A VPN's interface on a router in words: where it stands, whether it is guarded, up and down."""

from dataclasses import replace

import pytest

from tests.changing import LOST, Scripted, failed, raised, uci
from tests.known import logical
from wifirelay.change.vpn import VpnState, bring, guard, vpn_state
from wifirelay.core.known import VPN_RULE, Vpn
from wifirelay.errors import LinkLost
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Package, Section

UP = logical("wg0", "wg0", "10.64.0.2/32")
DOWN = replace(UP, up=False)


@pytest.mark.parametrize(
    ("interface", "state"),
    [
        (UP, "up"),
        (replace(UP, pending=True), "up"),
        (replace(DOWN, pending=True), "pending"),
        (DOWN, "down"),
        (replace(UP, name="wg1"), "missing"),
    ],
)
def test_where_it_stands_is_what_netifd_says(interface: LogicalInterface, state: str) -> None:
    found = {interface.name: interface, "wwan": logical("wwan", "phy0-sta0")}
    assert vpn_state(Vpn("wg0"), found, guarded=False) == VpnState("wg0", state)


@pytest.mark.parametrize("seen", [True, False, None])
@pytest.mark.parametrize("only", [True, False])
def test_the_kill_switch_is_told_as_wanted_and_as_seen(only: bool, seen: bool | None) -> None:
    state = vpn_state(Vpn("wg0", only=only), {"wg0": UP}, guarded=seen)
    assert state == VpnState("wg0", "up", only, seen)
    assert state.unread == ""


def test_a_firewall_that_could_not_be_read_leaves_it_unknown_and_says_why() -> None:
    state = vpn_state(Vpn("wg0", only=True), {"wg0": UP}, guarded="it is broken")
    assert state == VpnState("wg0", "up", only=True, guarded=None, unread="it is broken")


@pytest.mark.parametrize(
    ("sections", "is_guarded"),
    [
        ([Section(VPN_RULE, "rule", {})], True),
        ([Section(VPN_RULE, "rule", {"enabled": "1"})], True),
        ([Section(VPN_RULE, "rule", {"enabled": "0"})], False),
        ([Section("other", "rule", {"enabled": "1"})], False),
        ([], False),
    ],
)
def test_the_firewall_has_the_rule_unless_somebody_switched_it_off(
    sections: list[Section], is_guarded: bool
) -> None:
    router = Scripted({"uci get firewall": uci(Package("firewall", tuple(sections)))})
    assert guard().read(router) is is_guarded
    assert router.asked == ["uci get firewall"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [(failed(9), "call uci get"), (Completed(0, b"what?"), "is not JSON")],
)
def test_a_firewall_that_its_owner_has_broken_is_told_and_raises_nothing(
    answer: Completed, why: str
) -> None:
    said = guard().read(Scripted({"uci get firewall": answer}))
    assert isinstance(said, str)
    assert why in said
    with raised(LinkLost, LOST.message):
        guard().read(Scripted({"uci get firewall": LOST}))


@pytest.mark.parametrize(("up", "action"), [(True, "up"), (False, "down")])
def test_netifd_is_asked_for_it(up: bool, action: str) -> None:
    router = Scripted({f"network.interface.wg0 {action}": Completed(0)})
    assert bring(router, "wg0", up=up)
    assert router.asked == [f"network.interface.wg0 {action}"]
    assert not bring(Scripted({"network.interface.wg0": failed(4)}), "wg0", up=up)
    with raised(LinkLost, LOST.message):
        bring(Scripted({"network.interface.wg0": LOST}), "wg0", up=up)
