# SPDX-License-Identifier: GPL-2.0-or-later
"""What went wrong with which network, and how long it is left alone for that.

Each cause has a back-off of its own, and each ends by itself. Only a key that never worked
and was rejected often enough on a usable signal waits for the owner to change it. All of
this lives in RAM: nothing here ever disables a network in a configuration.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from wifirelay.core.causes import Cause
from wifirelay.core.rank import Term
from wifirelay.values import Ssid, parse_bssid, span

REJECTIONS = 3  # of a key that never worked, until the owner is waited for
REFUSALS = 6  # the same where a full access point would answer alike
USABLE = -75  # dBm; a weaker signal can make a right key look wrong (openwrt-facts 11)
STRONGER = 8  # dB more than at the failure, and it is worth another try at once
REMEMBERED = 6 * 3600.0  # seconds after which a failure counts no more
MOST_TIMES = 1_000_000  # of one trouble: more is no number of a file of ours
MOST = 256  # troubles remembered at the same time
SHORT_STAY = 120.0  # seconds; an uplink that is lost sooner than this was none
_POINTS = -2.0  # for each remembered failure ...
_MOST_POINTS = -8.0  # ... and no more than that


@dataclass(frozen=True, slots=True)
class Rule:
    """How long to leave it alone: `first` seconds, growing by `factor`, at most `longest`."""

    first: float
    factor: float
    longest: float
    whole: bool  # the whole network, or only the access point it happened with
    text: str  # for people


# NetworkManager blocks for 300 s, Android for 5 to 10 min by cause, wpa_supplicant for 10 s
# to 30 min; constants chosen by `wifirelay evaluate`.
RULES = {
    Cause.BUSY: Rule(30, 2, 600, False, "its access point took no more stations"),
    Cause.VANISHED: Rule(30, 2, 1800, False, "it did not answer"),
    Cause.LOST: Rule(20, 2, 600, False, "it went away soon after it was joined"),
    Cause.WRONG_KEY: Rule(120, 4, 3600, False, "it rejected the key"),
    Cause.REFUSED: Rule(120, 4, 3600, False, "it did not let us in"),
    Cause.UNENCRYPTED: Rule(600, 2, 14400, False, "it answered without encryption"),
    Cause.DEAD_DHCP: Rule(60, 2, 1800, True, "it gave no address"),
    Cause.IPV6_ONLY: Rule(60, 2, 1800, True, "it gave no IPv4 address"),
    Cause.SUBNET_CLASH: Rule(600, 2, 14400, True, "its addresses overlap the router's own"),
    Cause.OFF_AIR: Rule(1800, 2, 21600, True, "own access points stay off the air beside it"),
    Cause.PORTAL: Rule(900, 2, 7200, False, "it wants a login"),
    Cause.NO_DNS: Rule(300, 2, 3600, False, "its name servers do not work"),
    Cause.NO_INTERNET: Rule(300, 2, 3600, False, "it had no internet"),
}
# How many in a row it takes to be sure that a key is wrong.
SURE = {Cause.WRONG_KEY: REJECTIONS, Cause.REFUSED: REFUSALS}
# What a network can be joined with all the same, where nothing better is to be had.
WITHOUT_INTERNET = (Cause.PORTAL, Cause.NO_DNS, Cause.NO_INTERNET)
IMPATIENT = 600.0  # seconds after which they are tried again while there is no internet at all
# A hidden network that was not even heard: own access points are off the air while it is tried.
BLIND = Rule(600, 2, 14400, False, "hidden, and did not answer when it was tried blind")
# A key that has worked and is rejected, by that access point.
PROVED = Rule(30, 2, 1800, False, "it rejected the key, which has worked before")
# What is the router's fault, or nobody's, stops every join for a while.
ROUTERS = Rule(30, 2, 900, True, "the router could not carry the join out")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause with one network, or with one of its access points (`bssid`)."""

    ssid: Ssid
    bssid: str | None
    cause: Cause
    times: int  # in a row
    at: float  # when it last happened
    until: float | None  # left alone until then; None: until the owner changes its key
    signal: int | None  # dBm, then

    def waits(self, now: float) -> bool:
        return self.until is None or now < self.until


class Troubles:
    """The record of one router's failures."""

    def __init__(self) -> None:
        self._all: dict[tuple[Ssid, str | None, Cause], Trouble] = {}
        self._proved: set[Ssid] = set()  # their keys have worked
        self._router: Trouble | None = None

    def note(
        self, now: float, ssid: Ssid, bssid: str | None, cause: Cause, signal: int | None
    ) -> Trouble:
        """Something failed with this network. Returns the trouble as it is now."""
        rule = self._rule(ssid, bssid, cause)
        if rule is ROUTERS:
            times = 1 + (self._router.times if self._router is not None else 0)
            self._router = Trouble(ssid, None, cause, times, now, now + _pause(rule, times), signal)
            return self._router
        key = (ssid, None if rule.whole else bssid, cause)
        old = self._all.get(key)
        if old is not None and not self._counts(now, old):
            old = None
        times = 1 + (old.times if old is not None else 0)
        until: float | None = now + _pause(rule, times)
        if cause in SURE and rule is not PROVED:
            if signal is not None and signal < USABLE:
                times = old.times if old is not None else 0
            elif times >= SURE[cause]:
                until = None
        trouble = self._all[key] = Trouble(ssid, key[1], cause, times, now, until, signal)
        self._prune(now)
        return trouble

    def _rule(self, ssid: Ssid, bssid: str | None, cause: Cause) -> Rule:
        """A key that has worked is presumed good: it is a passing fault then, or somebody else's
        access point."""
        if cause is Cause.VANISHED and bssid is None:
            return BLIND
        if cause in SURE and ssid in self._proved:
            return PROVED
        return RULES.get(cause, ROUTERS)

    def _counts(self, now: float, trouble: Trouble) -> bool:
        """Whether another one like it would be in a row with it."""
        longest = self._rule(trouble.ssid, trouble.bssid, trouble.cause).longest
        return trouble.waits(now) or now - trouble.at <= max(REMEMBERED, 2 * longest)

    def _prune(self, now: float) -> None:
        """Drop what counts no more; and of too many the oldest: anybody may show a known name
        with ever new BSSIDs."""
        self._forget(key for key, each in self._all.items() if not self._counts(now, each))
        while len(self._all) > MOST:
            del self._all[min(self._all, key=lambda key: self._all[key].at)]

    def worked(self, ssid: Ssid) -> None:
        """An uplink through it was confirmed: its key is right, and the router can do it."""
        self._proved.add(ssid)
        self._router = None
        self._forget(each for each in self._all if each[0] == ssid and each[2] is not Cause.LOST)

    def router_recovered(self) -> None:
        """What kept the router from it has changed: it may be tried again."""
        self._router = None

    def lasted(self, ssid: Ssid) -> None:
        """It has been good for long: nothing is held against it any more."""
        self._forget(each for each in self._all if each[0] == ssid)

    def changed(self, ssid: Ssid) -> None:
        """The owner changed what is known of it: its key may be another now."""
        self._proved.discard(ssid)
        self.lasted(ssid)

    def router_waits(self, now: float) -> Trouble | None:
        """The router's own trouble, while it stops every join."""
        trouble = self._router
        return trouble if trouble is not None and trouble.waits(now) else None

    def of(self, now: float, ssid: Ssid, bssid: str | None) -> tuple[Trouble, ...]:
        """What is remembered of this access point and its network."""
        return tuple(
            each
            for (name, place, _), each in self._all.items()
            if name == ssid
            and place in (None, bssid)
            and (each.waits(now) or now - each.at < REMEMBERED)
        )

    def waiting(
        self,
        now: float,
        ssid: Ssid,
        bssid: str | None,
        signal: int | None,
        *,
        forgiven: Collection[Cause] = (),
        impatient: bool = False,
    ) -> str | None:
        """Why it is left alone now, or None; `forgiven` causes do not count. `impatient`: there
        is no internet now anyhow, so a try costs little, and is made sooner."""
        worst = max(
            (
                each
                for each in self.of(now, ssid, bssid)
                if each.waits(now)
                and not (impatient and _had_enough(now, each))
                and each.cause not in forgiven
                and not _better_now(each, signal)
            ),
            key=lambda each: each.until if each.until is not None else float("inf"),
            default=None,
        )
        if worst is None:
            return None
        rule = self._rule(worst.ssid, worst.bssid, worst.cause)
        text = f"{rule.text} {span(now - worst.at)} ago"
        if worst.until is None:
            return f"{text}, {worst.times} times: correct its key, then it is tried again"
        if evidence := self._evidence(worst):
            text += f" ({evidence})"
        return f"{text}: left alone for {span(worst.until - now)} more"

    def evidence(self, ssid: Ssid) -> str:
        """How sure it is that its key is wrong, after the last failure; "" for other failures."""
        mine = [each for each in self._all.values() if each.ssid == ssid]
        last = max(mine, key=lambda each: each.at, default=None)
        return self._evidence(last) if last is not None else ""

    def _evidence(self, trouble: Trouble) -> str:
        needed = SURE.get(trouble.cause)
        if needed is None or trouble.ssid in self._proved:
            return ""
        weak = trouble.signal is not None and trouble.signal < USABLE
        doubt = f"; {trouble.signal} dBm is too weak to count" if weak else ""
        return f"seen {trouble.times} of the {needed} times that make it sure{doubt}"

    def term(self, now: float, ssid: Ssid, bssid: str | None) -> Term | None:
        """What its remembered failures cost in its score."""
        times = sum(each.times for each in self.of(now, ssid, bssid))
        if not times:
            return None
        points = max(_MOST_POINTS, _POINTS * times)
        return Term("history", points, f"failed {times} times in the last hours")

    def next_end(self, now: float) -> float | None:
        """When the next pause ends, if any does."""
        ends = [each.until for each in self._all.values() if each.until and each.until > now]
        if (router := self.router_waits(now)) is not None and router.until is not None:
            ends.append(router.until)
        return min(ends, default=None)

    def as_json(self) -> dict[str, Any]:
        """For a file in RAM, so that a restart of the service forgets nothing."""
        return {
            "proved": sorted(ssid.hex for ssid in self._proved),
            "troubles": [
                {
                    "ssid_hex": each.ssid.hex,
                    "bssid": each.bssid,
                    "cause": each.cause.value,
                    "times": each.times,
                    "at": round(each.at, 1),
                    "until": None if each.until is None else round(each.until, 1),
                    "signal": each.signal,
                }
                for each in self._all.values()
            ],
        }

    def load(self, stored: dict[str, Any], now: float) -> None:
        """Take up what `as_json` gave. Raises ValueError, KeyError or TypeError for anything
        else, and is then unchanged."""
        found = {}
        for raw in stored["troubles"]:
            bssid = None if raw["bssid"] is None else parse_bssid(raw["bssid"])
            until = None if raw["until"] is None else float(raw["until"])
            trouble = Trouble(
                ssid=Ssid(bytes.fromhex(raw["ssid_hex"])),
                bssid=bssid,
                cause=Cause(raw["cause"]),
                times=int(raw["times"]),
                at=float(raw["at"]),
                until=until,
                signal=None if raw["signal"] is None else int(raw["signal"]),
            )
            if not -MOST_TIMES < trouble.times < MOST_TIMES:
                raise ValueError("no number of times")
            if trouble.at > now + 1.0:  # rounded
                raise ValueError("of another clock")
            if trouble.cause in RULES:
                found[trouble.ssid, bssid, trouble.cause] = trouble
        proved = {Ssid(bytes.fromhex(text)) for text in stored["proved"]}
        self._all, self._proved = found, proved

    def _forget(self, keys: Iterable[tuple[Ssid, str | None, Cause]]) -> None:
        for key in list(keys):
            del self._all[key]


def _pause(rule: Rule, times: int) -> float:
    return float(min(rule.longest, rule.first * rule.factor ** min(times - 1, 30)))


def _had_enough(now: float, trouble: Trouble) -> bool:
    return trouble.cause in WITHOUT_INTERNET and now - trouble.at >= IMPATIENT


def _better_now(trouble: Trouble, signal: int | None) -> bool:
    """What failed for want of signal may work with more of it."""
    weak = trouble.cause in (Cause.VANISHED, Cause.LOST, Cause.DEAD_DHCP, Cause.IPV6_ONLY)
    return (
        weak
        and signal is not None
        and trouble.signal is not None
        and signal >= trouble.signal + STRONGER
    )
