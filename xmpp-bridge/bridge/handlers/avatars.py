"""Personal eventing as far as contacts need it (XEP-0163): nobody has items, and clients that ask go on."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.names import PUBSUB, PUBSUB_ERRORS
from bridge.session import Session
from chat.addresses import Address


async def get(session: Session, _stanza: Element, query: Element, owner: Address | None) -> Element:
    """The items of a node; there is none."""
    asked = query.find(qualified(PUBSUB, "items"))
    if asked is None or owner is None:
        raise StanzaError("feature-not-implemented", more=element(qualified(PUBSUB_ERRORS, "unsupported")))
    if session.node.companies[owner.domain].directory.entry(owner.local) is None:
        raise StanzaError("service-unavailable")
    raise StanzaError("item-not-found")


async def put(_session: Session, _stanza: Element, query: Element, _owner: Address | None) -> None:
    """Nothing can be published: photos come from the directory, and bookmarks would name rooms, which do not exist."""
    feature = "publish" if query.find(qualified(PUBSUB, "publish")) is not None else "subscribe"
    more = element(qualified(PUBSUB_ERRORS, "unsupported"), feature=feature)
    raise StanzaError("feature-not-implemented", more=more)
