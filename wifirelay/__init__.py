# SPDX-License-Identifier: GPL-2.0-or-later
"""wifirelay: an OpenWrt router's internet over Wi-Fi, unattended."""

__version__ = "0.1.0"

__all__ = ["__version__"]
