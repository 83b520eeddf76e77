# SPDX-License-Identifier: GPL-2.0-or-later
"""A router's paths: where each lies, on flash or in RAM, and what it is without links."""

import os
from functools import lru_cache

FLASH, RAM = "flash", "ram"
_LINKS = {"/var": "/tmp"}


def area(path: str) -> str:
    return FLASH if path.startswith(("/etc", "/usr", "/lib")) else RAM


@lru_cache(maxsize=10000)
def real(path: str) -> str:
    """The path without links and doubled slashes."""
    if path.startswith("/var"):
        for link, target in _LINKS.items():
            if path == link or path.startswith(link + "/"):
                path = target + path[len(link) :]
    if "//" in path or path.endswith("/") or "/." in path:
        path = os.path.normpath(path)
    return path
