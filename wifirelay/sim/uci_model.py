# SPDX-License-Identifier: GPL-2.0-or-later
"""A UCI configuration in memory: sections, options, edits, and how each edit works.

Knows what libuci (December 2025) does with an edit, and which edits it records. It
refuses to know files; `uci_files` reads and writes them. The types are mutable because
an edit changes the package that it was looked up in; every load makes a new one.
"""

import re
from dataclasses import dataclass, field

from wifirelay.sim.uci_words import Code, UciError, is_name, is_package, is_type, is_value

Value = str | list[str]

# The marks of staged edits in /tmp/.uci, with rpcd's word for each (rpcd uci.c).
SET, ADD, REMOVE, RENAME, REORDER, LIST_ADD, LIST_DEL = "", "+", "-", "@", "^", "|", "~"
KINDS = {
    SET: "set",
    ADD: "add",
    REMOVE: "remove",
    RENAME: "rename",
    REORDER: "order",
    LIST_ADD: "list-add",
    LIST_DEL: "list-del",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One staged edit; `mark` is one of `KINDS`."""

    mark: str
    section: str
    option: str | None = None
    value: str | None = None

    def within(self, section: str | None, option: str | None) -> bool:
        """Concerns this section and option; none stands for any."""
        return section in (None, self.section) and option in (None, self.option)

    def listed(self) -> list[str | int]:
        """As `ubus call uci changes` has it, e.g. ["set", "wifirelay", "ssid", "x"]."""
        value: list[str | int] = [] if self.value is None else [self.value]
        if self.mark == REORDER:
            value = [number(self.value or "")]
        option = [] if self.option is None else [self.option]
        return [KINDS[self.mark], self.section, *option, *value]


@dataclass(slots=True)
class Section:
    """One section; `index` is its place in the package, from 0."""

    name: str
    type: str
    anonymous: bool = False
    options: dict[str, Value] = field(default_factory=dict)
    index: int = 0


@dataclass(slots=True)
class Package:
    """One configuration: its file with the staged edits applied.

    `staged` are the edits found beside the file, `fresh` those made since and not yet
    written down. `tracked` is false for what `import` read: it is written at once.
    """

    name: str
    sections: list[Section] = field(default_factory=list)
    staged: list[Change] = field(default_factory=list)
    fresh: list[Change] = field(default_factory=list)
    tracked: bool = False
    counter: int = 0

    def section(self, name: str) -> Section | None:
        """The section of this name (an anonymous one has its cfgXXXXXX)."""
        return next((section for section in self.sections if section.name == name), None)

    def record(self, change: Change) -> None:
        if self.tracked:
            self.fresh.append(change)

    def append(self, type_: str, name: str = "") -> Section:
        """A new section at the end; without a name it is anonymous.

        The id of an anonymous one is `cfg%02x%04x`: the number of sections made so far and
        a hash of the type alone, whose options are not known yet (vectors
        show-anonymous-ids, add-anonymous).
        """
        self.counter += 1
        given = name or f"cfg{self.counter:02x}{_djb_hash(type_) % 65536:04x}"
        section = Section(given, type_, anonymous=not name)
        self.sections.append(section)
        return section

    def number(self) -> None:
        """Bring every section's `index` up to date."""
        for index, section in enumerate(self.sections):
            section.index = index


@dataclass(slots=True)
class Target:
    """`package.section.option=value` as written, and what was found of it."""

    package: str
    section: str | None = None
    option: str | None = None
    value: str | None = None
    extended: bool = False
    complete: bool = False
    found: Section | None = None

    @property
    def current(self) -> Value | None:
        """The value of the option now; none when there is no such option."""
        if self.found is None or self.option is None:
            return None
        return self.found.options.get(self.option)


def parse_target(text: str) -> Target:
    """Cut `package[.section[.option]][=value]`; `extended` says that @type[n] is meant."""
    path, equals, value = text.partition("=")
    parts = path.split(".")
    if len(parts) > 3 or not is_package(parts[0]):
        raise UciError(Code.PARSE)
    section, option = [*parts[1:], None, None][:2]
    target = Target(parts[0], section, option, value if equals else None)
    target.extended = target.section is not None and not is_name(target.section)
    if target.option is not None and not is_name(target.option):
        raise UciError(Code.PARSE)
    if not is_value(value):
        raise UciError(Code.PARSE)
    return target


def find(target: Target, package: Package) -> None:
    """Look the target up: fill in `found` and `complete`; what is missing is no error."""
    if target.section is None:
        target.complete = True
        return
    target.found = (
        _extended(target.section, package) if target.extended else package.section(target.section)
    )
    if target.found is None:
        return
    target.section = target.found.name
    target.complete = target.option is None or target.current is not None


def set_value(package: Package, target: Target, *, record: bool = True) -> None:
    """`set`: an option's value, a section's type, a new section; empty deletes.

    The value that is there already records nothing (vector set-same-value-stages-nothing);
    an option keeps its place (a lab recording: `disabled` set last stays third).
    """
    value, section = target.value, target.section
    if value is None or section is None or (target.found is None and target.option is not None):
        raise UciError(Code.INVALID)
    if target.option is None and value and not is_type(value):
        raise UciError(Code.INVALID)
    if not value:
        if target.complete:
            delete(package, target, record=record)
        return
    if target.found is None:
        target.found = package.append(value, section)
    elif target.option is None:
        if target.found.type == value:
            return
        if len(target.found.type) != len(value):
            target.found.anonymous = False  # libuci makes it anew, with its id as its name
        target.found.type = value
    else:
        if target.current == value:
            return
        target.found.options[target.option] = value
    if record:
        package.record(Change(SET, section, target.option, value))


def add_section(package: Package, type_: str, *, record: bool = True) -> Section:
    """`add`: a new anonymous section."""
    section = package.append(type_)
    if record:
        package.record(Change(ADD, section.name, value=type_))
    return section


def delete(package: Package, target: Target, *, record: bool = True) -> None:
    """`delete`: a section, an option, or one item of a list by its number."""
    section = _complete(target)
    current = target.current
    value: str | None = None
    if target.value and isinstance(current, list):
        value, index = target.value, number(target.value)
        if not 0 <= index < len(current):
            return
        del current[index]
    elif target.option is not None:
        del section.options[target.option]
    else:
        package.sections = [other for other in package.sections if other is not section]
    if record:
        package.record(Change(REMOVE, section.name, target.option, value))


def add_list(package: Package, target: Target, *, record: bool = True) -> None:
    """`add_list`: a plain option becomes a list first (vector add_list-on-plain-option)."""
    section, option, value = target.found, target.option, target.value
    if section is None or option is None or value is None:
        raise UciError(Code.INVALID)
    current = target.current
    if isinstance(current, list):
        current.append(value)
    else:
        section.options[option] = [value] if current is None else [current, value]
    if record:
        package.record(Change(LIST_ADD, section.name, option, value))


def del_list(package: Package, target: Target, *, record: bool = True) -> None:
    """`del_list`: every equal item; a missing list is no error and records nothing."""
    section, value, current = target.found, target.value, target.current
    if section is None or value is None:
        raise UciError(Code.INVALID)
    if not isinstance(current, list):
        return
    current[:] = [item for item in current if item != value]
    if record:
        package.record(Change(LIST_DEL, section.name, target.option, value))


def rename(package: Package, target: Target, *, record: bool = True) -> None:
    """`rename`: a section or an option. A name that is none is staged and lost at the next read."""
    section = _complete(target)
    if target.value is None:
        raise UciError(Code.INVALID)
    if record:
        package.record(Change(RENAME, section.name, target.option, target.value))
    if target.option is None:
        section.name, section.anonymous = target.value, False
    else:
        section.options = {
            target.value if name == target.option else name: value
            for name, value in section.options.items()
        }


def reorder(package: Package, section: Section, place: int, *, record: bool = True) -> None:
    """`reorder`: move a section to a place, from 0."""
    others = [other for other in package.sections if other is not section]
    others.insert(max(place, 0), section)
    package.sections = others
    if record:
        package.record(Change(REORDER, section.name, value=str(place)))


def number(text: str) -> int:
    """What C's strtol reads from the start of a text; 0 when there is nothing to read."""
    match = re.match(r"\s*([+-]?[0-9]+)", text)
    return int(match[1]) if match else 0


def _complete(target: Target) -> Section:
    if not target.complete:
        raise UciError(Code.NOT_FOUND)
    if target.found is None:
        raise UciError(Code.INVALID)
    return target.found


def _extended(text: str, package: Package) -> Section | None:
    """`@type[n]`, `@type[-n]`, `@[n]`; anything else that is no name is an error."""
    match = re.fullmatch(r"@([^\[]*)\[([^\]]*)\]", text)
    if match is None or (match[1] and not is_type(match[1])):
        raise UciError(Code.INVALID)
    if not re.fullmatch(r"(\s*[+-]?[0-9]+)?", match[2]):
        raise UciError(Code.INVALID)
    alike = [section for section in package.sections if match[1] in ("", section.type)]
    index = number(match[2])
    index += len(alike) if index < 0 else 0
    return alike[index] if 0 <= index < len(alike) else None


def _djb_hash(text: str) -> int:
    """D. J. Bernstein's hash, cut to 31 bits as libuci does."""
    value = 5381
    for byte in text.encode("ascii", "replace"):
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value & 0x7FFFFFFF
