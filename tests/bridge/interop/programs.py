"""Programs that are XMPP clients: one that speaks in lines, and one that fills a terminal."""

from __future__ import annotations

import json
import os
import queue
import shlex
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import IO, Any

from scripts import node, xmpp_clients
from tests.company import until
from tests.missing import missing

PATIENCE = 20.0
"""Seconds to wait for what a client says."""

Event = dict[str, Any]


def need(*programs: str) -> None:
    """Skip a test whose programs are not there; under CI it fails."""
    if xmpp_clients.missing(programs):
        missing(xmpp_clients.advice(programs))


class Lines:
    """A program that says what happens in lines, of which each becomes an event."""

    def __init__(self, command: Iterable[str], read: Callable[[str], Event], **environment: str) -> None:
        self.said: deque[Event] = deque()
        """What nobody waited for."""
        self._read = read
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            list(command),
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._stdin: IO[str] = self._process.stdin
        self._thread = threading.Thread(target=self._follow, args=(self._process.stdout,), daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        self._stdin.write(f"{line}\n")
        self._stdin.flush()

    def wait(self, fits: Callable[[Event], object], wanted: str) -> Event:
        """The next event that fits; others are kept in ``said``."""
        for event in self.said:
            if fits(event):
                self.said.remove(event)
                return event
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                found = None
            assert found is not None, f"{wanted} did not come; the client said {list(self.said)}"
            if fits(found):
                return found
            self.said.append(found)

    def finish(self) -> int:
        """Say that nothing more comes, and wait for its end; returns its exit code."""
        self._stdin.close()
        code = self._process.wait(PATIENCE)
        while (found := self._queue.get(timeout=PATIENCE)) is not None:
            self.said.append(found)
        return code

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join(PATIENCE)
        for each in (self._stdin, self._process.stdout):
            if each is not None:
                each.close()

    def _follow(self, stdout: IO[str]) -> None:
        for line in stdout:
            self._queue.put(self._read(line.rstrip("\n")))
        self._queue.put(None)


class Script(Lines):
    """One of the JavaScript clients: ``commands.js`` says how it is spoken to."""

    def __init__(self, name: str, *arguments: str, ca_file: str, password: str) -> None:
        path = node.path()
        super().__init__(
            ["env", f"PATH={path}", "node", str(xmpp_clients.INTEROP / name), *arguments],
            _event_of,
            NODE_EXTRA_CA_CERTS=ca_file,
            PASSWORD=password,
        )

    def do(self, what: str, **fields: str) -> None:
        self.write(json.dumps({"do": what, **fields}))

    def event(self, name: str) -> Event:
        return self.wait(lambda event: event["event"] == name, f"the event {name}")

    def stanza(self, *parts: str) -> str:
        """The next stanza whose XML has all these parts."""
        found = self.wait(
            lambda event: event["event"] == "stanza" and all(part in event["xml"] for part in parts),
            f"a stanza with {parts}",
        )
        return str(found["xml"])

    def ask(self, xml: str) -> str:
        """The answer to an IQ."""
        self.do("ask", xml=xml)
        return str(self.event("answer")["xml"])


def _event_of(line: str) -> Event:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    return found if isinstance(found, dict) and "event" in found else {"event": "output", "text": line}


class Terminal:
    """A program in a terminal of its own, which tmux keeps."""

    def __init__(self, socket: str, command: Iterable[str], **environment: str) -> None:
        self._tmux = ["tmux", "-S", socket, "-f", "/dev/null"]
        settings = [f"{name}={value}" for name, value in environment.items()]
        program = shlex.join(["env", *settings, *command])
        self._run("new-session", "-d", "-x", "200", "-y", "50", program)

    def type(self, text: str) -> None:
        """Type a line."""
        self._run("send-keys", "-l", text)
        self._run("send-keys", "Enter")

    @property
    def screen(self) -> str:
        """What is to be read."""
        return self._run("capture-pane", "-p")

    def shows(self, *texts: str) -> None:
        """Wait until all of this is to be read."""
        try:
            until(lambda: all(text in self.screen for text in texts), PATIENCE)
        except AssertionError:
            raise AssertionError(f"{texts} did not appear:\n{self.screen}") from None

    def close(self) -> None:
        self._run("kill-server")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([*self._tmux, *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout
