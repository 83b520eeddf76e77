# SPDX-License-Identifier: GPL-2.0-or-later
"""The UCI configuration: packages from rpcd's JSON, what is wrong with them, edits and quoting."""

import json
from collections.abc import Iterator, Sequence

from tests.fuzzing.feeding import Parser, feed, harmless, text_of
from wifirelay.config.secrets import unread
from wifirelay.config.uci_file import read_package, settings_from
from wifirelay.config.uci_text import as_options, uci_edits, with_network, without_network
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import ConfigError, RouterAnswer
from wifirelay.router.config import package
from wifirelay.sim.uci_words import Reader, Stream, UciError
from wifirelay.transport.base import AllThere, Command, Completed, Following
from wifirelay.uci.edits import Edit, Verb, batch
from wifirelay.uci.model import Package, Section
from wifirelay.uci.quote import Unquotable, check_name, quote
from wifirelay.values import Secret, Ssid, printable
from wifirelay.view.networks import networks_object

KEY = "the key of a new network"
NEW = KnownNetwork(Ssid(b"A new network"), Secret(KEY), priority=3)


def _package(data: bytes) -> Package:
    return package("wifirelay").parse(Completed(0, data))


def _settings(data: bytes) -> None:
    settings = settings_from(_package(data), unread)
    json.loads(json.dumps(networks_object("list", settings.source, settings.networks)))
    harmless(printable(warning) for warning in settings.warnings)


def _edited(data: bytes) -> None:
    """One network more, and one less: all the rest is as it was."""
    there = _package(data)
    before = settings_from(there, unread).networks
    after, edits = with_network(there, as_options({"ssid": "A new network", "key": KEY}))
    known = settings_from(after, unread).networks
    assert [each for each in known if each.ssid != NEW.ssid] == list(before)
    assert all(KEY not in edit.shown() for edit in edits)
    if sendable(edits):
        again, _ = without_network(after, NEW.ssid)
        assert settings_from(again, unread).networks == before


def _pushed(data: bytes) -> None:
    """Networks of a laptop go to a router, whatever is there."""
    there = _package(data)
    edits = uci_edits([NEW], there)
    assert edits
    assert all(KEY not in edit.shown() for edit in edits)
    sendable(edits)


def sendable(edits: Sequence[Edit]) -> bool:
    """Whether `uci batch` can be told these edits: one line each, and nothing but them."""
    try:
        lines = batch(edits)
    except Unquotable:
        return False
    assert lines.count(b"\n") == len(edits)
    return True


class _Failing:
    """A router whose rpcd fails, and whose `uci` says why."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def run(self, command: Command) -> Completed:
        return Completed(4) if command.argv[0] == "ubus" else Completed(1, b"", self._said)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple(map(self.run, commands))

    def follow(self, command: Command) -> Following:
        return AllThere(self.run(command).out.split(b"\n"))

    def close(self) -> None:
        """Nothing is held."""


def _broken(data: bytes) -> None:
    assert read_package(_Failing(data)) is None


def _quoted(data: bytes) -> None:
    """What is quoted is one word of `uci batch`, and this very value."""
    text = text_of(data)
    word = quote(text)
    edit = Edit(Verb.SET, "wireless", "wifirelay", "ssid", text)
    assert "\n" not in edit.line()
    reader = Reader(Stream(word.encode("utf-8", "surrogateescape") + b"\n"))
    try:
        assert reader.next_line()
        assert reader.argument() == text
    except UciError as error:
        raise AssertionError(f"uci cannot read {word!a}") from error


def _named(data: bytes) -> None:
    text = text_of(data)
    name = check_name(text)
    assert name == text and name.isascii() and "\n" not in name


def _one_section(data: bytes) -> None:
    """A network's options out of a text: `name=value` lines."""
    options: dict[str, str | tuple[str, ...]] = {}
    for line in text_of(data).split("\n"):
        name, found, value = line.partition("=")
        if found:
            options[name] = tuple(value.split("\x1f")) if "\x1f" in value else value
    settings_from(Package("wifirelay", (Section("net", "network", options),)), unread)


PARSERS = (
    Parser("configuration", _settings, (RouterAnswer, ConfigError)),
    Parser("networks add, remove", _edited, (RouterAnswer, ConfigError)),
    Parser("networks pushed", _pushed, (RouterAnswer, ConfigError)),
    Parser("what uci says", _broken, (RouterAnswer, ConfigError)),
    Parser("quoting", _quoted, (Unquotable,)),
    Parser("names", _named, (Unquotable,)),
    Parser("one section", _one_section, (ConfigError,)),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


_MAIN = {".type": "wifirelay", ".name": "main", ".index": 0, "enabled": "1", "keep": "session"}
_HOME = {".type": "network", ".name": "home", ".index": 1, "ssid": "HomeNet", "key": "12345678"}
_UNI = {
    ".type": "network",
    ".name": "uni",
    ".index": 2,
    "ssid_hex": "656475",
    "metered": "1",
    "security": "wpa2-eap",
    "eap_method": "ttls",
    "eap_identity": "me",
    "eap_phase2": "PAP",
    "eap_password_file": "/etc/uni",
    "eap_ca_cert": "/etc/ca.pem",
    "priority": "-5",
    "bssid": ["02:00:00:00:06:00", "02:00:00:00:06:01"],
    "min_signal": "-70",
    "hidden": "0",
}


def seeds() -> Iterator[bytes]:
    for sections in (
        [],
        [_MAIN],
        [_MAIN, _HOME],
        [_MAIN, _HOME, _UNI],
        [{**_HOME, "enabled": "0"}],
    ):
        values = {section[".name"]: section for section in sections}
        yield json.dumps({"values": values}).encode()
    anonymous = {**_HOME, ".anonymous": True, ".name": "cfg0192bd"}
    yield json.dumps({"values": {"cfg0192bd": anonymous}}).encode()
    yield b"uci: Parse error (invalid command) at line 3, byte 7"
    yield b"uci: Entry not found"
    yield b"wifirelay_radio0"
    yield b"ssid=HomeNet\nkey=12345678\npriority=3"
    yield 'it\'s a "name" $(x) ; # café'.encode()


WORDS = (
    *("values", ".type", ".name", ".index", ".anonymous", "network", "wifirelay", "main"),
    *("ssid", "ssid_hex", "key", "key_file", "security", "priority", "bssid", "min_signal"),
    *("hidden", "metered", "enabled", "eap_method", "eap_identity", "eap_password", "eap_phase2"),
    *("eap_ca_cert", "eap_client_cert", "eap_priv_key", "peap", "ttls", "tls", "psk2", "sae"),
    *("wpa2-eap", "open", "interface", "radios", "keep", "deadline", "beside_wired", "led"),
    *("flash", "session", "12345678", "02:00:00:00:06:00", "-75", "'\\''", "Parse error ("),
    *(") at line ", ", byte ", "Entry not found", "1", "0", "on", "=", "\x1f"),
)
