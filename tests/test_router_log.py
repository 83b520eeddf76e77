# SPDX-License-Identifier: GPL-2.0-or-later
"""The log's word on a join, which no name from the air may forge; and internet probes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from known import RECORDINGS, replay

from wifirelay.errors import DeadlineExceeded, LinkLost, TooLong
from wifirelay.router.internet import (
    PROBES,
    Names,
    fetch,
    judge,
    lookup,
    ping,
    probe,
    resolved,
)
from wifirelay.router.log import LINES, JoinLog, Rejection, join_log, parse_join_log
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.sim.syslog import Log, ssid_text
from wifirelay.transport.base import Command, Completed
from wifirelay.values import Ssid

TRIAL = "0123456789abcdef"
STAMP = "Mon Nov  3 12:52:01 2026 daemon.notice "
MARK = f"Mon Nov 23 12:51:50 2026 user.notice wifirelay: trial {TRIAL} begins"
REJECTED = (
    STAMP + "wpa_supplicant[694]: phy0-sta0: CTRL-EVENT-SSID-TEMP-DISABLED id=1 "
    'ssid="WrongPass" auth_failures=3 duration=30 reason=WRONG_KEY'
)
NOT_FOUND = STAMP + "wpa_supplicant[694]: phy0-sta0: CTRL-EVENT-NETWORK-NOT-FOUND "


SSID = Ssid(b"WrongPass")


def read(*lines: str, ifname: str = "phy0-sta0", ssid: Ssid = SSID) -> JoinLog:
    """These lines, behind the trial's mark unless they hold it themselves."""
    marked = lines if MARK in lines else (MARK, *lines)
    out = "".join(f"{line}\n" for line in marked).encode("utf-8", "surrogateescape")
    return parse_join_log(Completed(0, out), TRIAL, ifname, ssid)


# --- what is said ---


@pytest.mark.parametrize("name", RECORDINGS)
def test_only_a_wrong_key_says_so(name: str) -> None:
    log = read(*join_lines(name))
    assert set(log.rejections) == ({Rejection.WRONG_KEY} if name == "wrong-key" else set())


def test_without_the_mark_only_a_full_answer_proves_anything() -> None:
    few = "".join(f"{line}\n" for line in (REJECTED, REJECTED)).encode()
    many = few * LINES
    assert parse_join_log(Completed(0, few), TRIAL, "phy0-sta0", SSID) == JoinLog()
    assert parse_join_log(Completed(0, many), TRIAL, "phy0-sta0", SSID).rejections


def test_another_network_on_the_same_station_does_not_count() -> None:
    """For some seconds after a reload the old station goes on under the same name."""
    assert read(REJECTED, ssid=Ssid(b"OtherNet")) == JoinLog()


@pytest.mark.parametrize("raw", [b'a "b" \\ c', "é".encode(), b"tab\there", b"plain", b"\xff\xfe"])
def test_odd_names_are_known_as_the_log_writes_them(raw: bytes) -> None:
    line = REJECTED.replace("WrongPass", ssid_text(raw))
    assert read(line, ssid=Ssid(raw)).rejections == (Rejection.WRONG_KEY,)


def test_the_recorded_rejection_counts_behind_the_mark_and_not_before_it() -> None:
    lines = join_lines("wrong-key")
    place = next(number for number, line in enumerate(lines) if "WRONG_KEY" in line)
    assert read(*lines[:place], MARK, *lines[place:]).rejections[0] is Rejection.WRONG_KEY
    assert read(*lines, MARK).rejections == ()


def join_lines(name: str) -> list[str]:
    command = join_log(TRIAL, "phy0-sta0", SSID).command
    return replay(name).run(command).text.splitlines()


def test_other_stations_and_marks_of_other_trials_do_not_count() -> None:
    assert read(REJECTED, ifname="phy1-sta0").rejections == ()
    assert read(REJECTED, MARK.replace(TRIAL, "fedcba9876543210")).rejections == (
        Rejection.WRONG_KEY,
    )
    assert read(MARK, REJECTED, MARK).rejections == ()


@pytest.mark.parametrize("reason", [each.value for each in Rejection])
def test_each_reason(reason: str) -> None:
    assert read(REJECTED.replace("WRONG_KEY", reason)).rejections == (Rejection(reason),)
    assert read(REJECTED.replace("WRONG_KEY", "NEW_REASON")).rejections == ()


def test_the_simulated_router_writes_the_same_lines() -> None:
    log = Log(lambda: 60.0)
    log.write("user.notice wifirelay", f"trial {TRIAL} begins")
    log.write("daemon.notice wpa_supplicant[694]", REJECTED.partition("[694]: ")[2])
    lines = log.read().splitlines()
    out = "\n".join(lines).encode()
    found = parse_join_log(Completed(0, out), TRIAL, "phy0-sta0", SSID)
    assert found.rejections == (Rejection.WRONG_KEY,)
    out = "\n".join(reversed(lines)).encode()
    assert parse_join_log(Completed(0, out), TRIAL, "phy0-sta0", SSID).rejections == ()


# --- what is forged ---

EVENT = 'wpa_supplicant: phy0-sta0: CTRL-EVENT-SSID-TEMP-DISABLED "'
FORGED_REASON = f'{EVENT}" auth_failures=1 duration=1 reason=WRONG_KEY'
NAMES = [
    FORGED_REASON,
    "\u2028" + REJECTED,
    "\x85" + REJECTED,
    "\v\f\x1c" + REJECTED,
    "\r" + REJECTED,
    "wpa_supplicant: phy0-sta0: CTRL-EVENT-NETWORK-NOT-FOUND",
    "\u2029" + NOT_FOUND,
    '" auth_failures=1 duration=1 reason=WRONG_KEY',
    'x" auth_failures=9 duration=9 reason=WRONG_KEY\x85',
]
CARRIERS = [  # lines in which names from the air or from clients stand, the last thing in them
    STAMP + "wpa_supplicant[694]: phy0-sta0: Trying to associate with SSID '{}",
    STAMP + "wpa_supplicant[694]: phy0-sta0: SME: Trying to authenticate (SSID='{}",
    STAMP + "netifd: radio0 (123): {}",
    STAMP + "dnsmasq-dhcp[1]: DHCPACK(br-lan) 192.168.1.176 02:00:00:00:10:00 {}",
    "Mon Nov 23 12:52:01 2026 kern.info kernel: [  528.794068] {}",
    "Mon Nov 23 12:52:01 2026 user.info nlbwmon: {}",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_no_name_forges_an_event(name: str, carrier: str) -> None:
    assert read(carrier.format(name)) == JoinLog()


@pytest.mark.parametrize("name", NAMES)
def test_no_name_in_the_event_itself_changes_its_reason(name: str) -> None:
    line = (
        STAMP + f'wpa_supplicant[1]: phy0-sta0: CTRL-EVENT-SSID-TEMP-DISABLED id=1 ssid="{name}" '
        "auth_failures=1 duration=10 reason=CONN_FAILED"
    )
    assert Rejection.WRONG_KEY not in read(line).rejections
    assert Rejection.WRONG_KEY not in read(line, ssid=Ssid.of(name)).rejections


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(
    "name",
    [f"wifirelay: trial {TRIAL} begins", f"x wifirelay: trial {TRIAL} begins", "\u2028" + MARK],
)
def test_no_name_forges_the_mark(name: str, carrier: str) -> None:
    """A forged mark would hide the rejections before it."""
    assert read(REJECTED, carrier.format(name)).rejections == (Rejection.WRONG_KEY,)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=32))
@example("Mon Nov 23 12:52:01 2026 user.notice wpa_supplicant: phy0-sta0: ")
def test_no_text_in_a_line_proves_anything(name: str) -> None:
    for carrier in CARRIERS:
        assert read(carrier.format(name)) == JoinLog()


# --- does the internet work ---

PAGE = PROBES[0]
RIGHT = b"Server:\t\t10.10.1.1\nAddress:\t10.10.1.1:53\n\nName:\tx\nAddress: 93.184.216.34\n"
OLD = b"Server:    10.10.1.1\nAddress 1: 10.10.1.1\n\nName:      x\nAddress 1: 93.184.216.34\n"


@pytest.mark.parametrize(
    ("rc", "out", "verdict"),
    [
        (0, PAGE.body, Verdict.ONLINE),
        (0, b"\r\n" + PAGE.body + b"\n", Verdict.ONLINE),
        (0, b"<html>login</html>", Verdict.PORTAL),
        (0, PAGE.body + b" but not quite", Verdict.PORTAL),
        (5, b"", Verdict.PORTAL),
        (8, b"", Verdict.PORTAL),
        (0, b"", None),
        (4, b"", None),
        (1, b"half a page", None),
    ],
)
def test_what_one_page_proves(rc: int, out: bytes, verdict: Verdict | None) -> None:
    found = judge(PAGE, Completed(rc, out))
    assert (found.verdict if found else None) is verdict


@pytest.mark.parametrize(
    ("rc", "out", "names"),
    [
        (0, RIGHT, Names.RIGHT),
        (0, OLD, Names.RIGHT),
        (1, RIGHT, Names.DEAD),
        (0, RIGHT.partition(b"\n\n")[0], Names.DEAD),
        (1, b"** server can't find x: NXDOMAIN\n", Names.DEAD),
        (0, b"", Names.DEAD),
        (0, RIGHT.replace(b"93.184.216.34", b"0.0.0.0"), Names.FALSE),
        (0, RIGHT.replace(b"93.184.216.34", b"127.0.0.1"), Names.FALSE),
        (0, RIGHT.replace(b"93.184.216.34", b"192.168.1.1"), Names.FALSE),
        (0, RIGHT.replace(b"93.184.216.34", b"2606:2800:220:1::1"), Names.RIGHT),
    ],
)
def test_what_a_name_server_proves(rc: int, out: bytes, names: Names) -> None:
    """The server's own address in the first lines is no answer."""
    assert resolved(Completed(rc, out)) is names


class Line:
    """A line to the internet on which only some things work."""

    def __init__(self, *, page: Completed, names: bytes = b"", pings: bool = False) -> None:
        self.page, self.names, self.pings = page, names, pings
        self.asked: list[tuple[str, ...]] = []

    def run(self, command: Command) -> Completed:
        self.asked.append(command.argv)
        if command.argv[0] == "uclient-fetch":
            return self.page
        if command.argv[0] == "nslookup":
            return Completed(0 if self.names else 1, self.names)
        return Completed(0 if self.pings else 1)

    def run_all(self, commands: list[Command]) -> tuple[Completed, ...]:
        return tuple(self.run(command) for command in commands)


GONE = Completed(4)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (Line(page=Completed(0, PAGE.body)), Verdict.ONLINE),
        (Line(page=Completed(0, b"<html>")), Verdict.PORTAL),
        (Line(page=GONE), Verdict.OFFLINE),
        (Line(page=GONE, names=RIGHT, pings=True), Verdict.OFFLINE),
        (Line(page=GONE, pings=True), Verdict.NO_DNS),
        (
            Line(page=GONE, names=RIGHT.replace(b"93.184.216.34", b"10.0.0.1"), pings=True),
            Verdict.NO_DNS,
        ),
    ],
)
def test_portals_dead_names_and_dead_lines_are_told_apart(line: Line, verdict: Verdict) -> None:
    found: Internet = probe(line, "phy0-sta0", ("10.10.1.1",))  # type: ignore[arg-type]
    assert found.verdict is verdict
    assert found.why


class Endless(Line):
    """Some programs do not end, or do not end to answer; the router itself may be gone too."""

    def __init__(self, raised: Exception, *programs: str, pings: bool = True) -> None:
        super().__init__(page=GONE, names=RIGHT, pings=pings)
        self._raised, self._programs = raised, programs

    def run(self, command: Command) -> Completed:
        answer = super().run(command)
        if command.argv[0] in self._programs:
            raise self._raised
        return answer


@pytest.mark.parametrize("program", ["uclient-fetch", "nslookup", "ping"])
@pytest.mark.parametrize("error", [DeadlineExceeded, TooLong])
def test_a_probe_without_an_end_says_something_of_the_network(
    program: str, error: type[Exception]
) -> None:
    """An upstream decides how long an answer takes, and how long it is."""
    line = Endless(error("no end"), program)
    found = probe(line, "phy0-sta0", ("10.10.1.1",))  # type: ignore[arg-type]
    portal = (program, error) == ("uclient-fetch", TooLong)
    assert found.verdict is (Verdict.PORTAL if portal else Verdict.OFFLINE)
    assert (("true",) in line.asked) is (error is DeadlineExceeded)
    found = probe(  # type: ignore[arg-type]
        Endless(error("no end"), "ping"), "phy0-sta0", (), other_route="wan"
    )
    assert found.verdict is Verdict.OFFLINE


def test_a_deadline_of_the_link_is_none_of_the_probe() -> None:
    """The router does not answer anything: that says nothing of the network."""
    line = Endless(DeadlineExceeded("stalled"), "uclient-fetch", "true")
    with pytest.raises(LinkLost):
        probe(line, "phy0-sta0", ())  # type: ignore[arg-type]
    line = Endless(LinkLost("cut"), "uclient-fetch")
    with pytest.raises(LinkLost, match="cut"):
        probe(line, "phy0-sta0", ())  # type: ignore[arg-type]


def test_a_probe_keeps_little_of_its_answer() -> None:
    asked = [fetch(PAGE), lookup(PAGE.host, "10.10.1.1"), ping("9.9.9.9", "phy0-sta0")]
    assert all(command.most <= 65536 for command in asked)


def test_probes_ask_two_providers_and_the_uplinks_own_name_server() -> None:
    assert len({each.host for each in PROBES}) == 2
    line = Line(page=GONE)
    probe(line, "phy0-sta0", ("10.10.1.1", "10.10.1.2"))  # type: ignore[arg-type]
    assert [fetch(each).argv for each in PROBES] == line.asked[:2]
    assert lookup(PROBES[0].host, "10.10.1.2").argv in line.asked
    assert all("phy0-sta0" in argv for argv in line.asked if argv[0] == "ping")
