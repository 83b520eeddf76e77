# SPDX-License-Identifier: GPL-2.0-or-later
"""What a package says of itself, and what a package manager runs. Knows no archive format.

The scripts are those that OpenWrt's own build makes (include/package-pack.mk), around ours.
"""

from dataclasses import dataclass

from wifirelay.change.files import source
from wifirelay.package.contents import CONFIG

NAME = "wifirelay"
RELEASE = "1"
LICENSE = "GPL-2.0-or-later"
DESCRIPTION = (
    "Gives the router its internet over Wi-Fi: joins the best network that it knows, proves that "
    "the internet works through it, stays online for months, and keeps the own access points on "
    "the air whatever happens. Installed disabled."
)
# Beside python3-light: the plugin's host, the scans' object, and what the shell reads JSON with.
DEPENDS = ("rpcd", "rpcd-mod-iwinfo", "jsonfilter")
CONFFILES = (CONFIG,)

Version = tuple[int, int]  # Python's major and minor: those of the bytecode


@dataclass(frozen=True, slots=True)
class Identity:
    """Which package it is: wifirelay's version, and the Python that it is compiled for."""

    version: str
    python: Version
    epoch: int = 0  # SOURCE_DATE_EPOCH

    @property
    def description(self) -> str:
        major, minor = self.python
        return f"{DESCRIPTION} Compiled for Python {major}.{minor}."


def ipk_scripts() -> dict[str, str]:
    """The scripts of an .ipk by name; opkg keeps the `-pkg` ones for the default ones to run."""
    return {
        "preinst": ours("preinst"),
        "postinst": f"{_begin()}default_postinst $0 $@\n",
        "postinst-pkg": ours("postinst"),
        "prerm": f"{_begin(can_be_skipped=False)}default_prerm $0 $@\n",
        "prerm-pkg": ours("prerm"),
        "postrm": ours("postrm"),
    }


def apk_scripts() -> dict[str, str]:
    """The scripts of an .apk by apk's names for the moments at which they run."""
    names = f'export root="${{IPKG_INSTROOT}}"\nexport pkgname="{NAME}"\n'
    after = f"{_begin()}{names}add_group_and_user\ndefault_postinst\n{_inner('postinst')}"
    before = f"{_begin(can_be_skipped=False)}{names}default_prerm\n{_inner('prerm')}"
    upgrade = "#!/bin/sh\nexport PKG_UPGRADE=1\n"
    return {
        "pre-install": ours("preinst"),
        "post-install": after,
        "pre-upgrade": f"{upgrade}{_inner('preinst')}",
        "post-upgrade": f"{upgrade}{_without_first_line(after)}",
        "pre-deinstall": before,
        "post-deinstall": ours("postrm"),
    }


def ours(name: str) -> str:
    """What our own package does at this moment, as openwrt/Makefile has it too."""
    return source(f"{NAME}.{name}").decode()


def _begin(*, can_be_skipped: bool = True) -> str:
    skip = '[ "${IPKG_NO_SCRIPT}" = "1" ] && exit 0\n' if can_be_skipped else ""
    return (
        f"#!/bin/sh\n{skip}"
        "[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0\n"
        ". ${IPKG_INSTROOT}/lib/functions.sh\n"
    )


def _inner(name: str) -> str:
    return _without_first_line(ours(name))


def _without_first_line(text: str) -> str:
    return text.partition("\n")[2]
