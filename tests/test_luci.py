# SPDX-License-Identifier: GPL-2.0-or-later
"""The page in LuCI: what its view declares against the rpcd plugin and the access group; and the
view in Chromium, on a router with a living service and the real plugin."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import LIMIT, chromium, shown
from tests.known import CHECKOUT
from tests.listed import PHONE
from tests.luci_router import SESSION, Stand, group, stand
from tests.openwrt_shell import FILES, busybox, eventually
from tests.test_style import clean, tool
from wifirelay.sim.neighbourhoods import PHONE_KEY

VIEW = CHECKOUT / "openwrt/luci/wifirelay.js"
READS = {"status", "scan", "plan", "networks", "history", "answer"}
REQUESTS = {"join", "leave", "rescan", "run", "remember", "forget", "prefer"}
# Runs the view's file as LuCI does, without a browser: what it declares, or what its page gets.
TOLD = """
const { readFileSync } = require('node:fs');
const [, luci, view, answer] = process.argv;
(0, eval)(readFileSync(luci, 'utf8'));
const source = readFileSync(view, 'utf8');
(async () => {
  const answers = JSON.parse(answer ?? 'null');
  if (answers === null) return told(source);
  const all = [];
  for (const each of answers) all.push(await got(source, each));
  return all;
})().then((value) => console.log(JSON.stringify(value)));
"""
# What comes back over HTTP, and what the page gets: a word of the error, or "away" for a rejection.
ANSWERED: list[tuple[dict[str, Any] | None, str]] = [
    ({"result": [4]}, "no ubus object"),
    ({"result": [3]}, "no ubus object"),
    ({"error": {"code": -32000, "message": "Object not found"}}, "no ubus object"),
    ({"result": [6]}, "may not do that"),
    ({"error": {"code": -32002, "message": "Access denied"}}, "may not do that"),
    ({"result": [2]}, "has refused this call"),
    ({"result": [7]}, "away"),
    ({"result": [10]}, "away"),
    ({"result": [0]}, "away"),
    ({"error": {"code": -32003, "message": "ubus request timed out"}}, "away"),
    ({"status": 502}, "away"),
    (None, "away"),
]

expect.set_options(timeout=LIMIT)


# --- what it declares ---


def in_node(*words: str) -> Any:
    program = [tool("node"), "-e", TOLD, str(CHECKOUT / "tests/luci/luci.js"), str(VIEW)]
    done = subprocess.run([*program, *words], capture_output=True, check=True, timeout=60)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    value = in_node()
    assert isinstance(value, dict)
    return value


def test_luci_finds_what_the_view_requires(told: dict[str, Any]) -> None:
    assert told["needs"] == ["view", "rpc"]
    assert {"load", "render"} <= set(told["view"])
    assert {"handleSave", "handleSaveApply", "handleReset"} <= set(told["view"])


def test_nothing_quoted_stands_before_what_it_requires() -> None:
    before = VIEW.read_text("utf-8").partition("'use strict'")[0]
    assert not re.search("['\"]", before)


def test_its_calls_are_the_plugins(told: dict[str, Any]) -> None:
    """Every method, each with arguments that the plugin knows."""
    words = [busybox(), "ash", str(FILES / "wifirelay.rpcd"), "list"]
    listed = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    declared = {each["method"]: each["params"] for each in told["declared"]}
    assert declared.keys() == listed.keys() == READS | REQUESTS
    for method, params in declared.items():
        # The page names networks by their bytes, never by `ssid`.
        assert set(params) == set(listed[method]) - {"ssid"}, method
    assert {each["object"] for each in told["declared"]} == {"wifirelay"}
    assert all(each["nobatch"] for each in told["declared"])


def test_the_access_group_allows_reads_to_readers_and_requests_to_writers() -> None:
    assert (group("read"), group("write")) == (READS, REQUESTS)


def test_what_the_router_answers_is_an_answer_and_what_nobody_answers_is_none() -> None:
    """The page shows the first, and waits for the end of the second."""
    whole = {"state": "sent"}
    found = in_node(json.dumps([{"result": [0, whole]}, *(answer for answer, _ in ANSWERED)]))
    assert found.pop(0) == whole
    for got, (answer, word) in zip(found, ANSWERED, strict=True):
        if word == "away":
            assert isinstance(got, str) and "Error" in got, answer
        else:
            assert word in got["error"], answer
            assert got.keys() == {"schema", "exit", "error", "hint"}
            assert got["schema"] == "wifirelay.error/1"


def test_eslint_has_no_complaint() -> None:
    """Of the view, and of the page."""
    folder = CHECKOUT / "tests/page"
    if not (folder / "node_modules").is_dir():
        assert os.environ.get("CI") != "true", "eslint is not installed"
        pytest.skip("`npm ci --prefix tests/page` was not run")
    eslint = str(folder / "node_modules/.bin/eslint")
    config = str(folder / "eslint.config.mjs")
    words = ("--config", config, "--max-warnings", "0", "wifirelay/web/page", "openwrt/luci")
    clean(eslint, *words)


# --- in a browser ---


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("luci")) as made:
        yield made


@pytest.fixture
def session(router: Stand) -> Iterator[Stand]:
    """A new login, with all rights."""
    router.calls.clear()
    yield router
    router.allowed, router.fault, router.away = group("read", "write"), None, False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


def says(page: Page, text: str) -> None:
    """The sentence, sooner or later."""
    expect(page.locator("[data-wr-sentence]")).to_contain_text(text)


def type_password(page: Page) -> None:
    page.locator(f'[data-wr-ssid="{PHONE}"]').click()
    page.get_by_label("Password").fill(PHONE_KEY)
    page.keyboard.press("Enter")


def test_it_shows_the_router_and_joins_and_remembers(session: Stand, browser: Browser) -> None:
    with shown(browser, session.url) as seen:
        page = seen.page
        says(page, "Online through HomeNet")
        assert page.title() == "A router - LuCI"
        assert page.locator("[data-wr-ssid]").count() > 3
        type_password(page)
        says(page, "Joining Phone")
        says(page, "Online through Phone")
        expect(page.locator('[data-wr-notice="not-on-flash"]')).to_be_visible()
        assert "Phone" not in session.config
        page.get_by_role("button", name="Remember", exact=True).click()
        eventually(lambda: "Phone" in session.config, "it is not remembered")
        asked = [(method, given) for method, given in session.calls if method in REQUESTS]
        assert asked == [
            ("join", {"ssid_hex": PHONE, "key": PHONE_KEY}),
            ("remember", {"ssid_hex": PHONE}),
        ]
        assert f"option key '{PHONE_KEY}'" in session.config
        assert {method for method, _ in session.calls} >= READS
        assert SESSION not in "".join(" ".join(argv) for argv in session.world.router.argvs)
        assert PHONE_KEY not in "".join(" ".join(argv) for argv in session.world.router.argvs)


def test_edits_that_wait_for_somebody_are_shown(session: Stand, browser: Browser) -> None:
    router = session.world.router
    assert router.execute(["uci", "set", "network.lan.mtu=1400"]).rc == 0
    try:
        with shown(browser, session.url) as seen:
            notice = seen.page.locator('[data-wr-notice="foreign"]')
            expect(notice).to_contain_text("They touch: network")
            notice.get_by_text("Details").click()
            expect(notice).to_contain_text("mtu")
    finally:
        assert router.execute(["uci", "revert", "network"]).rc == 0


def test_a_theme_of_luci_stays_outside_and_the_page_inside(
    session: Stand, browser: Browser
) -> None:
    """What a theme says of headers, paragraphs and the like, and what the page says of its own."""
    with shown(browser, session.url) as seen:
        page = seen.page
        says(page, "Online through")

        def style(selector: str, name: str) -> str:
            script = "([one, name]) => getComputedStyle(document.querySelector(one))[name]"
            return str(page.evaluate(script, [selector, name]))

        assert style(".wr-header", "position") == "static"
        for name in ("color", "backgroundColor", "boxShadow"):
            inside = style(".wr-page", name) if name == "color" else style("#view", name)
            assert style(".wr-header", name) == inside, name
        assert style(".wr-footer", "fontSize") == style(".wr-page", "fontSize") == "16px"
        assert style(".wr-row", "wordBreak") == "normal"
        assert style(".wr-card", "borderRadius") != "0px"
        assert style("#maincontent", "backgroundColor") == "rgba(0, 0, 0, 0)"
        assert style("body", "fontSize") == "13px"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # The page's own faults are test_web_page's; a theme can spoil what is seen.
        assert [each for each in seen.axe() if each.startswith("color-contrast:")] == []


def test_it_speaks_the_language_of_luci(session: Stand, browser: Browser) -> None:
    for lang, title in (("zh_Hans", "网络"), ("zh-cn", "网络"), ("de", "Networks")):
        with shown(browser, f"{session.url}?lang={lang}") as seen:
            expect(seen.page.get_by_role("heading", name=title, exact=True)).to_be_visible()


def test_who_may_only_look_is_told(session: Stand, browser: Browser) -> None:
    session.allowed = group("read")
    with shown(browser, session.url) as seen:
        says(seen.page, "Online through")
        seen.page.get_by_role("button", name="Look again", exact=True).click()
        expect(seen.page.get_by_text("this login may not do that")).to_be_attached()
        assert not [method for method, _ in session.calls if method in REQUESTS]


def test_an_object_that_is_not_there_is_said(session: Stand, browser: Browser) -> None:
    session.fault = {"result": [4]}
    with shown(browser, session.url) as seen:
        says(seen.page, "no ubus object")
        session.fault = None
        says(seen.page, "Online through")


def test_a_router_that_does_not_answer_is_waited_for(session: Stand, browser: Browser) -> None:
    with shown(browser, session.url) as seen:
        says(seen.page, "Online through")
        session.away = True
        says(seen.page, "picks up by itself")
        session.away = False
        says(seen.page, "Online through")
        seen.complaints.clear()  # the browser's own words for a network that is gone
