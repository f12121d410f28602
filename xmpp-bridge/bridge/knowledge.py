"""What a node knows: replicas of its domains, and what its users have set; read at need, and again after changes."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bridge.company import Company, read_directory, read_presence, watch
from chat.addresses import Address
from chat.tables import Tables
from chat.tables.directory import Settings as OwnSettings

T = TypeVar("T")

_BLOCKS_LAST = 60_000
"""Milliseconds for which it is remembered whom somebody blocks who is not there."""
_BLOCKS_KEPT = 10_000
_GATHER_SECONDS = 1.0
"""Seconds in which several changes of a directory are read as one."""


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
        self._own: dict[Address, OwnSettings] = {}
        self._blocks: dict[Address, tuple[int, frozenset[str]]] = {}

    @abstractmethod
    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run a call to AWS in a thread."""

    @abstractmethod
    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run work that nobody waits for."""

    @abstractmethod
    def directory_changed(self, company: Company, changed: list[str]) -> None:
        """These local parts are not what they were; called for the first directory too."""

    @abstractmethod
    def presence_read(self, company: Company, present: Any) -> None:
        """Everybody's presence was read again."""

    async def company(self, domain: str) -> Company:
        """The replica of a domain, read when it is first asked for."""
        if domain not in self._loading:
            self._loading[domain] = self.spawn(self._load(domain))
        try:
            return await asyncio.shield(self._loading[domain])
        except Exception:
            self._loading.pop(domain, None)
            raise

    async def _load(self, domain: str) -> Company:
        company = self.companies[domain] = Company(domain, self.name)
        try:
            await self.call(watch, self.tables, domain, self.name, self.now())
            await self._read(company)
        except BaseException:
            self.companies.pop(domain, None)
            raise
        return company

    async def read_everything(self) -> None:
        """Read all replicas again: pushes may have been missed."""
        await asyncio.gather(*(self._read(company) for company in list(self.companies.values())))

    async def _read(self, company: Company) -> None:
        directory, present = await asyncio.gather(
            self.call(read_directory, self.tables, company.domain),
            self.call(read_presence, self.tables, company.domain, self.now()),
        )
        changed = company.take_directory(directory)
        self.presence_read(company, present)
        self.directory_changed(company, changed)

    def refresh(self, domain: str) -> None:
        """A domain's directory has changed: read it again in a moment."""
        if domain in self.companies and domain not in self._refreshing:
            self._refreshing.add(domain)
            self.spawn(self._read_directory(domain))

    async def _read_directory(self, domain: str) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        self._refreshing.discard(domain)
        directory = await self.call(read_directory, self.tables, domain)
        company = self.companies[domain]
        if directory.version >= company.directory.version:
            self.directory_changed(company, company.take_directory(directory))

    def own(self, address: Address) -> OwnSettings:
        """What a user of this node has set: own names and groups, blocked contacts."""
        return self._own.get(address) or OwnSettings()

    async def load_own(self, address: Address) -> OwnSettings:
        """The same, read where it is not known yet."""
        if address not in self._own:
            await self.reload_own(address)
        return self._own[address]

    async def reload_own(self, address: Address) -> None:
        """Read a user's settings again: they have changed."""
        self._own[address] = await self.call(self.tables.directory.settings, address)

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
