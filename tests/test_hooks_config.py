# SPDX-License-Identifier: GPL-2.0-or-later
"""Hooks in YAML and in UCI: what may be written, what is refused and why, who may run at all."""

import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import Uci

from tests.hooked import hook, program
from wifirelay.config.hooks import HOOK_KEYS, ON_ROUTER, WORDS, unfit
from wifirelay.config.model import Settings, from_mapping
from wifirelay.config.secrets import Obtained, unread
from wifirelay.config.uci_file import PACKAGE, PATH, settings_from
from wifirelay.config.yaml_file import load
from wifirelay.errors import ConfigError
from wifirelay.rooted import ROOT
from wifirelay.uci.model import Package, Section
from wifirelay.values import Secret

SECRET = "hunter2hunter2"
URL = f"https://hooks.example.org/{SECRET}"


def reader(place: str, name: str) -> Obtained:
    return Obtained(Secret(f"{place}-{SECRET}"))


def settings(*entries: object) -> Settings:
    return from_mapping({"hooks": list(entries)}, "/cfg/c.yaml", reader)


def refused(**entry: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        settings(entry)
    error = caught.value
    assert error.message.startswith("/cfg/c.yaml: hooks[0]") and error.hint
    assert SECRET not in error.message + error.hint
    return error


def by_uci(*options: dict[str, Any], read: Any = reader) -> Settings:
    sections = [Section(f"h{n}", "hook", each) for n, each in enumerate(options)]
    return settings_from(Package(PACKAGE, tuple(sections)), read)


def refused_by_uci(**options: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        by_uci(options)
    error = caught.value
    assert error.message.startswith(f"{PATH}: wifirelay.h0") and error.hint
    assert SECRET not in error.message + error.hint
    return error


def test_a_word_that_is_none_is_told_with_the_one_that_was_meant_and_all() -> None:
    for error in (
        refused(on=["lost", "join"], run="/x"),
        refused_by_uci(on="join", url=URL),
    ):
        assert "'join' is not possible here" in error.message
        assert error.hint.startswith("did you mean `joined`? one of joined, returned, lost, ")
        assert all(word in error.hint for word in WORDS)
    assert refused(run="/x").hint.startswith("one or more of joined, returned, lost, ")


def test_none_is_none() -> None:
    assert from_mapping({}, "c", reader).hooks == ()
    assert from_mapping({"hooks": []}, "c", reader).hooks == ()
    assert settings_from(Package(PACKAGE, ()), reader).hooks == ()


def test_everything(tmp_path: Path) -> None:
    path = program(tmp_path, "exit 0")
    made = settings(
        {"on": ["joined", "lost"], "run": path, "timeout": 2.5},
        {"on": "needs-login", "url": URL, "token_file": "/t"},
    )
    one = hook(path, on=("joined", "lost"), timeout=2.5)
    other = hook(url=URL, on=("needs-login",), token=f"file-{SECRET}")
    assert made.hooks == (one, other)
    assert made.warnings == ()
    assert other.timeout == 10.0


def test_a_bare_on_which_is_a_truth_value_to_yaml(tmp_path: Path) -> None:
    path = program(tmp_path, "exit 0")
    file = tmp_path / "c.yaml"
    file.write_text(f"hooks:\n  - on: [own-ap-off]\n    run: {path}\n")
    file.chmod(0o600)
    made = load(str(file))
    assert made.hooks == (hook(path, on=("own-ap-off",)),)
    assert made.warnings == ()


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_an_address_counts_as_a_secret_in_its_file(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(f"hooks: [{{on: lost, url: 'http://127.0.0.1/{SECRET}'}}]\n")
    file.chmod(mode)
    warned = [each for each in load(str(file)).warnings if "holds secrets" in each]
    assert bool(warned) is (mode == 0o644)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"run": "/x"}, "hooks[0].on: is missing"),
        ({"on": [], "run": "/x"}, "hooks[0].on: is an empty list"),
        ({"on": "join", "run": "/x"}, "hooks[0].on: 'join' is not possible here"),
        ({"on": ["lost", 3], "run": "/x"}, "hooks[0].on[1]: is a number"),
        ({"on": "lost"}, "hooks[0].url: is missing, or not possible here"),
        ({"on": "lost", "run": "/x", "url": URL}, "hooks[0].url: is missing, or not possible here"),
        ({"on": "lost", "run": "x.sh"}, "hooks[0].run: is not a possible path"),
        ({"on": "lost", "run": "~/x.sh"}, "hooks[0].run: is not a possible path"),
        ({"on": "lost", "run": "/x\ny"}, "hooks[0].run: holds a line break"),
        ({"on": "lost", "run": "/x", "timeout": 0}, "hooks[0].timeout: 0 is not from 1 to 60"),
        ({"on": "lost", "run": "/x", "timeout": 61}, "hooks[0].timeout: 61 is not from 1 to 60"),
        ({"on": "lost", "run": "/x", "timeout": "9"}, "hooks[0].timeout: is text"),
        ({"on": "lost", "run": "/x", "enabled": 1}, "hooks[0].enabled: is a number"),
        ({"on": "lost", "url": URL, "token": SECRET}, "hooks[0].token: is not a known key"),
        ({"on": "lost", "exec": "/x"}, "hooks[0].exec: is not a known key"),
    ],
)
def test_what_is_refused(entry: dict[str, Any], said: str) -> None:
    assert said in refused(**entry).message


def test_the_words_are_told() -> None:
    assert "one of joined, returned," in refused(on="join", run="/x").hint


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://host/{SECRET}",
        f"host/{SECRET}",
        f"http:///{SECRET}",
        f"http://me:{SECRET}@host/",
        f"http://me@host/{SECRET}",
        f"http://host/{SECRET} x",
        f"http://host/{SECRET}#x",
        f"http://host/{SECRET}\u00e9",
        f"http://h\u00f6st/{SECRET}",
        f"http://host:100000/{SECRET}",
        f"http://host:http/{SECRET}",
        f"http://host\\{SECRET}",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    assert (
        "hooks[0].url: is missing, or not possible here (not shown)"
        in refused(on="lost", url=url).message
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://host", "http://host"),
        ("http://192.168.1.2:8123/api/webhook/x?y=1&z", "http://192.168.1.2:8123"),
        ("https://[fd00::1]:8443/x", "https://[fd00::1]:8443"),
        (URL, "https://hooks.example.org"),
    ],
)
def test_addresses_that_are_taken(url: str, shown: str) -> None:
    (made,) = settings({"on": "lost", "url": url}).hooks
    assert made.url == Secret(url) and str(made) == shown and made.run == ""


@given(st.text(max_size=40) | st.text(st.sampled_from("htps:/.[]@#?%0 \t\r\n"), max_size=40))
def test_no_address_breaks_a_request(text: str) -> None:
    try:
        (made,) = settings({"on": "lost", "url": text}).hooks
    except ConfigError as error:
        assert error.hint
        return
    assert made.url is not None
    assert made.url.reveal().isascii() and made.url.reveal().isprintable()
    assert " " not in made.url.reveal() and "@" not in str(made)


def test_nothing_shows_an_address_or_a_token() -> None:
    made = settings({"on": "lost", "url": URL, "token_file": "/t"})
    assert SECRET not in repr(made) + str(made.hooks[0])


def test_nine_are_too_many() -> None:
    entries = [{"on": "lost", "url": f"http://host/{number}"} for number in range(9)]
    assert len(settings(*entries[:8]).hooks) == 8
    with pytest.raises(ConfigError, match=r"hooks\[8\]\.on: "):
        settings(*entries)


@pytest.mark.parametrize("value", ["/x", {"on": "lost"}, 3])
def test_hooks_that_are_no_list(value: object) -> None:
    with pytest.raises(ConfigError, match="hooks: is not a list") as caught:
        from_mapping({"hooks": value}, "c", reader)
    assert caught.value.hint == "write `- on: ...`"


def test_https_without_tls_is_a_warning_for_the_uplink_goes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    made = settings({"on": "lost", "url": URL})
    assert len(made.hooks) == 1
    (warning,) = made.warnings
    assert warning == "hooks[0]: https://hooks.example.org needs the package python3-openssl"
    assert SECRET not in warning


def test_this_machine_can_encrypt() -> None:
    assert unfit(hook(url=URL)) == ""


# Who may run


def test_a_program_of_the_owners_may_run(tmp_path: Path) -> None:
    assert unfit(hook(program(tmp_path, "exit 0"))) == ""
    assert unfit(hook(os.path.realpath("/bin/true"))) == "", "root's, on the way of root's"


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (0o777, "must be yours or root's, and closed to others: chmod go-w"),
        (0o775, "must be yours or root's, and closed to others: chmod go-w"),
        (0o757, "must be yours or root's, and closed to others: chmod go-w"),
        (0o1777, "must be yours or root's, and closed to others: chmod go-w"),
        (0o644, "is no executable file, or leads over a link"),
    ],
)
def test_modes_that_are_refused(tmp_path: Path, mode: int, said: str) -> None:
    assert said in unfit(hook(program(tmp_path, "exit 0", mode=mode)))


def test_a_folder_on_the_way_that_others_can_write_to(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    path = program(tmp_path / "a/b", "exit 0")
    (tmp_path / "a").chmod(0o777)
    assert unfit(hook(path)).startswith(f"{tmp_path}/a must be yours or root's")
    (tmp_path / "a").chmod(0o1777)  # as /tmp
    assert unfit(hook(path)) == ""


def test_what_belongs_to_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path, "exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 12345)
    if os.getuid() == 0:  # root's is always good
        os.chown(path, 54321, 54321)
    assert "must be yours or root's" in unfit(hook(path))


def test_links_folders_and_pipes_are_no_programs(tmp_path: Path) -> None:
    path = program(tmp_path, "exit 0")
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe", 0o755)
    for name in ("link", "folder/hook", "", "pipe", "none", "../" + tmp_path.name + "/hook"):
        assert "no executable file, or leads over a link" in unfit(hook(f"{tmp_path}/{name}"))


def test_an_unfit_program_is_a_warning_when_it_is_read(tmp_path: Path) -> None:
    path = program(tmp_path, "exit 0", mode=0o777)
    made = settings({"on": "lost", "run": path})
    assert made.hooks == (hook(path, on=("lost",)),)
    (warning,) = made.warnings
    assert warning.startswith(f"hooks[0]: {path} must be yours or root's")


# UCI


FULL = f"""
config hook 'vpn'
	list on 'joined'
	list on 'lost'
	option run '{ON_ROUTER}vpn'
	option timeout '20'

config hook
	option on 'needs-login trouble'
	option url '{URL}'
	option token_file '/etc/wifirelay/token'

config hook 'off'
	option enabled '0'
	option on 'lost'
	option run '{ON_ROUTER}off'
"""


def test_by_uci(uci: Uci, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ROOT, "/the/root")
    made = settings_from(uci.put(wifirelay=FULL).read(PACKAGE), reader)
    path = f"/the/root{ON_ROUTER}vpn"
    one = hook(path, on=("joined", "lost"), timeout=20.0)
    other = hook(url=URL, on=("needs-login", "trouble"), token=f"file-{SECRET}")
    assert made.hooks == (one, other)
    assert made.warnings == (f"wifirelay.vpn: {path} is no executable file, or leads over a link",)


def test_who_only_edits_a_router_looks_at_no_file() -> None:
    made = by_uci({"on": "lost", "run": f"{ON_ROUTER}x"}, read=unread)
    assert made.warnings == ()


@pytest.mark.parametrize(
    "path",
    [
        *("/sbin/reboot", "/bin/sh", "/etc/wifirelay/x", f"{ON_ROUTER}../x", f"{ON_ROUTER}a/b"),
        *(f"{ON_ROUTER}", f"{ON_ROUTER}.hidden", f"{ON_ROUTER}..", "vpn", f"/{ON_ROUTER}x"),
        f"{ON_ROUTER}x y",
    ],
)
def test_whoever_writes_uci_names_a_file_of_one_folder(path: str) -> None:
    error = refused_by_uci(on="lost", run=path)
    assert "wifirelay.h0.run: is not a possible path" in error.message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"run": f"{ON_ROUTER}x"}, "wifirelay.h0.on: is missing"),
        ({"on": "lost", "run": f"{ON_ROUTER}x", "timeout": "x"}, "is text, not a number"),
        ({"on": "lost", "url": URL, "token_env": "X"}, "a service has no environment"),
        ({"on": "lost", "url": URL, "enabled": "perhaps"}, "wifirelay.h0.enabled: "),
        ({"on": "lost", "url": URL, "timeout": "99"}, "wifirelay.h0.timeout: 99 is not"),
    ],
)
def test_what_is_refused_by_uci(options: dict[str, str], said: str) -> None:
    assert said in refused_by_uci(**options).message


def test_one_that_is_switched_off_is_checked_all_the_same() -> None:
    assert by_uci({"on": "lost", "url": URL, "enabled": "0"}).hooks == ()
    assert "not possible here" in refused_by_uci(on="x", url=URL, enabled="0").message


def test_main_is_no_name_for_a_hook() -> None:
    section = Section("main", "hook", {"on": "lost", "url": URL})
    with pytest.raises(ConfigError) as caught:
        settings_from(Package(PACKAGE, (section,)), reader)
    assert caught.value.hint == "give this hook another name"


@given(
    st.dictionaries(
        st.sampled_from([*HOOK_KEYS, "x"]),
        st.sampled_from(["", "1", "9", "lost", *WORDS, f"{ON_ROUTER}x", URL, "http://h/", "\x1b"])
        | st.text(max_size=20),
    )
)
def test_any_section_is_a_hook_or_an_error(options: dict[str, str]) -> None:
    try:
        made = by_uci(options)
    except ConfigError as error:
        assert error.message.isprintable() and error.hint.isprintable()
        assert SECRET not in error.message + error.hint
        return
    for each in made.hooks:
        assert each.on and set(each.on) <= set(WORDS)
        assert bool(each.run) != bool(each.url.reveal())
        assert 1 <= each.timeout <= 60
