# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay metrics`: where a router stands, once, as Prometheus and its collectors read it."""

import argparse
import os

from wifirelay import __version__
from wifirelay.cli.context import Context, Result
from wifirelay.cli.looking import Looking
from wifirelay.errors import RouterAnswer, TransportError, UsageError
from wifirelay.transport.recordfile import write_whole
from wifirelay.values import shown
from wifirelay.view.exposition import exposition
from wifirelay.view.metrics import metrics, metrics_object

_READABLE = 0o644  # another user's collector reads it; no secret is in it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--file",
        metavar="PATH",
        help="write them there, whole or not at all, for node_exporter's textfile collector",
    )


def run(context: Context, args: argparse.Namespace) -> Result:
    path = None if args.file is None else _checked(context, args.file)
    router = str(context.opened().target)
    try:
        status = Looking(context, context.doing).look(scan=False).status
        if status is None:
            raise RouterAnswer(
                "the router's service has just begun, and knows nothing yet", hint="ask it again"
            )
    except TransportError:
        # Old numbers would look like news: that the router is out of reach is told, too.
        text = exposition(metrics(router, __version__, None))
        if path is not None:
            _write(path, text)
        elif not args.json:
            print(text, end="", flush=True)
        raise
    samples = metrics(router, __version__, status)
    text = exposition(samples)
    shape = metrics_object(router, samples, path)
    if path is None:
        return Result(shape, text.splitlines())
    _write(path, text)
    return Result(shape, [f"{len(samples)} samples are in {shown(path)}"])


def _checked(context: Context, path: str) -> str:
    """Where to write. A device or a link would be replaced by a file, and nobody wants that."""
    if os.path.islink(path) or (os.path.exists(path) and not os.path.isfile(path)):
        raise UsageError(
            f"--file: {shown(path)} is no regular file",
            hint="without --file they go to standard output",
        )
    if not path.endswith(".prom"):
        context.say(f"warning: node_exporter reads only files that end in .prom, not {shown(path)}")
    return path


def _write(path: str, text: str) -> None:
    write_whole(path, [text], "the metrics", mode=_READABLE)
