# SPDX-License-Identifier: GPL-2.0-or-later
"""The known networks as the service may change them, and what a guest is when they change."""

from pathlib import Path

import pytest

from tests.listed import HOME, PHONE, WITH_PHONE, Listed, join, listed
from tests.unattended import Mast, asked
from wifirelay.change.configure import configure, fingerprint
from wifirelay.config.model import Settings
from wifirelay.config.yaml_file import load
from wifirelay.errors import Refused, UsageError
from wifirelay.service.loop import Service
from wifirelay.sim.neighbourhoods import HOME_KEY, PHONE_KEY
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.transport.base import Command
from wifirelay.uci.edits import Edit, Verb
from wifirelay.values import Secret
from wifirelay.web.book import FileBook

TYPO = "phone in my pockets"


# --- the configuration meanwhile ---


def edit(bench: Listed, *edits: Edit) -> None:
    """Somebody else changes the known networks, and the service reads them anew."""
    configure(bench.transport, edits, fingerprint(bench.transport))
    bench.wishes.wish(reload=True)
    bench.run(5)


def test_a_reload_keeps_the_guest_until_it_is_configured() -> None:
    with listed(WITH_PHONE + f"\toption key '{TYPO}'\n") as bench:
        bench.run(100)
        join(bench)
        edit(bench, Edit(Verb.SET, "wifirelay", "phone", "priority", "5"))
        guest = bench.service.guests.guest
        assert guest is not None
        assert guest.key is not None
        assert (guest.priority, guest.key.reveal()) == (5, PHONE_KEY)
        edit(bench, Edit(Verb.SET, "wifirelay", "phone", "key", PHONE_KEY))
        assert bench.guest() is None
        bench.run(300)
        assert bench.uplink == "Phone"


def test_a_reload_with_another_network_keeps_the_guest() -> None:
    with listed() as bench:
        bench.run(100)
        join(bench)
        edit(bench, Edit(Verb.SET, "wifirelay", "home", "priority", "5"))
        assert bench.guest() == "Phone"
        assert bench.service.settings.networks[0].priority == 5


# --- forget, prefer ---


def test_a_known_network_is_forgotten_and_a_guest_is_one_no_more() -> None:
    with listed(WITH_PHONE + f"\toption key '{PHONE_KEY}'\n") as bench:
        bench.run(100)
        asked(bench, {"do": "forget", "ssid_hex": PHONE})
        assert bench.known() == ["HomeNet"]
        assert PHONE_KEY not in bench.config
        assert bench.uplink == "HomeNet"
        before = bench.config
        join(bench)
        asked(bench, {"do": "forget", "ssid_hex": PHONE})
        assert (bench.guest(), bench.config) == (None, before)
        with pytest.raises(UsageError, match="there is no network Phone"):
            asked(bench, {"do": "forget", "ssid_hex": PHONE})


def test_what_is_forgotten_is_not_the_owners_choice_any_more() -> None:
    with listed(WITH_PHONE + f"\toption key '{PHONE_KEY}'\n") as bench:
        bench.run(100)
        asked(bench, {"do": "join", "ssid_hex": PHONE})
        asked(bench, {"do": "forget", "ssid_hex": PHONE})
        assert bench.service.policy.memory.chosen(bench.now) is None
        bench.run(3 * 3600)
        assert bench.uplink == "HomeNet"
        assert b"Phone" not in bench.flash()


def test_a_preferred_network_is_moved_to() -> None:
    with listed(WITH_PHONE + f"\toption key '{PHONE_KEY}'\n") as bench:
        bench.run(100)
        assert bench.uplink == "HomeNet"
        answer = asked(bench, {"do": "prefer", "ssid_hex": PHONE, "priority": 3})
        assert answer["ssid_hex"] == PHONE
        assert {each.ssid.text: each.priority for each in bench.service.settings.networks} == {
            "HomeNet": 0,
            "Phone": 3,
        }
        assert f"option key '{PHONE_KEY}'" in bench.config


@pytest.mark.parametrize("priority", [None, 1001, -1001, 1.5, "3", True])
def test_a_priority_is_a_whole_number(priority: object) -> None:
    with listed() as bench:
        bench.run(30)
        before = bench.config
        with pytest.raises(UsageError, match="priority"):
            asked(bench, {"do": "prefer", "ssid_hex": HOME, "priority": priority})
        assert bench.config == before


@pytest.mark.parametrize("do", ["remember", "forget", "prefer"])
def test_no_network_is_named_or_nobody_may_change_them(do: str) -> None:
    with listed() as bench:
        bench.run(30)
        with pytest.raises(UsageError, match="no network is named"):
            asked(bench, {"do": do, "priority": 1})
        join(bench)
        bench.service.book = lambda: None
        name = HOME if do != "remember" else PHONE
        with pytest.raises(Refused, match="cannot be changed"):
            asked(bench, {"do": do, "ssid_hex": name, "priority": 1})


def test_somebodys_staged_edits_are_not_written_along() -> None:
    with listed() as bench:
        bench.run(30)
        SimTransport(bench.world.router).run(Command(("uci", "set", "wifirelay.main.keep=session")))
        with pytest.raises(Refused, match="staged"):
            asked(bench, {"do": "prefer", "ssid_hex": HOME, "priority": 3})
        assert "priority" not in bench.config


# --- a service on a laptop ---


def test_on_a_laptop_it_is_the_owners_file_that_changes(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"networks:\n  - ssid: HomeNet  # ours\n    key: {HOME_KEY}\n", "utf-8")
    path.chmod(0o600)

    def read() -> Settings:
        return load(str(path))

    with make_world("home") as world:
        bench = Mast(world, read())
        bench.service = Service(
            *(bench.transport, world.clock, read, bench.wishes, bench.told, "laptop", bench.told),
            book=lambda: FileBook(str(path), read),
        )
        bench.run(60)
        asked(bench, {"do": "join", "ssid_hex": PHONE}, PHONE_KEY)
        assert asked(bench, {"do": "remember", "ssid_hex": PHONE})["file"] == str(path)
        asked(bench, {"do": "prefer", "ssid_hex": PHONE, "priority": 4})
        found = {each.ssid.text: each for each in bench.service.settings.networks}
        assert found["Phone"].key == Secret(PHONE_KEY)
        assert found["Phone"].priority == 4
        asked(bench, {"do": "forget", "ssid_hex": PHONE})
        assert [each.ssid.text for each in bench.service.settings.networks] == ["HomeNet"]
        assert "# ours" in path.read_text("utf-8")
        bench.wishes.close()
