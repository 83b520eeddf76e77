# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's shell files under busybox ash, against a scratch root: what their tests share.

`Scratch` is a root without any daemon: programs that a script starts are stubs that note how
they were called. `InitScript` runs an init script as OpenWrt's rc.common does, with procd's
functions recorded.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from known import CHECKOUT

FILES = CHECKOUT / "openwrt/files"
LIMIT = 20.0  # seconds of this machine; a script that takes longer hangs
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def busybox() -> str:
    found = shutil.which("busybox")
    assert found, "busybox is not installed"
    return found


def eventually(what: Callable[[], bool], why: str) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.005)


def dead_pid() -> int:
    """A process that was, and is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@dataclass
class Scratch:
    """A router's root with nothing in it."""

    root: Path

    def write(self, path: str, text: str, mode: int = 0o644) -> Path:
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        target.chmod(mode)
        return target

    def stub(self, name: str, text: str = "") -> None:
        """A program that notes its arguments in the file `called`, one call a line."""
        body = f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >>"$WIFIRELAY_ROOT/called"\n{text}\n'
        self.write(f"/stubs/{name}", body, 0o755)

    def called(self) -> list[str]:
        path = self.root / "called"
        return path.read_text("utf-8").splitlines() if path.exists() else []

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {
            "PATH": f"{self.root}/stubs:{SYSTEM_PATH}",
            "WIFIRELAY_ROOT": str(self.root),
            **(more or {}),
        }

    def ash(
        self,
        text: str,
        *args: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """A text as `sh -c TEXT test ARG...`, to the end of all that holds its output."""
        return subprocess.run(
            [busybox(), "ash", "-c", text, "test", *args],
            input=stdin,
            capture_output=True,
            check=False,
            env=self.environment(env),
            timeout=LIMIT,
        )


# rc.common of OpenWrt, as far as an init script can see it; 22.03 to 25.12 agree on this much.
_RC_COMMON = r"""
note() { for word; do printf '%s\001' "$word"; done >>"$NOTES"; printf '\002' >>"$NOTES"; }
procd_open_service() { note open-service "$@"; }
procd_close_service() { service_triggers; note close-service "$@"; }
procd_open_instance() { note open "$@"; }
procd_set_param() { note param "$@"; }
procd_append_param() { note append "$@"; }
procd_close_instance() { note close; }
procd_add_reload_trigger() { note trigger "$@"; }
procd_running() { note running? "$@"; [ "$RUNNING" ]; }
procd_send_signal() { note signal "$@"; }
procd_kill() { note kill "$@"; }
config_load() { note load "$@"; }
config_get_bool() {
	eval "set -- \"\$1\" \"\${CONFIG_$2_$3-\$4}\""
	case $2 in 1 | on | true | yes | enabled) eval "$1=1" ;; *) eval "$1=0" ;; esac
}
stop_service() { :; }
service_triggers() { :; }
. "$INITSCRIPT"
rc_procd() {
	procd_open_service wifirelay "$INITSCRIPT"
	"$@"
	procd_close_service set
}
start() { rc_procd start_service "$@"; }
stop() { stop_service "$@"; procd_kill wifirelay "$1"; }
restart() { stop; start; }
boot() { start; }
if type reload_service >/dev/null 2>&1; then
	reload() { reload_service "$@"; }
else
	reload() { start; }
fi
"$1"
"""


@dataclass
class Procd:
    """What one action of an init script asked of procd."""

    notes: list[tuple[str, ...]]
    output: bytes

    def named(self, name: str) -> list[tuple[str, ...]]:
        return [note[1:] for note in self.notes if note[0] == name]

    @property
    def instances(self) -> list[dict[str, tuple[str, ...]]]:
        """The instances of the last service that was set, by parameter."""
        found: list[dict[str, tuple[str, ...]]] = []
        for name, *words in self.notes:
            if name == "open-service":
                found = []
            elif name == "open":
                found.append({})
            elif name == "param":
                found[-1][words[0]] = tuple(words[1:])
        return found

    @property
    def set(self) -> bool:
        """Whether procd was told of the service anew: it then stops what was not named."""
        return bool(self.named("close-service"))


@dataclass
class InitScript:
    """One init script on a scratch root."""

    scratch: Scratch
    path: Path
    options: dict[str, str] = field(default_factory=dict)  # of UCI: main_enabled

    def run(self, action: str, *, running: bool = False) -> Procd:
        notes = self.scratch.root / "notes"
        notes.unlink(missing_ok=True)
        done = self.scratch.ash(
            _RC_COMMON,
            action,
            env={
                "INITSCRIPT": str(self.path),
                "NOTES": str(notes),
                "RUNNING": "1" if running else "",
                **{f"CONFIG_{name}": value for name, value in self.options.items()},
            },
        )
        text = notes.read_text("utf-8") if notes.exists() else ""
        taken = [tuple(each.split("\1")[:-1]) for each in text.split("\2")[:-1]]
        return Procd(taken, done.stdout + done.stderr)


def make_fifo(path: Path) -> Path:
    """A pipe on which a stub hangs until the test lets it go on."""
    os.mkfifo(path)
    return path


def let_go(path: Path) -> None:
    """Let the stub that hangs on this pipe go on."""
    with open(path, "wb"):
        pass
