# SPDX-License-Identifier: GPL-2.0-or-later
"""A report as one HTML page: no script, nothing loaded from anywhere, every text escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from wifirelay.core.doctor.finding import Finding
from wifirelay.values import printable
from wifirelay.view.doctor import WORDS

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --known: #2a7de1; --other: #8a8f98;
  --ok: #2c8a4b; --warning: #b06a00; --problem: #c62f2f; --unknown: #777; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: .4rem; padding: .6rem;
  font-size: .8rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem;
  border-bottom: 1px solid var(--line); }
.ok { color: var(--ok); } .warning { color: var(--warning); }
.problem { color: var(--problem); font-weight: bold; } .unknown { color: var(--unknown); }
svg.air { width: 100%; height: auto; } svg text { font: 10px system-ui, sans-serif;
  fill: currentColor; } svg .band { font-size: 12px; font-weight: bold; }
svg .grid { stroke: var(--line); } svg path { fill-opacity: .12; stroke-width: 1.5; }
.known path { stroke: var(--known); fill: var(--known); }
.other path { stroke: var(--other); fill: var(--other); }
"""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: its heading, and lines as a terminal would show them, or HTML that
    view made (`html`), which is taken as it is."""

    title: str
    lines: tuple[str, ...] = ()
    html: str = ""
    folded: bool = False  # long, and seldom looked at


def page(title: str, about: Sequence[str], sections: Sequence[Section]) -> str:
    """The whole page."""
    heading = _text(title)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>{heading}</title><style>{_STYLE}</style></head>\n<body><main><h1>{heading}</h1>\n"
        + "".join(f"<p>{_text(line)}</p>\n" for line in about)
        + "".join(map(_section, sections))
        + "</main></body></html>\n"
    )


def findings_table(findings: Sequence[Finding]) -> str:
    """What a check-up found, as a table."""
    rows = "".join(
        f'<tr><td class="{each.verdict.value}">{_text(WORDS[each.verdict])}</td>'
        f"<td>{_text(f'{each.check} {each.about}'.rstrip())}</td>"
        f"<td>{_text(each.evidence)}</td><td>{_text(each.remedy)}</td></tr>"
        for each in findings
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("", "Check", "Seen", "Remedy"))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _section(section: Section) -> str:
    body = section.html
    if section.lines:
        body += f"<pre>{chr(10).join(map(_text, section.lines))}</pre>"
    if section.folded:
        body = f"<details><summary>{len(section.lines)} lines</summary>{body}</details>"
    return f"<section><h2>{_text(section.title)}</h2>{body}</section>\n"


def _text(text: str) -> str:
    return escape(printable(text))
