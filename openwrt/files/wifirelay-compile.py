# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles wifirelay's Python for a router: each x.py of a tree becomes x.pyc in its place, but
for a few that only a person's rare commands load: those stay sources, at half the flash.

    python3 -X no_debug_ranges -IS wifirelay-compile.py TREE

TREE is what becomes /usr/lib/wifirelay. Runs with python3-light alone, on the router or off it.
What nothing reads there is left out: docstrings (a dataclass keeps a dot for one: without any,
`dataclasses` loads `inspect`), annotations, and what is imported for these alone, so that a router
does not load `typing`. Tracebacks name the line on which a statement begins. The same sources give
the same bytes.
"""

import ast
import importlib.util
import marshal
import os
import sys
import types

# Loaded by `setup`, `record`, `networks`, `join` and `leave`, or for a recording or a YAML file;
# never by a service, nor by `status`, `scan` and `plan`: reading one costs time and memory. With
# `relay.kind: wds` alone a service loads `change/wds`, at its first trial.
SELDOM = frozenset(
    f"wifirelay/{name}.py"
    for name in [
        "change/asking",
        "change/confirm_lan",
        "change/files",
        "change/neighbours",
        "change/record",
        "change/setup",
        "change/wds",
        "cli/asking",
        "cli/join",
        "cli/leave",
        "cli/move_lan",
        "cli/networks",
        "cli/record",
        "cli/setup",
        "config/yaml_file",
        "core/baseline",
        "core/borrowed",
        "core/bridging",
        "core/feeds_setup",
        "core/hostname",
        "core/owned",
        "core/relaying",
        "core/reqopts",
        "core/vpn_only",
        "core/wanzone",
        "router/protocols",
        "router/services",
        "transport/anonymous",
        "transport/barescan",
        "transport/masking",
        "transport/recorded",
        "transport/recordfile",
        "view/radios",
    ]
)
UNCHECKED = 0b01  # a pyc by hash that is never compared with a source

# Where names come from that may be there for annotations alone
ORIGINS = ("wifirelay", "typing", "collections.abc", "types")
SHAPES = ("Callable", "Mapping", "dict", "list", "tuple")  # what the name of a type begins with
SAME_LINE = 0xE8  # a code of the location table, as below


def stripped(tree: ast.Module) -> ast.Module:
    """The tree without what nothing reads on a router."""
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            words = node.args
            every = (*words.posonlyargs, *words.args, *words.kwonlyargs, words.vararg, words.kwarg)
            for argument in every:
                if argument is not None:
                    argument.annotation = None
        if isinstance(node, ast.ClassDef):
            node.bases = [base for base in node.bases if not is_named(base, "Protocol", "Generic")]
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                setattr(node, field, without_annotations(body, node))
    without_unused(tree)
    return ast.fix_missing_locations(tree)


def without_annotations(body: list[ast.stmt], owner: ast.AST) -> list[ast.stmt]:
    """A body without docstring, annotations, and what only a type checker follows."""
    kept: list[ast.stmt] = []
    for place, node in enumerate(body):
        if is_docstring(node):
            if place == 0 and isinstance(owner, ast.ClassDef) and owner.decorator_list:
                kept.append(ast.copy_location(ast.Expr(ast.Constant(".")), node))
        elif isinstance(node, ast.If) and is_named(node.test, "TYPE_CHECKING"):
            kept += node.orelse
        elif not isinstance(node, ast.AnnAssign):
            kept.append(node)
        elif isinstance(owner, ast.ClassDef):  # a dataclass asks for the names alone
            node.annotation = ast.Constant(None)
            kept.append(node)
        elif node.value is not None:
            kept.append(ast.copy_location(ast.Assign([node.target], node.value), node))
    if body and not kept and not isinstance(owner, ast.Module):
        kept.append(ast.copy_location(ast.Pass(), body[0]))
    return kept


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_named(node: ast.expr, *names: str) -> bool:
    """Whether it is one of the names, or one of them with something in brackets."""
    bare = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(bare, ast.Name) and bare.id in names


def without_unused(tree: ast.Module) -> None:
    """Take away what a module imports, or names, for annotations alone.

    Others import a name from where it is defined, or where `__all__` has it: mypy sees to that.
    """
    used = names_read(tree)
    while unused := [node for node in tree.body if is_type(node) and not is_target(node, used)]:
        tree.body = [node for node in tree.body if node not in unused]
        used = names_read(tree)  # one may have been there for another
    for node in list(tree.body):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ORIGINS):
            node.names = [each for each in node.names if (each.asname or each.name) in used]
            if not node.names:
                tree.body.remove(node)


def names_read(tree: ast.Module) -> set[str]:
    """What a module's code reads, and what it offers to others."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Assign) and is_target(node, {"__all__"}):
            found.update(ast.literal_eval(node.value))
    return found


def is_target(node: ast.stmt, names: set[str]) -> bool:
    """Whether it assigns to one of these names."""
    return isinstance(node, ast.Assign) and is_named(node.targets[0], *names)


def is_type(node: ast.stmt) -> bool:
    """Whether it names a type: `X = dict[str, int]`, `T = TypeVar("T")`."""
    if not isinstance(node, ast.Assign):
        return False
    value = node.value
    if isinstance(value, ast.Call):
        return is_named(value.func, "TypeVar")
    return isinstance(value, ast.Subscript) and is_named(value.value, *SHAPES)


def on_lines_of_statements(tree: ast.Module) -> ast.Module:
    """The tree with each expression on the line on which its statement begins.

    One that spans lines has an entry in the table of line numbers for each step to and fro.
    """
    rest: list[tuple[ast.AST, int]] = [(tree, 1)]
    while rest:
        node, line = rest.pop()
        if isinstance(node, ast.stmt | ast.excepthandler):
            line = node.lineno
        elif isinstance(node, ast.expr):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = 0  # no order to keep with another line's
        rest += [(child, line) for child in ast.iter_child_nodes(node)]
    return tree


def with_short_lines(code: types.CodeType) -> types.CodeType:
    """The same with a shorter table of line numbers: CPython 3.11 has an entry for each
    instruction there, and one does for up to eight code units of a line (Objects/locations.md).
    """
    runs = runs_of_lines(code)
    table, last = bytearray(), runs[0][0]
    for line, units in runs:
        whole, rest = divmod(units, 8)
        for length in [rest] * (rest > 0) + [8] * whole:  # packs better than the rest at the end
            table.append(SAME_LINE | length - 1)
            step = (last - line) << 1 | 1 if line < last else (line - last) << 1
            last = line
            while step > 0x3F:
                table.append(step & 0x3F | 0x40)
                step >>= 6
            table.append(step)
    within = tuple(
        with_short_lines(each) if isinstance(each, types.CodeType) else each
        for each in code.co_consts
    )
    return code.replace(
        co_linetable=bytes(table),
        co_firstlineno=runs[0][0],
        co_qualname=code.co_name,  # read by people alone, and tracebacks have the short one
        co_stacksize=(code.co_stacksize + 7) // 8 * 8,  # few different ones pack better
        co_consts=within,
    )


def runs_of_lines(code: types.CodeType) -> list[tuple[int, int]]:
    """Each line with the number of code units (2 bytes) that are of it in a row.

    What has no line, and what `def` and `class` begin with, cannot fail: it goes with a neighbour.
    """
    runs = [(0 if code.co_name == "<module>" else code.co_firstlineno, 0)]
    for start, end, line in code.co_lines():
        units = (end - start) // 2
        if line in (None, runs[-1][0]):
            line, before = runs.pop()
            units += before
        runs.append((line, units))
    if len(runs) > 1:
        (_, begin), (line, units) = runs[:2]
        runs[:2] = [(line, begin + units)]
    return runs


def compiled(source: bytes, name: str) -> bytes:
    """The content of a pyc file; `name`, the source's path below the tree, is what tracebacks say,
    wherever it is compiled.
    """
    tree = on_lines_of_statements(stripped(ast.parse(source, name)))
    code = compile(tree, name, "exec", dont_inherit=True, optimize=0)
    head = importlib.util.MAGIC_NUMBER + UNCHECKED.to_bytes(4, "little") + bytes(8)
    # Marshalled from the compiler, many an object is marked to be met again that is not: whatever
    # else of this process holds it. Read back, it is marked where it is.
    again = marshal.loads(marshal.dumps(with_short_lines(code)))  # noqa: S302 - our own
    return head + marshal.dumps(again)


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
