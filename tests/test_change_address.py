# SPDX-License-Identifier: GPL-2.0-or-later
"""A trial of a network in which the router has an address of its own, by the configuration: nobody
there confirms it, so what goes wrong may be its owner's mistake."""

from typing import Any

import pytest

from tests.changing import failed
from tests.proving import DUMP, FETCH, LAN, Look, dump, interface
from wifirelay.change.outcome import Step
from wifirelay.change.verify import LEASE_LIMIT
from wifirelay.core.causes import Cause
from wifirelay.transport.base import Completed

OURS = "10.10.1.5/24"
NAME = "wwan_ce8ffc49"  # its logical interface
OFFLINE = {FETCH: failed(4), "nslookup": failed(1), "ping": failed(1)}


def look(*addresses: str, **answers: Any) -> Look:
    """One trial; its interface has these addresses, after another for a while."""
    rows = [
        dump(LAN, interface(NAME, "phy0-sta0", each, **{"dns-server": ["10.10.1.1"]}))
        for each in addresses
    ]
    return Look({DUMP: rows, **answers}).expect(interface=NAME, address=OURS)


def test_it_is_set_and_waited_for_as_a_lease_is() -> None:
    seen = look("10.10.1.99/24", "10.10.1.99/24", OURS)
    found = seen.run()
    assert found.logical.addresses == (OURS,)
    assert seen.waited == 2 * seen.verifier.poll
    at = seen.steps.shape.index("lease...")
    assert seen.steps.texts[at] == f"setting the address {OURS}"
    assert seen.steps.texts[at + 1] == f"address {OURS}"


def test_by_dhcp_it_is_asked_for_instead() -> None:
    seen = look("10.10.1.99/24").expect(interface=NAME)
    assert seen.run().logical.addresses == ("10.10.1.99/24",)
    assert seen.steps.texts[seen.steps.shape.index("lease...")] == "asking for an address"


def test_one_that_is_not_set_is_somebody_else_s_doing() -> None:
    """No DHCP server has anything to do with it, and no network of IPv6 alone."""
    seen = look("10.10.1.99/24")
    seen.fails(
        Step.LEASE,
        Cause.DEAD_DHCP,
        f"{NAME} did not get {OURS}",
        "within",
        hint="`wifirelay setup`",
    )
    assert seen.waited == LEASE_LIMIT
    assert not [each for each in seen.router.asked if "-6" in each]


@pytest.mark.parametrize("page", [None, Completed(0, b"<html>please log in")])
def test_without_internet_the_address_may_be_wrong_but_not_with_a_login_page(
    page: Completed | None,
) -> None:
    if page is None:
        look(OURS, **OFFLINE).fails(
            Step.INTERNET, Cause.NO_INTERNET, "Home: ", hint=f"are {OURS}, gateway and dns"
        )
    else:
        look(OURS, **{FETCH: page}).fails(
            Step.INTERNET, Cause.PORTAL, "Home: ", hint="join --login"
        )
