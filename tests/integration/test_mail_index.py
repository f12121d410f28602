"""Mail that is put into the bucket comes into the tabs of those who take part: through S3, queue, indexer and push."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat import directory
from chat.tables import Tables
from chat.tables.directory import Credential
from localcloud.endpoints import Endpoints
from tests.company import Company, heard, now, until
from tests.mailing import Mailbox, listed, message, titles

AWS = Callable[[str], Any]


@pytest.fixture
def mailbox(stack: Endpoints) -> Mailbox:
    return Mailbox(stack)


@pytest.fixture
def log(stack: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the functions log."""
    assert stack
    [found] = {path.resolve() for path in tmp_path_factory.getbasetemp().glob("cloud*/cloud.log")}
    return found


def invitation(company: Company, uid: str = "one", method: str = "REQUEST", sequence: int = 0, **changed: str) -> str:
    """A meeting of Alice's with Bob, tomorrow."""
    lines = {
        "UID": uid,
        "SEQUENCE": str(sequence),
        "DTSTAMP": "20261001T090000Z",
        "DTSTART": "20361002T090000Z",
        "DTEND": "20361002T100000Z",
        "SUMMARY": "Review",
        "LOCATION": "Room 1",
        "ORGANIZER": f"mailto:{company.at('alice')}",
        f"ATTENDEE;PARTSTAT={changed.pop('answer', 'NEEDS-ACTION')}": f"mailto:{company.at('bob')}",
    } | changed
    event = "".join(f"{name}:{value}\r\n" for name, value in lines.items())
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nMETHOD:{method}\r\n"
    return f"{head}BEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n"


# ---- the way in ----


def test_what_is_put_into_the_bucket_comes_to_open_pages_and_into_the_tabs(company: Company, mailbox: Mailbox) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    mailbox.put(message(company, "alice", "bob", "carol", files={"offer.pdf": b"%PDF-1.4 offer"}))
    for connection, contact, direction in ((alice, "bob", "sent"), (bob, "alice", "received")):
        event = connection.event("communication", contact=company.at(contact))
        [found] = listed(connection, company.at(contact))
        assert event["communication"] == found
        assert (found["title"], found["direction"], found["files"]) == ("Offer 7", direction, 1)
        assert found["people"] == [company.at("carol")]
        [file] = listed(connection, company.at(contact), "attachment")
        assert (file["title"], file["size"], file["mail"]) == ("offer.pdf", 14, found["id"])
    assert titles(company.connect("carol"), company.at("bob")) == ["Offer 7"]


def test_the_same_mail_through_two_ways_and_told_of_twice_is_one_entry(company: Company, mailbox: Mailbox) -> None:
    mail = message(company, "alice", "bob")
    keys = [mailbox.put(mail), mailbox.put(mail)]
    mailbox.tell(*keys, keys[0])
    mailbox.wait_until_done()
    assert titles(company.connect("bob"), company.at("alice")) == ["Offer 7"]


def test_keys_with_spaces_and_letters_of_all_kinds_are_taken(company: Company, mailbox: Mailbox) -> None:
    mailbox.put(message(company, "alice", "bob"), f"incoming/{company.domain}/Ünïcode + space & 100%.eml")
    bob = company.connect("bob")
    until(lambda: titles(bob, company.at("alice")) == ["Offer 7"])


def test_the_envelope_finds_who_had_a_blind_copy(company: Company, mailbox: Mailbox) -> None:
    company.add("dave")
    mail = message(company, "alice", "bob")
    mailbox.put(mail, envelope_to=f"{company.at('bob')}, {company.at('dave')}", envelope_from=company.at("alice"))
    alice, bob, dave = (company.connect(local) for local in ("alice", "bob", "dave"))
    until(lambda: titles(dave, company.at("alice")) == ["Offer 7"])
    assert titles(alice, company.at("dave")) == ["Offer 7"]
    assert titles(dave, company.at("bob")) == ["Offer 7"]
    assert titles(bob, company.at("dave")) == []


def test_of_what_ses_takes_the_author_is_whom_dmarc_passed_for(company: Company, mailbox: Mailbox) -> None:
    for result in ("pass", "fail"):
        results = f"amazonses.com; spf=pass; dmarc={result} header.from={company.domain};"
        header = f"Authentication-Results: {results}\r\nX-SES-RECEIPT: A\r\n".encode()
        mail = message(company, "alice", "bob", subject=f"It did {result}")
        mailbox.put(header + mail.as_bytes(), f"incoming/ses/{company.domain}-{result}")
    alice = company.connect("alice")
    until(lambda: len(titles(alice, company.at("bob"))) == 2)
    directions = {each["title"]: each["direction"] for each in listed(alice, company.at("bob"))}
    assert directions == {"It did pass": "sent", "It did fail": "received"}


def test_what_a_list_passes_on_is_known_to_its_reader_alone(company: Company, mailbox: Mailbox) -> None:
    copy = message(company, "alice", "bob", List_Id="<staff.example.com>", Message_ID="<one@example.com>")
    mailbox.put(copy, envelope_to=company.at("carol"), envelope_from="staff-bounces@example.com")
    carol = company.connect("carol")
    until(lambda: titles(carol, company.at("alice")) == ["Offer 7"])
    assert titles(carol, company.at("bob")) == ["Offer 7"]
    for owner, contact in (("alice", "carol"), ("alice", "bob"), ("bob", "carol"), ("bob", "alice")):
        assert titles(company.connect(owner), company.at(contact)) == []


def test_mail_to_an_alias_is_its_members_to_see(company: Company, mailbox: Mailbox) -> None:
    company.alias("team", "bob", "carol")
    company.add("dave")
    bob, dave, alice = (company.connect(local) for local in ("bob", "dave", "alice"))
    mailbox.put(message(company, "alice", "team"))
    event = bob.event("communication")
    assert (event["contact"], event["communication"]["direction"]) == (company.at("team"), "received")
    assert titles(bob, company.at("team")) == ["Offer 7"]
    assert titles(alice, company.at("team")) == ["Offer 7"]
    assert titles(dave, company.at("team")) == titles(bob, company.at("alice")) == []
    assert [each for each in heard(dave) if each.get("event") == "communication"] == []


def test_domains_are_walls_in_one_mail(
    company: Company, mailbox: Mailbox, stack: Endpoints, tables: Tables, credential: Credential
) -> None:
    other = Company(stack, tables, credential)
    other.add("erin", "frank")
    mailbox.put(message(company, "alice", "bob", other.at("erin"), other.at("frank")))
    erin, alice = other.connect("erin"), company.connect("alice")
    until(lambda: titles(erin, other.at("frank")) == ["Offer 7"])
    until(lambda: titles(alice, company.at("bob")) == ["Offer 7"])
    with pytest.raises(Exception, match="unknown_contact"):
        listed(erin, company.at("alice"))
    other.close()


def test_who_is_disabled_does_not_take_part(company: Company, mailbox: Mailbox, tables: Tables) -> None:
    directory.disable_user(tables, company.address("bob"), True, now())
    mailbox.put(message(company, "alice", "bob", "carol"))
    alice = company.connect("alice")
    until(lambda: titles(alice, company.at("carol")) == ["Offer 7"])
    assert titles(alice, company.at("bob")) == []


def test_two_hundred_recipients_are_one_entry_that_names_ten(company: Company, mailbox: Mailbox) -> None:
    mailbox.put(message(company, "alice", "bob", *(f"person{each}@example.net" for each in range(200))))
    bob = company.connect("bob")
    until(lambda: listed(bob, company.at("alice")))
    [found] = listed(bob, company.at("alice"))
    assert (len(found["people"]), found["more_people"]) == (10, 190)


# ---- appointments ----


def test_an_appointment_that_is_moved_answered_and_cancelled(company: Company, mailbox: Mailbox) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")

    def one(connection: Any, contact: str) -> dict[str, Any]:
        found = listed(connection, company.at(contact), "appointment")
        return found[0] if len(found) == 1 else {}

    mailbox.put(message(company, "alice", "bob", calendar=invitation(company)))
    until(lambda: one(bob, "alice"))
    found = one(bob, "alice")
    assert (found["title"], found["place"], found["at"]) == ("Review", "Room 1", "2036-10-02T09:00:00.000Z")
    assert (found["answer"], found["state"]) == ("needs-action", "confirmed")

    reply = invitation(company, method="REPLY", answer="ACCEPTED", DTSTAMP="20261001T100000Z")
    mailbox.put(message(company, "bob", "alice", calendar=reply, method="REPLY"))
    until(lambda: one(alice, "bob").get("contact_answer") == "accepted")
    assert one(bob, "alice")["answer"] == "accepted"

    later = {"DTSTART": "20361003T090000Z", "DTEND": "20361003T100000Z"}
    moved = invitation(company, sequence=1, answer="ACCEPTED", **later)
    mailbox.put(message(company, "alice", "bob", calendar=moved))
    until(lambda: one(bob, "alice").get("at") == "2036-10-03T09:00:00.000Z")
    event = bob.event("communication", replaces=[found["id"]])
    assert event["communication"]["id"] == one(bob, "alice")["id"] != found["id"]

    cancelled = invitation(company, method="CANCEL", sequence=2)
    mailbox.put(message(company, "alice", "bob", calendar=cancelled, method="CANCEL"))
    until(lambda: one(bob, "alice").get("state") == "cancelled")
    assert one(bob, "alice")["place"] == "Room 1"


# ---- what goes wrong ----


def test_what_cannot_be_read_is_set_aside_with_its_reason_and_the_next_one_indexed(
    company: Company, mailbox: Mailbox, log: Path
) -> None:
    bad = f"incoming/{company.domain}/bad"
    mailbox.put(b"\x00\x01 no mail at all", bad, envelope_to=company.at("bob"))
    mailbox.put(message(company, "alice", "bob"))
    bob = company.connect("bob")
    until(lambda: titles(bob, company.at("alice")) == ["Offer 7"])
    aside = f"unreadable/{company.domain}/bad"
    until(lambda: aside in mailbox.keys("unreadable/") and bad not in mailbox.keys("incoming/"))
    assert mailbox.metadata(aside) == {"envelope-to": company.at("bob"), "reason": "it has no header of a message"}
    until(lambda: '"UnreadableMail": [' in log.read_text())


def test_what_is_too_large_is_set_aside_unread(company: Company, mailbox: Mailbox) -> None:
    mailbox.put(message(company, "alice", "bob").as_bytes() + b"x" * (40 * 1024 * 1024), f"incoming/{company.domain}/x")
    aside = f"unreadable/{company.domain}/x"
    until(lambda: aside in mailbox.keys("unreadable/"))
    assert "allowed are 41,943,040" in mailbox.metadata(aside)["reason"]


def test_of_what_is_gone_nothing_is_left_to_do(company: Company, mailbox: Mailbox) -> None:
    mailbox.tell(f"incoming/{company.domain}/gone")
    mailbox.wait_until_done()
    assert mailbox.given_up() == []


def test_what_fails_three_times_is_kept(company: Company, mailbox: Mailbox) -> None:
    body = json.dumps({"Records": [{"about": company.domain}]})
    with mailbox.trying(again_after=0, times=3):
        mailbox.sqs.send_message(QueueUrl=mailbox.stack.mail_queue, MessageBody=body)
        until(lambda: body in mailbox.given_up())


def test_while_the_store_refuses_it_comes_again(company: Company, mailbox: Mailbox, aws: AWS, log: Path) -> None:
    iam = aws("iam")
    role = next(each["RoleName"] for each in iam.list_roles()["Roles"] if "-IndexerFunctionRole-" in each["RoleName"])
    deny = {"Effect": "Deny", "Action": "dynamodb:BatchWriteItem", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    with mailbox.trying(again_after=1, times=1000):
        iam.put_role_policy(RoleName=role, PolicyName="refused", PolicyDocument=policy)
        key = mailbox.put(message(company, "alice", "bob"))
        until(lambda: any("could not be indexed now" in line and key in line for line in log.read_text().splitlines()))
        bob = company.connect("bob")
        assert titles(bob, company.at("alice")) == []
        iam.delete_role_policy(RoleName=role, PolicyName="refused")
        until(lambda: titles(bob, company.at("alice")) == ["Offer 7"])
