# SPDX-License-Identifier: GPL-2.0-or-later
"""What the router's log says of a join: the only place where a rejected key shows."""

import re
from dataclasses import dataclass
from enum import Enum

from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Command, Completed
from wifirelay.values import Ssid

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
    """The rejections since the trial began, oldest first."""

    rejections: tuple[Rejection, ...] = ()


# "Mon Nov 23 12:52:01 2026 daemon.notice wpa_supplicant[694]: phy0-sta0: CTRL-EVENT-..."
# Names from the air (SSIDs, host names) stand further on in a line: only what its own
# first words say counts, so that none of them can forge an event.
_STAMP = r"\A\w+ +\w+ +\d+ [0-9:]+ \d+ \S+ "
_SUPPLICANT = _STAMP + r"wpa_supplicant\S*: (?P<ifname>\S+): "
# "Mon Nov 23 12:52:01 2026 user.notice wifirelay: trial 0123456789abcdef begins"; one pattern for
# all trials: one for each would fill the cache of `re`, half a MiB of a router's memory in a month.
_BEGINS = re.compile(_STAMP + re.escape(TAG) + r": trial (?P<trial>\S+) begins\s*\Z")
# CTRL-EVENT-SSID-TEMP-DISABLED id=10 ssid="..." auth_failures=1 duration=10 reason=WRONG_KEY
# The old station goes on for some seconds after a reload, under the same name: only a line
# about the network that is being joined counts.
_TEMP_DISABLED = re.compile(
    _SUPPLICANT + r"CTRL-EVENT-SSID-TEMP-DISABLED id=\d+ ssid=\"(?P<ssid>.*)\" "
    r"auth_failures=\d+ duration=\d+ reason=(?P<reason>[A-Z_]+)\Z"
)


def join_log(trial: str, ifname: str, ssid: Ssid) -> Fact[JoinLog]:
    """What wpa_supplicant said of joining `ssid` with `ifname` since the trial began."""
    command = Command(("logread", "-l", str(LINES)))
    return Fact(command, lambda completed: parse_join_log(completed, trial, ifname, ssid))


def supplicant_text(ssid: Ssid) -> str:
    """An SSID as wpa_supplicant writes it into its log (wpa_ssid_txt, printf_encode)."""
    named = {0x22: '\\"', 0x5C: "\\\\", 0x1B: "\\e", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}
    return "".join(
        named.get(byte) or (chr(byte) if 32 <= byte <= 126 else f"\\x{byte:02x}")
        for byte in ssid.raw
    )


def parse_join_log(completed: Completed, trial: str, ifname: str, ssid: Ssid) -> JoinLog:
    """Lines before the mark that the trial's reload set do not count. With the mark pushed
    out of a full answer all lines came after it; in a shorter one it never was."""
    lines = completed.text.split("\n")  # not at U+2028 and its like: a name can hold those
    begins = [(number, _BEGINS.match(line)) for number, line in enumerate(lines)]
    starts = [number for number, found in begins if found and found["trial"] == trial]
    rejections = []
    if not starts and len(lines) < LINES:
        return JoinLog()
    name = supplicant_text(ssid)
    for line in lines[starts[-1] + 1 :] if starts else lines:
        found = _TEMP_DISABLED.search(line)
        if found and (found["ifname"], found["ssid"]) == (ifname, name):
            try:
                rejections.append(Rejection(found["reason"]))
            except ValueError:
                continue
    return JoinLog(tuple(rejections))
