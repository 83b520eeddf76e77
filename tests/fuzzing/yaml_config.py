# SPDX-License-Identifier: GPL-2.0-or-later
"""YAML configurations: read with both of PyYAML's parsers, and edited as `networks` does."""

import os
import tempfile
from collections.abc import Iterator

import yaml

from tests.fuzzing.feeding import Parser, feed, harmless, text_of
from wifirelay.config.edit_file import add_network, remove_network
from wifirelay.config.model import Settings, from_mapping
from wifirelay.config.secrets import unread
from wifirelay.config.yaml_file import holds_secrets, load, parse
from wifirelay.config.yaml_outline import outline
from wifirelay.config.yaml_text import scalar
from wifirelay.errors import ConfigError
from wifirelay.values import Ssid, printable

NEW = {"ssid": "A new: network # 'x'", "key": "the key of a new network", "priority": 3}
SSID = Ssid.of("A new: network # 'x'")
_KEPT = tempfile.TemporaryDirectory(prefix="wifirelay-fuzzing-")  # until this process ends
FOLDER = _KEPT.name
PATH = os.path.join(FOLDER, "config.yaml")
FAST = getattr(yaml, "CSafeLoader", None)


def _settings(data: object) -> Settings:
    return from_mapping({} if data is None else data, PATH, unread)


def _read(data: bytes) -> None:
    found = parse(text_of(data), PATH)
    settings = _settings(found)
    holds_secrets(found)
    harmless(printable(warning) for warning in settings.warnings)


def _read_in_python(data: bytes) -> None:
    """Where libyaml is not: PyYAML's own parser has other limits."""
    if FAST is None:
        return
    del yaml.CSafeLoader
    try:
        _read(data)
    finally:
        setattr(yaml, "CSafeLoader", FAST)  # noqa: B010


def _outlined(data: bytes) -> None:
    text = text_of(data)
    parse(text, PATH)  # it is only asked for texts that parse
    found = outline(text)
    if found is None or found.networks is None:
        return
    for entry in found.networks.entries:
        assert 0 <= entry.start <= entry.end <= len(text)


def _edited(data: bytes) -> None:
    """One network more, and one less: the same as before; or refused, and the file untouched."""
    with open(PATH, "wb") as file:
        file.write(data)
    try:
        before = load(PATH, unread)
        add_network(PATH, NEW)
    except ConfigError:
        with open(PATH, "rb") as file:
            assert file.read() == data
        raise
    after = load(PATH, unread)
    assert after.networks[:-1] == before.networks
    assert after.networks[-1].ssid == SSID
    assert (after.relay, after.router, after.login) == (before.relay, before.router, before.login)
    remove_network(PATH, SSID)
    again = load(PATH, unread)
    assert (again.networks, again.relay) == (before.networks, before.relay)
    for network in before.networks[:2]:
        remove_network(PATH, network.ssid)
    assert load(PATH, unread).networks == before.networks[2:]


def _written(data: bytes) -> None:
    """Any text, written as YAML, is this text again."""
    text = text_of(data)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return
    assert parse(f"a: {scalar(text)}\nb: [{scalar([text, 1, True])}]", PATH) == {
        "a": text,
        "b": [[text, 1, True]],
    }


PARSERS = (
    Parser("configuration", _read, (ConfigError,)),
    Parser("configuration without libyaml", _read_in_python, (ConfigError,)),
    Parser("outline", _outlined, (ConfigError,)),
    Parser("networks add, remove", _edited, (ConfigError,)),
    Parser("writing", _written),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


_WHOLE = """# mine
router: ssh://root@192.168.1.1
relay: {interface: wwan, radios: [radio1, radio0], keep: flash, deadline: 90, beside_wired: false}
login: {key_file: ~/.ssh/id_ed25519}
networks:
  - ssid: HomeNet  # home
    key: "12345678"
    priority: 10
  # a phone
  - {ssid: Phone, key_file: phone, metered: true, security: sae}
  - ssid_hex: "436166e9"
    bssid: ["02:00:00:00:06:00"]
    min_signal: -70
  - ssid: uni
    security: wpa2-eap
    eap: {method: peap, identity: me, password_env: UNI, ca_cert: /etc/ca.pem}
"""


def seeds() -> Iterator[bytes]:
    yield _WHOLE.encode()
    yield _WHOLE.replace("\n", "\r\n").encode()
    yield b"networks: [{ssid: A, hidden: true}, {ssid: B}]\n"
    yield b"networks:\nrelay: {keep: session}\n...\n"
    yield b"{networks: [], router: local}"
    yield b"---\nnetworks: &n\n- &a {ssid: A}\n- <<: *a\n  ssid: B\n"
    yield b"networks: [\n  {ssid: A}, # one\n  {ssid: B},\n]\n"
    yield b"\xef\xbb\xbfrouter: 'sim:home'\n"
    yield b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    yield b"key: !!binary aGVsbG8=\nd: 2024-01-01T10:00:00Z\nn: 1:30\nf: .inf\n"


WORDS = (
    *("networks:", "- ssid: ", "ssid_hex: ", "key: ", "key_file: ", "key_env: ", "priority: "),
    *("bssid: [", "min_signal: ", "hidden: true", "metered: ", "eap: {", "method: peap"),
    *("identity: ", "relay: {", "radios: [", "keep: session", "deadline: ", "login: {"),
    *("router: ", "<<: *a", "&a ", "*a", "!!int ", "!!str ", "!!set ", "!!omap ", "!!binary "),
    *("? ", "- ", ": ", "| ", ">-\n", "\r\n", "# ", "'", '"', "\\x41", "{", "}", "[", "]", ", "),
    *("...\n", "---\n", "%YAML 1.1\n", "0x1f", "1:30:00", ".nan", "2024-01-01", "null", "~"),
)
