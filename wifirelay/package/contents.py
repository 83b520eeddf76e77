# SPDX-License-Identifier: GPL-2.0-or-later
"""What is on a router that has the service: the one table of its files, whoever puts them there.

Knows paths, modes and which modules are the router's part; compiles nothing and sends nothing.
"""

import os
from collections.abc import Iterator

from wifirelay.change.files import TREE, RouterFile, sentry_files, source

CONFIG = "/etc/config/wifirelay"

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Path on the router, mode, name in openwrt/files
_TABLE = (
    ("/usr/bin/wifirelay", "755", "wifirelay.launcher"),
    ("/etc/init.d/wifirelay", "755", "wifirelay.init"),
    ("/etc/hotplug.d/iface/90-wifirelay", "644", "wifirelay.hotplug"),
    ("/etc/hotplug.d/ieee80211/90-wifirelay", "644", "wifirelay.hotplug"),
    ("/etc/hotplug.d/button/90-wifirelay", "644", "wifirelay.button"),
    ("/usr/libexec/wifirelay-baseline", "755", "wifirelay-baseline"),
    ("/usr/libexec/rpcd/wifirelay", "755", "wifirelay.rpcd"),
    ("/usr/share/rpcd/acl.d/wifirelay.json", "644", "wifirelay.acl.json"),
)

# Modules and scripts that a router has no use for: SSH, a person's own files and those of other
# programs, simulators, the check-up, and what puts the service on a router. `wifirelay setup`
# works there: the sentry's files are data.
LAPTOP = (
    *("api", "evaluation", "imports", "package", "sim", "web"),
    *("change.checkup", "change.deploy", "change.lacking", "cli.demo", "cli.doctor"),
    *("cli.evaluate", "cli.guide", "cli.lacks"),
    *(
        "cli.host",
        "cli.install",
        "cli.networks_import",
        "cli.reaching",
        "cli.real_time",
        "cli.report",
    ),
    *("cli.simulate", "cli.trust", "cli.uninstall", "cli.web", "config.edit_file"),
    *(
        "config.yaml_outline",
        "config.yaml_priority",
        "config.yaml_text",
        "core.doctor",
        "router.phy",
        "router.radio",
    ),
    *("transport.hostkeys", "transport.login", "transport.shell", "transport.ssh"),
    *("transport.sshchannel", "transport.sshlink", "view.chart", "view.demo", "view.doctor"),
    *("view.imported", "view.report"),
    *("cli.looking", "cli.screen", "cli.watch", "cli.watching", "cli.completion"),
    *("view.changes", "view.live", "view.picture", "view.spark"),
    *(
        "cli.crew",
        "cli.many",
        "cli.open_ssh",
        "cli.routers",
        "config.routers",
        "config.yaml_routers",
        "view.many",
    ),
    *("change.move_lan", "cli.moving_lan", "core.common_subnets", "core.lan"),
    *("cli.metrics", "view.exposition", "view.metrics"),
    *("cli.broker", "cli.mqtt", "cli.mqtt_options", "view.home"),
)
LAPTOP_SCRIPTS = (
    "stage_lan",
    "deploy",
    "deployed",
    "deploying",
    "sums",
    "survey",
    "undeploy",
)  # fingerprint: `networks add` too
_SENTRY_SOURCES = (
    "wifirelay-sentry",
    "wifirelay-sentry.init",
    "wifirelay.udhcpc",
)  # for `setup` there


def router_files() -> tuple[RouterFile, ...]:
    """All but the Python tree, the configuration and the sentry."""
    return tuple(RouterFile(path, mode, source(name)) for path, mode, name in _TABLE)


def own_paths() -> tuple[str, ...]:
    """Where `router_files` are: what goes when the service is taken off."""
    return tuple(path for path, _, _ in _TABLE)


def default_config() -> bytes:
    """/etc/config/wifirelay where there is none."""
    return source("wifirelay.config")


def compiler() -> bytes:
    """The program that compiles the Python tree, on the router or here."""
    return source("wifirelay-compile.py")


def packaged_files() -> tuple[RouterFile, ...]:
    """What a package holds beside the Python tree: all of it."""
    config = RouterFile(CONFIG, "600", default_config())
    return tuple(sorted((*router_files(), config, *sentry_files()), key=lambda file: file.path))


def python_sources() -> tuple[RouterFile, ...]:
    """The Python tree before it is compiled, with the scripts and the sentry as its data."""
    return tuple(sorted(_tree(), key=lambda file: file.path))


def _tree() -> Iterator[RouterFile]:
    for folder, names, files in os.walk(_PACKAGE):
        names[:] = [name for name in names if name not in ("__pycache__", "onrouter")]
        for file in files:
            path = os.path.relpath(os.path.join(folder, file), _PACKAGE)
            stem, kind = os.path.splitext(path)
            parts = stem.split(os.sep)
            if kind == ".py" and not _laptop(parts):
                content = _read(os.path.join(folder, file))
                if not content:
                    continue  # a folder is a package without an empty __init__.py too
            elif kind == ".sh" and parts[-1] not in LAPTOP_SCRIPTS:
                content = _code(_read(os.path.join(folder, file)))
            else:
                continue
            yield RouterFile(f"{TREE}/wifirelay/{'/'.join(parts)}{kind}", "644", content)
    for name in _SENTRY_SOURCES:
        yield RouterFile(f"{TREE}/wifirelay/onrouter/{name}", "644", source(name))


def _laptop(parts: list[str]) -> bool:
    return any(parts[: name.count(".") + 1] == name.split(".") for name in LAPTOP)


def _code(script: bytes) -> bytes:
    """Without the lines that are comments: they are not sent to a shell either."""
    lines = script.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.lstrip().startswith(b"#"))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
