# SPDX-License-Identifier: GPL-2.0-or-later
"""An .ipk for opkg, OpenWrt up to 24.10: a gzip'd tar of two gzip'd tars, as scripts/ipkg-build
makes it. The same files give the same bytes, whoever builds them, when and where."""

import gzip
import io
import tarfile

from wifirelay.change.files import RouterFile
from wifirelay.package.control import LICENSE, RELEASE, Identity, ipk_scripts
from wifirelay.package.tree import folders_of


def ipk_name(identity: Identity) -> str:
    return f"{identity.package.name}_{identity.version}-{RELEASE}_all.ipk"


def make_ipk(identity: Identity, files: tuple[RouterFile, ...]) -> bytes:
    """The whole archive."""
    data = _tar(files, identity.epoch)
    members = {"control": control(identity, len(data))}
    if identity.package.conffiles:
        members["conffiles"] = "".join(f"{path}\n" for path in identity.package.conffiles)
    scripts = ipk_scripts(identity.package)
    about = [
        *(RouterFile(f"/{name}", "644", text.encode()) for name, text in members.items()),
        *(RouterFile(f"/{name}", "755", text.encode()) for name, text in scripts.items()),
    ]
    about.sort(key=lambda file: file.path)
    outer = (
        RouterFile("/debian-binary", "644", b"2.0\n"),
        RouterFile("/data.tar.gz", "644", _packed(data)),
        RouterFile("/control.tar.gz", "644", _packed(_tar(tuple(about), identity.epoch))),
    )
    return _packed(_tar(outer, identity.epoch, root=False))


def control(identity: Identity, installed: int) -> str:
    """The file `control`; `installed` is the size of the unpacked data as a tar."""
    depends = list(identity.package.depends)
    if identity.python is not None:
        major, minor = identity.python
        bounds = (f">= {major}.{minor}", f"<< {major}.{minor + 1}")
        depends[:0] = [f"python3-light ({bound})" for bound in bounds]
    return (
        f"Package: {identity.package.name}\n"
        f"Version: {identity.version}-{RELEASE}\n"
        f"Depends: {', '.join(depends)}\n"
        f"License: {LICENSE}\n"
        f"Section: {identity.package.section}\n"
        f"SourceDateEpoch: {identity.epoch}\n"
        "Architecture: all\n"
        f"Installed-Size: {installed}\n"
        f"Description: {identity.description}\n"
    )


def _tar(files: tuple[RouterFile, ...], epoch: int, *, root: bool = True) -> bytes:
    """Folders first where they are needed; `root`: the folder `./` itself as well."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for folder in (*([""] if root else []), *folders_of(files)):
            entry = _entry(f".{folder}/", 0o755, epoch)
            entry.type = tarfile.DIRTYPE
            tar.addfile(entry)
        for file in files:
            entry = _entry(f".{file.path}", int(file.mode, 8), epoch)
            entry.size = len(file.content)
            tar.addfile(entry, io.BytesIO(file.content))
    return out.getvalue()


def _entry(name: str, mode: int, epoch: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime, entry.uname, entry.gname = mode, epoch, "root", "root"
    return entry


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)
