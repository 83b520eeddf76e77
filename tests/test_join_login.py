# SPDX-License-Identifier: GPL-2.0-or-later
"""`join --login`: an uplink with a login page is kept, in RAM, while its owner logs in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab import look, swap
from tests.trying import Try
from tests.unattended import Mast, asked, mast
from wifirelay.cli.main import main
from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS
from wifirelay.core.known import Relay
from wifirelay.errors import TrialFailed
from wifirelay.router.verdict import Verdict
from wifirelay.service.by_hand import join_by_hand
from wifirelay.service.events import Kind
from wifirelay.sim.air import Internet
from wifirelay.sim.neighbourhoods import HOME_KEY, PHONE_KEY
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.transport.base import Completed

PHONE = b"Phone".hex()
PAGE = {"uclient-fetch": Completed(0, b"log in")}


def test_a_login_page_is_accepted_and_not_kept_on_flash() -> None:
    trial = Try(PAGE, relay=Relay(keep_on_flash=True), login=True)
    joined = trial.run()
    assert joined.internet is Verdict.PORTAL
    assert joined.kept == "session"
    assert "waits for its login page" in joined.note
    assert [each for each in trial.scripts if each.startswith("confirm")] == ["confirm ID session"]


def test_only_a_login_page_is_accepted() -> None:
    dead = {"uclient-fetch": Completed(4), "ping": Completed(1), "nslookup": Completed(1)}
    trial = Try(dead, login=True)
    with pytest.raises(TrialFailed) as failed:
        trial.run()
    assert failed.value.cause in (Cause.NO_INTERNET, Cause.NO_DNS)
    assert trial.scripts[-1] == "rollback ID"


def test_internet_that_works_is_kept_as_always() -> None:
    trial = Try(relay=Relay(keep_on_flash=True), login=True)
    joined = trial.run()
    assert joined.internet is Verdict.ONLINE
    assert "login" not in joined.note
    assert [each for each in trial.scripts if each.startswith("confirm")] == ["confirm ID flash"]


def behind_phone(bench: Mast, internet: Internet) -> None:
    """What is behind Phone's access points from now on."""
    points = [each for each in bench.world.air.points if each.ssid == b"Phone"]
    swap(bench.world, [replace(each, internet=internet) for each in points])


@contextmanager
def at_a_login_page() -> Iterator[Mast]:
    """HomeNet works and is stronger; the owner has asked for Phone, which wants a login."""
    with mast() as bench:
        bench.run(100)
        assert bench.uplink == "HomeNet"
        behind_phone(bench, Internet.PORTAL)
        answer = asked(bench, {"do": "join", "ssid_hex": PHONE, "login": True})
        joined = answer["joined"]
        assert isinstance(joined, dict)
        assert joined["internet"] == Verdict.PORTAL
        assert "waits for its login page" in joined["note"]
        yield bench


def test_without_login_the_service_takes_it_back_too_and_says_what_would_help() -> None:
    with mast() as bench:
        bench.run(100)
        behind_phone(bench, Internet.PORTAL)
        with pytest.raises(TrialFailed) as failed:
            asked(bench, {"do": "join", "ssid_hex": PHONE})
        assert failed.value.cause == Cause.PORTAL
        assert "join --login" in failed.value.hint


def test_its_owner_has_fifteen_minutes_to_log_in() -> None:
    with at_a_login_page() as bench:
        assert HABITS.login >= 900.0
        writes = len(bench.world.router.flash_writes)
        told = bench.run(HABITS.login - 5)
        assert bench.uplink == "Phone"
        assert not [each for each in told if each.kind in (Kind.TRYING, Kind.RESTING, Kind.LOST)]
        why = bench.service._teller.standing.move.why
        assert why == "Phone is not left while its owner may be logging in"
        assert len(bench.world.router.flash_writes) == writes
        bench.until(Kind.JOINED, 600)  # nobody has logged in
        assert bench.uplink == "HomeNet"


def test_whoever_logs_in_stays_and_it_is_kept_when_it_has_proved_itself() -> None:
    with at_a_login_page() as bench:
        bench.run(700)
        behind_phone(bench, Internet.OK)
        since = bench.until(Kind.ONLINE, 60).at
        kept = bench.until(Kind.KEPT, 900)
        assert bench.uplink == "Phone"
        assert kept.at - since >= HABITS.keep_after


def test_it_is_left_when_its_page_has_gone_and_nothing_came_of_it() -> None:
    with at_a_login_page() as bench:
        bench.run(60)
        behind_phone(bench, Internet.NONE)
        bench.until(Kind.JOINED, 300)
        assert bench.uplink == "HomeNet"


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--router", "sim:hotel", "join", "HotelGuest", "--login"]) == 0
    assert "waits for its login page" in capsys.readouterr().out
    assert main(["--router", "sim:hotel", "join", "HotelGuest"]) == 5
    assert "join --login" in capsys.readouterr().err


def test_a_link_that_comes_back_by_itself_still_waits() -> None:
    with at_a_login_page() as bench:
        bench.run(60)
        stay = bench.service.policy._stay
        assert stay is not None and stay.waits(bench.now)
        bench.service.policy.lost(bench.now)
        bench.service.policy.found(bench.now)
        again = bench.service.policy._stay
        assert again is not None and again is not stay
        assert (again.ssid, again.login_until) == (stay.ssid, stay.login_until)
        assert again.waits(bench.now)


def test_what_was_for_a_session_alone_does_not_reach_flash_with_another_radios_network() -> None:
    """`uci commit` takes the whole package along."""
    with make_world("home") as world:
        transport = SimTransport(world.router)
        flash = Path(world.router.root.here("/etc/config/wireless"))

        def join(name: str, keep: str) -> str:
            relay = Relay(keep_on_flash=keep == "flash", radios=RADIOS[name])
            known = tuple(each for each in world.known if each.ssid.text == name)
            router, _, plan = look(transport, known, relay, name)
            joined = join_by_hand(transport, world.clock, relay, router, plan, lambda _: None, "me")
            return joined.kept

        assert join("Phone", "session") == "session"
        assert PHONE_KEY not in flash.read_text()
        assert join("HomeNet", "flash") == "flash"
        assert HOME_KEY in flash.read_text()
        assert PHONE_KEY not in flash.read_text()
        assert "Phone" not in flash.read_text()


RADIOS = {"Phone": ("radio0",), "HomeNet": ("radio1",)}
