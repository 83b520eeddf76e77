# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of luci-app-wifirelay: LuCI's view and menu entry, and the page's modules.

Knows paths and where the files come from: a checkout. The page's own entry, which is for
`wifirelay web`, is no part of it.
"""

import os

from wifirelay.change.files import RouterFile
from wifirelay.errors import UsageError

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LUCI = os.path.join(os.path.dirname(_PACKAGE), "openwrt", "luci")
_PAGE = os.path.join(_PACKAGE, "web", "page")
_RESOURCES = "/www/luci-static/resources"
ONLY_WEB = "main.js"  # and what is neither a module nor a style

# Path on the router, name in openwrt/luci
_TABLE = (
    (f"{_RESOURCES}/view/wifirelay.js", "wifirelay.js"),
    ("/usr/share/luci/menu.d/luci-app-wifirelay.json", "menu.json"),
)


def luci_source(name: str) -> bytes:
    """A file of openwrt/luci. Raises UsageError where this is no checkout."""
    try:
        return _read(os.path.join(_LUCI, name))
    except OSError:
        raise UsageError(
            f"openwrt/luci/{name} is missing", hint="packages are made from a checkout"
        ) from None


def luci_files(version: str) -> tuple[RouterFile, ...]:
    """All files of the package, sorted by path."""
    # With the version: a browser asks nobody before it takes a module again that it has.
    folder = f"{_RESOURCES}/wifirelay/{version}"
    page = [name for name in os.listdir(_PAGE) if name.endswith((".js", ".css"))]
    files = (
        *(RouterFile(path, "644", luci_source(name)) for path, name in _TABLE),
        RouterFile(f"{folder}/luci.css", "644", luci_source("luci.css")),
        *(
            RouterFile(f"{folder}/{name}", "644", _read(os.path.join(_PAGE, name)))
            for name in page
            if name != ONLY_WEB
        ),
    )
    return tuple(sorted(files, key=lambda file: file.path))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
