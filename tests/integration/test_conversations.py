"""Conversations: the 30-minute rule, newest first, and opening one gives exactly its messages."""

from __future__ import annotations

import pytest

from chat import ids
from chatctl.client import Refused
from tests.company import Company, now

MINUTE = 60_000


def test_a_gap_over_thirty_minutes_starts_a_conversation(company: Company) -> None:
    start = now() - 300 * MINUTE
    times = [0, 30 * MINUTE, 60 * MINUTE + 1, 61 * MINUTE, 120 * MINUTE]
    message_ids = [ids.new(start + time) for time in times]
    for number, message_id in enumerate(message_ids):
        sender, recipient = ("alice", "bob") if number % 2 == 0 else ("bob", "alice")
        company.remember(sender, recipient, message_id, f"message {number}")
    listed = company.connect("alice").ask("conversations", contact=company.at("bob"))["conversations"]
    assert [(each["id"], each["count"]) for each in listed] == [
        (message_ids[4], 1),
        (message_ids[2], 2),
        (message_ids[0], 2),
    ]
    oldest = listed[-1]
    assert oldest["started_at"] == ids.iso(start)
    assert oldest["ended_at"] == ids.iso(start + 30 * MINUTE)
    assert oldest["preview"] == "message 1"
    assert oldest["participants"] == [company.at("alice"), company.at("bob")]
    assert oldest["doors"] == ["web"]


def test_opening_one_returns_exactly_its_messages(company: Company) -> None:
    start = now() - 300 * MINUTE
    message_ids = [ids.new(start + time * MINUTE) for time in (0, 10, 60, 65, 70, 130)]
    for message_id in message_ids:
        company.remember("alice", "bob", message_id, "text")
    bob = company.connect("bob")
    opened = bob.ask("history", contact=company.at("alice"), conversation=message_ids[2])
    assert [each["id"] for each in opened["messages"]] == message_ids[2:5]
    assert "cursor" not in opened


def test_a_long_conversation_opens_page_by_page(company: Company) -> None:
    start = now() - 300 * MINUTE
    message_ids = [ids.new(start + number * 1000) for number in range(130)]
    for message_id in [*message_ids, ids.new(start + 100 * MINUTE)]:
        company.remember("alice", "bob", message_id, "text")
    bob = company.connect("bob")
    found: list[str] = []
    request = {"contact": company.at("alice"), "conversation": message_ids[0]}
    while True:
        page = bob.ask("history", **request)
        found += [each["id"] for each in page["messages"]]
        if "cursor" not in page:
            break
        request["cursor"] = page["cursor"]
    assert found == message_ids


def test_many_conversations_come_in_pages_newest_first(company: Company) -> None:
    start = now() - 3000 * MINUTE
    message_ids = [ids.new(start + number * 40 * MINUTE) for number in range(25)]
    for message_id in message_ids:
        company.remember("bob", "alice", message_id, "text")
    alice = company.connect("alice")
    found: list[str] = []
    request = {"contact": company.at("bob")}
    while True:
        page = alice.ask("conversations", **request)
        found += [each["id"] for each in page["conversations"]]
        if "cursor" not in page:
            break
        request["cursor"] = page["cursor"]
    assert found == message_ids[::-1]


def test_messages_sent_now_make_one_conversation(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    first = alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="one")
    bob.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="two")
    listed = bob.ask("conversations", contact=company.at("alice"))["conversations"]
    assert [(each["id"], each["count"], each["preview"]) for each in listed] == [(first["id"], 2, "two")]


def test_opening_a_conversation_that_is_not_there(company: Company) -> None:
    alice = company.connect("alice")
    with pytest.raises(Refused, match="unknown_conversation"):
        alice.ask("history", contact=company.at("bob"), conversation=ids.new(now()))
