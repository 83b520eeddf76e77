# SPDX-License-Identifier: GPL-2.0-or-later
"""Open networks that nobody listed, with the service on a simulated router, and by hand."""

import json
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.known import allowed
from tests.lab import swap
from tests.listed import Listed, listed
from tests.unattended import Mast, asked, mast
from wifirelay.cli.main import main
from wifirelay.core.known import Relay
from wifirelay.core.strangers import Allowed
from wifirelay.errors import Refused, UsageError
from wifirelay.service.events import Kind
from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.sim.neighbourhoods import HOME_KEY
from wifirelay.values import Band, Security

FREE = allowed("free-*")
GUESTS = allowed("*guest*", "free-*")
HOME = AccessPoint(b"HomeNet", "02:00:00:00:AA:01", Band.GHZ2, 6, -45, Security.PSK2, HOME_KEY)
UCI = """
config wifirelay 'main'
	option enabled '1'
	list open_names 'free-*'
	option open_stay '1'

config network 'home'
	option ssid 'HomeNet'
	option key 'correct horse battery'
"""


def camp(rule: Allowed | None) -> AbstractContextManager[Mast]:
    return mast("camp", relay=Relay(allowed=rule))


def tried(bench: Mast) -> list[str]:
    return [each.ssid.text for each in bench.told.events if each.kind is Kind.TRYING and each.ssid]


def secured_home_is_there(bench: Mast) -> None:
    bench.world.air.switch_off("02:00:00:00:10:04")  # its twin
    bench.world.air.add(HOME)


def test_off_by_default() -> None:
    with camp(None) as bench:
        bench.run(900)
        assert (bench.uplink, tried(bench)) == (None, [])
        assert bench.on_air()


def test_an_allowed_one_is_joined_and_said_so_and_is_never_on_flash() -> None:
    with camp(FREE) as bench:
        bench.run(3000)
        assert bench.uplink == "FREE-Camp"
        assert tried(bench) == ["FREE-Camp"]
        assert bench.on_air()
        trying = next(each.text for each in bench.told.events if each.kind is Kind.TRYING)
        assert "open, and allowed by open.names" in trying
        standing = bench.told.standings[-1]
        assert standing.move.why == "FREE-Camp works (open, allowed by open.names)"
        assert Kind.KEPT not in bench.kinds()
        assert bench.world.router.flash_writes == []
        bench.world.router.power_cut()
        bench.world.router.advance(40)
        assert bench.on_air()


def test_one_with_a_login_page_is_passed_over_for_one_that_works() -> None:
    with camp(GUESTS) as bench:
        bench.run(600)
        assert bench.uplink == "FREE-Camp"
        assert tried(bench) == ["Beach Guest", "FREE-Camp"]
        failed = next(each for each in bench.told.events if each.kind is Kind.FAILED)
        assert (failed.ssid and failed.ssid.text, failed.cause) == ("Beach Guest", "portal")


def test_none_is_tried_while_only_one_with_a_login_page_is_there_more_than_others_are() -> None:
    with camp(allowed("beach*")) as bench:
        bench.run(1800)
        assert bench.uplink is None
        assert 1 < len(tried(bench)) < 5
        assert bench.on_air()


def test_the_secured_one_and_the_evil_twin_never_are() -> None:
    with camp(allowed("owner*", "home*")) as bench:
        bench.run(900)
        assert (bench.uplink, tried(bench)) == (None, [])
        why = {each.network.ssid.text: each.why_not for each in bench.told.standings[-1].candidates}
        assert why == {"HomeNet": "open, but known as secured: possibly an evil twin"}


def test_its_hours_end_and_own_wifi_stays_on_the_air() -> None:
    with camp(replace(FREE, stay=3600.0)) as bench:
        bench.until(Kind.JOINED)
        resting = bench.until(Kind.RESTING, 3700)
        assert "FREE-Camp, an open network: its hours (open.stay) are over" in resting.text
        bench.run(1200)
        assert bench.uplink is None
        assert tried(bench) == ["FREE-Camp"]
        why = {each.network.ssid.text: each.why_not for each in bench.told.standings[-1].candidates}
        assert (why["FREE-Camp"] or "").startswith("its hours (open.stay) are over: left alone for")
        assert bench.on_air()


def test_a_service_that_starts_anew_counts_on() -> None:
    with camp(replace(FREE, stay=3600.0)) as bench:
        bench.run(3000)
        assert bench.uplink == "FREE-Camp"
        bench.service = bench.new_service()
        bench.run(1200)
        assert bench.uplink is None
        assert tried(bench) == ["FREE-Camp"]


def test_it_is_left_for_a_known_network_and_nothing_of_it_gets_to_flash() -> None:
    with camp(FREE) as bench:
        bench.run(300)
        secured_home_is_there(bench)
        bench.until(Kind.KEPT, 6 * 3600)
        assert bench.uplink == "HomeNet"
        assert tried(bench) == ["FREE-Camp", "HomeNet"]
        flash = bench.world.router.root.read("/etc/config/wireless")
        assert b"HomeNet" in flash and b"FREE-Camp" not in flash


def test_when_it_is_lost_the_known_one_is_next() -> None:
    with camp(FREE) as bench:
        bench.run(300)
        secured_home_is_there(bench)
        bench.world.air.switch_off("FREE-Camp")
        bench.until(Kind.JOINED, 120)
        assert bench.uplink == "HomeNet"


def test_one_that_loses_its_internet_is_left_for_another() -> None:
    with camp(GUESTS) as bench:
        bench.run(600)
        points = [each for each in bench.world.air.points if each.ssid == b"FREE-Camp"]
        swap(bench.world, [replace(each, internet=Internet.NONE) for each in points])
        bench.until(Kind.JOINED, 1200)
        assert bench.uplink == "Chalet Guest"


def test_a_guest_by_hand_is_not_forgotten_for_it() -> None:
    with listed(UCI, "camp") as bench:
        key = "phone in my pocket"
        phone = AccessPoint(b"Phone", "02:00:00:00:AA:02", key=key, subnet="10.9.0.0/24")
        bench.world.air.add(phone)
        bench.run(60)
        asked(bench, {"do": "join", "ssid_hex": b"Phone".hex(), "key": True}, key)
        assert (bench.uplink, bench.guest()) == ("Phone", "Phone")
        bench.world.air.switch_off("Phone")
        bench.run(600)
        assert (bench.uplink, bench.guest()) == ("FREE-Camp", "Phone")
        bench.world.air.switch_on("Phone")
        bench.world.air.switch_off("FREE-Camp")
        bench.run(900)
        assert bench.uplink == "Phone"


def open_camp() -> AbstractContextManager[Listed]:
    return listed(UCI, "camp")


def test_a_person_may_keep_it_for_good() -> None:
    with open_camp() as bench:
        bench.run(120)
        assert bench.uplink == "FREE-Camp"
        asked(bench, {"do": "remember", "ssid_hex": b"FREE-Camp".hex()})
        assert bench.known() == ["HomeNet", "FREE-Camp"]
        bench.until(Kind.KEPT, 1200)
        assert b"FREE-Camp" in bench.flash()
        bench.run(2400)  # more than its hour
        assert bench.uplink == "FREE-Camp"


def test_only_the_uplink_is_remembered_without_its_key() -> None:
    with open_camp() as bench:
        bench.run(120)
        for name in (b"HomeNet", b"Beach Guest"):
            with pytest.raises(UsageError, match="its key is not known"):
                asked(bench, {"do": "remember", "ssid_hex": name.hex()})
        assert "correct horse battery" in bench.config


def test_a_rule_that_is_taken_out_ends_it_at_once() -> None:
    with open_camp() as bench:
        bench.run(120)
        assert bench.uplink == "FREE-Camp"
        path = "/etc/config/wifirelay"
        bench.world.router.root.write(path, UCI.replace("free-*", "other-*"))
        bench.service.reload()
        bench.run(120)
        assert bench.uplink is None
        assert "FREE-Camp, an open network: not allowed by open.names any more" in str(
            bench.told.events
        )
        assert bench.on_air()


def test_a_wrong_rule_is_told_and_the_one_from_before_holds() -> None:
    with open_camp() as bench:
        bench.run(120)
        bench.world.router.root.write(
            "/etc/config/wifirelay", UCI.replace("open_names", "open_nmaes")
        )
        bench.service.reload()
        told = [each.text for each in bench.told.events if each.kind is Kind.TROUBLE]
        assert "wifirelay.main.open_nmaes: is not a known option" in told[-1]
        bench.run(120)
        assert bench.uplink == "FREE-Camp"


def test_join_through_the_service_takes_one_too_and_by_name_none() -> None:
    with camp(replace(FREE, stay=3600.0)) as bench:
        bench.run(5)
        answer: dict[str, Any] = asked(bench, {"do": "join", "ssid_hex": None, "known": True})
        assert answer["ssid_hex"] == b"FREE-Camp".hex()
        assert answer["joined"]["kept"] == "session"
        assert "flash" not in answer["joined"]["note"]
        bench.run(4000)
        assert bench.uplink is None  # its hour is over ...
        asked(bench, {"do": "join", "ssid_hex": None, "known": True})
        bench.run(3000)
        assert bench.uplink == "FREE-Camp"  # ... and by hand begins anew
        with pytest.raises((UsageError, Refused), match="not a known network"):
            asked(bench, {"do": "join", "ssid_hex": b"Beach Guest".hex(), "known": True})


def test_by_its_name_with_a_service_it_is_a_stranger_all_the_same() -> None:
    with camp(replace(FREE, stay=3600.0)) as bench:
        bench.run(5)
        answer = asked(bench, {"do": "join", "ssid_hex": b"FREE-Camp".hex(), "known": True})
        joined: Any = answer["joined"]
        assert joined["kept"] == "session" and "flash" not in joined["note"]
        assert answer["why"] == "FREE-Camp was asked for; it is open, and allowed by open.names"
        assert bench.service.guests.guest is None  # no key, nothing to remember
        bench.run(4000)
        assert bench.uplink is None  # its hour is over, though somebody chose it
        assert bench.world.router.flash_writes == []


# --- by hand ---


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.yaml"
    path.write_text('open: {names: ["free-*"]}\nnetworks: [{ssid: HomeNet, key: "12345678"}]\n')
    path.chmod(0o600)
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["--json", "--router", "sim:camp", *words])
    return code, json.loads(capsys.readouterr().out)


def test_plan_shows_it_and_why(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, plan = run(capsys, "--config", config, "plan")
    assert (code, plan["decision"]["network"]) == (0, "FREE-Camp")
    assert "no known network can be joined" in plan["decision"]["why"]
    free = plan["candidates"][0]
    assert free["eligible"] and "open.names" in free["terms"][-1]["why"]
    ignored = {each["ssid"]: each["why"] for each in plan["ignored"]}
    assert ignored["Beach Guest"] == "not a known network"
    assert ignored["Owner Guest"] == "not a known network"
    assert main(["--router", "sim:camp", "--config", config, "plan"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "02:00:00:00:10:00" in line)
    assert "open +0.0" in row


def test_join_keeps_it_for_the_session_only(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, joined = run(capsys, "--config", config, "join")
    assert (code, joined["network"], joined["uplink"]["kept"]) == (0, "FREE-Camp", "session")


def test_by_its_name(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, joined = run(capsys, "--config", config, "join", "FREE-Camp")
    assert (code, joined["network"], joined["uplink"]["kept"]) == (0, "FREE-Camp", "session")
    assert joined["why"] == "FREE-Camp was asked for; it is open, and allowed by open.names"
    code, plan = run(capsys, "--config", config, "plan", "free-nowhere")
    assert (code, plan["decision"]["why"]) == (0, "free-nowhere is not heard")
    code, error = run(capsys, "--config", config, "join", "Beach Guest")
    assert (code, error["error"]) == (
        2,
        "Beach Guest is not a known network, and open.names does not allow it",
    )
    assert "networks add 'Beach Guest'" in error["hint"]


def test_a_rule_alone_will_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text('open: {names: ["free-*"]}\n')
    code, plan = run(capsys, "--config", str(path), "plan")
    assert (code, plan["decision"]["action"]) == (0, "join")
    path.write_text("networks: []\n")
    code, plan = run(capsys, "--config", str(path), "plan")
    assert (code, "no known networks" in plan["error"]) == (2, True)
    path.write_text("open: {}\n")
    code, plan = run(capsys, "--config", str(path), "plan")
    assert (code, "open.names: is missing" in plan["error"]) == (2, True)
