# SPDX-License-Identifier: GPL-2.0-or-later
"""Staged edits: what `uci changes` says is set but not committed, and whose it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from wifirelay.errors import RouterAnswer
from wifirelay.uci.edits import is_secret

OWN_PREFIX = "wifirelay"  # own sections' names begin so


@dataclass(frozen=True, slots=True)
class Change:
    """One staged edit as rpcd lists it: ["set", SECTION, OPTION, VALUE] and the like."""

    package: str
    verb: str
    section: str
    option: str | None = None
    value: str | None = field(default=None, repr=False)  # may be a key

    @property
    def own(self) -> bool:
        """Whether it touches one of wifirelay's own wireless sections and nothing else."""
        return self.package == "wireless" and self.section.startswith(OWN_PREFIX)

    @property
    def path(self) -> str:
        """What it touches, as `uci` writes it."""
        return ".".join(filter(None, (self.package, self.section, self.option)))

    def shown(self) -> str:
        """For people, secrets as `***`; not escaped for a terminal."""
        if self.value is None:
            return f"{self.verb} {self.path}"
        return f"{self.verb} {self.path}={'***' if is_secret(self.option) else self.value}"


def parse_changes(answer: object) -> tuple[Change, ...]:
    """From the JSON of `ubus call uci changes {}`; RouterAnswer when it is none."""
    packages = answer.get("changes") if isinstance(answer, dict) else None
    if not isinstance(packages, dict):
        raise RouterAnswer("the router's list of staged edits came in an unknown form")
    changes = []
    for package, rows in packages.items():
        for row in rows if isinstance(rows, list) else ():
            words = [str(word) for word in row] if isinstance(row, list) else []
            if len(words) < 2:
                raise RouterAnswer(f"a staged edit of {package} came in an unknown form")
            # A new section is ["add", NAME, TYPE] or ["set", NAME, TYPE]; removing one is
            # ["remove", NAME]: with three words the third is an option only to "remove".
            verb, section, *rest = words
            about_option = len(rest) > 1 or verb in {"remove", "delete"}
            option = rest.pop(0) if rest and about_option else None
            changes.append(Change(package, verb, section, option, rest[-1] if rest else None))
    return tuple(changes)


def foreign(changes: Iterable[Change], *, packages: Iterable[str]) -> tuple[Change, ...]:
    """The changes in `packages` that are not in own sections."""
    wanted = set(packages)
    return tuple(change for change in changes if change.package in wanted and not change.own)
