# SPDX-License-Identifier: GPL-2.0-or-later
"""The login of an enterprise network, whichever format told it.

Never weaker than it was: a login that checks the server by more than a CA's certificate is
refused, because wifirelay has no word for it.
"""

from collections.abc import Iterable

from wifirelay.config.network import PHASE2
from wifirelay.core.known import Eap
from wifirelay.imports.found import Unfit
from wifirelay.values import Secret, shown

METHODS = ("peap", "ttls", "tls")
_PLAIN = {"peap": ("MSCHAPV2",), "ttls": ("MSCHAPV2", "MSCHAP", "PAP", "CHAP")}


def login(
    methods: str,
    noted: list[str],
    *,
    identity: str | None,
    password: str | None = None,
    anonymous_identity: str | None = None,
    phase2: str | None = None,
    ca_cert: str | None = None,
    client_cert: str | None = None,
    priv_key: str | None = None,
    priv_key_password: str | None = None,
    here: bool = True,
) -> Eap:
    """The login; `methods` is the format's list of them, `phase2` as `inner` gives it.

    `here`: its certificates are files of the machine that the source is from, not of a router.
    Raises Unfit.
    """
    method = methods.strip().lower()
    if method not in METHODS:
        listed = ", ".join(METHODS)
        raise Unfit(f"its EAP method is {shown(method) or 'not said'}: possible is one of {listed}")
    if identity is None:
        raise Unfit("its login has no identity in there")
    tls = method == "tls"
    if tls:
        password = None  # some programs keep one all the same
    elif password is None:
        raise Unfit("its password is not in there")
    if phase2 is None and not tls:
        noted.append(f"its inner method is not said: {PHASE2}")
    paths = {
        "ca_cert": ca_cert,
        "client_cert": client_cert if tls else None,
        "priv_key": priv_key if tls else None,
    }
    for name, path in paths.items():
        if path is not None and not path.startswith("/"):
            raise Unfit(f"its {name} is no file with a full path")
        if path is not None and here:
            noted.append(f"{name}: copy {shown(path)} to the same path on the router")
    return Eap(
        method=method,
        identity=identity,
        password=None if password is None else Secret(password),
        anonymous_identity=anonymous_identity or None,
        phase2=PHASE2 if tls or phase2 is None else phase2,
        priv_key_password=Secret(priv_key_password) if tls and priv_key_password else None,
        **paths,
    )


def inner(method: str, word: str, *, eap: bool = False) -> str:
    """The method inside of the tunnel by UCI's word: `EAP-` before those that are EAP's own."""
    method, word = method.strip().lower(), word.strip().upper()
    if word.startswith("EAP-"):
        word, eap = word.removeprefix("EAP-"), True
    plain = word in _PLAIN.get(method, ()) and not (eap and method == "ttls")
    return word if plain else f"EAP-{word}"


def refuse_checks(names: Iterable[str]) -> None:
    """Raises Unfit when there is such a check of the server."""
    for name in names:
        raise Unfit(
            f"it checks the server by {shown(name)}, which wifirelay cannot: "
            "write it into the configuration by hand if ca_cert alone is enough"
        )
