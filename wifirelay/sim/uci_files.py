# SPDX-License-Identifier: GPL-2.0-or-later
"""UCI's two folders: configurations, staged edits, and the way from one to the other.

Knows how libuci (December 2025) reads `/etc/config/X`, applies the staged edits of
`/tmp/.uci/X`, and writes both. It refuses to know the command line.
"""

import contextlib
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from wifirelay.sim import uci_model as model
from wifirelay.sim.uci_model import Package, Target
from wifirelay.sim.uci_print import export
from wifirelay.sim.uci_statements import Statements, apply_staged, parse_staged, staged_text
from wifirelay.sim.uci_storage import Host, Storage
from wifirelay.sim.uci_words import Code, Reader, Stream, UciError, encode, is_package


@dataclass(frozen=True, slots=True)
class UciFolders:
    """Where one simulated router keeps its configurations, and how its flash is.

    `room` answers the bytes free where `config` lies (none: enough). `read_only` is a
    flash that cannot be written. `root` goes before every path on the command line.
    """

    config: str
    save: str
    room: Callable[[], int] | None = None
    read_only: bool = field(default=False, kw_only=True)
    root: str = ""
    storage: Storage = field(default_factory=Host, kw_only=True)


class Store:
    """The files as one run of `uci` sees them, with its settings and its parse errors.

    `reader` is the parse that is under way or that failed: the place that the next
    message of a parse error names, as with the real one.
    """

    def __init__(self, folders: UciFolders) -> None:
        self.folders = folders
        self.storage = folders.storage
        self.config = folders.config
        self.edits = [folders.save]  # read in this order, written to the last
        self.strict = True
        self.complaints: list[str] = []  # what reading printed while not strict
        self.reader: Reader | None = None

    def packages(self) -> list[str]:
        """Every configuration there is; files with a dot in their name are none."""
        there = self.storage.isdir(self.config)
        names = sorted(self.storage.listdir(self.config)) if there else []
        names = [name for name in names if not name.startswith(".")]
        if not names:
            raise UciError(Code.NOT_FOUND)
        return [
            name
            for name in names
            if "." not in name
            and is_package(name)
            and not self.storage.isdir(os.path.join(self.config, name))
        ]

    def load(self, name: str) -> Package:
        """The file with the staged edits applied."""
        package = self._read_file(name)
        self._apply_staged(package)
        return package

    def lookup(self, text: str) -> tuple[Package, Target]:
        """Load the package that `package.section.option=value` names, and look the rest up."""
        target = model.parse_target(text)
        package = self.load(target.package)
        model.find(target, package)
        return package, target

    def read(
        self, stream: Stream, name: str | None, *, single: bool, into: Package | None = None
    ) -> list[Package]:
        """Parse configuration text; `into` merges and records, `single` ignores `package`."""
        self.reader = Reader(stream)
        statements = Statements(self.reader, name, into, single=single, strict=self.strict)
        while not stream.ended:
            try:
                if self.reader.next_line():
                    statements.line()
            except UciError as error:
                if not self.strict:
                    self.complaints.append(f"{self.message(error)}\n")
                if self.strict or error.code is not Code.PARSE:
                    raise
        packages = statements.end()
        self.reader = None
        return packages

    def import_text(self, stream: Stream, name: str | None, *, merges: bool) -> None:
        """Replace the files at once; merging stages, if there is a package that can be read."""
        into: Package | None = None
        if merges and name is not None:
            with contextlib.suppress(UciError):
                into = self.load(name)
        for package in self.read(stream, name, single=name is not None, into=into):
            if into is None:
                self.write(package)
            else:
                self.save(package)

    def message(self, error: UciError) -> str:
        """The text of an error, with the place when one is known."""
        if error.code is Code.PARSE and self.reader is not None:
            return f"{error}{self.reader.where()}"
        return str(error)

    def save(self, package: Package) -> None:
        """Append the fresh edits to the staged ones."""
        if not package.fresh:
            return
        folder = self.edits[-1]
        text = staged_text(package.name, package.fresh)
        try:
            if not self.storage.exists(folder):
                self.storage.mkdir(folder, 0o700)
            self.storage.append(os.path.join(folder, package.name), encode(text))
        except OSError:
            raise UciError(Code.IO) from None
        package.fresh.clear()

    def revert(self, package: Package, target: Target) -> None:
        """Drop the staged edits of a package, a section or an option; the file stays, empty.

        One edit that cannot be parsed keeps all of them, and nobody is told.
        """
        path = os.path.join(self.edits[-1], package.name)
        try:
            staged = parse_staged(Stream(self.storage.read(path)))
            kept = [change for change in staged if not change.within(target.section, target.option)]
            self.storage.write(path, encode(staged_text(package.name, kept)))
        except (OSError, UciError):
            return

    def commit(self, name: str) -> None:
        """Write the file with the staged edits applied; nothing when there are none."""
        self._check_flash()
        package = self._read_file(name)
        if self._apply_staged(package) == 0:
            return
        path = os.path.join(self.edits[-1], name)
        if self.storage.exists(path):
            self.storage.write(path, b"")
        self.write(package)

    def write(self, package: Package) -> None:
        """Replace the file in one step.

        On a full file system the real one still exits 0 and leaves the file empty: it
        does not look whether its writes succeeded (seen on a lab router, twice).
        """
        self._check_flash()
        path = os.path.join(self.config, package.name)
        data = encode(export(package, header=False, named=False))
        if self.folders.room is not None and len(data) > self.folders.room():
            data = b""
        try:
            self.storage.replace(path, data)
        except OSError:
            raise UciError(Code.IO) from None

    def _check_flash(self) -> None:
        """The real one opens the file for writing before it looks for staged edits."""
        if self.folders.read_only:
            raise UciError(Code.IO)

    def _read_file(self, name: str) -> Package:
        if not is_package(name):
            raise UciError(Code.INVALID)
        path = os.path.join(self.config, name)
        if "/" in name or not self.storage.isfile(path):
            raise UciError(Code.NOT_FOUND)
        try:
            data = self.storage.read(path)
        except OSError:
            raise UciError(Code.IO) from None
        if self.strict:
            with contextlib.suppress(UciError):  # then it is read again, for the place
                return _fresh(name, data)
        package = self.read(Stream(data), name, single=True)[0]
        package.tracked = True
        return package

    def _apply_staged(self, package: Package) -> int:
        """Apply what is staged, line by line; how many lines could be applied."""
        applied = 0
        for folder in self.edits:
            path = os.path.join(folder, package.name)
            if self.storage.isfile(path):
                applied += apply_staged(Stream(self.storage.read(path)), package)
        return applied


def effective(name: str, folders: UciFolders) -> Package:
    """The file with the staged edits applied, for looking only: whoever asks again for the
    same texts gets the same package. Raises UciError."""
    storage = folders.storage
    path = os.path.join(folders.config, name)
    if not is_package(name) or "/" in name or not storage.isfile(path):
        raise UciError(Code.NOT_FOUND if is_package(name) else Code.INVALID)
    save = os.path.join(folders.save, name)
    try:
        staged = storage.read(save) if storage.isfile(save) else b""
        return _effective(name, storage.read(path), staged)
    except OSError:
        raise UciError(Code.IO) from None


def _fresh(name: str, data: bytes) -> Package:
    """The package in a text; whoever gets it may change it. Raises UciError."""
    package: Package = pickle.loads(_parsed(name, data))  # noqa: S301 - our own
    return package


@lru_cache(maxsize=256)
def _parsed(name: str, data: bytes) -> bytes:
    """The same, pickled: to copy it so takes a tenth of the time of parsing."""
    package = Store(UciFolders("", "")).read(Stream(data), name, single=True)[0]
    package.tracked = True
    return pickle.dumps(package)


@lru_cache(maxsize=256)
def _effective(name: str, data: bytes, staged: bytes) -> Package:
    package = _fresh(name, data)
    apply_staged(Stream(staged), package)
    package.number()
    return package
