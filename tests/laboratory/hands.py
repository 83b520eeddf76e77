# SPDX-License-Identifier: GPL-2.0-or-later
"""Other hands on the router: the owner in LuCI or in a shell, other programs, other controllers.

What they do takes no time and is theirs by right: `Truth.hands_did` hears of it. Own access
points that the owner takes away are not wifirelay's to bring back.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.laboratory.fault import FOR_GOOD, Fault
from wifirelay.sim.uci import UciFolders, uci

if TYPE_CHECKING:
    from tests.laboratory.experiment import Experiment

_SETTLED = 25.0  # seconds that a reload by hand may hold own access points off the air
OWN = "wireless.wifirelay_radio1"


def _uci(experiment: "Experiment", *lines: str, session: bool = False) -> None:
    """Commands of `uci`; with `session` as LuCI's, which has a save folder of its own."""
    router = experiment.lab.router
    folders = router.folders
    if session:
        save = "/tmp/run/rpcd-session"
        if not router.disk.exists(save):
            router.disk.mkdir(save, 0o700)
        folders = UciFolders(folders.config, save, folders.room, storage=router.disk)
    for line in lines:
        command, _, rest = line.partition(" ")
        uci([command, rest] if rest else [command], b"", folders)
    experiment.truth.hands_did()


def _reload(experiment: "Experiment") -> None:
    router = experiment.lab.router
    router.netifd.reload()
    experiment.promises.excuse(router.now + _SETTLED)


def luci(experiment: "Experiment", _: float) -> None:
    """Save & apply in LuCI: another key for the own access point of radio0."""
    _uci(
        experiment,
        "set wireless.default_radio0.key=another key of mine",
        "commit wireless",
        session=True,
    )
    _reload(experiment)


def luci_own(experiment: "Experiment", _: float) -> None:
    """LuCI writes the uplink's section anew: a description for it."""
    _uci(experiment, f"set {OWN}.ifname=uplink1", "commit wireless", session=True)
    _reload(experiment)


def shell_stages(experiment: "Experiment", _: float) -> None:
    """`uci set` in a shell, and nothing more for now."""
    _uci(experiment, "set wireless.default_radio1.max_inactivity=300")


def shell_stages_elsewhere(experiment: "Experiment", _: float) -> None:
    _uci(experiment, "set network.lan.mtu=1400")


def shell_commits(experiment: "Experiment", _: float) -> None:
    """`uci set`, `uci commit wireless`, `wifi reload`: our staged edits go along."""
    _uci(experiment, "set wireless.default_radio0.wmm=1", "commit wireless")
    _reload(experiment)


def commits_all(experiment: "Experiment", _: float) -> None:
    """A package's installation: `uci commit` of everything."""
    for name in ("wireless", "network", "firewall", "dhcp", "system"):
        _uci(experiment, f"commit {name}")


def deletes_own(experiment: "Experiment", _: float) -> None:
    """The owner deletes the uplink's section."""
    _uci(experiment, f"delete {OWN}", "commit wireless")
    _reload(experiment)


def switches_off(experiment: "Experiment", _: float) -> None:
    """The owner disables the uplink."""
    _uci(experiment, f"set {OWN}.disabled=1", "commit wireless")
    _reload(experiment)


def reverts(experiment: "Experiment", _: float) -> None:
    """`uci revert wireless`, as some guides advise."""
    _uci(experiment, "revert wireless")
    _reload(experiment)


def wifi(experiment: "Experiment", _: float) -> None:
    """Somebody runs `wifi`: every radio is set up anew."""
    router = experiment.lab.router
    router.netifd.reload(force=True)
    experiment.promises.excuse(router.now + _SETTLED)


def removes_interface(experiment: "Experiment", _: float) -> None:
    """The owner removes wwan."""
    _uci(experiment, "delete network.wwan", "commit network")
    _reload(experiment)


def forgets_network(experiment: "Experiment", _: float) -> None:
    """The owner takes the network out of the known ones."""
    experiment.forget_networks()


def travelmate(experiment: "Experiment", _: float) -> None:
    """Another program of this kind is started."""
    disk = experiment.lab.router.disk
    disk.replace("/etc/init.d/travelmate", b"#!/bin/sh /etc/rc.common\nSTART=90\n", 0o755)
    disk.replace("/etc/rc.d/S90travelmate", b"", 0o755)


def second_joins(experiment: "Experiment", _: float) -> None:
    """Another controller begins to join at the same time."""
    second = experiment.lab.controller("another-laptop pid 4711")
    second.run(lambda controller: controller.join())


def second_leaves(experiment: "Experiment", _: float) -> None:
    second = experiment.lab.controller("another-laptop pid 4712")
    second.run(lambda controller: controller.leave())


def second_moves(experiment: "Experiment", _: float) -> None:
    """Another controller moves lan, and nobody confirms it."""
    second = experiment.lab.controller("another-laptop pid 4713")
    second.run(lambda controller: controller.move_lan("192.168.79.1/24"))


def _hand(name: str, apply: "Callable[[Experiment, float], None]") -> Fault:
    return Fault(name, apply, (FOR_GOOD,))


HANDS = {
    fault.name: fault
    for fault in (
        _hand("luci", luci),
        _hand("luci-own", luci_own),
        _hand("shell-stages", shell_stages),
        _hand("shell-stages-elsewhere", shell_stages_elsewhere),
        _hand("shell-commits", shell_commits),
        _hand("commits-all", commits_all),
        _hand("deletes-own", deletes_own),
        _hand("switches-off", switches_off),
        _hand("reverts", reverts),
        _hand("wifi", wifi),
        _hand("removes-interface", removes_interface),
        _hand("forgets-network", forgets_network),
        _hand("travelmate", travelmate),
        _hand("second-joins", second_joins),
        _hand("second-leaves", second_leaves),
        _hand("second-moves", second_moves),
    )
}
