"""The examples of the protocol document: recorded from real connections, and held against them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from chat import ids
from chatctl.client import ChatConnection
from localcloud.endpoints import Endpoints
from scripts.protocol import EXAMPLES
from tests.company import Company, now
from tests.integration.test_nodes import frame, open_link
from tests.mailing import Mailbox, message

SAMPLE_TIME = 1769851800123
SAMPLE_URL = "https://….s3.eu-central-1.amazonaws.com/files/example.com/…?X-Amz-Signature=…"


class Recorder:
    """Asks, and keeps what went over the wire with everything that changes from run to run replaced."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._ids: dict[str, str] = {}
        self.routes: dict[str, Any] = {}

    def ask(self, connection: ChatConnection, action: str, **fields: Any) -> dict[str, Any]:
        request = {"action": action, "request_id": "7", **fields}
        connection.send(request)
        reply = connection.reply("7")
        self.routes[action] = {"request": self.steady(request), "reply": self.steady(reply)}
        return reply

    def steady(self, value: Any) -> Any:
        """The value with sample ids, times, cursors and names."""
        if isinstance(value, dict):
            return {name: "…" if name == "cursor" else self.steady(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.steady(each) for each in value]
        if isinstance(value, str):
            value = value.replace(self._domain, "example.com")
            if ids.is_id(value):
                return self._ids.setdefault(value, ids._spell(SAMPLE_TIME, len(self._ids) + 1))
            value = re.sub(r"https?://\S+/files/example\.com/\S+", SAMPLE_URL, value)
            return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", ids.iso(SAMPLE_TIME), value)
        return SAMPLE_TIME if isinstance(value, int) and value > 10**12 else value


@pytest.fixture
def examples(company: Company, stack: Endpoints, aws: Callable[[str], Any]) -> dict[str, Any]:
    """One short working day, as frames."""
    company.alias("salesteam", "alice", "bob")
    record = Recorder(company.domain)
    alice, bob = company.connect("alice"), company.connect("bob")
    record.ask(alice, "contacts")
    record.ask(alice, "contact", contact=company.at("bob"))
    record.ask(alice, "watch", contacts=[company.at("bob")])
    record.ask(bob, "presence", status="busy")
    events = {"presence": alice.event("presence", address=company.at("bob"))}
    record.ask(alice, "typing", contact=company.at("bob"), active=True)
    events["typing"] = bob.event("typing")
    sent = record.ask(alice, "send", id=ids.new(now()), recipient=company.at("bob"), body="Did the offer go out?")
    events["message"] = bob.event("message")
    record.ask(bob, "sync")
    record.ask(bob, "history", contact=company.at("alice"))
    record.ask(bob, "conversations", contact=company.at("alice"))
    record.ask(bob, "read", contact=company.at("alice"), id=sent["id"])
    events["read"] = alice.event("read")
    Mailbox(stack).put(message(company, "bob", "alice", "carol", files={"offer.pdf": b"%PDF-1.4 offer"}))
    events["communication"] = alice.event("communication", contact=company.at("bob"))
    file = alice.event("communication", contact=company.at("bob"))["communication"]
    [mail] = record.ask(alice, "communications", contact=company.at("bob"), kind="message")["communications"]
    record.ask(alice, "mail", contact=company.at("bob"), id=mail["id"])
    record.ask(alice, "download", contact=company.at("bob"), id=file["id"])
    record.ask(alice, "search", contact=company.at("bob"), words="offer")
    record.ask(alice, "ping")
    company.add("dora")
    events["directory"] = alice.event("directory")
    alice.send(
        {"action": "send", "request_id": "8", "id": ids.new(now()), "recipient": company.at("nobody"), "body": "hi"}
    )
    alice.send({"action": "ping", "request_id": "9"})
    error = json.loads(alice.socket.recv(20))
    link = open_link(company, stack, aws, "n1", "phone")
    alice.reply("9")
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="To your phone as well.")
    node = frame(link, "message")
    link.close()
    return {
        "routes": record.routes,
        "events": {name: record.steady(event) for name, event in events.items()},
        "error": record.steady(error),
        "node": record.steady(node),
    }


def test_the_examples_are_what_goes_over_the_wire(examples: dict[str, Any]) -> None:
    text = json.dumps(examples, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("RECORD_EXAMPLES"):
        EXAMPLES.write_text(text)
    assert EXAMPLES.read_text() == text, "make protocol records them anew"
