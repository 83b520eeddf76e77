# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's packages as `setup` looks at them, and its notes of what it made of them. Pure."""

from dataclasses import dataclass

from wifirelay.core.sections import all_own
from wifirelay.uci.model import Package

# An option of the first own section: what setup made outside of own sections, so that
# `setup --undo` takes out that and nothing of the owner's. netifd ignores it.
CREATED = "wifirelay_created"
INTERFACE = "interface:"  # how the note of one that setup made begins
NO_DHCP = Package("dhcp")


@dataclass(frozen=True, slots=True)
class Owned:
    """The packages that setup looks at and edits. `dhcp` is empty where nobody needs it."""

    wireless: Package
    network: Package
    firewall: Package
    dhcp: Package = NO_DHCP
    services: frozenset[str] | None = None  # those that run or start at boot; None: not asked
    # The router has a service with a configuration of its own, running or not, and setup goes by
    # another one: what that service may want is not taken out.
    others: bool = False
    protocols: frozenset[str] | None = None  # that netifd knows; None: not asked

    def by_name(self) -> dict[str, Package]:
        return {each.name: each for each in (self.network, self.firewall, self.dhcp)}

    def notes(self) -> list[str]:
        """What earlier setups noted."""
        return notes_in(self.wireless)


def notes_in(wireless: Package) -> list[str]:
    """What setups noted in this package's own sections."""
    return [item for section in all_own(wireless) for item in section.items(CREATED)]
