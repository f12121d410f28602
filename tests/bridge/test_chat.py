"""Chat between XMPP clients and webmail: one room behind two doors."""

from __future__ import annotations

from bridge.names import CLIENT
from chat import ids
from tests.bridge.conftest import LogIn
from tests.company import Company, now

MESSAGE = f"{{{CLIENT}}}message"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"


def test_two_clients_chat(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice", "phone"), log_in("bob", "desk")
    sent = alice.message(company.at("bob"), "lunch?")
    got = bob.body("lunch?")
    assert (got.get("from"), got.get("to"), got.get("id"), got.get("type")) == (
        alice.jid,
        company.at("bob"),
        sent,
        "chat",
    )


def test_webmail_writes_to_a_client(company: Company, log_in: LogIn) -> None:
    bob = log_in("bob")
    message_id = ids.new(now())
    company.connect("alice").ask("send", id=message_id, recipient=company.at("bob"), body="lunch?")
    got = bob.body("lunch?")
    assert got.get("from") == f"{company.at('alice')}/webmail"
    stanza_id = got.find(STANZA_ID)
    assert stanza_id is not None
    assert (stanza_id.get("id"), stanza_id.get("by")) == (message_id, company.at("bob"))


def test_a_client_writes_to_webmail(company: Company, log_in: LogIn) -> None:
    alice, bob = company.connect("alice"), log_in("bob")
    bob.message(company.at("alice"), "lunch?")
    message = alice.event("message")["message"]
    assert (message["sender"], message["body"], message["door"]) == (company.at("bob"), "lunch?", "xmpp")
    page = alice.ask("history", contact=company.at("bob"))
    assert [each["id"] for each in page["messages"]] == [message["id"]]
