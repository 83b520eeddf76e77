# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's UCI configuration and its staged edits, through rpcd's JSON.

`uci show` prints line breaks raw inside its quotes and `uci get` of a list is ambiguous
(openwrt-facts 3.1): the JSON is neither.
"""

from wifirelay.errors import RouterAnswer
from wifirelay.router.ubus import Fact, call, ubus_fact
from wifirelay.uci.model import Package, parse_package
from wifirelay.uci.quote import Unquotable, check_name
from wifirelay.uci.staged import Change, parse_changes
from wifirelay.values import shown


def package(name: str) -> Fact[Package]:
    """The effective configuration: what is on flash with root's staged edits merged in."""
    return ubus_fact(call("uci", "get", {"config": name}), lambda raw: _parse(name, raw))


def _parse(name: str, answer: object) -> Package:
    """The package. A section whose name UCI cannot hold, so that no edit could name it, is one
    of a router that is not understood."""
    found = parse_package(name, answer)
    for section in found:
        try:
            check_name(section.name)
        except Unquotable as wrong:
            raise RouterAnswer(f"the router's UCI package {name}: {shown(str(wrong))}") from None
    return found


def staged_changes() -> Fact[tuple[Change, ...]]:
    """Everything that is staged by root and not committed, in all packages."""
    return ubus_fact(call("uci", "changes", {}), parse_changes)
