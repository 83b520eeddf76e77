# SPDX-License-Identifier: GPL-2.0-or-later
"""The package's scripts under busybox ash, with OpenWrt's functions recorded: installed, upgraded
and removed by opkg and by apk, into an image, and beside an apply of LuCI that waits."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from known import CHECKOUT
from packaged import files, identity
from test_style import clean, tool

from wifirelay.package.contents import packaged_files
from wifirelay.package.control import WIFIRELAY, apk_scripts, ipk_scripts
from wifirelay.package.tree import write_folder

NAMES = ("preinst", "postinst", "prerm", "postrm")
INIT = '#!/bin/sh\necho "${0##*/} $*" >>"$WIFIRELAY_ROOT/log"\n'
# As in lib/functions.sh: the package's own script first, then its services.
FUNCTIONS = """
add_group_and_user() { echo add_group_and_user >>"$WIFIRELAY_ROOT/log"; }
default_postinst() {
	echo "default_postinst" >>"$WIFIRELAY_ROOT/log"
	[ ! -f "$INFO/wifirelay.postinst-pkg" ] || ( . "$INFO/wifirelay.postinst-pkg" )
	echo "services start" >>"$WIFIRELAY_ROOT/log"
}
default_prerm() {
	echo "default_prerm $2" >>"$WIFIRELAY_ROOT/log"
	[ ! -f "$INFO/wifirelay.prerm-pkg" ] || ( . "$INFO/wifirelay.prerm-pkg" )
	echo "services stop" >>"$WIFIRELAY_ROOT/log"
}
"""


@dataclass
class Router:
    """A scratch root with recorded services. The scripts' INSTROOT is where functions.sh is."""

    root: Path

    def add(self, path: str, text: str, *, runs: bool = True) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755 if runs else 0o644)

    def run(self, text: str, *args: str, **env: str) -> list[str]:
        """The log that a script leaves; what it prints comes last."""
        (self.root / "log").write_text("")
        done = subprocess.run(
            [tool("busybox"), "ash", "-e", "-c", text, "wifirelay.script", *args],
            env={
                "PATH": os.environ["PATH"],
                "WIFIRELAY_ROOT": str(self.root),
                "INFO": str(self.root / "info"),
                **env,
            },
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return [*(self.root / "log").read_text().splitlines(), *done.stdout.splitlines()]


@pytest.fixture
def router(tmp_path: Path) -> Router:
    router = Router(tmp_path)
    for name in ("rpcd", "wifirelay", "wifirelay-sentry"):
        router.add(f"etc/init.d/{name}", INIT)
    router.add("usr/libexec/wifirelay-baseline", INIT)
    router.add("lib/functions.sh", FUNCTIONS, runs=False)
    for name, text in ipk_scripts(WIFIRELAY).items():
        router.add(f"info/wifirelay.{name}", text)
    return router


def here(text: str, router: Router) -> str:
    """A script that finds functions.sh below the scratch root, as on a router: no INSTROOT."""
    return text.replace("${IPKG_INSTROOT}/lib/functions.sh", f"{router.root}/lib/functions.sh")


def pending(router: Router) -> None:
    router.add("var/run/rpcd/snapshot-files/wireless", "config wifi-device\n", runs=False)


IPK, APK = ipk_scripts(WIFIRELAY), apk_scripts(WIFIRELAY)
ALL = [*(("ipk", name) for name in IPK), *(("apk", name) for name in APK)]


@pytest.mark.parametrize("name", NAMES)
def test_shellcheck_and_busybox_read_our_scripts(name: str) -> None:
    path = str(CHECKOUT / f"openwrt/files/wifirelay.{name}")
    clean(tool("shellcheck"), "-s", "dash", path)
    clean(tool("busybox"), "ash", "-n", path)


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_busybox_reads_every_script(kind: str, name: str) -> None:
    text = (IPK if kind == "ipk" else APK)[name]
    assert text.startswith("#!/bin/sh\n")
    assert text.count("#!") == 1
    clean(tool("busybox"), "ash", "-n", stdin=text)


@pytest.mark.parametrize("name", NAMES)
def test_every_path_begins_at_the_root(name: str) -> None:
    text = (CHECKOUT / f"openwrt/files/wifirelay.{name}").read_text("utf-8")
    code = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert "ROOT-" in "".join(code)
    for line in code:
        assert not re.search(r"(^|[\s\"'=<>])/(etc|usr|var|lib|tmp)/", line), line


# --- opkg ---


def test_opkg_installs(router: Router) -> None:
    assert router.run(here(IPK["postinst"], router), PKG_UPGRADE="0") == [
        "default_postinst",
        "rpcd reload",
        "services start",
    ]


def test_opkg_upgrades(router: Router) -> None:
    """The old one's prerm stops the services, the new one's postinst starts them."""
    upgrade = {"PKG_UPGRADE": "1"}
    (router.root / "etc/init.d/wifirelay").write_text(INIT + "[ $1 != running ]\n")
    (router.root / "etc/init.d/wifirelay-sentry").write_text(INIT + "[ $1 != running ]\n")
    before = router.run(here(IPK["prerm"], router), "upgrade", "0.2.0-1", **upgrade)
    assert before == ["default_prerm upgrade", "services stop"]
    assert router.run(IPK["preinst"], "upgrade", "0.1.0-1", **upgrade) == []
    assert router.run(IPK["postrm"], "upgrade", "0.2.0-1", **upgrade) == []
    assert router.run(here(IPK["postinst"], router), **upgrade) == [
        "default_postinst",
        "wifirelay-sentry running",
        "wifirelay running",
        "rpcd reload",
        "services start",
    ]


def test_opkg_reinstalls_without_leaving_the_uplink(router: Router) -> None:
    """It says `upgrade` to the scripts, and nothing in the environment."""
    before = router.run(here(IPK["prerm"], router), "upgrade", "0.1.0-1", PKG_UPGRADE="0")
    assert before == ["default_prerm upgrade", "services stop"]


def test_opkg_removes(router: Router) -> None:
    """Back to the baseline first: without the sentry nobody ends an uplink that keeps the own
    access points off the air."""
    router.add("var/run/wifirelay/service-state/status.json", "{}", runs=False)
    router.add("var/run/wifirelay/paused", "the reset button was held", runs=False)
    router.add("var/run/wifirelay/alive", "1 1", runs=False)
    assert router.run(here(IPK["prerm"], router), "remove", PKG_UPGRADE="0") == [
        "default_prerm remove",
        "wifirelay-baseline wifirelay is removed",
        "services stop",
    ]
    assert router.run(IPK["postrm"], "remove", PKG_UPGRADE="0") == ["rpcd reload"]
    left = sorted(path.name for path in (router.root / "var/run/wifirelay").iterdir())
    assert left == ["alive"]


def test_files_that_no_package_owns_make_way(router: Router) -> None:
    """opkg refuses to replace them: those of `setup`, of `install`, and kept by a sysupgrade."""
    write_folder(str(router.root), files())
    config = router.root / "etc/config/wifirelay"
    config.write_text("config wifirelay 'main'\n\toption enabled '1'\n")
    router.add("etc/init.d/wifirelay", INIT)
    router.add("etc/init.d/other", INIT)
    assert router.run(IPK["preinst"], "install", PKG_UPGRADE="0") == ["wifirelay stop"]
    for file in files():
        assert (router.root / file.path[1:]).exists() == (file.path == "/etc/config/wifirelay")
    assert "enabled '1'" in config.read_text()
    assert (router.root / "etc/init.d/other").exists()
    assert router.run(IPK["preinst"], "install", PKG_UPGRADE="0") == []  # a router without any


def test_preinst_names_all_files_of_the_package() -> None:
    text = IPK["preinst"]
    for file in packaged_files():
        assert (file.path in text) == (file.path != "/etc/config/wifirelay"), file.path


# --- apk ---


def test_apk_installs(router: Router) -> None:
    (router.root / "info/wifirelay.postinst-pkg").unlink()
    assert router.run(here(APK["post-install"], router), "0.1.0-r1") == [
        "add_group_and_user",
        "default_postinst",
        "services start",
        "rpcd reload",
    ]


def test_apk_upgrades(router: Router) -> None:
    """It runs no script of the old package, and the service is still the old one."""
    (router.root / "info/wifirelay.postinst-pkg").unlink()
    assert router.run(APK["pre-upgrade"], "0.2.0-r1", "0.1.0-r1") == []
    assert router.run(here(APK["post-upgrade"], router), "0.2.0-r1", "0.1.0-r1") == [
        "add_group_and_user",
        "default_postinst",
        "services start",
        "wifirelay-sentry running",
        "wifirelay-sentry restart",
        "wifirelay running",
        "wifirelay restart",
        "rpcd reload",
    ]


def test_apk_removes(router: Router) -> None:
    (router.root / "info/wifirelay.prerm-pkg").unlink()
    assert router.run(here(APK["pre-deinstall"], router), "0.1.0-r1") == [
        "default_prerm ",
        "services stop",
        "wifirelay-baseline wifirelay is removed",
    ]
    assert router.run(APK["post-deinstall"], "0.1.0-r1") == ["rpcd reload"]


def test_apk_tells_the_packages_name() -> None:
    for name in ("post-install", "post-upgrade", "pre-deinstall"):
        assert 'export pkgname="wifirelay"\n' in APK[name]
    assert identity().version


# --- not on a living router ---


def test_an_apply_of_luci_that_waits_is_left_alone(router: Router) -> None:
    """rpcd forgets it when it is reloaded, and the new configuration would stay for ever."""
    pending(router)
    said = router.run(here(IPK["postinst"], router))
    assert said[:2] == ["default_postinst", "services start"]
    assert said[2].startswith("wifirelay: an apply waits for its confirmation")
    assert router.run(IPK["postrm"], "remove") == []


def test_an_empty_snapshot_is_no_apply(router: Router) -> None:
    (router.root / "var/run/rpcd/snapshot-files").mkdir(parents=True)
    assert "rpcd reload" in router.run(here(IPK["postinst"], router))


def test_a_router_without_rpcd(router: Router) -> None:
    (router.root / "etc/init.d/rpcd").unlink()
    assert router.run(here(IPK["postinst"], router)) == ["default_postinst", "services start"]


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_an_image_builder_touches_no_service(kind: str, name: str, router: Router) -> None:
    image = router.root / "image"
    (image / "lib").mkdir(parents=True)
    (image / "lib/functions.sh").write_text(FUNCTIONS)
    text = (IPK if kind == "ipk" else APK)[name]
    log = router.run(text, IPKG_INSTROOT=str(image))
    assert set(log) <= {
        *("default_postinst", "default_prerm ", "services start", "services stop"),
        "add_group_and_user",
    }
    assert (router.root / "etc/init.d/wifirelay").exists()


@pytest.mark.parametrize("text", [IPK["postinst"], IPK["prerm"], APK["post-install"]])
def test_without_openwrts_functions_nothing_happens(text: str, router: Router) -> None:
    assert router.run(text, IPKG_INSTROOT=str(router.root / "nowhere")) == []
