# SPDX-License-Identifier: GPL-2.0-or-later
"""Web addresses that are told: real servers on loopback, also slow, hanging, endless ones."""

import datetime
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from test_light import light

from tests.hooked import (
    HOME,
    LIMIT,
    Hooks,
    Server,
    answering,
    endless,
    endless_line,
    event,
    eventually,
    hook,
    line,
    server,
    silent,
    slow,
)
from wifirelay.service import post

TOKEN = "a-token-of-the-owner"
PATH_TOKEN = "T0/B0/a-secret-of-the-address"


def told(url: str, *, token: str = "", timeout: float = 10.0) -> list[str]:
    """What is complained of when this address is told of one event."""
    hooks = Hooks(hook(url=url, token=token, timeout=timeout))
    hooks.tell(event(ssid=HOME))
    hooks.end(LIMIT)
    return hooks.wrong


def test_it_is_sent_the_line_of_run_json() -> None:
    with server() as there:
        assert told(there.url("/a?b=c"), token=TOKEN) == []
    (request,) = there.requests
    head, _, body = request.partition(b"\r\n\r\n")
    first, *fields = head.decode().split("\r\n")
    assert first == "POST /a?b=c HTTP/1.1"
    assert body.decode() == line(event(ssid=HOME))
    assert json.loads(body)["network"] == "HomeNet"
    assert set(fields) == {
        f"Host: 127.0.0.1:{there.port}",
        "User-Agent: wifirelay",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        f"Authorization: Bearer {TOKEN}",
    }


def test_without_a_token_and_a_path() -> None:
    with server() as there:
        assert told(there.url("")) == []
    assert there.requests[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"Authorization" not in there.requests[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", "answered 500"),
        (b"HTTP/1.1 403 \x1b[31mForbidden\r\n\r\n", "answered 403"),
        (b"HTTP/1.0 404\r\n\r\n", "answered 404"),
        (b"SSH-2.0-dropbear\r\n", "answered what is not HTTP"),
        (b"HTTP/1.1 \xff\xfe\r\n\r\n", "answered what is not HTTP"),
        (b"", "answered what is not HTTP"),
    ],
)
def test_what_a_server_may_answer(answer: bytes, said: str) -> None:
    with server(answering(answer)) as there:
        assert told(there.url()) == [f"hook http://127.0.0.1:{there.port}: {said}"]


def test_redirects_are_not_followed() -> None:
    with server() as other:
        where = f"HTTP/1.1 302 Found\r\nLocation: {other.url()}\r\n\r\n".encode()
        with server(answering(where)) as there:
            (said,) = told(there.url(), token=TOKEN)
    assert said.endswith("answered 302")
    assert len(there.requests) == 1 and other.requests == []


@pytest.mark.parametrize("answer", [silent, slow])
def test_one_that_hangs_or_is_slow_ends_in_time(
    answer: Callable[[socket.socket], None],
) -> None:
    began = time.monotonic()
    with server(answer) as there:
        (said,) = told(there.url(), timeout=1.0)
        assert time.monotonic() - began < 4
    assert said.endswith("killed after 1 s")


@pytest.mark.parametrize(("answer", "good"), [(endless, True), (endless_line, False)])
def test_one_without_an_end_is_not_read(
    answer: Callable[[socket.socket], None], good: bool
) -> None:
    began = time.monotonic()
    with server(answer) as there:
        said = told(there.url())
    assert time.monotonic() - began < 5
    assert (said == []) is good


def test_a_server_that_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    (said,) = told(f"http://127.0.0.1:{port}/{PATH_TOKEN}")
    assert said == f"hook http://127.0.0.1:{port}: cannot be told: [Errno 111] Connection refused"


def test_a_name_that_is_not_there() -> None:
    (said,) = told(f"http://no-such-name.invalid/{PATH_TOKEN}")
    assert said.startswith("hook http://no-such-name.invalid: cannot be told: [Errno -")


def test_neither_address_nor_token_is_in_an_argument_or_a_variable() -> None:
    with server(silent) as there:
        hooks = Hooks(hook(url=there.url(f"/{PATH_TOKEN}"), token=TOKEN, timeout=60.0))
        hooks.tell(event())
        eventually(lambda: there.requests, "nothing was sent")
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        threads = list(Path("/proc/self/task").iterdir())
        children += [pid for each in threads for pid in (each / "children").read_text().split()]
        seen = "".join(
            Path(f"/proc/{pid}/{name}").read_text()
            for pid in set(children)
            if "post.py" in Path(f"/proc/{pid}/cmdline").read_text()  # none of another test
            for name in ("cmdline", "environ")
        )
        hooks.end()
    assert "post.py" in seen and "PATH=" in seen
    assert TOKEN in there.requests[0].decode() and PATH_TOKEN in there.requests[0].decode()
    for secret in (TOKEN, PATH_TOKEN, "127.0.0.1"):
        assert secret not in seen
    assert [each.partition("=")[0] for each in seen.split("\0") if "=" in each] == ["PATH"]


def send(url: str, **environment: str) -> str:
    """The program by itself; what it says."""
    done = subprocess.run(
        [sys.executable, "-IS", post.__file__],
        input=f"{url}\n\n{{}}\n",
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], **environment},
        timeout=LIMIT,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == (1 if done.stdout else 0)
    return done.stdout


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that signs itself, for this name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    try:
        names = [x509.IPAddress(ip_address(name))]
    except ValueError:
        names = [x509.DNSName(name)]  # type: ignore[list-item]
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert").write_bytes(made.public_bytes(pem))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key").write_bytes(key.private_bytes(pem, *plain))
    return folder / "cert", folder / "key"


def encrypting(cert: Path, key: Path) -> Callable[[socket.socket], socket.socket]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return lambda client: context.wrap_socket(client, server_side=True)


def test_https_with_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "127.0.0.1")
    with server(wrap=encrypting(cert, key)) as there:
        assert send(there.url(scheme="https"), SSL_CERT_FILE=str(cert)) == ""
    assert there.requests[0].startswith(b"POST /told HTTP/1.1\r\n")


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("elsewhere.example", True)])
def test_https_to_somebody_else_is_not_sent(tmp_path: Path, name: str, trusted: bool) -> None:
    cert, key = certificate(tmp_path, name)
    with server(wrap=encrypting(cert, key)) as there:
        trust = {"SSL_CERT_FILE": str(cert)} if trusted else {}
        said = send(there.url(scheme="https"), **trust)
    assert said.startswith("cannot be told: ")
    assert "self-signed" in said or "IP address mismatch" in said
    assert there.requests == []


def test_on_a_router_it_sends_without_tls_and_says_what_tls_needs() -> None:
    """In a bare interpreter with no more modules than python3-light has."""
    run = f"exec(open({post.__file__!r}).read())"

    def asked(there: Server, scheme: str) -> str:
        code = (
            f"import io\nsys.stdin = io.StringIO({there.url(scheme=scheme)!r} + '\\n\\n{{}}\\n')\n"
        )
        done = light(f"{code}__name__ = '__main__'\n{run}")
        assert done.stderr == ""
        return done.stdout

    with server() as there:
        assert asked(there, "http") == ""
        assert len(there.requests) == 1
        assert asked(there, "https") == "cannot be told: No module named 'ssl'"


def test_ipv6_and_a_name() -> None:
    with server() as there:
        assert send(f"http://localhost:{there.port}/x") == ""
    assert b"Host: localhost:" in there.requests[0]
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as closed:
        port = closed.getsockname()[1]
    assert "Connection refused" in send(f"http://[::1]:{port}/x")
    assert "Connection refused" in send("http://[::1]")  # port 80
    assert "65535" in send("http://localhost:65536") or "cannot" in send("http://localhost:65536")


@given(st.binary(max_size=300) | st.binary(max_size=20).map(b"HTTP/1.1 ".__add__))
def test_any_answer_is_good_or_has_a_reason(answer: bytes) -> None:
    ours, theirs = socket.socketpair()
    with pytest.MonkeyPatch.context() as patched, theirs:
        patched.setattr(socket, "create_connection", lambda *_: ours)
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        said = post.post("http://h/", "", "{}")
    ours.close()
    assert said.isprintable() and len(said) < 80
    assert said or answer.startswith(b"HTTP/1.")
