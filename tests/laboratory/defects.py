# SPDX-License-Identifier: GPL-2.0-or-later
"""Defects to be put in on purpose, one or more a promise: the laboratory must find each.

A defect is a line of a script that reads otherwise, or a function of wifirelay that does
something else, for as long as one experiment lasts.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from wifirelay.change import files, scripts
from wifirelay.change.insist import insist


@dataclass(frozen=True, slots=True)
class Defect:
    """`promise` is the one that it breaks; `scenario` where it is to be looked for."""

    promise: str
    scenario: str
    put_in: Callable[[], AbstractContextManager[object]]
    near: tuple[str, ...] = ()  # the kinds of faults to begin with; all of them


def _script(name: str, old: str, new: str) -> Callable[[], AbstractContextManager[object]]:
    """A script of a controller, with other words."""

    @contextmanager
    def put_in() -> Iterator[None]:
        real = scripts.text

        def text(which: str) -> str:
            return _replaced(real(which), old, new) if which == name else real(which)

        with patch.object(scripts, "text", text):
            yield

    return put_in


def _sentry(old: str, new: str) -> Callable[[], AbstractContextManager[object]]:
    @contextmanager
    def put_in() -> Iterator[None]:
        def changed() -> tuple[files.RouterFile, ...]:
            first, *rest = files.sentry_files()
            text = _replaced(first.content.decode(), old, new)
            return (replace(first, content=text.encode()), *rest)

        with patch("tests.laboratory.lab.sentry_files", changed):
            yield

    return put_in


def _constant(name: str, value: float) -> Callable[[], AbstractContextManager[object]]:
    return lambda: patch(f"wifirelay.{name}", value)


def _function(target: str, other: Any) -> Callable[[], AbstractContextManager[object]]:
    return lambda: patch(target, other)


@contextmanager
def _raw_names() -> Iterator[None]:
    """Names reach people as they are in the air."""
    with (
        patch("wifirelay.values.shown", lambda text: text),
        patch("wifirelay.view.table.printable", lambda text: text),
    ):
        yield


def _replaced(text: str, old: str, new: str) -> str:
    if old not in text:
        raise AssertionError(f"the defect's place is gone: {old!r}")
    return text.replace(old, new)


def _for_ever(transport: Any, clock: Any, command: Any, end: float) -> Any:
    """`insist` that never gives up."""
    del end
    return insist(transport, clock, command, clock.monotonic() + 1e6)


DEFECTS = {
    "no-deadline": Defect("G2", "join", _sentry('[ "$up" -ge "${end:-0}" ]', "false")),
    "blind-sentry": Defect("G1", "join", _sentry("-lt 45 ]", "-lt 4500 ]")),
    "reload-not-repeated": Defect(
        "G1",
        "wrong-key",
        _sentry("[ ! -e resting ] || ! lock ||", "true ||"),
        near=("reload-fails",),
    ),
    "reload-not-noted": Defect(
        "G1",
        "service",
        _sentry("\ttrue >resting\n\tuci -q revert wireless.$1", "\tuci -q revert wireless.$1"),
    ),
    "clock-not-noticed": Defect("G1", "switch-session", _sentry("|| [ alive -ot seen ] ", "")),
    "nobodys-lock-stays": Defect("G8", "wrong-key", _sentry("elif lock; then", "elif false; then")),
    "not-synced": Defect("G1", "leave", _script("prelude", "\tsync #", "\t: #")),
    "reload-not-awaited": Defect("G7", "hostile", _constant("change.verify.TAKEN_LIMIT", 15.0)),
    "commits-while-staging": Defect(
        "G2", "wrong-key", _script("stage", "uci -q batch\n", "uci -q batch\nuci commit wireless\n")
    ),
    "token-not-claimed": Defect(
        "G2",
        "join",
        _script(
            "confirm",
            'mv "$R/armed" "$R/confirming" 2>/dev/null || exit 21',
            'cp "$R/armed" "$R/confirming"',
        ),
    ),
    "commit-not-read-back": Defect(
        "G2",
        "join",
        _script("prelude", 'uci -q commit "$1" &&', 'uci -q commit "$1"; return 0;'),
        near=("flash-full",),
    ),
    "commits-others-along": Defect(
        "G3", "join", _script("confirm", "others=$(foreign wireless)", "others=")
    ),
    "reverts-all": Defect(
        "G3",
        "wrong-key",
        _script("rollback", 'uci -q revert "wireless.$s"', "uci -q revert wireless"),
    ),
    "logs-the-undoing": Defect(
        "G4", "switch", _sentry("uci -q batch <undo", 'log "$(cat undo)"; uci -q batch <undo')
    ),
    "key-in-argv": Defect(
        "G4",
        "join",
        _script(
            "stage",
            "uci -q batch\n",
            'while read -r l; do echo "$l" | uci -q batch; logger "$l"; done\n',
        ),
    ),
    "rollback-commits": Defect(
        "G5", "wrong-key", _script("rollback", "wifi reload", "uci commit wireless; wifi reload")
    ),
    "names-as-they-are": Defect("G6", "hostile", _raw_names),
    "names-are-evaluated": Defect(
        "G6",
        "hostile",
        _script(
            "stage",
            "uci -q batch\n",
            'while read -r l; do eval ": \\"$l\\""; echo "$l"; done | uci -q batch\n',
        ),
    ),
    "held-for-ever": Defect("G7", "service", _sentry('[ $up -ge "$t" ]', "false")),
    "insists-for-ever": Defect("G8", "join", _function("wifirelay.change.trial.insist", _for_ever)),
}
