# SPDX-License-Identifier: GPL-2.0-or-later
"""How to log in to a network's login page, out of its mapping: a form that is sent, or a program.

Knows the options' names and limits; whoever logs in is in change/portal.py.
"""

from wifirelay.config import secrets
from wifirelay.config.fields import Fields
from wifirelay.config.secrets import ReadSecret
from wifirelay.core.known import PortalLogin
from wifirelay.router.portal import LONGEST, proper
from wifirelay.values import shown

LOGIN_KEYS = ("login_url", "login_form", "login_form_file", "login_form_env", "login_script")


def portal_login(fields: Fields, reader: ReadSecret, warnings: list[str]) -> PortalLogin | None:
    """What the owner says of it; None when that is nothing. Raises ConfigError."""
    url = fields.line("login_url")
    script = fields.line("login_script")
    form = secrets.read(fields, "login_form", reader, warnings)
    if url is not None and proper(url) is None:
        raise fields.error(
            "login_url",
            "is not a URL that can be asked for",
            f"http:// or https://, ASCII, at most {LONGEST} characters, without a user's name",
        )
    if script is not None and not script.startswith("/"):
        raise fields.error(
            "login_script",
            f"{shown(script)!r} is not an absolute path",
            "the program is run on the router: write its full path there",
        )
    if script is not None and form is not None:
        raise fields.error(
            "login_script", "stands beside login_form", "one of them logs in: take the other out"
        )
    if url is not None and form is None:
        raise fields.error(
            "login_url",
            "is alone: nothing is sent there",
            "add login_form with what the page sends",
        )
    if form is None and script is None:
        return None
    return PortalLogin(url=url, form=form, script=script)


def login_entry(login: PortalLogin) -> dict[str, str]:
    """The same as an entry of either file: the form in clear."""
    form = login.form.reveal() if login.form is not None else None
    values = {"login_url": login.url, "login_form": form, "login_script": login.script}
    return {name: value for name, value in values.items() if value is not None}
