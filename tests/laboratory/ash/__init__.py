# SPDX-License-Identifier: GPL-2.0-or-later
"""A POSIX shell as busybox ash is one, in this process: for router-side scripts in the laboratory.

It knows what those scripts use. Whatever else it meets is an error of the laboratory
(`ShellSyntax` when a text is parsed, `Unsupported` when it runs), never a guess.
Inside, a text is a str with one character for each byte, as the C locale sees it.
"""

from tests.laboratory.ash.errors import ShellSyntax, Unsupported
from tests.laboratory.ash.parse import parse
from tests.laboratory.ash.shell import Shell
from tests.laboratory.ash.system import Stream, System

__all__ = ["Shell", "ShellSyntax", "Stream", "System", "Unsupported", "parse"]
