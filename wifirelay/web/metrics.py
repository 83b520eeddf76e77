# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers of `/metrics`: the page's object is asked for the router's status, and nothing else.

So a scrape costs the router what a look at the page does, and no more than one at a time.
"""

from wifirelay.errors import RouterAnswer, TransportError
from wifirelay.values import printable
from wifirelay.view.exposition import exposition
from wifirelay.view.metrics import metrics
from wifirelay.view.picture import text
from wifirelay.web.server import PageObject


def metrics_text(made: PageObject, router: str, version: str) -> str:
    """`router` is as `--router` names it. That it is out of reach is told as a number.

    Raises WifirelayError while nothing is known, or where the answer is not understood.
    """
    try:
        status = made.call("status", {})
    except TransportError:
        return exposition(metrics(router, version, None))
    if status.get("schema") != "wifirelay.status/1":
        why = text(status, "error") or "the router's own page object does not answer as it should"
        raise RouterAnswer(printable(why), hint=text(status, "hint"))
    return exposition(metrics(router, version, status))
