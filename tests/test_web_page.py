# SPDX-License-Identifier: GPL-2.0-or-later
"""The page in Chromium at phone width, with the simulated router: what its owner does and sees."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import LIMIT, chromium, shown, site
from tests.fuzzing.names import NAMES, bssid
from wifirelay.core.twins import Past
from wifirelay.sim.air import AccessPoint
from wifirelay.sim.neighbourhoods import HOME_KEY
from wifirelay.values import Band, Security, Ssid

HOME = b"HomeNet".hex()
PORTAL = b"Portal".hex()

expect.set_options(timeout=LIMIT)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


def row(page: Page, name: str) -> Locator:
    return page.locator(f'[data-wr-ssid="{name}"]')


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def says(page: Page, text: str) -> None:
    """The sentence, sooner or later."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def type_password(page: Page, name: str, key: str) -> None:
    row(page, name).click()
    page.get_by_label("Password").fill(key)
    page.keyboard.press("Enter")


def notice(page: Page, kind: str) -> Locator:
    return page.locator(f'[data-wr-notice="{kind}"]')


def test_an_unknown_network_is_joined_by_tapping_and_typing(browser: Browser) -> None:
    with site(without=b"HomeNet") as made, shown(browser, made.url) as seen:
        page = seen.page
        says(page, "Not online")
        assert "token" not in page.url
        type_password(page, HOME, HOME_KEY)
        expect(page.get_by_text("may lose this Wi-Fi")).to_be_visible()
        says(page, "Online through HomeNet, good")
        assert Ssid(b"HomeNet") not in {each.ssid for each in made.book.networks()}
        expect(notice(page, "not-on-flash")).to_be_visible()
        button(page, "Remember").click()
        expect(notice(page, "remember")).to_have_count(0)
        expect(notice(page, "not-on-flash")).to_have_count(0)
        assert Ssid(b"HomeNet") in {each.ssid for each in made.book.networks()}
        assert len(made.world.router.flash_writes) == 1


def test_a_wrong_password_is_said_in_words(browser: Browser) -> None:
    with site(without=b"HomeNet") as made, shown(browser, made.url) as seen:
        page = seen.page
        type_password(page, HOME, "short")
        expect(page.get_by_role("alert")).to_contain_text("at least 8 characters")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("dialog").get_by_role("button", name="Join", exact=True).click()
        failed = notice(page, "failed")
        expect(failed).to_contain_text("Wrong password for HomeNet")
        expect(failed).to_contain_text("Everything is as it was before")
        button(page, "Another password").click()
        page.get_by_label("Password").fill(HOME_KEY)
        page.keyboard.press("Enter")
        says(page, "Online through HomeNet")
        expect(failed).to_have_count(0)


def test_a_login_page_is_a_link_to_tap(browser: Browser) -> None:
    with site("broken", known=False) as made, shown(browser, made.url) as seen:
        page = seen.page
        point = next(each for each in made.world.air.points if each.ssid == b"Portal")
        login = f"http://{point.gateway}/login"
        page.context.route(login, lambda route: route.fulfill(body="log in here"))
        row(page, PORTAL).click()
        panel = page.get_by_role("dialog")
        if panel.get_by_label("Password").count():
            panel.get_by_label("Password").fill(point.key or "")
        panel.get_by_role("button", name="Join", exact=True).click()
        expect(notice(page, "failed")).to_contain_text("Portal needs a login")
        button(page, "Join and log in").click()
        says(page, "Portal needs a login")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name=re.compile("Tap here")).click()
        assert opened.value.url == login
        opened.value.close()


def test_a_network_says_itself_where_to_log_in_and_for_how_long(browser: Browser) -> None:
    with site("train") as made, shown(browser, made.url) as seen:
        page = seen.page
        row(page, b"TrainWifi".hex()).click()
        button(page, "Join now").click()
        button(page, "Join and log in").click()
        says(page, "TrainWifi needs a login")
        link = page.get_by_role("link", name=re.compile("Tap here"))
        expect(link).to_have_attribute("href", "https://login.train.example/login?visitor=176")
        made.world.air.passed.add(b"TrainWifi")
        says(page, "Online through TrainWifi")
        expect(page.get_by_text("the login lasts")).to_be_visible()


def test_what_happens_to_the_uplink_is_seen(browser: Browser) -> None:
    with site() as made, shown(browser, made.url) as seen:
        page = seen.page
        row(page, HOME).click()
        button(page, "Join now").click()
        says(page, "Online through HomeNet")
        made.world.air.switch_off(b"HomeNet")
        expect(
            page.get_by_text(re.compile("Searching for HomeNet|Waiting until|Not online")).first
        ).to_be_visible()
        expect(page.get_by_text(re.compile("is off the air")).first).to_be_visible()
        made.world.air.switch_on(b"HomeNet")
        says(page, "Online through HomeNet")
        button(page, "Leave").click()
        button(page, "Yes, leave").click()
        says(page, "Not online")


def test_a_phone_that_loses_the_router_picks_up_by_itself(browser: Browser) -> None:
    with site() as made, shown(browser, made.url) as seen:
        page = seen.page
        row(page, HOME).click()
        button(page, "Join now").click()
        says(page, "Joining HomeNet")
        seen.page.context.set_offline(True)
        expect(page.get_by_text("No link to the router just now")).to_be_visible()
        seen.page.context.set_offline(False)
        says(page, "Online through HomeNet")
        seen.page.context.set_offline(True)
        says(page, "picks up by itself")
        seen.page.context.set_offline(False)
        says(page, "Online through HomeNet")
        seen.complaints.clear()  # the browser's own words for a network that is gone


def test_known_networks_are_ordered_and_removed(browser: Browser) -> None:
    with site() as made, shown(browser, made.url) as seen:
        page = seen.page
        row(page, HOME).click()
        before = {each.ssid: each.priority for each in made.book.networks()}
        button(page, "Prefer less").click()
        ssid = Ssid(b"HomeNet")
        expect(page.get_by_role("dialog")).not_to_contain_text(f"priority {before[ssid]}")
        assert {e.ssid: e.priority for e in made.book.networks()}[ssid] < before[ssid]
        button(page, "Remove").click()
        button(page, "Yes, remove").click()
        expect(row(page, HOME)).not_to_contain_text("known")
        assert ssid not in {each.ssid for each in made.book.networks()}


def test_why_this_one_and_not_the_others(browser: Browser) -> None:
    with site() as made, shown(browser, made.url) as seen:
        page = seen.page
        row(page, HOME).click()
        page.get_by_role("dialog").get_by_text("Why", exact=True).click()
        expect(page.get_by_role("dialog")).to_contain_text("above the noise")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(row(page, HOME)).to_be_focused()


def test_a_possible_evil_twin_is_marked_and_said(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = "<img src=x onerror=alert(1)> open"
    suspect = Past.suspect
    monkeypatch.setattr(Past, "suspect", lambda *words: suspect(*words) and odd)
    with site() as made:
        copy = AccessPoint(
            b"HomeNet", "02:00:00:00:66:01", Band.GHZ2, 6, -40, security=Security.OPEN
        )
        made.world.air.add(copy)
        with shown(browser, made.url) as seen:
            page = seen.page
            expect(row(page, HOME)).to_contain_text("twin?")
            assert page.get_by_text("twin?", exact=True).count() == 1
            row(page, HOME).click()
            expect(page.get_by_role("dialog")).to_contain_text(
                f"Possibly an evil twin, 02:00:00:00:66:01: {odd}"
            )
            assert page.locator("img").count() == 0
            page.keyboard.press("Escape")
            button(page, "中文").click()
            expect(row(page, HOME)).to_contain_text("仿冒？")


def test_without_the_token_it_says_where_it_is(browser: Browser) -> None:
    with site() as made, shown(browser, made.url.partition("#")[0]) as seen:
        says(seen.page, "open the address that `wifirelay web` printed")
        seen.complaints.clear()  # the browser's own words for 401


def test_no_strangers_name_is_more_than_a_name(browser: Browser) -> None:
    with site() as made:
        for number, ssid in enumerate(NAMES.values()):
            made.world.air.add(
                AccessPoint(
                    ssid.raw,
                    bssid(number),
                    Band.GHZ2,
                    1 + number % 11,
                    -40 - number % 45,
                    security=Security.PSK2,
                    key="the key of all",
                )
            )
        with shown(browser, made.url) as seen:
            page = seen.page
            page.on("dialog", lambda dialog: seen.complaints.append(dialog.message))
            says(page, "Not online")
            if button_all := page.get_by_role("button", name=re.compile("^Show all")):
                button_all.first.click()
            for ssid in NAMES.values():
                if ssid.raw.strip(b"\0") and b"\0" not in ssid.raw:
                    expect(row(page, ssid.raw.hex())).to_have_count(1)
            for details in page.locator("summary").all():
                details.click()
            page.locator("[data-wr-ssid]").first.click()
            assert page.locator("img, iframe, object, embed").count() == 0
            scripts = page.locator("script").all()
            assert [each.get_attribute("src") for each in scripts] == ["main.js"]
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_nobody_is_kept_out(browser: Browser, scheme: str, locale: str) -> None:
    """axe-core finds nothing serious, whatever is open."""
    with (
        site("hotel") as made,
        shown(
            browser,
            made.url,
            color_scheme=scheme,
            locale=locale,
            viewport={"width": 360, "height": 740},
        ) as seen,
    ):
        page = seen.page
        first = page.locator("[data-wr-ssid]").first
        expect(first).to_be_visible()
        assert page.evaluate("document.documentElement.lang") in ("en", "zh-Hans")
        assert seen.axe() == []
        for details in page.locator("summary").all():
            details.click()
        assert seen.axe() == []
        first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert seen.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_chinese_is_a_tap_away_and_stays(browser: Browser) -> None:
    with site() as made, shown(browser, made.url) as seen:
        page = seen.page
        says(page, "Not online")
        button(page, "中文").click()
        expect(page.get_by_role("heading", level=1)).not_to_contain_text("Not online")
        text = page.get_by_role("heading", level=1).inner_text()
        assert re.search("[\u4e00-\u9fff]", text)
        page.reload()
        says(page, text)


def test_all_of_it_by_keyboard(browser: Browser) -> None:
    with site(without=b"HomeNet") as made, shown(browser, made.url) as seen:
        page = seen.page
        expect(row(page, HOME)).to_be_visible()
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.dataset.wrSsid") == HOME:
                break
        page.keyboard.press("Enter")
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type(HOME_KEY)
        page.keyboard.press("Enter")
        says(page, "Online through HomeNet")
