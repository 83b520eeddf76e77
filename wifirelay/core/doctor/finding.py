# SPDX-License-Identifier: GPL-2.0-or-later
"""What a check-up says of one thing: verdict, evidence, remedy."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    """How bad it is, best first."""

    OK = "ok"
    UNKNOWN = "unknown"  # nobody could look
    WARNING = "warning"  # works, with a limit or a risk that the owner should know
    PROBLEM = "problem"  # a join, or the own access points, will fail by this

    __str__ = str.__str__

    @property
    def badness(self) -> int:
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result. Names of a router in it are made harmless already."""

    check: str  # "country"
    about: str  # the radio that it is about, or ""
    verdict: Verdict
    evidence: str  # what was seen
    remedy: str = ""  # what to do; "" when nothing can or need be done


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands for a fact that was not to be had, with the reason."""

    why: str
    broken: bool = False  # the router was asked, and failed; else nobody asked it


def word(name: str) -> str:
    """A router's name of something as a word of a command in a remedy, which people copy into a
    shell: one that a shell could take for more is not repeated."""
    return name if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name) else "NAME"


def ok(check: str, evidence: str, about: str = "") -> Finding:
    return Finding(check, about, Verdict.OK, evidence)


def warning(check: str, evidence: str, remedy: str, about: str = "") -> Finding:
    return Finding(check, about, Verdict.WARNING, evidence, remedy)


def problem(check: str, evidence: str, remedy: str, about: str = "") -> Finding:
    return Finding(check, about, Verdict.PROBLEM, evidence, remedy)


def unknown(check: str, fact: Unknown, about: str = "") -> Finding:
    remedy = "look at `logread` on the router" if fact.broken else ""
    return Finding(check, about, Verdict.UNKNOWN, fact.why, remedy)


def together(parts: Iterable[Finding], fine: Finding) -> Finding:
    """One finding of all that is wrong, under the worst verdict; `fine` when nothing is."""
    found = list(parts)
    if not found:
        return fine
    worst = max(found, key=lambda each: each.verdict.badness)
    return Finding(
        worst.check,
        fine.about,
        worst.verdict,
        "; ".join(each.evidence for each in found),
        "; ".join(dict.fromkeys(each.remedy for each in found if each.remedy)),
    )
