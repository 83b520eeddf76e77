# SPDX-License-Identifier: GPL-2.0-or-later
"""A real dropbear on a loopback port, as an SSH server for a simulated router.

It neither needs nor touches this machine's accounts: libnss_wrapper (Debian:
libnss-wrapper) shows dropbear alone a passwd, group and shadow of its own; where that is
missing, root can put them over /etc in a mount namespace that only dropbear sees.
"""

import glob
import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType

from wifirelay.errors import ConfigError, WifirelayError
from wifirelay.transport.hostkeys import HostKey
from wifirelay.values import Secret

LOOPBACK = "127.0.0.1"
START_LIMIT = 10.0  # seconds until dropbear listens
OPENWRT_TRIES = 3  # dropbear.init: `-T 3`

# Debian's dropbear takes only shells of /etc/shells. So the account's shell is /bin/sh,
# and a forced command (-c) starts the wanted one as `SHELL -c COMMAND`, as dropbear would.
_FORCED = 'exec {shell} ${{SSH_ORIGINAL_COMMAND+-c "$SSH_ORIGINAL_COMMAND"}}'


class Dropbear:
    """One server: `start`, then `port` and `host_key` are set; `stop`, or a `with` block.

    `shell` is a program (or its argv) that takes `-c COMMAND`; `home` the folder where it
    starts, made when it is missing; its .ssh/authorized_keys is written. With a
    `password`, or `blank` (none at all: SSH's method `none`), these log in as well as the
    `authorized_keys` (lines).
    """

    def __init__(
        self,
        *,
        shell: str | Sequence[str] = "/bin/sh",
        home: str | None = None,
        user: str = "root",
        authorized_keys: Sequence[str] = (),
        password: Secret | None = None,
        blank: bool = False,
        host_key_type: str = "ed25519",
        tries: int = OPENWRT_TRIES,
    ) -> None:
        self.port = 0
        self.host_key = HostKey("", b"")
        self._shell = shlex.join([shell] if isinstance(shell, str) else shell)
        self._user = user
        self._home = home
        self._authorized_keys = tuple(authorized_keys)
        self._password = password
        self._blank = blank
        self._host_key_type = host_key_type
        self._tries = tries
        self._folder = ""
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, port: int = 0) -> None:
        """Listen on this loopback port (0: any free one). Raises ConfigError, WifirelayError.

        After `halt` with the same keys, after `stop` with new ones.
        """
        for program in ("dropbear", "dropbearkey"):
            if _program(program) is None:
                raise ConfigError(
                    f"{program} is not installed",
                    hint="install it: Debian and Ubuntu have it in the package dropbear-bin",
                )
        if not self._folder:
            self._folder = tempfile.mkdtemp(prefix="wifirelay-dropbear-")
            try:
                self._prepare()
            except BaseException:
                self.stop()
                raise
        tries = 1 if port else 5  # a port found free may be taken a moment later
        for left in reversed(range(tries)):
            self.port = port or _free_port()
            self._child = self._launch()
            if self._listening(self._child):
                return
            if not left:
                said = self.log()
                self.stop()
                raise WifirelayError(
                    f"dropbear did not start on {LOOPBACK}:{self.port}: {said[-500:].strip()}",
                    hint="is the port taken?",
                )

    def stop(self) -> None:
        """End the server with its sessions, and remove what it needed."""
        self.halt()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""

    def halt(self) -> None:
        """End the server with its sessions; it can be started again, with its host key."""
        child = self._child
        if child is None:
            return
        with suppress(ProcessLookupError):  # else whoever is cut comes back before its end
            os.kill(child.pid, signal.SIGSTOP)
        self.drop()
        child.kill()
        child.wait()
        self._child = None

    def drop(self, *, commands: bool = True) -> None:
        """Cut all sessions, as a lost link would; the server goes on listening.

        `commands`: end what they run as well. A router's dropbear does not: a script goes
        on until it writes to a reader that is gone.
        """
        if self._child is not None:
            for pid in descendants(self._child.pid, deep=commands):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def log(self) -> str:
        """What dropbear said so far."""
        with suppress(FileNotFoundError), open(self._path("log"), errors="replace") as file:
            return file.read()
        return ""

    def __enter__(self) -> "Dropbear":
        if self._child is None:
            self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)

    def _write(self, path: str, text: str, mode: int = 0o600) -> None:
        with open(path, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)

    def _prepare(self) -> None:
        """Accounts, keys and the home: dropbear refuses a home that others may write to."""
        home = self._home or self._path("home")
        ssh = os.path.join(home, ".ssh")
        os.makedirs(ssh, mode=0o700, exist_ok=True)
        self._write(os.path.join(ssh, "authorized_keys"), "\n".join([*self._authorized_keys, ""]))
        who = f"{self._user}:x:{os.getuid()}:{os.getgid()}"
        self._write(self._path("passwd"), f"{who}:wifirelay:{home}:/bin/sh\n", 0o644)
        self._write(self._path("group"), f"{self._user}:x:{os.getgid()}:\n", 0o644)
        self._write(self._path("shadow"), f"{self._user}:{self._crypted()}:1::::::\n")
        made = subprocess.run(
            [_needed("dropbearkey"), "-t", self._host_key_type, "-f", self._path("host_key")],
            capture_output=True,
            text=True,
            check=False,
        )
        for line in made.stdout.splitlines():
            if line.startswith(("ssh-", "ecdsa-")):
                self.host_key = HostKey.of_line(line)
                return
        raise WifirelayError(f"dropbearkey failed: {(made.stdout + made.stderr).strip()}")

    def _crypted(self) -> str:
        """The password field of shadow: empty is blank, `*` is locked."""
        if self._password is None:
            return "" if self._blank else "*"
        made = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"],  # Python's crypt is gone in 3.13
            input=self._password.reveal() + "\n",
            capture_output=True,
            text=True,
            check=True,
        )
        return made.stdout.strip()

    def _launch(self) -> "subprocess.Popen[bytes]":
        with suppress(FileNotFoundError):
            os.unlink(self._path("pid"))
        argv = [_needed("dropbear"), "-F", "-E", "-m", "-j", "-k", "-T", str(self._tries)]
        argv += ["-r", self._path("host_key"), "-P", self._path("pid")]
        argv += ["-p", f"{LOOPBACK}:{self.port}"]
        if self._blank:
            argv.append("-B")
        if self._shell != "/bin/sh":
            argv += ["-c", _FORCED.format(shell=self._shell)]
        prefix, environment = self._accounts()
        with open(self._path("log"), "ab") as log:
            return subprocess.Popen(
                [*prefix, *argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
            )

    def _accounts(self) -> tuple[list[str], dict[str, str]]:
        """What to put before dropbear, and into its environment, so that it sees our accounts."""
        files = {name: self._path(name) for name in ("passwd", "group", "shadow")}
        wrapper = _nss_wrapper()
        if wrapper is not None:
            shown = {f"NSS_WRAPPER_{name.upper()}": path for name, path in files.items()}
            return [], {"LD_PRELOAD": wrapper, **shown}
        if os.geteuid() == 0 and shutil.which("unshare"):
            mounts = " && ".join(
                f'mount --bind "{path}" /etc/{name}' for name, path in files.items()
            )
            return ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$0" "$@"'], {}
        raise ConfigError(
            "dropbear would need this machine's accounts",
            hint="install libnss-wrapper (Debian and Ubuntu), or run as root",
        )

    def _listening(self, child: "subprocess.Popen[bytes]") -> bool:
        """Whether it came up: dropbear writes its pid file once it listens."""
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until:
            with suppress(OSError):
                if os.path.getsize(self._path("pid")):
                    return True
            if child.poll() is not None:
                return False
            time.sleep(0.005)
        return False


def _program(name: str) -> str | None:
    """Where a program is; Debian keeps dropbear in /usr/sbin, outside of a user's PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")


def _needed(name: str) -> str:
    return _program(name) or name


def _nss_wrapper() -> str | None:
    patterns = (
        "/usr/lib/*/libnss_wrapper.so",
        "/usr/lib/libnss_wrapper.so",
        "/usr/lib64/libnss_wrapper.so",
    )
    found = [path for pattern in patterns for path in glob.glob(pattern)]
    return found[0] if found else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def descendants(pid: int, *, deep: bool) -> list[int]:
    """The processes below one of ours (not `deep`: its children only): dropbear's sessions
    have process groups of their own."""
    parents: dict[int, list[int]] = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        with suppress(OSError, ValueError), open(path, errors="replace") as file:
            # pid (name) state ppid: the name may hold blanks and brackets
            parent = int(file.read().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(path.split("/")[2]))
    below: list[int] = []
    todo = [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        below += children
        todo += children if deep else []
    return below
