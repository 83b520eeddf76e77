# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to a router: its power, its daemons, its radios, its memory.

One that holds own access points off the air whatever anybody does says so to the promises.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wifirelay.transport.base import Completed

if TYPE_CHECKING:
    from tests.laboratory.experiment import Experiment

_AFTER = 25.0  # seconds that a reload takes when it met another one
_SENTRY = 5.0 + 50.0 + _AFTER  # started again, 45 s of darkness seen again, its reload
YEARS = 3 * 365 * 86400.0


def power(experiment: "Experiment", seconds: float) -> None:
    experiment.lab.router.power_cut(seconds)


def reboot(experiment: "Experiment", _: float) -> None:
    experiment.lab.router.reboot()


def oom(experiment: "Experiment", _: float) -> None:
    """The kernel kills the script that runs now."""
    hub = experiment.lab.router.hub
    hub.kill_all(lambda process: process.origin == "command")


def rpcd(experiment: "Experiment", seconds: float) -> None:
    """rpcd is restarted: its objects are gone for a while."""
    gone = ("uci", "iwinfo", "rc", "file", "session", "luci")
    _ubus_fails(experiment, seconds, lambda words: bool(words) and words[0] in gone, 4)


def netifd(experiment: "Experiment", seconds: float) -> None:
    """netifd is restarted: everything wireless is set up anew, by what is staged."""
    router = experiment.lab.router
    router.netifd.stop()
    for section in list(router.netifd.outages):
        router.netifd.on_air(section, on=False)
    experiment.promises.excuse(router.now + seconds + router.timings.boot_ap_on)
    boots = router.boots

    def back() -> None:
        if router.boots == boots and router.powered and not router.netifd.running:
            router.netifd.boot()

    router.timeline.at(seconds, back)


def reload_fails(experiment: "Experiment", seconds: float) -> None:
    _broken(experiment, "wifi", seconds, lambda _: Completed(1, err=b"Command failed\n"))
    experiment.promises.excuse(experiment.lab.now + seconds)


def reload_hangs(experiment: "Experiment", seconds: float) -> None:
    """`wifi reload` does not come back before that."""
    router = experiment.lab.router
    end = router.now + seconds

    def wait(_: Sequence[str]) -> Completed | None:
        router.hub.sleep(max(end - router.now, 0.0))
        return None

    _broken(experiment, "wifi", seconds, wait)
    experiment.promises.excuse(end)


def radio_gone(experiment: "Experiment", seconds: float) -> None:
    """A USB radio falls out, and comes back."""
    router = experiment.lab.router
    wireless = router.netifd.radios.pop("radio1", None)
    if wireless is None:
        return
    wireless.stop()
    router.netifd.on_air("default_radio1", on=False)
    experiment.promises.excuse(router.now + seconds + _AFTER)

    def back() -> None:
        router.netifd.radios["radio1"] = wireless
        if router.netifd.running:
            for each, options, wanted in router.netifd._wireless_config():
                if each is wireless:
                    wireless.boot(options, wanted)

    router.timeline.at(seconds, back)


def ap_stuck(experiment: "Experiment", seconds: float) -> None:
    """Own access points do not come back beside a station."""
    router = experiment.lab.router
    end = router.now + seconds
    for wireless in router.netifd.radios.values():
        start = type(wireless)._aps_on

        def held(channel: object = None, wireless=wireless, start=start) -> None:  # type: ignore[no-untyped-def]
            if router.now >= end or wireless.station is None:
                start(wireless, channel)

        wireless._aps_on = held  # type: ignore[method-assign]


def scan_busy(experiment: "Experiment", seconds: float) -> None:
    _scans(experiment, seconds, Completed(0, b'{\n\t"results": [\n\t\t\n\t]\n}\n'))


def scan_fails(experiment: "Experiment", seconds: float) -> None:
    _scans(experiment, seconds, Completed(255, err=b"Command failed: No response\n"))


def scan_garbage(experiment: "Experiment", seconds: float) -> None:
    _scans(experiment, seconds, Completed(0, b'{"results":[{"ssid":7,"bssid":null},"\xff'))


def ram_full(experiment: "Experiment", seconds: float) -> None:
    _fill(experiment, "ram", seconds)
    experiment.promises.excuse(experiment.lab.now + seconds + _SENTRY)


def flash_full(experiment: "Experiment", seconds: float) -> None:
    _fill(experiment, "flash", seconds)


def flash_read_only(experiment: "Experiment", seconds: float) -> None:
    disk = experiment.lab.router.disk
    disk.read_only.add("flash")
    experiment.lab.router.timeline.at(seconds, lambda: disk.read_only.discard("flash"))


def table_full(experiment: "Experiment", seconds: float) -> None:
    """No process can be started."""
    router = experiment.lab.router
    router.table_full = True

    def over() -> None:
        router.table_full = False

    router.timeline.at(seconds, over)
    experiment.promises.excuse(router.now + seconds + _SENTRY)


def clock(experiment: "Experiment", seconds: float) -> None:
    """The time of day jumps by years: back, then forth again."""
    router = experiment.lab.router
    router.skew = -YEARS if router.skew == 0.0 else 0.0
    del seconds


def sentry_killed(experiment: "Experiment", _: float) -> None:
    experiment.lab.router.services.kill_sentry()
    experiment.promises.excuse(experiment.lab.now + _SENTRY)


def sentry_hangs(experiment: "Experiment", seconds: float) -> None:
    router = experiment.lab.router
    router.services.hang_sentry()
    router.timeline.at(seconds, router.services.free_sentry)
    experiment.promises.excuse(experiment.lab.now + seconds + _SENTRY)


def _broken(
    experiment: "Experiment",
    name: str,
    seconds: float,
    answer: Callable[[Sequence[str]], Completed | None],
) -> None:
    """A program answers this for so long; None: it works after all."""
    router = experiment.lab.router
    router.faults[name] = answer

    def over() -> None:
        if router.faults.get(name) is answer:
            del router.faults[name]

    router.timeline.at(seconds, over)


def _ubus_fails(
    experiment: "Experiment",
    seconds: float,
    concerned: Callable[[Sequence[str]], bool],
    code: int,
) -> None:
    def answer(argv: Sequence[str]) -> Completed | None:
        words = list(argv[argv.index("call") + 1 :]) if "call" in argv else []
        return Completed(code) if concerned(words) else None

    _broken(experiment, "ubus", seconds, answer)


def _scans(experiment: "Experiment", seconds: float, said: Completed) -> None:
    def answer(argv: Sequence[str]) -> Completed | None:
        return said if "iwinfo" in argv and "scan" in argv else None

    _broken(experiment, "ubus", seconds, answer)


def _fill(experiment: "Experiment", where: str, seconds: float) -> None:
    disk = experiment.lab.router.disk
    disk.fill(where)
    experiment.lab.router.timeline.at(seconds, lambda: disk.full.pop(where, None))
