# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay simulate`: a router to play with, over SSH; or, with --demo, played here."""

import argparse
import json
import os
import shlex
import shutil
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from wifirelay.cli.context import Context, Result
from wifirelay.config.edit_file import add_network
from wifirelay.config.entry import entry_of
from wifirelay.errors import UsageError
from wifirelay.sim.serving import Serving
from wifirelay.values import printable

SPEEDS = (0.1, 100.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("world", nargs="?", default="home", metavar="WORLD", help="default: home")
    parser.add_argument("--demo", action="store_true", help="play the main job, in virtual time")
    parser.add_argument("--fresh", action="store_true", help="a router that had no `setup` yet")
    parser.add_argument("--port", type=int, metavar="N", help="listen there; default: a free port")
    parser.add_argument(
        "--speed",
        type=float,
        metavar="X",
        help="router seconds a second, default 1; 10 for the impatient",
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so many")
    parser.add_argument(
        "--no-password",
        action="store_true",
        help="let root in without a password as well: every user of this machine can log in then",
    )


def run(context: Context, args: argparse.Namespace) -> Result:
    if args.demo:
        _check_alone(args)
        from wifirelay.cli.demo import demonstrate

        return demonstrate(args, args.world)
    speed = 1.0 if args.speed is None else args.speed
    check_speed(speed)
    check_seconds(args.seconds)
    if args.no_password:
        context.say(_OPEN)
    context.doing("starting the router")
    try:
        with (
            ended_by_signals(),
            Serving(
                args.world,
                port=args.port or 0,
                speed=speed,
                fresh=args.fresh,
                blank=args.no_password,
            ) as serving,
        ):
            shape = _object(serving, _write_config(serving), speed)
            lines = [json.dumps(shape, indent=2)] if args.json else _lines(shape, args)
            print("\n".join(lines), flush=True)
            serving.wait(args.seconds)
    except KeyboardInterrupt:
        context.say("the simulated router is switched off")
    return Result({}, printed=True)


def check_speed(speed: float) -> None:
    """Raises UsageError unless a simulated router can live as fast as that."""
    if not SPEEDS[0] <= speed <= SPEEDS[1]:
        raise UsageError(f"--speed: {SPEEDS[0]:g} to {SPEEDS[1]:g}, not {speed:g}")


def check_seconds(seconds: float | None) -> None:
    """Raises UsageError unless that is how long something can be served."""
    if seconds is not None and not seconds >= 0:
        raise UsageError(f"--seconds: 0 or more, not {seconds:g}")


def _check_alone(args: argparse.Namespace) -> None:
    for name in ("port", "speed", "seconds"):
        if getattr(args, name) is not None:
            raise UsageError(f"--demo serves nothing: --{name} does not go with it")
    if args.no_password:
        raise UsageError("--demo serves nothing: --no-password does not go with it")


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM, and a terminal that goes away, end as Ctrl-C does: nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(name, signal.default_int_handler) for name in names]
    try:
        yield
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)


def _write_config(serving: Serving) -> str:
    """A configuration with this router, its login key and the world's known networks."""
    path = os.path.join(serving.folder, "config.yaml")
    address = serving.address
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            f"# the world {serving.world.name}: {serving.world.description}\n"
            f"router: ssh://{address.user}@{address.host}:{address.port}\n"
            f"login: {{key_file: {json.dumps(address.key_file)}}}\n" + _relay(serving.world.relay)
        )
    for network in serving.world.known:
        add_network(path, entry_of(network))
    return path


def _relay(own: Mapping[str, Any]) -> str:
    """The keys of the configuration for what the world is set up for."""
    kind, vpn = own.get("kind"), own.get("vpn")
    return (f"relay: {{kind: {kind}}}\n" if kind else "") + (
        f"vpn: {{interface: {vpn.interface}}}\n" if vpn else ""
    )


def _object(serving: Serving, config: str, speed: float) -> dict[str, Any]:
    address = serving.address
    return {
        "schema": "wifirelay.simulate/1",
        "mode": "serve",
        "world": serving.world.name,
        "server": address.kind,
        "host": address.host,
        "port": address.port,
        "user": address.user,
        "key_file": address.key_file,
        "known_hosts": address.known_hosts,
        "host_key": {"type": address.host_key.kind, "fingerprint": address.host_key.fingerprint},
        "config": config,
        "speed": speed,
    }


def _lines(shape: dict[str, Any], args: argparse.Namespace) -> list[str]:
    host, port, config = shape["host"], shape["port"], shlex.quote(shape["config"])
    key, known = shlex.quote(shape["key_file"]), shlex.quote(shape["known_hosts"])
    key_kind, fingerprint = shape["host_key"]["type"], shape["host_key"]["fingerprint"]
    program = "wifirelay" if shutil.which("wifirelay") else shlex.quote(sys.argv[0])
    fast = f", {shape['speed']:g} times as fast as real" if shape["speed"] != 1 else ""
    without = [
        "or without it (the login is root, without a password):",
        f"  {program} --router ssh://root@{host}:{port} scan",
    ]
    lines = [
        f"a simulated router (world {shape['world']}) listens on {host}:{port} "
        f"({shape['server']}{fast})",
        f"its host key: {key_kind} {fingerprint}",
        "",
        "in another terminal, once:",
        f"  {program} trust {host}:{port}",
        "then, with a configuration that has its key and its networks:",
        *(f"  {program} --config {config} {word}" for word in (_FRESH if args.fresh else _WORDS)),
        *(without if args.no_password else []),
        "or look around by hand (uci, ubus, wifi, iwinfo, logread, cat are the router's):",
        f"  ssh -i {key} -o UserKnownHostsFile={known} -p {port} root@{host} uci show wireless",
        "",
        "Ctrl-C switches it off",
    ]
    return [printable(line) for line in lines]


# the login shell runs this machine's programs with the rights of who serves
_OPEN = (
    "warning: --no-password: until this ends, every user of this machine can log in to the "
    "simulated router, and run programs there as you"
)
_WORDS = ("scan", "plan", "join", "status", "leave", "install --networks")
_FRESH = ("plan", "setup", "join", "status", "leave", "install --networks", "uninstall")
