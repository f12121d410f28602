"""Many light XMPP clients in a process of their own (``python -m bench.xmpp_clients``), the same for every server.

It takes one JSON job a line and answers with a line of results (``bench.xmpp_load``).
"""

from __future__ import annotations

import asyncio
import json
import ssl
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.processes import cpu_seconds
from bench.xmpp_client import Client, message
from bench.xmpp_load import user

AT_ONCE = 16
"""Log-ins that go on at the same time: more would be counted as guessing where all come from one network."""
DRAIN_SECONDS = 30.0
"""Seconds for what a server is behind with; what has not come then is looked for in the archives."""
_STEP = 37
"""From one sender to the next: prime, so that all have their turn."""


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
        self._given_up: set[int] = set()
        """Messages that had not come in time, and may come yet."""
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
        missing = await self._drain()
        used, taken = cpu_seconds(self._server) - cpu, self._taken
        last = max(sent + took for took, sent in taken)
        rate = len(taken) / (last - started)
        return {"rate": rate, "cpu_us": used * 1e6 / len(taken)} | _latency(taken) | missing

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
        missing = await self._drain()
        taken = [each for each in self._taken if each[1] >= started + warm_up]
        return {"cpu_us": (cpu_seconds(self._server) - cpu) * 1e6 / len(taken)} | _latency(taken) | missing

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
        if number in self._given_up:
            self._given_up.remove(number)
            return
        to, sent = self._under_way.pop(number)  # a KeyError: it came twice
        if to != receiver:
            raise AssertionError(f"message {number} came to {receiver}, not to {to}")
        self._taken.append((time.perf_counter() - sent, sent))
        self._again(receiver ^ 1)

    async def _drain(self) -> dict[str, float]:
        """Wait for what is under way; how many messages are late and lost.

        Late ones are in their recipients' archives, and count as if they had come now; lost ones do not count.
        """
        deadline = time.perf_counter() + DRAIN_SECONDS
        while self._under_way and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        cut_off = sum(client.lost for client in self._clients)
        if cut_off:
            raise AssertionError(f"{cut_off} clients were cut off, {len(self._under_way)} messages have not come")
        missing, self._under_way = self._under_way, {}
        self._given_up |= missing.keys()
        archived = set[int]()
        for receiver in {to for to, _ in missing.values()}:
            archived |= await self._clients[receiver].archived()
        late = missing.keys() & archived
        self._taken += [(time.perf_counter() - missing[number][1], missing[number][1]) for number in late]
        return {"late": len(late), "lost": len(missing) - len(late)}


def _latency(taken: list[tuple[float, float]]) -> dict[str, float]:
    times = [each * 1000 for each, _ in taken]
    return {"p50": statistics.median(times), "p99": statistics.quantiles(times, n=100)[98]}


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
