"""Copies of messages for a user's other clients (XEP-0280)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.session import Session
from chat.addresses import Address


async def enable(session: Session, _stanza: Element, _query: Element, _owner: Address | None) -> None:
    session.carbons = True


async def disable(session: Session, _stanza: Element, _query: Element, _owner: Address | None) -> None:
    session.carbons = False
