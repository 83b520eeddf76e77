# SPDX-License-Identifier: GPL-2.0-or-later
"""What really happened to the router's files, for the promises: who wrote what, and whose it was.

Knows nothing of what is allowed. Other hands tell it what they do (`hands_did`); from then
on what they left is the owner's.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.laboratory.lan import MOVING, OPTIONS, Lan
from tests.laboratory.router import LabRouter
from wifirelay.sim.uci import UciError
from wifirelay.sim.uci_files import effective
from wifirelay.uci.staged import OWN_PREFIX

OWN = dict[str, tuple[tuple[str, object], ...]]  # own sections of flash: name -> options
_PACKAGES = ("wireless", "network", "firewall", "dhcp", "system")
DAY = 86400.0
MOMENT = 0.5  # seconds: three processes, on the slowest router


@dataclass(frozen=True, slots=True)
class Write:
    """One change of /etc/config/wireless."""

    at: float
    path: str
    how: str
    by: str
    own: OWN | None  # None: it cannot be read


@dataclass
class Truth:
    """One router's history."""

    router: LabRouter
    secrets: tuple[str, ...]
    own_before: list[OWN] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)  # access points that the owner took away
    emptied: set[str] = field(default_factory=set)  # files that other hands' commits have emptied
    writes: int = 0  # to flash, by wifirelay
    repaired: int = 0  # files put back after a commit that failed
    _new: list[Write] = field(default_factory=list)
    _foreign: dict[str, object] = field(default_factory=dict)
    _staged: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    _complaints: list[str] = field(default_factory=list)
    _days: Counter[int] = field(default_factory=Counter)
    _ended: set[str] = field(default_factory=set)
    _ended_before: int = 0
    _kept: set[str] = field(default_factory=set)  # moves of lan
    _staged_at: float = -1.0
    _texts: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)  # the last two
    _emptied_at: float = -1.0  # when a commit of ours met a flash that had just become full
    _raced: set[str] = field(default_factory=set)
    _touched: set[str] = field(default_factory=set)
    lan: Lan = field(init=False)

    def __post_init__(self) -> None:
        self.lan = Lan(self.router)
        self.lan.home = self.lan_on_flash() or ""
        own = self._own()
        if own is not None:
            self.own_before.append(own)
        self.hands_did()
        for name in _PACKAGES:
            self._texts[name] = (b"", self.router.disk.read(f"/etc/config/{name}"))
        self.router.disk.watch = self._changed
        self.router.on_power_cut = self.power_cut

    def begins(self) -> None:
        """The experiment begins here: what was written before is not looked at."""
        self.hands_did()
        self._count_confirmed()
        self._ended_before = len(self._ended)
        self.writes = self.repaired = 0
        self._days.clear()

    def hands_did(self) -> None:
        """Other hands have changed something: what is there now is theirs."""
        if (address := self.lan_on_flash()) is not None:
            self.lan.on_flash(address, hands=True)
        self._staged_at = self.router.now
        self._foreign = {name: self._foreign_part(name) for name in _PACKAGES}
        self._staged = {name: self._foreign_staged(name) for name in _PACKAGES}
        own = self._own()
        if own is not None and own not in self.own_before:
            self.own_before.append(own)

    def new_writes(self) -> list[Write]:
        new, self._new = self._new, []
        return new

    def foreign_edits(self) -> list[str]:
        """What became of sections that are not own ones, by wifirelay's doing."""
        touched, self._touched = self._touched, set()
        for name in sorted(touched & set(_PACKAGES)):
            if self.is_empty(name):  # `uci commit` on a full flash: it is about to be put back
                self._touched.add(name)
                continue
            if name in self._raced:
                self._raced.discard(name)
                self.hands_did()
                continue
            part = self._foreign_part(name)
            if part is not None and part != self._foreign[name]:
                self._complaints.append(f"{name} is not what it was: {part!r:.300}")
            staged = self._foreign_staged(name)
            if staged != self._staged[name]:
                self._complaints.append(f"others' staged edits of {name} changed: {staged!r:.300}")
        complaints, self._complaints = self._complaints, []
        return complaints

    def _races(self) -> bool:
        """Whether others have staged something in the moment between the last look at what is
        staged and `uci commit`, which takes all: UCI has no way to close it."""
        moment = 10 * self.router.timings.quick * (1.0 + self.router.jitter)
        return self.router.now - self._staged_at < moment

    def allowed_writes(self) -> int:
        """Writes to flash that wifirelay may have made until now."""
        self._count_confirmed()
        return len(self._ended) - self._ended_before + self.repaired

    def staged_by_hands(self) -> bool:
        """Whether edits of others are staged now."""
        return any(self._foreign_staged(name) for name in _PACKAGES)

    def is_empty(self, package: str) -> bool:
        """Whether a commit of ours has left the file without a word."""
        path = f"/etc/config/{package}"
        return package not in self.emptied and self.router.disk.read(path) == b""

    def power_cut(self) -> None:
        """RAM is empty: what others had staged is gone."""
        self._staged = dict.fromkeys(_PACKAGES, ())
        self.lan.ram_lost()
        if self.router.now - self._emptied_at < MOMENT:  # no one could have put it back by then
            self.emptied |= {name for name in _PACKAGES if self.is_empty(name)}

    def lan_on_flash(self) -> str | None:
        """The address of lan on flash; None when it cannot be read."""
        sections = self._flash("network")
        if not sections or "lan" not in sections:
            return None
        return str(sections["lan"][1].get("ipaddr", ""))

    def set_up(self) -> bool:
        """Whether all that `setup` made is still on flash."""
        own, network = self._own(), self._flash("network")
        if own is None or network is None:
            return False
        return set(self.own_before[0]) <= set(own) and "wwan" in network

    def most_a_day(self) -> int:
        return max(self._days.values(), default=0)

    def secret_files(self) -> list[tuple[str, int]]:
        """Files in RAM that hold a key and that others than root may read, with their modes."""
        disk, found = self.router.disk, []
        for path in disk.paths("/tmp/"):
            stat = disk.stat(path)
            if stat.kind != "file" or not stat.mode & 0o077:
                continue
            text = disk.read(path).decode("utf-8", "surrogateescape")
            parents = [path.rsplit("/", n)[0] for n in range(1, path.count("/"))]
            closed = any(not disk.stat(folder).mode & 0o077 for folder in parents)
            if not closed and any(secret in text for secret in self.secrets):
                found.append((path, stat.mode))
        return found

    # inside

    def _changed(self, how: str, path: str) -> None:
        folder, _, name = path.rpartition("/")
        if folder == "/tmp/.uci":
            if self._by() != "hands":
                self._touched.add(name)
                if self._races():
                    self._raced.add(name)
            return
        if folder != "/etc/config" or name.startswith("."):  # about to be renamed into place
            return
        by = self._by()
        text = self.router.disk.read(path)
        before, now = self._texts.get(name, (b"", b""))
        self._texts[name] = (now, text)
        if by == "hands" and how == "replace" and not text:
            self.emptied.add(name)
        if by != "hands" and how in ("replace", "write"):
            if how == "write" and not text:
                return  # about to be written
            if how == "write" or (text and text == before):  # put back
                self.repaired += 1
            self.writes += 1
            self._days[int(self.router.now / DAY)] += 1
            self._touched.add(name)
            if self._races():
                self._raced.add(name)
            if name == "network" and (address := self.lan_on_flash()) is not None:
                self.lan.on_flash(address, hands=False)
            if name == "wireless":
                self._count_confirmed()
                own = self._own()
                if how == "replace" and not text:
                    self._emptied_at = self.router.now
                    return  # `uci commit` on a full flash; it is put back, or G2 fails later
                self._new.append(Write(self.router.now, path, how, by, own))

    def _by(self) -> str:
        current = self.router.hub.current
        return "hands" if current is None else current.origin

    def _count_confirmed(self) -> None:
        """Which trials were, or are just being, confirmed."""
        disk = self.router.disk
        for name in ("confirming", "kept", "ended"):
            path = f"/tmp/run/wifirelay/{name}"
            if not disk.isfile(path):
                continue
            lines = disk.read(path).decode("utf-8", "replace").splitlines()
            confirmed = name != "ended" or any(line.startswith("confirmed") for line in lines[3:])
            if confirmed and lines and lines[0].split():
                self._ended.add(lines[0].split()[0])
                if name != "confirming":
                    self._lan_kept(lines[0].split()[0])

    def _lan_kept(self, trial: str) -> None:
        """A move of lan may have been confirmed that somebody else has committed before."""
        path = MOVING
        words = self.router.disk.read(path).split() if self.router.disk.isfile(path) else []
        if trial not in self._kept and words and words[0].decode() == trial:
            self._kept.add(trial)
            self.lan.on_flash(self.lan_on_flash() or "", hands=False)

    def _own(self) -> OWN | None:
        """Own sections on flash."""
        text = self._flash("wireless")
        if text is None:
            return None
        return {
            name: tuple(sorted(options.items(), key=lambda item: item[0]))
            for name, (_, options) in text.items()
            if name.startswith(OWN_PREFIX)
        }

    def _foreign_part(self, package: str) -> object:
        """All that is not wifirelay's, on flash; None when it cannot be read."""
        sections = self._flash(package)
        if sections is None:
            return None
        if package == "network" and "lan" in sections:  # its address is looked at by itself
            kind, options = sections["lan"]
            rest = {name: value for name, value in options.items() if name not in OPTIONS}
            sections["lan"] = kind, rest
        return {
            name: (kind, options)
            for name, (kind, options) in sections.items()
            if package != "wireless" or not name.startswith(OWN_PREFIX)  # the rest is setup's
        }

    def _flash(self, package: str) -> dict[str, tuple[str, dict[str, object]]] | None:
        folders = self.router.folders
        flash = type(folders)(folders.config, "/nowhere", storage=self.router.disk)
        try:
            loaded = effective(package, flash)
        except UciError:
            return None
        return {
            section.name: (section.type, {k: _frozen(v) for k, v in section.options.items()})
            for section in loaded.sections
        }

    def _foreign_staged(self, package: str) -> tuple[bytes, ...]:
        path = f"/tmp/.uci/{package}"
        disk = self.router.disk
        if not disk.isfile(path):
            return ()
        own = [f"{package}.{OWN_PREFIX}".encode()]
        if package == "network":
            own += [f"network.lan.{option}=".encode() for option in OPTIONS]
        return tuple(
            line
            for line in disk.read(path).splitlines()
            if not line.lstrip(b"-+@|~^").startswith(tuple(own))
        )


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
