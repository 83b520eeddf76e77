# SPDX-License-Identifier: GPL-2.0-or-later
"""The program as an owner runs it, over real SSH, against a router in real time.

A process of its own with a home of its own, dropbear as on routers, the real sentry under
busybox ash. Each test ends with the promises' checks.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dropbear import new_key
from tests.laptop import Laptop, free_port, new_home
from tests.served import PASSWORD, Served, checked, password
from wifirelay.sim.dropbear import Dropbear
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Command

pytestmark = pytest.mark.dropbear

TRIPS = 3  # SSH round trips that `status` may take


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with checked(Served(tmp_path)) as one:
        yield one


@pytest.fixture
def laptop(served: Served, tmp_path: Path) -> Laptop:
    return Laptop(new_home(tmp_path), served)


@pytest.fixture
def ready(served: Served, laptop: Laptop) -> Dropbear:
    """A server with a blank password that the laptop trusts."""
    server = served.ssh()
    laptop.configure(server.port)
    laptop.trust()
    return server


# logins, and the whole job


def with_key(served: Served, laptop: Laptop) -> Dropbear:
    """The key that SSH finds by itself."""
    line = new_key(laptop.home / ".ssh/id_ed25519")
    server = served.ssh(authorized_keys=[line])
    laptop.configure(server.port)
    return server


def with_password(served: Served, laptop: Laptop) -> Dropbear:
    server = served.ssh(password=password())
    laptop.configure(server.port, password_file=laptop.write("password", PASSWORD + "\n"))
    return server


def blank(served: Served, laptop: Laptop) -> Dropbear:
    server = served.ssh(blank=True)
    laptop.configure(server.port)
    return server


LOGINS = {
    "key": (with_key, "Pubkey auth succeeded"),
    "password": (with_password, "Password auth succeeded"),
    "blank": (blank, "Auth succeeded with blank password"),
}


@pytest.mark.parametrize("name", LOGINS)
def test_join_status_leave(name: str, served: Served, laptop: Laptop) -> None:
    prepare, logged = LOGINS[name]
    server = prepare(served, laptop)
    assert server.host_key.fingerprint in laptop.trust().out
    joined = laptop.run("--json", "join").object
    assert (joined["action"], joined["network"]) == ("join", "HomeNet")
    assert (joined["uplink"]["radio"], joined["uplink"]["kept"]) == ("radio1", "flash")
    served.joined()
    sent = len(served.commands())
    status = laptop.run("--json", "status").object
    assert len(served.commands()) - sent <= TRIPS
    assert status["internet"]["verdict"] == "online"
    assert [each["on_air"] for each in status["access_points"]] == [True, True]
    assert (status["uplinks"][0]["network"], status["uplinks"][0]["kept"]) == ("HomeNet", "flash")
    left = laptop.run("--json", "leave").object
    assert ([each["ssid"] for each in left["left"]], left["flash"]) == (["HomeNet"], "committed")
    served.on_air()
    assert served.lab.wireless() == served.before
    assert len(served.router.flash_writes) == 2
    assert logged in server.log()


# no way in


def test_an_unknown_host_key(served: Served, laptop: Laptop) -> None:
    server = served.ssh()
    laptop.configure(server.port)
    error = laptop.fails(3, "join")
    assert "unknown" in error["error"]
    assert server.host_key.fingerprint in error["error"]
    assert f"wifirelay trust 127.0.0.1:{server.port}" in error["hint"]
    check_untouched(served, server)


def test_a_changed_host_key(served: Served, laptop: Laptop, ready: Dropbear) -> None:
    old = ready.host_key
    laptop.run("status")
    sent = len(served.commands())
    ready.stop()
    ready.start(ready.port)  # as after a reset: another key
    error = laptop.fails(3, "join")
    assert "changed" in error["error"]
    assert old.fingerprint in error["error"]
    assert "--replace" in error["hint"]
    assert len(served.commands()) == sent
    check_untouched(served, ready)
    assert "changed" in laptop.run("trust", "--yes", expect=3).err
    laptop.trust("--replace")
    laptop.run("status")
    assert len(served.commands()) > sent


def check_untouched(served: Served, server: Dropbear) -> None:
    """Nobody has logged in, and nothing has changed."""
    assert "succeeded" not in server.log()
    served.at_baseline()


def test_a_wrong_password(served: Served, laptop: Laptop) -> None:
    server = served.ssh(password=password())
    wrong = "not the router's password"
    served.secrets.add(wrong)
    laptop.configure(server.port, password_file=laptop.write("password", wrong))
    laptop.trust()
    error = laptop.fails(3, "join")
    assert "login refused (tried the password" in error["error"]
    assert "password" in error["hint"]
    check_untouched(served, server)


def test_a_key_that_the_router_does_not_know(served: Served, laptop: Laptop) -> None:
    server = served.ssh(authorized_keys=[new_key(laptop.home / "another")])
    new_key(laptop.home / "mine")
    laptop.configure(server.port, key_file=str(laptop.home / "mine"))
    laptop.trust()
    error = laptop.fails(3, "join")
    assert f"login refused (tried {laptop.home}/mine" in error["error"]
    assert "authorized_keys" in error["hint"]
    check_untouched(served, server)


def test_a_dead_port(served: Served, laptop: Laptop) -> None:
    laptop.configure(free_port())
    error = laptop.fails(3, "join")
    assert "nothing listens" in error["error"]
    assert "port" in error["hint"]
    served.at_baseline()


# refused, failed


def test_beside_foreign_staged_edits(served: Served, laptop: Laptop, ready: Dropbear) -> None:
    command = Command(("uci", "set", "wireless.radio0.country=DE"))
    assert SimTransport(served.router).run(command).rc == 0
    staged = served.lab.wireless()
    error = laptop.fails(6, "join")
    assert "wireless.radio0.country" in error["error"]
    assert "uci revert wireless" in error["hint"]
    served.lab.check_baseline(staged)


def test_without_a_living_sentry(served: Served, laptop: Laptop, ready: Dropbear) -> None:
    served.router.sentry_absent = True
    served.hurry_to(served.router.uptime + 65)
    assert laptop.run("--json", "status").object["sentry"]["alive"] is False
    assert "wifirelay-sentry restart" in laptop.fails(6, "join")["hint"]
    served.at_baseline()


def test_a_network_with_another_key(served: Served, laptop: Laptop) -> None:
    laptop.keys["HomeNet"] = "this key is wrong"
    laptop.configure(served.ssh().port)
    laptop.trust()
    error = laptop.run("--json", "join", "HomeNet", expect=5).object
    assert (error["exit"], error["cause"]) == (5, "wrong-key")
    assert "HomeNet rejected the key" in error["error"]
    assert "rolled back" in error["error"]
    assert "correct the key" in error["hint"]
    served.at_baseline()
    status = laptop.run("--json", "status").object
    assert status["staged"]["own"] == []
    assert status["sentry"]["unfinished_trial"] is None
    assert status["sentry"]["lock"] is None


# in the middle of a trial


@pytest.mark.parametrize("step", ["armed", "reloading", "leased"])
def test_the_controller_killed(step: str, served: Served, laptop: Laptop, ready: Dropbear) -> None:
    """Nobody comes back: the sentry ends it. Then the next `join` works."""
    join = laptop.start("join")
    join.until(step)
    join.kill()
    served.sentry_ends(served.unfinished())
    laptop.run("join")
    served.joined()


@pytest.mark.parametrize("step", ["staged", "leased"])
def test_the_controller_killed_and_started_again(
    step: str, served: Served, laptop: Laptop, ready: Dropbear
) -> None:
    """The next `join` need not wait for the deadline: it ends what the dead one began."""
    join = laptop.start("join")
    join.until(step)
    join.kill()
    dead = served.unfinished()
    again = laptop.run("join")
    assert "the earlier trial is rolled back" in again.err, again.out
    assert served.router.uptime < dead.deadline
    served.joined()


def test_the_controller_killed_and_the_next_join_fails(
    served: Served, laptop: Laptop, ready: Dropbear
) -> None:
    """Back to the baseline, and not to what the dead one had tried and not proved."""
    join = laptop.start("join", "HomeNet")
    join.until("leased")
    join.kill()
    served.unfinished()
    laptop.keys["Phone"] = "this key is wrong"
    laptop.configure(ready.port)
    assert laptop.fails(5, "join", "Phone")["cause"] == "refused"
    served.at_baseline()


def test_the_link_cut_again_and_again(served: Served, laptop: Laptop, ready: Dropbear) -> None:
    def connections() -> int:
        return len(re.findall("Auth succeeded", ready.log()))

    join = laptop.start("join")
    for cuts, step in enumerate(("armed", "staged", "reloading", "leased")):
        join.until(step)
        served.wait("a connection", lambda: connections() > cuts)  # noqa: B023
        ready.drop(commands=False)
    assert join.ended() == 0, join.err
    assert connections() == 5
    served.joined()
    assert "online through HomeNet" in join.out
    assert re.search(r"associated +ok ", join.err)
    assert "HomeNet on radio1: connected" in laptop.run("status").out
    assert "nothing to do" in laptop.run("join").out
    ready.stop()
    dead = laptop.run("status", expect=3)
    assert dead.out == ""
    assert "nothing listens there\n  check the port" in dead.err


def test_the_router_out_of_reach_until_the_deadline(
    served: Served, laptop: Laptop, ready: Dropbear
) -> None:
    laptop.configure(ready.port, deadline=30)
    join = laptop.start("--json", "join", "HomeNet")
    join.until("armed")
    served.pace(2.0)  # its 30 s leave 5 to the controller, and it reckons in this machine's
    join.until("reloading")
    ready.stop()
    assert join.ended() == 3
    error = join.object
    assert "in the middle of a trial" in error["error"]
    assert "sentry takes an unconfirmed trial back by itself" in error["hint"]
    served.sentry_ends(served.unfinished())
