# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay report FILE`: one HTML page about a router, to look at or to give away.

It is made from a recording, also of a live router: nothing is on the page that a recording,
whose secrets are masked, does not hold.
"""

import argparse
import os
from collections.abc import Callable

from wifirelay import __version__
from wifirelay.change.checkup import read_facts
from wifirelay.change.prospect import prospect
from wifirelay.change.record import record_all
from wifirelay.change.status import read_status
from wifirelay.cli.context import Context, Result
from wifirelay.cli.record import check_new, noting
from wifirelay.cli.status import read_history
from wifirelay.core.doctor.checks import check_up
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.radios import radio_names
from wifirelay.errors import NotRecorded, RouterAnswer
from wifirelay.router.board import board
from wifirelay.router.observe import listen, observe
from wifirelay.service.folder import Folder, folder_for
from wifirelay.transport.barescan import MODEL
from wifirelay.transport.base import Transport
from wifirelay.transport.recorded import RecordedTransport, anonymous
from wifirelay.transport.recordfile import Recording, load_recording, write_whole
from wifirelay.transport.target import Kind
from wifirelay.values import shown
from wifirelay.view.air import scan_lines
from wifirelay.view.chart import air_charts
from wifirelay.view.plan import plan_lines
from wifirelay.view.report import Section, findings_table, page
from wifirelay.view.service import history_lines
from wifirelay.view.status import status_lines

STATUS, CHECK_UP, AIR = "Where it stands", "Check-up", "The air"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the page to write (HTML)")
    parser.add_argument(
        "--anonymous", action="store_true", help="replace names and addresses as well"
    )
    parser.add_argument("--force", action="store_true", help="overwrite FILE if it is there")


def run(context: Context, args: argparse.Namespace) -> Result:
    path = os.path.expanduser(args.file)
    check_new(path, args.file, force=args.force)
    recording = _recording(context, hidden=args.anonymous)
    # Known networks and the history have names of their own: nobody has replaced those.
    known = () if args.anonymous else context.known
    history = [] if args.anonymous else _history(context)
    title, about = _about(recording)
    sections = [
        *_router_sections(title, RecordedTransport(recording), context.relay, known),
        *([Section("What the service did", tuple(history_lines(history)))] if history else []),
        *_log(recording),
    ]
    write_whole(path, [page(title, about, sections)], "the report")
    names = " and names" if args.anonymous else ""
    return Result(
        {
            "schema": "wifirelay.report/1",
            "file": path,
            "anonymous": args.anonymous,
            "sections": [section.title for section in sections],
        },
        [
            f"a report is in {shown(path)}, secrets{names} masked",
            "look through it before you give it away",
        ],
    )


def _recording(context: Context, *, hidden: bool) -> Recording:
    """What there is to report: the recording that was named, or a new one of the router."""
    target = context.opened().target
    if target.kind is Kind.RECORDING:
        recording = load_recording(target.path)
        return anonymous(recording) if hidden else recording
    transport = noting(context, anonymous=hidden)
    record_all(transport, context.doing)
    return transport.recording()


def _history(context: Context) -> list[dict[str, object]]:
    target = context.opened().target
    if target.kind not in (Kind.SSH, Kind.LOCAL):
        return []
    return read_history(Folder(folder_for(str(target))))


def _about(recording: Recording) -> tuple[str, list[str]]:
    """The heading, and what stands below it."""
    made = [f"recorded {recording.made}"] if recording.made else []
    note = [recording.note] if recording.note else []
    by = [f"wifirelay {__version__}"]
    try:
        device = board().read(RecordedTransport(recording))
    except RouterAnswer:
        return "A router", [*note, ", ".join([*made, *by])]
    return device.model, [*note, ", ".join([device.description, *made, *by])]


def _router_sections(
    model: str, transport: Transport, relay: Relay, known: tuple[KnownNetwork, ...]
) -> list[Section]:
    """What the commands would say, each for itself: one may not be in an old recording."""

    def status() -> list[Section]:
        read = read_status(transport, probing=False, recorded=True)
        return [Section(STATUS, tuple(status_lines(read)))]

    def check() -> list[Section]:
        findings = check_up(read_facts(transport, relay, known))
        return [Section(CHECK_UP, html=findings_table(findings))]

    def air() -> list[Section]:
        router = observe(transport)
        router, heard = listen(transport, router, radio_names(router.wireless, relay))
        charts = "".join(air_charts(heard, {network.ssid for network in known}))
        sections = [Section(AIR, tuple(scan_lines(heard, known)), charts)]
        if known and model != MODEL:
            _, plan = prospect(transport, router, heard, known, relay)
            lines = plan_lines(plan, verbose=True)
            sections.append(Section("What would be joined, and why", tuple(lines)))
        return sections

    if model == MODEL:  # a scan alone: the router around it is made up
        return _told(AIR, air)
    return [*_told(STATUS, status), *_told(CHECK_UP, check), *_told(AIR, air)]


def _told(title: str, part: Callable[[], list[Section]]) -> list[Section]:
    try:
        return part()
    except NotRecorded:
        return [Section(title, ("not in this recording",))]
    except RouterAnswer as error:
        return [Section(title, (error.message,))]


def _log(recording: Recording) -> list[Section]:
    """The router's log, as it was recorded."""
    for each in recording.exchanges:
        if each.argv[:1] == ("logread",) and each.out:
            return [Section("The router's log", tuple(each.out.splitlines()), folded=True)]
    return []
