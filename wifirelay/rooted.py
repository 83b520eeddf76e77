# SPDX-License-Identifier: GPL-2.0-or-later
"""Where this machine's files are: `/`, but on a simulated router, whose root is a folder."""

import os

ROOT = "WIFIRELAY_ROOT"  # the same variable as in every script for the router


def rooted(path: str) -> str:
    """An absolute path of the router that we run on, as this process has it."""
    return os.environ.get(ROOT, "") + path
