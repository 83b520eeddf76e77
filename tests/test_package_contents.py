# SPDX-License-Identifier: GPL-2.0-or-later
"""Which files are on a router, and that its part of the Python is whole without the rest."""

import ast
import zlib
from pathlib import Path

import pytest
from known import CHECKOUT
from packaged import TABLE, TREE, files
from test_layers import MODULES, imports
from test_light import light

from wifirelay.change.files import RouterFile, source
from wifirelay.change.scripts import SHARED
from wifirelay.package.contents import (
    LAPTOP,
    LAPTOP_SCRIPTS,
    own_paths,
    packaged_files,
    python_sources,
    router_files,
)
from wifirelay.package.tree import write_folder

PACKAGE = CHECKOUT / "wifirelay"
BUDGET = 400 * 1024  # bytes on flash, without Python
PAGE, HEADER = 4096, 68  # how jffs2 and ubifs compress: page by page, each with a header


def module_of(path: str) -> str:
    return path.removeprefix(TREE + "wifirelay/").rpartition(".")[0].replace("/", ".")


def module_files() -> list[RouterFile]:
    return [file for file in python_sources() if file.path.endswith(".py")]


def scripts_of(path: Path) -> set[str]:
    """The scripts that a module names."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("script", "read_script", "text")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def on_flash(content: bytes) -> int:
    pages = [content[at : at + PAGE] for at in range(0, len(content), PAGE)] or [b""]
    return sum(min(len(zlib.compress(page)), len(page)) + HEADER for page in pages)


def test_the_files_beside_the_tree_are_the_documented_ones() -> None:
    assert {file.path: file.mode for file in packaged_files()} == TABLE


def test_install_and_uninstall_leave_the_sentry_and_the_configuration() -> None:
    assert own_paths() == tuple(file.path for file in router_files())
    assert not [path for path in own_paths() if "sentry" in path or "/config/" in path]


def test_both_hotplug_files_are_the_same() -> None:
    one, other = (file.content for file in router_files() if "hotplug.d/i" in file.path)
    assert one == other


def test_what_the_router_has_no_use_for_stays_out() -> None:
    names = {module_of(file.path) for file in module_files()}
    for name in ("sim.router", "evaluation.world", "transport.ssh", "cli.simulate", "package.ipk"):
        assert name in MODULES
        assert name not in names
    for name in ("cli.run", "service.loop", "cli.networks", "cli.record", "cli.setup", "__main__"):
        assert name in names


@pytest.mark.parametrize("name", LAPTOP)
def test_each_module_that_is_left_out_exists(name: str) -> None:
    assert any(module == name or module.startswith(name + ".") for module in MODULES)


def test_folders_are_packages_without_empty_files() -> None:
    empty = {name for name, path in MODULES.items() if not path.read_bytes()}
    assert {"cli", "core", "service"} < empty
    held = {module_of(file.path).removesuffix(".__init__") for file in module_files()}
    assert not empty & held
    assert "__init__" in held


def test_the_tree_has_the_scripts_that_its_modules_name_and_no_others() -> None:
    named: set[str] = {"prelude"}
    for file in module_files():
        named |= scripts_of(PACKAGE / file.path.removeprefix(TREE + "wifirelay/"))
    named |= {SHARED[name] for name in named if name in SHARED}
    held = {module_of(file.path) for file in python_sources() if file.path.endswith(".sh")}
    assert held == {f"change.scripts.{name}" for name in named}
    assert not named & set(LAPTOP_SCRIPTS)


def test_scripts_come_as_they_are_sent() -> None:
    for file in python_sources():
        if file.path.endswith(".sh"):
            lines = file.content.decode().splitlines()
            assert lines
            assert not [line for line in lines if line.lstrip().startswith("#")]


def test_setup_on_a_router_finds_the_sentry() -> None:
    data = {file.path: file.content for file in python_sources() if "/onrouter/" in file.path}
    assert data == {
        f"{TREE}wifirelay/onrouter/{name}": source(name)
        for name in ("wifirelay-sentry", "wifirelay-sentry.init", "wifirelay.udhcpc")
    }


def test_no_module_of_the_router_needs_one_that_is_not_there() -> None:
    """At its top; what a command asks for later may be missing, and is then told."""
    names = {module_of(file.path).removesuffix(".__init__") for file in module_files()}
    for file in module_files():
        tree = ast.parse(file.content)
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module and "wifirelay" in node.module:
                module = node.module.removeprefix("wifirelay").removeprefix(".") or "__init__"
                asked = {module} & names or {f"{module}.{each.name}" for each in node.names}
                assert asked <= names, f"{file.path}: {node.module}"


def test_imports_are_seen() -> None:
    assert "wifirelay.errors.UsageError" in set(imports(MODULES["cli.open"]))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("root")
    write_folder(str(top), files())
    return top


def test_every_module_of_the_tree_can_be_imported_on_a_router(compiled: Path) -> None:
    names = sorted(f"wifirelay.{module_of(file.path)}" for file in module_files())
    done = light(
        "import importlib, traceback\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "for name in sys.argv[2:]:\n"
        "    for other in [n for n in sys.modules if n.startswith('wifirelay')]:\n"
        "        del sys.modules[other]\n"  # each by itself: it needs no other to be there
        "    try:\n"
        "        module = importlib.import_module(name)\n"
        "        assert module.__file__.startswith(sys.argv[1]), module.__file__\n"
        "    except (ImportError, AssertionError):\n"
        "        traceback.print_exc()\n",
        str(compiled) + TREE,
        *(name.removesuffix(".__init__") for name in names if name != "wifirelay.__main__"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(names) > 90


def test_a_scan_from_the_compiled_tree(compiled: Path) -> None:
    recording = CHECKOUT / "tests/data/recordings/baseline.jsonl"
    done = light(
        "sys.path.insert(0, sys.argv.pop(1))\n"
        "from wifirelay.__main__ import main\n"
        "sys.exit(main())\n",
        str(compiled) + TREE,
        *("--router", f"recording:{recording}", "scan"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) > 5


def test_it_takes_no_more_flash_than_it_may() -> None:
    taken = sum(on_flash(file.content) for file in files())
    assert BUDGET / 2 < taken <= BUDGET
