# SPDX-License-Identifier: GPL-2.0-or-later
"""What is being done while things go wrong: by a person, or by the service."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from tests.laboratory.lab import DEADLINE, Controller
from tests.unattended import Told
from wifirelay.change.setup import look, prepare
from wifirelay.config.model import Settings
from wifirelay.core.known import FixedAddress, KnownNetwork, Relay, Vpn
from wifirelay.service.loop import Service
from wifirelay.service.signals import Wishes
from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.sim.configs import AP_KEY
from wifirelay.sim.uci import uci
from wifirelay.uci.edits import batch
from wifirelay.values import Secret, Ssid

if TYPE_CHECKING:
    from tests.laboratory.experiment import Experiment

FLASH = Relay(deadline=DEADLINE)
OLD, NEW, OTHER = "192.168.1.1", "192.168.77.1", "192.168.78.1"  # addresses of lan
SERVED = 900.0  # seconds
FIXED = FixedAddress("10.10.1.20/24", "10.10.1.1", ("10.10.1.1",))  # in front of DeadDhcp
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
    next: Callable[[Controller], Any] | None = None  # instead of a join, when everything is over

    def secrets(self, known: tuple[KnownNetwork, ...]) -> tuple[str, ...]:
        """Every key of this world."""
        keys = [network.key.reveal() for network in known if network.key is not None]
        return (AP_KEY, "another key of mine", *keys)

    def jitter(self, seed: int) -> float:
        """How unsteady the router's processes are with this seed; 0: not at all."""
        return 0.0 if seed == 0 else Random(f"jitter {seed}").choice((0.0, 1.0, 10.0, 60.0))

    def afterwards(self, controller: Controller) -> Any:
        """What the owner does when everything is over: it has to work."""
        if self.next is not None:
            return self.next(controller)
        known = controller.lab.known
        if not any(self.works in (None, each.ssid.text) for each in known):
            return None  # the owner has taken it off the list
        return controller.join(self.works)

    def broken_for_good(self, experiment: "Experiment") -> bool:
        """Whether other hands have left nothing that wifirelay could go on with."""
        return not experiment.truth.set_up()

    def excuses(self, experiment: "Experiment", text: str) -> bool:
        """Whether the next start may refuse: others' edits are staged, and it says so."""
        truth = experiment.truth
        return "somebody" in text and (truth.staged_by_hands() or truth.lan.by_hands)

    def untrue(self, experiment: "Experiment") -> str:
        """What the controller said of its end, where that is not how it is."""
        said, lan = experiment.controller, experiment.router.lan
        if said.ended == "Moved":
            true = said.result.address == lan
        elif said.ended == "TrialFailed" and "taken back" in said.text:
            true = lan != NEW
        else:
            true = "all the same" not in said.text or lan == NEW
        return (
            ""
            if true or experiment.truth.lan.overtaken
            else f"it said: {said.ended} {said.text}, and lan is {lan}"
        )


def join(controller: Controller) -> Any:
    return controller.join()


def to_home(controller: Controller) -> Any:
    return controller.join("HomeNet")


def wrong_key(controller: Controller) -> Any:
    return controller.join("WrongKey")


def fixed(controller: Controller) -> Any:
    return controller.join("DeadDhcp")


def leave(controller: Controller) -> Any:
    return controller.leave()


def move(controller: Controller) -> Any:
    return controller.move_lan(f"{NEW}/24", controller.link.to)


def move_alone(controller: Controller) -> Any:
    return controller.move_lan(f"{NEW}/24")


def move_elsewhere(controller: Controller) -> Any:
    """Who tries to confirm it comes to the router by another address."""
    return controller.move_lan(f"{NEW}/24", lambda _: controller.link.to(None))


def move_on(controller: Controller) -> Any:
    return controller.move_lan(f"{OTHER}/24", controller.link.to)


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


def _behind_lan(experiment: "Experiment") -> None:
    """Whoever moves lan is one of its clients."""
    experiment.controller.link.at = OLD


def _behind_lan_online(experiment: "Experiment") -> None:
    _joined(experiment)
    _behind_lan(experiment)


def _with_an_address(experiment: "Experiment") -> None:
    """A network without DHCP has one for us, and `setup` has made the interface for it."""
    lab = experiment.lab
    lab.known = tuple(
        replace(each, fixed=FIXED) if each.ssid.text == "DeadDhcp" else each for each in lab.known
    )
    _set_up(experiment)


def _past_the_switch(experiment: "Experiment") -> None:
    """`setup` has written the kill-switch, and the network goes and comes."""
    _set_up(experiment)
    _comes_and_goes(experiment)


def _set_up(experiment: "Experiment") -> None:
    """What `setup` writes for what is configured is on flash, and in use."""
    lab, router = experiment.lab, experiment.router
    first = lab.controller("before pid 1")

    def edits(controller: Controller) -> Any:
        return prepare(look(controller.link, lab.relay), lab.relay, lab.known, "", tidy=True)[1]

    lab.run(first, edits, 60.0)
    if not first.result:
        raise AssertionError(f"the scenario's own setup failed: {first.text}")
    commits = "".join(f"commit {name}\n" for name in {edit.package for edit in first.result})
    uci(["-q", "batch"], batch(first.result) + commits.encode(), router.folders)
    router.netifd.reload()


def _behind_a_page(experiment: "Experiment") -> None:
    """After five minutes there is a login page; five minutes later somebody has logged in."""
    router = experiment.router
    experiment.controller.endless = True
    points = list(router.air.points)

    def becomes(new: list[AccessPoint]) -> None:
        now = {point.bssid: point for point in new}
        router.air.points[:] = new
        for wireless in router.netifd.radios.values():
            if (station := wireless.station) is not None and station.point is not None:
                station.point = now[station.point.bssid]
        for interface in router.interfaces.all.values():
            if interface.lease is not None:
                interface.lease.point = now[interface.lease.point.bssid]

    page = [replace(point, internet=Internet.PORTAL) for point in points]
    router.timeline.at(300.0, lambda: becomes(page))
    router.timeline.at(600.0, lambda: becomes(points))
    experiment.lasting = router.now + 600.0


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
    "move": Scenario("home", move, prepare=_behind_lan, next=move_on),
    "move-alone": Scenario("home", move_alone, prepare=_behind_lan, next=move_on),
    "move-online": Scenario("home", move, prepare=_behind_lan_online, next=move_on),
    "move-elsewhere": Scenario("home", move_elsewhere, prepare=_behind_lan, next=move_on),
    "fixed": Scenario("broken", fixed, prepare=_with_an_address, works="DeadDhcp"),
    "service-vpn": Scenario(
        "home",
        serve,
        Relay(deadline=DEADLINE, vpn=Vpn("wg0", only=True)),
        prepare=_past_the_switch,
        lasts=SERVED,
    ),
    "service-portal": Scenario("home", serve, prepare=_behind_a_page, lasts=SERVED),
    "service": Scenario("home", serve, prepare=_comes_and_goes, lasts=SERVED),
}
