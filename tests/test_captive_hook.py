# SPDX-License-Identifier: GPL-2.0-or-later
"""What the DHCP client's hook keeps of option 114: under busybox ash, as netifd reads it."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifirelay.change.files import source
from wifirelay.change.onrouter import on_router
from wifirelay.transport.local import LocalTransport

URI = b"https://api.train.example/captive"
LAST = 'for f in "$H"; do\n\t[ -f "$f" ] && (. "$f" "$@")\ndone\necho went on'


class Client:
    """udhcpc's end of it: each event runs a script, whose last lines read the hooks."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        (folder / "proc/sys/kernel/random").mkdir(parents=True)
        (folder / "proc/uptime").write_text("100.00 100.00\n")
        (folder / "proc/sys/kernel/random/boot_id").write_text("x\n")
        self.hook = folder / "hook"
        self.hook.write_bytes(source("wifirelay.udhcpc"))
        self.busybox = shutil.which("busybox") or "busybox"

    def event(self, *words: str, interface: str = "wwan", **variables: str) -> None:
        done = subprocess.run(
            [self.busybox, "ash", "-c", LAST, "dhcp.script", *words],
            env={
                "PATH": os.environ["PATH"],
                "WIFIRELAY_ROOT": str(self.root),
                "H": str(self.hook),
                "INTERFACE": interface,
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            cwd=self.root,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")

    @property
    def folder(self) -> Path:
        return self.root / "var/run/wifirelay"

    def kept(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in sorted(self.folder.glob("*"))}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


@pytest.mark.parametrize("event", ["bound", "renew"])
def test_it_is_kept_for_its_interface_in_a_file_that_only_root_reads(
    client: Client, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.event(event, opt114=URI.hex(), ip="10.30.0.176", lease="600")
    assert client.kept() == {"api.wwan": URI.hex() + "\n"}
    mode = (client.folder / "api.wwan").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(client.folder.stat().st_mode) == 0o700
    monkeypatch.setenv("WIFIRELAY_ROOT", str(client.root))
    state = on_router().read(LocalTransport())
    assert (state.api("wwan"), state.api("wan")) == (URI.hex(), "")


def test_it_goes_with_the_lease_and_with_a_lease_that_names_none(client: Client) -> None:
    client.event("bound", opt114=URI.hex())
    client.event("bound", interface="wan", opt114="00")
    client.event("renew", opt114=b"https://other.example/".hex())
    assert client.kept()["api.wwan"] == b"https://other.example/".hex() + "\n"
    client.event("renew")
    assert set(client.kept()) == {"api.wan"}
    client.event("bound", opt114=URI.hex())
    client.event("deconfig")
    client.event("deconfig")
    assert set(client.kept()) == {"api.wan"}


@pytest.mark.parametrize("event", ["leasefail", "nak", "", "bound2"])
def test_other_events_leave_it(client: Client, event: str) -> None:
    client.event("bound", opt114=URI.hex())
    client.event(event, opt114="00")
    assert client.kept() == {"api.wwan": URI.hex() + "\n"}
    client.event(opt114="00")  # not even an event


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "68; touch pwned",
    "68\ntouch pwned",
    "'; touch pwned; '",
    "https://api.train.example/",
    "-n",
    "6 8",
    "*",
    "68\x1b[31m",
    "é",
]


@pytest.mark.parametrize("value", [*HOSTILE, "6" * 2002])
def test_what_are_no_digits_or_too_many_is_not_kept(client: Client, value: str) -> None:
    client.event("bound", opt114=URI.hex())
    client.event("renew", opt114=value)
    assert client.kept() == {}
    assert not (client.root / "pwned").exists()


@pytest.mark.parametrize("name", ["", "../../../etc/passwd", "a/b", "x y", "$(touch pwned)", "é"])
def test_an_interface_that_cannot_be_one_writes_nowhere(client: Client, name: str) -> None:
    before = sorted(path.name for path in client.root.rglob("*"))
    client.event("bound", interface=name, opt114=URI.hex())
    client.event("deconfig", interface=name)
    assert sorted(path.name for path in client.root.rglob("*")) == before


def test_a_folder_that_cannot_be_written_ends_nothing_else(client: Client) -> None:
    (client.root / "var/run").mkdir(parents=True)
    client.folder.write_text("in the way")
    done = subprocess.run(
        [client.busybox, "ash", "-c", LAST, "dhcp.script", "bound"],
        env={"WIFIRELAY_ROOT": str(client.root), "H": str(client.hook)}
        | {"INTERFACE": "wwan", "opt114": "68", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "went on\n"


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_whatever_it_is_digits_are_kept_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    client = Client(tmp_path_factory.mktemp("hook"))
    client.event("bound", opt114=value)
    digits = bool(value) and all(c in "0123456789abcdefABCDEF" for c in value)
    assert client.kept() == ({"api.wwan": value + "\n"} if digits else {})
