# SPDX-License-Identifier: GPL-2.0-or-later
"""A made-up service on a simulated router in real time, and a person who is logged in there."""

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from wifirelay.sim.worlds import World, make_world

LIMIT = 20.0  # seconds of this machine
INIT = """#!/bin/sh /etc/rc.common
START=96
STOP=09
USE_PROCD=1
start_service() {
	local enabled
	config_load demo
	config_get_bool enabled main enabled 0
	[ "$enabled" = 1 ] || return 0
	procd_open_instance
	procd_set_param command /bin/sh -c "trap '' HUP USR1; exec /usr/bin/demo serve"
	procd_set_param respawn 60 10 0
	procd_set_param stderr 1
	procd_set_param term_timeout 1
	procd_close_instance
}
stop_service() { echo stopping; }
reload_service() {
	if procd_running demo; then procd_send_signal demo '*' HUP; else start; fi
}
service_triggers() { procd_add_reload_trigger demo; }
"""
DEMO = """#!/usr/bin/python3 -IS
import os, signal, sys, time
def say(*words): print(*words, file=sys.stderr, flush=True)
if sys.argv[1:] == ["serve"]:
    signal.signal(signal.SIGHUP, lambda *_: say("hup"))
    if os.path.exists(os.environ["WIFIRELAY_ROOT"] + "/tmp/stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("serving", os.environ["WIFIRELAY_ROOT"])
    while True:
        time.sleep(0.02)
print("demo", *sys.argv[1:], sys.flags.isolated, sys.flags.no_site)
"""


@pytest.fixture
def world() -> Iterator[World]:
    with make_world("home", speed=20.0, sentry=False, boot=False) as made:
        root = made.router.root
        root.write("/etc/config/demo", "config demo 'main'\n\toption enabled '1'\n")
        root.write("/etc/init.d/demo", INIT, 0o755)
        root.write("/usr/bin/demo", DEMO, 0o755)
        made.router.power_on()
        eventually(lambda: made.router.uptime > 11, "booted")
        yield made


def eventually(what: Callable[[], object], why: str) -> None:
    end = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.005)


def ssh(world: World, command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """As somebody who is logged in; text in, text out."""
    argv = [world.router.shell.login, "-c", command]
    return subprocess.run(
        argv, input=stdin, capture_output=True, env={}, timeout=LIMIT, text=True, check=False
    )
