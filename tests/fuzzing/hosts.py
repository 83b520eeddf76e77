# SPDX-License-Identifier: GPL-2.0-or-later
"""What names a router, and what names a network: host keys, targets, SSIDs, BSSIDs, tables."""

import base64
import os
from collections.abc import Iterator

from tests.fuzzing.feeding import Parser, feed, harmless, tells_apart, text_of, width
from tests.fuzzing.yaml_config import FOLDER
from wifirelay.errors import HostKeyRefused, UsageError
from wifirelay.router.log import supplicant_text
from wifirelay.transport.hostkeys import HostKey, check, name_of, store, stored, trust_command
from wifirelay.transport.target import Kind, parse_target
from wifirelay.values import Band, Ssid, parse_bssid, printable, shown, span
from wifirelay.view.table import table

PATH = os.path.join(FOLDER, "known_hosts")
HOST = "192.168.1.1"
KEY = HostKey("ssh-ed25519", b"\0\0\0\x0bssh-ed25519\0\0\0 " + b"k" * 32)


def _key(data: bytes) -> None:
    """A public key is the same again after it was written."""
    key = HostKey.of_line(text_of(data))
    assert key.fingerprint.startswith("SHA256:")
    again = HostKey.of_line(key.line(HOST, 22).partition(" ")[2])
    assert again == key


def _known(data: bytes) -> None:
    """Somebody else's lines never make an unknown key a known one."""
    with open(PATH, "wb") as file:
        file.write(data)
    for host, port in ((HOST, 22), (HOST, 2222), ("fe80::1", 22)):
        found = stored(host, port, [PATH])
        for key in (*found.keys, *found.revoked):
            harmless([printable(key.fingerprint)])
        if base64.b64encode(KEY.blob) not in data:
            assert KEY not in found.keys


def _stored(data: bytes) -> None:
    """A key that is stored is found; lines of other hosts stay."""
    with open(PATH, "wb") as file:
        file.write(data)
    before = stored("other.example", 22, [PATH])
    store(HOST, 22, KEY, PATH, replace=True)
    found = stored(HOST, 22, [PATH])
    assert KEY in found.keys
    assert stored("other.example", 22, [PATH]) == before
    check(KEY, found, HOST, 22)


def _target(data: bytes) -> None:
    """A target, written out in full, is the same target."""
    target = parse_target(text_of(data))
    assert parse_target(str(target)) == target
    if target.kind is Kind.SSH:
        harmless([name_of(target.host, target.port), trust_command(target.host, target.port)])
        assert not target.user.startswith("-") and not target.host.startswith("-")


def _bssid(data: bytes) -> None:
    found = parse_bssid(text_of(data))
    assert parse_bssid(found) == found
    assert len(found) == 17 and found.isascii()


def _names(data: bytes) -> None:
    """Any bytes as a name, in each of its forms."""
    ssid = Ssid(data)
    assert Ssid.of(ssid.text) == ssid
    assert bytes.fromhex(ssid.hex) == data
    tells_apart(ssid.text)
    harmless([str(ssid), supplicant_text(ssid)])
    if ssid.unjoinable() is None:
        assert 0 < len(data) <= 32 and "\n" not in ssid.text


def _any_text(data: bytes) -> None:
    """Also half characters, which JSON and UTF-16 can hold."""
    text = data.decode("utf-16-le", "surrogatepass" if len(data) % 2 == 0 else "replace")
    tells_apart(text)
    harmless([printable(text), printable(shown(text))])


def _table(data: bytes) -> None:
    """A cell forges no line, and the columns stand where they stand."""
    cells = [shown(piece) for piece in text_of(data).split("\x1f")[:6]]
    rows = [(cell, "end") for cell in cells]
    lines = table(("NAME", "LAST"), rows)
    harmless(lines)
    assert len(lines) == len(rows) + 1
    where = {width(line) - len(line.rpartition("  ")[2]) for line in lines}
    assert len(where) == 1


def _numbers(data: bytes) -> None:
    number = int.from_bytes(data[:4], "little", signed=True)
    Band.of_mhz(number)
    assert span(abs(number))


PARSERS = (
    Parser("public key", _key, (ValueError,)),
    Parser("known hosts", _known),
    Parser("storing a key", _stored, (HostKeyRefused,)),
    Parser("target", _target, (UsageError,)),
    Parser("BSSID", _bssid, (ValueError,)),
    Parser("names", _names),
    Parser("text", _any_text, (UnicodeDecodeError,)),
    Parser("table", _table),
    Parser("numbers", _numbers),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


def seeds() -> Iterator[bytes]:
    line = KEY.line(HOST, 22)
    yield line.encode()
    key = line.partition(" ")[2]
    yield f"# mine\n{line}\nother.example {key} a comment\n".encode()
    yield f"@revoked {line}\n*.example,!bad.example,[{HOST}]:2222 {key}\n".encode()
    yield b"|1|c2FsdHNhbHRzYWx0c2FsdHM=|aGFzaGhhc2hoYXNoaGFzaGg= ssh-ed25519 AAAA\n"
    yield key.encode()
    for text in ("local", "ssh://root@[fe80::1%eth0]:22", "recording:x", "sim:home", "a.b:22"):
        yield text.encode()
    yield b"02-00-00-00-06-0a"
    yield "\x1b[31m\x1f\u202eabc\x1f\u0301x\x1fcaf\u00e9\x1f\U0001f4a9\x1f\ufe0f\u3164".encode()
    yield b"caf\xe9\x1f\\x1b\x1f\x00"


WORDS = (
    *("ssh-ed25519 ", "ssh-rsa ", "AAAA", "==", "@revoked ", "@cert-authority ", "|1|", "*", "!"),
    *("?", ",", "[192.168.1.1]:2222", "192.168.1.1", "# ", "ssh://", "root@", ":22", "local"),
    *("recording:", "sim:", "[fe80::1%eth0]", "\u202e", "\u200b", "\u2028", "\x1b[2J", "\x9b"),
    *("\ufe0f", "\u034f", "\u0301", "\u3164", "\u00ad", "\U000e0041", "\\x1b", "\\u202e", "\x1f"),
)
