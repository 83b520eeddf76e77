# SPDX-License-Identifier: GPL-2.0-or-later
"""What a router lacks beside edits: asked of a simulated one after `setup`, and by marks."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.changing import Scripted, said, state
from tests.lab import Lab
from wifirelay.change.files import SENTRY, TREE, RouterFile, install, sentry_files
from wifirelay.change.lacking import (
    MARK,
    SERVICE,
    UNPROVED,
    Lacking,
    mark,
    sentry_lacks,
    service_lacks,
)
from wifirelay.change.setup import set_up
from wifirelay.router.services import service
from wifirelay.sim.worlds import make_world
from wifirelay.transport.base import Completed

PYTHON = (3, 11)
ALL = tuple(file.path for file in sentry_files())
BESIDE = (RouterFile("/usr/bin/wifirelay", "755", b"#!/bin/sh\n"),)
MARKED = b"d1gest\n"


@pytest.fixture
def lab() -> Iterator[Lab]:
    world = make_world("home", set_up=False, sentry=False)
    yield Lab(world)
    world.close()


def ready(lab: Lab) -> Lab:
    set_up(lab.transport, lab.world.clock, (), lambda _: None, "tests pid 1")
    return lab


def test_a_new_router_lacks_everything(lab: Lab) -> None:
    found = sentry_lacks(lab.transport)
    assert found == Lacking(ALL, (SENTRY,))
    assert found


def test_one_that_is_set_up_lacks_nothing_and_looking_writes_nothing(lab: Lab) -> None:
    ready(lab)
    writes = list(lab.world.router.flash_writes)
    assert sentry_lacks(lab.transport) == Lacking()
    assert not sentry_lacks(lab.transport)
    assert lab.world.router.flash_writes == writes


@pytest.mark.parametrize("path", ALL)
def test_a_file_that_is_gone_or_another_one(lab: Lab, path: str) -> None:
    ready(lab)
    here = lab.world.router.root.here(path)
    os.rename(here, f"{here}.away")
    assert sentry_lacks(lab.transport).files == (path,)
    lab.world.router.root.write(path, "another\n")
    assert sentry_lacks(lab.transport).files == (path,)


def test_a_program_that_cannot_be_executed(lab: Lab) -> None:
    ready(lab)
    os.chmod(lab.world.router.root.here(f"/etc/init.d/{SENTRY}"), 0o644)
    assert sentry_lacks(lab.transport).files == (f"/etc/init.d/{SENTRY}",)


@pytest.mark.parametrize("action", ["stop", "disable"])
def test_a_sentry_that_does_not_run_or_would_not_after_a_reboot(lab: Lab, action: str) -> None:
    ready(lab)
    assert lab.transport.run(service(SENTRY, action)).rc == 0
    lab.world.router.advance(61)  # so long its last sign of life counts
    assert sentry_lacks(lab.transport) == Lacking((), (SENTRY,))


def test_the_services_tree_is_told_by_its_mark(lab: Lab) -> None:
    ready(lab)
    there = service_lacks(lab.transport, BESIDE, MARKED)
    assert there == Lacking((BESIDE[0].path, TREE), (SERVICE,))
    install(lab.transport, BESIDE[0])
    install(lab.transport, RouterFile(MARK, "644", MARKED))
    assert service_lacks(lab.transport, BESIDE, MARKED).files == ()
    assert service_lacks(lab.transport, BESIDE, b"0ther\n").files == (TREE,)
    lab.world.router.root.write(UNPROVED, "0 0\n")  # an installation that was killed
    assert service_lacks(lab.transport, BESIDE, MARKED).files == (TREE,)
    assert service_lacks(lab.transport, BESIDE, b"0ther\n").files == (TREE,)


def test_without_the_service_its_absence_is_nothing_lacking(lab: Lab) -> None:
    assert SERVICE not in sentry_lacks(ready(lab).transport).stopped


def test_one_thing_is_enough_to_be_lacking() -> None:
    assert Lacking(("/etc/a",))
    assert Lacking(stopped=(SERVICE,))
    assert not Lacking()


def test_an_installation_that_was_killed_is_nothing_of_the_sentry_s(lab: Lab) -> None:
    ready(lab)
    lab.world.router.root.write(UNPROVED, "0 0\n")
    assert sentry_lacks(lab.transport) == Lacking()


ODD = RouterFile("/etc/with  two blanks", "644", b"some\n")


def words(*files: RouterFile, **service: bool) -> Scripted:
    """A router that has the sentry and these files, and the service in this state."""
    lines = []
    for each in (*sentry_files(), *files):
        digest = hashlib.sha256(each.content).hexdigest()
        lines.append(f"{digest} {'x' if each.mode == '755' else '-'} {each.path}")
    sentry = {"running": True, "enabled": True}
    return Scripted(
        {
            "sums": Completed(0, "\n".join(lines).encode()),
            "rc list": said({SENTRY: sentry, SERVICE: service}),
            "state": state(),
        }
    )


@pytest.mark.parametrize(("running", "enabled"), [(True, False), (False, True)])
def test_a_service_runs_now_and_after_a_reboot_or_is_lacking(running: bool, enabled: bool) -> None:
    tree = RouterFile(MARK, "644", MARKED)
    here = words(ODD, tree, running=running, enabled=enabled)
    assert service_lacks(here, (ODD,), MARKED) == Lacking((), (SERVICE,))
    assert here.trips == [3]
    here = words(ODD, tree, running=True, enabled=True)
    assert not service_lacks(here, (ODD,), MARKED)


FILES = st.lists(
    st.builds(
        RouterFile,
        st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1),
        st.sampled_from(["644", "755"]),
        st.binary(max_size=20),
    ),
    min_size=1,
    unique_by=lambda file: file.path,
)


@given(FILES, st.randoms(use_true_random=False))
def test_a_mark_is_that_of_the_same_files_in_any_order(
    files: list[RouterFile], mix: Random
) -> None:
    mixed = list(files)
    mix.shuffle(mixed)
    assert mark(mixed, PYTHON) == mark(files, PYTHON)


@given(FILES, st.data())
def test_any_other_file_or_python_has_another_mark(
    files: list[RouterFile], data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(files) - 1))
    one = files[which]
    rest = [*files[:which], *files[which + 1 :]]
    other = data.draw(
        st.sampled_from(
            [
                replace(one, content=one.content + b"x"),
                replace(one, mode="600"),
                replace(one, path=one.path + "\x01"),
            ]
        )
    )
    before = mark(files, PYTHON)
    if other.path not in {file.path for file in rest}:
        assert mark([*rest, other], PYTHON) != before
    assert mark(rest, PYTHON) != before
    assert mark(files, (3, 12)) != before
