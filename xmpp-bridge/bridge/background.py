"""Work that a node does in the background: tried again until it is done, some of it at a time, or for as long as it
runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from chat import trail
from chat.addresses import Address
from chat.errors import ChatError

logger = logging.getLogger(__name__)

E = TypeVar("E")
T = TypeVar("T")

LONGEST_PAUSE = 30.0
"""Seconds between two tries; the first pause is one second, and each is twice the one before."""


async def until_done(
    work: Callable[[], Awaitable[T]], pause: Callable[[float], Awaitable[bool]], what: str
) -> T | None:
    """Try work again after growing pauses until it is done; returns its result. ``what`` names it in the log.

    ``pause`` waits for some seconds, and says whether to go on; if not, the result is None.

    Raises:
        ChatError: the rules do not allow it, which no other try changes.
    """
    seconds = 1.0
    while True:
        try:
            return await work()
        except ChatError:
            raise
        except Exception:
            logger.warning("this is tried again", exc_info=True, extra={"work": what, "seconds": seconds})
        if not await pause(seconds):
            return None
        seconds = min(2 * seconds, LONGEST_PAUSE)


async def for_each(items: Iterable[E], work: Callable[[E], Awaitable[object]], most: int) -> None:
    """Do work for all items, at most for so many at once. What it raises for one is logged, and ends nothing else."""
    room = asyncio.Semaphore(most)

    async def one(item: E) -> None:
        async with room:
            try:
                await work(item)
            except Exception:
                which = trail.person(item) if isinstance(item, Address) else str(item)
                logger.exception("this failed for one of several", extra={"item": which})

    await asyncio.gather(*(one(item) for item in items))


class Lasting:
    """Work that goes on for as long as a node runs. Work that ends earlier is a mistake: the node is not well then."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self.is_well = True
        """Whether none has ended."""

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin work; ``name`` says in the log which it is."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    async def stop(self) -> None:
        """Cancel all, and wait for their ends."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError, Exception):  # which has been logged
                await task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.is_well = False
            logger.error("work that should last has ended", exc_info=task.exception(), extra={"work": task.get_name()})
