# SPDX-License-Identifier: GPL-2.0-or-later
"""The known networks, as the page may change them: in the owner's file, or in memory only."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from wifirelay.config.edit_file import put_networks, remove_network, set_priority
from wifirelay.config.model import Settings
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import UsageError
from wifirelay.service.book import Book as Editable
from wifirelay.service.book import renewed
from wifirelay.values import Ssid


class Book(Editable, Protocol):
    """What the page's object needs of it. All raise UsageError; a file is then as it was."""

    def networks(self) -> tuple[KnownNetwork, ...]: ...


class FileBook:
    """The YAML file of the configuration."""

    def __init__(self, path: str, read: Callable[[], Settings]) -> None:
        """`read` reads it anew: somebody may have edited it meanwhile."""
        self._path, self._read = path, read

    @property
    def source(self) -> str:
        return self._path

    def networks(self) -> tuple[KnownNetwork, ...]:
        return self._read().networks

    def remember(self, network: KnownNetwork) -> None:
        known = self.networks() if os.path.exists(self._path) else ()
        put_networks(self._path, [renewed(network, _of(known, network.ssid))], replacing=True)

    def forget(self, ssid: Ssid) -> None:
        remove_network(self._path, ssid)

    def prefer(self, ssid: Ssid, priority: int) -> None:
        set_priority(self._path, ssid, priority)


class MemoryBook:
    """Those of a simulated world: nothing outlives the program."""

    source = "the simulated world"

    def __init__(self, networks: Iterable[KnownNetwork]) -> None:
        self._networks = tuple(networks)

    def networks(self) -> tuple[KnownNetwork, ...]:
        return self._networks

    def remember(self, network: KnownNetwork) -> None:
        others = (each for each in self._networks if each.ssid != network.ssid)
        self._networks = (*others, renewed(network, _of(self._networks, network.ssid)))

    def forget(self, ssid: Ssid) -> None:
        self._find(ssid)
        self._networks = tuple(each for each in self._networks if each.ssid != ssid)

    def prefer(self, ssid: Ssid, priority: int) -> None:
        new = replace(self._find(ssid), priority=priority)
        self._networks = tuple(new if each.ssid == ssid else each for each in self._networks)

    def _find(self, ssid: Ssid) -> KnownNetwork:
        found = _of(self._networks, ssid)
        if found is None:
            raise UsageError(f"{ssid} is not a known network")
        return found


def _of(networks: Iterable[KnownNetwork], ssid: Ssid) -> KnownNetwork | None:
    return next((each for each in networks if each.ssid == ssid), None)
