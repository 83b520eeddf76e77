# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to a controller and its link."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.laboratory.experiment import Experiment


def kill(experiment: "Experiment", _: float) -> None:
    experiment.controller.die()


def crash(experiment: "Experiment", _: float) -> None:
    """A bug: an exception that nobody expects."""
    experiment.controller.fail(ZeroDivisionError("a bug"))


def interrupt(experiment: "Experiment", _: float) -> None:
    experiment.controller.fail(KeyboardInterrupt())


def hang(experiment: "Experiment", seconds: float) -> None:
    """SIGSTOP, and SIGCONT later: a laptop that sleeps."""
    controller, lab = experiment.controller, experiment.lab
    process = controller.process
    if process is not None and not process.ended:
        lab.router.hub.stop(process)
        controller.stopped_until = lab.now + seconds
        lab.router.timeline.at(seconds, lambda: lab.router.hub.let(process))


# the link


def cut(experiment: "Experiment", seconds: float) -> None:
    experiment.controller.link.cut(seconds)


def silence(experiment: "Experiment", seconds: float) -> None:
    """Connected, and no answer comes."""
    link = experiment.controller.link
    link.silent_until = max(link.silent_until, experiment.lab.now + seconds)


def half(experiment: "Experiment", _: float) -> None:
    experiment.controller.link.half += 1


def late(experiment: "Experiment", seconds: float) -> None:
    experiment.controller.link.late = seconds


def again(experiment: "Experiment", seconds: float) -> None:
    """The last script arrives once more, later: a repeated packet, a queue that woke up."""
    last, router = experiment.last_script, experiment.lab.router
    if last is not None:
        command, at = last

        def repeat() -> None:
            if router.reachable and at in (None, router.lan):
                router.start(command.argv, command.stdin, "command", at)

        router.timeline.at(seconds, repeat)
