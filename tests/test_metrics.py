# SPDX-License-Identifier: GPL-2.0-or-later
"""A router as numbers: read with Prometheus's own parser, whatever strangers call a network."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tests.fuzzing.names import NAMES
from tests.known import CHECKOUT
from tests.shapes import Run, Say, check, home, run, say, target
from tests.watched import AWAY, bent, candidate, status
from wifirelay.core.moves import Do, Move
from wifirelay.errors import RouterAnswer, TransportError
from wifirelay.service.events import Event, Kind, Standing
from wifirelay.values import Ssid, shown
from wifirelay.view.exposition import Family, Sample, exposition
from wifirelay.view.metrics import FAMILIES, MOST_POINTS, metrics, metrics_object
from wifirelay.view.service import service_object
from wifirelay.web.metrics import metrics_text

__all__ = ["home", "run", "say"]

DOCS = (CHECKOUT / "docs/metrics.md").read_text("utf-8")
SERVICE = {
    "controller": "laptop",
    "pid": 812,
    "when": "2026-01-02T03:04:05+0100",
    "doing": "wait",
    "why": "HomeNet works",
    "online_seconds": 60,
    "unreachable": None,
    "paused": None,
    "candidates": [candidate(Ssid(b"HomeNet"), 38.0), candidate(Ssid(b"Cafe"), None, "no")],
    "events": {"joined": 2, "kept": 1},
}


Values = dict[str, dict[tuple[tuple[str, str], ...], float]]


def read(text: str) -> Values:
    """By name and labels, each once, as Prometheus has them."""
    found: Values = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert labels not in found.setdefault(sample.name, {}), sample
            found[sample.name][labels] = sample.value
    return found


def told(shape: dict[str, Any] | None) -> Values:
    return read(exposition(metrics("sim:home", "1.2", shape)))


def only(values: Values, name: str) -> float:
    assert list(values[name]) == [()]
    return values[name][()]


def test_a_router_that_is_online() -> None:
    values = told(status(service=SERVICE))
    for name in ("router_up", "set_up", "uplink_up", "uplink_kept_on_flash", "internet_up"):
        assert only(values, f"wifirelay_{name}") == 1
    assert only(values, "wifirelay_uplink_signal_dbm") == -55
    assert values["wifirelay_info"] == {(("router", "sim:home"), ("version", "1.2")): 1}
    assert values["wifirelay_uplink_info"] == {(("network", "HomeNet"), ("radio", "radio1")): 1}
    assert values["wifirelay_uplink_state"][(("state", "connected"),)] == 1
    assert sum(values["wifirelay_uplink_state"].values()) == 1
    assert values["wifirelay_internet_state"] == {
        (("verdict", "online"),): 1,
        (("verdict", "portal"),): 0,
        (("verdict", "no-dns"),): 0,
        (("verdict", "offline"),): 0,
    }
    assert only(values, "wifirelay_own_access_points_up") == 1
    assert only(values, "wifirelay_service_online_since_timestamp_seconds") == 1767319385
    assert only(values, "wifirelay_service_seen_timestamp_seconds") == 1767319445
    assert values["wifirelay_candidates"] == {(("eligible", w),): 1 for w in ("true", "false")}
    assert values["wifirelay_events_total"][(("kind", "joined"),)] == 2
    assert values["wifirelay_events_total"][(("kind", "failed"),)] == 0
    assert len(values["wifirelay_events_total"]) == len(Kind)


def test_what_is_bad_is_said() -> None:
    shape = status(internet={"verdict": "portal", "why": "a login page"})
    shape["access_points"].append({**shape["access_points"][0], "section": "b", "on_air": False})
    shape["uplinks"][0] |= {"state": "associated", "kept": "session", "signal_dbm": None}
    shape["sentry"] = {"alive": False, "holding": ["wifirelay"], "unfinished_trial": {"x": 1}}
    shape["staged"] = {"own": [], "foreign": ["a", "b"]}
    values = told(shape)
    for name in ("uplink_up", "uplink_kept_on_flash", "internet_up", "sentry_up", "service_up"):
        assert only(values, f"wifirelay_{name}") == 0
    assert values["wifirelay_internet_state"][(("verdict", "portal"),)] == 1
    assert "wifirelay_uplink_signal_dbm" not in values
    assert only(values, "wifirelay_own_access_points") == 2
    assert only(values, "wifirelay_own_access_points_up") == 1
    assert sorted(values["wifirelay_own_access_point_up"].values()) == [0, 1]
    assert only(values, "wifirelay_sentry_holding") == only(values, "wifirelay_trial_running") == 1
    assert values["wifirelay_staged_edits"][(("owner", "foreign"),)] == 2
    assert not [name for name in values if name.startswith(("wifirelay_events", "wifirelay_cand"))]


def test_what_is_not_known_is_left_out() -> None:
    """No old numbers: neither of a router out of reach, nor of its service's last look."""
    assert told(None) == {
        "wifirelay_info": {(("router", "sim:home"), ("version", "1.2")): 1},
        "wifirelay_router_up": {(): 0},
    }
    values = told(status(service={**SERVICE, "unreachable": "no route"}))
    assert only(values, "wifirelay_router_up") == 0
    assert only(values, "wifirelay_service_up") == 1
    assert not [name for name in values if "uplink" in name or "own_" in name or "inter" in name]
    assert "wifirelay_internet_up" not in told(status(internet=None))  # connected: nobody looked
    off = told(status(internet=None, uplinks=[], service={**SERVICE, "online_seconds": None}))
    assert "wifirelay_service_online_since_timestamp_seconds" not in off
    assert only(off, "wifirelay_internet_up") == only(off, "wifirelay_uplink_up") == 0


@pytest.mark.parametrize("what", sorted(NAMES))
def test_a_name_of_the_corpus_is_one_label(what: str) -> None:
    ssid = NAMES[what]
    text = exposition(metrics("sim:home", "1.2", status(ssid)))
    text.encode("utf-8")
    assert all(line.isprintable() for line in text.split("\n"))
    values = read(text)
    (labels,) = values["wifirelay_uplink_info"]
    assert dict(labels)["network"] == shown(ssid.text)
    assert len(values["wifirelay_router_up"]) == 1


@given(st.binary(max_size=32), st.text(st.characters(), max_size=400))
def test_any_bytes_are_one_label(raw: bytes, model: str) -> None:
    shape = status(Ssid(raw)) | {"model": model}
    values = told(shape)
    (labels,) = values["wifirelay_own_access_point_up"]
    assert dict(labels)["ssid"] == shown(Ssid(raw).text)
    assert set(values) == set(told(status()))


@given(st.data())
def test_a_status_that_is_none_makes_no_nonsense(data: st.DataObject) -> None:
    shape = bent(data, status(service=dict(SERVICE), sentry={"alive": True}))
    values = told(shape)
    assert only(values, "wifirelay_router_up") in (0, 1)
    check(metrics_object("sim:home", metrics("sim:home", "1.2", shape)))


def test_there_are_only_so_many_series() -> None:
    point = status()["access_points"][0]
    many = [{**point, "section": f"s{number}"} for number in range(1000)]
    service = {**SERVICE, "events": {f"k{number}": 1 for number in range(1000)}}
    service["candidates"] = [candidate(Ssid(b"%d" % number), 1.0) for number in range(1000)]
    values = told(status(access_points=many, service=service))
    assert only(values, "wifirelay_own_access_points") == 1000
    assert len(values["wifirelay_own_access_point_up"]) == MOST_POINTS
    assert sum(map(len, values.values())) < MOST_POINTS + len(Kind) + 40


def test_two_points_that_cannot_be_told_apart_are_one_series() -> None:
    point = status()["access_points"][0]
    assert len(told(status(access_points=[point, point]))["wifirelay_own_access_point_up"]) == 1


def test_numbers_are_written_as_they_are_read() -> None:
    family = Family("x", "gauge", "X.", ("n",))
    numbers = [0.0, -55.0, 1.5, 1e300, 5e-324, float("inf"), float("-inf"), 1767319445.25]
    text = exposition(Sample(family, value, (str(value),)) for value in numbers)
    assert list(read(text)["x"].values()) == numbers


def test_every_family_is_in_the_document_and_the_other_way_round() -> None:
    rows = re.findall(r"^\| `(wifirelay_\w+)` \| (\w+) \| ([^|]*) \| (.+) \|$", DOCS, re.MULTILINE)
    documented = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels, _ in rows
    }
    assert len(rows) == len(documented)
    assert documented == {each.name: (each.kind, each.labels) for each in FAMILIES}
    assert all(each.help.isascii() and each.help.isprintable() for each in FAMILIES)
    assert len({each.name for each in metrics_families()}) == len(FAMILIES)


def metrics_families() -> set[Family]:
    shape = status(service=SERVICE, sentry={"alive": True})
    return {each.family for each in metrics("sim:home", "1.2", shape)}


def test_expressions_of_the_document_name_what_there_is() -> None:
    named = set(re.findall(r"\bwifirelay_[a-z_]+", DOCS))
    assert named - {"wifirelay_"} == {each.name for each in FAMILIES}


def test_a_service_counts_its_events() -> None:
    standing = Standing(0.0, Move(Do.WAIT, "starting"))
    service = service_object(standing, "laptop", 1, "2026-01-02T03:04:05+0000", {"started": 1})
    check(status(service=service))
    assert told(status(service=service))["wifirelay_events_total"][(("kind", "started"),)] == 1


def test_the_service_s_file_has_them(home: str, tmp_path: Path) -> None:
    from argparse import Namespace

    from wifirelay.cli.context import Context
    from wifirelay.cli.telling import Telling
    from wifirelay.config.model import Settings

    telling = Telling(
        Context(Namespace(json=True, verbose=False, config=None, router=None), Settings()),
        None,
        "laptop",
    )
    for kind in (Kind.STARTED, Kind.JOINED, Kind.JOINED):
        telling.event(Event(0.0, kind, "x"))
    assert telling._counts == {"started": 1, "joined": 2}


# --- the command ---


def test_a_simulated_router(say: Say, run: Run) -> None:
    code, out, err = say("--router", "sim:home", "metrics")
    assert (code, err) == (0, "")
    values = read(out)
    assert only(values, "wifirelay_own_access_points_up") == 2
    assert only(values, "wifirelay_uplink_up") == 0
    code, shape = run("--router", "sim:home", "metrics")
    assert (code, shape["router"], shape["file"]) == (0, "sim:home", None)
    assert {each["name"] for each in shape["metrics"]} == set(values)


def test_a_recording(say: Say) -> None:
    code, out, _ = say("--router", target("baseline"), "metrics")
    assert (code, only(read(out), "wifirelay_router_up")) == (0, 1)


def test_a_file_for_the_textfile_collector(say: Say, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "wifirelay.prom"
    path.write_text("of before")
    code, out, err = say("--router", "sim:home", "metrics", "--file", str(path))
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"\d+ samples are in {path}\n", out)
    assert only(read(path.read_text()), "wifirelay_router_up") == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "wifirelay.prom"]
    assert run("--router", "sim:home", "metrics", "--file", str(path))[1]["file"] == str(path)


def test_a_router_out_of_reach_is_a_number_too(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "wifirelay.prom"
    nobody = ("--router", "ssh://root@127.0.0.1:1", "metrics")
    code, out, err = say(*nobody, "--file", str(path))
    assert (code, out) == (3, "")
    assert "nothing listens there" in err
    assert only(read(path.read_text()), "wifirelay_router_up") == 0
    code, out, _ = say(*nobody)
    assert (code, out) == (3, path.read_text())
    code, out, _ = say(*nobody, "--json")
    assert (code, check(json.loads(out))["exit"]) == (3, 3)


def test_files_that_are_none(say: Say, tmp_path: Path) -> None:
    (tmp_path / "link.prom").symlink_to(tmp_path / "other")
    for path in ("/dev/null", str(tmp_path), str(tmp_path / "link.prom")):
        code, _, err = say("--router", "sim:home", "metrics", "--file", path)
        assert (code, "no regular file" in err) == (2, True), err
    code, _, err = say("--router", "sim:home", "metrics", "--file", str(tmp_path / "no/x.prom"))
    assert (code, "cannot write the metrics" in err) == (2, True)
    code, _, err = say("--router", "sim:home", "metrics", "--file", str(tmp_path / "x.txt"))
    assert (code, "end in .prom" in err) == (0, True)


# --- /metrics of the page ---


class Answers:
    """A page's object that answers one thing."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer

    def call(self, method: str, arguments: object) -> dict[str, Any]:
        assert (method, arguments) == ("status", {})
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_page_s_status_as_numbers() -> None:
    text = metrics_text(Answers(status(service=SERVICE)), AWAY, "1.2")
    assert text == exposition(metrics(AWAY, "1.2", status(service=SERVICE)))
    text = metrics_text(Answers(TransportError("gone")), AWAY, "1.2")
    assert only(read(text), "wifirelay_router_up") == 0


def test_no_status_is_no_number() -> None:
    error = {"schema": "wifirelay.error/1", "exit": 4, "error": "not\nknown", "hint": "ask again"}
    with pytest.raises(RouterAnswer) as raised:
        metrics_text(Answers(error), AWAY, "1.2")
    assert (raised.value.message, raised.value.hint) == ("not\\x0aknown", "ask again")
