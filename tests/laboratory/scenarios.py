# SPDX-License-Identifier: GPL-2.0-or-later
"""What is being done while things go wrong: by a person, or by the service."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from tests.laboratory.lab import DEADLINE, Controller
from tests.unattended import Told
from wifirelay.config.model import Settings
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.service.loop import Service
from wifirelay.service.signals import Wishes
from wifirelay.sim.configs import AP_KEY
from wifirelay.values import Secret, Ssid

if TYPE_CHECKING:
    from tests.laboratory.experiment import Experiment

FLASH = Relay(deadline=DEADLINE)
SERVED = 900.0  # seconds
SESSION = Relay(deadline=DEADLINE, keep_on_flash=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`work` is the controller's; `prepare` brings the router to where it begins."""

    world: str
    work: Callable[[Controller], Any]
    relay: Relay = FLASH
    prepare: Callable[["Experiment"], None] = lambda _: None
    lasts: float = 0.0  # seconds that it works at least
    works: str | None = None  # the network that can be joined when everything is over

    def secrets(self, known: tuple[KnownNetwork, ...]) -> tuple[str, ...]:
        """Every key of this world."""
        keys = [network.key.reveal() for network in known if network.key is not None]
        return (AP_KEY, "another key of mine", *keys)

    def jitter(self, seed: int) -> float:
        """How unsteady the router's processes are with this seed; 0: not at all."""
        return 0.0 if seed == 0 else Random(f"jitter {seed}").choice((0.0, 1.0, 10.0, 60.0))

    def afterwards(self, controller: Controller) -> Any:
        """What the owner does when everything is over: it has to work."""
        known = controller.lab.known
        if not any(self.works in (None, each.ssid.text) for each in known):
            return None  # the owner has taken it off the list
        return controller.join(self.works)

    def broken_for_good(self, experiment: "Experiment") -> bool:
        """Whether other hands have left nothing that wifirelay could go on with."""
        return not experiment.truth.set_up()

    def excuses(self, experiment: "Experiment", text: str) -> bool:
        """Whether the next start may refuse: others' edits are staged, and it says so."""
        return "somebody" in text and bool(experiment.truth.staged_by_hands())


def join(controller: Controller) -> Any:
    return controller.join()


def to_home(controller: Controller) -> Any:
    return controller.join("HomeNet")


def wrong_key(controller: Controller) -> Any:
    return controller.join("WrongKey")


def leave(controller: Controller) -> Any:
    return controller.leave()


def serve(controller: Controller, seconds: float = SERVED) -> Any:
    """The service, for a quarter of an hour in which its network goes and comes."""
    lab = controller.lab
    settings = Settings(relay=lab.relay, networks=lab.known)
    told = Told()
    told.event = lambda event: controller.told.append(event.text)  # type: ignore[method-assign]
    told.progress = controller.report  # type: ignore[method-assign]
    wishes = Wishes()
    try:
        service = controller.service = Service(
            controller.link, controller.clock, lambda: settings, wishes, told, controller.name, told
        )
        service.run(seconds)
    finally:
        wishes.close()
    return None


def _joined(experiment: "Experiment") -> None:
    """An uplink to Phone works; HomeNet is there as well, and better."""
    lab = experiment.lab
    first = lab.controller("before pid 1")
    lab.run(first, lambda controller: controller.join("Phone"), 120.0)
    if first.ended != "Joined":
        raise AssertionError(f"the scenario's own join failed: {first.text}")


def _comes_and_goes(experiment: "Experiment") -> None:
    router = experiment.router
    experiment.controller.endless = True
    router.timeline.at(300.0, lambda: router.air.switch_off("HomeNet"))
    router.timeline.at(600.0, lambda: router.air.switch_on("HomeNet"))
    # a service that is gone by then has left its router to the sentry
    experiment.lasting = router.now + 600.0


def _evil_names(experiment: "Experiment") -> None:
    """The owner's networks have names that a shell, or `uci`, would stumble over."""
    evil = (b"$(reboot)", b"'; reboot; '", b"a'b")
    networks = (KnownNetwork(Ssid(name), Secret("evil evil"), priority=9) for name in evil)
    experiment.lab.known = (*experiment.lab.known, *networks)


SCENARIOS = {
    "join": Scenario("home", join),
    "session": Scenario("home", join, SESSION),
    "wrong-key": Scenario("broken", wrong_key, works="Works"),
    "switch": Scenario("home", to_home, prepare=_joined),
    "switch-session": Scenario("home", to_home, SESSION, prepare=_joined),
    "leave": Scenario("home", leave, prepare=_joined),
    "hostile": Scenario("hostile", join, prepare=_evil_names),
    "service": Scenario("home", serve, prepare=_comes_and_goes, lasts=SERVED),
}
