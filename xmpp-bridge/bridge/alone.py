"""Which users are on this node alone: nobody else writes to their threads then, and storing costs fewer calls."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING

from chat.addresses import Address
from chat.group_sending import Draft
from chat.presence import Connection
from chat.tables.history import Thread

if TYPE_CHECKING:
    from bridge.node import Node

SECONDS = 60
"""Seconds for which it holds that a user was seen to be on this node alone."""
_KEPT = 20_000
"""Users, and threads, that are remembered."""
_NOT_ALONE = (inf, 0.0)


class Alone:
    """What was seen of who is where, and the newest message of threads that nobody else can have written to since."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._seen: dict[Address, tuple[float, float]] = {}
        """Since when a user has been seen to be on this node alone, and until when that holds."""
        self._newest: OrderedDict[Thread, tuple[str, float]] = OrderedDict()
        """The newest message that this node stored of a thread, and when."""

    def are(self, *addresses: Address) -> bool:
        """Whether these users have no connection but on this node, as far as was seen a moment ago."""
        link, now = self._node.link, asyncio.get_running_loop().time()
        if link is None or not link.up.is_set():
            return False  # who comes elsewhere would not be heard of
        return all(self._seen.get(address, _NOT_ALONE)[1] > now for address in addresses)

    def elsewhere(self, address: Address) -> None:
        """The user has been seen to have a connection elsewhere."""
        self._seen.pop(address, None)

    def forget(self) -> None:
        """Nothing holds any more of what was seen: pushes may have been missed."""
        self._seen.clear()

    def note(self, present: Mapping[Address, list[Connection]]) -> None:
        """These are all connections of some users."""
        now = asyncio.get_running_loop().time()
        for address, connections in present.items():
            if any(each.is_web or each.node != self._node.name for each in connections):
                self._seen.pop(address, None)
            else:
                since, until = self._seen.get(address, _NOT_ALONE)
                self._seen[address] = (since if until > now else now, now + SECONDS)
        if len(self._seen) > _KEPT:
            self._seen.clear()

    def newest(self, draft: Draft) -> str | None:
        """The newest message of the draft's thread, where nobody else can have written to it since this node did."""
        known, at = self._newest.get(draft.thread, ("", 0.0))
        message = draft.message
        since = max(self._seen.get(each, _NOT_ALONE)[0] for each in (message.sender, message.recipient))
        return known if known and draft.alone and since < at else None

    def remember(self, draft: Draft) -> None:
        """The draft has been stored."""
        newest, _ = self._newest.pop(draft.thread, ("", 0.0))
        self._newest[draft.thread] = (max(newest, draft.message.id), asyncio.get_running_loop().time())
        while len(self._newest) > _KEPT:
            self._newest.popitem(last=False)
