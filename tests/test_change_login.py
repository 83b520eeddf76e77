# SPDX-License-Identifier: GPL-2.0-or-later
"""A trial that meets a login page: logged in to once where the owner has said how, looked at until
it lets us through, and what is told of each end."""

from typing import Any

import pytest

from tests.changing import LOST, carriers, failed, raised
from tests.proving import DEVICES, DUMP, FETCH, LAN, WWAN, Look, dump
from wifirelay.change.online import LOGIN_LIMIT
from wifirelay.change.outcome import Step
from wifirelay.change.proof import Found
from wifirelay.core.causes import Cause
from wifirelay.core.known import PortalLogin
from wifirelay.errors import DeadlineExceeded, HostKeyRefused, LinkLost, LoginRefused
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed
from wifirelay.values import Secret, Ssid

DONE = Completed(0)
FINE = Completed(0, b"success\n")
WALL = Completed(0, b'<meta http-equiv="refresh" content="0; url=http://login.camp.example/">')
PAGE = "http://login.camp.example/"
FORM = PortalLogin(form=Secret("user=anna"))
OFFLINE = {"nslookup": failed(1), "ping": failed(1)}


def look(answers: dict[str, Any] | None = None, login: PortalLogin | None = FORM) -> Look:
    """One trial on a router that is behind a login page until a form is sent."""
    page: dict[str, Any] = {FETCH: [WALL, FINE], "login_form": DONE, "login_script": DONE}
    return Look({**page, **(answers or {})}).expect(portal_login=login)


def told(found: Found) -> str:
    return found.internet.why


def test_a_login_that_helps_is_one_more_step() -> None:
    seen = look()
    found = seen.run()
    assert found.internet.verdict is Verdict.ONLINE
    assert told(found).endswith(", after the login")
    assert seen.router.of("login_form")[0].argv[-1] == PAGE
    assert seen.router.of("login_form")[0].stdin == b"user=anna"
    assert seen.steps.shape[-3:] == ["internet...", "internet...", "internet"]
    assert seen.steps.texts[-2] == f"logging in at {PAGE}"
    assert seen.steps.texts[-1] == told(found)
    assert seen.waited == 0.0


def test_it_is_where_its_owner_says() -> None:
    other = "http://10.10.1.1/elsewhere"
    seen = look(login=PortalLogin(url=other, form=Secret("a=b")))
    seen.run()
    assert seen.router.of("login_form")[0].argv[-1] == other
    assert f"logging in at {other}" in seen.steps.texts


def test_a_program_is_told_of_the_uplink_and_the_page() -> None:
    seen = look(login=PortalLogin(script="/etc/portal-login"))
    seen.run()
    sent = seen.router.of("login_script")[0].stdin or b""
    for word in (Ssid.of("Home").hex, PAGE, "phy0-sta0"):
        assert word.encode() in sent


def test_a_page_may_take_a_moment_to_let_us_through() -> None:
    seen = look({FETCH: [WALL, WALL, WALL, FINE]})
    assert told(seen.run()).endswith(", after the login")
    assert seen.waited == 2 * seen.verifier.poll
    assert len(seen.router.of("login_form")) == 1


def test_one_that_does_not_help_is_given_up() -> None:
    seen = look({FETCH: WALL})
    seen.fails(Step.INTERNET, Cause.PORTAL, "the login did not help", hint=f"log in at {PAGE}")
    assert LOGIN_LIMIT <= seen.waited < LOGIN_LIMIT + seen.verifier.poll
    assert len(seen.router.of("login_form")) == 1
    seen = look({FETCH: [WALL, failed(4)], **OFFLINE})
    seen.fails(Step.INTERNET, Cause.NO_INTERNET, "the login did not help", hint="later")


def test_nor_does_it_last_beyond_the_trial() -> None:
    seen = look({FETCH: WALL})
    seen.verifier.give_up = 1003.0
    seen.fails(Step.INTERNET, Cause.PORTAL, "did not help", hint="log in")
    assert 3.0 <= seen.waited < 3.0 + seen.verifier.poll


def test_one_that_fails_is_told_with_the_page() -> None:
    seen = look({"login_form": failed(4)})
    failure = seen.fails(
        Step.INTERNET, Cause.PORTAL, "a login page?", "; the form could not be sent", hint=PAGE
    )
    assert failure.why.startswith("Home: ")
    assert len(seen.router.of(FETCH)) == 1
    assert seen.waited == 0.0


def test_one_without_an_end_is_no_reason_to_send_it_again() -> None:
    seen = look({"login_form": DeadlineExceeded("no end"), "true": DONE})
    seen.fails(Step.INTERNET, Cause.PORTAL, "; it did not end within", hint=PAGE)
    assert len(seen.router.of("login_form")) == 1


def test_a_link_that_dies_at_the_login_leaves_it_to_the_pages() -> None:
    seen = look({"login_form": LOST})
    assert told(seen.run()).endswith(", after the login")
    assert len(seen.router.of("login_form")) == 1
    seen = look({FETCH: [WALL, LOST, LOST, FINE]})
    assert told(seen.run()).endswith(", after the login")
    assert seen.waited == 2 * seen.verifier.poll
    seen = look({FETCH: [WALL, LOST]})
    with raised(LinkLost, "cannot be reached", hint=("sentry", "two minutes")):
        seen.run()


@pytest.mark.parametrize("error", [HostKeyRefused("changed"), LoginRefused("no password")])
def test_a_refused_login_to_the_router_ends_it(error: LinkLost) -> None:
    with raised(type(error), error.message):
        look({"login_form": error}).run()


def test_without_a_word_of_the_owner_nothing_is_sent() -> None:
    seen = look(login=None)
    seen.fails(Step.INTERNET, Cause.PORTAL, "Home: ", "login page", hint=f"log in at {PAGE}")
    assert seen.router.of("login_form") == []


def test_nor_is_it_where_there_is_no_page() -> None:
    seen = look({FETCH: FINE})
    assert "after the login" not in told(seen.run())
    seen = look({FETCH: failed(4), **OFFLINE})
    seen.fails(Step.INTERNET, Cause.NO_INTERNET, "Home: ", hint="again later")
    for each in (look({FETCH: FINE}), seen):
        assert each.router.of("login_form") == []


# --- kept all the same ---


def test_an_uplink_may_wait_for_its_login_page() -> None:
    seen = look(login=None)
    seen.verifier.login = True
    found = seen.run()
    assert (found.internet.verdict, found.internet.portal) == (Verdict.PORTAL, PAGE)
    assert seen.steps.shape[-1] == "internet!"
    assert seen.steps.texts[-1].endswith(f"kept all the same, it waits for its login page: {PAGE}")


def test_but_for_nothing_else() -> None:
    seen = look({FETCH: failed(4), **OFFLINE}, None)
    seen.verifier.login = True
    seen.fails(Step.INTERNET, Cause.NO_INTERNET, "Home: ", hint="again later")


def test_an_uplink_that_needs_no_internet_may_have_some_later() -> None:
    seen = look({FETCH: failed(4), **OFFLINE}, None)
    seen.verifier.needs_internet = False
    assert seen.run().internet.verdict is Verdict.OFFLINE
    assert seen.steps.texts[-1].endswith("kept all the same, it may have some later")


def test_own_access_points_are_looked_at_before_the_internet() -> None:
    seen = look({DEVICES: carriers(phy0_ap0=False), DUMP: dump(LAN, WWAN)}, None)
    seen.fails(Step.ON_AIR, Cause.OFF_AIR, "own access points", "off the air")
    assert seen.router.of(FETCH) == []
