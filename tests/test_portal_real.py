# SPDX-License-Identifier: GPL-2.0-or-later
"""Login pages on this machine: a real HTTP server plays one, and the real dnsmasq serves names.

`uclient-fetch` is not in Debian: curl stands in for it, told to say what the real one says.
"""

import http.server
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from wifirelay.change.portal import log_in
from wifirelay.change.scripts import Exit, script
from wifirelay.core.known import PortalLogin
from wifirelay.router import internet
from wifirelay.router.internet import Probe, probe
from wifirelay.router.verdict import Verdict
from wifirelay.transport.local import LocalTransport
from wifirelay.values import Secret, Ssid

FORM = "user=anna&password=hunter2hunter2"
BODY = b"success"
UCLIENT = """#!/bin/sh
# What uclient-fetch does, and says without -q, by curl.
quiet='' form='' limit=30
for word; do last=$word; done
while [ $# -gt 1 ]; do
	case $1 in
	-q) quiet=1 ;;
	-T) limit=$2; shift ;;
	-O) shift ;;
	--post-file=*) form=${1#*=} ;;
	esac
	shift
done
says=$(mktemp)
curl --silent --location --fail --max-time "$limit" ${form:+--data-binary "@$form"} \\
	--write-out '%{stderr}%{num_redirects} %{url_effective}\\n' "$last" 2>"$says"
rc=$?
read -r redirects url <"$says"
rm -f "$says"
rest=${url#*://}
[ "$quiet" ] || [ "${redirects:-0}" = 0 ] || echo "Redirected to /${rest#*/} on ${rest%%/*}" >&2
case $rc in 0) exit 0 ;; 22) exit 8 ;; *) exit 4 ;; esac
"""


@dataclass
class Camp:
    """A network's login page: who has sent the right form gets to the page that was asked for."""

    port: int = 0
    passed: bool = False
    how: str = "redirect"
    forms: list[str] = field(default_factory=list)

    @property
    def page(self) -> Probe:
        return Probe(f"http://127.0.0.1:{self.port}/success.txt", BODY)

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.command == "POST":
            length = int(handler.headers.get("Content-Length") or 0)
            self.forms.append(handler.rfile.read(length).decode())
            self.passed = self.passed or self.forms[-1] == FORM
            return self._send(handler, 200, b"thank you")
        if handler.path == "/success.txt" and self.passed:
            return self._send(handler, 200, BODY + b"\n")
        if handler.path.startswith("/login"):
            return self._send(handler, 200, b"<html><form>room number?</form></html>")
        if self.how == "redirect":
            return self._send(handler, 302, b"", Location=f"http://127.0.0.1:{self.port}/login?a=1")
        if self.how == "meta":
            page = b'<meta http-equiv="refresh" content="0; url=/login?b=2">'
            return self._send(handler, 200, page)
        if self.how == "error":
            return self._send(handler, 511, b"Network Authentication Required")
        return self._send(handler, 200, b"<html>log in here</html>")

    def _send(
        self, handler: http.server.BaseHTTPRequestHandler, code: int, body: bytes, **more: str
    ) -> None:
        handler.send_response(code)
        for name, value in more.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def camp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Camp]:
    made = Camp()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "uclient-fetch").write_text(UCLIENT)
    (programs / "uclient-fetch").chmod(0o755)
    root = tmp_path / "root"
    (root / "proc/sys/kernel/random").mkdir(parents=True)
    (root / "proc/uptime").write_text("100.00 100.00\n")
    (root / "proc/sys/kernel/random/boot_id").write_text("x\n")
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("WIFIRELAY_ROOT", str(root))
    monkeypatch.setattr(internet, "PROBES", (made.page,))
    yield made
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("how", "url"),
    [
        ("redirect", "/login?a=1"),
        ("meta", "/login?b=2"),
        ("error", "/success.txt"),
        ("in its place", "/success.txt"),
    ],
)
def test_each_kind_of_login_page_is_found(camp: Camp, how: str, url: str) -> None:
    camp.how = how
    found = probe(LocalTransport(), "lo", ())
    assert found.verdict is Verdict.PORTAL
    assert found.portal == f"http://127.0.0.1:{camp.port}{url}"
    camp.passed = True
    assert probe(LocalTransport(), "lo", ()).verdict is Verdict.ONLINE


def test_a_form_is_sent_and_lets_through(camp: Camp, tmp_path: Path) -> None:
    found = probe(LocalTransport(), "lo", ())
    wrong = PortalLogin(form=Secret("user=anna&password=wrong"))
    right = PortalLogin(form=Secret(FORM))
    for login, verdict in ((wrong, Verdict.PORTAL), (right, Verdict.ONLINE)):
        assert log_in(LocalTransport(), login, found.portal, Ssid.of("Camp"), "lo") is None
        assert probe(LocalTransport(), "lo", ()).verdict is verdict
    assert camp.forms == ["user=anna&password=wrong", FORM]
    assert not list((tmp_path / "root/var/run/wifirelay").iterdir())


def test_a_form_that_cannot_be_sent_is_told(camp: Camp) -> None:
    login = PortalLogin(url="http://127.0.0.1:9/", form=Secret(FORM))
    failed = log_in(LocalTransport(), login, camp.page.url, Ssid.of("Camp"), "lo")
    assert failed == "the form could not be sent (exit code 4)"


# --- names, with the real dnsmasq ---


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe_socket:
        probe_socket.bind(("127.0.0.1", 0))
        return int(probe_socket.getsockname()[1])


def ask(port: int, name: str) -> bytes | None:
    """The address in the answer for a name, as a client gets it; None: none."""
    question = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
    packet = b"\x12\x34\x01\x00\x00\x01\0\0\0\0\0\0" + question + b"\0\x01\0\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(("127.0.0.1", port))  # so that a closed port answers at once
        client.send(packet)
        answer = client.recv(512)
    return answer[-4:] if answer[7] else None


class Dns:
    """A dnsmasq; one that is an upstream says `address` for every name."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        program = shutil.which("dnsmasq") or "/usr/sbin/dnsmasq"
        assert Path(program).exists(), "dnsmasq-base is not installed"
        self._process = subprocess.Popen(
            [
                *(program, "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts"),
                *("--no-resolv", "--listen-address=127.0.0.1", "--bind-interfaces", "--user="),
                *(f"--port={self.port}", f"--pid-file={folder}/{self.port}.pid", *options),
            ],
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while True:
            try:
                ask(self.port, "up.example")
                return
            except OSError:
                assert self._process.poll() is None, "dnsmasq did not start"
                assert time.monotonic() < end

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


NAME = "login.camp.example"


def test_clients_of_a_real_dnsmasq_get_the_pages_address_and_no_other_private_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    additions = root / "tmp/dnsmasq.cfg01411c.d"
    for folder in (additions, root / "proc/sys/kernel/random", root / "etc/init.d"):
        folder.mkdir(parents=True)
    (root / "proc/uptime").write_text("100.00 100.00\n")
    (root / "proc/sys/kernel/random/boot_id").write_text("x\n")
    monkeypatch.setenv("WIFIRELAY_ROOT", str(root))
    upstream = Dns(tmp_path, "--address=/#/10.20.0.1")

    def ours() -> dict[str, bytes | None]:
        dns = Dns(
            tmp_path,
            *("--stop-dns-rebind", "--rebind-localhost-ok", f"--conf-dir={additions}"),
            f"--server=127.0.0.1#{upstream.port}",
        )
        try:
            return {name: ask(dns.port, name) for name in (NAME, f"x.{NAME}", "other.example")}
        finally:
            dns.close()

    def portal(*words: str) -> int:
        # There is no init script here: 127 is its absence, after the file was put.
        return LocalTransport().run(script("portal", *words)).rc

    try:
        assert set(ours().values()) == {None}
        assert portal("open", NAME, "10.20.0.1") == 127
        assert ours() == {NAME: bytes([10, 20, 0, 1]), f"x.{NAME}": None, "other.example": None}
        assert portal("open", NAME, "10.20.0.1") == Exit.DONE  # nothing is new
        assert portal("close") == 127
        assert portal("close") == Exit.DONE
        assert not list(additions.iterdir())
        assert set(ours().values()) == {None}
    finally:
        upstream.close()
