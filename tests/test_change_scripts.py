# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts as commands: their texts, their words, their limits; asked until an answer is here."""

from pathlib import Path

import pytest

import wifirelay.change
from tests.changing import LOST, TEXTS, Scripted, Ticks, failed, name_of, raised
from wifirelay.change.insist import RETRY, insist
from wifirelay.change.scripts import (
    SHARED,
    Exit,
    read_script,
    read_state_script,
    script,
    text,
)
from wifirelay.errors import DeadlineExceeded, HostKeyRefused, LinkLost, LoginRefused
from wifirelay.transport.base import Command, Completed
from wifirelay.transport.shell import LINE_LIMIT, quote

DONE = Completed(0, b"done")
NAMES = [path.stem for path in (Path(wifirelay.change.__file__).parent / "scripts").glob("*.sh")]


def test_a_script_comes_behind_its_prelude_with_its_words_and_its_input() -> None:
    command = script("arm", "0123", "60", stdin=b"edits")
    whole = text("prelude") + text("trials") + text("arm")
    assert command.argv == ("sh", "-c", whole, "wifirelay", "0123", "60")
    assert (command.stdin, command.deadline) == (b"edits", 20.0)
    assert script("arm").stdin == b""
    assert script("confirm", limit=40.0).deadline == 40.0


@pytest.mark.parametrize("name", sorted({*NAMES} - {"prelude", *SHARED.values()}))
def test_dropbear_takes_it(name: str) -> None:
    """A script with an input cannot go on standard input itself; its words come on top."""
    words = ("0" * 16, "0" * 64, "20", "a controller's name (boot 01234567) pid 4194304")
    assert len(quote(script(name, *words).argv)) <= LINE_LIMIT


@pytest.mark.parametrize("name", ["deploy", "undeploy"])
def test_what_two_scripts_share_stands_between(name: str) -> None:
    whole = text("prelude") + text("deploying") + text(name)
    assert script(name).argv == ("sh", "-c", whole, "wifirelay")


def test_what_only_looks_goes_without_a_prelude_and_without_input() -> None:
    for command, name in (
        (read_script("survey"), "survey"),
        (read_script("fingerprint"), "fingerprint"),
        (read_state_script(), "state"),
    ):
        assert command == Command(("sh", "-c", text(name), "wifirelay"))


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_comments_stay_at_home(name: str) -> None:
    assert text(name) == TEXTS[name]
    assert not [line for line in text(name).splitlines() if line.lstrip().startswith("#")]
    assert name_of(script(name)) == name


def test_exit_codes_are_those_of_the_scripts() -> None:
    whole = "".join(TEXTS.values())
    for code in set(Exit) - {Exit.DONE}:
        assert any(f"{word} {code}" in whole for word in ("exit", "end", "give_up")), code


# --- insist ---


def test_an_answer_is_an_answer_even_a_bad_one() -> None:
    transport = Scripted({"arm": failed(25)})
    assert insist(transport, Ticks(), script("arm"), 30.0) == failed(25)
    assert transport.asked == ["arm"]


def test_after_a_lost_link_the_same_is_asked_again() -> None:
    transport, clock = Scripted({"arm": [LOST, DeadlineExceeded("late"), DONE]}), Ticks()
    assert insist(transport, clock, script("arm", "0123"), 30.0) is DONE
    assert transport.asked == ["arm 0123"] * 3
    assert clock.naps == [RETRY] * 2


def test_it_is_asked_to_the_very_end_and_not_beyond() -> None:
    transport, clock = Scripted({"arm": LOST}), Ticks(100.0)
    with raised(LinkLost, "the link died"):
        insist(transport, clock, script("arm"), 103.0)
    assert clock.now == 103.0
    assert len(transport.asked) == 4


@pytest.mark.parametrize("error", [HostKeyRefused("changed"), LoginRefused("wrong password")])
def test_a_refused_login_is_not_tried_again(error: LinkLost) -> None:
    transport = Scripted({"arm": [error, DONE]})
    with raised(type(error), error.message):
        insist(transport, Ticks(), script("arm"), 30.0)
    assert transport.asked == ["arm"]
