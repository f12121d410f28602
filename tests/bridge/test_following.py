"""One query on the logs of functions and bridge follows a message from its sender to every receiver."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.names import CARBONS, CLIENT, IDS, SM
from chat import ids, trail
from chat.presence import connections_in
from chatctl.client import ChatConnection, Refused
from localcloud.bridge import Bridge
from localcloud.endpoints import Endpoints
from tests import insights
from tests.bridge.client import XmppClient
from tests.bridge.conftest import LogIn, Second
from tests.company import PASSWORD, Company, now, until
from tests.insights import Line

FOLLOW = insights.saved("FollowAMessage")
ERRORS = insights.saved("ErrorsByCode")

Steps = list[tuple[str, str]]
"""Steps in the order of their time, each with a receiver; the sender with what is stored."""


@dataclass
class Logs:
    """What functions and bridge have logged since a test began."""

    company: Company
    files: dict[Path, int]
    """Each with where the test began."""

    def text(self) -> str:
        return "".join(path.read_bytes()[start:].decode() for path, start in self.files.items())

    def lines(self) -> list[Line]:
        return [json.loads(line) for line in self.text().splitlines() if line.startswith('{"level"')]

    def follow(self, message_id: str) -> Steps:
        """The answer of the query for a message."""
        found = insights.run(FOLLOW.replace("MESSAGE-ID", message_id), self.lines())
        return [
            (line["step"], name)
            for line in found
            if "step" in line
            for name in (line.get("to") or line["sender"]).split()
        ]

    def until(self, message_id: str, *wanted: tuple[str, str]) -> Steps:
        """The steps of a message, once they are these; which comes first is for the caller to say."""
        until(lambda: len(self.follow(message_id)) >= len(wanted))
        found = self.follow(message_id)
        assert sorted(found) == sorted(wanted)
        return found

    def person(self, local: str) -> str:
        return trail.person(self.company.address(local))

    def page(self, local: str) -> str:
        """The one page of somebody."""
        [found] = self.pages(local)
        return found

    def pages(self, local: str) -> list[str]:
        address = self.company.address(local)
        found = connections_in(self.company.tables.connections.of(address))
        return [trail.connection(address, each.ref) for each in found if each.is_web]

    def client(self, client: XmppClient, node: str = "one") -> str:
        bare, _, resource = client.jid.partition("/")
        return trail.connection(self.company.address(bare.partition("@")[0]), f"xmpp:{node}:{resource}")


@pytest.fixture
def logs(stack: Endpoints, bridge: Bridge, company: Company, tmp_path_factory: pytest.TempPathFactory) -> Logs:
    [cloud] = {path.resolve() for path in tmp_path_factory.getbasetemp().glob("cloud*/cloud.log")}
    return Logs(company, {path: path.stat().st_size for path in (cloud, bridge.log)})


@pytest.fixture
def desk(log_in: LogIn) -> Callable[[str], XmppClient]:
    """Log a client in that wants copies, and is sent nothing else as it has a negative priority (RFC 6121 §8.5.2.1)."""

    def connect(local: str) -> XmppClient:
        client = log_in(local, "desk", present=False)
        client.ask("set", f"<enable xmlns='{CARBONS}'/>")
        client.presence("<priority>-1</priority>")
        client.shown(client.jid)
        return client

    return connect


def send(page: ChatConnection, company: Company, recipient: str, body: str = "hello") -> str:
    """Send a message from a page; returns its id."""
    found: str = page.ask("send", id=ids.new(now()), recipient=company.at(recipient), body=body)["id"]
    return found


def archived(client: XmppClient, body: str) -> str:
    """The archive id of the next message with this body."""
    found = client.body(body).find(f".//{{{IDS}}}stanza-id")
    assert found is not None
    return found.get("id", "")


def test_from_page_to_pages_and_until_it_is_read(company: Company, logs: Logs) -> None:
    alice, bob, _ = company.connect("alice"), company.connect("bob"), company.connect("bob")
    sent = send(alice, company, "bob")
    bob.ask("read", contact=company.at("alice"), id=sent)
    stored, read = ("stored", logs.page("alice")), ("read", logs.person("bob"))
    found = logs.until(sent, stored, *(("pushed", each) for each in logs.pages("bob")), read)
    assert (found[0], found[-1]) == (stored, read)


def test_from_page_to_clients_and_until_they_have_taken_it(
    company: Company, log_in: LogIn, desk: Callable[[str], XmppClient], logs: Logs
) -> None:
    page, phone, copied = company.connect("alice"), log_in("bob", "phone"), desk("bob")
    phone.enable()
    sent = send(page, company, "bob")
    assert archived(phone, "hello") == sent
    phone.send(f"<a xmlns='{SM}' h='{phone.handled}'/>")
    phone.settled()
    stored, given, taken = ("stored", logs.page("alice")), ("given", logs.client(phone)), ("taken", logs.client(phone))
    pushed = [("pushed", logs.client(each)) for each in (phone, copied)]
    found = logs.until(sent, stored, *pushed, given, ("copied", logs.client(copied)), taken)
    assert found[0] == stored
    assert found.index(given) < found.index(taken)


def test_from_client_to_page_and_clients(
    company: Company, log_in: LogIn, desk: Callable[[str], XmppClient], logs: Logs
) -> None:
    alice, copied, bob, page = log_in("alice"), desk("alice"), log_in("bob"), company.connect("bob")
    origin = alice.message(company.at("bob"), "hello", id=f"origin-{secrets.token_hex(8)}")
    sent = page.event("message")["message"]["id"]
    assert archived(bob, "hello") == sent
    stored, given, copy = ("stored", logs.client(alice)), ("given", logs.client(bob)), ("copied", logs.client(copied))
    found = logs.until(sent, stored, given, copy, ("pushed", logs.page("bob")))
    assert found[0] == stored
    by_origin = insights.run(f'filter origin = "{origin}"', logs.lines())
    assert [each["message_id"] for each in by_origin] == [sent]


def test_from_a_client_to_one_on_another_node(company: Company, log_in: LogIn, second: Second, logs: Logs) -> None:
    logs.files[second.node.log] = second.node.log.stat().st_size
    alice, bob = log_in("alice"), log_in("bob", bridge=second.node)
    alice.message(company.at("bob"), "hello")
    sent, there = archived(bob, "hello"), logs.client(bob, node="two")
    found = logs.until(sent, ("stored", logs.client(alice)), ("pushed", there), ("given", there))
    assert found[0] == ("stored", logs.client(alice))


def test_to_every_member_of_an_alias(company: Company, log_in: LogIn, logs: Logs) -> None:
    company.add("dave")
    company.alias("team", "alice", "bob", "carol", "dave")
    alice, _, carol = company.connect("alice"), company.connect("bob"), log_in("carol")
    sent = send(alice, company, "team")
    assert archived(carol, "hello") == sent
    logs.until(
        sent,
        ("stored", logs.page("alice")),
        ("pushed", logs.page("bob")),
        ("pushed", logs.client(carol)),
        ("given", logs.client(carol)),
        ("waits", logs.person("dave")),
    )


def test_to_somebody_who_comes_later(company: Company, log_in: LogIn, logs: Logs) -> None:
    alice, bob = log_in("alice"), company.address("bob")
    alice.message(company.at("bob"), "hello")
    until(lambda: any(line.get("step") == "waits" for line in logs.lines()))
    page = company.connect("bob")
    since = ids.lowest(now() - 60_000)
    cursor = page.ask("sync", since=since)["cursor"]  # threads come first
    [message] = page.ask("sync", since=since, cursor=cursor)["messages"]
    client = log_in("bob")
    found = logs.until(
        message["id"],
        ("stored", logs.client(alice)),
        ("waits", trail.person(bob)),
        ("found", logs.page("bob")),
        ("late", logs.client(client)),
    )
    assert [step for step, _ in found] == ["stored", "waits", "found", "late"]


def test_what_was_refused_is_found_by_the_id_that_the_page_shows(company: Company, logs: Logs) -> None:
    alice, message_id = company.connect("alice"), ids.new(now())
    with pytest.raises(Refused):
        alice.ask("send", id=message_id, recipient=company.at("nobody"), body="hello")
    until(lambda: insights.run(FOLLOW.replace("MESSAGE-ID", message_id), logs.lines()))
    [line] = insights.run(FOLLOW.replace("MESSAGE-ID", message_id), logs.lines())
    assert (line["action"], line["code"]) == ("send", "unknown_recipient")
    assert line["connection"] in logs.page("alice")
    [counted] = [each for each in insights.run(ERRORS, logs.lines()) if each["code"] == "unknown_recipient"]
    assert counted == {"code": "unknown_recipient", "action": "send", "requests": 1}


def test_no_line_has_a_text_a_secret_or_an_address(company: Company, log_in: LogIn, logs: Logs) -> None:
    page, client = company.connect("alice"), log_in("bob", "Bob at home")
    word = f"quetzal{secrets.token_hex(4)}"
    send(page, company, "bob", f"{word} over the roofs")
    archived(client, f"{word} over the roofs")
    client.message(company.at("alice"), f"{word} again", f"<x xmlns='urn:example:{word}'>{word}</x>", id=f"{word} id")
    sent = page.event("message")["message"]["id"]
    page.ask("read", contact=company.at("bob"), id=sent)
    client.message(company.at("carol"), f"{word} later")
    with pytest.raises(Refused):
        send(page, company, "nobody", word)
    client.message(company.at("nobody"), word)
    client.expect(f"{{{CLIENT}}}message", type_="error")
    logs.until(sent, ("stored", logs.client(client)), ("pushed", logs.page("alice")), ("read", logs.person("alice")))
    secret = [PASSWORD, company.token("alice"), "ticket=", "Bob at home"]
    assert [each for each in (word, *secret, f"@{company.domain}") if each in logs.text()] == []
