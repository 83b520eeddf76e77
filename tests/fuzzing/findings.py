# SPDX-License-Identifier: GPL-2.0-or-later
"""What fuzzing found: how a finding is named, and those that still stand.

The inputs are kept in `tests/data/fuzzing/FAMILY/NAME`, and are tests. One that still stands is an
expected failure there, and a run of the fuzzer passes over it; a fix takes it out of `OPEN`.
"""

import os
import traceback

from tests.fuzzing.seeds import DATA

FOLDER = DATA / "fuzzing"
OPEN: dict[str, dict[str, str]] = {}


def place(error: Exception) -> str:
    """A finding's name: what was raised, and where."""
    where = "unknown"
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.name == "failures":  # feeding's own, where each goes through
            continue
        for part in ("wifirelay", "tests"):
            head, found, rest = frame.filename.rpartition(f"/{part}/")
            if found and os.path.isdir(os.path.join(head, "wifirelay")):
                where = f"{rest.removesuffix('.py').replace('/', '-')}-{frame.name.strip('<>')}"
    return f"{type(error).__name__}-{where}"
