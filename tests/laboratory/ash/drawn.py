# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts for hypothesis to draw: what quotes, splits, trims, matches, reads, tests and reckons."""

from hypothesis import strategies as st

from tests.laboratory.ash.drawn_flow import flow

FILES = "mkdir d; : >a; : >ab; : >'*'; : >d/b; : >.h\n"
_NAMES = "abc"


def quoted(text: str) -> str:
    """As one word of a script."""
    return "'" + text.replace("'", "'\\''") + "'"


def texts(alphabet: str, most: int = 6) -> st.SearchStrategy[str]:
    return st.text(alphabet, max_size=most)


VALUES = texts(" ab:*?[]\\\n,-")
SEPARATORS = st.sampled_from([None, " ", ":", " :", "", ",", "\n", ": ,", "a", "\t\n"])


def ifs(value: str | None) -> str:
    return "unset IFS" if value is None else f"IFS={quoted(value)}"


@st.composite
def parameters(draw: st.DrawFn, *, depth: int = 2, in_quotes: bool = False) -> str:
    """One expansion of a parameter."""
    name = draw(st.sampled_from([*_NAMES, "nosuch", "1", "2", "9", "#"]))
    kind = draw(st.sampled_from(["", "", "-", ":-", "+", ":+", "#", "##", "%", "%%"]))
    if not kind:
        return f"${{{name}}}" if draw(st.booleans()) else f"${name}"
    if name == "#":
        return "$#"
    if kind in ("#", "##", "%", "%%"):
        return f"${{{name}{kind}{draw(patterns())}}}"
    if depth == 0:
        return f"${{{name}{kind}}}"
    return f"${{{name}{kind}{draw(words(depth=depth - 1, in_braces=True, in_quotes=in_quotes))}}}"


@st.composite
def words(
    draw: st.DrawFn, *, depth: int = 2, in_braces: bool = False, in_quotes: bool = False
) -> str:
    """A word, as the script writes it."""
    out: list[str] = []
    for _ in range(draw(st.integers(0 if in_braces else 1, 3))):
        kind = draw(st.integers(0, 7))
        if in_quotes:
            kind = kind if kind in (0, 5, 6) else 0
        if kind == 0:
            alphabet = "ab:,-" + (" " if in_braces or in_quotes else "")
            out.append(draw(texts(alphabet, 3)))
        elif kind == 1:
            out.append(draw(st.sampled_from(["*", "?", "[ab]", "a*", "[!a]", "./d/*", ".*"])))
        elif kind == 2:
            out.append(f"'{draw(texts(' ab:*?[]$', 3))}'")
        elif kind == 3:
            out.append("\\" + draw(st.sampled_from([*"ab*?[]$ :'\""])))
        elif kind == 4 and depth and not in_quotes:
            inner = draw(words(depth=depth - 1, in_quotes=True))
            out.append(f'"{inner}"')
        elif kind == 5:
            out.append(draw(parameters(depth=depth, in_quotes=in_quotes)))
        elif kind == 6:
            out.append(draw(st.sampled_from(["$(echo a b)", "$((1 + 2))", "$(printf 'a:\\n')"])))
        elif kind == 7 and not in_braces:
            out.append(draw(st.sampled_from(['"$@"', '"$*"', '"a$@b"', '"$a$@"'])))
    return "".join(out)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A pattern, as the script writes it."""
    parts = st.sampled_from(
        [
            *(
                "a",
                "b",
                "*",
                "?",
                ".",
                "[ab]",
                "[!a]",
                "[a-b]",
                "[^b]",
                "\\*",
                "'*'",
                '"?"',
                "\\\\",
            ),
            *("[", "]", "-", "$a", '"$b"', "[]a]", "[a\\]]", "[[:alpha:]]", "$c", ":"),
        ]
    )
    return "".join(draw(st.lists(parts, max_size=4)))


@st.composite
def splitting(draw: st.DrawFn) -> str:
    """Words of all kinds, in a folder with some names."""
    lines = [f"{name}={quoted(draw(VALUES))}" for name in _NAMES]
    arguments = " ".join(map(quoted, draw(st.lists(VALUES, max_size=2))))
    all_words = draw(st.lists(words(), min_size=1, max_size=2))
    lines += [f"set -- {arguments}", ifs(draw(SEPARATORS))]
    lines.append(f"for w in {' '.join(all_words)}; do printf '<%s>' \"$w\"; done")
    lines.append(f'x={all_words[0]}; printf "%s\\n" "$x"')
    return FILES + "\n".join(lines)


@st.composite
def matching(draw: st.DrawFn) -> str:
    """Patterns against texts: `case` and all four ways to trim."""
    values = texts("ab.*?[]\\!-:")
    lines = [f"{name}={quoted(draw(values))}" for name in _NAMES]
    pattern = draw(patterns())
    lines.append(f"case $a in {pattern or 'x'}) echo yes ;; *) echo no ;; esac")
    for op in ("#", "##", "%", "%%"):
        lines.append(f'echo "${{a{op}{pattern}}}"')
        lines.append(f'x=${{b{op}{pattern}}}; echo "$x"')
    return "\n".join(lines)


_OPERATORS = [
    *("+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&", "|", "^", "&&", "||"),
    *("<<", ">>"),
]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """Arithmetic."""
    kind = draw(st.integers(0, 6)) if depth else 0
    if kind <= 1:
        numbers = ["0", "1", "7", "010", "0x1f", "63", "1000000", "9223372036854775807", "08"]
        others = [*_NAMES, "nosuch", "$a", "${b:-3}", "${c}"]
        atom: str = draw(st.sampled_from([*numbers, *others]))
        return atom
    inner = expressions(depth - 1)
    if kind == 2:
        return draw(st.sampled_from(["- ", "! ", "~ ", "+ "])) + draw(inner)
    if kind == 3:
        return f"({draw(inner)})"
    if kind == 4:
        return f"(({draw(inner)}) ? ({draw(inner)}) : {draw(inner)})"
    return f"{draw(inner)} {draw(st.sampled_from(_OPERATORS))} {draw(inner)}"


@st.composite
def reckoning(draw: st.DrawFn) -> str:
    """Arithmetic with variables."""
    values = st.sampled_from(
        ["", "0", "5", "-3", " 4 ", "1+1", "b", "12.3", "x y", "010", "0x", "1a"]
    )
    lines = [f"{name}={quoted(draw(values))}" for name in _NAMES]
    lines += [f"echo $(({draw(expressions())}))", "echo after"]
    return "\n".join(lines)


@st.composite
def reading(draw: st.DrawFn) -> str:
    """Lines that are read into variables."""
    lines = [ifs(draw(SEPARATORS))]
    text = draw(texts(" ab:,\\\n\t", 10))
    names = draw(st.sampled_from(["x", "x y", "x y z", "_ x", "x x"]))
    lines.append(f"printf %s {quoted(text)} >f")
    lines.append(f'x=old y=old z=old; read -r {names} <f; echo $? "[$x][$y][$z]"')
    lines.append(f'while read -r {names}; do echo "[$x][$y][$z]"; done <f')
    return "\n".join(lines)


@st.composite
def testing(draw: st.DrawFn) -> str:
    """What stands in `[ ]`."""
    operand = st.sampled_from(
        [
            *("", "a", "1", "2", " 1", "1x", "-1", "010", "!", "-n", "-z", "-e", "=", "!=", "-eq"),
            *("-lt", "-ge", "d", "-d", "-f", "-s", "-ot", "-nt", "b c", "--", "-", "]"),
        ]
    )
    operands = " ".join(map(quoted, draw(st.lists(operand, max_size=4))))
    return f"{FILES}[ {operands} ]; echo $?"


@st.composite
def printing(draw: st.DrawFn) -> str:
    """`printf` and `echo`."""
    directives = ["%s", "%d", "%5s", "%-4s|", "%.1s", "%03d", "%x", "%b", "%%", "%i", "%u", "%o"]
    part = st.sampled_from(
        [*directives, *"ab ", "\\n", "\\t", "\\\\", "\\101", "\\0", "\\x41", "\\q"]
    )
    template = "".join(draw(st.lists(part, min_size=1, max_size=4)))
    value = st.sampled_from(
        [
            *("", "a", "ab c", "5", "-7", "0x1f", "010", "x", "a\\tb", "\\0101", "\\101", "\\c"),
            *("a\\cb", "-n", "-e", "-ne", "-x", "\\\\", "5x", "é", " 3", "+4", "'a", "\\"),
        ]
    )
    words = " ".join(map(quoted, draw(st.lists(value, max_size=3))))
    return f"printf {quoted(template)} {words}; echo $?; echo {words}"


KINDS = {
    "splitting": splitting(),
    "matching": matching(),
    "reckoning": reckoning(),
    "reading": reading(),
    "testing": testing(),
    "printing": printing(),
    "flow": flow(),
}
