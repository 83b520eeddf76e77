# SPDX-License-Identifier: GPL-2.0-or-later
"""Modules that are loaded only when something of theirs is really used.

`dataclasses` imports `inspect`, which costs 1 MiB of a router's memory, and uses it only for
classes without a docstring: ours have one. (importlib's own LazyLoader loads at the second
`import`, which asks for `__spec__`: CPython 3.11.)
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


# What `dataclasses` imports and seldom uses.
SELDOM = ("inspect", "copy")


def import_lazily(names: Iterable[str] = SELDOM) -> None:
    """Let `import NAME` succeed at once for each, and load it when it is used."""
    for name in names:
        if name not in sys.modules:
            sys.modules[name] = later = Later(name)
            if name == "inspect":
                later.__dict__.update(unwrap=unwrap, get_annotations=get_annotations)
