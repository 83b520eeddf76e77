# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay.api`: what it names is there and has types; it reads only, and prints nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from known import CHECKOUT, recording_path
from test_style import tool

from wifirelay import api
from wifirelay.errors import ConnectError, UsageError

# Public: to take one away is for a major release (docs/releasing.md)
NAMES = {
    *("Action", "Bss", "Candidate", "Decision", "KnownNetwork", "Login", "OpenRouter", "Plan"),
    *("Relay", "Secret", "Security", "Settings", "Ssid", "Status", "WifirelayError"),
    *("load_settings", "open_router"),
}


def test_the_public_names_are_these() -> None:
    assert set(api.__all__) == NAMES
    for name in api.__all__:
        assert getattr(api, name).__doc__ or name == "Action"


def test_a_recording_is_planned_for() -> None:
    known = api.KnownNetwork(api.Ssid.of("HomeNet"), api.Secret("correct horse battery"))
    settings = api.Settings(networks=(known,))
    with api.open_router(f"recording:{recording_path('baseline')}", settings) as router:
        plan = router.plan()
        assert router.plan("HomeNet").decision.candidate == plan.decision.candidate
        heard = router.scan()
        with pytest.raises(UsageError, match="Nobody is not a known network"):
            router.plan("Nobody")
    assert plan.decision.action is api.Action.JOIN
    assert {candidate.bss for candidate in plan.candidates} <= set(heard)
    assert plan.edits


def test_a_simulated_router_brings_its_networks_and_is_closed() -> None:
    with api.open_router("sim:home") as router:
        assert [str(network.ssid) for network in router.known] == ["HomeNet", "Phone"]
        status = router.status()
        assert all(point.on_air for point in status.access_points)
        chosen = router.plan().decision.candidate
        assert chosen is not None and str(chosen.network.ssid) == "HomeNet"
        again = router.status()
        assert (again.uplinks, again.changes) == (status.uplinks, ())  # it reads only


def test_named_settings_go_before_a_worlds_networks(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("networks:\n  - {ssid: Phone, key: phone in my pocket}\n")
    with api.open_router("sim:home", api.load_settings(str(path))) as router:
        assert [str(network.ssid) for network in router.known] == ["Phone"]


def test_errors_are_wifirelays(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        api.open_router("sim:nowhere")
    with pytest.raises(ConnectError), api.open_router("ssh://root@127.0.0.1:1") as router:
        router.status()
    air = tmp_path / "air.json"
    air.write_text('{"results": []}')
    with api.open_router(f"recording:{air}") as router:
        assert router.scan() == ()
        with pytest.raises(UsageError):
            router.status()
    for kind in (UsageError, ConnectError):
        assert issubclass(kind, api.WifirelayError)


def test_it_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "open.yaml"
    path.write_text("networks:\n  - {ssid: HomeNet, key: correct horse battery}\n")
    path.chmod(0o644)  # of which the command line warns
    with api.open_router("sim:home", api.load_settings(str(path))) as router:
        router.plan()
        router.status()
    assert capfd.readouterr() == ("", "")


def test_the_documents_programs_hold_under_strict_types(tmp_path: Path) -> None:
    assert (CHECKOUT / "wifirelay/py.typed").exists()
    text = (CHECKOUT / "docs/python.md").read_text("utf-8")
    programs = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(programs) >= 2
    for name, program in programs:
        (tmp_path / name).write_text(program)
    done = subprocess.run(
        [tool("mypy"), "--strict", "--python-executable", sys.executable, str(tmp_path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.returncode == 0, done.stdout
