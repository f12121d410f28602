"""Sync: after any absence everything missed comes, in order, without gaps or repeats."""

from __future__ import annotations

from typing import Any

from chat import ids
from chatctl.client import ChatConnection
from tests.company import Company, now


def everything(connection: ChatConnection, since: str | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All threads and messages of a sync, over all its pages."""
    threads: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    request: dict[str, Any] = {"since": since} if since else {}
    while True:
        page = connection.ask("sync", **request)
        threads += page["threads"]
        messages += page["messages"]
        if "cursor" not in page:
            return threads, messages
        request["cursor"] = page["cursor"]


def test_what_was_missed_comes_in_order_across_threads_and_pages(company: Company) -> None:
    company.alias("team", "alice", "bob")
    start = now() - 86_400_000
    expected = []
    for number in range(260):
        message_id = ids.new(start + number * 977)
        expected.append(message_id)
        if number % 3 == 0:
            company.remember("carol", "team", message_id, f"{number}", alias=True)
        else:
            company.remember("bob" if number % 3 == 1 else "carol", "alice", message_id, f"{number}")
    alice = company.connect("alice")
    threads, messages = everything(alice, expected[9])
    assert [each["id"] for each in messages] == expected[10:]
    assert {each["contact"] for each in threads} == {company.at(name) for name in ("bob", "carol", "team")}


def test_pages_end_where_long_messages_fill_them(company: Company) -> None:
    start = now() - 86_400_000
    expected = [ids.new(start + number) for number in range(9)]
    for message_id in expected:
        company.remember("bob", "alice", message_id, "x" * 9000)
    _, messages = everything(company.connect("alice"), ids.lowest(start))
    assert [each["id"] for each in messages] == expected


def test_without_a_beginning_it_gives_the_threads_and_where_to_begin(company: Company) -> None:
    company.remember("bob", "alice", ids.new(now() - 1000), "hello")
    alice = company.connect("alice")
    page = alice.ask("sync")
    assert [each["contact"] for each in page["threads"]] == [company.at("bob")]
    assert page["messages"] == []
    company.connect("bob").ask("send", id=ids.new(now() + 1000), recipient=company.at("alice"), body="next")
    _, messages = everything(alice, page["until"])
    assert [each["body"] for each in messages] == ["next"]


def test_with_nothing_missed_it_is_empty(company: Company) -> None:
    message_id = ids.new(now() - 1000)
    company.remember("bob", "alice", message_id, "seen")
    assert everything(company.connect("alice"), message_id) == ([], [])


def test_many_threads_come_in_pages(company: Company) -> None:
    people = [f"user{number:02d}" for number in range(45)]
    company.add(*people)
    start = now() - 86_400_000
    for number, person in enumerate(people):
        company.remember(person, "alice", ids.new(start + number), "hello")
    threads, messages = everything(company.connect("alice"), ids.lowest(start))
    assert [each["contact"] for each in threads] == [company.at(person) for person in reversed(people)]
    assert [each["sender"] for each in messages] == [company.at(person) for person in people]


def test_a_sent_message_comes_back_to_the_senders_other_client(company: Company) -> None:
    alice = company.connect("alice")
    since = alice.ask("sync")["until"]
    alice.ask("send", id=ids.new(now() + 5), recipient=company.at("bob"), body="from the office")
    _, messages = everything(company.connect("alice"), since)
    assert [each["body"] for each in messages] == ["from the office"]
