"""The link: a node's own WebSocket to the API, over which everything is pushed to it (design: one push channel)."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from chat.aws import metrics
from chat import metrics as declared
from chat.frames.events import NodeFrame
from chat.push import LINKS_KEPT

logger = logging.getLogger(__name__)

PING_SECONDS = 300
"""API Gateway ends a connection after 10 minutes without traffic."""
PATIENCE = 20
"""Seconds for a connection, or for the answer to a ping."""
MAX_FRAME = 256 * 1024
"""Bytes; a push has 128 KB at most."""
DRAIN = LINKS_KEPT / 1000 + 5
"""Seconds for which a connection that has been replaced is still read: until nobody pushes to it any more."""
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 15.0


class Link:
    """Keeps one connection open, and opens the next before it ends; ``take`` gets every frame, in order."""

    def __init__(
        self,
        url: str,
        ticket: Callable[[], Awaitable[str]],
        take: Callable[[NodeFrame], None],
        opened: Callable[[bool], Awaitable[None]],
        lifetime: float,
    ) -> None:
        """``opened`` is called with a new connection: True where pushes may have been missed before it. It is cancelled
        when that connection is lost; what it raises is logged, as the link is up all the same.

        ``lifetime``: seconds after which a connection is renewed.
        """
        self._url = url
        self._ticket = ticket
        self._take = take
        self._opened = opened
        self._lifetime = lifetime
        self.up = asyncio.Event()
        """Whether pushes come in now."""
        self._up_since: float | None = None
        self.heard = 0.0
        """When something came in last, on the event loop's clock."""
        self.complete_until = 0.0
        """On that clock: nothing that was pushed until then is missing. What was missed after it is caught up with when
        a connection is opened."""

    async def run(self) -> None:
        """Hold the link until it is cancelled."""
        loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
        self.heard = self.complete_until = loop.time()
        while True:
            self._up_since = None
            try:
                await self._hold(await self._connect())
            except (OSError, WebSocketException, TimeoutError) as error:
                logger.warning("the link is down", extra={"cause": str(error)[:200]})
            except Exception:
                logger.exception("the link failed")
            self.up.clear()
            if self._up_since is not None:
                metrics.note(declared.LINK_RECONNECTS)
            if self._up_since is not None and loop.time() - self._up_since > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # so that nodes do not come at once
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _connect(self) -> ClientConnection:
        async with asyncio.timeout(PATIENCE):
            query = urlencode({"ticket": await self._ticket()})
            return await connect(f"{self._url}?{query}", max_size=MAX_FRAME, ping_interval=None, open_timeout=PATIENCE)

    async def _hold(self, connection: ClientConnection) -> None:
        """Read a connection and the ones that take its place, until one is lost."""
        missed = True
        readers: set[asyncio.Task[None]] = set()
        try:
            while True:
                reader = asyncio.create_task(self._read(connection))
                readers.add(reader)
                self.up.set()
                self._up_since = self._up_since or asyncio.get_running_loop().time()
                await self._tell(missed, reader)
                self.heard = max(self.heard, asyncio.get_running_loop().time())
                missed = False
                try:
                    async with asyncio.timeout(self._lifetime):
                        await asyncio.shield(reader)
                    raise OSError("it was closed")
                except TimeoutError:
                    pass  # it is old: the next one is opened before it is closed
                former, connection = connection, await self._renewed(reader)
                if reader.done():  # it ended before the next one was there
                    self.complete_until, missed = self.heard, True
                    metrics.note(declared.LINK_RECONNECTS)
                draining = asyncio.create_task(self._drain(former, reader))
                readers.add(draining)
                for each in (reader, draining):
                    each.add_done_callback(readers.discard)
        finally:
            if not missed:
                self.complete_until = self.heard
            for reader in readers:
                reader.cancel()
            await connection.close()

    async def _tell(self, missed: bool, reader: asyncio.Task[None]) -> None:
        """Tell of a new connection, and wait for what is done then, for as long as the connection lives.

        Raises:
            OSError: it was closed before. What was missed is still missing.
        """
        telling = asyncio.create_task(self._call_opened(missed))
        try:
            await asyncio.wait((telling, reader), return_when=asyncio.FIRST_COMPLETED)
            if not telling.done():
                raise OSError("it was closed")
        finally:
            telling.cancel()

    async def _call_opened(self, missed: bool) -> None:
        try:
            await self._opened(missed)
        except Exception:
            logger.exception("what a new connection asks for failed")

    async def _drain(self, connection: ClientConnection, reader: asyncio.Task[None]) -> None:
        """Close a connection that has been replaced, once nothing more comes over it."""
        try:
            async with asyncio.timeout(DRAIN):
                await asyncio.shield(reader)
        except TimeoutError:
            pass
        finally:
            await connection.close()

    async def _renewed(self, reader: asyncio.Task[None]) -> ClientConnection:
        """The next connection, tried for as long as the present one lives."""
        while True:
            try:
                return await self._connect()
            except (OSError, WebSocketException, TimeoutError) as error:
                if reader.done():
                    raise
                logger.warning("the link is not renewed yet", extra={"cause": str(error)[:200]})
                await asyncio.sleep(1)

    async def _read(self, connection: ClientConnection) -> None:
        pinging = asyncio.create_task(self._ping(connection))
        try:
            async for text in connection:
                self._frame(text)
        except WebSocketException as error:
            logger.info("a connection of the link ended", extra={"cause": str(error)[:200]})
        finally:
            pinging.cancel()

    async def _ping(self, connection: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(PING_SECONDS)
            sent = loop.time()
            await connection.send(json.dumps({"action": "ping", "request_id": "link"}))
            await asyncio.sleep(PATIENCE)
            if self.heard < sent:
                logger.warning("the link does not answer")
                await connection.close()

    def _frame(self, text: str | bytes) -> None:
        self.heard = asyncio.get_running_loop().time()
        try:
            content = json.loads(text)
            if isinstance(content, dict) and "event" in content:
                self._take(NodeFrame.model_validate(content))
        except (ValueError, ValidationError):
            logger.warning("a frame of the link cannot be read", exc_info=True)
        except Exception:
            logger.exception("a frame of the link failed")
