# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration by UCI: the same model as YAML's, and errors in the words of UCI."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import CHECKOUT, Uci

from wifirelay.config.model import Settings
from wifirelay.config.network import NETWORK_OPTIONS
from wifirelay.config.secrets import Obtained
from wifirelay.config.uci_file import (
    MAIN_OPTIONS,
    PACKAGE,
    PATH,
    load_uci,
    read_package,
    settings_from,
)
from wifirelay.core.known import FixedAddress, KnownNetwork, Relay, Wanted
from wifirelay.errors import ConfigError, RouterAnswer
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.base import Command, Completed
from wifirelay.transport.local import LocalTransport
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, Secret, Ssid

SECRET = "hunter2hunter2"


@pytest.fixture
def uci(tmp_path: Path) -> Uci:
    return Uci(tmp_path)


def reader(place: str, name: str) -> Obtained:
    return Obtained(Secret(f"{place}:{name}"))


def section(
    name: str = "home", kind: str = "network", /, *, anonymous: bool = False, **options: Any
) -> Section:
    return Section(name, kind, options, anonymous)


def settings(*sections: Section) -> Settings:
    return settings_from(Package(PACKAGE, sections), reader)


def main(**options: Any) -> Settings:
    return settings(section("main", PACKAGE, **options))


def network(**options: Any) -> KnownNetwork:
    return settings(section(**options)).networks[0]


def refused(*sections: Section) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        settings(*sections)
    error = caught.value
    assert error.message.startswith(f"{PATH}: ")
    assert error.hint, "every error has a remedy"
    assert error.message.isprintable() and error.hint.isprintable()
    assert SECRET not in error.message + error.hint
    return error


FULL = """
config wifirelay 'main'
	option enabled '1'
	option led 'green:wlan'
	option interface 'wwan'
	list radios 'radio1'
	list radios 'radio0'
	option keep 'session'
	option deadline '90.5'
	option beside_wired 'yes'

config network 'home'
	option ssid 'Home Net'
	option key 'correct horse battery'
	option security 'sae-mixed'
	option priority '-10'
	list bssid '02:00:00:00:06:00'
	list bssid '02-00-00-00-06-aa'
	option not_bssid '02:00:00:00:06:01 02:00:00:00:06:02'
	list band '5g'
	option radio 'radio1 radio0'
	option mac 'da:11:22:33:44:55'
	option address '192.168.5.20/24'
	option gateway '192.168.5.1'
	list dns '192.168.5.1'
	list dns '9.9.9.9'
	option min_signal '-75'
	option hidden 'on'
	option metered 'true'

config network
	option ssid_hex '436166e9'
	option key_file '/etc/wifirelay/cafe.key'
	option ipv6_only '1'

config network 'old'
	option ssid 'Old'
	option enabled 'off'

config network 'eduroam'
	option ssid 'eduroam'
	option security 'wpa2-eap'
	option eap_method 'ttls'
	option eap_identity 'me@example.org'
	option eap_password_file '/etc/wifirelay/eduroam'
	option eap_anonymous_identity 'anonymous'
	option eap_phase2 'PAP'
	option eap_ca_cert '/etc/ssl/eduroam.pem'
"""


def test_everything(uci: Uci) -> None:
    made = settings_from(uci.put(wifirelay=FULL).read(PACKAGE), reader)
    assert (made.source, made.enabled, made.led) == (PATH, True, "green:wlan")
    assert made.relay == Relay("wwan", ("radio1", "radio0"), False, 90.5, True)
    home, cafe, eduroam = made.networks
    assert home == KnownNetwork(
        Ssid.of("Home Net"),
        Secret("correct horse battery"),
        Wanted.SAE_MIXED,
        -10,
        ("02:00:00:00:06:00", "02:00:00:00:06:AA"),
        -75,
        hidden=True,
        metered=True,
        not_bssids=("02:00:00:00:06:01", "02:00:00:00:06:02"),
        bands=(Band.GHZ5,),
        radios=("radio1", "radio0"),
        mac="DA:11:22:33:44:55",
        fixed=FixedAddress("192.168.5.20/24", "192.168.5.1", ("192.168.5.1", "9.9.9.9")),
    )
    assert (home.ipv6_only, cafe.ipv6_only) == (False, True)
    assert (cafe.ssid, cafe.key) == (Ssid(b"Caf\xe9"), Secret("file:/etc/wifirelay/cafe.key"))
    assert eduroam.eap is not None
    assert eduroam.eap.password == Secret("file:/etc/wifirelay/eduroam")
    assert (eduroam.eap.method, eduroam.eap.phase2) == ("ttls", "PAP")
    assert made.off == (Ssid.of("Old"),)
    assert (made.router, made.warnings) == (None, ())


def test_the_documents_example_is_one_and_its_tables_are_whole(uci: Uci) -> None:
    page = (CHECKOUT / "docs/configuration.md").read_text("utf-8").partition("## On a router")[2]
    example = page.split("```")[1]
    made = settings_from(uci.put(wifirelay=example).read(PACKAGE), reader)
    assert [str(network.ssid) for network in made.networks] == [
        *("HomeNet", "Office5G", "Caf\\xe9", "eduroam"),
    ]
    assert (made.off, made.warnings) == ((Ssid.of("My phone"),), ())
    rows = "".join(line for line in page.splitlines() if line.startswith("| `"))
    named = {name.removeprefix("list ") for name in re.findall(r"`((?:list )?[a-z_0-9]+)`", rows)}
    assert {*MAIN_OPTIONS, *NETWORK_OPTIONS} <= named
    assert {name for name in named if "_" in name} <= {*MAIN_OPTIONS, *NETWORK_OPTIONS}


def test_what_the_package_installs_is_a_configuration(uci: Uci) -> None:
    text = (CHECKOUT / "openwrt/files/wifirelay.config").read_text("utf-8")
    made = settings_from(uci.put(wifirelay=text).read(PACKAGE), reader)
    assert made == Settings(source=PATH, enabled=False)


def test_without_main_the_service_is_off_and_the_rest_as_ever() -> None:
    made = settings(section(ssid="A"))
    assert (made.enabled, made.led, made.relay) == (False, None, Relay())
    assert made.networks == (KnownNetwork(Ssid.of("A")),)


def test_how_it_relays() -> None:
    assert (main().relay.kind, main().relay.ipv6) == ("nat", "delegated")
    assert main(ipv6="nat66").relay.ipv6 == "nat66"
    assert main(kind="relayd").relay.kind == "relayd"
    assert main(kind="wds").relay.kind == "wds"


@pytest.mark.parametrize("word", ["1", "on", "true", "yes", "enabled"])
def test_words_for_yes(word: str) -> None:
    assert main(enabled=word, beside_wired=word).relay.beside_wired
    assert network(ssid="A", hidden=word, enabled=word).hidden


@pytest.mark.parametrize("word", ["0", "off", "false", "no", "disabled"])
def test_words_for_no(word: str) -> None:
    assert not main(enabled=word).enabled
    made = settings(section(ssid="A", enabled=word, metered=word))
    assert (made.networks, made.off) == ((), (Ssid.of("A"),))


def test_lists_may_be_one_option_with_blanks() -> None:
    assert main(radios="radio1  radio0").relay.radios == ("radio1", "radio0")
    one = network(ssid="A", bssid="02:00:00:00:06:00 02:00:00:00:06:01")
    assert one.bssids == ("02:00:00:00:06:00", "02:00:00:00:06:01")


def test_a_name_may_be_any_bytes() -> None:
    assert network(ssid="Caf\udce9").ssid == Ssid(b"Caf\xe9")
    assert network(ssid=" on 12 ").ssid == Ssid.of(" on 12 ")


@pytest.mark.parametrize(
    ("options", "place", "problem", "hint"),
    [
        ({"enabled": "maybe"}, "main.enabled", "text, not 1 or 0", "write 1 or 0"),
        ({"enabled": "TRUE"}, "main.enabled", "text, not 1 or 0", "write 1 or 0"),
        ({"led": "../x"}, "main.led", "'../x'", "/sys/class/leds"),
        ({"led": ".hidden"}, "main.led", "'.hidden'", "/sys/class/leds"),
        ({"led": "a\nb"}, "main.led", "line break", "out"),
        ({"interface": "a-b"}, "main.interface", "'a-b'", "wwan"),
        ({"interface": "uplink_6"}, "main.interface", "uplink_6 is like the names that", "wwan"),
        ({"interface": ("a", "b")}, "main.interface", "a list", "option interface '...'"),
        ({"radios": "radio0 radio0"}, "main.radios[1]", "twice", "once"),
        ({"radios": "   "}, "main.radios", "empty list", "leave the option out"),
        ({"radios": ("a b",)}, "main.radios[0]", "'a b'", "radio0"),
        ({"keep": "flsh"}, "main.keep", "'flsh'", "`flash`"),
        ({"deadline": "29"}, "main.deadline", "29 is not from", "30 to 600, without a unit"),
        ({"deadline": "120s"}, "main.deadline", "text, not a number", "unit"),
        ({"deadline": "9" * 99}, "main.deadline", "text, not a number", "unit"),
        ({"router": "local"}, "main.router", "not a known option", "enabled, led, interface"),
        ({"radio": "radio0"}, "main.radio", "not a known option", "`radios`"),
        ({"kind": "bridge"}, "main.kind", "'bridge'", "one of nat, relayd, wds"),
        ({"kind": "wds", "ipv6": "nat66"}, "main.ipv6", "kind wds", "one of the two"),
        (
            {"kind": "wds", "open_names": ("*",)},
            "main.open_names",
            "a stranger's",
            "one of the two",
        ),
        ({"ipv6": "nat64"}, "main.ipv6", "'nat64'", "`nat66`"),
        ({"kind": "relayd", "ipv6": "relay"}, "main.ipv6", "passes IPv4 alone", "one of the two"),
        ({"besides_wired": "1"}, "main.besides_wired", "not a known option", "`beside_wired`"),
    ],
)
def test_refused_in_main(options: dict[str, Any], place: str, problem: str, hint: str) -> None:
    error = refused(section("main", PACKAGE, **options))
    assert f"{PATH}: {PACKAGE}.{place}: " in error.message
    assert problem in error.message
    assert hint in error.hint


TLS: dict[str, Any] = {
    "eap_method": "tls",
    "eap_identity": "me",
    "eap_client_cert": "/c",
    "eap_priv_key": "/k",
}
PEAP: dict[str, Any] = {"eap_method": "peap", "eap_identity": "me", "eap_password": SECRET}


@pytest.mark.parametrize(
    ("options", "place", "problem", "hint"),
    [
        ({"key": SECRET}, "home.ssid", "missing", "ssid_hex"),
        ({"ssid": ""}, "home.ssid", "empty", ""),
        ({"ssid": ("a", "b")}, "home.ssid", "a list, not text", "option ssid '...'"),
        ({"ssid_hex": "4g"}, "home.ssid_hex", "not hexadecimal", "option ssid_hex '436166e9'"),
        ({"ssid": "A", "ssid_hex": "41"}, "home.ssid_hex", "beside ssid", "one of"),
        ({"ssid": "A", "key": ""}, "home.key", "empty", "key, key_file a value"),
        ({"ssid": "A", "key": "hunter2"}, "home.key", "7 char", "`option security 'sae'`"),
        ({"ssid": "A", "key": (SECRET, "b")}, "home.key", "a list", "option key '...'"),
        ({"ssid": "A", "key": SECRET + "\n"}, "home.key", "line break", "out"),
        ({"ssid": "A", "key": SECRET, "key_file": "/k"}, "home.key_file", "beside key", "keep one"),
        ({"ssid": "A", "key_file": "k"}, "home.key_file", "not an absolute path", "full path"),
        ({"ssid": "A", "key_file": "~/k"}, "home.key_file", "not an absolute path", "full path"),
        ({"ssid": "A", "key_env": "K"}, "home.key_env", "no environment", "use key or key_file"),
        ({"ssid": "A", "psk": SECRET}, "home.psk", "not a known option", "`key`"),
        ({"ssid": "A", "encryption": "psk2"}, "home.encryption", "not a known", "`security`"),
        ({"ssid": "A", "eap": "peap"}, "home.eap", "not a known option", "eap_"),
        ({"ssid": "A", "eap_identty": "x"}, "home.eap_identty", "known", "`eap_identity`"),
        ({"ssid": "A", "disabled": "1"}, "home.disabled", "not a known option", "`enabled`"),
        ({"ssid": "A", "security": "psk2"}, "home.key", "missing", "one of key, key_file"),
        ({"ssid": "A", "security": "psk"}, "home.security", "'psk'", "`psk2`"),
        (
            {"ssid": "A", "security": "open", "key": SECRET},
            "home.key",
            "does not go with",
            "option security 'auto'",
        ),
        ({"ssid": "A", "priority": "high"}, "home.priority", "text, not a whole number", "1000"),
        ({"ssid": "A", "priority": "1.5"}, "home.priority", "a number, not a whole", "-1000"),
        ({"ssid": "A", "priority": "1001"}, "home.priority", "1001 is not from", "1000"),
        ({"ssid": "A", "min_signal": "75"}, "home.min_signal", "75", "dBm from -100 to -20"),
        ({"ssid": "A", "hidden": "2"}, "home.hidden", "text, not 1 or 0", "write 1 or 0"),
        ({"ssid": "A", "enabled": "ja"}, "home.enabled", "text, not 1 or 0", "write 1 or 0"),
        ({"ssid": "A", "bssid": "02:00"}, "home.bssid", "not a BSSID", "hexadecimal"),
        ({"ssid": "A", "security": "wpa2-eap"}, "home.eap_method", "missing", "eap_identity"),
        (
            {"ssid": "A", "security": "wpa2-eap", "key": SECRET},
            "home.key",
            "no key",
            "eap_password",
        ),
        ({"ssid": "A", **PEAP}, "home.eap_method", "does not go with", "'wpa3-eap'"),
        (
            {"ssid": "A", "security": "wpa2-eap", **PEAP, "eap_method": "leap"},
            "home.eap_method",
            "'leap'",
            "peap",
        ),
        (
            {"ssid": "A", "security": "wpa2-eap", "eap_method": "peap", "eap_identity": "i"},
            "home.eap_password",
            "missing",
            "one of eap_password, eap_password_file",
        ),
        (
            {"ssid": "A", "security": "wpa2-eap", **PEAP, "eap_password_file": "/f"},
            "home.eap_password_file",
            "beside eap_password",
            "keep one of eap_password, eap_password_file",
        ),
        (
            {"ssid": "A", "security": "wpa2-eap", **PEAP, "eap_ca_cert": "ca.pem"},
            "home.eap_ca_cert",
            "absolute",
            "full path",
        ),
        (
            {"ssid": "A", "security": "wpa2-eap", **TLS, "eap_priv_key_password": "a\tb"},
            "home.eap_priv_key_password",
            "control character",
            "take it out",
        ),
    ],
)
def test_refused_in_a_network(options: dict[str, Any], place: str, problem: str, hint: str) -> None:
    error = refused(section(**options))
    assert f"{PATH}: {PACKAGE}.{place}: " in error.message
    assert problem in error.message
    assert hint in error.hint
    assert "quotes" not in error.hint and "_env" not in error.hint


@pytest.mark.parametrize(
    ("sections", "place", "problem", "hint"),
    [
        ([section("a", "netwrok")], "wifirelay.a", "netwrok is not a known", "`network`"),
        (
            [section("cfg1", "x", anonymous=True)],
            "wifirelay.@x[0]",
            "x is not",
            "wifirelay, network",
        ),
        ([section("a", PACKAGE)], "wifirelay.a", "named main", "config wifirelay 'main'"),
        (
            [section("main", PACKAGE), section("cfg1", PACKAGE, anonymous=True)],
            "wifirelay.@wifirelay[1]",
            "named main",
            "config wifirelay 'main'",
        ),
        ([section("main", ssid="A")], "wifirelay.main", "type wifirelay", "another name"),
        (
            [section(ssid="A"), section("cfg2", anonymous=True, ssid="B", metered="x")],
            "wifirelay.@network[1].metered",
            "not 1 or 0",
            "1 or 0",
        ),
        (
            [section(ssid="A"), section("cfg2", anonymous=True, ssid_hex="41", enabled="0")],
            "wifirelay.@network[1]",
            "the SSID A is already that of wifirelay.home",
            "one section",
        ),
        ([section("off", ssid="A", key="short", enabled="0")], "wifirelay.off.key", "5 char", "8"),
    ],
)
def test_refused_sections(sections: list[Section], place: str, problem: str, hint: str) -> None:
    error = refused(*sections)
    assert error.message.startswith(f"{PATH}: {place}: ")
    assert problem in error.message
    assert hint in error.hint


def test_warnings_name_the_option() -> None:
    made = settings(section(ssid="E", security="wpa2-eap", **PEAP))
    assert made.warnings[0].startswith("wifirelay.home.eap_ca_cert is missing")


names = st.sampled_from(
    ["main", "ssid", "key", "enabled", "radios", "eap_method", "bssid", "priority", "x y"]
)
words = st.text(max_size=8) | st.sampled_from(["1", "A", "psk2", "wpa2-eap", "peap", "-5"])


@given(
    st.lists(
        st.builds(
            Section,
            st.sampled_from(["main", "a", "b", "\u202e"]),
            st.sampled_from(["wifirelay", "network", "x\x1b"]),
            st.dictionaries(names, words | st.tuples(words, words), max_size=4),
            st.booleans(),
        ),
        max_size=3,
    )
)
def test_whatever_it_is_it_is_settings_or_a_configuration_error(sections: list[Section]) -> None:
    try:
        made = settings(*sections)
    except ConfigError as error:
        assert error.hint
        assert (error.message + error.hint).isprintable()
    else:
        assert made.source == PATH


# --- from a router ---


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with make_world("home") as world:
        world.router.boot()
        yield world


@pytest.fixture
def written(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A router whose package is FULL with no files beside it; this process runs on it."""
    monkeypatch.setenv("WIFIRELAY_ROOT", world.router.root.path)
    world.router.root.write(PATH, FULL)
    os.chmod(world.router.root.here(PATH), 0o600)
    for name in ("cafe.key", "eduroam"):
        world.router.root.write(f"/etc/wifirelay/{name}", f"{SECRET}\n")
        os.chmod(world.router.root.here(f"/etc/wifirelay/{name}"), 0o600)
    yield world
    world.router.execute(["uci", "revert", PACKAGE])
    if os.path.exists(world.router.root.here(PATH)):
        os.unlink(world.router.root.here(PATH))


def test_loaded_with_secrets_in_files_of_the_router(written: World) -> None:
    made = load_uci(SimTransport(written.router))
    assert made.networks[1].key == Secret(SECRET)
    assert made.warnings == ()
    os.chmod(written.router.root.here(PATH), 0o644)
    os.chmod(written.router.root.here("/etc/wifirelay/cafe.key"), 0o640)
    mode, file = load_uci(SimTransport(written.router)).warnings
    assert mode == f"{PATH} holds secrets and is open to others (mode 0644): chmod 600 {PATH}"
    assert file.startswith("wifirelay.@network[1].key_file: ")


def test_without_secrets_its_mode_is_nobodys_business(written: World) -> None:
    written.router.root.write(PATH, "config network\n\toption ssid 'A'\n")
    os.chmod(written.router.root.here(PATH), 0o644)
    assert load_uci(SimTransport(written.router)).warnings == ()


def test_another_router_is_read_without_its_files(
    written: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIFIRELAY_ROOT", "/nowhere")
    os.chmod(written.router.root.here(PATH), 0o644)
    made = load_uci(SimTransport(written.router), here=False)
    assert made.networks[1].key == Secret("not read")
    assert made.warnings == ()
    with pytest.raises(ConfigError, match=r"@network\[1\].key_file: there is no file"):
        load_uci(SimTransport(written.router))


def test_staged_edits_count(written: World) -> None:
    written.router.execute(["uci", "set", "wifirelay.main.enabled=0"])
    assert load_uci(SimTransport(written.router)).enabled is False


def test_without_the_package(written: World) -> None:
    os.unlink(written.router.root.here(PATH))
    made = load_uci(SimTransport(written.router))
    assert made == Settings(source=PATH, enabled=False)
    assert read_package(SimTransport(written.router)) is None


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        (f"config network\n\toption key '{SECRET}\n", "2", "unterminated"),
        (f"config network\n\toption key hunter {SECRET}\n", "2", "too many arguments"),
        ("config network 'a-b'\n", "1", "invalid character"),
        ("network:\n  - {ssid: A}\n", "1", "invalid command"),
    ],
)
def test_a_file_that_uci_cannot_read(written: World, text: str, place: str, problem: str) -> None:
    written.router.root.write(PATH, text)
    with pytest.raises(ConfigError) as caught:
        load_uci(SimTransport(written.router))
    error = caught.value
    assert error.message.startswith(f"{PATH}:{place}:")
    assert problem in error.message
    assert error.hint
    assert SECRET not in error.message


class Deaf(LocalTransport):
    """A machine where commands answer as told."""

    def __init__(self, *answers: Completed) -> None:
        super().__init__()
        self.answers = list(answers)

    def run(self, command: Command) -> Completed:
        return self.answers.pop(0)


def test_a_router_that_cannot_tell_is_not_one_without_configuration() -> None:
    show = Completed(0, b"wifirelay.main=wifirelay\n")
    with pytest.raises(RouterAnswer, match="request timed out"):
        read_package(Deaf(Completed(7), show))
    with pytest.raises(RouterAnswer):  # rpcd is not there: its exit code is that of no package
        read_package(Deaf(Completed(4), show))
    with pytest.raises(ConfigError, match="not on this machine"):
        read_package(Deaf(Completed(127), Completed(127, err=b"uci: not found\n")))
