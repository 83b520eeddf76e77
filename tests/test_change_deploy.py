# SPDX-License-Identifier: GPL-2.0-or-later
"""Installing: what a router needs, what is sent, and what every end of it tells its owner."""

import gzip
import io
import tarfile
from dataclasses import replace

import pytest

from tests.changing import Scripted, info, raised
from wifirelay.change.deploy import (
    FLASH,
    MEMORY,
    OLDEST,
    Bundle,
    Survey,
    check_room,
    survey,
)
from wifirelay.change.files import TREE, RouterFile
from wifirelay.errors import (
    Refused,
)
from wifirelay.transport.base import Completed
from wifirelay.uci.edits import Edit, Verb

ME = "me pid 7"
FITS = Survey((3, 11), False, "opkg", False, False, None, FLASH, MEMORY)

# --- what a router has ---


def surveyed(*lines: str) -> Survey:
    text = "".join(f"{line}\n" for line in lines)
    system = info(2048 * 1024, 5000)
    return survey(Scripted({"survey": Completed(0, text.encode()), "system info": system}))


def test_a_router_tells_what_it_has() -> None:
    assert surveyed("python 3.11", "packages opkg", "packaged", "installed", "Size 10") == Survey(
        (3, 11), False, "opkg", True, True, None, 2048 * 1024, 5000
    )
    assert surveyed("base", "packages apk", "packages opkg", "Installed-Size 1234") == Survey(
        None, True, "apk", False, False, 1234, 2048 * 1024, 5000
    )
    assert surveyed() == Survey(None, False, "", False, False, None, 2048 * 1024, 5000)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("3.13", (3, 13)),
        ("3", None),
        ("3.", None),
        (".11", None),
        ("3.11.2", None),
        ("3.²", None),
        (f"3.{'1' * 15}", (3, int("1" * 15))),
        (f"3.{'1' * 16}", None),
    ],
)
def test_a_version_is_two_numbers(text: str, version: tuple[int, int] | None) -> None:
    assert surveyed(f"python {text}").python == version


def test_a_size_that_is_no_number_is_none() -> None:
    assert surveyed("Installed-Size many").light_size is None
    assert surveyed("Installed-Size many", "Installed-Size  7 ").light_size == 7


# --- room for it ---


def refused(found: Survey, *words: str, hint: str | tuple[str, ...]) -> str:
    hints = (hint,) if isinstance(hint, str) else hint
    with raised(Refused, *words, hint=hints) as caught:
        check_room(found, "root@10.0.0.1")
    return f"{caught[0].message} {caught[0].hint}"


LAPTOP = "`wifirelay --router root@10.0.0.1 run`"


def test_a_router_that_it_fits_on() -> None:
    check_room(FITS, "x")
    check_room(replace(FITS, flash_free=None, memory_free=None, python=(3, 13)), "x")


@pytest.mark.parametrize(
    ("manager", "upgrade", "removal"),
    [
        ("opkg", "with opkg", "`opkg remove wifirelay`"),
        ("apk", "with apk", "`apk del wifirelay`"),
        ("", "with its package manager", "`opkg remove wifirelay`"),
    ],
)
def test_beside_a_package_it_is_not_installed(manager: str, upgrade: str, removal: str) -> None:
    found = replace(FITS, packaged=True, manager=manager, python=None)
    assert found.removal in removal
    refused(found, "as a package", hint=(f"upgrade that one {upgrade}", removal))


@pytest.mark.parametrize(
    ("manager", "add"),
    [
        ("opkg", "`opkg update && opkg install python3-light`"),
        ("apk", "`apk update && apk add python3-light`"),
        ("", "`install python3-light`"),
    ],
)
def test_without_python_it_says_how_to_get_one(manager: str, add: str) -> None:
    found = replace(FITS, python=None, manager=manager)
    refused(found, "no Python", "python3-light is missing", "10 MiB", hint=(add, LAPTOP))


def test_without_python_it_says_how_much_that_takes() -> None:
    found = replace(FITS, python=None, base_only=True, light_size=3 * 2**19, flash_free=7 * 2**19)
    words = (
        "python3-base, but not python3-light",
        "1.5 MiB, and about as much",
        "3.5 MiB are free",
    )
    refused(found, *words, hint=LAPTOP)
    text = refused(replace(found, flash_free=None, light_size=None), "about 10 MiB", hint=LAPTOP)
    assert "free" not in text


def test_an_old_python() -> None:
    old = replace(FITS, python=(OLDEST[0], OLDEST[1] - 1))
    refused(old, "Python 3.10 is too old", "3.11", "23.05", hint=("upgrade the router", LAPTOP))
    refused(replace(FITS, python=(2, 99)), "2.99", hint=LAPTOP)


def test_too_little_room() -> None:
    less = replace(FITS, flash_free=FLASH - 1)
    refused(less, "1.0 MiB of flash free", "1 MiB are needed", hint=("make room", LAPTOP))
    refused(replace(FITS, flash_free=0), "0.0 MiB of flash", hint=LAPTOP)
    less = replace(FITS, memory_free=MEMORY - 2**20)
    refused(less, "23.0 MiB of memory free", "24 MiB are needed", hint=("make room", LAPTOP))
    refused(replace(FITS, memory_free=0), "0.0 MiB of memory", hint=LAPTOP)


# --- what is sent ---

EDITS = (Edit(Verb.SET, "wifirelay", "home", "key", "it's mine"),)
BUNDLE = Bundle(
    (RouterFile("/etc/init.d/wifirelay", "755", b"init"), RouterFile("/etc/x", "644", b"")),
    (RouterFile(f"{TREE}/wifirelay/a.py", "644", b"code"),),
    b"compile",
    b"default",
    EDITS,
    "5eed  -",
    b"digest\n",
)


def test_everything_goes_in_one_archive() -> None:
    content = BUNDLE.tar()
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        parts = {each.name: each for each in tar}
        texts = {name: file.read() for name in parts if (file := tar.extractfile(name))}
    assert texts == {
        "compile.py": b"compile",
        "default": b"default",
        "batch": b"set wifirelay.home.key='it'\\''s mine'\n",
        "seen": b"5eed  -\n",
        "tree/source": b"digest\n",
        "tree/manifest": b"755 /etc/init.d/wifirelay\n644 /etc/x\n",
        "tree/files/etc/init.d/wifirelay": b"init",
        "tree/files/etc/x": b"",
        "tree/wifirelay/a.py": b"code",
    }
    assert {each.mode for each in parts.values()} == {0o600}
    assert content[4:8] == bytes(4)  # no time of day: its digest is the same whenever it is made


def test_long_names_are_written_as_busybox_reads_them() -> None:
    long = RouterFile(f"{TREE}/{'x' * 120}.py", "644", b"code")
    content = gzip.decompress(replace(BUNDLE, tree=(long,)).tar())
    assert b"././@LongLink" in content
    assert b"PaxHeader" not in content
