# SPDX-License-Identifier: GPL-2.0-or-later
"""`install` and `uninstall` as an owner runs them: over real SSH, onto a router in real time.

The service there is a process of its own with only python3-light's modules, started by the
router's procd from the files that were sent.
"""

import glob
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.laptop import Laptop, Running, new_home
from tests.served import Served, checked
from wifirelay.package.contents import own_paths
from wifirelay.sim.dropbear import Dropbear

pytestmark = pytest.mark.dropbear

STATE = "/var/run/wifirelay/service-state"
DEPLOY = "/tmp/wifirelay-deploy"
TREE = "/usr/lib/wifirelay"


class Bench:
    """A router that was never set up, and an owner's laptop that trusts it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.served = Served(folder, set_up=False, sentry=False, **options)
        self.laptop = Laptop(new_home(folder), self.served)
        self.server: Dropbear = self.served.ssh()
        self.laptop.configure(self.server.port)
        self.laptop.trust()
        self.flash = self.files()

    def here(self, path: str) -> str:
        return self.served.router.root.here(path)

    def files(self) -> dict[str, bytes]:
        """All of the router's flash."""
        found = {}
        for top in ("/etc", "/usr"):
            for folder, _, names in os.walk(self.here(top)):
                for name in names:
                    path = os.path.join(folder, name)
                    text = os.readlink(path) if os.path.islink(path) else ""
                    content = text.encode() if text else Path(path).read_bytes()
                    found[path.removeprefix(self.served.router.root.path)] = content
        return found

    def nothing_left(self) -> None:
        """As before: no file more, none less, none other; and nothing in RAM but an answer."""
        now = self.files()
        assert set(now) == set(self.flash)
        for path, text in now.items():
            assert _bare(text) == _bare(self.flash[path]), path
        assert self.left() in ([], ["result"])
        assert not os.path.exists(self.here("/var/run/wifirelay/deploying"))
        assert self.pid() is None

    def deploying(self, name: str) -> bool:
        """Whether an installation's folder in RAM has this."""
        return bool(glob.glob(self.here(f"{DEPLOY}.*/{name}")))

    def left(self) -> list[str]:
        """What installations have left in RAM."""
        found = glob.glob(self.here(f"{DEPLOY}.*/*")) + glob.glob(self.here(f"{DEPLOY}.*/.[a-z]*"))
        return [os.path.basename(each) for each in found]

    def pid(self) -> int | None:
        """The service's process, while it lives."""
        try:
            pid = int(Path(self.here(f"{STATE}/pid")).read_text())
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid

    def joined(self) -> None:
        router = self.served.router
        self.served.wait("an uplink", lambda: router.interfaces.behind() is not None, 40)

    def ubus(self, *words: str) -> dict[str, Any]:
        done = self.served.router.execute(["ubus", "call", "wifirelay", *words])
        assert done.rc == 0, done
        shape: dict[str, Any] = json.loads(done.out)
        return shape


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path)
    with checked(one.served):
        yield one


def test_install_join_upgrade_and_uninstall(bench: Bench) -> None:
    shown = bench.laptop.run("--json", "install", "--networks", "--show").object
    bench.nothing_left()
    answer = bench.laptop.run("--json", "install", "--networks", "--yes").object
    assert answer["edits"] == shown["edits"]
    assert "set wifirelay.main.enabled='1'" in answer["edits"]
    assert any(edit.endswith(".key='***'") for edit in answer["edits"])
    first = bench.pid()
    assert first is not None
    environment = Path(f"/proc/{first}/environ").read_text()
    assert f"WIFIRELAY_ROOT={bench.served.router.root.path}" in environment
    bench.joined()
    status = bench.ubus("status")
    assert status["schema"] == "wifirelay.status/1"
    assert bench.ubus("networks")["networks"]
    # an upgrade: another process, the same configuration
    config = Path(bench.here("/etc/config/wifirelay"))
    assert config.stat().st_mode & 0o777 == 0o600
    before = config.read_bytes()
    again = bench.laptop.run("--json", "install", "--yes").object
    assert (again["upgrade"], again["edits"]) == (True, [])
    assert config.read_bytes() == before
    second = bench.pid()
    assert second not in (None, first)
    bench.joined()
    # and away
    gone = bench.laptop.run("--json", "uninstall", "--yes").object
    assert (gone["was_installed"], gone["left_uplink"]) == (True, True)
    assert bench.pid() is None
    bench.served.wait("no uplink", lambda: bench.served.router.interfaces.behind() is None)
    bench.served.on_air()
    left = bench.files()
    assert not [path for path in left if path in own_paths() or path.startswith(TREE)]
    assert left["/etc/config/wifirelay"] == before
    bench.laptop.run("uninstall", "--yes", "--purge")  # harmless when it is gone already
    bench.laptop.run("setup", "--undo", "--yes")
    config_now = {path: text for path, text in bench.files().items() if "/etc/config/" in path}
    for name in ("network", "firewall", "wireless"):
        path = f"/etc/config/{name}"
        assert _bare(config_now[path]) == _bare(bench.flash[path]), path


def test_where_only_networks_differ_the_service_goes_on(bench: Bench) -> None:
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    shown = bench.laptop.run("--json", "install", "--networks", "--show").object
    assert (shown["needed"], shown["edits"]) == (False, [])
    assert (shown["files"], shown["stopped"]) == ([], [])
    assert "as it should be" in bench.laptop.run("install", "--networks", "--show").out
    before, service = bench.files(), bench.pid()
    bench.laptop.keys["Phone"] = "another key of the phone"
    bench.laptop.configure(bench.server.port)
    shown = bench.laptop.run("--json", "install", "--networks", "--show").object
    assert (shown["needed"], shown["edits"]) == (True, ["set wifirelay.phone.key='***'"])
    assert bench.files() == before
    done = bench.laptop.run("install", "--networks", "--yes")
    assert "goes on" in done.err
    now = bench.files()
    assert [path for path in now if now[path] != before.get(path)] == ["/etc/config/wifirelay"]
    assert b"another key of the phone" in now["/etc/config/wifirelay"]
    assert bench.pid() == service
    assert bench.laptop.run("--json", "install", "--networks", "--show").object["needed"] is False
    config = Path(bench.here("/etc/config/wifirelay"))
    assert config.stat().st_mode & 0o777 == 0o600


def _bare(text: bytes) -> list[bytes]:
    """A configuration without what `uci commit` drops: comments and empty lines."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(b"#")]


def test_a_pause_outlives_a_kill_and_ends_with_a_restart_by_the_owner(bench: Bench) -> None:
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    asked = bench.ubus("leave")["id"]

    def done() -> bool:
        return bench.ubus("answer", json.dumps({"id": asked})).get("state") == "done"

    bench.served.wait("the uplink is left", done, 40)
    killed = bench.pid()
    assert killed is not None
    os.kill(killed, signal.SIGKILL)

    def again() -> bool:
        known = bench.pid() not in (None, killed) and bench.ubus("status")
        return bool(known) and known["schema"] == "wifirelay.status/1"

    bench.served.wait("procd has started it again", again, 40)
    assert bench.ubus("status")["service"]["paused"]
    router = bench.served.router
    assert router.interfaces.behind() is None
    assert router.execute(["/etc/init.d/wifirelay", "restart"]).rc == 0
    bench.joined()


# What the router shows when the installation has come so far.
STEPS: dict[str, Callable[[Bench], bool]] = {
    "the files come": lambda bench: bench.deploying("tar"),
    "the files are there": lambda bench: bench.deploying("result"),
    "they are unpacked": lambda bench: bench.deploying("tree"),
    "they are compiled": lambda bench: os.path.exists(bench.here(f"{TREE}.new")),
    "they are in place": lambda bench: os.path.exists(bench.here("/etc/init.d/wifirelay")),
    "it is enabled": lambda bench: os.path.lexists(bench.here("/etc/rc.d/S96wifirelay")),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_link_that_is_cut_changes_nothing_of_how_it_ends(bench: Bench, step: str) -> None:
    """The router goes on alone, and the laptop asks what came of it."""
    running = bench.laptop.start("--json", "install", "--networks", "--yes")
    _until(bench, running, step)
    bench.server.drop(commands=False)
    code = running.ended()
    assert code == 0, running.out + running.err
    assert bench.pid() is not None
    bench.joined()


@pytest.mark.parametrize("step", STEPS)
def test_a_router_that_dies_in_the_middle_is_whole_after_the_next_install(
    bench: Bench, step: str
) -> None:
    """Every process of the installation is killed; what it left does not hinder the next one."""
    running = bench.laptop.start("--json", "install", "--networks", "--yes")
    _until(bench, running, step)
    bench.server.drop(commands=True)
    code = running.ended()
    if code == 0:  # it was sent once more
        assert step == "the files come"
    else:
        assert code == 8, running.out + running.err
        assert "killed on the router" in running.object["error"]
        bench.nothing_left()
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    assert not os.path.exists(bench.here(f"{TREE}.new"))
    assert not os.path.exists(bench.here(f"{TREE}.old"))
    assert bench.left() == ["result"]


def _until(bench: Bench, running: Running, step: str) -> None:
    later = list(STEPS)[list(STEPS).index(step) :]  # a busy machine may miss the moment itself

    def reached() -> bool:
        assert running.process.poll() is None, running.out + running.err
        return any(STEPS[each](bench) for each in later)

    bench.served.wait(step, reached, 40)


def test_without_python_it_says_what_to_install(tmp_path: Path) -> None:
    bench = Bench(tmp_path, python=None)
    try:
        error = bench.laptop.fails(6, "install", "--yes")
        assert "python3-light" in error["error"] and "MiB of flash" in error["error"]
        assert "opkg update && opkg install python3-light" in error["hint"]
        assert "run`" in error["hint"]
        bench.nothing_left()
    finally:
        bench.served.close()


def test_a_full_flash_is_said_before_anything_is_sent(bench: Bench) -> None:
    bench.served.router.flash_free_kib = 300
    error = bench.laptop.fails(6, "install", "--yes")
    assert "0.3 MiB of flash free" in error["error"]
    bench.nothing_left()


def test_a_flash_that_fills_up_meanwhile_is_noticed(bench: Bench) -> None:
    running = bench.laptop.start("--json", "install", "--yes")
    _until(bench, running, "the files are there")
    bench.served.router.flash_free_kib = 20
    assert running.ended() == 8
    assert "KiB free" in running.object["error"]
    bench.served.router.flash_free_kib = 20000
    bench.nothing_left()


def test_a_service_that_does_not_answer_is_taken_back_with_the_baseline(bench: Bench) -> None:
    """Its configuration is one that it refuses: the owner's, from before."""
    config = Path(bench.here("/etc/config/wifirelay"))
    config.write_text("config wifirelay 'main'\n\toption kepp 'flash'\n")
    bench.flash = bench.files()
    error = bench.laptop.fails(8, "install", "--yes")
    assert "gave no answer" in error["error"]
    assert "did you mean" in error["error"] or "kepp" in error["error"]
    assert config.read_bytes() == bench.flash["/etc/config/wifirelay"]
    left = bench.files()
    assert {path for path in left if path not in bench.flash} == set()


def test_a_failed_upgrade_returns_to_the_version_before(bench: Bench) -> None:
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    before = bench.files()
    _fail_to_upgrade(bench)
    now = bench.files()
    assert {p for p in now if now[p] != before.get(p)} <= {"/usr/bin/python3"}


def test_a_failed_upgrade_of_an_older_setup_leaves_that_as_it_is(bench: Bench) -> None:
    """The new version wants more of `network` than the old one wrote: that alone is added, and
    the uplink, the own sections and the sentry are not taken out with it."""
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    file = Path(bench.here("/etc/config/network"))
    network = file.read_text()
    older = "".join(line for line in network.splitlines(True) if "reqopts" not in line)
    assert older != network
    file.write_text(older)
    before = bench.files()
    _fail_to_upgrade(bench)
    now = bench.files()
    assert set(now) == set(before)
    changed = {path for path in now if now[path] != before[path]}
    assert changed <= {"/usr/bin/python3", "/etc/config/network"}
    assert _bare(now["/etc/config/network"]) == _bare(network.encode())
    bench.joined()


def test_an_upgrade_leaves_what_the_router_s_own_configuration_may_want(bench: Bench) -> None:
    """The laptop's configuration knows nothing of a kill-switch; the router's own may."""
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    firewall = Path(bench.here("/etc/config/firewall"))
    firewall.write_text(f"{firewall.read_text()}\nconfig rule 'wifirelay_vpn_only'\n")
    before = firewall.read_text()
    for words in (("install", "--yes"), ("setup", "--yes")):
        answer = bench.laptop.run("--json", *words).object
        assert answer["edits"] == []
        (told,) = (each for each in answer["remarks"] if "configuration of its own" in each)
        assert "delete firewall.wifirelay_vpn_only" in told
    assert firewall.read_text() == before
    bench.laptop.run("uninstall", "--yes")
    bench.laptop.run("setup", "--undo", "--yes")
    assert "wifirelay_vpn_only" not in firewall.read_text()


def test_before_an_upgrade_or_an_installation_what_is_staged_has_to_be_left(bench: Bench) -> None:
    """An uplink of a session: to write the baseline would put it on flash."""
    bench.laptop.run("setup", "--yes")
    network = Path(bench.here("/etc/config/network"))
    network.write_text(network.read_text().replace("interface 'wwan6'", "interface 'other'"))
    staged = ["uci", "set", "wireless.wifirelay.ssid=Session"]
    assert bench.served.router.execute(staged).rc == 0
    before = bench.files()
    for words in (("install", "--yes"), ("setup", "--yes"), ("setup", "--show")):
        error = bench.laptop.fails(6, *words)
        assert "edits of wifirelay are staged" in error["error"]
        assert "`wifirelay leave`" in error["hint"]
    assert bench.files() == before
    changes = bench.served.router.execute(["uci", "changes", "wireless"]).text
    assert changes == "wireless.wifirelay.ssid='Session'\n"
    bench.laptop.run("leave")
    bench.laptop.run("setup", "--yes")
    assert b"Session" not in bench.files()["/etc/config/wireless"]


def _fail_to_upgrade(bench: Bench) -> None:
    python = Path(bench.here("/usr/bin/python3"))
    kept = f"{python}.kept"
    shutil.copy(python, kept)
    python.write_text(  # it compiles, and runs no service
        f'#!/bin/sh\ncase " $* " in *" --keep-pause "*) exit 1 ;; esac\nexec {kept} "$@"\n'
    )
    error = bench.laptop.fails(8, "install", "--yes")
    assert "gave no answer" in error["error"]
    shutil.move(kept, python)
    bench.served.wait("the old service again", lambda: bench.pid() is not None, 40)


def test_a_packaged_one_is_left_to_its_package_manager(bench: Bench) -> None:
    bench.served.router.root.write("/usr/lib/opkg/info/wifirelay.control", "Package: wifirelay\n")
    bench.flash = bench.files()
    assert "opkg remove wifirelay" in bench.laptop.fails(6, "install", "--yes")["hint"]
    assert "opkg remove wifirelay" in bench.laptop.fails(6, "uninstall", "--yes")["hint"]
    bench.nothing_left()


def test_it_asks_before_and_says_so_without_a_terminal(bench: Bench) -> None:
    assert "--yes" in bench.laptop.fails(2, "install")["hint"]
    assert "--yes" in bench.laptop.fails(2, "uninstall")["hint"]
    bench.nothing_left()


def test_uninstall_in_a_trial_ends_with_own_wifi_on_the_air(bench: Bench) -> None:
    bench.laptop.run("install", "--networks", "--yes")
    bench.served.wait("a trial", lambda: bench.served.has("/var/run/wifirelay/applied"), 40)
    bench.laptop.run("uninstall", "--yes")
    assert bench.served.lab.on_air()
    assert bench.served.router.interfaces.behind() is None


def test_purge_after_an_uninstall_takes_the_keys_off(bench: Bench) -> None:
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    said = bench.laptop.run("uninstall", "--yes")
    assert "stays with its keys" in said.out
    assert "no internet over it from then on" in said.err
    assert os.path.exists(bench.here("/etc/config/wifirelay"))
    again = bench.laptop.run("uninstall", "--purge", "--yes")
    assert "/etc/config/wifirelay with it" in again.out
    assert not os.path.exists(bench.here("/etc/config/wifirelay"))


def test_setup_is_not_taken_back_under_a_service_that_runs(bench: Bench) -> None:
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    error = bench.laptop.fails(6, "setup", "--undo", "--yes")
    assert "wifirelay uninstall" in error["hint"]
    bench.joined()


def test_a_wrong_configuration_stops_no_way_home(bench: Bench) -> None:
    bench.laptop.run("install", "--networks", "--yes")
    bench.joined()
    router = bench.served.router
    router.execute(["uci", "set", "wifirelay.main.deadlin=60"])
    router.execute(["uci", "commit", "wifirelay"])
    router.execute(["/etc/init.d/wifirelay", "reload"])

    def there(*words: str) -> str:
        done = router.execute(["sh", "-c", " ".join(["wifirelay", *words])])
        assert done.rc == 0, done
        return done.text

    bench.served.wait("it is said", lambda: "deadlin" in there("status", "--history"), 20)
    assert "HomeNet" in there("status")
    assert "left HomeNet" in there("leave")
    assert "paused" in there("status")
