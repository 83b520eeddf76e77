# SPDX-License-Identifier: GPL-2.0-or-later
"""Moving lan on a simulated router: kept from its new address alone, else taken back by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from lab import Lab, lab

from wifirelay.change import move_lan, scripts
from wifirelay.change.confirm_lan import confirm_lan
from wifirelay.change.leave import leave
from wifirelay.change.move_lan import Moving, look_around
from wifirelay.change.onrouter import Token
from wifirelay.change.outcome import Progress
from wifirelay.change.scripts import Exit, script
from wifirelay.change.status import read_status
from wifirelay.core.known import Relay
from wifirelay.core.lan import Move, plan_move
from wifirelay.errors import (
    ConnectError,
    LinkLost,
    Refused,
    RouterAnswer,
    TrialFailed,
)
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import router_files
from wifirelay.transport.base import Command, Transport
from wifirelay.view.status import status_lines

OLD, NEW = "192.168.1.1", "192.168.77.1"


@dataclass
class House:
    """A router, a laptop behind it, and the move that it wants."""

    bench: Lab
    seconds: int = 120
    events: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.link = SimTransport(self.bench.world.router, at=OLD)
        self.move = self.plan()

    def plan(self, wish: str | None = None) -> Move:
        return plan_move(look_around(self.link, self.bench.known), wish)

    def at(self, address: str) -> SimTransport:
        return SimTransport(self.bench.world.router, at=address)

    def moving(self, reach: Callable[[str], Transport] | None = None) -> Moving:
        return Moving(
            self.link,
            self.bench.world.clock,
            self.move,
            self.seconds,
            reach,
            self.events.append,
            "tests",
        )

    @property
    def lan(self) -> str:
        """What netifd gives to the clients now."""
        (net,) = self.bench.world.router.interfaces.all["lan"].networks()
        return str(net)

    def on_flash(self) -> str:
        return self.bench.files()["network"].decode()

    def check_as_before(self) -> None:
        """The old address, nothing staged, nothing written."""
        assert self.lan == f"{OLD}/24"
        assert self.bench.files() == self.bench.flash
        assert self.bench.world.router.flash_writes == []
        assert self.bench.state().unfinished is None
        assert self.bench.state().locked is None
        assert self.bench.transport.run(Command(("uci", "changes"))).text == ""
        assert self.bench.on_air()


@contextmanager
def house(name: str = "home", seconds: int = 120) -> Iterator[House]:
    with lab(name) as bench:
        yield House(bench, seconds)


# --- kept ---


def test_who_reaches_it_at_its_new_address_keeps_it() -> None:
    with house() as home:
        before = home.bench.wireless()
        home.moving(home.at).run()
        assert home.lan == f"{NEW}/24"
        expected = home.bench.flash["network"].decode().replace(OLD, NEW)
        assert home.on_flash().split() == expected.split()
        assert [path for _, path in home.bench.world.router.flash_writes] == ["/etc/config/network"]
        token = home.bench.state().token
        assert token is not None
        assert (token.state, token.result) == (Token.ENDED, "confirmed flash")
        assert home.bench.state().locked is None
        assert home.bench.wireless() == before
        home.bench.check_hands_off(before)
        assert home.bench.on_air()
        home.bench.world.clock.sleep(200.0)
        home.bench.world.router.power_cut()
        home.bench.world.clock.sleep(60.0)
        assert home.lan == f"{NEW}/24"


def test_the_link_of_who_asked_ends_and_that_is_no_failure() -> None:
    with house() as home:
        home.moving(home.at).run()
        with pytest.raises(ConnectError):
            home.link.run(Command(("true",)))


def test_somebody_else_may_confirm_it_and_who_asked_is_told() -> None:
    """As where the link does not run over lan: by a tunnel, or on the router itself."""
    with house() as home:
        home.link = SimTransport(home.bench.world.router)
        moving = home.moving()
        waits = moving._ended
        looked: list[str] = []

        def confirmed(transport: Transport | None) -> str:
            if not looked:
                looked.append(confirm_lan(home.at(NEW), ssh=True))
            return waits(transport)

        moving._ended = confirmed  # type: ignore[method-assign]
        moving.run()
        assert looked == [NEW]
        assert home.lan == f"{NEW}/24"


# --- taken back ---


def test_nobody_comes_and_the_old_address_is_back_by_itself() -> None:
    with house() as home:

        def nowhere(address: str) -> Transport:
            link = home.at(address)
            link.dead = True
            return link

        begun = home.bench.world.clock.monotonic()
        with pytest.raises(TrialFailed, match=f"nobody reached the router at {NEW}") as failed:
            home.moving(nowhere).run()
        assert failed.value.cause == "not-confirmed"
        assert "--wait" in failed.value.hint
        assert 115 < home.bench.world.clock.monotonic() - begun < 150
        home.check_as_before()


class Killed(BaseException):
    """The controller is gone: nothing that it would do after this happens."""


def commit(home: House) -> None:
    """Somebody else's, as of a package's installation."""
    assert home.bench.transport.run(Command(("uci", "commit", "network"))).rc == 0


def test_somebody_s_commit_in_the_middle_locks_nobody_out() -> None:
    """Flash has then what nobody has reached: the old address is staged against it."""
    with house(seconds=60) as home:
        waiting(home)
        commit(home)
        home.bench.world.clock.sleep(90.0)
        assert home.lan == f"{OLD}/24"
        changes = home.bench.transport.run(Command(("uci", "changes"))).text
        assert changes.split() == [f"network.lan.ipaddr='{OLD}'"]
        assert NEW in home.on_flash()


def test_somebody_s_commit_before_the_confirmation_changes_nothing() -> None:
    with house() as home:
        waiting(home)
        commit(home)
        assert confirm_lan(home.at(NEW), ssh=True) == NEW
        home.bench.world.clock.sleep(150.0)
        assert home.lan == f"{NEW}/24"
        assert home.bench.transport.run(Command(("uci", "changes"))).text == ""


@pytest.mark.parametrize("end", ["", 'mv "$R/confirming" "$R/kept"\n'])
def test_a_confirmation_that_dies_behind_its_commit_is_told_as_what_it_is(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script is killed between the commit and its last steps; the sentry ends the rest."""
    with house() as home:
        real = scripts.text

        def killed(name: str) -> str:
            whole = real(name)
            if name != "confirm_lan":
                return whole
            begin, commit, _ = whole.partition("commit network || exit 25\n")
            assert commit
            return f"{begin}{commit}{end}exit 1\n"

        monkeypatch.setattr(scripts, "text", killed)
        monkeypatch.setattr(move_lan, "confirm_lan", lost_answer)
        with pytest.raises(RouterAnswer, match="cut short, and lan is") as told:
            home.moving(home.at).run()
        assert NEW in str(told.value)
        home.bench.world.clock.sleep(150.0)
        assert home.lan == f"{NEW}/24"
        assert NEW in home.on_flash()
        assert home.bench.transport.run(Command(("uci", "changes"))).text == ""


def lost_answer(transport: Transport, *, ssh: bool) -> str:
    """`confirm_lan` whose script is killed: no exit status comes."""
    done = transport.run(script("confirm_lan", "ssh"))
    if done.rc == 1:
        raise LinkLost("it ended without an exit status")
    return confirm_lan(transport, ssh=ssh)


@pytest.mark.parametrize("when", ["before", "after"])
def test_whoever_asked_is_killed_at_any_command_and_all_is_as_before(when: str) -> None:
    number = 0
    while True:
        with house(seconds=60) as home:
            first = home.link.boundaries

            def fault(boundary: int, command: Command, moment: str) -> None:
                if boundary - first == number and moment == when:  # noqa: B023
                    home.link.dead = True
                    raise Killed

            home.link.fault = fault
            try:
                home.moving().run()
            except Killed:
                home.bench.world.clock.sleep(150.0)
                home.check_as_before()
            except (LinkLost, TrialFailed):
                break  # there are no more commands before it has lost its link anyway
        number += 1
    assert number >= 3


def test_who_interrupts_it_while_the_router_is_in_reach_has_the_old_address_at_once() -> None:
    with house() as home:
        home.link = SimTransport(home.bench.world.router)  # not over lan
        moving = home.moving()

        def interrupted(transport: Transport | None) -> str:
            raise KeyboardInterrupt

        moving._ended = interrupted  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            moving.run()
        home.check_as_before()


def test_a_power_cut_before_the_confirmation_brings_the_old_address_back() -> None:
    with house() as home:
        moving = home.moving()
        moving._arm()
        moving._stage()
        moving._apply()
        assert home.lan == f"{NEW}/24"
        home.bench.world.router.power_cut()
        home.bench.world.clock.sleep(60.0)
        home.check_as_before()


def test_a_restart_while_somebody_waits_is_told_as_that() -> None:
    with house() as home:
        router = home.bench.world.router
        home.link = SimTransport(router)
        router.at(40.0, router.power_cut)
        with pytest.raises(RouterAnswer, match="tells nothing of this move") as told:
            home.moving().run()
        assert OLD in told.value.hint
        home.bench.world.clock.sleep(60.0)
        home.check_as_before()


# --- who may confirm ---


def waiting(home: House) -> None:
    moving = home.moving()
    moving._arm()
    moving._stage()
    moving._apply()


def test_by_another_address_it_proves_nothing() -> None:
    with house() as home:
        waiting(home)
        far = SimTransport(home.bench.world.router)
        text = script("confirm_lan")
        env = {"SSH_CONNECTION": "10.10.1.5 50000 10.10.1.176 22"}
        done = home.bench.world.router.execute(text.argv, b"", more=env)
        assert (done.rc, done.errors.strip()) == (Exit.ELSEWHERE, f"10.10.1.176 {NEW}")
        assert home.bench.state().unfinished is not None
        with pytest.raises(Refused, match="does not tell by which address"):
            confirm_lan(far, ssh=True)  # its server sets no SSH_CONNECTION
        assert home.bench.state().unfinished is not None
        assert confirm_lan(far, ssh=False) == NEW  # at its console
        assert confirm_lan(home.at(NEW), ssh=True) == NEW  # said again: the answer got lost
        mapped = {"SSH_CONNECTION": f"::ffff:192.168.77.9 50000 ::ffff:{NEW} 22"}
        assert home.bench.world.router.execute(text.argv, b"", more=mapped).rc == Exit.DONE


def test_nothing_to_confirm_and_too_late() -> None:
    with house(seconds=60) as home:
        with pytest.raises(Refused, match="no move of lan waits"):
            confirm_lan(home.link, ssh=False)
        waiting(home)
        home.bench.world.clock.sleep(90.0)
        with pytest.raises(Refused, match="no move of lan waits"):
            confirm_lan(home.link, ssh=False)
        home.check_as_before()


def test_a_trial_of_an_uplink_is_no_move() -> None:
    """It must not be kept unproved by a confirmation for something else."""
    with house(seconds=60) as home:
        waiting(home)
        home.bench.world.clock.sleep(90.0)
        router, plan = home.bench.look("HomeNet")
        trial = home.bench.trial(router, plan)
        trial._arm()
        with pytest.raises(Refused, match="no move of lan waits"):
            confirm_lan(home.link, ssh=False)
        assert home.bench.state().unfinished is not None


# --- beside others ---


def test_no_trial_leave_or_setup_runs_meanwhile() -> None:
    with house() as home:
        waiting(home)
        with pytest.raises(Refused, match="another controller works on this router: tests"):
            home.bench.join("HomeNet")
        for name in ("leave", "commit", "rest", "keep"):
            args = ("00000000000000bb", "others", "60")
            assert home.bench.transport.run(script(name, *args)).rc == Exit.UNFINISHED
        home.link = SimTransport(home.bench.world.router)
        with pytest.raises(Refused, match="another controller works on this router"):
            home.moving().run()
        assert confirm_lan(home.at(NEW), ssh=True) == NEW


def test_beside_a_trial_it_does_not_begin() -> None:
    with house() as home:
        router, plan = home.bench.look("HomeNet")
        home.bench.trial(router, plan)._arm()
        with pytest.raises(Refused):
            home.moving().run()
        assert home.lan == f"{OLD}/24"


def test_foreign_staged_edits_are_refused_and_never_committed_along() -> None:
    with house() as home:
        set_mtu = Command(("uci", "set", "network.lan.mtu=1400"))
        assert home.bench.transport.run(set_mtu).rc == 0
        with pytest.raises(Refused, match=r"network\.lan\.mtu"):
            look_around(home.link, ())
        assert home.bench.transport.run(Command(("uci", "revert", "network"))).rc == 0
        waiting(home)
        assert home.bench.transport.run(set_mtu).rc == 0
        with pytest.raises(RouterAnswer, match=r"somebody else has staged network\.lan\.mtu"):
            confirm_lan(home.at(NEW), ssh=True)
        assert home.lan == f"{OLD}/24"
        assert home.bench.files() == home.bench.flash
        changes = home.bench.transport.run(Command(("uci", "changes"))).text
        assert changes.split() == ["network.lan.mtu='1400'"]


def test_edits_that_somebody_stages_after_the_look_are_left_alone() -> None:
    with house() as home:
        assert home.bench.transport.run(Command(("uci", "set", "network.lan.mtu=1400"))).rc == 0
        with pytest.raises(Refused, match=r"network\.lan\.mtu"):
            home.moving(home.at).run()
        assert home.lan == f"{OLD}/24"
        assert home.bench.state().unfinished is None
        changes = home.bench.transport.run(Command(("uci", "changes"))).text
        assert changes.split() == ["network.lan.mtu='1400'"]


def test_an_answer_that_gets_lost_while_it_is_staged_is_asked_for_again() -> None:
    with house() as home:
        lost = 0

        def fault(boundary: int, command: Command, when: str) -> None:
            nonlocal lost
            staged = when == "after" and command.stdin == home.move.batch()
            if staged and not lost:
                lost += 1
                raise LinkLost("the answer was lost")

        home.link.fault = fault
        home.moving(home.at).run()
        assert lost == 1
        assert home.lan == f"{NEW}/24"


def test_an_uplink_that_keeps_the_air_while_a_move_waits_is_off_at_once() -> None:
    """Taking the move back does nothing for own access points."""
    with house() as home:
        bench = home.bench
        bench.join()
        waiting(home)
        bench.world.air.switch_off("HomeNet")
        bench.world.clock.sleep(5.0)
        assert not bench.on_air()
        assert bench.wait_on_air(70.0) <= 70.0
        token = bench.state().token
        assert token is not None and token.result.endswith("is off the air")
        assert home.lan == f"{OLD}/24"


def test_a_full_flash_takes_it_back() -> None:
    with house() as home:
        waiting(home)
        home.bench.world.router.flash_free_kib = 4
        with pytest.raises(RouterAnswer, match="only 4 KiB free"):
            confirm_lan(home.at(NEW), ssh=True)
        home.bench.world.router.flash_free_kib = 4096
        home.check_as_before()


def test_without_setup_or_a_sentry_nothing_begins() -> None:
    with lab(set_up=False) as bench, pytest.raises(Refused, match="not set up"):
        look_around(bench.transport, ())
    with lab(sentry=False) as bench:
        home = House(bench)
        with pytest.raises(Refused, match="sentry"):
            home.moving(home.at).run()
        assert home.lan == f"{OLD}/24"


def test_with_an_uplink_it_moves_and_the_uplink_stays() -> None:
    with house() as home:
        assert home.bench.join("HomeNet") is not None
        home.bench.world.router.flash_writes.clear()
        before = home.bench.wireless()
        home.moving(home.at).run()
        assert home.lan == f"{NEW}/24"
        assert home.bench.wireless() == before
        assert home.bench.world.router.interfaces.all["wwan"].up


def test_after_it_a_network_that_clashed_is_joined() -> None:
    with house("broken") as home:
        with pytest.raises(TrialFailed, match="overlaps lan") as failed:
            home.bench.join("Overlap")
        assert f"`wifirelay move-lan {NEW}/24`" in failed.value.hint
        home.moving(home.at).run()
        assert home.bench.join("Overlap") is not None


@pytest.mark.parametrize("committed", [False, True])
def test_the_reset_button_takes_it_back(*, committed: bool) -> None:
    with house() as home:
        waiting(home)
        if committed:
            commit(home)
        router = home.bench.world.router
        done = router.execute(["sh", f"{router_files()}/wifirelay-baseline"])
        assert done.rc == 0
        assert home.lan == f"{OLD}/24"
        if not committed:
            assert home.bench.files()["network"] == home.bench.flash["network"]


# --- what somebody's commit in the middle leaves staged ---


def test_the_old_address_staged_against_flash_stops_nothing_and_is_told() -> None:
    with house(seconds=60) as home:
        router = home.bench.world.router
        router.at(router.now + 20.0, lambda: commit(home))
        with pytest.raises(TrialFailed, match="flash has another address of lan") as told:
            home.moving().run()
        assert "`uci commit network` keeps the present one" in str(told.value)
        home.bench.world.clock.sleep(60.0)
        assert home.lan == f"{OLD}/24"
        told_so = "\n".join(status_lines(read_status(home.link, probing=False)))
        assert "flash has another address of lan" in told_so
        assert "no `join`" not in told_so
        home.bench.join("HomeNet")
        leave(home.link, home.bench.world.clock, Relay(), home.events.append, "tests")
        changes = home.bench.transport.run(Command(("uci", "changes", "network"))).text
        assert changes.split() == [f"network.lan.ipaddr='{OLD}'"]
        assert home.lan == f"{OLD}/24"
        with pytest.raises(Refused, match="are staged") as refused:  # it would be committed along
            look_around(home.link, home.bench.known)
        assert refused.value.hint.endswith("`uci commit network`")
        commit(home)
        home.bench.world.router.power_cut()
        home.bench.world.clock.sleep(60.0)
        assert home.lan == f"{OLD}/24"


def test_after_a_power_cut_in_that_state_flash_counts() -> None:
    with house(seconds=60) as home:
        waiting(home)
        commit(home)
        home.bench.world.clock.sleep(90.0)
        assert home.lan == f"{OLD}/24"
        home.bench.world.router.power_cut()
        home.bench.world.clock.sleep(60.0)
        assert home.lan == f"{NEW}/24"


def test_beside_another_edit_it_stops_as_ever() -> None:
    with house() as home:
        run = home.bench.transport.run
        for word in (f"set network.lan.ipaddr={OLD}", "set network.lan.mtu=1400"):
            assert run(Command(("uci", *word.split()))).rc == 0
        with pytest.raises(Refused, match=r"lan\.mtu"):
            home.bench.join("HomeNet")
