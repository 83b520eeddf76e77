# SPDX-License-Identifier: GPL-2.0-or-later
"""What UCI can hold, and how it is written for `uci batch`."""

import re

_NAME = re.compile(r"[A-Za-z0-9_]+\Z")


class Unquotable(ValueError):
    """A name or value that UCI, or a program that reads it, cannot hold."""


def check_name(name: str) -> str:
    """A package, section or option name; raises Unquotable (`uci`: "Invalid argument")."""
    if not _NAME.match(name):
        raise Unquotable(f"{name!r} is not a UCI name (letters, digits and _)")
    return name


def quote(value: str) -> str:
    """A value as one word of `uci batch`: in single quotes, `'` written as `'\\''`.

    Refused are control characters (the real `uci` of 2025-12 refuses all but tab, newline
    and carriage return; the programs that read the value from a line-based file cannot
    take those either), the empty value, which means "delete" to UCI, and half characters.
    """
    if not value:
        raise Unquotable("an empty value: UCI deletes the option instead of keeping it")
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in value):
        raise Unquotable("a value with control characters")
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise Unquotable("a value with half a character (a lone surrogate)") from None
    return "'" + value.replace("'", "'\\''") + "'"
