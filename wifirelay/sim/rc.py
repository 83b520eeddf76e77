# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs an init script of the simulated router, as OpenWrt's /etc/rc.common does.

The script's functions run for real in ash, with the router's UCI (staged edits
included); what they ask of procd is noted, in their order, for `procd.py` to do.
"""

import os
import re
import shlex
import tempfile
from dataclasses import dataclass

from wifirelay.errors import DeadlineExceeded
from wifirelay.sim.files import Root
from wifirelay.sim.shell import Shell
from wifirelay.sim.uci import UciError, UciFolders, load
from wifirelay.transport.base import Completed

LIMIT = 20.0  # seconds of this machine
Notes = tuple[tuple[str, ...], ...]

_FUNCTIONS = r"""
note() { for word; do printf '%s\001' "$word"; done >>"$NOTES"; printf '\002' >>"$NOTES"; }
config_get() {
	case $2${3:-$1} in
	*[!A-Za-z0-9_]*) ;;
	*)
		case ${3-} in
		'') eval "echo \"\${CONFIG_${1}_${2}:-\${4-}}\"" ;;
		*) eval "export -- \"${1}=\${CONFIG_${2}_${3}:-\${4-}}\"" ;;
		esac
		;;
	esac
}
config_get_bool() {
	local bool
	config_get bool "$2" "$3" "${4-}"
	case $bool in
	1 | on | true | yes | enabled) bool=1 ;;
	0 | off | false | no | disabled) bool=0 ;;
	*) bool=${4-} ;;
	esac
	export -- "$1=$bool"
}
config_foreach() {
	local function=$1 type=${2-} section found
	[ $# -lt 2 ] || shift
	shift
	for section in $CONFIG_SECTIONS; do
		config_get found "$section" TYPE
		[ "$type" ] && [ "$type" != "$found" ] || "$function" "$section" "$@" || return
	done
}
config_list_foreach() {
	local section=$1 option=$2 function=$3 length value number=1
	shift 3
	config_get length "$section" "${option}_LENGTH"
	while [ $number -le "${length:-0}" ]; do
		config_get value "$section" "${option}_ITEM$number"
		"$function" "$value" "$@" || return
		number=$((number + 1))
	done
}
procd_open_service() { note service "$@"; }
procd_close_service() { service_triggers; note end "$@"; }
procd_open_instance() { note open "$@"; }
procd_set_param() { note set "$@"; }
procd_append_param() { note append "$@"; }
procd_close_instance() { :; }
procd_add_reload_trigger() { note trigger "$@"; }
procd_send_signal() { note signal "$@"; }
procd_kill() { note kill "$@"; RUNNING=' '; }
procd_running() {
	case "$RUNNING" in *" $1 ${2:-*} "*) return 0 ;; *) return 1 ;; esac
}
for stub in procd_add_jail procd_add_jail_mount procd_add_jail_mount_rw procd_open_trigger \
	procd_close_trigger procd_add_config_trigger procd_add_interface_trigger procd_lock \
	procd_add_reload_interface_trigger procd_add_raw_trigger procd_add_validation \
	procd_open_validate procd_close_validate procd_open_data procd_close_data \
	start_service stop_service service_triggers service_data \
	service_started service_stopped; do
	eval "$stub() { :; }"
done
EXTRA=
extra_command() { EXTRA="$EXTRA $1"; }
service_running() { procd_running "$name" "${1-}"; }
start() { return 0; }
stop() { return 0; }
boot() { start "$@"; }
shutdown() { stop; }
restart() { stop "$@"; start "$@"; }
reload() { restart; }
running() { return 0; }
status() { running; }
initscript=$1 name=${1##*/} action=${2:-help}
shift
[ $# = 0 ] || shift
. "$initscript"
if [ "${USE_PROCD-}" ]; then
	rc_procd() { procd_open_service "$name" "$initscript"; "$@"; procd_close_service; }
	start() { rc_procd start_service "$@" && service_started; }
	stop() { stop_service "$@"; procd_kill "$name" "${1-}"; service_stopped; }
	if type reload_service >/dev/null 2>&1; then
		reload() { reload_service "$@"; }
	else
		reload() { start; }
	fi
	running() { service_running "$@"; }
	status() {
		case "$RUNNING" in
		*" $name "*) echo running ;;
		*) echo inactive && return 3 ;;
		esac
	}
fi
case $action in
enable) note enable "${START-}" "${STOP-}" ;;
disable) note disable ;;
start | stop | restart | reload | boot | shutdown | running | status) $action "$@" ;;
*)
	case " ${EXTRA_COMMANDS-} $EXTRA " in
	*" $action "*) "$action" "$@" ;;
	*) echo "Syntax: $initscript [command]" && exit 1 ;;
	esac
	;;
esac
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one action of an init script printed, how it ended, and what it asked of procd."""

    completed: Completed
    notes: Notes


class InitScripts:
    """The init scripts of one router."""

    def __init__(self, root: Root, shell: Shell, folders: UciFolders) -> None:
        self._root, self._shell, self._folders = root, shell, folders

    def exists(self, name: str) -> bool:
        return re.fullmatch(r"[\w.-]+", name) is not None and os.path.isfile(self.path(name))

    def path(self, name: str) -> str:
        return self._root.here(f"/etc/init.d/{name}")

    def names(self) -> list[str]:
        return sorted(os.listdir(self._root.here("/etc/init.d")))

    def run(self, name: str, words: tuple[str, ...], running: list[tuple[str, str]]) -> Asked:
        """One action; `running`: the services' living instances, by service and own name."""
        path = self.path(name)
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
        if "rc.common" not in text.split("\n", 1)[0]:
            # a program of its own: by a path that `exec` does not send here again
            argv = [self._shell.launch.exec, f"/etc/init.d/../init.d/{name}", *words]
            return Asked(self._shell.run(argv, None, origin="init", limit=LIMIT), ())
        code = self._config(text) + _FUNCTIONS
        handle, notes = tempfile.mkstemp(prefix=".notes-", dir=self._shell.shims)
        os.close(handle)
        living = "".join(
            f"{service} {instance} \n {service} * \n " for service, instance in running
        )
        try:
            completed = self._shell.run(
                self._shell.script_argv(["sh", "-c", code, path, path, *words]),
                None,
                origin="init",
                limit=LIMIT,
                more={"NOTES": notes, "RUNNING": f" {living}"},
            )
            with open(notes, encoding="utf-8", errors="surrogateescape") as file:
                said = file.read()
        except DeadlineExceeded:
            return Asked(Completed(1, err=f"/etc/init.d/{name}: it hangs\n".encode()), ())
        finally:
            os.unlink(notes)
        noted = (tuple(each.split("\1")[:-1]) for each in said.split("\2")[:-1])
        return Asked(completed, tuple(noted))

    def numbers(self, name: str) -> dict[str, int]:
        """START and STOP."""
        with open(self.path(name), encoding="utf-8") as file:
            text = file.read()
        found = {
            word: re.search(rf"^{word.upper()}=(\d+)", text, re.M) for word in ("start", "stop")
        }
        return {word: int(match[1]) for word, match in found.items() if match}

    def links(self, name: str, kinds: str = "SK") -> list[str]:
        """Its links in /etc/rc.d."""
        there = os.listdir(self._root.here("/etc/rc.d"))
        wanted = re.compile(rf"[{kinds}]\d\d{re.escape(name)}")
        return sorted(link for link in there if wanted.fullmatch(link))

    def started_at_boot(self) -> list[str]:
        """The enabled ones, in the order of their numbers."""
        links = sorted(os.listdir(self._root.here("/etc/rc.d")))
        return [link[3:] for link in links if re.fullmatch(r"S\d\d.+", link)]

    def enable(self, name: str) -> None:
        for word, number in self.numbers(name).items():
            link = f"/etc/rc.d/{'S' if word == 'start' else 'K'}{number:02d}{name}"
            if not os.path.lexists(self._root.here(link)):
                os.symlink(f"../init.d/{name}", self._root.here(link))

    def disable(self, name: str) -> None:
        for link in self.links(name):
            os.unlink(self._root.here(f"/etc/rc.d/{link}"))

    def _config(self, text: str) -> str:
        """`config_load` for the packages that the script may load."""
        wanted = set(re.findall(r"config_load\s+[\"']?(\w+)", text))
        if re.search(r"config_load\s+[\"']?\$", text):
            folder = self._folders.config
            wanted |= {name for name in os.listdir(folder) if re.fullmatch(r"\w+", name)}
        return f"config_load() {{\nCONFIG_SECTIONS=\ncase $1 in\n{self._cases(wanted)}esac\n}}\n"

    def _cases(self, packages: set[str]) -> str:
        out = ""
        for name in sorted(packages):
            try:
                sections = load(name, self._folders).sections
            except UciError:
                out += f"{name}) return 1 ;;\n"
                continue
            lines = [f"CONFIG_SECTIONS={shlex.quote(' '.join(s.name for s in sections))}"]
            for section in sections:
                before = f"CONFIG_{section.name}"
                lines.append(f"{before}_TYPE={shlex.quote(section.type)}")
                for option, value in section.options.items():
                    items = [value] if isinstance(value, str) else value
                    lines.append(f"{before}_{option}={shlex.quote(' '.join(items))}")
                    if not isinstance(value, str):
                        lines.append(f"{before}_{option}_LENGTH={len(items)}")
                        lines += [
                            f"{before}_{option}_ITEM{number}={shlex.quote(item)}"
                            for number, item in enumerate(items, 1)
                        ]
            good = [line for line in lines if re.match(r"\w+=", line)]
            out += f"{name})\n" + "\n".join(good) + "\n;;\n"
        return out
