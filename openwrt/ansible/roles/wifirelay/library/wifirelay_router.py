# SPDX-License-Identifier: GPL-2.0-or-later
"""An Ansible module: one OpenWrt router has wifirelay, its service, and its known networks.

Runs on the control node, where the program `wifirelay` is, which reaches the router itself: the
router needs no Python for it. Knows which words to say to that program and what its JSON answers
mean; everything else is the program's. Keys go there over standard input; a login password, for
which there is no such way, in a file of mode 0600 that is gone afterwards.
"""

import json
import os
import shutil
import subprocess
import tempfile
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: wifirelay_router
short_description: wifirelay on an OpenWrt router
description:
  - Asks C(wifirelay setup --show) or C(wifirelay install --show) what a router lacks, and has it
    done when there is something. Runs on the control node; use C(delegate_to=localhost).
options:
  kind:
    description: V(sentry) is the baseline and the sentry; V(service) is the service as well.
    type: str
    choices: [sentry, service]
    required: true
  host: {description: Address of the router., type: str, required: true}
  port: {description: Port of its SSH server., type: int, default: 22}
  user: {description: Who logs in., type: str, default: root}
  key_file: {description: SSH key on the control node to log in with., type: path}
  password: {description: Password to log in with., type: str}
  known_hosts:
    description: File of host keys that is looked into before C(~/.ssh/known_hosts).
    type: path
  networks:
    description: Known networks as a JSON list of what wifirelay's configuration has.
    type: str
  command: {description: The program on the control node., type: path, default: wifirelay}
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: [wifirelay]
"""
EXAMPLES = r"""
- wifirelay_router:
    kind: service
    host: "{{ ansible_host }}"
    networks: "{{ wifirelay_networks | to_json }}"
  delegate_to: localhost
"""
RETURN = r"""
edits: {description: 'Edits of the configuration, secrets as ***.', type: list, returned: success}
files: {description: Files that were missing or other ones., type: list, returned: success}
stopped: {description: Services that did not run., type: list, returned: success}
model: {description: The router., type: str, returned: success}
release: {description: Its OpenWrt., type: str, returned: success}
"""

OPTIONS: dict[str, Any] = {
    "kind": {"type": "str", "choices": ["sentry", "service"], "required": True},
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "default": 22},
    "user": {"type": "str", "default": "root"},
    "key_file": {"type": "path"},
    "password": {"type": "str", "no_log": True},
    "known_hosts": {"type": "path"},
    # As text, and not as a list: of a list, Ansible would hide each SSID and number wherever it
    # occurs in an answer.
    "networks": {"type": "str", "no_log": True},
    "command": {"type": "path", "default": "wifirelay"},
}
STDIN = "/dev/stdin"
SECRETS = ("key", "login_form", "password", "priv_key_password")
SHORT = 8  # characters: hidden in the words of a message, a shorter one would be betrayed
UNREACHABLE = 3  # exit code: no answer, login or host key refused


def main() -> None:
    """Ask; do it, unless that is only checked; tell."""
    module = AnsibleModule(OPTIONS, supports_check_mode=True)
    folder = tempfile.mkdtemp(dir=module.tmpdir)  # mode 0700
    try:
        configuration = _configuration(module, folder)
        found = _run(module, configuration, "--show")
        if found["needed"] and not module.check_mode:
            found = _run(module, configuration, "--yes")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for remark in found["remarks"]:
        module.warn(remark)
    told = {name: found[name] for name in ("edits", "files", "stopped", "model", "release")}
    module.exit_json(changed=found["needed"], diff={"prepared": _difference(found)}, **told)


def _configuration(module: AnsibleModule, folder: str) -> dict[str, Any]:
    """What wifirelay reads as its configuration."""
    words = module.params
    host = f"[{words['host']}]" if ":" in words["host"] else words["host"]
    # of a relative path ssh says: from where Ansible was started
    files = ("key_file", "known_hosts")
    login = {name: os.path.abspath(words[name]) for name in files if words[name]}
    if words["password"]:
        login["password_file"] = os.path.join(folder, "password")
        with open(os.open(login["password_file"], os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(words["password"])
    return {
        "router": f"ssh://{words['user']}@{host}:{words['port']}",
        "login": login,
        "networks": _networks(module),
    }


def _networks(module: AnsibleModule) -> Any:
    """As they were given: what they may hold is wifirelay's to say."""
    try:
        networks = json.loads(module.params["networks"] or "[]")
    except ValueError:
        module.fail_json(msg="networks: is not JSON; write `{{ wifirelay_networks | to_json }}`")
    waiting = [networks]
    while waiting:  # no answer of wifirelay's has them; should one have, it is hidden
        each = waiting.pop()
        waiting += each.values() if isinstance(each, dict) else each if _is_list(each) else []
        if isinstance(each, dict):
            secrets = {str(each[name]) for name in SECRETS if name in each}
            module.no_log_values.update(text for text in secrets if len(text) >= SHORT)
    return networks


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _run(module: AnsibleModule, configuration: dict[str, Any], how: str) -> dict[str, Any]:
    """The answer of one command of wifirelay's; ends here when it failed."""
    command = module.params["command"]
    words = ["install", "--networks"] if module.params["kind"] == "service" else ["setup"]
    if not configuration["networks"]:
        words = words[:1]
    try:
        done = subprocess.run(
            [command, "--config", STDIN, "--json", *words, how],
            input=json.dumps(configuration, ensure_ascii=False),
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            check=False,
        )
    except OSError as error:
        module.fail_json(
            msg=f"{command} cannot be started on the control node: {error.strerror}; "
            "`pipx install wifirelay` there, or name it with wifirelay_command"
        )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        module.fail_json(msg=f"{command} gave no answer: {said[0]}", rc=done.returncode)
    if done.returncode != 0:
        _tell(module, answer, done.returncode)
    if "needed" not in answer:
        module.fail_json(msg=f"{command} is too old for this role: upgrade it")
    return answer


def _tell(module: AnsibleModule, answer: dict[str, Any], code: int) -> NoReturn:
    """What went wrong, in wifirelay's words."""
    text = "; ".join(filter(None, (answer.get("error", ""), answer.get("hint", ""))))
    text = text.replace(f"{STDIN}: networks", "wifirelay_networks")
    if code == UNREACHABLE:
        module.exit_json(unreachable=True, changed=False, msg=text)  # an `rc` would mean: failed
    module.fail_json(msg=text, rc=code)


def _difference(found: dict[str, Any]) -> str:
    lines = [f"+ {edit}" for edit in found["edits"]]
    lines += [f"+ file {path}" for path in found["files"]]
    lines += [f"+ start {name}" for name in found["stopped"]]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()
