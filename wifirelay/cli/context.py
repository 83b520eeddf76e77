# SPDX-License-Identifier: GPL-2.0-or-later
"""What a command works with: settings, router, clock, and how progress is shown."""

import argparse
import os
import sys
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from wifirelay.change.outcome import Progress
from wifirelay.cli.open import Opened, open_target
from wifirelay.config.model import Login, Settings
from wifirelay.config.secrets import ENV, Obtained, read_secret
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.errors import (
    ConfigError,
    RouterAnswer,
    TransportError,
    UsageError,
    WifirelayError,
)
from wifirelay.rooted import rooted
from wifirelay.transport.base import Transport
from wifirelay.transport.target import Kind
from wifirelay.values import Secret, printable

UCI_PATH = "/etc/config/wifirelay"  # not a file of ours to parse: uci does that
LOCAL = "local"


@dataclass(frozen=True)
class Result:
    """A command's answer: for programs, and for people.

    `printed`: the object is on standard output already (`simulate` shows it and then waits).
    """

    object: dict[str, Any]
    lines: list[str] = field(default_factory=list)
    exit_code: int = 0
    printed: bool = False


class Context:
    """Opens what a command asks for, once, and closes it at the end.

    With `settings` and `opened` given, no file is read and no other router is looked for.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        settings: Settings | None = None,
        opened: Opened | None = None,
    ) -> None:
        self.args = args
        self._router = args.router  # may be a name: then `args.router` becomes its TARGET
        self._settings = settings
        self._opened = opened
        self._uci: bool | None = None
        self._withheld: set[str] = set()  # variables that secrets are read from
        self._line_open = False

    def __enter__(self) -> "Context":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end_line()
        if self._opened is not None:
            self._opened.close()

    @property
    def config_path(self) -> str:
        """The YAML file; where `uci` is true, that is not the configuration."""
        from wifirelay.config.yaml_file import default_path

        path: str | None = self.args.config
        return path or default_path()

    @property
    def uci(self) -> bool:
        """Whether the configuration is the router's own, by UCI, and not a YAML file.

        It is on a router that works on itself, unless it has only a YAML file. Once decided it
        stays so: a reload reads the same one.
        """
        if self._uci is None:
            self._uci = self._has_uci()
        return self._uci

    def _has_uci(self) -> bool:
        if self.args.config is not None:
            return bool(self.args.config == UCI_PATH)
        if self._opened is not None:
            local = self._opened.target.kind is Kind.LOCAL
        else:
            local = self.args.router in (None, LOCAL)
        if not local or not os.path.exists(rooted("/etc/openwrt_release")):
            return False
        return os.path.exists(rooted(UCI_PATH)) or not os.path.exists(self.config_path)

    def router_itself(self) -> Transport:
        """The router that we run on, whose configuration by UCI it is."""
        if self._opened is None and self.args.router in (None, LOCAL):
            self._opened = open_target(LOCAL, Settings(), self._withheld)
        if self._opened is not None and self._opened.target.kind is Kind.LOCAL:
            return self._opened.transport
        from wifirelay.transport.local import LocalTransport

        return LocalTransport(withheld=self._withheld)

    def settings(self) -> Settings:
        """The configuration. Without a file at the default place: the defaults."""
        if self._settings is None:
            self._settings = self._read()
            if self._settings.routers:
                from wifirelay.config.routers import meant  # never on a router

                self._settings, self.args.router = meant(self._settings, self._router)
            for warning in self._settings.warnings:
                self.say(f"warning: {warning}")
        return self._settings

    def _read(self) -> Settings:
        if self.uci:
            from wifirelay.config.uci_file import load_uci

            return load_uci(self.router_itself())
        from wifirelay.config.yaml_file import load

        path = self.config_path
        missing = self.args.config is None and not os.path.exists(path)
        return Settings(source=path) if missing else load(path, self.secret)

    def secret(self, place: str, name: str) -> Obtained:
        """A secret by its place; no program that is started here inherits it.

        Raises ConfigError."""
        if place == ENV:
            self._withheld.add(name)
        return read_secret(place, name)

    def reload(self) -> Settings:
        """The configuration read anew. Raises ConfigError, and then keeps what it has."""
        before, self._settings = self._settings, None
        try:
            return self.settings()
        except UsageError:
            self._settings = before
            raise
        except (RouterAnswer, TransportError) as failed:  # rpcd restarts, memory is short
            self._settings = before
            raise ConfigError(failed.message, hint=failed.hint) from None

    def opened(self) -> Opened:
        """The router: `--router`, else the configuration's, else the one that is found."""
        if self._opened is None and self.uci:
            self.router_itself()  # whatever its configuration is like
        if self._opened is None:
            settings = self.settings()
            self._opened = open_target(
                self.args.router or settings.router, settings, self._withheld
            )
        return self._opened

    def reopen(self, target: str, password: Secret | None = None) -> Opened:
        """That router instead of any other, with the password that the owner typed for it."""
        settings = self.settings()
        if password is not None:
            settings = replace(settings, router=target, login=Login(password=password))
        if self._opened is not None:
            self._opened.close()
        self._opened = open_target(target, settings, self._withheld)
        return self._opened

    @property
    def transport(self) -> Transport:
        return self.opened().transport

    @property
    def known(self) -> tuple[KnownNetwork, ...]:
        """The known networks; a simulated world brings its own where no file is named."""
        own = self.opened().known
        if own and self.args.config is None:
            return own
        return self.settings().networks

    @property
    def relay(self) -> Relay:
        """The `relay` part; a simulated world brings what it is set up for, as its networks."""
        relay = self.settings().relay
        return relay if self.args.config else replace(relay, **self.opened().relay)

    @property
    def relay_to_leave(self) -> Relay:
        """The same for who goes home: a wrong configuration is no reason to stay."""
        try:
            return self.relay
        except ConfigError as wrong:
            self.say(f"warning: {wrong.message}; {wrong.hint}")
            return Relay()

    def need_networks(self, *, or_open: bool = False) -> tuple[KnownNetwork, ...]:
        """The known networks; UsageError when there are none, nor, with `or_open`, a rule that
        allows others."""
        if not self.known and not (or_open and self.relay.allowed):
            raise UsageError(
                f"no known networks: {self.settings().source or self.config_path} lists none",
                hint="add one with `wifirelay networks add SSID`",
            )
        return self.known

    def say(self, text: str) -> None:
        """A remark on standard error, made harmless."""
        self.end_line()
        print(printable(text), file=sys.stderr)

    def complain(self, error: WifirelayError) -> None:
        """What went wrong, where somebody can try again."""
        self.say("; ".join(filter(None, (error.message, error.hint))))

    def doing(self, text: str) -> None:
        """What takes long now: overwritten by what comes next on a terminal."""
        if sys.stderr.isatty():
            self._clear_line()
            print(f"  {printable(text)} ...", end="", file=sys.stderr, flush=True)
            self._line_open = True
        elif self.args.verbose:
            print(f"  {printable(text)} ...", file=sys.stderr, flush=True)

    def progress(self, event: Progress) -> None:
        """A step of a change, as it happens."""
        if not event.done:
            self.doing(event.text)
            return
        self._clear_line()
        mark = "DO NOW" if event.asks else "ok" if event.good else "FAILED"
        print(
            f"  {event.step.value:<11} {mark:<7} {printable(event.text)}",
            file=sys.stderr,
            flush=True,
        )

    def _clear_line(self) -> None:
        if self._line_open:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._line_open = False

    def end_line(self) -> None:
        """Take `doing`'s line off the terminal: something else is written now."""
        self._clear_line()
