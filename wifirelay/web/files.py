# SPDX-License-Identifier: GPL-2.0-or-later
"""The page's own files: a table of what may be asked for, made from what is in `page/`."""

import os
from dataclasses import dataclass

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page")
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """One of them."""

    kind: str  # as in Content-Type
    content: bytes


def page_files() -> dict[str, PageFile]:
    """By the paths that a browser asks for. Nothing else on this machine can be asked for."""
    files = {}
    for name in sorted(os.listdir(FOLDER)):
        kind = _KINDS.get(os.path.splitext(name)[1])
        if kind is None:
            continue
        with open(os.path.join(FOLDER, name), "rb") as file:
            files[f"/{name}"] = PageFile(kind, file.read())
    files["/"] = files["/index.html"]
    return files
