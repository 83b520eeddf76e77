# SPDX-License-Identifier: GPL-2.0-or-later
"""How to log in to a login page, in both kinds of file: read, written, refused; never shown."""

import re
from typing import Any

import pytest

from wifirelay.config.entry import entry_of, with_limits_of
from wifirelay.config.model import from_mapping
from wifirelay.config.uci_file import settings_from
from wifirelay.config.uci_text import options_of
from wifirelay.config.yaml_file import load
from wifirelay.core.known import KnownNetwork, PortalLogin
from wifirelay.errors import ConfigError
from wifirelay.transport.masking import Masker
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section
from wifirelay.values import Secret, Ssid

FORM = "user=anna&password=hunter2hunter2"
URL = "http://login.camp.example/in"


def from_yaml(**keys: Any) -> KnownNetwork:
    return from_mapping({"networks": [{"ssid": "Camp", **keys}]}, "config.yaml").networks[0]


def from_uci(**options: Any) -> KnownNetwork:
    section = Section("camp", "network", {"ssid": "Camp", **options}, False)
    return settings_from(Package("wifirelay", (section,))).networks[0]


@pytest.mark.parametrize("read", [from_yaml, from_uci])
def test_both_files_say_it_alike(read: Any) -> None:
    assert read().portal_login is None
    assert read(login_form=FORM).portal_login == PortalLogin(form=Secret(FORM))
    login = read(login_form=FORM, login_url=URL).portal_login
    assert login == PortalLogin(url=URL, form=Secret(FORM))
    assert read(login_script="/etc/login").portal_login == PortalLogin(script="/etc/login")


@pytest.mark.parametrize("read", [from_yaml, from_uci])
@pytest.mark.parametrize(
    ("keys", "where", "what"),
    [
        ({"login_url": URL}, "login_url", "is alone"),
        ({"login_url": "ftp://x/", "login_form": FORM}, "login_url", "not a URL"),
        ({"login_url": "http://a b/", "login_form": FORM}, "login_url", "not a URL"),
        ({"login_url": "http://me:pw@a.example/", "login_form": FORM}, "login_url", "not a URL"),
        ({"login_script": "login.sh"}, "login_script", "is not an absolute path"),
        ({"login_script": "/x", "login_form": FORM}, "login_script", "stands beside login_form"),
        ({"login_form": ""}, "login_form", ""),
    ],
)
def test_what_makes_no_sense_is_an_error_without_the_form(
    read: Any, keys: dict[str, str], where: str, what: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(where)) as caught:
        read(**keys)
    assert what in caught.value.message
    assert caught.value.hint
    assert "hunter2" not in f"{caught.value.message}{caught.value.hint}"


def test_a_form_in_a_file_and_in_a_variable(tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "form").write_text(FORM + "\n")
    (tmp_path / "form").chmod(0o600)
    assert from_yaml(login_form_file=str(tmp_path / "form")).portal_login == PortalLogin(
        form=Secret(FORM)
    )
    monkeypatch.setenv("CAMP_FORM", FORM)
    assert from_yaml(login_form_env="CAMP_FORM").portal_login == PortalLogin(form=Secret(FORM))
    with pytest.raises(ConfigError, match="stands beside"):
        from_yaml(login_form_env="CAMP_FORM", login_form=FORM)


def test_a_form_in_a_file_that_others_can_read_is_warned_of(tmp_path: Any) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"networks: [{{ssid: Camp, login_form: {FORM}}}]\n")
    for mode, warned in ((0o644, 1), (0o600, 0)):
        file.chmod(mode)
        assert len(load(str(file)).warnings) == warned


def test_it_is_written_as_it_was_read() -> None:
    for login in (
        PortalLogin(form=Secret(FORM)),
        PortalLogin(url=URL, form=Secret(FORM)),
        PortalLogin(script="/etc/login"),
    ):
        network = KnownNetwork(Ssid.of("Camp"), portal_login=login)
        assert from_yaml(**{k: v for k, v in entry_of(network).items() if k != "ssid"}) == network
        options = {k: v for k, v in options_of(network).items() if k != "ssid"}
        assert from_uci(**options) == network


def test_an_import_keeps_it() -> None:
    login = PortalLogin(script="/etc/login")
    old = KnownNetwork(Ssid.of("Camp"), portal_login=login)
    new = KnownNetwork(Ssid.of("Camp"), Secret("another key"))
    assert with_limits_of(new, old).portal_login == login


def test_the_form_is_a_secret_wherever_options_are_shown() -> None:
    edit = Edit(Verb.SET, "wifirelay", "camp", "login_form", FORM)
    assert "hunter2" not in edit.shown() + repr(edit)
    masker = Masker()
    for text in (
        f"wifirelay.camp.login_form='{FORM}'\n",
        f"\toption login_form '{FORM}'\n",
        f'{{"values":{{"camp":{{"login_form":"{FORM}","login_url":"{URL}"}}}}}}',
    ):
        masked = masker.text(text)
        assert "hunter2" not in masked
        assert "login_form" in masked
