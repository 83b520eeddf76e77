# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: words in, one result or one error out."""

import argparse
import importlib
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence

from wifirelay import __version__
from wifirelay.cli.options import VALUED, Parser, add_global
from wifirelay.errors import UsageError, WifirelayError
from wifirelay.values import printable

# Each command is a module `wifirelay.cli.NAME` (`_` for `-`) with `add_arguments(parser)` and
# `run(context, args) -> Result`; it is imported only when it is asked for.
COMMANDS = {
    "scan": "what is in the air, known networks marked",
    "plan": "what would be joined, why, why not the others, and the exact edits",
    "join": "one trial of the best network, or of the named one",
    "leave": "back to the baseline: uplink off",
    "run": "the service: join the best, stay online, for months",
    "status": "own access points, uplink, lease, internet, sentry, staged edits",
    "record": "save what the router answers, secrets masked",
    "watch": "where the router stands and what it hears, live",
    "report": "one HTML page about a router, to look at or to give away",
    "web": "the page for a phone or a browser, served from this machine",
    "metrics": "where the router stands, once, as Prometheus reads it",
    "mqtt": "where the router stands, on an MQTT broker, for Home Assistant",
    "doctor": "what would go wrong on this router, before it does",
    "setup": "create the baseline on the router, once; --undo takes it back",
    "move-lan": "the router's own clients into another subnet than an upstream's",
    "install": "put the service on a router over SSH, and start it",
    "uninstall": "take it off again",
    "trust": "show and store a router's SSH host key",
    "simulate": "serve a simulated router over SSH, or show the main job on one (--demo)",
    "evaluate": "play policies against each other in simulated worlds",
    "networks": "the known networks: list, add, remove, import",
    "routers": "the routers of the configuration, for --routers: list, add, remove",
    "completion": "the completion script for bash, zsh or fish",
}

_EPILOG = """exit codes: 0 done, 1 a bug, 2 usage or configuration, 3 router unreachable or login or
host key refused, 4 nothing suitable to join, 5 trial failed and was rolled back, 6 refused,
7 rolled back but own access points not confirmed on the air, 8 the router's answer is not
understood or a command that is needed failed, 130 interrupted"""


def build_parser(command: str | None = None, *, whole: bool = False) -> argparse.ArgumentParser:
    """The parser; with `command`, that one's own arguments as well (its module is imported);
    `whole`, those of all."""
    parser = Parser(
        prog="wifirelay",
        description="An OpenWrt router's internet over Wi-Fi: scan, rank, join, prove, or "
        "take everything back.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"wifirelay {__version__}")
    add_global(parser, first=True)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in COMMANDS.items():
        sub = commands.add_parser(
            name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False
        )
        if whole or name == command:
            add_global(sub, first=False)
            importlib.import_module(module_of(name)).add_arguments(sub)
    return parser


def module_of(command: str) -> str:
    """Where a command is."""
    return "wifirelay.cli." + command.replace("-", "_")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):  # a terminal without some letter is no failure
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    as_json = "--json" in words
    debug = "--debug" in words
    try:
        return _run(words)
    except KeyboardInterrupt:
        error: WifirelayError = WifirelayError("interrupted")
        code = 130
        if debug:
            raise
    except WifirelayError as raised:
        error, code = raised, raised.exit_code
        if debug:
            raise
    except BrokenPipeError:  # the reader of standard output has gone: nothing left to say
        _silence_stdout()
        return 0
    except ModuleNotFoundError as missing:
        if debug:
            raise
        error, code = _not_here(missing), UsageError.exit_code
    except Exception as raised:
        if debug:
            raise
        kind = type(raised).__name__
        error = WifirelayError(
            f"a bug in wifirelay: {kind}",
            hint="run it again with --debug and report what it shows",
        )
        code = error.exit_code
    _print_error(error, code, as_json=as_json)
    return code


def _not_here(missing: ModuleNotFoundError) -> WifirelayError:
    """A router has only the part of wifirelay that makes sense there."""
    name = missing.name or ""
    if name.startswith("wifirelay."):
        return UsageError(
            f"this is not part of wifirelay on a router ({name})",
            hint="use it on a laptop: `wifirelay --router ssh://root@ROUTER ...`",
        )
    return UsageError(
        f"a Python module is missing: {name}",
        hint="pip install wifirelay; on a router: install the package python3-light",
    )


def _run(words: list[str]) -> int:
    # Only the command that is meant is imported: start-up counts on a router.
    args = build_parser(_command(words)).parse_args(words)
    from wifirelay.cli.context import Context

    args.words = words
    with Context(args) as context:
        one = (args.routers, args.jobs, args.limit) == (None, None, None)
        module = importlib.import_module(module_of(args.command if one else "many"))
        result = module.run(context, args)
        if not result.printed:
            as_json = json.dumps(result.object, ensure_ascii=True, indent=2)
            if not print_all([as_json] if args.json else map(printable, result.lines)):
                return UsageError.exit_code
    return int(result.exit_code)


def _command(words: list[str]) -> str | None:
    """The first word that is a command, and not the value of a global option."""
    for before, word in zip(["", *words], words, strict=False):
        if word in COMMANDS and before not in VALUED:
            return word
    return None


def print_all(lines: Iterable[str]) -> bool:
    """On standard output, if there is one; False, and said on the other, when it is full."""
    if sys.stdout is None:
        return True
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as full:
        _silence_stdout()
        _print_error(
            UsageError(
                f"standard output cannot be written: {full.strerror}",
                hint="the command itself was carried out",
            ),
            UsageError.exit_code,
            as_json=False,
        )
        return False
    return True


def _print_error(error: WifirelayError, code: int, *, as_json: bool) -> None:
    if as_json:
        from wifirelay.view.error import error_object

        print(json.dumps(error_object(error, code), indent=2))
        return
    print(f"wifirelay: {printable(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"  {printable(error.hint)}", file=sys.stderr)


def _silence_stdout() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
