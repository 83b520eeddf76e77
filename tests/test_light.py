# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's side runs with what OpenWrt's python3-light has, in little memory."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from known import CHECKOUT, recording_path
from test_layers import MODULES

from wifirelay.package.contents import LAPTOP
from wifirelay.sim.light import MISSING
from wifirelay.sim.light import PRELUDE as light_prelude

PRELUDE = f"{light_prelude}sys.path.append({str(CHECKOUT)!r})\n"
RSS = """
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmRSS")))
"""
MEMORY = 16 * 1024  # KiB: the design's budget for the whole service
SERVICE = (  # what the loop on a router works with; the other commands come and go
    *("change.trial", "change.leave", "change.status", "router.observe", "core.plan"),
    *("transport.local", "config.model", "clock"),
)


def router_side() -> list[str]:
    return [
        f"wifirelay.{module}"
        for module in MODULES
        if not any(module == each or module.startswith(each + ".") for each in LAPTOP)
        and module not in ("__init__", "__main__")
    ]


def light(
    code: str, *args: str, flags: Sequence[str] = ("-B",)
) -> subprocess.CompletedProcess[str]:
    """Run code in a bare interpreter: no site-packages, no modules that the router lacks."""
    return subprocess.run(
        [sys.executable, "-I", "-S", *flags, "-c", PRELUDE + code, *args],
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=60,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        check=False,
    )


def test_the_missing_modules_are_really_missing() -> None:
    done = light(
        "import importlib\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "        print(name)\n"
        "    except ModuleNotFoundError:\n"
        "        pass\n",
        *(*MISSING, "yaml", "paramiko", "netifaces", "pytest", "os.path"),
    )
    assert (done.returncode, done.stdout) == (0, "os.path\n")


def test_every_module_of_the_routers_side_can_be_imported() -> None:
    done = light(
        "import importlib, traceback\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ImportError:\n"
        "        traceback.print_exc()\n",
        *router_side(),
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_most_modules_are_of_the_routers_side() -> None:
    names = router_side()
    for name in ("cli.main", "change.trial", "core.plan", "router.observe", "transport.local"):
        assert f"wifirelay.{name}" in names


MAIN = "from wifirelay.cli.main import main\nsys.exit(main(sys.argv[1:]))\n"


def test_version() -> None:
    done = light(MAIN, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("wifirelay ")


@pytest.mark.parametrize("name", ["baseline", "hostile-air"])
def test_scan_of_a_recording(name: str) -> None:
    done = light(MAIN, "--router", f"recording:{recording_path(name)}", "scan")
    assert (done.returncode, done.stderr) == (0, "")
    assert "MyRouter" not in done.stdout
    assert all(line.isprintable() for line in done.stdout.split("\n"))
    assert len(done.stdout.split("\n")) > 5


PLAN = """
import json
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.plan import make_plan
from wifirelay.core.radios import radio_names
from wifirelay.router.observe import listen, observe
from wifirelay.transport.recorded import RecordedTransport, load_recording
from wifirelay.values import Secret, Ssid
from wifirelay.view.plan import plan_lines, plan_object
transport = RecordedTransport(load_recording(sys.argv[1]))
router = observe(transport)
router, heard = listen(transport, router, radio_names(router.wireless, Relay()))
known = [
    KnownNetwork(Ssid.of(name), Secret("12345678"), priority=number)
    for number, name in enumerate(["CafeOpen", "Campus", "HomeNet"])
]
plan = make_plan(router, heard, known, Relay())
print(json.dumps(plan_object(plan)))
assert len(plan_lines(plan, verbose=True)) > len(heard)
"""


def test_plan_of_a_recording() -> None:
    """YAML is not there: the networks come as the UCI reader would give them."""
    done = light(PLAN, recording_path("baseline"))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["decision"]["network"] == "HomeNet"


def test_what_the_service_loads_fits_into_its_memory(tmp_path: Path) -> None:
    """Compiled first, as the package on a router is; half a MiB is left for its state.

    The budget is for 3.11; others load more (3.13: 7.6 MiB over a bare interpreter).
    """
    code = "".join(f"import wifirelay.{module}\n" for module in SERVICE) + RSS
    flags = [f"-Xpycache_prefix={tmp_path}"]
    light(code, flags=flags)
    done, bare = light(code, flags=flags), light(RSS)
    assert (done.returncode, done.stderr) == (0, "")
    ours = sys.version_info[:2] == (3, 11)
    assert int(done.stdout) - int(bare.stdout) < (7.5 if ours else 8.5) * 1024
    if ours:
        assert int(done.stdout) < MEMORY - 512


def test_what_is_seldom_used_is_not_loaded() -> None:
    """A dataclass without a docstring would load `inspect`; argparse's formatter `shutil`."""
    code = (
        "from wifirelay.lazily import SELDOM, import_lazily\n"
        "import_lazily()\n"
        "from wifirelay.cli.main import build_parser\n"
        "build_parser('run').parse_args(['run'])\n"
        "import wifirelay.transport.local\n"
        "names = (*SELDOM, 'ast', 'dis')\n"
        "loaded = [n for n in names if type(sys.modules.get(n)).__name__ == 'module']\n"
        "print(loaded, 'shutil' in sys.modules)\n"
    )
    done = light(code)
    assert (done.returncode, done.stdout.strip()) == (0, "[] False"), done.stderr
