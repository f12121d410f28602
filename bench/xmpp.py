"""The XMPP bridge beside Debian's Prosody: messages, latency, log-ins, memory.

The bridge is measured twice: over the local cloud, a Python program that wants the same two cores, and over a stub that
answers in DynamoDB's time (``bench.xmpp_store``). Targets are judged over the stub; what it does over the local cloud
is told. All servers run at once, but only one has work at a time, and they take turns.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from bench import prosody
from bench.figures import Figure
from bench.processes import resident, stop
from bench.stack import Stack, now, say
from bench.xmpp_load import DOMAINS, PASSWORD, Clients, Server, child, clients, user
from chat import credentials, directory
from chat.entries import Profile
from chat.tables import Tables
from localcloud.bridge import Bridge
from localcloud.cloud import free_port
from localcloud.endpoints import Endpoints
from localcloud.problem import Problem
from localcloud.run import tables_of

STUB = "stub"
CLOUD = "local cloud"
USERS = 1_000
FEW = 100
IDLE = 200
WARM_UP = 20
"""Idle connections before memory is first looked at, and who stay."""
ROUNDS = 3
FLOOD_SECONDS = 3.0
FLOOD_WARM_UP = 1.0
"""Seconds of a flood that does not count: in it, everybody writes to its partner for the first time."""
WINDOW = 2
"""Messages of each user that are under way at once."""
STEADY_SECONDS = 5.0
STEADY_WARM_UP = 5.0
STEADY_RATE = 200
FASTER = 3
"""Times Prosody's messages a second (design)."""
_LINK = "ws://127.0.0.1:{}"

Results = dict[str, list[dict[str, float]]]
"""By what was done, each time that it was."""


def measure(stack: Stack) -> Iterator[Figure]:
    """Figures over both stores, beside Prosody's."""
    with ExitStack() as running:
        bridges = [running.enter_context(each) for each in (_over_stub(stack), _over_cloud(stack))]
        home = stack.folder / f"bridge-{STUB}"
        reference = prosody.running(stack.folder, home / "certificates", bridges[0].ca_file, USERS)
        servers = [running.enter_context(reference), *bridges]
        crowds = [running.enter_context(clients(server, stack.folder)) for server in servers]
        results: dict[str, Results] = {server.name: {} for server in servers}
        for crowd in crowds[:2]:  # over another store a connection is not another one
            say(f"XMPP: idle connections of {crowd.server.name}")
            results[crowd.server.name]["idle"] = [_idle(crowd)]
        for crowd in crowds:
            say(f"XMPP: {FEW} users come to {crowd.server.name}")
            _do(results, crowd, "log_in", count=FEW, managed=False)
            _do(results, crowd, "appear")
            crowd.do("flood", seconds=FLOOD_WARM_UP, window=WINDOW)
        for number in range(ROUNDS):
            say(f"XMPP: flooding, round {number + 1} of {ROUNDS}")
            for crowd in crowds:
                _do(results, crowd, "flood", seconds=FLOOD_SECONDS, window=WINDOW)
        # Not over the local cloud: with so many it is behind from the start, and would be what is measured.
        for crowd in crowds[:2]:
            say(f"XMPP: {USERS:,} users come to {crowd.server.name}")
            results[crowd.server.name].pop("log_in")
            _do(results, crowd, "log_in", count=USERS - FEW, managed=False)
            _do(results, crowd, "appear")
        for crowd in crowds[:2]:
            say(f"XMPP: {STEADY_RATE} messages a second of {USERS:,} users to {crowd.server.name}")
            _do(results, crowd, "steady", seconds=STEADY_SECONDS, warm_up=STEADY_WARM_UP, rate=STEADY_RATE)
            crowd.do("leave")
    for bridge in bridges:
        yield from _figures(bridge.name, results[bridge.name], results["Prosody"])


def _do(results: dict[str, Results], crowd: Clients, what: str, **details: float) -> None:
    results[crowd.server.name].setdefault(what, []).append(crowd.do(what, **details))


def _idle(crowd: Clients) -> dict[str, float]:
    """KiB of memory for each idle connection with TLS and stream management."""
    crowd.do("log_in", count=WARM_UP, managed=True)
    crowd.do("appear")
    before = resident(crowd.server.pid)
    crowd.do("log_in", count=IDLE, managed=True)
    crowd.do("appear")
    size = (resident(crowd.server.pid) - before) / IDLE / 1024
    crowd.do("leave")
    return {"size": size}


# The servers.


@contextmanager
def _over_cloud(stack: Stack) -> Iterator[Server]:
    """The bridge over the local cloud."""
    say(f"XMPP: adding {USERS:,} users to the local cloud")
    stack.stop_fan_out()  # it is the bridge that is measured, not what the local cloud does besides
    _add_users(stack.tables)
    with _bridge(stack.endpoints, stack.folder, CLOUD) as server:
        yield server


@contextmanager
def _over_stub(stack: Stack) -> Iterator[Server]:
    """The bridge over the stub."""
    port, link_port = free_port(), free_port()
    process = child("bench.xmpp_store", str(port), str(link_port))
    try:
        assert process.stdout
        if process.stdout.readline() != "ready\n":
            raise Problem("The stub of the store does not start.")
        url = f"http://127.0.0.1:{port}"
        endpoints = replace(
            stack.endpoints,
            cloud=url,
            websocket_url=_LINK.format(link_port),
            connections_endpoint=url,
            grace_queue=f"{url}/grace",
        )
        _add_users(tables_of(endpoints))
        with _bridge(endpoints, stack.folder, STUB) as server:
            yield server
    finally:
        stop(process)


@contextmanager
def _bridge(endpoints: Endpoints, folder: Path, name: str) -> Iterator[Server]:
    bridge = Bridge(
        endpoints,
        folder / f"bridge-{name}",
        DOMAINS,
        node=name.replace(" ", "-"),
        BRIDGE_CONNECTIONS_PER_IP="10000",
    )
    bridge.start()
    try:
        assert bridge.pid is not None
        yield Server(name, bridge.ports.tls, bridge.pid, bridge.ca_file)
    finally:
        bridge.stop()


def _add_users(tables: Tables) -> None:
    credential = credentials.derive(PASSWORD, now() - 60_000, iterations=4096)
    people = [
        directory.NewUser(user(number), Profile(f"Person Number {number}"), credential) for number in range(USERS)
    ]
    for domain in DOMAINS:
        directory.create_domain(tables, domain)
        directory.add_users(tables, domain, [each for each in people if each.address.domain == domain], now())


# The figures.


def _figures(name: str, ours: Results, reference: Results) -> Iterator[Figure]:
    judged = name == STUB

    def figure(text: str, unit: str, what: str, key: str, least: float = 0.0, most: float = math.inf) -> Figure:
        """One line; the median where there were several rounds. ``least`` and ``most``: times the reference."""
        mine, other = ([each[key] for each in results[what]] for results in (ours, reference))
        middle, plain = statistics.median(mine), statistics.median(other)
        bounded = judged and (least > 0 or most < math.inf)
        held = not bounded or least * plain <= middle <= most * plain
        target = (f"≥ {least:g} ×" if least else f"≤ {most:g} ×") if bounded else "told"
        measured = {"least": min(mine), "most": max(mine), "reference least": min(other), "reference most": max(other)}
        return Figure(f"XMPP, {name}: {text}", unit, middle, plain, target, held, measured)

    yield figure("stored messages", "1/s", "flood", "rate", least=FASTER)
    yield figure("CPU of a message", "µs", "flood", "cpu_us")
    yield figure(f"{FEW} users flood, p50", "ms", "flood", "p50")
    yield figure(f"{FEW} users flood, p99", "ms", "flood", "p99")
    if judged:
        yield figure(f"{USERS:,} users, {STEADY_RATE}/s, p50", "ms", "steady", "p50")
        yield figure(f"{USERS:,} users, {STEADY_RATE}/s, p99", "ms", "steady", "p99")
    yield figure("log-ins", "1/s", "log_in", "rate")
    yield figure("CPU of a log-in", "ms", "log_in", "cpu_ms")
    if judged:
        yield figure("idle TLS connection", "KiB", "idle", "size", most=1)
    lost, late = (_count(ours, each) for each in ("lost", "late"))
    plain = _count(reference, "lost")
    yield Figure(f"XMPP, {name}: messages lost", "of all", lost, plain, "0", lost == 0, {"late": late})


def _count(results: Results, what: str) -> float:
    """How many messages of all floods were late or lost."""
    return sum(each[what] for done in ("flood", "steady") for each in results.get(done, []))
