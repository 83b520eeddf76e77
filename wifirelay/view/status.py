# SPDX-License-Identifier: GPL-2.0-or-later
"""A router's status for programs (`wifirelay.status/1`) and for people."""

from typing import Any

from wifirelay.change.checks import PACKAGES
from wifirelay.change.onrouter import OnRouter
from wifirelay.change.status import AccessPoint, State, Status, Uplink
from wifirelay.change.vpn import BEHIND, VpnState
from wifirelay.core.in_use import FLASH
from wifirelay.router.verdict import Session
from wifirelay.uci.staged import Change
from wifirelay.values import printable, shown
from wifirelay.view.plan import named
from wifirelay.view.table import table


def status_object(status: Status, service: dict[str, Any] | None = None) -> dict[str, Any]:
    """`service` is where the service stands, when it is its view that is shown."""
    net = status.internet
    return {
        "schema": "wifirelay.status/1",
        "model": status.board.model,
        "release": status.board.description,
        "set_up": bool(status.uplinks),
        "access_points": [
            {
                **named("ssid", each.ssid),
                "section": each.section,
                "radio": each.radio,
                "on_air": each.on_air,
            }
            for each in status.access_points
        ],
        "uplinks": [_uplink(each) for each in status.uplinks],
        "internet": None
        if net is None
        else {
            "verdict": net.verdict.value,
            "why": net.why,
            "portal_url": net.portal or None,
            "portal_api": _api(net.session),
        },
        "vpn": None
        if status.vpn is None
        else {
            "interface": status.vpn.interface,
            "state": status.vpn.state,
            "only": status.vpn.only,
            "guarded": status.vpn.guarded,
            "unread": status.vpn.unread or None,
        },
        "sentry": _sentry(status.on_router),
        "last_trial": _last_trial(status.on_router),
        "staged": {
            "own": [change.shown() for change in status.changes if change.own],
            "foreign": [change.shown() for change in _foreign(status)],
            "foreign_packages": sorted({change.package for change in _foreign(status)}),
        },
        "service": service,
    }


def status_lines(status: Status) -> list[str]:
    own = [change for change in status.changes if change.own]
    lines = [f"router      {shown(status.board.model)}, {shown(status.board.description)}"]
    lines += _under("own Wi-Fi", _access_points(status.access_points))
    lines += _under("uplink", _uplink_lines(status.uplinks))
    lines += _under("internet", _internet_lines(status))
    if status.vpn is not None:
        lines.append(f"vpn         {_vpn_text(status.vpn)}")
    lines += _under("sentry", _sentry_lines(status.on_router))
    lines += _under("staged", _staged_lines(len(own), _foreign(status), status.idle))
    return [printable(line) for line in lines]


def status_line(status: Status) -> str:
    """The same in one line."""
    dark = [each for each in status.access_points if not each.on_air]
    own = (
        f"off the air: {', '.join(_name(each) for each in dark)}"
        if dark
        else "own access points on the air"
        if status.access_points
        else "no own access point"
    )
    internet = status.internet.verdict.value if status.internet is not None else "not looked at"
    up = next((each for each in status.uplinks if each.state is not State.DISABLED), None)
    name = up.ssid if up is not None and up.ssid is not None else "(no network)"
    uplink = f"uplink {name} {up.state}" if up is not None else "uplink off"
    return printable(f"{uplink}; internet {internet}; {own}")


def _api(session: Session | None) -> dict[str, Any] | None:
    """What a login page's own API says; with `why` it says nothing."""
    if session is None:
        return None
    return {
        "why": session.why or None,
        "captive": None if session.why else session.captive,
        "venue_url": session.venue or None,
        "can_extend": session.extendable,
        "seconds_left": session.seconds,
        "bytes_left": session.bytes,
    }


def _uplink(uplink: Uplink) -> dict[str, Any]:
    six = uplink.ipv6
    return {
        **named("network", uplink.ssid),
        "section": uplink.section,
        "radio": uplink.radio,
        "state": uplink.state.value,
        "kept": uplink.kept,
        "bssid": uplink.bssid,
        "signal_dbm": uplink.signal,
        "addresses": list(uplink.addresses),
        "gateway": uplink.gateway,
        "dns": list(uplink.dns),
        "mac": uplink.mac,
        **({"ipv6": {"addresses": [*six.addresses], "delegated": six.delegated}} if six else {}),
        **({"ipv4_over_ipv6": "464xlat"} if uplink.translated else {}),
    }


def _sentry(state: OnRouter | None) -> dict[str, Any] | None:
    if state is None:
        return None
    trial, lock, served = state.unfinished, state.locked, state.served
    return {
        "installed": state.installed,
        "alive": state.sentry_lives,
        "holding": list(state.held),
        "unfinished_trial": None
        if trial is None
        else {
            "trial": trial.trial,
            "state": trial.state.value,
            "seconds_left": max(0, trial.deadline - state.uptime),
        },
        "lock": None
        if lock is None
        else {"controller": lock.name, "seconds_left": lock.lease - state.uptime},
        "served_by": None
        if served is None
        else {"controller": served.name, "seconds_left": served.lease - state.uptime},
    }


def _last_trial(state: OnRouter | None) -> dict[str, Any] | None:
    token = state.token if state is not None else None
    if token is None or token is (state.unfinished if state is not None else None):
        return None
    return {"trial": token.trial, "result": token.result}


def _foreign(status: Status) -> list[Change]:
    return [change for change in status.changes if not change.own]


def _name(point: AccessPoint) -> str:
    return str(point.ssid) if point.ssid is not None else point.section


def _access_points(points: tuple[AccessPoint, ...]) -> list[str]:
    if not points:
        return ["no own access point is configured"]
    return table(
        ("SSID", "RADIO", "SECTION", "NOW"),
        [
            (_name(each), each.radio, each.section, "on the air" if each.on_air else "OFF THE AIR")
            for each in points
        ],
    )[1:]


def _uplink_lines(uplinks: tuple[Uplink, ...]) -> list[str]:
    if not uplinks:
        return ["this router is not set up: `wifirelay setup`"]
    used = [each for each in uplinks if each.state is not State.DISABLED]
    if not used:
        return ["off: at baseline"]
    lines = []
    for each in used:
        signal = f" at {each.signal} dBm" if each.signal is not None else ""
        link = f" with {each.bssid}{signal}" if each.bssid is not None else ""
        shows = f" as {each.mac}" if each.mac is not None and each.given else ""
        kept = "kept on flash" if each.kept == "flash" else "until the next reboot"
        name = str(each.ssid) if each.ssid is not None else "(no network)"
        lines.append(f"{name} on {each.radio}: {_STATES[each.state]}{link}{shows}; {kept}")
        if each.addresses:
            gateway = f", gateway {each.gateway}" if each.gateway else ""
            dns = f", name server {', '.join(each.dns)}" if each.dns else ""
            lines.append(shown(f"{', '.join(each.addresses)}{gateway}{dns}"))
        if each.ipv6 is not None:
            prefix = "a prefix" if each.ipv6.delegated else "no prefix"
            how = "IPv4 by 464XLAT" if each.translated else ", ".join(each.ipv6.addresses)
            how += "" if each.addresses else ", no IPv4 over it"
            lines.append(shown(f"{how}, {prefix} for clients"))
    return lines


_STATES = {
    State.CONNECTED: "connected",
    State.ASSOCIATED: "associated, no address yet,",
    State.SEARCHING: "searching",
    State.STOPPED: "enabled, but the router does not run it",
    State.HELD: "held by the sentry until the network is heard again",
    State.DISABLED: "disabled",
}


def _internet_lines(status: Status) -> list[str]:
    net = status.internet
    if net is None:
        connected = any(each.state is State.CONNECTED for each in status.uplinks)
        return ["not looked at" if connected else "unknown: no uplink is connected"]
    page = f" {net.portal}" if net.portal else ""
    page += BEHIND if page and status.vpn is not None and status.vpn.only else ""
    lines = [f"{net.verdict}: {shown(net.why)}{page}"]
    if net.session is not None and net.session.why:
        lines.append(f"what it says itself of its login page is not known: {net.session.why}")
    if net.session is not None and net.session.venue:
        lines.append(f"about this place: {net.session.venue}")
    return lines


def _vpn_text(vpn: VpnState) -> str:
    text = f"{vpn.interface} {vpn.state}"
    if vpn.state == "missing":
        text += f": `uci show network.{vpn.interface}` (is it there, and not disabled?)"
    if vpn.guarded:
        return f"{text}; the LAN goes out through nothing else"
    if vpn.unread:
        text += f"; whether its kill-switch is there is not known: {vpn.unread}"
    elif vpn.only and vpn.guarded is not None:
        text += "; no kill-switch yet: the LAN goes past it (`wifirelay setup`)"
    return text


def _sentry_lines(state: OnRouter | None) -> list[str]:
    if state is None:
        return ["unknown: the recording does not tell"]
    if not state.installed:
        return ["not installed: `wifirelay setup`"]
    lines = ["lives" if state.sentry_lives else "DOES NOT LIVE: nothing is tried without it"]
    if state.held:
        lines[0] += f"; holds {', '.join(map(shown, state.held))}"
    if state.unfinished is not None:
        left = max(0, state.unfinished.deadline - state.uptime)
        lines.append(f"a trial runs ({state.unfinished.state}), {left} s until it is rolled back")
    if state.locked is not None:
        left = state.locked.lease - state.uptime
        lines.append(f"locked by {shown(state.locked.name)} for {left} s")
    if state.served is not None:
        lines.append(f"looked after by a service: {shown(state.served.name)}")
    ended = _last_trial(state)
    if ended is not None:
        lines.append(f"the last join {_in_words(ended['result'])}")
    return lines


def _in_words(result: str) -> str:
    """How a trial ended, from the last line of its token (docs/sentry.md)."""
    how, _, rest = result.partition(" ")
    if how == "confirmed":
        kept, _, why = rest.partition(" ")
        if kept == "flash":
            return "is kept on flash"
        because = "" if why == "as asked" else f" {shown(why)}"
        return f"is kept until the next reboot{because}"
    who, _, why = rest.partition(" ")
    if who == "sentry":
        return f"was taken back by the sentry: {shown(why)}"
    return f"was taken back by the {who}" if who == "button" else "failed and was taken back"


def _staged_lines(own: int, others: list[Change], idle: tuple[Change, ...]) -> list[str]:
    if not others:
        return [f"{own} own edits, not on flash" if own else "nothing"]
    stop = any(change.package in PACKAGES and change not in idle for change in others)
    count = "1 edit" if len(others) == 1 else f"{len(others)} edits"
    lines = [f"{count} of somebody else's{' (no `join` before they are gone)' if stop else ''}:"]
    lines += [f"  {shown(change.shown())}" for change in others]
    lines += [FLASH] if idle else []
    return [*lines, f"{own} own edits, not on flash"] if own else lines


def _under(title: str, lines: list[str]) -> list[str]:
    """A title in front of the first line, the others below it."""
    return [f"{title if not number else '':<12}{line}" for number, line in enumerate(lines)]
