# SPDX-License-Identifier: GPL-2.0-or-later
"""The service as an owner runs it: a process, real SSH, a router in (quick) real time."""

from pathlib import Path

import pytest

from tests.endured import LEAVES, endure

pytestmark = pytest.mark.dropbear


def test_it_endures_and_ends_online_with_nothing_left_behind(tmp_path: Path) -> None:
    """`scripts/endurance` does the same for ten minutes in real time."""
    came = endure(tmp_path, 42.0, speed=10.0)
    assert came.online and came.on_air, came.log
    assert came.restarts >= 2
    assert came.code == 0
    assert came.seconds_to_leave <= LEAVES
    kinds = came.kinds()
    assert kinds[0] == "started" and kinds[-1] == "stopped"
    assert kinds.count("joined") >= 2
    assert {"lost", "trying"} <= set(kinds)
    assert all(event["text"] for event in came.history)
    assert came.left_running == []
    assert not came.left_on_router
    assert came.left_here == []
