# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the internet work from the router? HTTP probes whose body is checked.

`uclient-fetch` is in every image since 17.01. It follows redirects, so a portal shows as
another body, or as an error after an https redirect that it cannot follow.
"""

from dataclasses import dataclass
from enum import Enum

from wifirelay.transport.base import Command, Completed, Transport

PROBE_TIMEOUT = 5  # seconds, for one probe
_LIMIT = PROBE_TIMEOUT + 5.0


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


class Verdict(str, Enum):
    ONLINE = "online"
    PORTAL = "portal"  # something else answers in the page's place
    NO_DNS = "no-dns"  # the uplink's name servers answer nothing, or nothing useful
    OFFLINE = "offline"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Internet:
    verdict: Verdict
    why: str


def probe(transport: Transport, dns: tuple[str, ...]) -> Internet:
    """Ask the probes' pages, one after another until one settles it.

    `dns` are the uplink's own name servers: with none of the pages to be had they are
    asked directly, which tells dead names from a dead line.
    """
    for each in PROBES:
        verdict = judge(each, transport.run(fetch(each)))
        if verdict is not None:
            return verdict
    if not dns:
        return Internet(Verdict.NO_DNS, "the network gave no name server")
    answers = transport.run_all([lookup(PROBES[0].host, server) for server in dns[:2]])
    if any(resolved(answer) for answer in answers):
        return Internet(Verdict.OFFLINE, "names resolve, but no probe page answers")
    return Internet(Verdict.NO_DNS, f"its name server {dns[0]} resolves nothing")


def fetch(page: Probe) -> Command:
    return Command(
        ("uclient-fetch", "-q", "-T", str(PROBE_TIMEOUT), "-O", "-", page.url), deadline=_LIMIT
    )


def lookup(host: str, server: str) -> Command:
    return Command(("nslookup", host, server), deadline=_LIMIT)


def judge(page: Probe, completed: Completed) -> Internet | None:
    """What one probe settles; None when it got no answer at all."""
    if completed.rc == 0 and completed.out.strip() == page.body:
        return Internet(Verdict.ONLINE, f"{page.host} answered as it should")
    if completed.rc == 0 and completed.out.strip():
        return Internet(Verdict.PORTAL, f"something else answers for {page.host}: a login page?")
    # uclient-fetch: 5 is a refused certificate, 8 an HTTP error: somebody answered.
    if completed.rc in (5, 8):
        return Internet(Verdict.PORTAL, f"{page.host} was answered with an error: a login page?")
    return None


def resolved(completed: Completed) -> bool:
    """Whether busybox's nslookup found an address (after the server's own lines)."""
    answer = completed.text.split("\n\n", 1)
    return completed.rc == 0 and len(answer) == 2 and "Address" in answer[1]
