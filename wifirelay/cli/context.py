# SPDX-License-Identifier: GPL-2.0-or-later
"""What a command works with: settings, router, clock, and how progress is shown."""

import argparse
import os
import sys
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from wifirelay.change.outcome import Progress
from wifirelay.cli.open import Opened, open_target
from wifirelay.config.model import Settings
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.errors import UsageError
from wifirelay.transport.base import Transport
from wifirelay.values import printable


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
        self._settings = settings
        self._opened = opened
        self._line_open = False

    def __enter__(self) -> "Context":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_line()
        if self._opened is not None:
            self._opened.close()

    @property
    def config_path(self) -> str:
        from wifirelay.config.yaml_file import default_path

        path: str | None = self.args.config
        return path or default_path()

    def settings(self) -> Settings:
        """The configuration. Without a file at the default place: the defaults."""
        if self._settings is None:
            from wifirelay.config.yaml_file import load

            path = self.config_path
            missing = self.args.config is None and not os.path.exists(path)
            self._settings = Settings(source=path) if missing else load(path)
            for warning in self._settings.warnings:
                self.say(f"warning: {warning}")
        return self._settings

    def reload(self) -> Settings:
        """The configuration read anew. Raises ConfigError, and then keeps what it has."""
        before, self._settings = self._settings, None
        try:
            return self.settings()
        except UsageError:
            self._settings = before
            raise

    def opened(self) -> Opened:
        """The router: `--router`, else the configuration's, else the one that is found."""
        if self._opened is None:
            settings = self.settings()
            self._opened = open_target(self.args.router or settings.router, settings)
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
        return self.settings().relay

    def need_networks(self) -> tuple[KnownNetwork, ...]:
        """The known networks; UsageError when there are none."""
        if not self.known:
            raise UsageError(
                f"no known networks: {self.config_path} lists none",
                hint="add one with `wifirelay networks add SSID`",
            )
        return self.known

    def say(self, text: str) -> None:
        """A remark on standard error, made harmless."""
        self._end_line()
        print(printable(text), file=sys.stderr)

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
        mark = "ok" if event.good else "FAILED"
        print(
            f"  {event.step.value:<11} {mark:<7} {printable(event.text)}",
            file=sys.stderr,
            flush=True,
        )

    def _clear_line(self) -> None:
        if self._line_open:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._line_open = False

    def _end_line(self) -> None:
        self._clear_line()
