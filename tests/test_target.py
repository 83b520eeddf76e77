# SPDX-License-Identifier: GPL-2.0-or-later
"""TARGET of the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifirelay.errors import UsageError
from wifirelay.transport.target import Kind, Target, parse_target


@pytest.mark.parametrize(
    ("text", "target", "full"),
    [
        ("local", Target(Kind.LOCAL), "local"),
        ("192.168.1.1", Target(Kind.SSH, host="192.168.1.1"), "ssh://root@192.168.1.1:22"),
        ("router.lan", Target(Kind.SSH, host="router.lan"), "ssh://root@router.lan:22"),
        ("me@r:2222", Target(Kind.SSH, "me", "r", 2222), "ssh://me@r:2222"),
        ("ssh://root@10.0.0.1", Target(Kind.SSH, host="10.0.0.1"), "ssh://root@10.0.0.1:22"),
        ("SSH://r:1/", Target(Kind.SSH, host="r", port=1), "ssh://root@r:1"),
        (
            "[fe80::1%br-lan]",
            Target(Kind.SSH, host="fe80::1%br-lan"),
            "ssh://root@[fe80::1%br-lan]:22",
        ),
        ("a@[::1]:65535", Target(Kind.SSH, "a", "::1", 65535), "ssh://a@[::1]:65535"),
        ("recording:a b.jsonl", Target(Kind.RECORDING, path="a b.jsonl"), "recording:a b.jsonl"),
        ("recording:/x:y", Target(Kind.RECORDING, path="/x:y"), "recording:/x:y"),
        ("sim:harbour", Target(Kind.SIM, world="harbour"), "sim:harbour"),
        ("LOCAL", Target(Kind.SSH, host="LOCAL"), "ssh://root@LOCAL:22"),
    ],
)
def test_each_shape(text: str, target: Target, full: str) -> None:
    assert parse_target(text) == target
    assert str(target) == full
    assert parse_target(full) == target


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not a host"),
        ("recording:", "file of a recording is missing"),
        ("sim:", "simulated world is missing"),
        ("http://router", "http:// is not a way"),
        ("ssh://", "not a host"),
        ("ssh://r/path", "not a host"),
        ("@host", "not a user"),
        ("a b@host", "not a user"),
        ("-oProxyCommand=x@host", "not a user"),
        ("-host", "not a host"),
        ("ho st", "not a host"),
        ("host;id", "not a host"),
        ("hö", "not a host"),
        ("host:", "not a port"),
        ("host:0", "not a port"),
        ("host:65536", "not a port"),
        ("host:２２", "not a port"),
        ("host:22x", "not a port"),
        ("fe80::1", "in brackets"),
        ("[fe80::1", "IPv6 address"),
        ("[host]", "IPv6 address"),
        ("[::1]22", "only :port"),
        ("[::1]:", "not a port"),
    ],
)
def test_nonsense_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        parse_target(text)
    assert caught.value.hint


@pytest.mark.parametrize("scheme", ["", "ssh://", "http://"])
def test_a_password_is_refused_and_not_repeated(scheme: str) -> None:
    with pytest.raises(UsageError, match="password") as caught:
        parse_target(f"{scheme}root:hunter2@router")
    assert "hunter2" not in str(caught.value) + caught.value.hint


@given(st.text())
def test_any_text_is_a_target_or_a_usage_error(text: str) -> None:
    try:
        target = parse_target(text)
    except UsageError as error:
        assert error.message.isprintable()
    else:
        assert parse_target(str(target)) == target
