# SPDX-License-Identifier: GPL-2.0-or-later
"""What is borrowed is given back as it was, through a real `uci`; what its owner changed stays."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known import Uci, meaning
from reading import errors_read_well

from wifirelay.core.baseline import CREATED, noted_packages
from wifirelay.core.borrowed import Changes, Loan, Made, changes, packages_in, place
from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section, Value

__all__ = ["errors_read_well"]

LAN = "dhcp:interface=lan"
DHCP = """
config dhcp 'lan'
\toption interface 'lan'
\toption ra 'server'
\tlist ra_flags 'managed-config'
\tlist ra_flags 'other-config'
"""
RA = Loan("dhcp", LAN, "ra", "hybrid")
NDP = Loan("dhcp", LAN, "ndp", "hybrid")
FLAGS = Loan("dhcp", LAN, "ra_flags", "none")
OURS = Made("dhcp", "wifirelay", "dhcp", {"interface": "wwan6", "dns": ("fd00::1", "fd00::2")})


class Book:
    """Two packages and what is noted of them."""

    def __init__(self, uci: Uci) -> None:
        self.uci = uci
        self.notes: list[str] = []

    def settle(self, loans: Iterable[Loan] = (), made: Iterable[Made] = ()) -> Changes:
        found = self.read()
        done = changes(found, self.notes, loans, made)
        self.uci.apply(done.edits)
        assert {*done.dropped} <= {*self.notes}
        self.notes = [note for note in self.notes if note not in done.dropped] + [*done.noted]
        return done

    def read(self) -> dict[str, Package]:
        return {name: self.uci.read(name) for name in ("dhcp", "network")}

    def option(self, name: str) -> Value | None:
        (section, *_) = self.uci.read("dhcp").of_kind("dhcp")
        return section.options.get(name)

    @property
    def state(self) -> object:
        # an anonymous section's id changes with its content
        return [
            [(kind, options) for _, kind, options in meaning(each)] for each in self.read().values()
        ]


@pytest.fixture(params=["config dhcp 'lan'", "config dhcp"], ids=["named", "anonymous"])
def book(request: pytest.FixtureRequest, uci: Uci) -> Book:
    return Book(uci.put(dhcp=DHCP.replace("config dhcp 'lan'", request.param), network=""))


def test_it_is_written_noted_and_given_back(book: Book) -> None:
    before = book.state
    book.settle([RA, NDP, FLAGS], [OURS])
    assert [book.option(name) for name in ("ra", "ndp", "ra_flags")] == ["hybrid", "hybrid", "none"]
    assert book.uci.read("dhcp").section("wifirelay") is not None
    assert len(book.notes) == 4
    assert packages_in(book.notes) == {"dhcp"}
    again = book.settle([RA, NDP, FLAGS], [OURS])
    assert again == Changes()
    book.settle()
    assert (book.state, book.notes) == (before, [])


def test_an_owner_who_has_it_so_already_lends_nothing(book: Book) -> None:
    done = book.settle([Loan("dhcp", LAN, "ra", "server")])
    assert done == Changes()


@pytest.mark.parametrize("by_hand", ["relay", ""])
def test_what_its_owner_changed_since_stays_and_is_told(book: Book, by_hand: str) -> None:
    book.settle([RA, NDP])
    verb = Verb.SET if by_hand else Verb.DELETE
    section = book.uci.read("dhcp").of_kind("dhcp")[0]
    at = "@dhcp[0]" if section.anonymous else section.name
    book.uci.apply([Edit(verb, "dhcp", at, "ra", by_hand or None)])
    done = book.settle()
    assert [loan.path for loan in done.stays] == [RA.path]
    assert book.option("ra") == (by_hand or None)
    assert book.option("ndp") is None
    assert book.notes == []


def test_an_owner_who_changed_it_and_asks_again_gets_his_own_back(book: Book) -> None:
    book.settle([RA])
    section = book.uci.read("dhcp").of_kind("dhcp")[0]
    at = "@dhcp[0]" if section.anonymous else section.name
    book.uci.apply([Edit(Verb.SET, "dhcp", at, "ra", "disabled")])
    book.settle([RA])
    assert (book.option("ra"), len(book.notes)) == ("hybrid", 1)
    book.settle()
    assert book.option("ra") == "disabled"


def test_another_wish_keeps_what_it_was_at_first(book: Book) -> None:
    before = book.state
    book.settle([RA])
    book.settle([Loan("dhcp", LAN, "ra", "relay")])
    assert (book.option("ra"), len(book.notes)) == ("relay", 1)
    book.settle([Loan("dhcp", LAN, "ra", "server")])  # the owner's own
    assert (book.state, book.notes) == (before, [])


def test_a_section_that_is_gone_is_no_trouble(book: Book) -> None:
    book.settle([RA], [OURS])
    book.uci.put(dhcp="", network="")
    done = book.settle()
    assert (done.edits, done.stays, book.notes) == ((), (), [])


def test_a_section_of_that_name_that_is_not_ours_is_refused(book: Book) -> None:
    book.uci.put(dhcp=DHCP + "\nconfig dhcp 'wifirelay'\n\toption interface 'guest'\n")
    with pytest.raises(Refused, match=r"another section dhcp\.wifirelay"):
        book.settle([], [OURS])


def test_our_own_section_is_put_right_again(book: Book) -> None:
    book.settle([], [OURS])
    book.uci.apply([Edit(Verb.SET, "dhcp", "wifirelay", "master", "1")])
    book.settle([], [OURS])
    section = book.uci.read("dhcp").section("wifirelay")
    assert section is not None
    assert section.options == OURS.options


def test_what_could_not_be_put_back_is_not_borrowed() -> None:
    odd = Section("lan", "dhcp", {"interface": "lan", "ra": "a\nb"})
    with pytest.raises(Refused, match="could not be put back"):
        changes({"dhcp": Package("dhcp", (odd,))}, [], [RA])


@pytest.mark.parametrize(
    "note",
    [
        "option:",
        "option:[1]",
        'option:["dhcp","lan","ra"]',
        'option:["dhcp","lan","x y","a",null]',
        'option:["dhcp","lan","ra",[],null]',
        'option:["dhcp","lan","ra",5,null]',
        'option:["dhcp",7,"ra","a",null]',
        "interface:wwan",
        "zone:wwan",
        "whatever",
    ],
)
def test_notes_that_are_none_of_its_own(note: str) -> None:
    package = Package("dhcp", (Section("lan", "dhcp", {"ra": "a"}),))
    assert changes({"dhcp": package}, [note]) == Changes()
    assert packages_in([note]) == frozenset()


# --- whatever is there ---

NAMES = ["a", "b", "c"]
PLAIN = st.text(st.sampled_from("ab '\"\\[],=:é/*$"), min_size=1, max_size=6)
VALUES = st.sampled_from(["a", "b"]) | PLAIN | st.lists(PLAIN, min_size=1, max_size=3).map(tuple)
SECTIONS = st.lists(
    st.tuples(st.booleans(), st.dictionaries(st.sampled_from(NAMES), VALUES)), max_size=4
)
PLACES = [*(f"s{number}" for number in range(4)), "dhcp:a=a", "dhcp:b=b"]
LOANS = st.lists(
    st.builds(Loan, st.just("dhcp"), st.sampled_from(PLACES), st.sampled_from(["c", "d"]), VALUES),
    max_size=2,
    unique_by=lambda loan: loan.option,
)
MADE = st.sampled_from([(), (OURS,), (Made("dhcp", "wifirelay", "dhcp", {"master": "1"}),)])


def text_of(sections: list[tuple[bool, dict[str, Value]]]) -> str:
    lines = []
    for number, (named, options) in enumerate(sections):
        lines.append(f"config dhcp 's{number}'" if named else "config dhcp")
        for name, value in options.items():
            word = "option" if isinstance(value, str) else "list"
            for item in (value,) if isinstance(value, str) else value:
                quoted = item.replace("'", "'\\''")
                lines.append(f"\t{word} {name} '{quoted}'")
    return "\n".join(lines) + "\n"


def is_named_alike(
    loan: Loan, packages: dict[str, Package], keys: dict[tuple[str, str], str]
) -> bool:
    """Whether it calls its section as the loans before it did: that is asked of all loans."""
    found = place(packages, loan)
    return found is None or keys.setdefault((found[0], loan.option), loan.section) == loan.section


@settings(max_examples=200)
@given(SECTIONS, st.lists(st.tuples(LOANS, MADE), max_size=3))
def test_all_of_it_comes_back(
    uci: Uci,
    sections: list[tuple[bool, dict[str, Value]]],
    wishes: list[tuple[list[Loan], tuple[Made, ...]]],
) -> None:
    book = Book(uci.put(dhcp=text_of(sections), network=""))
    before = book.state
    keys: dict[tuple[str, str], str] = {}
    for wished, made in wishes:
        loans = [loan for loan in wished if is_named_alike(loan, book.read(), keys)]
        book.settle(loans, made)
        assert book.settle(loans, made).edits == ()
    done = book.settle()
    assert (book.state, book.notes, done.stays) == (before, [], ())


# --- notes and places, one by one ---

LENT = Loan("dhcp", "lan", "ra", "hybrid", "server")
NOW = Package("dhcp", (Section("lan", "dhcp", {"ra": "hybrid"}),))


def shown_edits(found: Changes) -> list[str]:
    return [edit.shown() for edit in found.edits]


def test_one_note_that_needs_nothing_does_not_hide_those_behind_it() -> None:
    elsewhere = Loan("dhcp", "gone", "ra", "hybrid", "server")
    notes = ["interface:wwan", elsewhere.note, LENT.note]
    found = changes({"dhcp": NOW}, notes)
    assert shown_edits(found) == ["set dhcp.lan.ra='server'"]
    assert found.dropped == (elsewhere.note, LENT.note)
    wanted = [Loan("dhcp", "gone", "ra", "relay"), Loan("dhcp", "lan", "ndp", "hybrid")]
    found = changes({"dhcp": NOW}, [LENT.note], [LENT, *wanted])
    assert shown_edits(found) == ["set dhcp.lan.ndp='hybrid'"]
    assert found.dropped == ()


def test_a_section_of_ours_in_a_package_that_is_not_there_yet() -> None:
    ours = Made("dhcp", "wifirelay", "dhcp", {"interface": "wwan6", "ra": ("a", "b")})
    found = changes({}, [], made=[ours])
    assert shown_edits(found) == [
        "set dhcp.wifirelay=dhcp",
        "set dhcp.wifirelay.interface='wwan6'",
        "add_list dhcp.wifirelay.ra='a'",
        "add_list dhcp.wifirelay.ra='b'",
    ]
    assert changes({}, ["section:dhcp.wifirelay"]).edits == ()
    assert changes({}, [LENT.note]).edits == ()


def test_nothing_before_it_keeps_a_loan_from_being_given_back() -> None:
    gone, wanted = Loan("dhcp", "guest", "ra", "hybrid"), Loan("dhcp", "lan", "ndp", "hybrid")
    both = Package("dhcp", (Section("lan", "dhcp", {"ra": "hybrid", "ndp": "hybrid"}),))
    for before in ("interface:wwan", gone.note, wanted.note):
        found = changes({"dhcp": both}, [before, LENT.note], [wanted])
        assert "set dhcp.lan.ra='server'" in shown_edits(found), before


def test_packages_that_notes_speak_of() -> None:
    notes = [LENT.note, "section:firewall.wifirelay", "interface:wwan", "section:system.a.b"]
    assert packages_in(notes) == {"dhcp", "firewall", "system"}
    all_of_them = (*notes, "section:wireless.a", "section:network.b")
    own = Section("wifirelay", "wifi-iface", {CREATED: all_of_them})
    assert noted_packages(Package("wireless", (own,))) == {"dhcp", "system"}


def test_a_section_is_found_by_its_name_or_by_what_it_holds() -> None:
    named = Section("own", "dhcp", {"interface": "lan"})
    nameless = Section("cfg07", "dhcp", {"interface": "lan"}, anonymous=True)
    guest = Section("guest", "dhcp", {"interface": "guest"})
    by_content = Loan("dhcp", "dhcp:interface=lan", "ra", "x")
    for section, at in ((named, "own"), (nameless, "@dhcp[1]")):
        there = {"dhcp": Package("dhcp", (guest, section))}
        assert place(there, by_content) == (at, section)
    there = {"dhcp": Package("dhcp", (guest,))}
    assert place(there, by_content) is None
    assert place(there, LENT) is None
    assert place({}, LENT) is None
    equals = Section("odd", "dhcp", {"interface": "a=b"})
    odd = Loan("dhcp", "dhcp:interface=a=b", "ra", "x")
    assert place({"dhcp": Package("dhcp", (equals,))}, odd) == ("odd", equals)


def test_a_list_is_lent_and_given_back_as_one() -> None:
    section = Section("lan", "dhcp", {"dns": ("192.0.2.1", "192.0.2.2")})
    found = changes({"dhcp": Package("dhcp", (section,))}, [], [Loan("dhcp", "lan", "dns", "x")])
    (note,) = found.noted
    now = Package("dhcp", (Section("lan", "dhcp", {"dns": "x"}),))
    assert shown_edits(changes({"dhcp": now}, [note])) == [
        "delete dhcp.lan.dns",
        "add_list dhcp.lan.dns='192.0.2.1'",
        "add_list dhcp.lan.dns='192.0.2.2'",
    ]
    fresh = changes({"dhcp": NOW}, [], [Loan("dhcp", "lan", "dns", ("a", "b"))])
    assert shown_edits(fresh) == ["add_list dhcp.lan.dns='a'", "add_list dhcp.lan.dns='b'"]


@pytest.mark.parametrize("former", ["a\nb", ("fine", "a\nb")])
def test_what_cannot_be_put_back_is_refused_with_the_remedy(former: Value) -> None:
    there = {"dhcp": Package("dhcp", (Section("lan", "dhcp", {"ra": former}),))}
    with pytest.raises(Refused, match=r"dhcp\.lan\.ra holds what could not") as refused:
        changes(there, [], [Loan("dhcp", "lan", "ra", "x")])
    assert refused.value.hint == "take that out of it first"
    loans = [Loan("dhcp", "lan", "ra", "x")]
    fine = {"dhcp": Package("dhcp", (Section("lan", "dhcp", {"ra": "plain text"}),))}
    assert changes(fine, [], loans).noted
