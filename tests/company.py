"""A domain of its own for a test: its people, their log-ins and connections."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from chat import directory, messages
from chat.addresses import Address
from chat.entries import Profile
from chat.tables import Tables
from chat.tables.directory import Credential
from chat.tables.history import Message
from chatctl.client import ChatConnection, log_in, open_connection
from localcloud.endpoints import Endpoints

PASSWORD = "a test's password"


def now() -> int:
    """The time, in ms since the epoch."""
    return time.time_ns() // 1_000_000


class Company:
    """A domain with a few people, and their connections."""

    def __init__(self, stack: Endpoints, tables: Tables, credential: Credential, domain: str = "") -> None:
        self.stack = stack
        self.tables = tables
        self.domain = domain or f"test-{secrets.token_hex(5)}.example"
        self._credential = credential
        self._tokens: dict[str, str] = {}
        self._open: list[ChatConnection] = []
        directory.create_domain(tables, self.domain)

    def address(self, local: str) -> Address:
        return Address(local, self.domain)

    def at(self, local: str) -> str:
        """The address of somebody, as frames have it."""
        return f"{local}@{self.domain}"

    def add(self, *locals_: str) -> None:
        users = [
            directory.NewUser(self.address(local), Profile(local.title(), department="Test"), self._credential)
            for local in locals_
        ]
        directory.add_users(self.tables, self.domain, users, now())

    def alias(self, local: str, *members: str) -> None:
        addresses = [Address.parse(each if "@" in each else self.at(each)) for each in members]
        directory.save_alias(self.tables, self.address(local), local.title(), addresses)

    def token(self, local: str) -> str:
        """A session token, by logging in once."""
        if local not in self._tokens:
            self._tokens[local] = log_in(self.stack.http_url, self.at(local), PASSWORD)
        return self._tokens[local]

    def connect(self, local: str) -> ChatConnection:
        """A new connection of somebody."""
        connection = open_connection(self.stack.http_url, self.token(local))
        self._open.append(connection)
        return connection

    def remember(self, sender: str, recipient: str, message_id: str, body: str, alias: bool = False) -> None:
        """Store a message of an earlier time, as sending it then would have."""
        message = Message(message_id, self.address(sender), self.address(recipient), body)
        messages.record(self.tables, message, self.tables.directory.alias(message.recipient) if alias else None)

    def close(self) -> None:
        for connection in self._open:
            connection.close()


def heard(connection: ChatConnection) -> list[dict[str, Any]]:
    """The events that came before the reply to a ping which is sent now."""
    connection.ask("ping")
    events = list(connection.events)
    connection.events.clear()
    return events


def until(condition: Callable[[], object], patience: float = 40) -> None:
    """Wait until a state of the tables is reached that no event tells of."""
    deadline, pause = time.monotonic() + patience, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the state was not reached"
        pause.wait(0.1)
