# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the internet work from the router? HTTP probes whose body is checked.

`uclient-fetch` is in every image since 17.01. It follows redirects, so a portal shows as
another body, or as an error after an https redirect that it cannot follow; without `-q` it tells
where it was sent to.
"""

import ipaddress
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from wifirelay.errors import DeadlineExceeded, TooLong
from wifirelay.router.portal import login_url
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.transport.base import Command, Completed, Transport

PROBE_TIMEOUT = 5  # seconds, for one probe
_LIMIT = PROBE_TIMEOUT + 5.0
_MOST = 65536  # bytes; the pages that are asked for have less than 30
CLAT_DEVICE = "464-"  # how the name of 464XLAT's begins (464xlat.sh)
NO_ANSWER = Completed(124)  # of a probe that was ended at its deadline, as `timeout` says it


@dataclass(frozen=True, slots=True)
class Probe:
    """A page whose content everybody knows, by one provider."""

    url: str
    body: bytes  # exactly this, but for blanks around it

    @property
    def host(self) -> str:
        return self.url.split("/")[2]


# Two providers, so that one's outage is not mistaken for "no internet".
PROBES = (
    Probe("http://detectportal.firefox.com/success.txt", b"success"),
    Probe("http://nmcheck.gnome.org/check_network_status.txt", b"NetworkManager is online"),
)

PINGED = ("9.9.9.9", "1.1.1.1")  # public name servers of two providers that answer pings
_DOCUMENTATION = ipaddress.ip_network("198.51.100.0/24")  # RFC 5737


def probe(
    transport: Transport, device: str, dns: tuple[str, ...], *, other_route: str | None = None
) -> Internet:
    """Ask the probes' pages, one after another until one settles it.

    `device` is the uplink's, `dns` its own name servers. With none of the pages to be had
    the servers are asked directly, and a well-known address is pinged: that tells dead or
    filtered names from a dead line. `other_route` names an interface whose default route
    goes before the uplink's: a fetch would not go through the uplink then, and only the
    ping, which is bound to `device`, says anything.

    What answers may be anybody's: an answer that does not end, in time or in length, says
    something of the network and nothing of the router. Raises as `Transport.run` does when
    the router itself does not answer.
    """
    if other_route is not None:
        if any(_asked(transport, [ping(address, device)])[0].rc == 0 for address in PINGED):
            return Internet(
                Verdict.ONLINE,
                f"an address beyond it answers ({other_route} has the default route: no page "
                "was fetched through the uplink)",
            )
        return Internet(Verdict.OFFLINE, "no address beyond it answers")
    for each in PROBES:
        verdict = _fetched(transport, each, device)
        if verdict is not None:
            return verdict
    servers = dns[:2]
    answers = _asked(
        transport,
        [lookup(PROBES[0].host, server) for server in servers] + [ping(a, device) for a in PINGED],
    )
    names = [resolved(answer) for answer in answers[: len(servers)]]
    reached = any(answer.rc == 0 for answer in answers[len(servers) :])
    if Names.RIGHT in names or not reached:
        return Internet(Verdict.OFFLINE, "no probe page answers, nor does an address beyond it")
    if not servers:
        return Internet(Verdict.NO_DNS, "the network gave no name server")
    what = "answers falsely" if Names.FALSE in names else "resolves nothing"
    return Internet(Verdict.NO_DNS, f"its name server {servers[0]} {what}")


def _fetched(transport: Transport, page: Probe, device: str) -> Internet | None:
    """What one page settles. `-T` is for silence: a page that trickles ends at the deadline."""
    try:
        return judge(page, transport.run(fetch(page, device)))
    except TooLong:
        why = f"something endless answers for {page.host}: not the page"
        return Internet(Verdict.PORTAL, why, page.url)
    except DeadlineExceeded:
        still_there(transport)
        return judge(page, NO_ANSWER)


def _asked(transport: Transport, commands: Sequence[Command]) -> tuple[Completed, ...]:
    """The answers, or none at all when they do not end."""
    try:
        return transport.run_all(commands)
    except TooLong:
        return (NO_ANSWER,) * len(commands)
    except DeadlineExceeded:
        still_there(transport)
        return (NO_ANSWER,) * len(commands)


def still_there(transport: Transport) -> None:
    """A deadline may be the link's that stalls, not the probe's: raises as `run` does then."""
    transport.run(Command(("true",)))


def fetch(page: Probe, device: str = "") -> Command:
    """Through 464XLAT's device by IPv4: else the page would come by IPv6, which is not what is to
    be proved."""
    family = ("-4",) if device.startswith(CLAT_DEVICE) else ()
    argv = ("uclient-fetch", *family, "-T", str(PROBE_TIMEOUT), "-O", "-", page.url)
    return Command(argv, deadline=_LIMIT, most=_MOST)


def lookup(host: str, server: str) -> Command:
    return Command(("nslookup", host, server), deadline=_LIMIT, most=_MOST)


def ping(address: str, device: str) -> Command:
    argv = ("ping", "-c", "1", "-W", "3", "-I", device, address)
    return Command(argv, deadline=8.0, most=_MOST)


def judge(page: Probe, completed: Completed) -> Internet | None:
    """What one probe settles; None when it got no answer at all."""
    if completed.rc == 0 and completed.out.strip() == page.body:
        return Internet(Verdict.ONLINE, f"{page.host} answered as it should")
    # uclient-fetch: 5 is a refused certificate, 8 an HTTP error: somebody answered.
    if completed.rc in (5, 8) or (completed.rc == 0 and completed.out.strip()):
        why = f"something else answers for {page.host}"
        if completed.rc:
            why = f"{page.host} was answered with an error"
        return Internet(Verdict.PORTAL, f"{why}: a login page?", login_url(page.url, completed))
    return None


class Names(str, Enum):
    """What a name server does with a name that everybody knows."""

    RIGHT = "right"
    FALSE = "false"  # filtered: an address that no public page has
    DEAD = "dead"


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def addresses(completed: Completed) -> tuple[Address, ...]:
    """By busybox's `nslookup`: those after the server's own lines."""
    _, _, answer = completed.text.partition("\n\n")
    found = []
    for text in re.findall(r"^Address(?: \d+)?:\s*([0-9A-Fa-f.:]+)", answer, re.MULTILINE):
        with suppress(ValueError):
            found.append(ipaddress.ip_address(text))
    return tuple(found) if completed.rc == 0 else ()


def resolved(completed: Completed) -> Names:
    """What its answer makes of the name server."""
    found = addresses(completed)
    if not found:
        return Names.DEAD
    return Names.RIGHT if any(map(public, found)) else Names.FALSE


def public(address: Address) -> bool:
    """Whether it is one that the whole world may have."""
    # Documentation ranges are where tests have their internet; no filter answers with them.
    private = address.is_private and address not in _DOCUMENTATION
    return not (private or address.is_unspecified or address.is_loopback)
