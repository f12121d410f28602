"""A bridge node: its sessions, what it knows of its domains, and its way to tables and pushes.

Everything here runs on one event loop, but for calls to AWS, which run in threads (``call``).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary
from xml.etree.ElementTree import Element

from slixmpp import JID

from chat.aws import metrics
from bridge import arrivals, broadcasts, capabilities, elsewhere, handlers, passwords, routing
from bridge.acks import Acks
from bridge.company import Company, Present
from bridge.delivered import Delivered
from bridge.errors import StanzaError, StreamError
from bridge.knowledge import Knowledge
from bridge.link import Link
from bridge.log_ins import LogIns
from bridge.missed import Missed
from bridge.photo_fetching import Fetcher
from bridge.photos import Photos
from bridge.renewal import Renewal
from bridge.session import Session
from bridge.settings import STOP_SECONDS, Settings
from bridge.storing import Storing
from bridge.stream import Stream
from bridge.tls import Certificates
from bridge.typing_news import Typing
from bridge.wire import Wire
from chat import ids, trail
from chat import metrics as declared
from chat.addresses import Address
from chat.files import MAX_FILE
from chat.frames.events import DirectoryEvent, MissedEvent, NodeFrame
from chat.presence import MAX_CONNECTIONS, XMPP
from chat.push import Pusher
from chat.tables import Tables

logger = logging.getLogger(__name__)

T = TypeVar("T")

THREADS = 24
"""Calls to AWS at once; the client's pool has 25 connections."""
_HANDLED_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Stanzas of one client: how many a second, and at once."""

    per_second: float = 100
    burst: int = 1000


class Node(Knowledge):
    """One bridge node."""

    def __init__(
        self,
        settings: Settings,
        tables: Tables,
        make_pusher: Callable[[Node], Pusher],
        certificates: Certificates,
        decoy_key: bytes,
        *,
        uploads: Any = None,
        rates: Rates = Rates(),  # frozen
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        super().__init__(settings.node, tables, clock)
        self.settings = settings
        self.certificates = certificates
        self.uploads = uploads
        self.largest_upload = MAX_FILE if uploads is not None else None
        self.handlers = handlers
        self.stanzas_per_second, self.stanza_burst = rates.per_second, rates.burst
        self._sessions: dict[Address, dict[str, Session]] = {}
        self._bound: dict[str, dict[Session, None]] = {}
        """The same by domain."""
        self._handled: OrderedDict[tuple[Address, str], Acks] = OrderedDict()
        """The counters of sessions that could have been resumed."""
        self._registering: WeakValueDictionary[tuple[Address, str], asyncio.Lock] = WeakValueDictionary()
        self.typing = Typing(self.now)
        self._threads = ThreadPoolExecutor(THREADS, "aws")
        self._tasks: set[asyncio.Task[Any]] = set()
        self.pusher = make_pusher(self)
        self.log_ins = LogIns(self, decoy_key)
        self.delivered = Delivered(self)
        self.storing = Storing(self)
        self.missed = Missed(self)
        self.renewal = Renewal(self)
        self.photos = Photos(
            Fetcher(settings.photo_hosts), self.companies, partial(broadcasts.show_again, self), self.now
        )
        self.caps: Element = capabilities.caps(self.largest_upload)
        self.stopping = False
        self.stopped = asyncio.Event()
        """Set once all sessions have been told."""
        self.link: Link | None = None

    # Running.

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run a call to AWS in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run work that nobody waits for; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("work in the background failed", exc_info=error)

    async def pause(self, seconds: float) -> bool:
        """Wait; False where the node stops meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopped.wait()
        return not self.stopped.is_set()

    async def serve(self, wire: Wire) -> None:
        """Serve one client until its stream ends."""
        await Stream(self, wire).run()

    async def stop(self) -> None:
        """End all streams, store what is left, and leave no row behind."""
        self.stopping = True
        sessions = self.all_sessions()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS / 4):
                for session in sessions:  # so that what is stored is acknowledged, and not sent again
                    await session.handling.settle()
        for session in sessions:
            session.expel(StreamError("system-shutdown", "the server restarts; connect again"))
        self.stopped.set()
        try:
            async with asyncio.timeout(STOP_SECONDS / 2):
                while not self.storing.is_idle:
                    await asyncio.sleep(0.02)
                if self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            logger.warning("not everything was stored in time")
        await self.delivered.flush()
        await self.call(self.tables.connections.unwatch_all, self.name, list(self.companies))

    # Sessions.

    @property
    def domains(self) -> frozenset[str]:
        return self.certificates.domains

    def all_sessions(self) -> list[Session]:
        return [session for each in self._sessions.values() for session in each.values()]

    def sessions_of(self, address: Address) -> list[Session]:
        """The sessions of a user on this node."""
        return list(self._sessions.get(address, {}).values())

    def sessions_in(self, domain: str) -> list[Session]:
        """The sessions of a domain on this node that are available."""
        return [session for session in self._bound.get(domain, ()) if session.available]

    def bound_in(self, domain: str) -> list[Session]:
        """All sessions of a domain on this node."""
        return list(self._bound.get(domain, ()))

    def session(self, address: Address, resource: str) -> Session | None:
        return self._sessions.get(address, {}).get(resource)

    def registering(self, address: Address, resource: str) -> asyncio.Lock:
        """Held by who tells the tables of a resource, so that of two sessions the later one has the last word."""
        found = self._registering.get((address, resource))
        if found is None:
            self._registering[address, resource] = found = asyncio.Lock()
        return found

    def owns(self, ref: str) -> bool:
        """Whether a connection is a session of this node."""
        return ref.startswith(f"{XMPP}{self.name}:")

    async def bind(self, stream: Stream, address: Address, resource: str) -> Session:
        """A session for a log-in, in place of one with the same resource (RFC 6120 §7.7.2.2).

        Raises:
            StanzaError: the resource cannot be used, or the user has too many sessions.
        """
        if self.stopping:
            raise StanzaError("resource-constraint", "the server restarts; connect again")
        try:
            resource = JID(f"{address}/{resource or ids.new(self.now())[-12:]}").resource
        except ValueError as error:
            raise StanzaError("bad-request", "the resource has characters that RFC 7622 forbids") from error
        if resource == "webmail":
            raise StanzaError("not-allowed", "the resource webmail stands for all of webmail")
        await self.company(address.domain)
        own = await self.load_own(address)
        sessions = self._sessions.setdefault(address, {})
        former = sessions.get(resource)
        if former is not None:
            former.end(StreamError("conflict", "another client has taken the resource"))
            sessions = self._sessions.setdefault(address, {})
        if routing.end_elsewhere(self, address, resource):
            logger.info("a client has moved here", extra={"person": trail.person(address)})
        if len(sessions) >= MAX_CONNECTIONS:  # some are left, so what is known of the user is current
            raise StanzaError("resource-constraint", f"a user has at most {MAX_CONNECTIONS} clients")
        self.companies[address.domain].block(address.local, own.blocked)
        sessions[resource] = session = Session(self, stream, address, resource)
        self._bound.setdefault(address.domain, {})[session] = None
        metrics.note(declared.LOG_INS, of=declared.XMPP)
        metrics.note(declared.CONNECTIONS_OPENED, of=declared.XMPP)
        logger.info("a client has come", extra={"session": session.name, "clients": len(sessions)})
        return session

    def resumable(self, address: Address, resumption: str) -> Session | None:
        """The session of a user that this names, if it can be resumed here."""
        found = (each for each in self.sessions_of(address) if resumption and each.resumption == resumption)
        return next((each for each in found if each.acks is not None and not each.ended), None)

    def handled_by(self, address: Address, resumption: str) -> str | None:
        """How many stanzas a session had handled that can be resumed no more, if it ended here (XEP-0198 §5)."""
        acks = self._handled.get((address, resumption))
        return str(acks.handled) if acks is not None else None

    def unbind(self, session: Session) -> None:
        """A session is over."""
        metrics.note(declared.CONNECTIONS_CLOSED, of=declared.XMPP)
        if session.resumption and session.acks is not None:
            session.acks.forget()
            self._handled[session.address, session.resumption] = session.acks
            if len(self._handled) > _HANDLED_KEPT:
                self._handled.popitem(last=False)
        bound = self._bound.get(session.address.domain, {})
        bound.pop(session, None)
        if not bound:
            self._bound.pop(session.address.domain, None)
        sessions = self._sessions.get(session.address, {})
        if sessions.get(session.resource) is session:
            del sessions[session.resource]
            if not sessions:
                self._sessions.pop(session.address, None)
        self.spawn(self._leave(session))

    async def _leave(self, session: Session) -> None:
        await broadcasts.leave(session)
        await self.delivered.flush(session.address)
        if session.address not in self._sessions:
            self.forget_own(session.address)

    # The link.

    def take(self, frame: NodeFrame) -> None:
        """A push."""
        match frame.event:
            case DirectoryEvent() as event:
                self.refresh(event.domain)
            case MissedEvent() as event:
                self.missed.note(event.since)
            case _:
                arrivals.take(self, frame)

    async def linked(self, missed: bool) -> None:
        """Pushes come in over a new connection. What was missed before is read from the tables, until that succeeds or
        the link cancels it, as the connection is lost."""
        if not missed:
            return
        assert self.link is not None  # noqa: S101  # which calls this
        missing = asyncio.get_running_loop().time() - self.link.complete_until
        self.renewal.renew_after_grace()
        await self.missed.catch_up(self.now() - round(missing * 1000))

    def presence_read(self, company: Company, present: list[Present], before: dict[str, int]) -> None:
        elsewhere.catch_up(self, company, present, before)

    def directory_changed(self, company: Company, changed: list[str]) -> None:
        broadcasts.show_aliases(self, company)
        if changed:
            handlers.roster.push_changes(self, company, changed)
            self.photos.directory_changed(company, changed)
        for session in self.bound_in(company.domain):
            local = session.address.local
            if local in changed and local not in company.directory.users:
                session.expel(StreamError("not-authorized", "the account has been disabled or removed"))
        self.spawn(passwords.check(self, company.domain))
