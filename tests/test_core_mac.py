# SPDX-License-Identifier: GPL-2.0-or-later
"""What the station shows to one network, and that an owner's own `macaddr` comes back as it was."""

import ast
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known import CHECKOUT, Uci, bss, network, own, router, wireless

from wifirelay.change.undo import plan_undo
from wifirelay.core.baseline import setup_edits
from wifirelay.core.known import Relay
from wifirelay.core.mac import CHANCE, MAC, NOTE, SECRET, lend, mac_options
from wifirelay.core.owned import Owned
from wifirelay.core.plan import make_plan
from wifirelay.core.sections import leave_edits
from wifirelay.sim.uci import uci as run_uci
from wifirelay.transport.anonymous import Anonymizer
from wifirelay.transport.masking import Masker
from wifirelay.uci.edits import Edit, Verb, batch
from wifirelay.uci.model import Package, Value
from wifirelay.values import Security, Ssid

RELAY = Relay()
GIVEN = "DA:11:22:33:44:55"
CHANCES = st.binary(min_size=CHANCE, max_size=CHANCE)
LUCK = bytes(range(CHANCE))
MACS = st.sampled_from(["device", "stable", "random", GIVEN, "02:00:00:00:99:99"])
OWNERS = st.sampled_from([None, "02:00:00:00:99:99", "random", GIVEN.lower(), "a b  c", "'"])

WIRELESS = """\
config wifi-device 'radio0'
	option band '2g'

config wifi-device 'radio1'
	option band '2g'

config wifi-iface 'wifirelay'
	option device 'radio0'
	option network 'wwan'
	option mode 'sta'
	option disabled '1'

config wifi-iface 'wifirelay_radio1'
	option device 'radio1'
	option network 'wwan'
	option mode 'sta'
	option disabled '1'
"""


def options(package: Package, name: str = "wifirelay") -> dict[str, Value]:
    section = package.section(name)
    assert section is not None
    return dict(section.options)


def edits_to_join(there: Package, mac: str, chance: bytes, radio: str = "radio0") -> list[Edit]:
    heard = [bss(radio=radio)]
    plan = make_plan(
        router(there), heard, [network(mac=mac, radios=(radio,))], RELAY, chance=chance
    )
    assert plan.decision.candidate is not None
    return list(plan.edits)


def wrote(mac: str, *sections: object, chance: bytes = LUCK) -> dict[str, str]:
    there = wireless(*sections)  # type: ignore[arg-type]
    return {
        edit.option: edit.value or ""
        for edit in edits_to_join(there, mac, chance)
        if edit.option in (MAC, NOTE, SECRET)
    }


# --- the address ---


@given(CHANCES, CHANCES, st.binary(min_size=1, max_size=32))
def test_a_stable_one_is_always_the_same_and_of_nobody_else(
    one: bytes, other: bytes, name: bytes
) -> None:
    known = replace(network(mac="stable"), ssid=Ssid(name))
    first = mac_options(known, (), one)
    again = mac_options(known, (own(**{SECRET: first[SECRET]}),), other)
    assert again == {MAC: first[MAC]}
    six = bytes.fromhex(first[MAC].replace(":", ""))
    assert (len(six), six[0] & 3, first[MAC]) == (6, 2, first[MAC].lower())
    if one[6:] != other[6:]:
        assert mac_options(known, (), other)[MAC] != first[MAC]
    neighbour = replace(known, ssid=Ssid(bytes([name[0] ^ 1]) + name[1:]))
    assert mac_options(neighbour, (own(**{SECRET: first[SECRET]}),), other)[MAC] != first[MAC]


def test_a_stable_one_is_the_same_on_each_radio() -> None:
    """The secret is the router's: whichever own section has it."""
    first = wrote("stable")
    assert set(first) == {MAC, NOTE, SECRET}
    there = wireless(own(), own("wifirelay_radio1", "radio1", **{SECRET: first[SECRET]}))
    edits = edits_to_join(there, "stable", bytes(CHANCE))
    assert Edit(Verb.SET, "wireless", "wifirelay", MAC, first[MAC]) in edits
    assert not [edit for edit in edits if edit.option == SECRET]


@given(CHANCES, CHANCES)
def test_a_random_one_is_new_for_each_join(one: bytes, other: bytes) -> None:
    first, second = wrote("random", chance=one)[MAC], wrote("random", chance=other)[MAC]
    assert int(first[:2], 16) & 3 == 2
    if one[1:6] != other[1:6]:
        assert first != second


def test_one_that_the_owner_gives_is_written_as_hostapd_compares_it() -> None:
    assert wrote(GIVEN) == {MAC: GIVEN.lower(), NOTE: GIVEN.lower()}
    assert wrote("device") == {}


@pytest.mark.parametrize("mac", ["stable", "random"])
def test_chance_is_asked_for(mac: str) -> None:
    with pytest.raises(ValueError, match="no chance was handed in"):
        wrote(mac, chance=b"")


def test_whoever_plans_hands_chance_in() -> None:
    """Without it a network that wants some could not be joined: a bug that no mypy finds."""
    calls = 0
    for path in sorted((CHECKOUT / "wifirelay").rglob("*.py")):
        if path.parent.name in ("core", "evaluation"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "make_plan":
                    assert "chance" in [each.arg for each in node.keywords], path
                    calls += 1
                elif node.func.id == "plan_join":
                    assert len(node.args) == 5, path
                    calls += 1
    assert calls == 5


def test_the_secret_is_shown_to_nobody() -> None:
    secret = wrote("stable")[SECRET]
    edits = edits_to_join(wireless(), "stable", LUCK)
    assert secret not in "".join(edit.shown() for edit in edits)
    assert f"set wireless.wifirelay.{SECRET}='***'" in [edit.shown() for edit in edits]
    masker = Masker()
    for text in (
        f'{{"values":{{"wifirelay":{{"{SECRET}":"{secret}"}}}}}}',
        f'["set", "wifirelay", "{SECRET}", "{secret}"]',
        f"wireless.wifirelay.{SECRET}='{secret}'",
        f"\toption {SECRET} '{secret}'",
    ):
        assert secret not in masker.text(text)
    assert secret not in masker.output(("uci", "get", f"wireless.wifirelay.{SECRET}"), secret)


def test_an_anonymous_recording_has_other_addresses_and_the_same_ones_where_they_were() -> None:
    text = f"x.y.macaddr='{GIVEN}'\nx.y.{NOTE}='{GIVEN} 02:AA:00:00:99:99'"
    changed = Anonymizer().text(("uci", "show"), text)
    assert GIVEN not in changed
    assert "02:AA" not in changed
    first, second = [line.split("'")[1] for line in changed.splitlines()]
    assert second.split()[0] == first != second.split()[1]


# --- whose it was ---


@settings(max_examples=60)
@given(
    OWNERS,
    st.lists(st.tuples(st.sampled_from(["radio0", "radio1"]), MACS, CHANCES), max_size=5),
    st.sets(st.integers(0, 4)),
)
def test_an_owner_s_own_comes_back_exactly(
    uci: Uci, owner: str | None, joins: list[tuple[str, str, bytes]], kept: set[int]
) -> None:
    """Whatever was joined before, on flash or staged: at a network without `mac`, and at leave."""
    uci.put(wireless=WIRELESS)
    if owner is not None:
        uci.apply([Edit(Verb.SET, "wireless", "wifirelay", MAC, owner)])
        uci.commit()
    start = uci.read()
    for number, (radio, mac, chance) in enumerate(joins):
        uci.apply(edits_to_join(uci.read(), mac, chance, radio))
        section = "wifirelay" if radio == "radio0" else "wifirelay_radio1"
        now = options(uci.read(), section)
        if mac == "device":
            assert now.get(MAC) == (owner if radio == "radio0" else None)
            assert NOTE not in now
        elif mac not in ("stable", "random"):
            assert now[MAC] == mac.lower()
        if number in kept:
            uci.commit()
    uci.apply(leave_edits(uci.read(), RELAY))
    for name in ("wifirelay", "wifirelay_radio1"):
        after = options(uci.read(), name)
        after.pop(SECRET, None)  # the router's, for the next time
        assert after == options(start, name)


@settings(max_examples=60)
@given(OWNERS, st.lists(st.tuples(MACS, CHANCES), max_size=3), MACS, CHANCES, st.booleans())
def test_a_trial_that_is_taken_back_leaves_nothing_of_itself(
    uci: Uci,
    owner: str | None,
    before: list[tuple[str, bytes]],
    mac: str,
    chance: bytes,
    kept: bool,
) -> None:
    """As rollback.sh does it: the own sections are reverted, then the plan of undoing is run."""
    uci.put(wireless=WIRELESS)
    if owner is not None:
        uci.apply([Edit(Verb.SET, "wireless", "wifirelay", MAC, owner)])
        uci.commit()
    for each, luck in before:
        uci.apply(edits_to_join(uci.read(), each, luck))
        if kept:
            uci.commit()
    found = uci.read()
    undo = plan_undo(found, "wifirelay" if before else None)
    uci.apply(edits_to_join(found, mac, chance))
    for name in undo.sections:
        run_uci(["-q", "revert", f"wireless.{name}"], b"", uci.folders)
    run_uci(["-q", "batch"], batch(undo.edits), uci.folders)
    for name in undo.sections:
        assert options(uci.read(), name) == options(found, name)


def test_a_list_of_the_owner_s_stays_a_list() -> None:
    there = own()
    odd = replace(there, options={**there.options, MAC: ("a", "b")})
    assert lend(odd, None) == {MAC: ("a", "b")}
    assert leave_edits(wireless(odd), RELAY) == ()
    assert not [edit for edit in plan_undo(wireless(odd), None).edits if edit.option == MAC]


@pytest.mark.parametrize("device", [("radio0",), ("ra\x1b[2J",), "ra\x1b[2J"])
def test_a_device_that_no_one_could_write_stays_as_it_is(device: Value) -> None:
    there = own(ssid="Home", disabled="0")
    odd = replace(there, options={**there.options, "device": device})
    edits = leave_edits(wireless(odd), RELAY)
    assert {edit.option for edit in edits} == {"ssid", "disabled"}
    assert all(edit.line() for edit in edits)


def test_what_somebody_wrote_over_ours_is_theirs_from_then_on() -> None:
    ours = own(**{MAC: "02:00:00:00:00:07", NOTE: f"{GIVEN} random"})
    assert lend(ours, None) == {MAC: "02:00:00:00:00:07"}
    gone = own(**{NOTE: f"{GIVEN} random"})
    assert lend(gone, None) == {}
    assert lend(ours, GIVEN) == {MAC: GIVEN, NOTE: f"{GIVEN} 02:00:00:00:00:07"}


def test_setup_writes_the_secret_once_and_only_where_it_is_wanted() -> None:
    wan = Package("firewall", (replace(own("z"), kind="zone", options={"name": "wan"}),))
    owned = Owned(wireless(own()), Package("network"), wan)
    bare = replace(owned, wireless=Package("wireless", wireless().sections[:2]))
    for there in (owned, bare):
        for known in ((), (network(), network("Other", mac="random"))):
            edits = setup_edits(there, RELAY, known, "beef")
            assert not [edit for edit in edits if edit.option == SECRET]
        wanted = (network(), network("Boat", mac="stable"), network("Car", mac="stable"))
        edits = setup_edits(there, RELAY, wanted, "beef")
        (edit,) = [edit for edit in edits if edit.option == SECRET]
        assert edit == Edit(Verb.SET, "wireless", "wifirelay", SECRET, "beef")
    has = replace(owned, wireless=wireless(own(**{SECRET: "dead"})))
    edits = setup_edits(has, RELAY, (network(mac="stable"),), "beef")
    assert not [edit for edit in edits if edit.option == SECRET]


def test_a_join_without_mac_writes_what_it_wrote_before() -> None:
    plan = make_plan(router(), [bss(security=Security.PSK2)], [network()], RELAY)
    written = {edit.option for edit in plan.edits}
    assert not written & {MAC, NOTE, SECRET, "bssid_blacklist"}


def test_each_byte_of_a_random_one_is_of_its_own_place() -> None:
    chance = bytes(range(0x40, 0x40 + CHANCE))
    cafe = network("Cafe", mac="random")
    assert mac_options(cafe, (), chance) == {MAC: "42:41:42:43:44:45"}
    with pytest.raises(ValueError, match="no chance"):
        mac_options(cafe, (), chance[:-1])


def test_which_bytes_of_the_chance_are_what() -> None:
    chance = bytes(range(0x40, 0xFF, 4))[:CHANCE]
    assert mac_options(network(mac="random"), (), chance) == {MAC: "42:44:48:4c:50:54"}
    assert mac_options(network(mac="stable"), (), chance)[SECRET] == chance[6:].hex()
    assert mac_options(network(mac="stable"), [own(**{SECRET: "\udcff"})], chance)[MAC]
