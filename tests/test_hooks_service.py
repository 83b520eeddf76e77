# SPDX-License-Identifier: GPL-2.0-or-later
"""The service with hooks: told of what happens, never held up, nothing loaded without them."""

import csv
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from known import CHECKOUT, Uci
from test_light import RSS, light
from test_package_service import LIMIT, configure, start, unpack, until
from test_secrets import _files as files_below

from tests.fuzzing.names import NAMES, safe
from tests.hooked import Hooks, event, hook, line, program, server, silent
from tests.openwrt_shell import SYSTEM_PATH, busybox
from tests.shapes import check
from tests.unattended import Mast, Told, mast
from wifirelay.cli.main import main
from wifirelay.config.hooks import ON_ROUTER
from wifirelay.config.secrets import Obtained
from wifirelay.config.uci_file import settings_from
from wifirelay.config.yaml_file import load
from wifirelay.service.events import Event, Kind
from wifirelay.sim.neighbourhoods import HOME_KEY, PHONE_KEY
from wifirelay.sim.worlds import World, make_world
from wifirelay.uci.edits import Edit, Verb, batch
from wifirelay.values import Secret, Ssid

TOKEN = "a-token-of-the-owner"


class Telling(Told):
    """As the service's own: each event goes to the hooks."""

    def __init__(self, hooks: Hooks) -> None:
        super().__init__()
        self.hooks = hooks

    def event(self, event: Event) -> None:
        super().event(event)
        self.hooks.tell(event)


def a_failover(bench: Mast) -> list[tuple[float, Kind, str]]:
    bench.later(200, lambda: bench.world.air.switch_off("HomeNet"))
    bench.run(400)
    return [(each.at, each.kind, each.text) for each in bench.told.events]


def test_hooks_that_hang_never_delay_a_failover(tmp_path: Path) -> None:
    with mast() as bench:
        alone = a_failover(bench)
    hangs = program(tmp_path, "echo $$ >>HERE/pids; exec sleep 300")
    with server(silent) as there, mast() as bench:
        hooks = Hooks(hook(hangs, timeout=60.0), hook(url=there.url(), timeout=60.0))
        bench.told = Telling(hooks)
        bench.service = bench.new_service()
        began = time.monotonic()
        beside = a_failover(bench)
        took = time.monotonic() - began
        hooks.end()
    assert Kind.JOINED in [kind for _, kind, _ in alone[4:]], "there was a failover"
    assert beside == alone
    assert took < 55, "its limit of 60 s was not waited for"
    assert len((tmp_path / "pids").read_text().split()) == 1, "it hung from the first event on"


def yaml(folder: Path, hooks: str, networks: str = "") -> str:
    path = folder / "config.yaml"
    known = networks or f"  - {{ssid: HomeNet, key: {HOME_KEY}}}\n"
    path.write_text(f"hooks:\n{hooks}networks:\n{known}")
    path.chmod(0o600)
    return str(path)


def test_a_round_waits_for_its_hooks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = program(tmp_path, "sleep 0.5; cat >>HERE/got; exit 7")
    file = yaml(tmp_path, f"  - {{on: joined, run: {path}}}\n")
    assert main(["--router", "sim:home", "--config", file, "run", "--once", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (got,) = (tmp_path / "got").read_text().splitlines()
    told = check(json.loads(got))
    assert (told["kind"], told["network"]) == ("joined", "HomeNet")
    assert got in lines, "the same line as `run --json` prints"
    trouble = [each for each in map(json.loads, lines) if each["kind"] == "trouble"]
    assert [each["text"] for each in trouble] == [f"hook {path}: exit code 7"]
    assert HOME_KEY not in got


def test_a_round_that_fails_is_told_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = program(tmp_path, "cat >>HERE/got")
    hooks = f"  - {{on: [failed], run: {path}}}\n"
    file = yaml(tmp_path, hooks, "  - {ssid: WrongKey, key: not the right one}\n")
    assert main(["--router", "sim:broken", "--config", file, "run", "--once"]) == 5
    assert json.loads((tmp_path / "got").read_text())["cause"] == "wrong-key"
    assert "Traceback" not in capsys.readouterr().err


def test_a_login_page_has_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = program(tmp_path, "cat >>HERE/got")
    hooks = f"  - {{on: needs-login, run: {path}}}\n"
    file = yaml(tmp_path, hooks, "  - {ssid: Portal}\n")
    words = ["--router", "sim:broken", "--config", file, "run", "--seconds", "120"]
    assert main(words) == 0
    got = [json.loads(each) for each in (tmp_path / "got").read_text().splitlines()]
    assert [(each["kind"], each["cause"]) for each in got] == [("needs-login", "portal")]
    assert "Portal" in capsys.readouterr().err


def test_trouble_of_a_hook_is_not_told_to_hooks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They would tell each other for ever."""
    path = program(tmp_path, "cat >>HERE/got; exit 1")
    file = yaml(tmp_path, f"  - {{on: [trouble, joined], run: {path}}}\n")
    words = ["--router", "sim:home", "--config", file, "run", "--seconds", "300"]
    assert main(words) == 0
    assert len((tmp_path / "got").read_text().splitlines()) == 1
    assert capsys.readouterr().err.count("exit code 1") == 1


def test_the_owners_own_hooks_are_not_told_of_a_simulated_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = program(tmp_path, "cat >>HERE/got")
    folder = tmp_path / "wifirelay"
    folder.mkdir()
    yaml(folder, f"  - {{on: joined, run: {path}}}\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["--router", "sim:home", "run", "--once"]) == 0
    assert "joined" in capsys.readouterr().err
    assert not (tmp_path / "got").exists()


def test_names_of_strangers_are_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, through a shell's `read`, and byte by byte."""
    careful = program(tmp_path, 'read -r line; printf "%s\\n" "$line" >>HERE/got', "careful")
    both = (hook(careful), hook(program(tmp_path, "cat >>HERE/all", "cat")))
    for ssid in NAMES.values():
        hooks = Hooks(*both)
        hooks.tell(event(Kind.FAILED, f"{ssid} did not answer", ssid=ssid, cause="vanished"))
        hooks.end(20)
        assert hooks.wrong == []
    for name in ("got", "all"):
        lines = (tmp_path / name).read_text("ascii").splitlines()
        assert len(lines) == len(NAMES)
        for each, ssid in zip(lines, NAMES.values(), strict=True):
            assert check(json.loads(each))["ssid_hex"] == ssid.hex
            safe(json.loads(each)["text"])
    assert not (tmp_path / "pwned").exists() and not Path("/pwned").exists()


def test_a_path_in_a_message_is_harmless() -> None:
    strange = hook("/tmp/\x1b[31m\u202e" + Ssid(b"\xff").text)
    assert str(strange) == "/tmp/\\x1b[31m\\u202e\\xff"


@pytest.fixture
def world() -> Iterator[World]:
    """A router ten times as fast."""
    with make_world("home", speed=10.0) as world:
        yield world


def sections(world: World, **hooks: dict[str, str]) -> None:
    edits = []
    for name, options in hooks.items():
        edits.append(Edit(Verb.SET, "wifirelay", name, None, "hook"))
        edits += [Edit(Verb.SET, "wifirelay", name, each, options[each]) for each in options]
    assert world.router.execute(["uci", "batch"], stdin=batch(edits)).rc == 0
    assert world.router.execute(["uci", "commit", "wifirelay"]).rc == 0


def test_on_a_router_the_package_tells_them_and_leaves_none(world: World, tmp_path: Path) -> None:
    """With python3-light's modules; a hook that hangs does not hold TERM up, and ends with it."""
    root = unpack(world, tmp_path)
    configure(world)
    folder = root / ON_ROUTER.strip("/")
    folder.mkdir(parents=True)
    tells = program(folder, "cat >HERE/got; env >HERE/env", "tells")
    program(folder, "echo $$ >HERE/pid; exec sleep 300", "hangs")
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    token = {"token_file": f"{ON_ROUTER}token"}
    with server() as there:
        sections(
            world,
            one={"on": "joined", "run": f"{ON_ROUTER}tells"},
            two={"on": "joined", "run": f"{ON_ROUTER}hangs", "timeout": "60"},
            three={"on": "joined", "url": there.url("/x"), **token},
        )
        process = start(world, root, "--router", "local", "run", "--keep-pause")
        try:
            until(lambda: there.requests, process)
            for name in ("pid", "env"):  # made empty first
                until(lambda f=folder / name: f.exists() and f.read_text(), process)
            began = time.monotonic()
            process.terminate()
            _, log = process.communicate(timeout=10)
            assert time.monotonic() - began < 4
        finally:
            process.kill()
            process.communicate()
    assert process.returncode == 0
    told = check(json.loads((folder / "got").read_text()))
    assert (told["kind"], told["network"]) == ("joined", "HomeNet")
    assert json.loads(there.requests[0].partition(b"\r\n\r\n")[2]) == told
    assert f"Authorization: Bearer {TOKEN}".encode() in there.requests[0]
    assert "WIFIRELAY_ROOT" not in (folder / "env").read_text()
    assert f"hook {tells}" not in log
    pid = (folder / "pid").read_text().strip()
    while _command(pid):
        assert time.monotonic() - began < 5, "it lives on without its service"
        time.sleep(0.05)
    left = dict(files_below(str(root / "var/run"))).values()
    for secret in (TOKEN, HOME_KEY, PHONE_KEY):
        assert secret not in log
        assert not [text for text in left if secret.encode() in text and b"wireless" not in text]
    for argv in world.router.argvs:
        assert not [word for word in argv if TOKEN in word]


def _command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


NOTHING = """
import wifirelay.cli.run
import wifirelay.service.loop
from wifirelay.config.model import from_mapping
from wifirelay.config.uci_file import settings_from
from wifirelay.uci.model import Package
from_mapping({"networks": [], "hooks": []}, "c")
settings_from(Package("wifirelay", ()))
print([name for name in sys.modules if "hooks" in name or name.endswith(".post")])
"""


def test_nothing_is_loaded_without_a_hook() -> None:
    done = light(NOTHING)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_a_hook_costs_little_memory(tmp_path: Path) -> None:
    """256 KiB, its thread and its process included; compiled first, as on a router."""
    path = program(tmp_path, "cat >/dev/null")
    before = "import wifirelay.cli.run\nimport wifirelay.transport.local\n"
    after = (
        "from wifirelay.config.model import from_mapping\n"
        f"made = from_mapping({{'hooks': [{{'on': 'joined', 'run': {path!r}}}]}}, 'c')\n"
        "from wifirelay.service.hooks import Told, monotonic\n"
        "from wifirelay.service.events import Event, Kind\n"
        "wrong = []\n"
        "told = Told(made.hooks[0], wrong)\n"
        "told.tell(Event(1.0, Kind.JOINED, 'x'), '{}')\n"
        "told.end(monotonic() + 20)\n"
        "assert not wrong\n"
    )
    flags = [f"-Xpycache_prefix={tmp_path}"]
    light(before + after, flags=flags)
    sizes = []
    for code in (before, before + after):
        done = light(code + RSS, flags=flags)
        assert (done.returncode, done.stderr) == (0, "")
        sizes.append(int(done.stdout))
    assert sizes[1] - sizes[0] < 256


def examples(language: str) -> list[str]:
    text = (CHECKOUT / "docs/hooks.md").read_text("utf-8")
    blocks = text.split(f"```{language}\n")[1:]
    return [each.partition("```")[0] for each in blocks]


def test_the_configurations_of_the_document(tmp_path: Path, uci: Uci) -> None:
    def secret(place: str, name: str) -> Obtained:
        return Obtained(Secret(f"{place} {name}"))

    (one,), (other,) = examples("yaml"), examples("uci")
    (tmp_path / "c.yaml").write_text(one)
    on_laptop = load(str(tmp_path / "c.yaml"), secret).hooks
    assert [str(each) for each in on_laptop] == [
        "/home/me/bin/uplink-changed",
        "https://ntfy.example.org",
    ]
    assert on_laptop[1].token is not None and on_laptop[1].timeout == 20.0
    on_router = settings_from(uci.put(wifirelay=other).read("wifirelay"), secret).hooks
    assert [str(each) for each in on_router] == [f"{ON_ROUTER}vpn", "http://192.168.1.20:8123"]
    assert on_router[0].on == on_laptop[0].on


def test_the_event_of_the_document() -> None:
    (text,) = examples("json")
    assert "\n" not in text.strip()
    assert check(json.loads(text))["network"] == "HomeNet"


@pytest.mark.parametrize(
    ("kind", "called"),
    [(Kind.JOINED, ["ifup wg0"]), (Kind.LOST, ["ifdown wg0"]), (Kind.FAILED, [])],
)
def test_the_vpn_of_the_document(tmp_path: Path, kind: Kind, called: list[str]) -> None:
    """Under busybox ash; `jsonfilter` is the simulated router's."""
    (text,) = examples("sh")
    (tmp_path / "filter.py").write_text(
        f"import sys\nsys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from wifirelay.sim.jsonfilter import jsonfilter\n"
        "done = jsonfilter(sys.argv[1:], sys.stdin.buffer.read(), None)\n"
        "sys.stdout.buffer.write(done.out)\n"
    )
    filter_ = f'exec {sys.executable} HERE/filter.py "$@"'
    for name, body in (
        ("ifup", f'echo "ifup $*" >>{tmp_path}/called'),
        ("ifdown", f'echo "ifdown $*" >>{tmp_path}/called'),
        ("jsonfilter", filter_),
    ):
        program(tmp_path, body, name)
    told = event(kind, ssid=Ssid.of("$(touch pwned)'\"`touch pwned`"))
    done = subprocess.run(
        [busybox(), "ash", "-c", text],
        input=line(told),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:{SYSTEM_PATH}"},
        timeout=LIMIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = tmp_path / "called"
    assert (found.read_text().splitlines() if found.exists() else []) == called
    assert not (tmp_path / "pwned").exists()


def test_the_scripts_of_the_document_are_clean() -> None:
    for text in examples("sh"):
        done = subprocess.run(
            ["shellcheck", "-s", "sh", "-"], input=text, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (0, "")


def test_the_diary_of_the_document(tmp_path: Path) -> None:
    (text,) = examples("python")
    assert "/home/me/" in text
    diary = tmp_path / "hook"
    diary.write_text(text.replace("/home/me/", f"{tmp_path}/"))
    diary.chmod(0o755)
    hooks = Hooks(hook(str(diary)))
    hooks.tell(*(event(ssid=ssid) for ssid in (Ssid.of("A, b"), Ssid(b"\xff\n"))))
    hooks.end(20)
    assert hooks.wrong == []
    with (tmp_path / "uplinks.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert [each[2] for each in rows] == ["A, b", "\\udcff\n"]
