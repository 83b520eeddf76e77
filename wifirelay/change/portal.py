# SPDX-License-Identifier: GPL-2.0-or-later
"""A login page between an uplink and the internet: logging in, and letting clients reach it.

Everything here is for a session: what is put on the router is in its RAM, and its configuration
is not touched. The page is a stranger's, and its name and address are taken as far as they are
harmless.
"""

import json
from collections.abc import Iterable

from wifirelay.change.scripts import Exit, script
from wifirelay.core.known import PortalLogin
from wifirelay.errors import DeadlineExceeded, RouterAnswer
from wifirelay.router.captive import named
from wifirelay.router.interfaces import LogicalInterface, interfaces
from wifirelay.router.internet import addresses, lookup, public, still_there
from wifirelay.router.portal import host_of
from wifirelay.transport.base import Transport
from wifirelay.values import Ssid, shown

FORM_LIMIT = 30.0  # seconds
SCRIPT_LIMIT = 60.0


def log_in(
    transport: Transport, login: PortalLogin, page: str, ssid: Ssid, device: str
) -> str | None:
    """Log in once, at `page` where the owner names no other. What failed, or None: whether it was
    of use shows the internet.

    A page may answer without an end, and so may a program: that is a failure of the login alone.
    Raises as `Transport.run` does when the router itself does not answer. Neither the form nor
    what the page answers is kept or told.
    """
    try:
        return _logged_in(transport, login, page, ssid, device)
    except DeadlineExceeded:
        still_there(transport)
        return f"it did not end within {SCRIPT_LIMIT if login.script else FORM_LIMIT:.0f} s"


def _logged_in(
    transport: Transport, login: PortalLogin, page: str, ssid: Ssid, device: str
) -> str | None:
    if login.script is not None:
        facts = {"ssid": ssid.text, "ssid_hex": ssid.hex, "portal_url": page, "device": device}
        command = script(
            "login_script", login.script, stdin=json.dumps(facts).encode(), limit=SCRIPT_LIMIT
        )
        completed = transport.run(command)
        said = shown(completed.errors.strip()[:200]) if completed.rc == 126 else ""
        return f"{login.script}: {said or f'exit code {completed.rc}'}" if completed.rc else None
    form = login.form.reveal() if login.form is not None else ""
    url = login.url or page
    completed = transport.run(
        script("login_form", url, stdin=form.encode("utf-8"), limit=FORM_LIMIT)
    )
    if completed.rc == Exit.FLASH:
        return "the router's RAM has no room for the form"
    # A page that answers with an error may have taken the form all the same (8: HTTP error).
    return f"the form could not be sent (exit code {completed.rc})" if completed.rc else None


def open_for_clients(
    transport: Transport, page: str, uplink: LogicalInterface, own: Iterable[LogicalInterface]
) -> str | None:
    """Let clients reach the login page by its name, where the router's DNS would hide it.

    The name server of OpenWrt gives clients no private address that an upstream names. So the
    page's name gets its address of now, by the upstream's own server; not whatever the upstream
    says later, which could be an address of the clients' own network. Returns the name, or None
    when there is nothing to open: the page has an address, or a public one. Raises RouterAnswer,
    and as `Transport.run` does.
    """
    host = host_of(page)
    if not named(host) or not uplink.dns:
        return None
    answer = transport.run(lookup(host, uplink.dns[0]))
    mine = [net for each in own if each.name != uplink.name for net in each.subnets()]
    for address in addresses(answer):
        odd = address.is_loopback or address.is_unspecified or address.is_link_local
        hidden = address.version == 4 and not public(address) and not odd
        if hidden and not any(address in net for net in mine):
            _run(transport, "open", host, str(address))
            return host
    return None


def close_for_clients(transport: Transport) -> None:
    """Take that back. Raises as `open_for_clients` does."""
    _run(transport, "close")


def at_uplink(transport: Transport, interface: str, page: str) -> str | None:
    """Let clients reach `page` through the uplink of now, and take back what let them reach one
    before where this one needs nothing. Returns and raises as `open_for_clients` does."""
    if page:
        found = interfaces().read(transport)
        uplink = found.get(interface)
        if uplink is not None and uplink.up:
            host = open_for_clients(transport, page, uplink, found.values())
            if host is not None:
                return host
    close_for_clients(transport)
    return None


def _run(transport: Transport, *words: str) -> None:
    completed = transport.run(script("portal", *words, limit=40.0))
    if completed.rc != Exit.DONE:
        raise RouterAnswer(
            f"the router's DNS did not take the login page's name (exit code {completed.rc})",
            hint="clients reach the page by its address all the same",
        )
