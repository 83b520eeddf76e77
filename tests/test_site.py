# SPDX-License-Identifier: GPL-2.0-or-later
"""The documentation as a site: built strictly, every page in its navigation, nothing fetched from
anywhere by who reads it."""

import re
import subprocess
from pathlib import Path

import pytest
from known import CHECKOUT
from test_style import tool


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [tool("mkdocs"), "build", "--strict", "--site-dir", str(target)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout
    return target


def test_every_document_is_a_page_of_the_site(site: Path) -> None:
    home = (site / "index.html").read_text("utf-8")
    for page in (CHECKOUT / "docs").glob("*.md"):
        assert (site / f"{page.stem}.html").is_file(), page.name
        assert page.stem == "index" or f'href="{page.stem}.html"' in home, page.name


def test_a_reader_fetches_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.glob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text("utf-8")
        fetched = re.findall(r"<(?:script|img|iframe|source)[^>]*\bsrc=\"?([^\" >]+)", text)
        fetched += re.findall(r"<link[^>]*\bhref=\"?([^\" >]+)", text)
        assert fetched, page.name
        assert not [each for each in fetched if re.match(r"(https?:)?//", each)], page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//|@import", style.read_text("utf-8"))
