# SPDX-License-Identifier: GPL-2.0-or-later
"""`$((...))` in 64 bits. As in busybox, nothing is short-circuited: `1 ? 2 : 1/0` fails.

Knows no assignment, no comma and no `?:` inside another one's middle: none is needed.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from tests.laboratory.ash.errors import ArithmeticFailed, Unsupported

Variables = Mapping[str, str]
Value = Callable[[Variables], int]
_TOKEN = re.compile(
    r"[ \t\n]*(?:(0[xX][0-9A-Fa-f]+|[0-9]+)|([A-Za-z_][A-Za-z0-9_]*)"
    r"|(<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%<>&|^!~?:(),=])|\Z)"
)
_SIMPLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_LEVELS = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7,
    "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10, "**": 11,
}  # fmt: skip
_SYNTAX = "arithmetic syntax error"


def wrapped(number: int) -> int:
    """The number as 64 bits with a sign."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def _divided(a: int, b: int) -> int:
    if b == 0:
        raise ArithmeticFailed("divide by zero")
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _power(a: int, b: int) -> int:
    if b < 0:
        raise ArithmeticFailed("exponent less than 0")
    return pow(a, b, 1 << 64)


_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "||": lambda a, b: int(a != 0 or b != 0),
    "&&": lambda a, b: int(a != 0 and b != 0),
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "<<": lambda a, b: a << (b & 63),
    ">>": lambda a, b: a >> (b & 63),
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": lambda a, b: a - b * _divided(a, b),
    "**": _power,
}


def _number(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        value = int(text, 16)
    elif text[0] == "0" and len(text) > 1:
        if not set(text) <= set("01234567"):
            raise ArithmeticFailed(_SYNTAX)
        value = int(text, 8)
    else:
        value = int(text)
    return wrapped(value) if value < 1 << 64 else 0  # strtoull says ERANGE; busybox takes it as 0


def _tokens(text: str) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ArithmeticFailed(_SYNTAX)
        token = found[1] or found[2] or found[3]
        if token:
            out.append(token)
        at = found.end()
    return out


class _Expression:
    """One expression while it is read."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0

    def whole(self) -> Value:
        value = self.choice()
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token in (",", "++", "--", "?") or (token[-1] == "=" and token not in _LEVELS):
                raise Unsupported(f"arithmetic with {token}")
            raise ArithmeticFailed(_SYNTAX)
        return value

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, token: str) -> bool:
        found = self.next() == token
        self.at += found
        return found

    def choice(self) -> Value:
        test = self.binary(1)
        if not self.take("?"):
            return test
        yes = self.binary(1)
        if not self.take(":"):
            raise (
                Unsupported("?: in the middle of ?:")
                if self.next() == "?"
                else (ArithmeticFailed(_SYNTAX))
            )
        no = self.choice()

        def chosen(variables: Variables) -> int:
            each = test(variables), yes(variables), no(variables)
            return each[1] if each[0] else each[2]

        return chosen

    def binary(self, level: int) -> Value:
        left = self.unary()
        while (own := _LEVELS.get(self.next(), 0)) >= level:
            operator = _OPERATORS[self.next()]
            self.at += 1
            right = self.binary(own + 1)
            left = _binary(operator, left, right)
        return left

    def unary(self) -> Value:
        token = self.next()
        self.at += 1
        if token == "(":
            value = self.choice()
            if not self.take(")"):
                raise ArithmeticFailed(_SYNTAX)
            return value
        if token in ("-", "+", "!", "~"):
            return _unary(token, self.unary())
        if token in ("++", "--"):
            raise Unsupported(f"arithmetic with {token}")
        if token[:1].isdigit():
            number = _number(token)
            return lambda _: number
        if not token[:1].isalpha() and token[:1] != "_":
            raise ArithmeticFailed(_SYNTAX)
        return lambda variables: _variable(variables, token)


def _binary(operator: Callable[[int, int], int], left: Value, right: Value) -> Value:
    return lambda variables: wrapped(operator(left(variables), right(variables)))


def _unary(token: str, value: Value) -> Value:
    if token == "-":
        return lambda variables: wrapped(-value(variables))
    if token == "!":
        return lambda variables: int(not value(variables))
    if token == "~":
        return lambda variables: ~value(variables)
    return value


def _variable(variables: Variables, name: str) -> int:
    text = variables.get(name, "")
    if _SIMPLE.match(text):
        return int(text)
    try:
        return compiled(text)(variables)  # an expression in its turn
    except RecursionError:
        raise ArithmeticFailed("expression recursion loop detected") from None


@lru_cache(maxsize=4096)
def compiled(text: str) -> Value:
    """What gives the expression's value. Raises ArithmeticFailed, here or when it is called."""
    if not text.strip(" \t\n"):
        return lambda _: 0
    return _Expression(text).whole()
