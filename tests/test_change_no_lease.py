# SPDX-License-Identifier: GPL-2.0-or-later
"""Asking a network that gave no address whether it has IPv6: by commands that end by themselves."""

import pytest

from tests.changing import LOST, Answer, Scripted, check_text
from wifirelay.change.sixonly import no_lease
from wifirelay.core.causes import Cause
from wifirelay.transport.base import Completed
from wifirelay.values import Ssid

OWN = Completed(0, b"    inet6 fe80::5/64 scope link\n")
ROUTER = Completed(0, b"64 bytes from fe80::1%phy0-sta0: seq=0 ttl=64 time=0.1 ms\n")


def asked(own: Answer = OWN, answers: Answer = ROUTER) -> tuple[Scripted, Cause, str]:
    router = Scripted({"ip -6": own, "ping -6": answers})
    failure = no_lease(router, "phy0-sta0", Ssid.of("Home"), 30.0)
    for text in (failure.why, failure.hint):
        check_text(text)
    assert failure.why.startswith("Home ")
    return router, failure.cause, failure.why


def test_a_stranger_s_answer_has_an_end_in_time_and_in_length() -> None:
    router, cause, why = asked()
    assert cause is Cause.IPV6_ONLY
    assert "IPv6" in why
    assert "DHCP" in why
    assert router.commands
    for command in router.commands:
        assert command.deadline <= 5.0
        assert command.most is not None
        assert command.most <= 1 << 16


@pytest.mark.parametrize(
    ("own", "answers"), [(LOST, ROUTER), (OWN, LOST), (OWN, Completed(1)), (Completed(1), ROUTER)]
)
def test_without_a_router_that_is_known_to_be_another_it_is_no_such_network(
    own: Answer, answers: Answer
) -> None:
    _, cause, why = asked(own, answers)
    assert cause is Cause.DEAD_DHCP
    assert "within 30 s" in why
