"""How far each user's XMPP clients have been given their messages: where offline delivery begins (XEP-0160)."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from chat import trail
from chat.addresses import Address

if TYPE_CHECKING:
    from bridge.node import Node

logger = logging.getLogger(__name__)

_KEPT = 20_000
"""Users whose mark is remembered, also after their last session: the next one may begin before it is stored."""
FLUSH_SECONDS = 10
"""Seconds after which a mark that has moved is stored: a node that dies has clients without an archive shown again what
they were given meanwhile. One write for each user in that time."""


class Delivered:
    """The marks that have moved and are to be stored."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._moved: dict[Address, str] = {}
        self._marks: OrderedDict[Address, str] = OrderedDict()

    def note(self, address: Address, archived: str) -> None:
        """A client of the user has been given this message."""
        if archived > self._marks.get(address, ""):
            self._marks[address] = self._moved[address] = archived
            self._marks.move_to_end(address)
            if len(self._marks) > _KEPT:
                self._marks.popitem(last=False)

    def mark(self, address: Address) -> str:
        """The newest message that a client was given over this node, or ""."""
        return self._marks.get(address, "")

    async def flush(self, address: Address | None = None) -> None:
        """Store what has moved, of one user or of all."""
        moved = self._moved if address is None else {address: self._moved[address]} if address in self._moved else {}
        if address is None:
            self._moved = {}
        else:
            self._moved.pop(address, None)
        if moved:
            for each, archived in (await self._node.call(self._store, dict(moved))).items():
                self._moved.setdefault(each, archived)

    async def run(self) -> None:
        """Store what has moved, again and again."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    def _store(self, moved: dict[Address, str]) -> dict[Address, str]:
        """Store marks; returns those that could not be, to be tried again."""
        left = {}
        for address, archived in moved.items():
            try:
                self._node.tables.directory.set_delivered(address, archived)
            except Exception:
                logger.exception("a mark of delivery could not be stored", extra={"person": trail.person(address)})
                left[address] = archived
        return left
