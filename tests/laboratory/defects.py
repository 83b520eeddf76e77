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
from wifirelay.core.lan import OPTIONS, Move


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


def _sentry(*changes: tuple[str, str]) -> Callable[[], AbstractContextManager[object]]:
    """The sentry with other words: pairs of what was there and what is instead."""

    @contextmanager
    def put_in() -> Iterator[None]:
        def changed() -> tuple[files.RouterFile, ...]:
            first, *rest = files.sentry_files()
            text = first.content.decode()
            for old, new in changes:
                text = _replaced(text, old, new)
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


@contextmanager
def _waits() -> Iterator[None]:
    """A trial that waits for an association for ever, its deadline or not."""
    with (
        patch("wifirelay.change.verify.ASSOCIATED_LIMIT", 1e6),
        patch("wifirelay.change.trial.MARGIN", -1e6),
    ):
        yield


def _only_reverts(move: Move) -> bytes:
    """The plan of undoing a move of lan, which knows nothing of others' commits."""
    return b"\n\n\n" + b"".join(b"revert network.lan.%s\n" % o.encode() for o in OPTIONS)


# Without it a station that netifd runs is watched only while it is enabled.
_RUNS_ON = ('\t\t1*"\\"section\\":\\"$o\\""*) ;;\n', "")


DEFECTS = {
    "no-deadline": Defect("G2", "join", _sentry(('[ "$up" -ge "${end:-0}" ]', "false"))),
    "blind-sentry": Defect("G1", "join", _sentry(("-lt 45 ]", "-lt 4500 ]"))),
    "reload-not-repeated": Defect(
        "G1",
        "wrong-key",
        _sentry(("[ ! -e resting ] || ! lock ||", "true ||"), _RUNS_ON),
        near=("reload-fails",),
    ),
    "reload-not-noted": Defect(
        "G1",
        "service",
        _sentry(("\ttrue >resting\n\t[", "\t["), _RUNS_ON),
    ),
    "clock-not-noticed": Defect("G1", "switch-session", _sentry(("|| [ alive -ot seen ] ", ""))),
    "nobodys-lock-stays": Defect(
        "G8", "wrong-key", _sentry(("elif lock; then", "elif false; then"))
    ),
    "put-back-in-place": Defect(
        "G1",
        "join",
        _script(
            "prelude", '[ "$(cat "$R/before.$1")" = "$(cat "$old" 2>/dev/null)" ] ||', "false &&"
        ),
    ),
    "others-commit-undone": Defect(
        "G3", "join", _script("prelude", 'if [ "$(part', 'if false && [ "$(part')
    ),
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
        "G4", "switch", _sentry(("uci -q batch <undo", 'log "$(cat undo)"; uci -q batch <undo'))
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
    "held-for-ever": Defect("G7", "service", _sentry(('[ $up -ge "$t" ]', "false"))),
    "waits-for-ever": Defect("G8", "join", _waits, near=("upstream-gone",)),
    "disabled-not-watched": Defect("G1", "service", _sentry(_RUNS_ON)),
    "waits-45-s-twice": Defect("G1", "switch", _sentry(("d_$o=$((up - 20))", "d_$o="))),
    "armed-again": Defect("G7", "service", _script("arm", "&& exit 21", "&& true")),
    "lan-not-taken-back": Defect(
        "G1",
        "move-alone",
        _sentry(
            (
                "uci -q batch <undo",
                "read -r u <undo; case $u in *network*) ;; *) uci -q batch <undo ;; esac",
            )
        ),
    ),
    "lan-kept-by-others-commit": Defect(
        "G1",
        "move-alone",
        _function("wifirelay.change.move_lan.Move.undo", _only_reverts),
        near=("commits-all",),
    ),
    "lan-kept-unreached": Defect(
        "G2", "move-elsewhere", _script("confirm_lan", '[ "$by" = "$new" ] ||', "true ||")
    ),
    "lan-commits-others-along": Defect(
        "G3",
        "move",
        _script("confirm_lan", 'others="$others $line"', ":"),
        near=("shell-stages-elsewhere",),
    ),
    "lan-undone-behind-its-commit": Defect(
        "G1",
        "move",
        _script("confirm_lan", 'mv "$R/new" "$R/undo" || exit 25', ":"),
        near=("oom",),
    ),
    "others-stay-enabled": Defect(
        "G2", "service", _function("wifirelay.change.trial.off_again", lambda *_: ())
    ),
}
