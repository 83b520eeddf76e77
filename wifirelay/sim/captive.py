# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that names its login page itself: by DHCP's option 114, and by an API (RFC 8908) that
`uclient-fetch` finds behind it."""

import json

from wifirelay.sim.air import AccessPoint, Internet

TLS = ("/lib/libustream-ssl.so", "/etc/ssl/certs/ca-certificates.crt")  # of OpenWrt's own images


def option(point: AccessPoint, asked: str) -> dict[str, str]:
    """What udhcpc tells its script of it, where the interface asks for it."""
    if not point.api or "114" not in asked.split():
        return {}
    return {"opt114": point.api.encode("utf-8", "surrogateescape").hex()}


def answer(url: str, behind: AccessPoint) -> str | None:
    """What the API says of who asks; None where this is not its address."""
    if not behind.api or url != behind.api:
        return None
    if behind.api_says:
        return behind.api_says
    captive = behind.internet is Internet.PORTAL
    said: dict[str, object] = {"captive": captive}
    if behind.portal:
        said["user-portal-url"] = f"https://{behind.portal}/login?visitor=176"
        said["venue-info-url"] = f"https://{behind.portal}/"
    if behind.session and not captive:
        said |= {"seconds-remaining": behind.session, "can-extend-session": True}
    return json.dumps(said)
