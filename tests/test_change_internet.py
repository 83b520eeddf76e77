# SPDX-License-Identifier: GPL-2.0-or-later
"""Is an uplink proved? Whose subnets it has, that own access points are back, the internet."""

from typing import Any

import pytest

from tests.changing import LOST, carriers, failed, raised, state
from tests.proving import DEVICES, DUMP, LAN, WWAN, Look, dump, interface
from wifirelay.change.onair import POLL
from wifirelay.change.outcome import Step, StepFailed
from wifirelay.change.verify import ON_AIR_LIMIT
from wifirelay.core.causes import Cause
from wifirelay.errors import HostKeyRefused, LinkLost, LoginRefused
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed

FETCH = "uclient-fetch"
ANYWHERE = "0.0.0.0"
FINE = Completed(0, b"success\n")
PORTAL = Completed(0, b"<html>please log in")
DEAD = {FETCH: failed(4), "nslookup": failed(1)}
OFF = carriers(phy0_ap0=False)

# --- subnets ---


def clash(wwan: dict[str, Any]) -> StepFailed:
    look = Look({DUMP: dump(LAN, wwan)})
    failure = look.fails(
        Step.SUBNET, Cause.SUBNET_CLASH, "lan", "192.168.1.0/24", hint="`wifirelay move-lan 1"
    )
    assert look.steps.shape[-1] == "lease"
    return failure


def test_another_subnet_of_the_router_s_is_moved_by_hand() -> None:
    guest = interface("guest", "br-guest", "192.168.9.1/24")
    look = Look({DUMP: dump(LAN, guest, interface("wwan", "phy0-sta0", "192.168.9.77/24"))})
    failure = look.fails(Step.SUBNET, Cause.SUBNET_CLASH, "guest", hint="give guest another subnet")
    assert "uci set network.guest.ipaddr='192.168.77.1/24'" in failure.hint


def test_an_address_within_the_routers_own_subnet() -> None:
    assert "192.168.1.77/25" in clash(interface("wwan", "phy0-sta0", "192.168.1.77/25")).why


def test_the_vpn_over_the_uplink_is_no_clash() -> None:
    tunnel = interface("wg0", "wg0", "192.168.9.2/24")
    found = dump(LAN, tunnel, interface("wwan", "phy0-sta0", "192.168.9.77/24"))
    Look({DUMP: found}).expect(vpn="wg0").run()
    Look({DUMP: found}).fails(Step.SUBNET, Cause.SUBNET_CLASH, "wg0", hint="give wg0 another")


def test_the_subnet_that_is_proposed_is_free_beside_what_there_is() -> None:
    wide = interface("wwan", "phy0-sta0", "192.168.1.77/16")
    look = Look({DUMP: dump(LAN, wide)})
    look.fails(Step.SUBNET, Cause.SUBNET_CLASH, "lan", hint="`wifirelay move-lan 172.16.77.1/24`")


def test_where_none_is_free_that_is_said() -> None:
    routes = [{"target": "10.0.0.0", "mask": 8}, {"target": "172.16.0.0", "mask": 12}]
    wide = {**interface("wwan", "phy0-sta0", "192.168.1.77/16"), "route": routes}
    look = Look({DUMP: dump(LAN, wide)})
    look.fails(Step.SUBNET, Cause.SUBNET_CLASH, "lan", hint="no other subnet is free for lan")


def test_a_route_into_the_routers_own_subnet() -> None:
    routes = [
        {"target": "fd00::", "mask": 64},
        {"target": "10.99.0.0", "mask": 16},
        {"target": "192.168.0.0", "mask": 16},
    ]
    why = clash({**WWAN, "route": routes}).why
    assert "192.168.0.0/16" in why
    assert "DHCP" in why
    assert "10.99" not in why


# --- own access points ---


def test_own_access_points_have_to_come_back() -> None:
    look = Look({DEVICES: [OFF, OFF, carriers(phy0_ap0=True)]})
    look.run()
    assert look.waited == 2 * POLL
    look = Look({DEVICES: OFF})
    look.fails(Step.ON_AIR, Cause.OFF_AIR, "own access points", "off the air")
    assert look.waited == ON_AIR_LIMIT
    assert look.steps.shape[-1] == "on-air..."


def test_where_there_were_none_none_are_waited_for() -> None:
    look = Look().expect(on_air=())
    look.run()
    assert DEVICES not in look.router.asked
    assert [each for each in look.steps.shape if "on-air" in each] == ["on-air"]


# --- the internet ---


def test_a_portal() -> None:
    look = Look({FETCH: PORTAL})
    failure = look.fails(
        Step.INTERNET, Cause.PORTAL, "Home: ", "login page", hint="wifirelay join --login"
    )
    assert "log in" in failure.hint


@pytest.mark.parametrize(
    ("ping", "cause"), [(failed(1), Cause.NO_INTERNET), (Completed(0), Cause.NO_DNS)]
)
def test_no_internet(ping: Completed, cause: Cause) -> None:
    look = Look({**DEAD, "ping": ping})
    look.fails(Step.INTERNET, cause, "Home: ", hint="try again later")
    assert look.router.of("nslookup")[0].argv[-1] == "10.10.1.1"
    assert "phy0-sta0" in look.router.of("ping")[0].argv


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({FETCH: PORTAL}, Verdict.PORTAL),
        ({**DEAD, "ping": failed(1)}, Verdict.OFFLINE),
        ({**DEAD, "ping": Completed(0)}, Verdict.NO_DNS),
    ],
)
def test_where_it_is_not_needed_it_is_told(answers: dict[str, Any], verdict: Verdict) -> None:
    look = Look(answers)
    look.verifier.needs_internet = False
    assert look.run().internet.verdict is verdict
    assert look.steps.shape[-2:] == ["internet...", "internet!"]
    assert "kept all the same" in look.steps.texts[-1]


def test_where_it_is_not_needed_and_there_all_the_same_all_is_well() -> None:
    look = Look()
    look.verifier.needs_internet = False
    assert look.run().internet.verdict is Verdict.ONLINE
    assert look.steps.shape[-1] == "internet"


def test_beside_a_cable_only_a_ping_through_the_uplink_counts() -> None:
    cable = interface("wan", "eth0", "172.16.0.2/24", route=[{"target": ANYWHERE, "mask": 0}])
    look = Look({DUMP: dump(LAN, cable, WWAN), "ping": Completed(0)})
    look.run()
    assert look.router.of(FETCH) == []
    assert "wan has the default route" in look.steps.texts[-1]


def test_a_lost_link_while_the_internet_is_looked_for() -> None:
    look = Look({FETCH: [LOST, LOST, FINE]})
    look.run()
    assert look.waited == 2 * POLL
    look = Look({FETCH: LOST})
    with raised(LinkLost, "cannot be reached", hint=("sentry", "two minutes")):
        look.run()
    assert look.clock.now == 1200.0


@pytest.mark.parametrize("error", [HostKeyRefused("changed"), LoginRefused("no password")])
def test_a_refused_login_then_ends_it(error: LinkLost) -> None:
    look = Look({FETCH: error})
    with raised(type(error), error.message):
        look.run()
    assert look.waited == 0.0


# --- what the network says itself ---

NAMED = state(f"api.wwan {b'https://api.example.org/'.hex()}")
SAYS = b'{"captive": true, "user-portal-url": "https://login.example.org/"}'


def test_its_own_page_goes_before_what_a_redirect_shows() -> None:
    look = Look({FETCH: PORTAL, "state": NAMED, "captive": Completed(0, SAYS)})
    look.fails(Step.INTERNET, Cause.PORTAL, "login page", hint="https://login.example.org/")


def test_an_uplink_that_works_is_not_asked() -> None:
    look = Look({"state": NAMED})
    look.run()
    assert not {"state", "captive"} & set(look.router.asked)


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        ({FETCH: PORTAL, "state": failed(1, "broken")}, Cause.PORTAL),
        ({FETCH: PORTAL, "state": NAMED, "captive": failed(31)}, Cause.PORTAL),
        ({FETCH: PORTAL, "state": NAMED, "captive": Completed(0, b"<html>")}, Cause.PORTAL),
        (
            {FETCH: PORTAL, "state": NAMED, "captive": Completed(0, b'{"captive": false}')},
            Cause.NO_INTERNET,
        ),
        (
            {**DEAD, "ping": failed(1), "state": NAMED, "captive": Completed(0, SAYS)},
            Cause.PORTAL,
        ),
    ],
)
def test_what_it_says_and_the_pages_come_to_together(
    answers: dict[str, Completed], cause: Cause
) -> None:
    Look(answers).fails(Step.INTERNET, cause, hint="again" if cause is not Cause.PORTAL else "log")
