# SPDX-License-Identifier: GPL-2.0-or-later
"""UCI's two folders: configurations, staged edits, and the way from one to the other.

Knows how libuci (December 2025) reads `/etc/config/X`, applies the staged edits of
`/tmp/.uci/X`, and writes both. It refuses to know the command line.
"""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field

from wifirelay.sim import uci_model as model
from wifirelay.sim.uci_model import Package, Target
from wifirelay.sim.uci_print import export
from wifirelay.sim.uci_statements import Statements, apply_staged, parse_staged, staged_text
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


class Store:
    """The files as one run of `uci` sees them, with its settings and its parse errors.

    `reader` is the parse that is under way or that failed: the place that the next
    message of a parse error names, as with the real one.
    """

    def __init__(self, folders: UciFolders) -> None:
        self.folders = folders
        self.config = folders.config
        self.edits = [folders.save]  # read in this order, written to the last
        self.strict = True
        self.complaints: list[str] = []  # what reading printed while not strict
        self.reader: Reader | None = None

    def packages(self) -> list[str]:
        """Every configuration there is; files with a dot in their name are none."""
        names = sorted(os.listdir(self.config)) if os.path.isdir(self.config) else []
        names = [name for name in names if not name.startswith(".")]
        if not names:
            raise UciError(Code.NOT_FOUND)
        return [
            name
            for name in names
            if "." not in name
            and is_package(name)
            and not os.path.isdir(os.path.join(self.config, name))
        ]

    def load(self, name: str) -> Package:
        """The file with the staged edits applied."""
        package = self._read_file(name)
        self._apply_staged(package)
        return package

    def load_all(self) -> list[Package]:
        """Every package that can be read; one that cannot is passed over, as rpcd does."""
        loaded = []
        with contextlib.suppress(UciError):
            for name in self.packages():
                with contextlib.suppress(UciError):
                    loaded.append(self.load(name))
        return loaded

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
            if not os.path.exists(folder):
                os.mkdir(folder, 0o700)
            with open(os.path.join(folder, package.name), "ab") as file:
                file.write(encode(text))
        except OSError:
            raise UciError(Code.IO) from None
        package.fresh.clear()

    def revert(self, package: Package, target: Target) -> None:
        """Drop the staged edits of a package, a section or an option; the file stays, empty.

        One edit that cannot be parsed keeps all of them, and nobody is told.
        """
        path = os.path.join(self.edits[-1], package.name)
        try:
            with open(path, "rb") as file:
                staged = parse_staged(Stream(file.read()))
            kept = [change for change in staged if not change.within(target.section, target.option)]
            with open(path, "wb") as file:
                file.write(encode(staged_text(package.name, kept)))
        except (OSError, UciError):
            return

    def commit(self, name: str) -> None:
        """Write the file with the staged edits applied; nothing when there are none."""
        self._check_flash()
        package = self._read_file(name)
        if self._apply_staged(package) == 0:
            return
        path = os.path.join(self.edits[-1], name)
        if os.path.exists(path):
            os.truncate(path, 0)
        self.write(package)

    def write(self, package: Package) -> None:
        """Replace the file in one step.

        On a full file system the real one still exits 0 and leaves the file empty: it
        does not look whether its writes succeeded (seen on a lab router, twice).
        """
        self._check_flash()
        path = os.path.realpath(os.path.join(self.config, package.name))
        data = encode(export(package, header=False, named=False))
        if self.folders.room is not None and len(data) > self.folders.room():
            data = b""
        temporary = ""
        try:
            mode = stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else 0o600
            handle, temporary = tempfile.mkstemp(prefix=f".{package.name}.uci-", dir=self.config)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except OSError:
            if temporary and os.path.exists(temporary):
                os.unlink(temporary)
            raise UciError(Code.IO) from None

    def _check_flash(self) -> None:
        """The real one opens the file for writing before it looks for staged edits."""
        if self.folders.read_only:
            raise UciError(Code.IO)

    def _read_file(self, name: str) -> Package:
        if not is_package(name):
            raise UciError(Code.INVALID)
        path = os.path.join(self.config, name)
        if "/" in name or not os.path.isfile(path):
            raise UciError(Code.NOT_FOUND)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError:
            raise UciError(Code.IO) from None
        package = self.read(Stream(data), name, single=True)[0]
        package.tracked = True
        return package

    def _apply_staged(self, package: Package) -> int:
        """Apply what is staged, line by line; how many lines could be applied."""
        applied = 0
        for folder in self.edits:
            path = os.path.join(folder, package.name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                applied += apply_staged(Stream(file.read()), package)
        return applied
