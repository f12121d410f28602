"""Mail that is put into the bucket comes into the tabs of those who take part: through S3, queue, indexer and push."""

from __future__ import annotations

import pytest

from localcloud.endpoints import Endpoints
from tests.company import Company
from tests.mailing import Mailbox, listed, message, titles


@pytest.fixture
def mailbox(stack: Endpoints) -> Mailbox:
    return Mailbox(stack)


def test_what_is_put_into_the_bucket_comes_to_open_pages_and_into_the_tabs(company: Company, mailbox: Mailbox) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    mailbox.put(message(company, "alice", "bob", "carol", files={"offer.pdf": b"%PDF-1.4 offer"}))
    for connection, contact, direction in ((alice, "bob", "sent"), (bob, "alice", "received")):
        event = connection.event("communication")
        assert event["contact"] in {company.at("bob"), company.at("carol"), company.at("alice")}
        [found] = listed(connection, company.at(contact))
        assert (found["title"], found["direction"], found["files"]) == ("Offer 7", direction, 1)
        assert found["people"] == [company.at("carol")]
        [file] = listed(connection, company.at(contact), "attachment")
        assert (file["title"], file["size"], file["mail"]) == ("offer.pdf", 14, found["id"])
    assert titles(company.connect("carol"), company.at("bob")) == ["Offer 7"]
