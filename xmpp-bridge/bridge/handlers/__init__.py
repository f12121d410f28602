"""Who serves what: one place that names every handler by the stanza's kind and the namespace of its content."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from xml.etree.ElementTree import Element

from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.handlers import (
    about,
    archive,
    avatars,
    blocking,
    carbons,
    discovery,
    private,
    registration,
    roster,
    upload,
    vcards,
)
from bridge.handlers.messages import message
from bridge.handlers.presence import presence
from bridge.handlers.relaying import relay
from bridge.names import (
    BLOCKING,
    CARBONS,
    DISCO_INFO,
    DISCO_ITEMS,
    IQ,
    LAST,
    MAM,
    PING,
    PRIVATE,
    PUBSUB,
    REGISTER,
    ROSTER,
    SESSION,
    TIME,
    UPLOAD,
    VCARD,
    VERSION,
)
from bridge.session import Session
from chat.addresses import Address
from chat.errors import BadAddress

Handler = Callable[[Session, Element, Element, Address | None], Awaitable[Element | None]]
"""Serves an IQ: session, stanza, its child, and whose account it is about (None: the server's). Gives the result's
child."""

HANDLERS: dict[tuple[str, str], Handler] = {
    ("get", qualified(BLOCKING, "blocklist")): blocking.get,
    ("set", qualified(BLOCKING, "block")): blocking.block,
    ("set", qualified(BLOCKING, "unblock")): blocking.unblock,
    ("set", qualified(CARBONS, "enable")): carbons.enable,
    ("set", qualified(CARBONS, "disable")): carbons.disable,
    ("get", qualified(DISCO_INFO, "query")): discovery.information,
    ("get", qualified(DISCO_ITEMS, "query")): discovery.items,
    ("get", qualified(LAST, "query")): about.last,
    ("get", qualified(MAM, "metadata")): archive.metadata,
    ("get", qualified(MAM, "prefs")): archive.preferences,
    ("set", qualified(MAM, "prefs")): archive.set_preferences,
    ("get", qualified(MAM, "query")): archive.form,
    ("set", qualified(MAM, "query")): archive.query,
    ("get", qualified(PING, "ping")): about.ping,
    ("get", qualified(PRIVATE, "query")): private.get,
    ("set", qualified(PRIVATE, "query")): private.put,
    ("get", qualified(PUBSUB, "pubsub")): avatars.get,
    ("set", qualified(PUBSUB, "pubsub")): avatars.put,
    ("get", qualified(REGISTER, "query")): registration.get,
    ("set", qualified(REGISTER, "query")): registration.put,
    ("get", qualified(ROSTER, "query")): roster.get,
    ("set", qualified(ROSTER, "query")): roster.put,
    ("set", qualified(SESSION, "session")): about.session,
    ("get", qualified(TIME, "time")): about.time,
    ("get", qualified(UPLOAD, "request")): upload.request,
    ("get", qualified(VCARD, "vCard")): vcards.get,
    ("set", qualified(VCARD, "vCard")): vcards.put,
    ("get", qualified(VERSION, "query")): about.version,
}

BESIDE = frozenset({("get", qualified(VCARD, "vCard")), ("get", qualified(PUBSUB, "pubsub"))})
"""What may wait for a photo: it is answered beside all else."""
LONG = frozenset({("set", qualified(MAM, "query"))})
"""What sends much: it takes turns, beside the reading of what the client sends (``bridge.turns``)."""

__all__ = ["HANDLERS", "iq", "message", "presence", "roster"]


async def iq(session: Session, stanza: Element) -> None:
    """Serve an IQ, or relay it to the resource that it is for (RFC 6121 §8.5).

    Raises:
        StanzaError: it cannot be served.
    """
    kind, to = stanza.get("type"), stanza.get("to")
    if kind not in ("get", "set", "result", "error") or not stanza.get("id"):
        raise StanzaError("bad-request", "an IQ has an id, and one of four types")
    if kind in ("get", "set") and len(stanza) != 1:
        raise StanzaError("bad-request", "a request has one child")
    owner = _owner(session, to)
    if to is not None and "/" in to and to != session.jid:
        await relay(session, stanza)
        return
    if kind not in ("get", "set"):
        return  # an answer to the server, which asks for none but what a roster push is
    if owner is not None and session.node.companies[owner.domain].directory.entry(owner.local) is None:
        raise StanzaError("service-unavailable", f"{owner} cannot be reached")
    handler = HANDLERS.get((kind, stanza[0].tag))
    if handler is None:
        raise StanzaError("service-unavailable")
    if (kind, stanza[0].tag) in LONG:
        await session.turns.take(_in_turn(session, stanza, handler, owner))
    elif (kind, stanza[0].tag) in BESIDE:
        session.node.photos.answer(session.jid, _in_turn(session, stanza, handler, owner))
    else:
        await _answer(session, stanza, handler, owner)


async def _answer(session: Session, stanza: Element, handler: Handler, owner: Address | None) -> bool:
    result = await handler(session, stanza, stanza[0], owner)
    sender = stanza.get("to") or session.bare
    session.send(element(IQ, result, type="result", id=stanza.get("id"), from_=sender, to=session.jid))
    return False


async def _in_turn(session: Session, stanza: Element, handler: Handler, owner: Address | None) -> None:
    await session.guard(stanza, _answer(session, stanza, handler, owner))


def _owner(session: Session, to: str | None) -> Address | None:
    """Whose account an IQ is about: the user's own, a colleague's, or None for the server.

    Raises:
        StanzaError: another server's.
    """
    if to is None:
        return session.address
    bare = to.partition("/")[0]
    if bare == session.address.domain or (bare == upload.host(session) and session.node.uploads is not None):
        return None
    try:
        address = Address.parse(bare)
    except BadAddress as error:
        if bare.endswith(f".{session.address.domain}"):
            raise StanzaError("item-not-found", f"there is no service {bare}") from error
        raise StanzaError("remote-server-not-found", "other servers cannot be reached from here") from error
    if address.domain != session.address.domain:
        raise StanzaError("remote-server-not-found", "other servers cannot be reached from here")
    return address
