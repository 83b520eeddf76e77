# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay status`"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from wifirelay.change.status import read_status
from wifirelay.cli.context import Context, Result
from wifirelay.cli.trying import refuse_made_up
from wifirelay.service.folder import HISTORY, LINES, STATUS, Folder, folder_for
from wifirelay.transport.target import Kind
from wifirelay.values import span
from wifirelay.view.service import history_lines
from wifirelay.view.status import status_lines, status_object


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-probe", action="store_true", help="do not ask the internet anything")
    parser.add_argument(
        "--fresh", action="store_true", help="ask the router, also while a service knows"
    )
    parser.add_argument(
        "--history", action="store_true", help="what a service of this machine did, and why"
    )


def run(context: Context, args: argparse.Namespace) -> Result:
    target = context.opened().target
    kept = None if target.kind is Kind.SIM else Folder(folder_for(str(target)))
    if args.history:
        return _history(kept, str(target) if target.kind is Kind.SSH else "")
    if kept is not None and not args.fresh and (known := _from_service(kept)) is not None:
        return known
    opened = context.opened()
    context.doing("asking the router")
    status = read_status(
        opened.transport,
        probing=not args.no_probe,
        recorded=opened.dry,
        vpn=context.relay_to_leave.vpn,
    )
    if opened.dry:
        refuse_made_up(status.board)
    return Result(status_object(status), status_lines(status))


def _from_service(kept: Folder) -> Result | None:
    """What the service of this router, on this machine, saw last: costs the router nothing."""
    pid = kept.lives()
    shape, text = kept.read_json(STATUS), kept.read(LINES)
    if pid is None or not isinstance(shape, dict) or text is None:
        return None
    seen_at = os.stat(os.path.join(kept.path, LINES)).st_mtime
    age = span(max(0.0, time.time() - seen_at))
    first = f"as the service (process {pid}) knew it {age} ago; --fresh asks the router"
    return Result(shape, [first, "", *text.splitlines()])


def read_history(kept: Folder | None) -> list[dict[str, Any]]:
    """The events that a service of this machine has told, oldest first."""
    text = kept.read(HISTORY) if kept is not None else None
    return list(_understood((text or "").splitlines()))


def _history(kept: Folder | None, router: str) -> Result:
    history = read_history(kept)
    lines = history_lines(history) or ["no service of this machine has told anything since boot"]
    if router and not history:
        lines.append(f"one on {router} has its own: there, `wifirelay status --history`")
    return Result({"schema": "wifirelay.history/1", "history": history}, lines)


def _understood(lines: list[str]) -> Iterator[dict[str, Any]]:
    """What the service wrote; the last line may be cut where RAM was full."""
    for line in lines:
        with suppress(ValueError, RecursionError):
            found = json.loads(line)
            if isinstance(found, dict):
                yield found
