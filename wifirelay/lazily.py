# SPDX-License-Identifier: GPL-2.0-or-later
"""Modules that are loaded only when something of theirs is really used.

`dataclasses` imports `inspect`, which costs 1 MiB of a router's memory, and uses it only for
classes without a docstring: ours have one. `argparse` has `gettext` load `locale`, 0.2 MiB.
(importlib's own LazyLoader loads at the second `import`, which asks for `__spec__`: CPython 3.11.)
"""

import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """Stands for a module until one of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        __import__(self.__name__)
        real = sys.modules[self.__name__]
        self.__dict__.update(real.__dict__)
        return getattr(real, name)


# What dataclasses of CPython 3.13 asks of `inspect` for every class: as there, for ours.


def unwrap(member: Any) -> Any:
    """The function beneath its wrappers."""
    while hasattr(member, "__wrapped__"):
        member = member.__wrapped__
    return member


def get_annotations(cls: type) -> dict[str, Any]:
    """Those of the class itself."""
    return dict(cls.__dict__.get("__annotations__", {}))  # noqa: RUF063 - this stands for it


# What `argparse` asks of `gettext`, which would load `locale` for it: nothing here is translated.


def gettext(message: str) -> str:
    """The message itself."""
    return message


def ngettext(one: str, many: str, number: int) -> str:
    """The one of them that English says with this number."""
    return one if number == 1 else many


# What `dataclasses` imports and seldom uses; what `argparse` and `subprocess` do.
SELDOM = ("inspect", "copy", "gettext", "locale")


_STANDING: dict[str, dict[str, Any]] = {
    "inspect": {"unwrap": unwrap, "get_annotations": get_annotations},
    "gettext": {"gettext": gettext, "ngettext": ngettext},
}


def import_lazily(names: Iterable[str] = SELDOM) -> None:
    """Let `import NAME` succeed at once for each, and load it when it is used."""
    for name in names:
        if name not in sys.modules:
            sys.modules[name] = later = Later(name)
            later.__dict__.update(_STANDING.get(name, {}))
