# SPDX-License-Identifier: GPL-2.0-or-later
"""Small makers of values for tests: recordings, BSSs, known networks, routers, a real `uci`."""

import json
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from wifirelay.core.known import KnownNetwork, Wanted
from wifirelay.core.strangers import Allowed
from wifirelay.router.channels import Channels
from wifirelay.router.devices import Device
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.router.wireless import Interface, RadioStatus, WirelessStatus
from wifirelay.sim.uci import UciFolders
from wifirelay.sim.uci import load as load_package
from wifirelay.sim.uci import uci as run_uci
from wifirelay.transport.recorded import RecordedTransport, Recording, load_recording
from wifirelay.uci.edits import Edit, batch
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, Secret, Security, Ssid

TESTS = Path(__file__).parent
CHECKOUT = TESTS.parent
RECORDINGS = sorted(path.stem for path in (TESTS / "data/recordings").glob("*.jsonl"))


# --- recordings ---


def recording_path(name: str) -> str:
    return str(TESTS / "data/recordings" / f"{name}.jsonl")


@cache
def recording(name: str) -> Recording:
    return load_recording(recording_path(name))


def replay(name: str) -> RecordedTransport:
    """A fresh replay of a recording."""
    return RecordedTransport(recording(name))


def recorded_json(name: str, *argv: str) -> Any:
    """The JSON of the first recorded answer to a command."""
    return json.loads(next(each.out for each in recording(name).exchanges if each.argv == argv))


# --- the air and what an owner knows ---


def bss(
    ssid: str | None = "HomeNet",
    *,
    radio: str = "radio0",
    bssid: str | None = "02:00:00:00:02:00",
    channel: int = 6,
    band: Band | None = Band.GHZ2,
    signal: int | None = -50,
    security: Security = Security.PSK2,
    width: int = 20,
    mode: str = "Master",
) -> Bss:
    name = Ssid.of(ssid) if ssid is not None else None
    return Bss(radio, bssid, name, channel, band, signal, security, width, True, mode)


def network(ssid: str = "HomeNet", key: str | None = "correct horse", **more: Any) -> KnownNetwork:
    if "security" in more:
        more["security"] = Wanted(more["security"])
    return KnownNetwork(Ssid.of(ssid), Secret(key) if key is not None else None, **more)


def allowed(*names: str, but: Iterable[str] = (), limit: int = 10, hours: int = 8) -> Allowed:
    """What `open` says: these patterns, and what holds without more."""
    return Allowed(names, tuple(but), limit, 3600.0 * hours)


# --- a router with one radio, its own access point and its own section ---


def wireless(*sections: Section, radio0: dict[str, str] | None = None) -> Package:
    """`wireless` with radio0, an access point MyRouter on it, and `sections`."""
    device = Section("radio0", "wifi-device", {"band": "2g", "channel": "6", **(radio0 or {})})
    ours = {"device": "radio0", "network": "lan", "mode": "ap", "ssid": "MyRouter"}
    return Package(
        "wireless", (device, Section("default_radio0", "wifi-iface", ours), *(sections or (own(),)))
    )


def own(name: str = "wifirelay", radio: str = "radio0", **options: str) -> Section:
    """An own section, at baseline unless options say otherwise."""
    given = {"device": radio, "network": "wwan", "mode": "sta", "disabled": "1", **options}
    return Section(name, "wifi-iface", given)


def lan() -> LogicalInterface:
    return logical("lan", "br-lan", "192.168.1.1/24")


def logical(name: str, device: str | None, *addresses: str, up: bool = True) -> LogicalInterface:
    return LogicalInterface(
        name, up, False, True, device, device, "dhcp", tuple(addresses), up, None, ()
    )


def router(
    package: Package | None = None,
    *,
    uplink: str | None = None,
    channels: dict[str, Channels] | None = None,
) -> Router:
    """A router; with `uplink` (an SSID) its own section's station works and has a lease."""
    joined = [own(ssid=uplink, encryption="psk2", disabled="0")] if uplink else []
    package = package or wireless(*joined)
    found = [Interface("default_radio0", "radio0", "ap", Ssid.of("MyRouter"), "phy0-ap0")]
    interfaces = {"lan": lan()}
    if uplink is not None:
        found.append(Interface("wifirelay", "radio0", "sta", Ssid.of(uplink), "phy0-sta0"))
        interfaces["wwan"] = logical("wwan", "phy0-sta0", "10.10.1.176/24")
    return Router(
        package,
        (),
        WirelessStatus((RadioStatus("radio0", True, False, False, tuple(found)),)),
        {"phy0-ap0": Device("phy0-ap0", True, "02:00:00:00:00:00")},
        interfaces,
        channels or {},
    )


# --- the simulated uci ---


class Uci:
    """`uci` on scratch folders, as the router's programs would see them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folders = UciFolders(str(folder / "config"), str(folder / "save"), root=str(folder))
        (folder / "config").mkdir(parents=True, exist_ok=True)

    def put(self, **packages: str) -> "Uci":
        """Write configuration files and forget what is staged."""
        shutil.rmtree(self.folders.save, ignore_errors=True)
        for name, text in packages.items():
            (Path(self.folders.config) / name).write_text(text, "utf-8")
        return self

    def apply(self, edits: Iterable[Edit]) -> None:
        """Stage edits through `uci batch`; none may be refused."""
        done = run_uci(["batch"], batch(edits), self.folders)
        assert (done.rc, done.text, done.errors) == (0, "", "")

    def commit(self) -> None:
        assert run_uci(["commit"], b"", self.folders).rc == 0

    def read(self, name: str = "wireless") -> Package:
        """The effective configuration, as wifirelay reads it through rpcd."""
        return Package(
            name,
            tuple(
                Section(
                    each.name,
                    each.type,
                    {k: v if isinstance(v, str) else tuple(v) for k, v in each.options.items()},
                    each.anonymous,
                    each.index,
                )
                for each in load_package(name, self.folders).sections
            ),
        )

    def text(self, name: str = "wireless") -> bytes:
        return (Path(self.folders.config) / name).read_bytes()


def meaning(package: Package, *, without: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    """A package as a value to compare; sections whose names begin with `without` left out."""
    return [
        (each.name, each.kind, dict(each.options))
        for each in package
        if not without or not each.name.startswith(without)
    ]
