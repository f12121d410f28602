"""Messages as stanzas: what recipients get, their other clients, and the archive."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from bridge import envelopes
from bridge.elements import element, qualified, write
from bridge.envelopes import Envelope, text_body
from bridge.names import ADDRESSES, BODY, CARBONS, CLIENT, DELAY, FORWARD, IDS, MARKERS, MESSAGE
from chat import ids
from chat.addresses import Address
from chat.tables.history import WEB, XMPP, Message
from tests.unit.stanzas import elements, parse, same, texts
from tests.unit.world import NOW

ALICE, BOB, SALES = (Address(local, "example.com") for local in ("alice", "bob", "sales"))
ID = ids.new(NOW)
ACTIVE = '<active xmlns="http://jabber.org/protocol/chatstates"/>'


def message(
    body: str = "hello", door: str = XMPP, extensions: tuple[str, ...] = (), origin: str = "m1", to: Address = BOB
) -> Message:
    return Message(ID, ALICE, to, body, door, extensions, origin)


def envelope(stored: Message, recipient: str = "", to_alias: bool = False) -> Envelope:
    return Envelope(stored, f"{ALICE}/phone", recipient or str(stored.recipient), "chat", to_alias)


def parsed(text: str) -> Element:
    return parse(f"<x xmlns='{CLIENT}'>{text}</x>")[0]


def child(stanza: Element, namespace: str, name: str) -> Element:
    found = stanza.find(qualified(namespace, name))
    assert found is not None
    return found


# What the recipient gets.


def test_the_recipient_gets_what_was_sent_with_its_place_in_the_archive() -> None:
    stanza = parsed(envelope(message(extensions=(ACTIVE,))).stanza(BOB))
    assert stanza.attrib == {"from": "alice@example.com/phone", "to": "bob@example.com", "id": "m1", "type": "chat"}
    assert [each.tag for each in stanza] == [
        BODY,
        "{http://jabber.org/protocol/chatstates}active",
        f"{{{IDS}}}stanza-id",
    ]
    assert child(stanza, IDS, "stanza-id").attrib == {"id": ID, "by": "bob@example.com"}


def test_the_resource_that_was_named_stays() -> None:
    assert parsed(envelope(message(), f"{BOB}/desk").stanza(BOB)).get("to") == f"{BOB}/desk"


@given(texts)
def test_any_text_arrives(text: str) -> None:
    assert parsed(envelope(message(text)).stanza(BOB)).findtext(BODY) == text


@given(elements)
def test_any_extension_arrives_as_it_came(extension: Element) -> None:
    stanza = parsed(envelope(message(extensions=(write(extension),))).stanza(BOB))
    assert same(stanza[1], extension)


def test_what_comes_late_says_when_it_was_sent() -> None:
    delay = child(parsed(envelope(message()).stanza(BOB, delayed=True)), DELAY, "delay")
    assert delay.attrib == {"from": "example.com", "stamp": "2026-01-01T09:00:00.000Z"}


def test_a_message_to_an_alias_comes_from_the_sender_and_names_the_alias() -> None:
    stanza = parsed(envelope(message(to=SALES), to_alias=True).stanza(BOB))
    assert (stanza.get("from"), stanza.get("to")) == (f"{ALICE}/phone", str(BOB))
    assert child(stanza, ADDRESSES, "addresses")[0].attrib == {"type": "to", "jid": str(SALES)}


def test_its_sender_needs_no_such_mark() -> None:
    stanza = parsed(envelope(message(to=SALES), to_alias=True).stanza(ALICE))
    assert stanza.find(qualified(ADDRESSES, "addresses")) is None


# From webmail.


def test_a_message_of_webmail_comes_from_its_resource_and_can_be_marked_as_read() -> None:
    stanza = parsed(envelopes.of(message(door=WEB, origin=""), False).stanza(BOB))
    assert (stanza.get("from"), stanza.get("id"), stanza.get("type")) == (f"{ALICE}/webmail", ID, "chat")
    assert stanza.find(qualified(MARKERS, "markable")) is not None


def test_a_message_of_a_client_is_marked_by_itself_alone() -> None:
    stanza = parsed(envelopes.of(message(), False).stanza(BOB))
    assert stanza.get("from") == str(ALICE)
    assert stanza.find(qualified(MARKERS, "markable")) is None


# Copies.


@pytest.mark.parametrize("direction", ["sent", "received"])
def test_a_carbon_wraps_the_message(direction: str) -> None:
    owner = ALICE if direction == "sent" else BOB
    carbon = parsed(envelope(message()).carbon(owner, f"{owner}/desk", direction))
    assert carbon.attrib == {"from": str(owner), "to": f"{owner}/desk", "type": "chat"}
    inner = carbon[0][0][0]
    assert (carbon[0].tag, carbon[0][0].tag, inner.tag) == (
        qualified(CARBONS, direction),
        qualified(FORWARD, "forwarded"),
        MESSAGE,
    )
    assert (inner.get("to"), inner.findtext(BODY)) == (str(BOB), "hello")
    assert child(inner, IDS, "stanza-id").get("by") == str(owner)


def test_a_carbon_of_a_message_to_an_alias_was_sent_to_the_alias_and_received_by_the_member() -> None:
    made = envelope(message(to=SALES), to_alias=True)
    assert parsed(made.carbon(ALICE, f"{ALICE}/desk", "sent"))[0][0][0].get("to") == str(SALES)
    assert parsed(made.carbon(BOB, f"{BOB}/desk", "received"))[0][0][0].get("to") == str(BOB)


def test_the_archive_gives_the_message_as_it_was_sent() -> None:
    copy = parse(envelope(message(), f"{BOB}/desk").copy(BOB))
    assert (copy.tag, copy.get("to")) == (MESSAGE, f"{BOB}/desk")
    assert copy.find(qualified(IDS, "stanza-id")) is None


@pytest.mark.parametrize(
    ("extension", "private"),
    [
        ('<private xmlns="urn:xmpp:carbons:2"/>', True),
        ('<no-copy xmlns="urn:xmpp:hints"/>', True),
        ('<no-store xmlns="urn:xmpp:hints"/>', False),
        (ACTIVE, False),
    ],
)
def test_a_sender_may_want_no_carbons(extension: str, private: bool) -> None:
    assert envelope(message(extensions=(extension,))).is_private is private


def test_text_that_looks_like_a_mark_is_text() -> None:
    assert not envelope(message('<private xmlns="urn:xmpp:carbons:2"/>')).is_private


@pytest.mark.parametrize(
    ("stanza", "text"),
    [
        (element(MESSAGE, element(BODY, "hello")), True),
        (element(MESSAGE, element(BODY, " ")), False),
        (element(MESSAGE, element(BODY)), False),
        (element(MESSAGE, element("body", "hello")), False),
        (element(MESSAGE), False),
    ],
)
def test_only_messages_with_text_are_kept(stanza: Element, text: bool) -> None:
    assert (text_body(stanza) is not None) is text


@pytest.mark.parametrize(
    ("bodies", "chosen"),
    [
        ("<body/><body>hello</body>", "hello"),
        ("<body> </body><body xml:lang='de'>hallo</body>", "hallo"),
        ("<body xml:lang='de'>hallo</body><body>hello</body>", "hello"),
        ("<body xml:lang='de'>hallo</body><body xml:lang='fr'>salut</body>", "hallo"),
    ],
)
def test_of_several_bodies_one_is_the_text(bodies: str, chosen: str) -> None:
    found = text_body(parse(f"<message xmlns='jabber:client'>{bodies}</message>"))
    assert found is not None
    assert found.text == chosen
