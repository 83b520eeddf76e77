# SPDX-License-Identifier: GPL-2.0-or-later
"""What `setup` borrows: options of somebody else's sections, noted with what they were, so that
they are given back as they were. And sections of its own in other packages. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb, section_edits
from wifirelay.uci.model import Package, Section, Value
from wifirelay.uci.quote import Unquotable, check_name, quote

OPTION, SECTION = "option:", "section:"  # how such an item of the notes begins


@dataclass(frozen=True, slots=True)
class Loan:
    """One option of another's section. `section` is its name, or KIND:OPTION=VALUE: the first
    of that kind with that option, which is not the one borrowed, whatever its name is. Always the
    same one of the two for a section: what is lent is found again by it."""

    package: str
    section: str
    option: str
    value: Value  # what setup wants it to be
    former: Value | None = None  # what it was; None: it was not there

    @property
    def note(self) -> str:
        """As an item of a list in UCI: ASCII, on one line."""
        return OPTION + json.dumps(
            [self.package, self.section, self.option, self.value, self.former],
            separators=(",", ":"),
        )

    @property
    def path(self) -> str:
        """For people."""
        return f"{self.package}.{self.section.rpartition('=')[2]}.{self.option}"


@dataclass(frozen=True, slots=True)
class Made:
    """One section of setup's own, in a package of others."""

    package: str
    name: str
    kind: str
    options: Mapping[str, Value]

    @property
    def note(self) -> str:
        return f"{SECTION}{self.package}.{self.name}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What leads from what is noted to what is wanted."""

    edits: tuple[Edit, ...] = ()
    noted: tuple[str, ...] = ()  # items that come into the notes
    dropped: tuple[str, ...] = ()  # items that go out of them
    stays: tuple[Loan, ...] = ()  # changed by the owner since: not given back


def changes(
    packages: Mapping[str, Package],
    notes: Iterable[str],
    loans: Iterable[Loan] = (),
    made: Iterable[Made] = (),
) -> Changes:
    """What makes `loans` and `made` so, and gives back all else that is noted; nothing wanted:
    everything is given back. An option that its owner has changed since is his: it stays.

    Raises Refused for a section that is there and not ours, and for a value that could not be
    put back.
    """
    notes = [*notes]
    wanted = {(loan.package, loan.section, loan.option): loan for loan in loans}
    edits: list[Edit] = []
    noted: list[str] = []
    dropped: list[str] = []
    stays: list[Loan] = []
    lent = {}
    for note in notes:
        loan = _loan(note)
        if loan is None:
            continue
        key = loan.package, loan.section, loan.option
        if key in wanted:
            lent[key] = loan
            continue
        dropped.append(note)
        found = place(packages, loan)
        if found is None:
            continue
        if found[1].options.get(loan.option) == loan.value:
            edits += _written(loan, found, loan.former)
        else:
            stays.append(loan)
    for key, loan in wanted.items():
        found = place(packages, loan)
        if found is None:
            continue
        now, before = found[1].options.get(loan.option), lent.get(key)
        former = before.former if before is not None and now == before.value else now
        loan = Loan(*key, loan.value, former or None)
        same = former == loan.value  # it is the owner's own wish as well
        if before is not None and (same or before.note != loan.note):
            dropped.append(before.note)
        if not same and (before is None or before.note != loan.note):
            _check(loan)
            noted.append(loan.note)
        if now != loan.value:
            edits += _written(loan, found, loan.value)
    ours = {note for note in notes if note.startswith(SECTION)}
    for each in made:
        package = packages.get(each.package)
        there = package.section(each.name) if package is not None else None
        if there is not None and each.note not in ours:
            raise Refused(
                f"the router has another section {each.package}.{each.name}",
                hint="rename it there: that name is wifirelay's own",
            )
        if there is None:
            edits.append(Edit(Verb.SET, each.package, each.name, None, each.kind))
            there = Section(each.name, each.kind, {})
        have = there.options
        edits += section_edits(each.package, each.name, there, each.options, (*have,))
        if each.note not in ours:
            noted.append(each.note)
        ours.discard(each.note)
    for note in sorted(ours):
        dropped.append(note)
        name, _, section = note.removeprefix(SECTION).partition(".")
        package = packages.get(name)
        if package is not None and package.section(section) is not None:
            edits.append(Edit(Verb.DELETE, name, section))
    return Changes(tuple(edits), tuple(noted), tuple(dropped), tuple(stays))


def packages_in(notes: Iterable[str]) -> frozenset[str]:
    """The packages that notes speak of, beside the interfaces and zones of every setup."""

    def named() -> Iterator[str]:
        for note in notes:
            loan = _loan(note)
            if loan is not None:
                yield loan.package
            elif note.startswith(SECTION):
                yield note.removeprefix(SECTION).partition(".")[0]

    return frozenset(named())


def place(packages: Mapping[str, Package], loan: Loan) -> tuple[str, Section] | None:
    """The section that is meant, with its place for `uci`: an anonymous one's name moves."""
    package = packages.get(loan.package, Package(loan.package))
    kind, colon, rest = loan.section.partition(":")
    if not colon:
        section = package.section(kind)
        return (kind, section) if section is not None else None
    option, _, value = rest.partition("=")
    for number, section in enumerate(package.of_kind(kind)):
        if section.get(option) == value:
            return (f"@{kind}[{number}]" if section.anonymous else section.name), section
    return None


def _loan(note: str) -> Loan | None:
    """Out of an item of the notes; None for another's, or one that somebody wrote by hand."""
    if not note.startswith(OPTION):
        return None
    try:
        package, section, option, value, former = json.loads(note.removeprefix(OPTION))
        check_name(package), check_name(option)
    except (ValueError, TypeError):  # Unquotable is one
        return None
    if not isinstance(section, str):
        return None
    if not _is_value(value) or not (former is None or _is_value(former)):
        return None
    return Loan(package, section, option, _value(value), None if former is None else _value(former))


def _is_value(raw: object) -> bool:
    items = raw if isinstance(raw, list) else [raw]
    return bool(items) and all(isinstance(each, str) for each in items)


def _value(raw: str | list[str]) -> Value:
    return raw if isinstance(raw, str) else tuple(raw)


def _check(loan: Loan) -> None:
    former = loan.former or ()
    for each in (former,) if isinstance(former, str) else former:
        try:
            quote(each)
        except Unquotable as error:
            raise Refused(
                f"{loan.path} holds what could not be put back: {error}",
                hint="take that out of it first",
            ) from None


def _written(loan: Loan, found: tuple[str, Section], value: Value | None) -> list[Edit]:
    """What makes the option hold this; None: nothing."""
    name, section = found
    at = loan.package, name, loan.option
    if isinstance(value, str):
        return [Edit(Verb.SET, *at, value)]
    edits = [Edit(Verb.DELETE, *at)] if loan.option in section.options else []
    return edits + [Edit(Verb.ADD_LIST, *at, item) for item in value or ()]
