# SPDX-License-Identifier: GPL-2.0-or-later
"""The SSH transport against the server that routers really run."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dropbear import Connect, Start, connect, new_key, start

from wifirelay.errors import (
    ConfigError,
    ConnectError,
    DeadlineExceeded,
    HostKeyRefused,
    LinkLost,
    LoginRefused,
)
from wifirelay.sim.dropbear import Dropbear
from wifirelay.transport import shell, sshlink
from wifirelay.transport.base import Command
from wifirelay.transport.login import Login
from wifirelay.values import Secret

__all__ = ["connect", "start"]
pytestmark = pytest.mark.dropbear


def sh(script: str, stdin: bytes | None = None, deadline: float = 20.0) -> Command:
    return Command(("sh", "-c", script), stdin, deadline)


def wait_gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < until:
        time.sleep(0.01)
    return not os.path.exists(f"/proc/{pid}")


def test_login_by_key_file(start: Start, connect: Connect, tmp_path: Path) -> None:
    server = start(authorized_keys=[new_key(tmp_path / "key")])
    transport = connect(server, Login(key_file=str(tmp_path / "key")))
    assert transport.run(Command(("pwd",))).text.strip() == str(tmp_path / "home")
    assert "Pubkey auth succeeded for 'root'" in server.log()


def test_login_by_password(start: Start, connect: Connect) -> None:
    server = start(password=Secret("correct horse"))
    assert connect(server, Login(password=Secret("correct horse"))).run(sh("true")).rc == 0
    with pytest.raises(LoginRefused, match="the password"):
        connect(server, Login(password=Secret("wrong"))).run(sh("true"))


def test_the_blank_password_of_a_fresh_router(start: Start, connect: Connect) -> None:
    """dropbear (-B) takes it by SSH's method `none` only, as OpenWrt's does."""
    server = start(blank=True)
    assert connect(server).run(sh("true")).rc == 0
    assert "blank password for 'root'" in server.log()


def test_a_key_by_default_and_one_that_is_not_taken(
    start: Start, connect: Connect, tmp_path: Path
) -> None:
    key = new_key(tmp_path / "laptop/.ssh/id_ed25519")
    assert connect(start(authorized_keys=[key])).run(sh("true")).rc == 0
    assert connect(start(blank=True)).run(sh("true")).rc == 0
    with pytest.raises(LoginRefused, match=r"id_ed25519, no password; the router takes publickey"):
        connect(start()).run(sh("true"))


def test_a_key_of_the_agent(
    start: Start, connect: Connect, tmp_path: Path, agent: dict[str, str]
) -> None:
    server = start(authorized_keys=[new_key(tmp_path / "key")])
    transport = connect(server, Login(blank=False))
    with pytest.raises(LoginRefused, match="tried nothing"):
        transport.run(sh("true"))
    subprocess.run(["ssh-add", "-q", str(tmp_path / "key")], check=True, env=agent)
    assert transport.run(sh("true")).rc == 0
    with pytest.raises(LoginRefused, match="tried nothing"):
        connect(server, Login(agent=False, blank=False)).run(sh("true"))


@pytest.fixture
def agent(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The environment of an ssh-agent of our own (after `connect`, which takes one away)."""
    if not shutil.which("ssh-agent"):
        pytest.skip("ssh-agent is not installed")
    sock = str(tmp_path / "agent")
    with subprocess.Popen(["ssh-agent", "-D", "-a", sock], stdout=subprocess.DEVNULL) as child:
        until = time.monotonic() + 10
        while not os.path.exists(sock) and time.monotonic() < until:
            time.sleep(0.01)
        monkeypatch.setenv("SSH_AUTH_SOCK", sock)
        yield dict(os.environ)
        child.terminate()


@pytest.fixture
def router(start: Start) -> Iterator[Dropbear]:
    yield start(blank=True)


def test_commands_and_batches(router: Dropbear, connect: Connect) -> None:
    transport = connect(router)
    answer = transport.run(sh("cat; printf 'a\\0\\377'; printf err >&2; exit 3", b"in\0"))
    assert (answer.rc, answer.out, answer.err) == (3, b"in\0a\0\xff", b"err")
    answers = transport.run_all([sh("printf a; exit 1"), Command(("nothing",)), sh("cat; echo b")])
    assert [(each.rc, each.out) for each in answers] == [(1, b"a"), (127, b""), (0, b"b\n")]
    assert transport.round_trips == 2


def test_much_output_on_both_streams_with_much_input(router: Dropbear, connect: Connect) -> None:
    script = "head -c 2000000 /dev/zero; head -c 2000000 /dev/zero >&2; cat"
    answer = connect(router).run(
        Command(("sh", "-c", script), b"x" * 1_000_000, 60, most=5_000_000)
    )
    assert (len(answer.out), len(answer.err)) == (3_000_000, 2_000_000)


def test_input_that_nobody_reads(router: Dropbear, connect: Connect) -> None:
    assert connect(router).run(sh("exit 7", b"x" * 1_000_000)).rc == 7


def test_lines_and_batches_longer_than_dropbear_takes(router: Dropbear, connect: Connect) -> None:
    transport = connect(router)
    for size in (shell.LINE_LIMIT - 100, shell.LINE_LIMIT + 100, 100_000):
        assert len(transport.run(Command(("echo", "x" * size))).out) == size + 1
    answers = transport.run_all([Command(("echo", "y" * 4000)) for _ in range(10)])
    assert [len(answer.out) for answer in answers] == [4001] * 10


def test_a_hanging_command(router: Dropbear, connect: Connect) -> None:
    transport = connect(router)
    with pytest.raises(DeadlineExceeded):
        transport.run(sh("exec sleep 5", deadline=0.3))
    assert transport.run(sh("echo back")).out == b"back\n"


def test_a_link_cut_in_the_middle(router: Dropbear, connect: Connect, tmp_path: Path) -> None:
    transport = connect(router)
    lines = transport.follow(sh("echo one; exec sleep 1000"))
    assert lines.lines(10.0) == [b"one"]
    assert lines.lines(0.1) == []
    router.drop()
    start = time.monotonic()
    with pytest.raises(LinkLost):
        lines.lines(10.0)
    assert time.monotonic() - start < 5
    assert transport.run(sh("echo back")).out == b"back\n"


def test_a_command_killed_by_a_signal_has_no_exit_code(router: Dropbear, connect: Connect) -> None:
    with pytest.raises(LinkLost, match="killed by a signal"):
        connect(router).run(sh("kill -9 $PPID"))


def test_closing_followed_lines_ends_the_command(router: Dropbear, connect: Connect) -> None:
    lines = connect(router).follow(sh("echo $$; exec sleep 1000"))
    pid = int(lines.lines(10.0)[0])
    assert os.path.exists(f"/proc/{pid}")
    lines.close()
    assert wait_gone(pid)


def test_followed_lines_with_the_command_s_end_and_a_descriptor(
    router: Dropbear, connect: Connect
) -> None:
    pipe, wake = os.pipe()
    lines = connect(router).follow(sh("printf 'one\\ntwo\\nth'; sleep 0.5; printf ree"))
    seen = lines.lines(10.0)
    os.write(wake, b"x")
    seen += lines.lines(10.0, pipe)
    assert seen == [b"one", b"two"]
    assert not lines.ended
    seen += lines.lines(10.0)
    seen += lines.lines(10.0)
    assert seen == [b"one", b"two", b"three"]
    assert lines.ended
    os.close(pipe)
    os.close(wake)


def test_a_server_that_halts_and_starts_again(start: Start, connect: Connect) -> None:
    server = start(blank=True)
    transport = connect(server)
    pid = int(transport.follow(sh("echo $$; exec sleep 1000")).lines(10.0)[0])
    port, key = server.port, server.host_key
    server.halt()
    assert wait_gone(pid)
    with pytest.raises(ConnectError):
        transport.run(sh("true"))
    server.start(port)
    assert server.host_key == key
    assert transport.run(sh("echo back")).out == b"back\n"


def test_a_server_that_went_away_and_came_back(start: Start, connect: Connect) -> None:
    server = start(blank=True)
    transport = connect(server)
    port, key = server.port, server.host_key
    server.stop()
    with pytest.raises(ConnectError):
        transport.run(sh("true"))
    server.start(port)
    assert server.host_key != key  # it is as after a reset
    with pytest.raises(HostKeyRefused, match="changed"):
        transport.run(sh("true"))


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_the_host_key_as_openssh_prints_it(start: Start, connect: Connect, kind: str) -> None:
    server = start(blank=True, host_key_type=kind)
    key = sshlink.fetch_host_key("127.0.0.1", server.port)
    assert key == server.host_key
    assert connect(server).run(sh("true")).rc == 0
    with_openssh = subprocess.run(
        ["ssh-keygen", "-lf", "-"],
        input=key.line("127.0.0.1", server.port).partition(" ")[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert with_openssh.stdout.split()[1] == key.fingerprint


def test_the_shell_can_be_any_program(start: Start, connect: Connect, tmp_path: Path) -> None:
    program = tmp_path / "a shell"
    program.write_text('#!/bin/sh\nprintf "<%s>" "$@" "${LD_PRELOAD-}"\nexec cat\n')
    program.chmod(0o755)
    transport = connect(start(blank=True, shell=str(program)))
    answer = transport.run(Command(("uci", "it's", "$(id)\n"), b"input"))
    line = shell.quote(["uci", "it's", "$(id)\n"])
    assert answer.out == b"<-c><" + line + b"><>input"
    other = connect(start(blank=True, shell=[str(program), "--world", "x y"]))
    assert other.run(Command(("uci",))).out == b"<--world><x y><-c><'uci'><>"


def test_dropbear_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wifirelay.sim.dropbear._program", lambda name: None)
    with pytest.raises(ConfigError, match="not installed") as caught:
        Dropbear().start()
    assert "dropbear-bin" in caught.value.hint


def test_a_port_that_is_taken(start: Start) -> None:
    server = start(blank=True)
    with pytest.raises(Exception, match="did not start"):
        Dropbear(blank=True).start(server.port)
