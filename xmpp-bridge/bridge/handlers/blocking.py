"""Blocking (XEP-0191), which webmail honours too. Only colleagues can be blocked, as nobody else is reachable."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge import elsewhere, routing
from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.names import BLOCKING, BLOCKING_ERRORS, IQ
from bridge.session import Session
from chat import blocking as rules
from chat import ids
from chat.addresses import Address
from chat.errors import BadAddress

_ITEM = qualified(BLOCKING, "item")


async def get(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> Element:
    """Who is blocked."""
    _check_own(session, owner)
    session.block_interested = True
    blocked = sorted(session.node.own(session.address).blocked)
    items = (element(_ITEM, jid=f"{local}@{session.address.domain}") for local in blocked)
    return element(qualified(BLOCKING, "blocklist"), *items)


async def block(session: Session, _stanza: Element, query: Element, owner: Address | None) -> None:
    """Block people: they see the user as gone, and their messages are refused."""
    _check_own(session, owner)
    contacts = _contacts(session, query)
    if not contacts:
        raise StanzaError("bad-request", "block names at least one JID")
    node = session.node
    await node.call(rules.block, node.tables, session.address, contacts, node.now())
    await _changed(session, element(qualified(BLOCKING, "block"), *query))


async def unblock(session: Session, _stanza: Element, query: Element, owner: Address | None) -> None:
    """Unblock people, or with no item everybody."""
    _check_own(session, owner)
    node = session.node
    contacts = _contacts(session, query) or None
    await node.call(rules.unblock, node.tables, session.address, contacts, node.now())
    await _changed(session, element(qualified(BLOCKING, "unblock"), *query))


def refusal() -> StanzaError:
    """What somebody is answered who writes to a contact that he has blocked himself (XEP-0191 §3.3)."""
    return StanzaError(
        "not-acceptable", "you have blocked this contact", more=element(qualified(BLOCKING_ERRORS, "blocked"))
    )


def _contacts(session: Session, query: Element) -> list[Address]:
    found: list[Address] = []
    for item in query.iterfind(_ITEM):
        try:
            contact = Address.parse(item.get("jid", "").partition("/")[0])
        except BadAddress as error:
            raise StanzaError("item-not-found", "only people of your domain can be blocked") from error
        if contact.domain != session.address.domain or contact == session.address:
            raise StanzaError("item-not-found", "only colleagues can be blocked")
        found.append(contact)
    return found


async def _changed(session: Session, pushed: Element) -> None:
    """Show what it changes, and tell all clients of the user, on all nodes."""
    node, address = session.node, session.address
    await elsewhere.read_settings(node, address)
    stanza = element(IQ, pushed, type="set", id=f"push-{ids.new(node.now())[-12:]}", from_=str(address))
    for own in node.sessions_of(address):
        if own.block_interested:
            own.send(element(IQ, pushed, type="set", id=stanza.get("id"), from_=str(address), to=own.jid))
    routing.push_elsewhere(node, address, stanza)


def _check_own(session: Session, owner: Address | None) -> None:
    if owner != session.address:
        raise StanzaError("forbidden", "a block list is its owner's alone")
