# SPDX-License-Identifier: GPL-2.0-or-later
"""Many runs: policies in families of seeded worlds, over processes, to be gone on with later.

A results file has one JSON object a line for each run that is finished. What is in it is not
played again; a line that was cut by a kill is passed over. It holds for the code that wrote it:
begin another file after a change of a policy.
"""

import errno
import json
import multiprocessing
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields

from wifirelay.errors import UsageError
from wifirelay.evaluation.account import Account
from wifirelay.evaluation.bound import most_online
from wifirelay.evaluation.chance import Chance
from wifirelay.evaluation.driver import play
from wifirelay.evaluation.families import make
from wifirelay.evaluation.policies import make_policy
from wifirelay.evaluation.timeline_file import load_timeline
from wifirelay.evaluation.world import World
from wifirelay.values import shown

FORMAT = "wifirelay.evaluation-run/1"
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Place:
    """Which world to play in: one of a family, or a timeline's."""

    family: str
    seed: int
    days: float
    path: str | None = None

    def world(self) -> World:
        if self.path is not None:
            return load_timeline(self.path)
        return make(self.family, self.seed, self.days)


@dataclass(frozen=True, slots=True)
class Run:
    """One policy in one world, played."""

    family: str
    seed: int
    days: float
    policy: str
    bound: float  # the most seconds online that any policy could have had
    account: Account

    @property
    def key(self) -> tuple[str, int, float, str]:
        return (self.family, self.seed, self.days, self.policy)

    def line(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)


def places(families: Iterable[str], seeds: Iterable[int], days: float) -> list[Place]:
    every = tuple(seeds)
    return [Place(family, seed, days) for family in families for seed in every]


def timeline_place(path: str) -> Place:
    """Read once here, so that a mistake in the file is found before anything is played."""
    world = load_timeline(path)
    return Place(os.path.basename(path), world.seed, world.seconds / DAY, path)


def campaign(
    where: Sequence[Place],
    policies: Sequence[str],
    *,
    jobs: int = 1,
    results: str | None = None,
    report: Callable[[int, int], None] | None = None,
) -> list[Run]:
    """All runs, in the order of worlds and policies however many processes played them."""
    found = {run.key: run for run in read_results(results)} if results is not None else {}
    todo = [
        (place, missing)
        for place in where
        if (missing := [name for name in policies if _key(place, name) not in found])
    ]
    wanted = [_key(place, name) for place in where for name in policies]
    done = len(wanted) - sum(len(missing) for _, missing in todo)
    with _Results(results) as file:
        for run in _played(todo, jobs):
            file.add(run)
            found[run.key] = run
            done += 1
            if report is not None:
                report(done, len(wanted))
    return [found[key] for key in wanted]


def play_in(place: Place, policies: Sequence[str]) -> list[Run]:
    """These policies in one world, which is made once."""
    return list(_play_in(place, policies))


def _play_in(place: Place, policies: Sequence[str]) -> Iterator[Run]:
    world = place.world()
    chance, bound = Chance(world), round(most_online(world), 3)
    for name in policies:
        account = play(make_policy(name, world.known), world, chance=chance)
        yield Run(place.family, place.seed, place.days, name, bound, account)


def _played(todo: Sequence[tuple[Place, list[str]]], jobs: int) -> Iterator[Run]:
    if jobs <= 1 or len(todo) <= 1:
        for place, names in todo:
            yield from _play_in(place, names)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(todo)), mp_context=context) as pool:
        futures: list[Future[list[Run]]] = [pool.submit(play_in, *each) for each in todo]
        try:
            for future in as_completed(futures):
                yield from future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _key(place: Place, policy: str) -> tuple[str, int, float, str]:
    return (place.family, place.seed, place.days, policy)


# --- the results file ---


def read_results(path: str) -> list[Run]:
    """The finished runs of a file; none when there is no file yet."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a device may have no end
            raise OSError(errno.EINVAL, "not a file")
        with open(path, encoding="utf-8", errors="replace") as file:
            return [run for line in file if (run := _run(line)) is not None]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unusable(path, error) from error


def _run(line: str) -> Run | None:
    """The run of a line; None for one that was cut, or of another format."""
    try:
        entry = json.loads(line)
        if not isinstance(entry, dict) or entry.pop("format", None) != FORMAT:
            return None
        account = entry.pop("account")
        names = {each.name for each in fields(Account)}
        if set(account) != names:
            return None
        account["gaps"] = tuple(account["gaps"])
        return Run(**entry, account=Account(**account))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


class _Results:
    """The file that finished runs are added to; without a path none."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._number: int | None = None

    def __enter__(self) -> "_Results":
        if self._path is not None:
            try:
                self._number = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
                self._end_cut_line(self._number)
            except OSError as error:
                raise _unusable(self._path, error) from error
        return self

    def __exit__(self, *error: object) -> None:
        if self._number is not None:
            os.close(self._number)

    def add(self, run: Run) -> None:
        if self._number is not None:
            data = (run.line() + "\n").encode()
            try:
                while data:  # all of it, or an error: a full disk takes a part
                    data = data[os.write(self._number, data) :]
            except OSError as error:
                raise _unusable(self._path or "", error) from error

    @staticmethod
    def _end_cut_line(number: int) -> None:
        size = os.fstat(number).st_size
        if size and os.pread(number, 1, size - 1) != b"\n":
            os.write(number, b"\n")


def _unusable(path: str, error: OSError) -> UsageError:
    return UsageError(
        f"{shown(path)} cannot be used for results: {error.strerror}",
        hint="name a file in a folder that you may write to",
    )
