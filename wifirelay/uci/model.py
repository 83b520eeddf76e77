# SPDX-License-Identifier: GPL-2.0-or-later
"""A UCI package as a frozen value, read from rpcd's JSON (`ubus call uci get`).

rpcd's answer is the effective configuration: the file with root's staged edits merged in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wifirelay.errors import RouterAnswer

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section. `name` of an anonymous one (cfgXXXXXX) changes with its content."""

    name: str
    kind: str
    options: Mapping[str, Value] = field(repr=False)  # may hold keys
    anonymous: bool = False
    index: int = 0

    def get(self, option: str, default: str = "") -> str:
        """A plain value; a list's items joined by blanks, as UCI's own readers do."""
        value = self.options.get(option, default)
        return value if isinstance(value, str) else " ".join(value)

    def items(self, option: str) -> tuple[str, ...]:
        """A list; a plain value is split at blanks, as OpenWrt's `list` options allow."""
        value = self.options.get(option, ())
        return tuple(value.split()) if isinstance(value, str) else tuple(value)

    def true(self, option: str) -> bool:
        """A boolean option, by netifd's words for yes (libubox, blobmsg and uci_blob)."""
        return self.get(option).lower() in {"1", "true", "yes", "on", "enabled"}

    @property
    def enabled(self) -> bool:
        return not self.true("disabled")


@dataclass(frozen=True, slots=True)
class Package:
    """The sections of one package, in order."""

    name: str
    sections: tuple[Section, ...] = ()

    def __iter__(self) -> Iterator[Section]:
        return iter(self.sections)

    def section(self, name: str) -> Section | None:
        return next((section for section in self.sections if section.name == name), None)

    def of_kind(self, kind: str) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.kind == kind)


def parse_package(name: str, answer: object) -> Package:
    """From the JSON of `ubus call uci get {"config": name}`; RouterAnswer when it is none."""
    values = answer.get("values") if isinstance(answer, dict) else None
    if not isinstance(values, dict):
        raise RouterAnswer(f"the router's UCI package {name} came in an unknown form")
    sections: list[Section] = []
    for key, raw in values.items():
        if not isinstance(raw, dict) or not isinstance(raw.get(".type"), str):
            raise RouterAnswer(f"the router's UCI section {name}.{key} came in an unknown form")
        options = {
            option: tuple(map(str, value)) if isinstance(value, list) else str(value)
            for option, value in raw.items()
            if not option.startswith(".")
        }
        index = raw.get(".index")
        sections.append(
            Section(
                name=key,
                kind=raw[".type"],
                options=options,
                anonymous=raw.get(".anonymous") is True,
                index=index if isinstance(index, int) else len(sections),
            )
        )
    sections.sort(key=lambda section: section.index)
    return Package(name, tuple(sections))
