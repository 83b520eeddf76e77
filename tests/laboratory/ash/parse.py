# SPDX-License-Identifier: GPL-2.0-or-later
"""The grammar of scripts, as far as a router's need it: no `&`, no backquotes, no tilde."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tests.laboratory.ash.builtins import SPECIAL
from tests.laboratory.ash.redirects import COPY, TEXT, Redirect
from tests.laboratory.ash.scan import Scanner
from tests.laboratory.ash.simple import Assign, Simple
from tests.laboratory.ash.system import inward
from tests.laboratory.ash.tree import (
    AndOr,
    Block,
    Case,
    Define,
    For,
    If,
    Node,
    Not,
    Pipeline,
    Redirected,
    Subshell,
    While,
)
from tests.laboratory.ash.words import EMPTY, Word

_RESERVED = re.compile(r"(?:if|then|elif|else|fi|while|until|do|done|for|case|esac|in|[{}!])"
                       r"(?=[ \t\n;&|<>()]|\Z)")  # fmt: skip
_END = ("then", "elif", "else", "fi", "do", "done", "esac", "}")
_FUNCTION = re.compile(r"([A-Za-z_:][A-Za-z0-9_]*)[ \t]*\([ \t]*\)")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_REDIRECT = re.compile(r"([0-9]?)(<<-|<<|<>|<&|<|>>|>&|>\||>)")
_FOR = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?=[ \t\n;])")


@dataclass(frozen=True, slots=True)
class Program:
    """A script that was read."""

    body: Node


class Parser(Scanner):
    """Reads one script."""

    def program(self) -> Program:
        node = self.commands()
        if self.at < len(self.source):
            raise self.wrong()
        return Program(node)

    def body(self) -> Node:
        """Commands up to a `)`, which is read too."""
        node = self.commands()
        if not self.take(")"):
            raise self.wrong("no end of ( )")
        return node

    def commands(self) -> Node:
        """Commands up to whatever can follow a list."""
        nodes: list[Node] = []
        self.newlines()
        while self.at < len(self.source) and not self.peek(")") and not self.peek(";;"):
            if self.reserved() in _END:
                break
            nodes.append(self.and_or())
            self.blanks()
            if self.peek(";;") or not (self.take(";") or self.peek("\n")):
                break
            self.newlines()
        return nodes[0] if len(nodes) == 1 else Block(nodes)

    def some(self) -> Node:
        """The same, where an empty list is an error."""
        node = self.commands()
        if isinstance(node, Block) and not node.nodes:
            raise self.wrong("no command")
        return node

    def reserved(self) -> str:
        found = _RESERVED.match(self.source, self.at)
        return found[0] if found is not None else ""

    def expect(self, *words: str) -> str:
        self.newlines()
        word = self.reserved()
        if word not in words:
            raise self.wrong(f"no {' or '.join(words)}")
        self.at += len(word)
        return word

    def and_or(self) -> Node:
        first = self.pipeline()
        steps: list[tuple[bool, Node]] = []
        while True:
            self.blanks()
            if self.take("&&"):
                wants_success = True
            elif self.take("||"):
                wants_success = False
            else:
                return AndOr(first, steps) if steps else first
            self.newlines()
            steps.append((wants_success, self.pipeline()))

    def pipeline(self) -> Node:
        if self.reserved() == "!":
            self.at += 1
            self.blanks()
            if self.reserved() == "!":
                raise self.wrong()
            return Not(self.pipeline())
        nodes = [self.command()]
        self.blanks()
        while self.peek("|") and not self.peek("||"):
            self.at += 1
            self.newlines()
            nodes.append(self.command())
            self.blanks()
        return Pipeline(nodes) if len(nodes) > 1 else nodes[0]

    def command(self) -> Node:
        word = self.reserved()
        function = _FUNCTION.match(self.source, self.at)
        node: Node
        if word in ("if", "while", "until", "for", "case", "{"):
            self.at += len(word)
            node = self.compound(word)
        elif word:
            raise self.wrong()
        elif self.take("("):
            node = Subshell(self.body())
        elif function is not None:
            if function[1] in SPECIAL:
                raise self.wrong("a function's name")
            self.at = function.end()
            self.newlines()
            return Define(function[1], self.command())
        else:
            return self.simple()
        redirects = self.redirects()
        if not redirects:
            return node
        if isinstance(node, Redirected) and isinstance(node.body, Subshell):
            # `{ (a) >b; } >c`: ash keeps both in one place, and `>b` is lost.
            node = node.body
        return Redirected(node, redirects)

    def compound(self, word: str) -> Node:
        if word == "{":
            node = self.some()
            self.expect("}")
            return node
        if word == "if":
            return self.branches()
        if word == "for":
            return self.loop()
        if word == "case":
            return self.case()
        test = self.some()
        self.expect("do")
        node = self.some()
        self.expect("done")
        return While(test, node, until=word == "until")

    def branches(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        otherwise: Node | None = None
        end = "elif"
        while end == "elif":
            test = self.some()
            self.expect("then")
            branches.append((test, self.some()))
            end = self.expect("elif", "else", "fi")
        if end == "else":
            otherwise = self.some()
            self.expect("fi")
        return If(branches, otherwise)

    def loop(self) -> Node:
        self.blanks()
        name = _FOR.match(self.source, self.at)
        if name is None:
            raise self.wrong("a variable")
        self.at = name.end()
        words: list[Word] | None = None
        self.newlines()
        if self.reserved() == "in":
            self.at += 2
            words = self.words()
        self.take(";")
        self.expect("do")
        node = self.some()
        self.expect("done")
        return For(name[0], words, node)

    def words(self) -> list[Word]:
        words: list[Word] = []
        while True:
            self.blanks()
            word = self.word()
            if word is None:
                return words
            words.append(word)

    def case(self) -> Node:
        self.blanks()
        subject = self.word()
        if subject is None:
            raise self.wrong("a word")
        self.expect("in")
        arms: list[tuple[Sequence[Word], Node | None]] = []
        self.newlines()
        while self.reserved() != "esac":
            self.take("(")
            patterns = self.patterns()
            node = self.commands()
            empty = isinstance(node, Block) and not node.nodes
            arms.append((patterns, None if empty else node))
            self.newlines()
            if not self.take(";;") and self.reserved() != "esac":
                raise self.wrong("no end of an arm")
            self.newlines()
        self.at += len("esac")
        return Case(subject, arms)

    def patterns(self) -> list[Word]:
        patterns: list[Word] = []
        while True:
            self.blanks()
            pattern = self.word()
            if pattern is None:
                raise self.wrong("a pattern")
            patterns.append(pattern)
            self.blanks()
            if self.take(")"):
                return patterns
            if not self.take("|"):
                raise self.wrong("a pattern")

    def simple(self) -> Node:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            self.blanks()
            redirect = self.redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            found = None if words else _ASSIGNMENT.match(self.source, self.at)
            if found is not None:
                self.at = found.end()
                assignments.append((found[1], self.word() or EMPTY))
                continue
            word = self.word()
            if word is None:
                break
            words.append(word)
        if words or redirects:
            return Simple(assignments, words, redirects)
        if not assignments:
            raise self.wrong("no command")
        return Assign(assignments)

    def redirects(self) -> list[Redirect]:
        redirects: list[Redirect] = []
        while True:
            self.blanks()
            redirect = self.redirect()
            if redirect is None:
                return redirects
            redirects.append(redirect)

    def redirect(self) -> Redirect | None:
        found = _REDIRECT.match(self.source, self.at)
        if found is None:
            return None
        kind = found[2]
        self.at = found.end()
        fd = int(found[1]) if found[1] else int(kind[0] == ">")
        if kind in ("<<", "<<-"):
            redirect = Redirect(fd, TEXT)
            self.here(redirect, tabs=kind == "<<-")
            return redirect
        self.blanks()
        word = self.word()
        if word is None or kind == ">|":
            raise self.wrong("a redirection")
        return Redirect(fd, COPY if kind in ("<&", ">&") else kind, word)


@lru_cache(maxsize=4096)
def parsed(text: str) -> Program:
    """The same for a text with one character for each byte."""
    return Parser(text).program()


@lru_cache(maxsize=4096)
def parse(text: str) -> Program:
    """Read a script. Raises ShellSyntax for whatever is not known here."""
    return parsed(inward(text))
