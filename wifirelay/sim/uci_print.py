# SPDX-License-Identifier: GPL-2.0-or-later
"""What `uci` prints: the text of show, get, changes and export (December 2025).

Pure functions from a loaded package to text; line feeds in values are printed raw.
"""

import re

from wifirelay.sim import uci_model as model
from wifirelay.sim.uci_model import Package, Section, Target, Value
from wifirelay.sim.uci_words import Code, UciError, escaped, quoted


def export(package: Package, *, header: bool, named: bool) -> str:
    """The text of `export` and, without the header, of a committed file."""
    lines = [f"package {package.name}\n"] if header else []
    for section in package.sections:
        name = f" '{escaped(section.name)}'" if named or not section.anonymous else ""
        lines.append(f"\nconfig {escaped(section.type)}{name}\n")
        for option, value in section.options.items():
            if isinstance(value, str):
                lines.append(f"\toption {option} '{escaped(value)}'\n")
            else:
                lines.extend(f"\tlist {option} '{escaped(item)}'\n" for item in value)
    return "".join(lines) + "\n"


def changes(package: Package) -> str:
    """The staged edits; an added section looks like a set one (vector add-anonymous)."""
    lines = []
    for change in package.staged:
        option = "" if change.option is None else f".{change.option}"
        name = f"{package.name}.{change.section}{option}"
        if change.mark == model.REMOVE:
            lines.append(f"-{name}\n")
        else:
            equals = {model.LIST_ADD: "+=", model.LIST_DEL: "-="}.get(change.mark, "=")
            lines.append(f"{name}{equals}{quoted(change.value or '')}\n")
    return "".join(lines)


def show(package: Package, target: Target, delimiter: str, *, extended: bool) -> str:
    """A package, a section or an option. Only for a whole package does @type[n] stand
    for an anonymous section, and only when `extended`."""
    if not target.complete:
        raise UciError(Code.NOT_FOUND)
    if target.found is None:
        seen: dict[str, int] = {}
        return "".join(
            _section(package, section, _reference(section, seen, extended=extended), delimiter)
            for section in package.sections
        )
    current = target.current
    if current is None:
        return _section(package, target.found, target.found.name, delimiter)
    name = f"{package.name}.{target.found.name}.{target.option}"
    return f"{name}={_shown(current, delimiter)}\n"


def get(target: Target, delimiter: str) -> str:
    """A value or a section's type, unquoted; items of a list are quoted when they hold blanks."""
    if not target.complete:
        raise UciError(Code.NOT_FOUND)
    current = target.current
    if isinstance(current, list):
        items = (quoted(item) if re.search(r"[ \t\r\n]", item) else item for item in current)
        return f"{delimiter.join(items)}\n"
    if current is None:
        return "" if target.found is None else f"{target.found.type}\n"
    return f"{current}\n"


def _reference(section: Section, seen: dict[str, int], *, extended: bool) -> str:
    """How `show` names a section: the n of @type[n] counts the named ones of the type too."""
    index = seen.get(section.type, 0)
    seen[section.type] = index + 1
    return f"@{section.type}[{index}]" if section.anonymous and extended else section.name


def _section(package: Package, section: Section, reference: str, delimiter: str) -> str:
    name = f"{package.name}.{reference}"
    options = (
        f"{name}.{option}={_shown(value, delimiter)}\n" for option, value in section.options.items()
    )
    return f"{name}={section.type}\n" + "".join(options)


def _shown(value: Value, delimiter: str) -> str:
    return quoted(value) if isinstance(value, str) else delimiter.join(map(quoted, value))
