# SPDX-License-Identifier: GPL-2.0-or-later
"""What the page's object takes for known: the book's networks, and one guest. Asks no router."""

from wifirelay.core.known import KnownNetwork
from wifirelay.errors import UsageError
from wifirelay.service.invited import new_guest
from wifirelay.values import Secret, Ssid
from wifirelay.web.book import Book


class Known:
    """Of one router. The guest is in memory only, until it is remembered."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.guest: KnownNetwork | None = None  # joined, and not remembered

    def networks(self, guest: KnownNetwork | None = None) -> tuple[KnownNetwork, ...]:
        """With this guest, or the one that there is: it stands for a known one of its name."""
        listed, guest = self.book.networks(), guest or self.guest
        if guest is None:
            return listed
        return (*(each for each in listed if each.ssid != guest.ssid), guest)

    def meant(self, ssid: Ssid | None, key: Secret | None) -> KnownNetwork | None:
        """The guest that is asked for with that; None for a network that is known as it is.

        Raises UsageError for a key that none can have.
        """
        if ssid is None:
            return None
        listed = next((each for each in self.book.networks() if each.ssid == ssid), None)
        return None if listed is not None and key is None else new_guest(ssid, key, listed)

    def stranger(self, network: KnownNetwork) -> KnownNetwork | None:
        """Itself, unless it is in the book just so."""
        return None if network in self.book.networks() else network

    def remember(self, ssid: Ssid) -> None:
        """The guest is in the book from now on. Raises UsageError when it is another, or none."""
        if self.guest is None or self.guest.ssid != ssid:
            raise UsageError(
                f"{ssid} was not joined from here: its password is not known",
                hint="join it with its password first",
            )
        self.book.remember(self.guest)
        self.guest = None

    def forget(self, ssid: Ssid) -> None:
        """It is neither in the book nor the guest. Raises UsageError when it was neither."""
        was_guest = self.guest is not None and self.guest.ssid == ssid
        if not was_guest or any(each.ssid == ssid for each in self.book.networks()):
            self.book.forget(ssid)
        if was_guest:
            self.guest = None
