# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings as transports: one replays what a router answered, one notes it.

The file is recordfile's, the masking of secrets masking's, of names anonymous'.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from wifirelay.clock import Clock
from wifirelay.errors import NotRecorded
from wifirelay.transport.anonymous import Anonymizer
from wifirelay.transport.base import AllThere, Command, Completed, Following, Transport
from wifirelay.transport.masking import Masker
from wifirelay.transport.recordfile import (
    FORMAT,
    Exchange,
    Recording,
    as_text,
    decoded,
    load_recording,
    parse_recording,
    save_recording,
)
from wifirelay.values import Secret, shown

__all__ = [
    "FORMAT",
    "Exchange",
    "RecordedTransport",
    "Recording",
    "RecordingTransport",
    "anonymous",
    "canonical",
    "load_recording",
    "parse_recording",
    "save_recording",
]


class RecordedTransport:
    """Answers as recorded: the n-th time with the n-th answer, the last one repeated."""

    def __init__(self, recording: Recording) -> None:
        self._answers: dict[tuple[str, ...], list[Exchange]] = {}
        self._asked: dict[tuple[str, ...], int] = {}
        for exchange in recording.exchanges:
            self._answers.setdefault(canonical(exchange.argv), []).append(exchange)

    def run(self, command: Command) -> Completed:
        key = canonical(command.argv)
        answers = self._answers.get(key)
        if answers is None:
            raise NotRecorded(
                f"the recording has no answer to `{shown(command.shown())}`",
                hint="record it anew with this release of wifirelay: `wifirelay record FILE`",
            )
        times = self._asked.get(key, 0)
        self._asked[key] = times + 1
        return answers[min(times, len(answers) - 1)].completed().fitting(command)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple([self.run(command) for command in commands])

    def follow(self, command: Command) -> Following:
        """All recorded lines at once, then the command has ended: nobody waits for more."""
        lines = self.run(command).out.split(b"\n")
        return AllThere(lines if lines[-1] else lines[:-1])

    def close(self) -> None:
        """Nothing is held."""


class RecordingTransport:
    """Passes everything on to another transport, and notes what it answered.

    Secrets are masked as they pass: those in secret options, and `secrets` wherever they
    occur. A command that failed to be answered (a lost link) is not noted.
    """

    def __init__(
        self,
        inner: Transport,
        clock: Clock,
        *,
        secrets: Iterable[Secret] = (),
        anonymous: bool = False,
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._masker = Masker(secrets)
        self._anonymous = anonymous
        self._start = clock.monotonic()
        self._exchanges: list[Exchange] = []

    def run(self, command: Command) -> Completed:
        at = self._now()
        answer = self._inner.run(command)
        self._note(at, command, answer)
        return answer

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        at = self._now()
        answers = self._inner.run_all(commands)
        for command, answer in zip(commands, answers, strict=True):
            self._note(at, command, answer)
        return answers

    def follow(self, command: Command) -> Following:
        """The lines pass at once; they are noted as one exchange when the command ends, or is
        closed."""
        at = self._now()

        def note(out: bytes) -> None:
            self._note(at, command, Completed(0, out))

        return _Noted(self._inner.follow(command), note)

    def close(self) -> None:
        self._inner.close()

    def recording(self, note: str = "", made: str | None = None) -> Recording:
        """What was noted so far; `made` is the time of day, ISO 8601 in UTC (default: now)."""
        if made is None:
            made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        recording = Recording(tuple(self._exchanges), made, self._masker.text(note))
        return anonymous(recording) if self._anonymous else recording

    def save(self, path: str, note: str = "") -> None:
        save_recording(self.recording(note), path)

    def _now(self) -> float:
        return round(self._clock.monotonic() - self._start, 3)

    def _note(self, at: float, command: Command, answer: Completed) -> None:
        mask, argv = self._masker, command.argv
        stdin = None if command.stdin is None else mask.text(as_text(command.stdin))
        out, err = mask.output(argv, answer.text), mask.text(answer.errors)
        masked = tuple(mask.text(word) for word in argv)
        self._exchanges.append(Exchange(at, masked, stdin, answer.rc, out, err))


class _Noted:
    """A `Following` whose lines are noted when there will be no more of them."""

    def __init__(self, inner: Following, note: Callable[[bytes], None]) -> None:
        self._inner = inner
        self._note: Callable[[bytes], None] | None = note
        self._seen: list[bytes] = []

    @property
    def ended(self) -> bool:
        return self._inner.ended

    def lines(self, seconds: float, wake: int | None = None) -> list[bytes]:
        lines = self._inner.lines(seconds, wake)
        self._seen += [line + b"\n" for line in lines]
        if self._inner.ended:
            self._once()
        return lines

    def close(self) -> None:
        self._inner.close()
        self._once()

    def _once(self) -> None:
        note, self._note = self._note, None
        if note is not None:
            note(b"".join(self._seen))


def anonymous(recording: Recording) -> Recording:
    """The recording without names and addresses of networks, devices and people."""
    names = Anonymizer()
    for each in recording.exchanges:
        for text in (*each.argv, each.stdin or "", each.out, each.err):
            names.learn(text)

    def without(each: Exchange) -> Exchange:
        return replace(
            each,
            argv=tuple(names.text(each.argv, word) for word in each.argv),
            stdin=None if each.stdin is None else names.text(each.argv, each.stdin),
            out=names.text(each.argv, each.out),
            err=names.text(each.argv, each.err),
        )

    return replace(recording, exchanges=tuple(map(without, recording.exchanges)))


def canonical(argv: Sequence[str]) -> tuple[str, ...]:
    """A command by its meaning: ubus's `-S` and `-t N`, JSON's order and blanks left out."""
    words = list(argv)
    if words[:1] == ["ubus"]:
        at = 1
        while at < len(words) and words[at].startswith("-") and len(words[at]) > 1:
            if words[at] == "-t":
                del words[at : at + 2]
            elif words[at] == "-S" or words[at].startswith("-t"):
                del words[at]
            else:
                at += 2 if words[at] == "-s" else 1
        if words[1:2] == ["call"] and len(words) == 4:
            words.append("{}")
    return tuple(_canonical_json(word) if word.startswith(("{", "[")) else word for word in words)


def _canonical_json(word: str) -> str:
    try:
        return json.dumps(decoded(word), sort_keys=True)
    except ValueError:
        return word
