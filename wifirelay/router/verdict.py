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
class Internet:
    """A verdict with its reason."""

    verdict: Verdict
    why: str
    portal: str = ""  # the URL of the login page; nothing: there is none, or nobody looked for it
