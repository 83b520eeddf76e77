# SPDX-License-Identifier: GPL-2.0-or-later
"""The protocols of logical interfaces that netifd knows: `ubus call network get_proto_handlers`.

It looks for them when it starts, and not when a package brings one (proto_shell_init).
"""

from wifirelay.router.ubus import Fact, as_dict, call, ubus_fact


def protocols() -> Fact[frozenset[str]]:
    """Their names: `static`, `dhcp`, ..."""
    return ubus_fact(
        call("network", "get_proto_handlers"),
        lambda answer: frozenset(as_dict(answer, "list of protocols")),
    )
