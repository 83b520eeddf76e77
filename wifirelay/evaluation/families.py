# SPDX-License-Identifier: GPL-2.0-or-later
"""The families of worlds by name. `FAMILIES[name](seed, days)` always gives the same world."""

from wifirelay.errors import UsageError
from wifirelay.evaluation.draw import Make
from wifirelay.evaluation.families_away import camp, city, hotel, vehicle
from wifirelay.evaluation.families_home import evil_twin, office, outages
from wifirelay.evaluation.world import World

FAMILIES: dict[str, Make] = {
    "vehicle": vehicle,
    "hotel": hotel,
    "camp": camp,
    "city": city,
    "office": office,
    "outages": outages,
    "evil-twin": evil_twin,
}


def make(family: str, seed: int, days: float) -> World:
    """Raises UsageError for a family that there is not."""
    if family not in FAMILIES:
        raise UsageError(
            f"no family of worlds is called {family}", hint=f"there are {', '.join(FAMILIES)}"
        )
    return FAMILIES[family](seed, days)
