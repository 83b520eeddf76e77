# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trial comes to: the uplink, or a rollback that names its cause."""

from dataclasses import replace

import pytest

from tests.lab import RETURN, Lab, lab
from wifirelay.change.outcome import Step
from wifirelay.core.known import Relay
from wifirelay.errors import NothingToJoin, NotOnAir, Refused, RouterAnswer, TrialFailed
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Command, Completed
from wifirelay.values import Band, Security

SESSION = Relay(keep_on_flash=False)


def run(bench: Lab, *argv: str, stdin: bytes | None = None) -> None:
    """A command by another hand."""
    assert SimTransport(bench.world.router).run(Command(argv, stdin)).rc == 0


def read_only(bench: Lab, *, on: bool) -> None:
    router = bench.world.router
    router.folders = replace(router.folders, read_only=on)


def test_joins_the_best_and_keeps_it_on_flash() -> None:
    with lab() as bench:
        before = bench.wireless()
        joined = bench.join()
        assert joined is not None
        assert (joined.ssid_text, joined.radio, joined.kept) == ("HomeNet", "radio1", "flash")
        assert joined.bssid == "02:00:00:00:10:01"
        assert [path for _, path in bench.world.router.flash_writes] == ["/etc/config/wireless"]
        bench.check_hands_off(before)
        bench.wait_on_air(1.0)
        steps = [event.step for event in bench.events if event.done]
        assert steps == [
            Step.ARM,
            Step.STAGE,
            Step.APPLY,
            Step.TAKEN,
            Step.ASSOCIATED,
            Step.LEASE,
            Step.SUBNET,
            Step.ON_AIR,
            Step.INTERNET,
            Step.CONFIRM,
        ]


def test_keeps_it_for_the_session_without_touching_flash() -> None:
    with lab(relay=SESSION) as bench:
        joined = bench.join()
        assert joined is not None
        assert joined.kept == "session"
        assert bench.world.router.flash_writes == []
        bench.world.router.reboot()
        bench.world.router.boot()
        assert bench.wireless()["wifirelay_radio1"]["disabled"] == "1"
        assert bench.on_air()


FAILURES = {
    "WrongKey": "wrong-key",
    "WrongSae": "refused",
    "DeadDhcp": "dead-dhcp",
    "SixOnly": "ipv6-only",
    "Overlap": "subnet-clash",
    "NoInternet": "no-internet",
    "Portal": "portal",
    "DnsDead": "no-dns",
    "DnsFiltered": "no-dns",
}


@pytest.mark.parametrize(("ssid", "cause"), FAILURES.items())
def test_every_failure_is_named_and_taken_back(ssid: str, cause: str) -> None:
    with lab("broken") as bench:
        before = bench.wireless()
        with pytest.raises(TrialFailed) as failed:
            bench.join(ssid)
        assert failed.value.cause == cause
        assert not isinstance(failed.value, NotOnAir)
        assert ssid in str(failed.value) or cause == "subnet-clash"
        bench.check_baseline(before)
        assert bench.state().lock is None


def test_an_upstream_that_takes_the_lan_by_its_routes() -> None:
    """Its DHCP gives a harmless address, and routes (option 121) into the router's own LAN."""
    with lab() as bench:
        before, air = bench.wireless(), bench.world.air
        air.points = [replace(each, routes=("192.168.1.128/25",)) for each in air.points]
        with pytest.raises(
            TrialFailed, match=r"the route for 192\.168\.1\.128/25.* lan "
        ) as failed:
            bench.join()
        assert failed.value.cause == "subnet-clash"
        bench.check_baseline(before)
        air.points = [replace(each, routes=("172.30.0.0/16",)) for each in air.points]
        assert bench.join() is not None


def test_an_access_point_that_vanishes_between_scan_and_join() -> None:
    with lab("broken") as bench:
        before = bench.wireless()
        router, plan = bench.look("Vanishing")
        bench.world.air.switch_off("Vanishing")
        begun = bench.world.clock.monotonic()
        with pytest.raises(TrialFailed) as failed:
            bench.trial(router, plan).run()
        assert failed.value.cause == "vanished"
        assert bench.world.clock.monotonic() - begun < 70.0
        assert bench.world.router.outage_seconds("default_radio0") < RETURN
        bench.check_baseline(before)


def test_an_upstream_that_vanishes_in_the_middle() -> None:
    """After association, before the lease: the station searches, the access point is down."""
    with lab() as bench:
        before = bench.wireless()
        bench.world.router.at(20.0, lambda: bench.world.air.switch_off("HomeNet"))
        with pytest.raises(TrialFailed):
            bench.join()
        bench.check_baseline(before)


def test_a_router_that_ignores_staged_edits() -> None:
    with lab() as bench:
        bench.world.router.ignores_staged = True
        before = bench.wireless()
        with pytest.raises(TrialFailed) as failed:
            bench.join()
        assert failed.value.cause == "staged-edits-ignored"
        bench.check_baseline(before)


def test_a_failed_trial_returns_to_the_uplink_that_worked() -> None:
    with lab("broken") as bench:
        bench.join("Works")
        before = bench.wireless()
        writes = list(bench.world.router.flash_writes)
        with pytest.raises(TrialFailed):
            bench.join("WrongKey")
        assert bench.wireless() == before
        assert bench.world.router.flash_writes == writes
        bench.world.clock.sleep(30.0)
        assert bench.look()[1].decision.action.value == "stay"


def test_a_failed_trial_returns_to_a_session_uplink() -> None:
    with lab("broken", relay=SESSION) as bench:
        bench.join("Works")
        before = bench.wireless()
        with pytest.raises(TrialFailed):
            bench.join("Portal")
        assert bench.wireless() == before
        assert bench.world.router.flash_writes == []
        bench.world.clock.sleep(30.0)
        assert bench.look()[1].decision.action.value == "stay"


def test_moves_from_one_radio_to_the_other() -> None:
    with lab() as bench:
        bench.join("Phone")
        joined = bench.join("HomeNet")
        assert joined is not None
        assert joined.radio == "radio1"
        own = bench.wireless()
        assert own["wifirelay"]["disabled"] == "1"
        assert own["wifirelay_radio1"]["disabled"] == "0"
        bench.wait_on_air(10.0)


def test_an_uplink_that_the_sentry_allows_in_the_meantime_is_off_again() -> None:
    with lab() as bench:
        bench.join("Phone")
        router, plan = bench.look("HomeNet")
        spare = {"wifirelay", "wifirelay_radio1"} - {plan.edits[0].section}
        assert spare == {"wifirelay"}
        bench.join("HomeNet")
        bench.leave()
        router, plan = bench.look("HomeNet")
        assert all(edit.section == "wifirelay_radio1" for edit in plan.edits)
        stdin = b"set wireless.wifirelay.ssid='Phone'\nset wireless.wifirelay.disabled='0'\n"
        bench.world.router.execute(["uci", "batch"], stdin=stdin)
        bench.trial(router, plan).run()
        assert bench.wireless()["wifirelay"]["disabled"] == "1"


def test_leaves_to_the_baseline_on_flash() -> None:
    with lab() as bench:
        before = bench.wireless()
        bench.join()
        left = bench.leave()
        assert left.was == ("HomeNet",)
        assert left.flash == "committed"
        assert bench.wireless() == before
        assert {name: text.split() for name, text in bench.files().items()} == {
            name: text.split() for name, text in bench.flash.items()
        }
        assert bench.on_air()


def test_leaves_a_session_without_a_flash_write() -> None:
    with lab(relay=SESSION) as bench:
        before = bench.wireless()
        bench.join()
        assert bench.leave().flash == "unchanged"
        bench.check_baseline(before)


def test_leaving_twice_writes_nothing_more() -> None:
    with lab() as bench:
        bench.join()
        bench.leave()
        writes = len(bench.world.router.flash_writes)
        assert bench.leave().was == ()
        assert len(bench.world.router.flash_writes) == writes


@pytest.mark.parametrize(
    "line",
    [
        "set wireless.default_radio0.channel='11'",
        "set wireless.radio0.country='DE'",
        "set network.lan.ipaddr='192.168.9.1'",
        "add_list firewall.@zone[0].network='guest'",
        "delete wireless.default_radio1",
    ],
)
def test_refuses_beside_foreign_staged_edits(line: str) -> None:
    with lab() as bench:
        run(bench, "uci", "batch", stdin=line.encode() + b"\n")
        staged = bench.wireless()
        with pytest.raises(Refused, match="staged"):
            bench.join()
        assert bench.wireless() == staged
        assert bench.files() == bench.flash
        with pytest.raises(Refused, match="staged"):
            bench.leave()


def test_edits_staged_by_others_in_the_middle_are_not_committed_along() -> None:
    with lab() as bench:
        bench.world.router.at(
            20.0,
            lambda: run(bench, "uci", "batch", stdin=b"set wireless.default_radio0.channel='11'\n"),
        )
        joined = bench.join()
        assert joined is not None
        assert joined.kept == "session"
        assert "default_radio0.channel" in joined.note
        assert bench.world.router.flash_writes == []
        assert bench.wireless()["default_radio0"]["channel"] == "11"


def test_no_sentry_no_trial() -> None:
    with lab(sentry=False) as bench, pytest.raises(Refused, match="sentry") as refused:
        bench.join()
    assert "setup" in refused.value.hint


def test_a_dead_sentry_no_trial() -> None:
    with lab() as bench:
        bench.world.router.sentry_absent = True
        bench.world.clock.sleep(90.0)
        before = bench.wireless()
        with pytest.raises(Refused, match="sentry"):
            bench.join()
        bench.check_baseline(before)


def test_a_hung_sentry_no_trial() -> None:
    """It was alive a moment ago and does not acknowledge: nothing is staged."""
    with lab() as bench:
        bench.world.router.hang_sentry()
        before = bench.wireless()
        with pytest.raises(Refused, match="did not acknowledge"):
            bench.join()
        bench.check_baseline(before)
        assert bench.state().token is None
        assert bench.state().lock is None


def test_without_setup_no_trial() -> None:
    with lab(set_up=False) as bench, pytest.raises(Refused, match="not set up"):
        bench.join()


def test_one_controller_at_a_time() -> None:
    with lab() as bench:
        lines = b"mkdir -p $WIFIRELAY_ROOT/var/run/wifirelay/lock\n"
        lines += b"read up _ <$WIFIRELAY_ROOT/proc/uptime; up=${up%.*}\n"
        lines += b"echo someone $((up + 50)) otherhost pid 1 "
        lines += b">$WIFIRELAY_ROOT/var/run/wifirelay/lock/owner\n"
        run(bench, "sh", "-c", lines.decode())
        before = bench.wireless()
        with pytest.raises(Refused, match="otherhost"):
            bench.join()
        with pytest.raises(Refused, match="otherhost"):
            bench.leave()
        bench.check_baseline(before)
        bench.world.clock.sleep(60.0)
        assert bench.join() is not None, "a lease that ran out is taken over"


def test_a_full_flash_is_not_written() -> None:
    """`uci commit` on a full flash exits 0 and leaves an empty file: room is checked before."""
    with lab() as bench:
        bench.world.router.flash_free_kib = 0
        joined = bench.join()
        assert joined is not None
        assert joined.kept == "session"
        assert "full" in joined.note
        assert bench.files() == bench.flash


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_flash_that_fails_at_the_last_moment_keeps_the_old_text(fault: str) -> None:
    with lab() as bench:
        before = bench.wireless()

        def break_flash(boundary: int, command: Command, when: str) -> None:
            if when == "before" and command.argv[-1] == "flash":
                if fault == "full":
                    bench.world.router.flash_free_kib = 0
                else:
                    read_only(bench, on=True)

        bench.transport.fault = break_flash
        with pytest.raises(TrialFailed) as failed:
            bench.join()
        assert failed.value.cause == "flash-not-written"
        read_only(bench, on=False)
        assert bench.files() == bench.flash
        assert bench.wireless() == before
        bench.wait_on_air(10.0)


def test_an_interrupt_rolls_back() -> None:
    with lab() as bench:
        before = bench.wireless()

        def fault(boundary: int, command: Command, when: str) -> None:
            if "assoclist" in command.shown() and when == "after":
                bench.transport.fault = None
                raise KeyboardInterrupt

        bench.transport.fault = fault
        with pytest.raises(TrialFailed, match="interrupted"):
            bench.join()
        bench.check_baseline(before)


def test_an_own_access_point_that_does_not_come_back_in_time_is_said() -> None:
    """Its own channel is a radar channel: 60 s of listening before it may be on the air."""
    with lab("broken") as bench:
        run(bench, "uci", "set", "wireless.radio1.channel=52")
        run(bench, "uci", "commit", "wireless")
        run(bench, "wifi", "reload")
        bench.world.clock.sleep(90.0)
        assert bench.on_air()
        # Without radio1's own section enabled nothing makes that radio start again ...
        with pytest.raises(TrialFailed) as failed:
            bench.join("WrongKey")
        assert not isinstance(failed.value, NotOnAir)
        # ... but its own reload does.
        point = bench.world.air.points[0]
        bench.world.air.add(
            replace(
                point,
                ssid=b"DeadDhcp",
                bssid="02:00:00:00:77:01",
                band=Band.GHZ5,
                channel=36,
                dhcp=False,
                signal=-30,
            )
        )
        with pytest.raises(NotOnAir) as not_back:
            bench.join("DeadDhcp")
        assert not_back.value.exit_code == 7
        bench.wait_on_air(90.0)


def test_hostile_names_join_and_nothing_else_happens() -> None:
    with lab("hostile") as bench:
        before = bench.wireless()
        for network in bench.known:
            joined = bench.join(network.ssid.text)
            assert joined is not None
            assert joined.ssid_text == network.ssid.text
            bench.check_hands_off(before)


def test_the_open_twin_is_never_joined() -> None:
    with lab("hostile") as bench:
        router, plan = bench.look("HomeNet")
        del router
        twin = [
            candidate
            for candidate in plan.candidates
            if candidate.bss is not None
            and candidate.bss.security is Security.OPEN
            and candidate.network.ssid.text == "HomeNet"
        ]
        assert len(twin) == 1
        assert "evil twin" in (twin[0].why_not or "")


def test_nothing_known_is_nothing_to_join() -> None:
    with lab() as bench:
        for name in ("HomeNet", "Phone"):
            bench.world.air.switch_off(name)
        assert bench.join() is None
        assert NothingToJoin("x").exit_code == 4


def test_an_uplink_that_only_has_to_come_back_needs_no_edits() -> None:
    """Enabled for the very network, and without a lease just now: tried and confirmed."""
    with lab() as bench:
        bench.join("Phone")
        bench.world.air.switch_off("Phone")
        bench.world.clock.sleep(5.0)
        bench.world.air.switch_on("Phone")
        router, plan = bench.look("Phone")
        assert plan.decision.action.value == "join"
        assert plan.edits == ()
        assert bench.trial(router, plan).run().ssid_text == "Phone"
        bench.wait_on_air(5.0)


def test_two_own_sections_on_one_radio_are_both_brought_to_the_baseline() -> None:
    with lab() as bench:
        before = bench.wireless()
        lines = b"set wireless.wifirelay_old=wifi-iface\nset wireless.wifirelay_old.device=radio0\n"
        lines += b"set wireless.wifirelay_old.mode=sta\nset wireless.wifirelay_old.network=wwan\n"
        lines += b"set wireless.wifirelay_old.ssid=Elsewhere\ncommit wireless\n"
        run(bench, "uci", "batch", stdin=lines)
        joined = bench.join("Phone")
        assert joined is not None
        assert bench.wireless()["wifirelay_old"]["disabled"] == "1"
        bench.leave()
        assert {"ssid", "key"} & bench.wireless()["wifirelay_old"].keys() == set()
        bench.check_hands_off(before)


def test_leaving_over_the_radio_that_is_changed() -> None:
    with lab() as bench:
        before = bench.wireless()
        bench.join()
        bench.transport._via = "default_radio1"
        assert bench.leave().flash == "committed"
        assert bench.wireless() == before


def test_edits_staged_between_the_look_and_the_trial_are_refused() -> None:
    with lab() as bench:
        router, plan = bench.look()
        run(bench, "uci", "set", "network.lan.ipaddr=192.168.9.1")
        staged = bench.wireless()
        with pytest.raises(Refused, match=r"network\.lan\.ipaddr"):
            bench.trial(router, plan).run()
        assert bench.wireless() == staged
        assert ("wifi", "reload") in bench.world.router.argvs  # the rollback's
        assert bench.state().unfinished is None
        assert bench.files() == bench.flash


def test_an_interrupt_after_the_confirmation_does_not_say_rolled_back() -> None:
    with lab() as bench:

        def fault(boundary: int, command: Command, when: str) -> None:
            if when == "after" and command.argv[-1] == "flash":
                bench.transport.fault = None
                raise KeyboardInterrupt

        bench.transport.fault = fault
        with pytest.raises(RouterAnswer, match="is kept"):
            bench.join()
        assert bench.wireless()["wifirelay_radio1"]["disabled"] == "0"


def test_a_lease_of_another_device_proves_nothing() -> None:
    """The interface is up, by a modem say: that is not the station's lease."""
    with lab() as bench:
        before = bench.wireless()
        bench.transport = OtherLease(bench.world.router)
        with pytest.raises(TrialFailed) as failed:
            bench.join()
        assert failed.value.cause == "dead-dhcp"
        assert bench.wireless() == before


class OtherLease(SimTransport):
    """A router on which `wwan` is up on another device all the time."""

    def _run(self, command: Command) -> Completed:
        completed = super()._run(command)
        if command.argv[-2:] == ("network.interface", "dump"):
            return Completed(completed.rc, completed.out.replace(b"phy1-sta0", b"wwan0"))
        return completed
