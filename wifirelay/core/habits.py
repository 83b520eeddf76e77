# SPDX-License-Identifier: GPL-2.0-or-later
"""The constants of the policy, in seconds and dB. `wifirelay evaluate` decided on them."""

from dataclasses import dataclass, replace

from wifirelay.core.known import WDS
from wifirelay.values import Band

# dBm from which on an uplink is good enough not to look for a better one. (Android's
# "sufficient" levels, 8 dB higher, cost more in moves than they gained in time online.)
SUFFICIENT = {Band.GHZ2: -81, Band.GHZ5: -78, Band.GHZ6: -78}


@dataclass(frozen=True, slots=True)
class Habits:
    """How patient the policy is."""

    # offline
    first_scan: float = 10.0  # between two scans in vain, doubling ...
    longest_scan: float = 10.0  # ... to this while clients wait for the internet,
    tired_after: float = 1800.0  # and after so long offline ...
    tired_scan: float = 60.0  # ... to this
    desperate_after: float = 20.0  # and after so long offline a weaker signal will do,
    lenient: int = 5  # by so many dB
    young_scan: float = 30.0  # a scan that old is as good as a new one for the next join
    rejoin_grace: float = 6.0  # after a scan, for the station to join its own network by itself

    # connected
    check: float = 45.0  # between two looks at the internet
    doubtful_check: float = 30.0  # the same where there was trouble in the last hours
    dead_check: float = 30.0  # while there is none
    login: float = 900.0  # for the owner to log in, on an uplink kept for its login page
    look: float = 180.0  # between two looks at a good signal
    weak_look: float = 20.0  # the same at a weak one
    blind_look: float = 45.0  # the same where no event tells of a lost link,
    blind_check: float = 150.0  # paid for by fewer looks at the internet
    weak_scan: float = 60.0  # for something better, doubling to longest_weak_scan
    longest_weak_scan: float = 600.0
    lower_scan: float = 3600.0  # for a network of a higher class, doubling to longest_lower_scan
    longest_lower_scan: float = 7200.0
    confirm_scan: float = 20.0  # to the second scan that has to show the same gain,
    confirm_up: float = 900.0  # and to the second and third one of a higher class
    longest_dead_scan: float = 120.0
    min_stay: float = 60.0  # from one join to the next
    min_stay_up: float = 3600.0  # the same for a higher class ...
    up_margin: int = 12  # ... which must be so many dB better than good enough
    shaky: float = 14400.0  # a network that was lost is trusted again after this, doubling
    longest_shaky: float = 172800.0
    shaky_memory: float = 345600.0  # losses older than this count no more
    middling_stay: float = 1800.0  # the loss after a shorter stay counts twice,
    long_stay: float = 7200.0  # and after a longer one not at all

    # keeping
    keep_after: float = 600.0  # a network that has been good for so long is committed
    commits_a_day: int = 12
    lasted_after: float = 1800.0  # and after so long nothing is held against it any more

    chosen_for: float = 8 * 3600.0  # how long the owner's choice counts


HABITS = Habits()


def habits_for(kind: str, habits: Habits) -> Habits:
    """Those on an uplink of this kind of relay. A bridge stays up when its station is lost, and
    that one, searching, keeps own access points off the air: nobody tells, and the sentry waits."""
    if kind != WDS:
        return habits
    return replace(habits, look=habits.blind_look, check=habits.blind_check)


def gain_needed(signal: int | None) -> float:
    """Points that another network of the same class must be better by, by the signal of the
    present one in dBm: less, the weaker it is (wpa_supplicant, events.c,
    wpa_supplicant_need_to_roam_within_ess)."""
    if signal is None or signal >= -70:
        return 8.0
    return 5.0 if signal >= -75 else 4.0 if signal >= -80 else 2.0
