# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to the networks around: gone, without internet, in the router's own subnet."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from wifirelay.sim.air import AccessPoint, Internet

if TYPE_CHECKING:
    from tests.laboratory.experiment import Experiment


def upstream_gone(experiment: "Experiment", seconds: float) -> None:
    """Every network that the owner knows is off."""
    air = experiment.lab.router.air
    known = {network.ssid.raw for network in experiment.lab.known}
    points = [point for point in air.points if point.ssid in known and air.is_on(point)]
    for point in points:
        air.switch_off(point.bssid)

    def back() -> None:
        for point in points:
            air.switch_on(point.bssid)

    experiment.lab.router.timeline.at(seconds, back)


def subnet(experiment: "Experiment", _: float) -> None:
    """The next lease is in the router's own network."""
    _points(experiment, lambda point: replace(point, subnet="192.168.1.0/24"))


def internet_gone(experiment: "Experiment", seconds: float) -> None:
    old = list(experiment.lab.router.air.points)
    _points(experiment, lambda point: replace(point, internet=Internet.NONE))

    def back() -> None:
        experiment.lab.router.air.points[:] = old

    experiment.lab.router.timeline.at(seconds, back)


def _points(experiment: "Experiment", change: Callable[[AccessPoint], AccessPoint]) -> None:
    """What lies behind every network that the owner knows is another thing from now on."""
    air = experiment.lab.router.air
    known = {network.ssid.raw for network in experiment.lab.known}
    air.points[:] = [change(point) if point.ssid in known else point for point in air.points]
