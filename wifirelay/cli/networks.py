# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay networks list | add | remove | prefer | import`: the known networks.

A key never comes from the command line itself, where every process could read it: it is typed
without echo, or read from standard input, or stays in a file or variable that is only named.
"""

import argparse
import os
import sys
from typing import Any

from wifirelay.change.configure import configure, fingerprint
from wifirelay.cli.asking import ask_secret, can_ask
from wifirelay.cli.context import Context, Result
from wifirelay.cli.options import global_parent
from wifirelay.config.model import Settings
from wifirelay.config.network import PRIORITY, network_from
from wifirelay.config.secrets import ReadSecret, read_secret, unread
from wifirelay.config.uci_file import (
    PACKAGE,
    PATH,
    load_uci,
    read_here,
    read_package,
    settings_from,
)
from wifirelay.config.uci_text import as_options, with_network, with_priority, without_network
from wifirelay.config.writing import UCI, YAML, Place, Style
from wifirelay.config.yaml_file import load
from wifirelay.core.known import DEVICE, KnownNetwork, Wanted
from wifirelay.errors import UsageError
from wifirelay.transport.base import Transport
from wifirelay.uci.model import Package
from wifirelay.values import Ssid, shown
from wifirelay.view.networks import networks_object

Answer = tuple[dict[str, Any], list[str]]

_LARGEST = 4096  # bytes of standard input
_WORDS = [wanted.value for wanted in Wanted if not wanted.value.endswith("-eap")]
_KEYLESS = (Wanted.OPEN.value, Wanted.OWE.value)
_KINDS = ("travelmate", "networkmanager", "wpa_supplicant", "qr")  # imports.kinds.Kind
_NEW = "the new network"  # stands where errors name the file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions and their options."""
    parents = [global_parent()]
    actions = parser.add_subparsers(dest="networks_action", metavar="ACTION", required=True)
    actions.add_parser("list", help="show the known networks", parents=parents)
    add = actions.add_parser(
        "add",
        help="add a network to the configuration file",
        parents=parents,
        allow_abbrev=False,
        description="Adds a network. Its key is asked for, unless an option says where it is.",
    )
    add.add_argument("ssid", metavar="SSID", help="the network's name (after -- if it begins so)")
    key = add.add_mutually_exclusive_group()
    key.add_argument("--key-stdin", action="store_true", help="read the key from standard input")
    key.add_argument("--key-file", metavar="FILE", help="the key stays in FILE")
    key.add_argument("--key-env", metavar="NAME", help="the key stays in a variable")
    key.add_argument("--open", action="store_true", help="a network without a key")
    add.add_argument("--priority", type=int, metavar="N", help="higher is preferred; default 0")
    add.add_argument("--security", choices=_WORDS, help="default: auto, what the key fits")
    add.add_argument("--hidden", action="store_true", help="the network does not show its name")
    add.add_argument("--metered", action="store_true", help="the last resort of its priority")
    add.add_argument(
        "--bssid", action="append", metavar="BSSID", help="only this access point; repeatable"
    )
    add.add_argument("--min-signal", type=int, metavar="DBM", help="not below, such as -75")
    add_import(actions, parents)
    remove = actions.add_parser("remove", help="remove a network from the file", parents=parents)
    remove.add_argument("ssid", metavar="SSID", help="the network's name")
    prefer = actions.add_parser(
        "prefer", help="set a network's priority, and nothing else", parents=parents
    )
    prefer.add_argument("ssid", metavar="SSID", help="the network's name")
    low, high = PRIORITY
    prefer.add_argument(
        "priority", type=int, metavar="PRIORITY", help=f"{low} to {high}: higher is preferred"
    )


def add_import(actions: Any, parents: list[argparse.ArgumentParser]) -> None:
    """The action `import` and its options."""
    take = actions.add_parser(
        "import",
        help="add the networks of travelmate, NetworkManager, wpa_supplicant or a QR code",
        parents=parents,
        allow_abbrev=False,
        description="Adds the networks of other programs' files, all or none. Each file's kind is "
        "told by its content. What is known already stays as it is.",
    )
    take.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="a file, a folder of files, - is standard input",
    )
    take.add_argument("--from", dest="kind", choices=_KINDS, help="all sources are of this kind")
    take.add_argument("--replace", action="store_true", help="what is known takes new settings")
    take.add_argument("--disabled", action="store_true", help="also what is switched off there")
    take.add_argument("--dry-run", action="store_true", help="only show what would be added")


def run(context: Context, args: argparse.Namespace) -> Result:
    if args.networks_action == "import":
        from wifirelay.cli.networks_import import run as run_import  # a router has it not

        return run_import(context, args)
    if context.uci:
        return Result(*on_router(args, context.router_itself()))
    return Result(*carry_out(args, context.config_path))


def carry_out(args: argparse.Namespace, config_path: str) -> Answer:
    """What was asked for, in a YAML file: the JSON object and the lines for people."""
    path = config_path
    if args.networks_action == "list":
        settings = load(path)
        return _answer("list", settings), _table(settings)
    if args.networks_action == "add":
        entry, lines = _new(args, YAML, path)
        from wifirelay.config.edit_file import add_network  # a router has no YAML to edit

        add_network(path, entry)
    elif args.networks_action == "prefer":
        from wifirelay.config.edit_file import set_priority  # a router has no YAML to edit

        ssid, priority = _preferred(args)
        set_priority(path, ssid, priority)
        lines = [f"{ssid} has priority {priority} in {shown(path)}"]
    else:
        from wifirelay.config.edit_file import remove_network  # a router has no YAML to edit

        ssid = Ssid(os.fsencode(args.ssid))
        remove_network(path, ssid)
        lines = [f"removed {ssid} from {shown(path)}"]
    return _answer(args.networks_action, load(path, unread)), lines


def on_router(args: argparse.Namespace, transport: Transport) -> Answer:
    """The same in the router's own configuration, by UCI; its service is told."""
    if args.networks_action == "list":
        settings = load_uci(transport)
        return _answer("list", settings), _table(settings)
    if args.networks_action == "add":
        entry, lines = _new(args, UCI, PATH)
        seen, there = package_there(transport)
        after, edits = with_network(there, as_options(entry))
    elif args.networks_action == "prefer":
        ssid, priority = _preferred(args)
        seen, there = package_there(transport)
        after, edits = with_priority(there, ssid, priority)
        lines = [f"{ssid} has priority {priority} in {PATH}"]
    else:
        ssid = Ssid(os.fsencode(args.ssid))
        seen, there = package_there(transport)
        after, edits = without_network(there, ssid)
        lines = [f"removed {ssid} from {PATH}"]
    settings = settings_from(after, unread)  # what is written next has no error
    if edits:
        configure(transport, edits, seen)
    return _answer(args.networks_action, settings), lines


def package_there(transport: Transport) -> tuple[str, Package]:
    """The router's package, and its fingerprint: somebody else may edit it at the same time."""
    seen = fingerprint(transport)
    return seen, read_package(transport) or Package(PACKAGE)


def _preferred(args: argparse.Namespace) -> tuple[Ssid, int]:
    low, high = PRIORITY
    if not low <= args.priority <= high:
        raise UsageError(f"a priority is a whole number from {low} to {high}")
    return Ssid(os.fsencode(args.ssid)), args.priority


def _new(args: argparse.Namespace, style: Style, path: str) -> tuple[dict[str, object], list[str]]:
    """The new network as the configuration has it, and what there is to say of it."""
    entry = _entry(args)
    noted: list[str] = []

    def checked(reader: ReadSecret, **key: str) -> KnownNetwork:
        noted.clear()
        whole = {**entry, **key}
        return network_from(
            whole if style.typed else as_options(whole), Place(_NEW, "", style), reader, noted
        )

    reader = read_secret if style.typed else read_here
    if _key_is_given(args):
        network = checked(reader)
    else:
        # all the rest first: nobody should type a key only to hear that the SSID is too long
        network = checked(reader, key="not read")
        key = _from_stdin() if args.key_stdin else _typed(network.ssid)
        entry = {"ssid": entry["ssid"], "key": key, **entry}
        network = checked(reader)
    if network.bssids:
        entry["bssid"] = list(network.bssids)
    lines = [f"added {network.ssid} to {shown(path)}"]
    return entry, [*lines, *(f"warning: {warning}" for warning in noted)]


def _entry(args: argparse.Namespace) -> dict[str, object]:
    """The configuration's entry for the options, without a key that has yet to be read."""
    file = args.key_file
    options: dict[str, object] = {
        "key_file": os.path.abspath(os.path.expanduser(file)) if file is not None else None,
        "key_env": args.key_env,
        "security": args.security,
        "priority": args.priority,
        "bssid": args.bssid,
        "min_signal": args.min_signal,
        "hidden": args.hidden or None,
        "metered": args.metered or None,
    }
    given = {name: value for name, value in options.items() if value is not None}
    return {"ssid": Ssid(os.fsencode(args.ssid)).text, **given}


def _key_is_given(args: argparse.Namespace) -> bool:
    """Whether nothing has to be read: the key is elsewhere, or there is none."""
    if args.key_file is not None or args.key_env is not None or args.open:
        return True
    return args.security in _KEYLESS and not args.key_stdin


def _typed(ssid: Ssid) -> str:
    if not can_ask():
        raise UsageError(
            "there is no terminal to type a key at",
            hint="use --key-stdin, --key-file or --key-env, or --open for a network without a key",
        )
    hint = "use --key-stdin or --key-file; --open adds a network without a key"
    return ask_secret(f"Key of {ssid}", hint).reveal()


def _from_stdin() -> str:
    content = sys.stdin.buffer.read(_LARGEST + 1) if sys.stdin is not None else b""
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    if not content:
        raise UsageError(
            "there is no key on standard input", hint="--open adds a network without a key"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            "the key on standard input is not UTF-8 text", hint="convert it to UTF-8"
        ) from None


def _answer(action: str, settings: Settings) -> dict[str, Any]:
    return networks_object(action, settings.source, settings.networks)


def _table(settings: Settings) -> list[str]:
    """The SSID comes last: it has any width, and nothing behind it that it could forge."""
    off = [f"not in use (enabled '0'): {ssid}" for ssid in settings.off]
    if not settings.networks:
        return [
            f"no networks in {shown(settings.source)}; add one: wifirelay networks add SSID",
            *off,
            *_warned(settings),
        ]
    rows = [("PRIORITY", "SECURITY", "KEY", "LIMITS", "NETWORK")]
    for network in settings.networks:
        key = "yes" if network.key is not None else "eap" if network.eap is not None else "no"
        rows.append(
            (
                str(network.priority),
                network.security.value,
                key,
                ", ".join(_limits(network)) or "-",
                str(network.ssid),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join([row[0].rjust(widths[0]), *map(str.ljust, row[1:4], widths[1:]), row[4]])
        for row in rows
    ]
    return [*lines, *off, *_warned(settings)]


def _limits(network: KnownNetwork) -> list[str]:
    limits = []
    if network.hidden:
        limits.append("hidden")
    if network.metered:
        limits.append("metered")
    if network.min_signal is not None:
        limits.append(f"from {network.min_signal} dBm")
    for word, bssids in (("only", network.bssids), ("not", network.not_bssids)):
        limits += [f"{word} {bssid}" for bssid in bssids[:1]]
        if len(bssids) > 1:
            limits[-1] = f"{word} {len(bssids)} BSSIDs"
    limits += [*network.bands, *network.radios]
    if network.fixed is not None:
        limits.append(f"address {network.fixed.address}")
    limits += ["ipv6 only"] if network.ipv6_only else []
    limits += [f"twins {network.twins}"] if network.twins else []
    return limits if network.mac == DEVICE else [*limits, f"mac {network.mac}"]


def _warned(settings: Settings) -> list[str]:
    return [f"warning: {warning}" for warning in settings.warnings]
