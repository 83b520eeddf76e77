# SPDX-License-Identifier: GPL-2.0-or-later
"""G2 where a commit fails: what was on flash comes back, also where there is no room for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab import Lab, lab
from wifirelay.change import scripts
from wifirelay.change.scripts import Exit, script
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Completed

ME = "00000000000000aa"
EDITS = b"set network.wwan.mtu='1400'\nset firewall.mine=rule\nset firewall.mine.name='Mine'\n"
COMMIT = 'uci -q commit "$1" &&'
# What `uci commit` does on a full flash: an empty file, renamed into place, and exit code 0.
FULL = """{
	[ "$1" != firewall ] ||
		{ cp -p "$c" "$c.new" && true >"$c.new" && mv "$c.new" "$c" && rm "$X/tmp/.uci/$1"; }
} && { [ "$1" = firewall ] || uci -q commit "$1"; } &&"""
READ = 'got=$(uci -q export "$1")'
NO_SECOND_NAME = ('ln -f "$c"', 'false "$c"')
NO_SECOND_COPY = ('cp -p "$c" "$old"', "false")
NOT_IN_PLACE = ('cat "$R/before.$1" >"$c"', "false")


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives the scripts' prelude other words."""

    def put_in(*changes: tuple[str, str]) -> None:
        real = scripts.text

        def text(part: str) -> str:
            whole = real(part)
            for old, new in changes if part == "prelude" else ():
                assert whole.count(old) == 1, old
                whole = whole.replace(old, new)
            return whole

        monkeypatch.setattr(scripts, "text", text)

    return put_in


def commit(bench: Lab) -> Completed:
    command = script("commit", ME, "tests", "", "network", "firewall", stdin=EDITS)
    return SimTransport(bench.world.router).run(command)


def here(bench: Lab, path: str) -> Path:
    return Path(bench.world.router.root.here(path))


def check_as_before(bench: Lab) -> None:
    """Every configuration, byte for byte, no second name left, nothing staged."""
    assert bench.files() == bench.flash
    assert sorted(path.name for path in here(bench, "/etc/config").glob(".*")) == []
    assert not here(bench, "/var/run/wifirelay/before.network").exists()
    for name in ("network", "firewall"):
        staged = here(bench, f"/tmp/.uci/{name}")
        assert not staged.exists() or staged.read_bytes() == b""


def test_what_is_committed_leaves_no_second_name() -> None:
    with lab() as bench:
        assert commit(bench).rc == Exit.DONE
        files = bench.files()
        assert b"option mtu '1400'" in files["network"]
        assert b"option name 'Mine'" in files["firewall"]
        assert sorted(path.name for path in here(bench, "/etc/config").glob(".*")) == []


@pytest.mark.parametrize(
    "without",
    [
        (NO_SECOND_COPY, NOT_IN_PLACE),
        (NO_SECOND_NAME, NOT_IN_PLACE),
        (NO_SECOND_NAME, NO_SECOND_COPY),
    ],
    ids=["second-name", "second-copy", "in-place"],
)
def test_all_comes_back_by_the_one_way_that_is_left(
    without: tuple[tuple[str, str], ...], change: Callable[..., None]
) -> None:
    """The second of two packages is emptied; the first one was committed by then."""
    with lab() as bench:
        modes = {path.name: path.stat().st_mode for path in here(bench, "/etc/config").iterdir()}
        change((COMMIT, FULL), *without)
        said = commit(bench)
        assert said.rc == Exit.FLASH
        assert "firewall could not be written: is the flash full or read-only?" in said.errors
        check_as_before(bench)
        now = {path.name: path.stat().st_mode for path in here(bench, "/etc/config").iterdir()}
        assert now == modes


def test_what_somebody_else_commits_at_the_same_moment_stays(change: Callable[..., None]) -> None:
    theirs = 'printf "\\nconfig rule\\nconfig rule \'wifirelay_theirs\'\\n" >>"$c"'
    with lab() as bench:
        change((f"{READ}\n\t\t[", f"{theirs}\n{READ}\n\t\t["))
        said = commit(bench)
        assert said.rc == Exit.FLASH
        assert "somebody else has just changed network" in said.errors
        files = bench.files()
        assert files["network"].endswith(b"\nconfig rule 'wifirelay_theirs'\n")
        assert files["firewall"] == bench.flash["firewall"]


def test_what_a_commit_that_was_cut_off_has_left_is_not_put_over_what_came_since(
    change: Callable[..., None],
) -> None:
    with lab() as bench:
        folder = here(bench, "/var/run/wifirelay")
        (folder / "before.firewall").write_bytes(b"config rule 'old'\n")
        here(bench, "/etc/config/.firewall.before").write_bytes(b"config rule 'old'\n")
        change((COMMIT, "false &&"))
        assert commit(bench).rc == Exit.FLASH
        check_as_before(bench)
