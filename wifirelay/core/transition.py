# SPDX-License-Identifier: GPL-2.0-or-later
"""OWE transition mode: an open access point, and beside it a hidden one that encrypts.

Each names the other in a vendor element, which iwinfo does not tell. So the hidden one gets the
name of the open one that is most likely its other half. A wrong guess joins nothing: wpa_supplicant
compares the name in the element (events.c, owe_trans_ssid), and finds no network.
"""

from collections.abc import Iterable
from dataclasses import replace

from wifirelay.router.scan import Bss
from wifirelay.values import Security, Ssid

_SAME = slice(2, -2)  # of a BSSID's text, between its first and its last byte


def with_names(heard: Iterable[Bss]) -> tuple[Bss, ...]:
    """The same, each hidden OWE access point with the name of its open half, where one is heard:
    by the same radio, on the same channel, with a BSSID that differs in the first and the last
    byte at most, as those of one device do."""
    known = tuple(heard)
    names: dict[tuple[str, int, str], Ssid] = {}
    for bss in known:
        if bss.security is Security.OPEN and bss.ssid is not None and bss.bssid is not None:
            names.setdefault((bss.radio, bss.channel, bss.bssid[_SAME]), bss.ssid)
    if not names:
        return known
    return tuple(
        replace(bss, ssid=names.get((bss.radio, bss.channel, bss.bssid[_SAME])))
        if bss.ssid is None and bss.bssid is not None and bss.security is Security.OWE
        else bss
        for bss in known
    )


def pinned(bss: Bss) -> bool:
    """Whether a join is bound to this very access point. OpenWrt leaves `owe_only` unset: with
    the name alone wpa_supplicant joins an open access point as well, and says nothing."""
    return bss.security is Security.OWE
