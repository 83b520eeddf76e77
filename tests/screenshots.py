# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of the page for docs/, made by the very browser and router of its tests."""

import os
import sys

from playwright.sync_api import Page, expect

from tests.browser import LIMIT, chromium, shown, site
from wifirelay.sim.neighbourhoods import HOME_KEY

HOME = b"HomeNet".hex()
WIDE = {"width": 1180, "height": 820}


def online(page: Page) -> None:
    page.locator(f'[data-wr-ssid="{HOME}"]').click()
    page.locator('[data-wr-key="join"]').click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("HomeNet", timeout=LIMIT)
    expect(page.locator(".wr-progress")).to_have_count(0, timeout=LIMIT)


def main(folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    expect.set_options(timeout=LIMIT)
    with chromium() as browser, site() as made:
        for name, options in (
            ("light", {}),
            ("dark", {"color_scheme": "dark"}),
            ("chinese", {"locale": "zh-CN"}),
            ("wide", {"viewport": WIDE}),
        ):
            with shown(browser, made.url, device_scale_factor=1, **options) as seen:
                if name == "light":
                    online(seen.page)
                expect(seen.page.get_by_role("heading", level=1)).to_contain_text("HomeNet")
                expect(seen.page.locator(f'[data-wr-ssid="{HOME}"]')).to_be_visible()
                seen.page.screenshot(path=os.path.join(folder, f"page-{name}.png"))
    with (
        chromium() as browser,
        site(without=b"HomeNet") as made,
        shown(browser, made.url) as seen,
    ):
        seen.page.locator(f'[data-wr-ssid="{HOME}"]').click()
        seen.page.get_by_label("Password").fill(HOME_KEY)
        seen.page.screenshot(path=os.path.join(folder, "page-password.png"))


if __name__ == "__main__":
    main(sys.argv[1])
