# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay record`"""

import argparse
import os
from collections.abc import Iterator

from wifirelay.change.record import record_all
from wifirelay.cli.context import Context, Result
from wifirelay.errors import UsageError
from wifirelay.transport.recorded import RecordingTransport
from wifirelay.values import Secret, shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the recording to write (JSON lines)")
    parser.add_argument(
        "--anonymous", action="store_true", help="replace names and addresses as well"
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="what this recording shows")
    parser.add_argument("--force", action="store_true", help="overwrite FILE if it is there")


def run(context: Context, args: argparse.Namespace) -> Result:
    path = os.path.expanduser(args.file)
    check_new(path, args.file, force=args.force)
    transport = noting(context, anonymous=args.anonymous)
    radios = record_all(transport, context.doing)
    recording = transport.recording(args.note)
    failed = [each for each in recording.exchanges if each.rc != 0]
    transport.save(path, args.note)
    names = " and names" if args.anonymous else ""
    return Result(
        {
            "schema": "wifirelay.record/1",
            "file": path,
            "radios": list(radios),
            "exchanges": len(recording.exchanges),
            "failed": [" ".join(each.argv) for each in failed],
            "anonymous": args.anonymous,
        },
        [
            f"{len(recording.exchanges)} answers in {shown(path)}, secrets{names} masked "
            f"({len(failed)} commands failed on the router, as they are)",
            "look through it before you give it away; "
            f"try it: `wifirelay --router recording:{shown(args.file)} plan`",
        ],
    )


def noting(context: Context, *, anonymous: bool) -> RecordingTransport:
    """The router's transport, and a note of all that goes through it, secrets masked."""
    opened = context.opened()
    secrets = list(_secrets(context))
    return RecordingTransport(opened.transport, opened.clock, secrets=secrets, anonymous=anonymous)


def check_new(path: str, name: str, *, force: bool) -> None:
    """Whether a file can be written, before a minute is spent on the router. UsageError."""
    if os.path.lexists(path) and not force:
        raise UsageError(
            f"{shown(name)} is there already", hint="take another name, or add --force"
        )
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise UsageError(
            f"{shown(name)} cannot be written", hint="name a file in a folder of yours"
        )


def _secrets(context: Context) -> Iterator[Secret]:
    """All that is known: a router may repeat one in a place that nobody expects."""
    settings = context.settings()
    found = [settings.login.password]
    for network in (*context.known, *settings.networks):
        found.append(network.key)
        if network.eap is not None:
            found += [network.eap.password, network.eap.priv_key_password]
    yield from (each for each in found if each is not None)
