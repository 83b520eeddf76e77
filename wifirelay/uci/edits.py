# SPDX-License-Identifier: GPL-2.0-or-later
"""Edits of UCI packages as values: compared, shown without secrets, written for `uci batch`."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from wifirelay.uci.model import Section, Value
from wifirelay.uci.quote import check_name, quote

# Options that hold secrets, of the owner's sections too (wireguard, PPP, RADIUS): staged
# edits of others are named in messages.
_SECRET = re.compile(
    r"(?:key[0-9]?|login_form|psk|private_key|preshared_key|pin|pincode|wps_pin|r0kh|r1kh"
    r"|(?:[a-z0-9]+_)*(?:password|passwd|passphrase|pwd|secret)[0-9]?)\Z"
)


class Verb(str, Enum):
    """The commands of `uci batch` that wifirelay uses."""

    SET = "set"
    DELETE = "delete"
    ADD_LIST = "add_list"
    DEL_LIST = "del_list"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Edit:
    """One line for `uci batch`. Without `option` it is about the section itself.

    For `set` without an option, `value` is the section's type. `section` may be
    `@type[n]` for an anonymous section of the owner's, looked up just before.
    """

    verb: Verb
    package: str
    section: str
    option: str | None = None
    value: str | None = None

    def line(self) -> str:
        """For `uci batch`; raises Unquotable for what UCI cannot hold."""
        return self._written(quote(self.value) if self.value is not None else None)

    def shown(self) -> str:
        """For people: the same with secrets as `***`. Not escaped for a terminal."""
        value = self.value
        if value is not None and is_secret(self.option):
            value = "***"
        if value is not None and self.option is not None:
            value = "'" + value.replace("'", "'\\''") + "'"
        return self._written(value)

    def __repr__(self) -> str:
        return f"<Edit {self.shown()}>"

    def _written(self, value: str | None) -> str:
        place = f"{check_name(self.package)}.{self.section}"
        if self.option is not None:
            place += f".{check_name(self.option)}"
        return f"{self.verb} {place}" + (f"={value}" if value is not None else "")


def is_secret(option: str | None) -> bool:
    """Whether this option's value is a secret."""
    return option is not None and _SECRET.match(option) is not None


def batch(edits: Iterable[Edit]) -> bytes:
    """Standard input for `uci batch`."""
    return "".join(edit.line() + "\n" for edit in edits).encode("utf-8", "surrogateescape")


def section_edits(
    package: str,
    name: str,
    current: Section,
    wanted: Mapping[str, Value],
    managed: Collection[str],
) -> tuple[Edit, ...]:
    """What makes section `name` hold `wanted`, and of the `managed` options no other.

    Nothing for what is already so; options that are neither stay as they are. Deletes come
    first, then the rest in the order of `wanted`.
    """
    check_name(name)
    have = current.options
    edits = [
        Edit(Verb.DELETE, package, name, option)
        for option in have
        if option in managed and option not in wanted
    ]
    for option, value in wanted.items():
        if have.get(option) == value:
            continue
        if isinstance(value, str):
            edits.append(Edit(Verb.SET, package, name, option, value))
            continue
        if option in have:
            edits.append(Edit(Verb.DELETE, package, name, option))
        edits += [Edit(Verb.ADD_LIST, package, name, option, item) for item in value]
    return tuple(edits)
