# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks a network's DHCP server for what udhcpc does not ask by itself. Pure."""

from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package

REQOPTS = "reqopts"
LOGIN_PAGE = "114"  # the address of a login page's API (RFC 8910)


def asks_for_login_page(network: Package, name: str) -> list[Edit]:
    """What makes the DHCP client of an interface that `setup` made ask for it; what its owner lets
    it ask for besides stays.

    A plain option, with blanks between its items: netifd passes a list over where its dhcp.sh
    expects a text (netifd's config.c).
    """
    section = network.section(name)
    have = section.items(REQOPTS) if section is not None else ()
    plain = section is None or not isinstance(section.options.get(REQOPTS), tuple)
    if LOGIN_PAGE in have and plain:
        return []
    items = " ".join(dict.fromkeys((*have, LOGIN_PAGE)))
    edits = [] if plain else [Edit(Verb.DELETE, "network", name, REQOPTS)]
    return [*edits, Edit(Verb.SET, "network", name, REQOPTS, items)]
