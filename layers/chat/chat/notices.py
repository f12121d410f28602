"""What is told without being a message: that somebody is typing, and that messages were read."""

from __future__ import annotations

from chat import ids, trail
from chat.addresses import Address
from chat.callers import Caller, unknown_contact
from chat.entries import Alias
from chat.errors import BadField
from chat.frames.events import ReadEvent, TypingEvent
from chat.presence import Status, blocked_in, connections_in
from chat.push import Pusher, targets
from chat.tables import Tables
from chat.tables.directory import active_contact
from chat.trail import Step

MAX_TOLD_OF_TYPING = 50
"""Users whom an alias may reach for typing in it to be told: each costs a read and a push, every few seconds that
somebody types, and in a larger group nobody waits for the one who does."""


def typing(tables: Tables, pusher: Pusher, caller: Caller, contact: Address, active: bool, now: int) -> None:
    """Tell a contact, or the members of an alias, that the caller is writing or has stopped. Nothing is stored.

    For an alias that reaches more than 50 users this does nothing, nor for a contact whom the caller has blocked; the
    caller is not told. Nor is it told of users who have blocked it, or the alias: they see nothing.

    Raises:
        UnknownContact: no active user or alias of the caller's domain.
        NotConnected, Offline: the caller may not chat now.
    """
    if contact.domain != caller.address.domain:
        raise unknown_contact(contact)
    own_key = tables.connections.presence_key(caller.address)
    user_key, alias_key = tables.directory.user_key(contact), tables.directory.alias_key(contact)
    found = tables.store.get_many([own_key, user_key, alias_key], consistent=[tables.connections.name])
    caller.online_connection(found.get(own_key), now)
    entry = active_contact(found.get(user_key), found.get(alias_key), contact.domain)
    if entry is None:
        raise unknown_contact(contact)
    if isinstance(entry, Alias) and len(entry.reach) > MAX_TOLD_OF_TYPING:
        return
    if contact.local in blocked_in(found.get(own_key)):
        return
    others = entry.reached() if isinstance(entry, Alias) else [contact]
    present = tables.connections.of_many([each for each in others if each != caller.address], consistent=False)
    shown_in = contact if isinstance(entry, Alias) else caller.address
    typing_ones = {caller.address.local, shown_in.local}
    aims = [
        target
        for address, item in present.items()
        if not typing_ones & blocked_in(item)
        for target in targets(address, connections_in(item, now))
    ]
    event = TypingEvent(contact=str(shown_in), sender=str(caller.address), active=active)
    pusher.deliver(event, aims, now)


def mark_read(tables: Tables, pusher: Pusher, caller: Caller, contact: Address, message_id: str, now: int) -> bool:
    """Move the caller's read marker of a thread forward; whether it moved.

    Tells the caller's other connections, and the contact where it is a user, the caller is not Offline and neither has
    blocked the other.

    Raises:
        BadField: the id is of the future.
        UnknownContact: not, and never was, a user or alias of the caller's domain.
        NotConnected: the connection is not registered.
    """
    if contact.domain != caller.address.domain:
        raise unknown_contact(contact)
    if ids.time_of(message_id) > now + ids.MAX_SKEW:
        raise BadField("id is of a message in the future")
    own_key, contact_key = tables.connections.presence_key(caller.address), tables.connections.presence_key(contact)
    entry_keys = tables.directory.user_key(contact), tables.directory.alias_key(contact)
    found = tables.store.get_many([own_key, contact_key, *entry_keys], consistent=[tables.connections.name])
    own, connections = caller.connection(found.get(own_key), now)
    if not any(key in found for key in entry_keys):
        raise unknown_contact(contact)
    if not tables.history.set_read(caller.address, contact, message_id):
        return False
    trail.note(Step.READ, message_id, to=[trail.person(caller.address)])
    reader = str(caller.address)
    echo = ReadEvent(contact=str(contact), reader=reader, id=message_id)
    pusher.deliver(echo, targets(caller.address, connections, but=caller.ref), now)
    theirs, ours = blocked_in(found.get(contact_key)), blocked_in(found.get(own_key))
    apart = caller.address.local in theirs or contact.local in ours
    if contact != caller.address and not apart and not (own.is_web and own.status is Status.OFFLINE):
        event = ReadEvent(contact=reader, reader=reader, id=message_id)
        pusher.deliver(event, targets(contact, connections_in(found.get(contact_key), now)), now)
    return True
