# SPDX-License-Identifier: GPL-2.0-or-later
"""The ready-made worlds: repeatable, as described, and what the owner knows can be joined."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wifirelay.change.setup import look, prepare, set_up, withdraw
from wifirelay.core.known import Relay
from wifirelay.errors import UsageError
from wifirelay.sim.air import AccessPoint, Air
from wifirelay.sim.neighbourhoods import HOSTILE_NAMES
from wifirelay.sim.router import SimRouter
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import WORLDS, World, make_world, router_files
from wifirelay.values import Security


def scan(world: World, device: str = "radio0") -> list[dict[str, Any]]:
    argv = ["ubus", "-S", "call", "iwinfo", "scan", json.dumps({"device": device})]
    results: list[dict[str, Any]] = json.loads(world.router.execute(argv).text)["results"]
    return results


def join(world: World, name: str, encryption: str = "psk2", seconds: float = 30.0) -> None:
    """As the owner's own hands would do it."""
    key = next((k.key for k in world.known if k.ssid.text == name), None)
    quoted = name.replace("'", "'\\''")
    batch = f"set wireless.wifirelay.ssid='{quoted}'\n"
    batch += f"set wireless.wifirelay.encryption='{encryption}'\n"
    batch += f"set wireless.wifirelay.key='{key.reveal()}'\n" if key is not None else ""
    batch += "set wireless.wifirelay.disabled='0'\n"
    world.router.execute(["uci", "batch"], batch.encode("utf-8", "surrogateescape"))
    world.router.execute(["wifi", "reload"])
    world.clock.sleep(seconds)


def probe(world: World, url: str = "http://detectportal.firefox.com/success.txt") -> Any:
    argv = ["uclient-fetch", "-q", "-T", "4", "-O", "-", url]
    return world.router.execute(argv)


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_a_world_is_ready_and_the_same_again(name: str) -> None:
    seen = []
    for _ in range(2):
        with make_world(name, seed=3, sentry=False) as world:
            assert world.description and world.known
            assert world.router.on_air("default_radio0") and world.router.on_air("default_radio1")
            assert world.router.flash_writes == [] and world.router.argvs == []
            seen.append([scan(world), scan(world, "radio1"), scan(world)])
    assert seen[0] == seen[1]


def test_set_up_or_not() -> None:
    with make_world("home", set_up=False, radio1=False) as world:
        sections = world.router.execute(["uci", "show", "wireless"]).text
        assert "wifirelay" not in sections and "radio1.disabled='1'" in sections
        network = ["ubus", "call", "network.interface.wwan", "status"]
        assert world.router.execute(network).rc == 4
        assert not world.router.on_air("default_radio1")
    with make_world("home") as world:
        shown = world.router.execute(["uci", "show", "firewall"]).text
        assert "firewall.@zone[1].network='wan' 'wan6' 'wwan' 'wwan6'" in shown
        assert world.router.execute(["uci", "get", "network.wwan6.device"]).out == b"@wwan\n"
        assert os.path.exists(world.router.root.here("/etc/rc.d/S95wifirelay-sentry"))
        count = world.router.sentry.count()
        world.clock.sleep(20)
        assert count is not None and (world.router.sentry.count() or 0) >= count + 3
        assert world.router.errors() == ""
    assert os.path.exists(os.path.join(router_files(), "wifirelay-sentry"))
    with pytest.raises(UsageError):
        make_world("nowhere")


def kept(router: SimRouter) -> dict[str, str]:
    """What is on its flash, without what a start makes anew: the configuration as `uci` writes it,
    and the files beside it."""
    texts = {
        name: router.execute(["uci", "export", name]).text
        for name in ("wireless", "network", "firewall", "dhcp", "system")
    }
    for folder in ("usr/sbin", "etc/init.d", "etc/rc.d", "etc/udhcpc.user.d", "lib/upgrade"):
        for place, _, names in os.walk(router.root.here(f"/{folder}")):
            for name in names:
                path = os.path.join(place, name)
                texts[f"{folder}/{name}"] = Path(path).read_text("utf-8", "replace")
    return texts


@pytest.mark.parametrize("name", ["sixonly", "wds"])
def test_one_that_is_set_up_is_as_setup_leaves_it(name: str) -> None:
    """... and `setup --undo` leaves nothing of it."""
    with make_world(name) as ready, make_world(name, set_up=False) as fresh:
        relay, router = replace(Relay(), **fresh.relay), fresh.router
        stock = kept(router)
        link = SimTransport(router)
        edits = prepare(look(link, relay, fresh.known), relay, fresh.known, "")[1]
        set_up(link, fresh.clock, edits, lambda _: None, "me")
        assert kept(router) == kept(ready.router)
        link = SimTransport(ready.router)
        withdraw(link, ready.clock, relay, lambda _: None, "me")
        assert kept(ready.router) == stock


def test_home_can_be_joined_on_both_bands() -> None:
    with make_world("home", sentry=False) as world:
        join(world, "HomeNet")
        assert probe(world).text == "success\n"
        dump = json.loads(world.router.execute(["ubus", "call", "network.interface", "dump"]).text)
        names = [one["interface"] for one in dump["interface"]]
        assert names == ["lan", "loopback", "wwan", "wwan6"]
        join(world, "Phone", "sae")
        assert probe(world).text == "success\n"
        world.router.execute(["uci", "revert", "wireless"])
        batch = b"set wireless.wifirelay_radio1.ssid=HomeNet\n"
        batch += b"set wireless.wifirelay_radio1.key='correct horse battery'\n"
        batch += b"set wireless.wifirelay_radio1.encryption=psk2\n"
        batch += b"set wireless.wifirelay_radio1.disabled=0\n"
        world.router.execute(["uci", "batch"], batch)
        world.router.execute(["wifi", "reload"])
        world.clock.sleep(30)
        assert probe(world).text == "success\n"
        assert world.router.on_air("default_radio0") and world.router.on_air("default_radio1")


def test_hotel_is_crowded_and_wants_a_login() -> None:
    with make_world("hotel", sentry=False) as world:
        assert len(scan(world)) + len(scan(world, "radio1")) == 60
        join(world, "HotelGuest", "none")
        assert "/login" in probe(world).text


def test_road_changes() -> None:
    with make_world("road", sentry=False) as world:
        seen = set()
        for _ in range(12):
            names = (one.get("ssid") for one in scan(world))
            seen.add(frozenset(name for name in names if not str(name).startswith("Neighbour")))
            world.clock.sleep(300)
        assert len(seen) > 2
        assert any(known.metered for known in world.known)


def test_hostile_names_survive_and_can_be_joined() -> None:
    with make_world("hostile", sentry=False) as world:
        names = {one.get("ssid", "").encode("utf-8", "surrogateescape") for one in scan(world)}
        assert {name.split(b"\0")[0] for name in HOSTILE_NAMES} <= names
        text = world.router.execute(["iwinfo", "radio0", "scan"]).out
        assert b'ESSID: "a\nCell 99 - Address: 0A"' in text
        open_twin = [o for o in scan(world) if o.get("ssid") == "HomeNet"]
        assert sorted(o["encryption"]["enabled"] for o in open_twin) == [False, True]
        for name in [known.ssid.text for known in world.known[:3]]:
            join(world, name)
            assert probe(world).text == "success\n", name


def test_broken_fails_in_each_way() -> None:
    with make_world("broken", sentry=False) as world:
        router = world.router

        def log() -> str:
            return router.execute(["logread"]).text

        join(world, "WrongKey")
        assert "reason=WRONG_KEY" in log() and not router.on_air("default_radio0")
        join(world, "WrongSae", "sae")
        assert "reason=CONN_FAILED" in log()
        join(world, "DeadDhcp")
        assert router.interfaces.all["wwan"].status(0)["pending"]
        join(world, "Overlap")
        assert "192.168.1.176" in router.execute(["ip", "-4", "addr"]).text
        assert probe(world).rc == 4
        by_address = "http://198.51.100.7/"
        for name, by_name, literal in (
            ("NoInternet", 4, 4),
            ("DnsDead", 4, 0),
            ("DnsFiltered", 4, 0),
            ("Works", 0, 0),
        ):
            join(world, name)
            assert (probe(world).rc, probe(world, by_address).rc) == (by_name, literal), name
        resolved = router.execute(["nslookup", "example.org"]).text
        assert "Address: 198.51.100.7" in resolved
        world.air.switch_off("Vanishing")
        join(world, "Vanishing")
        assert not router.on_air("default_radio0")
        assert router.off_air_since("default_radio0") is not None


def test_air_refuses_what_it_cannot_tell_apart() -> None:
    one = AccessPoint(b"x", "02:00:00:00:10:00", security=Security.OPEN)
    with pytest.raises(ValueError):
        Air([one, one])
    air = Air([one])
    with pytest.raises(ValueError):
        air.add(one)
    with pytest.raises(LookupError):
        air.switch_off("y")
    air.switch_off(b"x")
    assert air.heard(["2g"]) == []  # type: ignore[list-item]


def test_the_same_story_ends_the_same_with_the_real_sentry() -> None:
    """Its look at the ages of files goes by simulated time, not by this machine's."""

    def story() -> tuple[float, float, dict[str, int], str]:
        with make_world("home") as world:
            join(world, "HomeNet")
            world.air.switch_off("HomeNet")
            world.clock.sleep(90)
            router = world.router
            log = router.log.read(pattern="sentry")
            processes = dict(router.processes)
            return router.now, router.outage_seconds("default_radio0"), processes, log

    assert story() == story()
