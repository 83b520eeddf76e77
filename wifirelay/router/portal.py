# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a login page is: found in what answers in a probe page's place (a captive portal).

All of it is a stranger's: a URL is taken only as far as it is one, and shown, never followed.
Pure; `uclient-fetch` (uclient-fetch.c, since 2020) follows redirects by itself and tells them on
standard error, without the scheme.
"""

import re

from wifirelay.transport.base import Completed

LONGEST = 2000  # characters of a URL

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:]{2,39}\])(:[0-9]{1,5})?"
    r"(?P<rest>[/?#][!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*)?\Z"
)
_REDIRECT = re.compile(r"^(Failed to redirect|Redirected) to (\S*) on (\S+)$", re.MULTILINE)
# What a page itself says. Nothing looks far ahead, or twice: whoever wrote it is no friend.
_WISPR = re.compile(  # WISPr 1.0, for programs that log in
    r"<LoginURL>\s{0,9}(?:<!\[CDATA\[)?\s{0,9}([^<>\s\]]{1,2000})", re.IGNORECASE
)
_META = re.compile(r"<meta\s([^<>]{1,2100})>", re.IGNORECASE)
_REFRESH = re.compile(r"http-equiv\s{0,9}=\s{0,9}[\"']?refresh\b", re.IGNORECASE)
_TO = re.compile(r"\burl\s{0,9}=\s{0,9}[\"']?([^\"'>\s]{1,2000})", re.IGNORECASE)
_SCRIPT = re.compile(
    r"\blocation(?:\.href\s{0,9}=|\s{0,9}=|\.(?:replace|assign)\()\s{0,9}"
    r"[\"']([^\"'\s]{1,2000})[\"']"
)


def login_url(page: str, completed: Completed) -> str:
    """The URL of the login page, by the answer of `uclient-fetch` for the probe page `page`.

    The probe page's own URL where nothing better is told: a browser that asks for it gets there.
    """
    text = completed.text[:65536]
    here = _redirected(completed) or page
    said = _said(text)
    return (absolute(said.replace("&amp;", "&"), here) if said else None) or here


def _said(text: str) -> str | None:
    """Where the page itself says that the login is, the most certain first."""
    if (found := _WISPR.search(text)) is not None:
        return found[1]
    for tag in _META.finditer(text):
        if _REFRESH.search(tag[1]) and (found := _TO.search(tag[1])) is not None:
            return found[1]
    return found[1] if (found := _SCRIPT.search(text)) is not None else None


def _redirected(completed: Completed) -> str | None:
    """Where the fetch ended, if it was sent elsewhere. Only https can fail to be redirected to
    (no TLS on the router), or end with a refused certificate (exit code 5)."""
    told = _REDIRECT.findall(completed.errors[:65536])
    if not told:
        return None
    how, path, host = told[-1]
    scheme = "https" if how.startswith("Failed") or completed.rc == 5 else "http"
    return proper(f"{scheme}://{host}{path if path.startswith('/') else '/' + path}")


def absolute(link: str, base: str) -> str | None:
    """A link as it is meant on the page `base`; None when it is no proper one."""
    if link.startswith(("http://", "https://")):
        return proper(link)
    found = _URL.match(base)
    if found is None:
        return None
    top = base[: found.start("rest")] if found["rest"] is not None else base
    if link.startswith("//"):
        return proper(f"{found['scheme']}:{link}")
    if link.startswith("/"):
        return proper(top + link)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", link):  # mailto:, javascript:
        return None
    path = (found["rest"] or "/").partition("?")[0].partition("#")[0]
    return proper(f"{top}{path.rpartition('/')[0]}/{link}")


def proper(url: str) -> str | None:
    """The same when it is a URL that can be shown and typed anywhere: http or https, ASCII,
    nothing that ends a line, a quote or a tag."""
    return url if len(url) <= LONGEST and _URL.match(url) else None


def host_of(url: str) -> str:
    """The host's name or address in a proper URL, in lower case, without brackets."""
    found = _URL.match(url)
    return found["host"].lower().strip("[]") if found is not None else ""
