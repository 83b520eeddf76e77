# SPDX-License-Identifier: GPL-2.0-or-later
"""The SSH transport against faults: each has its own error, and the next command connects anew."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import paramiko
import pytest
import ssh_server
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from ssh_server import Server

from wifirelay.errors import (
    ConfigError,
    ConnectError,
    DeadlineExceeded,
    HostKeyRefused,
    LinkLost,
    LoginRefused,
    RouterAnswer,
    TooLong,
)
from wifirelay.transport import hostkeys, sshlink
from wifirelay.transport.base import Command
from wifirelay.transport.login import Attempt, Login, Method, attempts
from wifirelay.transport.ssh import SshTransport
from wifirelay.transport.sshlink import PASSPHRASE_ENV, Timeouts
from wifirelay.values import Secret

QUICKLY = Timeouts(connect=5, banner=1, auth=1, channel=1)
PASSWORD = Login(password=Secret("pw"))
Make = Callable[..., SshTransport]


def sh(script: str, stdin: bytes | None = None, deadline: float = 20.0) -> Command:
    return Command(("sh", "-c", script), stdin, deadline)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Iterator[Make]:
    """Makes transports to `server` with its key stored; no login of this machine is used."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv(PASSPHRASE_ENV, raising=False)
    made: list[SshTransport] = []

    def one(login: Login = PASSWORD, trusted: bool = True, **more: Any) -> SshTransport:
        port = more.pop("port", server.port)
        if trusted:
            hostkeys.store("127.0.0.1", port, server.key, replace=True)
        more.setdefault("timeouts", QUICKLY)
        made.append(SshTransport("127.0.0.1", port, "root", login, **more))
        return made[-1]

    yield one
    for transport in made:
        transport.close()


def test_answers_come_back_byte_for_byte(make: Make) -> None:
    transport = make()
    answer = transport.run(sh("cat; printf 'a\\0\\377'; printf err >&2; exit 3", b"in\0"))
    assert (answer.rc, answer.out, answer.err) == (3, b"in\0a\0\xff", b"err")
    assert transport.run(Command(("printf", "%s", "it's; $(id) \udcff"))).out == b"it's; $(id) \xff"
    assert transport.round_trips == 2


def test_several_commands_take_one_round_trip(make: Make, server: Server) -> None:
    transport = make()
    answers = transport.run_all([sh("printf a; exit 1"), Command(("nothing",)), sh("cat; echo b")])
    assert [(answer.rc, answer.out) for answer in answers] == [(1, b"a"), (127, b""), (0, b"b\n")]
    assert transport.run_all([]) == ()
    assert transport.round_trips == len(server.commands) == 1
    with pytest.raises(ValueError, match="standard input"):
        transport.run_all([sh("cat", b"x")])


def test_much_output_on_both_streams_with_much_input_does_not_block(
    make: Make, server: Server
) -> None:
    def echo(server: Server, channel: paramiko.Channel, command: bytes) -> None:
        """Answers while it reads: a client that only writes would never come to read."""
        while chunk := channel.recv(65536):
            channel.sendall(chunk)
            channel.sendall_stderr(chunk)
        channel.send_exit_status(0)
        channel.close()

    server.handler = echo
    answer = make().run(Command(("echo",), b"x" * 5_000_000, 60, most=10_000_000))
    assert (len(answer.out), len(answer.err)) == (5_000_000, 5_000_000)


def test_one_connection_serves_many_threads(make: Make, server: Server) -> None:
    transport = make()
    seen: dict[int, bytes] = {}

    def ask(number: int) -> None:
        seen[number] = transport.run(Command(("echo", str(number)))).out

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {number: b"%d\n" % number for number in range(8)}
    assert server.logins == 1


def test_nagle_is_off(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []
    connect = socket.create_connection

    def noted(*args: Any, **more: Any) -> socket.socket:
        made.append(connect(*args, **more))
        return made[-1]

    monkeypatch.setattr(socket, "create_connection", noted)
    make().run(sh("true"))
    assert made[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


class TestEndlessAnswers:
    """H7: a hostile router, or a program of it, sends more than anything that is understood."""

    @pytest.mark.parametrize("err", [False, True])
    def test_a_command_is_left_when_it_has_answered_too_much(
        self, make: Make, server: Server, err: bool
    ) -> None:
        sent = 0

        def flood(server: Server, channel: paramiko.Channel, command: bytes) -> None:
            nonlocal sent
            with suppress(OSError):
                while not server.let_go.is_set():
                    (channel.sendall_stderr if err else channel.sendall)(bytes(32000))
                    sent += 32000

        transport = make()
        server.handler = flood
        with pytest.raises(TooLong, match=r"`ubus list` answered more than 1000000 bytes"):
            transport.run(Command(("ubus", "list"), deadline=60, most=1_000_000))
        assert sent < 10_000_000
        server.handler = ssh_server.shell
        assert transport.run(sh("echo back")).out == b"back\n"

    def test_each_command_of_a_batch_has_its_own_limit(self, make: Make) -> None:
        transport = make()
        whole = [Command(("printf", "x" * 10), most=10), Command(("true",), most=0)]
        assert [each.out for each in transport.run_all(whole)] == [b"x" * 10, b""]
        short = [Command(("printf", "x" * 10), most=9), Command(("true",))]
        with pytest.raises(TooLong, match=r"`printf x+` answered more than 9 bytes"):
            transport.run_all(short)
        with pytest.raises(TooLong):
            transport.run_all([Command(("printf", "x" * 1000), most=9)] * 2)

    def test_a_line_without_an_end_ends_the_command(self, make: Make, server: Server) -> None:
        def endless(server: Server, channel: paramiko.Channel, command: bytes) -> None:
            with suppress(OSError):
                while not server.let_go.is_set():
                    channel.sendall(bytes(32000))

        transport = make()
        server.handler = endless
        lines = transport.follow(Command(("ubus", "listen")))
        until = time.monotonic() + 20
        with pytest.raises(LinkLost, match="line of more than 1048576 bytes"):
            while time.monotonic() < until:
                lines.lines(0.1)
        assert lines.ended


class TestLostLinks:
    @pytest.mark.parametrize("handler", [ssh_server.half, ssh_server.no_status])
    def test_a_lost_link_is_no_answer(
        self, make: Make, server: Server, handler: ssh_server.Handler
    ) -> None:
        transport = make()
        server.handler = handler
        with pytest.raises(LinkLost, match="`sh -c true` ran") as caught:
            transport.run(sh("true"))
        assert not isinstance(caught.value, DeadlineExceeded)
        assert "connects anew" in caught.value.hint
        server.handler = ssh_server.shell
        assert transport.run(sh("echo back")).out == b"back\n"

    def test_a_hanging_command_is_left_at_its_deadline(self, make: Make, server: Server) -> None:
        transport = make()
        server.handler = ssh_server.hang
        start = time.monotonic()
        with pytest.raises(DeadlineExceeded, match=r"did not end within 0\.3 s"):
            transport.run(sh("true", deadline=0.3))
        assert time.monotonic() - start < 3
        server.handler = ssh_server.shell
        assert transport.run(sh("echo back")).out == b"back\n"
        assert server.logins == 2

    def test_a_deadline_is_for_the_whole_command_not_for_each_read(
        self, make: Make, server: Server
    ) -> None:
        def drip(server: Server, channel: paramiko.Channel, command: bytes) -> None:
            while not server.let_go.wait(0.05):
                channel.sendall(b".")

        transport = make()
        server.handler = drip
        with pytest.raises(DeadlineExceeded):
            transport.run(sh("true", deadline=0.4))

    def test_closed_output_does_not_end_the_wait_for_the_exit_code(
        self, make: Make, server: Server
    ) -> None:
        def quiet(server: Server, channel: paramiko.Channel, command: bytes) -> None:
            channel.shutdown_write()
            server.let_go.wait(30)

        transport = make()
        server.handler = quiet
        with pytest.raises(DeadlineExceeded):
            transport.run(sh("true", deadline=0.3))

    def test_a_link_lost_between_commands_is_not_noticed(self, make: Make, server: Server) -> None:
        transport = make()
        for _ in range(3):
            assert transport.run(sh("echo x")).out == b"x\n"
            server.cut()
        assert server.logins == 3

    def test_a_server_that_never_starts_the_command(self, make: Make, server: Server) -> None:
        transport = make()
        server.ignore_exec = True
        with pytest.raises(LinkLost):
            transport.run(sh("true"))
        server.ignore_exec = False
        server.let_go.set()
        assert transport.run(sh("echo back")).out == b"back\n"

    def test_a_server_that_refuses_the_command(self, make: Make, server: Server) -> None:
        transport = make()
        server.refuse_exec = True
        with pytest.raises(LinkLost):
            transport.run(sh("true"))

    def test_a_server_that_refuses_channels(self, make: Make, server: Server) -> None:
        server.channels = False
        with pytest.raises(ConnectError):
            make().run(sh("true"))

    def test_a_batch_that_the_shell_gave_up(self, make: Make, server: Server) -> None:
        transport = make()
        server.handler = ssh_server.killed_shell
        with pytest.raises(RouterAnswer, match="only 1 of 2 commands answered"):
            transport.run_all([sh("true"), sh("true")])

    def test_after_close_the_next_command_connects(self, make: Make, server: Server) -> None:
        transport = make()
        transport.close()
        assert transport.run(sh("echo x")).out == b"x\n"
        transport.close()
        transport.close()
        assert transport.run(sh("echo x")).out == b"x\n"
        assert server.logins == 2


class TestFollowing:
    def test_lines_come_as_they_are_written(self, make: Make, server: Server) -> None:
        step = threading.Event()

        def drip(server: Server, channel: paramiko.Channel, command: bytes) -> None:
            channel.sendall(b"one\ntw")
            step.wait(10)
            channel.sendall(b"o\n\nlast")
            channel.send_exit_status(0)
            channel.close()

        server.handler = drip
        lines = make().follow(Command(("ubus", "listen")))
        assert lines.lines(10.0) == [b"one"]
        start = time.monotonic()
        assert lines.lines(0.4) == []
        assert 0.39 < time.monotonic() - start < 2
        assert lines.lines(0.0) == []
        step.set()
        assert lines.lines(10.0) == [b"two", b""]
        assert not lines.ended
        assert lines.lines(10.0) == [b"last"]
        assert lines.ended
        assert lines.lines(10.0) == []

    def test_a_descriptor_ends_the_wait(self, make: Make, server: Server) -> None:
        server.handler = ssh_server.hang
        lines = make().follow(Command(("ubus", "listen")))
        pipe, wake = os.pipe()
        threading.Timer(0.2, os.write, [wake, b"x"]).start()
        start = time.monotonic()
        assert lines.lines(10.0, pipe) == []
        assert lines.lines(10.0, pipe) == []
        assert 0.1 < time.monotonic() - start < 5
        assert not lines.ended
        lines.close()
        os.close(pipe)
        os.close(wake)

    def test_output_that_ends_before_the_command(self, make: Make, server: Server) -> None:
        """No exit status yet: neither spins nor waits for it for good."""
        step = threading.Event()

        def quiet(server: Server, channel: paramiko.Channel, command: bytes) -> None:
            channel.sendall(b"last")
            channel.shutdown_write()
            step.wait(10)
            channel.send_exit_status(3)
            channel.close()

        server.handler = quiet
        lines = make().follow(Command(("ubus", "listen")))
        busy = time.process_time()
        assert lines.lines(0.5) == []
        assert time.process_time() - busy < 0.25
        assert not lines.ended
        step.set()
        assert lines.lines(10.0) == [b"last"]
        assert lines.ended

    def test_a_lost_link_is_told(self, make: Make, server: Server) -> None:
        def lost(server: Server, channel: paramiko.Channel, command: bytes) -> None:
            channel.sendall(b"one\nha")
            server.let_go.wait(10)
            server.cut()

        server.handler = lost
        lines = make().follow(Command(("ubus", "listen")))
        assert lines.lines(10.0) == [b"one"]
        server.let_go.set()
        start = time.monotonic()
        with pytest.raises(LinkLost, match="`ubus listen`"):
            lines.lines(10.0)  # half a line is no line
        assert time.monotonic() - start < 5
        assert lines.ended
        assert lines.lines(10.0) == []

    def test_close_ends_it_from_another_thread(self, make: Make, server: Server) -> None:
        server.handler = ssh_server.hang
        lines = make().follow(Command(("ubus", "listen")))
        timer = threading.Timer(0.1, lines.close)
        timer.start()
        start = time.monotonic()
        assert lines.lines(10.0) == []
        assert time.monotonic() - start < 5
        assert lines.ended
        timer.join()


class TestConnecting:
    def test_nothing_listens(self, make: Make) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        with pytest.raises(ConnectError, match="nothing listens") as caught:
            make(port=port).run(sh("true"))
        assert f"root@[127.0.0.1]:{port}" in caught.value.message

    def test_no_such_host(self) -> None:
        with pytest.raises(ConnectError, match="no such host"):
            SshTransport("nowhere.invalid").run(sh("true"))

    def test_a_server_that_says_nothing(self, make: Make, server: Server) -> None:
        server.banner = False
        start = time.monotonic()
        with pytest.raises(ConnectError) as caught:
            make().run(sh("true"))
        assert time.monotonic() - start < 5
        assert caught.value.hint

    def test_a_server_that_is_no_ssh_server(self, make: Make) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def answer() -> None:
                sock, _ = listener.accept()
                with sock:
                    sock.sendall(b"HTTP/1.0 400 \x1b[31mBad\r\n\r\n")

            thread = threading.Thread(target=answer)
            thread.start()
            with pytest.raises(ConnectError) as caught:
                make(port=listener.getsockname()[1]).run(sh("true"))
            thread.join()
        assert caught.value.message.isprintable()

    def test_a_server_too_old_to_be_safe(self, make: Make, server: Server) -> None:
        old = paramiko.RSAKey.generate(2048)
        server.host_key = old
        transport = make()
        accept = paramiko.Transport.start_server

        def sha1_only(link: paramiko.Transport, *args: Any, **more: Any) -> None:
            link._preferred_keys = ("ssh-rsa",)  # type: ignore[attr-defined]
            accept(link, *args, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(paramiko.Transport, "start_server", sha1_only)
            with pytest.raises(ConnectError, match="too old") as caught:
                transport.run(sh("true"))
        assert "21.02" in caught.value.hint


class TestHostKeys:
    def test_an_unknown_key_is_refused_before_any_login(self, make: Make, server: Server) -> None:
        transport = make(trusted=False)
        with pytest.raises(HostKeyRefused, match="unknown") as caught:
            transport.run(sh("true"))
        assert server.key.fingerprint in caught.value.message
        assert f"wifirelay trust 127.0.0.1:{server.port}" in caught.value.hint
        assert server.attempts == []

    def test_a_changed_key_is_refused_and_both_reasons_named(
        self, make: Make, server: Server
    ) -> None:
        transport = make()
        transport.run(sh("true"))
        transport.close()
        stored, server.host_key = server.key, paramiko.ECDSAKey.generate()
        with pytest.raises(HostKeyRefused, match="changed") as caught:
            transport.run(sh("true"))
        assert stored.fingerprint in caught.value.message
        assert server.key.fingerprint in caught.value.message
        assert "reset" in caught.value.hint
        assert "somebody else" in caught.value.hint
        assert "--replace" in caught.value.hint
        assert len(server.attempts) == 1

    def test_a_key_of_another_type_counts_as_changed(self, make: Make, server: Server) -> None:
        transport = make()
        server.host_key = paramiko.RSAKey.generate(2048)
        with pytest.raises(HostKeyRefused, match="changed"):
            transport.run(sh("true"))

    def test_the_users_own_file_counts_too(
        self, make: Make, server: Server, tmp_path: Path
    ) -> None:
        (tmp_path / ".ssh").mkdir()
        line = server.key.line("127.0.0.1", server.port)
        (tmp_path / ".ssh/known_hosts").write_text(line + "\n")
        assert make(trusted=False).run(sh("echo x")).out == b"x\n"
        with pytest.raises(HostKeyRefused):
            make(trusted=False, user_known_hosts=None).run(sh("true"))

    def test_a_named_file_comes_first(self, make: Make, server: Server, tmp_path: Path) -> None:
        named, other = tmp_path / "fleet", paramiko.ECDSAKey.generate()
        named.write_text(server.key.line("127.0.0.1", server.port) + "\n")
        made = make(trusted=False, named_known_hosts=str(named))
        assert made.run(sh("echo x")).out == b"x\n"
        wrong = hostkeys.HostKey(other.get_name(), other.asbytes()).line("127.0.0.1", server.port)
        named.write_text(wrong + "\n")
        with pytest.raises(HostKeyRefused, match="changed"):
            make(named_known_hosts=str(named)).run(sh("true"))

    def test_the_key_can_be_fetched_without_a_login(self, make: Make, server: Server) -> None:
        assert sshlink.fetch_host_key("127.0.0.1", server.port, timeout=5) == server.key
        assert server.attempts == []

    def test_fetching_from_nobody(self) -> None:
        with pytest.raises(ConnectError):
            sshlink.fetch_host_key("nowhere.invalid", 22, timeout=1)


def write_key(path: Path, key: Any, passphrase: bytes | None = None) -> paramiko.PKey:
    encryption: Any = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    path.parent.mkdir(parents=True, exist_ok=True)
    form = serialization.PrivateFormat.OpenSSH
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, encryption))
    phrase = passphrase.decode() if passphrase else None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key_file(str(path), phrase)
        except (paramiko.SSHException, ValueError):
            continue
    raise AssertionError(path)


class TestLogin:
    @pytest.mark.parametrize(
        "key",
        [
            ed25519.Ed25519PrivateKey.generate(),
            ec.generate_private_key(ec.SECP256R1()),
            rsa.generate_private_key(65537, 2048),
        ],
        ids=["ed25519", "ecdsa", "rsa"],
    )
    def test_by_key_file(self, make: Make, server: Server, tmp_path: Path, key: Any) -> None:
        server.keys = (write_key(tmp_path / "key", key),)
        assert make(Login(key_file="~/key")).run(sh("echo x")).out == b"x\n"
        assert {attempt.split()[0] for attempt in server.attempts} == {"key"}

    def test_a_key_file_excludes_all_else(self, make: Make, server: Server, tmp_path: Path) -> None:
        write_key(tmp_path / "key", ed25519.Ed25519PrivateKey.generate())
        server.blank = True
        with pytest.raises(LoginRefused, match=r"tried ~/key") as caught:
            make(Login(key_file="~/key", password=Secret("pw"))).run(sh("true"))
        assert "authorized_keys" in caught.value.hint
        assert server.attempts == ["key ssh-ed25519"]

    def test_a_wrong_password(self, make: Make, server: Server) -> None:
        with pytest.raises(LoginRefused, match="the password") as caught:
            make(Login(password=Secret("wrong horse"))).run(sh("true"))
        assert "wrong horse" not in caught.value.message + caught.value.hint
        assert server.attempts == ["password"]

    def test_an_empty_password_is_the_blank_login(self, make: Make, server: Server) -> None:
        server.blank = True
        assert make(Login(password=Secret(""))).run(sh("echo x")).out == b"x\n"
        assert server.attempts == ["none"]

    def test_by_default_the_users_keys_and_then_no_password(
        self, make: Make, server: Server, tmp_path: Path
    ) -> None:
        write_key(tmp_path / ".ssh/id_ed25519", ed25519.Ed25519PrivateKey.generate())
        write_key(tmp_path / ".ssh/id_ecdsa", ec.generate_private_key(ec.SECP256R1()))
        write_key(tmp_path / ".ssh/id_rsa", rsa.generate_private_key(65537, 2048))
        server.blank = True
        assert make(Login()).run(sh("echo x")).out == b"x\n"
        assert server.attempts == ["key ssh-ed25519", "key ecdsa-sha2-nistp256", "none"]

    def test_a_server_that_hangs_up_after_few_tries_is_asked_anew(
        self, make: Make, server: Server, tmp_path: Path
    ) -> None:
        write_key(tmp_path / ".ssh/id_ed25519", ed25519.Ed25519PrivateKey.generate())
        server.blank, server.tries = True, 1
        assert make(Login()).run(sh("echo x")).out == b"x\n"
        assert server.attempts == ["key ssh-ed25519", "none"]

    def test_nothing_helps(self, make: Make, server: Server) -> None:
        with pytest.raises(LoginRefused, match="tried no password; the router takes"):
            make(Login()).run(sh("true"))

    def test_nothing_may_be_tried(self, make: Make, server: Server) -> None:
        with pytest.raises(LoginRefused, match="tried nothing"):
            make(Login(agent=False, default_keys=False, blank=False)).run(sh("true"))

    def test_a_server_that_does_not_answer_the_login(self, make: Make, server: Server) -> None:
        server.ignore_auth = True
        with pytest.raises(ConnectError, match="no answer"):
            make().run(sh("true"))

    def test_an_encrypted_key(
        self, make: Make, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = ed25519.Ed25519PrivateKey.generate()
        server.keys = (write_key(tmp_path / "key", key, b"horse battery"),)
        with pytest.raises(LoginRefused, match="encrypted") as caught:
            make(Login(key_file="~/key")).run(sh("true"))
        assert PASSPHRASE_ENV in caught.value.hint
        assert "ssh-agent" in caught.value.hint
        good = Login(key_file="~/key", passphrase=Secret("horse battery"))
        assert make(good).run(sh("echo x")).out == b"x\n"
        with pytest.raises(ConfigError, match="passphrase") as wrong:
            make(Login(key_file="~/key", passphrase=Secret("donkey"))).run(sh("true"))
        assert "donkey" not in wrong.value.message
        monkeypatch.setenv(PASSPHRASE_ENV, "horse battery")
        assert make(Login(key_file="~/key")).run(sh("echo x")).out == b"x\n"

    def test_an_encrypted_default_key_is_passed_over(
        self, make: Make, server: Server, tmp_path: Path
    ) -> None:
        key = ed25519.Ed25519PrivateKey.generate()
        write_key(tmp_path / ".ssh/id_ed25519", key, b"horse")
        server.blank = True
        assert make(Login()).run(sh("echo x")).out == b"x\n"
        assert server.attempts == ["none"]

    @pytest.mark.parametrize("text", [None, "", "ssh-ed25519 AAAA me", "-----BEGIN"])
    def test_a_file_that_is_no_private_key(
        self, make: Make, tmp_path: Path, text: str | None
    ) -> None:
        if text is not None:
            (tmp_path / "key").write_text(text)
        with pytest.raises(ConfigError, match="key file ~/key"):
            make(Login(key_file="~/key")).run(sh("true"))


def test_the_order_of_logins() -> None:
    everything = Login(key_file="k", password=Secret("p"))
    assert attempts(everything, lambda _: True) == (Attempt(Method.KEY_FILE, "k", asked=True),)
    assert attempts(PASSWORD, lambda _: True) == (Attempt(Method.PASSWORD, asked=True),)
    assert attempts(Login(), lambda path: "rsa" in path) == (
        Attempt(Method.AGENT),
        Attempt(Method.KEY_FILE, "~/.ssh/id_rsa"),
        Attempt(Method.BLANK),
    )
    assert [a.method for a in attempts(Login(agent=False), lambda _: True)] == [
        *(Method.KEY_FILE, Method.KEY_FILE, Method.BLANK)
    ]
    assert "hunter2" not in repr(Login(password=Secret("hunter2"), passphrase=Secret("hunter2")))
