# SPDX-License-Identifier: GPL-2.0-or-later
"""`/metrics` of `wifirelay web`: who may read it, and what that token does not open."""

import http.client
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.shapes import Run, home, run, say
from tests.test_web_command import LIMIT, web
from tests.test_web_server import FILES, TOKEN, Recorder, Site
from wifirelay.errors import RouterAnswer
from wifirelay.values import Secret
from wifirelay.view.exposition import CONTENT_TYPE
from wifirelay.web.guard import HEADERS
from wifirelay.web.server import Server

__all__ = ["home", "run", "say"]

READER = "of-a-scraper-alone"


class Measured(Site):
    """A server with numbers, and the token of who may read them."""

    def __init__(self, text: Callable[[], str], reader: str | None) -> None:
        self.made = Recorder()
        self.server = Server(
            self.made,
            FILES,
            Secret(TOKEN),
            "127.0.0.1",
            0,
            metrics=text,
            reader=None if reader is None else Secret(reader),
        )
        self.server.start()
        self.host = f"127.0.0.1:{self.server.port}"

    def scrape(self, **headers: str | None) -> tuple[int, str, str]:
        """As Prometheus does: the Host that its configuration names, and no Origin."""
        answer, content = self.ask("GET", "/metrics", None, **headers)
        assert all(answer.headers[name] == value for name, value in HEADERS.items())
        return answer.status, answer.headers["Content-Type"], content.decode()


@pytest.fixture
def site() -> Iterator[Measured]:
    made = Measured(lambda: "x 1\n", READER)
    yield made
    made.server.stop()


@pytest.mark.parametrize("token", [READER, TOKEN])
def test_each_token_reads_the_numbers(site: Measured, token: str) -> None:
    assert site.scrape(Authorization=f"Bearer {token}") == (200, CONTENT_TYPE, "x 1\n")
    answer, _ = site.ask("GET", "/metrics?x=1", Authorization=f"Bearer {token}")
    assert answer.status == 200


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {}),
        (401, {"Authorization": "Bearer "}),
        (401, {"Authorization": f"Bearer {READER}x"}),
        (401, {"Authorization": f"Basic {READER}"}),
        (403, {"Authorization": f"Bearer {READER}", "Origin": "http://evil.example"}),
        (421, {"Authorization": f"Bearer {READER}", "Host": "evil.example:80"}),
    ],
)
def test_nobody_else_does(site: Measured, status: int, headers: dict[str, str | None]) -> None:
    found, kind, text = site.scrape(**headers)
    assert (found, kind) == (status, "application/json")
    assert READER not in text


def test_the_reader_s_token_steers_nothing(site: Measured) -> None:
    assert site.call("status", Authorization=f"Bearer {READER}")[0] == 401
    assert site.call("leave", Authorization=f"Bearer {READER}")[0] == 401
    assert site.made.calls == []


def test_without_a_reader_s_token_there_is_the_page_s_alone() -> None:
    made = Measured(lambda: "", None)
    assert made.scrape(Authorization=f"Bearer {TOKEN}")[0] == 200
    assert made.scrape(Authorization="Bearer ")[0] == made.scrape()[0] == 401
    made.server.stop()


def test_what_is_no_number_is_no_answer_to_a_scrape() -> None:
    def unknown() -> str:
        raise RouterAnswer("not known yet")

    def bug() -> str:
        raise ZeroDivisionError("with a secret in it")

    for made, status in ((Measured(unknown, READER), 503), (Measured(bug, READER), 500)):
        found, kind, text = made.scrape(Authorization=f"Bearer {READER}")
        assert (found, kind) == (status, "application/json")
        assert "secret" not in text
        made.server.stop()


def test_a_scrape_of_a_process(home: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{READER}\n")
    file.chmod(0o600)
    argv = ("--router", "sim:home")
    with web(*argv, extra=("--metrics-token", str(file))) as served:
        served.known("status")
        link = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=LIMIT)
        link.request("GET", "/metrics", headers={"Authorization": f"Bearer {READER}"})
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        assert (answer.status, answer.headers["Content-Type"]) == (200, CONTENT_TYPE)
        assert 'wifirelay_info{version="' in text
        assert "\nwifirelay_own_access_points_up 2\n" in text
        assert READER.encode() not in Path(f"/proc/{served.process.pid}/cmdline").read_bytes()


@pytest.mark.parametrize("content", [None, "", "short", "with a blank in the middle", "ä" * 20])
def test_files_that_hold_no_token(run: Run, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content)
    code, shape = run("--router", "sim:home", "web", "--metrics-token", str(path))
    assert code == 2
    assert shape["error"].startswith("--metrics-token: ")
    assert shape["hint"] == "make one: (umask 077; openssl rand -hex 24 >FILE)"


def test_a_file_that_others_can_read_is_said(home: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(READER)
    path.chmod(0o644)
    words = ["--router", "sim:home", "web", "--seconds", "0", "--metrics-token", str(path)]
    done = subprocess.run(
        [sys.executable, "-m", "wifirelay", *words],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=True,
    )
    assert f"warning: --metrics-token: {path} is open to others" in done.stderr
    assert READER not in done.stderr + done.stdout
