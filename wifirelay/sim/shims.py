# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs in ROOT/shims that scripts find in PATH, and the socket that answers them.

A shim sends who started it and its command line; the server asks for its standard input
only when the program reads it (`while read` loops keep theirs), then sends what to
print, and the exit code. The shim is written twice: Perl starts in a fifth of the time
that Python takes, and scripts start many; where there is no Perl, Python does.
"""

import contextlib
import functools
import os
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Sequence

Reader = Callable[[], bytes]
Printer = Callable[[bytes], None]
# origin, argv, a way to read standard input, a way to print at once -> exit code, out, err
Answer = Callable[[str, Sequence[str], Reader, Printer], tuple[int, bytes, bytes]]

_SHIM = r"""
import sys, posix, _socket
def main():
    argv, coding = sys.argv, sys.getfilesystemencoding()
    folder, _, name = argv[0].rpartition("/")
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    link.connect(folder + "/.socket")
    words = [name] + argv[1:]
    sent = [posix.environ.get(b"WIFIRELAY_SIM_FROM", b"")]
    sent += [word.encode(coding, "surrogateescape") for word in words]
    data = b"\0".join(sent)
    link.sendall(len(data).to_bytes(4, "big") + data)
    def take(size):
        data = b""
        while len(data) < size:
            more = link.recv(size - len(data))
            if not more:
                posix._exit(255)
            data += more
        return data
    while True:
        head = take(5)
        data = take(int.from_bytes(head[1:], "big"))
        kind = head[:1]
        if kind == b"I":
            text = b""
            while more := posix.read(0, 65536):
                text += more
            link.sendall(len(text).to_bytes(4, "big") + text)
        elif kind == b"X":
            posix._exit(data[0])
        else:
            while data:
                try:
                    data = data[posix.write(1 if kind == b"O" else 2, data):]
                except OSError:
                    data = b""
main()
"""

_PERL_SHIM = r"""
$SIG{PIPE} = "IGNORE";
my ($folder, $name) = $0 =~ m{^(.*)/(.*)$}s;
socket(my $link, 1, 1, 0) or exit 255;
connect($link, pack("S a*x", 1, "$folder/.socket")) or exit 255;
sub give {
    my ($to, $data) = @_;
    while (length $data) {
        my $n = syswrite($to, $data);
        return if !defined $n;
        substr($data, 0, $n) = "";
    }
}
sub take {
    my ($size, $data) = ($_[0], "");
    while (length $data < $size) {
        sysread($link, $data, $size - length $data, length $data) or exit 255;
    }
    return $data;
}
my $from = defined $ENV{WIFIRELAY_SIM_FROM} ? $ENV{WIFIRELAY_SIM_FROM} : "";
my $said = join("\0", $from, $name, @ARGV);
give($link, pack("N", length $said) . $said);
while (1) {
    my ($kind, $size) = unpack("a1 N", take(5));
    my $data = take($size);
    if ($kind eq "I") {
        my $text = "";
        1 while sysread(STDIN, $text, 65536, length $text);
        give($link, pack("N", length $text) . $text);
    } elsif ($kind eq "X") {
        exit ord $data;
    } else {
        give($kind eq "O" ? *STDOUT : *STDERR, $data);
    }
}
"""


@functools.cache
def perl() -> str | None:
    """Where Perl is; Debian's perl-base is on every machine."""
    return shutil.which("perl")


def write_shims(folder: str, programs: Iterable[str]) -> None:
    """Put an executable for each program into the folder."""
    fast = perl()
    text = (
        f"#!{fast}\n{_PERL_SHIM}" if fast else f"#!{os.path.realpath(sys.executable)} -IS\n{_SHIM}"
    )
    shim = os.path.join(folder, ".shim")
    with open(shim, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(shim, 0o755)  # noqa: S103
    for program in programs:
        os.symlink(".shim", os.path.join(folder, program))


class ShimServer:
    """Answers the shims of one router, each in a thread of its own."""

    def __init__(self, folder: str, answer: Answer) -> None:
        self._answer = answer
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(os.path.join(folder, ".socket"))
        self._socket.listen(64)
        self._threads: set[threading.Thread] = set()
        self._links: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closing = False
        self._accepting = threading.Thread(target=self._accept, name="sim-shims", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Let go of everybody and wait for the threads."""
        self._closing = True
        with self._lock:
            links = list(self._links)
        for link in [self._socket, *links]:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        self._socket.close()
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(5)

    def _accept(self) -> None:
        while not self._closing:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(link,), daemon=True)
            with self._lock:
                self._threads.add(thread)
                self._links.add(link)
            thread.start()

    def _serve(self, link: socket.socket) -> None:
        try:
            self._talk(link)
        except OSError:
            pass  # the shim was killed
        finally:
            with self._lock:
                self._links.discard(link)
                self._threads.discard(threading.current_thread())
            link.close()

    def _talk(self, link: socket.socket) -> None:
        origin, *argv = (
            word.decode("utf-8", "surrogateescape")
            for word in _take(link, int.from_bytes(_take(link, 4), "big")).split(b"\0")
        )

        def read() -> bytes:
            link.sendall(b"I" + bytes(4))
            return _take(link, int.from_bytes(_take(link, 4), "big"))

        def write(data: bytes) -> None:
            link.sendall(b"O" + len(data).to_bytes(4, "big") + data)

        rc, out, err = self._answer(origin, argv, read, write)
        reply = b"".join(
            kind + len(data).to_bytes(4, "big") + data
            for kind, data in ((b"O", out), (b"E", err), (b"X", bytes([rc & 255])))
            if data
        )
        link.sendall(reply)


def _take(link: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = link.recv(size - len(data))
        if not more:
            raise ConnectionResetError("the shim is gone")
        data += more
    return data
