"""Pushes and read units of a presence change, with more and more users online and always twenty who watch.

Every connection watches twenty colleagues, as a page that shows twenty contacts does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.figures import Figure
from bench.meter import Meter, Usage
from bench.stack import Stack, at_once, now, recording, say
from bench.store_units import user
from chat import fanout
from chat.addresses import Address
from chat.fanout import Change
from chat.frames.events import PresenceEvent
from chat.presence import LIFETIME, WEB, Connection, Status, connections_in
from chat.push import Pusher, targets
from chat.store import Store
from chat.tables import Tables

ONLINE = [10, 100, 1_000]
WATCHERS = 20
"""Connections that show the user who changes; also how many contacts each connection shows."""


def measure(stack: Stack) -> Iterator[Figure]:
    """Two figures for each number of users online."""
    stack.stop_fan_out()
    meter = Meter(stack.cloud.url)
    plain = stack.tables
    names = plain.directory.name, plain.connections.name, plain.history.name
    tables = Tables.named(Store(meter.client, time.sleep), *names)
    for online in ONLINE:
        say(f"pushes with {online:,} users online")
        domain = f"{online}.online.example"
        _connect(plain, domain, online)
        ours, pushed = _announce(tables, meter, domain)
        everybody, told = _tell_everybody(tables, meter, domain)
        name = f"presence change, {online:,} online"
        yield Figure(name, "pushes", pushed, told, f"{WATCHERS}", pushed == WATCHERS)
        yield Figure(name, "read units", ours.reads, everybody.reads, "≤ reference", ours.reads <= everybody.reads)


def _connect(tables: Tables, domain: str, online: int) -> None:
    """Users 0 to ``online``, with a connection each or, where they are few, so many that twenty can watch."""
    time = now()
    expires = time // 1000 + LIFETIME

    def connect(number: int) -> None:
        owner, ref = user(domain, number % online), f"{WEB}connection-{number:04d}="
        tables.connections.open(owner, Connection(ref, Status.AVAILABLE, time, expires), time, expires)
        first = 0 if number < WATCHERS else number  # user 0 is the one who will change
        watched = {user(domain, first + other).local for other in range(WATCHERS)}
        tables.connections.watch(owner, ref, watched, expires)

    at_once(connect, range(max(online, WATCHERS)))


def _announce(tables: Tables, meter: Meter, domain: str) -> tuple[Usage, int]:
    time = now()
    before = [Connection(f"{WEB}changes", Status.AVAILABLE, time, time // 1000 + LIFETIME)]
    after = [Connection(f"{WEB}changes", Status.BUSY, time, time // 1000 + LIFETIME)]
    pusher, recorder = recording(tables)
    with meter.measure() as usage:
        fanout.announce(tables, pusher, Change(user(domain, 0), before, after, time), time)
    return usage, len(recorder.posted)


def _tell_everybody(tables: Tables, meter: Meter, domain: str) -> tuple[Usage, int]:
    """The reference: look up who is online, and push to every connection."""
    pusher, recorder = recording(tables)
    with meter.measure() as usage:
        _push_to_all(tables, pusher, list(tables.connections.online(domain)), domain)
    return usage, len(recorder.posted)


def _push_to_all(tables: Tables, pusher: Pusher, online: list[Address], domain: str) -> None:
    event = PresenceEvent(address=str(user(domain, 0)), status=str(Status.BUSY), revision=now())
    found = tables.connections.of_many(online, consistent=False)
    aims = [target for owner, item in found.items() for target in targets(owner, connections_in(item))]
    pusher.deliver(event, aims, now())
