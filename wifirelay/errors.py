# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that wifirelay raises on purpose, and the exit code of each.

    WifirelayError                     1
    +-- UsageError                     2   the command line, or what it names
    |   +-- ConfigError                2   a configuration or recording file: key path, problem
    |   +-- InputEnded                 2   nobody answers a question any more
    +-- TransportError                 3   the router cannot be reached
    |   +-- ConnectError               3   no TCP connection, no SSH banner
    |   +-- LoginRefused               3   password, key or blank login not accepted
    |   +-- HostKeyRefused             3   unknown or changed host key
    |   +-- LinkLost                   3   the link died while a command ran
    |       +-- DeadlineExceeded       3   a command did not end within its limit
    +-- NothingToJoin                  4
    +-- TrialFailed                    5   rolled back, with the cause
    |   +-- NotOnAir                   7   rolled back, own access points not confirmed on the air
    +-- Refused                        6   foreign staged edits, lock, no setup, no sentry
    +-- RouterAnswer                   8   an answer not understood, or a needed command failed
        +-- NotRecorded                8   a recording has no answer to this command
        +-- TooLong                    8   an answer is longer than any that is understood

The text of an error says what is wrong and where; `hint` says what to do about it.
Neither ever holds a secret.
"""


class WifirelayError(Exception):
    """Root of the tree; itself only raised for a bug."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(WifirelayError, ValueError):
    """The command line asks for something impossible."""

    exit_code = 2


class InputEnded(UsageError):
    """Nobody answers any more: Ctrl-D, or the end of a file."""


class ConfigError(UsageError):
    """A configuration or recording file holds something impossible."""


class TransportError(WifirelayError, OSError):
    """The router cannot be reached."""

    exit_code = 3

    def __str__(self) -> str:
        return self.message


class ConnectError(TransportError):
    """No connection could be made at all."""


class LoginRefused(TransportError):
    """The router did not accept the login."""


class HostKeyRefused(TransportError):
    """The router's host key is unknown, or not the one that is stored."""


class LinkLost(TransportError):
    """The link died while a command ran: it may or may not have had its effect."""


class DeadlineExceeded(LinkLost, TimeoutError):
    """A command did not end within its limit: it may still be running."""


class NothingToJoin(WifirelayError):
    """No known network can be joined now."""

    exit_code = 4


class TrialFailed(WifirelayError):
    """A trial failed and everything was taken back. `cause` is one word for programs."""

    exit_code = 5

    def __init__(self, message: str, *, hint: str = "", cause: str = "") -> None:
        super().__init__(message, hint=hint)
        self.cause = cause


class NotOnAir(TrialFailed):
    """Taken back, but the router's own access points are not confirmed on the air."""

    exit_code = 7


class Refused(WifirelayError):
    """wifirelay will not change this router as it is now."""

    exit_code = 6


class RouterAnswer(WifirelayError):
    """The router answered what is not understood, or a command that is needed failed."""

    exit_code = 8


class TooLong(RouterAnswer):
    """An answer is longer than its command can have: the command was ended."""


class NotRecorded(RouterAnswer, LookupError):
    """The recording holds no answer to this command."""
