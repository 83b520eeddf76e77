# SPDX-License-Identifier: GPL-2.0-or-later
"""An error for programs (`wifirelay.error/1`)."""

from typing import Any

from wifirelay.errors import WifirelayError


def error_object(error: WifirelayError, code: int | None = None) -> dict[str, Any]:
    """`code` is the exit code where it is not the error's own."""
    shape: dict[str, Any] = {
        "schema": "wifirelay.error/1",
        "exit": error.exit_code if code is None else code,
        "error": error.message,
        "hint": error.hint,
    }
    cause = getattr(error, "cause", "")
    if cause:
        shape["cause"] = str(cause)
    return shape
