# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay doctor`: what it says of each recording, of simulated routers, and how.

The verdicts on the recordings were written down from reading them, before there was any code.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from healthy import GET_WIRELESS, answer_of, changed
from lab import Lab, lab
from shapes import NAMES, SCHEMAS, Run, Say, check, home, run, say, target
from test_neighbours import add, wants

from tests.fuzzing.names import NAMES as HOSTILE
from tests.fuzzing.names import config, hear_all, safe
from wifirelay.change.checkup import read_facts
from wifirelay.core.doctor.checks import NAMES as CHECKS
from wifirelay.core.doctor.checks import check_up
from wifirelay.core.doctor.finding import Verdict
from wifirelay.core.known import Relay
from wifirelay.sim.worlds import WORLDS
from wifirelay.view.doctor import doctor_lines, doctor_object

__all__ = ["home", "run", "say"]

# All recordings are of one router: OpenWrt SNAPSHOT of February 2025, radio0 with an own access
# point on channel 6 and the relay's station, radio1 disabled, the LAN on 192.168.1.0/24. They
# hold neither `rc list`, nor wpa_supplicant's features, nor the sentry's state, nor TLS.
USUAL = {
    "release": "ok",
    "clock": "ok",
    "flash": "ok",
    "memory": "ok",
    "packages": "ok",
    "supplicant": "unknown",
    "login-page": "unknown",
    "configuration": "ok",
    "radios": "warning",  # radio1 is disabled
    "combination radio0": "ok",
    "scan radio0": "ok",
    "country radio0": "ok",
    "channels radio0": "ok",
    "own-channel radio0": "ok",
    "access-points": "ok",
    "stations": "ok",
    "setup": "ok",
    "firewall": "ok",
    "sentry": "unknown",
    "staged": "ok",  # only own edits, if any
    "subnets": "warning",  # the LAN's subnet is one that many upstreams use
    "ipv6": "ok",
    "bridge": "ok",
    "neighbours": "unknown",
    "vpn": "ok",
    "keys": "ok",
}
# What is different, and why.
EXPECTED: dict[str, dict[str, str]] = {
    "baseline": {},
    "connected": {},
    "dead-dhcp": {},
    # No own section yet: no sentry is missing either.
    "fresh": {"setup": "warning", "sentry": "ok"},
    "hostile-air": {},
    "portal": {},
    "subnet-clash": {"subnets": "problem"},  # the lease is in the LAN's own subnet
    # The station searches, and keeps the own access point off the air.
    "upstream-lost": {"access-points": "problem"},
    "wrong-key": {"access-points": "problem"},
}


def verdicts(shape: dict[str, Any]) -> dict[str, str]:
    found = shape["findings"]
    return {
        " ".join(filter(None, (each["check"], each["about"]))): each["verdict"] for each in found
    }


def test_every_recording_is_expected() -> None:
    assert sorted(EXPECTED) == NAMES


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_recordings(run: Run, name: str) -> None:
    code, shape = run("--router", target(name), "doctor")
    assert (code, shape["schema"]) == (0, "wifirelay.doctor/1")
    assert verdicts(shape) == {**USUAL, **EXPECTED[name]}


# --- what it prints ---


def test_text(say: Say) -> None:
    code, out, err = say("--router", target("upstream-lost"), "doctor")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert any(line.startswith("PROBLEM  access-points") for line in lines)
    below = lines[next(n for n, line in enumerate(lines) if line.startswith("PROBLEM")) + 1]
    assert below.strip() == "-> `wifirelay leave`"
    assert lines[-1] == "1 problem, 2 warnings, 4 unknown, 19 ok"
    starts = {
        line.find("  ", 9 + len(line[9:].split("  ")[0])) for line in lines if line[:2] == "ok"
    }
    assert all(start > 0 for start in starts)


@pytest.mark.parametrize(("name", "exit_code"), [("connected", 0), ("subnet-clash", 6)])
def test_strict(say: Say, name: str, exit_code: int) -> None:
    """Warnings are allowed; the object is the doctor's own, no error's."""
    code, out, _ = say("--router", target(name), "doctor", "--strict", "--json")
    shape = check(json.loads(out))
    assert (code, shape["schema"]) == (exit_code, "wifirelay.doctor/1")
    assert shape["verdict"] == ("problem" if exit_code else "warning")


def test_the_schema_knows_every_check(run: Run) -> None:
    schema = SCHEMAS["doctor"]
    each = schema["properties"]["findings"]["items"]["properties"]
    assert each["check"]["enum"] == list(CHECKS)
    assert set(each["verdict"]["enum"]) == {verdict.value for verdict in Verdict}


def test_every_check_is_documented() -> None:
    page = (Path(__file__).parent.parent / "docs" / "doctor.md").read_text("utf-8")
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
    assert rows == [f"`{name}`" for name in CHECKS]


def test_a_scan_alone_is_no_router(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "air.json"
    file.write_text('{"results": []}')
    code, shape = run("--router", f"recording:{file}", "doctor")
    assert (code, "scan alone" in shape["error"]) == (2, True)


# --- names of strangers ---


def test_names_in_the_air_and_in_the_configuration(say: Say, tmp_path: Path) -> None:
    hear_all(tmp_path / "air.jsonl")
    words = ("--router", f"recording:{tmp_path}/air.jsonl", "--config", config(tmp_path))
    code, out, err = say(*words, "doctor")
    assert code == 0
    safe(out, err)


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_a_name_of_an_own_access_point(what: str) -> None:
    """Hostile or not: in text it is harmless and on one line, in JSON it is as printed."""
    wireless = json.loads(answer_of("baseline", GET_WIRELESS).out)
    wireless["values"]["default_radio0"]["ssid"] = HOSTILE[what].text
    facts = read_facts(changed("wrong-key", {GET_WIRELESS: json.dumps(wireless)}), Relay())
    findings = check_up(facts)
    assert any("is off the air" in each.evidence for each in findings)
    lines = doctor_lines(findings)
    safe("\n".join(lines))
    remedies = [each for each in findings if each.remedy]
    assert len(lines) == len(findings) + len(remedies) + 2
    check(json.loads(json.dumps(doctor_object(facts, findings))))


# --- a simulated router ---


def look(bench: Lab) -> dict[str, str]:
    facts = read_facts(bench.transport, bench.relay, bench.known)
    return verdicts(check(doctor_object(facts, check_up(facts))))


def test_two_round_trips_and_nothing_is_changed() -> None:
    with lab() as bench:
        before = bench.files()
        assert "problem" not in look(bench).values()
        assert bench.transport.round_trips == 2
        assert bench.files() == before


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_worlds(run: Run, world: str) -> None:
    code, shape = run("--router", f"sim:{world}", "doctor")
    assert code == 0
    assert {name.split()[0] for name in verdicts(shape)} == set(CHECKS)


def test_not_set_up() -> None:
    with lab(set_up=False, sentry=False) as bench:
        found = look(bench)
        assert (found["setup"], found["sentry"]) == ("warning", "ok")


def test_set_up_and_no_sentry() -> None:
    with lab(sentry=False) as bench:
        assert look(bench)["sentry"] == "problem"


@pytest.mark.parametrize("release", ["22.03.5", "21.02.7", "25.12.0"])
def test_releases(release: str) -> None:
    with lab(release=release) as bench:
        assert look(bench)["release"] == ("problem" if release < "22" else "ok")


def test_edits_of_somebody_else() -> None:
    with lab() as bench:
        bench.world.router.execute(["uci", "set", "wireless.default_radio0.ssid=Mine"])
        assert look(bench)["staged"] == "problem"


def test_neighbours() -> None:
    with lab() as bench:
        add(bench, "travelmate")
        wants(bench, "1")
        assert look(bench)["neighbours"] == "problem"
        wants(bench, "0")
        assert look(bench)["neighbours"] == "ok"
    with lab() as bench:
        add(bench, "mwan3")
        assert look(bench)["neighbours"] == "warning"


def test_an_open_zone() -> None:
    with lab() as bench:
        root = bench.world.router.root
        text = root.read("/etc/config/firewall").decode()
        assert text.count("REJECT") > 0
        root.write("/etc/config/firewall", text.replace("REJECT", "ACCEPT"))
        assert look(bench)["firewall"] == "warning"


# --- recordings of other routers ---


def test_a_recording_says_what_its_router_says(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    assert run("--router", "sim:home", "record", str(file))[0] == 0
    live = run("--router", "sim:home", "doctor")[1]
    again = run("--router", f"recording:{file}", "doctor")[1]
    assert verdicts(again) == verdicts(live)
    assert not any(each["evidence"] == "not in this recording" for each in again["findings"])


def test_whether_a_travelmate_is_wanted_is_not_recorded() -> None:
    """Its configuration may hold the passwords of portals: `record` leaves it alone."""
    services = {"travelmate": {"start": 25, "enabled": True, "running": False}}
    rc_list = ("ubus", "call", "rc", "list", "{}")
    facts = read_facts(changed("baseline", {rc_list: json.dumps(services)}), Relay())
    (found,) = [each for each in check_up(facts) if each.check == "neighbours"]
    assert (found.verdict, "travelmate" in found.evidence) == (Verdict.UNKNOWN, True)
