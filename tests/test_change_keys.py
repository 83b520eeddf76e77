# SPDX-License-Identifier: GPL-2.0-or-later
"""A key on its way to the service: never an argument, one line, and taken once or not at all."""

import pytest

from tests.changing import LOST, Scripted, failed, raised
from wifirelay.change.keys import put_key, take_key
from wifirelay.errors import LinkLost, RouterAnswer, UsageError
from wifirelay.transport.base import Completed
from wifirelay.values import Secret

ASKED = "0123456789abcdef"
PUT, TAKE = f"key_put {ASKED} 1060", f"key_take {ASKED}"
DONE = Completed(0)


@pytest.mark.parametrize("key", ["correct horse", "très ~ secret", " blanks ", "x"])
def test_a_key_travels_as_one_line_of_input(key: str) -> None:
    router = Scripted({"key_put": DONE})
    put_key(router, ASKED, 1060, Secret(key))
    assert router.asked == [PUT]
    assert router.commands[0].stdin == key.encode() + b"\n"


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("two\nlines", "line break"),
        ("a\x00b", "control character"),
        ("a\x1f", "control character"),
        ("a\x7f", "control character"),
        ("a\udcff", "no character"),
    ],
)
def test_a_key_that_no_router_can_store_does_not_leave(key: str, why: str) -> None:
    router = Scripted({})
    with raised(UsageError, why) as caught:
        put_key(router, ASKED, 1060, Secret(key))
    assert key not in str(caught[0])
    assert router.asked == []


def test_a_router_without_room_for_it() -> None:
    with raised(RouterAnswer, "could not take the key", hint="/tmp full"):
        put_key(Scripted({"key_put": failed(25)}), ASKED, 1060, Secret("a key"))
    with raised(LinkLost, LOST.message):
        put_key(Scripted({"key_put": LOST}), ASKED, 1060, Secret("a key"))


def test_it_is_taken_as_it_was_put() -> None:
    router = Scripted({"key_take": Completed(0, " très ~ secret ".encode())})
    assert take_key(router, ASKED) == Secret(" très ~ secret ")
    assert router.asked == [TAKE]


@pytest.mark.parametrize("answer", [failed(1), Completed(1, b"a key"), Completed(0, b"\xff\xfe")])
def test_without_one_or_for_what_is_no_text_there_is_none(answer: Completed) -> None:
    assert take_key(Scripted({"key_take": answer}), ASKED) is None
