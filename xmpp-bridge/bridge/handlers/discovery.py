"""Service discovery (XEP-0030)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge import capabilities
from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.handlers import upload
from bridge.names import DISCO_ITEMS
from bridge.session import Session
from chat.addresses import Address


async def information(session: Session, stanza: Element, query: Element, owner: Address | None) -> Element:
    """What the server, its service for uploads, one's own account, or a contact can do."""
    node, largest = query.get("node"), session.node.largest_upload
    if largest is not None and stanza.get("to") == upload.host(session):
        return capabilities.upload(largest)
    if node and owner is None and node != f"{capabilities.NODE}#{session.node.caps.get('ver')}":
        raise StanzaError("item-not-found")
    if owner is None:
        found = capabilities.server(largest)
    elif owner == session.address:
        found = capabilities.account()
    else:
        if session.node.companies[owner.domain].directory.entry(owner.local) is None:
            raise StanzaError("service-unavailable")
        found = capabilities.contact()
    if node:
        found.set("node", node)
    return found


async def items(session: Session, stanza: Element, query: Element, owner: Address | None) -> Element:
    """Below the server there is its service for uploads: some clients look for it there alone. Nothing else has items:
    there are no rooms and no gateways."""
    if owner is not None and session.node.companies[owner.domain].directory.entry(owner.local) is None:
        raise StanzaError("service-unavailable")
    found = element(qualified(DISCO_ITEMS, "query"), node=query.get("node"))
    if stanza.get("to") == session.address.domain and not found.get("node") and session.node.uploads is not None:
        found.append(element(qualified(DISCO_ITEMS, "item"), jid=upload.host(session), name="File upload"))
    return found
