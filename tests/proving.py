# SPDX-License-Identifier: GPL-2.0-or-later
"""A router in words on which an uplink is to be proved: all is well but for what a test says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.changing import (
    Answer,
    Scripted,
    Steps,
    Ticks,
    carriers,
    check_text,
    radios,
    said,
    state,
    uci,
)
from tests.known import own, wireless
from wifirelay.change.outcome import Step, StepFailed
from wifirelay.change.proof import Expected, Found
from wifirelay.change.verify import Verifier
from wifirelay.core.causes import Cause
from wifirelay.transport.base import Completed
from wifirelay.values import Security, Ssid

OURS = ("default_radio0", "ap", "Mine", "phy0-ap0")
STATION = ("wifirelay", "sta", "Home", "phy0-sta0")
WIRELESS, DEVICES = "network.wireless status", "network.device status"
DUMP = "network.interface dump"
FETCH = "uclient-fetch"
ANYWHERE = {"target": "0.0.0.0", "mask": 0}
LINK, INFO = "iwinfo assoclist phy0-sta0", "iwinfo info phy0-sta0"
RUNS = radios(OURS, STATION)
TRIAL = "0123456789abcdef"
BSSID = "02:00:00:00:10:01"
EXPECTED = Expected(
    TRIAL,
    "wifirelay",
    Ssid.of("Home"),
    Security.PSK2,
    -50,
    "wwan",
    (("default_radio0", "radio0"),),
)


def interface(
    name: str, l3_device: str | None, address: str | None, **more: object
) -> dict[str, Any]:
    """A logical interface that is up."""
    addresses = []
    if address is not None:
        host, _, mask = address.partition("/")
        addresses = [{"address": host, "mask": int(mask)}]
    row = {"interface": name, "up": True, "l3_device": l3_device, "ipv4-address": addresses}
    return {**row, **more}


def dump(*interfaces: dict[str, Any]) -> Completed:
    """`network.interface dump`."""
    return said({"interface": list(interfaces)})


LAN = interface("lan", "br-lan", "192.168.1.1/24")
WWAN = interface("wwan", "phy0-sta0", "10.10.1.5/24", **{"dns-server": ["10.10.1.1"]})
LINKED = said({"results": [{"mac": BSSID, "signal": -48, "authorized": True}]})
NOT_LINKED = said({"results": []})
IN_HOME = said({"ssid": "Home"})


def log(*reasons: str) -> Completed:
    """`logread`: the trial begins, and the network is given up for these reasons."""
    stamp = "Mon Nov 23 12:52:01 2026"
    lines = [f"{stamp} user.notice wifirelay: trial {TRIAL} begins"]
    lines += [
        f"{stamp} daemon.notice wpa_supplicant[694]: phy0-sta0: CTRL-EVENT-SSID-TEMP-DISABLED "
        f'id=0 ssid="Home" auth_failures=1 duration=10 reason={reason}'
        for reason in reasons
    ]
    return Completed(0, "\n".join(lines).encode())


class Asked(Scripted):
    """A router to look at: it is joined to Home, or answers as a test says."""

    def __init__(self, **answers: Any) -> None:
        super().__init__(
            {
                "system board": said({"model": "A router"}),
                "uci get wireless": uci(wireless(own(ssid="Home", disabled="0"))),
                "uci changes": said({"changes": {}}),
                WIRELESS: RUNS,
                DEVICES: carriers(phy0_ap0=True),
                DUMP: dump(LAN, WWAN),
                "state": state(),
                LINK: LINKED,
                INFO: IN_HOME,
                FETCH: Completed(0, b"success\n"),
                **answers,
            }
        )


class Look:
    """One verification of a router that answers so; where nothing is said all is well."""

    def __init__(self, answers: Mapping[str, Answer | Sequence[Answer]] | None = None) -> None:
        well = {
            WIRELESS: RUNS,
            DEVICES: carriers(phy0_ap0=True),
            DUMP: dump(LAN, WWAN),
            LINK: LINKED,
            INFO: IN_HOME,
            "logread": log(),
            "uclient-fetch": Completed(0, b"success\n"),
            "state": state(),
            "ip -6 addr": Completed(0, b"    inet6 fe80::5/64 scope link\n"),
            "ping -6": Completed(0, b"64 bytes from fe80::5: seq=0 ttl=64 time=0.1 ms\n"),
        }
        self.router = Scripted({**well, **(answers or {})})
        self.clock, self.steps = Ticks(1000.0), Steps()
        self.verifier = Verifier(self.router, self.clock, self.steps, EXPECTED, give_up=1200.0)

    def expect(self, **changes: Any) -> "Look":
        self.verifier.expected = replace(EXPECTED, **changes)
        return self

    def run(self) -> Found:
        return self.verifier.run()

    def fails(self, step: Step, cause: Cause, *words: str, hint: str = "") -> StepFailed:
        """It fails at this step and goes no further."""
        with pytest.raises(StepFailed) as caught:
            self.run()
        failure = caught.value
        assert (failure.step, failure.cause) == (step, cause)
        for text in (failure.why, failure.hint):
            check_text(text)
        assert all(word in failure.why for word in words), failure.why
        assert str(failure) == failure.why
        assert hint in failure.hint
        assert bool(hint) is bool(failure.hint)
        return failure

    @property
    def waited(self) -> float:
        return self.clock.now - 1000.0
