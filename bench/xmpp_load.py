"""The other end of ``bench.xmpp_clients``: starts that process for one server, and gives it jobs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bench.processes import stop
from chat.addresses import Address
from localcloud.endpoints import ROOT
from localcloud.problem import Problem

PASSWORD = "chat-bench"  # noqa: S105  # of users that live for a minute
DOMAINS = [f"xmpp-{number}.example" for number in range(10)]
"""Companies of 100 users at most: everybody is told of everybody else in the same one."""
PATHS = os.pathsep.join(str(ROOT / each) for each in ("layers/chat", "xmpp-bridge", "."))


@dataclass(frozen=True)
class Server:
    """An XMPP server that is measured: its port for direct TLS, its process, and what clients trust."""

    name: str
    port: int
    pid: int
    ca_file: Path


def user(number: int) -> Address:
    """A user; two of a pair, an even number and the next one, are in the same domain."""
    return Address(f"user-{number:05d}", DOMAINS[number // 2 % len(DOMAINS)])


class Clients:
    """The clients of one server, in their process."""

    def __init__(self, server: Server, process: subprocess.Popen[str]) -> None:
        self.server = server
        self._process = process

    def do(self, what: str, **details: Any) -> dict[str, float]:
        """Do a job of ``bench.xmpp_clients.Crowd``; its results.

        Raises:
            Problem: a client was refused or cut off, or a message was lost or came twice.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": what, **details}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "the clients have ended"}')
        if "error" in answer:
            raise Problem(f"XMPP clients of {self.server.name}, {what}: {answer['error']}")
        return cast(dict[str, float], answer)


@contextmanager
def clients(server: Server, folder: Path) -> Iterator[Clients]:
    """Clients of a server, which go at the end; none has logged in yet."""
    start = folder / f"clients-{server.port}.json"
    details = {"port": server.port, "password": PASSWORD, "ca_file": str(server.ca_file)}
    start.write_text(json.dumps(details | {"server": server.pid}))
    process = child("bench.xmpp_clients", str(start))
    try:
        yield Clients(server, process)
    finally:
        stop(process)


def child(module: str, *arguments: str) -> subprocess.Popen[str]:
    """A module as a process that is spoken to by lines, and ends with its standard input."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | {"PYTHONPATH": PATHS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
