# SPDX-License-Identifier: GPL-2.0-or-later
"""How long things take on the simulated router, in seconds.

The defaults are what an OpenWrt 24.10 lab showed on real daemons: counted from
`wifi reload` where nothing else is said.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Durations in seconds of router time."""

    # commands
    quick: float = 0.02  # any command that only reads
    reload: float = 0.4  # `wifi reload` returns; nothing has happened yet
    scan_idle: float = 3.5  # scan of one radio
    scan_connected: float = 8.5  # the same with a connected station
    fetch: float = 0.2  # one HTTP probe that is answered
    dns_timeout: float = 5.0  # a resolver that nobody answers

    # first join: the radio had no station before
    join_removed: float = 5.0  # old interfaces gone, the access point too
    join_glimpse: float = 7.9  # the access point is back for a moment ...
    join_scan: float = 8.4  # ... until the station begins to scan
    join_found: float = 2.0  # from that scan to the association
    join_lease: float = 5.6  # from the association to `ifup wwan`

    # switch: the radio's station gets another configuration
    switch_removed: float = 5.0  # the station only
    switch_scan: float = 9.1
    switch_ap_off: float = 9.4
    switch_found: float = 2.5
    switch_lease: float = 4.6

    # rollback: the radio's station goes away; also any change of access points alone
    back_station_removed: float = 4.2
    back_ap_off: float = 5.0
    back_ap_on: float = 6.1

    second_reload: float = 12.0  # what a reload costs more while another one runs

    # the station
    rescan: float = 3.0  # while it searches
    ap_follows: float = 0.5  # own access point back after the association
    ap_follows_switch: float = 0.3  # the same after a switch
    ap_follows_reconnect: float = 1.0  # the same after the upstream came back
    upstream_lost: float = 1.2  # from an upstream's last beacon to the loss of the link
    handshake: float = 4.0  # from the association to WRONG_KEY
    sae_rejected: float = 1.5  # from the first SAE frame to CONN_FAILED
    lease: float = 4.5  # from a later association to the lease
    discover: float = 3.0  # between two DHCP discovers
    radar_wait: float = 60.0  # channel availability check before an access point may start

    # boot, counted from power on
    boot_reachable: float = 8.0  # SSH answers
    boot_services: float = 10.0  # procd starts enabled services
    boot_wireless: float = 12.0  # netifd has read the configuration, radios are set up
    boot_ap_on: float = 2.0  # from there until an access point is on the air


LAB = Timings()
