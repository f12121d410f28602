"""Private XML (XEP-0049): there is nothing kept, and it says so, so that clients which ask for bookmarks go on."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.names import PRIVATE
from bridge.session import Session
from chat.addresses import Address


async def get(session: Session, _stanza: Element, query: Element, owner: Address | None) -> Element:
    """What is asked for, empty."""
    _check_own(session, owner)
    if len(query) != 1:
        raise StanzaError("bad-request", "one element is asked for at a time")
    return element(qualified(PRIVATE, "query"), element(query[0].tag))


async def put(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> None:
    """Nothing is stored: there are no rooms that bookmarks could name."""
    _check_own(session, owner)
    raise StanzaError("not-allowed", "private XML is not stored here")


def _check_own(session: Session, owner: Address | None) -> None:
    if owner != session.address:
        raise StanzaError("forbidden")
