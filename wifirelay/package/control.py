# SPDX-License-Identifier: GPL-2.0-or-later
"""What a package says of itself, and what a package manager runs. Knows no archive format.

The scripts are those that OpenWrt's own build makes (include/package-pack.mk), around ours.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wifirelay.change.files import source
from wifirelay.package.contents import CONFIG
from wifirelay.package.luci import luci_source

RELEASE = "1"
LICENSE = "GPL-2.0-or-later"

Version = tuple[int, int]  # Python's major and minor: those of the bytecode


@dataclass(frozen=True, slots=True)
class Package:
    """What is the same in every build of a package."""

    name: str
    section: str
    about: str
    depends: tuple[str, ...]
    conffiles: tuple[str, ...]
    moments: tuple[str, ...]  # of an installation, at which we have something to do
    read: Callable[[str], bytes]  # what that is, for each of them

    def ours(self, moment: str) -> str | None:
        """The package's own script of this moment, as openwrt/Makefile has it too."""
        return self.read(moment).decode() if moment in self.moments else None


WIFIRELAY = Package(
    name="wifirelay",
    section="net",
    about="Gives the router its internet over Wi-Fi: joins the best network that it knows, proves "
    "that the internet works through it, stays online for months, and keeps the own access points "
    "on the air whatever happens. Installed disabled.",
    # Beside python3-light: the plugin's host, the scans' object, what the shell reads JSON with.
    depends=("rpcd", "rpcd-mod-iwinfo", "jsonfilter"),
    conffiles=(CONFIG,),
    moments=("preinst", "postinst", "prerm", "postrm"),
    read=lambda moment: source(f"wifirelay.{moment}"),
)
LUCI = Package(
    name="luci-app-wifirelay",
    section="luci",
    about="The page of wifirelay in LuCI: the networks in the air, joining one by a tap and its "
    "password, what is known, why this one, and what has been.",
    depends=("wifirelay", "luci-base"),
    conffiles=(),
    moments=("postinst",),
    read=luci_source,
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which build it is: of which package and version, and the Python that it is compiled for."""

    package: Package
    version: str
    python: Version | None  # None: nothing in it is compiled
    epoch: int = 0  # SOURCE_DATE_EPOCH

    @property
    def description(self) -> str:
        if self.python is None:
            return self.package.about
        major, minor = self.python
        return f"{self.package.about} Compiled for Python {major}.{minor}."


def ipk_scripts(package: Package) -> dict[str, str]:
    """The scripts of an .ipk by name; opkg keeps the `-pkg` ones for the default ones to run."""
    ours = package.ours
    made = {
        "preinst": ours("preinst"),
        "postinst": f"{_begin()}default_postinst $0 $@\n",
        "postinst-pkg": ours("postinst"),
        "prerm": f"{_begin(can_be_skipped=False)}default_prerm $0 $@\n",
        "prerm-pkg": ours("prerm"),
        "postrm": ours("postrm"),
    }
    return {name: text for name, text in made.items() if text is not None}


def apk_scripts(package: Package) -> dict[str, str]:
    """The scripts of an .apk by apk's names for the moments at which they run."""
    ours = package.ours
    names = f'export root="${{IPKG_INSTROOT}}"\nexport pkgname="{package.name}"\n'
    after = f"{_begin()}{names}add_group_and_user\ndefault_postinst\n{_inner(ours('postinst'))}"
    before = f"{_begin(can_be_skipped=False)}{names}default_prerm\n{_inner(ours('prerm'))}"
    upgrade = "#!/bin/sh\nexport PKG_UPGRADE=1\n"
    made = {
        "pre-install": ours("preinst"),
        "post-install": after,
        "pre-upgrade": f"{upgrade}{_inner(ours('preinst'))}",
        "post-upgrade": f"{upgrade}{_without_first_line(after)}",
        "pre-deinstall": before,
        "post-deinstall": ours("postrm"),
    }
    return {name: text for name, text in made.items() if text is not None}


def _begin(*, can_be_skipped: bool = True) -> str:
    skip = '[ "${IPKG_NO_SCRIPT}" = "1" ] && exit 0\n' if can_be_skipped else ""
    return (
        f"#!/bin/sh\n{skip}"
        "[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0\n"
        ". ${IPKG_INSTROOT}/lib/functions.sh\n"
    )


def _inner(text: str | None) -> str:
    return _without_first_line(text or "")


def _without_first_line(text: str) -> str:
    return text.partition("\n")[2]
