# SPDX-License-Identifier: GPL-2.0-or-later
"""What a network itself says of its login page: its API's address, which DHCP gives (RFC 8910), and
what that answers (RFC 8908).

All of it is a stranger's: an address is taken only as far as it is one, an answer whole or not at
all. Pure.
"""

import json
from dataclasses import replace
from ipaddress import ip_address

from wifirelay.router.internet import PROBES
from wifirelay.router.portal import host_of, proper
from wifirelay.router.verdict import Internet, Session, Verdict
from wifirelay.transport.base import Completed
from wifirelay.values import span

MOST = 16384  # bytes of an answer
_LONGEST = 10 * 366 * 86400  # seconds: no session lasts longer
_UNRESTRICTED = b"urn:ietf:params:capport:unrestricted"  # RFC 8910: there is no login page

# What the script `captive`, curl, uclient-fetch and wget say by their exit codes.
_FAILED = {
    31: "this router has no TLS for it: libustream-mbedtls or curl is missing",
    32: "this router has no certificates to check it by: ca-bundle is missing",
    124: "it does not answer in time",
    **dict.fromkeys((5, 60), "its certificate is not trusted"),
    **dict.fromkeys((8, 22), "it answers with an error"),
}


def api_of(digits: str) -> tuple[str, str]:
    """The API's address in DHCP's option 114 (hexadecimal digits, as udhcpc gives it), and why it
    is not asked: one of them is empty, and both where the network has no login page, as it says."""
    try:
        raw = bytes.fromhex(digits).rstrip(b"\0")
        url = proper(raw.decode("ascii"))
    except ValueError:
        url = None
    else:
        if raw == _UNRESTRICTED:
            return "", ""
    if url is None:
        return "", "its address is none"
    if not url.startswith("https://"):
        return "", "its address is not https"
    if not named(host_of(url)):
        return "", "its address has no name of a host"
    return url, ""


def named(host: str) -> bool:
    """Whether it is a name that a stranger may have in our DNS: two labels at least, none of
    OpenWrt's own `lan`."""
    labels = host.rstrip(".").split(".")
    try:
        ip_address(host)
    except ValueError:
        return len(labels) > 1 and all(labels) and labels[-1] not in ("lan", "local")
    return False


def parse_session(completed: Completed) -> Session:
    """The API's answer. `why` says what is wrong with one that is not understood."""
    if completed.rc:
        return Session(_FAILED.get(completed.rc, f"it does not answer (exit code {completed.rc})"))
    try:
        answer = json.loads(completed.out[: MOST + 1].decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Session("what it answers is no JSON")
    if len(completed.out) > MOST:
        return Session("what it answers is too long")
    if not isinstance(answer, dict) or not isinstance(answer.get("captive"), bool):
        return Session("what it answers does not say whether a login is needed")
    page, venue = answer.get("user-portal-url"), answer.get("venue-info-url")
    for name, url in (("user-portal-url", page), ("venue-info-url", venue)):
        if url is not None and not (isinstance(url, str) and _https(url)):
            return Session(f"its {name} is no https address")
    seconds, left = answer.get("seconds-remaining"), answer.get("bytes-remaining")
    for name, number, most in (
        ("seconds-remaining", seconds, _LONGEST),
        ("bytes-remaining", left, 1 << 62),
    ):
        if number is not None and not (type(number) is int and 0 <= number <= most):
            return Session(f"its {name} is no such number")
    extend = answer.get("can-extend-session")
    if extend is not None and not isinstance(extend, bool):
        return Session("its can-extend-session is neither true nor false")
    return Session("", answer["captive"], page or "", venue or "", extend, seconds, left)


def judged(internet: Internet, session: Session) -> Internet:
    """What the probe pages and the API come to together.

    Probe pages that come through are internet, whatever the API says: its word is told beside that.
    Where they do not, a login that it says is needed is what keeps them away, and one that it says
    is not needed is not.
    """
    why, verdict, page = internet.why, internet.verdict, internet.portal
    if session.why:
        return replace(internet, session=session)
    if session.captive and verdict is Verdict.ONLINE:
        why += f"; the network itself says that a login is needed {session.page}".rstrip()
    elif session.captive:
        verdict, page = Verdict.PORTAL, session.page or page or PROBES[0].url
        if internet.verdict is not Verdict.PORTAL:
            why = "the network itself says that a login is needed"
    elif verdict is Verdict.PORTAL:
        verdict, page = Verdict.OFFLINE, ""
        why += " The network itself says that none is needed"
    elif verdict is Verdict.ONLINE and session.seconds is not None:
        why += f"; the session lasts {span(session.seconds)} more"
    return Internet(verdict, why, page, session)


def _https(url: str) -> bool:
    return url.startswith("https://") and proper(url) is not None


def _refuse(word: str) -> None:
    raise ValueError(word)
