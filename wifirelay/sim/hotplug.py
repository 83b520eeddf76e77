# SPDX-License-Identifier: GPL-2.0-or-later
"""/sbin/hotplug-call: the scripts of /etc/hotplug.d/SUBSYSTEM for one event, one at a time.

Each is read into a subshell of one ash process, with the event's variables in the
environment, as OpenWrt does.
"""

import os
import time

from wifirelay.sim.chores import Chores
from wifirelay.sim.files import Root
from wifirelay.sim.shell import Shell
from wifirelay.transport.base import Completed

_CALL = """
for script in "$WIFIRELAY_ROOT/etc/hotplug.d/$HOTPLUG_TYPE"/*; do (
	[ -f "$script" ] && . "$script"
); done
"""
_CLIENT = """
for f in "$WIFIRELAY_ROOT"/etc/udhcpc.user.d/*; do
	[ -f "$f" ] && (. "$f" "$@")
done
"""
_LIMIT = 5.0  # seconds of this machine, for what scripts leave running in virtual time


class Hotplug:
    """The hotplug events of one router."""

    def __init__(self, root: Root, shell: Shell, chores: Chores) -> None:
        self._root, self._shell, self._chores = root, shell, chores

    def later(self, subsystem: str, **variables: str) -> None:
        """An event from within: its scripts run without holding up anything."""
        if self._scripts(subsystem):
            self._chores.add(lambda: self.call(subsystem, **variables))

    def call(self, subsystem: str, **variables: str) -> Completed:
        """The same at once. Not to be called with the router's lock."""
        if not self._scripts(subsystem):
            return Completed(0)
        environment = {"HOTPLUG_TYPE": subsystem, "LOGNAME": "root", "USER": "root", **variables}
        argv = self._shell.script_argv(["sh", "-c", _CALL, "hotplug-call", subsystem])
        # a session of its own, whose number the first line tells
        argv[argv.index("-c") + 1] = "echo $$\n" + argv[argv.index("-c") + 1]
        done = self._shell.run(argv, None, origin="hotplug", more=environment)
        group, _, out = done.out.partition(b"\n")
        if not self._chores.real():
            self._settle(int(group))
        return Completed(done.rc, out, done.err)

    def client(self, event: str, variables: dict[str, str]) -> None:
        """An event of udhcpc's, for the scripts at the end of netifd's dhcp.script. A network that
        names no login page, after one that did not either, tells them nothing new."""
        told = self._root.here(f"/var/run/wifirelay/api.{variables['INTERFACE']}")
        if "opt114" not in variables and not os.path.exists(told):
            return
        argv = self._shell.script_argv(["sh", "-c", _CLIENT, "dhcp.script", event])
        self._chores.add(lambda: self._shell.run(argv, None, origin="udhcpc", more=variables))

    def _scripts(self, subsystem: str) -> bool:
        try:
            return bool(os.listdir(self._root.here(f"/etc/hotplug.d/{subsystem}")))
        except FileNotFoundError:
            return False

    def _settle(self, group: int) -> None:
        """Virtual time must not pass by what the scripts let go of."""
        end = time.monotonic() + _LIMIT
        while time.monotonic() < end:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.002)
