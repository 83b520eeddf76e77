# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a login page is, out of what a stranger's page says: found, or nothing made up."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifirelay.router.internet import PROBES, judge
from wifirelay.router.portal import LONGEST, absolute, host_of, login_url, proper
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed

PAGE = PROBES[0].url
TOLD = b"Downloading 'x'\nConnecting to 198.51.100.7:80\n"


def said(body: str, errors: bytes = TOLD, rc: int = 0) -> str:
    return login_url(PAGE, Completed(rc, body.encode("utf-8", "surrogateescape"), errors))


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ("<html>please log in", PAGE),
        ('<meta http-equiv="refresh" content="0; url=http://10.20.0.1/login">', None),
        ("<META HTTP-EQUIV=Refresh CONTENT='1;URL=http://10.20.0.1/login'>", None),
        ('<meta content="0;url=http://10.20.0.1/login" http-equiv="refresh">', None),
        ('<meta name="x" content="refresh"><meta content="url=/a">', PAGE),
        ("<script>window.location.href = 'http://10.20.0.1/login'</script>", None),
        ('<script>top.location.replace("http://10.20.0.1/login")</script>', None),
        ("<LoginURL><![CDATA[http://10.20.0.1/login]]></LoginURL>", None),
        ("<LoginURL>http://10.20.0.1/login</LoginURL><script>location='/no'</script>", None),
        (
            "<script>location='/in?a=1&amp;b=2'</script>",
            "http://detectportal.firefox.com/in?a=1&b=2",
        ),
        ("<script>location='//in.example/x'</script>", "http://in.example/x"),
        ("<script>location='in/x'</script>", "http://detectportal.firefox.com/in/x"),
        ("<script>location='javascript:alert(1)'</script>", PAGE),
        ("<script>location='http://a b/'</script>", PAGE),
        ("<script>location='http://in.example/\x1b[31m'</script>", PAGE),
        ("<script>location='http://user:pw@in.example/'</script>", PAGE),
        ("<script>location='http://in.example/<b>'</script>", PAGE),
    ],
)
def test_what_a_page_says(body: str, url: str | None) -> None:
    assert said(body) == (url or "http://10.20.0.1/login")


@pytest.mark.parametrize(
    ("errors", "rc", "url"),
    [
        ("Redirected to /login?x=1 on login.example", 0, "http://login.example/login?x=1"),
        ("Failed to redirect to /in on login.example", 8, "https://login.example/in"),
        ("Redirected to /in on login.example", 5, "https://login.example/in"),
        ("Redirected to /1 on a.example\nRedirected to /2 on b.example", 0, "http://b.example/2"),
        ("Redirected to  on login.example", 0, "http://login.example/"),
        ("Redirected to /x on log in.example", 0, PAGE),
        ("Redirected to /\x07 on login.example", 0, PAGE),
    ],
)
def test_where_the_fetch_was_sent_to(errors: str, rc: int, url: str) -> None:
    assert said("<html>", TOLD + errors.encode() + b"\n", rc) == url


def test_a_link_of_the_page_is_meant_where_the_page_is() -> None:
    errors = TOLD + b"Redirected to /portal/start.html on login.example\n"
    assert said("<script>location='go'</script>", errors) == "http://login.example/portal/go"


def test_the_verdict_has_it() -> None:
    found = judge(PROBES[0], Completed(0, b"<script>location='http://in.example/'</script>", TOLD))
    assert found is not None
    assert (found.verdict, found.portal) == (Verdict.PORTAL, "http://in.example/")
    right = judge(PROBES[0], Completed(0, PROBES[0].body + b"\n", TOLD))
    assert right is not None
    assert (right.verdict, right.portal) == (Verdict.ONLINE, "")


SAFE = re.compile(r"https?://[!-~]+\Z")


@given(st.text(max_size=400), st.binary(max_size=200), st.sampled_from((0, 4, 5, 8)))
def test_whatever_comes_it_is_a_url_that_can_be_shown(body: str, errors: bytes, rc: int) -> None:
    url = said(body.encode("utf-8", "replace").decode(), errors, rc)
    assert SAFE.match(url)
    assert len(url) <= LONGEST
    assert not set(url) & set('"<>\\^`{|} ')
    assert host_of(url)


@given(st.text("ab:/.?#@[]%<> \\'\"\n", max_size=30), st.sampled_from((PAGE, "http://a/b?c#d")))
def test_a_link_is_proper_or_none(link: str, base: str) -> None:
    url = absolute(link, base)
    assert url is None or (proper(url) == url and "@" not in url.split("/")[2])


def test_a_hostile_page_takes_no_time() -> None:
    pages = (
        "<meta " + "a " * 30000,
        "<meta http-equiv=refresh " * 2600,
        "<meta http-equiv=refresh>" * 2600,
        "<meta " + "http-equiv= " * 5000 + ">",
        "<meta " * 10000,
        "location = " * 6000,
        "location" + " " * 65000,
        "<LoginURL>" * 6500,
        "<LoginURL>" + " " * 65000,
    )
    begun = time.process_time()
    for page in pages:
        said(page, ("Redirected to " * 4600).encode())
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Login.Example:8080/x", "login.example"),
        ("https://[fd00::1]/", "fd00::1"),
        ("http://10.0.0.1", "10.0.0.1"),
        ("ftp://x/", ""),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert host_of(url) == host
