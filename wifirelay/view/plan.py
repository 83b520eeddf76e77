# SPDX-License-Identifier: GPL-2.0-or-later
"""A plan for programs (`wifirelay.plan/1`) and for people."""

from typing import Any

from wifirelay.core.candidates import Candidate, Ignored
from wifirelay.core.plan import Plan
from wifirelay.values import Ssid, printable
from wifirelay.view.table import table


def named(key: str, ssid: Ssid | None) -> dict[str, str | None]:
    """A name as JSON has it everywhere: the text, and beside it the bytes as hexadecimal.

    The text of bytes that are not UTF-8 has `\\udcXX` (surrogateescape).
    """
    return {
        key: ssid.text if ssid is not None else None,
        "ssid_hex": ssid.hex if ssid is not None else None,
    }


def plan_object(plan: Plan) -> dict[str, Any]:
    decision = plan.decision
    chosen = decision.candidate
    bss = chosen.bss if chosen is not None else None
    return {
        "schema": "wifirelay.plan/1",
        "decision": {
            "action": decision.action.value,
            **named("network", chosen.network.ssid if chosen is not None else None),
            "bssid": bss.bssid if bss is not None else None,
            "radio": chosen.radio if chosen is not None else None,
            "why": decision.why,
        },
        "warnings": list(plan.warnings),
        "candidates": [candidate_object(each) for each in plan.candidates],
        "ignored": [_ignored(each) for each in plan.ignored],
        "edits": [edit.shown() for edit in plan.edits],
    }


def candidate_object(candidate: Candidate) -> dict[str, Any]:
    """One candidate, eligible or not."""
    bss = candidate.bss
    return {
        **named("network", candidate.network.ssid),
        "bssid": bss.bssid if bss is not None else None,
        "radio": candidate.radio,
        "band": bss.band.value if bss is not None and bss.band is not None else None,
        "channel": bss.channel if bss is not None else None,
        "signal_dbm": bss.signal if bss is not None else None,
        "security": bss.security.value if bss is not None else None,
        "eligible": candidate.eligible,
        "score": candidate.score,
        "terms": [
            {"name": term.name, "points": term.points, "why": term.why} for term in candidate.terms
        ],
        "why_not": candidate.why_not,
        "suspect": candidate.suspect,
    }


def _ignored(ignored: Ignored) -> dict[str, Any]:
    return {
        **named("ssid", ignored.bss.ssid),
        "bssid": ignored.bss.bssid,
        "radio": ignored.bss.radio,
        "why": ignored.why,
    }


def plan_lines(plan: Plan, *, verbose: bool) -> list[str]:
    """The decision, the candidates with their terms, and the edits."""
    lines = [f"{plan.decision.action.value}: {plan.decision.why}"]
    lines += [f"warning: {text}" for text in plan.warnings]
    if plan.candidates:
        lines += ["", "candidates, best first:", *_candidate_table(plan.candidates)]
        lines += remembered_lines(plan.candidates)
    if plan.ignored:
        lines += ["", f"{len(plan.ignored)} others in the air"]
        if verbose:
            lines[-1] += ":"
            lines += table(
                ("SSID", "BSSID", "RADIO", "WHY NOT"),
                [
                    (
                        str(each.bss.ssid) if each.bss.ssid is not None else "(hidden)",
                        each.bss.bssid or "?",
                        each.bss.radio,
                        each.why,
                    )
                    for each in plan.ignored
                ],
            )
        else:
            lines[-1] += " are of no known network (-v lists them)"
    if plan.edits:
        lines += ["", "edits:", *(f"  {edit.shown()}" for edit in plan.edits)]
    return [printable(line) for line in lines]  # an edit holds the name as it is


def remembered_lines(candidates: tuple[Candidate, ...]) -> list[str]:
    """What is remembered of those that may be joined, in words: who may be an evil twin, and what
    worked here last."""
    return [
        f"{each.network.ssid} at {each.bss.bssid}: {term.why}"
        for each in candidates
        for term in each.terms
        if each.bss is not None and term.name in ("twin", "place")
    ]


def _candidate_table(candidates: tuple[Candidate, ...]) -> list[str]:
    rows = []
    for each in candidates:
        bss = each.bss
        why = (
            " ".join(f"{term.name} {term.points:+.1f}" for term in each.terms)
            if each.eligible
            else f"no: {each.why_not}"
        )
        rows.append(
            (
                f"{each.score:.1f}" if each.score is not None else "-",
                str(each.network.ssid),
                (bss.bssid or "?") if bss is not None else "(blind)",
                each.radio,
                str(bss.channel) if bss is not None else "-",
                str(bss.signal) if bss is not None and bss.signal is not None else "-",
                bss.security.value if bss is not None else "-",
                "open" if each.network.stranger else str(each.network.priority),
                why or "hidden, not heard: last resort",
            )
        )
    head = ("SCORE", "NETWORK", "BSSID", "RADIO", "CH", "dBm", "SECURITY", "PRIO", "WHY")
    return table(head, rows, right=(0, 4, 5, 7))
