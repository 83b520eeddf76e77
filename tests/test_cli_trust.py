# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay trust`: a key is stored only when somebody says so, and never over another."""

import io
import os

import paramiko
import pytest
from shapes import Run, Say, home, run, say
from ssh_server import Server

from wifirelay.transport import hostkeys

__all__ = ["home", "run", "say"]


@pytest.fixture
def server():
    with Server(blank=True) as server:
        yield server


def host(server):
    return f"127.0.0.1:{server.port}"


def typed(monkeypatch, text):
    stream = io.StringIO(text)
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", stream)


def test_store_and_again(run: Run, server, home):
    code, shape = run("trust", host(server), "--yes")
    assert (code, shape["action"]) == (0, "stored")
    assert shape["fingerprint"] == server.key.fingerprint
    assert hostkeys.stored("127.0.0.1", server.port).keys == (server.key,)
    path = os.path.join(home, ".config", "wifirelay", "known_hosts")
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert run("trust", host(server))[1]["action"] == "already"
    assert server.logins == 0  # looking at a key needs no login


def test_it_says_how_to_compare(say: Say, server, monkeypatch):
    typed(monkeypatch, "y\n")
    code, out, err = say("trust", host(server))
    assert code == 0
    assert "is stored" in out
    assert server.key.fingerprint in err
    assert "dropbearkey -y -f /etc/dropbear/dropbear_ecdsa_host_key" in err


def test_a_key_in_the_file_that_the_configuration_names(run: Run, server, tmp_path):
    named = tmp_path / "fleet"
    named.write_text(server.key.line("127.0.0.1", server.port) + "\n")
    config = tmp_path / "config.yaml"
    config.write_text(f"login: {{known_hosts: {named}}}\n")
    code, shape = run("--config", str(config), "trust", host(server))
    assert (code, shape["action"]) == (0, "already")
    assert hostkeys.stored("127.0.0.1", server.port).keys == ()


def test_no_is_no(say: Say, server, monkeypatch):
    typed(monkeypatch, "n\n")
    assert say("trust", host(server))[0] == 2
    assert hostkeys.stored("127.0.0.1", server.port).keys == ()


def test_nobody_to_ask(run: Run, server, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    code, shape = run("trust", host(server))
    assert code == 2
    assert server.key.fingerprint in shape["error"]
    assert "--yes" in shape["hint"]
    assert hostkeys.stored("127.0.0.1", server.port).keys == ()


def test_another_key(run: Run, server):
    old = paramiko.ECDSAKey.generate()
    other = hostkeys.HostKey(old.get_name(), old.asbytes())
    hostkeys.store("127.0.0.1", server.port, other, replace=False)
    code, shape = run("trust", host(server), "--yes")
    assert code == 3
    assert "has changed" in shape["error"]
    assert hostkeys.stored("127.0.0.1", server.port).keys == (other,)
    code, shape = run("trust", host(server), "--yes", "--replace")
    assert (code, shape["action"]) == (0, "replaced")
    assert hostkeys.stored("127.0.0.1", server.port).keys == (server.key,)


def test_a_replaced_key_counts_nowhere_any_more(run: Run, server, home):
    """Of a stolen router, say: it may stand in the user's own known_hosts, by an `ssh` of once."""
    old = paramiko.ECDSAKey.generate()
    theirs = os.path.join(home, ".ssh", "known_hosts")
    os.mkdir(os.path.dirname(theirs))
    with open(theirs, "w") as file:
        line = hostkeys.HostKey(old.get_name(), old.asbytes()).line("127.0.0.1", server.port)
        file.write(line + "\n")
    assert run("trust", host(server), "--yes")[0] == 3
    assert run("trust", host(server), "--yes", "--replace")[1]["action"] == "replaced"
    assert run("trust", host(server))[1]["action"] == "already"
    server.host_key = old  # the thief answers at the same address
    code, shape = run("--router", f"ssh://root@{host(server)}", "scan")
    assert (code, server.logins) == (3, 0)
    assert "has changed" in shape["error"]


def test_the_configured_router(run: Run, server, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(f"router: ssh://root@{host(server)}\n")
    assert run("--config", str(config), "trust", "--yes")[1]["port"] == server.port
    assert run("--router", host(server), "trust")[1]["action"] == "already"


@pytest.mark.parametrize("target", ["local", "sim:home", "recording:x.jsonl"])
def test_only_ssh_has_host_keys(run: Run, target):
    code, shape = run("trust", target, "--yes")
    assert code == 2
    assert "no SSH host key" in shape["error"]


def test_nobody_there(run: Run):
    assert run("trust", "127.0.0.1:1", "--yes")[0] == 3


def test_login_needs_trust_first(run: Run, server):
    code, shape = run("--router", f"ssh://root@{host(server)}", "scan")
    assert code == 3
    assert f"wifirelay trust {host(server)}" in shape["hint"]
