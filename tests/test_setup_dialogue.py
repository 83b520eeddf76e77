# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay setup` at a terminal, from nothing to an uplink: real SSH, a pseudo-terminal, and
an owner who types only what is asked for."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest
import yaml

from tests.laptop import new_home
from tests.served import PASSWORD, Served, checked, password
from wifirelay.cli.guide import unknown_networks
from wifirelay.router.scan import Bss
from wifirelay.values import Band, Security, Ssid

KEY = "correct horse battery"
OWN = "02:00:00:00:00:FF"
LIMIT = 60.0  # seconds for one answer of the program


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A router as it comes out of its box, with a password."""
    with checked(Served(tmp_path, set_up=False, sentry=False)) as one:
        yield one


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path)


@contextmanager
def terminal(home: Path, *words: str) -> Iterator["pexpect.spawn[str]"]:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "wifirelay", *words],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm"},
        cwd=str(home),
        encoding="utf-8",
        timeout=LIMIT,
        dimensions=(50, 150),
    )
    with (home / "terminal").open("w", encoding="utf-8", newline="") as log, closing(child):
        child.logfile_read = log
        yield child


def answer(child: "pexpect.spawn[str]", question: str, typed: str) -> None:
    child.expect_exact(question)
    child.sendline(typed)


def ended(child: "pexpect.spawn[str]") -> int | None:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def screen(home: Path) -> str:
    """All that was shown so far, one line a line."""
    text = (home / "terminal").read_bytes().decode()
    return re.sub(r"\r\x1b\[K", "\n", text).replace("\r", "")


def key_of(served: Served, name: str) -> str:
    (key,) = [
        known.key.reveal() for known in served.world.known if known.ssid.text == name and known.key
    ]
    return key


def number_of(text: str, name: str) -> str:
    found = re.findall(rf"^ +(\d+)  .* {name}$", text, re.MULTILINE)
    assert found, text
    return str(found[-1])


@pytest.mark.dropbear
def test_from_nothing_to_an_uplink(served: Served, home: Path) -> None:
    server = served.ssh(password=password())
    with terminal(home, "setup") as child:
        answer(child, "router", f"127.0.0.1:{server.port}")
        answer(child, "is it the same?", "y")
        answer(child, "password of root on 127.0.0.1: ", PASSWORD)
        answer(child, "write these edits?", "y")
        child.expect_exact("add which network?")
        child.sendline(number_of(screen(home), "HomeNet"))
        answer(child, "Key of HomeNet", key_of(served, "HomeNet"))
        answer(child, "add which network?", "")
        answer(child, "join the best of them now?", "")
        assert ended(child) == 0
    said = screen(home)
    assert "SHA256:" in said
    assert "radio0: 2.4 GHz, own access point MyRouter" in said
    assert "combination radio0  a station fits beside an own access point" in said
    assert "warning  subnets" in said
    assert "sentry   " not in said, "what it is about to do is no finding"
    assert "set wireless.wifirelay" in said
    assert "online through HomeNet" in said
    assert f"next: `wifirelay --router ssh://root@127.0.0.1:{server.port} status`" in said
    assert "the password is kept nowhere" in said
    served.no_secret([said])
    served.on_air()
    served.lab.check_hands_off(served.before)
    own = served.lab.wireless()["wifirelay_radio1"]
    assert (own["ssid"], own["disabled"]) == ("HomeNet", "0")
    (network,) = yaml.safe_load((home / ".config/wifirelay/config.yaml").read_text())["networks"]
    assert network["ssid"] == "HomeNet"


@pytest.mark.dropbear
def test_the_second_time_it_asks_for_less(served: Served, home: Path) -> None:
    server = served.ssh(blank=True)
    for first in (True, False):
        with terminal(home, "--router", f"127.0.0.1:{server.port}", "setup") as child:
            if first:
                answer(child, "is it the same?", "y")
                answer(child, "write these edits?", "y")
            answer(child, "add which network?", "")
            assert ended(child) == 0
        said = screen(home)
        assert ("no edits of the configuration are needed" in said) is not first
        assert "next: `wifirelay networks add SSID`" in said
    served.on_air()
    served.lab.check_hands_off(served.before)


@pytest.mark.dropbear
def test_a_router_of_the_inventory_keeps_its_name(served: Served, home: Path) -> None:
    server = served.ssh(blank=True)
    path = home / ".config/wifirelay/config.yaml"
    path.parent.mkdir(parents=True)
    where = f"127.0.0.1:{server.port}"
    path.write_text(f"networks: [{{ssid: Elsewhere}}]\nrouters: {{boat: {{router: '{where}'}}}}\n")
    with terminal(home, "--router", "boat", "setup") as child:
        answer(child, "is it the same?", "y")
        answer(child, "write these edits?", "n")
        assert ended(child) == 2
    with terminal(home, "--router", "boat", "setup") as child:
        answer(child, "write these edits?", "y")
        answer(child, "add which network?", "")
        answer(child, "join the best of them now?", "n")
        assert ended(child) == 0
    assert "next: `wifirelay --router boat status`" in screen(home)


@pytest.mark.dropbear
@pytest.mark.parametrize("question", ["is it the same?", "write these edits?"])
def test_no_is_no(served: Served, home: Path, question: str) -> None:
    server = served.ssh(blank=True)
    before = served.lab.files()
    with terminal(home, "--router", f"127.0.0.1:{server.port}", "setup") as child:
        if question != "is it the same?":
            answer(child, "is it the same?", "y")
        answer(child, question, "n")
        assert ended(child) == 2
    assert "not confirmed" in screen(home)
    assert served.lab.files() == before


@pytest.mark.dropbear
def test_a_wrong_password_is_asked_for_again_and_not_for_ever(served: Served, home: Path) -> None:
    server = served.ssh(password=password())
    with terminal(home, "--router", f"127.0.0.1:{server.port}", "setup") as child:
        answer(child, "is it the same?", "y")
        for _ in range(3):
            answer(child, "password of root on 127.0.0.1: ", "a guess that is wrong")
        assert ended(child) == 3
    said = screen(home)
    assert "login refused" in said
    assert "a guess" not in said


# the rest of it, with the router in the program's own process


@pytest.fixture
def config(home: Path) -> str:
    """Of an owner who knows no network yet: a simulated world's own ones do not count then."""
    path = home / "config.yaml"
    path.write_text("networks: []\n")
    path.chmod(0o600)
    return str(path)


def dialogue(
    home: Path, *answers: tuple[str, str], words: tuple[str, ...]
) -> tuple[int | None, str]:
    """Answer these questions in their order; the exit code, and all that was shown."""
    with terminal(home, *words, "setup") as child:
        for question, typed in answers:
            answer(child, question, typed)
        code = ended(child)
    return code, screen(home)


ADD, JOIN = "add which network?", "join the best of them now?"


def test_an_address_that_is_none_is_asked_for_again(home: Path) -> None:
    with terminal(home, "setup") as child:
        answer(child, "router", "ssh://root@:99999")
        answer(child, "router", "sim:home")
        answer(child, JOIN, "n")
        assert ended(child) == 0
    said = screen(home)
    assert "has its own known networks" in said
    assert "that was a simulated router" in said


def test_a_join_that_fails_is_told_and_taken_back(home: Path) -> None:
    code, said = dialogue(home, (JOIN, "y"), words=("--router", "sim:broken"))
    assert code == 5, said
    assert "set up, and not joined:" in said
    assert "rejected the key" in said


def test_a_configuration_that_is_wrong_is_said_before_anything_is_done(home: Path) -> None:
    path = home / "wrong.yaml"
    path.write_text("router: 'host:99999'\n")
    path.chmod(0o600)
    code, said = dialogue(home, words=("--config", str(path), "--router", "sim:home"))
    assert code == 2
    assert "99999" in said
    assert "edits" not in said


def test_what_cannot_be_added_is_said_and_asked_again(home: Path, config: str) -> None:
    code, said = dialogue(
        home,
        (ADD, "x" * 33),
        (ADD, "Not Here"),
        ("add it as a hidden one?", "n"),
        (ADD, "99"),
        (ADD, "Neighbour-021"),
        *[("Key of Neighbour-021", "shorty")] * 3,
        (ADD, ""),
        words=("--router", "sim:home", "--config", config),
    )
    assert code == 0
    assert "an SSID has at most 32 bytes" in said
    assert "nothing added" in said
    assert "there are 8, and 99 is none of them" in said
    assert "shorty" not in said
    assert Path(config).read_text() == "networks: []\n"


def test_a_hidden_network_is_added_by_its_name(home: Path, config: str) -> None:
    code, said = dialogue(
        home,
        (ADD, "--Attic"),
        ("add it as a hidden one?", "y"),
        ("Key of --Attic", KEY),
        (ADD, ""),
        (JOIN, "n"),
        words=("--router", "sim:home", "--config", config),
    )
    assert code == 0
    assert KEY not in said
    (network,) = yaml.safe_load(Path(config).read_text())["networks"]
    assert network == {"ssid": "--Attic", "key": KEY, "hidden": True}


@pytest.mark.parametrize("before", [(), ((ADD, "Attic"),), ((ADD, "HomeNet"),)])
def test_the_end_of_the_input_ends_it(
    home: Path, config: str, before: tuple[tuple[str, str], ...]
) -> None:
    questions = {(): ADD, "Attic": "add it as a hidden one?", "HomeNet": "Key of HomeNet"}
    with terminal(home, "--router", "sim:home", "--config", config, "setup") as child:
        for question, typed in before:
            answer(child, question, typed)
        child.expect_exact(questions[before[0][1] if before else ()])
        child.sendeof()
        assert ended(child) == 2
    assert "the input has ended" in screen(home)


def test_what_is_no_text_is_no_bug(home: Path, config: str) -> None:
    with terminal(home, "--router", "sim:home", "--config", config, "setup") as child:
        answer(child, ADD, "HomeNet")
        child.expect_exact("Key of HomeNet")
        os.write(child.fileno(), b"\xff\xfe no text\n")
        answer(child, "Key of HomeNet", KEY)
        answer(child, ADD, "")
        answer(child, JOIN, "n")
        assert ended(child) == 0
    assert "is not text in this terminal's encoding" in screen(home)


def test_a_recording_is_refused(home: Path) -> None:
    path = Path(__file__).parent / "data" / "recordings" / "fresh.jsonl"
    code, said = dialogue(home, words=("--router", f"recording:{path}"))
    assert code == 2
    assert "setup changes a router, and a recording is none" in said


def bss(name: str | None, signal: int | None) -> Bss:
    return Bss(
        ssid=Ssid.of(name) if name is not None else None,
        bssid="02:00:00:00:00:01",
        radio="radio0",
        band=Band.GHZ2,
        channel=1,
        signal=signal,
        security=Security.PSK2,
    )


def test_what_is_offered() -> None:
    heard = (
        bss("B", -80),
        bss("A", -70),
        bss("B", -60),
        bss(None, -20),
        bss("K", -30),
        bss("C", None),
    )
    odd = bss("Mesh", -10)
    others = (replace(odd, mode="Ad-Hoc"), bss("a\nb", -10), replace(odd, bssid=OWN))
    offered = unknown_networks((*heard, *others), {Ssid.of("K")}, frozenset({OWN}))
    assert [(str(each.ssid), each.signal) for each in offered] == [
        ("B", -60),
        ("A", -70),
        ("C", None),
    ]
