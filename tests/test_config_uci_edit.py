# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks as edits of the UCI package: exact, hidden from who looks, written whole or not."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifirelay.change import configure as configuring
from wifirelay.change.configure import configure, fingerprint
from wifirelay.change.scripts import script
from wifirelay.config.network import PHASE2
from wifirelay.config.secrets import unread
from wifirelay.config.uci_file import PACKAGE, PATH, load_uci, read_package, settings_from
from wifirelay.config.uci_text import uci_edits, with_network, without_network
from wifirelay.core.known import Eap, FixedAddress, KnownNetwork, Wanted
from wifirelay.errors import ConfigError, Refused, RouterAnswer
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.uci.edits import Edit, batch
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, Secret, Ssid

SECRET = "hunter2'hunter2; $(reboot)"
HOME = KnownNetwork(Ssid.of("Home Net"), Secret(SECRET), priority=5, bssids=("02:00:00:00:06:00",))


@pytest.fixture(scope="module")
def booted() -> Iterator[World]:
    with make_world("home") as world:
        world.router.boot()
        yield world


@pytest.fixture
def world(booted: World) -> Iterator[World]:
    """A router without the package."""
    booted.router.execute(["uci", "revert", PACKAGE])
    if os.path.exists(booted.router.root.here(PATH)):
        os.unlink(booted.router.root.here(PATH))
    booted.router.argvs.clear()
    yield booted
    booted.router.flash_free_kib = 2546812


def transport(world: World) -> SimTransport:
    return SimTransport(world.router)


def text(world: World) -> str:
    with open(world.router.root.here(PATH), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def there(world: World) -> Package:
    found = read_package(transport(world))
    assert found is not None
    return found


def known(world: World) -> tuple[KnownNetwork, ...]:
    return load_uci(transport(world)).networks


# --- exact ---

plain = st.characters(blacklist_categories=("Cs", "Cc"))
ssids = st.one_of(
    st.binary(min_size=1, max_size=32),
    st.text(plain, min_size=1, max_size=8).map(lambda name: name.encode()[:32]),
    st.sampled_from(
        [b"main", b"cfg01abcd", b"network1", b"a'b", b'a"b', b"$(reboot)", b"; #", b" x ", b"\\"]
    ),
).filter(lambda raw: Ssid(raw).unjoinable() is None)
keys = st.text(plain, min_size=8, max_size=63).filter(lambda key: len(key.encode()) <= 63)
lines = st.text(plain, min_size=1, max_size=20)
paths = lines.map(lambda name: f"/{name}")
secrets = st.none() | lines.map(Secret)
tunneled = st.builds(
    Eap,
    st.just("ttls"),
    lines,
    lines.map(Secret),
    st.none() | lines,
    st.sampled_from([PHASE2, "PAP", "EAP-GTC"]),
    st.none() | paths,
)
certified = st.builds(
    Eap,
    st.just("tls"),
    lines,
    st.none(),
    st.none() | lines,
    st.just(PHASE2),
    st.none() | paths,
    paths,
    paths,
    secrets,
)
bssids = st.lists(
    st.integers(0, 2**48 - 1).map(
        lambda n: ":".join(f"{n:012X}"[i : i + 2] for i in range(0, 12, 2))
    ),
    max_size=3,
    unique=True,
).map(tuple)
shared = {
    "ssid": ssids.map(Ssid),
    "priority": st.integers(-1000, 1000),
    "bssids": bssids,
    "not_bssids": st.sampled_from(
        [(), ("02:00:00:00:06:00",), (f"{'FE:' * 5}FE", f"{'FC:' * 5}FC")]
    ),
    "bands": st.lists(st.sampled_from(Band), unique=True).map(tuple),
    "radios": st.sampled_from([(), ("radio0",), ("radio1", "wifi0")]),
    "mac": st.sampled_from(["device", "stable", "random", "02:00:00:00:06:0A"]),
    "fixed": st.sampled_from(
        [
            None,
            FixedAddress("192.168.5.20/24", "192.168.5.1"),
            FixedAddress("10.1.2.3/8", "10.0.0.1", ("10.0.0.1", "9.9.9.9")),
        ]
    ),
    "min_signal": st.none() | st.integers(-100, -20),
    "hidden": st.booleans(),
    "metered": st.booleans(),
    "ipv6_only": st.booleans(),
}


def possible(network: KnownNetwork) -> KnownNetwork:
    """Without what does not go together."""
    return network if network.fixed is None else replace(network, ipv6_only=False)


networks = st.one_of(
    st.builds(KnownNetwork, **shared, security=st.sampled_from([Wanted.AUTO, Wanted.OPEN])),
    st.builds(
        KnownNetwork,
        **shared,
        key=keys.map(Secret),
        security=st.sampled_from([Wanted.AUTO, Wanted.PSK2, Wanted.SAE_MIXED]),
    ),
    st.builds(KnownNetwork, **shared, key=lines.map(Secret), security=st.just(Wanted.SAE)),
    st.builds(
        KnownNetwork,
        **shared,
        security=st.sampled_from([Wanted.WPA2_EAP, Wanted.WPA3_EAP]),
        eap=tunneled | certified,
    ),
).map(possible)
lists = st.lists(networks, max_size=4, unique_by=lambda network: network.ssid)


@settings(max_examples=60, deadline=None)
@given(lists, lists)
def test_what_is_written_is_read_back(
    booted: World, first: list[KnownNetwork], second: list[KnownNetwork]
) -> None:
    """Through the emulated `uci`; then others over them: these as they are, the rest stays."""
    router = booted.router
    router.root.write(PATH, "config wifirelay 'main'\n\toption enabled '1'\n")
    done = router.execute(["uci", "batch"], batch(uci_edits(first, there(booted))))
    assert (done.text, done.errors) == ("", "")
    assert router.execute(["uci", "commit", PACKAGE]).rc == 0
    assert known(booted) == tuple(first)
    assert uci_edits(first, there(booted)) == ()
    done = router.execute(["uci", "batch"], batch(uci_edits(second, there(booted))))
    assert (done.text, done.errors) == ("", "")
    assert router.execute(["uci", "commit", PACKAGE]).rc == 0
    now = {network.ssid: network for network in known(booted)}
    assert now == {network.ssid: network for network in (*first, *second)}
    assert load_uci(transport(booted)).enabled
    router.execute(["uci", "revert", PACKAGE])


def test_edits_show_no_secret() -> None:
    eap = Eap("tls", "me", None, None, PHASE2, "/ca", "/c", "/k", Secret(SECRET))
    peap = Eap("peap", "me", Secret(SECRET))
    enterprise = [
        KnownNetwork(Ssid.of(f"E{number}"), security=Wanted.WPA2_EAP, eap=each)
        for number, each in enumerate((eap, peap))
    ]
    edits = uci_edits([HOME, *enterprise], None)
    assert sum(edit.value == SECRET for edit in edits) == 3
    assert "hunter2" not in repr(edits)
    assert [edit.shown() for edit in uci_edits([HOME], None)] == [
        "set wifirelay.home_net=network",
        "set wifirelay.home_net.ssid='Home Net'",
        "set wifirelay.home_net.key='***'",
        "set wifirelay.home_net.priority='5'",
        "add_list wifirelay.home_net.bssid='02:00:00:00:06:00'",
    ]


@pytest.mark.parametrize(
    ("ssid", "taken", "name"),
    [
        (b"HomeNet", (), "homenet"),
        (b"Caf\xc3\xa9 5G!", (), "caf_5g"),
        (b"12345", (), "12345"),
        ("\u5496\u5561\u9986".encode(), (), "network1"),
        ("\u5496".encode(), ("network1", "network2"), "network3"),
        (b"HomeNet", ("homenet",), "network1"),
        (b"main", (), "network1"),
        (b"Main", ("network1",), "network2"),
        (b"cfg0123ab", (), "network1"),
    ],
)
def test_a_section_is_named_after_its_network(
    ssid: bytes, taken: tuple[str, ...], name: str
) -> None:
    others = tuple(Section(each, "network", {"ssid": f"no {each}"}) for each in taken)
    after, edits = with_network(Package(PACKAGE, others), {"ssid_hex": ssid.hex()})
    assert edits[0].shown() == f"set wifirelay.{name}=network"
    assert after.sections[-1].name == name


def test_only_what_differs_is_changed_and_enabled_is_the_routers_own() -> None:
    section = Section(
        "cfg0102af",
        "network",
        {
            "ssid_hex": b"Home Net".hex(),
            "key": SECRET,
            "priority": "05",
            "bssid": "02-00-00-00-06-00",
            "hidden": "off",
            "enabled": "0",
        },
        anonymous=True,
    )
    same = Package(PACKAGE, (section,))
    assert uci_edits([HOME], same) == ()
    section.options["priority"] = "4"  # type: ignore[index]
    section.options["bssid"] = ("02:00:00:00:06:00",)  # type: ignore[index]
    assert [edit.shown() for edit in uci_edits([HOME], same)] == [
        "delete wifirelay.cfg0102af.ssid_hex",
        "delete wifirelay.cfg0102af.hidden",
        "set wifirelay.cfg0102af.ssid='Home Net'",
        "set wifirelay.cfg0102af.priority='5'",
    ]


def test_a_key_in_a_file_of_the_router_gives_way_to_one_that_is_here() -> None:
    options = {"ssid": "Home Net", "key_file": "/etc/k"}
    edits = uci_edits(
        [KnownNetwork(Ssid.of("Home Net"), Secret("not read"))],
        Package(PACKAGE, (Section("a", "network", options),)),
    )
    assert [edit.shown() for edit in edits] == [
        "delete wifirelay.a.key_file",
        "set wifirelay.a.key='***'",
    ]


# --- whole or not ---

CONFIG = f"""
config wifirelay 'main'
	option enabled '1'

config network
	option ssid 'First'

config network 'second'
	option ssid 'Second'
	option key "{SECRET}"

config network
	option ssid 'Third'
"""


def prepared(world: World) -> World:
    world.router.root.write(PATH, CONFIG)
    os.chmod(world.router.root.here(PATH), 0o600)
    return world


def carry_out(world: World, edits: Iterable[Edit]) -> None:
    """For what is there now."""
    configure(transport(world), edits, fingerprint(transport(world)))


def test_the_file_is_made_for_its_owner_alone(world: World) -> None:
    carry_out(world, uci_edits([HOME], None))
    assert known(world) == (HOME,)
    assert os.stat(world.router.root.here(PATH)).st_mode & 0o777 == 0o600
    assert world.router.execute(["uci", "changes"]).text == ""
    left = os.listdir(world.router.root.here("/var/run/wifirelay"))
    assert not [name for name in left if name.startswith(("configuring", "before"))]


def test_procd_hears_of_it_once(world: World) -> None:
    carry_out(world, uci_edits([HOME], None))
    calls = [argv for argv in world.router.argvs if argv[0] == "ubus" and "service" in argv]
    (call,) = calls
    assert call[-3:-1] == ("service", "event")
    assert json.loads(call[-1]) == {"type": "config.change", "data": {"package": "wifirelay"}}


def test_no_key_in_any_argument(world: World) -> None:
    carry_out(world, uci_edits([HOME], None))
    assert len(world.router.argvs) > 3
    assert not [argv for argv in world.router.argvs for word in argv if "hunter2" in word]


def test_anonymous_sections_are_taken_out_by_their_own_name(world: World) -> None:
    prepared(world)
    for name in ("First", "Third"):
        _after, edits = without_network(there(world), Ssid.of(name))
        carry_out(world, edits)
    assert [network.ssid.text for network in known(world)] == ["Second"]
    assert "option enabled '1'" in text(world)


def test_all_sections_of_one_network_go(world: World) -> None:
    world.router.root.write(PATH, CONFIG + "\nconfig network\n\toption ssid_hex '4669727374'\n")
    with pytest.raises(ConfigError, match="already that of"):
        load_uci(transport(world))
    after, edits = without_network(there(world), Ssid.of("First"))
    assert len(edits) == 2
    carry_out(world, edits)
    assert settings_from(after, unread) == load_uci(transport(world))
    assert [network.ssid.text for network in known(world)] == ["Second", "Third"]


def test_the_last_section_can_go(world: World) -> None:
    carry_out(world, uci_edits([HOME], None))
    carry_out(world, without_network(there(world), HOME.ssid)[1])
    assert there(world).sections == ()


def test_an_unknown_network_is_not_taken_out() -> None:
    package = Package(PACKAGE, (Section("a", "network", {"ssid": "HomeNet"}),))
    with pytest.raises(ConfigError) as caught:
        without_network(package, Ssid.of("HomeNte"))
    assert caught.value.hint == "did you mean HomeNet?"
    with pytest.raises(ConfigError) as caught:
        without_network(Package(PACKAGE), Ssid.of("HomeNet"))
    assert "at all" in caught.value.hint


def test_refused_beside_staged_edits_of_somebody(world: World) -> None:
    prepared(world)
    world.router.execute(["uci", "set", "wifirelay.main.led=blue"])
    world.router.execute(["uci", "set", "wireless.radio0.channel=3"])  # not ours to look at
    with pytest.raises(Refused) as caught:
        carry_out(world, uci_edits([HOME], there(world)))
    assert "uci changes wifirelay" in caught.value.hint
    assert text(world) == CONFIG
    assert "led" in world.router.execute(["uci", "changes", PACKAGE]).text
    world.router.execute(["uci", "revert", PACKAGE])
    carry_out(world, uci_edits([HOME], there(world)))
    assert HOME in known(world)
    assert "channel" in world.router.execute(["uci", "changes", "wireless"]).text
    world.router.execute(["uci", "revert", "wireless"])


def test_one_bad_edit_and_nothing_is_written(world: World) -> None:
    prepared(world)
    edits = (*uci_edits([HOME], there(world)), *_of_a_section_that_is_gone())
    with pytest.raises(RouterAnswer, match="Entry not found"):
        carry_out(world, edits)
    assert text(world) == CONFIG
    assert world.router.execute(["uci", "changes"]).text == ""


def _of_a_section_that_is_gone() -> tuple[Edit, ...]:
    package = Package(PACKAGE, (Section("gone", "network", {"ssid": "A"}),))
    return without_network(package, Ssid.of("A"))[1]


def test_a_full_flash_leaves_it_as_it_was(world: World) -> None:
    prepared(world)
    world.router.flash_free_kib = 0
    with pytest.raises(RouterAnswer, match="flash full"):
        carry_out(world, uci_edits([HOME], there(world)))
    assert text(world) == CONFIG
    assert world.router.execute(["uci", "changes"]).text == ""


def test_a_full_flash_leaves_no_empty_file(world: World) -> None:
    world.router.flash_free_kib = 0
    with pytest.raises(RouterAnswer, match="flash full"):
        carry_out(world, uci_edits([HOME], None))
    assert not os.path.exists(world.router.root.here(PATH))
    assert read_package(transport(world)) is None


def test_a_trial_may_run_beside_it(world: World) -> None:
    root = world.router.root
    root.write("/var/run/wifirelay/armed", "00000000000000bb boot 99\n")
    root.write("/var/run/wifirelay/lock/owner", "00000000000000bb 99999 another\n")
    try:
        carry_out(world, uci_edits([HOME], None))
    finally:
        os.unlink(root.here("/var/run/wifirelay/armed"))
        os.unlink(root.here("/var/run/wifirelay/lock/owner"))
        os.rmdir(root.here("/var/run/wifirelay/lock"))
    assert known(world) == (HOME,)


def test_one_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    root = world.router.root
    root.write("/var/run/wifirelay/configuring/owner", "00000000000000bb 99999 another pid 7\n")
    with pytest.raises(Refused, match="another pid 7"):
        carry_out(world, uci_edits([HOME], None))
    assert not os.path.exists(root.here(PATH))
    # its lease ran out: taken over
    root.write("/var/run/wifirelay/configuring/owner", "00000000000000bb 1 another pid 7\n")
    monkeypatch.setattr(configuring, "new_id", lambda: "00000000000000aa")
    carry_out(world, uci_edits([HOME], None))
    assert known(world) == (HOME,)


def test_without_edits_nothing_is_written(world: World) -> None:
    prepared(world)
    before = os.stat(world.router.root.here(PATH)).st_ino
    assert (
        transport(world)
        .run(script("configure", "00000000000000aa", "tests", fingerprint(transport(world))))
        .rc
        == 0
    )
    assert os.stat(world.router.root.here(PATH)).st_ino == before


def test_the_model_after_an_edit_is_known_before_it(world: World) -> None:
    """What `networks add` proves first is what the router then has."""
    prepared(world)
    after, edits = with_network(there(world), {"ssid": "Fourth", "key": SECRET})
    carry_out(world, edits)
    expected, found = settings_from(after, unread), load_uci(transport(world))
    assert found == expected


def test_edits_for_what_is_not_there_any_more_are_refused(world: World) -> None:
    """Two people at once, each with a name of no Latin letters: both would be `network1`."""
    seen = fingerprint(transport(world))
    first = uci_edits([replace(HOME, ssid=Ssid.of("\u5496\u5561"))], None)
    second = uci_edits([replace(HOME, ssid=Ssid.of("\u041a\u0430\u0444\u0435"))], None)
    configure(transport(world), first, seen)
    before = there(world)
    with pytest.raises(Refused, match="changed just now"):
        configure(transport(world), second, seen)
    assert there(world) == before
    carry_out(world, second)


def test_a_file_that_was_open_to_others_is_closed_before_a_key_goes_in(world: World) -> None:
    root = world.router.root
    root.write("/etc/config/wifirelay", "config wifirelay 'main'\n")
    carry_out(world, uci_edits([HOME], there(world)))
    assert os.stat(root.here("/etc/config/wifirelay")).st_mode & 0o777 == 0o600
