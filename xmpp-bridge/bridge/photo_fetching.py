"""Fetching photos from the addresses in the directory, which others chose: they lead to nothing inside the network.

Only https is spoken, and only with port 443 of a host all of whose addresses are public. The connection goes to an
address that was checked, so that a name cannot lead elsewhere when it is resolved again. What comes is a picture by its
first bytes, or it is nothing. ``BRIDGE_PHOTO_HOSTS`` names hosts for which ports and addresses do not matter.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import cast
from urllib.parse import quote, urljoin, urlsplit

MAX_PHOTO = 128 * 1024
"""Bytes of a photo. In a vCard it is a third larger, and a stanza has to pass every client."""
FETCH_SECONDS = 5.0
"""Seconds for one photo, from the name's resolution to the last byte, with a redirection."""
FETCHES = 4
"""Photos that are fetched at once."""
_MAX_ANSWER = MAX_PHOTO + 64 * 1024
"""Bytes of an answer: the photo, its headers, and the lines between its chunks."""
_REDIRECTIONS = (301, 302, 303, 307, 308)
_HOST = re.compile(r"[a-z0-9._:-]+", re.ASCII)
_UNICAST = IPv6Network("2000::/3")
_KINDS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)

Resolve = Callable[[str, int], list[str]]
"""The IP addresses of a host, for a port; raises OSError."""
Connect = Callable[..., Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class NoPhoto(Exception):
    """Why there is no photo at an address."""


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    path: str


def resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Fetcher:
    """Fetches photos, four at once. ``hosts``: each a ``host:port`` that may be private."""

    def __init__(
        self, hosts: frozenset[str], resolve: Resolve = resolve, connect: Connect = asyncio.open_connection
    ) -> None:
        self._hosts = hosts
        self._resolve = resolve
        self._connect = connect
        self._turn = asyncio.Semaphore(FETCHES)
        self._resolvers = ThreadPoolExecutor(FETCHES, "photo-names")
        """Threads of their own: a resolver that is slow for one name holds up nothing else."""
        self._context: ssl.SSLContext | None = None

    async def __call__(self, url: str, seconds: float = FETCH_SECONDS) -> bytes:
        """The bytes of the picture at a URL.

        Raises:
            NoPhoto: there is none, or it may not be fetched.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(seconds):
                    found = await self._get(url)
                    if isinstance(found, str):
                        found = await self._get(found)
            except TimeoutError as error:
                raise NoPhoto("it took too long") from error
            except (OSError, ValueError, HTTPException) as error:
                raise NoPhoto(str(error) or type(error).__name__) from error
        if isinstance(found, str):
            raise NoPhoto("it was moved twice")
        if len(found) > MAX_PHOTO:
            raise NoPhoto(f"it has more than {MAX_PHOTO} bytes")
        if kind_of(found) is None:
            raise NoPhoto("it is no PNG, JPEG, GIF or WebP")
        return found

    async def _get(self, url: str) -> bytes | str:
        """What is at a URL, or the URL that it has moved to."""
        target = _target(url)
        addresses = await self._addresses(target)
        if self._context is None:
            self._context = await asyncio.to_thread(ssl.create_default_context)
        reader, writer = await self._open(target, addresses, self._context)
        try:
            writer.write(_request(target))
            answer = bytearray()
            while part := await reader.read(_MAX_ANSWER):
                answer += part
                if len(answer) > _MAX_ANSWER:
                    raise NoPhoto(f"it has more than {MAX_PHOTO} bytes")
        finally:
            writer.transport.abort()
        return _read(url, bytes(answer))

    async def _addresses(self, target: _Target) -> list[str]:
        is_named = f"{target.host}:{target.port}" in self._hosts
        if target.port != 443 and not is_named:
            raise NoPhoto(f"port {target.port} is not asked")
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._resolvers, self._resolve, target.host, target.port)
        if not found:
            raise NoPhoto(f"{target.host} has no address")
        if not is_named and (private := [each for each in found if not is_public(each)]):
            raise NoPhoto(f"{target.host} has the address {private[0]}, which is not public")
        return found

    async def _open(
        self, target: _Target, addresses: list[str], context: ssl.SSLContext
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        last: OSError | None = None
        for address in addresses:
            try:
                return await self._connect(address, target.port, ssl=context, server_hostname=target.host)
            except OSError as error:
                last = error
        assert last is not None  # noqa: S101  # there is an address
        raise last


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and not a way to an IPv4 address by another name."""
    try:
        found = ip_address(address)
    except ValueError:  # one with a scope
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast
    return found.is_global and found in _UNICAST and found.sixtofour is None


def kind_of(picture: bytes) -> str | None:
    """The media type of a picture by its first bytes; None where it is not one that all clients show."""
    return next((kind for pattern, kind in _KINDS if pattern.match(picture)), None)


def _target(url: str) -> _Target:
    """Raises ValueError where the URL cannot be taken apart."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode().lower()
    if parts.scheme != "https" or parts.username is not None or not _HOST.fullmatch(host):
        raise NoPhoto("it is not an https address")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    return _Target(host, 443 if parts.port is None else parts.port, f"{path}?{query}" if query else path)


def _request(target: _Target) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    lines = (
        f"GET {target.path} HTTP/1.1",
        f"Host: {host}" if target.port == 443 else f"Host: {host}:{target.port}",
        "Accept: image/png, image/jpeg, image/webp, image/gif",
        "User-Agent: company-chat",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class _Answer:
    """What came, in place of the socket that ``HTTPResponse`` reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._content)


def _read(url: str, answer: bytes) -> bytes | str:
    """The content of a whole answer, or where a redirection leads; raises HTTPException where it is cut."""
    response = HTTPResponse(cast(socket.socket, _Answer(answer)))
    response.begin()
    if response.status in _REDIRECTIONS and (location := response.getheader("Location")):
        return urljoin(url, location)
    if response.status != 200:
        raise NoPhoto(f"the host answered {response.status}")
    if response.length is None and not response.chunked:
        raise NoPhoto("without its length a whole photo cannot be told from half a one")
    return response.read()
