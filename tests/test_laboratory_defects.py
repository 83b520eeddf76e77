# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory is sensitive: for each promise, a defect put in on purpose is found."""

import pytest

from tests.laboratory.campaign import guarded
from tests.laboratory.defects import DEFECTS
from tests.laboratory.schedule import parse
from tests.laboratory.sensitivity import find

MOST = 300  # schedules that finding one may take


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_a_defect_is_found(name: str) -> None:
    found = find(name, MOST)
    assert found is not None, f"not found in {MOST} schedules"
    assert found.broken.startswith(f"{DEFECTS[name].promise}:")
    # It is the defect, not the schedule: without it all promises are kept.
    whole = guarded(parse(str(found.schedule)))
    assert whole.broken == "", str(found.schedule)


def test_every_promise_has_a_defect() -> None:
    promises = {defect.promise for defect in DEFECTS.values()}
    assert promises == {f"G{number}" for number in range(1, 9)}
