"""What a node knows: replicas of its domains, and what its users have set; read at need, and again after changes."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from bridge.background import for_each, until_done
from bridge.company import Company, Directory, Present, read_directory, read_presence, watch
from chat.addresses import Address
from chat.tables import Tables
from chat.tables.directory import Settings as OwnSettings

T = TypeVar("T")
_Found = tuple[Directory, list[Present], dict[str, int]]

_BLOCKS_LAST = 60_000
"""Milliseconds for which it is remembered whom somebody blocks who is not there."""
_BLOCKS_KEPT = 10_000
_GATHER_SECONDS = 1.0
"""Seconds in which several changes of a directory are read as one."""
_DOMAINS_AT_ONCE = 4
"""Domains that are read at the same time; others wait, so that calls for clients find a thread."""


class Knowledge(ABC):
    """The part of a node that reads the tables."""

    def __init__(self, name: str, tables: Tables, clock: Callable[[], int]) -> None:
        self.name = name
        self.tables = tables
        self.now = clock
        """The time, in ms since the epoch."""
        self.companies: dict[str, Company] = {}
        self._loading: dict[str, asyncio.Future[Company]] = {}
        self._refreshing: set[str] = set()
        self._outdated: set[str] = set()
        """Domains whose directory has changed since the last reading began."""
        self._own: dict[Address, OwnSettings] = {}
        self._reading_own: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()
        self._blocks: dict[Address, tuple[int, frozenset[str]]] = {}

    @abstractmethod
    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run a call to AWS in a thread."""

    @abstractmethod
    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run work that nobody waits for."""

    @abstractmethod
    async def pause(self, seconds: float) -> bool:
        """Wait; False where the node stops meanwhile."""

    @abstractmethod
    def directory_changed(self, company: Company, changed: list[str]) -> None:
        """These local parts are not what they were; called for the first directory too."""

    @abstractmethod
    def presence_read(self, company: Company, present: list[Present], before: dict[str, int]) -> None:
        """Everybody's presence was read again; ``before`` are the revisions that were known ahead of that."""

    async def company(self, domain: str) -> Company:
        """The replica of a domain, read when it is first asked for."""
        loading = self._loading.get(domain)
        if loading is None:
            loading = self._loading[domain] = self.spawn(self._load(domain))
        try:
            return await asyncio.shield(loading)
        except Exception:
            if self._loading.get(domain) is loading:  # and nobody reads it again already
                del self._loading[domain]
            raise

    async def _load(self, domain: str) -> Company:
        company = self.companies[domain] = Company(domain, self.name)
        try:
            await self.call(watch, self.tables, domain, self.name, self.now())
            self._take(company, await self._read(company))
        except BaseException:
            self.companies.pop(domain, None)
            raise
        return company

    async def read_everything(self) -> None:
        """Read all replicas again, as pushes may have been missed; each is tried until it succeeds."""

        async def read(company: Company) -> None:
            found = await until_done(lambda: self._read(company), self.pause, f"reading {company.domain}")
            if found is not None:
                self._take(company, found)

        await for_each(list(self.companies.values()), read, _DOMAINS_AT_ONCE)

    async def _read(self, company: Company) -> _Found:
        before = company.revisions()
        directory, present = await asyncio.gather(
            self.call(read_directory, self.tables, company.domain),
            self.call(read_presence, self.tables, company.domain, self.now()),
        )
        return directory, present, before

    def _take(self, company: Company, found: _Found) -> None:
        directory, present, before = found
        changed = company.take_directory(directory)
        self.presence_read(company, present, before)
        self.directory_changed(company, changed)

    def refresh(self, domain: str) -> None:
        """A domain's directory has changed: read it again in a moment."""
        if domain not in self.companies:
            return
        self._outdated.add(domain)
        if domain not in self._refreshing:
            self._refreshing.add(domain)
            self.spawn(self._refresh(domain))

    async def _refresh(self, domain: str) -> None:
        """Read a directory until it has not changed since the reading began."""

        async def read() -> Directory:
            self._outdated.discard(domain)
            return await self.call(read_directory, self.tables, domain)

        try:
            while domain in self._outdated and await self.pause(_GATHER_SECONDS):
                directory = await until_done(read, self.pause, f"reading the directory of {domain}")
                company = self.companies.get(domain)
                if company is not None and directory is not None:
                    self.directory_changed(company, company.take_directory(directory))
        finally:
            self._refreshing.discard(domain)

    def own(self, address: Address) -> OwnSettings:
        """What a user of this node has set: own names and groups, blocked contacts."""
        return self._own.get(address) or OwnSettings()

    async def load_own(self, address: Address) -> OwnSettings:
        """The same, read where it is not known yet."""
        if address not in self._own:
            async with self._reader_of(address):
                self._own[address] = await self.call(self.tables.directory.settings, address)
        return self._own[address]

    async def reload_own(self, address: Address) -> OwnSettings:
        """Read a user's settings again, which have changed; they are kept where they were known, for as long as needed.

        One reading after another: what an earlier one has found never takes the place of what a later one has.
        """
        async with self._reader_of(address):
            found = await self.call(self.tables.directory.settings, address)
            if address in self._own:
                self._own[address] = found
            return found

    def _reader_of(self, address: Address) -> asyncio.Lock:
        """Held by who reads a user's settings."""
        found = self._reading_own.get(address)
        if found is None:
            self._reading_own[address] = found = asyncio.Lock()
        return found

    def forget_own(self, address: Address) -> None:
        """The user has no session here any more."""
        self._own.pop(address, None)

    async def blocks_of(self, address: Address) -> frozenset[str]:
        """Whom a user blocks who has no connection; remembered for a minute."""
        until, blocked = self._blocks.get(address, (0, frozenset()))
        if until < self.now():
            blocked = (await self.call(self.tables.directory.settings, address)).blocked
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.clear()
            self._blocks[address] = (self.now() + _BLOCKS_LAST, blocked)
        return blocked
