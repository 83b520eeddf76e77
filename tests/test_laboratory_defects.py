# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory is sensitive: for each promise, a defect put in on purpose is found."""

import pytest

from tests.laboratory.campaign import guarded
from tests.laboratory.defects import DEFECTS
from tests.laboratory.schedule import parse
from tests.laboratory.sensitivity import find

MOST = 300  # schedules that finding one may take
# Found by rare schedules: that one is kept, instead of the search for it.
KEPT = {
    "resting-forgotten": "service!resting-forgotten/64 t169.3:kill t93.4:cut=200",
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
def test_a_rare_schedule_still_finds_its_defect(name: str) -> None:
    schedule = KEPT[name]
    assert guarded(parse(schedule)).broken.startswith(f"{DEFECTS[name].promise}:")
    assert guarded(parse(schedule.replace(f"!{name}", ""))).broken == ""


def test_every_promise_has_a_defect() -> None:
    promises = {defect.promise for defect in DEFECTS.values()}
    assert promises == {f"G{number}" for number in range(1, 9)}
