# SPDX-License-Identifier: GPL-2.0-or-later
"""A login page's API as a real HTTPS server on loopback, asked by real programs under busybox ash.

`uclient-fetch` is not in Debian: curl stands in for it, told to say what the real one says.
"""

import glob
import http.server
import shutil
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.test_hooks_post import certificate
from wifirelay.change.captive import session_of, with_session
from wifirelay.router.verdict import Internet, Session, Verdict
from wifirelay.transport.local import LocalTransport

NAME = "api.train.example"
PAGE = "https://login.train.example/"
GOOD = b'{"captive": true, "user-portal-url": "https://login.train.example/", "x": 1}'
DOWN = Internet(Verdict.OFFLINE, "no probe page answers")

# Debian's busybox ash takes its own wget for wget, which OpenWrt's has not.
_SH = """#!{busybox} ash
text=$2
shift 2
exec {busybox} ash -c '{functions}
'"$text" "$@"
"""
_UCLIENT = """#!{busybox} ash
[ $# -gt 0 ] || {{ echo "Usage: uclient-fetch [options] <URL>" "{option}" >&2; exit 1; }}
while [ $# -gt 1 ]; do
	case $1 in --header=*) set -- "$@" ; header=${{1#*=}} ;; esac
	shift
done
{curl} -fsSL -H "${{header-Accept: */*}}" "$1"
case $? in 0) exit 0 ;; 22) exit 8 ;; 60) exit 5 ;; *) exit 4 ;; esac
"""


@dataclass
class Api:
    """A login page's API, and the router that asks it."""

    root: Path
    programs: Path
    port: int = 0
    body: bytes = GOOD
    code: int = 200
    endless: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def digits(self) -> str:
        return self.url.encode().hex()

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}/captive?visitor=1"

    def has(self, program: str, option: str = "--header='Header: value'") -> None:
        """This program, and no other that could ask."""
        for path in self.programs.iterdir():
            path.unlink()
        busybox, curl, wget = (shutil.which(name) for name in ("busybox", "curl", "wget"))
        assert busybox and curl and wget, "busybox, curl or wget is not installed"
        functions = f'wget() {{ {wget} "$@"; }}' if program == "wget" else ":"
        self._put("sh", _SH.format(busybox=busybox, functions=functions))
        if program == "curl":
            (self.programs / "curl").symlink_to(curl)
        elif program == "uclient-fetch":
            text = _UCLIENT.format(busybox=busybox, curl=curl, option=option)
            self._put("uclient-fetch", text)
            library = self.root / "lib/libustream-ssl.so"
            library.parent.mkdir(exist_ok=True)
            library.touch()

    def _put(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def session(self) -> Session:
        found = session_of(LocalTransport(), self.digits, "lo")
        assert found is not None
        return found


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for folder in ("root/etc/ssl/certs", "programs", "tls"):
        (tmp_path / folder).mkdir(parents=True)
    made = Api(tmp_path / "root", tmp_path / "programs")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, self.headers.get("Accept")))
            self.send_response(made.code)
            if made.code in (301, 302):
                self.send_header("Location", f"{made.url}&again")
            if not made.endless:
                self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)
            while made.endless:
                try:
                    self.wfile.write(b" " * 65536)
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            pass

    cert, key = certificate(tmp_path / "tls", NAME)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
    made.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    trusted = made.root / "etc/ssl/certs/ca-certificates.crt"
    trusted.write_bytes(cert.read_bytes())
    (made.root / "etc/ssl/cert.pem").symlink_to(trusted)
    (tmp_path / "wgetrc").write_text(f"ca_certificate = {trusted}\n")
    (tmp_path / "hosts").write_text(f"127.0.0.1 {NAME} other.example\n")
    (wrapper,) = glob.glob("/usr/lib/*/libnss_wrapper.so")
    for name, value in {
        "PATH": str(made.programs),
        "WIFIRELAY_ROOT": str(made.root),
        "CURL_CA_BUNDLE": str(trusted),
        "WGETRC": str(tmp_path / "wgetrc"),
        "LD_PRELOAD": wrapper,
        "NSS_WRAPPER_HOSTS": str(tmp_path / "hosts"),
    }.items():
        monkeypatch.setenv(name, value)
    programs = PATHS.copy()
    monkeypatch.setattr(shutil, "which", programs.get)
    yield made
    server.shutdown()
    server.server_close()


PATHS = {name: shutil.which(name) for name in ("busybox", "curl", "wget")}
PROGRAMS = ["curl", "wget", "uclient-fetch"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_asks_it_by_tls_and_says_what_it_wants(api: Api, program: str) -> None:
    api.has(program)
    assert api.session() == Session("", True, PAGE)
    assert api.asked == [("/captive?visitor=1", "application/captive+json")]
    found = with_session(LocalTransport(), DOWN, api.digits, "lo")
    assert (found.verdict, found.portal) == (Verdict.PORTAL, PAGE)


def test_an_older_uclient_fetch_asks_without_that_header(api: Api) -> None:
    api.has("uclient-fetch", option="--timeout=N")
    assert api.session() == Session("", True, PAGE)
    assert api.asked == [("/captive?visitor=1", "*/*")]


@pytest.mark.parametrize("program", PROGRAMS)
def test_who_cannot_prove_its_name_is_not_believed(api: Api, program: str) -> None:
    api.has(program)
    other = api.url.replace(NAME, "other.example").encode().hex()
    found = session_of(LocalTransport(), other, "lo")
    assert found == Session("its certificate is not trusted")
    assert api.asked == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_error_is_no_answer(api: Api, program: str) -> None:
    api.has(program)
    api.code = 404
    assert api.session() == Session("it answers with an error")


@pytest.mark.parametrize("program", ["curl", "wget"])
def test_a_redirect_is_not_followed(api: Api, program: str) -> None:
    api.has(program)
    api.code, api.body = 302, b""
    assert api.session().why
    assert len(api.asked) == 1


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("body", [b"", b"<html>log in</html>", b"[" * 9000, b'{"captive": 1}'])
def test_what_is_no_such_answer_is_told(api: Api, program: str, body: bytes) -> None:
    api.has(program)
    api.body = body
    assert api.session().why.startswith("what it answers ")


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_answer_without_an_end_is_ended(api: Api, program: str) -> None:
    api.has(program)
    api.endless = True
    assert api.session() == Session("what it answers is too long")


def test_nobody_there_is_told(api: Api) -> None:
    api.has("curl")
    gone = f"https://{NAME}:9/".encode().hex()
    found = session_of(LocalTransport(), gone, "lo")
    assert found is not None and found.why.startswith("it does not answer")


def test_a_router_that_cannot_ask_says_what_is_missing(api: Api) -> None:
    api.has("nothing")
    assert "libustream-mbedtls" in api.session().why
    api.has("uclient-fetch")
    (api.root / "lib/libustream-ssl.so").unlink()
    assert "libustream-mbedtls" in api.session().why
    (api.root / "lib/libustream-ssl.so").touch()
    (api.root / "etc/ssl/certs/ca-certificates.crt").write_text("")
    assert "ca-bundle" in api.session().why
    assert api.asked == []


# As `ca-bundle` has it, whose cert.pem is a link to its own, and `ca-certificates`.
STORES = {"bundle": "certs/ca-certificates.crt", "link": "cert.pem"}
STORES |= {"single": "certs/ISRG_Root_X1.crt", "hash": "certs/4042bcee.0"}
READ = {"curl": {"bundle"}, "uclient-fetch": {"bundle", "single"}, "wget": {"link", "hash"}}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("store", STORES)
def test_certificates_count_where_the_program_reads_them(
    api: Api, program: str, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The programs of this machine are told where they are: who asks in vain is seen by that."""
    api.has(program)
    here = api.root / "etc/ssl"
    (here / "cert.pem").unlink()
    (here / "certs/ca-certificates.crt").rename(here / STORES[store])
    (here.parents[2] / "wgetrc").write_text(f"ca_certificate = {here / STORES[store]}\n")
    monkeypatch.setenv("CURL_CA_BUNDLE", str(here / STORES[store]))
    found = api.session()
    if store in READ[program]:
        assert found.captive
    else:
        assert "ca-bundle" in found.why
        assert api.asked == []


def test_a_program_that_finds_no_certificates_leaves_it_to_another(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.has("uclient-fetch")
    api._put("curl", "#!/bin/sh\nexit 77\n")
    bundle = api.root / "etc/ssl/certs/ca-certificates.crt"
    assert "exit code 77" in api.session().why
    single = bundle.rename(bundle.with_name("ISRG_Root_X1.crt"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(single))
    assert api.session().captive
