"""Search: chat messages, mail, appointments and attachments with a contact, by words."""

from __future__ import annotations

from typing import Any

import pytest

from chat import ids
from chat.tables.communications import Communication, Correspondence
from chatctl.client import ChatConnection, Refused
from localcloud.endpoints import Endpoints
from tests.company import Company, now
from tests.mailing import Mailbox, message

HOUR = 3_600_000


def search(connection: ChatConnection, contact: str, words: str, **fields: Any) -> dict[str, Any]:
    return connection.ask("search", contact=contact, words=words, **fields)


def found(connection: ChatConnection, contact: str, words: str) -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = search(connection, contact, words)["hits"]
    return hits


def test_mail_that_came_and_what_was_said_are_found_by_their_words(company: Company, stack: Endpoints) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    text = "Lieber Bob, die Straße zum Hafen ist gesperrt. Grüße"
    Mailbox(stack).put(message(company, "alice", "bob", subject="Hafen", text=text, files={"Hafenplan.pdf": b"%PDF-"}))
    bob.event("communication")
    bob.event("communication")
    said = alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="Is the HAFEN open again?")
    chat, *others = found(bob, company.at("alice"), "hafen")
    assert (chat["kind"], chat["id"], chat["sender"]) == ("chat", said["id"], company.at("alice"))
    assert {(each["kind"], each["title"], each["direction"]) for each in others} == {
        ("message", "Hafen", "received"),
        ("attachment", "Hafenplan.pdf", "received"),
    }
    [mail] = found(bob, company.at("alice"), "strasse gesp")
    assert mail["text"] == text
    assert found(bob, company.at("alice"), "nothing like it") == []
    assert found(company.connect("carol"), company.at("alice"), "hafen") == []


def test_appointments_are_found_by_title_and_place(company: Company) -> None:
    end = now() + HOUR
    meeting = Communication(
        ids.new(end), "appointment", "Review", end, begins=end - HOUR, ends=end, place="Kleiner Saal"
    )
    of = Correspondence.between(company.address("alice"), company.address("bob"))
    company.tables.communications.add(of, meeting)
    [hit] = found(company.connect("alice"), company.at("bob"), "saal")
    assert (hit["kind"], hit["title"], hit["at"]) == ("appointment", "Review", ids.iso(end - HOUR))


def test_members_of_an_alias_find_what_it_has(company: Company, stack: Endpoints) -> None:
    company.alias("team", "alice", "bob")
    alice, carol = company.connect("alice"), company.connect("carol")
    Mailbox(stack).put(message(company, "carol", "team", subject="For the team"))
    alice.event("communication")
    carol.ask("send", id=ids.new(now()), recipient=company.at("team"), body="to the team")
    assert [each["kind"] for each in found(alice, company.at("team"), "team")] == ["chat", "message"]
    assert [each["kind"] for each in found(carol, company.at("team"), "team")] == ["chat", "message"]
    assert found(company.connect("bob"), company.at("carol"), "team") == []


def test_many_hits_come_in_pages_of_25_newest_first(company: Company) -> None:
    start = now() - HOUR
    said = [ids.new(start + number) for number in range(60)]
    for message_id in said:
        company.remember("bob", "alice", message_id, "offer " * 50)
    alice = company.connect("alice")
    pages: list[list[str]] = []
    request: dict[str, Any] = {}
    while True:
        page = search(alice, company.at("bob"), "offer", **request)
        pages.append([each["id"] for each in page["hits"]])
        if "cursor" not in page:
            break
        assert page["searched_to"] == ids.iso(ids.time_of(pages[-1][-1]))
        request = {"cursor": page["cursor"]}
    assert [len(each) for each in pages] == [25, 25, 10]
    assert [each for page in pages for each in page] == said[::-1]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"words": ""}, "bad_field"),
        ({"words": "?!"}, "bad_field"),
        ({"words": "x" * 201}, "bad_field"),
        ({"words": "a b c d e f g h i"}, "bad_field"),
        ({"words": 1}, "bad_field"),
        ({}, "missing_field"),
        ({"words": "x", "cursor": "rubbish"}, "bad_cursor"),
        ({"words": "x", "kind": "chat"}, "unknown_field"),
    ],
)
def test_a_request_that_is_wrong(company: Company, fields: dict[str, Any], code: str) -> None:
    alice = company.connect("alice")
    with pytest.raises(Refused) as refused:
        alice.ask("search", contact=company.at("bob"), **fields)
    assert refused.value.code == code
    assert alice.ask("ping")["ok"]


@pytest.mark.parametrize("address", ["nobody@{domain}", "bob@elsewhere.example"])
def test_nobody_of_the_domain(company: Company, address: str) -> None:
    with pytest.raises(Refused, match="unknown_contact"):
        search(company.connect("alice"), address.format(domain=company.domain), "offer")


def test_a_cursor_of_other_words_or_of_another_user(company: Company) -> None:
    for number in range(26):
        company.remember("bob", "alice", ids.new(now() - HOUR + number), "offer")
    alice = company.connect("alice")
    cursor = search(alice, company.at("bob"), "offer")["cursor"]
    for connection, contact, words in (
        (alice, "bob", "offers"),
        (alice, "carol", "offer"),
        (company.connect("carol"), "bob", "offer"),
    ):
        with pytest.raises(Refused, match="bad_cursor"):
            search(connection, company.at(contact), words, cursor=cursor)
