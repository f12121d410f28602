"""Messages that a client sends again since it was not told that they were stored: its node died, or its stream could
not be resumed (XEP-0198 §5). Whoever marks messages with ids of their own (XEP-0359 §2) has none of them stored twice.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bridge.elements import qualified, write
from bridge.names import IDS
from chat.tables.history import Thread

if TYPE_CHECKING:
    from bridge.session import Session

SECONDS = 60
"""Seconds of a new session, and behind a refusal, in which messages may come again."""
_SEARCHED = 50
"""Newest messages of a thread among which the first ones may be."""


class Repeats:
    """What one session may send again."""

    def __init__(self) -> None:
        self._until = 0.0
        self._known: dict[Thread, frozenset[str]] = {}
        self.expect()

    def expect(self) -> None:
        """From now on messages may come again."""
        self._until = asyncio.get_running_loop().time() + SECONDS
        self._known.clear()

    async def has(self, session: Session, thread: Thread, stanza: Element) -> bool:
        """Whether a message is stored already; costs a query of each thread that the session begins with."""
        mark = stanza.find(qualified(IDS, "origin-id"))
        if mark is None or asyncio.get_running_loop().time() > self._until:
            self._known.clear()
            return False
        if thread not in self._known:
            history = session.node.tables.history
            newest, _ = await session.node.call(
                lambda: history.messages(thread, newest_first=True, limit=_SEARCHED),
            )
            own = (message for message in newest if message.sender == session.address)
            self._known[thread] = frozenset(extension for message in own for extension in message.extensions)
        return write(mark) in self._known[thread]
