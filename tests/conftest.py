# SPDX-License-Identifier: GPL-2.0-or-later
"""What all tests share: how hypothesis searches, and simulated UCI folders."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from known import Uci

settings.register_profile(
    "wifirelay",
    deadline=None,  # a busy machine is no failure
    max_examples=100,
    derandomize=os.environ.get("CI") == "true",  # the same examples each time
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("wifirelay")

# A script that starts the tests in the background has SIGINT ignored, and every program would
# inherit that: none of them could be interrupted as a person does it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def uci(tmp_path: Path) -> Uci:
    """An empty simulated UCI, to be filled with `put`."""
    return Uci(tmp_path)
