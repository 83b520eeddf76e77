# SPDX-License-Identifier: GPL-2.0-or-later
"""One process of atheris on one family. Started by campaign.py; prints libFuzzer's own lines.

    python -m tests.fuzzing.engine FAMILY FOLDER SCRATCH SECONDS [SEED]

It ends after so many seconds of a processor, which a busy machine does not shorten.
An error that no docstring allows is kept in FOLDER under the name of its kind and place, each kind
once, and the run goes on; so is an input that takes LIMIT seconds of a processor. A hang, or memory
that grows by more than 100 MiB, ends the run: libFuzzer leaves the input there.
"""

import os
import resource
import signal
import sys
import time
import traceback

import atheris  # type: ignore[import-untyped]

MEMORY = 100  # MiB above the start
YAML = "yaml" in sys.argv[1:2]
# Seconds of a processor for one input. PyYAML is watched too: 65,536 opening braces take it 0.6 s,
# and 8 s with atheris's counters in it.
LIMIT = 20 if YAML else 5
HANG = 5 * LIMIT  # seconds of a clock: a machine may be busy, and a hang never ends
LONGEST = 12288  # bytes of an input, before it is repeated

ours = "wifirelay"
with atheris.instrument_imports(include=[ours, "yaml"] if YAML else [ours]):
    from tests.fuzzing.families import FAMILIES, Family
    from tests.fuzzing.feeding import REPEAT, failures
    from tests.fuzzing.findings import OPEN, place
    from tests.fuzzing.mutation import changed


class Kept:
    """The target, which keeps what it finds and goes on."""

    def __init__(self, family: Family, folder: str, seconds: float) -> None:
        self._family, self._folder, self._seconds = family, folder, seconds
        self._seen = set(OPEN.get(family.name, {}))

    def __call__(self, data: bytes) -> None:
        begun = time.process_time()
        for error in failures(self._family.parsers, data):
            if self._keep(place(error), data):
                traceback.print_exception(error)
                sys.stderr.flush()
        if (seconds := time.process_time() - begun) > LIMIT:
            self._keep(f"slow-{seconds:.0f}s", data)
        if time.process_time() > self._seconds:
            os.kill(os.getpid(), signal.SIGUSR1)  # libFuzzer ends, and gives its figures

    def _keep(self, name: str, data: bytes) -> bool:
        """Whether it is new."""
        if name in self._seen:
            return False
        self._seen.add(name)
        with open(os.path.join(self._folder, name), "wb") as file:
            file.write(data)
        print(f"FINDING {self._family.name} {name}", flush=True)
        return True


def main() -> None:
    name, folder, scratch, seconds, *seed = sys.argv[1:]
    family = FAMILIES[name]
    corpus, words = os.path.join(scratch, "corpus"), os.path.join(scratch, "words")
    os.mkdir(corpus)
    for number, data in enumerate(family.seeds()):
        with open(os.path.join(corpus, f"seed-{number}"), "wb") as file:
            file.write(data)
    with open(words, "w", encoding="ascii") as listed:
        listed.writelines(f"{_quoted(word)}\n" for word in family.words)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"START {start} MiB", flush=True)

    def mutated(data: bytes, most: int, number: int) -> bytes:
        data = data.removeprefix(REPEAT)
        new = changed(data, family.words, number) if number % 4 else None
        if new is None or len(new) > most:
            return bytes(atheris.Mutate(data, most))
        return new

    options = {
        "max_len": LONGEST,
        "len_control": 100,  # short ones first
        "timeout": HANG,
        "report_slow_units": HANG,
        "rss_limit_mb": start + MEMORY,
        "artifact_prefix": os.path.join(folder, ""),
        "dict": words,
        "print_final_stats": 1,
        "seed": seed[0] if seed else 0,
    }
    argv = [sys.argv[0], *(f"-{option}={value}" for option, value in options.items()), corpus]
    atheris.Setup(argv, Kept(family, folder, float(seconds)), custom_mutator=mutated)
    atheris.Fuzz()


def _quoted(word: str) -> str:
    """A word of libFuzzer's dictionary."""
    data = word.encode("utf-8", "surrogatepass")
    return '"' + "".join(f"\\x{byte:02x}" for byte in data) + '"'


if __name__ == "__main__":
    main()
