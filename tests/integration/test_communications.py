"""Communications: the viewer's own indexed mail, appointments and attachments that involve a contact."""

from __future__ import annotations

from typing import Any

import pytest

from chat import ids
from chat.tables.communications import Communication, Correspondence, Kind
from chatctl.client import ChatConnection, Refused
from tests.company import Company, now

HOUR = 3_600_000


def keep(company: Company, owner: str, contact: str | None, title: str, at: int, kind: Kind = "message") -> None:
    """Index something, as mail that comes would; without a contact, of an alias."""
    address = company.address(owner)
    of = Correspondence.between(address, company.address(contact)) if contact else Correspondence.of_alias(address)
    company.tables.communications.add(of, Communication(ids.new(at), kind, title, at))
    company.tables.communications.note_indexed(company.domain, at)


def ask(connection: ChatConnection, contact: str, kind: str = "message", **fields: Any) -> dict[str, Any]:
    return connection.ask("communications", contact=contact, kind=kind, **fields)


def titles(connection: ChatConnection, contact: str, kind: str = "message") -> list[str]:
    return [each["title"] for each in ask(connection, contact, kind)["communications"]]


def pages(connection: ChatConnection, contact: str) -> list[list[str]]:
    """The titles of all pages."""
    found: list[list[str]] = []
    request: dict[str, Any] = {}
    while True:
        page = ask(connection, contact, **request)
        found.append([each["title"] for each in page["communications"]])
        if "cursor" not in page:
            return found
        request["cursor"] = page["cursor"]


def test_each_kind_says_what_there_is_to_know(company: Company) -> None:
    at, rows = now(), company.tables.communications
    of = Correspondence.between(company.address("alice"), company.address("bob"))
    mail = Communication(ids.new(at), "message", "Offer 7", at, "received", 2048)
    end = at + 2 * HOUR
    meeting = Communication(ids.new(end), "appointment", "Review", at, begins=at + HOUR, ends=end, place="Room 7")
    file = Communication(ids.new(at), "attachment", "offer.pdf", at, "sent", 99_000)
    for each in (mail, meeting, file):
        rows.add(of, each)
    alice, bob = company.connect("alice"), company.at("bob")
    [found] = ask(alice, bob)["communications"]
    facts = {"id": mail.id, "kind": "message", "at": ids.iso(at), "title": "Offer 7"}
    assert found == facts | {"direction": "received", "size": 2048}
    [found] = ask(alice, bob, "appointment")["communications"]
    facts = {"id": meeting.id, "kind": "appointment", "at": ids.iso(at + HOUR), "title": "Review"}
    assert found == facts | {"ends_at": ids.iso(end), "place": "Room 7"}
    [found] = ask(alice, bob, "attachment")["communications"]
    facts = {"id": file.id, "kind": "attachment", "at": ids.iso(at), "title": "offer.pdf"}
    assert found == facts | {"direction": "sent", "size": 99_000}


def test_coming_appointments_are_first_then_past_ones(company: Company) -> None:
    at = now()
    for title, begins in (("last week", -168), ("next week", 168), ("yesterday", -24), ("tomorrow", 24)):
        time = at + begins * HOUR
        made = Communication(ids.new(time + HOUR), "appointment", title, at, begins=time, ends=time + HOUR)
        company.tables.communications.add(Correspondence.between(*map(company.address, ("alice", "bob"))), made)
    series = Communication(
        ids.new(253_402_300_799_000),
        "appointment",
        "daily",
        at,
        begins=at - 49 * HOUR,
        ends=at - 48 * HOUR,
        rule="FREQ=DAILY",
        zone="UTC",
    )
    company.tables.communications.add(Correspondence.between(*map(company.address, ("alice", "bob"))), series)
    alice = company.connect("alice")
    found = ask(alice, company.at("bob"), "appointment")["communications"]
    assert [each["title"] for each in found] == ["daily", "tomorrow", "next week", "yesterday", "last week"]
    assert (found[0]["at"], found[0]["rule"]) == (ids.iso(at + 23 * HOUR), "FREQ=DAILY")


def test_nothing_indexed_is_told_from_nothing_with_this_contact(company: Company) -> None:
    alice = company.connect("alice")
    nothing = ask(alice, company.at("bob"))
    assert (nothing["indexed"], nothing["communications"]) == (False, [])
    keep(company, "carol", "bob", "not alice's", now())
    nothing = ask(alice, company.at("bob"))
    assert (nothing["indexed"], nothing["communications"]) == (True, [])
    assert "cursor" not in nothing


def test_many_come_in_pages_of_25_newest_first(company: Company) -> None:
    start = now() - HOUR
    for number in range(60):
        keep(company, "alice", "bob", f"mail {number}", start + number)
    found = pages(company.connect("alice"), company.at("bob"))
    assert [len(each) for each in found] == [25, 25, 10]
    assert [title for page in found for title in page] == [f"mail {number}" for number in range(59, -1, -1)]


def test_long_titles_stay_within_a_frame(company: Company) -> None:
    start = now()
    for number in range(25):
        keep(company, "alice", "bob", "\x01" * 1000, start + number)
    found = pages(company.connect("alice"), company.at("bob"))
    assert len(found) > 1
    assert sum(map(len, found)) == 25


def test_everybody_sees_the_own_alone(company: Company) -> None:
    keep(company, "alice", "bob", "alice's", now())
    keep(company, "bob", "alice", "bob's", now())
    alice, bob, carol = (company.connect(local) for local in ("alice", "bob", "carol"))
    assert titles(alice, company.at("bob")) == ["alice's"]
    assert titles(bob, company.at("alice")) == ["bob's"]
    assert titles(carol, company.at("alice")) == titles(carol, company.at("bob")) == []


def test_members_of_an_alias_see_what_it_has_others_their_own_with_it(company: Company) -> None:
    company.alias("team", "alice", "bob")
    keep(company, "team", None, "to the team", now())
    keep(company, "carol", "team", "carol's own", now())
    for local in ("alice", "bob"):
        assert titles(company.connect(local), company.at("team")) == ["to the team"]
    assert titles(company.connect("carol"), company.at("team")) == ["carol's own"]


def test_who_leaves_an_alias_sees_what_it_has_no_more(company: Company) -> None:
    company.alias("team", "alice", "bob")
    keep(company, "team", None, "to the team", now())
    alice = company.connect("alice")
    assert titles(alice, company.at("team")) == ["to the team"]
    company.alias("team", "bob")
    assert titles(alice, company.at("team")) == []


@pytest.mark.parametrize("address", ["nobody@{domain}", "bob@elsewhere.example"])
def test_nobody_of_the_domain(company: Company, address: str) -> None:
    with pytest.raises(Refused, match="unknown_contact"):
        ask(company.connect("alice"), address.format(domain=company.domain))


def test_webmail_that_is_offline_reads_on(company: Company) -> None:
    keep(company, "alice", "bob", "still here", now())
    alice = company.connect("alice")
    alice.ask("presence", status="offline")
    assert titles(alice, company.at("bob")) == ["still here"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "voicemail"}, "bad_field"),
        ({"kind": "Message"}, "bad_field"),
        ({"kind": 1}, "bad_field"),
        ({"kind": "message", "cursor": "rubbish"}, "bad_cursor"),
        ({"kind": "message", "cursor": ""}, "bad_cursor"),
        ({"kind": "message", "cursor": "x" * 1025}, "bad_field"),
        ({"kind": "message", "owner": "bob"}, "unknown_field"),
        ({}, "missing_field"),
    ],
)
def test_a_request_that_is_wrong(company: Company, fields: dict[str, Any], code: str) -> None:
    alice = company.connect("alice")
    with pytest.raises(Refused) as refused:
        alice.ask("communications", contact=company.at("bob"), **fields)
    assert refused.value.code == code
    assert alice.ask("ping")["ok"]


def test_a_cursor_of_another_question_or_user(company: Company) -> None:
    start = now() - HOUR
    for number in range(26):
        keep(company, "alice", "bob", "text", start + number)
    alice = company.connect("alice")
    cursor = ask(alice, company.at("bob"))["cursor"]
    tries = [(alice, "carol", "message"), (alice, "bob", "attachment"), (company.connect("carol"), "bob", "message")]
    for connection, contact, kind in tries:
        with pytest.raises(Refused, match="bad_cursor"):
            ask(connection, company.at(contact), kind, cursor=cursor)
