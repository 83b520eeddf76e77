# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of a router that are no JSON: its log, wifirelay's own state, probes, errors, a batch."""

import json
import shlex
from collections.abc import Iterator, Sequence

from tests.fuzzing.feeding import Parser, feed, harmless, text_of
from tests.fuzzing.router import STATE_TEXT
from tests.fuzzing.seeds import outputs
from wifirelay.change.checks import refusal
from wifirelay.change.deploy import check_room, survey
from wifirelay.change.onrouter import parse_on_router
from wifirelay.change.scripts import Exit
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.router.captive import api_of, judged, parse_session
from wifirelay.router.internet import PROBES, judge, resolved
from wifirelay.router.log import join_log, parse_join_log, supplicant_text
from wifirelay.router.portal import proper
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.transport import shell
from wifirelay.transport.base import AllThere, Command, Completed, Following
from wifirelay.values import Ssid, printable
from wifirelay.view.status import _api, _in_words, _sentry, _sentry_lines

TRIAL, IFNAME = "0123456789abcdef", "phy0-sta0"
BOUNDARY = "deadbeefdeadbeef"


def _log(data: bytes) -> None:
    for ssid in (Ssid(b"HomeNet"), Ssid(data[:32])):
        found = parse_join_log(Completed(0, data), TRIAL, IFNAME, ssid)
        assert len(found.rejections) <= data.count(b"CTRL-EVENT-SSID-TEMP-DISABLED")
        assert supplicant_text(ssid).isascii()
    join_log(TRIAL, IFNAME, Ssid(b"x")).parse(Completed(0, data))


def _state(data: bytes) -> None:
    state = parse_on_router(Completed(0, data, data))
    assert state.served is None or state.served.lease > state.uptime
    harmless([printable(line) for line in _sentry_lines(state)])
    json.loads(json.dumps(_sentry(state)))


def _probes(data: bytes) -> None:
    for rc in (0, 1, 4, 5, 8):
        for page in PROBES:
            verdict = judge(page, Completed(rc, data))
            if verdict is not None:
                harmless([verdict.why])
        resolved(Completed(rc, data))


def _captive(data: bytes) -> None:
    """Option 114 and the API's answer: a proper https address, a session whole or not at all."""
    for digits in (data.hex(), text_of(data)):
        url, why = api_of(digits)
        assert not (url and why) and (not url or proper(url) == url)
        harmless([url, why])
    for rc in (0, 5, 22):
        session = parse_session(Completed(rc, data))
        for internet in (Internet(Verdict.ONLINE, "up"), Internet(Verdict.PORTAL, "page", "x")):
            found = judged(internet, session)
            harmless([found.why, session.why, session.page, session.venue])
            json.loads(json.dumps(_api(found.session)))


def _errors(data: bytes) -> None:
    for code in (Exit.LOCKED, Exit.FOREIGN, Exit.PAUSED, Exit.DONE):
        refused = refusal(Completed(int(code), b"", data))
        if refused is not None:
            harmless([refused.message, refused.hint])
    harmless([printable(_in_words(text_of(data)))])


class _Surveyed:
    """A router whose survey says what it is given."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def run(self, command: Command) -> Completed:
        return Completed(0, self._data if command.argv[0] == "sh" else b"{}")

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple(map(self.run, commands))

    def follow(self, command: Command) -> Following:
        return AllThere(self.run(command).out.split(b"\n"))

    def close(self) -> None:
        """Nothing is held."""


def _survey(data: bytes) -> None:
    check_room(survey(_Surveyed(data)), "local")


def _split(data: bytes) -> None:
    """A batch's answers are those that were given, whatever their bytes."""
    token = BOUNDARY.encode()
    half = data[: len(data) // 2]
    out = half + token + b" 0\n" + data + token + b" 7\n"
    err = data + token + b"\n" + half + token + b"\n"
    answers = shell.split(out, err, BOUNDARY, 2)
    if token not in data:
        assert answers == (Completed(0, half, data), Completed(7, data, half))
    try:
        shell.split(data, data, BOUNDARY, 3)
    except shell.Incomplete:
        return
    assert data.count(token) >= 3


def _quoted(data: bytes) -> None:
    """Whatever a word holds, a shell gets this very word."""
    words = [word for word in text_of(data).split("\x1f") if "\0" not in word]
    if words and words[0]:
        line = shell.quote(words).decode("utf-8", "surrogateescape")
        assert shlex.split(line) == words


PARSERS = (
    Parser("log", _log),
    Parser("own state", _state, (RouterAnswer,)),
    Parser("probes", _probes),
    Parser("login page's API", _captive),
    Parser("errors of scripts", _errors),
    Parser("survey", _survey, (RouterAnswer, Refused)),
    Parser("a batch's answers", _split, (shell.Incomplete,)),
    Parser("quoting", _quoted),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


_LOG = (
    "Mon Nov 23 12:52:01 2026 user.notice wifirelay: trial 0123456789abcdef begins\n"
    "Mon Nov 23 12:52:03 2026 daemon.notice wpa_supplicant[694]: phy0-sta0: "
    'CTRL-EVENT-SSID-TEMP-DISABLED id=10 ssid="HomeNet" auth_failures=1 duration=10 '
    "reason=WRONG_KEY\n"
)
_NSLOOKUP = (
    "Server:\t\t127.0.0.1\nAddress:\t127.0.0.1:53\n\n"
    "Non-authoritative answer:\nName:\tdetectportal.firefox.com\nAddress: 34.107.221.82\n"
    "Name:\tdetectportal.firefox.com\nAddress 1: 2600:1901:0:38d7::\n"
)


def seeds() -> Iterator[bytes]:
    yield from outputs("logread")
    for text in (_LOG, _NSLOOKUP, STATE_TEXT, STATE_TEXT.replace("ended", "armed")):
        yield text.encode()
    yield b"https://api.train.example/captive"
    yield (
        b'{"captive": false, "user-portal-url": "https://login.train.example/", '
        b'"venue-info-url": "https://train.example/", "can-extend-session": true, '
        b'"seconds-remaining": 3600, "bytes-remaining": 1000000}'
    )
    yield b"success\n"
    yield b"<html><head><title>Login</title></head></html>"
    yield b"python 3.11\npackages opkg\nInstalled-Size 1234567\npackaged\ninstalled\nbase\n"
    yield b"python 3.13\npackages apk\n"
    yield b'sh\x1f-c\x1fit\'s "a" $word `x`\x1f*'


WORDS = (
    *("CTRL-EVENT-SSID-TEMP-DISABLED id=", ' ssid="', '" auth_failures=', " duration="),
    *(" reason=WRONG_KEY", "CONN_FAILED", "wpa_supplicant[1]: ", "phy0-sta0: ", "begins"),
    *("wifirelay: trial ", "Mon Nov 23 12:52:01 2026 daemon.notice ", TRIAL, BOUNDARY, " 0\n"),
    *("up ", "boot ", "alive ", "armed ", "ended ", "lock/owner ", "service/owner ", "held."),
    *("paused ", "resting\n", "installed\n", "Address: ", "Address 1: ", "\n\n", "0.0.0.0"),
    *('"captive": ', "-remaining", "user-portal-url", "venue-info-url", "https://", "urn:ietf:"),
    *("python ", "packages ", "Installed-Size ", "success", "NetworkManager is online"),
    *("\u2028", "\x0b", "\x85", "-1", "9" * 40, "confirmed flash ", "rolled-back sentry "),
)
