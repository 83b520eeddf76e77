# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's Chromium with the page of a simulated router: what the page's tests share.

Everything is real: the browser, the server, its policy, the router's scripts. Whatever the browser
complains of (a script's error, a broken content policy) fails the test at its end.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests.known import CHECKOUT
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.sim.pace import Pacer
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.values import Secret
from wifirelay.web.book import MemoryBook
from wifirelay.web.direct import Direct
from wifirelay.web.files import page_files
from wifirelay.web.server import Server

CHROMIUM = shutil.which("chromium") or ""
LIMIT = 30_000.0  # ms for anything to appear on the page
SPEED = 10.0  # router seconds a second: a busy machine must keep up
TOKEN = "a-token-of-the-tests"
PHONE = {"width": 390, "height": 844}
AXE = os.path.join(CHECKOUT, "tests", "page", "node_modules", "axe-core", "axe.min.js")
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"),
    "--no-first-run",
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_WATCH = """
window.wrViolations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.wrViolations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Site:
    """A router in (quick) real time, and its page on a loopback port."""

    world: World
    book: MemoryBook
    server: Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/#token={TOKEN}"


@dataclass
class Shown:
    """The page in a browser, and what the browser complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Raises AssertionError for anything that the browser complained of."""
        broken = self.page.evaluate("window.wrViolations")
        assert [*self.complaints, *broken] == []

    def axe(self) -> list[str]:
        """Serious and critical faults of accessibility, as axe-core finds them."""
        with open(AXE, encoding="utf-8") as file:
            self.page.evaluate(file.read())
        found: dict[str, Any] = self.page.evaluate("axe.run(document)")
        return [
            f"{each['id']}: {node['html']}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]


@contextmanager
def site(name: str = "home", *, without: bytes = b"", known: bool = True) -> Iterator[Site]:
    """The page of a world; `without` one network, or all, that its owner knows."""
    with make_world(name) as world:
        networks: tuple[KnownNetwork, ...] = world.known if known else ()
        book = MemoryBook(each for each in networks if each.ssid.raw != without)
        router = world.router
        router.speed = SPEED
        pacer = Pacer(SPEED, lambda: router.now, router.advance)
        transport = SimTransport(router)
        made = Direct(transport, world.clock, Relay(), book, "test", lambda: "2026-01-01T00:00:00Z")
        server = Server(made, page_files(), Secret(TOKEN), "127.0.0.1", 0)
        pacer.start()
        try:
            made.start()
            server.start()
            yield Site(world, book, server)
        finally:
            server.stop()
            made.close()
            pacer.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield browser
        browser.close()


@contextmanager
def shown(browser: Browser, url: str, **options: Any) -> Iterator[Shown]:
    """The page at phone width; `options` are a browser context's, such as `color_scheme`."""
    context = browser.new_context(**{"viewport": PHONE, "locale": "en-GB", **options})
    context.set_default_timeout(LIMIT)
    page = context.new_page()
    made = Shown(page)

    def complain(message: ConsoleMessage) -> None:
        if message.type == "error":
            made.complaints.append(message.text)

    def fail(error: Error) -> None:
        made.complaints.append(str(error))

    page.add_init_script(_WATCH)
    page.on("console", complain)
    page.on("pageerror", fail)
    page.goto(url)
    try:
        yield made
        made.check()
    finally:
        context.close()
