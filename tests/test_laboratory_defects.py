# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory is sensitive: for each promise, a defect put in on purpose is found."""

from dataclasses import replace

import pytest

from tests.laboratory.campaign import guarded
from tests.laboratory.defects import DEFECTS
from tests.laboratory.schedule import parse
from tests.laboratory.sensitivity import find

MOST = 300  # schedules that finding one may take
# Real mistakes that rare schedules found: those are kept, instead of a search for them.
KEPT = {
    "reload-not-noted": "service/0 t235:kill s365:sentry-killed",
    "clock-not-noticed": "switch-session/1000558 c31.before:clock s65:ap-stuck=300",
    "nobodys-lock-stays": "wrong-key/0 c3.after:ram-full=60 t50.2:clock",
    "put-back-in-place": "join/234 s72:interrupt",
    "others-commit-undone": "join/7484 s71:shell-commits",
    "disabled-not-watched": "service/0 t162.2:commits-all t122.1:flash-read-only=200",
    "waits-45-s-twice": "switch/41649 c9.middle:upstream-gone=150 c7.before:subnet t25.9:kill",
    "armed-again": "service/4480 c172.before:again=70 c1.middle:scan-fails=10",
    "others-stay-enabled": (
        "service/37666 c177.after:kill c166.before:radio-gone=10 s177:scan-fails=10 "
        "c87.middle:silence=5"
    ),
    "reload-not-awaited": "hostile/5580 t67.2:again=15 t35.6:upstream-gone=150",
}


@pytest.mark.parametrize("name", sorted(DEFECTS.keys() - KEPT.keys()))
def test_a_defect_is_found(name: str) -> None:
    found = find(name, MOST)
    assert found is not None, f"not found in {MOST} schedules"
    assert found.broken.startswith(f"{DEFECTS[name].promise}:")
    # It is the defect, not the schedule: without it all promises are kept.
    whole = guarded(parse(str(found.schedule)))
    assert whole.broken == "", str(found.schedule)


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_was_found_once_is_found_again(name: str) -> None:
    schedule = parse(KEPT[name])
    broken = guarded(replace(schedule, defect=name)).broken
    assert broken.startswith(f"{DEFECTS[name].promise}:")
    assert guarded(schedule).broken == ""


def test_every_promise_has_a_defect() -> None:
    promises = {defect.promise for defect in DEFECTS.values()}
    assert promises == {f"G{number}" for number in range(1, 9)}
