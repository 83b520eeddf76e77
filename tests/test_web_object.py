# SPDX-License-Identifier: GPL-2.0-or-later
"""The page's object for a router that is asked from here: every method, on the simulated router."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.lab import ACCESS_POINTS, swap
from tests.shapes import check
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.errors import LinkLost, NothingToJoin, UsageError
from wifirelay.router.observe import observe
from wifirelay.router.state import Router
from wifirelay.sim.air import Internet
from wifirelay.sim.neighbourhoods import HOME_KEY
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.base import Transport
from wifirelay.values import Secret, Ssid
from wifirelay.web import direct
from wifirelay.web.arguments import METHODS
from wifirelay.web.book import MemoryBook
from wifirelay.web.direct import Direct

WHEN = "2026-01-01T00:00:00+0000"
LIMIT = 60.0  # seconds of this machine for one request; time on the router is virtual
HOME = b"HomeNet".hex()


class Desk:
    """One world, and the page's object for it."""

    def __init__(self, world: World, known: tuple[KnownNetwork, ...]) -> None:
        self.world = world
        self.book = MemoryBook(known)
        self.transport = SimTransport(world.router)
        self.made = Direct(self.transport, world.clock, Relay(), self.book, "test", lambda: WHEN)

    def ask(self, method: str, **arguments: object) -> dict[str, Any]:
        return self.made.call(method, arguments)

    def do(self, method: str, **arguments: object) -> dict[str, Any]:
        """A request, and its answer."""
        asked = self.ask(method, **arguments)["id"]
        end = time.monotonic() + LIMIT
        while (answer := self.ask("answer", id=asked))["state"] != "done":
            assert time.monotonic() < end, answer
            time.sleep(0.005)
        return answer

    def alter(self, ssid: bytes, **changes: Any) -> None:
        """Access points of somebody else's are other ones from now on, for who is joined too."""
        theirs = [each for each in self.world.air.points if each.ssid == ssid]
        swap(self.world, [replace(each, **changes) for each in theirs])

    def status(self) -> dict[str, Any]:
        self.world.clock.sleep(2.0)
        return check(self.ask("status"))

    @property
    def uplink(self) -> dict[str, Any]:
        first: dict[str, Any] = self.status()["uplinks"][0]
        return first

    def names(self) -> list[str]:
        return [each["ssid"] for each in check(self.ask("networks"))["networks"]]

    def kinds(self) -> list[str]:
        return [each["kind"] for each in check(self.ask("history"))["history"]]


@contextmanager
def desk(name: str = "home", *, without: bytes = b"") -> Iterator[Desk]:
    """`without`: this network is in the air, and not known."""
    with make_world(name) as world:
        known = tuple(each for each in world.known if each.ssid.raw != without)
        made = Desk(world, known)
        try:
            made.do("rescan")
            yield made
        finally:
            made.made.close()


def test_before_the_first_scan_it_says_so() -> None:
    with make_world("home") as world:
        made = Desk(world, world.known)
        for method in ("scan", "plan"):
            with pytest.raises(NothingToJoin):
                made.ask(method)
        made.made.close()


def test_reads_are_the_commands_own_objects() -> None:
    with desk() as made:
        assert made.status()["set_up"]
        assert {each["ssid"] for each in check(made.ask("scan"))["bss"]} >= {"HomeNet"}
        assert check(made.ask("plan"))["decision"]["network"] == "HomeNet"
        assert "HomeNet" in made.names()
        assert made.ask("history") == {"schema": "wifirelay.history/1", "history": []}


def test_the_best_is_joined_and_left() -> None:
    with desk() as made:
        answer = made.do("join")
        assert (answer["exit"], answer["action"], answer["ssid_hex"]) == (0, "join", HOME)
        assert [each["step"] for each in answer["steps"]][-1] == "confirm"
        assert all(each["good"] for each in answer["steps"])
        assert (made.uplink["network"], made.uplink["kept"]) == ("HomeNet", "flash")
        assert made.do("join")["action"] == "stay"
        assert check(made.ask("plan"))["decision"]["action"] == "stay"
        assert made.do("leave")["left"] == [HOME]
        assert made.uplink["state"] == "disabled"
        assert made.kinds() == ["joined", "lost"]


def test_a_guest_is_known_only_when_the_owner_says_so() -> None:
    with desk(without=b"HomeNet") as made:
        answer = made.do("join", ssid_hex=HOME, key=HOME_KEY)
        assert (answer["exit"], answer["joined"]["kept"]) == (0, "session")
        assert (made.uplink["network"], made.uplink["kept"]) == ("HomeNet", "session")
        assert "HomeNet" not in made.names()
        assert made.world.router.flash_writes == []
        assert check(made.ask("plan"))["decision"]["action"] == "stay", "the guest is no stranger"
        assert made.do("remember", ssid_hex=HOME)["kept"] == "flash"
        assert "HomeNet" in made.names()
        assert made.uplink["kept"] == "flash"
        assert len(made.world.router.flash_writes) == 1
        assert made.do("remember", ssid_hex=HOME)["exit"] == 2, "it is known already"


def test_a_wrong_password_is_told_and_is_nobodys_guest() -> None:
    with desk(without=b"HomeNet") as made:
        answer = made.do("join", ssid_hex=HOME, key="not the password")
        assert (answer["exit"], answer["cause"]) == (5, "wrong-key")
        assert made.do("remember", ssid_hex=HOME)["exit"] == 2
        assert made.do("join", ssid_hex=HOME)["exit"] == 4, "without a password it is not joined"
        made.world.clock.sleep(90.0)
        assert all(made.world.router.on_air(each) for each in ACCESS_POINTS)
        assert made.kinds() == ["failed"]


def test_a_new_password_for_a_known_network() -> None:
    with desk() as made:
        changed = "the new password"
        made.alter(b"HomeNet", key=changed)
        assert made.do("join", ssid_hex=HOME)["cause"] == "wrong-key"
        assert made.do("join", ssid_hex=HOME, key=changed)["exit"] == 0
        old = next(each for each in made.book.networks() if each.ssid == Ssid(b"HomeNet"))
        made.do("remember", ssid_hex=HOME)
        new = next(each for each in made.book.networks() if each.ssid == Ssid(b"HomeNet"))
        assert (old.key, new.key) != (new.key, old.key)
        assert new.key is not None
        assert new.key.reveal() == changed
        assert new.priority == old.priority


def test_a_link_that_dies_after_a_join_hides_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last look is for what is shown; the trial was confirmed before it."""
    looks = 0

    def dying(transport: Transport) -> Router:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise LinkLost("the server hung up")
        return observe(transport)

    with desk() as made:
        monkeypatch.setattr(direct, "observe", dying)
        answer = made.do("join", ssid_hex=b"HomeNet".hex())
        assert (answer["exit"], looks) == (0, 2)
        assert answer["joined"]["ssid_text"] == "HomeNet"
        assert made.do("leave")["exit"] == 0


def test_a_login_page_is_kept_only_where_somebody_will_log_in() -> None:
    with desk("broken") as made:
        portal = b"Portal".hex()
        assert made.do("join", ssid_hex=portal)["cause"] == "portal"
        answer = made.do("join", ssid_hex=portal, login=True)
        assert (answer["exit"], answer["joined"]["internet"]) == (0, "portal")
        status = made.status()
        assert status["internet"]["verdict"] == "portal"
        made.alter(b"Portal", internet=Internet.OK)
        made.world.clock.sleep(10.0)
        assert made.status()["internet"]["verdict"] == "online"
        assert made.kinds()[-1] == "internet-back"


def test_the_internet_is_asked_seldom_while_it_is_there() -> None:
    with desk() as made:
        made.do("join")

        def probes() -> int:
            made.status()
            return sum(argv[0] == "uclient-fetch" for argv in made.world.router.argvs)

        before = probes()
        counts = [probes() for _ in range(20)]  # 2 s each
        assert counts == [before] * 20
        made.world.clock.sleep(30.0)
        assert probes() > before
        made.alter(b"HomeNet", internet=Internet.NONE)
        made.world.clock.sleep(60.0)
        assert made.status()["internet"]["verdict"] == "offline"
        made.alter(b"HomeNet", internet=Internet.OK)
        made.world.clock.sleep(10.0)
        assert made.status()["internet"]["verdict"] == "online"


def test_another_password_for_what_works_is_refused_and_the_same_one_is_noted() -> None:
    with desk() as made:
        made.do("join", ssid_hex=HOME)
        assert made.do("join", ssid_hex=HOME, key="another password")["exit"] == 6
        assert made.do("forget", ssid_hex=HOME)["exit"] == 0
        assert made.do("remember", ssid_hex=HOME)["exit"] == 2
        assert made.do("join", ssid_hex=HOME, key="another password")["exit"] == 6
        assert made.do("join", ssid_hex=HOME, key=HOME_KEY)["action"] == "stay"
        assert made.do("remember", ssid_hex=HOME) == {
            "state": "done",
            "steps": [],
            "exit": 0,
            "kept": "flash",
        }
        assert "HomeNet" in made.names()


def test_a_guest_can_be_forgotten() -> None:
    with desk(without=b"HomeNet") as made:
        made.do("join", ssid_hex=HOME, key=HOME_KEY)
        assert made.do("forget", ssid_hex=HOME)["exit"] == 0
        assert made.do("remember", ssid_hex=HOME)["exit"] == 2


def test_what_waits_for_its_login_is_remembered_and_not_on_flash() -> None:
    with desk("broken", without=b"Portal") as made:
        portal = next(each for each in made.world.known if each.ssid.raw == b"Portal")
        key = {"key": portal.key.reveal()} if portal.key is not None else {}
        answer = made.do("join", ssid_hex=b"Portal".hex(), login=True, **key)
        assert (answer["exit"], answer["joined"]["kept"]) == (0, "session")
        kept = made.do("remember", ssid_hex=b"Portal".hex())["kept"]
        assert kept == "session because its internet is not proved"
        assert made.world.router.flash_writes == []


def test_an_end_in_the_middle_takes_a_trial_back() -> None:
    with desk() as made:
        before = {each: made.world.router.on_air(each) for each in ACCESS_POINTS}
        asked = [made.ask("join", ssid_hex=HOME)["id"], made.ask("join", ssid_hex=HOME)["id"]]
        end = time.monotonic() + LIMIT
        while not made.ask("answer", id=asked[0]).get("steps"):
            assert time.monotonic() < end
        made.made.close()
        first, second = (made.ask("answer", id=each) for each in asked)
        assert (first["state"], second["state"]) == ("done", "sent")
        if first["exit"] == 5:  # its last step may have been on its way
            assert made.uplink["state"] == "disabled"
        else:
            assert first["exit"] in (0, 130)
        made.world.clock.sleep(90.0)
        assert {each: made.world.router.on_air(each) for each in ACCESS_POINTS} == before


def test_a_service_elsewhere_is_asked_to_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[dict[str, Any], object]] = []

    def ask(*given: Any, key: object = None) -> dict[str, Any]:
        told.append((given[3], key))
        return {"done": "there"}

    monkeypatch.setattr("wifirelay.web.direct.serving", lambda transport: "somebody")
    monkeypatch.setattr("wifirelay.web.direct.ask", ask)
    with desk() as made:
        for method, arguments in (
            ("join", {"ssid_hex": HOME, "key": HOME_KEY, "login": True}),
            ("join", {}),
            ("leave", {}),
            ("run", {}),
            ("remember", {"ssid_hex": HOME}),
            ("forget", {"ssid_hex": HOME}),
            ("prefer", {"ssid_hex": HOME, "priority": -3}),
        ):
            assert made.do(method, **arguments)["done"] == "there"
        assert "HomeNet" in made.names(), "the file here is not theirs"
    assert told == [
        ({"do": "join", "ssid_hex": HOME, "login": True}, Secret(HOME_KEY)),
        ({"do": "join", "ssid_hex": None, "login": False}, None),
        ({"do": "leave"}, None),
        ({"do": "run"}, None),
        ({"do": "remember", "ssid_hex": HOME}, None),
        ({"do": "forget", "ssid_hex": HOME}, None),
        ({"do": "prefer", "ssid_hex": HOME, "priority": -3}, None),
    ]


def test_known_networks_are_ordered_and_forgotten() -> None:
    with desk() as made:
        assert made.do("prefer", ssid_hex=HOME, priority=-7)["exit"] == 0
        found = {each["ssid"]: each["priority"] for each in made.ask("networks")["networks"]}
        assert found["HomeNet"] == -7
        assert made.do("forget", ssid_hex=HOME)["exit"] == 0
        assert "HomeNet" not in made.names()
        assert made.do("forget", ssid_hex=HOME)["exit"] == 2
        assert made.do("run")["exit"] == 6, "there is no service to go on"


def test_an_access_point_that_goes_is_in_the_timeline() -> None:
    with desk() as made:
        made.do("join")
        made.status()
        made.world.air.switch_off(b"HomeNet")
        made.world.clock.sleep(20.0)
        made.status()
        made.world.clock.sleep(120.0)
        made.status()
        kinds = made.kinds()
        assert kinds[:2] == ["joined", "lost"]
        assert kinds.index("own-ap-off") < kinds.index("own-ap-on")


def test_what_was_seen_last_is_shown_while_something_is_done() -> None:
    with desk() as made:
        seen = made.status()
        with made.made._reaching:  # as a trial has it
            made.world.clock.sleep(10.0)
            found: list[Any] = []

            thread = threading.Thread(target=lambda: found.append(made.ask("status")))
            thread.start()
            thread.join(10)
            assert found == [seen]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("reboot", {}),
        ("status", {"a": 1}),
        ("join", {"ssid": "HomeNet"}),
        ("join", {"ssid_hex": "xx"}),
        ("join", {"ssid_hex": ""}),
        ("join", {"ssid_hex": "41" * 33}),
        ("join", {"ssid_hex": ["41"]}),
        ("join", {"ssid_hex": HOME, "key": ""}),
        ("join", {"ssid_hex": HOME, "key": "a secret" * 100}),
        ("join", {"ssid_hex": HOME, "key": ["a secret"]}),
        ("join", {"ssid_hex": HOME, "key": "\ud800abcdefgh"}),
        ("join", {"key": "a secret"}),
        ("join", {"ssid_hex": HOME, "login": "yes"}),
        ("join", {"ssid_hex": HOME, "login": 1}),
        ("remember", {}),
        ("forget", {}),
        ("prefer", {}),
        ("prefer", {"ssid_hex": HOME, "priority": "1"}),
        ("prefer", {"ssid_hex": HOME, "priority": True}),
        ("prefer", {"ssid_hex": HOME, "priority": 1001}),
        ("answer", {"id": 5}),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(method: str, arguments: dict[str, Any]) -> None:
    with make_world("home", boot=False) as world:
        made = Desk(world, ())
        with pytest.raises(UsageError) as refused:
            made.ask(method, **arguments)
        assert "secret" not in f"{refused.value} {refused.value.hint}"
        made.made.close()


@pytest.mark.parametrize("key", ["qwzx", "a\nb567890", "\x00" * 9, "k" * 65])
def test_a_password_that_none_can_have_is_said_without_showing_it(key: str) -> None:
    with desk(without=b"HomeNet") as made:
        answer = made.do("join", ssid_hex=HOME, key=key)
        assert answer["exit"] in (2, 4)
        assert key not in json.dumps(answer)


def test_an_answer_that_nobody_knows_is_lost() -> None:
    with make_world("home", boot=False) as world:
        made = Desk(world, ())
        assert made.ask("answer", id="0" * 16) == {"state": "lost"}
        assert made.ask("answer") == {"state": "lost"}
        made.made.close()


def test_the_password_is_in_no_process_of_the_router() -> None:
    with desk(without=b"HomeNet") as made:
        made.do("join", ssid_hex=HOME, key=HOME_KEY)
        made.do("remember", ssid_hex=HOME)
        words = [word for argv in made.world.router.argvs for word in argv]
        assert len(words) > 20
        assert not [word for word in words if HOME_KEY in word]
        told = json.dumps([made.ask(each) for each in ("status", "scan", "plan", "networks")])
        assert HOME_KEY not in told + json.dumps(made.ask("history"))


def test_every_method_says_what_it_takes() -> None:
    with make_world("home", boot=False) as world:
        made = Desk(world, ())
        for method in METHODS:
            with pytest.raises(UsageError, match="no such argument"):
                made.ask(method, nothing=1)
        made.made.close()
