# SPDX-License-Identifier: GPL-2.0-or-later
"""An .apk for OpenWrt 25.12 and later, through `apk mkpkg` of apk-tools 3.

The format is apk's own, so that apk makes it: here are the folder and the words that it is given.
"""

import hashlib
import os
import re
import shutil
import subprocess

from wifirelay.change.files import RouterFile
from wifirelay.errors import UsageError
from wifirelay.package.control import LICENSE, RELEASE, Identity, Package, apk_scripts
from wifirelay.package.tree import write_folder

_GET = (
    "put apk-tools 3 on PATH: OpenWrt's SDK and image builder of 25.12 have it as "
    "staging_dir/host/bin/apk, or build it from Alpine's source"
)
_LIMIT = 120  # seconds


def apk_name(identity: Identity) -> str:
    return f"{identity.package.name}-{identity.version}-r{RELEASE}.apk"


def find_apk() -> str:
    """The path of an apk that has `mkpkg`. Raises UsageError."""
    path = shutil.which("apk")
    if path is None:
        raise UsageError("an .apk is made by `apk mkpkg`, and apk is not on PATH", hint=_GET)
    done = subprocess.run(
        [path, "--version"], capture_output=True, text=True, check=False, timeout=_LIMIT
    )
    found = re.search(r"apk-tools (\d+)\.(\S*?)[,\s]", done.stdout + "\n")
    if found is None:
        raise UsageError(f"{path} is not apk-tools: it does not say its version", hint=_GET)
    if int(found[1]) < 3:
        raise UsageError(
            f"{path} is apk-tools {found[1]}.{found[2]}, whose packages OpenWrt does not read: "
            "version 3 is needed",
            hint=_GET,
        )
    return path


def apk_files(package: Package, files: tuple[RouterFile, ...]) -> tuple[RouterFile, ...]:
    """What the package holds, with what OpenWrt's scripts look up: `default_postinst` finds the
    init scripts to enable in the list, `sysupgrade` the configuration."""
    at = f"/lib/apk/packages/{package.name}"
    content = {file.path: file.content for file in files}
    listed = (*files, _lines(f"{at}.list", sorted(content)))
    if not package.conffiles:
        return listed
    digests = [f"{path} {hashlib.sha256(content[path]).hexdigest()}" for path in package.conffiles]
    return (
        *listed,
        _lines(f"{at}.conffiles", package.conffiles),
        _lines(f"{at}.conffiles_static", digests),
    )


def _lines(path: str, lines: list[str] | tuple[str, ...]) -> RouterFile:
    return RouterFile(path, "644", "".join(f"{line}\n" for line in lines).encode())


def mkpkg_words(identity: Identity, files: str, scripts: str, output: str) -> list[str]:
    """The arguments of `apk` for these folders."""
    depends = identity.package.depends
    if identity.python is not None:
        major, minor = identity.python
        depends = (f"python3-light~{major}.{minor}", *depends)
    info = {
        "name": identity.package.name,
        "version": f"{identity.version}-r{RELEASE}",
        "description": identity.description,
        "arch": "noarch",
        "license": LICENSE,
        "depends": " ".join(depends),
    }
    words = ["mkpkg"]
    for key, value in info.items():
        words += ["--info", f"{key}:{value}"]
    for name in apk_scripts(identity.package):
        words += ["--script", f"{name}:{os.path.join(scripts, name)}"]
    return [*words, "--files", files, "--output", output]


def make_apk(
    apk: str, identity: Identity, files: tuple[RouterFile, ...], folder: str, output: str
) -> None:
    """Write the package to `output`, by way of an empty `folder`. Raises UsageError."""
    top, scripts = os.path.join(folder, "files"), os.path.join(folder, "scripts")
    write_folder(top, apk_files(identity.package, files))
    os.mkdir(scripts)
    for name, text in apk_scripts(identity.package).items():
        path = os.path.join(scripts, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)  # noqa: S103 - a package manager runs it
    for parent, names, leaves in os.walk(top):
        for name in (*names, *leaves):
            os.utime(os.path.join(parent, name), (identity.epoch, identity.epoch))
    os.utime(top, (identity.epoch, identity.epoch))
    done = subprocess.run(
        [apk, *mkpkg_words(identity, top, scripts, output)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_LIMIT,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(identity.epoch)},
    )
    if done.returncode != 0 or not os.path.exists(output):
        lines = done.stdout.strip().splitlines() or ["no reason given"]
        raise UsageError(f"`apk mkpkg` failed: {lines[-1]}", hint=f"this is {apk}")
