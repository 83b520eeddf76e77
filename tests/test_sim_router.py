# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated router against what a router of real OpenWrt daemons answered and did."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from wifirelay.sim.air import AccessPoint, Air, Internet
from wifirelay.sim.configs import DHCP, FIREWALL
from wifirelay.sim.radio import CHANNELS_5G, RADIO0, RADIO1, Channel, Radio
from wifirelay.sim.router import SimRouter
from wifirelay.sim.station import valid_key
from wifirelay.sim.syslog import ssid_text
from wifirelay.values import Band, Security

RECORDINGS = Path(__file__).parent / "data" / "recordings"
KEY = "correct horse battery"
BOTH = frozenset({Band.GHZ2, Band.GHZ5})
LAB_RADIOS = (Radio("radio0", "phy0", BOTH), Radio("radio1", "phy1", BOTH))
LAB_AIR = (
    AccessPoint(b"HomeNet", "02:00:00:00:02:00", channel=6, signal=-30, key=KEY),
    AccessPoint(b"CafeOpen", "02:00:00:00:03:00", channel=1, security=Security.OPEN),
    AccessPoint(b"Phone", "02:00:00:00:04:00", channel=11, security=Security.SAE, key=KEY),
    AccessPoint(b"PhoneMix", "02:00:00:00:05:00", channel=11, security=Security.SAE_MIXED, key=KEY),
    AccessPoint(b"Office5G", "02:00:00:00:06:00", Band.GHZ5, 36, key=KEY),
    AccessPoint(b"", "02:00:00:00:07:00", channel=6, hidden=True, key=KEY),
    AccessPoint(b"WrongPass", "02:00:00:00:0B:00", channel=6, key="another key"),
    AccessPoint(b"DeadDHCP", "02:00:00:00:0C:00", channel=1, key=KEY, dhcp=False),
    AccessPoint(
        b"AirportFree",
        "02:00:00:00:0D:00",
        channel=11,
        security=Security.OPEN,
        subnet="10.10.11.0/24",
        internet=Internet.PORTAL,
    ),
    AccessPoint(b"Collide", "02:00:00:00:0E:00", channel=6, key=KEY, subnet="192.168.1.0/24"),
    AccessPoint(b"OldTKIP", "02:00:00:00:0F:00", channel=11, security=Security.WPA1, ht=False),
    AccessPoint(b"eduroam", "02:00:00:00:0F:01", channel=11, security=Security.WPA2_EAP, ht=False),
    AccessPoint(b"OweNet", "02:00:00:00:0F:02", channel=11, security=Security.OWE, ht=False),
)


@cache
def recording(name: str) -> dict[tuple[str, ...], dict[str, Any]]:
    lines = (RECORDINGS / f"{name}.jsonl").read_text("utf-8", "surrogateescape").splitlines()
    exchanges = [json.loads(line) for line in lines[1:]]
    return {tuple(exchange["argv"]): exchange for exchange in exchanges}


def lab(**options: Any) -> SimRouter:
    """A router with the lab's configuration, after setup, in the lab's air."""
    recorded = recording("baseline")
    wireless = recorded["uci", "export", "wireless"]["out"].replace("***", KEY)
    network = recorded["uci", "export", "network"]["out"]
    configs = {"wireless": wireless, "network": network, "dhcp": DHCP}
    configs["firewall"] = FIREWALL.replace("{networks}", "\tlist network 'wan'\n")
    options.setdefault("radios", LAB_RADIOS)
    router = SimRouter(options.pop("air", None) or Air(list(LAB_AIR)), configs, **options)
    router.boot()
    return router


@pytest.fixture
def router() -> Iterator[SimRouter]:
    with lab() as made:
        yield made


def edit(router: SimRouter, ssid: str, encryption: str = "psk2", key: str = KEY) -> None:
    batch = (
        f"set wireless.wifirelay.ssid='{ssid}'\nset wireless.wifirelay.encryption={encryption}\n"
    )
    batch += f"set wireless.wifirelay.key='{key}'\n"
    batch += "set wireless.wifirelay.disabled=0\n"
    assert router.execute(["uci", "batch"], batch.encode()).rc == 0


def join(router: SimRouter, ssid: str, encryption: str = "psk2", key: str = KEY) -> float:
    """Stage and reload; the time from which the lab's table counts."""
    edit(router, ssid, encryption, key)
    start = router.now
    router.execute(["wifi", "reload"])
    return start


def call(router: SimRouter, path: str, method: str, arguments: Any = None) -> Any:
    argv = ["ubus", "-S", "call", path, method]
    answer = router.execute(argv + ([json.dumps(arguments)] if arguments is not None else []))
    assert answer.rc == 0, (path, method, answer.rc)
    return json.loads(answer.text) if answer.out else None


def until(router: SimRouter, start: float, condition: Any, limit: float = 60.0) -> float:
    """Seconds after `start` at which a condition first holds, to a tenth."""
    while router.now - start < limit:
        if condition():
            return router.now - start
        router.advance(0.1)
    raise AssertionError(f"not within {limit} s")


def shape(value: Any) -> Any:
    """Keys in their order and types; of a list all kinds of elements."""
    if isinstance(value, Pairs):
        return tuple((key, shape(item)) for key, item in value)
    if isinstance(value, list):
        return frozenset(shape(item) for item in value)
    return type(value).__name__


class Pairs(list[Any]):
    pass


def parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=Pairs, strict=False)


def fits(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where the shape of our answer is not the recorded one's."""
    if isinstance(theirs, frozenset) and isinstance(ours, frozenset):
        if bool(ours) != bool(theirs):
            return [f"{path}: {ours} but recorded {theirs}"]
        return [] if ours <= theirs else [f"{path}: {set(ours - theirs)} is new"]
    if isinstance(theirs, tuple) and isinstance(ours, tuple):
        if [key for key, _ in ours] != [key for key, _ in theirs]:
            return [f"{path}: {[k for k, _ in ours]} but recorded {[k for k, _ in theirs]}"]
        pairs = zip(ours, theirs, strict=True)
        return [wrong for (k, o), (_, t) in pairs for wrong in fits(o, t, f"{path}.{k}")]
    return [] if ours == theirs else [f"{path}: {ours} but recorded {theirs}"]


STATES = {
    "baseline": None,
    "connected": ("HomeNet", "psk2", KEY),
    "upstream-lost": ("HomeNet", "psk2", KEY),
    "wrong-key": ("WrongPass", "psk2", KEY),
    "dead-dhcp": ("DeadDHCP", "psk2", KEY),
    "portal": ("AirportFree", "none", KEY),
    "subnet-clash": ("Collide", "psk2", KEY),
}


@pytest.fixture(scope="module", params=sorted(STATES))
def state(request: pytest.FixtureRequest) -> Iterator[tuple[str, SimRouter]]:
    """A router in the state of each recording."""
    with lab() as router:
        wanted = STATES[request.param]
        if wanted is not None:
            start = join(router, *wanted)
            router.advance(start + 45.0 - router.now)
        if request.param == "upstream-lost":
            router.air.switch_off("HomeNet")
            router.advance(25.0)
        yield request.param, router


JSON_CALLS = (
    ("ubus", "call", "uci", "get", '{"config":"wireless"}'),
    ("ubus", "call", "uci", "get", '{"config":"network"}'),
    ("ubus", "call", "uci", "changes", "{}"),
    ("ubus", "call", "system", "board"),
    ("ubus", "call", "system", "info"),
    ("ubus", "call", "network.wireless", "status"),
    ("ubus", "call", "network.interface", "dump"),
    ("ubus", "call", "network.interface.wwan", "status"),
    ("ubus", "call", "network.interface.lan", "status"),
    ("wifi", "status"),
    ("ubus", "call", "iwinfo", "info", '{"device":"radio0"}'),
    ("ubus", "call", "iwinfo", "info", '{"device":"radio1"}'),
    ("ubus", "call", "iwinfo", "info", '{"device":"phy0-ap0"}'),
    ("ubus", "call", "iwinfo", "info", '{"device":"phy0-sta0"}'),
    ("ubus", "call", "iwinfo", "assoclist", '{"device":"phy0-sta0"}'),
    ("ubus", "call", "iwinfo", "assoclist", '{"device":"radio0"}'),
    ("ubus", "call", "iwinfo", "freqlist", '{"device":"radio1"}'),
    ("ubus", "call", "network.device", "status", '{"name":"phy0-ap0"}'),
    ("ubus", "call", "network.device", "status", '{"name":"phy0-sta0"}'),
    ("ubus", "call", "hostapd.phy0-ap0", "get_status"),
    ("ubus", "call", "hostapd.phy0-ap0", "get_clients"),
    ("ubus", "call", "hostapd", "bss_info", '{"iface":"phy0-ap0"}'),
    ("ubus", "call", "wpa_supplicant", "bss_info", '{"iface":"phy0-sta0"}'),
    ("ubus", "call", "wpa_supplicant", "phy_status", '{"phy":"phy0"}'),
    ("ubus", "call", "iwinfo", "scan", '{"device":"radio1"}'),
)


def test_answers_have_the_recorded_shapes(state: tuple[str, SimRouter]) -> None:
    name, router = state
    wrong = []
    for argv in JSON_CALLS:
        recorded = recording(name).get(argv)
        if recorded is None:
            continue
        answer = router.execute(list(argv))
        assert answer.rc == recorded["rc"], (argv, answer)
        if recorded["out"]:
            ours, theirs = parsed(answer.text), parsed(recorded["out"])
            wrong += [f"{' '.join(argv[1:])}: {w}" for w in fits(shape(ours), shape(theirs))]
        else:
            assert answer.errors == recorded["err"], argv
    assert not wrong, "\n".join(wrong)


def test_values_that_tell_the_state(state: tuple[str, SimRouter]) -> None:
    """What a controller decides by has the recorded values, not only the shape."""
    name, router = state
    for path, keys in (
        ("network.interface.wwan", ("up", "pending", "available", "errors")),
        ("network.wireless", ("radio0", "radio1")),
    ):
        ours = call(router, path, "status")
        theirs = json.loads(recording(name)["ubus", "call", path, "status"]["out"])
        for key in keys:
            one, other = ours.get(key), theirs.get(key)
            if path == "network.wireless":
                one, other = ([x[k] for k in ("up", "pending", "disabled")] for x in (one, other))
            assert one == other, (path, key)
    device = {"name": "phy0-ap0"}
    recorded = recording(name)["ubus", "call", "network.device", "status", '{"name":"phy0-ap0"}']
    carrier = call(router, "network.device", "status", device)["carrier"]
    assert carrier == json.loads(recorded["out"])["carrier"]
    assert router.root.read("/sys/class/net/phy0-ap0/operstate") == (
        b"up\n" if carrier else b"down\n"
    )
    for argv in (("ubus", "call", "wpa_supplicant", "phy_status", '{"phy":"phy0"}'),):
        theirs_out = recording(name)[argv]["out"]
        if theirs_out:
            assert json.loads(router.execute(list(argv)).text) == json.loads(theirs_out)


def test_texts_are_the_recorded_ones(state: tuple[str, SimRouter]) -> None:
    name, router = state
    for argv in (("uci", "changes"), ("uci", "export", "wireless"), ("uci", "show", "network")):
        ours = router.execute(list(argv)).text
        assert ours.replace(KEY, "***") == recording(name)[argv]["out"], argv

    def plain(text: str) -> list[str]:
        text = re.sub(r"phy#16\n(\t.*\n)*", "", text)  # the test bed's own radio
        return re.sub(r"(ifindex|wdev) \S+", r"\1 N", text).splitlines()

    assert plain(router.execute(["iw", "dev"]).text) == plain(recording(name)["iw", "dev"]["out"])
    routes = recording(name)["ip", "-4", "route"]["out"].splitlines()
    ours_routes = router.execute(["ip", "-4", "route"]).text.splitlines()
    assert ours_routes == [line for line in routes if "eth0" not in line]
    listed = set(recording(name)["ubus", "list"]["out"].split())
    ours_listed = set(router.execute(["ubus", "list"]).text.split())
    assert ours_listed == {o for o in listed if "wlan16" not in o}
    scan = ("ubus", "call", "iwinfo", "devices")
    devices = json.loads(recording(name)[scan]["out"])["devices"]
    assert call(router, "iwinfo", "devices")["devices"] == [d for d in devices if d != "wlan16"]


def test_unknown_things_fail_as_recorded(router: SimRouter) -> None:
    for argv, recorded in recording("baseline").items():
        if "nope" in " ".join(argv):
            answer = router.execute(list(argv))
            assert (answer.rc, answer.errors) == (recorded["rc"], recorded["err"]), argv
    assert router.execute(["ubus", "call", "iwinfo", "nothing"]).rc == 253
    assert router.execute(["ubus", "call", "iwinfo", "scan", "{}"]).rc == 254
    assert router.execute(["ubus", "call", "iwinfo", "scan", "{"]).rc == 254
    assert router.execute(["ubus", "-S", "call", "iwinfo", "scan", "{}"]).rc == 2
    assert router.execute(["ubus"]).rc == 254


def test_scan_through_the_station_lies(router: SimRouter) -> None:
    join(router, "HomeNet")
    router.advance(20)
    start = router.now
    right = call(router, "iwinfo", "scan", {"device": "radio0"})["results"]
    assert router.now - start == pytest.approx(8.5)
    false = call(router, "iwinfo", "scan", {"device": "phy0-sta0"})["results"]
    assert len(right) == len(LAB_AIR)
    assert [e["bssid"] for e in right] == [e["bssid"] for e in false]
    phones = [e["encryption"] for e in right + false if e.get("ssid") == "Phone"]
    assert phones[0]["wpa"] == [3]
    assert phones[0] != phones[1]
    router.iwinfo.lies = 2
    for expected in (0, 0, len(LAB_AIR)):
        results = call(router, "iwinfo", "scan", {"device": "phy0-ap0"})["results"]
        assert len(results) == expected


def test_scan_through_the_station_is_cut_at_4_kib() -> None:
    crowd = [AccessPoint(b"x" * 30, f"02:00:00:00:20:{n:02X}", key=KEY) for n in range(200)]
    with lab(air=Air([*LAB_AIR, *crowd])) as router:
        join(router, "HomeNet")
        router.advance(20)
        cut = call(router, "iwinfo", "scan", {"device": "phy0-sta0"})["results"]
        assert 40 <= len(cut) <= 60
        whole = call(router, "iwinfo", "scan", {"device": "radio0"})["results"]
        assert len(whole) == len(LAB_AIR) + 200


def test_ubus_gives_up_after_its_time_out(router: SimRouter) -> None:
    scan = ["call", "iwinfo", "scan", '{"device":"radio0"}']
    start = router.now
    assert router.execute(["ubus", "-t", "2", *scan]).rc == 249
    assert router.now - start == pytest.approx(2.0)
    assert router.execute(["ubus", "-S", "-t2", *scan]).rc == 7
    assert router.execute(["ubus", "-S", "-t", "9", *scan]).rc == 0


def test_an_interface_that_comes_after_its_link(router: SimRouter) -> None:
    router.execute(["uci", "delete", "network.wwan"])
    join(router, "HomeNet")
    router.advance(20)
    assert router.execute(["ubus", "call", "network.interface.wwan", "status"]).rc == 4
    router.execute(["uci", "revert", "network"])
    router.execute(["wifi", "reload"])
    router.advance(10)
    assert wwan(router).up


# The table of timings


def ap_on(router: SimRouter) -> bool:
    return router.on_air("default_radio0")


def wwan(router: SimRouter) -> Any:
    return router.interfaces.all["wwan"]


def test_first_join_takes_as_long_as_in_the_lab(router: SimRouter) -> None:
    start = join(router, "HomeNet")
    assert router.now - start == pytest.approx(0.42)
    assert ap_on(router)  # nothing has happened yet
    assert call(router, "network.wireless", "status")["radio0"]["pending"]
    assert until(router, start, lambda: not ap_on(router)) == pytest.approx(5.0, abs=0.15)
    assert "phy0-ap0" not in call(router, "iwinfo", "devices")["devices"]
    assert until(router, start, lambda: ap_on(router)) < 8.4  # one short return
    assert until(router, start, lambda: not ap_on(router)) == pytest.approx(8.4, abs=0.15)
    station = router.netifd.radios["radio0"].station
    assert station is not None
    assert until(router, start, lambda: station.completed) == pytest.approx(10.4, abs=0.15)
    assert until(router, start, lambda: ap_on(router)) == pytest.approx(10.9, abs=0.15)
    assert wwan(router).status(0)["pending"]
    assert until(router, start, lambda: wwan(router).up) == pytest.approx(16.0, abs=0.15)
    assert router.outage_seconds("default_radio0") == pytest.approx(5.4, abs=0.2)
    resolv = router.execute(["cat", "/tmp/resolv.conf.d/resolv.conf.auto"]).text
    assert resolv == "# Interface wwan\nnameserver 10.10.1.1\n"


def test_switch_and_rollback_take_as_long_as_in_the_lab(router: SimRouter) -> None:
    join(router, "HomeNet")
    router.advance(30)
    start = join(router, "Phone", "sae")
    assert until(router, start, lambda: not ap_on(router)) == pytest.approx(9.4, abs=0.15)
    assert until(router, start, lambda: ap_on(router)) == pytest.approx(11.9, abs=0.15)
    assert call(router, "hostapd.phy0-ap0", "get_status")["channel"] == 11
    assert until(router, start, lambda: wwan(router).up) == pytest.approx(16.2, abs=0.15)
    router.execute(["uci", "revert", "wireless"])
    start = router.now
    router.execute(["wifi", "reload"])
    assert until(router, start, lambda: not wwan(router).up) == pytest.approx(4.2, abs=0.15)
    assert until(router, start, lambda: not ap_on(router)) == pytest.approx(5.0, abs=0.15)
    assert until(router, start, lambda: ap_on(router)) == pytest.approx(6.1, abs=0.15)
    assert call(router, "hostapd.phy0-ap0", "get_status")["channel"] == 6
    assert router.execute(["uci", "changes"]).out == b""
    assert wwan(router).status(0)["errors"] == [{"subsystem": "interface", "code": "NO_DEVICE"}]


def test_a_second_reload_costs_double(router: SimRouter) -> None:
    start = join(router, "HomeNet")
    router.advance(3)
    router.execute(["wifi", "reload"])
    assert 25 <= until(router, start, lambda: wwan(router).up) <= 33


def test_a_reload_without_a_change_touches_nothing(router: SimRouter) -> None:
    router.execute(["wifi", "reload"])
    router.advance(20)
    join(router, "HomeNet")
    router.advance(30)
    outage = router.outage_seconds("default_radio0")
    router.execute(["ubus", "call", "network", "reload"])
    router.advance(20)
    assert router.outage_seconds("default_radio0") == outage
    assert wwan(router).up


def test_a_second_station_does_not_take_the_network(router: SimRouter) -> None:
    """While one radio is slower than the other: its lease is never the other one's."""
    join(router, "HomeNet")
    router.advance(30)
    before = wwan(router).status(router.uptime)
    router.netifd.interfaces.added("wwan", "phy1-sta0")
    assert wwan(router).status(router.uptime) == before
    assert before["l3_device"] == "phy0-sta0"
    router.netifd.interfaces.removed("wwan", "phy0-sta0")
    assert wwan(router).lease is None
    router.netifd.interfaces.added("wwan", "phy1-sta0")
    assert wwan(router).status(0)["device"] == "phy1-sta0"


def test_upstream_lost_and_back(router: SimRouter) -> None:
    join(router, "HomeNet")
    router.advance(30)
    start = router.now
    router.air.switch_off("HomeNet")
    assert until(router, start, lambda: not ap_on(router)) == pytest.approx(1.2, abs=0.15)
    router.advance(60)
    assert not ap_on(router)
    status = call(router, "network.wireless", "status")["radio0"]
    assert status["up"] and not status["pending"]  # it lies
    assert call(router, "hostapd.phy0-ap0", "get_status")["status"] == "ENABLED"
    start = router.now
    router.air.switch_on("HomeNet")
    assert until(router, start, lambda: ap_on(router)) <= 3.0 + 2.0 + 1.0 + 0.2


def test_scan_while_searching_is_empty_one_moment_and_full_the_next(router: SimRouter) -> None:
    join(router, "Nowhere")
    router.advance(30)
    sizes = [len(call(router, "iwinfo", "scan", {"device": "radio0"})["results"]) for _ in range(4)]
    assert sorted(sizes) == [0, 0, len(LAB_AIR), len(LAB_AIR)]


# Causes


def test_wrong_key_is_only_in_the_log(router: SimRouter) -> None:
    start = join(router, "WrongPass")
    reason = 'SSID-TEMP-DISABLED id=0 ssid="WrongPass" auth_failures=1 duration=10 reason=WRONG_KEY'
    found = until(router, start, lambda: reason in router.execute(["logread"]).text)
    assert found == pytest.approx(14.4, abs=0.3)
    assert not ap_on(router)
    router.advance(60)
    log = router.execute(["logread", "-l", "500"]).text
    assert "auth_failures=3 duration=30 reason=WRONG_KEY" in log
    assert "CTRL-EVENT-SSID-REENABLED" in log
    assert not ap_on(router)
    assert not wwan(router).up


def test_wrong_sae_password_is_a_connection_failure(router: SimRouter) -> None:
    join(router, "Phone", "sae", "not this one")
    router.advance(20)
    log = router.execute(["logread", "-e", "TEMP-DISABLED"]).text
    assert "reason=CONN_FAILED" in log and "WRONG_KEY" not in log


def test_a_key_of_impossible_length_never_starts(router: SimRouter) -> None:
    join(router, "HomeNet", key="short")
    router.advance(60)
    assert not ap_on(router)
    assert router.execute(["ubus", "call", "wpa_supplicant", "phy_status", '{"phy":"phy0"}']).rc
    assert "Invalid passphrase length" in router.execute(["logread"]).text
    assert valid_key({"encryption": "psk2", "key": "ab" * 32})
    assert not valid_key({"encryption": "psk2", "key": "x" * 64})
    assert valid_key({"encryption": "sae", "key": "x"})


def test_dead_dhcp_keeps_the_access_point(router: SimRouter) -> None:
    join(router, "DeadDHCP")
    router.advance(60)
    assert ap_on(router)
    status = call(router, "network.interface.wwan", "status")
    assert (status["up"], status["pending"]) == (False, True)
    assert "udhcpc: broadcasting discover" in router.execute(["logread"]).text


def test_security_and_bssid_must_fit(router: SimRouter) -> None:
    for ssid, encryption in (("Phone", "psk2"), ("CafeOpen", "psk2"), ("HomeNet", "none")):
        join(router, ssid, encryption)
        router.advance(40)
        assert not wwan(router).up, (ssid, encryption)
    router.execute(["uci", "set", "wireless.wifirelay.bssid=02:00:00:00:99:99"])
    join(router, "HomeNet")
    router.advance(40)
    assert not wwan(router).up
    router.execute(["uci", "set", "wireless.wifirelay.bssid=02:00:00:00:02:00"])
    join(router, "HomeNet")
    router.advance(40)
    assert wwan(router).up


def test_the_access_point_follows_to_five_gigahertz_and_waits_for_radar() -> None:
    radar = AccessPoint(b"Radar", "02:00:00:00:30:00", Band.GHZ5, 52, key=KEY)
    quiet = AccessPoint(b"Quiet", "02:00:00:00:31:00", Band.GHZ5, 165, key=KEY)
    channels = (*CHANNELS_5G[:-1], Channel(Band.GHZ5, 165, no_ir=True))
    radio = Radio("radio0", "phy0", BOTH, RADIO0.channels + channels)
    with lab(air=Air([*LAB_AIR, radar, quiet]), radios=(radio, RADIO1)) as router:
        join(router, "Office5G")
        router.advance(20)
        assert ap_on(router)
        assert call(router, "hostapd.phy0-ap0", "get_status")["channel"] == 36
        start = join(router, "Radar")
        until(router, start, lambda: not ap_on(router))
        back = until(router, start, lambda: ap_on(router), 100.0)
        assert back == pytest.approx(71.9, abs=0.2)
        join(router, "Quiet")
        router.advance(100)
        assert wwan(router).up and not ap_on(router)


def test_netifd_reads_staged_edits_unless_told_otherwise(router: SimRouter) -> None:
    router.ignores_staged = True
    join(router, "HomeNet")
    router.advance(30)
    sections = call(router, "network.wireless", "status")["radio0"]["interfaces"]
    assert [one["section"] for one in sections] == ["default_radio0"]
    assert not wwan(router).up and ap_on(router)


# Power, flash, argv


def test_power_cut_during_a_staged_uplink_boots_into_the_baseline(router: SimRouter) -> None:
    before = router.root.read("/etc/config/wireless")
    boot_id = router.root.read("/proc/sys/kernel/random/boot_id")
    join(router, "HomeNet")
    router.advance(20)
    assert wwan(router).up
    router.power_cut()
    assert router.execute(["uci", "changes"]).out == b""
    assert router.uptime < 1 and not router.reachable
    router.advance(30)
    assert ap_on(router) and not wwan(router).up
    assert router.root.read("/etc/config/wireless") == before
    assert router.root.read("/proc/sys/kernel/random/boot_id") != boot_id
    assert float(router.root.read("/proc/uptime").split()[0]) == pytest.approx(router.uptime)
    assert router.flash_writes == []


def test_booting_with_an_absent_uplink_keeps_the_access_point_off(router: SimRouter) -> None:
    edit(router, "Nowhere")
    router.execute(["uci", "commit", "wireless"])
    assert [path for _, path in router.flash_writes] == ["/etc/config/wireless"]
    router.power_cut(off=10.0)
    router.advance(5)
    assert not router.powered
    router.advance(185)
    assert router.uptime == pytest.approx(180, abs=1)
    assert not ap_on(router)
    assert call(router, "network.wireless", "status")["radio0"]["up"]
    start = router.now
    router.execute(["uci", "set", "wireless.wifirelay.disabled=1"])
    router.execute(["wifi", "reload"])
    assert until(router, start, lambda: ap_on(router)) < 9


def test_argv_and_processes_are_counted(router: SimRouter) -> None:
    router.argvs.clear()
    router.processes.clear()
    edit(router, "HomeNet")
    router.execute(["sh", "-c", "uci -q get wireless.wifirelay.ssid; true", "x"])
    assert router.argvs == [
        ("uci", "batch"),
        ("sh", "-c", "uci -q get wireless.wifirelay.ssid; true", "x"),
        ("uci", "-q", "get", "wireless.wifirelay.ssid"),
    ]
    assert router.processes == {"controller": 3}


def test_a_full_flash_empties_the_file(router: SimRouter) -> None:
    edit(router, "HomeNet")
    router.flash_free_kib = 0
    assert router.execute(["uci", "commit", "wireless"]).rc == 0
    assert router.root.read("/etc/config/wireless") == b""
    free = router.execute(["df", "-k", "/overlay"]).text.splitlines()[1].split()
    assert free[3] == "0"


def test_probes_see_what_is_behind_the_access_point(router: SimRouter) -> None:
    def probe(url: str, limit: str = "5") -> tuple[int, str, float]:
        start = router.now
        answer = router.execute(["uclient-fetch", "-q", "-T", limit, "-O", "-", url])
        return answer.rc, answer.text, router.now - start

    success = "http://detectportal.firefox.com/success.txt"
    assert probe(success)[:2] == (4, "")
    join(router, "HomeNet")
    router.advance(20)
    assert probe(success)[:2] == (0, "success\n")
    assert probe(success)[2] == pytest.approx(0.22)
    assert probe("http://connectivitycheck.gstatic.com/generate_204")[:2] == (0, "")
    assert router.execute(["nslookup", "example.org"]).rc == 0
    assert router.execute(["ping", "-c1", "10.10.1.1"]).rc == 0
    join(router, "AirportFree", "none")
    router.advance(20)
    assert "http://10.10.11.1/login" in probe(success)[1]
    join(router, "Collide")
    router.advance(20)
    assert probe(success)[:2] == (4, "")
    assert probe(success)[2] == pytest.approx(5.02)


def test_a_wired_uplink() -> None:
    with lab(wired=True) as router:
        router.execute(
            ["uci", "batch"],
            b"set network.wan=interface\nset network.wan.proto=dhcp\nset network.wan.device=eth0\n",
        )
        router.execute(["wifi", "reload"])
        assert call(router, "network.interface.wan", "status")["up"]
        assert router.execute(["uclient-fetch", "-O", "-", "http://captive.apple.com/x"]).rc == 0


def test_ssids_in_the_log_are_harmless() -> None:
    assert ssid_text(b'a"\x1b\n\xe9') == 'a\\"\\e\\n\\xe9'
