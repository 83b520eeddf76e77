# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks a login page's own API (RFC 8908), on the router and through the uplink."""

from dataclasses import replace

from wifirelay.change.scripts import read_script
from wifirelay.errors import DeadlineExceeded, TooLong
from wifirelay.router.captive import MOST, api_of, judged, parse_session
from wifirelay.router.internet import still_there
from wifirelay.router.ubus import Fact
from wifirelay.router.verdict import Internet, Session
from wifirelay.transport.base import Command, Transport

LIMIT = 12.0  # seconds


def able() -> Fact[str]:
    """Why the router cannot ask any; nothing: it can."""
    return Fact(read_script("captive"), lambda done: parse_session(done).why if done.rc else "")


def ask(digits: str, device: str) -> Command | None:
    """The command that asks the API which DHCP's option 114 names; None where it names none that is
    asked. `device` is the uplink's."""
    url, _ = api_of(digits)
    if not url:
        return None
    return replace(read_script("captive", url, device), deadline=LIMIT, most=2 * MOST)


def session_of(transport: Transport, digits: str, device: str) -> Session | None:
    """What the API says; None where the network says that it has no login page.

    What answers may be anybody's: an answer without an end is told as such. Raises as
    `Transport.run` does when the router itself does not answer.
    """
    command = ask(digits, device)
    if command is None:
        _, why = api_of(digits)
        return Session(why) if why else None
    try:
        return parse_session(transport.run(command))
    except TooLong:
        return Session("what it answers is too long")
    except DeadlineExceeded:
        still_there(transport)
        return Session("it does not answer in time")


def with_session(transport: Transport, internet: Internet, digits: str, device: str) -> Internet:
    """The internet as the network's API sees it too, where DHCP has named one. Raises as
    `session_of` does."""
    session = session_of(transport, digits, device) if digits else None
    return internet if session is None else judged(internet, session)
