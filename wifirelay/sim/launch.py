# SPDX-License-Identifier: GPL-2.0-or-later
"""How files of a simulated router start as programs, though their shebangs name this machine's.

A script's text may name them as the router does (`/usr/bin/wifirelay status`,
`"$X/etc/init.d/wifirelay" start`): such a command word gets the program `exec` before it,
which reads the shebang and starts what the router would. By name they are found in
`bin`, where each shell looks for new ones first. Of this machine's programs a router
finds busybox's applets, and no Python, no package manager.
"""

import functools
import os
import re
import shlex
import shutil
import tempfile
from contextlib import suppress
from multiprocessing.util import Finalize

SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_MORE = ("flock",)  # OpenWrt's busybox has it, Debian's has not
_HIDDEN = re.compile(r"(python|pip|pypy|pydoc)[\d.]*\w*(-config)?|opkg|apk")
# A command's first word: at the start of a line, after an operator, or after such a word.
_FIRST = r"(^|[;&|({]|\)[ \t]|(^|[^A-Za-z0-9_$-])(!|then|do|else|elif|if|while|until|exec))"
_FOLDERS = r"/(etc/init\.d|usr/s?bin|s?bin|usr/libexec)/"
_WORD = r'([ \t]*)("?(\$[A-Za-z_]+|\$\{[A-Za-z_]+-?\}|ROOT)?"?' + _FOLDERS + ")"
# Where there may be one in a text at all: `sed` costs a process.
_HINTS = ("/etc/init.d/", "/usr/bin/", "/usr/sbin/", "/bin/sh", "/usr/libexec/")

_EXEC = r"""#!/bin/sh
# Starts a program of the simulated router by its path, as the router would.
case $1 in
{root}/*) here=$1 path=${{1#{root}}} ;;
*) here={root}$1 path=$1 ;;
esac
given=$1
shift
case $path in
/etc/init.d/*/*) ;;
/etc/init.d/*) exec {shims}/rc.common "${{path##*/}}" "$@" ;;
/bin/sh | /bin/ash) exec {shims}/sh "$@" ;;
esac
if [ ! -e "$here" ]; then
	# found in PATH on this machine, where folders are others
	if [ "$here" != "$given" ] && name=$(command -v "${{path##*/}}"); then
		exec "$name" "$@"
	fi
	printf 'sh: %s: not found\n' "$given" >&2
	exit 127
fi
if [ ! -x "$here" ] || [ -d "$here" ]; then
	printf 'sh: %s: Permission denied\n' "$given" >&2
	exit 126
fi
first=
read -r first <"$here" 2>/dev/null
case $path:$first in
/usr/bin/python3*) exec "$here" "$@" ;;
*:'#!/bin/sh'* | *:'#!/bin/ash'*) exec {shims}/sh "$here" "$@" ;;
*:'#!/usr/bin/python3'*)
	if [ ! -x {root}/usr/bin/python3 ]; then
		printf 'sh: %s: not found\n' "$given" >&2
		exit 127
	fi
	# shellcheck disable=SC2086
	exec {root}/usr/bin/python3 ${{first#*python3}} "$here" "$@"
	;;
*) exec "$here" "$@" ;;
esac
"""
_BY_NAME = """#!/bin/sh
for folder in usr/sbin usr/bin; do
	[ ! -x {root}/$folder/"${{0##*/}}" ] || exec {shims}/exec /$folder/"${{0##*/}}" "$@"
done
printf 'sh: %s: not found\\n' "${{0##*/}}" >&2
exit 127
"""
# Begins each shell: lets `bin` have what is there now.
_LOOK = """for f in {root}/usr/sbin/* {root}/usr/bin/*; do
	n=${{f##*/}}
	[ ! -x "$f" ] || [ -e {shims}/"$n" ] || [ -L {shims}/bin/"$n" ] ||
		ln -s ../.by-name {shims}/bin/"$n" 2>/dev/null
done
for f in {shims}/bin/*; do
	n=${{f##*/}}
	[ ! -L "$f" ] || [ -e {root}/usr/sbin/"$n" ] || [ -e {root}/usr/bin/"$n" ] || rm -f "$f"
done
"""
_TOLD = """case $s in {hints}) s=$(printf '%s\\n' "$s" | sed -E {sed}) ;; esac
"""


class Launch:
    """Programs in the root of one router; `shims` is the folder of the simulated ones."""

    def __init__(self, root: str, shims: str) -> None:
        self._root, self._shims = root, shims
        self.path = f"{shims}:{shims}/bin"  # with the host's after `write`
        self.exec = os.path.join(shims, "exec")  # PROGRAM ARGUMENT...
        word = _WORD.replace("ROOT", re.escape(root))
        self._command = _FIRST + word
        self._in_python = re.compile(self._command, re.MULTILINE)
        self._before = shlex.quote(self.exec)

    def write(self, applets: frozenset[str], busybox: str | None) -> None:
        """Write what starts programs; `applets` of this machine's busybox, if it has one."""
        os.mkdir(os.path.join(self._shims, "bin"))
        self.path += f":{_host(applets, busybox)}"
        for name, text in (("exec", _EXEC), (".by-name", _BY_NAME)):
            path = os.path.join(self._shims, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(self._filled(text))
            os.chmod(path, 0o755)  # noqa: S103

    def look(self) -> None:
        """Let programs that are new in the root be found by name."""
        there = set()
        for folder in ("usr/sbin", "usr/bin"):
            there |= set(os.listdir(os.path.join(self._root, folder)))
        folder = os.path.join(self._shims, "bin")
        known = set(os.listdir(folder))
        with suppress(FileExistsError, FileNotFoundError):  # a shell may do it just now
            for name in there - known:
                if not os.path.lexists(os.path.join(self._shims, name)):
                    os.symlink("../.by-name", os.path.join(folder, name))
            for name in known - there:
                os.unlink(os.path.join(folder, name))

    def text(self, script: str) -> str:
        """A script's text, with `exec` before the router's programs that it names by path."""
        if not any(hint in script for hint in _HINTS):
            return script
        return self._in_python.sub(lambda m: f"{m[1]}{m[4]}{self._before} {m[5]}", script)

    def shell(self) -> tuple[str, str]:
        """The same for shells: what each begins with, and what makes $s such a text."""
        sed = shlex.quote(f"s~{self._command}~\\1\\4{self._before} \\5~g".replace(r"\t", "\t"))
        hints = " | ".join(f"*{hint}*" for hint in _HINTS)
        return self._filled(_LOOK), self._filled(_TOLD, hints=hints, sed=sed)

    def _filled(self, text: str, **more: str) -> str:
        return text.format(root=shlex.quote(self._root), shims=shlex.quote(self._shims), **more)


@functools.cache
def _host(applets: frozenset[str], busybox: str | None) -> str:
    """The folder of this machine's programs, one for all routers of this process."""
    folder = tempfile.mkdtemp(prefix="wifirelay-sim-host-")
    # runs at the end of a worker process too, where `atexit` does not
    Finalize(None, shutil.rmtree, (folder, True), exitpriority=0)
    found = _all_programs() if busybox is None else dict.fromkeys(applets, busybox)
    for name in _MORE:
        if (there := shutil.which(name, path=SYSTEM_PATH)) is not None:
            found.setdefault(name, there)
    for name, target in found.items():
        os.symlink(target, os.path.join(folder, name))
    return folder


def _all_programs() -> dict[str, str]:
    """All of this machine's, for one without busybox."""
    found: dict[str, str] = {}
    for folder in reversed(SYSTEM_PATH.split(":")):
        if os.path.isdir(folder):
            found |= {name: os.path.join(folder, name) for name in os.listdir(folder)}
    return {name: path for name, path in found.items() if not _HIDDEN.fullmatch(name)}
