# SPDX-License-Identifier: GPL-2.0-or-later
"""luci-app-wifirelay as a package: its files, what it says of itself, and its script under busybox
ash. That openwrt/Makefile makes the same is in tests/test_feed_makefile.py."""

import json
import subprocess
from pathlib import Path

import pytest
from known import CHECKOUT
from packaged import files, luci, luci_identity
from test_package_scripts import FUNCTIONS, Router, here, pending
from test_style import clean, tool

from wifirelay import __version__
from wifirelay.package.apk import apk_files, mkpkg_words
from wifirelay.package.control import LUCI, apk_scripts, ipk_scripts
from wifirelay.package.ipk import make_ipk
from wifirelay.web.files import FOLDER

SCRIPT = CHECKOUT / "openwrt/luci/postinst"
VIEW = "/www/luci-static/resources/view/wifirelay.js"
MENU = "/usr/share/luci/menu.d/luci-app-wifirelay.json"
PAGE = f"/www/luci-static/resources/wifirelay/{__version__}"
INIT = '#!/bin/sh\necho "${0##*/} $*" >>"$WIFIRELAY_ROOT/log"\n'
BUDGET = 64 * 1024  # bytes, compressed


def content() -> dict[str, bytes]:
    return {file.path: file.content for file in luci()}


def test_it_holds_the_view_the_menu_and_the_page() -> None:
    page = {path.name for path in Path(FOLDER).iterdir()} - {"index.html", "main.js", "icon.svg"}
    assert {"page.js", "page.css"} <= page
    assert set(content()) == {VIEW, MENU, *(f"{PAGE}/{name}" for name in {*page, "luci.css"})}
    assert {file.mode for file in luci()} == {"644"}
    assert not set(content()) & {file.path for file in files()}


def test_the_view_takes_the_page_of_its_own_version() -> None:
    assert f"const VERSION = '{__version__}';" in content()[VIEW].decode()


def test_what_the_page_takes_is_there() -> None:
    """Relative, and without the entry that only `wifirelay web` has."""
    for path, text in content().items():
        for line in text.decode().splitlines():
            if path.endswith(".js") and line.startswith(("import ", "} from ")):
                name = line.rpartition(" from ")[2].strip("';\"")
                assert name.startswith("./")
                assert f"{PAGE}/{name[2:]}" in content(), line


def test_the_menu_leads_to_the_view_for_those_who_may_see_it() -> None:
    (entry,) = json.loads(content()[MENU]).values()
    group = json.loads((CHECKOUT / "openwrt/files/wifirelay.acl.json").read_text("utf-8"))
    assert VIEW.endswith(f"/view/{entry['action']['path']}.js")
    assert entry["action"]["type"] == "view"
    assert entry["depends"] == {"acl": list(group)}


def test_the_ipk(tmp_path: Path) -> None:
    made = make_ipk(luci_identity(), luci())
    assert made == make_ipk(luci_identity(), luci())
    assert len(made) <= BUDGET
    (tmp_path / "ipk").write_bytes(made)
    subprocess.run(["tar", "-xzf", "ipk"], cwd=tmp_path, check=True)
    for part in ("data", "control"):
        (tmp_path / part).mkdir()
        tar = ["tar", "-xpzf", f"{part}.tar.gz", "-C", part]
        subprocess.run(tar, cwd=tmp_path, check=True)
    for path, text in content().items():
        assert (tmp_path / "data" / path[1:]).read_bytes() == text
    assert {path.name for path in (tmp_path / "control").iterdir()} == {
        *("control", "postinst", "postinst-pkg", "prerm"),
    }
    lines = (tmp_path / "control/control").read_text().splitlines()
    said = dict(line.split(": ", 1) for line in lines)
    assert (said["Package"], said["Version"]) == ("luci-app-wifirelay", f"{__version__}-1")
    assert (said["Section"], said["Architecture"]) == ("luci", "all")
    assert said["Depends"] == "wifirelay, luci-base"
    assert said["Description"] == LUCI.about


def test_the_apk() -> None:
    words = mkpkg_words(luci_identity(), "FILES", "SCRIPTS", "OUT")
    assert "name:luci-app-wifirelay" in words
    assert "depends:wifirelay luci-base" in words
    at = "/lib/apk/packages/luci-app-wifirelay.list"
    added = {file.path: file.content.decode() for file in apk_files(LUCI, luci())}
    assert set(added) - set(content()) == {at}
    assert added[at].splitlines() == sorted(content())
    assert set(apk_scripts(LUCI)) == {
        *("post-install", "pre-upgrade", "post-upgrade", "pre-deinstall"),
    }
    assert 'export pkgname="luci-app-wifirelay"\n' in apk_scripts(LUCI)["post-install"]


# --- its script ---


@pytest.fixture
def router(tmp_path: Path) -> Router:
    """With what LuCI keeps of its menu and modules, and of others."""
    router = Router(tmp_path)
    router.add("etc/init.d/rpcd", INIT)
    router.add("lib/functions.sh", FUNCTIONS, runs=False)
    for name in ("luci-indexcache.0123.json", "luci-modulecache/one", "other"):
        router.add(f"tmp/{name}", "{}", runs=False)
    return router


def left(router: Router) -> list[str]:
    return sorted(path.name for path in (router.root / "tmp").iterdir())


def test_shellcheck_and_busybox_read_it() -> None:
    clean(tool("shellcheck"), "-s", "dash", str(SCRIPT))
    clean(tool("busybox"), "ash", "-n", str(SCRIPT))
    for text in (*ipk_scripts(LUCI).values(), *apk_scripts(LUCI).values()):
        assert text.startswith("#!/bin/sh\n")
        clean(tool("busybox"), "ash", "-n", stdin=text)


def test_luci_looks_for_its_menu_again(router: Router) -> None:
    assert router.run(SCRIPT.read_text("utf-8")) == ["rpcd reload"]
    assert left(router) == ["other"]
    assert router.run(SCRIPT.read_text("utf-8")) == ["rpcd reload"]


@pytest.mark.parametrize("name", ["post-install", "post-upgrade"])
def test_apk_runs_it(name: str, router: Router) -> None:
    assert router.run(here(apk_scripts(LUCI)[name], router)) == [
        *("add_group_and_user", "default_postinst", "services start", "rpcd reload"),
    ]
    assert left(router) == ["other"]


def test_an_apply_of_luci_that_waits_is_left_alone(router: Router) -> None:
    """rpcd forgets it when it is reloaded, and the new configuration would stay for ever."""
    pending(router)
    assert router.run(SCRIPT.read_text("utf-8")) == []
    assert left(router) == ["other"]


def test_an_image_builder_touches_nothing(router: Router) -> None:
    assert router.run(SCRIPT.read_text("utf-8"), IPKG_INSTROOT="/image") == []
    assert "luci-modulecache" in left(router)


def test_a_router_without_rpcd(router: Router) -> None:
    (router.root / "etc/init.d/rpcd").unlink()
    assert router.run(SCRIPT.read_text("utf-8")) == []
