"""Sending: a message is stored once, acknowledged after that, and pushed to whoever should see it at once."""

from __future__ import annotations

from dataclasses import dataclass

from chat import ids, shared_files, texts, trail
from chat.addresses import Address
from chat.callers import Caller
from chat.conversations import starts_conversation
from chat.entries import Alias, User
from chat.errors import Blocked, ClockSkew, IdTaken, UnknownRecipient
from chat.frames.base import MessageFrame
from chat.frames.events import MessageEvent
from chat.presence import Connection, blocked_in, connections_in
from chat.push import Pusher, Target, targets
from chat.tables import Tables
from chat.tables.directory import active_contact, blocked_contacts
from chat.tables.history import WEB, Last, Message, Thread
from chat.trail import Step


@dataclass(frozen=True, slots=True)
class Sent:
    """A stored message and how many other users it reached at once."""

    message: Message
    reached: int


def send(
    tables: Tables,
    pusher: Pusher,
    caller: Caller,
    message_id: str,
    recipient: Address,
    body: str,
    now: int,
    *,
    door: str = WEB,
    extensions: tuple[str, ...] = (),
    http_url: str = "",
) -> Sent:
    """Store a message under the id that the caller made, and push it.

    A second call with the same id, sender, recipient and body is the same message; it finishes what the first one did
    not. The recipient's presence is read only after the message and its inbox are written: whoever connects later finds
    the message by ``sync``, so none falls between. The sender's own inbox is written last, after the push. Files
    that are linked to below ``http_url``, the URL of our HTTP API, are listed among the attachments.

    Raises:
        EmptyBody, BodyTooLarge, BadText: the body cannot be sent.
        NotConnected, Offline: the caller may not send now.
        UnknownRecipient: no active user or alias of the caller's domain.
        Blocked: the recipient has blocked the caller, or the caller the recipient.
        ClockSkew: a new message whose id is not of this minute.
        IdTaken: another message has the id.
    """
    texts.check_body(body)
    recipient_entry, connections = _look_up(tables, caller, recipient, now)
    message = Message(message_id, caller.address, recipient, body, door, extensions)
    alias = recipient_entry if isinstance(recipient_entry, Alias) else None
    thread = _thread(message, alias)

    stored = None
    if abs(now - ids.time_of(message_id)) > ids.MAX_SKEW:
        stored = tables.history.message(thread, message_id)
        if stored is None:
            raise ClockSkew("the id's time is over a minute away from the server's; make a new id", server_time=now)
    stored = stored or tables.history.add(thread, message)
    if stored:
        if (stored.sender, stored.recipient, stored.body) != (message.sender, message.recipient, message.body):
            raise IdTaken(f"another message has the id {message_id}")
        if _is_finished(tables, message):
            return Sent(message, 0)
    trail.note(Step.STORED, message_id, sender=trail.connection(caller.address, caller.ref))
    _file(tables, thread, message, alias, again=stored is not None)
    shared = shared_files.keep(tables, message, alias, http_url)
    reached = _push(tables, pusher, caller, connections, message, alias, now)
    if shared:
        from chat.mail import telling  # no other message needs it

        telling.tell(tables, pusher, shared, now)
    tables.history.set_last(message.sender, _last(message, recipient, alias))
    return Sent(message, reached)


def record(tables: Tables, message: Message, alias: Alias | None) -> None:
    """Store a message of an earlier time as sending it then would have, and push it to nobody. Safe to repeat."""
    thread = _thread(message, alias)
    again = tables.history.add(thread, message) is not None
    _file(tables, thread, message, alias, again=again)
    tables.history.set_last(message.sender, _last(message, message.recipient, alias))


def _thread(message: Message, alias: Alias | None) -> Thread:
    return Thread.of_alias(alias.address) if alias else Thread.between(message.sender, message.recipient)


def _is_finished(tables: Tables, message: Message) -> bool:
    """Whether an earlier try went all the way: the sender's own inbox is written last."""
    owner, peer = message.sender, message.recipient
    last = tables.history.lasts([(owner, peer)]).get((owner, peer))
    return last is not None and last.id >= message.id


def _file(tables: Tables, thread: Thread, message: Message, alias: Alias | None, *, again: bool) -> None:
    """Note the message in the recipient's inbox, and in the sender's own part of an alias thread. Safe to repeat."""
    history = tables.history
    if alias:
        history.add_own(alias.address, message)
    owner, peer = (alias.address, alias.address) if alias else (message.recipient, message.sender)
    moved, previous = history.set_last(owner, _last(message, peer, alias))
    if again:
        previous, moved = history.before(thread, message.id), True
    if moved and starts_conversation(previous, message.id):
        history.start_conversation(thread, message, texts.preview(message.body))


def _push(
    tables: Tables,
    pusher: Pusher,
    caller: Caller,
    connections: list[Connection],
    message: Message,
    alias: Alias | None,
    now: int,
) -> int:
    """Push to everybody concerned who is there now and has not blocked the sender or the alias; returns how many other
    users it reached.
    """
    senders = {caller.address.local} | ({alias.address.local} if alias else set())
    others = [each for each in alias.reached() if each != caller.address] if alias else [message.recipient]
    present = tables.connections.of_many(others, consistent=True)
    aims, absent = set(targets(caller.address, connections)), []
    for address in others:
        if not senders & blocked_in(present.get(address)):
            found = targets(address, connections_in(present.get(address), now))
            aims |= set(found)
            absent += [] if found else [trail.person(address)]
    trail.note(Step.WAITS, message.id, to=absent)
    event = MessageEvent(message=MessageFrame.model_validate(message))
    reached = pusher.deliver(event, aims - {Target(caller.address, caller.ref)}, now)
    return len(reached - {caller.address})


def _last(message: Message, peer: Address, alias: Alias | None) -> Last:
    return Last(peer, message.id, message.sender, texts.preview(message.body), alias is not None)


def _look_up(tables: Tables, caller: Caller, recipient: Address, now: int) -> tuple[User | Alias, list[Connection]]:
    directory, connections = tables.directory, tables.connections
    if recipient.domain != caller.address.domain:
        raise _unknown(recipient)
    sender_key, user_key = connections.presence_key(caller.address), directory.user_key(recipient)
    setting_key = directory.setting_key(recipient)
    found = tables.store.get_many([sender_key, user_key, setting_key], consistent=[connections.name])
    _, own = caller.online_connection(found.get(sender_key), now)
    entry = active_contact(found.get(user_key), None, recipient.domain)
    if entry is None:
        entry = active_contact(None, tables.store.get(directory.alias_key(recipient)), recipient.domain)
    if entry is None:
        raise _unknown(recipient)
    if recipient.local in blocked_in(found.get(sender_key)):
        raise Blocked(f"you have blocked {recipient}")
    if isinstance(entry, User) and caller.address.local in blocked_contacts(found.get(setting_key)):
        raise Blocked(f"{recipient} does not take messages from you")
    return entry, own


def _unknown(recipient: Address) -> UnknownRecipient:
    return UnknownRecipient(f"{recipient} cannot be reached")
