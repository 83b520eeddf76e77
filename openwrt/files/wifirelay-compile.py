# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles wifirelay's Python for a router: each x.py of a tree becomes x.pyc in its place, but
for a few that only a person's rare commands load: those stay sources, at half the flash.

    python3 -X no_debug_ranges -IS wifirelay-compile.py TREE

TREE is what becomes /usr/lib/wifirelay. Runs with python3-light alone, on the router or off it.
What nothing reads there is left out: docstrings (a class keeps a dot for one: without any,
`dataclasses` loads `inspect`) and annotations of functions. The same sources give the same bytes.
"""

import ast
import importlib.util
import marshal
import os
import sys

HOME = "/usr/lib/wifirelay"  # as tracebacks name it, wherever it is compiled
# Loaded by `setup`, `record` and `networks`, or for a recording; never by a service that runs.
SELDOM = frozenset(
    f"wifirelay/{name}.py"
    for name in (
        *("change/configure", "change/neighbours", "change/record", "change/setup"),
        *(
            "cli/networks",
            "cli/record",
            "cli/setup",
            "config/entry",
            "config/uci_text",
            "core/baseline",
        ),
        *("transport/anonymous", "transport/barescan", "transport/masking"),
        *("transport/recorded", "transport/recordfile"),
    )
)
UNCHECKED = 0b01  # a pyc by hash that is never compared with a source

Body = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def stripped(tree: ast.Module) -> ast.Module:
    """The tree without what nothing reads on a router."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            words = node.args
            every = (*words.posonlyargs, *words.args, *words.kwonlyargs, words.vararg, words.kwarg)
            for argument in every:
                if argument is not None:
                    argument.annotation = None
        if isinstance(node, Body):
            without_docstring(node)
    return tree


def without_docstring(node: Body) -> None:
    first = node.body[0] if node.body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        if isinstance(node, ast.ClassDef):
            first.value.value = "."
        else:  # a body is never empty, and its lines stay where they are
            node.body[0] = ast.copy_location(ast.Pass(), first)


def compiled(source: bytes, name: str) -> bytes:
    """The content of a pyc file; `name` is the source's path below the tree."""
    tree = stripped(ast.parse(source, name))
    code = compile(tree, f"{HOME}/{name}", "exec", dont_inherit=True, optimize=0)
    return b"".join(
        (
            importlib.util.MAGIC_NUMBER,
            UNCHECKED.to_bytes(4, "little"),
            importlib.util.source_hash(source),
            marshal.dumps(code),
        )
    )


def shortened(source: bytes, name: str) -> bytes:
    """The same program without its comments, docstrings and annotations."""
    return ast.unparse(stripped(ast.parse(source, name))).encode() + b"\n"


def compile_tree(top: str) -> None:
    """Compile all of it in place, one file after the other."""
    for folder, names, files in os.walk(top):
        names.sort()
        for file in sorted(files):
            if not file.endswith(".py"):
                continue
            path = os.path.join(folder, file)
            with open(path, "rb") as opened:
                source = opened.read()
            name = os.path.relpath(path, top)
            seldom = name in SELDOM
            content = shortened(source, name) if seldom else compiled(source, name)
            target = path if seldom else path + "c"
            with open(target, "wb") as written:
                written.write(content)
            os.chmod(target, 0o644)
            if not seldom:
                os.unlink(path)


def main() -> int:
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        print("usage: python3 -X no_debug_ranges -IS wifirelay-compile.py TREE", file=sys.stderr)
        return 2
    if "no_debug_ranges" not in sys._xoptions:  # a third of the size, for marks in tracebacks
        words = [sys.executable, "-X", "no_debug_ranges", "-IS", *sys.argv]
        os.execv(sys.executable, words)  # noqa: S606 - this program again
    compile_tree(sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
