"""Presence: what this node's sessions tell the tables and each other, and what they are shown of everybody else."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bridge.background import until_done
from bridge.company import Change, Company
from bridge.elements import element, write
from bridge.errors import StreamError
from bridge.names import CLIENT, PRESENCE
from bridge.session import Session
from chat import connecting, ids
from chat.addresses import Address
from chat.entries import Alias
from chat.errors import SessionExpired, TooManyConnections
from chat.frames.events import Resource
from chat.presence import Status
from chat.sync import OVERLAP

if TYPE_CHECKING:
    from bridge.node import Node

logger = logging.getLogger(__name__)

ALIAS = "members"
"""The resource under which an alias is available while any of its members is."""
_SHOWS = {Status.AWAY: "away", Status.BUSY: "dnd"}


def show_of(status: Status) -> str:
    """The children of a presence stanza that say a status (design: the mapping of ``show``)."""
    show = _SHOWS.get(status)
    return write(element(f"{{{CLIENT}}}show", show)) if show else ""


def presence_text(sender: str, to: str, payload: str | None, farewell: str = "") -> str:
    """A presence stanza; without payload ``unavailable``, with ``farewell`` as its content."""
    kind = "unavailable" if payload is None else None
    opening = write(element(PRESENCE, from_=sender, to=to, type=kind)).removesuffix("/>")
    return f"{opening}>{farewell if payload is None else payload}</presence>"


# To the tables.


async def register(session: Session) -> None:
    """Tell the tables of a session and its presence, or that it has none any more. In order, the last state wins.

    Leaving is tried again in the background where it fails.

    Raises:
        TooManyConnections: the user has as many as are allowed, on all nodes and in webmail.
        Exception: the tables were not told of its presence; ``registered`` says what they were told before.
    """
    node = session.node
    async with node.registering(session.address, session.resource):
        if session.available and not session.ended:
            await _enter(session)
            return
    if session.registered:
        try:
            await _withdraw(session)
        except Exception:
            logger.warning("a session could not be closed yet", exc_info=True, extra={"session": session.name})
            node.spawn(_withdraw_at_last(session))


async def _enter(session: Session) -> None:
    node = session.node
    blocked = node.own(session.address).blocked
    try:
        await node.call(_open, session, blocked, not session.registered)
    except SessionExpired:
        session.registered = False
        session.end(StreamError("not-authorized", "the account has been disabled or removed"))
    except TooManyConnections:
        session.registered = False
        raise
    except Exception:
        if not session.registered:  # it may have been written all the same
            node.spawn(_withdraw_at_last(session))
        raise
    else:
        session.registered = True


async def _withdraw_at_last(session: Session) -> None:
    """Close a session in the tables, in a moment, tried until it is done, the resource is in use again, or the node
    stops."""
    pause = session.node.pause
    if await pause(1):
        await until_done(lambda: _withdraw(session), pause, f"closing {session.name}")


async def _withdraw(session: Session) -> None:
    node = session.node
    async with node.registering(session.address, session.resource):
        holder = node.session(session.address, session.resource)
        if holder is None or not (
            holder.registered and holder.available
        ):  # else it is the holder's, under the same name
            await node.call(
                connecting.close_xmpp, node.tables, node.name, session.address, [session.resource], node.now()
            )
            session.registered = False
        elif holder is not session:
            session.registered = False


def _open(session: Session, blocked: frozenset[str], new: bool) -> None:
    node = session.node
    connecting.open_xmpp(
        node.tables,
        node.name,
        session.address,
        session.resource,
        session.status,
        session.priority,
        session.payload,
        blocked,
        node.now(),
        new=new,
    )


# To sessions.


def announce(session: Session, farewell: str = "") -> None:
    """Show a session's presence, or that it has gone, to everybody on this node, and to its own user's clients."""
    payload = session.payload if session.available else None
    node = session.node
    _show(node, session.address, session.jid, payload, farewell)
    _show_aliases(node, session.address)


def show_changes(node: Node, changes: Iterable[Change]) -> None:
    """Show what changed elsewhere: in webmail, or on other nodes."""
    touched: dict[Address, None] = {}
    for change in changes:
        touched[change.address] = None
        here = node.session(change.address, change.resource)
        if here is not None and here.available:
            continue  # it has moved here; what another node says of it is of the time before
        _show(node, change.address, f"{change.address}/{change.resource}", payload_of(change.after))
    for address in touched:
        _show_aliases(node, address)


def show_again(node: Node, address: Address) -> None:
    """Show a user's presence once more: what the node adds to it has changed."""
    for resource in node.companies[address.domain].elsewhere(address.local).values():
        _show(node, address, f"{address}/{resource.resource}", payload_of(resource))
    for session in node.sessions_of(address):
        if session.available:
            _show(node, address, session.jid, session.payload)


def payload_of(resource: Resource | None) -> str | None:
    """The children of a resource's presence; None where it is gone."""
    if resource is None:
        return None
    return resource.payload or show_of(Status(resource.status))


async def show_everybody(session: Session) -> None:
    """Show a session who is there, as fast as it takes it: what probes would bring (RFC 6121 §4.2.2)."""
    node, own = session.node, session.address
    company = node.companies[own.domain]
    here = (other.address.local for other in node.sessions_in(own.domain))
    elsewhere = (local for local, _ in company.present())
    for local in dict.fromkeys((*elsewhere, *here, *company.present_aliases)):
        if not await session.outbox.room() or not session.available:
            return
        show_one(session, Address(local, own.domain))


def show_one(session: Session, contact: Address) -> bool:
    """Show a session one contact's resources; whether there is any."""
    node = session.node
    company = node.companies[session.address.domain]
    if not sees(node, session.address, contact):
        return False
    shown = False
    alias = company.directory.aliases.get(contact.local)
    if alias and is_alias_present(node, alias):
        _send(session, f"{contact}/{ALIAS}", "")
        shown = True
    for resource in company.elsewhere(contact.local).values():
        _send(session, f"{contact}/{resource.resource}", payload_of(resource))
        shown = True
    for other in node.sessions_of(contact):
        if other.available and other is not session:
            _send(session, other.jid, other.payload)
            shown = True
    return shown


def hide_one(session: Session, contact: Address) -> None:
    """Show a session that all of a contact's resources have gone."""
    node = session.node
    company = node.companies[contact.domain]
    if contact.local in company.present_aliases:
        _send(session, f"{contact}/{ALIAS}", None)
    here = (other.resource for other in node.sessions_of(contact) if other.available)
    for resource in dict.fromkeys((*company.elsewhere(contact.local), *here)):
        _send(session, f"{contact}/{resource}", None)


def sees(node: Node, viewer: Address, address: Address) -> bool:
    """Whether somebody may see another's presence: neither has blocked the other."""
    if viewer == address:
        return True
    company = node.companies.get(viewer.domain)
    if company is None or viewer.domain != address.domain:
        return False
    return viewer.local not in company.blocked_by(address.local) and address.local not in node.own(viewer).blocked


def is_present(node: Node, address: Address) -> bool:
    """Whether a user has any resource that others see."""
    company = node.companies.get(address.domain)
    if company and company.elsewhere(address.local):
        return True
    return any(session.available for session in node.sessions_of(address))


def is_alias_present(node: Node, alias: Alias) -> bool:
    return any(is_present(node, Address(local, alias.address.domain)) for local in alias.reach)


async def leave(session: Session, farewell: str = "") -> None:
    """A session is over, or unavailable with some last words: nobody shows it any more."""
    was_available, session.available = session.available, False
    gets_no_more(session)
    if was_available:
        announce(session, farewell)
    directed, session.directed = session.directed, set()
    for jid in directed:
        if "/" in jid or not was_available:  # who has been told as a contact need not be told again
            _direct_unavailable(session, jid)
    await register(session)


def gets_no_more(session: Session) -> None:
    """From now on the session is not given every message, until it takes them again."""
    if session.outbox.gets_all and session.archive_until:
        session.archive_until = ids.lowest(session.node.now() - OVERLAP)  # until now it has been given all
    session.outbox.gets_all = False


def _direct_unavailable(session: Session, jid: str) -> None:
    from bridge.routing import push_elsewhere, send_to  # which sends what this module says

    bare, _, resource = jid.partition("/")
    contact = Address.parse(bare)
    gone = element(PRESENCE, from_=session.jid, to=jid, type="unavailable")
    if resource:
        send_to(session.node, contact, resource, gone)
        return
    for other in session.node.sessions_of(contact):
        if other.available:
            other.send(gone)
    push_elsewhere(session.node, contact, gone)


def _show(node: Node, address: Address, sender: str, payload: str | None, farewell: str = "") -> None:
    for session in node.sessions_in(address.domain):
        if sees(node, session.address, address):
            _send(session, sender, payload, farewell)


def _show_aliases(node: Node, address: Address) -> None:
    """Show aliases that have become available, or unavailable, with a member."""
    company = node.companies.get(address.domain)
    if company is None:
        return
    for alias in company.directory.aliases.values():
        if address.local in alias.reach:
            _show_alias(node, company, alias.address.local, is_alias_present(node, alias))


def show_aliases(node: Node, company: Company) -> None:
    """Show what has changed of all aliases, after the directory has."""
    aliases = company.directory.aliases
    for local in {*aliases, *company.present_aliases}:
        _show_alias(node, company, local, local in aliases and is_alias_present(node, aliases[local]))


def _show_alias(node: Node, company: Company, local: str, present: bool) -> None:
    if present == (local in company.present_aliases):
        return
    (company.present_aliases.add if present else company.present_aliases.discard)(local)
    for session in node.sessions_in(company.domain):
        if local not in node.own(session.address).blocked:
            _send(session, f"{local}@{company.domain}/{ALIAS}", "" if present else None)


def _send(session: Session, sender: str, payload: str | None, farewell: str = "") -> None:
    payload = session.node.photos.marked(sender, payload)
    session.deliver(presence_text(sender, session.jid, payload, farewell), held_as=f"presence {sender}")
