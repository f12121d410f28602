"""The photos of users: fetched once they are asked for or shown, kept for an hour, and named in presence by their hash.

Nothing waits for a photo but who asks for it. A presence that is shown before its photo is there goes without the hash,
and again with it when it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from bridge.company import Company
from bridge.errors import StanzaError
from bridge.names import VCARD_UPDATE
from bridge.photo_fetching import FETCH_SECONDS, NoPhoto, kind_of
from chat.addresses import Address

logger = logging.getLogger(__name__)

FRESH = 3_600_000
"""Milliseconds for which a photo is not fetched again."""
RETRY = 600_000
"""Milliseconds after which a photo is tried again that could not be fetched."""
MAX_BYTES = 32 * 1024 * 1024
"""Bytes of photos that are kept; of those beyond, only the hash is."""
MAX_KNOWN = 50_000
"""Addresses of photos of which something is kept."""
MAX_ASKED = 1000
"""Answers to one session that wait; a client may well ask for all its contacts at once."""
_OWN = re.compile(rf'<x xmlns="{VCARD_UPDATE}"(?:/>|><photo(?:/>|>[^<]*</photo>)</x>)')
"""What a client says of a photo, which can only be of one that nobody is given. Pidgin says that there is none wherever
it has no picture of its own; of a photo that the directory has, that is not true either."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo by what clients ask of it."""

    id: str
    """The SHA-1 of its bytes in hex (XEP-0084, XEP-0153)."""
    kind: str
    """Its media type."""
    size: int
    """Its bytes."""


@dataclass(frozen=True, slots=True)
class _Known:
    photo: Photo | None
    until: int


class Photos:
    """The photos of a node. ``show`` shows a user's presence again."""

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[bytes]],
        companies: Mapping[str, Company],
        show: Callable[[Address], None],
        now: Callable[[], int],
    ) -> None:
        self._fetch = fetch
        self._companies = companies
        self._show = show
        self._now = now
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, dict[Address, str]] = {}
        """By URL: whose presence was shown before the photo came, and with which hash."""
        self._shown: dict[str, str] = {}
        """By user: the URL of the photo whose hash was shown."""
        self._asked: Counter[str] = Counter()
        self._answers: set[asyncio.Task[None]] = set()

    # In presence.

    def marked(self, sender: str, payload: str | None) -> str | None:
        """The content of a presence with the hash of its sender's photo (XEP-0398 §4); None for ``unavailable``."""
        bare = sender.partition("/")[0]
        local, _, domain = bare.partition("@")
        company = self._companies.get(domain)
        user = company.directory.users.get(local) if company is not None else None
        if payload is None or user is None:
            return payload
        url = user.profile.photo
        if not url:
            return _with_hash(payload, "") if bare in self._shown else payload
        known = self._known.get(url)
        photo = known.photo if known is not None else None
        if known is None or known.until <= self._now():
            self._start(url)
        if url in self._fetching:
            self._waiting.setdefault(url, {})[user.address] = photo.id if photo else ""
        if photo is None:
            return payload
        self._shown[bare] = url
        return _with_hash(payload, photo.id)

    def directory_changed(self, company: Company, changed: Iterable[str]) -> None:
        """Show those again whose photo is another one now, or none."""
        for local in changed:
            user = company.directory.users.get(local)
            if user is not None and user.profile.photo != self._shown.get(str(user.address), ""):
                self._show(user.address)

    # For who asks.

    def get(self, url: str) -> tuple[Photo, bytes] | None:
        """The photo at a URL and its bytes, as far as they are here."""
        known = self._known.get(url)
        if known is None or known.photo is None or known.photo.id not in self._pictures:
            return None
        self._pictures.move_to_end(known.photo.id)
        return known.photo, self._pictures[known.photo.id]

    async def fetched(self, url: str) -> None:
        """Wait until it is known what is at a URL; for 5 s at most, since others may be before it."""
        known, is_here = self._known.get(url), self.get(url) is not None
        if known is not None and known.until > self._now() and (is_here or known.photo is None):
            return
        self._start(url)
        if not is_here:
            with suppress(TimeoutError):
                async with asyncio.timeout(FETCH_SECONDS):
                    await asyncio.shield(self._fetching[url])

    def answer(self, asker: str, work: Coroutine[Any, Any, None]) -> None:
        """Answer a session that has asked for what may have to be fetched, beside all else.

        Raises:
            StanzaError: too many answers wait for the photos, or for the client to take them.
        """
        if self._asked[asker] >= MAX_ASKED:
            work.close()
            raise StanzaError("resource-constraint", f"{MAX_ASKED} requests are waiting; ask again later")
        self._asked[asker] += 1
        task = asyncio.get_running_loop().create_task(work)
        self._answers.add(task)
        task.add_done_callback(partial(self._answered, asker))

    def _answered(self, asker: str, task: asyncio.Task[None]) -> None:
        self._answers.discard(task)
        self._asked[asker] -= 1
        if not self._asked[asker]:
            del self._asked[asker]

    # Fetching.

    def _start(self, url: str) -> None:
        if url not in self._fetching:
            self._fetching[url] = asyncio.get_running_loop().create_task(self._run(url))

    async def _run(self, url: str) -> None:
        try:
            picture = await self._fetch(url)
        except NoPhoto as error:
            logger.info("a photo could not be fetched", extra={"url": url, "cause": str(error)})
            self._keep(url, None, RETRY)
            return
        finally:
            del self._fetching[url]
        name = hashlib.sha1(picture).hexdigest()  # noqa: S324  # what XEP-0084 and XEP-0153 demand
        self._keep(url, Photo(name, kind_of(picture) or "", len(picture)), FRESH)
        self._keep_picture(name, picture)
        for address, shown in self._waiting.pop(url, {}).items():
            if shown != name:
                self._show(address)

    def _keep(self, url: str, photo: Photo | None, lasts: int) -> None:
        self._known[url] = _Known(photo, self._now() + lasts)
        self._known.move_to_end(url)
        if len(self._known) > MAX_KNOWN:
            self._waiting.pop(self._known.popitem(last=False)[0], None)

    def _keep_picture(self, name: str, picture: bytes) -> None:
        if name not in self._pictures:
            self._pictures[name] = picture
            self._bytes += len(picture)
        self._pictures.move_to_end(name)
        while self._bytes > MAX_BYTES:
            self._bytes -= len(self._pictures.popitem(last=False)[1])


def _with_hash(payload: str, name: str) -> str:
    rest = _OWN.sub("", payload)
    if VCARD_UPDATE in rest:
        return payload
    return f'{rest}<x xmlns="{VCARD_UPDATE}"><photo>{name}</photo></x>'
