# SPDX-License-Identifier: GPL-2.0-or-later
"""Each command line that stands indented on a page of docs/, typed at a terminal in the order of
its page: on simulated routers, and over real SSH. What another test plays is named here."""

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from known import CHECKOUT, recording_path
from test_docs import TESTS
from test_examples import PAGES as EXAMPLES

from tests.desk import Desk
from tests.laptop import free_port, new_home
from tests.served import Served, checked
from wifirelay.sim.neighbourhoods import HOME_KEY

PROGRAMS = """wifirelay ubus uci pass sudo ssh zbarimg pip pipx opkg apk git cmp man cd ansible
ansible-vault ansible-playbook wifi logread"""
COMMAND = re.compile(
    rf"(?:(?:{'|'.join(PROGRAMS.split())}) |\.venv/bin/|scripts/|/etc/init\.d/|\(umask |\* \* )\S"
)


def indented(page: str) -> list[str]:
    """What stands indented on a page, without comments; a command on one line."""
    text = (CHECKOUT / f"docs/{page}.md").read_text("utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    text = re.sub(r" \\\n +", " ", text)
    found = re.findall(r"^    (?:\$ )?(\S.*)$", text, re.M)
    return [re.split(r"\s+# |\s{3,}", line)[0] for line in found]


def lines(page: str) -> list[str]:
    """The commands among them."""
    return [line for line in indented(page) if COMMAND.match(line)]


PAGES = {path.stem: lines(path.stem) for path in sorted((CHECKOUT / "docs").glob("*.md"))}

OPKG = "opkg update && opkg install python3-light"
PLAYBOOK = "ansible-playbook -i examples/inventory.yml examples/fleet.yml --ask-vault-pass"

# Played by another test: it takes long, or needs what is there
ELSEWHERE = {
    "wifirelay setup": "test_setup_dialogue::test_from_nothing_to_an_uplink",
    "wifirelay --router $R setup": "test_readme::test_the_way_from_a_laptop",
    "wifirelay --router $R --config mast.yaml install --networks": (
        "test_install_ssh::test_install_join_upgrade_and_uninstall"
    ),
    "wifirelay --router ssh://root@192.168.1.1 install --networks": (
        "test_install_ssh::test_install_join_upgrade_and_uninstall"
    ),
    "wifirelay --router ssh://root@192.168.1.1 uninstall": (
        "test_install_ssh::test_install_join_upgrade_and_uninstall"
    ),
    OPKG: ("test_install_ssh::test_without_python_it_says_what_to_install"),
    "uci set wifirelay.main.enabled=1; uci commit wifirelay; /etc/init.d/wifirelay start": (
        "test_openwrt_init::test_starts_the_service_as_agreed"
    ),
    "wifirelay --router ssh://root@192.168.1.1 mqtt --broker 192.168.1.10 --tls --ca ~/ca.pem"
    " --user router --password-file ~/.config/wifirelay/broker-password": (
        "test_mqtt_broker::test_an_encrypted_connection"
    ),
    "wifirelay evaluate --seeds 50 --days 14 --jobs 2 --results FILE": (
        "test_evaluation_command::test_results_go_to_a_file"
    ),
    "scripts/fuzz router --seconds 60": "test_fuzzing::test_a_minute_of_atheris_finds_nothing",
    "scripts/manpage > wifirelay.1": "test_manpage::test_mandoc_has_nothing_to_say",
    "man ./wifirelay.1": "test_manpage::test_every_command_and_option_is_in_its_chapter",
    f"{PLAYBOOK} --check --diff": (
        "test_ansible::test_a_check_says_what_would_change_and_changes_nothing"
    ),
    PLAYBOOK: ("test_ansible::test_a_run_sets_all_up_and_a_dead_one_stops_nobody"),
    f"ansible large -i examples/inventory.yml -m raw -a '{OPKG}'": (
        "test_ansible::test_ansibles_own_ssh_finds_them_by_the_same_inventory"
    ),
    "scripts/package ipk": "test_package_ipk::test_two_builds_are_identical",
    "scripts/package apk": ("test_package_apk::test_the_command_gives_apk_a_folder_and_scripts"),
    ".venv/bin/python scripts/release --out /tmp/again": (
        "test_release::test_two_checkouts_of_a_commit_give_the_same_bytes"
    ),
}
# Not typed by any test, and why
CAMPAIGN = "takes long: a campaign of docs/testing.md"
OTHERS = "another program's, nothing of ours in it"
PUBLISHED = "out of an index, where the package has to be first"
UNTYPED = {
    "pip install 'wifirelay[completion]'": PUBLISHED,
    "pip install 'wifirelay[mqtt]'": PUBLISHED,
    "pip install 'wifirelay[tui]'": PUBLISHED,
    "ssh root@192.168.1.1 wifirelay status --history": "typed without ssh, for docs/service.md",
    "cd openwrt/ansible": OTHERS,
    "ansible-vault create examples/group_vars/large/vault.yml": OTHERS,
    "apk update && apk add python3-light": OTHERS,
    "wifi status": OTHERS,
    "logread | grep -e hostapd -e netifd": OTHERS,
    "git checkout v1.2.3": OTHERS,
    "cmp /tmp/again/SHA256SUMS SHA256SUMS": OTHERS,
    "scripts/setup --test": "makes the environment that tests run in",
    "scripts/fuzz all --seconds 1800 --into DIR": CAMPAIGN,
    "scripts/soak --singles": CAMPAIGN,
    "scripts/soak --pairs": CAMPAIGN,
    "scripts/soak --pairs --scenario move": CAMPAIGN,
    "scripts/soak --seeds 200000 --state soak.jsonl": CAMPAIGN,
    ".venv/bin/pip install 'mutmut>=3.8,<4'": CAMPAIGN,
    ".venv/bin/python scripts/mutation": CAMPAIGN,
    ".venv/bin/python scripts/mutation wifirelay/uci": CAMPAIGN,
    ".venv/bin/python scripts/mutation --resume": CAMPAIGN,
    ".venv/bin/python scripts/mutation --again": CAMPAIGN,
    ".venv/bin/python scripts/mutation --report": CAMPAIGN,
}

# What a line asks, and what is typed then
KEY = ("HomeNet", HOME_KEY)
ANSWERS = {
    "wifirelay networks add HomeNet --priority 10": [KEY],
    "wifirelay --routers boats join": [("[y/N]", "y")],
    "wifirelay --router ssh://root@192.168.1.1 setup --undo": [("[y/N]", "y")],
}
# What one shows that goes on until it is ended, and the file that it shows it in
ENDLESS = [
    (r" web\b", "http://127.0.0.1:"),
    (r" watch$", "HomeNet"),
    (r"1 run$", "online through HomeNet"),
    (r"^wifirelay run$", "the uplink to HomeNet works"),
    (r"--plain >>", "uplink off: at baseline"),
]
INTO = {">>router.log": "router.log"}
BEGINS = ("wifirelay", "(umask", "*", "scripts/fuzz", "scripts/soak")
EXITS = {"wifirelay --routers all trust": 2}


def typed(desk: Desk, line: str) -> str:
    """One line of a page, to its end; all that it showed. None that begins with a program which
    does not stand here in its place: no `pip install`."""
    assert line.split()[0] in {*BEGINS, *PRINTED}, f"name it in a table: {line}"
    return desk.type(
        line,
        answers=ANSWERS.get(line, []),
        until=next((text for words, text in ENDLESS if re.search(words, line)), None),
        into=next((name for words, name in INTO.items() if line.endswith(words)), None),
        ends=EXITS.get(line, 0),
    )


def here(page: str) -> list[str]:
    """What is typed here of a page."""
    return [line for line in PAGES[page] if line not in ELSEWHERE and line not in UNTYPED]


SIMULATED = [
    (page, line)
    for page in PAGES
    if page not in EXAMPLES
    for line in here(page)
    if "sim:" in line or "recording:" in line
]
# Pages with a router, which is set up; what is made on them is used further down
ROUTER = ("doctor", "metrics", "places", "service", "watch", "web")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(new_home(tmp_path))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def home_net(router: str = "") -> str:
    """A configuration that knows HomeNet, and maybe the router."""
    return f"{router and f'router: {router}'}\nnetworks:\n  - {{ssid: HomeNet, key: {HOME_KEY}}}\n"


FILES = {
    "service": home_net() + "open: {names: ['*']}\n",
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("page", "line"), SIMULATED)
def test_without_a_router(desk: Desk, page: str, line: str) -> None:
    desk.write("FILE", FILES.get(page, ""))
    desk.write("router.jsonl", Path(recording_path("baseline")).read_text("utf-8"))
    assert typed(desk, line)


def test_known_networks(desk: Desk) -> None:
    """The programs of others stand there by what they print."""
    known = "networks:\n  - {ssid: Boathouse, key: long enough}\n"
    desk.write(".config/wifirelay/config.yaml", known)
    desk.write(".secrets/office", "the office's key")
    desk.write("FILE", "WIFI:T:WPA;S:Attic;P:hunter22;;\n")
    desk.write("wpa_supplicant.conf", 'network={\n\tssid="Shed"\n\tpsk="hunter23"\n}\n')
    desk.instead["/etc/wpa_supplicant/"] = ""
    for name, prints in PRINTED.items():
        desk.program(name, f"cat <<'END'\n{prints}\nEND")
    for line in here("configuration"):
        typed(desk, line)
    names = set(desk.type("wifirelay networks list").split())
    assert names > {"Boathouse", "Office5G", "Boat", "CafeOpen", "Attic", "Shed", "Cellar", "Camp"}
    assert not names & {"HomeNet", "Garage"}  # removed; not written


PRINTED = {
    "pass": "the boat's own key",
    "zbarimg": "QR-Code:WIFI:T:WPA;S:Garage;P:hunter24;;",
    "sudo": """[connection]
id=Cellar
type=wifi
[wifi]
ssid=Cellar
[wifi-security]
key-mgmt=wpa-psk
psk=hunter25""",
    "ssh": """package travelmate
config uplink
	option enabled '1'
	option device 'radio0'
	option ssid 'Camp'
package wireless
config wifi-device 'radio0'
	option band '2g'
config wifi-iface 'trm_uplink1'
	option device 'radio0'
	option network 'trm_wwan'
	option mode 'sta'
	option ssid 'Camp'
	option encryption 'psk2'
	option key 'hunter26'""",
}


BESIDE_A_SERVICE = """wifirelay run >log 2>&1 &
trap "kill $!" EXIT
until grep -qE "returned|online through" log; do sleep 0.1; done
wifirelay run --forget"""


@pytest.mark.dropbear
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", ROUTER)
def test_with_a_router(desk: Desk, tmp_path: Path, stack: ExitStack, page: str) -> None:
    served = stack.enter_context(checked(Served(tmp_path)))
    desk.router = f"127.0.0.1:{served.ssh().port}"
    desk.write(".config/wifirelay/config.yaml", home_net(f"ssh://root@{desk.router}"))
    desk.write("FILE", "0123456789abcdef0123456789abcdef\n")
    desk.type("wifirelay trust --yes")
    desk.instead |= {
        "--port 9797": f"--port {free_port()}",
        "* * * * *  ": "",
        "/var/lib/prometheus/node-exporter/": "",
        "wifirelay run --forget": BESIDE_A_SERVICE,
    }
    for line in here(page):
        if (page, line) not in SIMULATED:
            said = typed(desk, line)
            assert "has forgotten" in said or "--forget" not in line
    if page in ("places", "service"):
        assert served.router.interfaces.behind() is not None  # `run` leaves it as it is
    else:
        served.at_baseline()
    if page == "metrics":
        for name in ("PATH.prom", "wifirelay.prom"):
            assert "wifirelay_router_up 1" in (desk.home / name).read_text("utf-8")


def test_inputs_and_schedules_again(desk: Desk) -> None:
    python = shlex.quote(sys.executable)
    desk.instead["scripts/fuzz"] = f"PYTHONPATH={CHECKOUT} {python} -m tests.fuzzing"
    desk.instead["scripts/soak"] = f"cd {CHECKOUT}; {python} -m tests.laboratory"
    desk.write("FILE", "{}")
    for line in here("fuzzing"):
        assert "FILE: nothing" in typed(desk, line)
    for line in here("laboratory"):
        assert "all promises kept" in typed(desk, line)


@pytest.mark.dropbear
@pytest.mark.timeout(300)
def test_onto_a_router_and_off_it(desk: Desk, tmp_path: Path, stack: ExitStack) -> None:
    served = stack.enter_context(checked(Served(tmp_path, set_up=False, sentry=False)))
    desk.router = f"127.0.0.1:{served.ssh().port}"
    desk.type("wifirelay --router $R trust --yes")
    show, undo, add = here("installing")
    assert "/usr/bin/wifirelay" in typed(desk, show)
    assert not served.has("/usr/bin/wifirelay")
    desk.type(add, answers=[KEY])
    desk.type("wifirelay --router $R setup --yes")
    typed(desk, undo)
    assert not served.has("/usr/sbin/wifirelay-sentry")
    assert served.lab.wireless() == served.before


@pytest.mark.dropbear
@pytest.mark.timeout(300)
def test_many_routers(desk: Desk, tmp_path: Path, stack: ExitStack) -> None:
    """The list is the page's own, with other addresses, and no login but the router's empty one."""
    page = (CHECKOUT / "docs/many-routers.md").read_text("utf-8")
    block = re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S)[0]
    block = re.sub(r"^ *login: .*\n", "", block, flags=re.M)
    block = block.replace("ssid: Marina", "ssid: HomeNet")
    boats = []
    for name in ("10.0.0.11", "10.0.0.12"):
        (tmp_path / name).mkdir()
        boats.append(stack.enter_context(checked(Served(tmp_path / name))))
        block = block.replace(name, f"127.0.0.1:{boats[-1].ssh().port}")
    block = block.replace("cabin.example.org:2222", f"127.0.0.1:{boats[0].ssh().port}")
    desk.write(".config/wifirelay/config.yaml", block)
    desk.write(".secrets/marina", HOME_KEY)
    said = {line: typed(desk, line) for line in here("many-routers")}
    assert "2 of 2 routers done" in said["wifirelay --routers boats join"]
    for boat in boats:
        assert boat.router.interfaces.behind() is not None


# --- nothing is left out ---


def test_every_line_is_typed_or_named() -> None:
    """Here, with the examples (`sim:` on their pages), elsewhere, or not at all and why."""
    pages = {*ROUTER, "configuration", "fuzzing", "installing", "laboratory", "many-routers"}
    for page in PAGES:
        rest = here(page)
        if page in EXAMPLES:
            rest = [line for line in rest if "sim:" not in line]
        if page not in pages:
            rest = [line for line in rest if (page, line) not in SIMULATED]
            assert rest == [], page
        others = set(indented(page)) - set(PAGES[page])
        assert not [line for line in others if re.search(r"(^|[|;&(*] *)wifirelay [a-z-]", line)]
    assert sum(map(len, PAGES.values())) > 80 and len(SIMULATED) >= 9


def test_what_is_named_is_on_a_page_and_its_test_is_there() -> None:
    on_pages = {line for found in PAGES.values() for line in found}
    for table in (ELSEWHERE, UNTYPED, ANSWERS, EXITS):
        assert set(table) <= on_pages, set(table) - on_pages
    assert not set(ELSEWHERE) & set(UNTYPED)
    for place in ELSEWHERE.values():
        file, _, name = place.partition("::")
        assert f"def {name}(" in TESTS[file], place


def test_fenced_commands_are_played_as_well() -> None:
    for page in PAGES.keys() - EXAMPLES.keys():
        text = (CHECKOUT / f"docs/{page}.md").read_text("utf-8")
        count = len(re.findall(r"^```(?:sh|bash|shell|console)$", text, re.M))
        assert count == (1 if page == "hooks" else 0), page
    assert "def test_the_vpn_of_the_document(" in TESTS["test_hooks_service"]
