# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay run` over real SSH against a served router whose air and server come and go."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.lab import ACCESS_POINTS
from wifirelay.sim.serving import Serving

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STARTED = 30.0  # seconds for the first join, and for the last one
LEAVES = 4.0  # seconds from SIGTERM to the end


@dataclass(frozen=True, slots=True)
class Endured:
    """What it came to."""

    history: list[dict[str, object]]
    log: list[str]
    online: bool
    on_air: bool
    code: int
    seconds_to_leave: float
    left_running: list[str]  # commands of the service, on the router's side
    left_on_router: bool  # its mark that it looks after the router
    left_here: list[str]  # files, but for history and memory
    restarts: int

    def kinds(self) -> list[str]:
        return [str(event["kind"]) for event in self.history]


def endure(folder: Path, seconds: float, speed: float = 1.0) -> Endured:
    """Let it work for so many seconds of this machine; the router lives `speed` times as fast."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    with Serving("home", speed=speed) as serving:
        world, router = serving.world, serving.world.router
        target = f"127.0.0.1:{serving.address.port}"
        config = home / "config.yaml"
        networks = [
            {"ssid": known.ssid.text, "key": known.key.reveal()}
            for known in world.known
            if known.key is not None
        ]
        login = {"key_file": serving.address.key_file}
        shape = {"router": f"ssh://root@{target}", "login": login, "networks": networks}
        config.write_text(yaml.safe_dump(shape))
        config.chmod(0o600)
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        program = [sys.executable, "-m", "wifirelay", "--config", str(config)]
        subprocess.run(
            [*program, "trust", "--yes", target], env=env, cwd=CHECKOUT, check=True, timeout=60
        )
        restarts = 0
        with (folder / "log").open("w+") as log:
            service = subprocess.Popen([*program, "run"], env=env, cwd=CHECKOUT, stderr=log)
            try:
                begun = time.monotonic()
                beat = 60.0 / speed
                number = 0
                while time.monotonic() - begun < seconds:
                    serving.wait(beat)
                    assert service.poll() is None, "the service has ended"
                    number += 1
                    name = "HomeNet" if number % 4 < 2 else "Phone"
                    with router.lock:
                        (world.air.switch_off if number % 2 else world.air.switch_on)(name)
                    if number % 3 == 2:
                        serving.restart(5.0 / speed)
                        restarts += 1
                with router.lock:
                    for name in ("HomeNet", "Phone"):
                        world.air.switch_on(name)
                end = time.monotonic() + STARTED + 3 * beat
                while time.monotonic() < end and not _online(serving):
                    serving.wait(0.5)
                online, on_air = _online(serving), _on_air(serving)
                history = home / "wifirelay" / f"ssh___root@127.0.0.1_{serving.address.port}"
                service.send_signal(signal.SIGTERM)
                asked = time.monotonic()
                code = service.wait(20)
                leaving = time.monotonic() - asked
            finally:
                service.kill()
                service.wait()
            log.seek(0)
            said = log.read().splitlines()
        serving.wait(2.0)
        left = _listening(serving)
        mark = os.path.exists(router.root.here("/tmp/run/wifirelay/service"))
        lines = (history / "history.jsonl").read_text().splitlines()
        return Endured(
            history=[json.loads(line) for line in lines],
            log=said,
            online=online,
            on_air=on_air,
            code=code,
            seconds_to_leave=leaving,
            left_running=left,
            left_on_router=mark,
            left_here=sorted(set(os.listdir(history)) - {"history.jsonl", "memory"}),
            restarts=restarts,
        )


def _online(serving: Serving) -> bool:
    return serving.world.router.interfaces.behind() is not None


def _on_air(serving: Serving) -> bool:
    return all(serving.world.router.on_air(section) for section in ACCESS_POINTS)


def _listening(serving: Serving) -> list[str]:
    """`ubus listen` of this router that still runs."""
    found = []
    root = serving.world.router.root.path
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().replace(b"\0", b" ").decode("utf-8", "replace")
            with open(f"/proc/{pid}/environ", "rb") as file:
                ours = root.encode() in file.read()
        except OSError:
            continue
        if ours and "listen" in words:
            found.append(words)
    return found
