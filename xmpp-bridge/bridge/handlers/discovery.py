"""Service discovery (XEP-0030)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge import capabilities
from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.names import DISCO_ITEMS
from bridge.session import Session
from chat.addresses import Address


async def information(session: Session, _stanza: Element, query: Element, owner: Address | None) -> Element:
    """What the server, one's own account, or a contact can do."""
    node = query.get("node")
    if node and owner is None and node != f"{capabilities.NODE}#{session.node.caps.get('ver')}":
        raise StanzaError("item-not-found")
    if owner is None:
        found = capabilities.server(session.node.largest_upload)
    elif owner == session.address:
        found = capabilities.account()
    else:
        if session.node.companies[owner.domain].directory.entry(owner.local) is None:
            raise StanzaError("service-unavailable")
        found = capabilities.contact()
    if node:
        found.set("node", node)
    return found


async def items(session: Session, _stanza: Element, query: Element, owner: Address | None) -> Element:
    """Nothing is below the server or an account: no rooms, no gateways."""
    if owner is not None and session.node.companies[owner.domain].directory.entry(owner.local) is None:
        raise StanzaError("service-unavailable")
    return element(qualified(DISCO_ITEMS, "query"), node=query.get("node"))
