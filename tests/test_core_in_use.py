# SPDX-License-Identifier: GPL-2.0-or-later
"""Staged edits of lan's address that say what it has anyway."""

from dataclasses import replace

import pytest

from tests.known import lan
from wifirelay.core.in_use import in_use, ways_out
from wifirelay.uci.staged import Change

LAN = replace(lan(), addresses=("192.168.1.1/24", "fd00::1/64"))


def edit(option: str, value: str | None, verb: str = "set", section: str = "lan") -> Change:
    return Change("network", verb, section, option, value)


@pytest.mark.parametrize(
    ("change", "so"),
    [
        (edit("ipaddr", "192.168.1.1"), True),
        (edit("ipaddr", "192.168.1.1/24"), True),
        (edit("netmask", "255.255.255.0"), True),
        (edit("ipaddr", "192.168.77.1"), False),
        (edit("ipaddr", "192.168.1.1/16"), False),
        (edit("ipaddr", "255.255.255.0"), False),
        (edit("netmask", "255.255.0.0"), False),
        (edit("netmask", "192.168.1.1"), False),
        (edit("ipaddr", "192.168.1.1", verb="list-add"), False),
        (edit("ipaddr", None, verb="remove"), False),
        (edit("ipaddr", "192.168.1.1", section="guest"), False),
        (edit("ip6addr", "fd00::1/64"), False),
        (replace(edit("ipaddr", "192.168.1.1"), package="wireless"), False),
    ],
)
def test_which_say_what_is_so(change: Change, so: bool) -> None:
    assert in_use((change,), {"lan": LAN}) == ((change,) if so else ())
    assert in_use((change,), {"lan": replace(LAN, up=False)}) == ()
    assert in_use((change,), {}) == ()


def test_a_revert_of_them_is_no_way_out() -> None:
    mine, other = edit("ipaddr", "192.168.1.1"), Change("wireless", "set", "radio0", "channel", "1")
    assert ways_out((mine, other), (mine,)) == (
        "`uci commit network`, `uci commit wireless` or `uci revert wireless`"
    )
    assert ways_out((mine,), ()) == "`uci commit network` or `uci revert network`"
