# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends one event to one web address: a program of its own, which its starter ends in time.

    python3 -IS post.py <<END
    URL
    TOKEN, or nothing
    BODY
    END

A process, because nothing else ends a name server that does not answer. It needs nothing of
wifirelay, and neither `http` nor `urllib`, which python3-light lacks. All that is not for every
eye comes on standard input; what went wrong is said in one line on standard output. One request,
one status line read: redirects are not followed, and no body is.
"""

import socket
import sys

CONNECT = 3.0  # seconds for each of a name's addresses: IPv6 is often there and leads nowhere
MOST = 256  # bytes of a status line


def request(host: str, path: str, token: str, body: str) -> bytes:
    """An HTTP/1.1 POST (RFC 9112); `host` with its port, where one was written."""
    lines = [
        f"POST {path or '/'} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: wifirelay",
        "Content-Type: application/json",
        f"Content-Length: {len(body.encode())}",
        "Connection: close",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", body]).encode()


def address(host: str, scheme: str) -> tuple[bytes, int]:
    """The name and the port to connect to. For a name as text Python loads its codec `idna`,
    which needs `unicodedata`: python3-light has none."""
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not name:
        name, port = host, ""
    return name.strip("[]").encode(), int(port or {"http": 80, "https": 443}[scheme])


def problem(answer: bytes) -> str:
    """What is wrong with an answer that begins so; empty when all is well."""
    words = answer.split(b"\r\n")[0].split(b" ")
    code = words[1].decode("latin-1") if len(words) > 1 else ""
    if not (answer.startswith(b"HTTP/1.") and len(code) == 3 and code.isascii() and code.isdigit()):
        return "answered what is not HTTP"
    if code.startswith("2"):
        return ""
    redirect = ": a redirect, which is not followed" if code.startswith("3") else ""
    return f"answered {code}{redirect}"


def post(url: str, token: str, body: str) -> str:
    """Send it; what went wrong."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    try:
        where = address(host, scheme)
        with socket.create_connection(where, CONNECT) as plain:  # type: ignore[arg-type] # bytes
            plain.settimeout(None)
            with encrypted(plain, host) if scheme == "https" else plain as stream:
                stream.sendall(request(host, slash + path, token, body))
                answer = b""
                while b"\r\n" not in answer and len(answer) < MOST:
                    data = stream.recv(MOST)
                    if not data:
                        break
                    answer += data
        return problem(answer)
    except socket.gaierror:
        return "its name is not found"
    except ImportError:
        return "needs Python's ssl: install the package python3-openssl"
    except (OSError, ValueError) as error:  # a wrong certificate is an OSError
        why = getattr(error, "verify_message", "") or getattr(error, "strerror", "")
        return f"cannot be told: {why or error or type(error).__name__}"


def encrypted(plain: socket.socket, host: str) -> socket.socket:
    """With a certificate that this machine trusts, for this name."""
    import ssl

    return ssl.create_default_context().wrap_socket(
        plain, server_hostname=address(host, "https")[0]
    )


def main() -> int:
    url, token, body = (line.rstrip("\n") for line in sys.stdin.read().split("\n", 2))
    wrong = post(url, token, body)
    if wrong:
        sys.stdout.write(wrong + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
