# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests of the service: joined without being known, never on flash; remembered, or gone."""

import json
import os

import pytest

from tests.listed import HOME, LISTED, PHONE, WITH_PHONE, join, listed
from tests.openwrt_shell import FILES
from tests.unattended import asked
from wifirelay.config.uci_file import PATH
from wifirelay.errors import NothingToJoin, Refused, TrialFailed, UsageError
from wifirelay.service.events import Kind
from wifirelay.sim.neighbourhoods import HOME_KEY, PHONE_KEY
from wifirelay.values import Secret

PLUGIN = FILES / "wifirelay.rpcd"
TYPO = "phone in my pockets"


# --- a guest, and what becomes of it ---


def test_a_guest_is_stayed_with_and_never_on_flash() -> None:
    with listed() as bench:
        bench.run(100)
        assert bench.uplink == "HomeNet"
        answer = join(bench)
        assert (answer["action"], answer["ssid_hex"]) == ("join", PHONE)
        joined = answer["joined"]
        assert isinstance(joined, dict)
        assert (joined["kept"], "remembered" in joined["note"]) == ("session", True)
        writes = len(bench.world.router.flash_writes)
        bench.run(3 * 3600)
        assert bench.uplink == bench.guest() == "Phone"
        assert len(bench.world.router.flash_writes) == writes
        assert b"Phone" not in bench.flash()
        assert bench.known() == ["HomeNet"]
        assert Kind.KEPT not in bench.kinds()[-5:]


def test_remembered_it_is_in_the_configuration_with_its_key_and_then_kept() -> None:
    with listed() as bench:
        bench.run(100)
        join(bench)
        bench.run(900)
        answer = asked(bench, {"do": "remember", "ssid_hex": PHONE})
        assert (answer["ssid_hex"], answer["file"]) == (PHONE, PATH)
        assert bench.guest() is None
        assert bench.known() == ["HomeNet", "Phone"]
        assert f"option key '{PHONE_KEY}'" in bench.config
        assert [each.ssid.text for each in bench.service.settings.networks] == bench.known()
        bench.until(Kind.KEPT, 900)
        assert b"Phone" in bench.flash()
        assert bench.uplink == "Phone"


def test_a_key_that_is_wrong_is_told_with_its_cause_and_gone() -> None:
    with listed(LISTED.replace("HomeNet", "Elsewhere")) as bench:
        bench.run(60)
        assert bench.uplink is None
        with pytest.raises(TrialFailed, match="HomeNet") as failed:
            join(bench, "battery horse correct", HOME)
        assert failed.value.cause == "wrong-key"
        assert bench.guest() is None
        before = bench.kinds().count(Kind.TRYING)
        bench.run(1800)
        assert bench.kinds().count(Kind.TRYING) == before, "a typo is not tried again by itself"
        assert bench.uplink is None
        assert bench.on_air()
        join(bench, HOME_KEY, HOME)
        assert bench.uplink == "HomeNet"


def test_what_failed_as_a_guest_is_not_held_against_what_is_known() -> None:
    with listed() as bench:
        bench.run(100)
        before = bench.service.policy.memory.as_json()
        with pytest.raises(Refused, match="works already, and with another key"):
            join(bench, "battery horse correct", HOME)
        assert bench.service.policy.memory.as_json() == before
        bench.run(300)
        assert bench.uplink == "HomeNet"
        before = bench.service.policy.memory.as_json()
        with pytest.raises(TrialFailed):
            join(bench, TYPO)
        assert bench.service.policy.memory.as_json() == before
        bench.run(300)
        assert (bench.uplink, bench.guest()) == ("HomeNet", None)


def test_the_guest_from_before_stays_when_another_one_fails() -> None:
    with listed(LISTED.replace("HomeNet", "Elsewhere")) as bench:
        bench.run(60)
        join(bench)
        with pytest.raises(TrialFailed):
            join(bench, "battery horse correct", HOME)
        assert bench.guest() == "Phone"
        bench.run(600)
        assert bench.uplink == "Phone"
        join(bench, HOME_KEY, HOME)  # one at a time
        assert bench.guest() == bench.uplink == "HomeNet"


def test_a_guest_that_was_left_for_a_known_network_is_on_no_radio_of_flash() -> None:
    with listed() as bench:
        bench.run(100)
        join(bench)
        bench.run(60)
        asked(bench, {"do": "join", "ssid_hex": HOME})
        bench.until(Kind.KEPT, 1500)
        assert bench.uplink == "HomeNet"
        assert b"HomeNet" in bench.flash()
        assert b"Phone" not in bench.flash()
        assert PHONE_KEY.encode() not in bench.flash()


def test_the_next_process_does_not_keep_what_it_does_not_know() -> None:
    with listed() as bench:
        bench.run(100)
        join(bench)
        bench.run(1)
        bench.service = bench.new_service()
        bench.run(1500)
        assert bench.guest() is None
        assert b"Phone" not in bench.flash()
        with pytest.raises(UsageError, match="its key is not known"):
            asked(bench, {"do": "remember", "ssid_hex": PHONE})
        assert join(bench)["action"] == "stay"  # with just this key
        assert bench.guest() == "Phone"
        asked(bench, {"do": "remember", "ssid_hex": PHONE})
        assert "Phone" in bench.known()


def test_leaving_ends_it() -> None:
    with listed() as bench:
        bench.run(100)
        join(bench)
        asked(bench, {"do": "leave"})
        assert (bench.guest(), bench.uplink) == (None, None)
        asked(bench, {"do": "run"})
        bench.run(200)
        assert bench.uplink == "HomeNet"


def test_a_guest_that_goes_away_comes_back() -> None:
    with listed(LISTED.replace("HomeNet", "Elsewhere")) as bench:
        bench.run(60)
        join(bench)
        bench.run(300)
        bench.world.air.switch_off("Phone")
        bench.run(300)
        assert (bench.uplink, bench.guest()) == (None, "Phone")
        assert bench.on_air()
        bench.world.air.switch_on("Phone")
        bench.run(900)
        assert bench.uplink == "Phone"


def test_an_open_guest_needs_no_key_and_one_with_a_key_does() -> None:
    with listed(world="hotel") as bench:
        bench.run(60)
        with pytest.raises(TrialFailed) as failed:
            join(bench, None, b"HotelGuest".hex())
        assert failed.value.cause == "portal"
        assert bench.guest() is None
        hotel = b"HotelGuest".hex()
        answer = asked(bench, {"do": "join", "ssid_hex": hotel, "login": True})
        joined = answer["joined"]
        assert isinstance(joined, dict)
        assert (joined["internet"], joined["kept"]) == ("portal", "session")
        assert "login" in joined["note"]
        assert bench.guest() == bench.uplink == "HotelGuest"
    with listed() as bench:
        bench.run(60)
        with pytest.raises(NothingToJoin, match="it needs a key"):
            join(bench, None)
        assert bench.guest() is None


def test_the_uplink_is_no_guest_for_having_been_asked_for_without_its_key() -> None:
    with listed() as bench:
        bench.run(100)
        join(bench)
        bench.run(1)
        bench.service = bench.new_service()
        bench.run(30)
        assert join(bench, None)["action"] == "stay"
        assert bench.guest() is None


# --- a known network with another key ---


def test_another_key_counts_while_it_is_the_guest_and_is_written_when_remembered() -> None:
    with listed(WITH_PHONE + f"\toption key '{TYPO}'\n\toption priority '7'\n") as bench:
        bench.run(100)
        assert bench.uplink == "HomeNet"
        join(bench)
        assert bench.guest() == bench.uplink == "Phone"
        assert bench.service.guests.known[-1].priority == 7
        assert TYPO in bench.config
        asked(bench, {"do": "remember", "ssid_hex": PHONE})
        assert bench.guest() is None
        assert TYPO not in bench.config
        assert f"option key '{PHONE_KEY}'" in bench.config
        assert "option priority '7'" in bench.config
        assert bench.known() == ["HomeNet", "Phone"]
        bench.run(600)
        assert bench.uplink == "Phone"


def test_one_that_was_switched_off_is_used_when_it_is_remembered() -> None:
    text = WITH_PHONE + f"\toption key '{TYPO}'\n\toption enabled '0'\n\toption metered '1'\n"
    with listed(text) as bench:
        bench.run(100)
        join(bench)
        asked(bench, {"do": "remember", "ssid_hex": PHONE})
        assert bench.known() == ["HomeNet", "Phone"]
        assert TYPO not in bench.config
        assert "option metered '1'" in bench.config


# --- from the page on ---


def test_the_whole_way_from_the_routers_object_to_the_configuration() -> None:
    with listed() as bench:
        router = bench.world.router
        router.root.write("/var/run/wifirelay/service-state/pid", str(os.getpid()))
        bench.run(60)
        bench.service._connect()

        def call(method: str, **arguments: object) -> dict[str, object]:
            stdin = json.dumps(arguments).encode()
            done = router.execute(["sh", str(PLUGIN), "call", method], stdin=stdin)
            answer = json.loads(done.out)
            assert isinstance(answer, dict)
            return answer

        def done(method: str, **arguments: object) -> dict[str, object]:
            asked_by = call(method, **arguments)["id"]
            answer: dict[str, object] = {}
            end = bench.now + 200
            while answer.get("state") != "done" and bench.now < end:
                bench.service.turn(bench.now + 1)
                answer = call("answer", id=asked_by)
            return answer

        wrong = done("join", ssid_hex=PHONE, key="short")
        assert (wrong["exit"], wrong["cause"]) == (2, "")
        assert done("join", ssid_hex=PHONE, key=PHONE_KEY)["ssid_hex"] == PHONE
        assert (bench.uplink, bench.guest()) == ("Phone", "Phone")
        assert done("remember", ssid_hex=PHONE)["exit"] == 0
        assert done("prefer", ssid_hex=PHONE, priority=-5)["exit"] == 0
        assert done("forget", ssid="HomeNet")["exit"] == 0
        (phone,) = bench.service.settings.networks
        assert (phone.ssid.text, phone.priority, phone.key) == ("Phone", -5, Secret(PHONE_KEY))
