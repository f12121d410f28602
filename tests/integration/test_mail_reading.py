"""The reading view and downloads: what came by mail, for those who have it in their own list."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from chat import files, ids
from chat.frames.base import MAX_FRAME
from chatctl.client import ChatConnection, Refused
from localcloud.cloud import client
from localcloud.endpoints import Endpoints
from tests.company import Company, now
from tests.integration.test_files import ask
from tests.mailing import Mailbox, listed, message

CONTENT = b"<html><script>alert(1)</script></html>"


class Mailed:
    """A mail from Alice to Bob, with Carol in Cc and a file, as both have it."""

    def __init__(self, company: Company, stack: Endpoints, **more: Any) -> None:
        self.company = company
        self.alice, self.bob = company.connect("alice"), company.connect("bob")
        given = {"files": {"page.html": CONTENT}, "Cc": f"Carol Test <{company.at('carol')}>"} | more
        Mailbox(stack).put(message(company, "alice", "bob", **given))
        self.bob.event("communication", contact=company.at("alice"))
        [self.mail] = listed(self.bob, company.at("alice"))
        self.mail_id = self.mail["id"]

    def read(self, connection: ChatConnection, contact: str, mail_id: str = "") -> dict[str, Any]:
        return connection.ask("mail", contact=self.company.at(contact), id=mail_id or self.mail_id)


@pytest.fixture
def mailed(company: Company, stack: Endpoints) -> Mailed:
    return Mailed(company, stack)


def refused(code: str, connection: ChatConnection, action: str, **fields: Any) -> None:
    with pytest.raises(Refused) as error:
        connection.ask(action, **fields)
    assert error.value.code == code


def test_sender_and_recipients_read_a_mail(company: Company, mailed: Mailed) -> None:
    for connection, contact in ((mailed.bob, "alice"), (mailed.alice, "bob"), (company.connect("carol"), "alice")):
        found = mailed.read(connection, contact)
        assert (found["id"], found["subject"], found["cut"]) == (mailed.mail_id, "Offer 7", False)
        assert found["text"].strip() == "The offer is attached."
        assert found["sender"] == {"name": "", "address": company.at("alice")}
        assert found["to"] == [{"name": "", "address": company.at("bob")}]
        assert found["cc"] == [{"name": "Carol Test", "address": company.at("carol")}]
        assert [(each["title"], each["mail"]) for each in found["files"]] == [("page.html", mailed.mail_id)]
        assert (found["more_people"], found["more_files"]) == (0, 0)


def test_nobody_else_reads_it(company: Company, mailed: Mailed) -> None:
    company.add("dora")
    dora = company.connect("dora")
    for contact in ("alice", "bob", "carol", "dora"):
        refused("unknown_item", dora, "mail", contact=company.at(contact), id=mailed.mail_id)
    refused("unknown_item", mailed.bob, "mail", contact=company.at("dora"), id=mailed.mail_id)


def test_a_mail_that_there_is_not(company: Company, mailed: Mailed) -> None:
    refused("unknown_item", mailed.bob, "mail", contact=company.at("alice"), id=ids.new(now()))
    refused("bad_field", mailed.bob, "mail", contact=company.at("alice"), id="../other")
    refused("unknown_contact", mailed.bob, "mail", contact=company.at("nobody"), id=mailed.mail_id)
    refused("unknown_contact", mailed.bob, "mail", contact="alice@elsewhere.example", id=mailed.mail_id)


def test_what_an_alias_got_is_read_by_its_members(company: Company, stack: Endpoints) -> None:
    company.alias("team", "alice", "bob")
    alice = company.connect("alice")
    Mailbox(stack).put(message(company, "carol", "team"))
    alice.event("communication", contact=company.at("team"))
    [mail] = listed(alice, company.at("team"))
    assert alice.ask("mail", contact=company.at("team"), id=mail["id"])["text"].strip() == "The offer is attached."
    company.alias("team", "bob")
    refused("unknown_item", alice, "mail", contact=company.at("team"), id=mail["id"])


def test_a_long_mail_with_many_recipients_fits_into_a_frame(company: Company, stack: Endpoints) -> None:
    many = ", ".join(f'"{"ß" * 90} {number}" <person{number}@elsewhere.example>' for number in range(200))
    text = '"quoted"\n' * 10_000
    given = {f"file {number}.txt": b"%d" % number for number in range(60)}
    mailed = Mailed(company, stack, Cc=many, text=text, files=given)
    found = mailed.read(mailed.bob, "alice")
    assert found["cut"]
    assert 8_000 < len(found["text"].encode()) <= 16 * 1024
    assert len(found["cc"]) + found["more_people"] == 200
    assert len(found["files"]) + found["more_files"] == 60
    mailed.bob.send({"action": "mail", "request_id": "r" * 64, "contact": company.at("alice"), "id": mailed.mail_id})
    assert len(str(mailed.bob.socket.recv(20)).encode()) <= MAX_FRAME


def test_a_file_is_fetched_by_a_signed_url_as_one_to_save(company: Company, mailed: Mailed) -> None:
    [file] = listed(mailed.bob, company.at("alice"), "attachment")
    found = mailed.bob.ask("download", contact=company.at("alice"), id=file["id"])
    assert found["name"] == "page.html"
    answer = ask(found["url"])
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["content-disposition"].startswith('attachment; filename="page.html"')
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_file_that_is_gone_is_refused(company: Company, mailed: Mailed, stack: Endpoints) -> None:
    [file] = listed(mailed.bob, company.at("alice"), "attachment")
    key = f"files/{company.domain}/{hashlib.sha256(CONTENT).hexdigest()}"
    client("s3", stack.cloud).delete_object(Bucket=stack.mail_bucket, Key=key)
    refused("unknown_item", mailed.bob, "download", contact=company.at("alice"), id=file["id"])


def test_nobody_else_gets_a_file(company: Company, mailed: Mailed) -> None:
    [file] = listed(mailed.bob, company.at("alice"), "attachment")
    company.add("dora")
    dora = company.connect("dora")
    for contact in ("alice", "bob", "carol"):
        refused("unknown_item", dora, "download", contact=company.at(contact), id=file["id"])
    refused("unknown_item", mailed.bob, "download", contact=company.at("carol"), id=ids.new(now()))
    refused("unknown_item", mailed.bob, "download", contact=company.at("alice"), id=mailed.mail_id)


def test_a_url_is_good_for_this_file_alone(company: Company, mailed: Mailed) -> None:
    [file] = listed(mailed.bob, company.at("alice"), "attachment")
    url = mailed.bob.ask("download", contact=company.at("alice"), id=file["id"])["url"]
    other = hashlib.sha256(b"another").hexdigest()
    assert ask(url.replace(hashlib.sha256(CONTENT).hexdigest(), other)).status in {403, 404}
    assert "X-Amz-Expires=60" in url


def test_a_file_that_was_shared_in_the_chat_is_among_the_attachments(company: Company, stack: Endpoints) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    url = stack.http_url + files.slot(company.address("alice"), "plan.pdf", 1, "", now()).path
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body=f"The plan: {url}")
    event = bob.event("communication", contact=company.at("alice"))["communication"]
    [file] = listed(bob, company.at("alice"), "attachment")
    assert event == file
    assert (file["title"], file["url"], file["direction"]) == ("plan.pdf", url, "received")
    assert bob.ask("download", contact=company.at("alice"), id=file["id"])["url"] == url
    [own] = listed(alice, company.at("bob"), "attachment")
    assert (own["url"], own["direction"]) == (url, "sent")
