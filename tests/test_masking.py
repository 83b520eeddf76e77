# SPDX-License-Identifier: GPL-2.0-or-later
"""No secret stays in what is recorded, in whatever form a router prints it; the rest does."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifirelay.transport.anonymous import Anonymizer
from wifirelay.transport.masking import MASK, Masker
from wifirelay.transport.recorded import anonymous, load_recording
from wifirelay.values import Secret

RECORDINGS = sorted((Path(__file__).parent / "data/recordings").glob("*.jsonl"))
KEYS = st.text(
    st.characters(exclude_categories=["Cs"], min_codepoint=32), min_size=8, max_size=63
).filter(lambda key: MASK not in key and key.strip())
# words that stand in the forms themselves say nothing when they are found again
WORDY = re.compile(r"[a-z_.='\" :,\[\]{}]*\Z")


def uci(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


def double(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def forms(key: str) -> dict[str, tuple[str, str]]:
    """Name of a form -> it with the key, and as it is to be."""
    js = json.dumps(key)
    raw = json.dumps(key, ensure_ascii=False)
    return {
        "json": (f'{{"ssid": "x", "key": {js}, "n": 1}}', '{"ssid": "x", "key": "***", "n": 1}'),
        "json raw": (f'{{"sae_password":{raw}}}', '{"sae_password":"***"}'),
        "json cut off": (f'{{\n\t"key1": {js[:-1]}', '{\n\t"key1": "***"'),
        "json list": (f'{{"key": [{js}, "]"], "a": []}}', '{"key": "***", "a": []}'),
        "json change": (
            f'["set", "wifirelay", "key", {js}], ["set", "wifirelay", "ssid", "y"]',
            '["set", "wifirelay", "key", "***"], ["set", "wifirelay", "ssid", "y"]',
        ),
        "json in an error": (
            f'Command failed: ubus call uci set {{"values":{{"key":{js}}}}} (Permission denied)',
            'Command failed: ubus call uci set {"values":{"key":"***"}} (Permission denied)',
        ),
        "show": (
            f"wireless.a.key={uci(key)}\nwireless.a.ssid='x'\n",
            "wireless.a.key='***'\nwireless.a.ssid='x'\n",
        ),
        "show anonymous": (
            f"wireless.@wifi-iface[0].psk={uci(key)}\n",
            "wireless.@wifi-iface[0].psk='***'\n",
        ),
        "show list": (f"n.wg.private_key={uci(key)} {uci(key)}\nz", "n.wg.private_key='***'\nz"),
        "changes list": (f"wireless.a.key+={uci(key)}\n", "wireless.a.key+='***'\n"),
        "export": (
            f"\toption key {uci(key)}\n\toption ssid 'x'\n",
            "\toption key '***'\n\toption ssid 'x'\n",
        ),
        "file": (f"option 'key2' {double(key)}\n", "option 'key2' '***'\n"),
        "batch": (
            f"set wireless.a.key={uci(key)}\nset wireless.a.disabled='0'\n",
            "set wireless.a.key='***'\nset wireless.a.disabled='0'\n",
        ),
        "batch double": (f"set wireless.a.key={double(key)}\n", "set wireless.a.key='***'\n"),
        "batch whole": (f"set {uci('wireless.a.key=' + key)}\n", "set 'wireless.a.key=***'\n"),
        "batch whole double": (f"set {double('w.a.key=' + key)}\n", 'set "w.a.key=***"\n'),
        "supplicant": (f'\tpsk="{key}"\n\tssid="x"\n', '\tpsk=***\n\tssid="x"\n'),
    }


NAMES = list(forms("x"))


@pytest.mark.parametrize("name", NAMES)
@given(key=KEYS | st.sampled_from(['it\'s \\ "it"', "two\nlines", "'; reboot; '", "a;b c#d"]))
def test_the_value_of_a_secret_option_is_masked_and_nothing_else(name: str, key: str) -> None:
    if name == "supplicant":
        key = "".join(key.splitlines()) or "x"
    text, wanted = forms(key)[name]
    assert Masker().text(text) == wanted


@pytest.mark.parametrize("name", NAMES)
@given(key=KEYS)
def test_a_known_secret_is_masked_wherever_it_stands(name: str, key: str) -> None:
    text, _ = forms(key)[name]
    masked = Masker([Secret(key)]).text(f"log: it is {key}!\n{text}")
    assert key not in masked or WORDY.match(key)


def test_known_secrets_in_free_text() -> None:
    mask = Masker([Secret("correct horse"), Secret("correct horse battery"), Secret("it's")])
    assert mask.text("x correct horse battery y correct horse z") == "x *** y *** z"
    assert mask.text(r"echo 'it'\''s'") == "echo '***'"
    assert Masker([Secret('a"b\\c')]).text(r'{"msg": "is a\"b\\c"}') == '{"msg": "is ***"}'
    assert Masker([Secret("café1234")]).text(r'"caf\u00e91234" café1234') == '"***" ***'


def test_short_and_numeric_secrets_do_not_tear_innocent_text() -> None:
    assert Masker([Secret("1")]).text('{"index": 1, "channel": "1"}') == (
        '{"index": 1, "channel": "***"}'
    )
    assert Masker([Secret("12345678")]).text('{"bytes": 9123456789, "k": "12345678"}') == (
        '{"bytes": 9123456789, "k": "***"}'
    )
    assert Masker([Secret("")]).text("x") == "x"


@pytest.mark.parametrize(
    ("argv", "out", "wanted"),
    [
        (("uci", "get", "wireless.a.key"), "hunter2 x\n", "***\n"),
        (("uci", "-q", "get", "wireless.@wifi-iface[0].sae_password"), "two\nlines\n", "***\n"),
        (("uci", "get", "wireless.a.ssid"), "Home\n", "Home\n"),
        (("uci", "get", "wireless.a.key"), "", ""),
        (
            ("ubus", "-S", "call", "uci", "get", '{"config":"wireless","option":"key"}'),
            '{"value":"hunter2"}\n',
            '{"value":"***"}\n',
        ),
        (("ubus", "call", "uci", "get", "{broken"), '{"value":"x"}', '{"value":"x"}'),
    ],
)
def test_a_secret_asked_for_by_name(argv: tuple[str, ...], out: str, wanted: str) -> None:
    assert Masker().output(argv, out) == wanted


@pytest.mark.parametrize(
    "text",
    [
        '{"authentication": ["psk", "sae"], "ciphers": ["ccmp"]}',
        '{"wpa_key_mgmt": "WPA-PSK", "key_mgmt": "SAE", "monkey": "x", "identity": "me@uni"}',
        "wireless.a.encryption='psk2'\nwireless.a.identity='me@uni'\nwireless.a.key_file='/x'\n",
        "reason=WRONG_KEY\nkey_mgmt=WPA2-PSK\n",
        "option key_mgmt 'x'\n",
    ],
)
def test_what_only_looks_secret_stays(text: str) -> None:
    assert Masker().text(text) == text


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_masking_changes_nothing_in_a_masked_recording(path: Path) -> None:
    for each in load_recording(str(path)).exchanges:
        masked = Masker().output(each.argv, each.out)
        assert masked == re.sub(r'("key",\s+)"x"', r'\1"***"', each.out)  # portal has one left


@pytest.mark.skipif(not shutil.which("busybox"), reason="needs a shell that quotes")
def test_uci_quoting_is_the_shells() -> None:
    """The test's own forms are right: a shell reads `uci`'s quoting back."""
    for key in ("it's", "two\nlines", "a\\b"):
        answer = subprocess.run(
            ["busybox", "ash", "-c", f"printf %s {uci(key)}"], capture_output=True, check=True
        )
        assert answer.stdout.decode() == key


# --- anonymous recordings


def anonymised(*texts: str, argv: tuple[str, ...] = ("logread",)) -> list[str]:
    names = Anonymizer()
    for text in texts:
        names.learn(text)
    return [names.text(argv, text) for text in texts]


def test_one_ssid_in_all_its_places_becomes_one_name() -> None:
    texts = anonymised(
        '{"ssid": "Marina \\"West\\"", "bssid": "AA:BB:CC:00:00:01"}',
        "wireless.a.ssid='Marina \"West\"'\n",
        "\toption ssid 'Marina \"West\"'\n",
        '["set","a","ssid","Marina \\"West\\""]',
        'phy0-sta0: CTRL-EVENT-SSID-TEMP-DISABLED id=1 ssid="Marina \\"West\\"" reason=WRONG_KEY',
        "SME: Trying to authenticate with aa:bb:cc:00:00:01 (SSID='Marina \\\"West\\\"' freq=2437)",
        '          ESSID: "Marina "West""\n',
        'ssid=Marina "West"\nwpa_state=COMPLETED\n',
    )
    assert [text.count("ssid-1") for text in texts] == [1] * 8
    assert "Marina" not in "".join(texts)
    assert '"bssid": "02:00:00:00:00:01"' in texts[0]
    assert "with 02:00:00:00:00:01 " in texts[5]


def test_a_replacement_is_never_somebodys_real_name() -> None:
    one, two = anonymised('{"ssid": "ssid-1"}', '{"ssid": "Home"}')
    assert one != two
    assert "ssid-1" not in one + two


def test_addresses_keep_their_kind_and_their_neighbours() -> None:
    (text,) = anonymised(
        "10.1.2.3/24 10.1.2.77 10.1.9.1 10.7.2.3 10.1.0.0/16 192.168.178.1 192.168.178.255 "
        "172.20.1.2 8.8.8.8 8.8.4.4 127.0.0.1 0.0.0.0 255.255.255.0 100.64.3.1 169.254.1.1"
    )
    a, b, c, d, net, e, f, g, h, i, lo, any_, mask, cgn, link = text.replace("/24", "").split()
    prefix = a.rpartition(".")[0]
    assert (a, b) == (f"{prefix}.3", f"{prefix}.77")
    assert c.split(".")[:2] == a.split(".")[:2]
    assert c.split(".")[2] != a.split(".")[2]
    assert d.split(".")[1] != a.split(".")[1]
    assert net == ".".join([*a.split(".")[:2], "0", "0/16"])
    assert e.startswith("192.168.")
    assert e != "192.168.178.1"
    assert f == e.rpartition(".")[0] + ".255"
    assert 16 <= int(g.split(".")[1]) < 32
    assert h.startswith("198.1")
    assert i != h
    assert (lo, any_, mask, link) == ("127.0.0.1", "0.0.0.0", "255.255.255.0", "169.254.1.1")
    assert cgn.startswith("100.")


def test_ipv6_hosts_and_names_of_people() -> None:
    one, two, three = anonymised(
        "inet6 2a02:810:1:2:aabb:ccff:fedd:eeff/64 fe80::aabb:ccff:fedd:eeff/64 ::1/128 12:50:22",
        '{"identity": "me@uni", "hostname": "annas-laptop", "address": "fd4a:7d5c:1b2e::1"}',
        "dnsmasq-dhcp[1]: DHCPACK(br-lan) 192.168.1.7 aa:bb:cc:dd:ee:ff annas-laptop",
    )
    assert one == "inet6 2001:db8:1:2::1:1/64 fe80::1:1/64 ::1/128 12:50:22".replace(
        "::1:1", "::1:1"
    )
    assert json.loads(two) == {"identity": "user-1", "hostname": "host-1", "address": "fd00:0:2::1"}
    assert three.endswith("192.168.1.7 02:00:00:00:00:01 host-1")


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_real_recording_keeps_its_shape_and_loses_its_names(path: Path) -> None:
    recording = load_recording(str(path))
    after = anonymous(recording)
    names: set[str] = set()
    for old, new in zip(recording.exchanges, after.exchanges, strict=True):
        assert (new.argv[0], new.rc) == (old.argv[0], old.rc)
        if old.argv[:2] == ("ubus", "call") and old.out.strip():
            was, now = (json.loads(text, strict=False) for text in (old.out, new.out))
            assert shape(now) == shape(was)
            if "scan" in old.argv:
                names |= {each["ssid"] for each in was["results"] if "ssid" in each}
                found = [each.get("ssid") for each in was["results"]]
                mapped = [each.get("ssid") for each in now["results"]]
                assert len(set(found)) == len(set(mapped))
    text = "".join(
        each.out + each.err for each in after.exchanges if each.argv[:2] != ("iw", "phy")
    )
    left = {
        name
        for name in names
        if len(name) > 3 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    }
    assert left <= {"Phone"}
    macs = set(re.findall(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", text))
    assert all(mac.upper().startswith("02:00:00:00:00:") or set(mac) <= set("fF0:") for mac in macs)


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value)


HOSTILE = ["a", "a_", "a-", "a.", '"a_', '["a","', '"key":["', "x.y.key='", "\nssid ", "SSID='"]


@pytest.mark.parametrize("part", HOSTILE)
def test_no_text_makes_masking_take_longer_than_its_length_does(part: str) -> None:
    """With steps that grow by the square of it, 16 KB took 0.7 s: these would take minutes."""
    text = part * (300_000 // len(part))
    begun = time.monotonic()
    Masker([Secret("correct horse")]).text(text)
    names = Anonymizer()
    names.learn(text)
    names.text(("logread",), text)
    assert time.monotonic() - begun < 30  # on a slow machine; seconds here
