"""One light XMPP client, the same for every server.

Streams are read in full until a resource is bound. After that only what counts is looked for in the bytes, so that the
clients never are what is slow.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
import ssl
from asyncio import sslproto
from collections.abc import Callable
from functools import cache
from typing import cast
from xml.etree.ElementTree import Element

from bridge.elements import local_name, qualified
from bridge.names import BIND, CLIENT, SASL, SM, STREAM
from bridge.reader import Reader
from chat.addresses import Address

PATIENCE = 60.0
"""Seconds for anything."""
MESSAGE_BYTES = 422
"""A chat message with a receipt request, a marker and an origin id, as clients send it."""
_BUFFER = 16 * 1024
_SEEN = re.compile(rb"<body>(\d+) |<(?:(presence|message|iq)|(r))[ />]|id=.(settled)")
_READ = 1 << 20
_FIRST = re.compile(rb"<first[^>]*>([^<]+)</first>")
_PAGES = 50
"""Pages of an archive that are looked at."""
_PAGE = """<iq type='set' id='settled'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>
<max>100</max><before>{}</before></set></query></iq>"""

setattr(sslproto.SSLProtocol, "max_size", _BUFFER)  # noqa: B010  # 256 KiB each otherwise; typeshed does not know it


class Client(asyncio.Protocol):
    """One user's connection."""

    def __init__(self, address: Address, password: str) -> None:
        self.jid = str(address)
        self._local, self._domain, self._password = address.local, address.domain, password
        self._transport = cast(asyncio.Transport, None)
        self._reader: Reader | None = Reader(_READ)
        self._elements: asyncio.Queue[Element | Exception] = asyncio.Queue()
        self._rest = b""
        self._stanzas: int | None = None
        self._settled: asyncio.Future[None] | None = None
        self._page: bytearray | None = None
        self.got: Callable[[int], None] = lambda _: None
        """Called with the number of each message that comes."""
        self.lost = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._reader is None:
            self._scan(data)
            return
        try:
            for event in self._reader.feed(data):
                if isinstance(event, Element):
                    self._elements.put_nowait(event)
        except Exception as error:
            self._elements.put_nowait(error)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        self._elements.put_nowait(error or ConnectionError(f"the server has ended the stream of {self.jid}"))

    # Logging in.

    async def log_in(self, port: int, context: ssl.SSLContext, source: str, managed: bool) -> None:
        """Connect with TLS from the start, log in and bind; with ``managed`` enable stream management too."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(
            lambda: self, "127.0.0.1", port, ssl=context, server_hostname=self._domain, local_addr=(source, 0)
        )
        await self._open()
        await self._scram()
        await self._open()
        self.send(f"<iq type='set' id='bind'><bind xmlns='{BIND}'><resource>bench</resource></bind></iq>")
        bound = await self._next()
        if bound.find(f".//{qualified(BIND, 'jid')}") is None:
            raise AssertionError(f"{self.jid} was not bound")
        if managed:
            self.send(f"<enable xmlns='{SM}' resume='true'/>")
            while (await self._next()).tag != qualified(SM, "enabled"):
                pass
            self._stanzas = 0
        self._reader = None

    async def _open(self) -> None:
        self._reader = Reader(_READ)
        self.send(
            f"<?xml version='1.0'?><stream:stream to='{self._domain}' version='1.0' xmlns='{CLIENT}' "
            f"xmlns:stream='{STREAM}'>"
        )
        while (await self._next()).tag != qualified(STREAM, "features"):
            pass

    async def _scram(self) -> None:
        bare = f"n={self._local},r={secrets.token_hex(12)}"
        self.send(f"<auth xmlns='{SASL}' mechanism='SCRAM-SHA-1'>{_encode(f'n,,{bare}')}</auth>")
        first = base64.b64decode((await self._next()).text or "").decode()
        values = dict(each.split("=", 1) for each in first.split(","))
        salted = _salted(self._password, base64.b64decode(values["s"]), int(values["i"]))
        key = hmac.digest(salted, b"Client Key", "sha1")
        unproved = f"c=biws,r={values['r']}"
        signature = hmac.digest(hashlib.sha1(key).digest(), f"{bare},{first},{unproved}".encode(), "sha1")  # noqa: S324
        proof = base64.b64encode(bytes(one ^ other for one, other in zip(key, signature, strict=True))).decode()
        self.send(f"<response xmlns='{SASL}'>{_encode(f'{unproved},p={proof}')}</response>")
        answer = await self._next()
        if local_name(answer) != "success":
            raise AssertionError(f"{self.jid} was not let in: {[local_name(each) for each in answer]}")

    async def _next(self) -> Element:
        found = await asyncio.wait_for(self._elements.get(), PATIENCE)
        if isinstance(found, Exception):
            raise found
        return found

    # When it is bound.

    def send(self, text: str) -> None:
        self._transport.write(text.encode())

    async def settle(self) -> None:
        """Wait until all that was sent before has been dealt with."""
        self._settled = asyncio.get_running_loop().create_future()
        self.send("<iq type='get' id='settled'><ping xmlns='urn:xmpp:ping'/></iq>")
        await asyncio.wait_for(self._settled, PATIENCE)

    async def archived(self) -> set[int]:
        """The numbers of the messages in its archive (XEP-0313)."""
        numbers, before = set[int](), ""
        got, self.got = self.got, numbers.add
        for _ in range(_PAGES):
            self._page = bytearray()
            self._settled = asyncio.get_running_loop().create_future()
            self.send(_PAGE.format(before))
            await asyncio.wait_for(self._settled, PATIENCE)
            found = _FIRST.search(self._page)
            if found is None:
                break
            before = found[1].decode()
        self.got, self._page = got, None
        return numbers

    def close(self) -> None:
        self._transport.write(b"</stream:stream>")
        self._transport.close()

    def _scan(self, data: bytes) -> None:
        if self._page is not None:
            self._page += data
        data = self._rest + data
        done = 0
        for found in _SEEN.finditer(data):
            done = found.end()
            number, stanza, request, settled = found.groups()
            if number:
                self.got(int(number))
            elif stanza and self._stanzas is not None:
                self._stanzas += 1
            elif request and self._stanzas is not None:
                self.send(f"<a xmlns='{SM}' h='{self._stanzas}'/>")
            elif settled and self._settled is not None and not self._settled.done():
                self._settled.set_result(None)
        self._rest = data[max(done, data.rfind(b"<"), len(data) - 2 * MESSAGE_BYTES) :]


def message(number: int, to: str) -> str:
    """A chat message of 422 bytes, or a few more where addresses are long."""
    start = f"<message type='chat' id='bench-{number}' to='{to}'><body>{number} "
    end = (
        f"</body><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>"
        f"<origin-id xmlns='urn:xmpp:sid:0' id='bench-{number}'/></message>"
    )
    return start + "x" * max(1, MESSAGE_BYTES - len(start) - len(end)) + end


@cache
def _salted(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", password.encode(), salt, iterations)


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
