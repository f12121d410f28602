"""Small questions to the server: ping, version, time, last activity."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.names import TIME, VERSION
from bridge.session import Session
from chat.addresses import Address

RELEASE = "0.1.0"


async def ping(_session: Session, _stanza: Element, _query: Element, _owner: Address | None) -> None:
    """XEP-0199."""


async def session(_session: Session, _stanza: Element, _query: Element, _owner: Address | None) -> None:
    """The session of RFC 3921, which older clients still ask for; it has been there since binding."""


async def version(_session: Session, _stanza: Element, _query: Element, owner: Address | None) -> Element:
    """XEP-0092, of the server."""
    if owner is not None:
        raise StanzaError("service-unavailable")
    name, release = (qualified(VERSION, each) for each in ("name", "version"))
    return element(qualified(VERSION, "query"), element(name, "Company chat"), element(release, RELEASE))


async def time(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> Element:
    """XEP-0202, of the server: UTC."""
    if owner is not None:
        raise StanzaError("service-unavailable")
    now = datetime.fromtimestamp(session.node.now() // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    zone, utc = (qualified(TIME, each) for each in ("tzo", "utc"))
    return element(qualified(TIME, "time"), element(zone, "+00:00"), element(utc, now))


async def last(_session: Session, _stanza: Element, _query: Element, _owner: Address | None) -> Element:
    """XEP-0012 is not kept: the answer is the one for what is not known."""
    raise StanzaError("service-unavailable", "when somebody was here last is not kept")
