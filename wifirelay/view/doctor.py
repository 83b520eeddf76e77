# SPDX-License-Identifier: GPL-2.0-or-later
"""A check-up's findings for programs (`wifirelay.doctor/1`) and for people."""

from collections.abc import Sequence
from typing import Any

from wifirelay.core.doctor.facts import Facts
from wifirelay.core.doctor.finding import Finding, Unknown, Verdict
from wifirelay.values import printable


def worst(findings: Sequence[Finding]) -> Verdict:
    """The worst verdict; unknown ones do not count."""
    known = [each.verdict for each in findings if each.verdict is not Verdict.UNKNOWN]
    return max(known, key=lambda verdict: verdict.badness, default=Verdict.UNKNOWN)


def doctor_object(facts: Facts, findings: Sequence[Finding]) -> dict[str, Any]:
    board = None if isinstance(facts.board, Unknown) else facts.board
    return {
        "schema": "wifirelay.doctor/1",
        "model": board.model if board is not None else None,
        "release": board.description if board is not None else None,
        "verdict": worst(findings).value,
        "findings": [
            {
                "check": each.check,
                "about": each.about or None,
                "verdict": each.verdict.value,
                "evidence": printable(each.evidence),
                "remedy": printable(each.remedy) or None,
            }
            for each in findings
        ],
    }


def doctor_lines(findings: Sequence[Finding]) -> list[str]:
    """One line each, what to do below it, and how many there are of each kind."""
    counts = {verdict: sum(each.verdict is verdict for each in findings) for verdict in Verdict}
    told = ", ".join(
        f"{count} {WORDS[verdict].lower()}{_plural(verdict, count)}"
        for verdict, count in reversed(counts.items())
        if count
    )
    return [*finding_lines(findings), "", told]


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """One line each, and what to do below it."""
    names = [f"{each.check} {each.about}".rstrip() for each in findings]
    width = max(map(len, names), default=0)
    lines = []
    for name, each in zip(names, findings, strict=True):
        lines.append(f"{WORDS[each.verdict]:<8} {name:<{width}}  {each.evidence}")
        if each.remedy:
            lines.append(f"{'':<8} {'':<{width}}  -> {each.remedy}")
    return [printable(line) for line in lines]


WORDS = {
    Verdict.OK: "ok",
    Verdict.UNKNOWN: "unknown",
    Verdict.WARNING: "warning",
    Verdict.PROBLEM: "PROBLEM",
}


def _plural(verdict: Verdict, count: int) -> str:
    return "s" if count > 1 and verdict in (Verdict.WARNING, Verdict.PROBLEM) else ""
