# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated `uci` against what the real one did, and against a lab router's answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from wifirelay.sim.uci import Code, UciError, UciFolders, load, staged, uci

DATA = Path(__file__).parent / "data"
CASES = [json.loads(line) for line in (DATA / "uci.jsonl").read_text("utf-8").splitlines()]
LEFT_OUT: dict[str, str] = {}  # name of a case -> why it is not reproduced
RECORDINGS = sorted((DATA / "recordings").glob("*.jsonl"))
WIRELESS = CASES[0]["config"]["wireless"]


def put(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))


def contents(folder: Path) -> dict[str, str]:
    if not folder.exists():
        return {}
    return {
        path.name: path.read_bytes().decode("utf-8", "surrogateescape") for path in folder.iterdir()
    }


@pytest.fixture
def folders(tmp_path: Path) -> UciFolders:
    put(tmp_path / "etc/config", {"wireless": WIRELESS})
    (tmp_path / "tmp").mkdir()
    return UciFolders(str(tmp_path / "etc/config"), str(tmp_path / "tmp/.uci"), root=str(tmp_path))


def run(folders: UciFolders, *argv: str, stdin: str = "") -> tuple[int, str, str]:
    done = uci(argv, stdin.encode("utf-8", "surrogateescape"), folders)
    return done.rc, done.text, done.errors


def file_of(folders: UciFolders, package: str = "wireless") -> Path:
    return Path(folders.config) / package


def staged_of(folders: UciFolders, package: str = "wireless") -> str:
    return contents(Path(folders.save)).get(package, "")


# --- what the real uci did ---


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_does_what_the_real_one_did(
    case: dict[str, Any], tmp_path: Path, folders: UciFolders
) -> None:
    if case["name"] in LEFT_OUT:
        pytest.skip(LEFT_OUT[case["name"]])
    file_of(folders).unlink()
    put(Path(folders.config), case["config"])
    for step in case["steps"]:
        answer = run(folders, *step["argv"], stdin=step["stdin"] or "")
        assert answer == (step["rc"], step["stdout"], step["stderr"]), step["argv"]
    assert contents(Path(folders.config)) == case["files"]
    assert contents(Path(folders.save)) == case["staged"]


def test_every_case_left_out_exists() -> None:
    assert set(LEFT_OUT) <= {case["name"] for case in CASES}


# --- what a lab router answered ---


def recorded(path: Path) -> dict[tuple[str, ...], str]:
    """Command -> standard output, of one recording."""
    answers: dict[tuple[str, ...], str] = {}
    for line in path.read_bytes().decode("utf-8", "surrogateescape").splitlines():
        exchange = json.loads(line)
        if "argv" in exchange:
            answers.setdefault(tuple(exchange["argv"]), exchange["out"])
    return answers


def router(path: Path, folders: UciFolders) -> dict[tuple[str, ...], str]:
    """Put a recorded router's effective configuration into the folders."""
    answers = recorded(path)
    for package in ("wireless", "network"):
        text = answers["uci", "export", package]
        put(Path(folders.config), {package: text})
    for package in ("firewall", "dhcp"):
        values = json.loads(answers["ubus", "call", "uci", "get", f'{{"config":"{package}"}}'])
        put(Path(folders.config), {package: config_text(values["values"])})
    return answers


def config_text(values: dict[str, dict[str, Any]]) -> str:
    """A configuration file that means what `ubus call uci get` answered."""
    lines = []
    for section in values.values():
        name = "" if section[".anonymous"] else f" '{section['.name']}'"
        lines.append(f"config {section['.type']}{name}")
        for option, value in section.items():
            if isinstance(value, list):
                lines += [f"\tlist {option} '{item}'" for item in value]
            elif not option.startswith("."):
                lines.append(f"\toption {option} '{value}'")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("package", ["wireless", "network", "firewall", "dhcp"])
def test_loads_what_rpcd_answered(path: Path, package: str, folders: UciFolders) -> None:
    answers = router(path, folders)
    got = json.loads(answers["ubus", "call", "uci", "get", f'{{"config":"{package}"}}'])["values"]
    loaded = {
        section.name: {
            ".anonymous": section.anonymous,
            ".type": section.type,
            ".name": section.name,
            ".index": section.index,
            **section.options,
        }
        for section in load(package, folders).sections
    }
    assert [(name, list(section.items())) for name, section in loaded.items()] == [
        (name, list(section.items())) for name, section in got.items()
    ]


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_prints_what_the_lab_router_printed(path: Path, folders: UciFolders) -> None:
    answers = router(path, folders)
    for command, answer in answers.items():
        if command[:2] in (("uci", "show"), ("uci", "export")):
            assert run(folders, *command[1:]) == (0, answer, "")


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_lists_staged_edits_as_rpcd_does(path: Path, folders: UciFolders) -> None:
    """Baseline plus the recorded edits gives the recorded state, its order included."""
    router(RECORDINGS[0], folders)
    answers = recorded(path)
    edits = answers["uci", "changes"]
    run(folders, "batch", stdin="".join(f"set {line}\n" for line in edits.splitlines()))
    assert run(folders, "changes") == (0, edits, "")
    recorded_changes = json.loads(answers["ubus", "call", "uci", "changes", "{}"])["changes"]
    masked = {  # one recording hides a key in one answer and not in the other
        package: [[*change[:3], "***"] if change[2] == "key" else change for change in changes]
        for package, changes in recorded_changes.items()
    }
    assert staged(folders) == masked
    if edits:
        assert run(folders, "export", "wireless")[1] == answers["uci", "export", "wireless"]


# --- load and staged ---


def test_staged_has_every_kind_of_edit(folders: UciFolders) -> None:
    run(
        folders,
        "batch",
        stdin="""\
set wireless.wifirelay.ssid='a b'
delete wireless.wifirelay.disabled
delete wireless.default_radio0
add wireless wifi-iface
add_list wireless.wifirelay.l=1
add_list wireless.wifirelay.l=2
del_list wireless.wifirelay.l=1
rename wireless.wifirelay=relay
reorder wireless.relay=0
""",
    )
    assert staged(folders) == {
        "wireless": [
            ["set", "wifirelay", "ssid", "a b"],
            ["remove", "wifirelay", "disabled"],
            ["remove", "default_radio0"],
            ["add", "cfg043579", "wifi-iface"],
            ["list-add", "wifirelay", "l", "1"],
            ["list-add", "wifirelay", "l", "2"],
            ["list-del", "wifirelay", "l", "1"],
            ["rename", "wifirelay", "relay"],
            ["order", "relay", 0],
        ]
    }
    sections = load("wireless", folders).sections
    assert [(section.index, section.name, section.anonymous) for section in sections] == [
        (0, "relay", False),
        (1, "radio0", False),
        (2, "cfg043579", True),
    ]
    assert sections[0].options["l"] == ["2"]


def test_staged_passes_over_a_broken_package(folders: UciFolders) -> None:
    put(Path(folders.config), {"broken": "config 'x\n"})
    run(folders, "set", "wireless.wifirelay.ssid=x")
    assert list(staged(folders)) == ["wireless"]


def test_nothing_is_staged_in_empty_folders(tmp_path: Path) -> None:
    assert staged(UciFolders(str(tmp_path / "none"), str(tmp_path / "save"))) == {}


@pytest.mark.parametrize(("package", "code"), [("nope", Code.NOT_FOUND), ("broken", Code.PARSE)])
def test_load_says_why_it_cannot(package: str, code: Code, folders: UciFolders) -> None:
    put(Path(folders.config), {"broken": "config 'x\n"})
    with pytest.raises(UciError) as failure:
        load(package, folders)
    assert failure.value.code is code


def test_a_path_is_no_package(folders: UciFolders, tmp_path: Path) -> None:
    put(tmp_path, {"outside": "config x 'y'\n"})
    assert run(folders, "show", str(tmp_path / "outside"))[0] == 1
    assert run(folders, "add", str(tmp_path / "outside"), "x")[0] == Code.NOT_FOUND


def test_bytes_that_are_not_utf8_survive(folders: UciFolders) -> None:
    raw = bytes(byte for byte in range(256) if byte >= 32 or byte in b"\t\n\r")
    value = raw.decode("utf-8", "surrogateescape")
    quoted = value.replace("'", "'\\''")
    assert run(folders, "batch", stdin=f"set wireless.wifirelay.ssid='{quoted}'\n") == (0, "", "")
    run(folders, "commit", "wireless")
    section = load("wireless", folders).section("wifirelay")
    assert section is not None
    assert section.options["ssid"] == value


# --- commit ---


def test_commit_replaces_the_file_in_one_step(folders: UciFolders) -> None:
    file_of(folders).chmod(0o640)
    before = file_of(folders).stat()
    run(folders, "set", "wireless.wifirelay.ssid=x")
    assert run(folders, "commit", "wireless") == (0, "", "")
    after = file_of(folders).stat()
    assert after.st_ino != before.st_ino
    assert after.st_mode == before.st_mode
    assert list(contents(Path(folders.config))) == ["wireless"]


def test_commit_without_staged_edits_writes_nothing(folders: UciFolders) -> None:
    before = file_of(folders).stat()
    assert run(folders, "commit") == (0, "", "")
    after = file_of(folders).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def with_flash(
    folders: UciFolders, room: int | None = None, *, read_only: bool = False
) -> UciFolders:
    hook = None if room is None else lambda: room
    return UciFolders(folders.config, folders.save, hook, read_only=read_only)


def test_commit_on_a_full_flash_empties_the_file_and_says_nothing(folders: UciFolders) -> None:
    run(folders, "set", "wireless.wifirelay.ssid=x")
    assert run(with_flash(folders, 100), "commit", "wireless") == (0, "", "")
    assert file_of(folders).read_bytes() == b""
    assert staged_of(folders) == ""
    assert run(folders, "show", "wireless") == (0, "", "")


def test_commit_that_just_fits(folders: UciFolders) -> None:
    run(folders, "set", "wireless.wifirelay.ssid=x")
    size = len(run(folders, "export", "wireless")[1]) - len("package wireless\n")
    assert run(with_flash(folders, size), "commit", "wireless") == (0, "", "")
    assert file_of(folders).stat().st_size == size


def test_a_full_flash_harms_no_commit_that_has_nothing_to_write(folders: UciFolders) -> None:
    assert run(with_flash(folders, 0), "commit", "wireless") == (0, "", "")
    assert file_of(folders).read_text() == WIRELESS


def test_commit_on_a_read_only_flash_keeps_the_edits(folders: UciFolders) -> None:
    run(folders, "set", "wireless.wifirelay.ssid=x")
    flash = with_flash(folders, read_only=True)
    assert run(flash, "commit", "wireless") == (1, "", "uci: I/O error\n")
    assert file_of(folders).read_text() == WIRELESS
    assert staged_of(folders) == "wireless.wifirelay.ssid='x'\n"
    assert run(flash, "import", "wireless", stdin="config a 'b'\n")[0] == 1
    assert run(flash, "set", "wireless.wifirelay.ssid=y") == (0, "", "")


# --- corners that libuci's source shows and no case has ---


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("option x 1;option y 2", "w.a=t\nw.a.x='1'\n"),  # the `;` is swallowed with the rest
        ("option x '1';option y '2'", "w.a=t\nw.a.x='1'\nw.a.y='2'\n"),
        ("option x 1 ;option y 2", "w.a=t\nw.a.x='1'\nw.a.y='2'\n"),
        ("o x a\\\nb", "w.a=t\nw.a.x='ab'\n"),
        ('option x "a\\\nb"', "w.a=t\nw.a.x='ab'\n"),
        ("option x a#b", "w.a=t\nw.a.x='a'\n"),
        ("option x ''", "w.a=t\n"),
        ("option x 1\n\tlist x 2", "w.a=t\nw.a.x='1' '2'\n"),
        ("option x 1\n\toption y 2\n\toption x 3", "w.a=t\nw.a.x='3'\nw.a.y='2'\n"),
    ],
)
def test_reads(text: str, shown: str, folders: UciFolders) -> None:
    put(Path(folders.config), {"w": f"config t a\n\t{text}\n"})
    assert run(folders, "show", "w") == (0, shown, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("option x 1", "option/list command found before the first section) at line 0, byte 0"),
        ("config", "config without name) at line 0, byte 0"),
        ("config\n", "invalid command) at line 1, byte 0"),
        ("config \n", "insufficient arguments) at line 1, byte 8"),
        ("config a b c\n", "too many arguments) at line 1, byte 13"),
        ("config a b-c\n", "invalid character in name field) at line 1, byte 13"),
        ("\nnonsense here\n", "invalid command) at line 2, byte 0"),
        ('config "a\n', 'EOF with unterminated ") at line 1, byte 10'),
    ],
)
def test_refuses(text: str, reason: str, folders: UciFolders) -> None:
    put(Path(folders.config), {"w": text})
    assert run(folders, "show", "w") == (1, "", f"uci: Parse error ({reason}\n")


def test_without_strict_mode_bad_lines_are_passed_over(folders: UciFolders) -> None:
    put(Path(folders.config), {"w": "nonsense\nconfig t a\n"})
    complaint = "Parse error (invalid command) at line 1, byte 0\n"
    assert run(folders, "-S", "show", "w") == (0, "w.a=t\n", complaint)


def test_batch_refuses_four_words(folders: UciFolders) -> None:
    answer = run(folders, "batch", stdin="set a b c\nexit\nset wireless.wifirelay.ssid=x\n")
    assert answer == (0, "", "Too many arguments\n")
    assert staged_of(folders) == ""


def test_a_private_save_folder_merges_the_shared_edits(folders: UciFolders) -> None:
    run(folders, "set", "wireless.wifirelay.ssid=shared")
    run(folders, "-P", "/tmp/private", "set", "wireless.wifirelay.key=x")
    shown = run(folders, "-P", "/tmp/private", "changes")[1]
    assert shown == "wireless.wifirelay.ssid='shared'\nwireless.wifirelay.key='x'\n"
    assert staged_of(folders) == "wireless.wifirelay.ssid='shared'\n"


def test_a_staged_edit_of_what_is_gone_does_not_count(folders: UciFolders) -> None:
    put(Path(folders.save), {"wireless": "-wireless.nope\n"})
    assert run(folders, "changes") == (0, "-wireless.nope\n", "")
    run(folders, "commit", "wireless")
    assert file_of(folders).read_text() == WIRELESS
    assert staged_of(folders) == "-wireless.nope\n"


def test_a_rename_to_no_name_is_lost(folders: UciFolders) -> None:
    assert run(folders, "rename", "wireless.wifirelay=bad-name") == (0, "", "")
    assert run(folders, "changes") == (0, "", "")


def test_deletes_one_item_of_a_list(folders: UciFolders) -> None:
    run(folders, "batch", stdin="".join(f"add_list wireless.wifirelay.l={i}\n" for i in "abc"))
    assert run(folders, "delete", "wireless.wifirelay.l=1") == (0, "", "")
    assert run(folders, "get", "wireless.wifirelay.l") == (0, "a c\n", "")
    assert run(folders, "delete", "wireless.wifirelay.l=x") == (1, "", "")


def test_import_without_a_name_needs_a_package_line(folders: UciFolders) -> None:
    code, _, errors = run(folders, "import", stdin="config t a\n")
    assert code == 1
    assert "attempting to import a file without a package name" in errors
    run(folders, "import", stdin="package x-1\nconfig t a\npackage y\nconfig t b\n")
    assert run(folders, "show", "x-1")[1] == "x-1.a=t\n"
    assert run(folders, "show", "y")[1] == "y.b=t\n"


def test_flags_that_are_none(folders: UciFolders) -> None:
    code, out, errors = run(folders, "-z", "show")
    assert (code, out) == (0, "")
    assert errors.startswith("uci: unrecognized option: z\nUsage: uci ")
    assert run(folders, "-d")[2].startswith("uci: option requires an argument: d\n")


def test_input_from_a_file(folders: UciFolders, tmp_path: Path) -> None:
    put(tmp_path / "tmp", {"in": "set wireless.wifirelay.ssid=x\n"})
    assert run(folders, "-f", "/tmp/in", "batch") == (0, "", "")
    assert staged_of(folders) == "wireless.wifirelay.ssid='x'\n"
    assert run(folders, "-f", "/tmp/none", "batch") == (1, "", "uci: No such file or directory")
