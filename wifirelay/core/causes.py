# SPDX-License-Identifier: GPL-2.0-or-later
"""Why an uplink could not be had, or was lost: one word each, for programs and for back-off."""

from enum import Enum


class Cause(str, Enum):
    """What a trial failed of, or what ended an uplink that worked."""

    # the network's own
    BUSY = "busy"  # its access point takes no more stations now
    VANISHED = "vanished"  # heard in the scan, did not answer in the trial
    LOST = "lost"  # worked, and went away soon after
    WRONG_KEY = "wrong-key"
    REFUSED = "refused"  # WPA3 tells a wrong password and a full access point alike
    UNENCRYPTED = "unencrypted"  # joined for its encryption (OWE), and there is none
    DEAD_DHCP = "dead-dhcp"
    IPV6_ONLY = "ipv6-only"
    SUBNET_CLASH = "subnet-clash"
    OFF_AIR = "own-access-point-off-air"  # own access points do not come back beside it
    PORTAL = "portal"
    NO_DNS = "no-dns"
    NO_INTERNET = "no-internet"
    # the router's, or nobody's
    IGNORED = "staged-edits-ignored"
    NOT_STAGED = "edits-not-staged"
    FLASH = "flash-not-written"
    OVERTAKEN = "rolled-back-by-the-sentry"
    STOPPED = "stopped"

    __str__ = str.__str__
