# SPDX-License-Identifier: GPL-2.0-or-later
"""The package's files, built once for all tests, and `scripts/package` as a person runs it."""

import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from known import CHECKOUT

from wifirelay import __version__
from wifirelay.change.files import RouterFile
from wifirelay.package.control import LUCI, WIFIRELAY, Identity
from wifirelay.package.luci import luci_files
from wifirelay.package.tree import Interpreter, build, find_interpreter

PACKAGE = CHECKOUT / "scripts/package"
# The interfaces' table, by hand: path -> mode of all but the Python tree.
TABLE = {
    "/usr/bin/wifirelay": "755",
    "/etc/init.d/wifirelay": "755",
    "/etc/config/wifirelay": "600",
    "/etc/hotplug.d/iface/90-wifirelay": "644",
    "/etc/hotplug.d/ieee80211/90-wifirelay": "644",
    "/etc/hotplug.d/button/90-wifirelay": "644",
    "/usr/libexec/wifirelay-baseline": "755",
    "/usr/libexec/rpcd/wifirelay": "755",
    "/usr/share/rpcd/acl.d/wifirelay.json": "644",
    "/usr/sbin/wifirelay-sentry": "755",
    "/etc/init.d/wifirelay-sentry": "755",
    "/lib/upgrade/keep.d/wifirelay-sentry": "644",
    "/etc/udhcpc.user.d/wifirelay": "644",
}
TREE = "/usr/lib/wifirelay/"
# What stays a source: the compiler's own list.
COMPILER = CHECKOUT / "openwrt/files/wifirelay-compile.py"
SELDOM: frozenset[str] = runpy.run_path(str(COMPILER))["SELDOM"]


@cache
def interpreter() -> Interpreter:
    """The Python that runs the tests."""
    return find_interpreter(sys.executable)


@cache
def files() -> tuple[RouterFile, ...]:
    return build(interpreter())


def identity() -> Identity:
    return Identity(WIFIRELAY, __version__, interpreter().version)


def luci_identity() -> Identity:
    return Identity(LUCI, __version__, None)


def luci() -> tuple[RouterFile, ...]:
    return luci_files(__version__)


PACKAGES = (  # which, and what is in it
    (identity, files),
    (luci_identity, luci),
)


def run_package(
    *words: str,
    cwd: Path = CHECKOUT,
    env: Mapping[str, str] | None = None,
    umask: int = 0o022,
    program: Path = PACKAGE,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(program), *words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
