# SPDX-License-Identifier: GPL-2.0-or-later
"""Carries out `setup` and `setup --undo`: the sentry and the baseline, on and off."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wifirelay.change.checks import PACKAGES, check_foreign, refusal
from wifirelay.change.files import SENTRY, install, remove, sentry_files
from wifirelay.change.leave import leave
from wifirelay.change.neighbours import check_neighbours, remarks
from wifirelay.change.onrouter import POKE, on_router
from wifirelay.change.outcome import Progress, Report, Step
from wifirelay.change.scripts import Exit, script
from wifirelay.change.trial import new_id
from wifirelay.clock import Clock
from wifirelay.core.baseline import (
    given_back,
    held_back,
    keeps_its_way,
    noted_packages,
    setup_edits,
    undo_edits,
)
from wifirelay.core.bridging import check_moved
from wifirelay.core.feeds import interface_of
from wifirelay.core.feeds_setup import untranslated
from wifirelay.core.hostname import hostname_in_vain
from wifirelay.core.known import NAT, KnownNetwork, Relay
from wifirelay.core.owned import Owned
from wifirelay.core.plan import enabled_uplinks
from wifirelay.core.relaying import NAME, meaning, packages_for
from wifirelay.core.vpn_only import vpn_only_remarks
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.router.board import Board, board
from wifirelay.router.config import package
from wifirelay.router.observe import observe, read_all
from wifirelay.router.protocols import protocols
from wifirelay.router.services import service, services
from wifirelay.router.state import Router
from wifirelay.transport.base import Command, Transport
from wifirelay.uci.edits import Edit, batch
from wifirelay.uci.model import Package
from wifirelay.uci.staged import Change
from wifirelay.values import shown

SENTRY_LIMIT = 20.0  # seconds until a started sentry gives a sign of life
POLL = 0.5
SERVICE = "wifirelay"


@dataclass(frozen=True, slots=True)
class Found:
    """What setup looks at."""

    board: Board
    router: Router
    owned: Owned
    remarks: tuple[str, ...] = ()  # what the owner should know


def look(
    transport: Transport,
    relay: Relay,
    known: Iterable[KnownNetwork] = (),
    *,
    leaving: bool = False,
    own: bool = True,
) -> Found:
    """Read what setup needs; raises Refused for a router that wifirelay leaves alone. `leaving`:
    to be taken out, which is right beside anybody. `own`: the configuration is the router's own.
    `known`: the networks that it is to be set up for."""
    device, beside, network, firewall = read_all(
        transport, [board(), services(), package("network"), package("firewall")]
    )
    device.check_supported()
    if not leaving:
        check_neighbours(transport, beside)
    router = observe(transport)
    check_foreign(router)
    names = noted_packages(router.wireless) | (frozenset() if leaving else packages_for(relay))
    dhcp = package("dhcp").read(transport) if "dhcp" in names else Package("dhcp")
    there = beside.running | beside.enabled
    others = not own and SERVICE in beside.installed  # one that is stopped may be started again
    asked = relay.kind == NAT and any(each.ipv6_only for each in known)
    handlers = protocols().read(transport) if asked else None
    owned = Owned(router.wireless, network, firewall, dhcp, there, others, handlers)
    told = remarks(beside, relay, firewall)
    if leaving:
        told += _stays(owned)
    else:
        if not keeps_its_way(owned, relay):
            told += meaning(relay, network)
        if (vain := hostname_in_vain(network, router.wireless, relay)) is not None:
            told = (*told, ": ".join(vain))
        told = (*told, *vpn_only_remarks(network, firewall, relay.vpn))
    return Found(device, router, owned, told)


def prepare(
    found: Found,
    relay: Relay,
    known: Iterable[KnownNetwork],
    secret: str,
    *,
    tidy: bool = False,
) -> tuple[Found, tuple[Edit, ...]]:
    """The edits of `setup_edits`, and what was found with what is to be said of them.

    Raises Refused where they would put on flash what is staged in own sections: an uplink of a
    session, a guest's key, a trial. `uci commit` takes a whole package.
    """
    known = tuple(known)
    edits = setup_edits(found.owned, relay, known, secret, tidy=tidy)
    if any(edit.package == "wireless" for edit in edits):
        _check_staged(found.router)
        check_moved(found.router.wireless, edits)
    told = [*found.remarks, *untranslated(found.owned, relay, known)]
    if found.owned.others and (held := held_back(found.owned, relay, known, tidy=tidy)):
        told.append(
            "the router has a configuration of its own, which may want what is there, so this is "
            f"not done: {'; '.join(edit.shown() for edit in held)}. `wifirelay setup` on the "
            "router goes by its own"
        )
    if names := _up_anew(found, relay, edits):
        told.append(
            f"an uplink is up, and {' and '.join(names)} is set up anew: connections through it "
            "may break off, yours too"
        )
    return replace(found, remarks=tuple(told)), edits


def _check_staged(router: Router) -> None:
    staged = sorted({change.section for change in router.changes if change.own})
    if staged:
        raise Refused(
            f"edits of {', '.join(map(shown, staged))} are staged on the router, and not for its "
            "flash: an uplink for this session, or a trial",
            hint="`wifirelay leave` takes them back; or try again once the uplink is kept",
        )


def _up_anew(found: Found, relay: Relay, edits: tuple[Edit, ...]) -> list[str]:
    """The interfaces of uplinks that are up whose options change."""
    used = {interface_of(each, relay.interface) for each in enabled_uplinks(found.router)}
    changed = {edit.section for edit in edits if edit.package == "network"}
    names = sorted({*used, *(name + "6" for name in used)} & changed)
    return [name for name in names if (at := found.router.interfaces.get(name)) and at.up]


def _stays(owned: Owned) -> tuple[str, ...]:
    """What undoing leaves as it is, as its owner has changed it since."""
    return tuple(
        f"{shown(loan.path)} is not what setup made it any more: it stays as it is"
        for loan in given_back(owned).stays
    )


def set_up(
    transport: Transport, clock: Clock, edits: tuple[Edit, ...], report: Report, controller: str
) -> None:
    """Put the sentry on the router and write the baseline: the first before the second."""
    report(Progress(Step.ARM, "putting the sentry on the router", done=False))
    for file in sentry_files():
        install(transport, file)
    for action in ("enable", "restart"):
        _service(transport, action)
    _wait_for_sentry(transport, clock)
    report(Progress(Step.ARM, "the sentry is installed and lives"))
    if edits:
        _commit(transport, edits, controller)
        report(Progress(Step.STAGE, f"{len(edits)} edits written"))
        _reload(transport, edits)
    else:
        report(Progress(Step.STAGE, "the configuration is as it should be"))


def take_out(
    transport: Transport,
    edits: tuple[Edit, ...],
    report: Report,
    controller: str,
    staged: Iterable[Change] = (),
) -> None:
    """Take setup's work out: the configuration first, the sentry last. `staged` was there when
    the edits were made, such as what holds an uplink; what others staged since is not committed."""
    if edits:
        _commit(transport, edits, controller, [each.path for each in staged if each.own])
        report(Progress(Step.STAGE, f"{len(edits)} edits written"))
        _reload(transport, edits)
    if on_router().read(transport).installed:
        for action in ("stop", "disable"):
            _service(transport, action)
    remove(transport, sentry_files())
    report(Progress(Step.ARM, "the sentry is off the router"))


def withdraw(
    transport: Transport, clock: Clock, relay: Relay, report: Report, controller: str
) -> None:
    """All of setup's work, whatever the uplink does now: it is left first."""
    found = look(transport, relay, leaving=True)
    if enabled_uplinks(found.router):
        leave(transport, clock, relay, report, controller)
        found = look(transport, relay, leaving=True)
    edits = undo_edits(found.owned)
    take_out(transport, edits, report, controller, found.router.changes)


def _commit(
    transport: Transport, edits: tuple[Edit, ...], controller: str, seen: Iterable[str] = ()
) -> None:
    touched = [name for name in (*PACKAGES, "dhcp") if any(edit.package == name for edit in edits)]
    words = (new_id(), controller, " ".join(seen), *touched)
    completed = transport.run(script("commit", *words, stdin=batch(edits), limit=40.0))
    if (refused := refusal(completed)) is not None:
        raise refused
    if completed.rc != Exit.DONE:
        raise RouterAnswer(
            f"the router's configuration was not changed: {completed.errors.strip()}"
        )


def _reload(transport: Transport, edits: tuple[Edit, ...]) -> None:
    """The firewall first: of what netifd does then the link may die, where it is the uplink: a live
    interface whose options have changed is set up anew. What netifd does not know yet is taken into
    its zone once it is up (firewall4's hotplug). Own sections are disabled or as they were, so no
    radio is touched.
    """
    if any(edit.package == "firewall" for edit in edits):
        _service(transport, "reload", "firewall")
    if any(edit.package in ("network", "wireless") for edit in edits):
        _service(transport, "reload", "network")
        transport.run(Command(("ubus", "send", POKE, "{}")))  # a service may do more by now
    other = ["dnsmasq", "odhcpd"] if any(edit.package == "dhcp" for edit in edits) else []
    if any((edit.package, edit.section) == ("network", NAME) for edit in edits):
        other.append("relayd")  # looks for its interfaces when it starts
    if other:
        there = services().read(transport)
        for name in other:
            if name in there.enabled | there.running:
                _service(transport, "restart" if name == "relayd" else "reload", name)


def _service(transport: Transport, action: str, name: str = SENTRY) -> None:
    completed = transport.run(service(name, action))
    if completed.rc != 0:
        raise RouterAnswer(f"the router could not {action} its service {name}")


def _wait_for_sentry(transport: Transport, clock: Clock) -> None:
    end = clock.monotonic() + SENTRY_LIMIT
    while not on_router().read(transport).sentry_lives:
        if clock.monotonic() >= end:
            raise RouterAnswer(
                "the sentry was started but gives no sign of life",
                hint="look at `logread -e wifirelay` on the router",
            )
        clock.sleep(POLL)
