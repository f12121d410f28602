"""Messages of a client (RFC 6121 §5, §8.5): those with text are stored and then delivered, the others passed on."""

from __future__ import annotations

import asyncio
from xml.etree.ElementTree import Element

from chat.aws import metrics
from bridge import broadcasts, routing
from bridge.elements import namespace_of, qualified, write
from bridge.envelopes import KINDS, Envelope, text_body
from bridge.errors import StanzaError, of_chat_error
from bridge.handlers.blocking import refusal
from bridge.handling import Token
from bridge.names import ADDRESSES, BODY, CHAT_STATES, DELAY, IDS, MARKERS
from bridge.repeats import mark_of
from bridge.session import Session
from bridge.storing import NotStored
from chat import ids, notices, texts
from chat.addresses import Address
from chat.callers import Caller
from chat.entries import Alias
from chat.errors import BadAddress, Busy, ChatError
from chat.group_sending import Draft
from chat.tables.history import XMPP, Message, Thread

MAX_EXTENSIONS = 32 * 1024
"""Bytes of what a message has beside its body; it is stored, and pushed to other nodes in a frame of 128 KB."""
MAX_PASSED = 48 * 1024
"""Bytes of a message that is not stored: it is pushed to other nodes in a frame of 128 KB, with its quotes escaped."""
MAX_ID = 256
"""Characters of a stanza's id, which is stored."""
_SEARCHED = 50
"""Newest messages of a thread among which a read mark's message is looked for."""


async def message(session: Session, stanza: Element, token: Token) -> bool:
    """Take a message; whether it is being stored, so that ``token`` is finished later.

    Raises:
        StanzaError: it cannot be sent.
    """
    kind = stanza.get("type", "normal")
    if kind not in KINDS:
        kind = "normal"
    recipient = _recipient(session, stanza)
    if recipient is None:
        raise StanzaError("service-unavailable", "the server itself reads no messages")
    _check_resource(session, stanza, kind, recipient)
    _clean(stanza, session)
    body = text_body(stanza)
    if body is not None and kind != "error":  # a headline too: every message is kept
        return await _store(session, stanza, body, kind, recipient, token)
    _check_known(session, recipient)
    size = len(write(stanza).encode())
    if size > MAX_PASSED:
        raise StanzaError("policy-violation", f"the message has {size} bytes, allowed without text are {MAX_PASSED}")
    if kind != "error":
        await _translate(session, stanza, recipient)
    if _alias(session, recipient) is None:
        routing.pass_on(session.node, stanza, recipient, session)
    return False


def _recipient(session: Session, stanza: Element) -> Address | None:
    """Who gets it; without ``to`` the user's own account (RFC 6121 §8.1.1.1); None for what goes to the server."""
    to = stanza.get("to")
    if to is None:
        stanza.set("to", session.bare)
        return session.address
    bare = to.partition("/")[0]
    if bare == session.address.domain:
        return None
    try:
        address = Address.parse(bare)
    except BadAddress as error:
        raise StanzaError("remote-server-not-found", "other servers cannot be reached from here") from error
    if address.domain != session.address.domain:
        raise StanzaError("remote-server-not-found", "other servers cannot be reached from here")
    return address


def _check_resource(session: Session, stanza: Element, kind: str, recipient: Address) -> None:
    """What is no chat goes to the resource that it names or to none (RFC 6121 §8.5.2.1.1, §8.5.3.2.1); errors name one.
    There are no rooms, and a message to one would be kept nowhere."""
    resource = (stanza.get("to") or "").partition("/")[2]
    if kind == "groupchat":
        raise StanzaError("service-unavailable", "there are no rooms here")
    if not resource and kind == "error":
        raise StanzaError("service-unavailable", "an error answers one resource")
    if resource and kind != "chat" and not routing.is_there(session.node, recipient, resource):
        raise StanzaError("service-unavailable", f"{stanza.get('to')} is not there")


def _clean(stanza: Element, session: Session) -> None:
    """Take out what only we may say: archive ids by this domain (XEP-0359 §6), delays in its name, and that a message
    is for one of its aliases (XEP-0033)."""
    domain = session.address.domain
    for child in list(stanza):
        forged_id = child.tag == qualified(IDS, "stanza-id") and _domain(child.get("by", "")) == domain
        forged_delay = child.tag == qualified(DELAY, "delay") and _domain(child.get("from", "")) == domain
        forged_alias = child.tag == qualified(ADDRESSES, "addresses") and any(
            _domain(each.get("jid", "")) == domain for each in child
        )
        if forged_id or forged_delay or forged_alias:
            stanza.remove(child)


def _domain(jid: str) -> str:
    return jid.partition("/")[0].rpartition("@")[2].lower()


def _alias(session: Session, recipient: Address) -> Alias | None:
    return session.node.companies[recipient.domain].directory.aliases.get(recipient.local)


def _check_known(session: Session, recipient: Address) -> None:
    company = session.node.companies[recipient.domain]
    if company.directory.entry(recipient.local) is None:
        raise StanzaError("service-unavailable", f"{recipient} cannot be reached")
    if recipient.local in session.node.own(session.address).blocked:
        raise refusal()
    if session.address.local in company.blocked_by(recipient.local):
        raise StanzaError("service-unavailable", f"{recipient} cannot be reached")


async def _store(session: Session, stanza: Element, text: Element, kind: str, recipient: Address, token: Token) -> bool:
    """Have a message stored. One that is there already is stored and told again, as that may have been half done."""
    node = session.node
    _check_known(session, recipient)
    try:
        body = texts.check_body(text.text or "")
    except ChatError as error:
        raise of_chat_error(error) from error
    extensions = tuple(write(each) for each in _others(stanza, text))
    size = sum(len(each.encode()) for each in extensions)
    if size > MAX_EXTENSIONS:
        raise StanzaError(
            "policy-violation", f"beside its body the message has {size} bytes, allowed are {MAX_EXTENSIONS}"
        )
    origin = stanza.get("id", "")
    if len(origin) > MAX_ID:
        raise StanzaError("policy-violation", f"the id has {len(origin)} characters, allowed are {MAX_ID}")
    alias = _alias(session, recipient)
    away = not alias and recipient != session.address and not broadcasts.is_present(node, recipient)
    if away and session.address.local in await node.blocks_of(recipient):
        raise StanzaError("service-unavailable", f"{recipient} cannot be reached")
    thread = Thread.of_alias(recipient) if alias else Thread.between(session.address, recipient)
    mark = mark_of(stanza)
    before = node.storing.pending(session.address, thread, mark) if session.repeats.are_expected else None
    if before is not None:  # it came over a session that has ended, and is on its way
        before.add_done_callback(lambda done: _stored(session, stanza, token, done))
        return True
    known = await session.repeats.find(node, session.address, thread, mark)
    await node.storing.room()
    stored = known or Message(
        node.storing.new_id(),
        session.address,
        recipient,
        body,
        XMPP,
        extensions,
        origin,
        "" if kind == "chat" else kind,
        session.resource,
    )
    alone = known is None and not alias and node.storing.alone.are(session.address, recipient)
    envelope = Envelope(stored, session.jid, stanza.get("to") or str(recipient), kind, alias is not None)
    delivery = routing.Outgoing(node, envelope, alias, session, write(stanza), mark)
    future = node.storing.add(Draft(stored, alias, alone), delivery)
    future.add_done_callback(lambda done: _stored(session, stanza, token, done))
    return True


def _others(stanza: Element, text: Element) -> list[Element]:
    """All but the body that is the message's text and those without any, each without the text behind it."""
    found: list[Element] = []
    for child in stanza:
        child.tail = None
        is_blank = child.tag == BODY and not (child.text or "").strip()
        if not is_blank and (child is not text or child.attrib):
            found.append(child)
    return found


def _stored(session: Session, stanza: Element, token: Token, done: asyncio.Future[None]) -> None:
    if not done.cancelled() and isinstance(done.exception(), NotStored):
        metrics.note_outcome(Busy.code)
        session.repeats.expect()
        session.refuse(stanza, StanzaError("resource-constraint", "the message was not stored; send it again"))
    session.finish(token)


# Typing and read marks for webmail.


async def _translate(session: Session, stanza: Element, recipient: Address) -> None:
    """Tell webmail of typing and reading, which it has as events."""
    for child in stanza:
        namespace = namespace_of(child)
        if namespace == CHAT_STATES:
            active = child.tag == qualified(CHAT_STATES, "composing")
            if session.node.typing.is_news(session.address, recipient, active):
                _tell(session, notices.typing, recipient, active)
        elif child.tag == qualified(MARKERS, "displayed"):
            await _mark_read(session, recipient, child.get("id", ""))


async def _mark_read(session: Session, peer: Address, stanza_id: str) -> None:
    node = session.node
    if not stanza_id or len(stanza_id) > MAX_ID:
        return
    alias = _alias(session, peer)
    thread = Thread.of_alias(peer) if alias else Thread.between(session.address, peer)
    if ids.is_id(stanza_id):
        found: str | None = stanza_id
    else:
        newest, _ = await node.call(lambda: node.tables.history.messages(thread, newest_first=True, limit=_SEARCHED))
        found = next((each.id for each in newest if each.origin == stanza_id and each.sender != session.address), None)
    if found:
        _tell(session, notices.mark_read, peer, found)


def _tell(session: Session, notice: object, contact: Address, what: object) -> None:
    caller = Caller(session.address, f"xmpp:{session.node.name}:{session.resource}")
    session.node.spawn(_try(session, notice, caller, contact, what))


async def _try(session: Session, notice: object, caller: Caller, contact: Address, what: object) -> None:
    node = session.node
    try:
        await node.call(notice, node.tables, node.pusher, caller, contact, what, node.now())  # type: ignore[arg-type]
    except ChatError:
        return  # the session has no presence, or the contact is gone: nothing is to be told
