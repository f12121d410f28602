"""vCards (XEP-0054) from the directory's details. They are the administrator's: clients read them."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element

from slixmpp.plugins.xep_0054.stanza import VCardTemp

from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.names import VCARD
from bridge.photos import Photo
from bridge.session import Session
from chat.addresses import Address
from chat.entries import Alias, User


async def get(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> Element:
    """The vCard of a user or an alias, with the photo where it can be had."""
    if owner is None:
        raise StanzaError("service-unavailable")
    entry = session.node.companies[owner.domain].directory.entry(owner.local)
    if entry is None:
        raise StanzaError("item-not-found" if owner == session.address else "service-unavailable")
    if not isinstance(entry, User) or not entry.profile.photo:
        return card(entry)
    photos = session.node.photos
    await photos.fetched(entry.profile.photo)
    await session.outbox.room()  # before there is a large answer
    return card(entry, photos.get(entry.profile.photo))


async def put(_session: Session, _stanza: Element, _query: Element, _owner: Address | None) -> None:
    """Details come from the mail server's directory."""
    raise StanzaError("not-allowed", "your details are kept by your mail domain's administrator")


def card(entry: User | Alias, photo: tuple[Photo, bytes] | None = None) -> Element:
    """The details of an entry as a vCard. A photo that is not here is named by its URL."""
    made = VCardTemp()
    found: Element = made.xml
    address = str(entry.address)
    if isinstance(entry, Alias):
        found.extend([_part("FN", entry.name or entry.address.local), _part("JABBERID", address)])
        found.append(element(_tag("EMAIL"), _part("INTERNET"), _part("USERID", address)))
        members = ", ".join(str(member) for member in entry.members)
        found.append(_part("DESC", f"Reaches {members}" if members else "Reaches nobody"))
        return found
    profile = entry.profile
    found.append(_part("FN", profile.name or entry.address.local))
    given, _, family = profile.name.rpartition(" ")
    found.append(element(_tag("N"), _part("FAMILY", family), _part("GIVEN", given)))
    found.append(_part("JABBERID", address))
    found.append(element(_tag("EMAIL"), _part("INTERNET"), _part("USERID", address)))
    if profile.title:
        found.append(_part("TITLE", profile.title))
    if profile.department:
        found.append(element(_tag("ORG"), _part("ORGNAME", entry.address.domain), _part("ORGUNIT", profile.department)))
    found.extend(element(_tag("TEL"), _part("WORK"), _part("VOICE"), _part("NUMBER", each)) for each in profile.phones)
    if photo is not None:
        about, picture = photo
        content = base64.b64encode(picture).decode()
        found.append(element(_tag("PHOTO"), _part("TYPE", about.kind), _part("BINVAL", content)))
    elif profile.photo:
        found.append(element(_tag("PHOTO"), _part("EXTVAL", profile.photo)))
    return found


def _part(name: str, text: str = "") -> Element:
    return element(_tag(name), text)


def _tag(name: str) -> str:
    return qualified(VCARD, name)
