# SPDX-License-Identifier: GPL-2.0-or-later
"""The fault laboratory: a router in one process, in virtual time, that everything can happen to."""
