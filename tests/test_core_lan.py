# SPDX-License-Identifier: GPL-2.0-or-later
"""Moving lan, as values: which forms are understood, which subnets fit, which edits come of it."""

from dataclasses import replace
from ipaddress import IPv4Interface
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known import Uci, logical, network
from reading import errors_read_well

from wifirelay.core.known import FixedAddress
from wifirelay.core.lan import Around, Move, plan_move
from wifirelay.errors import Refused, UsageError
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.sim.uci import uci as run_uci
from wifirelay.uci.model import Package, Section, Value

__all__ = ["errors_read_well"]

YOURS = ": they stay as they are, and need an edit of yours"
OLD = {"proto": "static", "ipaddr": "192.168.1.1", "netmask": "255.255.255.0"}


def around(
    *interfaces: LogicalInterface,
    lan: dict[str, Value] | None = None,
    more: tuple[Section, ...] = (),
    dhcp: tuple[Section, ...] = (),
    firewall: tuple[Section, ...] = (),
    known: Any = (),
) -> Around:
    options = OLD if lan is None else lan
    here = logical("lan", "br-lan", "192.168.1.1/24")
    return Around(
        Package("network", (Section("lan", "interface", options), *more)),
        Package("dhcp", dhcp),
        Package("firewall", firewall),
        {each.name: each for each in (here, *interfaces)},
        known,
    )


def lines(move: Move) -> list[str]:
    return [edit.shown() for edit in move.edits]


def pool(**options: str) -> Section:
    return Section("lan", "dhcp", {"interface": "lan", **options})


# --- where to ---


def test_without_a_wish_it_is_a_subnet_that_is_free() -> None:
    assert str(plan_move(around(), None).new) == "192.168.77.1/24"
    taken = logical("wwan", "phy0-sta0", "192.168.77.9/24")
    assert str(plan_move(around(taken), None).new) == "192.168.117.1/24"
    berth = network("Marina", fixed=FixedAddress("192.168.77.20/24", "192.168.77.1"))
    assert str(plan_move(around(known=(berth,)), None).new) == "192.168.117.1/24"
    all_of_it = logical("vpn", "wg0", "192.168.0.1/16", "172.16.0.1/12", "10.0.0.1/8")
    with pytest.raises(Refused, match="all private subnets are taken"):
        plan_move(around(all_of_it), None)


def test_a_wish_has_the_old_prefix_length_unless_it_says_one() -> None:
    assert str(plan_move(around(), "10.5.6.7").new) == "10.5.6.7/24"
    assert str(plan_move(around(), "10.5.6.7/16").new) == "10.5.6.7/16"


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ("router", "not an IPv4 address"),
        ("fd00::1/64", "not an IPv4 address"),
        ("10.5.6.7/30", "no prefix length from 16 to 29"),
        ("10.5.6.7/8", "no prefix length from 16 to 29"),
        ("10.5.6.7/255.255.0.0", "no prefix length"),
        ("10.5.6.7/", "no prefix length"),
        ("10.5.6.7/0000000024", "no prefix length"),
        ("8.8.8.8/24", "no private address"),
        ("172.32.0.1/24", "no private address"),
        ("10.5.6.0/24", "itself"),
        ("10.5.6.255/24", "of all in it"),
        ("\x1b[31m", "not an IPv4 address"),
    ],
)
def test_what_is_no_address_for_it(wish: str, text: str) -> None:
    with pytest.raises(UsageError, match=text) as refused:
        plan_move(around(), wish)
    assert "\x1b" not in refused.value.message


@pytest.mark.parametrize(
    ("address", "clash"),
    [("192.168.50.9/24", True), ("192.168.48.1/22", True), ("192.168.51.9/24", False)],
)
def test_a_subnet_that_is_taken_is_refused(address: str, clash: bool) -> None:
    there = around(logical("guest", "br-guest", address))
    if not clash:
        assert plan_move(there, "192.168.50.1/24").edits
        return
    with pytest.raises(Refused, match=r"192\.168\.50\.0/24 overlaps guest"):
        plan_move(there, "192.168.50.1/24")


def test_a_vpn_s_default_route_in_two_halves_takes_nothing() -> None:
    halves = replace(logical("wg0", "wg0", "10.8.0.2/24"), routes=("0.0.0.0/1", "128.0.0.0/1"))
    assert str(plan_move(around(halves), None).new) == "192.168.77.1/24"
    assert plan_move(around(halves), "10.5.6.7").edits
    quarter = replace(halves, routes=("192.0.0.0/2",))
    with pytest.raises(Refused, match=r"overlaps wg0 \(192\.0\.0\.0/2\)"):
        plan_move(around(quarter), "192.168.77.1")


@pytest.mark.parametrize(
    "written",
    [
        {"ipaddr": "192.168.77.20", "netmask": "255.255.255.0"},
        {"ipaddr": "192.168.77.1"},
        {"ipaddr": "192.168.77.20/24", "netmask": "255.255.0.0"},
        {"ipaddr": ("10.1.1.1/24", "192.168.77.9/30")},
        {"ipaddr": ("nonsense", "192.168.77.9"), "netmask": "255.255.255.0"},
    ],
)
def test_a_static_interface_that_is_down_keeps_its_subnet(written: dict[str, Value]) -> None:
    berth = Section("berth", "interface", {"proto": "static", **written})
    assert str(plan_move(around(more=(berth,)), None).new) == "192.168.117.1/24"
    with pytest.raises(Refused, match="overlaps berth"):
        plan_move(around(more=(berth,)), "192.168.77.1")
    other = Section("berth", "interface", {"proto": "dhcp", **written})
    assert str(plan_move(around(more=(other,)), None).new) == "192.168.77.1/24"
    broken = Section("berth", "interface", {"proto": "static", "ipaddr": "::1", "netmask": "x"})
    assert str(plan_move(around(more=(broken,)), None).new) == "192.168.77.1/24"


def test_there_already_is_no_edit() -> None:
    assert plan_move(around(), "192.168.1.1").edits == ()
    assert lines(plan_move(around(), "192.168.1.1/25")) == [
        "set network.lan.ipaddr='192.168.1.1'",
        "set network.lan.netmask='255.255.255.128'",
    ]


# --- how it stands there ---


@pytest.mark.parametrize(
    ("lan", "edits"),
    [
        (OLD, ["set network.lan.ipaddr='192.168.77.1'"]),
        (
            {**OLD, "netmask": "255.255.0.0"},
            [
                "set network.lan.ipaddr='192.168.77.1'",
                "set network.lan.netmask='255.255.255.0'",
            ],
        ),
        (
            {"proto": "static", "ipaddr": "192.168.1.1/24"},
            ["set network.lan.ipaddr='192.168.77.1/24'"],
        ),
        (
            {"proto": "static", "ipaddr": ("192.168.1.1/24",)},
            ["delete network.lan.ipaddr", "add_list network.lan.ipaddr='192.168.77.1/24'"],
        ),
        (
            {**OLD, "ipaddr": ("192.168.1.1",)},
            ["delete network.lan.ipaddr", "add_list network.lan.ipaddr='192.168.77.1'"],
        ),
    ],
)
def test_the_form_stays(lan: dict[str, Value], edits: list[str]) -> None:
    assert lines(plan_move(around(lan=lan), "192.168.77.1/24")) == edits


@pytest.mark.parametrize(
    ("lan", "why"),
    [
        ({"proto": "dhcp"}, "has no address of its own (proto dhcp)"),
        ({}, "has no address of its own (proto none)"),
        ({"proto": "static"}, "has no IPv4 address"),
        ({"proto": "static", "ipaddr": ("10.0.0.1/24", "10.1.0.1/24")}, "has several IPv4"),
        ({"proto": "static", "ipaddr": "10.0.0.1 10.1.0.1"}, "has several IPv4"),
        ({"proto": "static", "ipaddr": "192.168.1.1"}, "not understood: 192.168.1.1"),
        ({"proto": "static", "ipaddr": "fd00::1/64"}, "not understood: fd00::1/64"),
        ({**OLD, "gateway": "192.168.1.254"}, "has an option gateway"),
        ({**OLD, "broadcast": "192.168.1.255"}, "has an option broadcast"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_reason(lan: dict[str, Value], why: str) -> None:
    with pytest.raises(Refused) as refused:
        plan_move(around(lan=lan), None)
    assert why in refused.value.message
    assert "`uci show network.lan`" in refused.value.hint


def test_a_router_without_lan() -> None:
    bare = Around(Package("network"), Package("dhcp"), Package("firewall"), {})
    with pytest.raises(Refused, match="no interface called lan"):
        plan_move(bare, None)


# --- the pool ---


@pytest.mark.parametrize(
    ("start", "limit", "prefix", "fits"),
    [
        ("100", "150", 24, True),
        ("100", "150", 25, False),
        ("100", "155", 24, True),
        ("100", "156", 24, False),
        ("2", "5", 29, True),
        ("2", "6", 29, False),
    ],
)
def test_the_pool_is_relative_and_has_to_fit(
    start: str, limit: str, prefix: int, fits: bool
) -> None:
    there = around(dhcp=(pool(start=start, limit=limit),))
    if fits:
        assert lines(plan_move(there, f"10.9.8.1/{prefix}"))[0].startswith("set network.lan.ipaddr")
        return
    with pytest.raises(Refused, match=f"too small.*start {start}, limit {limit}"):
        plan_move(there, f"10.9.8.1/{prefix}")


def test_a_pool_that_is_off_or_another_s_does_not_matter() -> None:
    off = pool(start="100", limit="150", ignore="1")
    other = Section("guest", "dhcp", {"interface": "guest", "start": "100", "limit": "900"})
    assert plan_move(around(dhcp=(off, other)), "10.9.8.1/29").edits
    with pytest.raises(Refused, match="too small"):
        plan_move(around(dhcp=(pool(),)), "10.9.8.1/25")  # 100 and 150 where nothing is said
    with pytest.raises(Refused, match="not understood: start ten"):
        plan_move(around(dhcp=(pool(start="ten"),)), None)


def test_what_else_names_the_old_subnet_is_told() -> None:
    hosts = (
        Section("cfg1", "host", {"name": "nas", "ip": "192.168.1.5"}),
        Section("cfg2", "host", {"name": "tv", "ip": "192.168.9.5"}),
        Section("cfg3", "host", {"name": "none"}),
    )
    rule = Section("cfg4", "redirect", {"name": "web", "dest_ip": "192.168.1.5"})
    cidr = Section("cfg5", "rule", {"src_ip": ("192.168.1.0/25", "10.0.0.1")})
    move = plan_move(around(dhcp=hosts, firewall=(rule, cidr)), None)
    assert move.remarks == (
        "1 fixed leases (dhcp host: nas) have addresses of 192.168.1.0/24" + YOURS,
        "2 rules of the firewall (web, rule) name addresses of 192.168.1.0/24" + YOURS,
    )


# --- through uci ---

FORMS = (
    "\toption ipaddr '{ip}'\n\toption netmask '{mask}'\n",
    "\toption ipaddr '{ip}/{length}'\n",
    "\tlist ipaddr '{ip}/{length}'\n",
    "\tlist ipaddr '{ip}'\n\toption netmask '{mask}'\n",
)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(FORMS),
    st.integers(16, 29),
    st.integers(0, 250),
    st.integers(16, 29),
    st.integers(0, 250),
)
def test_what_is_written_is_understood_again_and_taken_back_whole(
    tmp_path_factory: pytest.TempPathFactory, form: str, before: int, a: int, after: int, b: int
) -> None:
    uci = Uci(tmp_path_factory.mktemp("uci"))
    old, new = IPv4Interface(f"10.1.{a}.2/{before}"), IPv4Interface(f"10.200.{b}.2/{after}")
    text = form.format(ip=old.ip, mask=old.netmask, length=before)
    uci.put(network=f"config interface 'lan'\n\toption proto 'static'\n{text}")

    def there() -> Around:
        found = uci.read("network")
        return Around(found, Package("dhcp"), Package("firewall"), {})

    move = plan_move(there(), str(new))
    assert (move.old, move.new) == (old, new)
    uci.apply(move.edits)
    assert plan_move(there(), str(new)).edits == ()
    undo = move.undo().split(b"\n", 3)[3]
    assert run_uci(["batch"], undo, uci.folders).rc == 0
    assert plan_move(there(), str(old)).edits == ()
    staged = uci.folder / "save" / "network"
    assert not staged.exists() or staged.read_bytes() == b""
    if form.startswith("\toption"):  # of a list it is said in docs/sentry.md
        uci.apply(move.edits)
        assert run_uci(["commit", "network"], b"", uci.folders).rc == 0  # by somebody else
        assert run_uci(["batch"], undo, uci.folders).rc == 0
        assert plan_move(there(), str(old)).edits == ()


# --- hints, and what else is told ---


def refused(there: Around, wish: str | None) -> Refused | UsageError:
    with pytest.raises((Refused, UsageError)) as caught:
        plan_move(there, wish)
    return caught.value


def test_each_refusal_says_what_to_do() -> None:
    bare = Around(Package("network"), Package("dhcp"), Package("firewall"), {})
    device = replace(bare, network=Package("network", (Section("lan", "device", OLD),)))
    for there in (bare, device):
        assert refused(there, None).hint == "it is moved by hand"
    all_of_it = logical("vpn", "wg0", "192.168.0.1/16", "172.16.0.1/12", "10.0.0.1/8")
    assert refused(around(all_of_it), None).hint == "name one that you can do without"
    guest = logical("guest", "br-guest", "10.5.6.1/24")
    assert refused(around(guest), "10.5.6.7").hint == "name another one, or none at all"
    for wish in ("router", "10.5.6.7/30", "8.8.8.8", "10.5.6.0/24"):
        assert refused(around(), wish).hint == "such as 192.168.77.1/24"
    assert refused(around(dhcp=(pool(start="x"),)), None).hint == "this is moved by hand"
    told = refused(around(dhcp=(pool(),)), "10.5.6.6/29")
    assert told.hint == "name a larger one, or change start and limit first"
    marina = network("Marina", fixed=FixedAddress("10.5.6.20/24", "10.5.6.1"))
    assert refused(around(known=(marina,)), "10.5.6.7").message.endswith("Marina (10.5.6.0/24)")


def test_an_address_that_is_not_understood_is_shown_with_its_netmask() -> None:
    odd = around(lan={**OLD, "netmask": "255.0.255.0"})
    assert refused(odd, None).message.endswith("not understood: 192.168.1.1 255.0.255.0")
    none = around(lan={"proto": "static", "ipaddr": "192.168.1.1"})
    assert refused(none, None).message.endswith("not understood: 192.168.1.1")


def test_there_already_both_ends_are_told() -> None:
    move = plan_move(around(), "192.168.1.1/24")
    here = IPv4Interface("192.168.1.1/24")
    assert move == Move(here, here, (), ())
    assert plan_move(around(), "10.5.6.7").batch() == b"set network.lan.ipaddr='10.5.6.7'\n"


def test_a_pool_behind_one_that_is_off_counts() -> None:
    off = Section("guest", "dhcp", {"interface": "guest", "ignore": "1"})
    assert "too small" in refused(around(dhcp=(off, pool())), "10.5.6.6/29").message
    silent = pool(ignore="1")
    assert "too small" in refused(around(dhcp=(silent, pool())), "10.5.6.6/29").message


def test_three_of_many_are_named() -> None:
    hosts = tuple(Section(f"h{n}", "host", {"ip": f"192.168.1.{n}"}) for n in range(4))
    rules = tuple(
        Section(f"r{n}", "rule", {"name": f"Rule {n}", "dest_ip": "192.168.1.9"}) for n in range(4)
    )
    move = plan_move(around(dhcp=hosts, firewall=rules), None)
    fixed = "4 fixed leases (dhcp host: 192.168.1.0, 192.168.1.1, 192.168.1.2) have addresses of "
    named = "4 rules of the firewall (Rule 0, Rule 1, Rule 2) name addresses of "
    assert move.remarks == (f"{fixed}192.168.1.0/24{YOURS}", f"{named}192.168.1.0/24{YOURS}")


def test_a_subnet_that_many_have_is_remarked_on() -> None:
    (remark,) = plan_move(around(), "192.168.178.1/24").remarks
    assert remark.startswith("many upstream networks have 192.168.178.0/24 too")
    assert plan_move(around(), "192.168.77.1/24").remarks == ()


# --- what its clients do ---


def test_with_a_dhcp_server_they_ask_it() -> None:
    move = plan_move(around(dhcp=(pool(),)), "10.9.8.1/24")
    assert move.spare == ""
    assert move.advice.startswith("get an address of 10.9.8.0/24 (Wi-Fi off and on")


@pytest.mark.parametrize(
    ("wish", "hosts", "spare"),
    [
        ("192.168.77.1/24", (), "192.168.77.2/255.255.255.0"),
        ("192.168.77.2/24", (), "192.168.77.1/255.255.255.0"),
        ("10.9.8.1/16", ("10.9.0.1",), "10.9.0.2/255.255.0.0"),
    ],
)
def test_without_one_they_are_told_an_address_that_is_free(
    wish: str, hosts: tuple[str, ...], spare: str
) -> None:
    fixed = tuple(Section(f"h{ip}", "host", {"ip": ip}) for ip in hosts)
    for server in ((), (pool(ignore="1"),), (Section("wan", "dhcp", {"interface": "wan"}),)):
        move = plan_move(around(dhcp=(*server, *fixed)), wish)
        assert move.advice == f"give this machine {spare} by hand: the router gives none"


def test_in_the_same_subnet_they_keep_theirs() -> None:
    host = Section("cfg1", "host", {"name": "nas", "ip": "192.168.1.5"})
    for server, more in ((pool(), ""), (pool(ignore="1"), ": the router gives none")):
        move = plan_move(around(dhcp=(server, host)), "192.168.1.77/24")
        assert move.stays
        assert move.advice == (
            f"go on with the address that this machine has, unless it is 192.168.1.77{more}"
        )
        assert [each for each in move.remarks if "nas" in each] == []
    assert not plan_move(around(), "192.168.77.1/24").stays
