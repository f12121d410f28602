"""IQs from one client to another's."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge import broadcasts, routing
from bridge.errors import StanzaError
from bridge.session import Session
from chat.addresses import Address
from chat.errors import BadAddress


async def relay(session: Session, stanza: Element) -> None:
    """Relay an IQ to a full JID of the same domain, on whatever node it is.

    Raises:
        StanzaError: there is no such resource, or it may not be asked.
    """
    bare, _, resource = (stanza.get("to") or "").partition("/")
    try:
        address = Address.parse(bare)
    except BadAddress as error:
        raise StanzaError("service-unavailable") from error
    if not broadcasts.sees(session.node, session.address, address):
        raise StanzaError("service-unavailable")
    if not routing.send_to(session.node, address, resource, stanza) and stanza.get("type") in ("get", "set"):
        raise StanzaError("service-unavailable", "there is no such resource")
