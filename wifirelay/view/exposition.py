# SPDX-License-Identifier: GPL-2.0-or-later
"""Samples as Prometheus reads them: the text exposition format, version 0.0.4.

Knows the format (https://prometheus.io/docs/instrumenting/exposition_formats/) and nothing of
what is measured. Written plainly: what `prometheus_client` has for it is this one function, behind
a registry of collectors that `web` and `metrics` have no use for; and a text that is not UTF-8
would have to be looked after here all the same. The tests read it with that library's parser.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from wifirelay.values import shown

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LONGEST = 160  # characters of a label: a name has 32 bytes, of which each may become `\xNN`


@dataclass(frozen=True, slots=True)
class Family:
    """What is measured. `kind` is `gauge` or `counter`, `help` one line of ASCII."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. `labels` are the family's, in its order, as they came: anything."""

    family: Family
    value: float
    labels: tuple[str, ...] = ()


def exposition(samples: Iterable[Sample]) -> str:
    """The text. Samples of one family stand together, and no two have the same labels."""
    lines = []
    for family, group in groupby(samples, key=lambda sample: sample.family):
        lines.append(f"# HELP {family.name} {family.help}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines += [f"{family.name}{_labels(each)} {_number(each.value)}" for each in group]
    return "".join(f"{line}\n" for line in lines)


def label(text: str) -> str:
    """A label's value before it is quoted: harmless on any screen that shows it later."""
    return shown(text)[:LONGEST]


def _labels(sample: Sample) -> str:
    pairs = zip(sample.family.labels, sample.labels, strict=True)
    inner = ",".join(f'{name}="{_quoted(label(value))}"' for name, value in pairs)
    return f"{{{inner}}}" if inner else ""


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    whole = math.isfinite(value) and value == int(value)
    return str(int(value)) if whole else repr(float(value))
