# SPDX-License-Identifier: GPL-2.0-or-later
"""openwrt/Makefile under GNU make, with OpenWrt's build system played by stubs: it installs what
`scripts/package` packs, and says the same of it."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from known import CHECKOUT
from packaged import PACKAGES, identity
from test_style import tool

from wifirelay import __version__
from wifirelay.change.files import RouterFile
from wifirelay.package.control import LICENSE, LUCI, RELEASE, WIFIRELAY, Identity

MAKEFILE = CHECKOUT / "openwrt/Makefile"
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
RULES = """
INSTALL_DIR:=install -d -m0755
INSTALL_BIN:=install -m0755
INSTALL_DATA:=install -m0644
INSTALL_CONF:=install -m0600
CP:=cp -fpR
BUILD_DIR:=$(TOPDIR)/build_dir
INCLUDE_DIR:=$(TOPDIR)/include
"""
# Like include/package.mk and package-pack.mk: a name goes through the stages; with `facts-` before
# it each definition is written down by way of the environment, as OpenWrt's own build does with
# scripts.
PACKAGE = """
ifneq ($(PKG_SOURCE)$(PKG_SOURCE_URL)$(PKG_HASH),)
  $(error something is to be downloaded)
endif
SAID:=PKG_NAME PKG_VERSION PKG_RELEASE PKG_LICENSE PKG_LICENSE_FILES DEPENDS PKGARCH SECTION
SAID+=CATEGORY PKG_BUILD_DEPENDS PYTHON3_PKG_BUILD
PKG_BUILD_DIR?=$(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)
define BuildPackage
  $(Package/$(1))
  facts-$(1): export DESCRIPTION=$$(Package/$(1)/description)
  facts-$(1): export CONFFILES=$$(Package/$(1)/conffiles)
  facts-$(1): export PREINST=$$(Package/$(1)/preinst)
  facts-$(1): export POSTINST=$$(Package/$(1)/postinst)
  facts-$(1): export PRERM=$$(Package/$(1)/prerm)
  facts-$(1): export POSTRM=$$(Package/$(1)/postrm)
  facts-$(1): export LINE:=$$(foreach name,$(SAID),$$($$(name))|)
  $(1):
	$$(Build/Prepare)
	$$(Build/Configure)
	$$(Build/Compile)
	$$(Build/Install)
	$$(call Package/$(1)/install,$$(OUT))
  facts-$(1):
	@mkdir -p $$(OUT)
	@for name in DESCRIPTION CONFFILES PREINST POSTINST PRERM POSTRM LINE; do \\
		printenv $$$$name >$$(OUT)/$$$$name || exit 1; done
endef
"""
PYTHON = "HOST_PYTHON3_BIN:={python}\nPYTHON3_VERSION:=3.11\n"


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build system's folder."""
    top = tmp_path_factory.mktemp("top")
    (top / "include").mkdir()
    (top / "feeds/packages/lang/python").mkdir(parents=True)
    (top / "rules.mk").write_text(RULES)
    (top / "include/package.mk").write_text(PACKAGE)
    (top / "feeds/packages/lang/python/python3-package.mk").write_text(
        PYTHON.format(python=sys.executable)
    )
    # As `scripts/feeds` does for src-link: the package is reached through two links.
    (top / "feeds/wifirelay").symlink_to(CHECKOUT)
    (top / "package/feeds/wifirelay").mkdir(parents=True)
    (top / "package/feeds/wifirelay/openwrt").symlink_to("../../../feeds/wifirelay/openwrt")
    return top


def make(top: Path, target: str, out: Path) -> None:
    done = subprocess.run(
        [
            *(tool("make"), "--no-print-directory", "-C", "package/feeds/wifirelay/openwrt"),
            *(f"TOPDIR={top}", f"OUT={out}", target),
        ],
        cwd=top,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        umask=0o077,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.fixture(scope="module")
def facts(top: Path) -> dict[str, dict[str, str]]:
    """What each package says, by its name."""
    for package in (WIFIRELAY, LUCI):
        make(top, f"facts-{package.name}", top / "facts" / package.name)
    return {
        folder.name: {path.name: path.read_text("utf-8") for path in folder.iterdir()}
        for folder in (top / "facts").iterdir()
    }


@pytest.mark.parametrize(("its", "files"), PACKAGES)
def test_it_installs_what_the_other_packages_hold(
    its: Callable[[], Identity], files: Callable[[], tuple[RouterFile, ...]], top: Path
) -> None:
    out = top / "root" / its().package.name
    make(top, its().package.name, out)
    found = {
        f"/{path.relative_to(out)}": (path.read_bytes(), f"{stat.S_IMODE(path.stat().st_mode):o}")
        for path in out.rglob("*")
        if not path.is_dir()
    }
    assert found == {file.path: (file.content, file.mode) for file in files()}
    folders = [path for path in out.rglob("*") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o755}


def test_they_say_the_same_of_themselves(facts: dict[str, dict[str, str]]) -> None:
    needed = {"wifirelay": ("python3-light",), "luci-app-wifirelay": ()}
    categories = {"wifirelay": "Network", "luci-app-wifirelay": "LuCI"}
    assert facts.keys() == needed.keys()
    for package in (WIFIRELAY, LUCI):
        seen = facts[package.name]
        said = [word.strip() for word in seen["LINE"].strip().split("|")]
        assert said == [
            *("wifirelay", __version__, RELEASE, LICENSE, "LICENSE"),
            " ".join(f"+{name}" for name in (*needed[package.name], *package.depends)),
            *("all", package.section, categories[package.name], "python3/host", "0", ""),
        ]
        assert " ".join(seen["DESCRIPTION"].split()) == package.about
        assert seen["CONFFILES"].split() == list(package.conffiles)
    assert identity().description.startswith(WIFIRELAY.about)
    assert (CHECKOUT / "LICENSE").exists()


@pytest.mark.parametrize("name", SCRIPTS)
def test_their_scripts_are_the_same(name: str, facts: dict[str, dict[str, str]]) -> None:
    for package in (WIFIRELAY, LUCI):
        assert facts[package.name][name.upper()] == (package.ours(name) or "\n")


def test_indentation_is_as_the_feed_wants_it() -> None:
    """Two blanks in Package/x, tabs in recipes, none in conffiles."""
    inside = ""
    seen = set()
    for line in MAKEFILE.read_text("utf-8").splitlines():
        if line.startswith("define "):
            inside = line.split()[1]
        elif line == "endef":
            inside = ""
        elif inside.startswith("Package/") and inside.endswith(("wifirelay", "/description")):
            assert line.startswith("  ") and not line.startswith("   "), line
        elif inside.startswith("Build/") or inside.endswith("/install"):
            assert line.startswith("\t"), line
        elif inside == "Package/wifirelay/conffiles":
            assert line == line.strip()
        assert line == line.rstrip()
        seen.add(inside)
    for package in (WIFIRELAY, LUCI):
        assert {f"Package/{package.name}", f"Package/{package.name}/install"} <= seen
    assert "Build/Compile" in seen


def test_there_are_two_packages_and_they_come_last() -> None:
    lines = MAKEFILE.read_text("utf-8").splitlines()
    assert lines[-2:] == [
        "$(eval $(call BuildPackage,wifirelay))",
        "$(eval $(call BuildPackage,luci-app-wifirelay))",
    ]
    assert sum("BuildPackage" in line for line in lines) == 2
    includes = [line for line in lines if line.startswith("include ")]
    assert [line.rpartition("/")[2] for line in includes] == [
        "rules.mk",
        "package.mk",
        "python3-package.mk",
    ]
