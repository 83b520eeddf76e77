# SPDX-License-Identifier: GPL-2.0-or-later
"""The plan of undoing: what brings the own sections back to where a trial found them.

It is lines for `uci batch`, kept on the router in RAM (mode 0600, it may hold keys), and
run after `uci revert` of the own sections: whatever then is as it was is dropped by `uci`
itself, so nothing stays staged that need not be.
"""

from dataclasses import dataclass

from wifirelay.core.mac import LENT, SECRET
from wifirelay.core.sections import JOIN_OPTIONS, all_own
from wifirelay.uci.edits import Edit, Verb, batch
from wifirelay.uci.model import Package, Section


@dataclass(frozen=True, slots=True)
class Undo:
    """The own sections, those that must be off after undoing, those of them that were
    enabled (the sentry may allow these again when it hears their network), and the edits."""

    sections: tuple[str, ...]
    off: tuple[str, ...]
    waiting: tuple[str, ...]
    edits: tuple[Edit, ...]

    def as_input(self) -> bytes:
        """For the script `arm`."""
        lists = (self.sections, self.off, self.waiting)
        lines = "".join(" ".join(names) + "\n" for names in lists)
        return lines.encode() + batch(self.edits)


def plan_undo(wireless: Package, working: str | None) -> Undo:
    """How to come back to `wireless` as it is now.

    `working` is the own section whose uplink works: it is returned to. Any other is
    disabled, enabled or not before: a station that searches in vain takes the own access
    points off the air.
    """
    own = all_own(wireless)
    return Undo(
        sections=tuple(section.name for section in own),
        off=tuple(section.name for section in own if section.name != working),
        waiting=tuple(each.name for each in own if each.enabled and each.name != working),
        edits=tuple(
            edit for section in own for edit in _restore(section, on=section.name == working)
        ),
    )


def _restore(section: Section, *, on: bool) -> list[Edit]:
    edits = []
    for option in (*JOIN_OPTIONS, *LENT, SECRET):
        if option == "disabled":
            continue
        value = section.options.get(option)
        if isinstance(value, tuple):
            if option in LENT:  # a list is the owner's, and no join touches it
                continue
            value = " ".join(value)
        verb = Verb.SET if value else Verb.DELETE
        edits.append(Edit(verb, "wireless", section.name, option, value or None))
    edits.append(Edit(Verb.SET, "wireless", section.name, "disabled", "0" if on else "1"))
    return edits
