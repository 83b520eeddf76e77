# SPDX-License-Identifier: GPL-2.0-or-later
"""Kinds of security as a traveller meets them: what the router cannot do, what is never open
silently, what a rejection proves; in the world `kinds`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from known import allowed, bss, network, replay, router, wireless

from tests.lab import Lab, lab
from tests.unattended import Mast, mast
from tests.unattended import asked as asked_of
from wifirelay.core.abilities import FULL_WPAD, lacking, worth_asking
from wifirelay.core.habits import HABITS
from wifirelay.core.hearing import Hearing
from wifirelay.core.known import Eap, KnownNetwork, Relay
from wifirelay.core.memory import Memory
from wifirelay.core.moves import Situation
from wifirelay.core.plan import Action, Plan, make_plan
from wifirelay.core.radios import usable_radios
from wifirelay.core.transition import with_names
from wifirelay.errors import NothingToJoin, TrialFailed
from wifirelay.router.observe import read_abilities
from wifirelay.router.programs import FEATURES, NOT_ASKED, RAW_PSK
from wifirelay.service.acts import ABLE_FOR
from wifirelay.service.events import Kind
from wifirelay.sim.packages import BASIC_WPAD, MINI_WPAD
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.values import Secret, Security

EAP = Eap("peap", "me", Secret("secret"))
DIGITS = "0123456789abcdef" * 4
ALL = (*FEATURES, RAW_PSK)
OPEN_HALF, HIDDEN_HALF = "02:00:00:00:21:00", "02:00:00:00:21:01"


@contextmanager
def kinds(wpad: frozenset[str] | None = None, **options: object) -> Iterator[Lab]:
    with lab("kinds", **options) as bench:
        if wpad is not None:
            bench.world.router.packages.wpad = wpad
        yield bench


def plan(bench: Lab, ssid: str | None = None) -> Plan:
    """With the abilities, as the commands plan."""
    found, first = bench.look(ssid)
    able = read_abilities(bench.transport, worth_asking(bench.known, Relay()))
    heard = [each.bss for each in first.candidates if each.bss is not None]
    heard += [each.bss for each in first.ignored]
    chosen = next((n.ssid for n in bench.known if n.ssid.text == ssid), None)
    on = replace(found, abilities=able)
    return make_plan(on, heard, bench.known, bench.relay, chosen=chosen)


def why_not(found: Plan) -> dict[str, str | None]:
    return {
        f"{each.network.ssid}/{each.bss.security}": each.why_not
        for each in found.candidates
        if each.bss is not None
    }


def edits(found: Plan) -> dict[str, str]:
    return {edit.option or "": edit.value or "" for edit in found.edits}


# --- what the router can do ---


def test_each_flavour_of_wpad_is_told_before_the_trial() -> None:
    with kinds() as bench:
        full = why_not(plan(bench))
        bench.world.router.packages.wpad = BASIC_WPAD
        basic = why_not(plan(bench))
        bench.world.router.packages.wpad = MINI_WPAD
        mini = why_not(plan(bench))
    assert full["Campus/wpa2-eap"] is None and full["New/sae"] is None
    text = f"this router's wpa_supplicant has no EAP: install {FULL_WPAD}"
    assert (basic["Campus/wpa2-eap"] or "").startswith(text)
    assert basic["New/sae"] is None and basic["Sealed/owe"] is None
    assert "no SAE: install wpad-mbedtls" in (mini["New/sae"] or "")
    assert "no OWE" in (mini["Sealed/owe"] or "")
    assert mini["Mixed/sae-mixed"] is None  # by WPA2


def test_without_sae_a_mixed_network_is_joined_by_wpa2() -> None:
    with kinds(MINI_WPAD) as bench:
        assert edits(plan(bench, "Mixed"))["encryption"] == "psk2"
    with kinds() as bench:
        assert edits(plan(bench, "Mixed"))["encryption"] == "sae-mixed"
    insists = network(security="sae")
    assert "no SAE" in (lacking(insists, Security.SAE_MIXED, {"sae": False}) or "")


@pytest.mark.parametrize("security", ["sae", "owe", "wpa2-eap", "sae-mixed"])
def test_what_is_not_known_is_not_held_against_it(security: str) -> None:
    key, eap = ("x" * 8, None) if security.startswith("sae") else (None, None)
    subject = network(key=key, eap=EAP if security == "wpa2-eap" else eap, security=security)
    assert lacking(subject, None, NOT_ASKED) is None
    missing = lacking(subject, None, dict.fromkeys(FEATURES, False))
    assert (missing is None) is (security == "sae-mixed")  # blind: WPA2 may be there


def test_a_recording_that_does_not_tell_holds_nothing_against_it() -> None:
    assert read_abilities(replay("baseline"), ALL) == NOT_ASKED
    assert read_abilities(replay("baseline"), ()) == NOT_ASKED


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        (network(), ("sae",)),
        (network(key=None), ("owe",)),
        (network(key=None, eap=EAP, security="wpa2-eap"), ("eap",)),
        (network(key=DIGITS), (RAW_PSK,)),
    ],
)
def test_only_what_may_matter_is_asked(subject: KnownNetwork, wanted: tuple[str, ...]) -> None:
    assert worth_asking([subject, subject], Relay()) == wanted
    assert worth_asking([], Relay()) == ()


def test_open_ones_that_nobody_listed_may_need_owe() -> None:
    assert worth_asking([network()], Relay(allowed=allowed("*"))) == ("owe", "sae")


@pytest.mark.parametrize("known", [True, False])
def test_whoever_asks_the_service_is_told_before_a_trial_too(known: bool) -> None:
    """A guest's need is asked for with its scan."""
    with mast("kinds") as bench:
        bench.world.router.packages.wpad = MINI_WPAD
        key = next(each.key for each in bench.world.known if each.ssid.text == "New")
        bench.know(*(("New",) if known else ("Mixed",)))
        bench.service = bench.new_service()
        bench.run(30)
        before = bench.kinds().count(Kind.TRYING)
        request = {"do": "join", "ssid_hex": b"New".hex()}
        with pytest.raises(NothingToJoin, match="has no SAE: install wpad-mbedtls"):
            asked_of(bench, request, None if known or key is None else key.reveal())
        assert bench.kinds().count(Kind.TRYING) == before


def test_sixty_four_digits_where_the_release_quotes_them() -> None:
    with kinds(release="25.12.0") as bench:
        said = why_not(plan(bench))["Digits/psk2"] or ""
        assert "64 hexadecimal digits" in said and "configure the passphrase" in said
        fixed = "else if (length(config.key) == 64)\n\tconfig.psk = config.key;\n"
        bench.world.router.root.write("/usr/share/ucode/wifi/supplicant.uc", fixed)
        assert why_not(plan(bench))["Digits/psk2"] is None
    with kinds(release="24.10.2") as bench:
        assert read_abilities(bench.transport, [RAW_PSK]) == {RAW_PSK: None}
        assert why_not(plan(bench))["Digits/psk2"] is None


# --- OWE ---


def halves(**changes: object) -> tuple[Security, ...]:
    """What the hidden access point beside an open one, changed so, is joined as."""
    away = replace(bss(None, bssid=HIDDEN_HALF, security=Security.OWE), **changes)  # type: ignore[arg-type]
    heard = [bss("Cafe", bssid=OPEN_HALF, security=Security.OPEN), away]
    found = make_plan(router(wireless()), heard, [network("Cafe", None)], Relay())
    best = [each.bss.security for each in found.candidates if each.bss is not None]
    return tuple(best)


def test_the_hidden_half_is_found_beside_the_open_one() -> None:
    assert halves() == (Security.OWE, Security.OPEN)
    assert halves(bssid="06:00:00:00:21:0F") == (Security.OWE, Security.OPEN)


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": 11},
        {"radio": "radio1"},
        {"bssid": "02:00:00:00:22:01"},
        {"security": Security.SAE},
        {"bssid": None},
    ],
)
def test_one_that_is_elsewhere_is_somebody_elses(changes: dict[str, object]) -> None:
    assert halves(**changes) == (Security.OPEN,)


@pytest.mark.parametrize("also", [(), ("Cafe",)])
def test_a_guess_hides_no_hidden_network_that_is_known(also: tuple[str, ...]) -> None:
    """It may be that one as well, whoever has the open one beside it."""
    heard = (
        bss("Cafe", bssid=OPEN_HALF, security=Security.OPEN),
        bss(None, bssid=HIDDEN_HALF, security=Security.OWE),
    )
    back = network("Back", None, hidden=True, security="owe")
    known = [back, *(network(each, None) for each in also)]
    found = make_plan(router(wireless()), heard, known, Relay())
    names = {e.network.ssid.text for e in found.candidates if e.bss and e.bss.bssid == HIDDEN_HALF}
    assert names == {"Back", *also}
    assert all(e.eligible for e in found.candidates if e.network == back)
    hearing = Hearing(known, HABITS)
    hearing.note(0.0, heard)
    situation = Situation(None, radios=usable_radios(wireless(), Relay(), {}))
    sure = hearing.sure_ones(0.0, situation, Memory(HABITS))
    assert names == {e.network.ssid.text for e in sure if e.bss and e.bss.bssid == HIDDEN_HALF}


def test_names_that_are_told_stay() -> None:
    heard = (
        bss("Cafe", bssid=OPEN_HALF, security=Security.OPEN),
        bss("Other", bssid=HIDDEN_HALF, security=Security.OWE),
        bss(None, bssid="02:00:00:00:21:02", security=Security.SAE),
    )
    assert with_names(heard) == heard
    assert with_names(with_names(heard)) == heard


def test_the_encrypted_half_is_preferred_and_bound_to_its_bssid() -> None:
    with kinds() as bench:
        found = plan(bench, "Cafe")
        written = edits(found)
        assert (written["encryption"], written["bssid"]) == ("owe", HIDDEN_HALF)
        said = why_not(found)["Cafe/open"] or ""
        assert "one that encrypts" in said
        joined = join(bench, found)
        assert joined == HIDDEN_HALF
    with kinds() as bench:
        bench.world.air.switch_off(HIDDEN_HALF)
        written = edits(plan(bench, "Cafe"))  # its owner allows that: `security: auto`, no key
        assert written["encryption"] == "none" and "bssid" not in written


def test_an_uplink_that_is_open_is_not_left_for_its_other_half() -> None:
    heard = [
        bss("Cafe", bssid=OPEN_HALF, security=Security.OPEN),
        bss(None, bssid=HIDDEN_HALF, security=Security.OWE),
    ]
    found = make_plan(router(uplink="Cafe"), heard, [network("Cafe", None)], Relay())
    assert found.decision.action is Action.STAY
    assert [each.eligible for each in found.candidates] == [True, True]


def join(bench: Lab, found: Plan) -> str | None:
    state, _ = bench.look()
    return bench.trial(state, found).run().bssid


def test_owe_is_never_silently_open() -> None:
    """A station that is told the name alone takes the open one: so it is bound, and looked at."""
    with kinds() as bench:
        found = plan(bench)
        bare = [each for each in found.candidates if each.network.ssid.text == "Bare"]
        assert [each.eligible for each in bare] == [False]
        assert "never joined without encryption" in (bare[0].why_not or "")
        found = plan(bench, "Sealed")
        assert edits(found)["bssid"] == "02:00:00:00:23:03"
        loose = replace(found, edits=tuple(each for each in found.edits if each.option != "bssid"))
        bench.world.air.add(
            replace(
                next(p for p in bench.world.air.points if p.text == "Sealed"),
                bssid="02:00:00:00:66:66",
                security=Security.OPEN,
                signal=-30,
            )
        )
        before = bench.wireless()
        with pytest.raises(TrialFailed) as caught:
            join(bench, loose)
        assert caught.value.cause == "unencrypted"
        bench.check_baseline(before)
        assert join(bench, found) == "02:00:00:00:23:03"


# --- rejections ---


@pytest.mark.parametrize(
    ("ssid", "cause", "text"),
    [
        ("WrongNew", "refused", "WPA3 does not tell which (CONN_FAILED at -58 dBm)"),
        ("WrongLogin", "wrong-key", "rejected the login (AUTH_FAILED at -61 dBm)"),
    ],
)
def test_a_rejection_says_how_sure_it_is(ssid: str, cause: str, text: str) -> None:
    with kinds() as bench:
        with pytest.raises(TrialFailed) as caught:
            join(bench, plan(bench, ssid))
        assert caught.value.cause == cause
        assert text in caught.value.message


def test_what_is_never_joined_says_what_its_owner_can_do() -> None:
    with kinds() as bench:
        said = why_not(plan(bench))
    for name in ("Old/wpa1", "Ancient/wep"):
        assert "WPA2 or WPA3" in (said[name] or ""), name


def test_a_login_without_ca_cert_is_warned_of_before_it_is_joined() -> None:
    with kinds() as bench:
        (warning,) = plan(bench, "WrongLogin").warnings
        assert "WrongLogin has no ca_cert" in warning
        assert plan(bench, "Campus").warnings == ()
        assert plan(bench, "New").warnings == ()


def test_the_simulated_wpad_answers_for_what_it_was_built_with() -> None:
    with make_world("home") as world:
        transport = SimTransport(world.router)
        assert read_abilities(transport, FEATURES) == dict.fromkeys(FEATURES, True)
        world.router.packages.wpad = BASIC_WPAD
        assert read_abilities(transport, FEATURES) == {"eap": False, "sae": True, "owe": True}


# --- the service ---


def asked(bench: Mast) -> list[tuple[str, ...]]:
    return [argv for argv in bench.world.router.argvs if argv[0] in ("wpa_supplicant", "grep")]


def test_the_service_counts_what_is_seen_and_asks_the_router_once() -> None:
    with mast("kinds") as bench:
        bench.know("WrongNew")
        bench.service = bench.new_service()
        bench.run(3000)
        failed = [event for event in bench.told.events if event.kind is Kind.FAILED]
        assert len(failed) >= 3 and {event.cause for event in failed} == {"refused"}
        for number, event in enumerate(failed[:3], 1):
            assert event.text.endswith(f"; seen {number} of the 6 times that make it sure")
        (candidate,) = bench.service.policy.candidates
        assert f"(seen {len(failed)} of the 6 times that make it sure)" in (candidate.why_not or "")
        assert asked(bench) == [("wpa_supplicant", "-vsae")]
        assert bench.on_air()


def test_a_refusal_waits_for_the_owner_only_when_it_is_sure() -> None:
    with mast("kinds") as bench:
        bench.know("WrongNew")
        bench.service = bench.new_service()
        bench.run(6 * 3600)
        failed = [event for event in bench.told.events if event.kind is Kind.FAILED]
        assert len(failed) == 6
        assert failed[-1].text.endswith("; seen 6 of the 6 times that make it sure")
        assert "correct its key" in (bench.service.policy.candidates[0].why_not or "")


def test_the_service_tries_nothing_that_its_router_cannot_do_and_notices_a_new_wpad() -> None:
    with mast("kinds") as bench:
        bench.know("Campus")
        bench.world.router.packages.wpad = BASIC_WPAD
        bench.service = bench.new_service()
        bench.run(1800)
        assert Kind.TRYING not in bench.kinds()
        assert "no EAP" in (bench.service.policy.candidates[0].why_not or "")
        bench.world.router.packages.wpad |= {"eap"}
        bench.until(Kind.JOINED, 2 * ABLE_FOR)
        assert bench.uplink == "Campus"


def test_the_service_joins_the_encrypted_half() -> None:
    with mast("kinds") as bench:
        bench.know("Cafe")
        bench.service = bench.new_service()
        bench.until(Kind.JOINED, 120)
        own = bench.service.observer.seen().router.wireless.section("wifirelay")
        assert own is not None
        assert (own.get("encryption"), own.get("bssid")) == ("owe", HIDDEN_HALF)
