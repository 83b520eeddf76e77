# SPDX-License-Identifier: GPL-2.0-or-later
"""What the router's log says of a join: the only place where a rejected key shows."""

import re
from dataclasses import dataclass
from enum import Enum

from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Command, Completed

LINES = 120
TAG = "wifirelay"


class Rejection(str, Enum):
    """wpa_supplicant's reasons for giving up on a network for a while."""

    WRONG_KEY = "WRONG_KEY"  # WPA2: the four-way handshake failed
    CONN_FAILED = "CONN_FAILED"  # WPA3-SAE says this for a wrong password, but not only
    AUTH_FAILED = "AUTH_FAILED"  # enterprise

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class JoinLog:
    """The rejections since the trial began, oldest first, and how the handshake ended."""

    rejections: tuple[Rejection, ...] = ()
    not_found: bool = False


# "Mon Nov 23 12:52:01 2026 daemon.notice wpa_supplicant[694]: phy0-sta0: CTRL-EVENT-..."
# Names from the air (SSIDs, host names) stand further on in a line: only what its own
# first words say counts, so that none of them can forge an event.
_STAMP = r"\A\w+ +\w+ +\d+ [0-9:]+ \d+ \S+ "
_SUPPLICANT = _STAMP + r"wpa_supplicant\S*: (?P<ifname>\S+): "
# CTRL-EVENT-SSID-TEMP-DISABLED id=10 ssid="..." auth_failures=1 duration=10 reason=WRONG_KEY
# The SSID stands in the line as the air sent it: only what follows its last quote counts.
_TEMP_DISABLED = re.compile(
    _SUPPLICANT + r"CTRL-EVENT-SSID-TEMP-DISABLED .*\" "
    r"auth_failures=\d+ duration=\d+ reason=(?P<reason>[A-Z_]+)\Z"
)
_NOT_FOUND = re.compile(_SUPPLICANT + r"CTRL-EVENT-NETWORK-NOT-FOUND\s*\Z")


def mark(trial: str) -> tuple[str, ...]:
    """The command that marks a trial's beginning in the log."""
    return ("logger", "-t", TAG, f"trial {trial} begins")


def join_log(trial: str, ifname: str | None) -> Fact[JoinLog]:
    """What wpa_supplicant said of `ifname` (any station when None) since `mark`."""
    command = Command(("logread", "-l", str(LINES)))
    return Fact(command, lambda completed: parse_join_log(completed, trial, ifname))


def parse_join_log(completed: Completed, trial: str, ifname: str | None) -> JoinLog:
    """Lines before the mark do not count. The mark gone means that they have been pushed
    out of the last lines: then all of these came after it."""
    lines = completed.text.split("\n")  # not at U+2028 and its like: a name can hold those
    # "Mon Nov 23 12:52:01 2026 user.notice wifirelay: trial ... begins"
    begin = re.compile(_STAMP + re.escape(f"{TAG}: trial {trial} begins") + r"\s*\Z")
    starts = [number for number, line in enumerate(lines) if begin.match(line)]
    rejections = []
    not_found = False
    for line in lines[starts[-1] + 1 :] if starts else lines:
        found = _TEMP_DISABLED.search(line)
        if found and ifname in (None, found["ifname"]):
            try:
                rejections.append(Rejection(found["reason"]))
            except ValueError:
                continue
        missing = _NOT_FOUND.search(line)
        if missing and ifname in (None, missing["ifname"]):
            not_found = True
    return JoinLog(tuple(rejections), not_found)
