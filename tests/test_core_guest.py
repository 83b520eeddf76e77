# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest, for the pure layers: known, kept by none, and forgotten on other radios."""

from known import network
from reading import errors_read_well

from wifirelay.core.candidates import Current
from wifirelay.core.habits import Habits
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.moves import Do, Situation
from wifirelay.core.policy import Steady
from wifirelay.core.refusals import UsableRadio
from wifirelay.core.sections import KIND, forget_edits
from wifirelay.router.channels import Channels
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, Ssid

__all__ = ["errors_read_well"]

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
QUIET = Habits(check=1e6, doubtful_check=1e6, weak_look=1e6, look=1e6, keep_after=600.0)
RADIOS = {"radio0": UsableRadio("radio0", Band.GHZ2, Channels(), has_access_point=True)}


def comes_to(policy: Steady, now: float) -> Do:
    """What is done on an uplink to HomeNet that is not on flash."""
    uplink = Current(HOME, "radio0", "02:00:00:00:02:00")
    return policy.next(now, Situation(uplink, enabled=True, radios=RADIOS, committed=False)).do


def on_home(*known: KnownNetwork, guest: Ssid | None = None) -> Steady:
    policy = Steady(known, Relay(), QUIET)
    policy.reconfigure(known, Relay(), guest)
    policy.heard(0.0, ())
    comes_to(policy, 0.0)
    policy.heard(0.0, ())
    return policy


def test_only_a_known_network_that_is_no_guest_is_kept() -> None:
    assert comes_to(on_home(network()), 600.0) is Do.KEEP
    assert comes_to(on_home(network(), guest=CAFE), 600.0) is Do.KEEP
    assert comes_to(on_home(network(), guest=HOME), 600.0) is not Do.KEEP
    assert comes_to(on_home(network("Cafe")), 600.0) is not Do.KEEP


def test_a_guest_is_one_until_the_policy_is_told_otherwise() -> None:
    policy = on_home(network(), guest=HOME)
    policy.reconfigure((network(),), Relay())
    policy.heard(600.0, ())
    assert comes_to(policy, 600.0) is Do.KEEP


# --- own sections that hold what nobody knows ---


def wireless(*named: tuple[str, str, str]) -> Package:
    """Own sections: their name, radio and SSID."""
    return Package(
        "wireless",
        tuple(
            Section(
                name,
                KIND,
                {"device": radio, "network": "wwan", "mode": "sta", "disabled": "0"}
                | ({"ssid": ssid, "key": "a key of it", "macaddr": "random"} if ssid else {}),
            )
            for name, radio, ssid in named
        ),
    )


def test_other_radios_forget_what_is_not_to_be_kept() -> None:
    there = wireless(
        ("wifirelay", "radio0", "Stranger"),
        ("wifirelay_radio1", "radio1", "Cafe"),
        ("wifirelay_radio2", "radio2", "HomeNet"),
        ("wifirelay_radio3", "radio3", ""),
        ("default_radio1", "radio1", "Mine"),
    )
    edits = [edit.line() for edit in forget_edits(there, "radio0", Relay(), {HOME})]
    assert edits == [
        "delete wireless.wifirelay_radio1.ssid",
        "delete wireless.wifirelay_radio1.key",
        "set wireless.wifirelay_radio1.disabled='1'",
    ]
    assert forget_edits(there, "radio0", Relay(), {HOME, CAFE}) == ()
    assert len(forget_edits(there, "radio1", Relay(), ())) == 6
