# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends one event to one web address: a program of its own, which its starter ends in time.

    printf '%s\\n' URL TOKEN BODY | python3 -IS post.py

A process, because nothing else ends a name server that does not answer. It needs nothing of
wifirelay, and neither `http` nor `urllib`, which python3-light lacks. All that is not for every
eye comes on standard input; what went wrong is said in one line on standard output. One request
(RFC 9112), one status line read: redirects are not followed, and no body is.
"""

import socket
import sys

CONNECT = 3.0  # seconds for each of a name's addresses: IPv6 is often there and leads nowhere


def post(url: str, token: str, body: str) -> str:
    """Send it; what went wrong."""
    scheme, _, host, *path = url.split("/", 3)
    name, _, port = host.partition("]:" if "]" in host else ":")
    # As bytes: for a text Python loads its codec `idna`, and python3-light lacks `unicodedata`.
    where = name.strip("[]").encode(), int(port or (443 if scheme == "https:" else 80))
    mark = f"Authorization: Bearer {token}\r\n" if token else ""
    text = (
        f"POST /{''.join(path)} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: wifirelay\r\n{mark}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n\r\n{body}"
    )
    try:
        stream = socket.create_connection(where, CONNECT)  # type: ignore[arg-type] # bytes
        stream.settimeout(None)
        if scheme == "https:":
            import ssl

            context = ssl.create_default_context()
            stream = context.wrap_socket(stream, server_hostname=where[0])
        stream.sendall(text.encode())
        answer = stream.makefile("rb").readline(99)
    except (OSError, ImportError, OverflowError) as error:  # a wrong certificate is an OSError
        return f"cannot be told: {error}"
    code = answer[9:13].strip()
    if not answer.startswith(b"HTTP/1.") or len(code) != 3 or not code.isdigit():
        return "answered what is not HTTP"
    return "" if code[:1] == b"2" else f"answered {code.decode()}"


if __name__ == "__main__":
    wrong = post(*sys.stdin.read().split("\n")[:3])
    print(wrong, end="", file=sys.stdout)
    sys.exit(bool(wrong))
