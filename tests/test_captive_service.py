# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that names its login page's API: in trials, with the service, and for people."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab import swap
from tests.unattended import Mast, mast
from wifirelay.change.onrouter import on_router
from wifirelay.change.status import read_status
from wifirelay.cli.main import main
from wifirelay.core.known import PortalLogin
from wifirelay.router.verdict import Verdict
from wifirelay.service.events import Kind
from wifirelay.sim.air import Internet
from wifirelay.sim.neighbourhood_train import API
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.values import Secret
from wifirelay.view.status import status_lines, status_object

PAGE = "https://login.train.example/login?visitor=176"
OPTION = "/etc/udhcpc.user.d/wifirelay"


@contextmanager
def train(login: PortalLogin | None = None) -> Iterator[Mast]:
    with mast("train") as bench:
        bench.know("TrainWifi", portal_login=login)
        bench.service = bench.new_service()
        yield bench


def change(bench: Mast, **fields: object) -> None:
    swap(bench.world, [replace(each, **fields) for each in bench.world.air.points])  # type: ignore[arg-type]


def asks(bench: Mast) -> int:
    """How often the API was asked."""
    argvs = bench.world.router.argvs
    return sum(argv[0] == "uclient-fetch" and argv[-1] == API for argv in argvs)


def probes(bench: Mast) -> list[tuple[str, ...]]:
    argvs = bench.world.router.argvs
    return [argv for argv in argvs if argv[0] == "uclient-fetch" and "success.txt" in argv[-1]]


def told(bench: Mast, kind: Kind) -> list[str]:
    return [event.text for event in bench.told.events if event.kind is kind]


def log_in(bench: Mast) -> None:
    bench.world.air.passed.add(b"TrainWifi")


# --- where to log in ---


def test_its_page_goes_before_what_a_redirect_shows() -> None:
    with train() as bench:
        event = bench.until(Kind.PORTAL, 900)
        assert event.text == f"TrainWifi needs a login: {PAGE}"
        names = bench.world.router.names
        behind = bench.world.router.interfaces.behind()
        assert names.for_clients("login.train.example", behind) == "10.30.0.1"
        bench.run(600)
        assert len(told(bench, Kind.PORTAL)) == 1


def test_an_api_that_says_captive_for_ever_takes_no_internet_away() -> None:
    """Its word is told, and asked for again now and then: nobody looks at it all the time."""
    says = json.dumps({"captive": True, "user-portal-url": PAGE})
    with train() as bench:
        change(bench, internet=Internet.OK, api_says=says)
        bench.until(Kind.JOINED, 900)
        bench.run(1800)
        assert not told(bench, Kind.PORTAL)
        internet = bench.service._teller.standing.internet
        assert internet is not None and internet.verdict is Verdict.ONLINE
        assert internet.why.endswith(f"the network itself says that a login is needed {PAGE}")
        assert asks(bench) <= 1 + 1800 / 300
        change(bench, api_says='{"captive": false}')
        bench.run(700)
        internet = bench.service._teller.standing.internet
        assert internet is not None and "login" not in internet.why


def test_a_login_that_is_not_needed_is_no_portal_s_matter() -> None:
    with train() as bench:
        change(bench, api_says='{"captive": false}')
        assert bench.until(Kind.JOINED, 900).cause == "offline"
        bench.run(120)
        assert not told(bench, Kind.PORTAL)
        internet = bench.service._teller.standing.internet
        assert internet is not None and internet.verdict is Verdict.OFFLINE
        assert [step for step in bench.told.steps if "says that none is needed" in step.text]


def test_a_form_is_sent_to_its_page() -> None:
    with train(PortalLogin(form=Secret("accept=yes"))) as bench:
        assert bench.until(Kind.JOINED, 120).text.startswith("online through TrainWifi")
        sent = [a for a in bench.world.router.argvs if any("--post-file" in word for word in a)]
        assert {argv[-1] for argv in sent if argv[0] == "uclient-fetch"} == {PAGE}


@pytest.mark.parametrize(
    "says",
    ["<html>", '{"captive": "yes"}', "[" * 5000, '{"captive": true, "user-portal-url": "x:y"}'],
)
def test_an_api_that_makes_no_sense_leaves_what_the_pages_say(says: str) -> None:
    with train() as bench:
        change(bench, api_says=says)
        event = bench.until(Kind.PORTAL, 900)
        assert event.text == "TrainWifi needs a login: http://login.train.example/login"
        before = asks(bench)
        bench.run(290)
        assert asks(bench) <= before + 1  # it is not asked at each look


def test_a_router_without_tls_says_so_in_its_status() -> None:
    with train() as bench:
        Path(bench.world.router.root.here("/lib/libustream-ssl.so")).unlink()
        assert "http://login.train.example/login" in bench.until(Kind.PORTAL, 900).text
        status = read_status(bench.transport)
        assert [line for line in status_lines(status) if "libustream-mbedtls" in line]
        shape = status_object(status)["internet"]["portal_api"]
        assert (shape["captive"], shape["seconds_left"]) == (None, None)
        assert "libustream-mbedtls" in shape["why"]


# --- how long it lasts ---


def test_it_is_asked_when_it_matters_and_when_its_session_ends() -> None:
    with train() as bench:
        bench.until(Kind.PORTAL, 900)
        log_in(bench)
        bench.until(Kind.ONLINE, 120)
        bench.run(60)
        before = asks(bench)
        bench.run(3000)
        assert asks(bench) == before
        internet = bench.service._teller.standing.internet
        assert internet is not None and internet.session is not None
        assert 300 < (internet.session.seconds or 0) < 660
        bench.run(700)
        assert asks(bench) == before + 1


def test_the_end_of_a_session_is_seen_when_it_comes() -> None:
    """By the form, so that nobody behind the router waits for the next look."""
    with train(PortalLogin(form=Secret("accept=yes"))) as bench:
        change(bench, session=200)
        bench.until(Kind.JOINED, 120)
        until = bench.now + 46
        while bench.service._teller.standing.internet.session is None:  # type: ignore[union-attr]
            bench.run(1)
            assert bench.now < until
        internet = bench.service._teller.standing.internet
        assert internet is not None and internet.session is not None and internet.session.seconds
        checked = bench.service._teller.standing.checked_at or 0.0
        ends = checked + internet.session.seconds
        bench.run(ends - bench.now - 0.5)
        bench.world.air.passed.clear()
        event = bench.until(Kind.ASKED, 5)
        assert "logged in at TrainWifi" in event.text
        assert event.at - ends < 3


def test_an_upstream_cannot_make_it_look_all_the_time() -> None:
    with train() as bench:
        says = json.dumps({"captive": False, "seconds-remaining": 1})
        change(bench, internet=Internet.OK, api_says=says)
        bench.until(Kind.JOINED, 120)
        bench.run(60)
        before = asks(bench)
        bench.run(900)
        assert asks(bench) - before <= 900 / 44
        change(bench, api_says=json.dumps({"captive": False, "seconds-remaining": 30}))
        before = asks(bench)
        bench.run(900)
        assert asks(bench) - before <= 900 / 30


def test_the_end_of_one_session_is_nothing_to_the_next_network() -> None:
    with train() as bench:
        says = json.dumps({"captive": False, "seconds-remaining": 300})
        change(bench, internet=Internet.OK, api_says=says)
        bench.until(Kind.JOINED, 120)
        bench.run(60)
        assert asks(bench) == 1
        bench.world.air.switch_off("TrainWifi")
        bench.until(Kind.LOST, 120)
        change(bench, api="")
        bench.world.air.switch_on("TrainWifi")
        bench.run(400)
        assert bench.uplink == "TrainWifi"
        before = len(probes(bench))
        bench.run(900)
        assert len(probes(bench)) - before <= 900 / 29
        assert asks(bench) == 1


def test_a_network_that_names_none_costs_nothing() -> None:
    with train() as bench:
        change(bench, api="", internet=Internet.OK)
        bench.until(Kind.JOINED, 120)
        bench.run(600)
        assert asks(bench) == 0
        assert bench.service.acts._captive is None


def test_what_one_network_named_is_gone_with_it() -> None:
    with train() as bench:
        bench.until(Kind.JOINED, 900)
        assert on_router().read(bench.transport).api("wwan") == API.encode().hex()
        bench.world.air.switch_off("TrainWifi")
        bench.until(Kind.LOST, 120)
        bench.run(5)
        assert on_router().read(bench.transport).apis == ()


# --- setup, people ---


def test_setup_brings_the_hook_and_undo_takes_it(capsys: pytest.CaptureFixture[str]) -> None:
    del capsys
    from wifirelay.change.setup import look, set_up, withdraw
    from wifirelay.core.baseline import setup_edits
    from wifirelay.core.known import Relay

    with make_world("train", set_up=False) as world:
        transport, relay = SimTransport(world.router), Relay()
        hook = Path(world.router.root.here(OPTION))
        edits = setup_edits(look(transport, relay).owned, relay)
        set_up(transport, world.clock, edits, lambda _: None, "me")
        assert hook.exists()
        assert OPTION in Path(
            world.router.root.here("/lib/upgrade/keep.d/wifirelay-sentry")
        ).read_text("utf-8")
        withdraw(transport, world.clock, relay, lambda _: None, "me")
        assert not hook.exists()
        assert "reqopts" not in Path(world.router.root.here("/etc/config/network")).read_text()


def test_status_and_join_say_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--router", "sim:train", "--json", "join", "TrainWifi", "--login"]) == 0
    assert json.loads(capsys.readouterr().out)["uplink"]["portal_url"] == PAGE
    assert main(["--router", "sim:train", "join", "TrainWifi"]) == 5
    assert f"log in at {PAGE}" in capsys.readouterr().err
    with train() as bench:
        bench.until(Kind.PORTAL, 900)
        log_in(bench)
        trips = len(bench.world.router.argvs)
        status = read_status(bench.transport)
        assert len(bench.world.router.argvs) > trips
        lines = "\n".join(status_lines(status))
        assert "online: detectportal.firefox.com answered as it should; the session lasts" in lines
        assert "about this place: https://login.train.example/" in lines
        assert status_object(status)["internet"]["portal_api"] == {
            "why": None,
            "captive": False,
            "venue_url": "https://login.train.example/",
            "can_extend": True,
            "seconds_left": 3600,
            "bytes_left": None,
        }
