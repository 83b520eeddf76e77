# SPDX-License-Identifier: GPL-2.0-or-later
"""What a rejection in the log says of the key, and how sure that is. Says nothing of pauses.

WPA2 says WRONG_KEY for a wrong key, and for a signal that breaks the handshake; WPA3 (SAE) says
CONN_FAILED for a wrong password and for an access point that takes no more stations; enterprise
says AUTH_FAILED (wpa_supplicant, events.c and sme.c).
"""

from wifirelay.change.outcome import Step, StepFailed
from wifirelay.core.causes import Cause
from wifirelay.router.log import JoinLog, Rejection
from wifirelay.values import Security, Ssid

WEAK = -75  # dBm; below, a single WRONG_KEY may be the weak signal's (openwrt-facts 11)

_SAE = (Security.SAE, Security.SAE_MIXED)


def rejection(
    log: JoinLog, ssid: Ssid, security: Security | None, signal: int | None
) -> StepFailed | None:
    """The failure that the log shows by now, or None. `signal` is the scan's, dBm."""
    keys = [
        reason
        for reason in log.rejections
        if reason is not Rejection.CONN_FAILED or security in _SAE
    ]
    if len(keys) < (2 if signal is not None and signal < WEAK else 1):
        return None
    # One WRONG_KEY tells more than all others; they come together in transition mode.
    reason = Rejection.WRONG_KEY if Rejection.WRONG_KEY in keys else keys[-1]
    said = f"{reason}" if signal is None else f"{reason} at {signal} dBm"
    cause, what, hint = _TOLD[reason]
    return StepFailed(Step.ASSOCIATED, cause, f"{ssid} {what} ({said})", hint)


_TOLD = {
    Rejection.CONN_FAILED: (
        Cause.REFUSED,
        "did not let us in: a wrong password, or it is full; WPA3 does not tell which",
        "is the password right? If it is, try again later",
    ),
    Rejection.AUTH_FAILED: (
        Cause.WRONG_KEY,
        "rejected the login",
        "correct identity, password or certificates in the configuration",
    ),
    Rejection.WRONG_KEY: (
        Cause.WRONG_KEY,
        "rejected the key",
        "correct the key in the configuration",
    ),
}
