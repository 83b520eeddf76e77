# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay report`: one page about a router, that holds no secret and runs nothing."""

from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.fuzzing.names import NAMES as HOSTILE
from tests.shapes import NAMES, Run, Say, home, run, say, target
from wifirelay.router.scan import Bss
from wifirelay.sim.configs import AP_KEY
from wifirelay.values import Band, Security, Ssid
from wifirelay.view.chart import HEIGHT, WIDTH, air_charts, frequency
from wifirelay.view.report import Section, page

__all__ = ["home", "run", "say"]

TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "section",
    "h1",
    "h2",
    "p",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "svg",
    "line",
    "text",
    "g",
    "path",
}
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "scope",
    "viewbox",
    "role",
    "aria-label",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "d",
    "text-anchor",
}


class Page(HTMLParser):
    """A page as a browser takes it: only tags and attributes that do nothing."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.headings: list[str] = []
        self._in: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES
        if tag != "meta":
            self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._in:
            while self._in.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._in[-1:] != ["style"]:
            self.texts.append(data)
        if self._in[-1:] == ["h2"]:
            self.headings.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def written(path: Path) -> Page:
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    return Page(text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hidden", [False, True])
def test_every_recording_has_a_report(run: Run, tmp_path: Path, name: str, hidden: bool) -> None:
    file = tmp_path / "report.html"
    words = ("--anonymous",) if hidden else ()
    code, shape = run("--router", target(name), "report", str(file), *words)
    assert (code, shape["file"], shape["anonymous"]) == (0, str(file), hidden)
    assert written(file).headings == shape["sections"]
    assert shape["sections"][:3] == ["Where it stands", "Check-up", "The air"]


def test_a_live_router_is_recorded_for_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    code, shape = run("--router", "sim:home", "report", str(file))
    assert code == 0
    text = " ".join(written(file).texts)
    assert "HomeNet, channel 6, -47 dBm, psk2" in text
    assert "What would be joined, and why" in shape["sections"]
    assert "the own access point cannot follow to 52, 56, 60, 64" in text
    for secret in (AP_KEY, "correct horse battery", "phone in my pocket"):
        assert secret not in file.read_text()


def test_anonymous_names_nobody(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert run("--router", "sim:home", "report", str(file), "--anonymous")[0] == 0
    text = file.read_text()
    for name in ("HomeNet", "Phone", "MyRouter", "Neighbour", "02:00:00:00:10"):
        assert name not in text
    assert "<path" in text


def test_a_bare_scan_is_the_air_alone(run: Run, tmp_path: Path) -> None:
    scan = tmp_path / "air.json"
    scan.write_text('{"results": [{"ssid": "A<b>", "bssid": "02:00:00:00:00:01", "channel": 6}]}')
    file = tmp_path / "report.html"
    code, shape = run("--router", f"recording:{scan}", "report", str(file))
    assert (code, shape["sections"]) == (0, ["The air"]), "the router around it is made up"
    assert "A<b>" in " ".join(written(file).texts)


def test_a_file_that_is_there_is_kept(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("mine")
    code, _, err = say("--router", "sim:home", "report", str(file))
    assert code == 2
    assert "is there already" in err
    assert file.read_text() == "mine"
    assert say("--router", "sim:home", "report", str(file), "--force")[0] == 0
    assert say("--router", "sim:home", "report", str(tmp_path / "no" / "report.html"))[0] == 2


def test_hostile_names_are_text_and_nothing_else() -> None:
    heard = tuple(
        Bss("radio0", None, name, 1 + number % 13, Band.GHZ2, -40 - number % 50, Security.PSK2)
        for number, name in enumerate(HOSTILE.values())
    )
    assert len(heard) > 100
    lines = tuple(str(bss.ssid) for bss in heard)
    charts = air_charts(heard, {heard[0].ssid} if heard[0].ssid else set())
    shown = Page(page("<script>", ["</p><img src=x>"], [Section("&", lines, "".join(charts))]))
    assert "<script>" in shown.texts
    told = [text for text in shown.texts if ", channel " in text]
    assert sorted(told) == sorted(
        f"{bss.ssid}, channel {bss.channel}, {bss.signal} dBm, psk2" for bss in heard
    )


@pytest.mark.parametrize("band", list(Band))
def test_a_hump_stands_at_its_channel_and_strength(band: Band) -> None:
    heard = [
        Bss("radio0", None, Ssid.of("low"), 1, band, -90, Security.PSK2),
        Bss("radio0", None, Ssid.of("high"), 13, band, -30, Security.OPEN, width=20),
        Bss("radio0", None, None, 13, band, None, Security.OPEN),  # not told: not drawn
    ]
    (chart,) = air_charts(heard, {Ssid.of("high")})
    svg = ElementTree.fromstring(chart)
    low, high = svg.findall("g")
    assert (low.get("class"), high.get("class")) == ("other", "known")
    places = [{name: float(each.find("text").get(name)) for name in "xy"} for each in (low, high)]  # type: ignore[union-attr, arg-type]
    assert places[0]["x"] < places[1]["x"] < WIDTH
    assert places[0]["y"] > places[1]["y"] > 0
    assert places[0]["y"] < HEIGHT
    axis = [each.text for each in svg.findall("text") if each.get("text-anchor")]
    assert axis == ["1", "13"]


def test_frequencies() -> None:
    assert frequency(Band.GHZ2, 1) == 2412
    assert frequency(Band.GHZ2, 14) == 2484
    assert frequency(Band.GHZ5, 36) == 5180
    assert frequency(Band.GHZ6, 1) == 5955


def test_nothing_heard_is_no_chart() -> None:
    assert air_charts([], set()) == []
