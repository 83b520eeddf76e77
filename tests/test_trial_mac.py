# SPDX-License-Identifier: GPL-2.0-or-later
"""The address that the station shows, on a simulated router: joins, leaving, trials taken back."""

from dataclasses import replace

import pytest
from lab import Lab, lab
from unattended import mast

from wifirelay.change.setup import withdraw
from wifirelay.change.status import read_status
from wifirelay.core.known import Relay
from wifirelay.core.mac import MAC, NOTE, SECRET
from wifirelay.errors import TrialFailed
from wifirelay.router.verdict import Verdict
from wifirelay.sim.neighbourhoods import PHONE_MAC
from wifirelay.transport.base import Command

OWNERS = "02:00:00:00:99:99"


def says(bench: Lab, ssid: str, **more: object) -> None:
    """What the owner says of one network."""
    bench.world.known = tuple(
        replace(each, **more) if each.ssid.text == ssid else each  # type: ignore[arg-type]
        for each in bench.world.known
    )


def owner_sets(bench: Lab, value: str, section: str = "wifirelay") -> None:
    """On flash, by hand."""
    for argv in (("uci", "set", f"wireless.{section}.{MAC}={value}"), ("uci", "commit")):
        assert bench.transport.run(Command(argv)).rc == 0
    bench.world.router.flash_writes.clear()
    bench.flash = bench.files()


def shown_mac(bench: Lab) -> str | None:
    """What the simulated station shows now."""
    stations = [each.station for each in bench.world.router.netifd.radios.values()]
    return next((each.mac for each in stations if each is not None), None)


def section(bench: Lab, name: str = "wifirelay") -> dict[str, object]:
    return bench.wireless()[name]


def test_a_phone_that_has_logged_in_opens_the_portal() -> None:
    with lab("hotel") as bench:
        with pytest.raises(TrialFailed, match="login page"):
            bench.join("HotelGuest")
        says(bench, "HotelGuest", mac=PHONE_MAC)
        joined = bench.join("HotelGuest")
        assert joined is not None
        assert joined.internet is Verdict.ONLINE
        assert shown_mac(bench) == PHONE_MAC


def test_an_own_macaddr_is_back_with_the_next_network_and_on_flash_at_leave() -> None:
    with lab("home", radio1=False) as bench:
        owner_sets(bench, OWNERS)
        before, files = bench.wireless(), bench.files()
        says(bench, "Phone", mac="stable")
        assert bench.join("Phone") is not None
        mine = section(bench)[MAC]
        assert mine == (shown_mac(bench) or "").lower() != OWNERS
        assert section(bench)[NOTE] == f"{mine} {OWNERS}"
        assert bench.join("HomeNet") is not None
        assert section(bench)[MAC] == OWNERS
        assert NOTE not in section(bench)
        assert bench.join("Phone") is not None
        assert section(bench)[MAC] == mine
        bench.leave()
        secret = section(bench).pop(SECRET)
        after = bench.wireless()
        after["wifirelay"].pop(SECRET)
        assert after == before
        text = bench.files()["wireless"].decode()
        assert text.replace(f"\toption {SECRET} '{secret}'\n", "") == files["wireless"].decode()


def test_a_trial_that_fails_takes_its_address_along() -> None:
    with lab("broken") as bench:
        owner_sets(bench, OWNERS)
        before = bench.wireless()
        for mac in ("stable", "random", PHONE_MAC):
            says(bench, "WrongKey", mac=mac)
            with pytest.raises(TrialFailed):
                bench.join("WrongKey")
            bench.check_baseline(before)


def test_a_failed_trial_gives_a_working_uplink_its_own_address_back() -> None:
    with lab("broken", relay=Relay(keep_on_flash=False)) as bench:
        says(bench, "Works", mac="stable")
        says(bench, "WrongKey", mac="random")
        assert bench.join("Works") is not None
        before, mac = bench.wireless(), shown_mac(bench)
        with pytest.raises(TrialFailed):
            bench.join("WrongKey")
        assert bench.wireless() == before
        bench.world.clock.sleep(30.0)
        assert shown_mac(bench) == mac


def test_a_stable_address_outlives_leaving_and_reboots_a_random_one_no_join() -> None:
    with lab("home") as bench:
        says(bench, "Phone", mac="stable")
        says(bench, "HomeNet", mac="random")
        seen: dict[str, list[str | None]] = {"Phone": [], "HomeNet": []}
        for _ in range(2):
            for ssid, macs in seen.items():
                assert bench.join(ssid) is not None
                macs.append(shown_mac(bench))
            bench.leave()
            bench.world.router.power_cut()
            bench.world.clock.sleep(60.0)
        assert len(set(seen["Phone"])) == 1
        assert len(set(seen["HomeNet"])) == 2
        commands = [word for argv in bench.world.router.argvs for word in argv]
        assert section(bench)[SECRET] not in " ".join(commands)


def test_setup_taken_back_takes_all_of_it() -> None:
    with lab("home") as bench:
        says(bench, "Phone", mac="stable")
        assert bench.join("Phone") is not None
        withdraw(bench.transport, bench.world.clock, bench.relay, bench.events.append, "tests")
        assert not [name for name in bench.wireless() if name.startswith("wifirelay")]
        assert b"wifirelay" not in bench.files()["wireless"]


def test_status_tells_the_address_in_use() -> None:
    with lab("home") as bench:
        says(bench, "Phone", mac=PHONE_MAC)
        assert bench.join("Phone") is not None
        (first, second) = read_status(bench.transport, probing=False).uplinks
        assert (first.mac, second.mac) == (PHONE_MAC, None)


# --- denied access points ---


def test_the_station_neither_joins_nor_roams_to_a_denied_one() -> None:
    with lab("home", radio1=False) as bench:
        points = [each for each in bench.world.air.points if each.ssid == b"HomeNet"]
        twin = replace(points[0], bssid="02:00:00:00:77:77", signal=-70, channel=11)
        bench.world.air.add(twin)
        says(bench, "HomeNet", not_bssids=(points[0].bssid,))
        joined = bench.join("HomeNet")
        assert joined is not None
        assert joined.bssid == twin.bssid
        assert section(bench)["bssid_blacklist"] == points[0].bssid
        assert "bssid" not in section(bench)
        bench.world.air.switch_off(twin.bssid)
        for _ in range(30):
            bench.world.clock.sleep(10.0)
            station = bench.world.router.netifd.radios["radio0"].station
            assert station is None or station.point is None


# --- the service ---


def test_the_service_joins_and_keeps_it() -> None:
    with mast("home") as bench:
        bench.know(mac="random", radios=("radio1",))
        bench.service = bench.new_service()
        bench.run(700.0)
        assert "kept" in [str(kind) for kind in bench.kinds()]
        on = bench.world.router.netifd.radios["radio1"].station
        assert on is not None and on.completed
        assert on.mac != on.radio.station_mac.upper()
