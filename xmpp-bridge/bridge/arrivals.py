"""What is pushed to a node over its link, for its sessions: messages, presence, typing and read marks of webmail and of
other nodes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bridge import elsewhere, envelopes, routing
from bridge.elements import element, namespace_of, qualified, write_all
from bridge.errors import StreamError
from bridge.names import BLOCKING, BODY, CHAT_STATES, HINTS, IQ, MARKERS, MESSAGE, ROSTER, WEBMAIL
from bridge.session import Session
from bridge.wire import framed_text
from chat.addresses import Address
from chat.entries import Alias
from chat.frames.base import MessageFrame
from chat.frames.events import MessageEvent, NodeFrame, PresenceEvent, ReadEvent, StanzaEvent, TypingEvent
from chat.tables.history import XMPP, Message, Thread

if TYPE_CHECKING:
    from bridge.node import Node

logger = logging.getLogger(__name__)


def take(node: Node, frame: NodeFrame) -> None:
    """A push that is not about the directory."""
    match frame.event:
        case MessageEvent() as event:
            _message(node, event)
        case PresenceEvent() as event:
            _presence(node, event)
        case TypingEvent() as event:
            _typing(node, event, frame)
        case ReadEvent() as event:
            node.spawn(_read(node, event, frame))
        case StanzaEvent() as event:
            _stanza(node, event, frame)


def _presence(node: Node, event: PresenceEvent) -> None:
    address = Address.parse(event.address)
    company = node.companies.get(address.domain)
    if company is None or event.resources is None:
        return
    if any(each.node != node.name for each in event.resources):
        node.storing.alone.elsewhere(address)
    elsewhere.take(node, company, (address, event.revision, event.resources, frozenset(event.blocked or ())))


def _message(node: Node, event: MessageEvent) -> None:
    frame = event.message
    sender, recipient = Address.parse(frame.sender), Address.parse(frame.recipient)
    for each in (sender, recipient):
        node.storing.alone.elsewhere(each)
    message = Message(frame.id, sender, recipient, frame.body, frame.door)
    alias = alias_at(node, recipient)
    stanza = read(event.stanza) if event.stanza is not None else None
    envelope = envelopes.of(message, alias is not None) if stanza is None else envelope_of(stanza, frame, alias)
    routing.give(node, envelope, alias)


def envelope_of(stanza: Element, frame: MessageFrame, alias: Alias | None) -> envelopes.Envelope:
    """The envelope of a message that came as a stanza."""
    sender, recipient = Address.parse(frame.sender), Address.parse(frame.recipient)
    extensions = tuple(write_all([each]) for each in stanza if each.tag != BODY)
    message = Message(frame.id, sender, recipient, frame.body, XMPP, extensions, stanza.get("id", ""))
    return envelopes.Envelope(
        message,
        stanza.get("from", str(sender)),
        stanza.get("to", str(recipient)),
        stanza.get("type", "normal"),
        alias is not None,
    )


def alias_at(node: Node, address: Address) -> Alias | None:
    """The alias with this address, as this node knows the directory."""
    company = node.companies.get(address.domain)
    return company.directory.aliases.get(address.local) if company else None


def _typing(node: Node, event: TypingEvent, frame: NodeFrame) -> None:
    if event.contact != event.sender:
        return  # in an alias's chat: here it would show in the chat with the sender
    state = element(qualified(CHAT_STATES, "composing" if event.active else "paused"))
    hint = element(qualified(HINTS, "no-store"))
    for session in _named(node, frame):
        stanza = element(MESSAGE, state, hint, from_=f"{event.sender}/{WEBMAIL}", to=session.bare, type="chat")
        if session.available and session.priority >= 0:
            session.deliver(write_all([stanza]), held_as=f"typing {event.sender}")


async def _read(node: Node, event: ReadEvent, frame: NodeFrame) -> None:
    """A read mark of webmail as a chat marker (XEP-0333), which names a message by the id that its sender gave it."""
    reader, contact = Address.parse(event.reader), Address.parse(event.contact)
    sessions = _named(node, frame)
    if not sessions:
        return
    owner = sessions[0].address
    other = contact if owner == reader else reader
    thread = Thread.of_alias(other) if alias_at(node, other) else Thread.between(owner, other)
    message = await node.call(node.tables.history.message, thread, event.id)
    if message is None:
        return
    displayed = element(qualified(MARKERS, "displayed"), id=message.origin or message.id)
    sender, to = f"{reader}/{WEBMAIL}", str(contact if owner == reader else owner)
    stanza = element(MESSAGE, displayed, element(qualified(HINTS, "store")), from_=sender, to=to, type="chat")
    inner = write_all([stanza], "")
    for session in sessions:
        if owner != reader:
            session.send(stanza)
        elif session.carbons:
            session.deliver(envelopes.carbon(inner, owner, session.jid, "sent", "chat"))


def _stanza(node: Node, event: StanzaEvent, frame: NodeFrame) -> None:
    stanza = read(event.xml)
    if stanza is None:
        return
    if stanza.tag == routing.TAKEN:
        for session in _named(node, frame):
            if session.since <= int(stanza.get("at", "0")):
                session.expel(StreamError("conflict", "another client has taken the resource"))
        return
    if stanza.tag == MESSAGE:
        routing.pass_here(node, stanza, Address.parse((stanza.get("to") or "").partition("/")[0]))
        return
    namespace = namespace_of(stanza[0]) if stanza.tag == IQ and stanza.get("type") == "set" and len(stanza) else ""
    sender = stanza.get("from") or ""
    if namespace in (ROSTER, BLOCKING) and "/" not in sender:  # with a resource it is one client's to another
        node.spawn(_own_changed(node, Address.parse(sender), stanza, namespace))
        return
    named = _named(node, frame)
    for session in named:
        _send(session, stanza)
    if not named:
        routing.refuse_gone(node, stanza)


async def _own_changed(node: Node, owner: Address, stanza: Element, namespace: str) -> None:
    """A client of the user has changed its roster or block list on another node: those that asked for it are told."""
    await elsewhere.read_settings_at_last(node, owner)
    for session in node.sessions_of(owner):
        if session.interested if namespace == ROSTER else session.block_interested:
            _send(session, stanza)


def _send(session: Session, stanza: Element) -> None:
    session.send(element(stanza.tag, *stanza, **{**stanza.attrib, "to": session.jid}))


def _named(node: Node, frame: NodeFrame) -> list[Session]:
    """The sessions that a push names."""
    found = (node.session(Address.parse(each.address), each.resource) for each in frame.sessions)
    return [session for session in found if session is not None]


def read(text: str) -> Element | None:
    """A stanza that another node wrote."""
    from bridge.reader import MAX_STANZA, read_document  # its limits hold for pushes as well

    try:
        return read_document(framed_text(text), 2 * MAX_STANZA)
    except (StreamError, ValueError):
        logger.warning("a stanza of another node cannot be read", exc_info=True)
        return None
