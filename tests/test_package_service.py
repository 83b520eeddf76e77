# SPDX-License-Identifier: GPL-2.0-or-later
"""The service as the .ipk brings it: unpacked with plain tar onto a simulated router, run there as
a process of its own with python3-light's modules, it joins the best network and leaves on TERM."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from known import CHECKOUT
from packaged import files, identity
from test_light import PRELUDE

from wifirelay.package.ipk import make_ipk
from wifirelay.sim.worlds import World, make_world
from wifirelay.uci.edits import Edit, Verb, batch

HISTORY = "var/run/wifirelay/service-state/history.jsonl"
LIMIT = 60.0  # seconds of this machine
# The launcher in a bare interpreter that has no more modules than a router.
START = (
    PRELUDE
    + f"""
sys.path.remove({str(CHECKOUT)!r})
del sys.argv[0]
with open(sys.argv[0]) as launcher:
    text = launcher.read()
exec(compile(text, sys.argv[0], "exec"), {{"__name__": "__main__", "__file__": sys.argv[0]}})
"""
)


def unpack(world: World, folder: Path) -> Path:
    """Put the package on a router; its root here."""
    (folder / "ipk").write_bytes(make_ipk(identity(), files()))
    tar = ["tar", "-xzOf", folder / "ipk", "./data.tar.gz"]
    inner = subprocess.run(tar, capture_output=True, check=True).stdout
    root = Path(world.router.root.path)
    subprocess.run(["tar", "-xpzf", "-", "-C", root], input=inner, check=True)
    return root


def start(world: World, root: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-ISB", "-c", START, root / "usr/bin/wifirelay", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=world.router.shell.environment("service"),
        cwd="/",
    )


def configure(world: World) -> None:
    """Switched on, and knowing the world's networks."""
    edits = [Edit(Verb.SET, "wifirelay", "main", "enabled", "1")]
    for number, known in enumerate(world.known):
        name = f"network{number}"
        edits.append(Edit(Verb.SET, "wifirelay", name, None, "network"))
        edits.append(Edit(Verb.SET, "wifirelay", name, "ssid", known.ssid.text))
        if known.key is not None:
            edits.append(Edit(Verb.SET, "wifirelay", name, "key", known.key.reveal()))
        edits.append(Edit(Verb.SET, "wifirelay", name, "priority", str(known.priority)))
    done = world.router.execute(["uci", "batch"], stdin=batch(edits))
    assert (done.rc, done.out, done.err) == (0, b"", b"")
    assert world.router.execute(["uci", "commit", "wifirelay"]).rc == 0


@pytest.fixture
def world() -> Iterator[World]:
    """A router ten times as fast."""
    with make_world("home", speed=10.0) as world:
        yield world


def until(what: Callable[[], Any], process: "subprocess.Popen[str] | None" = None) -> Any:
    """What it gives, once it gives something; `process` may not end meanwhile."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and (process is None or process.poll() is None):
        if found := what():
            return found
        time.sleep(0.1)
    if process is None:
        raise AssertionError("it never happened")
    process.kill()
    raise AssertionError(process.communicate()[1])


def test_it_joins_and_leaves(world: World, tmp_path: Path) -> None:
    root = unpack(world, tmp_path)
    configure(world)
    process = start(world, root, "--router", "local", "run", "--keep-pause")

    def joined() -> str | None:
        if not (root / HISTORY).exists():
            return None
        whole = (root / HISTORY).read_text().rpartition("\n")[0]
        told = [json.loads(line) for line in whole.splitlines()]
        return next((each["network"] for each in told if each["kind"] == "joined"), None)

    try:
        assert until(joined, process) == "HomeNet"
        process.terminate()
        said, log = process.communicate(timeout=10)
        assert (process.returncode, said) == (0, "")
        assert "HomeNet" in log
    finally:
        process.kill()
        process.communicate()
    assert not list(root.rglob("__pycache__"))


def test_setup_on_the_router_brings_the_sentry_back(tmp_path: Path) -> None:
    """`setup --undo` takes its files off; they are data of the package too."""
    with make_world("home", speed=10.0, set_up=False, sentry=False) as world:
        root = unpack(world, tmp_path)
        status = ["ubus", "-S", "call", "network.wireless", "status"]
        until(lambda: world.router.execute(status).rc == 0)
        own = root / "usr/sbin/wifirelay-sentry"
        text = own.read_bytes()
        for words in (("setup", "--yes"), ("setup", "--undo", "--yes"), ("setup", "--yes")):
            process = start(world, root, *words)
            said, log = process.communicate(timeout=LIMIT)
            assert process.returncode == 0, said + log
            assert own.exists() == ("--undo" not in words)
        assert not list(root.rglob("__pycache__"))
        assert own.read_bytes() == text
