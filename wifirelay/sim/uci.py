# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated router's `uci`: the command line of OpenWrt's, working on real folders.

Knows the commands, flags, exit codes and messages of `uci` of December 2025 (OpenWrt
25.12), byte for byte as recorded in tests/data/uci.jsonl. `load` and `staged` are for
the other parts of the simulator: rpcd, netifd and LuCI read the same files. It refuses
to know what any configuration is for.
"""

import contextlib
import re
from collections.abc import Callable, Sequence

from wifirelay.sim import uci_model as model
from wifirelay.sim import uci_print
from wifirelay.sim.uci_files import Store, UciFolders, effective
from wifirelay.sim.uci_model import Change, Package, Section, Target
from wifirelay.sim.uci_usage import USAGE
from wifirelay.sim.uci_words import Code, Reader, Stream, UciError, encode
from wifirelay.transport.base import Completed

__all__ = [
    "Change",
    "Code",
    "Package",
    "Section",
    "UciError",
    "UciFolders",
    "load",
    "staged",
    "uci",
]

_SHORT = {"del": "delete", "ren": "rename"}
_USAGE, _EXIT = 255, 254  # the real one's own marks: print the usage, end the batch
_MAX_WORDS = 4  # a batch line of this many words or more is refused
_FLAGS_WITH_VALUE = "cCdfpPt"
_FLAGS = "LmnNqsSX" + _FLAGS_WITH_VALUE


def uci(argv: Sequence[str], stdin: bytes, folders: UciFolders) -> Completed:
    """Run `uci` with these arguments (without the program's name)."""
    run = _Run(stdin, folders)
    code = run.main(argv)
    return Completed(code, encode("".join(run.output)), encode("".join(run.errors)))


def load(package: str, folders: UciFolders) -> Package:
    """A configuration with the staged edits applied, to look at; `UciError` when there is none."""
    return effective(package, folders)


def staged(folders: UciFolders) -> dict[str, list[list[str | int]]]:
    """Every package's staged edits, as `ubus call uci changes {}` lists them."""
    found = {}
    with contextlib.suppress(UciError):
        for name in Store(folders).packages():
            with contextlib.suppress(UciError):
                if changes := effective(name, folders).staged:
                    found[name] = [change.listed() for change in changes]
    return found


class _Run:
    """One run of the program: its flags, its input, what it printed."""

    def __init__(self, stdin: bytes, folders: UciFolders) -> None:
        self.store = Store(folders)
        self.output: list[str] = []
        self.errors = self.store.complaints
        self._input = Stream(stdin)
        self._root = folders.root
        self._delimiter = " "
        self._flags: set[str] = set()
        self._in_batch = False

    def main(self, argv: Sequence[str]) -> int:
        """Flags first, then one command."""
        words = list(argv)
        while words and words[0].startswith("-") and words[0] != "-":
            word = words.pop(0)
            if word == "--":
                break
            code = self._flag_word(word[1:], words)
            if code is not None:
                return code
        if not words:
            self.errors.append(USAGE)
            return 0
        code = self._command(words)
        if code == _USAGE:
            self.errors.append(USAGE)
        return code

    def _flag_word(self, letters: str, words: list[str]) -> int | None:
        """Take the flags of one word; an exit code when that ends the program."""
        while letters:
            flag, letters = letters[0], letters[1:]
            if flag not in _FLAGS:
                self.errors += [f"uci: unrecognized option: {flag}\n", USAGE]
                return 0
            value = ""
            if flag in _FLAGS_WITH_VALUE:
                if not letters and not words:
                    self.errors += [f"uci: option requires an argument: {flag}\n", USAGE]
                    return 0
                value, letters = letters or words.pop(0), ""
            if flag == "f" and not self._open_input(value):
                return 1
            self._take_flag(flag, value)
        return None

    def _open_input(self, path: str) -> bool:
        if "f" in self._flags:
            self._complain("Too many input files.\n")
            return False
        try:
            self._input = Stream(self.store.storage.read(self._root + path))
        except OSError as error:
            self._complain(f"uci: {error.strerror}")
            return False
        return True

    def _take_flag(self, flag: str, value: str) -> None:
        path = self._root + value
        if flag == "c":
            self.store.config = path
        elif flag == "d":
            self._delimiter = value
        elif flag == "p":
            self.store.edits.insert(-1, path)
        elif flag in "Pt":
            self.store.edits = [other for other in self.store.edits if other != path] + [path]
        elif flag in "sS":
            self.store.strict = flag == "s"
        elif flag == "N":
            self._flags.discard("n")
        self._flags.add(flag)

    def _complain(self, text: str) -> None:
        if "q" not in self._flags:
            self.errors.append(text)

    def _fail(self, error: UciError) -> None:
        self._complain(f"uci: {self.store.message(error)}\n")

    def _command(self, words: list[str]) -> int:
        name, *arguments = words
        name = _SHORT.get(name.lower(), name.lower())
        if name == "batch" and not self._in_batch:
            return self._batch()
        if name in _PACKAGE_COMMANDS:
            return self._package_command(_PACKAGE_COMMANDS[name], arguments)
        if name in _SECTION_COMMANDS:
            return self._section_command(name, arguments)
        if name == "add":
            return self._add(arguments)
        if name == "import":
            return self._import(arguments)
        if name == "help":
            self.errors.append(USAGE)
            return 0
        return _USAGE

    def _batch(self) -> int:
        """Commands from the input, one a line. The exit code is 0 whatever happens in them."""
        self._in_batch = True
        while not self._input.ended:
            words = self._batch_words()
            if not words:
                continue
            code = _EXIT if words[0].lower() == "exit" else self._command(words)
            if code == _EXIT:
                break
            if code == _USAGE:
                self._complain("Unknown command\n")
        return 0

    def _batch_words(self) -> list[str]:
        """The words of the next line up to an empty one; what stands behind `;` is lost."""
        reader = self.store.reader
        if reader is None or reader.stream is not self._input:
            reader = self.store.reader = Reader(self._input)
        reader.next_line()
        words: list[str] = []
        try:
            while word := reader.argument():
                words.append(word)
                if len(words) == _MAX_WORDS:
                    self._complain("Too many arguments\n")
                    return []
        except UciError as error:
            self._fail(error)
            return []
        return words

    def _package_command(self, command: "_Command", arguments: list[str]) -> int:
        """show, changes, export, commit: of one package, or of all, whatever fails."""
        if len(arguments) > 1:
            return _USAGE
        try:
            names = arguments or self.store.packages()
        except UciError as error:
            self._fail(error)
            return 1
        code = 0
        for name in names:
            try:
                command(self, *self.store.lookup(name))
            except UciError as error:
                self._fail(error)
                code = 1
        return code if arguments else 0

    def _changes(self, package: Package, _: Target) -> None:
        self.output.append(uci_print.changes(package))

    def _commit(self, package: Package, _: Target) -> None:
        """With -P nothing is committed and nobody is told (vector save-path-flag-P-...)."""
        if "P" not in self._flags:
            self.store.commit(package.name)

    def _export(self, package: Package, _: Target) -> None:
        named = "n" in self._flags
        self.output.append(uci_print.export(package, header=True, named=named))

    def _show(self, package: Package, target: Target) -> None:
        extended = "X" not in self._flags
        self.output.append(uci_print.show(package, target, self._delimiter, extended=extended))

    def _section_command(self, name: str, arguments: list[str]) -> int:
        if len(arguments) != 1:
            return _USAGE
        try:
            package, target = self.store.lookup(arguments[0])
            if target.value is not None and name in ("get", "revert"):
                return 1
            if name == "delete" and not _may_be_index(target.value):
                return 1
            _SECTION_COMMANDS[name](self, package, target)
            self.store.save(package)
        except UciError as error:
            self._fail(error)
            return 1
        return 0

    def _get(self, _: Package, target: Target) -> None:
        self.output.append(uci_print.get(target, self._delimiter))

    def _reorder(self, package: Package, target: Target) -> None:
        if target.found is None or target.value is None:
            raise UciError(Code.NOT_FOUND)
        model.reorder(package, target.found, model.number(target.value))

    def _add(self, arguments: list[str]) -> int:
        """Prints the new section's id; its exit code is the library's error number."""
        if len(arguments) != 2:
            return _USAGE
        try:
            package = self.store.load(arguments[0])
            section = model.add_section(package, arguments[1])
            self.store.save(package)
        except UciError as error:
            self._fail(error)
            return int(error.code)
        self.output.append(f"{section.name}\n")
        return 0

    def _import(self, arguments: list[str]) -> int:
        """Replaces files at once; with -m it stages into a package that can be read."""
        merges = "m" in self._flags
        if len(arguments) > 1 or (merges and not arguments):
            return _USAGE
        name = arguments[0] if arguments else None
        try:
            self.store.import_text(self._input, name, merges=merges)
        except UciError as error:
            self._fail(error)
            return 1
        return 0


def _may_be_index(value: str | None) -> bool:
    return not value or re.match(r"\s*([+-]?[0-9]|$)", value) is not None


_Command = Callable[[_Run, Package, Target], None]
_PACKAGE_COMMANDS: dict[str, _Command] = {
    "show": _Run._show,
    "changes": _Run._changes,
    "export": _Run._export,
    "commit": _Run._commit,
}
_SECTION_COMMANDS: dict[str, _Command] = {
    "get": _Run._get,
    "set": lambda _, package, target: model.set_value(package, target),
    "add_list": lambda _, package, target: model.add_list(package, target),
    "del_list": lambda _, package, target: model.del_list(package, target),
    "delete": lambda _, package, target: model.delete(package, target),
    "rename": lambda _, package, target: model.rename(package, target),
    "revert": lambda run, package, target: run.store.revert(package, target),
    "reorder": _Run._reorder,
}
