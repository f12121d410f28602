"""One of the two users in a smoke test: logs in, talks over a connection, and leaves the chosen status as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from websockets.exceptions import WebSocketException

from chat import ids
from chat.sync import OVERLAP
from chatctl.client import PATIENCE, ChatConnection, NoAnswer, Refused, log_in, open_connection
from chatctl.clock import now

Frame = dict[str, Any]

UNREACHABLE = (Refused, NoAnswer, OSError, WebSocketException)
"""What a server that does not do its part raises."""


class Party:
    """A user in the smoke test."""

    def __init__(self, http_url: str, address: str) -> None:
        self.address = address
        self._http_url = http_url
        self._token = ""
        self._connection: ChatConnection | None = None
        self._given_back = "available"
        """The status that the user had chosen."""
        self._clock_ahead = 0
        """Milliseconds that the server's clock is ahead of this one."""

    @property
    def connection(self) -> ChatConnection:
        if self._connection is None:
            raise NoAnswer(f"{self.address} is not connected")
        return self._connection

    def log_in(self, password: str) -> None:
        self._token = log_in(self._http_url, self.address, password)

    def connect(self) -> str:
        """Open a connection; returns the status that the user had chosen.

        A user who is Offline in webmail receives nothing, so Available is chosen for the time of the test.
        """
        self._connection = open_connection(self._http_url, self._token)
        self._clock_ahead = int(self.connection.ask("ping")["time"]) - now()
        # By itself, a connection becomes available only where that is what the user chose: this changes nothing.
        chosen: str = self.connection.ask("presence", status="available", automatic=True)["chosen"]
        if chosen == "offline":
            self._given_back = chosen
            self.connection.ask("presence", status="available")
        return chosen

    def disconnect(self) -> None:
        """Log out, if connected."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def give_back_status(self) -> bool:
        """Choose again what the user had chosen; False where that could not be done."""
        if self._given_back == "available":
            return True
        for reconnect in (False, True):
            try:
                if reconnect:
                    self.disconnect()
                    self._connection = open_connection(self._http_url, self._token)
                self.connection.ask("presence", status=self._given_back)
            except UNREACHABLE:
                continue
            return True
        return False

    def send(self, recipient: Party, body: str) -> Frame:
        """Send a message; returns the reply."""
        message_id = ids.new(now() + self._clock_ahead)
        return self.connection.ask("send", id=message_id, recipient=recipient.address, body=body)

    def received(self, message_id: str) -> Frame:
        """The message with this id, once it is pushed; others that come before it are dropped."""
        message: Frame = self._event("message", lambda event: event["message"]["id"] == message_id)["message"]
        return message

    def presence_of(self, other: Party) -> str:
        """Watch another user; returns the presence."""
        status: str = self.connection.ask("watch", contacts=[other.address])["presence"][0]["status"]
        return status

    def sees(self, other: Party, *, online: bool) -> str:
        """Wait until the other's presence is pushed as online or offline; returns it."""
        event = self._event(
            "presence", lambda event: event["address"] == other.address and (event["status"] != "offline") is online
        )
        return str(event["status"])

    def told_read(self, reader: Party, message_id: str) -> None:
        """Wait until the reader's read marker is pushed."""
        self._event("read", lambda event: event["reader"] == reader.address and event["id"] == message_id)

    def synced(self, newest_id: str) -> tuple[list[Frame], list[Frame]]:
        """The threads and messages that a client whose newest message has this id asks for."""
        since = ids.lowest(ids.time_of(newest_id) - OVERLAP)
        page = self.connection.ask("sync", since=since)
        threads, messages = page["threads"], page["messages"]
        while page.get("cursor"):
            page = self.connection.ask("sync", since=since, cursor=page["cursor"])
            threads += page["threads"]
            messages += page["messages"]
        return threads, messages

    def _event(self, name: str, is_it: Callable[[Frame], bool]) -> Frame:
        deadline = time.monotonic() + PATIENCE
        while True:
            event = self.connection.event(name, patience=deadline - time.monotonic())
            if is_it(event):
                return event
