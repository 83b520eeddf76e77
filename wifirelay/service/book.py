# SPDX-License-Identifier: GPL-2.0-or-later
"""The owner's known networks, as the service may change them when somebody asks it to.

Loaded only then: on a router memory is short.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from wifirelay.change.configure import configure, fingerprint
from wifirelay.config.uci_file import NETWORK, PACKAGE, PATH, read_package, ssid_of
from wifirelay.config.uci_text import networks_there, uci_edits, with_priority, without_network
from wifirelay.core.known import KnownNetwork
from wifirelay.transport.base import Transport
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package
from wifirelay.values import Ssid


class Book(Protocol):
    """Where they stand. All raise UsageError or RouterAnswer; nothing is changed then."""

    @property
    def source(self) -> str:
        """For people."""

    def remember(self, network: KnownNetwork) -> None:
        """It is known from now on; with this key, if it was known with another."""

    def forget(self, ssid: Ssid) -> None: ...

    def prefer(self, ssid: Ssid, priority: int) -> None: ...


def renewed(network: KnownNetwork, old: KnownNetwork | None) -> KnownNetwork:
    """The network as it is to be remembered: what else its owner said of it before stays."""
    if old is None:
        return network
    return replace(old, key=network.key, security=network.security, eap=network.eap)


class UciBook:
    """`/etc/config/wifirelay` of the router that the transport reaches."""

    source = PATH

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def remember(self, network: KnownNetwork) -> None:
        def edits(there: Package) -> tuple[Edit, ...]:
            new = renewed(network, networks_there(there).get(network.ssid))
            return (*uci_edits([new], there), *_in_use(there, network.ssid))

        self._change(edits)

    def forget(self, ssid: Ssid) -> None:
        self._change(lambda there: without_network(there, ssid)[1])

    def prefer(self, ssid: Ssid, priority: int) -> None:
        self._change(lambda there: with_priority(there, ssid, priority)[1])

    def _change(self, edits: Callable[[Package], tuple[Edit, ...]]) -> None:
        seen = fingerprint(self._transport)
        there = read_package(self._transport) or Package(PACKAGE)
        if wanted := edits(there):
            configure(self._transport, wanted, seen)


def _in_use(there: Package, ssid: Ssid) -> tuple[Edit, ...]:
    """What makes a network be used that the owner had switched off."""
    return tuple(
        Edit(Verb.DELETE, PACKAGE, section.name, "enabled")
        for section in there.of_kind(NETWORK)
        if ssid_of(section) == ssid and "enabled" in section.options
    )
