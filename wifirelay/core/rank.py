# SPDX-License-Identifier: GPL-2.0-or-later
"""How good a BSS is: points that add up like dB, each with a name and a reason."""

import math
from dataclasses import dataclass

from wifirelay.router.scan import Bss
from wifirelay.values import Band, Security

# Noise floors where the driver tells none: wpa_supplicant, scan.c (dBm).
NOISE = {Band.GHZ2: -89, Band.GHZ5: -92, Band.GHZ6: -92}
ENOUGH_SNR = 25  # dB; more does not help (wpa_supplicant's GREAT_SNR)
CURRENT_BONUS = 8.0  # what a working uplink is worth over an equal one
_BAND_POINTS = {Band.GHZ2: 0.0, Band.GHZ5: 2.0, Band.GHZ6: 4.0}
_UNENCRYPTED = -10.0

# Mb/s that one 20 MHz stream carries from this SNR on (wpa_supplicant, scan.c, HT20).
_RATES = (
    (25, 65.0),
    (20, 58.5),
    (18, 52.0),
    (15, 39.0),
    (11, 26.0),
    (9, 19.5),
    (5, 13.0),
    (2, 6.5),
)
_WIDTH_FACTOR = {20: 1.0, 40: 2.07, 80: 4.5, 160: 9.0, 320: 18.0}


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a score."""

    name: str
    points: float
    why: str


def terms(bss: Bss, *, current: bool) -> tuple[Term, ...]:
    """The parts of this BSS's score. A missing signal counts as the weakest usable one."""
    band = bss.band or Band.GHZ2
    signal = bss.signal if bss.signal is not None else -90
    snr = signal - NOISE[band]
    rate = expected_rate(snr, bss.width, high_throughput=bss.high_throughput)
    usable = max(0.0, float(min(snr, ENOUGH_SNR)))
    found = [
        Term(
            "signal",
            usable,
            f"{signal} dBm is {snr} dB above the noise"
            + (f", more than {ENOUGH_SNR} does not help" if snr > ENOUGH_SNR else ""),
        ),
        Term(
            "rate",
            round(2 * math.log2(rate / 6.5), 1),
            f"about {rate:.0f} Mb/s with {bss.width} MHz",
        ),
    ]
    if _BAND_POINTS[band]:
        found.append(Term("band", _BAND_POINTS[band], f"{band} is less crowded"))
    if bss.security in (Security.OPEN, Security.OWE):
        found.append(Term("security", _UNENCRYPTED, f"{bss.security}: nobody knows who runs it"))
    if current:
        found.append(Term("current", CURRENT_BONUS, "the uplink works through it now"))
    return tuple(found)


def score(parts: tuple[Term, ...]) -> float:
    """The sum, in points of about a dB each."""
    return round(sum(term.points for term in parts), 1)


def expected_rate(snr: int, width: int, *, high_throughput: bool) -> float:
    """Mb/s of one stream. Wider channels spread the power: 3 dB of SNR for each doubling."""
    snr -= round(3 * math.log2(width / 20))
    rate = next((rate for least, rate in _RATES if snr >= least), 6.5)
    rate *= _WIDTH_FACTOR[width]
    return rate if high_throughput else min(rate, 54.0)
