# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection to an MQTT broker that comes back by itself; the one place that knows paho.

What is retained is kept here, the newest for each topic, and published whole after each connection:
while the broker is away nothing waits in a queue, and no old value comes after a newer one (so QoS
0 is enough, and each connection has a client of its own). MQTT 3.1.1, which every broker speaks.
"""

import secrets
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from wifirelay.errors import UsageError
from wifirelay.values import Secret, printable

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

PAUSES = (1.0, 60.0)  # seconds between two attempts: the first, and what doubling ends at
KEEPALIVE = (
    30  # seconds: a link that is silent for 1.5 times as long is dead (MQTT 3.1.1, 3.1.2.10)
)
_CONNECT = 10.0  # seconds for a TCP connection
_LEAVE = 3.0  # seconds to say goodbye
# CONNACK codes of MQTT 3.1.1 (3.2.2.3) that trying again does not mend, as paho tells them: 134
# and 135 are MQTT 5's words for the codes 4 and 5, bad user name or password, not authorized.
_LOGIN = (134, 135)


class What(Enum):
    """Kinds of news."""

    CONNECTED = "connected"
    TROUBLE = "trouble"  # tried again
    LOGIN = "login"  # the same, by the owner's fault
    TRUST = "trust"  # the same: the certificate
    HEARD = "heard"
    FAILED = "failed"  # by a bug


@dataclass(frozen=True, slots=True)
class News:
    """`text` says why, or is the last part of the topic that was heard."""

    what: What
    text: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the broker is, and who comes."""

    host: str
    port: int
    user: str | None = None
    password: Secret | None = None
    tls: ssl.SSLContext | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Broker:
    """A `with` block. `told` gets news in another thread; `listen` is a topic filter, or none."""

    def __init__(
        self,
        access: Access,
        told: Callable[[News], None],
        *,
        presence: tuple[str, str, str],
        listen: str | None = None,
    ) -> None:
        """`presence`: a topic with what it says while we are there and when we are gone.

        Raises UsageError without paho.
        """
        try:
            import paho.mqtt.client  # noqa: F401
        except ModuleNotFoundError as missing:
            raise UsageError(
                f"mqtt needs paho-mqtt, which is not installed ({missing.name})",
                hint="pip install 'wifirelay[mqtt]'",
            ) from None
        self._access, self._told, self._listen = access, told, listen
        self._topic, here, self._gone = presence
        self._kept: dict[str, str] = {self._topic: here}
        self._lock = threading.Lock()  # of what is kept, and of who is connected
        self._client: Client | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    def __enter__(self) -> "Broker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ending.set()
            client = self._client
            if client is not None:
                said = client.publish(self._topic, self._gone, retain=True)
                with suppress(ValueError, RuntimeError):  # the broker has just gone
                    said.wait_for_publish(_LEAVE)
                client.disconnect()
        if client is not None:  # else it may be connecting, and goes with the program
            self._thread.join(_LEAVE)

    def keep(self, retained: Mapping[str, str]) -> None:
        """These are retained from now on, by topic; an empty text takes one away."""
        with self._lock:
            new = {topic: text for topic, text in retained.items() if self._kept.get(topic) != text}
            self._kept |= new
            if self._client is not None:
                _publish(self._client, new)

    def tell(self, topic: str, text: str) -> None:
        """To whoever listens now."""
        with self._lock:
            if self._client is not None:
                self._client.publish(topic, text)

    def _run(self) -> None:
        pause = PAUSES[0]
        try:
            while not self._ending.is_set():
                begun = time.monotonic()
                news = self._connection()
                if self._ending.is_set():
                    return
                self._told(news)
                if time.monotonic() - begun > PAUSES[1]:  # it was a good one
                    pause = PAUSES[0]
                self._ending.wait(pause)
                pause = min(pause * 2, PAUSES[1])
        except BaseException as bug:  # told, so that the program ends
            self._told(News(What.FAILED, type(bug).__name__))

    def _connection(self) -> News:
        """From the attempt to its end: why it ended."""
        over = threading.Event()
        why: list[News] = []
        client = self._made()

        def on_connect(*given: Any) -> None:
            reason = given[3]
            if reason.is_failure:
                kind = What.LOGIN if reason.value in _LOGIN else What.TROUBLE
                why.append(News(kind, f"it refuses us: {str(reason).lower()}"))
                over.set()
                return
            self._connected(client)

        def on_disconnect(*given: Any) -> None:
            why.append(News(What.TROUBLE, f"the connection ended ({str(given[3]).lower()})"))
            over.set()

        client.on_connect, client.on_disconnect = on_connect, on_disconnect
        try:
            self._stay(client, over)
            return why[0]
        except ssl.SSLCertVerificationError as error:
            return News(What.TRUST, printable(error.verify_message))
        except (OSError, ValueError) as error:  # ValueError: a host name that cannot be one
            return News(What.TROUBLE, printable(_words(error)))
        finally:  # else it keeps itself, and its sockets, alive
            client.on_connect = client.on_disconnect = client.on_message = None

    def _stay(self, client: "Client", over: threading.Event) -> None:
        """Raises OSError when there is no connection."""
        client.connect(self._access.host, self._access.port, KEEPALIVE)
        client.loop_start()
        over.wait()
        with self._lock:
            self._client = None
        client.disconnect()
        client.loop_stop()

    def _made(self) -> "Client":
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"wifirelay-{secrets.token_hex(6)}",
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT
        client.will_set(self._topic, self._gone, retain=True)
        if self._access.user is not None:
            password = self._access.password
            client.username_pw_set(
                self._access.user, password.reveal() if password is not None else None
            )
        if self._access.tls is not None:
            client.tls_set_context(self._access.tls)
        client.on_message = self._heard
        return client

    def _connected(self, client: "Client") -> None:
        with self._lock:
            if self._ending.is_set():
                client.disconnect()
                return
            if self._listen is not None:
                client.subscribe(self._listen)
            _publish(client, self._kept)
            self._client = client
        self._told(News(What.CONNECTED))

    def _heard(self, client: "Client", data: object, message: "MQTTMessage") -> None:
        del client, data
        if not message.retain:  # a retained one is of somebody who spoke before we came
            self._told(News(What.HEARD, message.topic.rpartition("/")[2]))


def _publish(client: "Client", retained: Mapping[str, str]) -> None:
    for topic, text in retained.items():
        client.publish(topic, text, retain=True)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error.strerror}".lower().replace("_", " ")
    return getattr(error, "strerror", None) or str(error)
