# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs of a family for so many seconds of a processor, and their figures."""

import os
import re
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHECKOUT = Path(__file__).resolve().parent.parent.parent
FINDINGS = CHECKOUT / "tests/data/fuzzing"
STARTS = 6  # a run that a hang or its memory ended begins again, so often
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # its files are many
LEAST = 2.0  # seconds that are worth a new start

_STATUS = re.compile(r"^#(\d+)\s.*?\bcov: (\d+)", re.MULTILINE)
_INPUTS = re.compile(r"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
_PEAK = re.compile(r"^stat::peak_rss_mb:\s+(\d+)", re.MULTILINE)
_RSS = re.compile(r"\brss: (\d+)Mb")
_DONE = re.compile(r"libFuzzer: exiting as requested$", re.MULTILINE)
_START = re.compile(r"^START (\d+) MiB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a family's run came to."""

    family: str
    seconds: float  # of a processor
    inputs: int
    edges: int
    start: int  # MiB
    peak: int  # MiB
    findings: tuple[str, ...]  # paths
    said: str  # all that was printed

    def line(self) -> str:
        return (
            f"== {self.family}: {self.inputs} inputs in {self.seconds:.0f} s of a processor, "
            f"{self.edges} edges, {self.start} MiB at the start, {self.peak} MiB at most, "
            f"{len(self.findings)} findings"
        )


def fuzz(
    family: str,
    seconds: float,
    folder: str,
    *,
    seed: int | None = None,
    log: IO[str] | None = None,
) -> Figures:
    """Fuzz one family for so many seconds of a processor.

    What is found is kept in `folder`, which is made and was empty.
    """
    os.makedirs(folder, exist_ok=True)
    begun = _processor()
    said, inputs, edges, start, peak = "", 0, 0, 0, 0
    for number in range(STARTS):
        left = seconds - (_processor() - begun)
        if number and left < LEAST:
            break
        chosen = [str(seed + number)] if seed is not None else []
        with tempfile.TemporaryDirectory(prefix="wifirelay-fuzzing-", dir=MEMORY) as scratch:
            text = _run([family, folder, scratch, str(max(1, round(left))), *chosen], log, scratch)
        said += text
        inputs += _last(_INPUTS, text) or _last(_STATUS, text)
        edges = max(edges, *(int(found[1]) for found in _STATUS.findall(text)), 0)
        start = start or _last(_START, text)
        peak = max(peak, _last(_PEAK, text), *map(int, _RSS.findall(text)), 0)
        if not _START.search(text) or _DONE.search(text):  # did not begin, or came to its end
            break
    found = tuple(sorted(os.path.join(folder, name) for name in os.listdir(folder)))
    return Figures(family, _processor() - begun, inputs, edges, start, peak, found, said)


def _processor() -> float:
    """Seconds of a processor that the processes started here took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(words: list[str], log: IO[str] | None, scratch: str) -> str:
    """One process, its files in `scratch`; what it says goes to `log` as it comes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fuzzing.engine", *words],
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": scratch},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines = []
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if log is not None:
                log.write(line)
                log.flush()
    return "".join(lines)


def _last(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.findall(text)
    if not found:
        return 0
    return int(found[-1][0] if isinstance(found[-1], tuple) else found[-1])
