"""What tests of attacks share: connections without a client, and two people who have to notice nothing."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

from bridge.elements import local_name
from bridge.names import CLIENT, STREAM
from tests.bridge.conftest import LogIn
from tests.company import Company


def header(domain: str) -> bytes:
    return f"<stream:stream to='{domain}' version='1.0' xmlns='{CLIENT}' xmlns:stream='{STREAM}'>".encode()


def until_ended(wire: socket.socket) -> bytes:
    """What came before the end of a connection."""
    received = b""
    with suppress(ConnectionError):
        while data := wire.recv(65536):
            received += data
    return received


class Bystanders:
    """Two people who chat, and have to notice nothing."""

    def __init__(self, company: Company, log_in: LogIn) -> None:
        self.company = company
        self.alice, self.bob = log_in("alice", "phone"), log_in("bob", "desk")
        self._count = 0

    def chat(self) -> float:
        """A message there and one back; returns the seconds they took."""
        began = time.monotonic()
        self._count += 1
        for sender, recipient in ((self.alice, self.bob), (self.bob, self.alice)):
            text = f"hello {self._count} of {sender.jid}"
            sender.message(recipient.jid.partition("/")[0], text)
            recipient.body(text)
        return time.monotonic() - began

    def notice_nothing(self) -> None:
        self.chat()
        for each in (self.alice, self.bob):
            tags = {local_name(found) for found in each.settled()}
            assert not tags - {"presence", "r"}
