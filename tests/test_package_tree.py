# SPDX-License-Identifier: GPL-2.0-or-later
"""The compiled tree: what the compiler leaves out and keeps, that it is the same every time, and
the program that starts it."""

import ast
import importlib.util
import itertools
import marshal
import os
import re
import runpy
import shutil
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from known import CHECKOUT
from packaged import COMPILER, SELDOM, TREE, files, interpreter
from test_light import light

from wifirelay import __version__
from wifirelay.errors import UsageError
from wifirelay.package.contents import packaged_files, python_sources
from wifirelay.package.tree import build, find_interpreter, write_folder

SOURCE = '''\
# SPDX-License-Identifier: GPL-2.0-or-later
"""Of the module."""

import os.path
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from wifirelay.nowhere import Thing
from wifirelay.values import Ssid, shown as printed

if TYPE_CHECKING:
    from wifirelay.service.loop import Service
else:
    Service = "for real"

T = TypeVar("T")
Shape = dict[str, Any]
Work = Callable[[Shape], T]
TABLE = {"a": "b"}
VALUE = TABLE["a"]
__all__ = ["Ssid"]


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """Of the class."""

    text: Sequence[str]
    more: list[Thing] = field(default_factory=list)


class Reads(Protocol):
    """What reads."""

    def read(self, thing: Thing) -> Shape:
        """All."""


def counted(thing: Thing) -> int:
    count: int = 0
    other: Shape
    try:
        other: Thing = printed(thing)
    except ValueError:
        pass
    else:
        count: int
    return count + len(other)


class Bare:
    """Alone."""


def only(word: int, *rest: str, key: bool = True, **more: str) -> "int":
    """Of the function."""


async def later(a: int, /) -> None:
    """Of a coroutine."""
    "a second string, that is no docstring"


def line() -> int:
    """
    Three lines.
    """
    assert False, "asserts stay"


def spanning(values: dict[str, int]) -> int:
    for each in (
        "a",
        "b",
    ):
        if (
            each == "b"
            and values[each]
        ):
            continue
        elif (
            not values.get(
                "c"
            )
        ):
            continue
    try:
        return int(
            "1"
        )
    except (
        KeyError,
        values["d"],
    ):
        return 2
'''


SHORT = runpy.run_path(str(COMPILER))["with_short_lines"]


def every_code(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from every_code(each)


def compile_here(folder: Path, *flags: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *flags, str(COMPILER), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
        timeout=60,
    )


@pytest.fixture
def loaded(tmp_path: Path) -> types.ModuleType:
    (tmp_path / "one.py").write_text(SOURCE)
    done = compile_here(tmp_path, "-X", "no_debug_ranges", "-IS")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["one.pyc"]
    found = importlib.util.spec_from_file_location("one", tmp_path / "one.pyc")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["one"] = module
    try:
        found.loader.exec_module(module)
    finally:
        del sys.modules["one"]
    return module


def test_a_dot_is_left_of_docstrings_of_dataclasses_and_nothing_of_others(
    loaded: types.ModuleType,
) -> None:
    assert (loaded.Value.__doc__, loaded.Bare.__doc__, loaded.Reads.__doc__) == (".", None, None)
    assert (loaded.__doc__, loaded.only.__doc__, loaded.later.__doc__) == (None, None, None)
    assert loaded.only(1) is None


def test_annotations_go_but_for_the_names_of_fields(loaded: types.ModuleType) -> None:
    assert loaded.only.__annotations__ == {}
    assert loaded.Value("x") == loaded.Value("x", [])
    assert loaded.Value.__annotations__ == {"text": None, "more": None}
    assert loaded.counted("word") == 4
    assert loaded.Reads().read("word") is None


def test_what_is_there_for_annotations_goes(loaded: types.ModuleType) -> None:
    """`wifirelay.nowhere` does not exist."""
    for name in ("Thing", "Any", "Protocol", "Generic", "TypeVar", "Callable", "Sequence"):
        assert not hasattr(loaded, name)
    assert not {"T", "Shape", "Work"} & set(vars(loaded))
    assert (loaded.VALUE, loaded.Service, loaded.Value.__bases__) == ("b", "for real", (object,))
    assert loaded.Ssid.of("x") and loaded.printed and loaded.os and loaded.field  # used, or listed


def lines_of(code: types.CodeType) -> list[int | None]:
    """Of each code unit."""
    return [place[0] for place in code.co_positions()]


def lines_wanted(code: types.CodeType) -> list[int | None]:
    """The same, but what `def` begins with is on the next line, and what is on none on the last."""
    lines = lines_of(code)
    begin = 0 if code.co_name == "<module>" else code.co_firstlineno
    head = len(list(itertools.takewhile(lambda line: line in (None, begin), lines)))
    last = lines[head] if head < len(lines) else begin
    return [last] * head + [last := last if line is None else line for line in lines[head:]]


@pytest.mark.parametrize("name", ["service/loop.py", "core/policy.py", "view/status.py"])
def test_each_instruction_has_its_line_in_a_shorter_table(name: str) -> None:
    source = (CHECKOUT / "wifirelay" / name).read_bytes()
    plain = compile(source, name, "exec")
    short = SHORT(plain)
    for before, after in zip(every_code(plain), every_code(short), strict=True):
        assert lines_of(after) == lines_wanted(before)
        assert after.co_firstlineno == lines_of(after)[0]
        assert after.co_code == before.co_code
    assert len(marshal.dumps(short)) < len(marshal.dumps(plain))


def test_lines_that_are_far_apart_and_none_at_all_are_told_right() -> None:
    gap = "\n" * 5000
    code = compile(f"with a as b:{gap}  (c +{gap} d)\n  e = [{gap}f\n ]", "far", "exec")
    lines = lines_of(code)
    assert None in lines and {0, 1, 10001} < set(lines)
    assert lines_of(SHORT(code)) == lines_wanted(code)
    assert set(lines_wanted(code)) == set(lines) - {None, 0}


@pytest.mark.parametrize("text", ["", "a", "lambda: a", "def f():\n return 1", "class A:\n b = 1"])
def test_lines_of_what_is_short_are_told_right(text: str) -> None:
    code = compile(text, "short", "exec")
    for before, after in zip(every_code(code), every_code(SHORT(code)), strict=True):
        assert lines_of(after) == lines_wanted(before)


def test_asserts_and_line_numbers_stay(loaded: types.ModuleType) -> None:
    with pytest.raises(AssertionError, match="asserts stay") as caught:
        loaded.line()
    where = caught.traceback[-1]
    assert where.lineno == SOURCE.splitlines().index('    assert False, "asserts stay"')
    assert loaded.line.__code__.co_filename == "one.py"


def test_each_instruction_is_on_the_line_of_its_statement(loaded: types.ModuleType) -> None:
    """A traceback names that line, the `elif`'s and the `except`'s too."""
    lines = SOURCE.splitlines()
    told = {line for line in lines_of(loaded.spanning.__code__) if line is not None}
    words = [lines[line - 1].split()[0] for line in sorted(told)]
    assert words == [
        *("for", "if", "continue", "elif", "continue", "try:", "return", "except", "return")
    ]
    with pytest.raises(KeyError, match="'b'") as caught:
        loaded.spanning({})
    assert lines[caught.traceback[-1].lineno] == "        if ("


def test_no_marks_within_a_line_are_kept(loaded: types.ModuleType) -> None:
    assert {place[2] for place in loaded.line.__code__.co_positions()} == {None}


def test_a_pyc_is_never_compared_with_a_source(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(SOURCE)
    compile_here(tmp_path, "-X", "no_debug_ranges", "-IS")
    content = (tmp_path / "one.pyc").read_bytes()
    assert content[:4] == importlib.util.MAGIC_NUMBER
    assert content[4:8] == b"\x01\0\0\0"  # by hash, unchecked
    assert content[8:16] == bytes(8)
    assert marshal.loads(content[16:]).co_name == "<module>"


def test_without_its_flag_it_makes_the_same(tmp_path: Path) -> None:
    made = []
    for name, flags in (("a", ("-X", "no_debug_ranges", "-IS")), ("b", ())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.py").write_text(SOURCE)
        assert compile_here(tmp_path / name, *flags).returncode == 0
        made.append((tmp_path / name / "one.pyc").read_bytes())
    assert made[0] == made[1]


def test_the_compiler_tells_how_it_is_called_and_what_it_cannot_compile(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, COMPILER], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: python3 ")
    (tmp_path / "one.py").write_text("def (:\n")
    done = compile_here(tmp_path)
    assert done.returncode == 1
    assert "SyntaxError" in done.stderr
    assert (tmp_path / "one.py").exists()


def test_the_compiler_needs_only_python3_light() -> None:
    from test_light import MISSING

    tree = ast.parse(COMPILER.read_text("utf-8"))
    named = [
        each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names
    ]
    assert "ast" in named
    assert not set(named) & (MISSING | {"pathlib"})


# --- all of it ---


def test_every_source_became_bytecode_but_the_seldom_ones() -> None:
    made = {file.path for file in files()}
    for file in python_sources():
        seldom = file.path.removeprefix(TREE) in SELDOM
        compiled = file.path.endswith(".py") and not seldom
        assert (f"{file.path}c" if compiled else file.path) in made
        assert not compiled or file.path not in made
    assert len(made) == len(python_sources()) + len(packaged_files())


def test_building_again_gives_the_same() -> None:
    assert build(interpreter()) == files()


# --- what stays a source ---

SERVED = """
import sys
from wifirelay.cli.main import main
code = main(["--router", "sim:home", "run", "--seconds", "300"])
print(code, sorted(sys.modules), file=sys.stderr)
"""


def test_what_stays_a_source_is_there_and_short() -> None:
    seldom = {file.path: file.content for file in files() if file.path.endswith(".py")}
    assert {path.removeprefix(TREE) for path in seldom} == SELDOM
    for path, content in seldom.items():
        source = (CHECKOUT / path.removeprefix(TREE)).read_bytes()
        assert b"#" not in content.split(b"\n")[0]
        assert len(content) < len(source)
        compile(content, path, "exec")


def test_a_service_that_runs_loads_none_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVED],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        check=False,
        timeout=120,
    )
    code, _, loaded = done.stderr.strip().splitlines()[-1].partition(" ")
    assert code == "0"
    names = {name.removesuffix(".py").replace("/", ".") for name in SELDOM}
    assert len(names) > 10
    assert {name for name in names if f"'{name}'" in loaded} == {
        "wifirelay.config.yaml_file",  # for lack of UCI
        "wifirelay.change.files",  # a simulated router is made with its sentry
    }
    assert "'wifirelay.service.loop'" in loaded


ASKED = """
import importlib
sys.path.insert(0, sys.argv.pop(1))
from wifirelay.lazily import import_lazily
import_lazily()
for name in sys.argv[1:]:
    importlib.import_module(f"wifirelay.{name}")
print(*sys.modules)
"""
# What a service loads when it is asked, meets a login page, or has hooks; and the short commands
SOMETIME = (
    *("change.keys", "change.leave", "change.portal", "config.hooks", "config.uci_file"),
    *("config.writing", "core.strangers", "core.subnets", "service.asked", "service.book"),
    *("service.hooks", "service.invited", "service.portals", "service.post"),
    *("cli.context", "cli.plan", "cli.run", "cli.scan", "cli.status", "transport.local"),
)


def test_neither_does_one_that_is_asked_nor_a_short_command(root: Path) -> None:
    done = light(ASKED, str(root) + TREE, *SOMETIME)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    names = {name.removesuffix(".py").replace("/", ".") for name in SELDOM}
    assert sorted(names & loaded) == []
    assert "wifirelay.service.asked" in loaded
    assert "typing" not in loaded  # half a MiB, for annotations


def test_no_path_of_this_machine_is_in_it() -> None:
    for file in files():
        if file.path.endswith(".pyc"):
            for code in every_code(marshal.loads(file.content[16:])):
                assert TREE + code.co_filename == file.path.removesuffix("c")
        assert str(CHECKOUT).encode() not in file.content


# --- the launcher ---


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("root")
    write_folder(str(top), files())
    return top


def launch(program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """As the kernel does by its first line, which names a router's Python."""
    return subprocess.run(
        [sys.executable, "-ISB", program, *words],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
        cwd="/",
        check=False,
        timeout=60,
    )


def test_the_launcher_is_started_by_the_routers_python() -> None:
    (launcher,) = (file for file in packaged_files() if file.path == "/usr/bin/wifirelay")
    assert launcher.content.startswith(b"#!/usr/bin/python3 -ISB\n")


def test_the_launcher_finds_its_modules(root: Path, tmp_path: Path) -> None:
    done = launch(root / "usr/bin/wifirelay", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wifirelay {__version__}\n", "")
    link = tmp_path / "wifirelay"
    link.symlink_to(root / "usr/bin/wifirelay")
    assert launch(link, "--version").stdout == f"wifirelay {__version__}\n"


def test_the_launcher_runs_commands(root: Path) -> None:
    done = launch(root / "usr/bin/wifirelay", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "run" in done.stdout
    assert not list(root.rglob("__pycache__"))


def test_a_traceback_names_modules_and_lines(root: Path) -> None:
    done = launch(root / "usr/bin/wifirelay", "--debug", "--router", "nowhere:", "scan")
    assert done.returncode == 1
    named = re.findall('File "(wifirelay/.*)", line (.*), in (.*)', done.stderr)
    assert len(named) > 3
    path, line, function = named[-1]
    text = (CHECKOUT / path).read_text("utf-8")
    assert text.splitlines()[int(line) - 1].strip().startswith("raise ")
    assert 0 <= text[: text.index(f"def {function}(")].count("\n") < int(line)


def test_another_pythons_bytecode_is_told_in_one_line(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "usr", tmp_path / "usr")
    start = tmp_path / TREE[1:] / "wifirelay/__init__.pyc"
    start.write_bytes(b"\0\0\0\0" + start.read_bytes()[4:])
    done = launch(tmp_path / "usr/bin/wifirelay", "--version")
    here = ".".join(map(str, sys.version_info[:2]))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"wifirelay: compiled for another Python than this router's {here}: "
        "install it again, for this release of OpenWrt\n"
    )


def test_any_other_failure_to_import_is_not_hidden(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "usr", tmp_path / "usr")
    (tmp_path / TREE[1:] / "wifirelay/__main__.pyc").unlink()
    done = launch(tmp_path / "usr/bin/wifirelay", "--version")
    assert done.returncode == 1
    assert "No module named 'wifirelay.__main__'" in done.stderr


# --- which Python ---


def script_file(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_an_interpreter_says_its_version() -> None:
    found = find_interpreter(sys.executable)
    assert (found.path, found.version) == (sys.executable, sys.version_info[:2])


@pytest.mark.parametrize("text", [None, "exit 127", "echo not a version"])
def test_what_is_no_python_is_refused(text: str | None, tmp_path: Path) -> None:
    name = "python3.99" if text is None else script_file(tmp_path / "python", text)
    with pytest.raises(UsageError, match="is not a Python of this machine") as caught:
        find_interpreter(name)
    assert "OpenWrt 23.05 and 24.10 have Python 3.11, 25.12 has 3.13" in caught.value.hint


def test_a_python_that_is_too_old_is_refused(tmp_path: Path) -> None:
    name = script_file(tmp_path / "python3.10", "echo 3 10")
    with pytest.raises(UsageError, match=r"is Python 3\.10: wifirelay needs 3\.11"):
        find_interpreter(name)


def test_a_python_that_cannot_compile_is_told(tmp_path: Path) -> None:
    name = script_file(
        tmp_path / "python", "case $2 in -c) echo 3 11 ;; *) echo oh no; exit 1; esac"
    )
    with pytest.raises(UsageError, match="could not compile wifirelay: oh no"):
        build(find_interpreter(name))
