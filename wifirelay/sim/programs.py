# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's programs that are simulated: what each does, and how long it takes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifirelay.sim import devices, internet, ubus
from wifirelay.sim.air import Internet
from wifirelay.sim.blobmsg import text
from wifirelay.sim.jsonfilter import jsonfilter
from wifirelay.sim.scantext import scan_text
from wifirelay.sim.uci import uci
from wifirelay.transport.base import Completed

if TYPE_CHECKING:
    from wifirelay.sim.router import SimRouter


RC_COMMON = "rc.common"  # what runs init scripts


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program printed, and the seconds of router time that it still takes."""

    completed: Completed
    after: float = 0.0


Run = Callable[["SimRouter", Sequence[str], bytes], Answer]


@dataclass(frozen=True, slots=True)
class Program:
    """One simulated program. Arguments come without the program's name."""

    run: Run
    before: Callable[["SimRouter", Sequence[str]], float]  # seconds until its effect
    reads: Callable[[Sequence[str]], bool]  # whether it reads standard input
    flash: bool = False  # may write to flash
    # whether it runs without the router's lock, as it starts scripts that call programs
    apart: Callable[["SimRouter", Sequence[str]], bool] = lambda _, __: False


def _uci(router: "SimRouter", argv: Sequence[str], stdin: bytes) -> Answer:
    return Answer(uci(argv, stdin, router.folders))


def _ubus(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    line = ubus.parse(argv)
    if line is not None and _scan_seconds(router, line) > line.timeout:
        return Answer(ubus.failed(line, ubus.TIMEOUT))
    with router.lock:
        objects = router.objects.all()
    completed = ubus.run(argv, objects, router.send_event)
    reload = "network" in argv and "reload" in argv and completed.rc == 0
    return Answer(completed, router.timings.reload if reload else 0.0)


def _ubus_apart(router: "SimRouter", argv: Sequence[str]) -> bool:
    line = ubus.parse(argv)
    words = line.words if line is not None else ()
    return words[:3] == ("call", "rc", "init") or (
        words[:1] == ("call",) and words[1:2] != () and words[1] in router.plugins.methods
    )


def _ubus_before(router: "SimRouter", argv: Sequence[str]) -> float:
    line = ubus.parse(argv)
    if line is None:
        return router.timings.quick
    return min(_scan_seconds(router, line) or router.timings.quick, line.timeout)


def _scan_seconds(router: "SimRouter", line: ubus.Line) -> float:
    """How long this call scans; 0 for all others."""
    if line.words[:3] == ("call", "iwinfo", "scan") and len(line.words) > 3:
        for name in router.iwinfo.names():
            if f'"{name}"' in line.words[3] and (found := router.iwinfo.find(name)):
                return router.iwinfo.scan_seconds(found)
    return 0.0


def _wifi(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    word = argv[0] if argv else "up"
    if word == "status":
        return Answer(_printed(text(router.netifd.wireless_status())))
    if word in ("reload", "reconf", "up"):
        router.netifd.reload(force=word != "reload")
        return Answer(Completed(0), router.timings.reload)
    if word == "isup":
        return Answer(Completed(0))
    return Answer(Completed(1, err=f"Usage: wifi [config|up|reload|status]: {word}\n".encode()))


def _iwinfo(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    found = router.iwinfo.find(argv[0]) if argv else None
    if found is None:
        name = argv[0] if argv else ""
        return Answer(Completed(1, err=f"No such wireless device: {name}\n".encode()))
    if len(argv) > 1 and argv[1].startswith("s"):
        return Answer(_printed(scan_text(router.iwinfo.hear(found)), end=""))
    return Answer(Completed(0))


def _iwinfo_before(router: "SimRouter", argv: Sequence[str]) -> float:
    found = router.iwinfo.find(argv[0]) if len(argv) > 1 else None
    return router.iwinfo.scan_seconds(found) if found else router.timings.quick


def _iw(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    rc, out, err = devices.iw(list(argv), router.netifd)
    return Answer(Completed(rc, _bytes(out), _bytes(err)))


def _ip(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    rc, out, err = devices.ip(list(argv), router.netifd)
    return Answer(Completed(rc, _bytes(out), _bytes(err)))


def _wpa_cli(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    ifname = argv[argv.index("-i") + 1] if "-i" in argv[:-1] else ""
    found = router.iwinfo.find(ifname)
    if found is None or found.station is None or not found.station.valid:
        message = f"Failed to connect to non-global ctrl_iface: {ifname}\n"
        return Answer(Completed(255, err=_bytes(message)))
    if argv[-1] != "status":
        return Answer(Completed(0, b"OK\n"))
    status = router.objects.station_status(found.station)
    return Answer(_printed("".join(f"{k}={v}\n" for k, v in status.items()), end=""))


def _wpa_supplicant(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    """`-vNAME`: whether it was built with that. Nothing else is asked of the program."""
    name = argv[0][2:] if len(argv) == 1 and argv[0].startswith("-v") else None
    return Answer(Completed(0 if name in router.packages.wpad else 1))


def _logread(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    last, pattern, words = None, "", list(argv)
    while words:
        word = words.pop(0)
        if word[:2] in ("-l", "-e"):
            value = word[2:] or (words.pop(0) if words else "")
            last, pattern = (int(value), pattern) if word[1] == "l" else (last, value)
    return Answer(_printed(router.log.read(last=last, pattern=pattern), end=""))


def _logger(router: "SimRouter", argv: Sequence[str], stdin: bytes) -> Answer:
    tag, priority, words = "root", "user.notice", list(argv)
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if flag == "--":
            break
        if flag in ("-t", "-p") and words:
            value = words.pop(0)
            tag, priority = (value, priority) if flag == "-t" else (tag, value)
    said = " ".join(words) if words else stdin.decode("utf-8", "surrogateescape").rstrip("\n")
    router.log.write(f"{priority} {tag}", said)
    return Answer(Completed(0))


def _jsonfilter(router: "SimRouter", argv: Sequence[str], stdin: bytes) -> Answer:
    return Answer(jsonfilter(argv, stdin, router.root.read))


def _fetch(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    behind = router.behind(ipv4="-4" in argv)
    if behind is not None and behind.internet is Internet.PORTAL:
        forms = [word.partition("=")[2] for word in argv if word.startswith("--post-file=")]
        if forms and internet.lets_through(argv, router.root.read(forms[0]), behind):
            router.air.passed.add(behind.ssid)
            behind = router.behind()
    fetched = internet.fetch(argv, behind, router.timings)
    completed = fetched.completed
    if fetched.target is not None:
        with open(router.root.here(fetched.target), "wb") as file:
            file.write(completed.out)
        completed = Completed(completed.rc, b"", completed.err)
    return Answer(completed, fetched.seconds)


def _nslookup(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    own = len([word for word in argv if not word.startswith("-")]) > 1  # in the uplink's subnet
    return Answer(*internet.nslookup(argv, router.behind(beneath=own), router.timings))


def _ping(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    device = argv[argv.index("-I") + 1] if "-I" in argv[:-1] else ""
    behind = None if router.mute else router.behind(device)
    return Answer(*internet.ping(argv, behind, router.netifd.joined))


def _df(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    return Answer(_printed(router.resources.df(argv), end=""))


def _free(router: "SimRouter", _: Sequence[str], __: bytes) -> Answer:
    return Answer(_printed(router.resources.free()))


def _rc_common(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    """`/etc/init.d/NAME ACTION...`; arguments begin with the name."""
    name, *words = argv
    ended = router.procd.run_init(name, words[0] if words else "help", *words[1:])
    if ended is None:
        return Answer(Completed(127, err=_bytes(f"ash: /etc/init.d/{name}: not found\n")))
    return Answer(ended)


def _opkg(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    return Answer(router.packages.opkg(argv))


def _apk(router: "SimRouter", argv: Sequence[str], _: bytes) -> Answer:
    return Answer(router.packages.apk(argv))


def _uptime(router: "SimRouter", _: Sequence[str], __: bytes) -> Answer:
    minutes = int(router.uptime // 60)
    return Answer(_printed(f" 00:00:00 up {minutes} min,  load average: 0.10, 0.06, 0.05"))


def _cat(router: "SimRouter", argv: Sequence[str], stdin: bytes) -> Answer:
    if not argv:
        return Answer(Completed(0, stdin))
    out, err = b"", b""
    for path in argv:
        try:
            out += router.root.read(path)
        except OSError as error:
            err += _bytes(f"cat: can't open '{path}': {os.strerror(error.errno or 2)}\n")
    return Answer(Completed(1 if err else 0, out, err))


def _sleep(router: "SimRouter", _: Sequence[str], __: bytes) -> Answer:
    del router
    return Answer(Completed(0))


def _reboot(router: "SimRouter", _: Sequence[str], __: bytes) -> Answer:
    router.reboot()
    return Answer(Completed(0))


def _printed(out: str, *, end: str = "\n") -> Completed:
    return Completed(0, _bytes(out + end))


def _bytes(out: str) -> bytes:
    return out.encode("utf-8", "surrogateescape")


def _quick(router: "SimRouter", argv: Sequence[str]) -> float:
    del argv
    return router.timings.quick


def _slept(router: "SimRouter", argv: Sequence[str]) -> float:
    del router
    return sum(float(word.rstrip("s")) for word in argv if word[:1].isdigit())


def _uslept(router: "SimRouter", argv: Sequence[str]) -> float:
    return _slept(router, argv) / 1e6


def _never(argv: Sequence[str]) -> bool:
    del argv
    return False


def _uci_reads(argv: Sequence[str]) -> bool:
    return ("batch" in argv or "import" in argv) and "-f" not in argv


def _jsonfilter_reads(argv: Sequence[str]) -> bool:
    return not any(word[:2] in ("-i", "-s") for word in argv)


def _logger_reads(argv: Sequence[str]) -> bool:
    words = list(argv)
    while words and words[0] in ("-t", "-p"):
        del words[:2]
    return not [word for word in words if word != "--"]


PROGRAMS: dict[str, Program] = {
    "uci": Program(_uci, _quick, _uci_reads, flash=True),
    "ubus": Program(_ubus, _ubus_before, _never, flash=True, apart=_ubus_apart),
    "wifi": Program(_wifi, _quick, _never),
    "iwinfo": Program(_iwinfo, _iwinfo_before, _never),
    "iw": Program(_iw, _quick, _never),
    "wpa_cli": Program(_wpa_cli, _quick, _never),
    "wpa_supplicant": Program(_wpa_supplicant, _quick, _never),
    "logread": Program(_logread, _quick, _never),
    "logger": Program(_logger, _quick, _logger_reads),
    "jsonfilter": Program(_jsonfilter, _quick, _jsonfilter_reads),
    "uclient-fetch": Program(_fetch, _quick, _never),
    "wget": Program(_fetch, _quick, _never),
    "nslookup": Program(_nslookup, _quick, _never),
    "ping": Program(_ping, _quick, _never),
    "ip": Program(_ip, _quick, _never),
    "df": Program(_df, _quick, _never),
    "free": Program(_free, _quick, _never),
    "uptime": Program(_uptime, _quick, _never),
    "sleep": Program(_sleep, _slept, _never),
    "usleep": Program(_sleep, _uslept, _never),
    "reboot": Program(_reboot, _quick, _never),
}
# Those that are called by name alone: not through functions in place of applets.
DIRECT = PROGRAMS | {
    "cat": Program(_cat, _quick, lambda argv: not argv),
    RC_COMMON: Program(_rc_common, _quick, _never, flash=True, apart=lambda _, __: True),
    "opkg": Program(_opkg, _quick, _never),
    "apk": Program(_apk, _quick, _never),
}
