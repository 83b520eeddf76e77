# SPDX-License-Identifier: GPL-2.0-or-later
"""The internet behind the uplink, as `uclient-fetch`, `nslookup` and `ping` find it.

Knows four well-known probe URLs and what each should answer, and how a portal, a dead
resolver and a filtering one look from a router.
"""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wifirelay.sim import captive
from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.sim.devices import STATION_LINK
from wifirelay.sim.timings import Timings
from wifirelay.transport.base import Completed

PROBES = {
    "detectportal.firefox.com/success.txt": "success\n",
    "connectivitycheck.gstatic.com/generate_204": "",
    "captive.apple.com/hotspot-detect.html": (
        "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
    ),
    "nmcheck.gnome.org/check_network_status.txt": "NetworkManager is online\n",
}
_HOUR = 3600.0  # seconds that a page takes which trickles
_FLOOD = 1_000_000  # bytes of what is not read to its end
_USAGE = b"Usage: uclient-fetch [options] <URL>\n\t--header='Header: value'\tAdd HTTP header\n"
ALL_ROUTERS = "ff02::2"  # of one link
_ADDRESS = "198.51.100.7"  # RFC 5737: of every name


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one fetch gave, how long it took (seconds), and where it is to be written."""

    completed: Completed
    seconds: float
    target: str | None = None


def fetch(argv: Sequence[str], behind: AccessPoint | None, timings: Timings) -> Fetched:
    """`uclient-fetch [-q] [-T N] [-O FILE|-] URL` (also wget's name for it)."""
    quiet, limit, target, url = False, 30.0, None, ""
    words = list(argv)
    while words:
        word = words.pop(0)
        if word in ("-T", "-O") and words:
            value = words.pop(0)
            limit, target = (float(value), target) if word == "-T" else (limit, value)
        elif word.startswith("--timeout="):
            limit = float(word.partition("=")[2])
        elif word.startswith(("-T", "-O")):
            limit, target = (
                (float(word[2:]), target) if word.startswith("-T") else (limit, word[2:])
            )
        elif word in ("-q", "-qO-", "-qO"):
            quiet = True
            target = "-" if word == "-qO-" else words.pop(0) if word == "-qO" else target
        elif not word.startswith("-"):
            url = word
    host, _, path = url.partition("://")[2].partition("/")
    if not host:
        return Fetched(Completed(1, err=_USAGE), timings.quick)
    api = captive.answer(url, behind) if behind is not None else None
    answer = api if api is not None else _get(host, path, behind, limit, timings)
    if isinstance(answer, Fetched):
        return answer
    if target is None:
        target = path.rpartition("/")[2] or "index.html"
    notes = "" if quiet else f"Downloading '{url}'\nConnecting to {_ADDRESS}:80\n"
    if not quiet and behind is not None and behind.internet is Internet.PORTAL:
        notes += f"Redirected to /login?from={host} on {_portal(behind)}\n"
    if target == "-":
        return Fetched(Completed(0, answer.encode(), notes.encode()), timings.fetch)
    return Fetched(Completed(0, answer.encode(), notes.encode()), timings.fetch, target)


def _get(
    host: str, path: str, behind: AccessPoint | None, limit: float, timings: Timings
) -> str | Fetched:
    unresolved = Completed(4, err=b"Failed to send request: Operation not permitted\n")
    timed_out = Completed(4, err=b"Connection error: Connection timed out\n")
    literal = _is_address(host.partition(":")[0])
    if behind is None:
        return Fetched(unresolved, timings.quick)
    kind = behind.internet
    if kind is Internet.NONE:
        return Fetched(timed_out, limit)
    if kind is Internet.TRICKLE:  # `-T` is for silence
        return Fetched(Completed(0, b"su"), _HOUR)
    if kind is Internet.FLOOD:
        return "x" * _FLOOD
    if kind is Internet.PORTAL:
        login = f"http://{_portal(behind)}/login"
        return (
            f'<html><head><meta http-equiv="refresh" content="0; url={login}">'
            f'<title>Login</title></head><body><a href="{login}">Log in</a></body></html>\n'
        )
    if not literal and kind is Internet.DNS_DEAD:
        return Fetched(unresolved, min(limit, timings.fetch))
    if not literal and kind is Internet.DNS_FILTERED:
        return Fetched(Completed(4, err=b"Connection error: Connection failed\n"), timings.quick)
    known = PROBES.get(f"{host}/{path}")
    return known if known is not None else "<html><body>It works</body></html>\n"


def _portal(behind: AccessPoint) -> str:
    return behind.portal or behind.gateway


def lets_through(argv: Sequence[str], form: bytes, behind: AccessPoint) -> bool:
    """Whether this is the form that opens the login page, sent to it."""
    page = f"://{_portal(behind)}/login"
    return bool(behind.login) and form == behind.login.encode() and page in argv[-1]


def named(host: str, behind: AccessPoint | None) -> str | None:
    """The address that the upstream's name server gives for a name."""
    if behind is None or behind.internet in (Internet.NONE, Internet.DNS_DEAD):
        return None
    if behind.internet is Internet.DNS_FILTERED:
        return "0.0.0.0"  # noqa: S104
    return behind.gateway if behind.portal and host == behind.portal else _ADDRESS


def nslookup(
    argv: Sequence[str], behind: AccessPoint | None, timings: Timings
) -> tuple[Completed, float]:
    """`nslookup NAME [SERVER]` of busybox: the answer and the seconds it took."""
    words = [word for word in argv if not word.startswith("-")]
    if not words:
        return Completed(1, err=b"Usage: nslookup HOST [DNS_SERVER]\n"), timings.quick
    server = words[1] if len(words) > 1 else behind.gateway if behind else "127.0.0.1"
    head = f"Server:\t\t{server}\nAddress:\t{server}:53\n\n"
    address = named(words[0], behind)
    if address is None:
        text = ";; connection timed out; no servers could be reached\n\n"
        return Completed(1, text.encode()), timings.dns_timeout
    text = f"{head}Non-authoritative answer:\nName:\t{words[0]}\nAddress: {address}\n\n"
    return Completed(0, text.encode()), timings.quick


def ping(
    argv: Sequence[str],
    behind: AccessPoint | None,
    joined: Callable[[str], AccessPoint | None] = lambda _: None,
) -> tuple[Completed, float]:
    """`ping -c N -W N HOST`: only gateways and the world answer. `joined`: the access point that
    a station's interface is associated with."""
    if argv and argv[-1].startswith(ALL_ROUTERS):
        return _ping_routers(argv[-1], joined(argv[-1].partition("%")[2]))
    count, wait, host = 1, 1.0, ""
    words = list(argv)
    while words:
        word = words.pop(0)
        if word in ("-c", "-W", "-w", "-s", "-I") and words:
            value = words.pop(0)
            if word == "-c":
                count = int(value)
            elif word in ("-W", "-w"):
                wait = float(value)
        elif not word.startswith("-"):
            host = word
    own = behind is not None and host == behind.gateway
    world = behind is not None and behind.internet in (
        Internet.OK,
        Internet.DNS_DEAD,
        Internet.DNS_FILTERED,
        Internet.TRICKLE,
        Internet.FLOOD,
    )
    answered = behind is not None and bool(behind.bssid) and (own or world)
    received = count if answered else 0
    loss = 0 if answered else 100
    text = (
        f"PING {host} ({host}): 56 data bytes\n\n--- {host} ping statistics ---\n"
        f"{count} packets transmitted, {received} packets received, {loss}% packet loss\n"
    )
    seconds = (count - 1) * 1.0 + (0.01 if answered else wait)
    return Completed(0 if answered else 1, text.encode()), seconds


def _ping_routers(host: str, point: AccessPoint | None) -> tuple[Completed, float]:
    """`ping -6 -c 2 ff02::2%NAME`: this router is in that group as well, and answers first."""
    if point is None:
        return Completed(1, err=b"ping: sendto: Network unreachable\n"), 0.01
    head = f"PING {host} ({host}): 56 data bytes\n"
    lines = [head, f"64 bytes from {STATION_LINK}: seq=0 ttl=64 time=0.121 ms\n"]
    if point.ipv6:
        lines.append("64 bytes from fe80::1: seq=0 ttl=64 time=2.310 ms (DUP!)\n")
    lines.append(f"64 bytes from {STATION_LINK}: seq=1 ttl=64 time=0.118 ms\n")
    return Completed(0, "".join(lines).encode()), 1.0


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
