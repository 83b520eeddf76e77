# SPDX-License-Identifier: GPL-2.0-or-later
"""The screen of `wifirelay watch`: a picture and a size in, lines of rich's text out.

Every line fits the width and all of them the height: nothing wraps, whatever a stranger calls a
network. Colours are of the sixteen that a terminal's owner has chosen, and never the only sign.
"""

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.text import Text

from wifirelay.values import printable, span
from wifirelay.view.changes import event_text
from wifirelay.view.picture import (
    Picture,
    Shape,
    Source,
    name,
    number,
    part,
    parts,
    sentences,
    text,
    uplink,
)
from wifirelay.view.spark import ASCII, BLOCKS, bar, sparkline, weakest
from wifirelay.view.table import columns

GOOD, BAD, FAINT, TITLE = "green", "bold red", "dim", "bold"
_BANDS = {"2g": "2.4 GHz", "5g": "5 GHz", "6g": "6 GHz"}
_BAD_NEWS = ("failed", "lost", "unreachable", "internet-lost", "own-ap-off", "trouble")
_CELL = 5  # columns of a channel
_INDENT = 10
_TALL = 30  # rows from which strengths are shown in numbers too
_KEYS = "q quit   r scan now, which costs the clients of own access points packets"
_KEYS_SERVICE = "q quit   the service scans when there is a reason to"
_KEYS_ASK = "q quit   r ask the service to scan"


def screen(picture: Picture, width: int, height: int, *, ascii_only: bool = False) -> list[Text]:
    """At most `height` lines of at most `width` columns; the last one tells the keys."""
    levels = ASCII if ascii_only else BLOCKS
    head = list(_head(picture))
    air = list(_air(picture, width, tall=height >= _TALL, levels=levels))
    quality = _quality(picture, width, levels)
    free = max(height - len(head) - len(air) - len(quality) - 1, 0)
    most = max(free // 2, free - 2 - len(picture.events))
    candidates = list(_candidates(picture, 14 if width < 100 else 26))[:most]
    events = list(_events(picture, free - len(candidates)))
    body = [*air, *candidates, *quality, *events]
    if picture.trouble:
        for line in body:
            line.stylize(FAINT)
    lines = [*head, *body][: max(height - 1, 0)]
    lines += [Text()] * (height - 1 - len(lines))
    return [_fit(line, width) for line in (*lines, _foot(picture))][-height:]


def _head(picture: Picture) -> Iterator[Text]:
    status = picture.status or {}
    what = ", ".join(filter(None, (text(status, "model"), text(status, "release"))))
    yield Text.assemble((printable(picture.router), TITLE), f"  {what}")
    if picture.trouble:
        age = f"; this is as of {span(picture.age)} ago" if picture.status is not None else ""
        yield Text(f"{printable(picture.trouble)}{age}", BAD)
    for each in sentences(picture):
        line = Text(f"{each.topic:<{_INDENT}}")
        line.append(each.text, "" if each.good is None else GOOD if each.good else BAD)
        dbm = number(uplink(status), "signal_dbm")
        if each.topic == "uplink" and dbm is not None:
            line.append(f" at {dbm:.0f} dBm")
        if each.topic == "internet" and picture.online_for is not None:
            more = " or more" if picture.source is Source.ROUTER else ""
            line.append(f", for {span(picture.online_for)}{more}")
        yield line


def _title(words: str, note: str = "") -> Text:
    return Text.assemble((words, TITLE), (f"  {note}" if note else "", FAINT))


def _air(picture: Picture, width: int, *, tall: bool, levels: str) -> Iterator[Text]:
    """For each band: bars, their channels, and on a tall screen the strengths."""
    heard = parts(picture.scan, "bss")
    if picture.scan is None:
        yield _title("AIR", "not known yet")
        return
    age = f"{span(picture.heard_age)} ago, " if picture.heard_age is not None else ""
    note = "strongest of each channel; * known, > the uplink's"
    yield _title("AIR", f"{age}{note}" if heard else f"{age}nothing is heard")
    own = text(uplink(picture.status), "bssid")
    for band, title in _BANDS.items():
        strongest = _channels(each for each in heard if each.get("band") == band)
        here = {number(each, "channel") for each in heard if own and each.get("bssid") == own}
        known = {
            number(each, "channel")
            for each in heard
            if each.get("known") is True and each.get("band") == band
        }
        shown = _that_fit(strongest, known | here, (width - _INDENT) // _CELL)
        if not shown:
            continue
        bars, channels, strengths = Text(f"{title:<{_INDENT}}"), " " * _INDENT, " " * _INDENT
        for channel in shown:
            mark = ">" if channel in here else "*" if channel in known else " "
            style = GOOD if channel in known else ""
            bars.append(f" {bar(strongest[channel], levels) * 2}{mark} ", style)
            channels += f"{channel:>3.0f}  "
            strengths += f"{strongest[channel]:>4.0f} "
        yield bars
        yield Text(channels)
        if tall:
            yield Text(strengths, FAINT)


def _channels(heard: Iterable[Shape]) -> dict[float, float]:
    """The strongest in dBm on each channel."""
    strongest: dict[float, float] = {}
    for each in heard:
        channel, dbm = number(each, "channel"), number(each, "signal_dbm")
        if channel is not None and 0 < channel < 1000 and dbm is not None and -200 < dbm <= 0:
            strongest[channel] = max(dbm, strongest.get(channel, dbm))
    return strongest


def _that_fit(strongest: dict[float, float], first: set[float | None], most: int) -> list[float]:
    """By channel; where there are too many, those of known networks and the strong ones."""
    order = sorted(strongest, key=lambda each: (each not in first, -strongest[each]))
    return sorted(order[: max(most, 0)])


def _candidates(picture: Picture, room: int) -> Iterator[Text]:
    """`room`: columns of a name."""
    found = parts(picture.plan, "candidates") or parts(
        part(picture.status, "service"), "candidates"
    )
    note = "best first, in points like dB; > the uplink's" if found else "no known network is heard"
    yield _title("CANDIDATES", note if picture.plan is not None or found else "not known yet")
    own = text(uplink(picture.status), "bssid")
    for each in found:
        score, bssid = number(each, "score"), text(each, "bssid")
        mark = ">" if own and bssid == own else " "
        points = f"{score:.1f}" if score is not None and each.get("eligible") is True else "-"
        title = _cut(name(each, "network"), room)
        title += " " * (room - _columns(title))
        line = Text.assemble(f"{mark}{points:>6}  ", (title, TITLE), f"  {_where(each)}  ")
        if each.get("eligible") is True:
            line.append(" ".join(_terms(each)) or "hidden, not heard: last resort", GOOD)
        else:
            line.append(f"no: {text(each, 'why_not')}", BAD)
        yield line


def _where(candidate: Shape) -> str:
    channel, dbm = number(candidate, "channel"), number(candidate, "signal_dbm")
    place = f"{channel:.0f}" if channel is not None else "-"
    strength = f"{dbm:.0f}" if dbm is not None else "-"
    return f"{text(candidate, 'radio'):<7} ch{place:>4} {strength:>4}"


def _terms(candidate: Shape) -> Iterator[str]:
    for term in parts(candidate, "terms"):
        points = number(term, "points")
        yield f"{text(term, 'name')} {points:+.1f}" if points is not None else text(term, "name")


def _quality(picture: Picture, width: int, levels: str) -> list[Text]:
    lowest = weakest(picture.signals)
    if lowest is None:
        return [_title("SIGNAL", "no uplink is associated")]
    now = picture.signals[-1]
    told = f" {now:.0f}" if now is not None else " none"
    told = f"{told} dBm now, {lowest:.0f} at worst"
    line = _title("SIGNAL").append("    ")
    line.append(sparkline(picture.signals, width - _INDENT - len(told), levels), GOOD)
    return [line.append(told)]


def _events(picture: Picture, most: int) -> Iterator[Text]:
    if most < 1:
        return
    own = picture.source in (Source.ROUTER, Source.RECORDING)
    none = "none since this began" if own else "none yet"
    yield _title("EVENTS", "" if picture.events else none)
    for event in picture.events[-(most - 1) :] if most > 1 else ():
        bad = text(event, "kind") in _BAD_NEWS
        yield Text(event_text(event), BAD if bad else "")


def _foot(picture: Picture) -> Text:
    if picture.busy:
        return Text(f"{picture.busy} ...", TITLE)
    if picture.source is Source.RECORDING:
        return Text("a recording stands still: this is all of it", FAINT)
    if picture.source is Source.SERVICE:
        return Text(_KEYS_SERVICE, FAINT)
    return Text(_KEYS_ASK if picture.source is Source.ROUTER_SERVICE else _KEYS, FAINT)


def _columns(words: str) -> int:
    """The more that a terminal may take: tables of widths differ by Unicode's version."""
    return max(columns(words), cell_len(words))


def _cut(words: str, width: int) -> str:
    """As much of it as fits, and a full stop or three where it does not."""
    if _columns(words) <= width:
        return words
    end = "." * min(3, width)
    while words and _columns(words + end) > width:
        words = words[:-1]
    return words + end


def _fit(line: Text, width: int) -> Text:
    """The line within the width, on one row."""
    whole = line.plain
    kept = len(whole)
    while kept and _columns(whole[:kept]) > width:
        kept -= 1
    line = line[:kept]
    line.no_wrap, line.overflow = True, "crop"
    return line
