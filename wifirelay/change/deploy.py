# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts the service on a router over any link that takes standard input, and takes it off again.

One script on the router does all of it, in one pass, and takes everything back by itself when
the service does not answer: no step depends on the link, or on us.
"""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass

from wifirelay.change.checks import refusal
from wifirelay.change.files import TREE, RouterFile
from wifirelay.change.insist import RETRY
from wifirelay.change.lacking import MARK
from wifirelay.change.scripts import Exit, read_script, script
from wifirelay.change.trial import new_id
from wifirelay.clock import Clock
from wifirelay.errors import (
    HostKeyRefused,
    LinkLost,
    LoginRefused,
    Refused,
    RouterAnswer,
    TransportError,
)
from wifirelay.router.board import system_info
from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Completed, Transport
from wifirelay.uci.edits import Edit, batch
from wifirelay.values import shown

OLDEST = (3, 11)
FLASH = 1024 * 1024  # bytes: two versions during an upgrade, and room for others
MEMORY = 24 * 1024 * 1024  # bytes: the service takes 16 MiB, and compiling it no more
# What python3-light and what it needs take on flash where opkg does not tell, in MiB.
ABOUT = 10

ANSWER_LIMIT = 60  # seconds from its start until the service has looked at the router
DEPLOY_LIMIT = 300.0  # seconds for all: a slow router compiles for a minute
TRIES = 3  # sendings, while the link dies before everything is there


@dataclass(frozen=True, slots=True)
class Survey:
    """What an installation has to know of a router."""

    python: tuple[int, int] | None  # of python3-light; None: it is not there
    base_only: bool  # python3-base is there, without python3-light
    manager: str  # "opkg", "apk", or "" for none
    packaged: bool  # wifirelay is there as a package
    installed: bool  # wifirelay is there, by whomever
    light_size: int | None  # bytes that python3-light itself takes, as opkg tells
    flash_free: int | None  # bytes
    memory_free: int | None  # bytes

    @property
    def removal(self) -> str:
        """The command that takes a package off."""
        return "apk del wifirelay" if self.manager == "apk" else "opkg remove wifirelay"


def survey(transport: Transport) -> Survey:
    """Look at the router. Raises RouterAnswer."""
    lines = Fact(read_script("survey"), _lines).read(transport)
    info = system_info().read(transport)
    found = lines.get("python")
    sizes = [int(text) for text in lines.get("Installed-Size", []) if _number(text)]
    return Survey(
        python=_version(found[0]) if found else None,
        base_only="base" in lines,
        manager=next(iter(lines.get("packages", [])), ""),
        packaged="packaged" in lines,
        installed="installed" in lines,
        light_size=sizes[0] if sizes else None,
        flash_free=info.flash_free,
        memory_free=info.memory_free,
    )


def _lines(completed: Completed) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in completed.text.splitlines():
        word, _, rest = line.partition(" ")
        found.setdefault(word, []).append(rest.strip())
    return found


def _version(text: str) -> tuple[int, int] | None:
    major, _, minor = text.partition(".")
    return (int(major), int(minor)) if _number(major) and _number(minor) else None


def _number(text: str) -> bool:
    """Whether it is a number, and one that can be meant: `isdigit` takes "²" as well."""
    return text.isascii() and text.isdigit() and len(text) <= 15


def check_room(found: Survey, target: str) -> None:
    """Raises Refused for a router on which the service cannot live; says what would help."""
    if found.packaged:
        raise Refused(
            "wifirelay is installed on this router as a package",
            hint=f"upgrade that one with {found.manager or 'its package manager'}; or remove it "
            f"first: `{found.removal}` (its configuration stays)",
        )
    laptop = f"or leave the service on this machine: `wifirelay --router {target} run`"
    if found.python is None:
        size = f"about {ABOUT} MiB"
        if found.light_size is not None:
            size = f"{found.light_size / 2**20:.1f} MiB, and about as much for what it needs"
        add = {
            "apk": "apk update && apk add python3-light",
            "opkg": "opkg update && opkg install python3-light",
        }.get(found.manager, "install python3-light")
        missing = "python3-base, but not python3-light" if found.base_only else "no Python"
        free = "" if found.flash_free is None else f"; {found.flash_free / 2**20:.1f} MiB are free"
        raise Refused(
            f"this router has {missing}: the package python3-light is missing (with "
            f"python3-base and libpython3, which it brings along), {size} of flash{free}",
            hint=f"on the router: `{add}`; then try again; {laptop}",
        )
    if found.python < OLDEST:
        raise Refused(
            f"this router's Python {found.python[0]}.{found.python[1]} is too old: the service "
            f"needs {OLDEST[0]}.{OLDEST[1]} (OpenWrt 23.05 and later)",
            hint=f"upgrade the router; {laptop}",
        )
    for what, room, needed in (
        ("flash", found.flash_free, FLASH),
        ("memory", found.memory_free, MEMORY),
    ):
        if room is not None and room < needed:
            raise Refused(
                f"this router has {room / 2**20:.1f} MiB of {what} free, and "
                f"{needed / 2**20:.0f} MiB are needed",
                hint=f"make room; {laptop}",
            )


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is sent: `files` are put one by one, `tree` is compiled on the router first."""

    files: tuple[RouterFile, ...]
    tree: tuple[RouterFile, ...]  # below TREE
    compiler: bytes  # compiles and strips the tree: openwrt/files/wifirelay-compile.py
    default: bytes  # /etc/config/wifirelay where there is none
    edits: tuple[Edit, ...]  # of /etc/config/wifirelay; may hold keys
    seen: str  # the fingerprint of what these edits are for
    mark: bytes  # what the tree is made from: lacking.py compares it

    def tar(self) -> bytes:
        """All of it, compressed."""
        out = io.BytesIO()
        with (
            gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
        ):
            for path, content in self._parts():
                entry = tarfile.TarInfo(path)
                entry.size, entry.mode = len(content), 0o600
                tar.addfile(entry, io.BytesIO(content))
        return out.getvalue()

    def _parts(self) -> Iterable[tuple[str, bytes]]:
        table = "".join(f"{file.mode} {file.path}\n" for file in self.files)
        yield "compile.py", self.compiler
        yield "default", self.default
        yield "batch", batch(self.edits)
        yield "seen", f"{self.seen}\n".encode()
        yield "tree/manifest", table.encode()
        yield f"tree{MARK.removeprefix(TREE)}", self.mark
        for file in self.files:
            yield f"tree/files{file.path}", file.content
        for file in self.tree:
            yield f"tree{file.path.removeprefix(TREE)}", file.content


def deploy(transport: Transport, clock: Clock, bundle: Bundle, controller: str) -> str:
    """Send it, and wait until the service answers on the router. Returns a remark, or "".

    Raises RouterAnswer when it did not: then nothing of it is left there; Refused beside another
    installation; LinkLost when the router does not tell what came of it.
    """
    content = bundle.tar()
    digest = hashlib.sha256(content).hexdigest()
    end = clock.monotonic() + DEPLOY_LIMIT
    sent: list[str] = []
    lost: TransportError | None = None
    for _ in range(TRIES):
        sent.append(new_id())
        words = (sent[-1], digest, str(ANSWER_LIMIT), controller)
        try:
            completed = transport.run(script("deploy", *words, stdin=content, limit=DEPLOY_LIMIT))
        except (HostKeyRefused, LoginRefused):
            raise
        except TransportError as error:
            lost = error
            if result := _after_all(transport, clock, sent[-1:], end):
                return _came_to(result, error)
            continue
        if completed.rc == Exit.LOCKED and lost is not None:  # perhaps by what was sent before
            result = _after_all(transport, clock, sent, end)
            if result:
                return _came_to(result, lost)
        if (refused := refusal(completed)) is not None:
            raise refused
        said = " ".join(completed.errors.split())
        if completed.rc != Exit.DONE:
            raise _failed(said.removeprefix("failed ") or f"exit code {completed.rc}")
        return _remark(said)
    raise LinkLost(
        f"the link was lost {TRIES} times before all files were there: {lost}",
        hint="nothing of the service is on the router; try again nearer to it, or by cable",
    )


def _after_all(transport: Transport, clock: Clock, sent: list[str], end: float) -> str:
    """What the router made of one of these, once it can be reached again; "" of none."""
    while True:
        clock.sleep(RETRY)
        late = clock.monotonic() >= end
        try:
            for deployment in sent:
                result = transport.run(script("deployed", deployment)).text.strip()
                if result and (late or not result.startswith("running")):
                    return result
                if result:
                    break
            else:
                return ""
        except (HostKeyRefused, LoginRefused):
            raise
        except TransportError:
            if late:
                raise


def _came_to(result: str, lost: TransportError) -> str:
    word, _, why = result.partition(" ")
    if word == "ok":
        return _remark(result)
    if word == "failed":
        raise _failed(why) from None
    if word == "died":
        raise RouterAnswer(
            "the installation was killed on the router: is its memory full?",
            hint="install again: it begins with the way back",
        ) from None
    raise LinkLost(
        f"the link was lost, and the router has not told what came of it: {lost.message}",
        hint="it ends by itself; look with `wifirelay status`, then install again",
    ) from None


def _remark(said: str) -> str:
    if said.split()[-1:] != ["later"]:
        return ""
    return (
        "somebody's changes in LuCI wait for their confirmation: the ubus object `wifirelay` is "
        "there after `/etc/init.d/rpcd reload`"
    )


def _failed(why: str) -> RouterAnswer:
    return RouterAnswer(
        f"the service could not be installed: {shown(why)}",
        hint="everything is as it was before; `logread -e wifirelay` on the router may tell more",
    )


def undeploy(transport: Transport, paths: Iterable[str], controller: str, *, purge: bool) -> None:
    """Take the service off, `purge`: its configuration too. Harmless when it is gone already."""
    words = (new_id(), controller, "yes" if purge else "no", *paths)
    completed = transport.run(script("undeploy", *words, limit=60.0))
    if (refused := refusal(completed)) is not None:
        raise refused
    if completed.rc != Exit.DONE:
        raise RouterAnswer(
            f"the router could not remove the service: {completed.errors.strip()}",
            hint="is its flash read-only?",
        )
