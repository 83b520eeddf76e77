# SPDX-License-Identifier: GPL-2.0-or-later
"""Known networks out of what other programs keep: one module for each format, all pure."""
