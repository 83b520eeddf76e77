# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration's model: what it takes, what it refuses, and what its errors say."""

import datetime
import os
import re
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import wifirelay
from wifirelay.config.model import Settings, from_mapping
from wifirelay.config.secrets import FILE, Obtained
from wifirelay.core.feeds import ipv6_interface
from wifirelay.core.known import FixedAddress, Relay, Wanted
from wifirelay.errors import ConfigError
from wifirelay.values import Secret, Ssid

SECRET = "hunter2hunter2"
HERE = "02:00:00:00:06:00"


def reader(place, name):
    """Secrets without files: the place and the name are the secret."""
    return Obtained(Secret(f"{place}:{name}"), "open" if place == FILE and "open" in name else "")


def settings(**data):
    return from_mapping(data, "/cfg/c.yaml", reader)


def network(**entry):
    return settings(networks=[entry]).networks[0]


def fixed(address="192.168.5.20/24", gateway="192.168.5.1", **more):
    """The entry of a network that gives no address."""
    return {"ssid": "A", "address": address, "gateway": gateway, **more}


def refused(data):
    with pytest.raises(ConfigError) as caught:
        from_mapping(data, "/cfg/c.yaml", reader)
    error = caught.value
    assert error.message.startswith("/cfg/c.yaml: ")
    assert error.hint, "every error has a remedy"
    assert SECRET not in error.message + error.hint
    return error


def refused_network(**entry):
    return refused({"networks": [entry]})


def test_nothing_is_the_defaults():
    assert settings() == Settings(source="/cfg/c.yaml")
    assert settings().relay == Relay()
    assert settings(networks=None).networks == ()


def test_everything():
    made = settings(
        router="ssh://root@192.168.1.1",
        relay={"interface": "wwan", "radios": ["radio1", "radio0"], "keep": "session"},
        networks=[
            {"ssid": "HomeNet", "key": "correct horse battery", "priority": 10},
            {"ssid": "Office", "key_file": "~/k", "bssid": "02-00-00-00-06-aa", "min_signal": -75},
            {"ssid_hex": "436166e9"},
        ],
        login={"key_file": "id", "known_hosts": "hosts", "password_env": "PW"},
    )
    assert made.router == "ssh://root@192.168.1.1"
    assert made.relay == Relay(radios=("radio1", "radio0"), keep_on_flash=False)
    home, office, cafe = made.networks
    assert (home.key, home.priority, home.security) == (
        Secret("correct horse battery"),
        10,
        Wanted.AUTO,
    )
    assert office.key == Secret(f"file:{os.path.expanduser('~/k')}")
    assert (office.bssids, office.min_signal) == (("02:00:00:00:06:AA",), -75)
    assert cafe.ssid == Ssid(b"Caf\xe9")
    assert made.login.key_file == "/cfg/id"
    assert made.login.known_hosts == "/cfg/hosts"
    assert made.login.password == Secret("env:PW")
    assert "correct horse" not in repr(made)


def test_relative_files_start_at_the_configuration():
    assert network(ssid="A", key_file="k.txt").key == Secret("file:/cfg/k.txt")


@pytest.mark.parametrize(
    "router",
    ["local", "recording:my file.jsonl", "sim:boat", "me@host:2222", "ssh://r@[fe80::1]:22"],
)
def test_targets(router):
    assert settings(router=router).router == router


def clash(uplink):
    """Whether an uplink of this name, or what belongs to it, is called as another one."""
    six = ipv6_interface(uplink)
    names = [uplink, uplink + "6", uplink + "6_4", six, six + "_4"]
    begin = six.removesuffix("6")
    fixed = [name for name in names if re.fullmatch(re.escape(begin) + "[0-9a-f]{8}", name)]
    return bool(fixed) or len({*names}) < len(names)


BEGINNINGS = st.sampled_from(["", "a", "wlan0", "uplink", "a_6_4_", "uplink_"])


@given(BEGINNINGS, st.text("_064af", max_size=9) | st.sampled_from(["", "_", "6", "_6", "6_4"]))
@example("uplink", "_0a1b2c3d")
@example("uplink", "_0a1b2c3")
@example("uplink_", "")
@example("uplink", "_6")
@example("uplink", "_6_4")
@example("uplink", "_0a1b2c")
@example("uplink", "6_4")
def test_an_interface_is_refused_where_it_would_be_called_as_one_of_setups(begin, rest):
    name = (begin + rest)[:15] or "w"
    if clash(name):
        with pytest.raises(ConfigError, match=f"relay.interface: {name} is like the names"):
            settings(relay={"interface": name})
    else:
        assert settings(relay={"interface": name}).relay.interface == name


def test_warnings_name_the_place():
    assert settings(networks=[{"ssid": "A", "key_file": "/open"}]).warnings == (
        "networks[0].key_file: open",
    )


@pytest.mark.parametrize(
    ("data", "place", "problem", "hint"),
    [
        ([], "top level", "a list", "router, relay"),
        ({"netwroks": []}, "netwroks", "not a known key", "`networks`"),
        ({"relay": {"radio": ["a"]}}, "relay.radio", "not a known key", "`radios`"),
        ({"relay": {"xyzzy": 1}}, "relay.xyzzy", "not a known key", "interface, radios"),
        ({"relay": None}, "relay", "no value", "leave"),
        ({"relay": "wwan"}, "relay", "text, not a mapping", "name: value"),
        ({"relay": {"interface": "a-b"}}, "relay.interface", "'a-b'", "wwan"),
        ({"relay": {"interface": "w" * 16}}, "relay.interface", "wwww", "1 to 15"),
        ({"relay": {"interface": "abcdef_"}}, "relay.interface", "abcdef_ is", "wwan"),
        ({"relay": {"interface": "abcdef_6"}}, "relay.interface", "abcdef_6 is", "wwan"),
        ({"relay": {"interface": "abcdef_6_4"}}, "relay.interface", "abcdef_6_4 is", "wwan"),
        ({"relay": {"interface": "abcdef_12345678"}}, "relay.interface", "makes for", "wwan"),
        ({"relay": {"radios": "radio0"}}, "relay.radios", "text, not a list", "[radio1"),
        ({"relay": {"radios": []}}, "relay.radios", "empty list", "leave"),
        ({"relay": {"radios": ["a", 1]}}, "relay.radios[1]", "a number", "[radio1"),
        ({"relay": {"radios": ["a", "a"]}}, "relay.radios[1]", "twice", "once"),
        ({"relay": {"radios": ["a b"]}}, "relay.radios[0]", "'a b'", "radio0"),
        ({"relay": {"keep": "flsh"}}, "relay.keep", "'flsh'", "`flash`"),
        ({"relay": {"deadline": 29}}, "relay.deadline", "29", "30 to 600"),
        ({"relay": {"deadline": 601.0}}, "relay.deadline", "601", "30 to 600"),
        ({"relay": {"deadline": float("nan")}}, "relay.deadline", "not from", "30 to 600"),
        ({"relay": {"deadline": "120s"}}, "relay.deadline", "text, not a number", "unit"),
        ({"relay": {"deadline": True}}, "relay.deadline", "truth value", "seconds"),
        ({"router": 1}, "router", "a number", "quotes"),
        ({"router": ""}, "router", "empty", "leave"),
        ({"router": "http://x"}, "router", "http://", "ssh://"),
        ({"router": f"root:{SECRET}@host"}, "router", "password", "password_file"),
        ({"router": f"ssh://root:a@{SECRET}@host:22"}, "router", "password", "password_file"),
        ({"router": "my router"}, "router", "space", "ssh://"),
        ({"router": "a\nb"}, "router", "line break", "out"),
        ({"relay": {"hostname": "boat"}}, "relay.hostname", "'boat'", "one of sent, none"),
        ({"relay": {"kind": "bridge"}}, "relay.kind", "'bridge'", "one of nat, relayd, wds"),
        ({"relay": {"kind": "wds", "ipv6": "relay"}}, "relay.ipv6", "passes all there", "one of"),
        ({"relay": {"kind": "wds"}, "open": {"names": ["*"]}}, "open", "a stranger's", "one of"),
        ({"relay": {"ipv6": "nat"}}, "relay.ipv6", "'nat'", "`nat66`"),
        ({"relay": {"ipv6": True}}, "relay.ipv6", "a truth value", "quotes"),
        ({"relay": {"kind": "relayd", "ipv6": "nat66"}}, "relay.ipv6", "IPv4 alone", "one of"),
        ({"networks": {"ssid": "A"}}, "networks", "a mapping, not a list", "- ssid"),
        ({"networks": [f"A {SECRET}"]}, "networks[0]", "text, not a mapping", "name: value"),
        ({"login": {"password": SECRET}}, "login.password", "not a known key", "password_file"),
        ({"login": {"password_file": "a", "password_env": "B"}}, "login.", "beside", "keep one"),
    ],
)
def test_refused(data, place, problem, hint):
    error = refused(data)
    assert place in error.message
    assert problem in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("entry", "place", "problem", "hint"),
    [
        ({}, ".ssid", "missing", "ssid_hex"),
        ({"ssid": 12345}, ".ssid", "a number, not text", "quotes"),
        ({"ssid": True}, ".ssid", "truth value", "quotes"),
        ({"ssid": datetime.date(2024, 1, 1)}, ".ssid", "a date", "quotes"),
        ({"ssid": None}, ".ssid", "no value", ""),
        ({"ssid": ""}, ".ssid", "empty", ""),
        ({"ssid": "ü" * 16 + "x"}, ".ssid", "33 bytes", "32 bytes"),
        ({"ssid": "a\nb"}, ".ssid", "control characters", ""),
        ({"ssid": "\ud800"}, ".ssid", "UTF-8", "ssid_hex"),
        ({"ssid_hex": "4g"}, ".ssid_hex", "not hexadecimal", "digits"),
        ({"ssid_hex": 31}, ".ssid_hex", "a number", "quotes"),
        ({"ssid": "A", "ssid_hex": "41"}, ".ssid_hex", "beside ssid", "one of"),
        ({"ssid": "A", "key": None}, ".key", "no value", "leave"),
        ({"ssid": "A", "key": ""}, ".key", "empty", "key_file"),
        ({"ssid": "A", "key": 12345678}, ".key", "a number, not text", "quotes"),
        ({"ssid": "A", "key": "hunter2"}, ".key", "7 characters", "8 to 63"),
        ({"ssid": "A", "key": "x" * 65}, ".key", "65 characters", "8 to 63"),
        ({"ssid": "A", "key": "g" * 64}, ".key", "64 characters", "hexadecimal"),
        ({"ssid": "A", "key": "ü" * 32}, ".key", "64 bytes", "8 to 63"),
        ({"ssid": "A", "key": "ü" * 33}, ".key", "66 bytes", "8 to 63"),
        ({"ssid": "A", "key": SECRET + "\n"}, ".key", "line break", "out"),
        ({"ssid": "A", "key": SECRET, "key_env": "K"}, ".key_env", "beside key", "keep one"),
        ({"ssid": "A", "security": "psk2"}, ".key", "missing", "key_file"),
        ({"ssid": "A", "security": "open", "key": SECRET}, ".key", "open", "auto"),
        ({"ssid": "A", "security": "owe", "key_file": "/f"}, ".key_file", "owe", "auto"),
        ({"ssid": "A", "security": "psk"}, ".security", "'psk'", "`psk2`"),
        ({"ssid": "A", "security": "wep"}, ".security", "'wep'", "sae-mixed"),
        ({"ssid": "A", "security": False}, ".security", "truth value", "quotes"),
        ({"ssid": "A", "priority": True}, ".priority", "truth value", "whole number"),
        ({"ssid": "A", "priority": "5"}, ".priority", "text", "without quotes"),
        ({"ssid": "A", "priority": 1.5}, ".priority", "not a whole number", "-1000 to 1000"),
        ({"ssid": "A", "priority": 1001}, ".priority", "1001", "-1000 to 1000"),
        ({"ssid": "A", "priority": 10**5000}, ".priority", "not from", "-1000 to 1000"),
        ({"ssid": "A", "min_signal": 75}, ".min_signal", "75", "-100 to -20"),
        ({"ssid": "A", "hidden": "yes"}, ".hidden", "text", "true or false"),
        ({"ssid": "A", "metered": 1}, ".metered", "a number", "true or false"),
        ({"ssid": "A", "bssid": 45296}, ".bssid", "a number", "02:00"),
        ({"ssid": "A", "bssid": "02:00"}, ".bssid", "not a BSSID", "quotes"),
        ({"ssid": "A", "bssid": ["02:00:00:00:06:00", "x"]}, ".bssid[1]", "not a", "quotes"),
        ({"ssid": "A", "bssid": []}, ".bssid", "empty list", "leave"),
        ({"ssid": "A", "not_bssid": "02:00"}, ".not_bssid", "not a BSSID", "quotes"),
        ({"ssid": "A", "not_bssid": [HERE, "x"]}, ".not_bssid[1]", "not a", "quotes"),
        ({"ssid": "A", "bssid": HERE, "not_bssid": HERE}, ".not_bssid", "bssid too", "take it out"),
        ({"ssid": "A", "band": "5G"}, ".band", "'5G' is not possible", "did you mean `5g`?"),
        ({"ssid": "A", "band": ["5g", "60g"]}, ".band", "'60g'", "one of 2g, 5g, 6g"),
        ({"ssid": "A", "band": 5}, ".band", "a number, not a list", "band: [5g]"),
        ({"ssid": "A", "radio": []}, ".radio", "an empty list", "name at least one"),
        ({"ssid": "A", "radio": [5]}, ".radio[0]", "a number, not text", "radio: [radio0]"),
        ({"ssid": "A", "radios": "radio0"}, ".radios", "not a known key", "`radio`"),
        ({"ssid": "A", "macaddr": HERE}, ".macaddr", "not a known key", "`mac`"),
        ({"ssid": "A", "mac": "Random"}, ".mac", "'Random'", "device, stable, random"),
        (
            {"ssid": "A", "mac": "02:00:00:00:06"},
            ".mac",
            "not possible",
            "random, 02:00:00:00:06:00",
        ),
        ({"ssid": "A", "mac": "01:00:00:00:06:00"}, ".mac", "a group's address", "second digit"),
        ({"ssid": "A", "mac": "ff:ff:ff:ff:ff:ff"}, ".mac", "a group's address", "second digit"),
        ({"ssid": "A", "mac": "00:00:00:00:00:00"}, ".mac", "or nobody's", "second digit"),
        ({"ssid": "A", "mac": 45296}, ".mac", "a number, not text", "quotes"),
        (fixed("192.168.5.20"), ".address", "no prefix length", "192.168.5.20/24"),
        (fixed("192.168.5.20/255.255.255.0"), ".address", "'255.255.255.0' is no", "8 to 30"),
        (fixed("192.168.5.20/31"), ".address", "'31' is no", "8 to 30"),
        (fixed("192.168.5.20/7"), ".address", "'7' is no", "8 to 30"),
        (fixed("192.168.5.20/024"), ".address", "'024' is no", "8 to 30"),
        (fixed("192.168.5.300/24"), ".address", "not an IPv4 address", "four numbers"),
        (fixed("fd00::2/64"), ".address", "'fd00::2' is not an IPv4", "four numbers"),
        (fixed("192.168.5.0/24"), ".address", "itself, or of all", "192.168.5.1 to"),
        (fixed("192.168.5.255/24"), ".address", "itself, or of all", "to 192.168.5.254"),
        (fixed("127.0.0.2/24"), ".address", "cannot be a station's", "check"),
        (fixed("169.254.7.2/24"), ".address", "cannot be a station's", "check"),
        (fixed("224.0.0.9/24"), ".address", "cannot be a station's", "check"),
        (fixed("250.1.1.9/24"), ".address", "cannot be a station's", "check"),
        (fixed("0.1.1.9/24"), ".address", "cannot be a station's", "check"),
        ({"ssid": "A", "address": 5}, ".address", "a number, not text", "quotes"),
        ({"ssid": "A", "address": "192.168.5.20/24"}, ".gateway", "missing", "router"),
        (fixed(gateway="192.168.6.1"), ".gateway", "not in 192.168.5.0/24", "check both"),
        (fixed(gateway="192.168.5.20"), ".gateway", "own address", "check both"),
        (fixed(gateway="192.168.5.255"), ".gateway", "no station's", "check"),
        (fixed(gateway="192.168.5.1/24"), ".gateway", "not an IPv4 address", "192.168.5.1"),
        (fixed(dns="dns.example.org"), ".dns", "not an IPv4 address", "four numbers"),
        (fixed(dns=["192.168.5.1", "2001:db8::1"]), ".dns[1]", "not an IPv4", "four numbers"),
        (fixed(dns=[]), ".dns", "an empty list", "leave"),
        (fixed(dns="0.0.0.0"), ".dns", "no name server's", "check"),
        ({"ssid": "A", "gateway": "192.168.5.1"}, ".gateway", "without address", "by DHCP"),
        (fixed(ipv6_only=True), ".ipv6_only", "beside address", "keep the one"),
        (
            {"ssid": "A", "ipv6_only": "yes"},
            ".ipv6_only",
            "is text, not true or false",
            "true or false",
        ),
        ({"ssid": "A", "ipv6only": True}, ".ipv6only", "not a known key", "`ipv6_only`"),
        ({"ssid": "A", "dns": "192.168.5.1"}, ".dns", "without address", "192.168.5.20/24"),
        ({"ssid": "A", "psk": SECRET}, ".psk", "not a known key", "`key`"),
        ({"ssid": "A", "pasword": SECRET}, ".pasword", "not a known key", "names here are"),
        ({"ssid": "A", SECRET: None}, "networks[0]", "not shown", "space after the colon"),
        ({"ssid": "A", f"key {SECRET}": None}, "networks[0]", "not shown", "colon"),
        ({"ssid": "A", 5: "x"}, "networks[0]", "not shown", "colon"),
    ],
)
def test_refused_networks(entry, place, problem, hint):
    error = refused({"networks": [entry]})
    assert place in error.message
    assert problem in error.message
    assert hint in error.hint


def test_an_address_of_its_own():
    assert network(ssid="A").fixed is None
    made = network(**fixed(dns=["192.168.5.1", "9.9.9.9", "192.168.5.1"])).fixed
    assert made == FixedAddress("192.168.5.20/24", "192.168.5.1", ("192.168.5.1", "9.9.9.9"))
    made = network(**fixed("10.1.2.3/8", "10.255.0.1", dns="10.0.0.1")).fixed
    assert made == FixedAddress("10.1.2.3/8", "10.255.0.1", ("10.0.0.1",))
    assert network(**fixed("192.0.2.2/30", "192.0.2.1")).fixed == FixedAddress(
        "192.0.2.2/30", "192.0.2.1"
    )


def test_a_network_of_ipv6_alone():
    assert not network(ssid="A").ipv6_only
    assert network(ssid="A", ipv6_only=True).ipv6_only
    assert not network(ssid="A", ipv6_only=False).ipv6_only
    assert network(**fixed(ipv6_only=False)).fixed is not None


def test_a_network_listed_twice_names_both():
    error = refused({"networks": [{"ssid": "A"}, {"ssid": "B"}, {"ssid_hex": "41"}]})
    assert "networks[2]: the SSID A" in error.message
    assert "networks[0]" in error.message


@pytest.mark.parametrize("key", ["x" * 8, "x" * 63, "0aF9" * 16, "ü" * 4, "\"\\'$(x) ` #"])
def test_keys(key):
    for security in ("auto", "psk2", "sae", "sae-mixed"):
        assert network(ssid="A", key=key, security=security).key == Secret(key)


@pytest.mark.parametrize("key", ["x", "x" * 64, "x" * 200])
def test_sae_takes_any_length(key):
    assert network(ssid="A", key=key, security="sae").key == Secret(key)


PEAP = {"method": "peap", "identity": "me@uni", "password": SECRET, "ca_cert": "/etc/ca.pem"}
TLS = {
    "method": "tls",
    "identity": "me",
    "client_cert": "/c.pem",
    "priv_key": "/k.pem",
    "ca_cert": "/etc/ca.pem",
}


def test_enterprise():
    peap = network(ssid="E", security="wpa2-eap", eap=PEAP).eap
    assert (peap.method, peap.password, peap.phase2) == ("peap", Secret(SECRET), "MSCHAPV2")
    tls = network(ssid="E", security="wpa3-eap", eap={**TLS, "priv_key_password": SECRET}).eap
    assert (tls.client_cert, tls.password) == ("/c.pem", None)
    assert tls.priv_key_password == Secret(SECRET)


def test_enterprise_without_ca_warns():
    eap = {name: value for name, value in PEAP.items() if name != "ca_cert"}
    made = settings(networks=[{"ssid": "E", "security": "wpa2-eap", "eap": eap}])
    assert "networks[0].eap.ca_cert is missing" in made.warnings[0]


@pytest.mark.parametrize(
    ("entry", "place", "problem"),
    [
        ({"security": "wpa2-eap"}, ".eap", "missing"),
        ({"security": "wpa2-eap", "key": SECRET}, ".key", "no key"),
        ({"eap": PEAP}, ".eap", "does not go with security auto"),
        ({"security": "psk2", "key": SECRET, "eap": PEAP}, ".eap", "does not go with"),
        ({"security": "wpa2-eap", "eap": None}, ".eap", "no value"),
        ({"security": "wpa2-eap", "eap": {}}, ".eap.method", "missing"),
        ({"security": "wpa2-eap", "eap": {**PEAP, "method": "leap"}}, ".method", "'leap'"),
        ({"security": "wpa2-eap", "eap": {**PEAP, "identity": 17}}, ".identity", "a number"),
        ({"security": "wpa2-eap", "eap": {"method": "peap"}}, ".identity", "missing"),
        ({"security": "wpa2-eap", "eap": {**PEAP, "phase2": "PAP"}}, ".phase2", "'PAP'"),
        ({"security": "wpa2-eap", "eap": {**PEAP, "ca_cert": "ca.pem"}}, ".ca_cert", "absolute"),
        ({"security": "wpa2-eap", "eap": {**PEAP, "priv_key": "/k"}}, ".priv_key", "peap"),
        ({"security": "wpa2-eap", "eap": {**PEAP, "password_env": "P"}}, ".password_env", "beside"),
        ({"security": "wpa2-eap", "eap": {**TLS, "password": SECRET}}, ".password", "tls"),
        (
            {"security": "wpa2-eap", "eap": {"method": "tls", "identity": "me"}},
            ".client_cert",
            "missing",
        ),
        (
            {"security": "wpa2-eap", "eap": {"method": "ttls", "identity": "me"}},
            ".password",
            "missing",
        ),
    ],
)
def test_refused_enterprise(entry, place, problem):
    error = refused_network(ssid="E", **entry)
    assert place in error.message
    assert problem in error.message


def test_errors_are_harmless_for_a_terminal():
    error = refused({"networks": [{"ssid": "A", "security": "\u202e\x9b31m"}]})
    assert (error.message + error.hint).isprintable()


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.sampled_from(["A", "psk2", "local", "02:00:00:00:06:00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["router", "relay", "networks", "login", "ssid", "key", "eap", "radios"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(anything)
def test_whatever_it_is_it_is_settings_or_a_configuration_error(data):
    try:
        made = from_mapping(data, "c.yaml", reader)
    except ConfigError as error:
        assert error.hint
        assert error.message.isprintable()
    else:
        assert isinstance(made, Settings)


@given(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=4, max_size=7),
    st.sampled_from(["auto", "psk2", "open", "wpa2-eap", "sae-mixed"]),
)
def test_a_refused_key_is_never_shown(key, security):
    secret = f"~{key[:3]}~"  # long and odd enough not to be in any sentence
    error = refused_network(ssid="A", key=secret, security=security)
    assert secret not in error.message + error.hint


def test_needs_only_what_a_router_has():
    code = (
        "import sys; import wifirelay.config.model; "
        "print(*{'pathlib', 'logging', 'asyncio', 'urllib', 'uuid', 'email', 'decimal', "
        "'statistics', 'unittest', 'yaml', 'difflib', 'tempfile'} & set(sys.modules))"
    )
    root = os.path.dirname(os.path.dirname(wifirelay.__file__))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {root!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
