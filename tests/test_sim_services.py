# SPDX-License-Identifier: GPL-2.0-or-later
"""procd, hotplug and rpcd's plugins of the simulated router, with a real process for a service."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.demo_service import DEMO, INIT, eventually, ssh, world
from wifirelay.errors import UsageError
from wifirelay.sim.worlds import World, make_world

__all__ = ["world"]

KEY = ("demo", "instance1")


def log(world: World) -> list[str]:
    """What the service said."""
    lines = ssh(world, "logread -e 'daemon.err demo'").stdout.splitlines()
    return [line.partition(": ")[2] for line in lines]


def pid(world: World) -> int:
    """The service's process, once it is at work."""

    def at_work() -> object:
        one = world.router.procd.instances.get(KEY)
        said = [line for line in log(world) if line.startswith("serving")]
        mine = one is not None and one.process is not None and f"[{one.process.pid}]"
        logged = ssh(world, "logread -e serving").stdout
        return said and mine and mine in logged

    eventually(at_work, "the service runs")
    process = world.router.procd.instances[KEY].process
    assert process is not None
    return process.pid


# procd


def test_an_init_script_is_a_program(world: World) -> None:
    said = ssh(
        world,
        'X=$WIFIRELAY_ROOT; I="$X/etc/init.d"\n'
        '"$X/etc/init.d/demo" enabled || echo off\n'
        "/etc/init.d/demo enable\n"
        'if "$X"/etc/init.d/demo enabled; then echo on; fi\n'
        "/etc/init.d/demo status; echo $?; ! /etc/init.d/demo running || echo runs\n"
        '"${WIFIRELAY_ROOT-}/etc/init.d/demo" start && /etc/init.d/demo status\n'
        "/etc/init.d/demo stop; /etc/init.d/demo disable; /etc/init.d/demo enabled; echo $?\n"
        "/etc/init.d/demo what; echo $?; /etc/init.d/none start; echo $?\n",
    )
    lines = said.stdout.splitlines()
    assert lines[:6] == ["off", "on", "inactive", "3", "running", "stopping"]
    assert lines[6] == "1" and lines[7].startswith("Syntax: ") and lines[8:] == ["1", "127"]
    assert not [link for link in os.listdir(world.router.root.here("/etc/rc.d")) if "demo" in link]


def test_a_service_lives_in_its_own_process(world: World) -> None:
    router = world.router
    assert router.execute(["/etc/init.d/demo", "start"]).rc == 0
    first = pid(world)
    assert log(world)[-1] == f"serving {router.root.path}"
    environment = Path(f"/proc/{first}/environ").read_text()
    assert f"WIFIRELAY_ROOT={router.root.path}" in environment
    listed = json.loads(router.execute(["ubus", "call", "service", "list"]).text)
    instance = listed["demo"]["instances"]["instance1"]
    assert (instance["running"], instance["pid"]) == (True, first)
    assert instance["respawn"] == {"threshold": 60, "timeout": 10, "retry": 0}
    # the same command: it stays; a HUP: the same process; another command: another process
    ssh(world, "/etc/init.d/demo start; /etc/init.d/demo reload")
    eventually(lambda: "hup" in log(world), "the signal came")
    assert pid(world) == first
    router.root.write("/etc/init.d/demo", INIT.replace("demo serve", "demo  serve"), 0o755)
    ssh(world, "/etc/init.d/demo start")
    second = pid(world)
    assert second != first and not alive(first)
    router.procd.kill("demo")
    third = pid(world)  # after ten seconds of the router's
    assert third != second
    # not wanted any more, by edits that are only staged
    ssh(world, "uci set demo.main.enabled=0; /etc/init.d/demo start")
    eventually(lambda: not alive(third), "it was stopped")
    assert ssh(world, "/etc/init.d/demo running").returncode == 1
    assert router.errors() == ""


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_change_of_configuration_reloads_who_asked_for_it(world: World) -> None:
    ssh(world, "uci set demo.main.enabled=0; uci commit; /etc/init.d/demo start")
    assert world.router.procd.instances == {}
    ssh(world, "uci set demo.main.enabled=1; uci commit")
    event = """ubus call service event '{"type":"config.change","data":{"package":"demo"}}'"""
    assert ssh(world, event).returncode == 0
    first = pid(world)
    ssh(world, event.replace("demo", "other"))
    ssh(world, f"{event}; {event}")
    eventually(lambda: "hup" in log(world), "the signal came")
    assert (log(world).count("hup"), pid(world)) == (1, first)


def test_a_stubborn_service_is_killed_and_restarted_after_its_end(world: World) -> None:
    world.router.root.write("/tmp/stubborn", "")
    ssh(world, "/etc/init.d/demo start")
    first, begun = pid(world), time.monotonic()
    said = ssh(world, "/etc/init.d/demo restart; /etc/init.d/demo status")
    assert said.stdout.splitlines() == ["stopping", "running"]
    assert alive(first)
    eventually(lambda: not alive(first), "it was killed")
    assert time.monotonic() - begun >= 1.0
    assert pid(world) != first


def test_an_enabled_service_comes_with_the_power_and_goes_with_it(world: World) -> None:
    ssh(world, "/etc/init.d/demo enable")
    for _ in range(2):
        world.router.power_cut()
        first = pid(world)
    world.router.close()
    assert not alive(first)


def test_a_program_does_not_live_in_virtual_time() -> None:
    with make_world("home", sentry=False) as world:
        root = world.router.root
        root.write("/etc/config/demo", "config demo 'main'\n\toption enabled '1'\n")
        root.write("/etc/init.d/demo", INIT, 0o755)
        root.write("/usr/bin/demo", DEMO, 0o755)
        with pytest.raises(UsageError, match="lives in real time"):
            world.router.execute(["/etc/init.d/demo", "start"])


# hotplug, the button, plugins


HOTPLUG = """echo "$ACTION ${INTERFACE-}${BUTTON-} ${DEVICE-}${SEEN-}" >>"$WIFIRELAY_ROOT/tmp/said"
case ${INTERFACE-} in wwan) ubus send heard '{}' </dev/null >/dev/null 2>&1 & ;; esac
cd / && exit 1
"""


@pytest.mark.parametrize("speed", [None, 50.0])
def test_hotplug_scripts_are_called_in_order(speed: float | None) -> None:
    with make_world("home", sentry=False, speed=speed) as world:
        router, heard = world.router, []
        said = Path(router.root.here("/tmp/said"))
        router.watch_events(lambda name, _: heard.append(name))
        for number in (20, 90):
            router.root.write(f"/etc/hotplug.d/iface/{number}-x", HOTPLUG)
        done = router.hotplug("iface", ACTION="ifup", INTERFACE="wan", DEVICE="eth0")
        assert done.out == b""
        assert said.read_text() == "ifup wan eth0\n" * 2
        assert router.hotplug("net", ACTION="add").rc == 0  # nobody listens
        said.unlink()
        eventually(lambda: router.netifd.running, "booted")
        with router.lock:  # netifd may still be loading
            router.interfaces.added("wwan", "phy0-sta0")
            router.interfaces._up(router.interfaces.all["wwan"])
            assert speed is not None or not said.exists()  # not before time goes on
        if speed is None:
            router.advance(0.1)
        eventually(lambda: said.exists() and said.read_text().count("\n") == 2, "called")
        assert said.read_text() == "ifup wwan phy0-sta0\n" * 2
        eventually(lambda: heard.count("heard") == 2, "what they left running is done")


def test_the_button(world: World) -> None:
    world.router.root.write("/etc/hotplug.d/button/90-x", HOTPLUG)
    world.router.button("reset", seen=3)
    said = world.router.root.read("/tmp/said")
    assert said == b"pressed reset 0\nreleased reset 3\n"


PLUGIN = r"""#!/bin/sh
case $1:${2-} in
list:) echo '{"status":{},"echo":{"word":"text"},"empty":{},"bad":{},"send":{}}' ;;
call:status) printf '{"shell":"%s","up":%s}\n' "$0" "$(uptime >/dev/null && echo true)" ;;
call:echo) cat ;;
call:bad) echo '[1]' ;;
call:send) ubus send said '{}' && echo '{}' ;;
esac
exit 9
"""


def test_plugins_are_ubus_objects_after_a_reload(world: World) -> None:
    router, heard = world.router, []
    router.watch_events(lambda name, _: heard.append(name))

    def call(method: str, *words: str) -> Any:
        return ssh(world, f"ubus -S call demo {method} {' '.join(words)}")

    router.root.write("/usr/libexec/rpcd/demo", PLUGIN, 0o755)
    assert call("status").returncode == 4
    reload = '[ ! -x "$X/etc/init.d/rpcd" ] || "$X/etc/init.d/rpcd" reload'
    assert ssh(world, f"X=$WIFIRELAY_ROOT; {reload}").returncode == 0
    assert json.loads(call("status").stdout)["up"] is True
    assert json.loads(call("echo", """'{"word":"a \\" b"}'""").stdout) == {"word": 'a " b'}
    assert [call(m).returncode for m in ("empty", "bad", "none", "send")] == [5, 2, 3, 0]
    assert heard == ["said"]
    assert "demo" in ssh(world, "ubus list").stdout
    os.unlink(router.root.here("/usr/libexec/rpcd/demo"))
    router.execute(["/etc/init.d/rpcd", "restart"])
    assert call("status").returncode == 4


def test_what_a_service_left_running_goes_with_the_power(world: World) -> None:
    """Its children have sessions of their own."""
    child = DEMO.replace(
        "    while True:",
        "    import subprocess\n"
        "    child = subprocess.Popen(['tail', '-f', '/dev/null'], start_new_session=True)\n"
        "    say('child', child.pid)\n    while True:",
    )
    world.router.root.write("/usr/bin/demo", child, 0o755)
    ssh(world, "/etc/init.d/demo start")
    pid(world)
    eventually(lambda: log(world)[-1].startswith("child"), "it has a child")
    number = int(log(world)[-1].split()[1])
    assert alive(number)
    world.router.power_cut(off=1000.0)
    eventually(lambda: not alive(number), "the child is gone")
