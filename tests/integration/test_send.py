"""Sending: stored once, acknowledged after that, pushed to everybody concerned, in one order for all."""

from __future__ import annotations

import threading

import pytest

from chat import ids
from chatctl.client import ChatConnection, Refused
from tests.company import Company, heard, now


def bodies(connection: ChatConnection, contact: str) -> list[str]:
    return [each["body"] for each in connection.ask("history", contact=contact)["messages"]]


def test_a_message_reaches_every_connection_of_the_recipient(company: Company) -> None:
    alice, bob, other_tab = company.connect("alice"), company.connect("bob"), company.connect("bob")
    reply = alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="Grüße, 你好 👋")
    assert reply["reached"] == 1
    for connection in (bob, other_tab):
        message = connection.event("message")["message"]
        assert (message["body"], message["sender"], message["id"]) == (
            "Grüße, 你好 👋",
            company.at("alice"),
            reply["id"],
        )


def test_a_message_reaches_the_senders_other_connections_and_not_the_one_that_sent(company: Company) -> None:
    alice, other_tab = company.connect("alice"), company.connect("alice")
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="hi")
    assert other_tab.event("message")["message"]["recipient"] == company.at("bob")
    assert heard(alice) == []


def test_an_acknowledged_message_is_stored(company: Company) -> None:
    alice = company.connect("alice")
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="kept")
    assert bodies(company.connect("bob"), company.at("alice")) == ["kept"]


def test_a_retry_with_the_same_id_is_one_message(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    message_id = ids.new(now())
    first = alice.ask("send", id=message_id, recipient=company.at("bob"), body="once")
    again = alice.ask("send", id=message_id, recipient=company.at("bob"), body="once")
    assert first["sent_at"] == again["sent_at"]
    assert bodies(alice, company.at("bob")) == ["once"]
    assert [event["message"]["body"] for event in heard(bob)] == ["once"]


def test_a_late_retry_is_acknowledged_and_a_late_new_message_is_clock_skew(company: Company) -> None:
    alice = company.connect("alice")
    old = ids.new(now() - 3_600_000)
    company.remember("alice", "bob", old, "sent an hour ago")
    assert alice.ask("send", id=old, recipient=company.at("bob"), body="sent an hour ago")["id"] == old
    with pytest.raises(Refused) as refused:
        alice.ask("send", id=ids.new(now() - 3_600_000), recipient=company.at("bob"), body="new")
    assert refused.value.code == "clock_skew"
    assert abs(refused.value.details["server_time"] - now()) < 60_000


def test_an_id_of_somebody_else_is_refused(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    message_id = ids.new(now())
    alice.ask("send", id=message_id, recipient=company.at("bob"), body="mine")
    with pytest.raises(Refused, match="id_taken"):
        bob.ask("send", id=message_id, recipient=company.at("alice"), body="mine")


def test_an_id_with_another_text_is_refused(company: Company) -> None:
    alice = company.connect("alice")
    message_id = ids.new(now())
    alice.ask("send", id=message_id, recipient=company.at("bob"), body="first text")
    with pytest.raises(Refused, match="id_taken"):
        alice.ask("send", id=message_id, recipient=company.at("bob"), body="second text")


def test_two_senders_at_once_keep_one_order_for_all(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")

    def write(connection: ChatConnection, recipient: str) -> None:
        for number in range(10):
            connection.ask("send", id=ids.new(now()), recipient=recipient, body=f"{number}")

    threads = [
        threading.Thread(target=write, args=(alice, company.at("bob"))),
        threading.Thread(target=write, args=(bob, company.at("alice"))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen_by_alice = alice.ask("history", contact=company.at("bob"))["messages"]
    seen_by_bob = bob.ask("history", contact=company.at("alice"))["messages"]
    assert seen_by_alice == seen_by_bob
    assert len(seen_by_alice) == 20
    assert [each["id"] for each in seen_by_alice] == sorted(each["id"] for each in seen_by_alice)


def test_a_recipient_who_is_offline_finds_it_with_the_unread_count(company: Company) -> None:
    alice = company.connect("alice")
    for body in ("one", "two", "three"):
        assert alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body=body)["reached"] == 0
    bob = company.connect("bob")
    thread = bob.ask("sync")["threads"][0]
    assert (thread["contact"], thread["unread"], thread["preview"]) == (company.at("alice"), 3, "three")
    bob.ask("read", contact=company.at("alice"), id=thread["last_id"])
    assert bob.ask("sync")["threads"][0]["unread"] == 0


def test_reading_is_told_to_the_sender_and_to_the_readers_other_tabs(company: Company) -> None:
    alice, bob, other_tab = company.connect("alice"), company.connect("bob"), company.connect("bob")
    sent = alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="read me")
    assert bob.ask("read", contact=company.at("alice"), id=sent["id"])["moved"]
    assert not bob.ask("read", contact=company.at("alice"), id=sent["id"])["moved"]
    assert alice.event("read")["contact"] == company.at("bob")
    assert other_tab.event("read")["contact"] == company.at("alice")
    assert alice.ask("history", contact=company.at("bob"))["read"] == sent["id"]


def test_typing_is_told_and_not_kept(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    alice.ask("typing", contact=company.at("bob"), active=True)
    assert bob.event("typing") == {
        "event": "typing",
        "contact": company.at("alice"),
        "sender": company.at("alice"),
        "active": True,
    }
    with pytest.raises(Refused, match="nosuch"):
        alice.ask("typing", contact=company.at("nosuch"), active=True)


def test_history_leads_back_page_by_page(company: Company) -> None:
    start = now() - 3_600_000
    for number in range(120):
        company.remember("alice", "bob", ids.new(start + number), f"{number}")
    alice = company.connect("alice")
    found: list[int] = []
    request = {"contact": company.at("bob")}
    while True:
        page = alice.ask("history", **request)
        found[:0] = [int(each["body"]) for each in page["messages"]]
        if "cursor" not in page:
            break
        request["cursor"] = page["cursor"]
    assert found == list(range(120))


def test_long_messages_come_in_smaller_pages(company: Company) -> None:
    alice = company.connect("alice")
    for letter in "abcd":
        alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body=letter * 16_000)
    page = alice.ask("history", contact=company.at("bob"))
    assert [each["body"][0] for each in page["messages"]] == ["d"]
    page = alice.ask("history", contact=company.at("bob"), cursor=page["cursor"])
    assert [each["body"][0] for each in page["messages"]] == ["c"]
