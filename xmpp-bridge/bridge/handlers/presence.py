"""Presence of a client (RFC 6121 §4): its own, directed, probes, and subscriptions, which are always there."""

from __future__ import annotations

import asyncio
import logging
from xml.etree.ElementTree import Element

from botocore.exceptions import BotoCoreError, ClientError

from bridge import broadcasts, envelopes, routing
from bridge.elements import element, write
from bridge.errors import StanzaError
from bridge.names import CLIENT, PRESENCE
from bridge.session import MAX_DIRECTED, Session
from chat import archive, ids, trail
from chat.addresses import Address
from chat.errors import BadAddress
from chat.presence import Status
from chat.store import StoreBusy
from chat.trail import Step

logger = logging.getLogger(__name__)

MAX_PAYLOAD = 1024
"""Characters of a presence stanza's content, which is in every read of the user's presence."""
MAX_OFFLINE = 500
"""Messages that are delivered as offline messages; earlier ones are in the archive."""
_PAUSES = (1, 2, 4, 8)
"""Seconds after which messages that could not be read are read again; at last they stay for the next client."""
_SHOWS = {"": Status.AVAILABLE, "chat": Status.AVAILABLE, "away": Status.AWAY, "xa": Status.AWAY, "dnd": Status.BUSY}
_SUBSCRIPTIONS = frozenset(("subscribe", "subscribed", "unsubscribe", "unsubscribed"))


async def presence(session: Session, stanza: Element) -> None:
    """Take a presence stanza.

    Raises:
        StanzaError: it cannot be taken.
    """
    kind, to = stanza.get("type"), stanza.get("to")
    if to is not None and to not in (session.bare, session.jid):
        await _to_somebody(session, stanza, kind, to)
    elif kind is None:
        await _available(session, stanza)
    elif kind == "unavailable":
        await _unavailable(session, stanza)
    elif kind == "probe":
        broadcasts.show_one(session, session.address)
    elif kind not in _SUBSCRIPTIONS and kind != "error":
        raise StanzaError("bad-request", f"{kind[:40]!a} is not a type of presence")


async def _available(session: Session, stanza: Element) -> None:
    status, priority, payload = _read(stanza)
    before = (session.available, session.status, session.priority, session.payload)
    first = not session.available
    if before == (True, status, priority, payload):
        return
    node, delivers = session.node, priority >= 0 and (first or session.priority < 0)
    since = await _delivered(session) if delivers else ""
    session.available, session.status, session.priority, session.payload = True, status, priority, payload
    if first:
        session.live_from = ids.lowest(node.now())
    try:
        await broadcasts.register(session)
    except BaseException:
        session.available, session.status, session.priority, session.payload = before
        raise
    if priority < 0:
        broadcasts.gets_no_more(session)
    broadcasts.announce(session)
    if first or delivers:
        await session.turns.take(_welcome(session, first, since if delivers else None))


async def _delivered(session: Session) -> str:
    """The newest message that the user's clients were given, over any node."""
    node, address = session.node, session.address
    return max((await node.reload_own(address)).delivered, node.delivered.mark(address))


async def _welcome(session: Session, first: bool, since: str | None) -> None:
    """Show a client that has come who is there, and deliver what came behind ``since``, if it takes messages."""
    if first:
        await broadcasts.show_everybody(session)
    if since is None:
        return
    for pause in (*_PAUSES, None):
        try:
            if await _deliver_offline(session, since):
                session.outbox.gets_all = session.available and session.priority >= 0
            return
        except (StoreBusy, ClientError, BotoCoreError):
            if pause is None:
                raise
            logger.warning("offline messages could not be read", exc_info=True, extra={"session": session.name})
            await asyncio.sleep(pause)


def _read(stanza: Element) -> tuple[Status, int, str]:
    show = (stanza.findtext(f"{{{CLIENT}}}show") or "").strip()
    if show not in _SHOWS:
        raise StanzaError("bad-request", f"{show[:40]!a} is not a value of show")
    text = (stanza.findtext(f"{{{CLIENT}}}priority") or "0").strip()
    try:
        priority = int(text)
    except ValueError:
        priority = 1000
    if not -128 <= priority <= 127:
        raise StanzaError("bad-request", "priority is a number from -128 to 127")
    return _SHOWS[show], priority, _content(stanza)


def _content(stanza: Element) -> str:
    """The stanza's children as text."""
    for child in stanza:
        child.tail = None
    content = "".join(write(child) for child in stanza)
    if len(content) > MAX_PAYLOAD:
        raise StanzaError("policy-violation", f"the presence has {len(content)} characters, allowed are {MAX_PAYLOAD}")
    return content


async def _unavailable(session: Session, stanza: Element) -> None:
    if session.available:
        await broadcasts.leave(session, _content(stanza))


async def _deliver_offline(session: Session, since: str) -> bool:
    """Deliver what came while no client was there (XEP-0160), but not what its client could find in the archive.

    ``since``: the newest message that the user's clients were given before this one became available. Returns whether
    all of it has been sent.
    """
    node, owner = session.node, session.address
    since = max(since, session.archive_until)
    read = {} if since else await node.call(_read_in_webmail, session)
    found = await node.call(archive.since, node.tables, owner, since, MAX_OFFLINE)
    company = node.companies[owner.domain]
    for message in found:
        to_alias = message.recipient.local in company.directory.aliases
        envelope = envelopes.of(message, to_alias)
        if session.has(message.id) or envelope.senders & node.own(owner).blocked:
            continue
        if message.id <= read.get(message.recipient if to_alias else message.sender, ""):
            continue
        if not await session.outbox.room() or not session.available:
            return False
        session.give(envelope.stanza(owner, delayed=True), message.id)
        trail.note(Step.LATE, message.id, to=[session.name])
    return True


def _read_in_webmail(session: Session) -> dict[Address, str]:
    """For a user's first client: up to where each contact's messages were read in webmail; they are left out."""
    _, reads = session.node.tables.history.inbox(session.address)
    return reads


async def _to_somebody(session: Session, stanza: Element, kind: str | None, to: str) -> None:
    node = session.node
    bare, _, resource = to.partition("/")
    if bare == session.address.domain:
        return
    try:
        contact = Address.parse(bare)
    except BadAddress:
        contact = None
    if contact is None or contact.domain != session.address.domain:
        if kind in ("probe", "unavailable", "unsubscribe", "unsubscribed"):
            return
        raise StanzaError("remote-server-not-found", "other servers cannot be reached from here")
    known = node.companies[contact.domain].directory.entry(contact.local) is not None
    if kind in _SUBSCRIPTIONS:
        _subscription(session, contact, kind, known)
    elif kind == "probe":
        if not broadcasts.show_one(session, contact):
            session.deliver(broadcasts.presence_text(str(contact), session.jid, None))
    elif kind in (None, "unavailable"):
        if known and broadcasts.sees(node, session.address, contact):
            _direct(session, stanza, contact, resource, kind)
    elif kind != "error":
        raise StanzaError("bad-request", f"{kind[:40]!a} is not a type of presence")


def _subscription(session: Session, contact: Address, kind: str | None, known: bool) -> None:
    """Everybody of a domain has subscribed to everybody for good (design: contacts are the directory)."""
    if kind == "subscribe":
        if not known:
            raise StanzaError("item-not-found", f"{contact} is not one of your contacts")
        session.send(element(PRESENCE, from_=str(contact), to=session.bare, type="subscribed"))
        broadcasts.show_one(session, contact)
    elif kind == "unsubscribe":
        raise StanzaError("not-allowed", "colleagues cannot be removed; block them, or move them to a group")


def _direct(session: Session, stanza: Element, contact: Address, resource: str, kind: str | None) -> None:
    """Presence for one entity; it is told too when the session ends (RFC 6121 §4.6)."""
    node = session.node
    to = stanza.get("to") or ""
    if kind is not None:
        session.directed.discard(to)
    elif to in session.directed or len(session.directed) < MAX_DIRECTED:
        session.directed.add(to)
    else:
        raise StanzaError("resource-constraint", f"presence is sent to at most {MAX_DIRECTED} entities beside contacts")
    if resource:
        routing.send_to(node, contact, resource, stanza)
        return
    for other in node.sessions_of(contact):
        if other.available:
            other.send(stanza)
    routing.push_elsewhere(node, contact, stanza)
