"""Avatars as personal eventing has them (XEP-0084, XEP-0163): the directory's photos. Nothing else has items."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element

from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.names import AVATAR_DATA, AVATAR_METADATA, PUBSUB, PUBSUB_ERRORS
from bridge.photos import Photo
from bridge.session import Session
from chat.addresses import Address
from chat.entries import User


async def get(session: Session, _stanza: Element, query: Element, owner: Address | None) -> Element:
    """The items of a node: of a user's photo what it is, or its bytes.

    Raises:
        StanzaError: there are none.
    """
    asked = query.find(qualified(PUBSUB, "items"))
    if asked is None or owner is None:
        raise StanzaError("feature-not-implemented", more=element(qualified(PUBSUB_ERRORS, "unsupported")))
    entry = session.node.companies[owner.domain].directory.entry(owner.local)
    if entry is None:
        raise StanzaError("service-unavailable")
    node = asked.get("node", "")
    if node not in (AVATAR_METADATA, AVATAR_DATA) or not isinstance(entry, User) or not entry.profile.photo:
        raise StanzaError("item-not-found")
    photos = session.node.photos
    await photos.fetched(entry.profile.photo)
    await session.outbox.room()
    found = photos.get(entry.profile.photo)
    wanted = {each.get("id") for each in asked.iterfind(qualified(PUBSUB, "item"))}
    if found is None or (wanted and found[0].id not in wanted):
        raise StanzaError("item-not-found")
    photo, picture = found
    content = _metadata(photo) if node == AVATAR_METADATA else _data(picture)
    item = element(qualified(PUBSUB, "item"), content, id=photo.id)
    return element(qualified(PUBSUB, "pubsub"), element(qualified(PUBSUB, "items"), item, node=node))


async def put(_session: Session, _stanza: Element, query: Element, _owner: Address | None) -> None:
    """Nothing can be published: photos come from the directory, and bookmarks would name rooms, which do not exist."""
    feature = "publish" if query.find(qualified(PUBSUB, "publish")) is not None else "subscribe"
    more = element(qualified(PUBSUB_ERRORS, "unsupported"), feature=feature)
    raise StanzaError("feature-not-implemented", more=more)


def _metadata(photo: Photo) -> Element:
    info = element(qualified(AVATAR_METADATA, "info"), bytes=str(photo.size), id=photo.id, type=photo.kind)
    return element(qualified(AVATAR_METADATA, "metadata"), info)


def _data(picture: bytes) -> Element:
    return element(qualified(AVATAR_DATA, "data"), base64.b64encode(picture).decode())
