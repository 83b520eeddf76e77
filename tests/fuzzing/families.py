# SPDX-License-Identifier: GPL-2.0-or-later
"""The families of parsers. An input of a family goes to each of its parsers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType

from tests.fuzzing import (
    answers,
    events,
    hosts,
    imports,
    recordings,
    router,
    texts,
    uci_config,
    yaml_config,
)
from tests.fuzzing.feeding import Parser


@dataclass(frozen=True, slots=True)
class Family:
    """What to fuzz together, what to begin with, and the words of its inputs."""

    name: str
    target: Callable[[bytes], None]
    parsers: tuple[Parser, ...]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[str, ...]


def _family(name: str, module: ModuleType) -> Family:
    return Family(name, module.target, module.PARSERS, module.seeds, module.WORDS)


FAMILIES = {
    name: _family(name, module)
    for name, module in {
        "answers": answers,
        "router": router,
        "texts": texts,
        "uci": uci_config,
        "yaml": yaml_config,
        "imports": imports,
        "recordings": recordings,
        "hosts": hosts,
        "events": events,
    }.items()
}
