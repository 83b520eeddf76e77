# SPDX-License-Identifier: GPL-2.0-or-later
"""Login pages: told once with their address, reachable for clients, logged in to as configured."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.lab import swap
from tests.unattended import Mast, asked, mast
from wifirelay.change import portal
from wifirelay.change.leave import leave
from wifirelay.change.onrouter import on_router
from wifirelay.change.portal import at_uplink, close_for_clients, log_in, open_for_clients
from wifirelay.cli.main import main
from wifirelay.core.known import PortalLogin
from wifirelay.errors import DeadlineExceeded, LinkLost, RouterAnswer
from wifirelay.router.interfaces import interfaces
from wifirelay.service.events import Kind
from wifirelay.service.portals import PAUSES
from wifirelay.sim.air import Internet
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.base import Command, Completed
from wifirelay.values import Secret, Ssid

HOST = "login.camp.example"
FORM = "user=anna&password=hunter2hunter2"
PHONE = Ssid.of("Phone")
PAGE = f"http://{HOST}/login"


def behind_phone(bench: Mast, internet: Internet = Internet.PORTAL) -> None:
    points = [each for each in bench.world.air.points if each.ssid == b"Phone"]
    changed = [replace(each, internet=internet, portal=HOST, login=FORM) for each in points]
    swap(bench.world, changed)


@contextmanager
def camp(login: PortalLogin | None = None) -> Iterator[Mast]:
    """Phone is all there is now, and has a login page."""
    with mast() as bench:
        bench.world.air.switch_off("HomeNet")
        behind_phone(bench)
        bench.know(portal_login=login)
        bench.service = bench.new_service()
        yield bench


def for_clients(world: World, host: str = HOST) -> str | None:
    router = world.router
    return router.names.for_clients(host, router.interfaces.behind())


def told(bench: Mast, kind: Kind) -> list[str]:
    return [event.text for event in bench.told.events if event.kind is kind]


# --- nobody knows how to log in ---


def test_its_owner_is_told_once_and_clients_can_reach_it() -> None:
    with camp() as bench:
        event = bench.until(Kind.PORTAL, 900)
        assert event.text == f"Phone needs a login: {PAGE}"
        assert event.cause == "portal"
        bench.run(600)
        assert len(told(bench, Kind.PORTAL)) == 1
        assert bench.uplink == "Phone"
        assert for_clients(bench.world) == "10.10.3.1"
        assert bench.world.router.names.starts == 2
        internet = bench.service._teller.standing.internet
        assert internet is not None and internet.portal == PAGE


def test_what_let_clients_in_is_taken_back_after_the_login() -> None:
    with camp() as bench:
        bench.until(Kind.PORTAL, 900)
        behind_phone(bench, Internet.OK)
        bench.until(Kind.ONLINE, 120)
        bench.run(1)
        assert for_clients(bench.world) is None
        assert not on_router().read(bench.transport).portal


def test_what_let_clients_in_is_taken_back_with_the_uplink() -> None:
    with camp() as bench:
        bench.until(Kind.PORTAL, 900)
        assert for_clients(bench.world) is not None
        bench.world.air.switch_on("HomeNet")
        bench.world.air.switch_off("Phone")
        bench.until(Kind.JOINED, 300)
        bench.run(60)
        assert bench.uplink == "HomeNet"
        assert not on_router().read(bench.transport).portal


def test_a_service_that_starts_later_takes_it_back_too() -> None:
    with camp() as bench:
        bench.until(Kind.PORTAL, 900)
        behind_phone(bench, Internet.OK)
        bench.service = bench.new_service()
        bench.run(120)
        assert not on_router().read(bench.transport).portal


def test_flash_is_not_touched_by_any_of_it() -> None:
    with camp(PortalLogin(form=Secret("wrong=1"))) as bench:
        bench.run(1200)
        assert told(bench, Kind.PORTAL)
        assert not [path for _, path in bench.world.router.flash_writes if "dhcp" in path]
        behind_phone(bench, Internet.OK)
        writes = len(bench.world.router.flash_writes)
        bench.run(300)
        assert len(bench.world.router.flash_writes) == writes


# --- a form ---


def test_a_form_logs_in_within_the_trial() -> None:
    with camp(PortalLogin(form=Secret(FORM))) as bench:
        joined = bench.until(Kind.JOINED, 120)
        assert joined.text.startswith("online through Phone")
        assert not told(bench, Kind.PORTAL)
        lines = [" ".join(argv) for argv in bench.world.router.argvs]
        assert not [line for line in lines if "hunter2" in line]
        assert not list(Path(bench.world.router.root.here("/var/run/wifirelay")).glob("form.*"))


def test_a_login_that_expires_is_done_again() -> None:
    with camp(PortalLogin(form=Secret(FORM))) as bench:
        bench.until(Kind.JOINED, 120)
        bench.run(200)
        bench.world.air.passed.clear()
        event = bench.until(Kind.ASKED, 90)
        assert "logged in at Phone" in event.text
        assert not told(bench, Kind.OFFLINE)
        assert bench.uplink == "Phone"


def test_a_wrong_form_is_not_sent_again_and_again() -> None:
    with camp(PortalLogin(form=Secret("user=anna&password=wrong"))) as bench:
        bench.until(Kind.PORTAL, 1200)
        sent = len(forms(bench))
        begun = bench.now
        bench.run(3600)
        more = len(forms(bench)) - sent
        fewest = sum(1 for at in accumulated(3600) if at < bench.now - begun)
        assert 2 <= more <= fewest + 2
        assert told(bench, Kind.TROUBLE)[0].startswith("the login at Phone was in vain")
        assert "wrong" not in " ".join(event.text for event in bench.told.events)


def test_a_login_without_an_end_is_a_failure_of_the_login_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page may trickle. It was sent, so it is not sent again before its time."""
    with camp(PortalLogin(form=Secret(FORM))) as bench:
        run, sent = bench.transport.run, 0

        def slow(command: Command) -> Completed:
            nonlocal sent
            if any("--post-file" in word for word in command.argv):
                sent += 1
                bench.world.clock.sleep(command.deadline)
                raise DeadlineExceeded("no end")
            return run(command)

        monkeypatch.setattr(bench.transport, "run", slow)
        joined = bench.until(Kind.JOINED, 200)
        assert joined.cause == "portal"
        assert sent == 1
        steps = " ".join(each.text for each in bench.told.steps)
        assert "it did not end within 30 s" in steps
        bench.run(900)
        assert sent <= 1 + len(accumulated(900))
        assert not {Kind.UNREACHABLE, Kind.FAILED} & set(bench.kinds())


def test_a_link_that_dies_at_the_login_is_no_reason_to_send_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with camp(PortalLogin(form=Secret(FORM))) as bench:
        run, sent = bench.transport.run, 0

        def cut(command: Command) -> Completed:
            nonlocal sent
            answer = run(command)
            if any("--post-file" in word for word in command.argv):
                sent += 1
                raise LinkLost("cut")
            return answer

        monkeypatch.setattr(bench.transport, "run", cut)
        assert bench.until(Kind.JOINED, 200).text.startswith("online through Phone")
        assert sent == 1


def accumulated(limit: float) -> list[float]:
    moments, at = [], 0.0
    for count in range(100):
        at += PAUSES[min(count, len(PAUSES) - 1)]
        if at > limit:
            break
        moments.append(at)
    return moments


def forms(bench: Mast) -> list[tuple[str, ...]]:
    return [
        argv
        for argv in bench.world.router.argvs
        if argv[0] == "uclient-fetch" and any("--post-file=" in word for word in argv)
    ]


def test_the_form_is_sent_where_its_owner_says() -> None:
    other = "http://10.10.3.1/elsewhere"
    with camp(PortalLogin(url=other, form=Secret(FORM))) as bench:
        bench.until(Kind.PORTAL, 900)
        assert {argv[-1] for argv in forms(bench)} == {other}


def test_by_hand_it_logs_in_too() -> None:
    with camp(PortalLogin(form=Secret(FORM))) as bench:
        bench.world.air.switch_on("HomeNet")
        bench.run(100)
        assert bench.uplink == "HomeNet"
        answer = asked(bench, {"do": "join", "ssid_hex": PHONE.hex})
        joined = answer["joined"]
        assert isinstance(joined, dict)
        assert (joined["internet"], joined["portal"]) == ("online", "")


# --- a program of the owner's ---


def program(world: World, text: str, mode: int = 0o755) -> str:
    path = world.router.root.here("/etc/portal-login")
    Path(path).write_text(f"#!/bin/sh\n{text}\n")
    Path(path).chmod(mode)
    return path


@contextmanager
def joined_hotel() -> Iterator[tuple[World, SimTransport]]:
    with make_world("hotel") as world:
        yield world, SimTransport(world.router)


def test_a_program_gets_the_facts_on_standard_input(tmp_path: Path) -> None:
    with joined_hotel() as (world, transport):
        path = program(world, f"cat >{tmp_path}/facts; echo $# >{tmp_path}/count")
        login = PortalLogin(script=path)
        assert log_in(transport, login, "http://10.20.0.1/x", Ssid(b"Caf\xe9"), "wlan0") is None
        facts = json.loads((tmp_path / "facts").read_text())
        assert facts == {
            "ssid": "Caf\udce9",
            "ssid_hex": "436166e9",
            "portal_url": "http://10.20.0.1/x",
            "device": "wlan0",
        }
        assert (tmp_path / "count").read_text() == "0\n"


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        ("exit 3", 0o755, "exit code 3"),
        ("exit 0", 0o644, "it is not a program on this router"),
        ("exit 0", 0o757, "it can be changed by others than root"),
    ],
)
def test_a_program_that_fails_or_cannot_be_trusted(text: str, mode: int, why: str) -> None:
    with joined_hotel() as (world, transport):
        login = PortalLogin(script=program(world, text, mode))
        failed = log_in(transport, login, "http://10.20.0.1/", PHONE, "wlan0")
        assert failed == f"{login.script}: {why}"


# --- names ---


@pytest.mark.parametrize(
    "page",
    [
        "http://10.10.3.1/login",
        "http://[fd00::1]/login",
        "http://login/",
        "http://router.lan/",
        "http://printer.local/",
        "http://public.example/",
        "http://a..b/",
    ],
)
def test_nothing_is_opened_that_need_not_or_must_not_be(page: str) -> None:
    with camp() as bench:
        bench.until(Kind.JOINED, 900)
        close_for_clients(bench.transport)
        starts = bench.world.router.names.starts
        assert at_uplink(bench.transport, "wwan", page) is None
        assert not on_router().read(bench.transport).portal
        assert bench.world.router.names.starts <= starts + 1


def test_an_upstream_cannot_name_an_address_of_our_clients() -> None:
    """Else its page would be of the same origin as the router's own."""
    with camp() as bench:
        bench.until(Kind.JOINED, 900)
        close_for_clients(bench.transport)
        found = interfaces().read(bench.transport)
        lan = replace(found["lan"], addresses=("10.10.3.77/24",))
        others = [*found.values(), lan]
        assert ip_network("10.10.3.0/24") in lan.subnets()
        assert open_for_clients(bench.transport, PAGE, found["wwan"], others) is None
        assert open_for_clients(bench.transport, PAGE, found["wwan"], found.values()) == HOST
        assert for_clients(bench.world) == "10.10.3.1"
        assert for_clients(bench.world, "other.camp.example") == "198.51.100.7"


def test_opening_twice_restarts_the_name_server_once() -> None:
    with camp() as bench:
        bench.until(Kind.PORTAL, 900)
        starts = bench.world.router.names.starts
        assert at_uplink(bench.transport, "wwan", PAGE) == HOST
        assert bench.world.router.names.starts == starts
        close_for_clients(bench.transport)
        close_for_clients(bench.transport)
        assert bench.world.router.names.starts == starts + 1


def test_the_next_page_that_needs_nothing_shuts_the_one_before() -> None:
    with camp() as bench:
        bench.until(Kind.PORTAL, 900)
        assert for_clients(bench.world) == "10.10.3.1"
        assert at_uplink(bench.transport, "wwan", "http://10.10.3.1/login") is None
        assert for_clients(bench.world) is None


def test_an_uplink_that_is_lost_for_a_moment_is_not_told_again() -> None:
    with camp() as bench:
        bench.until(Kind.PORTAL, 900)
        for _ in range(3):
            bench.world.air.switch_off("Phone")
            bench.until(Kind.LOST, 120)
            bench.run(30)
            assert not on_router().read(bench.transport).portal
            bench.world.air.switch_on("Phone")
            bench.run(600)
            assert for_clients(bench.world) == "10.10.3.1"
        assert len(told(bench, Kind.PORTAL)) == 1


def test_a_name_server_that_does_not_take_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with camp() as bench:
        bench.until(Kind.JOINED, 900)
        monkeypatch.setattr(portal, "named", lambda _: True)
        folder = Path(bench.world.router.root.here(bench.world.router.names.folder))
        close_for_clients(bench.transport)
        (folder / "wifirelay.conf.new").mkdir()
        with pytest.raises(RouterAnswer, match="did not take the login page's name"):
            at_uplink(bench.transport, "wwan", PAGE)


def test_leave_takes_it_back() -> None:
    with camp() as bench:
        bench.until(Kind.PORTAL, 900)
        assert on_router().read(bench.transport).portal
        leave(bench.transport, bench.world.clock, bench.settings.relay, lambda _: None, "me")
        assert not on_router().read(bench.transport).portal
        assert for_clients(bench.world) is None


# --- people ---


def test_the_commands_say_where_to_log_in(capsys: pytest.CaptureFixture[str]) -> None:
    page = "http://login.hotel.example/login"
    assert main(["--router", "sim:hotel", "join", "HotelGuest", "--login"]) == 0
    assert f"log in from a device behind the router: {page}" in capsys.readouterr().out
    assert main(["--router", "sim:hotel", "--json", "join", "HotelGuest", "--login"]) == 0
    assert json.loads(capsys.readouterr().out)["uplink"]["portal_url"].startswith("http://login")
    assert main(["--router", "sim:hotel", "join", "HotelGuest"]) == 5
    assert "log in at http://login.hotel.example/login" in capsys.readouterr().err


def test_nobody_hops_between_access_points_of_one_login_page() -> None:
    """A login counts at all of them, and each trial takes own Wi-Fi off the air for a moment."""
    with mast("hotel") as bench:
        bench.know("HotelGuest")
        bench.service = bench.new_service()
        bench.run(3600)
        assert len(told(bench, Kind.PORTAL)) == 1
        assert bench.uplink == "HotelGuest"
        assert bench.kinds().count(Kind.TRYING) <= 4
        assert bench.kinds().count(Kind.JOINED) == 1
