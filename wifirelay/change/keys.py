# SPDX-License-Identifier: GPL-2.0-or-later
"""A key on its way to the service: a file in the router's RAM, mode 0600, until it is taken.

A request is an event, which every process that may listen can read: its key is never in there,
nor in an argument or a variable. Whoever takes it removes it in the same moment; one that nobody
takes in time is removed by whatever comes next.
"""

from wifirelay.change.scripts import Exit, script
from wifirelay.errors import RouterAnswer, UsageError
from wifirelay.transport.base import Transport
from wifirelay.values import Secret


def put_key(transport: Transport, asked: str, until: int, key: Secret) -> None:
    """Leave the key for the request `asked`, before that is sent. `until` is of the router's
    uptime: nobody takes it later.

    Raises UsageError for what no router can store, RouterAnswer when its RAM is full.
    """
    text = key.reveal()
    try:
        line = text.encode("utf-8") + b"\n"
    except UnicodeEncodeError:
        raise UsageError("the key holds what is no character") from None
    if any(char < " " or char == "\x7f" for char in text):
        raise UsageError("the key holds a line break or another control character")
    put = transport.run(script("key_put", asked, str(until), stdin=line))
    if put.rc != Exit.DONE:
        raise RouterAnswer("the router could not take the key", hint="is its /tmp full?")


def take_key(transport: Transport, asked: str) -> Secret | None:
    """The key of that request, which nobody finds any more after that; None without one, and
    for what is no text."""
    taken = transport.run(script("key_take", asked))
    if taken.rc != Exit.DONE:
        return None
    try:
        return Secret(taken.out.decode("utf-8"))
    except UnicodeDecodeError:
        return None
