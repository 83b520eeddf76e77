# SPDX-License-Identifier: GPL-2.0-or-later
"""UCI edits through a `uci` that works as the real one: what is written is what arrives."""

import pytest
from changing import check_text
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from known import Uci, meaning

from wifirelay.core.known import Eap, KnownNetwork, Relay, Wanted
from wifirelay.core.sections import (
    JOIN_OPTIONS,
    baseline,
    disable_edits,
    join_edits,
    joined,
    leave_edits,
)
from wifirelay.uci.edits import Edit, Verb, batch, section_edits
from wifirelay.uci.model import Package, Section, Value
from wifirelay.uci.quote import Unquotable, check_name, quote
from wifirelay.uci.staged import Change
from wifirelay.values import Secret, Security, Ssid

CONTROL = "".join(map(chr, [*range(32), 127]))
ESCAPED = "".join(map(chr, range(0xDC80, 0xDD00)))  # bytes that are not UTF-8
TRICKY = "'\"\\$`;#&|<>(){}[]=.@ \u00a0\u2028咖"
LEGAL = st.one_of(
    st.text(st.sampled_from(TRICKY + ESCAPED + "ab1"), min_size=1, max_size=30),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=CONTROL), min_size=1),
)
NAMES = st.from_regex(r"[A-Za-z0-9_]{1,12}", fullmatch=True)

WIRELESS = """
config wifi-device 'radio0'
\toption type 'mac80211'
\toption band '2g'

config wifi-iface 'default_radio0'
\toption device 'radio0'
\toption mode 'ap'
\toption ssid 'MyRouter'
\toption key 'router-secret'

config wifi-iface 'wifirelay'
\toption device 'radio0'
\toption network 'wwan'
\toption mode 'sta'
\toption disabled '1'
\toption macaddr '02:00:00:00:00:99'

config wifi-iface
\toption device 'radio0'
\tlist network 'guest'
\tlist network 'lan'
"""


def same_bytes(text: str) -> str:
    """Text as it comes back from bytes (three escaped bytes may make one character)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


# --- one value ---


@given(LEGAL)
@example("$(reboot)")
@example("'; uci set system.@system[0].hostname=owned; '")
@example("'\\''")
@example("\\")
@example("a'\\''b\\")
@example('"')
@example("#")
@example("caf\udce9")
@example("- x")
def test_a_legal_value_arrives_in_its_option_and_nowhere_else(uci: Uci, value: str) -> None:
    uci.put(wireless=WIRELESS)
    before = uci.read()
    uci.apply([Edit(Verb.SET, "wireless", "wifirelay", "ssid", value)])
    wanted = meaning(before)
    wanted[2][2]["ssid"] = same_bytes(value)
    assert meaning(uci.read()) == wanted
    uci.commit()
    assert meaning(uci.read()) == wanted


@given(st.lists(LEGAL, min_size=1, max_size=4))
def test_a_list_arrives_item_by_item(uci: Uci, values: list[str]) -> None:
    uci.put(wireless=WIRELESS)
    edits = [Edit(Verb.ADD_LIST, "wireless", "wifirelay", "l", value) for value in values]
    uci.apply(edits)
    section = uci.read().section("wifirelay")
    assert section is not None
    assert section.options["l"] == tuple(map(same_bytes, values))


@pytest.mark.parametrize("control", CONTROL, ids=ascii)
def test_control_characters_are_refused_before_anything_is_sent(control: str) -> None:
    for value in (control, f"a{control}", f"{control}b", f"a{control}b"):
        with pytest.raises(Unquotable):
            batch([Edit(Verb.SET, "wireless", "wifirelay", "ssid", value)])


@pytest.mark.parametrize("value", ["", "\x00", "a\nb", "\ud800", "\udfff", "\udc7f"])
def test_what_uci_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(Unquotable) as refused:
        quote(value)
    check_text(str(refused.value))
    with pytest.raises(Unquotable):
        Edit(Verb.SET, "wireless", "wifirelay", "key", value).line()


def test_refusing_a_secret_does_not_show_it() -> None:
    with pytest.raises(Unquotable) as refused:
        Edit(Verb.SET, "wireless", "wifirelay", "key", "hunter2\n").line()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a=b", "a'b", "a-b", "ä", "a\n", "@x[0]"])
def test_names_are_checked(name: str) -> None:
    with pytest.raises(Unquotable):
        check_name(name)
    with pytest.raises(Unquotable):
        Edit(Verb.SET, "wireless", "wifirelay", name, "x").line()
    with pytest.raises(Unquotable):
        Edit(Verb.SET, name, "wifirelay", "ssid", "x").line()
    with pytest.raises(Unquotable):
        section_edits("wireless", name, Section("x", "wifi-iface", {}), {}, ())


# --- what people see ---

SECRET_NAMES = [
    *("key", "key1", "key4", "psk", "password", "sae_password", "priv_key_pwd", "auth_secret"),
    *("private_key", "preshared_key", "wpa_passphrase", "pincode", "radius_acct_secret"),
]


@pytest.mark.parametrize("option", SECRET_NAMES)
@pytest.mark.parametrize("verb", [Verb.SET, Verb.ADD_LIST, Verb.DEL_LIST])
def test_no_edit_shows_a_secret(option: str, verb: Verb) -> None:
    edit = Edit(verb, "wireless", "wifirelay", option, "hunter2")
    change = Change("network", "set", "wg0", option, "hunter2")
    for text in (edit.shown(), repr(edit), str(edit), change.shown(), repr(change)):
        assert "hunter2" not in text
    assert edit.shown() == f"{verb} wireless.wifirelay.{option}='***'"
    assert "hunter2" in edit.line()


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (("set", "w", "s", "ssid", "it's"), r"set w.s.ssid='it'\''s'"),
        (("set", "w", "s", None, "wifi-iface"), "set w.s=wifi-iface"),
        (("delete", "w", "s", "key", None), "delete w.s.key"),
        (("set", "w", "s", "keyword", "x"), "set w.s.keyword='x'"),
        (("set", "w", "s", "key_mgmt", "x"), "set w.s.key_mgmt='x'"),
    ],
)
def test_the_rest_is_shown_as_it_is(edit: tuple[str, ...], text: str) -> None:
    assert Edit(Verb(edit[0]), *edit[1:]).shown() == text


# --- a whole section ---

OPTIONS = ("ssid", "key", "bssid", "network", "macaddr", "note")
VALUES: st.SearchStrategy[Value] = st.one_of(
    LEGAL, st.lists(LEGAL, min_size=1, max_size=3).map(tuple)
)


@settings(max_examples=40)
@given(
    st.dictionaries(st.sampled_from(OPTIONS), VALUES),
    st.dictionaries(st.sampled_from(OPTIONS[:4]), VALUES),
)
def test_section_edits_reach_what_is_wanted_once_and_for_all(
    uci: Uci, first: dict[str, Value], wanted: dict[str, Value]
) -> None:
    uci.put(wireless=WIRELESS)
    empty = uci.read().section("wifirelay")
    assert empty is not None
    uci.apply(section_edits("wireless", "wifirelay", empty, first, ()))
    before = uci.read().section("wifirelay")
    assert before is not None
    others = meaning(uci.read(), without="wifirelay")
    uci.apply(section_edits("wireless", "wifirelay", before, wanted, OPTIONS[:4]))
    after = uci.read().section("wifirelay")
    assert after is not None
    assert {o: v for o, v in after.options.items() if o in OPTIONS[:4]} == {
        o: _arrived(v) for o, v in wanted.items()
    }
    assert {o: v for o, v in after.options.items() if o not in OPTIONS[:4]} == {
        o: v for o, v in before.options.items() if o not in OPTIONS[:4]
    }
    assert meaning(uci.read(), without="wifirelay") == others
    arrived = {option: _arrived(value) for option, value in wanted.items()}
    assert section_edits("wireless", "wifirelay", after, arrived, OPTIONS[:4]) == ()


def _arrived(value: Value) -> Value:
    return same_bytes(value) if isinstance(value, str) else tuple(map(same_bytes, value))


# --- joining and leaving ---

KEYS = st.text(st.sampled_from(TRICKY + "ab1"), min_size=8, max_size=63)
NETWORKS = st.builds(
    lambda ssid, key, eap: KnownNetwork(
        ssid, None if eap else Secret(key) if key else None, eap=eap
    ),
    LEGAL.map(Ssid.of).filter(lambda ssid: ssid.unjoinable() is None),
    st.none() | KEYS,
    st.none()
    | st.builds(
        Eap,
        st.sampled_from(["peap", "ttls", "tls"]),
        LEGAL,
        LEGAL.map(Secret),
        st.none() | LEGAL,
        st.just("PAP"),
        st.none() | LEGAL,
        st.none() | LEGAL,
        st.none() | LEGAL,
        st.none() | LEGAL.map(Secret),
    ),
)
RELAY = Relay()


def options_of(network: KnownNetwork, *, bssid: bool) -> dict[str, str]:
    security = Security.WPA2_EAP if network.eap else Security.SAE_MIXED
    return joined(network, "radio0", RELAY, security, "02:00:00:00:06:00" if bssid else None)


def own_options(package: Package) -> dict[str, Value]:
    section = package.section("wifirelay")
    assert section is not None
    return dict(section.options)


@settings(max_examples=20)
@given(st.lists(st.tuples(NETWORKS, st.booleans()), min_size=1, max_size=3))
def test_joins_leave_nothing_behind(uci: Uci, joins: list[tuple[KnownNetwork, bool]]) -> None:
    uci.put(wireless=WIRELESS)
    start = own_options(uci.read())
    others = meaning(uci.read(), without="wifirelay")
    for network, with_bssid in joins:
        options = options_of(network, bssid=with_bssid)
        uci.apply(join_edits(uci.read(), "radio0", options))
        now = own_options(uci.read())
        arrived = {option: same_bytes(value) for option, value in options.items()}
        assert now == {**arrived, "macaddr": start["macaddr"]}
        assert join_edits(uci.read(), "radio0", arrived) == ()
    uci.apply(leave_edits(uci.read(), RELAY))
    assert own_options(uci.read()) == {**baseline("radio0", RELAY), "macaddr": start["macaddr"]}
    assert own_options(uci.read()) == start
    assert leave_edits(uci.read(), RELAY) == ()
    assert meaning(uci.read(), without="wifirelay") == others


def test_a_committed_join_and_leave_leave_the_file_as_it_was(uci: Uci) -> None:
    uci.put(wireless=WIRELESS)
    uci.apply([Edit(Verb.SET, "wireless", "wifirelay", "x", "y")])
    uci.apply([Edit(Verb.DELETE, "wireless", "wifirelay", "x")])
    uci.commit()  # in uci's own form
    before = uci.text()
    network = KnownNetwork(Ssid(b"x"), Secret("12345678"), Wanted.PSK2)
    uci.apply(join_edits(uci.read(), "radio0", options_of(network, bssid=True)))
    uci.commit()
    assert uci.text() != before
    uci.apply(leave_edits(uci.read(), RELAY))
    uci.commit()
    head, _, _ = before.partition(b"config wifi-iface 'wifirelay'")
    assert uci.text().startswith(head)
    assert sorted(uci.text().splitlines()) == sorted(before.splitlines())


def test_a_join_disables_the_other_own_sections(uci: Uci) -> None:
    more = "config wifi-iface 'wifirelay_radio1'\n\toption device 'radio1'\n\toption ssid 'Old'\n"
    uci.put(wireless=WIRELESS + more)
    network = KnownNetwork(Ssid(b"x"))
    uci.apply(join_edits(uci.read(), "radio0", options_of(network, bssid=False)))
    other = uci.read().section("wifirelay_radio1")
    assert other is not None
    assert other.options == {"device": "radio1", "ssid": "Old", "disabled": "1"}
    assert disable_edits([other]) == ()


@given(st.dictionaries(NAMES, st.text(max_size=5)))
def test_leaving_touches_no_option_that_no_join_writes(options: dict[str, str]) -> None:
    assume(not set(options) & set(JOIN_OPTIONS))
    section = Section("wifirelay", "wifi-iface", {**baseline("radio0", RELAY), **options})
    assert leave_edits(Package("wireless", (section,)), RELAY) == ()
