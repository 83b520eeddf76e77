# SPDX-License-Identifier: GPL-2.0-or-later
"""The sentry's own waiting, in real time: a time-out of `read` on its pipe, as on a router.

All other tests tick it through that pipe, in virtual time.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
SENTRY = HERE / "openwrt" / "files" / "wifirelay-sentry"
LIMIT = 20.0  # seconds


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A scratch root on which the sentry runs; nothing is configured there."""
    for folder in ("proc/sys/kernel/random", "etc/config", "tmp", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc/uptime").write_text("100.25 50.00\n")
    (tmp_path / "proc/sys/kernel/random/boot_id").write_text("a-boot\n")
    for name in ("uci", "ubus", "jsonfilter", "wifi"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\nexit 0\n")
        (tmp_path / "bin" / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "WIFIRELAY_ROOT": str(tmp_path)}
    with subprocess.Popen(["busybox", "ash", str(SENTRY)], env=environment) as sentry:
        yield tmp_path
        sentry.terminate()


def rounds(root: Path) -> int:
    try:
        return int((root / "var/run/wifirelay/alive").read_text().split()[1])
    except (OSError, IndexError):
        return 0


def wait_for(root: Path, least: int) -> float:
    """Seconds until the heartbeat has counted so far."""
    begun = time.monotonic()
    while rounds(root) < least:
        assert time.monotonic() - begun < LIMIT
        time.sleep(0.02)
    return time.monotonic() - begun


def test_looks_every_five_seconds_and_at_once_when_poked(root: Path) -> None:
    wait_for(root, 1)
    assert 3.0 < wait_for(root, 2) < 8.0
    pipe = os.open(root / "var/run/wifirelay/poke", os.O_WRONLY)
    os.write(pipe, b"look\n")
    assert wait_for(root, 3) < 2.0
    os.close(pipe)


def test_acknowledges_a_trial_that_is_armed(root: Path) -> None:
    wait_for(root, 1)
    folder = root / "var/run/wifirelay"
    acks = os.open(folder / "acks", os.O_RDWR)
    (folder / "armed").write_text("0123456789abcdef a-boot 220\nwifirelay\nwifirelay\n")
    pipe = os.open(folder / "poke", os.O_WRONLY)
    os.write(pipe, b"arm\n")
    assert os.read(acks, 100) == b"0123456789abcdef\n"
    # Its deadline passes: rolled back at the next look.
    (root / "proc/uptime").write_text("221.00 50.00\n")
    os.write(pipe, b"look\n")
    begun = time.monotonic()
    while not (folder / "ended").exists():
        assert time.monotonic() - begun < LIMIT
        time.sleep(0.02)
    assert (folder / "ended").read_text().endswith("rolled-back sentry deadline passed\n")
    os.close(pipe)
    os.close(acks)
