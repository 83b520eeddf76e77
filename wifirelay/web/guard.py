# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may call the page's object: decided from a request's head alone, before its body is read.

Pure. The token proves that the caller was shown the page's address by its owner: no other user of
this machine, and no other site in the owner's browser, has it. It travels in a header that a
browser adds by itself to nobody's request (no cookie, so no cross-site request forgery). The name
that the browser believes to talk to must be an address or `localhost`: a stranger's name that
resolves to this machine (DNS rebinding) is refused, the page's own files included.
"""

import hmac
import ipaddress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from wifirelay.values import Secret

MOST_BODY = 4096  # bytes: a name and a key
_SCHEME = "Bearer "
_ONCE = ("Host", "Origin", "Authorization", "Content-Type", "Content-Length")

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Headers(Protocol):
    """A request's head: by name, in any case."""

    def get(self, name: str, default: str, /) -> str: ...

    def get_all(self, name: str, default: list[str], /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: HTTPStatus
    error: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """Of one server. `port` is the one that it listens on; `reader` a token that lets in to
    numbers alone."""

    token: Secret
    port: int
    reader: Secret | None = None

    def of_anybody(self, headers: Headers) -> Refusal | None:
        """Why nothing at all is answered, or None."""
        twice = any(len(headers.get_all(name, [])) > 1 for name in _ONCE)
        if twice or headers.get("Transfer-Encoding", ""):
            text = "a request says each thing once, and how long it is"
            return Refusal(HTTPStatus.BAD_REQUEST, text)
        if not own_name(headers.get("Host", ""), self.port):
            return Refusal(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this is not the address that `wifirelay web` printed",
                "open that one: names of other machines are refused",
            )
        return None

    def of_a_call(self, headers: Headers) -> Refusal | None:
        """Why a call of the object is not answered, or None."""
        refusal = self._of_a_holder(headers, self.token)
        if refusal is not None:
            return refusal
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a call's body is JSON")
        length = headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            return Refusal(HTTPStatus.LENGTH_REQUIRED, "a call says how long its body is")
        if len(length) > 9 or int(length) > MOST_BODY:
            text = f"a call's body has at most {MOST_BODY} bytes"
            return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
        return None

    def of_a_reading(self, headers: Headers) -> Refusal | None:
        """Why the numbers are not told, or None."""
        return self._of_a_holder(headers, *filter(None, (self.token, self.reader)))

    def _of_a_holder(self, headers: Headers, *tokens: Secret) -> Refusal | None:
        """Why this is nobody with one of these tokens, or None."""
        refusal = self.of_anybody(headers)
        if refusal is not None:
            return refusal
        host, origin = headers.get("Host", ""), headers.get("Origin", "")
        if origin and origin != f"http://{host}":
            return Refusal(HTTPStatus.FORBIDDEN, "another site's page may not do this")
        given = headers.get("Authorization", "").encode("latin-1", "replace")
        expected = [(_SCHEME + token.reveal()).encode() for token in tokens]
        if not any(hmac.compare_digest(given, each) for each in expected):
            return Refusal(
                HTTPStatus.UNAUTHORIZED,
                "the token is missing, or of an earlier `wifirelay web`",
                "open the address that it printed, with all that stands behind the #",
            )
        return None


def own_name(host: str, port: int) -> bool:
    """Whether a `Host` header is one that nobody's name service had a say in."""
    if port == 80 and not host.endswith(":80"):  # which browsers leave out
        host += ":80"
    name, separator, number = host.rpartition(":")
    if not separator or number != str(port):
        return False
    if name.lower() == "localhost":
        return True
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    try:
        version = ipaddress.ip_address(bare).version
    except ValueError:
        return False
    return (version == 6) is (bare != name)
