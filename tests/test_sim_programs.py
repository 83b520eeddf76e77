# SPDX-License-Identifier: GPL-2.0-or-later
"""How programs start on the simulated router: python3-light, packages, and what they find."""

import json
import os
import sys

import pytest

from tests.demo_service import DEMO, eventually, ssh, world
from wifirelay.sim.light import MISSING
from wifirelay.sim.worlds import World, make_world

__all__ = ["world"]


# programs


def test_programs_of_the_root_start_by_name_and_by_path(world: World) -> None:
    for command in ("demo a", "/usr/bin/demo a", "true && /usr/bin/demo a", "exec /usr/bin/demo a"):
        assert ssh(world, command).stdout == "demo a 1 1\n", command
    nested = ssh(world, "sh -c 'if /usr/bin/demo a; then exec demo b; fi' x")
    assert nested.stdout == "demo a 1 1\ndemo b 1 1\n"
    assert ssh(world, "\"$WIFIRELAY_ROOT/usr/bin/demo\" 'a b'").stdout == "demo a b 1 1\n"
    assert world.router.execute(["/usr/bin/demo", "/etc"]).out == b"demo /etc 1 1\n"
    assert world.router.execute(["demo"]).out == b"demo 1 1\n"
    done = ssh(world, "later; /usr/sbin/later")
    assert (done.returncode, done.stderr.count("not found")) == (127, 2)
    world.router.root.write("/usr/sbin/later", "#!/bin/sh\nuci -q get wireless.$1.band\n", 0o755)
    assert ssh(world, "later radio0; /usr/sbin/later radio1").stdout == "2g\n5g\n"
    os.unlink(world.router.root.here("/usr/sbin/later"))
    assert ssh(world, "command -v later").returncode != 0
    assert world.router.execute(["later"]).rc == 127
    os.chmod(world.router.root.here("/usr/bin/demo"), 0o644)
    assert ssh(world, "/usr/bin/demo").returncode == 126


def test_texts_stay_as_they_are(world: World) -> None:
    """Only a command's first word is looked at."""
    script = "echo /usr/bin/demo '/etc/init.d/demo start'; [ -e $WIFIRELAY_ROOT/usr/bin/demo ]"
    done = ssh(world, script)
    assert (done.returncode, done.stdout) == (0, "/usr/bin/demo /etc/init.d/demo start\n")
    assert ssh(world, "x=a; /bin/sh -c 'df | wc -l'").stdout.strip() == "2"


# python3-light


def test_python_has_what_python3_light_has(world: World) -> None:
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name); print(name)\n"
        "    except ModuleNotFoundError: pass\n"
    )
    done = world.router.execute(
        ["python3", "-c", code, *MISSING, "pytest", "paramiko", "argparse", "json", "select"]
    )
    assert (done.rc, done.text.split()) == (0, ["argparse", "json", "select"]), done


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("python3 --version", f"Python {sys.version.split()[0]}\n"),
        ("python3 -c 'import sys; print(sys.argv)' -x 'a b'", "['-c', '-x', 'a b']\n"),
        ("python3 -ISc 'import sys; print(sys.flags.no_site, sys.argv)'", "1 ['-c']\n"),
        ("python3 -c 'print(__name__); exit(0)'", "__main__\n"),
        ("python3 - a", "['-', 'a'] __main__\n"),
        ("python3", "[''] __main__\n"),
        ("python3 -IS -B /tmp/x.py a", "['R/tmp/x.py', 'a'] __main__\n"),
        ("python3 -X no_debug_ranges /tmp/x.py /tmp", "['R/tmp/x.py', 'R/tmp'] __main__\n"),
        ("cd $WIFIRELAY_ROOT/tmp && python3 x.py", "['x.py'] __main__\n"),
        ("cd $WIFIRELAY_ROOT/tmp && python3 -m x b", "['R/tmp/x.py', 'b'] __main__\n"),
        ("python3 -m py_compile /tmp/x.py && python3 $WIFIRELAY_ROOT/tmp/__pycache__/x.*", "pyc"),
        ("/usr/bin/python3 -c 'import sys; print(sys.executable)'", "R/usr/bin/python3\n"),
        (
            "python3 -ISc \"import sys; sys.path.insert(0, '/usr/lib/there'); import here\"",
            "here R/usr/lib/there/here.py\n",
        ),
    ],
)
def test_ways_to_start_python(world: World, command: str, printed: str) -> None:
    root = world.router.root
    script = "import sys\nprint(sys.argv, __name__)\n"
    root.write("/tmp/x.py", script)
    root.write("/usr/lib/there/here.py", "print('here', __file__)\n")
    done = ssh(world, command, script)
    assert done.returncode == 0, done.stderr
    if printed == "pyc":
        assert "x.cpython" in done.stdout and "__main__" in done.stdout
    else:
        assert done.stdout == printed.replace("R/", f"{root.path}/")


def test_python_fails_as_it_does(world: World) -> None:
    assert ssh(world, "python3 -c 'exit(3)'").returncode == 3
    missing = ssh(world, "python3 /tmp/none.py")
    assert missing.returncode == 2 and "can't open file '/tmp/none.py'" in missing.stderr
    error = ssh(world, "python3 -c 'import asyncio'")
    assert error.returncode == 1
    assert error.stderr.endswith("ModuleNotFoundError: No module named 'asyncio'\n")


def test_without_python() -> None:
    with make_world("home", sentry=False, python=None) as world:
        world.router.root.write("/usr/bin/demo", DEMO, 0o755)
        for command in ("python3 -c ''", "/usr/bin/python3 -c ''", "demo", "/usr/bin/demo"):
            done = ssh(world, command)
            assert done.returncode == 127 and "not found" in done.stderr, command
        assert ssh(world, "command -v python3").stdout == ""
        assert ssh(world, "opkg status python3-light; opkg list-installed").stdout == ""
        assert world.router.execute(["python3", "-c", ""]).rc == 127


# what there is


def test_packages_by_the_release(world: World) -> None:
    assert "python3-light - 3.11" in ssh(world, "opkg list-installed").stdout
    status = ssh(world, "opkg status python3-light").stdout
    assert "Status: install user installed" in status and "Size:" not in status
    world.router.packages.updated = True
    assert "\nInstalled-Size: " in ssh(world, "opkg info python3-light").stdout
    assert ssh(world, "command -v apk").returncode != 0
    with make_world("home", release="25.12.0", sentry=False, python="3.13.9") as new:
        assert ssh(new, "apk info -e python3-light").stdout == "python3-light\n"
        assert ssh(new, "apk info -e none").returncode == 1
        assert "python3-light-3.13.9-r1" in ssh(new, "apk list -I").stdout
        assert ssh(new, "command -v opkg").returncode != 0
        assert new.router.execute(["opkg", "info"]).rc == 127


def test_leds_memory_and_flash(world: World) -> None:
    router = world.router
    led = "$WIFIRELAY_ROOT/sys/class/leds/green:wlan"
    assert ssh(world, f"cat {led}/trigger").stdout == "[none] timer default-on\n"
    assert ssh(world, f"echo 255 >{led}/brightness; cat {led}/brightness").stdout == "255\n"
    router.memory_free_kib = 20480
    eventually(lambda: b"MemAvailable:      20480 kB\n" in router.root.read("/proc/meminfo"), "")
    info = json.loads(router.execute(["ubus", "call", "system", "info"]).text)
    assert info["memory"]["available"] == 20480 * 1024
    assert ssh(world, "free | sed -n 2p").stdout.split()[-1] == "20480"
    router.flash_free_kib = 500
    ssh(world, "head -c 102400 /dev/zero >$WIFIRELAY_ROOT/usr/x")
    assert ssh(world, 'df -k "$WIFIRELAY_ROOT/usr" | tail -n 1').stdout.split()[3] == "400"
    assert router.flash_free_kib == 400
    assert ssh(world, "df -k /tmp").stdout.splitlines()[1].startswith("tmpfs")
