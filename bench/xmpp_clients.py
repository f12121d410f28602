"""Many light XMPP clients in a process of their own (``python -m bench.xmpp_clients``), the same for every server.

It takes one JSON job a line and answers with a line of results (``bench.xmpp_load``). Streams are read in full until a
resource is bound. After that only what counts is looked for in the bytes, so that the clients never are what is slow.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import ssl
import statistics
import sys
import time
from asyncio import sslproto
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, cast
from xml.etree.ElementTree import Element

from bench.processes import cpu_seconds
from bench.xmpp_load import user
from bridge.elements import local_name, qualified
from bridge.names import BIND, CLIENT, SASL, SM, STREAM
from bridge.reader import Reader
from chat.addresses import Address

AT_ONCE = 16
"""Log-ins that go on at the same time: more would be counted as guessing where all come from one network."""
PATIENCE = 60.0
"""Seconds for anything, also for what a server is behind with."""
MESSAGE_BYTES = 422
"""A chat message with a receipt request, a marker and an origin id, as clients send it."""
_BUFFER = 16 * 1024
_SEEN = re.compile(rb"<body>(\d+) |<(?:(presence|message|iq)|(r))[ />]|id=.(settled)")
_READ = 1 << 20
_STEP = 37
"""From one sender to the next: prime, so that all have their turn."""

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

    def close(self) -> None:
        self._transport.write(b"</stream:stream>")
        self._transport.close()

    def _scan(self, data: bytes) -> None:
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


class Crowd:
    """All clients of this process, in pairs that write to each other."""

    def __init__(self, port: int, password: str, ca_file: str, server: int) -> None:
        """``server``: the server's process, whose CPU time is told."""
        self._port, self._password, self._server = port, password, server
        self._context = ssl.create_default_context(cafile=ca_file)
        self._clients: list[Client] = []
        self._under_way: dict[int, tuple[int, float]] = {}
        self._taken: list[tuple[float, float]] = []
        """How long each message took, and when it was due."""
        self._next = 0
        self._again: Callable[[int], None] = lambda _: None

    async def log_in(self, count: int, managed: bool) -> dict[str, float]:
        """Log in so many users more; log-ins a second."""
        first = len(self._clients)
        new = [Client(user(first + n), self._password) for n in range(count)]
        gate = asyncio.Semaphore(AT_ONCE)

        async def enter(number: int, client: Client) -> None:
            source = f"127.1.{number // 250}.{number % 250 + 1}"  # networks of their own, as most users have
            async with gate:
                await client.log_in(self._port, self._context, source, managed)
            client.got = partial(self._got, number)

        cpu, started = cpu_seconds(self._server), time.perf_counter()
        await asyncio.gather(*(enter(first + number, client) for number, client in enumerate(new)))
        seconds = time.perf_counter() - started
        used = (cpu_seconds(self._server) - cpu) / count
        self._clients += new
        return {"rate": count / seconds, "cpu_ms": used * 1000}

    async def appear(self) -> dict[str, float]:
        """Everybody sends initial presence; seconds until all have settled."""
        cpu, started = cpu_seconds(self._server), time.perf_counter()
        for client in self._clients:
            client.send("<presence/>")
        for _ in range(2):  # the second time for what others were sent
            await asyncio.gather(*(client.settle() for client in self._clients))
        used = (cpu_seconds(self._server) - cpu) / len(self._clients)
        return {"seconds": time.perf_counter() - started, "cpu_ms": used * 1000}

    async def flood(self, seconds: float, window: int) -> dict[str, float]:
        """Each client keeps ``window`` messages to its partner under way: messages a second until the last one has
        come, as servers may deliver in bursts, and how long they took."""
        self._again = self._send
        self._taken.clear()
        cpu, started = cpu_seconds(self._server), time.perf_counter()
        for sender in range(len(self._clients)):
            for _ in range(window):
                self._send(sender)
        await asyncio.sleep(seconds)
        self._again = lambda _: None
        await self._drain()
        used, taken = cpu_seconds(self._server) - cpu, self._taken
        last = max(sent + took for took, sent in taken)
        return {"rate": len(taken) / (last - started), "cpu_us": used * 1e6 / len(taken)} | _latency(taken)

    async def steady(self, seconds: float, warm_up: float, rate: int) -> dict[str, float]:
        """So many messages a second from all together, whether the server keeps up or not.

        What is sent in ``warm_up`` does not count: in it, everybody writes to its partner for the first time.
        """
        self._again = lambda _: None
        self._taken.clear()
        started, first = time.perf_counter(), int(warm_up * rate)
        cpu = 0.0
        for number in range(first + int(seconds * rate)):
            due = started + number / rate
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            if number == first:
                cpu = cpu_seconds(self._server)
            self._send(number * _STEP % len(self._clients), due)
        await self._drain()
        taken = [each for each in self._taken if each[1] >= started + warm_up]
        return {"cpu_us": (cpu_seconds(self._server) - cpu) * 1e6 / len(taken)} | _latency(taken)

    async def leave(self) -> dict[str, float]:
        """Everybody goes."""
        for client in self._clients:
            client.close()
        self._clients.clear()
        await asyncio.sleep(1)
        return {}

    def _send(self, sender: int, due: float | None = None) -> None:
        number, self._next = self._next, self._next + 1
        self._under_way[number] = sender ^ 1, due or time.perf_counter()
        self._clients[sender].send(message(number, self._clients[sender ^ 1].jid))

    def _got(self, receiver: int, number: int) -> None:
        to, sent = self._under_way.pop(number)  # a KeyError: it came twice
        if to != receiver:
            raise AssertionError(f"message {number} came to {receiver}, not to {to}")
        self._taken.append((time.perf_counter() - sent, sent))
        self._again(receiver ^ 1)

    async def _drain(self) -> None:
        deadline = time.perf_counter() + PATIENCE
        while self._under_way:
            if time.perf_counter() > deadline:
                gone = sum(client.lost for client in self._clients)
                raise AssertionError(f"{len(self._under_way)} messages have not come, {gone} clients were cut off")
            await asyncio.sleep(0.01)


def _latency(taken: list[tuple[float, float]]) -> dict[str, float]:
    times = [each * 1000 for each, _ in taken]
    return {"p50": statistics.median(times), "p99": statistics.quantiles(times, n=100)[98]}


@cache
def _salted(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", password.encode(), salt, iterations)


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def _run(start: dict[str, Any]) -> None:
    crowd = Crowd(**start)
    loop = asyncio.get_running_loop()
    wrong: list[str] = []
    loop.set_exception_handler(lambda _, context: wrong.append(str(context.get("exception") or context["message"])))
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        job = json.loads(line)
        try:
            result = await getattr(crowd, job.pop("do"))(**job)
            if wrong:
                result = {"error": wrong[0]}
        except Exception as error:
            result = {"error": "; ".join([repr(error), *wrong[:3]])}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    asyncio.run(_run(json.loads(Path(sys.argv[1]).read_text())))
