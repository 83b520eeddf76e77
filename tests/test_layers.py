# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may import whom: the table of docs/style.md, checked on every import statement."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from known import CHECKOUT

PACKAGE = CHECKOUT / "wifirelay"

# Parts of `router` that are values and pure parsers; the rest talks to a transport.
ROUTER_VALUES = (
    *("router.scan", "router.channels", "router.state", "router.devices", "router.interfaces"),
    *("router.wireless", "router.station", "router.board", "router.verdict"),
    *("router.phy", "router.radio", "router.services", "router.programs"),
)
BASE = ("errors", "values")
# Package -> what its modules may import of wifirelay, themselves apart. A name stands for
# itself and all below it.
ALLOWED: dict[str, tuple[str, ...]] = {
    "__init__": (),
    "__main__": ("__version__", "cli.main", "lazily"),
    "errors": (),
    "values": (),
    "lazily": (),
    "clock": (),
    "rooted": (),
    "package": (*BASE, "change.files"),
    "transport": (*BASE, "clock"),
    "uci": BASE,
    "router": (*BASE, "uci", "transport.base"),
    "core": (*BASE, "uci", *ROUTER_VALUES),
    "change": (*BASE, "clock", "uci", "router", "core", "transport.base"),
    "service": (
        *BASE,
        "clock",
        "uci",
        "router",
        "core",
        "change",
        "transport.base",
        "config",
        "view",
        "rooted",
    ),
    "config": (
        *(*BASE, "core.known", "core.strangers", "core.feeds", "uci", "router"),
        *("transport.base", "rooted"),
    ),
    "imports": (*BASE, "core.known", "config", "uci"),
    "view": (
        *(*BASE, "uci", "core", *ROUTER_VALUES),
        *("change.outcome", "change.status", "change.onrouter", "change.checks", "change.vpn"),
        "service.events",
    ),
    "evaluation": (
        *(*BASE, "clock", "uci", "router", "core"),
        *("sim.timings", "sim.radio", "view.table"),
    ),
    "sim": (*BASE, "clock", "uci", "router", "core", "change", "transport", "config", "view"),
    "web": (
        *(*BASE, "clock", "uci", "router", "core", "change", "config", "view", "service"),
        "transport.base",
    ),
    "cli": ("",),
    "api": (
        *(*BASE, "router", "core", "change", "config"),
        *("cli.open", "cli.plan", "cli.trying"),
    ),
}
PURE = ("core", "uci", "imports", "view", "errors", "values")  # no I/O, no clock, no chance
IMPURE = {"subprocess", "time", "os", "random", "socket", "threading", "select", "secrets"}
# Third-party modules: who may import them at all
THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "paramiko": (
        "transport.ssh",
        "transport.sshlink",
        "transport.sshchannel",
        "transport.hostkeys",
        "sim.sshserver",
    ),
    "yaml": (
        "config.yaml_file",
        "config.yaml_text",
        "config.yaml_outline",
        "config.yaml_priority",
        "config.edit_file",
    ),
    "netifaces": ("cli.host",),
    "paho": ("cli.broker",),
    "rich": ("cli.screen", "view.live"),
    "shtab": ("cli.completion",),
    "cryptography": ("sim.serving", "sim.sshserver"),  # paramiko's own dependency
}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts), path


MODULES = dict(modules())


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


def imports(path: Path) -> Iterator[str]:
    """Everything that a module imports, wherever in it, with the names taken."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            yield from (f"{node.module}.{each.name}" for each in node.names)


def within(name: str, allowed: str) -> bool:
    return not allowed or name == allowed or name.startswith(allowed + ".")


def forbidden(module: str, path: Path) -> list[str]:
    """The imports of wifirelay's own modules that the table does not allow."""
    package = module.partition(".")[0]
    return [
        name
        for full in imports(path)
        if within(full, "wifirelay")
        for name in [full.removeprefix("wifirelay").removeprefix(".")]
        if not any(within(name, each) for each in (*ALLOWED[package], package))
    ]


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_what_its_layer_may(module: str) -> None:
    assert forbidden(module, MODULES[module]) == []


def test_every_package_is_in_the_table() -> None:
    assert {module.partition(".")[0] for module in MODULES} <= set(ALLOWED)
    for allowed in {each for row in ALLOWED.values() for each in row if each}:
        exists = any(within(module, allowed) for module in MODULES)
        assert exists or allowed == "__version__"


@pytest.mark.parametrize(
    "module", [module for module in MODULES if module.partition(".")[0] in PURE]
)
def test_pure_code_has_no_clock_no_chance_and_no_files(module: str) -> None:
    used = {name.partition(".")[0] for name in imports(MODULES[module])}
    assert used & IMPURE == set()
    called = {
        node.func.id
        for node in nodes(MODULES[module])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called & {"open", "print", "input", "__import__"} == set()


@pytest.mark.parametrize("module", MODULES)
def test_third_party_modules_stay_where_they_belong(module: str) -> None:
    for name in imports(MODULES[module]):
        top = name.partition(".")[0]
        if top == "wifirelay" or top in sys.stdlib_module_names:
            continue
        assert module in THIRD_PARTY.get(top, ()), f"{module} imports {name}"


def test_only_the_command_line_prints() -> None:
    for module, path in MODULES.items():
        if module.partition(".")[0] in ("cli", "__main__"):
            continue
        printing = [
            node.lineno
            for node in nodes(path)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
            and not any(word.arg == "file" for word in node.keywords)
        ]
        assert printing == [], module


def test_the_table_is_not_blind(tmp_path: Path) -> None:
    """The check itself: it sees imports at any depth, and of single names."""
    file = tmp_path / "x.py"
    file.write_text(
        "def f():\n    from wifirelay.transport import ssh\nimport wifirelay.cli.main\n"
    )
    assert sorted(forbidden("core.x", file)) == ["cli.main", "transport.ssh"]
    assert forbidden("cli.x", file) == []
    assert forbidden("transport.x", file) == ["cli.main"]
    file = tmp_path / "y.py"
    file.write_text(
        "from wifirelay.router.observe import listen\nfrom wifirelay.values import Ssid"
    )
    assert forbidden("core.x", file) == ["router.observe.listen"]
    assert forbidden("change.x", file) == []
