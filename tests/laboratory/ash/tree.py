# SPDX-License-Identifier: GPL-2.0-or-later
"""Compound commands. Each runs itself, and leaves its status in the shell's `$?` too."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from tests.laboratory.ash.errors import RedirectFailed
from tests.laboratory.ash.patterns import matcher
from tests.laboratory.ash.redirects import Redirect
from tests.laboratory.ash.streams import Buffer, Capture
from tests.laboratory.ash.words import Word

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell

# What `break`, `continue` and `return` set: everything ends until whom it is for.
BREAK, CONTINUE, RETURN = 1, 2, 3


class Node(Protocol):
    """A command."""

    def run(self, shell: "Shell") -> int:
        """Its status."""


class Block:
    """Commands one after the other."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = tuple(nodes)

    def run(self, shell: "Shell") -> int:
        status = 0
        for node in self.nodes:
            status = node.run(shell)
            if shell.skip:
                break
        return status


class AndOr:
    """`a && b || c`; a step is whether it is `&&`, and the command."""

    __slots__ = ("first", "steps")

    def __init__(self, first: Node, steps: Sequence[tuple[bool, Node]]) -> None:
        self.first, self.steps = first, tuple(steps)

    def run(self, shell: "Shell") -> int:
        status = self.first.run(shell)
        for wants_success, node in self.steps:
            if shell.skip:
                break
            if (status == 0) is wants_success:
                status = node.run(shell)
        return status


class Not:
    """`! a`"""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def run(self, shell: "Shell") -> int:
        shell.status = status = int(self.node.run(shell) == 0)
        return status


class Pipeline:
    """`a | b`: here one after the other, each as in a process of its own."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = tuple(nodes)

    def run(self, shell: "Shell") -> int:
        source = shell.files[0]
        status = 0
        for number, node in enumerate(self.nodes):
            child = shell.fork()
            child.files[0] = source
            if number < len(self.nodes) - 1:
                pipe = Capture()
                child.files[1] = pipe
                child.run_whole(node)
                source = Buffer(pipe.data)
            else:
                status = child.run_whole(node)
        shell.status = status
        return status


class If:
    """`if`, with `elif` as pairs of test and body."""

    __slots__ = ("branches", "otherwise")

    def __init__(self, branches: Sequence[tuple[Node, Node]], otherwise: Node | None) -> None:
        self.branches, self.otherwise = tuple(branches), otherwise

    def run(self, shell: "Shell") -> int:
        for test, body in self.branches:
            status = test.run(shell)
            if shell.skip:
                return status
            if status == 0:
                return body.run(shell)
        if self.otherwise is not None:
            return self.otherwise.run(shell)
        shell.status = 0
        return 0


class While:
    """`while`, or with `until` the contrary."""

    __slots__ = ("body", "test", "until")

    def __init__(self, test: Node, body: Node, *, until: bool) -> None:
        self.test, self.body, self.until = test, body, until

    def run(self, shell: "Shell") -> int:
        status = 0
        shell.loops += 1
        while True:
            test = self.test.run(shell)
            if shell.skip:
                if shell.loop_ends():
                    break
                continue
            if (test == 0) is self.until:
                break
            status = self.body.run(shell)
            if shell.skip and shell.loop_ends():
                break
        shell.loops -= 1
        shell.status = status
        return status


class For:
    """`for`; without words over the arguments."""

    __slots__ = ("body", "name", "words")

    def __init__(self, name: str, words: Sequence[Word] | None, body: Node) -> None:
        self.name, self.body = name, body
        self.words = None if words is None else tuple(words)

    def run(self, shell: "Shell") -> int:
        values: list[str] = []
        if self.words is None:
            values += shell.arguments
        else:
            for word in self.words:
                word.expand(shell, values)
        status = 0
        shell.loops += 1
        for value in values:
            shell.variables[self.name] = value
            status = self.body.run(shell)
            if shell.skip and shell.loop_ends():
                break
        shell.loops -= 1
        shell.status = status
        return status


class Case:
    """`case`; an arm is its patterns and its body."""

    __slots__ = ("arms", "subject")

    def __init__(self, subject: Word, arms: Sequence[tuple[Sequence[Word], Node | None]]) -> None:
        self.subject = subject
        self.arms = tuple((tuple(patterns), body) for patterns, body in arms)

    def run(self, shell: "Shell") -> int:
        subject = self.subject.text(shell)
        for patterns, body in self.arms:
            for word in patterns:
                if matcher(word.pattern(shell))(subject):
                    if body is not None:
                        return body.run(shell)
                    shell.status = 0
                    return 0
        shell.status = 0
        return 0


class Subshell:
    """`( ... )`"""

    __slots__ = ("body",)

    def __init__(self, body: Node) -> None:
        self.body = body

    def run(self, shell: "Shell") -> int:
        shell.status = status = shell.fork().run_whole(self.body)
        return status


class Redirected:
    """A compound command with redirections behind it."""

    __slots__ = ("body", "redirects")

    def __init__(self, body: Node, redirects: Sequence[Redirect]) -> None:
        self.body, self.redirects = body, tuple(redirects)

    def run(self, shell: "Shell") -> int:
        try:
            saved = shell.redirect(self.redirects)
        except RedirectFailed:
            # For `( )` busybox does it in the child, which ends as after any error.
            shell.status = status = 2 if isinstance(self.body, Subshell) else 1
            return status
        try:
            return self.body.run(shell)
        finally:
            shell.restore(saved)


class Define:
    """`name() { ...; }`"""

    __slots__ = ("body", "name")

    def __init__(self, name: str, body: Node) -> None:
        self.name, self.body = name, body

    def run(self, shell: "Shell") -> int:
        # Subshells share the table until somebody changes it.
        shell.functions = {**shell.functions, self.name: self.body}
        shell.status = 0
        return 0
