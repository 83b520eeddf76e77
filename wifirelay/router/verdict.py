# SPDX-License-Identifier: GPL-2.0-or-later
"""What looking for the internet came to."""

from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    ONLINE = "online"
    PORTAL = "portal"  # something else answers in the page's place
    NO_DNS = "no-dns"  # the uplink's name servers answer nothing, or nothing useful
    OFFLINE = "offline"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Session:
    """What the network's own API says of its login page (RFC 8908). `why`: it could not be asked,
    or is not understood, and the rest means nothing."""

    why: str
    captive: bool = False  # a login is needed
    page: str = ""  # where; https
    venue: str = ""  # a page of the place: its menu, its timetable; https
    extendable: bool | None = None  # by its user
    seconds: int | None = None  # until it ends
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Internet:
    """A verdict with its reason."""

    verdict: Verdict
    why: str
    portal: str = ""  # the URL of the login page; nothing: there is none, or nobody looked for it
    session: Session | None = None  # None: the network names no API, or nobody asked it
