"""A small client of the HTTP and WebSocket APIs, for ``chatctl smoke``, the tests and the benchmark."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections import deque
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PATIENCE = 20.0
"""Seconds to wait for a reply or event."""


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any]) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details


class NoAnswer(Exception):
    """What was waited for did not come."""


def post(url: str, body: bytes | dict[str, Any] | None = None, token: str | None = None) -> dict[str, Any]:
    """POST to the HTTP API; returns the answer.

    Raises:
        Refused: with the error's code.
    """
    content = json.dumps(body).encode() if isinstance(body, dict) else body or b""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, content, headers, method="POST")  # noqa: S310  # the deployment's own address
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        text = error.read()
        try:
            problem = json.loads(text)["error"]
        except (ValueError, KeyError, TypeError):
            problem = {"code": "http", "message": text[:200].decode(errors="replace")}
        raise Refused(error.code, problem["code"], problem["message"], problem.get("details") or {}) from None


def log_in(http_url: str, address: str, password: str) -> str:
    """A session token.

    Raises:
        Refused: wrong password, too many attempts …
    """
    token: str = post(f"{http_url}/session", {"address": address, "password": password})["token"]
    return token


def open_connection(http_url: str, token: str) -> ChatConnection:
    """A WebSocket connection for a session token."""
    ticket = post(f"{http_url}/session/ticket", token=token)
    return ChatConnection(ticket["url"], ticket["ticket"])


class ChatConnection:
    """One WebSocket connection: requests wait for their reply, events are kept until they are asked for.

    A presence that is older than what ``watch`` told last is left out, as docs/protocol.md has it.
    """

    def __init__(self, url: str, ticket: str) -> None:
        self._until_closed = ExitStack()
        opening = connect(f"{url}?{urlencode({'ticket': ticket})}", open_timeout=PATIENCE, max_size=1 << 20)
        self.socket: ClientConnection = self._until_closed.enter_context(opening)
        self.events: deque[dict[str, Any]] = deque()
        self._seen: dict[str, tuple[int, str]] = {}
        self._count = 0

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """The reply to a request.

        Raises:
            Refused: it is an error.
            NoAnswer: none came in time, or the connection ended.
        """
        self._count += 1
        request_id = f"r{self._count}"
        self.send({"action": action, "request_id": request_id, **fields})
        return self.reply(request_id)

    def send(self, frame: dict[str, Any] | str) -> None:
        """Send a frame as it is."""
        self.socket.send(frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False))

    def reply(self, request_id: str | None) -> dict[str, Any]:
        """The reply with this request id.

        Raises:
            Refused: it is an error.
            NoAnswer: none came in time, or the connection ended.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            frame = self._receive(deadline, f"reply {request_id}")
            if "event" in frame:
                self.events.append(frame)
            elif frame.get("request_id") == request_id:
                if not frame.get("ok"):
                    error = frame["error"]
                    raise Refused(0, error["code"], error["message"], error.get("details") or {})
                self._note(frame)
                return frame

    def event(self, name: str, patience: float = PATIENCE, **fields: Any) -> dict[str, Any]:
        """The next event of this name with these fields; earlier other events are kept.

        Raises:
            NoAnswer: none came in time, or the connection ended.
        """
        deadline = time.monotonic() + patience
        kept: list[dict[str, Any]] = []
        try:
            while True:
                found = self.events.popleft() if self.events else self._receive(deadline, f"event {name} {fields}")
                if found.get("event") == name and all(found.get(key) == value for key, value in fields.items()):
                    return found
                kept.append(found)
        finally:
            self.events.extendleft(reversed(kept))

    def close(self, code: int = 1000) -> None:
        """Say goodbye: with 1000 the user is gone at once, with another code after the grace period."""
        self.socket.close(code)
        self._until_closed.close()

    def drop(self) -> None:
        """End without any goodbye, as a lost network does; ``close`` then has nothing left to say."""
        with suppress(OSError):  # it has ended already
            self.socket.socket.shutdown(socket.SHUT_RDWR)  # websockets' thread closes it, in its own time

    def _note(self, reply: dict[str, Any]) -> None:
        """Know the presence that a reply to ``watch`` tells; an event that was on its way meanwhile is old."""
        for each in reply.get("presence", ()):
            self._seen[each["address"]] = each["revision"], each["status"]
        self.events = deque(each for each in self.events if not self._is_old(each))

    def _is_old(self, frame: dict[str, Any]) -> bool:
        """Whether it is a presence that the last ``watch`` has told already, or a newer one of."""
        if frame.get("event") != "presence" or frame["address"] not in self._seen:
            return False
        revision, status = self._seen[frame["address"]]
        return bool(frame["revision"] < revision or (frame["revision"] == revision and frame["status"] == status))

    def _receive(self, deadline: float, wanted: str) -> dict[str, Any]:
        """The next frame that is not an old presence."""
        try:
            while True:
                frame: dict[str, Any] = json.loads(self.socket.recv(max(0.0, deadline - time.monotonic())))
                if not self._is_old(frame):
                    return frame
        except TimeoutError:
            raise NoAnswer(f"{wanted} did not come; other events: {list(self.events)}") from None
        except ConnectionClosed as closed:
            raise NoAnswer(f"{wanted} did not come: {closed}") from None
