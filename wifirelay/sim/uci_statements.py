# SPDX-License-Identifier: GPL-2.0-or-later
"""The two languages of UCI files: configuration text and staged edits.

Knows the statements of `/etc/config/X` and the lines of `/tmp/.uci/X` as libuci
(December 2025) takes them. It refuses to know where the text comes from.
"""

from collections.abc import Callable, Iterable

from wifirelay.sim import uci_model as model
from wifirelay.sim.uci_model import Change, Package, Section, Target
from wifirelay.sim.uci_words import (
    Code,
    Reader,
    Stream,
    UciError,
    is_name,
    is_package,
    is_type,
    quoted,
)

Edit = Callable[..., None]

_EDITS: dict[str, Edit] = {
    model.SET: model.set_value,
    model.ADD: model.set_value,
    model.REMOVE: model.delete,
    model.RENAME: model.rename,
    model.LIST_ADD: model.add_list,
    model.LIST_DEL: model.del_list,
}


class Statements:
    """The statements of configuration text: package, config, option, list."""

    def __init__(
        self, reader: Reader, name: str | None, into: Package | None, *, single: bool, strict: bool
    ) -> None:
        if name is not None and not is_package(name):
            raise UciError(Code.INVALID)
        self._reader = reader
        self._name = name
        self._package = into
        self._section: Section | None = None
        self._merges = into is not None
        self._single = single
        self._strict = strict
        self._done: list[Package] = []

    def line(self) -> None:
        """One line: statements with `;` between them."""
        self._reader.skip_space()
        while (word := self._reader.keyword()) and not word.startswith("#"):
            if word in ("p", "package"):
                self._package_statement()
            elif word in ("c", "config"):
                self._config_statement()
            elif word in ("o", "option"):
                self._option_statement(model.set_value)
            elif word in ("l", "list"):
                self._option_statement(model.add_list)
            else:
                raise self._reader.fail("invalid command")

    def end(self) -> list[Package]:
        """All packages of the text; an empty one when it held nothing."""
        if self._package is None and self._name is not None:
            self._switch(self._name)
        if self._package is not None:
            self._done.append(self._package)
        return self._done

    def _package_statement(self) -> None:
        self._reader.skip_keyword("package without name")
        name = self._reader.name(dashes=True)
        self._reader.end_of_statement(strict=self._strict)
        if not self._single:
            self._switch(name)

    def _switch(self, name: str) -> Package:
        if self._package is not None:
            self._done.append(self._package)
            self._package = self._section = None
        if any(package.name == name for package in self._done):
            raise UciError(Code.DUPLICATE)
        self._package = Package(name)
        return self._package

    def _config_statement(self) -> None:
        package = self._package
        if package is None:
            if self._name is None:
                raise self._reader.fail("attempting to import a file without a package name")
            package = self._switch(self._name)
        self._reader.skip_keyword("config without name")
        type_ = self._reader.required()
        if not is_type(type_):
            raise self._reader.fail("invalid character in type field")
        name = self._reader.name(required=False)
        self._reader.end_of_statement(strict=self._strict)
        if not name:
            self._section = model.add_section(package, type_, record=self._merges)
            return
        target = Target(package.name, name, value=type_, found=package.section(name))
        if self._strict and target.found is not None and target.found.type != type_:
            raise self._reader.fail(
                "section of different type overwrites prior section with same name"
            )
        model.set_value(package, target, record=self._merges)
        self._section = target.found

    def _option_statement(self, edit: Edit) -> None:
        if self._section is None or self._package is None:
            raise self._reader.fail("option/list command found before the first section")
        self._reader.skip_keyword("option without name")
        name, value = self._reader.name(), self._reader.argument()
        self._reader.end_of_statement(strict=self._strict)
        target = Target(self._package.name, self._section.name, name, value, found=self._section)
        edit(self._package, target, record=self._merges)


def staged_text(package: str, changes: Iterable[Change]) -> str:
    """The lines of a file of staged edits."""
    lines = []
    for change in changes:
        option = "" if change.option is None else f".{change.option}"
        value = "" if change.value is None else f"={quoted(change.value)}"
        lines.append(f"{change.mark}{package}.{change.section}{option}{value}\n")
    return "".join(lines)


def parse_staged(stream: Stream) -> list[Change]:
    """All edits of a file of staged edits; one bad line is an error."""
    reader = Reader(stream)
    changes = []
    while not stream.ended:
        if reader.next_line():
            mark, target = _staged_edit(reader)
            changes.append(Change(mark, target.section or "", target.option, target.value))
    return changes


def apply_staged(stream: Stream, package: Package) -> int:
    """Apply a file of staged edits; how many could be applied. Bad lines are passed over.

    An edit that parses counts among the package's staged ones even when it does not
    apply, as for `uci changes`.
    """
    reader = Reader(stream)
    applied = 0
    while not stream.ended:
        if not reader.next_line():
            continue
        try:
            mark, target = _staged_edit(reader)
            if target.package == package.name:
                package.staged.append(
                    Change(mark, target.section or "", target.option, target.value)
                )
                _apply(mark, target, package)
                applied += 1
        except UciError:
            continue
    return applied


def _staged_edit(reader: Reader) -> tuple[str, Target]:
    """The edit on the current line, which must be whole."""
    word = reader.argument()
    if not reader.at_end():
        raise UciError(Code.INVALID)
    mark = word[:1] if word[:1] in model.KINDS else model.SET
    target = model.parse_target(word[len(mark) :])
    needs_value = mark != model.REMOVE
    needs_option = mark in (model.LIST_ADD, model.LIST_DEL)
    if (
        target.section is None
        or target.extended
        or (needs_value and target.value is None)
        or (needs_option and target.option is None)
        or (mark == model.REORDER and target.option is not None)
        or (mark == model.RENAME and not is_name(target.value or ""))
    ):
        raise UciError(Code.INVALID)
    return mark, target


def _apply(mark: str, target: Target, package: Package) -> None:
    model.find(target, package)
    if mark == model.REORDER:
        if target.found is None:
            raise UciError(Code.NOT_FOUND)
        place = model.number(target.value or "")
        model.reorder(package, target.found, place, record=False)
        return
    _EDITS[mark](package, target, record=False)
    if mark == model.ADD and target.option is None and target.found is not None:
        target.found.anonymous = True
