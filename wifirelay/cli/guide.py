# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay setup` at a terminal: from nothing to an uplink, one question at a time.

Nothing is changed that was not shown before. Ctrl-C and Ctrl-D end it anywhere; what was said
to be done by then stays done, and the next `wifirelay setup` goes on from there.
"""

import argparse
import os

from wifirelay.change.checkup import read_facts
from wifirelay.cli import join, networks
from wifirelay.cli.asking import ask, yes
from wifirelay.cli.context import Context, Result
from wifirelay.cli.reaching import TRIES, Reached, reach
from wifirelay.cli.scan import hear
from wifirelay.cli.setup import carry_out, look_and_show, setup_object
from wifirelay.cli.trying import refuse_dry
from wifirelay.core.doctor.checks import check_up
from wifirelay.core.doctor.finding import Verdict
from wifirelay.errors import InputEnded, UsageError, WifirelayError
from wifirelay.router.scan import Bss
from wifirelay.transport.target import Kind
from wifirelay.values import SSID_BYTES, Security, Ssid
from wifirelay.view.doctor import finding_lines

# What can be added with a key alone, or none. The rest needs the configuration file.
EASY = {
    Security.OPEN: ("--open",),
    Security.OWE: ("--security", "owe"),
    Security.PSK2: (),
    Security.SAE_MIXED: (),
    Security.SAE: (),
}

BAD = (Verdict.WARNING, Verdict.PROBLEM)
DONE_NOW = "`wifirelay setup`"  # the remedy for what this dialogue is about to do


def guide(context: Context, args: argparse.Namespace) -> Result:
    """The whole dialogue. Raises UsageError where the owner says no, and whatever fails before
    the router is set up; what fails afterwards is told, and gives the exit code."""
    reached = reach(context)
    refuse_dry(context, "setup")
    _check_up(context)
    found, edits = look_and_show(context, args)
    carry_out(context, args, edits)
    try:
        _add_networks(context)
        lines, code = _join(context), 0
    except InputEnded:
        raise
    except WifirelayError as failed:
        hint = [failed.hint] if failed.hint else []
        lines, code = [f"set up, and not joined: {failed.message}", *hint], failed.exit_code
    return Result(setup_object(args, found, edits), [*lines, *_next(context, reached, code)], code)


def _check_up(context: Context) -> None:
    """What `doctor` would say, as far as it matters now: whether a radio can be access point and
    station at once, and whatever is wrong."""
    context.doing("looking at the router")
    facts = read_facts(context.transport, context.relay, context.known)
    told = [
        finding
        for finding in check_up(facts)
        if finding.check == "combination"
        or (finding.verdict in BAD and DONE_NOW not in finding.remedy)
    ]
    for line in finding_lines(told):
        context.say(line)


def unknown_networks(
    heard: tuple[Bss, ...], known: set[Ssid], own: frozenset[str] = frozenset()
) -> list[Bss]:
    """The strongest access point of each network that could be joined once it is known, strongest
    first. `own`: MAC addresses of this router's own."""
    best: dict[Ssid, Bss] = {}
    for bss in sorted(heard, key=_strength):
        if bss.ssid is None or bss.ssid in known or bss.ssid.unjoinable() is not None:
            continue
        if bss.mode == "Master" and bss.bssid not in own:
            best[bss.ssid] = bss
    return sorted(best.values(), key=_strength, reverse=True)


def _strength(bss: Bss) -> int:
    return bss.signal if bss.signal is not None else -999


def _add_networks(context: Context) -> None:
    """Offer what is in the air, until the owner has enough."""
    if context.opened().known and context.args.config is None:
        context.say("a simulated router has its own known networks: none is asked for")
        return
    router, _, heard = hear(context)
    offered = _show_air(context, heard, router.own_macs)
    while answer := ask("add which network? Its number, or its name; Enter for none"):
        try:
            lines = _add(context, answer, offered)
        except InputEnded:
            raise
        except UsageError as wrong:
            context.complain(wrong)
            continue
        for line in lines or ["nothing added"]:
            context.say(line)
        offered = _show_air(context, heard, router.own_macs) if lines else offered


def _show_air(context: Context, heard: tuple[Bss, ...], own: frozenset[str]) -> list[Bss]:
    """Known networks with a star, the others with the number that adds them. The name comes last:
    it has any width, and nothing behind it that it could forge."""
    known = {network.ssid for network in context.known}
    names = {bss.ssid for bss in heard if bss.ssid is not None} & known
    rows = [("*", "known", "", name) for name in sorted(map(str, names))]
    offered = unknown_networks(heard, known, own)
    for number, bss in enumerate(offered, 1):
        signal = f"{bss.signal} dBm" if bss.signal is not None else "?"
        rows.append((str(number), signal, bss.security.value, str(bss.ssid)))
    for mark, signal, security, name in rows:
        context.say(f"  {mark:>2}  {signal:<8} {security:<10} {name}")
    if not rows:
        context.say("no network is heard that could be added by its number")
    return offered


def _add(context: Context, answer: str, offered: list[Bss]) -> list[str]:
    """Add what the owner named; what there is to say of it, nothing if it was not added after
    all. Raises UsageError."""
    if answer.isascii() and answer.isdigit() and len(answer) < SSID_BYTES:
        if not 0 < int(answer) <= len(offered):
            raise UsageError(f"there are {len(offered)}, and {answer} is none of them")
        chosen = offered[int(answer) - 1]
    else:
        ssid = Ssid(os.fsencode(answer))
        if len(ssid.raw) > SSID_BYTES:
            raise UsageError(f"{ssid}: an SSID has at most {SSID_BYTES} bytes")
        found = [bss for bss in offered if bss.ssid == ssid]
        if not found:
            if not yes(f"{ssid} is not heard: add it as a hidden one?"):
                return []
            return _added(context, ssid, ("--hidden",))
        chosen = found[0]
    name = chosen.ssid or Ssid(b"")
    if chosen.security not in EASY:
        raise UsageError(
            f"{name} asks for more than a key ({chosen.security})",
            hint="docs/configuration.md shows how to write such a network",
        )
    return _added(context, name, EASY[chosen.security])


def _added(context: Context, ssid: Ssid, options: tuple[str, ...]) -> list[str]:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    networks.add_arguments(parser)
    args = parser.parse_args(["add", *options, "--", os.fsdecode(ssid.raw)])
    for left in reversed(range(TRIES)):
        try:
            lines = networks.run(context, args).lines
            break
        except InputEnded:
            raise
        except UsageError as wrong:  # the key: once more, lest it be typed as a name
            if not left:
                raise
            context.complain(wrong)
    context.reload()
    return lines


def _join(context: Context) -> list[str]:
    """The first join, if it is wanted: what came of it. Raises WifirelayError."""
    if not context.known or not yes("join the best of them now?", default=True):
        return ["set up"]
    return join.run(context, argparse.Namespace(ssid=None, login=False, twin=False)).lines


def _next(context: Context, reached: Reached, code: int) -> list[str]:
    """What to type next."""
    command, lines = reached.command, []
    if reached.target.kind is Kind.SIM:
        return ["that was a simulated router; the next command with sim: begins with a new one"]
    if reached.typed:
        lines.append(
            "the password is kept nowhere: let the router know your SSH key, or name "
            "`login: {password_file: FILE}` in the configuration"
        )
    if not context.known:
        return [*lines, f"next: `wifirelay networks add SSID`, then `{command} join`"]
    if code:
        return [*lines, f"next: `{command} plan` says why, `{command} join` tries again"]
    return [
        *lines,
        f"next: `{command} status`; `{command} run` stays online by itself, "
        f"and `{command} install` makes the router do that alone",
    ]
