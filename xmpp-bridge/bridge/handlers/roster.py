"""The roster (RFC 6121 §2): the domain's directory, with own names and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bridge import routing
from bridge.company import Company
from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.names import IQ, ROSTER
from bridge.session import Session
from chat import ids
from chat.addresses import Address
from chat.entries import Alias, User
from chat.errors import BadAddress
from chat.tables.directory import OwnContact
from chat.tables.directory import Settings as OwnSettings

if TYPE_CHECKING:
    from bridge.node import Node

ALIASES = "Aliases"
"""The group that aliases are in."""
_QUERY = qualified(ROSTER, "query")
_ITEM = qualified(ROSTER, "item")
_GROUP = qualified(ROSTER, "group")


async def get(session: Session, _stanza: Element, query: Element, owner: Address | None) -> Element | None:
    """The roster, or nothing where the client has this version of it (RFC 6121 §2.6)."""
    _check_own(session, owner)
    node = session.node
    company, own = node.companies[session.address.domain], node.own(session.address)
    session.interested, session.roster_version = True, (version := _version(company, own))
    session.roster_changes.clear()
    if query.get("ver") == version:
        return None
    entries: list[User | Alias] = [*company.directory.aliases.values(), *company.directory.users.values()]
    items = [item(entry, own) for entry in entries if entry.address != session.address]
    return element(_QUERY, *items, ver=version)


async def put(session: Session, _stanza: Element, query: Element, owner: Address | None) -> None:
    """Rename or group a contact, for oneself. Strangers cannot be added, and colleagues not removed."""
    _check_own(session, owner)
    if len(query) != 1 or query[0].tag != _ITEM:
        raise StanzaError("bad-request", "a roster change has one item")
    given = query[0]
    try:
        contact = Address.parse(given.get("jid", ""))
    except BadAddress as error:
        raise StanzaError("not-allowed", "only people of your domain can be contacts") from error
    node, own_address = session.node, session.address
    company = node.companies[own_address.domain]
    entry = company.directory.entry(contact.local) if contact.domain == own_address.domain else None
    if entry is None:
        raise StanzaError(
            "item-not-found" if contact.domain == own_address.domain else "not-allowed",
            f"{contact} is not one of your contacts",
        )
    if given.get("subscription") == "remove":
        raise StanzaError("not-allowed", "colleagues cannot be removed; block them, or move them to a group")
    groups = tuple(dict.fromkeys(group.text or "" for group in given.iterfind(_GROUP)))
    if "" in groups:
        raise StanzaError("not-acceptable", "a group needs a name")
    wanted = OwnContact(given.get("name", ""), groups)
    change = None if wanted == OwnContact(_name(entry), _groups(entry)) else wanted
    await node.call(node.tables.directory.set_contact, own_address, contact.local, change)
    await node.reload_own(own_address)
    _push_to_user(node, company, own_address, entry)


def item(entry: User | Alias, own: OwnSettings) -> Element:
    """A contact as its user sees it."""
    chosen = own.contacts.get(entry.address.local)
    name = (chosen.name if chosen else "") or _name(entry)
    groups = chosen.groups if chosen else _groups(entry)
    return element(
        _ITEM, *(element(_GROUP, group) for group in groups), jid=str(entry.address), name=name, subscription="both"
    )


def push_changes(node: Node, company: Company, changed: list[str]) -> None:
    """Push what changed in the directory to all clients of the domain that asked for the roster."""
    for session in node.bound_in(company.domain):
        if session.interested:
            session.roster_changes |= dict.fromkeys(local for local in changed if local != session.address.local)
            if session.roster_changes:
                session.turns.add(_push_changes(session, company))


async def _push_changes(session: Session, company: Company) -> None:
    """Push the contacts that have changed, as they are when it comes to them."""
    while session.roster_changes and await session.outbox.room():
        local = next(iter(session.roster_changes), None)
        if local is None:
            return  # it has asked for the whole roster meanwhile
        del session.roster_changes[local]
        entry = company.directory.entry(local)
        gone = element(_ITEM, jid=f"{local}@{company.domain}", subscription="remove")
        own = session.node.own(session.address)
        _push(session, item(entry, own) if entry else gone, _version(company, own))


def _push_to_user(node: Node, company: Company, user: Address, entry: User | Alias) -> None:
    """Push a user's own change to all its clients, those on other nodes too."""
    own = node.own(user)
    version = _version(company, own)
    for session in node.sessions_of(user):
        if session.interested:
            _push(session, item(entry, own), version)
    routing.push_elsewhere(node, user, _stanza(user, item(entry, own), version))


def _push(session: Session, found: Element, version: str) -> None:
    """Push an item. The client has the new version once it has all that changed; whoever is cut off before asks again
    from the version that it had."""
    if not session.roster_changes:
        session.roster_version = version
    session.send(_stanza(session.address, found, session.roster_version, session.jid, session.node.now()))


def _stanza(user: Address, found: Element, version: str, to: str = "", now: int = 0) -> Element:
    return element(
        IQ,
        element(_QUERY, found, ver=version),
        type="set",
        id=f"push-{ids.new(now)[-12:]}",
        from_=str(user),
        to=to or None,
    )


def _version(company: Company, own: OwnSettings) -> str:
    return f"{company.directory.version}.{own.roster}"


def _name(entry: User | Alias) -> str:
    return (entry.name if isinstance(entry, Alias) else entry.profile.name) or entry.address.local


def _groups(entry: User | Alias) -> tuple[str, ...]:
    if isinstance(entry, Alias):
        return (ALIASES,)
    return (entry.profile.department,) if entry.profile.department else ()


def _check_own(session: Session, owner: Address | None) -> None:
    if owner != session.address:
        raise StanzaError("forbidden", "a roster is its owner's alone")
