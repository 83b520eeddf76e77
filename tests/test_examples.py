# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages whose examples must hold: each section is typed into bash as it stands."""

from pathlib import Path

import pytest
from examples import Command, File, Section, matches, play, sections
from known import CHECKOUT

PAGES = {"cookbook": 10, "troubleshooting": 10, "python": 3}  # and how many examples at least
SECTIONS = [
    pytest.param(section, id=f"{page}: {section.title}")
    for page in PAGES
    for section in sections((CHECKOUT / "docs" / f"{page}.md").read_text("utf-8"))
]


@pytest.mark.parametrize("section", SECTIONS)
def test_the_example_does_what_the_page_says(section: Section, tmp_path: Path) -> None:
    wrong = play(section, tmp_path, CHECKOUT)
    assert not wrong, "\n\n".join(wrong)


def test_there_are_examples_on_every_page() -> None:
    for page, least in PAGES.items():
        found = list(sections((CHECKOUT / "docs" / f"{page}.md").read_text("utf-8")))
        assert sum(len(section.commands) for section in found) >= least, page


def test_every_line_that_names_a_simulated_router_is_run() -> None:
    for page in PAGES:
        text = (CHECKOUT / "docs" / f"{page}.md").read_text("utf-8")
        run = [each.line for section in sections(text) for each in section.commands]
        for line in text.splitlines():
            command = line.removeprefix("$ ").strip()
            if command.startswith("wifirelay ") and "sim:" in command:
                assert command in run


# --- the runner itself ---

PAGE = """# A page

    not for us

## One

```yaml
# a.yaml
networks: []
```

```console
$ cat a.yaml; echo two
# a.yaml
...
two
$ false    # exit 1
```

    echo sim:home   # as it is

## Without

```sh
rm -rf /
```
"""


def test_a_page_is_files_and_commands() -> None:
    (one,) = sections(PAGE)
    assert one.title == "One"
    assert one.parts == (
        File("a.yaml", "# a.yaml\nnetworks: []\n"),
        Command("cat a.yaml; echo two", 0, ("# a.yaml", "...", "two")),
        Command("false    # exit 1", 1, ()),
        Command("echo sim:home   # as it is", 0, None),
    )


def test_what_holds_is_quiet_and_what_does_not_is_told(tmp_path: Path) -> None:
    (one,) = sections(PAGE)
    assert play(one, tmp_path / "good", CHECKOUT) == []
    (other,) = sections(PAGE.replace("\ntwo\n", "\nthree\n").replace("# exit 1", "# exit 3"))
    wrong = play(other, tmp_path / "bad", CHECKOUT)
    assert [each.splitlines()[0] for each in wrong] == [
        "$ cat a.yaml; echo two",
        "$ false    # exit 3",
    ]
    assert "exit 1, not 3" in wrong[1]


@pytest.mark.parametrize(
    ("shown", "printed", "good"),
    [
        ("", "", True),
        ("", "a", False),
        ("a", "a", True),
        ("a", "a b", False),
        ("a ...", "a b c", True),
        ("a ...", "a", True),
        ("... c", "a b c", True),
        ("... b", "a b c", False),
        ("a ... c", "a c", True),
        ("... b ... d", "a b c d", True),
        ("... d ... b", "a b c d", False),
    ],
)
def test_lines_are_matched(shown: str, printed: str, *, good: bool) -> None:
    assert matches(shown.split(), printed.split()) is good
