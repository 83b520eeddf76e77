# SPDX-License-Identifier: GPL-2.0-or-later
"""G2 where a full flash has emptied a configuration and somebody else has taken its last room: the
text from before waits in RAM, and the sentry writes it as soon as it can.
"""

from pathlib import Path

from tests.lab import Lab, lab
from wifirelay.change.scripts import text
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Command, Completed

MINE = "00000000000000aa"
# A folder in the file's place: nobody can write it, as on a flash without room.
EMPTIED = """mkdir -p "$R"
cp "$X/etc/config/network" "$R/before.network"
rm "$X/etc/config/network"
mkdir "$X/etc/config/network"
put_back network || lose network
"""


def run(bench: Lab, script: str, *args: str, stdin: bytes = b"") -> Completed:
    command = Command(("sh", "-c", script, "wifirelay", *args), stdin=stdin)
    return SimTransport(bench.world.router).run(command)


def put_back_in_vain(bench: Lab) -> Path:
    """A commit's last step has failed: the place of /etc/config/network."""
    said = run(bench, text("prelude") + text("trials") + EMPTIED)
    assert "network is empty until there is room: do not switch the router off" in said.errors
    return Path(bench.world.router.root.here("/etc/config/network"))


def test_the_sentry_writes_it_as_soon_as_there_is_room() -> None:
    with lab() as bench:
        clock, router = bench.world.clock, bench.world.router
        path = put_back_in_vain(bench)
        folder = Path(router.root.here("/var/run/wifirelay"))
        clock.sleep(60.0)
        assert path.is_dir()
        assert (folder / "lost.network").read_bytes() == bench.flash["network"]
        path.rmdir()
        path.touch()
        clock.sleep(11.0)
        assert path.read_bytes() == bench.flash["network"]
        assert not list(folder.glob("lost*"))
        assert not (folder / "resting").exists()
        assert router.argvs.count(("wifi", "reload")) == 1, "what runs follows once more"
        clock.sleep(60.0)
        assert router.argvs.count(("wifi", "reload")) == 1


def test_what_was_cut_short_is_written_anew() -> None:
    with lab() as bench:
        path = put_back_in_vain(bench)
        path.rmdir()
        path.write_bytes(bench.flash["network"][:40])
        bench.world.clock.sleep(11.0)
        assert path.read_bytes() == bench.flash["network"]


def test_what_somebody_has_written_anew_stays() -> None:
    with lab() as bench:
        path = put_back_in_vain(bench)
        theirs = bench.flash["network"].replace(b"192.168.1.1", b"192.168.2.1")
        assert theirs != bench.flash["network"]
        path.rmdir()
        path.write_bytes(theirs)
        bench.world.clock.sleep(11.0)
        assert path.read_bytes() == theirs
        assert not list(Path(bench.world.router.root.here("/var/run/wifirelay")).glob("lost*"))


def test_nobody_reloads_an_empty_configuration() -> None:
    """Whoever takes a trial back meanwhile leaves the reload to the sentry."""
    with lab() as bench:
        clock, router = bench.world.clock, bench.world.router
        path = put_back_in_vain(bench)
        folder = Path(router.root.here("/var/run/wifirelay"))
        (folder / "undo").touch()
        (folder / "confirming").write_text(f"{MINE} boot 900\n\n\n")
        assert (
            run(bench, text("prelude") + text("rollback"), MINE).text == "rolled-back controller\n"
        )
        clock.sleep(60.0)
        assert ("wifi", "reload") not in router.argvs
        path.rmdir()
        path.touch()
        clock.sleep(11.0)
        assert router.argvs.count(("wifi", "reload")) == 1
        assert path.read_bytes() == bench.flash["network"]
