# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts for hypothesis to draw: compound commands in each other, and all that leaves them."""

from hypothesis import strategies as st

# Each says where it was, and what `$?` is there.
_MARKS = ["echo m$? >>log", "echo $? $x", "x=$?", "x=1", "x=$(exit 3)", ":", "printf %s $x"]
_STATUSES = ["true", "false", "(exit 4)", "[ $x = 1 ]", "[ a ]", "[ $n -lt 3 ]", "nosuch"]
_LEAVES = [
    *("break", "continue", "return", "return 2", "exit", "exit 5", "break 2", "continue 2", "f"),
    *(": >nodir/x", "echo a >nodir/x", "set -- 1 2", "shift", "eval break", "eval 'exit 6'"),
    *("rm nosuch", "cat <old", "mkdir d", "read -r x <log", "read -r x <nofile", "echo e >&2"),
    *("echo $((1 / x))", "umask 077", ">new", "x=2 true", "cd d"),
]
# Not into files: the words of messages are not compared.
_SUFFIXES = [
    *(">out", "2>/dev/null", "<log", "<nofile", ">nodir/x", "1<>log", "2>&4", "3>&1 >out"),
]


@st.composite
def _simple(draw: st.DrawFn) -> str:
    which = draw(st.integers(0, 9))
    if which < 4:
        return draw(st.sampled_from(_MARKS))
    return draw(st.sampled_from(_STATUSES if which < 7 else _LEAVES))


@st.composite
def _block(draw: st.DrawFn, depth: int) -> str:
    count = draw(st.integers(1, 3))
    return "\n".join(draw(_list(depth)) for _ in range(count))


@st.composite
def _list(draw: st.DrawFn, depth: int) -> str:
    parts = [draw(_pipeline(depth)) for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3])))]
    text = parts[0]
    for part in parts[1:]:
        text += f" {draw(st.sampled_from(['&&', '||']))} {part}"
    return text


@st.composite
def _pipeline(draw: st.DrawFn, depth: int) -> str:
    """With no two parts that leave something: on a router they run side by side."""
    text = draw(_command(depth))
    how = draw(st.integers(0, 11))
    return f"echo a | {text}" if how == 0 else f"{text} | cat" if how == 1 else text


@st.composite
def _command(draw: st.DrawFn, depth: int) -> str:
    kind = draw(st.integers(0, 10)) if depth else 0
    if kind <= 2:
        return draw(_simple())
    block = _block(depth - 1)
    if kind == 3:
        text = f"{{\n{draw(block)}\n}}"
    elif kind == 4:
        text = f"(\n{draw(block)}\n)"
    elif kind == 5:
        text = f"if {draw(block)}\nthen {draw(block)}\nelse {draw(block)}\nfi"
    elif kind == 6:
        text = f"for i in 1 2 3; do\n{draw(block)}\ndone"
    elif kind == 7:  # it ends at last, whatever its body does
        word = draw(
            st.sampled_from(
                ["while n=$((n + 1)); [ $n -lt 9 ]", "until n=$((n + 1)); [ $n -gt 8 ]"]
            )
        )
        text = f"{word}; do\n{draw(block)}\ndone"
    elif kind == 8:
        text = f"case $x in 0) {draw(block)} ;; [1-3]) {draw(block)} ;; *) ;; esac"
    elif kind == 9:
        text = f"x=$(\n{draw(block)}\n)"
    else:
        text = f"if ! {draw(_command(0))}; then {draw(block)}; fi"
    if kind != 9 and draw(st.integers(0, 3)) == 0:
        text += " " + draw(st.sampled_from(_SUFFIXES))
    return text


@st.composite
def flow(draw: st.DrawFn) -> str:
    """A script with a function."""
    function = f"f() {{\n{draw(_block(1).filter(_ends))}\n}}"
    if draw(st.integers(0, 3)) == 0:
        function += " " + draw(st.sampled_from(_SUFFIXES))
    trap = draw(st.sampled_from(["", "trap 'echo bye $?' EXIT; "]))
    return f"n=0 x=0; {trap}echo old >old\n{function}\n{draw(_block(2))}\necho end $? $x $n"


def _ends(body: str) -> bool:
    """Whether the function does not call itself."""
    return "f" not in body.replace("fi", "").replace("if", "").replace("for", "").split()
