# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay plan` on every state that the lab recorded, through the real command line."""

import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from known import RECORDINGS, recording, recording_path

from wifirelay.cli.main import main
from wifirelay.transport.recordfile import Recording, save_recording

CAFE = '咖啡馆 "quoted" & spaces'
KEYS = ["s3cret-home", "s3cret-office", "s3cret-cafe", "s3cret-phone", "s3cret-room", "s3cret-eap"]
CONFIG = f"""
networks:
  - {{ssid: HomeNet, key: s3cret-home, priority: 10}}
  - {{ssid: Office5G, key: s3cret-office, priority: 5, bssid: ["02:00:00:00:06:00"]}}
  - {{ssid: {json.dumps(CAFE, ensure_ascii=False)}, key: s3cret-cafe, priority: 4}}
  - {{ssid: Campus, key: s3cret-cafe, priority: 3, min_signal: -75}}
  - {{ssid: Phone, key: s3cret-phone, security: sae, metered: true}}
  - {{ssid: PhoneMix, key: s3cret-phone, security: sae, metered: true}}
  - {{ssid: Backroom, key: s3cret-room, hidden: true}}
  - {{ssid: OldTKIP, key: s3cret-phone, priority: 100}}
  - {{ssid: AirportFree, key: s3cret-phone, priority: 90}}
  - {{ssid: OweNet}}
  - {{ssid: CafeOpen, priority: -5}}
  - ssid: eduroam
    security: wpa2-eap
    eap: {{method: peap, identity: me@uni, password_env: WIFIRELAY_TEST_EAP, ca_cert: /etc/ca.pem}}
"""

# What is right by the design, with the networks above.
DECISIONS = {
    "fresh": ("join", "HomeNet"),
    "baseline": ("join", "HomeNet"),
    "hostile-air": ("join", "HomeNet"),
    "connected": ("stay", "HomeNet"),
    "upstream-lost": ("join", CAFE),  # HomeNet is gone, Office5G is on the other band
    "wrong-key": ("join", "HomeNet"),
    "dead-dhcp": ("join", "HomeNet"),
    "portal": ("join", "HomeNet"),  # its network is known as secured: an evil twin
    "subnet-clash": ("join", "HomeNet"),  # its network is not known
}

# With few networks known: (recording, what is known, action, network, words of `why`)
FEW = [
    ("upstream-lost", "{ssid: HomeNet, key: s3cret-home}", "leave", None, "off the air"),
    ("upstream-lost", "{ssid: Nowhere, key: s3cret-home}", "leave", None, "no known network"),
    ("wrong-key", "{ssid: WrongPass, key: s3cret-home}", "join", "WrongPass", "only known"),
    ("wrong-key", "{ssid: Nowhere, key: s3cret-home}", "leave", None, "WrongPass"),
    ("dead-dhcp", "{ssid: Nowhere, key: s3cret-home}", "leave", None, "DeadDHCP does not work; "),
    ("connected", "{ssid: CafeOpen}", "join", "CafeOpen", "leaving HomeNet"),
    ("connected", "{ssid: Nowhere, key: s3cret-home}", "stay", None, "HomeNet works"),
    ("portal", "{ssid: AirportFree}", "stay", "AirportFree", "works"),
    ("baseline", "{ssid: Nowhere, key: s3cret-home}", "nothing", None, "no known network"),
    ("baseline", "{ssid: CafeOpen, key: s3cret-home}", "nothing", None, "evil twin"),
    ("baseline", "{ssid: OldTKIP, key: s3cret-home}", "nothing", None, "WPA1"),
    ("baseline", "{ssid: Office5G, key: s3cret-home}", "nothing", None, "5g"),
    ("baseline", "{ssid: Backroom, key: s3cret-home, hidden: true}", "join", "Backroom", ""),
    ("fresh", "{ssid: Nowhere, key: s3cret-home}", "nothing", None, "setup"),
]


@pytest.fixture(autouse=True)
def _eap_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIFIRELAY_TEST_EAP", "s3cret-eap")


class Planner:
    """Runs `plan --json` with a configuration, and looks for secrets in all it prints."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def __call__(self, path: str, *words: str, config: str = CONFIG) -> dict[str, Any]:
        file = self._folder / "config.yaml"
        file.write_text(config, "utf-8")
        file.chmod(0o600)
        target = f"recording:{path}"
        assert main(["--router", target, "--config", str(file), "plan", "--json", *words]) == 0
        printed = self._capsys.readouterr()
        assert not [key for key in KEYS if key in printed.out + printed.err]
        found: dict[str, Any] = json.loads(printed.out)
        return found


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Planner:
    return Planner(tmp_path, capsys)


def own_edits_only(found: dict[str, Any]) -> bool:
    return all(re.match(r"(set|delete) wireless\.wifirelay\.", edit) for edit in found["edits"])


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_decision(name: str, plan: Planner) -> None:
    found = plan(recording_path(name))
    decision = found["decision"]
    assert (decision["action"], decision["network"]) == DECISIONS[name]
    assert ("setup" in decision["why"]) is (name == "fresh")
    assert (found["edits"] != []) is (decision["action"] == "join")
    assert own_edits_only(found)
    best = found["candidates"][0]
    assert [best[key] for key in ("network", "bssid", "radio", "ssid_hex")] == [
        decision[key] for key in ("network", "bssid", "radio", "ssid_hex")
    ]


@pytest.mark.parametrize(("name", "network", "action", "chosen", "why"), FEW)
def test_the_decision_with_few_networks_known(
    name: str, network: str, action: str, chosen: str | None, why: str, plan: Planner
) -> None:
    found = plan(recording_path(name), config=f"networks:\n  - {network}\n")
    decision = found["decision"]
    assert (decision["action"], decision["network"]) == (action, chosen)
    assert why in decision["why"]
    assert (found["edits"] != []) is (action in ("join", "leave"))
    assert own_edits_only(found)


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_bss_is_accounted_for(name: str, plan: Planner) -> None:
    found = plan(recording_path(name))
    reported = next(
        rows
        for each in recording(name).exchanges
        if each.argv == ("ubus", "call", "iwinfo", "scan", '{"device":"radio0"}')
        and (rows := json.loads(each.out)["results"])
    )
    candidates = [each["bssid"] for each in found["candidates"] if each["bssid"]]
    ignored = [each["bssid"] for each in found["ignored"]]
    assert sorted({*candidates, *ignored}) == sorted(row["bssid"] for row in reported)
    assert not set(candidates) & set(ignored)
    assert all(each["why"] for each in found["ignored"])
    for each in found["candidates"]:
        assert (each["why_not"] is None) is each["eligible"]
        assert (each["score"] is None) is not each["eligible"]
        assert (each["terms"] == []) is not each["eligible"]
        assert each["radio"] == "radio0"  # radio1 is disabled, and not named
        if each["eligible"]:
            points = [term["points"] for term in each["terms"]]
            assert each["score"] == pytest.approx(sum(points), abs=0.051)


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_same_each_time_in_whatever_order_things_are_heard(
    name: str, plan: Planner, tmp_path: Path
) -> None:
    first = plan(recording_path(name))
    assert plan(recording_path(name)) == first
    for seed in range(3):
        path = str(tmp_path / f"{seed}.jsonl")
        save_recording(shuffled(recording(name), seed), path)
        again = plan(path)
        for part in ("decision", "candidates", "edits"):
            assert again[part] == first[part]
        assert sorted(map(str, again["ignored"])) == sorted(map(str, first["ignored"]))


def shuffled(original: Recording, seed: int) -> Recording:
    """The recording with every scan's entries in another order."""
    exchanges = []
    for each in original.exchanges:
        if "scan" in each.argv and each.argv[0] == "ubus" and each.rc == 0:
            answer = json.loads(each.out)
            random.Random(seed).shuffle(answer["results"])
            each = replace(each, out=json.dumps(answer))
        exchanges.append(each)
    return replace(original, exchanges=tuple(exchanges))


# --- single rules, seen through the command line ---


def by_network(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["network"]: each for each in reversed(found["candidates"])}


def test_classes_and_reasons_on_the_baseline(plan: Planner) -> None:
    found = plan(recording_path("baseline"))
    order = [each["network"] for each in found["candidates"] if each["eligible"]]
    assert list(dict.fromkeys(order)) == [
        *("HomeNet", CAFE, "Campus"),  # by priority
        *("Backroom", "eduroam", "OweNet"),  # priority 0, by score
        *("Phone", "PhoneMix"),  # metered: the last of their priority
        "CafeOpen",  # priority -5
    ]
    reasons = {name: each["why_not"] for name, each in by_network(found).items()}
    assert "WPA1" in reasons["OldTKIP"]
    assert "evil twin" in reasons["AirportFree"]
    assert "configured for 2g" in reasons["Office5G"]


def test_the_edits_of_a_join_after_setup(plan: Planner) -> None:
    wanted = [
        "set wireless.wifirelay.ssid='HomeNet'",
        "set wireless.wifirelay.encryption='psk2'",
        "set wireless.wifirelay.key='***'",
        "set wireless.wifirelay.disabled='0'",
    ]
    assert plan(recording_path("baseline"))["edits"] == wanted
    assert plan(recording_path("fresh"))["edits"] == wanted  # as they would be after it


@pytest.mark.parametrize(
    ("network", "encryption"),
    [
        ("CafeOpen", "none"),
        ("OweNet", "owe"),
        ("Phone", "sae"),
        ("PhoneMix", "sae"),  # the configuration insists on SAE
        ("Campus", "psk2"),
        ("eduroam", "wpa2"),
        ("Backroom", "psk2"),
        (CAFE, "psk2"),
    ],
)
def test_asking_for_a_network_by_name(network: str, encryption: str, plan: Planner) -> None:
    found = plan(recording_path("baseline"), network)
    assert (found["decision"]["action"], found["decision"]["network"]) == ("join", network)
    assert f"set wireless.wifirelay.encryption='{encryption}'" in found["edits"]
    assert {each["network"] for each in found["candidates"] if each["eligible"]} == {network}
    leaving = plan(recording_path("connected"), network)
    assert leaving["decision"]["action"] == "join"
    open_or_login = network in ("CafeOpen", "OweNet", "eduroam")
    assert ("delete wireless.wifirelay.key" in leaving["edits"]) is open_or_login
    assert ("set wireless.wifirelay.key='***'" in leaving["edits"]) is not open_or_login


def test_nothing_of_the_air_is_hidden_from_people(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The table of a hostile neighbourhood is printable, and has a line for each BSS."""
    file = tmp_path / "config.yaml"
    file.write_text("networks: [{ssid: HomeNet, key: s3cret-home}]")
    file.chmod(0o600)
    target = f"recording:{recording_path('hostile-air')}"
    assert main(["--router", target, "--config", str(file), "plan", "-v"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert all(line.isprintable() for line in lines)
    reported = next(
        json.loads(each.out)["results"]
        for each in recording("hostile-air").exchanges
        if each.argv == ("ubus", "call", "iwinfo", "scan", '{"device":"radio0"}')
    )
    for row in reported:
        assert len([line for line in lines if row["bssid"] in line]) == 1
