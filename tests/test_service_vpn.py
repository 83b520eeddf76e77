# SPDX-License-Identifier: GPL-2.0-or-later
"""The VPN goes up and down with the internet, whoever is killed in between."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unattended import Mast, asked, mast
from wifirelay.change.vpn import bring
from wifirelay.core.known import VPN_RULE, Relay, Vpn
from wifirelay.router.verdict import Verdict
from wifirelay.service.events import Event, Kind
from wifirelay.service.signals import Terminated
from wifirelay.sim.air import Internet
from wifirelay.sim.leases import WIRED, Lease
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.uci import uci

WG0 = Vpn("wg0")
HOME = ("HomeNet",)


@contextmanager
def tunnelled(vpn: Vpn = WG0, *names: str, **options: Any) -> Iterator[Mast]:
    with mast("vpn", relay=Relay(vpn=vpn), **options) as bench:
        bench.know(*(names or HOME))
        bench.service.settings = bench.settings
        bench.service.reload()
        yield bench


def told(bench: Mast) -> list[str]:
    return [each.text for each in bench.told.events if each.kind in (Kind.VPN_UP, Kind.VPN_DOWN)]


def troubles(events: list[Event]) -> list[str]:
    return [each.text for each in events if each.kind is Kind.TROUBLE]


def is_up(bench: Mast) -> bool:
    return bench.world.router.interfaces.all["wg0"].up


def requests(bench: Mast) -> list[str]:
    return bench.world.router.interfaces.server.asked


def change(bench: Mast, *edits: str) -> None:
    """The owner's own edits of /etc/config/network, committed and taken."""
    router = bench.world.router
    lines = "".join(f"{edit}\n" for edit in (*edits, "commit network"))
    assert uci(["-q", "batch"], lines.encode(), router.folders).rc == 0
    router.netifd.reload()


def points(bench: Mast, name: str) -> list[Any]:
    return [each for each in bench.world.air.points if each.text == name]


def behind(bench: Mast, name: str, internet: Internet) -> None:
    """From now on, this is behind a network; its stations notice at once."""
    router = bench.world.router
    for place, each in enumerate(bench.world.air.points):
        if each.text == name:
            bench.world.air.points[place] = replace(each, internet=internet)
    for interface in router.interfaces.all.values():
        if interface.lease is not None and interface.lease.point.text == name:
            interface.lease.point = replace(interface.lease.point, internet=internet)


def test_it_is_up_once_the_internet_is_proved_and_down_when_the_uplink_is_lost() -> None:
    with tunnelled() as bench:
        up = bench.until(Kind.VPN_UP)
        joined = next(each for each in bench.told.events if each.kind is Kind.JOINED)
        assert 0.0 < up.at - joined.at < 3.0
        assert (up.text, is_up(bench)) == ("wg0 is up, over network HomeNet", True)
        state = bench.told.standings[-1].vpn
        assert state is not None
        assert (state.interface, state.state, state.only) == ("wg0", "up", False)
        for each in points(bench, "HomeNet"):
            bench.world.air.switch_off(each.bssid)
        down = bench.until(Kind.VPN_DOWN)
        assert down.text == "wg0 is down: there is nothing for it to go over"
        assert not is_up(bench)
        for each in points(bench, "HomeNet"):
            bench.world.air.switch_on(each.bssid)
        bench.until(Kind.VPN_UP)
        assert requests(bench)[-1] == "up wg0"


def test_an_uplink_that_no_trial_proved_is_checked_for_it_at_once() -> None:
    """One that came back by itself, or was there before the service."""
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        bench.world.router.interfaces.bring("wg0", up=False)
        bench.service = bench.new_service()
        back = bench.until(Kind.RETURNED)
        assert bench.until(Kind.VPN_UP).at - back.at < 3.0


def test_a_quiet_hour_asks_netifd_nothing_more() -> None:
    with tunnelled() as bench:
        bench.run(120.0)
        router = bench.world.router
        router.argvs.clear()
        bench.run(3600.0)
        assert requests(bench) == ["up wg0"]
        count = Counter(argv[0] for argv in router.argvs)
        assert 75 < count["ping"] < 85  # one for each check, in place of one page
        assert count["uclient-fetch"] == 0
        assert (bench.uplink, is_up(bench)) == ("HomeNet", True)


def test_the_check_goes_past_the_tunnel() -> None:
    """A dead server at its other end is no reason to leave an uplink."""
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        bench.world.router.interfaces.server.alive = False
        events = bench.run(1800.0)
        assert [each.kind for each in events if each.kind in (Kind.OFFLINE, Kind.LOST)] == []
        assert bench.uplink == "HomeNet"


def test_a_network_that_lets_no_pings_through_is_proved_by_the_tunnel() -> None:
    with tunnelled() as bench:
        bench.world.router.mute = True
        bench.until(Kind.VPN_UP)
        events = bench.run(1800.0)
        assert [each.kind for each in events if each.kind in (Kind.OFFLINE, Kind.VPN_DOWN)] == []
        internet = bench.told.standings[-1].internet
        assert internet is not None
        assert internet.why.endswith("through wg0")


def test_a_dead_tunnel_where_nothing_answers_pings_is_up_again_after_a_pause() -> None:
    with tunnelled() as bench:
        bench.world.router.mute = True
        bench.until(Kind.VPN_UP)
        bench.world.router.interfaces.server.alive = False
        events = bench.run(3600.0)
        assert [each.kind for each in events if each.kind in (Kind.OFFLINE, Kind.LOST)] == []
        told_so = [each for each in troubles(events) if "lets nothing through" in each]
        assert set(told_so) == {"wg0 lets nothing through here: up again in 10 minutes"}
        assert 4 <= len(told_so) <= 6
        bench.world.router.interfaces.server.alive = True
        bench.until(Kind.VPN_UP, 700.0)


def test_a_login_page_that_comes_back_behind_the_tunnel_is_seen() -> None:
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        behind(bench, "HomeNet", Internet.PORTAL)
        needs = bench.until(Kind.PORTAL)
        assert needs.text.startswith("HomeNet needs a login: http://")
        assert "vpn.only" not in needs.text
        assert not is_up(bench)
        bench.run(60.0)
        lost = [each.cause for each in bench.told.events if each.kind is Kind.OFFLINE]
        assert lost == ["portal"]  # for what it is, by the first check
        behind(bench, "HomeNet", Internet.OK)
        bench.until(Kind.VPN_UP)
        assert bench.kinds().index(Kind.VPN_UP) < bench.kinds().index(Kind.PORTAL)


def test_the_kill_switch_says_how_to_get_to_a_login_page() -> None:
    with tunnelled(Vpn("wg0", only=True)) as bench:
        bench.until(Kind.VPN_UP)
        behind(bench, "HomeNet", Internet.PORTAL)
        needs = bench.until(Kind.PORTAL)
        assert "; vpn.only keeps clients from it: `login_form`" in needs.text


def test_a_kill_switch_that_is_not_set_up_is_told_once() -> None:
    with tunnelled(Vpn("wg0", only=True)) as bench:
        events = bench.run(3600.0)
        assert [each for each in troubles(events) if "vpn.only" in each] == [
            "vpn.only is not on the router yet: `wifirelay setup` writes its rule"
        ]
        state = bench.told.standings[-1].vpn
        assert state is not None
        assert (state.only, state.guarded) == (True, False)
        text = f"set firewall.{VPN_RULE}=rule\ncommit firewall\n"
        assert uci(["batch"], text.encode(), bench.world.router.folders).rc == 0
        bench.run(700.0)
        state = bench.told.standings[-1].vpn
        assert state is not None
        assert state.guarded


def test_a_firewall_that_cannot_be_read_is_told_as_such_and_once() -> None:
    with tunnelled(Vpn("wg0", only=True)) as bench:
        file = Path(bench.world.router.folders.config, "firewall")
        whole = file.read_text()
        file.write_text(whole + "config rule 'half\n")
        events = bench.run(3600.0)
        told = [each for each in troubles(events) if "vpn.only" in each]
        assert len(told) == 1
        assert told[0].startswith("whether vpn.only is on the router is not known: the router")
        state = bench.told.standings[-1].vpn
        assert state is not None
        assert (state.guarded, state.unread != "") == (None, True)
        file.write_text(whole)
        events = bench.run(3600.0)
        assert [each for each in troubles(events) if "vpn.only" in each] == [
            "vpn.only is not on the router yet: `wifirelay setup` writes its rule"
        ]
        state = bench.told.standings[-1].vpn
        assert state is not None
        assert (state.guarded, state.unread) == (False, "")


def test_another_uplink_is_tried_without_it_and_then_it_is_brought_up_anew() -> None:
    with tunnelled(WG0, "HomeNet", "Phone") as bench:
        bench.until(Kind.VPN_UP)
        bench.run(60.0)
        first = bench.uplink
        other = "Phone" if first == "HomeNet" else "HomeNet"
        asked(bench, {"do": "join", "ssid_hex": other.encode().hex(), "known": True})
        bench.run(60.0)
        assert (bench.uplink, is_up(bench)) == (other, True)
        assert requests(bench) == ["up wg0", "down wg0", "up wg0"]
        assert told(bench) == [
            f"wg0 is up, over network {first}",
            "wg0 is down: another network is tried",
            f"wg0 is up, over network {other}",
        ]


def test_a_trial_in_vain_brings_it_up_over_the_uplink_that_is_returned_to() -> None:
    with tunnelled(WG0, "HomeNet", "Phone") as bench:
        bench.until(Kind.VPN_UP)
        first = bench.uplink
        other = "Phone" if first == "HomeNet" else "HomeNet"
        behind(bench, other, Internet.NONE)
        with pytest.raises(Exception, match=other):
            asked(bench, {"do": "join", "ssid_hex": other.encode().hex(), "known": True})
        bench.run(60.0)
        assert (bench.uplink, is_up(bench)) == (first, True)


def test_what_its_owner_takes_down_stays_down_until_he_takes_it_up() -> None:
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        transport = SimTransport(bench.world.router)
        bench.later(10.0, lambda: bench.world.router.interfaces.bring("wg0", up=False))
        down = bench.until(Kind.VPN_DOWN)
        assert down.text == "wg0 was taken down by hand, and stays so until `ifup wg0`"
        for switch in (bench.world.air.switch_off, bench.world.air.switch_on):
            for each in points(bench, "HomeNet"):
                switch(each.bssid)
            bench.run(120.0)
        assert (bench.uplink, is_up(bench)) == ("HomeNet", False)
        assert bring(transport, "wg0", up=True)
        bench.run(5.0)
        assert is_up(bench)
        assert told(bench)[-1] == "wg0 is up, over network HomeNet"


def test_leaving_takes_it_down() -> None:
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        asked(bench, {"do": "leave"})
        bench.run(30.0)
        assert (bench.uplink, is_up(bench)) == (None, False)
        bench.run(600.0)
        assert not is_up(bench)


def test_a_network_may_go_without_it_or_alone_have_it() -> None:
    with tunnelled() as bench:
        bench.know("HomeNet", vpn=False)
        bench.service.reload()
        bench.until(Kind.JOINED)
        bench.run(300.0)
        assert (requests(bench), is_up(bench)) == ([], False)
        bench.know("HomeNet", vpn=None)
        bench.service.reload()
        bench.until(Kind.VPN_UP)
        bench.know("HomeNet", vpn=False)
        bench.service.reload()
        assert bench.until(Kind.VPN_DOWN).text == "wg0 is down: there is nothing for it to go over"
    with tunnelled(replace(WG0, everywhere=False)) as bench:
        bench.run(120.0)
        assert (bench.uplink, requests(bench)) == ("HomeNet", [])
        bench.know("HomeNet", vpn=True)
        bench.service.reload()
        bench.until(Kind.VPN_UP)


def test_an_interface_that_is_not_there_is_told_once_and_holds_nothing_up() -> None:
    with tunnelled(Vpn("wg7")) as bench:
        events = bench.run(1800.0)
        assert bench.uplink == "HomeNet"
        assert troubles(events) == ["netifd has no interface wg7, the VPN: missing, or `disabled`"]
        state = bench.told.standings[-1].vpn
        assert state is not None
        assert state.state == "missing"


def test_one_that_its_owner_has_disabled_and_then_enables() -> None:
    with tunnelled() as bench:
        change(bench, "set network.wg0.disabled='1'")
        events = bench.run(300.0)
        assert troubles(events) == ["netifd has no interface wg0, the VPN: missing, or `disabled`"]
        change(bench, "delete network.wg0.disabled")
        bench.until(Kind.VPN_UP, 700.0)


def test_one_that_does_not_come_up_is_told_once_and_the_uplink_stays() -> None:
    with tunnelled() as bench:
        router = bench.world.router
        at_once = router.interfaces.all["wg0"].peers
        assert at_once.hosts == ("vpn.example.org",)
        dig = router.interfaces._dig
        router.interfaces._dig = lambda interface: None  # type: ignore[method-assign]
        bench.until(Kind.JOINED)
        events = bench.run(1800.0)
        assert [each for each in troubles(events) if "wg0" in each] == [
            "wg0 is not up after 45 s: `logread -e wg0` tells why"
        ]
        assert bench.uplink == "HomeNet"
        dig(router.interfaces.all["wg0"])
        bench.run(30.0)
        assert told(bench)[-1] == "wg0 is up, over network HomeNet"


@pytest.mark.parametrize("moment", ["up wg0", "down wg0"])
@pytest.mark.parametrize("done", [False, True])
def test_a_service_that_is_killed_in_between_leaves_what_the_next_one_settles(
    moment: str, done: bool
) -> None:
    """Before netifd was asked, and after it."""
    with tunnelled() as bench:
        if moment == "down wg0":
            bench.until(Kind.VPN_UP)
        run = bench.transport.run
        action = moment.split()[0]

        def dies(command: Any) -> Any:
            if command.argv[-2:] == ("network.interface.wg0", action):
                if done:
                    run(command)
                raise Terminated
            return run(command)

        bench.transport.run = dies  # type: ignore[method-assign]
        if moment == "down wg0":
            for each in points(bench, "HomeNet"):
                bench.later(5.0, lambda each=each: bench.world.air.switch_off(each.bssid))
        with pytest.raises(Terminated):
            bench.run(300.0)
        bench.transport.run = run  # type: ignore[method-assign]
        bench.service = bench.new_service()
        if moment == "down wg0":
            bench.run(30.0)
            assert (bench.uplink, is_up(bench)) == (None, False)
            for each in points(bench, "HomeNet"):
                bench.world.air.switch_on(each.bssid)
        bench.run(300.0)
        assert (bench.uplink, is_up(bench)) == ("HomeNet", True)
        assert bench.told.events[-1].kind is not Kind.TROUBLE


def test_a_service_that_starts_again_leaves_a_tunnel_over_its_uplink_alone() -> None:
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        bench.run(30.0)
        bench.service = bench.new_service()
        bench.run(120.0)
        assert (requests(bench), is_up(bench)) == (["up wg0"], True)


def test_a_tunnel_that_is_older_than_its_uplink_is_brought_up_anew() -> None:
    """It went over something else, while no service looked."""
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        bench.run(30.0)
        bench.world.router.interfaces.all["wg0"].since -= 40.0
        bench.service = bench.new_service()
        bench.run(120.0)
        assert (requests(bench), is_up(bench)) == (["up wg0", "down wg0", "up wg0"], True)


def test_one_that_netifd_brought_up_at_boot_waits_for_its_uplink() -> None:
    with tunnelled() as bench:
        host = "set network.@wireguard_wg0[0].endpoint_host='198.51.100.9'"
        change(bench, "delete network.wg0.auto", host)
        bench.world.router.interfaces.bring("wg0", up=True)
        bench.world.router.advance(30.0)
        assert is_up(bench)
        bench.until(Kind.JOINED)
        assert requests(bench)[1:2] == ["down wg0"]
        bench.run(30.0)
        assert is_up(bench)


def test_an_uplink_in_the_tunnels_own_subnet_is_no_clash() -> None:
    with tunnelled() as bench:
        address = "add_list network.wg0.addresses='10.10.1.2/24'"
        change(bench, "delete network.wg0.addresses", address)
        bench.until(Kind.VPN_UP)
        bench.run(600.0)
        assert (bench.uplink, is_up(bench)) == ("HomeNet", True)
        assert Kind.LOST not in bench.kinds()


def test_a_dead_cable_does_not_live_by_the_tunnel() -> None:
    """The tunnel's default route goes first: a page that is fetched says nothing of the cable."""
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        cable(bench, Internet.NONE)
        bench.run(600.0)
        assert bench.service.observer.wired is None
        assert (bench.uplink, is_up(bench)) == ("HomeNet", True)


def test_over_a_cable_that_gives_the_internet_it_is_up_as_well() -> None:
    with tunnelled(wired=True) as bench:
        up = bench.until(Kind.VPN_UP)
        assert up.text == "wg0 is up, over interface wan"
        assert bench.uplink is None
        bench.run(900.0)
        assert (requests(bench), bench.uplink) == (["up wg0"], None)
        asked(bench, {"do": "leave"})
        bench.run(60.0)
        assert is_up(bench)


def test_without_a_vpn_in_the_configuration_nothing_is_done_to_one() -> None:
    with mast("vpn") as bench:
        bench.know("HomeNet")
        bench.service.reload()
        bench.run(300.0)
        assert (bench.uplink, requests(bench)) == ("HomeNet", [])
        assert bench.told.standings[-1].vpn is None


def test_the_verdict_is_the_uplinks() -> None:
    with tunnelled() as bench:
        bench.until(Kind.VPN_UP)
        behind(bench, "HomeNet", Internet.NONE)
        bench.until(Kind.OFFLINE)
        internet = bench.told.standings[-1].internet
        assert internet is not None
        assert internet.verdict is Verdict.OFFLINE
        assert not is_up(bench)


def cable(bench: Mast, internet: Internet) -> None:
    """Plug one in."""
    router = bench.world.router
    change(bench, "set network.wan=interface", "set network.wan.proto='dhcp'")
    wan = router.interfaces.all["wan"]
    wan.device, wan.link = "eth0", True
    wan.lease = Lease(replace(WIRED, internet=internet))
    router.interfaces._up(wan)
