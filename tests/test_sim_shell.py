# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated router's shell, shims, procd, sentry, transport and jsonfilter."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wifirelay.errors import ConnectError, DeadlineExceeded, LinkLost
from wifirelay.sim import shims, worlds
from wifirelay.sim.blobmsg import Pairs, text
from wifirelay.sim.jsonfilter import PathError, find, jsonfilter
from wifirelay.sim.router import SimRouter
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.base import Command

STUB = """#!/bin/sh
R=$WIFIRELAY_ROOT/var/run/wifirelay
mkdir -p "$R"
cd "$R" || exit
rm -f poke
mkfifo poke && exec 3<>poke || exit
n=0
while :; do
	n=$((n + 1))
	read -r up _ <"$WIFIRELAY_ROOT/proc/uptime"
	echo "$up $n" >alive
	read -r $WIFIRELAY_WAIT line <&3
	case $line in
	uci) uci -q get wireless.radio0.band >answer ;;
	log) logger -t stub 'it logs' ;;
	scan) ubus -S call iwinfo scan '{"device":"radio0"}' >answer ;;
	sleep) sleep 7 && echo slept >answer ;;
	die) exit 1 ;;
	esac
done
"""
INIT = """#!/bin/sh /etc/rc.common
START=95
STOP=10
USE_PROCD=1
start_service() {
	procd_open_instance
	procd_set_param command /usr/sbin/wifirelay-sentry
	procd_set_param respawn 3600 5 0
	procd_close_instance
}
"""


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The home world with a stub for a sentry."""
    (tmp_path / "wifirelay-sentry").write_text(STUB)
    (tmp_path / "wifirelay-sentry.init").write_text(INIT)
    (tmp_path / "wifirelay.udhcpc").write_text("")
    monkeypatch.setattr(worlds, "router_files", lambda: str(tmp_path))
    with make_world("home") as world:
        yield world


@pytest.fixture
def world() -> Iterator[World]:
    with make_world("home", sentry=False) as made:
        yield made


def sh(router: SimRouter, script: str, *arguments: str, stdin: bytes | None = None) -> Any:
    return router.execute(["sh", "-c", script, "test", *arguments], stdin)


def answer(router: SimRouter) -> str:
    path = router.root.here("/tmp/run/wifirelay/answer")
    return Path(path).read_text() if os.path.exists(path) else ""


def stage_home(world: World) -> None:
    batch = b"set wireless.wifirelay.ssid=HomeNet\nset wireless.wifirelay.encryption=psk2\n"
    batch += b"set wireless.wifirelay.key='correct horse battery'\n"
    batch += b"set wireless.wifirelay.disabled=0\n"
    world.router.execute(["uci", "batch"], batch)


def join_home(world: World) -> None:
    stage_home(world)
    world.router.execute(["wifi", "reload"])
    world.clock.sleep(20)


# Scripts


def test_a_script_stages_edits_through_shims(world: World) -> None:
    router = world.router
    script = "uci batch && uci -q get \"wireless.$1.ssid\" && ubus -S call uci changes '{}'"
    batch = "set wireless.wifirelay.ssid='咖啡馆 \"quoted\" & spaces'\n".encode()
    done = sh(router, script, "wifirelay", stdin=batch + b"set wireless.wifirelay.key='caf\xe9'\n")
    lines = done.text.splitlines()
    assert done.rc == 0 and done.err == b""
    assert lines[0] == '咖啡馆 "quoted" & spaces'
    changes = json.loads(lines[1])["changes"]["wireless"]
    assert changes[1] == ["set", "wifirelay", "key", "caf\udce9"]
    assert router.flash_writes == []


def test_applets_do_not_hide_simulated_programs(world: World) -> None:
    """Debian's busybox ash prefers its applets: df, free, logger, sleep, nslookup, ..."""
    router = world.router
    start = router.now
    script = """
        logger -t test -p daemon.info -- "it works: $*"
        df -k /overlay | sed -n 2p
        sleep 3
        echo piped | logger -t pipe
        sh -c 'df -k "$1" | wc -l; uptime' inner /overlay
        nslookup example.org; echo "rc $?"
        x=$(free | sed -n '2s/ .*//p'); echo "$x"
    """
    done = sh(router, script, "a", "b c")
    assert "overlayfs:/overlay" in done.text
    assert "load average: 0.10, 0.06, 0.05" in done.text
    assert "rc 1" in done.text and done.text.endswith("Mem:\n")
    log = router.execute(["logread"]).text
    assert "daemon.info test: it works: a b c" in log
    assert "user.notice pipe: piped" in log
    assert 3 + 5 <= router.now - start < 9  # the sleep, and the resolver's time-out


def test_shims_leave_the_input_of_loops_alone(world: World) -> None:
    script = "while read -r x; do uci -q get wireless.$x.band; done"
    done = sh(world.router, script, stdin=b"radio0\nradio1\n")
    assert done.text == "2g\n5g\n"


def test_exit_codes_streams_and_big_outputs(world: World) -> None:
    router = world.router
    done = sh(router, "uci get nothing.at.all; echo $? >&2; ubus -S call x y; exit $?")
    assert (done.rc, done.err.splitlines()) == (4, [b"uci: Entry not found", b"1"])
    big = "x" * 200_000
    done = router.execute(["sh", "-c", "jsonfilter -e '@.a'", "n"], json.dumps({"a": big}).encode())
    assert done.out == big.encode() + b"\n"
    assert sh(router, "exec uci -q get wireless.radio0.band").out == b"2g\n"
    assert sh(router, "kill -9 $$").rc == 137


def test_other_programs_see_the_router_s_files(world: World) -> None:
    router = world.router
    assert router.execute(["ls", "/etc/config"]).text.split() == [
        "dhcp",
        "firewall",
        "network",
        "system",
        "wireless",
    ]
    assert b"DISTRIB_RELEASE" in router.execute(["cat", "/etc/openwrt_release"]).out
    missing = router.execute(["cat", "/etc/nothing"])
    assert (missing.rc, missing.errors) == (
        1,
        "cat: can't open '/etc/nothing': No such file or directory\n",
    )
    boot_id = "$WIFIRELAY_ROOT/proc/sys/kernel/random/boot_id"
    assert sh(router, f'read -r id <"{boot_id}"; echo "$id"').text.strip() == router.boot_id


def test_flash_writes_are_noticed(world: World) -> None:
    router = world.router
    sh(router, 'echo x >"$WIFIRELAY_ROOT/tmp/x"; echo y >"$WIFIRELAY_ROOT/var/y"')
    assert router.flash_writes == []
    sh(router, 'echo x >"$WIFIRELAY_ROOT/etc/x"; uci set system.@system[0].hostname=Q; uci commit')
    assert sorted(path for _, path in router.flash_writes) == ["/etc/config/system", "/etc/x"]
    router.flash_writes.clear()
    sh(router, 'rm "$WIFIRELAY_ROOT/etc/x"')
    assert [path for _, path in router.flash_writes] == ["/etc/x"]


def test_reboot_kills_the_script_and_the_link(world: World) -> None:
    transport = SimTransport(world.router)
    with pytest.raises(LinkLost):
        transport.run(Command(("sh", "-c", "reboot; sleep 5; echo never", "x")))
    with pytest.raises(ConnectError):
        transport.run(Command(("uci", "changes")))
    world.clock.sleep(30)
    assert transport.run(Command(("uci", "changes"))).rc == 0
    assert world.router.boots == 2


# The sentry


def test_ticks_drive_the_sentry_in_virtual_time(stub: World) -> None:
    router = stub.router
    first = router.sentry.count()
    assert first is not None
    stub.clock.sleep(60)
    assert router.sentry.count() == first + 12
    alive = router.root.read("/tmp/run/wifirelay/alive").split()
    assert router.uptime - float(alive[0]) <= 5.1
    assert router.processes == {}


def test_a_poke_is_answered_before_time_goes_on(stub: World) -> None:
    router = stub.router
    poke = 'echo "$1" >"$WIFIRELAY_ROOT/var/run/wifirelay/poke"'
    sh(router, poke, "uci")
    assert answer(router) == "2g\n"
    assert router.processes == {"controller": 1, "sentry": 1}
    start = router.now
    sh(router, poke, "scan")
    assert len(json.loads(answer(router))["results"]) > 3
    assert router.now - start >= 3.5
    sh(router, poke, "log")
    assert "stub: it logs" in router.execute(["logread"]).text
    sh(router, poke, "sleep")
    assert answer(router) == "slept\n"
    # a script sees the answer within its own virtual sleep
    script = 'rm -f "$D/answer"; echo uci >"$D/poke"; sleep 0.1; cat "$D/answer"'
    assert sh(router, f"D=$WIFIRELAY_ROOT/var/run/wifirelay; {script}").text == "2g\n"


def test_a_killed_sentry_comes_back_after_five_seconds(stub: World) -> None:
    router = stub.router
    router.kill_sentry()
    assert router.sentry.pid is None
    stub.clock.sleep(4.5)
    assert router.sentry.pid is None
    stub.clock.sleep(6)
    assert router.sentry.pid is not None
    assert (router.sentry.count() or 9) <= 3
    sh(router, 'echo die >"$WIFIRELAY_ROOT/var/run/wifirelay/poke"')
    stub.clock.sleep(20)
    assert router.sentry.pid is not None
    router.sentry_absent = True
    stub.clock.sleep(20)
    assert router.sentry.pid is None
    router.power_cut()
    stub.clock.sleep(30)
    assert router.sentry.pid is None


def test_a_hung_sentry_does_not_stop_time(stub: World) -> None:
    router = stub.router
    router.hang_sentry()
    count, start = router.sentry.count(), time.monotonic()
    stub.clock.sleep(60)
    assert router.sentry.count() == count
    assert time.monotonic() - start < 5


def test_the_enabled_service_starts_at_boot(stub: World) -> None:
    router = stub.router
    old = router.sentry.pid
    router.power_cut()
    assert router.sentry.pid is None
    stub.clock.sleep(9)
    assert not os.path.exists(router.root.here("/tmp/run/wifirelay"))
    stub.clock.sleep(2)
    assert router.sentry.pid not in (None, old)


def test_rc_and_service_over_ubus(stub: World) -> None:
    router = stub.router

    def rc(action: str) -> Any:
        arguments = json.dumps({"name": "wifirelay-sentry", "action": action})
        assert router.execute(["ubus", "-S", "call", "rc", "init", arguments]).rc == 0
        listed = json.loads(router.execute(["ubus", "-S", "call", "rc", "list"]).text)
        one = listed["wifirelay-sentry"]
        return one["enabled"], one["running"]

    assert rc("stop") == (True, False)
    assert rc("disable") == (False, False)
    assert router.flash_writes
    assert rc("start") == (False, True)
    assert rc("enable") == (True, True)
    pid = router.sentry.pid
    assert rc("restart") == (True, True)
    assert router.sentry.pid != pid
    assert os.path.islink(router.root.here("/etc/rc.d/S95wifirelay-sentry"))
    listed = json.loads(router.execute(["ubus", "call", "service", "list"]).text)
    instance = listed["wifirelay-sentry"]["instances"]["instance1"]
    assert instance["command"] == ["/usr/sbin/wifirelay-sentry"] and instance["running"]
    assert router.execute(["/etc/init.d/wifirelay-sentry", "stop"]).rc == 0
    assert router.sentry.pid is None
    unknown = '{"name":"nothing","action":"start"}'
    assert router.execute(["ubus", "-S", "call", "rc", "init", unknown]).rc == 4


def test_close_leaves_nothing_behind(stub: World) -> None:
    router = stub.router
    pid, root = router.sentry.pid, router.root.path
    sh(router, "true")
    router.close()
    router.close()
    assert not os.path.exists(root) and not os.path.exists(f"/proc/{pid}")
    assert not [t for t in threading.enumerate() if t.name.startswith("sim-")]


def test_real_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wifirelay-sentry").write_text(STUB)
    (tmp_path / "wifirelay-sentry.init").write_text(INIT)
    (tmp_path / "wifirelay.udhcpc").write_text("")
    monkeypatch.setattr(worlds, "router_files", lambda: str(tmp_path))
    with make_world("home", speed=100.0) as world:
        router = world.router
        end = time.monotonic() + 10
        while not (router.on_air("default_radio0") and router.sentry.count()):
            assert time.monotonic() < end
            time.sleep(0.05)
        before, start = router.sentry.count() or 0, router.now
        world.clock.sleep(40)
        assert 30 <= router.now - start < 200
        assert (router.sentry.count() or 0) > before
        begun = time.monotonic()  # a busy machine's router clock may lag behind
        assert router.execute(["sh", "-c", "sleep 5; uci changes", "x"]).rc == 0
        assert time.monotonic() - begun >= 5 / 100


def test_the_login_shell_needs_no_environment(world: World) -> None:
    """What an SSH server starts for `ssh router COMMAND`."""

    def ssh(command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        argv = [world.router.shell.login, "-c", command]
        return subprocess.run(argv, input=stdin, capture_output=True, env={}, timeout=20)

    assert b"DISTRIB_RELEASE" in ssh("cat /etc/openwrt_release").stdout
    staged = ssh("sh -c 'uci batch; uci changes' x", b"set wireless.wifirelay.ssid=X\n")
    assert staged.stdout == b"wireless.wifirelay.ssid='X'\n"
    assert ssh("df -k /overlay; exit 3").returncode == 3
    interactive = subprocess.run(
        [world.router.shell.login, "-i"], input=b"", capture_output=True, env={}, timeout=20
    )
    assert interactive.returncode in (0, 1, 2)
    assert world.router.processes["ssh"] > 3


@pytest.mark.parametrize("kind", ["perl", "python"])
def test_a_shim_passes_bytes_on(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "python":
        monkeypatch.setattr(shims, "perl", lambda: None)
    elif shims.perl() is None:
        pytest.skip("perl is not installed")
    with make_world("home", sentry=False) as world:
        router = world.router
        with open(os.path.join(router.shell.shims, "uci"), "rb") as file:
            assert kind.encode() in file.readline()
        foreign = "it's \udcff\n$(id)"
        assert (
            sh(router, 'uci set wireless.radio0.x="$1"; uci -q get wireless.none', foreign).rc == 1
        )
        assert router.argvs[-2] == ("uci", "set", f"wireless.radio0.x={foreign}")
        assert sh(router, "uci get wireless.radio0.x").out == b"it's \xff\n$(id)\n"
        assert sh(router, "cat", stdin=b"\0\xff" * 300_000).out == b"\0\xff" * 300_000
        shim = os.path.join(router.shell.shims, "cat")
        assert sh(router, '"$1" | wc -c', shim, stdin=bytes(700_000)).out.strip() == b"700000"
        assert sh(router, '"$1" | head -c 3', shim, stdin=b"abcdef" * 100_000).out == b"abc"
        failed = sh(router, "ubus call none none; echo $? >&2")
        assert failed.err == b"Command failed: Not found\n4\n"


def test_events_reach_a_shim(world: World) -> None:
    router = world.router
    argv = [router.shell.login, "-c", "ubus listen network.interface"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env={}) as listener:
        end = time.monotonic() + 10
        while ("ubus", "listen", "network.interface") not in router.argvs:
            assert time.monotonic() < end
            time.sleep(0.01)
        time.sleep(0.05)
        join_home(world)
        assert listener.stdout is not None
        event = json.loads(listener.stdout.readline())
        assert event["network.interface"] == {"action": "ifup", "interface": "wwan"}
        sent = sh(router, """ubus send other; ubus send network.interface '{"action":"x"}'""")
        assert (sent.rc, sent.out) == (0, b"")
        assert listener.stdout.readline() == b'{ "network.interface": {"action":"x"} }\n'
        assert sh(router, "ubus send network.interface nonsense").rc == 254
        listener.kill()


# The transport


def test_faults_at_every_boundary(world: World) -> None:
    seen: list[tuple[int, str]] = []

    def fault(boundary: int, command: Command, when: str) -> None:
        seen.append((boundary, when))
        if (boundary, when) == (1, "before"):
            raise LinkLost("cut")
        if (boundary, when) == (2, "after"):
            transport.dead = True
            raise LinkLost("cut")

    transport = SimTransport(world.router, fault)
    stage = [Command(("uci", "set", f"wireless.wifirelay.ssid={n}")) for n in range(3)]
    transport.run(stage[0])
    with pytest.raises(LinkLost):
        transport.run(stage[1])
    with pytest.raises(LinkLost):
        transport.run(stage[2])
    with pytest.raises(LinkLost):
        transport.run_all([Command(("uci", "changes"))])
    assert seen == [(0, "before"), (0, "after"), (1, "before"), (2, "before"), (2, "after")]
    assert world.router.execute(["uci", "get", "wireless.wifirelay.ssid"]).out == b"2\n"


def test_deadlines_are_of_router_time(world: World) -> None:
    transport = SimTransport(world.router)
    start = world.clock.monotonic()
    scan = ("ubus", "call", "iwinfo", "scan", '{"device":"radio0"}')
    with pytest.raises(DeadlineExceeded):
        transport.run(Command(scan, deadline=2.0))
    assert world.clock.monotonic() - start == pytest.approx(2.0)
    with pytest.raises(DeadlineExceeded):
        transport.run(Command(("sh", "-c", "sleep 12", "x"), deadline=10.0))


def test_a_link_over_the_own_access_point_dies_with_it(world: World) -> None:
    transport = SimTransport(world.router, via="default_radio0")
    transport.run(Command(("uci", "set", "wireless.wifirelay.ssid=Nowhere")))
    transport.run(Command(("uci", "set", "wireless.wifirelay.disabled=0")))
    transport.run(Command(("wifi", "reload")))
    world.clock.sleep(20)
    with pytest.raises(ConnectError):
        transport.run(Command(("uci", "changes")))


# jsonfilter and blobmsg

STATUS = {
    "radio0": {
        "up": True,
        "interfaces": [
            {"section": "a", "ifname": "phy0-ap0", "config": {"mode": "ap", "n": 3}},
            {"section": "b", "config": {"mode": "sta"}},
        ],
    },
    "radio1": {"up": False, "interfaces": []},
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ('@.radio0.interfaces[@.config.mode="ap"].ifname', ["phy0-ap0"]),
        ("@.radio0.interfaces[@.config.mode='sta'].section", ["b"]),
        ("@.radio0.interfaces[@.config.mode!='ap'].section", ["b"]),
        ("@.*.interfaces[*].section", ["a", "b"]),
        ("@.radio0.interfaces[0].section", ["a"]),
        ("@.radio0.interfaces[-1].section", ["b"]),
        ("@['radio0'].up", [True]),
        ("$.radio1.interfaces", [[]]),
        ("@..mode", ["ap", "sta"]),
        ("@.*[@.nothing=1]", []),
        ("@.radio0.interfaces[@.config.n>2 && @.ifname].section", ["a"]),
        ("@.radio0.interfaces[@.config.n>5 || !(@.ifname)].section", ["b"]),
        ("@[@.up=true].interfaces[*].section", ["a", "b"]),
        ("@.nothing", []),
    ],
)
def test_jsonfilter_paths(path: str, expected: list[Any]) -> None:
    assert find(path, STATUS) == expected


def test_jsonfilter_as_a_program(world: World) -> None:
    document = json.dumps(STATUS).encode()

    def read(path: str) -> bytes:
        raise FileNotFoundError(path)

    def run(*argv: str, stdin: bytes = document) -> tuple[int, str]:
        done = jsonfilter(argv, stdin, read)
        return done.rc, done.text

    assert run("-e", "@.radio0.up", "-e", "@.radio1.up") == (0, "true\nfalse\n")
    assert run("-e@.radio1") == (0, '{"up":false,"interfaces":[]}\n')
    assert run("-s", '["a", "\\u00e9", 1, null]', "-e", "@[*]") == (0, "a\né\n1\nnull\n")
    assert run("-e", "@.none")[0] == 1
    assert run("-q", "-e", "@.up", stdin=b"{")[0] == 126
    assert run("-e", "nonsense")[0] == 127
    assert run("-i", "/etc/none", "-e", "@")[0] == 125
    with pytest.raises(PathError):
        find("@.a[", {})
    world.router.root.write("/tmp/status", json.dumps(STATUS))
    script = 'jsonfilter -i "$WIFIRELAY_ROOT/tmp/status" -e "@.*.interfaces[*].section"'
    assert sh(world.router, script).text == "a\nb\n"


def test_blobmsg_prints_as_libubox() -> None:
    value = Pairs([("mode", 'a\n\x1b"\\é\udce9'), ("mode", []), ("x", {"y": [1, True, None]})])
    assert text(value, compact=True) == (
        '{"mode":"a\\n\\u001b\\"\\\\é\udce9","mode":[],"x":{"y":[1,true,null]}}'
    )
    assert (
        text({"a": {}, "b": [1, 2]}) == '{\n\t"a": {\n\t\t\n\t},\n\t"b": [\n\t\t1,\n\t\t2\n\t]\n}'
    )
