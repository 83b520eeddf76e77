# SPDX-License-Identifier: GPL-2.0-or-later
"""The service's init script and its default configuration, under busybox ash."""

import re
import subprocess
from pathlib import Path

import pytest
from known import Uci

from tests.openwrt_shell import FILES, InitScript, Scratch

SCRIPT = FILES / "wifirelay.init"
COMMAND = (
    "/bin/sh",
    "-c",
    "trap '' HUP USR1; exec /usr/bin/wifirelay --router local run --keep-pause",
)
PAUSED = "/var/run/wifirelay/paused"


@pytest.fixture
def init(tmp_path: Path) -> InitScript:
    """Enabled, its program there, and paused."""
    scratch = Scratch(tmp_path)
    scratch.write("/usr/bin/wifirelay", "", 0o755)
    scratch.write(PAUSED, "the reset button was held\n")
    return InitScript(scratch, SCRIPT, {"main_enabled": "1"})


def paused(init: InitScript) -> bool:
    return (init.scratch.root / PAUSED.lstrip("/")).exists()


@pytest.mark.parametrize("action", ["start", "boot", "restart"])
def test_starts_the_service_as_agreed(init: InitScript, action: str) -> None:
    asked = init.run(action)
    assert asked.output == b""
    assert asked.instances == [
        {
            "command": COMMAND,
            "respawn": ("60", "10", "0"),
            "stderr": ("1",),
            "term_timeout": ("10",),
        }
    ]
    assert asked.named("load")[0] == ("wifirelay",)
    assert not paused(init), "whoever starts the service lets it go on"


@pytest.mark.parametrize("action", ["start", "boot", "restart", "reload"])
@pytest.mark.parametrize("options", [{}, {"main_enabled": "0"}, {"main_enabled": "off"}])
def test_disabled_it_starts_nothing_and_says_nothing(
    init: InitScript, action: str, options: dict[str, str]
) -> None:
    init.options = options
    asked = init.run(action)
    assert asked.output == b""
    assert asked.instances == []
    assert asked.set, "procd has to hear of it: it stops what runs, and keeps the trigger"
    assert asked.named("trigger") == [("wifirelay",)]


@pytest.mark.parametrize("action", ["start", "boot", "reload"])
def test_without_its_program_it_starts_nothing(init: InitScript, action: str) -> None:
    (init.scratch.root / "usr/bin/wifirelay").unlink()
    asked = init.run(action)
    assert (asked.output, asked.instances, asked.set) == (b"", [], True)


@pytest.mark.parametrize("word", ["1", "on", "true", "yes", "enabled"])
def test_takes_ucis_words_for_true(init: InitScript, word: str) -> None:
    init.options = {"main_enabled": word}
    assert len(init.run("start").instances) == 1


def test_stops(init: InitScript) -> None:
    asked = init.run("stop", running=True)
    assert asked.named("kill") == [("wifirelay", "")]
    assert not asked.set
    assert paused(init)


def test_reload_leaves_the_running_service_in_its_process(init: InitScript) -> None:
    asked = init.run("reload", running=True)
    assert asked.named("signal") == [("wifirelay", "*", "HUP")]
    assert not asked.set
    assert not asked.named("kill")
    assert paused(init), "a change of configuration does not end a pause"


def test_reload_starts_what_does_not_run_and_signals_nobody(init: InitScript) -> None:
    asked = init.run("reload", running=False)
    assert asked.named("signal") == []
    assert [each["command"] for each in asked.instances] == [COMMAND]
    assert paused(init), "a service that procd is about to start again is still paused"


@pytest.mark.parametrize("running", [True, False])
def test_reload_stops_what_is_not_wanted_any_more(init: InitScript, running: bool) -> None:
    init.options = {"main_enabled": "0"}
    asked = init.run("reload", running=running)
    assert (asked.instances, asked.set) == ([], True)
    assert asked.named("signal") == []


def test_a_start_while_it_runs_asks_for_the_same_instance(init: InitScript) -> None:
    """procd compares the parameters: the same ones leave the process alone."""
    assert init.run("start").instances == init.run("start", running=True).instances


def test_procd_calls_reload_when_the_configuration_changes(init: InitScript) -> None:
    assert init.run("start").named("trigger") == [("wifirelay",)]


def test_is_enabled_with_links_that_sort_and_go_away() -> None:
    """rc.common removes `K??NAME`, and one digit would sort behind two."""
    text = SCRIPT.read_text("utf-8")
    assert text.startswith("#!/bin/sh /etc/rc.common\n")
    numbers = dict(re.findall(r"^(START|STOP)=(\S+)$", text, re.M))
    assert numbers == {"START": "96", "STOP": "09"}
    sentry = dict(
        re.findall(r"^(START|STOP)=(\S+)$", (FILES / "wifirelay-sentry.init").read_text(), re.M)
    )
    assert sentry["START"] < numbers["START"]
    assert numbers["STOP"] < sentry["STOP"]


def test_signals_are_ignored_until_the_service_can_take_them(
    init: InitScript, tmp_path: Path
) -> None:
    """The command itself, with a program in the service's place that tells what it ignores."""
    tells = 'while read -r k v; do case $k in SigIgn:) echo "$v" ;; esac; done </proc/$$/status'
    program = init.scratch.write("/usr/bin/tells", f"#!/bin/sh\n{tells}\n", 0o755)
    shell, flag, text = init.run("start").instances[0]["command"]
    assert text.count("/usr/bin/wifirelay") == 1
    done = subprocess.run(
        [shell, flag, text.replace("/usr/bin/wifirelay", str(program))],
        capture_output=True,
        check=True,
        timeout=20,
    )
    ignored = int(done.stdout, 16)
    hup, usr1, term = 1 << 0, 1 << 9, 1 << 14
    assert ignored & hup and ignored & usr1
    assert not ignored & term


# --- /etc/config/wifirelay ---


def test_the_default_configuration_asks_for_nothing(uci: Uci) -> None:
    uci.put(wifirelay=(FILES / "wifirelay.config").read_text("utf-8"))
    (only,) = uci.read("wifirelay")
    assert (only.name, only.kind, only.options) == ("main", "wifirelay", {"enabled": "0"})


def test_its_examples_are_a_configuration(uci: Uci) -> None:
    text = (FILES / "wifirelay.config").read_text("utf-8")
    uci.put(wifirelay=re.sub(r"^#(config|\s+option|\s+list)", r"\1", text, flags=re.M))
    sections = {each.name: dict(each.options) for each in uci.read("wifirelay")}
    assert set(sections) == {"main", "home"}
    assert sections["home"] == {"ssid": "HomeNet", "key": "its passphrase", "priority": "10"}
    assert sections["main"]["radios"] == ("radio1",)
