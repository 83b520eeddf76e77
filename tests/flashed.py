# SPDX-License-Identifier: GPL-2.0-or-later
"""A router's configuration as values: edits are applied as `uci` would, without a file."""

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from known import Uci

from wifirelay.core.baseline import setup_edits, undo_edits
from wifirelay.core.known import Relay
from wifirelay.core.owned import CREATED, Owned
from wifirelay.sim.configs import texts
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section, Value

NAMES = ("wireless", "network", "firewall", "dhcp")


@cache
def delivered(*, wds: bool = False) -> tuple[Package, ...]:
    """A simulated router's packages: before `setup`, or set up for `relay.kind: wds`."""
    found = texts(set_up=wds, wds=wds)
    with tempfile.TemporaryDirectory() as folder:
        uci = Uci(Path(folder)).put(**{name: found[name] for name in NAMES})
        return tuple(uci.read(name) for name in NAMES)


class Flash:
    """What is on one router's flash."""

    def __init__(self, *, wds: bool = False) -> None:
        self._packages = {each.name: [*each] for each in delivered(wds=wds)}

    def packages(self) -> list[Package]:
        return [Package(name, tuple(sections)) for name, sections in self._packages.items()]

    def owned(self, *, others: bool = False) -> Owned:
        return Owned(*self.packages(), frozenset({"odhcpd", "relayd"}), others)

    def set_up(self, relay: Relay) -> None:
        self.apply(setup_edits(self.owned(), relay))
        assert setup_edits(self.owned(), relay) == ()

    def undo(self) -> None:
        self.apply(undo_edits(self.owned()))

    def apply(self, edits: Iterable[Edit]) -> None:
        for edit in edits:
            self._apply(edit)

    def _apply(self, edit: Edit) -> None:
        sections = self._packages[edit.package]
        if edit.option is None and edit.verb is Verb.SET:
            assert not [each for each in sections if each.name == edit.section]
            sections.append(Section(edit.section, edit.value or "", {}))
            return
        at = self._at(sections, edit.section)
        if edit.option is None:
            del sections[at]
            return
        options: dict[str, Value] = dict(sections[at].options)
        old, value = sections[at].items(edit.option), edit.value or ""
        if edit.verb is Verb.SET:
            options[edit.option] = value
        elif edit.verb is Verb.ADD_LIST:
            options[edit.option] = (*old, value)
        elif edit.verb is Verb.DEL_LIST and old != (value,):
            options[edit.option] = tuple(each for each in old if each != value)
        else:
            options.pop(edit.option, None)
        sections[at] = replace(sections[at], options=options)

    @staticmethod
    def _at(sections: list[Section], name: str) -> int:
        kind, bracket, number = name.removeprefix("@").partition("[")
        if not bracket:
            return [each.name for each in sections].index(name)
        of_kind = [at for at, each in enumerate(sections) if each.kind == kind]
        return of_kind[int(number.rstrip("]"))]

    def shape(self) -> list[set[tuple[str, str, str]]]:
        """All but the order, and the notes' order."""
        return [
            {
                (section.name, name, str(sorted(value) if name == CREATED else value))
                for section in package
                for name, value in section.options.items()
            }
            for package in self.packages()
        ]
