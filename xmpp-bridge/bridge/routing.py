"""Who of a node's sessions gets a message (RFC 6121 §8.5, XEP-0280), and the way to webmail and to other nodes."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bridge import envelopes, repeats
from bridge.elements import element, write
from bridge.envelopes import Envelope
from bridge.errors import StanzaError, error_reply
from bridge.names import CHAT_STATES, IQ, MARKERS, RECEIPTS, WEBMAIL
from bridge.outbox import hold_key
from bridge.session import Session
from bridge.telling import Present
from chat import trail
from chat.addresses import Address
from chat.entries import Alias
from chat.frames.base import MessageFrame
from chat.frames.events import Event, MessageEvent, StanzaEvent
from chat.presence import XMPP as REF
from chat.push import Target, targets
from chat.tables.history import Thread
from chat.trail import Step

if TYPE_CHECKING:
    from bridge.node import Node

logger = logging.getLogger(__name__)

TAKEN = "{urn:company-chat:node}taken"
"""What one node says to another whose session's resource has been taken; ``at`` when, in ms since the epoch: a session
that began later has taken it back."""
_CARBONED = (CHAT_STATES, RECEIPTS, MARKERS)
"""Namespaces whose messages are copied to other clients though they have no text (XEP-0280 §6.1)."""


class Outgoing:
    """A message that a client of this node sent, and that is stored now."""

    def __init__(
        self, node: Node, envelope: Envelope, alias: Alias | None, origin: Session, xml: str, mark: str
    ) -> None:
        """``xml``: the stanza as it came, for other nodes. ``mark``: the sender's own id of it, as it is kept."""
        self._node = node
        self._envelope = envelope
        self._alias = alias
        self._origin = origin
        self._xml = xml
        self._mark = mark

    def here(self) -> None:
        give(self._node, self._envelope, self._alias, self._origin)
        self._origin.outbox.remember(self._envelope.message.id)

    def elsewhere(self, present: Present) -> tuple[Event, set[Target]] | None:
        """What is pushed to webmail and other nodes, and to whom there."""
        message = self._envelope.message
        company = self._node.companies.get(message.sender.domain)
        aims: set[Target] = set()
        absent: list[str] = []
        for address, connections in present.items():
            if not self._concerns(address):
                continue
            blocked = company.blocked_by(address.local) if company else frozenset()
            if address == message.sender or not self._envelope.senders & blocked:
                found = targets(address, connections)
                aims |= {each for each in found if not self._node.owns(each.ref)}
                absent += [] if found or address == message.sender else [trail.person(address)]
        trail.note(Step.WAITS, message.id, to=absent)
        return (MessageEvent(message=MessageFrame.model_validate(message), stanza=self._xml), aims) if aims else None

    async def was_sent_again(self) -> bool:
        """Whether its sender, whose session has ended, has had it stored over another one."""
        if not self._mark or not self._origin.ended:
            return False
        message = self._envelope.message
        thread = (
            Thread.of_alias(message.recipient) if self._alias else Thread.between(message.sender, message.recipient)
        )
        found = (await repeats.stored(self._node, message.sender, thread)).get(self._mark)
        return found is not None and found.id != message.id

    def _concerns(self, address: Address) -> bool:
        message = self._envelope.message
        if address == message.sender:
            return True
        return address.local in self._alias.reach if self._alias else address == message.recipient


def give(node: Node, envelope: Envelope, alias: Alias | None, origin: Session | None = None) -> None:
    """Give a stored message to this node's sessions that it concerns: recipients', and the sender's other clients."""
    message = envelope.message
    company = node.companies.get(message.sender.domain)
    recipients = alias.reached() if alias else [message.recipient]
    sent = Sent()
    for address in recipients:
        if address == message.sender and alias is not None:
            continue  # the sender of a message to an alias has it already
        blocked = company.blocked_by(address.local) if company else frozenset()
        if not envelope.senders & blocked:
            missing = (session for session in node.sessions_of(address) if not session.has(message.id))
            _give_to(node, envelope, address, missing, sent)
    own = node.sessions_of(message.sender) if message.sender not in recipients or alias else []
    for session in own:
        if session is not origin and session.carbons and not envelope.is_private and not session.has(message.id):
            session.give(envelope.carbon(message.sender, session.jid, "sent"), message.id)
            sent.copied.append(session.name)
    trail.note(Step.GIVEN, message.id, to=sent.given)
    trail.note(Step.COPIED, message.id, to=sent.copied)


def give_missed(node: Node, envelope: Envelope, owner: Address) -> None:
    """Give a message that was not pushed to those of its owner's clients that miss it, as ``give`` would have done."""
    message = envelope.message
    missing = [
        session
        for session in node.sessions_of(owner)
        if session.available and message.id >= session.live_from and not session.has(message.id)
    ]
    sent = Sent()
    if message.sender != owner or message.recipient == owner:
        company = node.companies.get(owner.domain)
        if not envelope.senders & (company.blocked_by(owner.local) if company else frozenset()):
            _give_to(node, envelope, owner, missing, sent)
    else:
        for session in missing:
            if session.carbons and not envelope.is_private:
                session.give(envelope.carbon(owner, session.jid, "sent"), message.id)
                sent.copied.append(session.name)
    trail.note(Step.LATE, message.id, to=sent.given + sent.copied)


@dataclass(frozen=True, slots=True)
class Sent:
    """The sessions, as the log names them, that were sent a message, and those that were sent a copy."""

    given: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)


def _give_to(node: Node, envelope: Envelope, address: Address, missing: Iterable[Session], sent: Sent) -> None:
    """Give a message to a recipient's sessions, of which those in ``missing`` do not have it; ``sent`` notes them."""
    sessions = node.sessions_of(address)
    if not sessions:
        return
    aimed = _aimed(node, address, envelope.recipient, sessions)
    text = ""
    for session in missing:
        if session in aimed:
            text = text or envelope.stanza(address)
            session.give(text, envelope.message.id)
            sent.given.append(session.name)
        elif session.carbons and not envelope.is_private:
            session.give(envelope.carbon(address, session.jid, "received"), envelope.message.id)
            sent.copied.append(session.name)


def _aimed(node: Node, address: Address, to: str, sessions: Iterable[Session]) -> list[Session]:
    """The sessions that a message to a JID goes to: the one that it names, else all that are available and have no
    negative priority (RFC 6121 §8.5.2.1, §8.5.3.2.1)."""
    bare, _, resource = to.partition("/")
    if resource and bare == str(address):
        named = [session for session in sessions if session.resource == resource]
        company = node.companies.get(address.domain)
        if named or (company and resource in company.elsewhere(address.local) and resource != WEBMAIL):
            return named
    return [session for session in sessions if session.available and session.priority >= 0]


def is_there(node: Node, address: Address, resource: str) -> bool:
    """Whether a user has this resource, here or elsewhere; an alias has any."""
    company = node.companies.get(address.domain)
    if node.session(address, resource) is not None or company is None:
        return company is not None
    return address.local in company.directory.aliases or resource in company.elsewhere(address.local)


def pass_on(node: Node, stanza: Element, recipient: Address, origin: Session) -> None:
    """Pass on a message that is not stored: to this node's sessions, and to those on other nodes."""
    pass_here(node, stanza, recipient, origin)
    elsewhere = _on_other_nodes(node, recipient) | _on_other_nodes(node, origin.address)
    if elsewhere:
        event = StanzaEvent(xml=write(stanza))
        node.spawn(node.call(node.pusher.deliver, event, elsewhere, node.now()))


def pass_here(node: Node, stanza: Element, recipient: Address, origin: Session | None = None) -> None:
    """Pass on such a message to the sessions of this node."""
    sender = Address.parse((stanza.get("from") or "").partition("/")[0])
    company = node.companies.get(recipient.domain)
    if company and sender.local in company.blocked_by(recipient.local):
        return
    sessions = node.sessions_of(recipient)
    aimed = _aimed(node, recipient, stanza.get("to") or "", sessions)
    text = write(stanza)
    copied = stanza.get("type") == "chat" and any(
        each.tag.startswith(tuple(f"{{{name}}}" for name in _CARBONED)) for each in stanza
    )
    inner = write(stanza, "") if copied else ""
    held = hold_key(stanza)
    for session in sessions:
        if session in aimed:
            if session is not origin or sender == recipient:
                session.deliver(text, held_as=held)
        elif copied and session.carbons:
            session.deliver(envelopes.carbon(inner, recipient, session.jid, "received", "chat"), held_as=held)
    if copied and sender != recipient:
        for session in node.sessions_of(sender):
            if session is not origin and session.carbons:
                session.deliver(envelopes.carbon(inner, sender, session.jid, "sent", "chat"), held_as=held)


def _on_other_nodes(node: Node, address: Address) -> set[Target]:
    company = node.companies.get(address.domain)
    found = company.elsewhere(address.local).values() if company else ()
    return {Target(address, f"{REF}{each.node}:{each.resource}") for each in found if each.node}


def send_to(node: Node, address: Address, resource: str, stanza: Element) -> bool:
    """Send a stanza to one resource, here or on another node; whether there is one."""
    session = node.session(address, resource)
    if session is not None:
        session.send(stanza)
        return True
    company = node.companies.get(address.domain)
    found = company.elsewhere(address.local).get(resource) if company else None
    if found is None or not found.node:
        return False
    node.spawn(_push_to(node, Target(address, f"{REF}{found.node}:{resource}"), stanza))
    return True


async def _push_to(node: Node, aim: Target, stanza: Element) -> None:
    if not await node.call(node.pusher.deliver, StanzaEvent(xml=write(stanza)), {aim}, node.now()):
        refuse_gone(node, stanza)


def refuse_gone(node: Node, stanza: Element) -> None:
    """Answer a request to a resource that has gone, which was not known where it came from (RFC 6121 §8.5.3.2.3)."""
    if stanza.tag != IQ or stanza.get("type") not in ("get", "set"):
        return
    reply = error_reply(stanza, StanzaError("service-unavailable", "there is no such resource"))
    bare, _, resource = (stanza.get("from") or "").partition("/")
    if reply is not None and resource:
        send_to(node, Address.parse(bare), resource, reply)


def push_elsewhere(node: Node, address: Address, stanza: Element) -> None:
    """Send a stanza to all of a user's clients on other nodes."""
    aims = _on_other_nodes(node, address)
    if aims:
        node.spawn(node.call(node.pusher.deliver, StanzaEvent(xml=write(stanza)), aims, node.now()))


def end_elsewhere(node: Node, address: Address, resource: str) -> bool:
    """End the session that has a resource on another node, as a new one takes its name here; whether there is one."""
    company = node.companies[address.domain]
    found = company.elsewhere(address.local).get(resource)
    if found is None or not found.node:
        return False
    event = StanzaEvent(xml=write(element(TAKEN, at=str(node.now()))))
    node.spawn(node.call(node.pusher.deliver, event, {Target(address, f"{REF}{found.node}:{resource}")}, node.now()))
    return True
