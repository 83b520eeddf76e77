# SPDX-License-Identifier: GPL-2.0-or-later
"""The smaller changes: rest, keep, serve, pause; the known networks; files; the plan of undoing."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.changing import LOST, Scripted, Steps, Ticks, carriers, failed, info, radios, raised
from tests.known import own, router, wireless
from wifirelay.change import files, onair, rest
from wifirelay.change.configure import configure, fingerprint
from wifirelay.change.files import RouterFile, install, remove, sentry_files, source
from wifirelay.change.rest import ALONE, SERVICE_LEASE
from wifirelay.change.restore import controller_name
from wifirelay.change.scripts import Exit
from wifirelay.change.trial import ROOM
from wifirelay.change.undo import plan_undo
from wifirelay.errors import LinkLost, Refused, RouterAnswer, UsageError
from wifirelay.transport.base import Completed
from wifirelay.uci.edits import Edit, Verb

DONE = Completed(0)
ME = "me pid 7"


def is_id(text: str) -> bool:
    return len(text) == 16 and bool(bytes.fromhex(text))


# --- at rest ---


def on_air(*, on: bool) -> dict[str, Any]:
    """The answers of a router whose one access point is on the air, or not."""
    return {
        "network.wireless status": radios(("default_radio0", "ap", "Mine", "phy0-ap0")),
        "network.device status": carriers(phy0_ap0=on),
    }


def test_at_rest_the_own_access_points_come_back() -> None:
    asked, steps = Scripted({"rest": DONE, **on_air(on=True)}), Steps()
    assert rest.rest(asked, Ticks(), router(), steps, ME) == ()
    words = asked.of("rest")[0].argv[4:]
    assert is_id(words[0])
    assert words[1:] == (ME, str(ALONE))
    assert steps.shape == ["apply..."]


def test_at_rest_those_that_do_not_come_back_are_named() -> None:
    clock = Ticks()
    asked = Scripted({"rest": DONE, **on_air(on=False)})
    assert rest.rest(asked, clock, router(), Steps(), ME) == ("default_radio0",)
    assert clock.now == onair.RETURN_LIMIT


def test_what_the_router_says_to_rest() -> None:
    with raised(Refused, "another laptop", hint="later"):
        rest.rest(
            Scripted({"rest": failed(Exit.LOCKED, "another laptop")}),
            Ticks(),
            router(),
            Steps(),
            ME,
        )
    with raised(RouterAnswer, "disable the uplink", "no room") as caught:
        rest.rest(Scripted({"rest": failed(1, " no room\n")}), Ticks(), router(), Steps(), ME)
    assert caught[0].message.endswith(": no room")


@pytest.mark.parametrize(
    "work",
    [
        lambda asked, clock: rest.rest(asked, clock, router(), Steps(), ME),
        lambda asked, clock: rest.keep(asked, clock, ME),
    ],
)
def test_a_lost_link_is_tried_again_for_half_a_minute(work: Callable[..., object]) -> None:
    clock = Ticks(70.0)
    with raised(LinkLost, "the link died"):
        work(Scripted({"rest": LOST, "keep": LOST, "system info": info()}), clock)
    assert clock.now == 70.0 + rest.REACH_LIMIT


# --- kept ---


def test_an_uplink_is_kept_on_flash() -> None:
    asked = Scripted({"keep": Completed(0, b"flash\n"), "system info": info(ROOM)})
    assert rest.keep(asked, Ticks(), ME) == "flash"
    (command,) = asked.of("keep")
    assert is_id(command.argv[4])
    assert command.argv[5:] == (ME,)
    assert command.deadline == 40.0


def test_a_flash_that_does_not_tell_is_tried() -> None:
    asked = Scripted({"keep": Completed(0, b"flash\n"), "system info": info(None)})
    assert rest.keep(asked, Ticks(), ME) == "flash"


def test_a_flash_that_is_nearly_full_is_not_written() -> None:
    asked = Scripted({"system info": info(ROOM - 1024)})
    kept = rest.keep(asked, Ticks(), ME)
    assert kept.partition(" ")[0] == "session"
    assert "full" in kept


def test_an_uplink_that_could_not_be_kept() -> None:
    with raised(
        RouterAnswer,
        "flash",
        "no space",
        hint=("free some flash", "`keep: session`", "`option keep 'session'`", "`relay`, in UCI"),
    ):
        rest.keep(
            Scripted({"keep": failed(Exit.FLASH, "no space \n"), "system info": info()}),
            Ticks(),
            ME,
        )
    with raised(Refused, "a laptop", hint="later"):
        rest.keep(
            Scripted({"keep": failed(Exit.LOCKED, "a laptop"), "system info": info()}), Ticks(), ME
        )


# --- who serves, and pauses ---


def test_a_service_says_that_it_serves_and_that_it_does_no_more() -> None:
    asked = Scripted({"serve": DONE, "unserve": DONE, "hold": DONE})
    rest.serve(asked, "abc", ME)
    rest.end_service(asked, "abc")
    rest.end_service(asked, "abc", limit=3.0)
    rest.stay_at_rest(asked)
    assert asked.asked == [
        f"serve abc {SERVICE_LEASE} {ME}",
        "unserve abc",
        "unserve abc",
        f"hold {ALONE}",
    ]
    assert [command.deadline for command in asked.of("unserve")] == [20.0, 3.0]


def test_beside_another_service_it_serves_not() -> None:
    with raised(Refused, r"another mast\x1b, and more", hint="lease"):
        rest.serve(Scripted({"serve": failed(22, "another mast\x1b,\n and more\n")}), "abc", ME)
    with raised(RouterAnswer, "note its service", "full") as caught:
        rest.serve(Scripted({"serve": failed(1, "RAM is full\n")}), "abc", ME)
    assert caught[0].message.endswith("full")


def test_a_pause_has_a_reason_and_ends_without_one() -> None:
    asked = Scripted({"pause": DONE})
    rest.pause(asked, "I say so")
    rest.pause(asked, "")
    assert [command.argv[4:] for command in asked.commands] == [("I say so",), ()]
    with raised(RouterAnswer, "note the pause", "RAM is full") as caught:
        rest.pause(Scripted({"pause": failed(25, " RAM is full\n")}), "x")
    assert caught[0].message.endswith(": RAM is full")


# --- the known networks ---

EDIT = Edit(Verb.SET, "wifirelay", "home", "key", "it's mine")


def test_edits_of_known_networks_are_for_what_was_seen() -> None:
    asked = Scripted({"fingerprint": Completed(0, b"5eed  -\n"), "configure": DONE})
    seen = fingerprint(asked)
    assert seen == "5eed  -"
    configure(asked, [EDIT], seen)
    (command,) = asked.of("configure")
    assert is_id(command.argv[4])
    assert command.argv[5:] == (controller_name(), seen)
    assert command.stdin == b"set wifirelay.home.key='it'\\''s mine'\n"
    assert command.deadline == 40.0


def test_edits_of_known_networks_beside_others() -> None:
    hints = ("`uci changes wifirelay`", "`uci commit wifirelay`", "`uci revert wifirelay`")
    with raised(Refused, "/etc/config/wifirelay", "staged", hint=hints):
        configure(Scripted({"configure": failed(Exit.FOREIGN)}), [EDIT], "5eed")
    with raised(Refused, "changed just now", hint="try again"):
        configure(Scripted({"configure": failed(Exit.CHANGED)}), [EDIT], "5eed")
    with raised(RouterAnswer, r"no space\x1b at all", hint=("flash", "`df`")):
        configure(
            Scripted({"configure": failed(Exit.FLASH, "no space\x1b\nat all\n")}), [EDIT], "5eed"
        )


# --- files ---


def test_what_setup_puts_there_outlives_an_upgrade() -> None:
    found = {file.path: file for file in sentry_files()}
    assert {path: file.mode for path, file in found.items()} == {
        "/usr/sbin/wifirelay-sentry": "755",
        "/etc/init.d/wifirelay-sentry": "755",
        "/lib/upgrade/keep.d/wifirelay-sentry": "644",
        "/etc/udhcpc.user.d/wifirelay": "644",
    }
    kept = found["/lib/upgrade/keep.d/wifirelay-sentry"].content.decode().splitlines()
    assert set(found) <= set(kept)
    assert {path for path in kept if "/rc.d/" in path} == {
        "/etc/rc.d/S95wifirelay-sentry",
        "/etc/rc.d/K10wifirelay-sentry",
    }
    assert b"rc.common" in found["/etc/init.d/wifirelay-sentry"].content
    assert found["/usr/sbin/wifirelay-sentry"].content.startswith(b"#!/bin/sh")


def test_files_for_routers_come_with_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, beside = tmp_path / "onrouter", tmp_path / "files"
    for folder in (inside, beside):
        folder.mkdir()
    monkeypatch.setattr(files, "_FOLDERS", (str(inside), str(beside)))
    with raised(UsageError, "some-file", "missing", hint="install it again"):
        source("some-file")
    (beside / "some-file").write_bytes(b"of the checkout\r\n")
    assert source("some-file") == b"of the checkout\r\n"
    (inside / "some-file").write_bytes(b"of the package")
    assert source("some-file") == b"of the package"


def test_a_file_is_put_on_a_router_and_taken_off() -> None:
    file = RouterFile("/etc/x", "640", b"content")
    asked = Scripted({"install": DONE, "uninstall": DONE})
    install(asked, file)
    remove(asked, (file, RouterFile("/etc/y", "644", b"")))
    digest = hashlib.sha256(b"content").hexdigest()
    assert asked.asked == [f"install /etc/x 640 {digest}", "uninstall /etc/x /etc/y"]
    assert asked.commands[0].stdin == b"content"


def test_files_that_a_router_does_not_take() -> None:
    file = RouterFile("/etc/x", "640", b"content")
    with raised(RouterAnswer, "/etc/x", "incomplete", hint="full or read-only") as caught:
        install(Scripted({"install": failed(25, " incomplete\n")}), file)
    assert caught[0].message.endswith(": incomplete")
    with raised(RouterAnswer, "remove", "read-only") as caught:
        remove(Scripted({"uninstall": failed(1, "it is read-only\n")}), (file,))
    assert caught[0].message.endswith(": it is read-only")


# --- the plan of undoing ---

OPTIONS = {"ssid": "Home", "encryption": "psk2", "key": "it's mine"}
TWO = wireless(
    own(disabled="0", **OPTIONS),
    own("wifirelay_radio1", "radio1", disabled="0", ssid="Phone"),
    own("wifirelay_radio2", "radio2"),
)


def restored(edits: tuple[Edit, ...], section: str) -> dict[str, str | None]:
    return {edit.option or "": edit.value for edit in edits if edit.section == section}


def test_undoing_comes_back_to_what_worked_and_to_nothing_else() -> None:
    undo = plan_undo(TWO, "wifirelay")
    assert undo.sections == ("wifirelay", "wifirelay_radio1", "wifirelay_radio2")
    assert undo.off == ("wifirelay_radio1", "wifirelay_radio2")
    assert undo.waiting == ("wifirelay_radio1",)
    worked = restored(undo.edits, "wifirelay")
    assert {name: value for name, value in worked.items() if value is not None} == {
        "device": "radio0",
        "network": "wwan",
        "mode": "sta",
        "disabled": "0",
        **OPTIONS,
    }
    assert restored(undo.edits, "wifirelay_radio1")["disabled"] == "1"
    assert restored(undo.edits, "wifirelay_radio1")["ssid"] == "Phone"
    assert restored(undo.edits, "wifirelay_radio2")["disabled"] == "1"


def test_undoing_takes_out_what_a_join_adds() -> None:
    undo = plan_undo(wireless(own(ssid="")), None)
    verbs = {edit.option: edit.verb for edit in undo.edits}
    assert verbs["ssid"] == verbs["key"] == verbs["bssid"] == Verb.DELETE
    assert verbs["device"] == verbs["disabled"] == Verb.SET
    assert list(verbs)[-1] == "disabled"
    assert len(undo.edits) == len(verbs)  # each option once
    assert {edit.package for edit in undo.edits} == {"wireless"}
    assert (undo.off, undo.waiting) == (("wifirelay",), ())


def test_undoing_is_three_lines_of_names_and_edits_for_uci() -> None:
    undo = plan_undo(TWO, "wifirelay")
    lines = undo.as_input().decode().split("\n")
    assert lines[:3] == [
        "wifirelay wifirelay_radio1 wifirelay_radio2",
        "wifirelay_radio1 wifirelay_radio2",
        "wifirelay_radio1",
    ]
    assert "set wireless.wifirelay.key='it'\\''s mine'" in lines
    assert "delete wireless.wifirelay_radio2.ssid" in lines
    assert lines[-1] == ""
    assert plan_undo(wireless(own()), "wifirelay").as_input().decode().split("\n")[1:3] == ["", ""]


def test_a_list_among_the_options_is_one_value() -> None:
    section = own(disabled="0")
    section = type(section)("wifirelay", "wifi-iface", {**section.options, "network": ("a", "b")})
    undo = plan_undo(wireless(section), "wifirelay")
    assert restored(undo.edits, "wifirelay")["network"] == "a b"


def test_an_owner_s_list_of_addresses_stays_and_the_secret_comes_back() -> None:
    """No join touches a list; the options after it are restored all the same."""
    section = own(disabled="0", wifirelay_secret="5ec2e7")
    mine = ("02:00:00:00:00:01", "02:00:00:00:00:02")
    section = type(section)("wifirelay", "wifi-iface", {**section.options, "macaddr": mine})
    back = restored(plan_undo(wireless(section), "wifirelay").edits, "wifirelay")
    assert "macaddr" not in back
    assert back["wifirelay_secret"] == "5ec2e7"
