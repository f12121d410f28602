"""Key sets (RFC 7517 §5) over HTTPS, with every bound that a stranger's answer needs.

A set is kept for 10 minutes. A key that the kept set lacks may be a new one: the set is fetched again, but at most once
a minute, because anybody can make up a key's name.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json

from chat.errors import BadField
from chat.signon import KeysUnavailable
from chat.signon_settings import check_url

TIMEOUT = 3.0
"""Seconds for the whole answer: a function has 10 s, and a log-in that takes longer is tried again anyway."""
MAX_BYTES = 64 * 1024
"""Bytes of a key set; one key takes about 500."""
KEPT = 600.0
"""Seconds: how long a key that the webmail has withdrawn is still accepted, at most."""
AGAIN = 60.0
"""Seconds between two fetches for keys that the kept set lacks."""
AFTER_FAILURE = 10.0
"""Seconds until a server that gave no set is asked again."""


@dataclass(slots=True)
class _Kept:
    """What is known of one URL; times in seconds of the clock."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    fetched: float = float("-inf")
    asked_again: float = float("-inf")
    failed: float = float("-inf")
    problem: str = ""


class KeySets:
    """The key sets of all domains, fetched when they are first needed: a ``chat.signon.KeySource``."""

    def __init__(
        self, clock: Callable[[], float], get: Callable[[str], bytes] | None = None, *, local: bool = False
    ) -> None:
        """``clock`` gives seconds that only grow; ``get`` fetches a URL, or raises KeysUnavailable.

        ``local`` where the chat runs on this machine: it may fetch from more places (``signon_settings.check_url``).
        """
        self._clock = clock
        self._get = get or fetch
        self._local = local
        self._kept: dict[str, _Kept] = {}

    def __call__(self, url: str, kid: str | None) -> list[dict[str, Any]]:
        """The set at ``url``; one that lacks the key ``kid`` has been fetched within the last minute.

        Raises:
            KeysUnavailable: it cannot be had; a set that was had earlier is kept for other keys.
        """
        kept, now = self._kept.setdefault(url, _Kept()), self._clock()
        if now - kept.fetched >= KEPT:
            self._renew(url, kept, now)
        elif kid is not None and all(key.get("kid") != kid for key in kept.keys) and now - kept.asked_again >= AGAIN:
            self._renew(url, kept, now)
            kept.asked_again = now
        return kept.keys

    def _renew(self, url: str, kept: _Kept, now: float) -> None:
        if now - kept.failed < AFTER_FAILURE:
            raise KeysUnavailable(kept.problem)
        try:
            check_url(url, local=self._local)
            kept.keys, kept.fetched = _keys(self._get(url)), now
        except BadField as error:  # it was set for a local cloud, or past chatctl
            raise KeysUnavailable(error.message) from error
        except KeysUnavailable as error:
            kept.failed, kept.problem = now, str(error)
            raise


def fetch(url: str) -> bytes:
    """What is at an http or https URL, at most 64 KB within 3 seconds in all. Redirects are not followed.

    Raises:
        KeysUnavailable: with the reason.
    """
    answer: SimpleQueue[bytes | Exception] = SimpleQueue()
    # In a thread, because a socket's timeout bounds each read, and a server may send a byte at a time.
    Thread(target=lambda: answer.put(_try(url)), daemon=True).start()
    try:
        result = answer.get(timeout=TIMEOUT)
    except Empty:
        raise KeysUnavailable(f"no answer within {TIMEOUT:g} s") from None
    if isinstance(result, KeysUnavailable):
        raise result
    if isinstance(result, Exception):
        raise KeysUnavailable(f"{type(result).__name__}: {result}") from result
    return result


def _try(url: str) -> bytes | Exception:
    try:
        return _read(url)
    except (OSError, HTTPException, ValueError, KeysUnavailable) as error:  # ValueError: a host name that is none
        return error


def _read(url: str) -> bytes:
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    with closing(connect(parts.hostname or "", parts.port, timeout=TIMEOUT)) as connection:
        connection.request("GET", path, headers={"accept": "application/jwk-set+json, application/json"})
        with connection.getresponse() as response:
            if response.status != 200:
                raise KeysUnavailable(f"the answer is HTTP {response.status}, expected 200; redirects are not followed")
            content = response.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise KeysUnavailable(f"the answer has more than {MAX_BYTES} bytes")
    return content


def _keys(content: bytes) -> list[dict[str, Any]]:
    try:
        keys = from_json(content)["keys"]
    except (ValueError, TypeError, KeyError) as error:
        raise KeysUnavailable("the answer is not a key set, a JSON object with keys") from error
    if not isinstance(keys, list):
        raise KeysUnavailable("the answer is not a key set: keys is not an array")
    return [key for key in keys if isinstance(key, dict)]
