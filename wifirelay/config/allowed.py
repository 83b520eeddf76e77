# SPDX-License-Identifier: GPL-2.0-or-later
"""`open` of the configuration: which networks may be joined that nobody listed, in either file.

Loaded only where a file has it: on a router memory is short.
"""

from collections.abc import Iterable

from wifirelay.config.fields import Fields, control_characters
from wifirelay.core.known import Allowed, Wanted
from wifirelay.values import Ssid

OPEN_KEYS = ("names", "not", "limit", "stay", "security")
LIMIT, STAY = (1, 50), (1, 24)  # networks within a day; hours
PATTERNS, LETTERS = 50, 64  # at most
_KINDS = (Wanted.AUTO, Wanted.OPEN, Wanted.OWE)


def allowed_from(fields: Fields, off: Iterable[Ssid], warnings: list[str]) -> Allowed:
    """The rule that a mapping states; names in `off` are never meant. Raises ConfigError."""
    names = _patterns(fields, "names", "*Guest*", "FREE-*")
    if not names:
        hint = f"write {fields.style.listed(fields.name('names'), ('*Guest*', 'FREE-*'))}"
        raise fields.error("names", "is missing: nothing is allowed without", hint)
    every = next((each for each in names if not each.strip("*?")), None)
    if every is not None:
        warnings.append(
            f"{fields.path('names')} has {every}: that allows every open network there is"
        )
    default = Allowed(names)
    return Allowed(
        names=names,
        but=_patterns(fields, "not", "*Setup*"),
        limit=fields.whole("limit", *LIMIT, "a number of networks") or default.limit,
        stay=fields.whole("stay", *STAY, "hours") or default.stay,
        security=Wanted(fields.word("security", [each.value for each in _KINDS], "auto")),
        off=frozenset(off),
    )


def _patterns(fields: Fields, key: str, *example: str) -> tuple[str, ...]:
    """Patterns of names, which may hold blanks."""
    patterns = fields.lines(key, *example, alone=True, blanks=True)
    if len(patterns) > PATTERNS:
        raise fields.error(key, f"has {len(patterns)} patterns", f"write at most {PATTERNS}")
    for index, each in enumerate(patterns):
        if not each or len(each) > LETTERS or control_characters(each):
            raise fields.error(
                f"{key}[{index}]",
                "cannot be a name's pattern",
                f"1 to {LETTERS} characters, no control characters; * stands for any, ? for one",
            )
    return patterns
