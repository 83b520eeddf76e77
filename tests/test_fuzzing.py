# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile input to every parser: old findings, changed answers, a minute of atheris."""

import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzzing.campaign import CHECKOUT, fuzz
from tests.fuzzing.families import FAMILIES
from tests.fuzzing.feeding import LONG, REPEAT, failures, whole
from tests.fuzzing.findings import FOLDER, OPEN, place
from tests.fuzzing.mutation import changed
from tests.test_style import tool
from wifirelay.config.yaml_file import MERGED, parse
from wifirelay.errors import ConfigError
from wifirelay.transport.anonymous import Anonymizer
from wifirelay.transport.masking import MASK, Masker

SECONDS = 60 / len(FAMILIES)  # of each family: a minute in all
ENOUGH = 50  # inputs
KEPT = sorted(path for path in FOLDER.glob("*/*") if path.is_file())
MIB = 1 << 20


def places(family: str, data: bytes) -> set[str]:
    """What an input finds, by its names."""
    return {place(error) for error in failures(FAMILIES[family].parsers, data)}


def refused(family: str, data: bytes) -> list[str]:
    """What an input finds that is not known to stand yet, as text."""
    return [
        f"{place(error)}: {error!r}, {error.__notes__}, input {data[:2000]!r}"
        for error in failures(FAMILIES[family].parsers, data)
        if place(error) not in OPEN.get(family, {})
    ]


# --- what was found before ---


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_is_not_found_again(path: Path) -> None:
    family, name = path.parent.name, path.name
    begun = time.process_time()
    found = places(family, path.read_bytes())
    assert time.process_time() - begun < 5
    if name in OPEN.get(family, {}):
        assert name in found, "it is fixed: take it out of tests/fuzzing/findings.py"
    assert found <= set(OPEN.get(family, {}))


def test_what_still_stands_has_an_input_each() -> None:
    kept = {(path.parent.name, path.name) for path in KEPT}
    assert {(family, name) for family, names in OPEN.items() for name in names} <= kept
    assert {family for family, _ in kept} <= set(FAMILIES)


def _dhcp(size: int) -> str:
    return "".join(f'"ssid": "name{number}",' for number in range(size // 20))


LARGE: dict[str, Callable[[int], str]] = {
    "a secret without an end": lambda size: '"key": "' + "a" * size,
    "a list without an end": lambda size: '"key": [' + "1" * size,
    "a word of escapes": lambda size: "a.b.key=" + "\\a" * (size // 2),
    "a string of escapes": lambda size: '"ssid": "' + '\\"' * (size // 2) + '"',
    "dashes": lambda size: "a-" * (size // 2),
    "blank lines": lambda size: "\n" * size,
    "thousands of names": _dhcp,
}


@pytest.mark.parametrize("make", LARGE.values(), ids=list(LARGE))
def test_a_mebibyte_is_masked_in_seconds_and_little_memory(make: Callable[[int], str]) -> None:
    text = make(MIB)
    begun = time.process_time()
    Masker().text(text)
    names = Anonymizer()
    names.learn(text)
    names.text(("logread",), text)
    assert time.process_time() - begun < 20  # it was minutes; now 1 to 3 s
    tracemalloc.start()
    try:
        Masker().text(text[: MIB // 4])
        Anonymizer().learn(text[: MIB // 4])
        assert tracemalloc.get_traced_memory()[1] < 25 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("cut", ['"key": "hunter2\\', 'a.b.key="hunter2\\', "a.b.key=hunter2\\"])
def test_a_secret_that_is_cut_off_in_an_escape_is_masked(cut: str) -> None:
    masked = Masker().text(cut)
    assert "hunter2" not in masked
    assert MASK in masked


def _merging(levels: int) -> str:
    lines = ["a0: &a0 {ssid: x, key: y}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, levels)]
    return "\n".join(lines)


def test_a_few_lines_do_not_merge_into_millions_of_keys() -> None:
    assert isinstance(parse(_merging(5), "x"), dict)
    with pytest.raises(ConfigError, match="x:10:5: merges too many keys"):
        parse(_merging(40), "x")
    with pytest.raises(ConfigError, match="merges too many keys"):
        parse("a: &a {<<: *a}", "x")
    many = ", ".join(f"k{number}: 1" for number in range(MERGED + 10))
    assert len(parse(f"{{{many}}}", "x")) == MERGED + 10  # type: ignore[arg-type]


# --- what there is to begin with ---


@pytest.mark.parametrize("family", FAMILIES)
def test_every_parser_takes_some_seed_and_none_falls_over(family: str) -> None:
    seeds = list(FAMILIES[family].seeds())
    taken = set()
    for data in seeds:
        assert refused(family, data) == []
        for parser in FAMILIES[family].parsers:
            try:
                parser.run(data)
            except parser.may:
                continue
            taken.add(parser.name)
    assert taken == {parser.name for parser in FAMILIES[family].parsers}


def test_a_short_input_stands_for_a_long_one() -> None:
    assert whole(REPEAT + b"ab") == b"ab" * (LONG // 2)
    assert whole(REPEAT) == REPEAT
    assert whole(b"ab") == b"ab"


# --- answers that are nearly right ---

LEAVES = st.one_of(
    st.sampled_from([None, True, False, 0.5, float("nan"), 1e308, 10**400, -1, 2**31]),
    st.sampled_from(["", " ", "\x00", "\ud800", "\udcff", "\u202e", "-x", "9" * 5000, "\ufe0f"]),
    st.integers(-300, 7200),
    st.text(st.characters(codec=None), max_size=40),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
OBJECTS = [
    (name, json.loads(data.decode("utf-8", "surrogateescape")))
    for name in ("answers", "router", "uci", "events")
    for data in FAMILIES[name].seeds()
    if data.startswith(b"{") and b"\n" not in data
]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of every part of a JSON value."""
    yield path
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in members:
            yield from paths(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@settings(max_examples=400)
@given(st.sampled_from(OBJECTS), st.data(), ANYTHING)
def test_one_field_of_a_right_answer_may_be_anything(
    found: tuple[str, Any], data: st.DataObject, new: Any
) -> None:
    family, value = found
    path = data.draw(st.sampled_from(list(paths(value))))
    text = json.dumps(replaced(value, path, new))
    assert refused(family, text.encode("ascii")) == []


@settings(max_examples=300)
@given(st.sampled_from(sorted(FAMILIES)), st.integers(0), st.lists(st.integers(0), max_size=6))
@example("recordings", 3, [5, 6, 7])
def test_seeds_changed_again_and_again(family: str, which: int, numbers: list[int]) -> None:
    known = FAMILIES[family]
    seeds = list(known.seeds())
    data = seeds[which % len(seeds)]
    for number in numbers:
        data = changed(data, known.words, number) or data
    assert len(whole(data)) <= max(LONG, len(data))
    assert refused(family, data) == []


def test_a_change_keeps_json_what_it_is() -> None:
    seed = b'{"results":[{"ssid":"HomeNet","channel":6}]}'
    seen = {changed(seed, ("ssid", "mhz"), number) for number in range(300)}
    assert len(seen) > 150
    for data in seen:
        assert data is not None
        if not data.startswith(REPEAT):
            json.loads(data.decode("utf-8", "surrogateescape"))
    assert changed(seed, ("ssid",), 7) == changed(seed, ("ssid",), 7)


# --- with atheris ---


@pytest.fixture(scope="module")
def _atheris() -> None:
    """Its wheels are for Linux on x86-64; there it must be."""
    done = subprocess.run(
        [sys.executable, "-c", "import atheris"], capture_output=True, check=False
    )
    if done.returncode != 0:
        tool("atheris, of the extra `test`,")


@pytest.mark.usefixtures("_atheris")
@pytest.mark.parametrize("family", FAMILIES)
def test_a_minute_of_atheris_finds_nothing(family: str, tmp_path: Path) -> None:
    figures = fuzz(family, SECONDS, str(tmp_path / family), seed=1)
    if figures.inputs <= ENOUGH:  # a busy machine
        figures = fuzz(family, 8 * SECONDS, str(tmp_path / family), seed=1)
    assert figures.findings == (), figures.said[-6000:]
    assert figures.inputs > ENOUGH, figures.said[-6000:]
    assert figures.edges > 100
    assert 0 < figures.peak < figures.start + 100


PLANTED = """
import sys, time
from tests.fuzzing import engine
from tests.fuzzing.feeding import Parser

kept = []

def planted(data):
    if b"ERROR" in data:
        raise KeyError("planted")
    if b"REFUSED" in data:
        raise ValueError("allowed")
    if b"SLOW" in data:
        engine.LIMIT = -1.0
    if b"HANG" in data:
        time.sleep(60)
    if b"MEMORY" in data:
        kept.append(bytearray(150 << 20))
        time.sleep(3)

engine.FAMILIES["planted"] = engine.Family(
    "planted", None, (Parser("planted", planted, (ValueError,)),), lambda: [b"x"], (WORD, "REFUSED")
)
engine.HANG = 5
engine.main()
"""


@pytest.mark.usefixtures("_atheris")
@pytest.mark.parametrize(
    ("word", "name"),
    [("ERROR", "KeyError-unknown"), ("SLOW", "slow-"), ("HANG", "timeout-"), ("MEMORY", "oom-")],
)
def test_what_is_planted_is_found(word: str, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "found"
    folder.mkdir()
    program = PLANTED.replace("WORD", repr(word))
    seconds = "4" if word in ("ERROR", "SLOW") else "20"
    subprocess.run(
        [sys.executable, "-c", program, "planted", str(folder), str(tmp_path), seconds, "1"],
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=250,
    )
    (found,) = folder.iterdir()
    assert found.name.startswith(name)
    assert word.encode() in found.read_bytes()
