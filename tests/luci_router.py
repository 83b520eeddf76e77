# SPDX-License-Identifier: GPL-2.0-or-later
"""A simulated router with the packaged service alive on it, behind a stand-in of LuCI: its pages,
and a /ubus that runs the real rpcd plugin under the rights of an access group.

What LuCI is for a view is in tests/luci/; rpcd and uhttpd are here, as far as a view sees them.
"""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.known import CHECKOUT
from tests.listed import LISTED
from tests.packaged import luci
from tests.test_package_service import start, unpack
from wifirelay.config.uci_file import PATH
from wifirelay.sim.worlds import World, make_world

SPEED = 5.0  # router seconds a second: a busy machine must keep up
ACL = CHECKOUT / "openwrt/files/wifirelay.acl.json"
PLUGIN = "usr/libexec/rpcd/wifirelay"
SESSION = "0123456789abcdef0123456789abcdef"
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
# What rpcd makes of a sample of the plugin's `list`.
SAMPLES = {str: str, bool: bool, int: int}


def group(*rights: str) -> set[str]:
    """The methods that an access group allows: of "read", "write"."""
    made = json.loads(ACL.read_text("utf-8"))["wifirelay"]
    return {method for right in rights for method in made[right]["ubus"]["wifirelay"]}


def pages() -> dict[str, bytes]:
    """LuCI's, and those of the package where uhttpd has them."""
    ours = {file.path.removeprefix("/www"): file.content for file in luci()}
    folder = CHECKOUT / "tests/luci"
    return {**ours, **{f"/{path.name}": path.read_bytes() for path in folder.iterdir()}}


@dataclass
class Stand:
    """One router, and somebody's LuCI session on it."""

    world: World
    root: Path
    allowed: set[str] = field(default_factory=lambda: group("read", "write"))
    fault: dict[str, Any] | None = None  # what any call answers instead
    away: bool = False  # nobody answers
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    signatures: dict[str, dict[str, Any]] = field(default_factory=dict)
    port: int = 0
    one: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/index.html"

    @property
    def config(self) -> str:
        return self.world.router.root.read(PATH).decode()

    def plugin(self, *words: str, stdin: bytes = b"") -> dict[str, Any]:
        with self.one:
            done = self.world.router.execute(["sh", str(self.root / PLUGIN), *words], stdin=stdin)
        assert (done.rc, done.err) == (0, b"")
        answer = json.loads(done.out)
        assert isinstance(answer, dict)
        return answer

    def called(self, session: str, name: str, method: str, given: dict[str, Any]) -> dict[str, Any]:
        """As rpcd: the rights first, then the arguments, then the plugin."""
        if self.fault is not None:
            return self.fault
        if session != SESSION or method not in self.allowed:
            return {"error": {"code": -32002, "message": "Access denied"}}
        if name != "wifirelay" or method not in self.signatures:
            return {"error": {"code": -32000, "message": "Object not found"}}
        wanted = self.signatures[method]
        for word, value in given.items():
            if word not in wanted or type(value) is not SAMPLES[type(wanted[word])]:
                return {"result": [2]}
        self.calls.append((method, given))
        words = json.dumps({**given, "ubus_rpc_session": session}, ensure_ascii=False)
        return {"result": [0, self.plugin("call", method, stdin=words.encode())]}


class _Handler(BaseHTTPRequestHandler):
    server: "_Http"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        content = pages().get(path)
        if content is not None and query.startswith("lang="):
            content = content.replace(b'lang="en"', f'lang="{query[5:]}"'.encode())
        kind = KINDS.get(Path(path).suffix, "text/plain")
        self.reply(200 if content is not None else 404, kind, content or b"")

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.stand.away:
            self.close_connection = True
            return
        answer = self.server.stand.called(*request["params"])
        content = json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer}).encode()
        self.reply(200, "application/json", content)

    def reply(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        with suppress(ConnectionError):  # a page that was closed meanwhile
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    stand: Stand


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """The router knows HomeNet; its service has begun."""
    with make_world("home", speed=SPEED) as world:
        root = unpack(world, folder)
        world.router.root.write(PATH, LISTED)
        made = Stand(world, root)
        made.signatures = made.plugin("list")
        service = start(world, root, "--router", "local", "run")
        http = _Http(("127.0.0.1", 0), _Handler)
        http.stand = made
        made.port = int(http.server_address[1])
        thread = threading.Thread(target=http.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield made
            assert service.poll() is None, "the service has ended"
        finally:
            http.shutdown()
            http.server_close()
            service.terminate()
            try:
                service.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                service.kill()
                service.communicate()
