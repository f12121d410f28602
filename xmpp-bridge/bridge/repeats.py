"""Messages that a client sends again since it was not told that they were stored: its node died, or its stream could
not be resumed (XEP-0198 §5). Whoever marks messages with ids of their own (XEP-0359 §2) has none of them kept twice.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bridge.elements import qualified, write
from bridge.names import IDS
from chat.addresses import Address
from chat.tables.history import Message, Thread

if TYPE_CHECKING:
    from bridge.node import Node

SECONDS = 60
"""Seconds of a new session, and behind a refusal, in which messages may come again."""
_SEARCHED = 50
"""Newest messages of a thread among which the first ones may be."""


def mark_of(stanza: Element) -> str:
    """The sender's own id of a message, as it is kept among its extensions; "" where it has none."""
    mark = stanza.find(qualified(IDS, "origin-id"))
    return write(mark) if mark is not None else ""


async def stored(node: Node, sender: Address, thread: Thread) -> dict[str, Message]:
    """The newest messages that somebody has in a thread, by each of their extensions. Costs a query."""
    history = node.tables.history
    newest, _ = await node.call(lambda: history.messages(thread, newest_first=True, limit=_SEARCHED))
    return {extension: each for each in newest if each.sender == sender for extension in each.extensions}


class Repeats:
    """What one session may send again."""

    def __init__(self) -> None:
        self._until = 0.0
        self._known: dict[Thread, dict[str, Message]] = {}
        self.expect()

    def expect(self) -> None:
        """From now on messages may come again."""
        self._until = asyncio.get_running_loop().time() + SECONDS
        self._known.clear()

    @property
    def are_expected(self) -> bool:
        return asyncio.get_running_loop().time() <= self._until

    async def find(self, node: Node, sender: Address, thread: Thread, mark: str) -> Message | None:
        """The message that is stored already under this mark; costs a query of each thread at a session's beginning."""
        if not mark or not self.are_expected:
            self._known.clear()
            return None
        if thread not in self._known:
            self._known[thread] = await stored(node, sender, thread)
        return self._known[thread].get(mark)
