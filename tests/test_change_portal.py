# SPDX-License-Identifier: GPL-2.0-or-later
"""A login page on a router in words: what is sent for a login and what is told of it, and which
names clients get to know."""

import json
from typing import Any

import pytest

from tests.changing import LOST, Answer, Scripted, check_text, failed, raised
from tests.proving import LAN, WWAN, dump, interface
from wifirelay.change.portal import (
    FORM_LIMIT,
    SCRIPT_LIMIT,
    at_uplink,
    close_for_clients,
    log_in,
    open_for_clients,
)
from wifirelay.change.scripts import Exit
from wifirelay.core.known import PortalLogin
from wifirelay.errors import DeadlineExceeded, LinkLost, RouterAnswer
from wifirelay.router.interfaces import LogicalInterface, parse_interfaces
from wifirelay.transport.base import Completed
from wifirelay.values import Secret, Ssid

HOST = "login.camp.example"
PAGE = f"http://{HOST}/start?x=1"
FORM = PortalLogin(form=Secret("user=anna&password=très secret"))
DONE = Completed(0)
PROGRAM = PortalLogin(script="/etc/portal-login")
SLOW = DeadlineExceeded("no end")

# --- logging in ---


def logged_in(login: PortalLogin, answer: Answer, **more: Answer) -> tuple[str | None, Scripted]:
    router = Scripted({"login_form": answer, "login_script": answer, **more})
    failed = log_in(router, login, PAGE, Ssid(b"Caf\xe9"), "phy0-sta0")
    if failed is not None:
        check_text(failed)
    return failed, router


def test_a_form_is_sent_to_the_page_and_never_an_argument() -> None:
    told, router = logged_in(FORM, DONE)
    assert told is None
    assert router.asked == [f"login_form {PAGE}"]
    (sent,) = router.commands
    assert sent.stdin == "user=anna&password=très secret".encode()
    assert sent.deadline == FORM_LIMIT
    assert not [word for word in sent.argv if "secret" in word]


def test_a_form_is_sent_where_its_owner_says() -> None:
    other = "http://10.10.3.1/elsewhere"
    _, router = logged_in(PortalLogin(url=other, form=Secret("a=b")), DONE)
    assert router.asked == [f"login_form {other}"]


def test_an_address_alone_is_asked_for_with_an_empty_form() -> None:
    told, router = logged_in(PortalLogin(url=PAGE), DONE)
    assert told is None
    assert router.commands[0].stdin == b""


def test_a_form_that_could_not_be_sent() -> None:
    assert logged_in(FORM, failed(4))[0] == "the form could not be sent (exit code 4)"
    told, _ = logged_in(FORM, failed(Exit.FLASH))
    assert told is not None and "RAM has no room" in told


def test_a_program_gets_the_facts_as_input() -> None:
    told, router = logged_in(PROGRAM, DONE)
    assert told is None
    assert router.asked == ["login_script /etc/portal-login"]
    (sent,) = router.commands
    assert sent.deadline == SCRIPT_LIMIT
    assert json.loads(sent.stdin or b"") == {
        "ssid": "Caf\udce9",
        "ssid_hex": "436166e9",
        "portal_url": PAGE,
        "device": "phy0-sta0",
    }


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (failed(3, "the password hunter2 is wrong"), "exit code 3"),
        (failed(126), "exit code 126"),
        (failed(126, "\n it is \x1b no program\n"), r"it is \x1b no program"),
        (failed(126, "x" * 300), "x" * 200),
    ],
)
def test_a_program_that_failed_is_named_and_what_it_printed_is_not(
    answer: Completed, why: str
) -> None:
    assert logged_in(PROGRAM, answer)[0] == f"/etc/portal-login: {why}"


@pytest.mark.parametrize(
    ("login", "why"),
    [(FORM, "it did not end within 30 s"), (PROGRAM, "it did not end within 60 s")],
)
def test_a_login_without_an_end_is_its_own_failure(login: PortalLogin, why: str) -> None:
    told, router = logged_in(login, SLOW, true=DONE)
    assert told == why
    assert router.asked[1:] == ["true"]


def test_unless_the_link_itself_is_what_stalls() -> None:
    with raised(LinkLost, LOST.message):
        logged_in(FORM, SLOW, true=LOST)
    with raised(LinkLost, LOST.message):
        logged_in(FORM, LOST)


# --- for clients ---


def answers(*addresses: str, rc: int = 0) -> Completed:
    """`nslookup`, by busybox."""
    lines = [f"Name:\t{HOST}\nAddress: {each}" for each in addresses]
    head = "Server:\t\t10.10.1.1\nAddress:\t10.10.1.1:53\n\n"
    return Completed(rc, (head + "\n".join(lines) + "\n").encode())


def found(*rows: dict[str, Any]) -> dict[str, LogicalInterface]:
    return parse_interfaces({"interface": list(rows)})


def opened(
    lookup: Answer, page: str = PAGE, wwan: dict[str, Any] = WWAN, taken: Answer = DONE
) -> tuple[str | None, Scripted]:
    router = Scripted({"nslookup": lookup, "portal open": taken})
    all_found = found(LAN, wwan)
    host = open_for_clients(router, page, all_found["wwan"], all_found.values())
    return host, router


def test_a_page_s_name_gets_the_address_that_the_upstream_s_server_gives() -> None:
    servers = {**WWAN, "dns-server": ["10.10.1.1", "10.10.1.2"]}
    host, router = opened(answers("10.10.1.1"), wwan=servers)
    assert host == HOST
    assert router.asked == [f"nslookup {HOST} 10.10.1.1", f"portal open {HOST} 10.10.1.1"]
    assert router.commands[1].deadline == 40.0


def test_of_several_addresses_the_first_that_is_hidden_counts() -> None:
    _, router = opened(answers("fd00::1", "198.51.100.7", "192.168.1.9", "10.10.1.3", "10.10.1.4"))
    assert router.asked[1:] == [f"portal open {HOST} 10.10.1.3"]


@pytest.mark.parametrize(
    "address",
    [
        "198.51.100.7",  # public: any server tells it
        "fd00::1",
        "127.0.0.1",
        "0.0.0.0",
        "169.254.1.1",
        "192.168.1.1",  # of our own clients
    ],
)
def test_an_address_that_need_not_or_must_not_be_told_is_not(address: str) -> None:
    host, router = opened(answers(address))
    assert host is None
    assert router.asked == [f"nslookup {HOST} 10.10.1.1"]


IPV6: dict[str, Any] = {"ipv6-address": [{"address": "fd00::1", "mask": 64}]}


def test_the_uplink_s_own_subnet_is_no_obstacle() -> None:
    """Its page often is the gateway."""
    assert opened(answers("10.10.1.1"))[0] == HOST
    guest = interface("guest", "br-guest", "10.10.1.1/24", **IPV6)
    rows = found(LAN, WWAN, guest)
    router = Scripted({"nslookup": answers("10.10.1.1")})
    assert open_for_clients(router, PAGE, rows["wwan"], rows.values()) is None


@pytest.mark.parametrize("page", ["http://10.10.1.1/", "http://login/", "http://a.lan/", "none"])
def test_a_page_without_a_name_of_the_world_is_not_looked_up(page: str) -> None:
    host, router = opened(answers("10.10.1.1"), page)
    assert host is None
    assert router.asked == []


def test_nor_is_any_where_the_network_has_no_name_server() -> None:
    host, router = opened(answers("10.10.1.1"), wwan={**WWAN, "dns-server": []})
    assert host is None
    assert router.asked == []


def test_a_name_server_that_does_not_take_it() -> None:
    with raised(RouterAnswer, "DNS did not take", "exit code 25", hint="by its address"):
        opened(answers("10.10.1.1"), taken=failed(25))
    with raised(RouterAnswer, "DNS did not take", "exit code 1", hint="by its address"):
        close_for_clients(Scripted({"portal close": failed(1)}))


# --- of the uplink of now ---


def at(page: str, *rows: dict[str, Any], lookup: Completed | None = None) -> tuple[Any, list[str]]:
    router = Scripted(
        {
            "network.interface dump": dump(*rows),
            "nslookup": lookup or answers("10.10.1.1"),
            "portal": DONE,
        }
    )
    host = at_uplink(router, "wwan", page)
    assert all(each.deadline == 40.0 for each in router.of("portal"))
    return host, [each.removeprefix("network.interface ") for each in router.asked]


def test_a_page_behind_the_uplink_is_opened_and_nothing_closed() -> None:
    host, asked = at(PAGE, LAN, WWAN)
    assert host == HOST
    assert asked == ["dump", f"nslookup {HOST} 10.10.1.1", f"portal open {HOST} 10.10.1.1"]


def test_one_before_is_closed_where_this_one_needs_nothing() -> None:
    assert at("") == (None, ["portal close"])
    assert at(PAGE, LAN) == (None, ["dump", "portal close"])
    assert at(PAGE, {**WWAN, "up": False}) == (None, ["dump", "portal close"])
    host, asked = at(PAGE, WWAN, lookup=answers("198.51.100.7"))
    assert host is None
    assert asked[-1] == "portal close"
