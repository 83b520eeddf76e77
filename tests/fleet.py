# SPDX-License-Identifier: GPL-2.0-or-later
"""Ten simulated routers behind real dropbears, and a control node with Ansible and a vault.

Every run of Ansible is looked at while it goes on: no secret is in the arguments or the
environment of any process, nor in what it prints.
"""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from known import CHECKOUT

from tests.dropbear import new_key
from tests.laptop import free_port
from tests.served import PASSWORD, Served, password
from wifirelay.sim.dropbear import Dropbear

ROLES = CHECKOUT / "openwrt/ansible/roles"
WITH_PASSWORD = "small-0"
SMALL = tuple(f"small-{number}" for number in range(8))
LARGE = ("large-0", "large-1")
DEAD = "dead"
SLOW = 2.0  # router seconds a second: a sentry ticks every 5, and each costs processes here
LIMIT = 240.0  # seconds for one run
LOOK = 0.1
VAULT_PASSWORD = "the vault's own password"
PLAY = [{"name": "Fleet", "hosts": "all", "gather_facts": False, "roles": ["wifirelay"]}]


def beside(name: str) -> str:
    """A program of this Python's environment."""
    return str(Path(sys.executable).with_name(name))


@dataclass(frozen=True)
class Told:
    """What one run of Ansible has said."""

    code: int
    text: str

    def recap(self, host: str) -> dict[str, int]:
        """The figures of a host: ok, changed, unreachable, failed, ..."""
        found = re.search(rf"^{re.escape(host)} +: (.*)$", self.text, re.MULTILINE)
        assert found, self.text
        return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", found[1])}

    def changed(self) -> set[str]:
        return {
            host for host in (*SMALL, *LARGE, DEAD) if host in self.text and self._changed(host)
        }

    def _changed(self, host: str) -> bool:
        return re.search(rf"^{host} +: .*changed=[1-9]", self.text, re.MULTILINE) is not None


class Node:
    """A control node: a folder with an inventory, a vault, a playbook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "home").mkdir(mode=0o700)
        self.write("vault-password", VAULT_PASSWORD)
        self.write("fleet.yml", yaml.safe_dump(PLAY))

    def write(self, name: str, text: str) -> str:
        """A file that nobody else may read; its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(text)
        return str(path)

    def inventory(self, hosts: dict[str, dict[str, Any]], **common: Any) -> None:
        common |= {"wifirelay_command": beside("wifirelay")}
        groups = {"large": {"hosts": {name: {} for name in LARGE if name in hosts}}}
        everything = {"hosts": hosts, "vars": common, "children": groups}
        self.write("inventory.yml", yaml.safe_dump({"all": everything}))

    def vault(self, **secrets: str) -> None:
        """Encrypted by ansible-vault itself, in place."""
        path = self.write("group_vars/all/vault.yml", yaml.safe_dump(secrets))
        subprocess.run(
            [beside("ansible-vault"), "encrypt", path],
            cwd=self.folder,
            env=self.environment,
            check=True,
            capture_output=True,
        )
        text = Path(path).read_text()
        assert text.startswith("$ANSIBLE_VAULT;")
        assert not any(secret in text for secret in secrets.values())

    @property
    def environment(self) -> dict[str, str]:
        home = str(self.folder / "home")
        return {
            "HOME": home,
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_ROLES_PATH": str(ROLES),
            "ANSIBLE_LOCAL_TEMP": f"{home}/local",
            "ANSIBLE_REMOTE_TEMP": f"{home}/remote",
            "ANSIBLE_FORKS": "11",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(self.folder / "vault-password"),
        }

    def start(self, program: str, *words: str) -> tuple["subprocess.Popen[bytes]", Path]:
        out = self.folder / "out"
        with out.open("wb") as file:
            process = subprocess.Popen(
                [beside(program), "-i", "inventory.yml", *words],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its workers end with it
            )
        return process, out

    def run(
        self, *words: str, program: str = "ansible-playbook", watched: Iterable[Served] = ()
    ) -> Told:
        """Ansible to its end; with no words, the playbook."""
        process, out = self.start(program, *words)
        end = time.monotonic() + LIMIT
        try:
            while process.poll() is None:
                assert time.monotonic() < end, f"not within {LIMIT:g} s:\n{out.read_text()}"
                for served in watched:
                    served.look_at_processes()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return Told(process.returncode, out.read_text())

    def play(self, *words: str, watched: Iterable[Served] = ()) -> Told:
        return self.run("fleet.yml", *words, watched=watched)

    def left(self) -> list[str]:
        """Files that a run has left where Ansible keeps what it works with."""
        tops = [self.folder / "home" / name for name in ("local", "remote")]
        return [str(path) for top in tops for path in top.rglob("*") if path.is_file()]


class Fleet(Node):
    """Ten routers that were never set up; those called small have no Python."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.routers: dict[str, Served] = {}
        self._hosts: dict[str, dict[str, Any]] = {}
        line = new_key(folder / "home/.ssh/fleet")
        keys = []
        for name in (*SMALL, *LARGE):
            python = {"python": None} if name in SMALL else {}
            (folder / name).mkdir()
            served = Served(folder / name, set_up=False, sentry=False, **python)
            self.routers[name] = served
            if name in SMALL:
                served.pace(SLOW)
            if name == WITH_PASSWORD:
                server = served.ssh(password=password())
                login = {"ansible_password": "{{ vault_login }}"}
            else:
                server = served.ssh(authorized_keys=[line])
                key = "home/.ssh/fleet" if name == "small-1" else str(folder / "home/.ssh/fleet")
                login = {"ansible_ssh_private_key_file": key}
            keys.append(server.host_key.line("127.0.0.1", server.port))
            self._hosts[name] = login | self._at(server)
            self._hosts[name]["wifirelay_kind"] = "service" if name in LARGE else "sentry"
        self._hosts[DEAD] = {"ansible_host": "127.0.0.1", "ansible_port": free_port()}
        self.known_hosts = self.write("known_hosts", "\n".join(keys) + "\n")
        self.key = self._known_key()
        self.take(self.key)

    def _at(self, server: Dropbear) -> dict[str, Any]:
        return {"ansible_host": "127.0.0.1", "ansible_port": server.port}

    def _known_key(self) -> str:
        known = self.routers[LARGE[0]].world.known
        return next(n.key.reveal() for n in known if n.ssid.text == "HomeNet" and n.key)

    def take(self, key: str, *, known_hosts: str | None = None) -> None:
        """This is HomeNet's key now, in the vault."""
        for served in self.routers.values():
            served.secrets.add(key)
        self.vault(vault_homenet=key, vault_login=PASSWORD)
        file = known_hosts or self.known_hosts
        self.inventory(
            self._hosts,
            ansible_user="root",
            ansible_ssh_common_args=f"-F none -o UserKnownHostsFile={file}",
            wifirelay_known_hosts=file,
            wifirelay_networks=[{"ssid": "HomeNet", "key": "{{ vault_homenet }}", "priority": 1}],
        )

    def told(self, *words: str) -> Told:
        """The playbook, watched; nothing that it says is secret, nothing is left of it."""
        told = self.play(*words, watched=[self.routers[LARGE[0]]])
        self.no_secret(told.text)
        assert self.left() == []
        return told

    def no_secret(self, text: str) -> None:
        self.routers[LARGE[0]].no_secret([text, json.dumps(text)])
        for served in self.routers.values():
            served.no_secret(served.commands())
            served.no_secret(" ".join(argv) for argv in served.router.argvs)

    def flash(self) -> dict[str, dict[str, str]]:
        """Of each router the text of all of its configuration and own files."""
        return {name: self._files(served) for name, served in self.routers.items()}

    @staticmethod
    def _files(served: Served) -> dict[str, str]:
        found = {}
        for top in ("/etc", "/usr", "/lib"):
            for folder, _, names in os.walk(served.router.root.here(top)):
                for name in names:
                    path = Path(folder, name)
                    if not path.is_symlink():
                        found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def text(self, name: str, path: str) -> str:
        """A file of a router; "" where it is not there."""
        file = Path(self.routers[name].router.root.here(path))
        return file.read_text() if file.exists() else ""

    def close(self) -> None:
        for served in self.routers.values():
            served.close()
