# SPDX-License-Identifier: GPL-2.0-or-later
"""Secrets out of what a router answered: every value of a secret option becomes `***`.

Knows the forms in which routers show options: ubus's JSON (also inside a log line, or cut
in half), `uci show`, `changes`, `export`, `get` and `batch`, wpa_supplicant's own files;
and the secrets that the caller knows literally. It changes nothing else, so that
formatting and repeated keys of a recording stay as the router sent them.
"""

import json
import re
from collections.abc import Iterable, Sequence

from wifirelay.values import Secret

MASK = "***"

# Option names of OpenWrt (wifi-iface, interface protocols, wireguard, RADIUS) and of
# wpa_supplicant. `identity` names a person, and is for anonymous recordings.
_NAME = (
    r"(?:key[0-9]*|login_form|psk|wpa_psk|private_key|preshared_key|pin|pincode|wps_pin|r0kh|r1kh"
    r"|(?:[a-z0-9]+_)*(?:password|passwd|passphrase|pwd|secret)[0-9]?)"
)
# All repetitions are possessive (`*+`): none needs to give back what it has, and a text of a
# megabyte would take a hundred of memory to remember how it could.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'  # JSON's; it may be cut off at the end

# "key": "...", and a list or a number in its place
_JSON_MEMBER = re.compile(
    rf'("{_NAME}"\s*:\s*)(?:{_STRING}|\[(?:{_STRING}|[^"\]])*+(?:\]|\Z)|[^\s",\]}}{{\[]+)',
    re.DOTALL,
)
# ["set", "wifirelay", "key", "..."], as `ubus call uci changes` lists staged edits
_JSON_CHANGE = re.compile(
    rf'(\[\s*"[a-z_-]+"\s*,\s*{_STRING}\s*,\s*"{_NAME}"\s*,\s*)(?:{_STRING}|[^\s",\]]+)',
    re.DOTALL,
)
# One word of UCI: pieces quoted in either way, escapes, bare characters; over lines too
_WORD = r"(?:'[^']*(?:'|\Z)|\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|\\.|[^\s'\"\\;])++"
# wireless.x.key='...' (show, changes, batch), a list's further words included; in a batch
# the whole word may be quoted: set 'wireless.x.key=...'
_PATH = rf"[\w-]++\.[\w@\[\]-]++\.{_NAME}[+|]?="
_UCI_SET = re.compile(
    rf"('{_PATH})[^']*(?:'|\Z)(?:{_WORD})?"
    rf"|(\"{_PATH})(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)(?:{_WORD})?"
    rf"|((?<![\w-]){_PATH}){_WORD}(?:[ \t]+(?='){_WORD})*",
    re.DOTALL,
)
# option key '...' (export, and the files themselves)
_UCI_OPTION = re.compile(rf"(\b(?:option|list)[ \t]+(['\"]?){_NAME}\2[ \t]+){_WORD}", re.DOTALL)
# psk="...", as in wpa_supplicant's and hostapd's files and logs
_SUPPLICANT = re.compile(
    rf"(?m)^([ \t]*(?:{_NAME}|wep_key[0-3]|sae_password|wpa_passphrase)=)(?!\*\*\*$)[^\n]+"
)
_SECRET_NAME = re.compile(_NAME + r"\Z")


class Masker:
    """Masks the values of secret options, and these literal secrets wherever they occur."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret.reveal())}
        patterns = [_literal(form) for form in sorted(forms, key=len, reverse=True)]
        self._literals = re.compile("|".join(patterns)) if patterns else None

    def text(self, text: str) -> str:
        """Any text: output, errors, standard input, a word of a command."""
        if self._literals is not None:
            text = self._literals.sub(MASK, text)
        text = _JSON_MEMBER.sub(rf'\1"{MASK}"', text)
        text = _JSON_CHANGE.sub(rf'\1"{MASK}"', text)
        text = _UCI_SET.sub(_masked_set, text)
        text = _UCI_OPTION.sub(rf"\1'{MASK}'", text)
        return _SUPPLICANT.sub(rf"\1{MASK}", text)

    def output(self, argv: Sequence[str], text: str) -> str:
        """A command's output, which may be a secret's bare value."""
        if text.strip() and _asks_for_secret(argv):
            return _bare(text)
        return self.text(text)


def _masked_set(match: re.Match[str]) -> str:
    single, double, bare = match.groups()
    if bare is not None:
        return f"{bare}'{MASK}'"
    return f"{single}{MASK}'" if single is not None else f'{double}{MASK}"'


def _asks_for_secret(argv: Sequence[str]) -> bool:
    """`uci get wireless.x.key`, or ubus's `uci get` with `"option": "key"`."""
    if argv[:1] == ("uci",) or argv[:1] == ["uci"]:
        return "get" in argv and bool(_SECRET_NAME.match(argv[-1].rpartition(".")[2]))
    if "uci" in argv and argv[-1].startswith("{"):
        try:
            option = json.loads(argv[-1]).get("option")
        except (ValueError, RecursionError):
            return False
        return isinstance(option, str) and bool(_SECRET_NAME.match(option))
    return False


def _bare(text: str) -> str:
    masked = re.sub(rf'("values?"\s*:\s*){_STRING}', rf'\1"{MASK}"', text, flags=re.DOTALL)
    return masked if masked != text else MASK + "\n"


def _forms(text: str) -> set[str]:
    """A secret as the router's programs may print it: in JSON, in UCI's two quotings."""
    if not text:
        return set()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        text.replace("'", "'\\''"),
        escaped,
    }


def _literal(form: str) -> str:
    """A pattern for one form. Short or numeric ones would hit innocent text: a whole number
    is matched among no other digits, and fewer than four characters only in quotes."""
    pattern = re.escape(form)
    if len(form) < 4:
        return rf"(?<=[\"']){pattern}(?=[\"'])"
    return rf"(?<![0-9]){pattern}(?![0-9])" if form.isdigit() else pattern
