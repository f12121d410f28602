"""Copies of messages for a user's other clients (XEP-0280)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.errors import StanzaError
from bridge.session import Session
from chat.addresses import Address


async def enable(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> None:
    _check_own(session, owner)
    session.carbons = True


async def disable(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> None:
    _check_own(session, owner)
    session.carbons = False


def _check_own(session: Session, owner: Address | None) -> None:
    if owner not in (None, session.address):
        raise StanzaError("forbidden", "carbons are turned on for oneself")
