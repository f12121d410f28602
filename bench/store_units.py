"""Store units and calls of what users do all day, with more and more users and messages.

The domain functions are called directly, with a client that counts; pushes go nowhere. Each size is a domain of its
own, the last one once more with a long thread between two of its users.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bench import references
from bench.by_size import compare
from bench.figures import Figure
from bench.meter import Meter, Usage
from bench.stack import Stack, at_once, now, recording, say
from chat import connecting, contacts, credentials, directory, ids, messages, sessions, statuses
from chat.addresses import Address
from chat.callers import Caller
from chat.entries import Profile
from chat.presence import WEB, Status
from chat.store import Key, Store
from chat.tables import Tables
from chat.tables.history import Last, Message, Thread, message_item

PASSWORD = "chat-bench"  # noqa: S105  # of users that live for a minute
BODY = "Could you look at the Harbour offer before noon? The dates on page two are still last year's."
MINUTE = 60_000


@dataclass(frozen=True)
class Size:
    """How large a domain is, and how long the thread between the two users measured."""

    users: int
    messages: int

    def __str__(self) -> str:
        return f"{self.users:,} users, {self.messages:,} messages"


SIZES = [Size(10, 10), Size(1_000, 10), Size(10_000, 10), Size(10_000, 100_000)]


@dataclass
class Office:
    """A domain that is measured, and three of its users: Alice and Bob talk, Carol is not there yet."""

    stack: Stack
    meter: Meter
    size: Size
    alice: Address
    bob: Address
    carol: Address

    @cached_property
    def tables(self) -> Tables:
        """The tables through the client that counts."""
        plain = self.stack.tables
        store = Store(self.meter.client, time.sleep)
        return Tables.named(store, plain.directory.name, plain.connections.name, plain.history.name)

    @property
    def everybody(self) -> list[Address]:
        return [user(self.alice.domain, number) for number in range(self.size.users)]

    @property
    def caller(self) -> Caller:
        return Caller(self.alice, f"{WEB}{connection_of(self.alice)}")


def measure(stack: Stack) -> Iterator[Figure]:
    """Figures for each thing that users do."""
    return compare(stack, SIZES, _furnish, ACTS, LIMITS)


def user(domain: str, number: int) -> Address:
    """The user of a domain with this number."""
    return Address(f"user-{number:05d}", domain)


def connection_of(address: Address) -> str:
    """The id of a user's connection, as long as API Gateway makes them."""
    return f"{address.local:->15}="


def _furnish(stack: Stack, meter: Meter, size: Size) -> Office:
    """Load a domain, or take three other users of one that is loaded."""
    say(f"store units with {size}")
    domain = f"{size.users}.example"
    first = 0
    if stack.tables.directory.version(domain) is None:
        say(f"loading a domain of {size.users:,} users")
        load_users(stack.tables, domain, size.users)
    else:
        first = 3
    alice, bob, carol = (user(domain, first + number) for number in range(3))
    for address in (alice, bob):
        connecting.open_web(stack.tables, address, connection_of(address), now())
    directory.set_password(stack.tables, carol, credentials.derive(PASSWORD, now() - 1000))
    say(f"loading a thread of {size.messages:,} messages")
    load_thread(stack.tables, alice, bob, size.messages)
    return Office(stack, meter, size, alice, bob, carol)


def load_users(tables: Tables, domain: str, count: int) -> None:
    """Create a domain with so many users."""
    directory.create_domain(tables, domain)
    people = [
        directory.NewUser(user(domain, number), Profile(f"Person Number {number}", "Account Manager", "Sales"))
        for number in range(count)
    ]
    directory.add_users(tables, domain, people, now())


def load_thread(tables: Tables, one: Address, other: Address, count: int) -> None:
    """Store a thread of so many messages, a minute apart, the last one some hours old."""
    thread, end = Thread.between(one, other), now() - 300 * MINUTE
    history = tables.history
    stored = [
        Message(ids.new(end - number * MINUTE), *((one, other) if number % 2 else (other, one)), BODY)
        for number in range(count)
    ]
    rows = [(Key(history.name, thread.partition, f"MESSAGE/{each.id}"), message_item(each)) for each in stored]
    at_once(tables.store.write_many, [rows[start : start + 1000] for start in range(0, count, 1000)])
    for owner, peer in ((one, other), (other, one)):
        history.set_last(owner, Last(peer, stored[0].id, stored[0].sender, BODY[:100]))


# ---- What users do, and the plainest way to do it ----


def _send(office: Office, starts: bool) -> tuple[Usage, Usage]:
    pusher, recorder = recording(office.tables)
    with office.meter.measure() as ours:
        messages.send(office.tables, pusher, office.caller, ids.new(now()), office.bob, BODY, now())
    assert recorder.posted == [connection_of(office.bob)]
    with office.meter.measure() as plain:
        references.send(office.tables, Message(ids.new(now()), office.alice, office.bob, BODY), starts=starts)
    return ours, plain


def start_conversation(office: Office) -> tuple[Usage, Usage]:
    """A message after hours of silence."""
    return _send(office, starts=True)


def send_message(office: Office) -> tuple[Usage, Usage]:
    """A message in a conversation that goes on."""
    return _send(office, starts=False)


def log_in(office: Office) -> tuple[Usage, Usage]:
    """A log-in: password, session, ticket, connection; beside it, with a look at everybody's presence."""
    tables, signer, carol, time = office.tables, office.stack.signer, office.carol, now()

    def enter() -> None:
        token = sessions.log_in(tables, signer, carol, PASSWORD, "192.0.2.1", time)
        ticket = sessions.issue_ticket(tables, signer, token, time)
        sessions.use_ticket(tables, signer, ticket, time)
        connecting.open_web(tables, carol, connection_of(carol), time)

    def leave() -> None:
        connecting.remove(office.stack.tables, carol, [f"{WEB}{connection_of(carol)}"], time)

    with office.meter.measure() as ours:
        enter()
    leave()
    with office.meter.measure() as plain:
        enter()
        references.read_presence_of_all(tables, office.everybody)
    leave()
    return ours, plain


def change_status(office: Office) -> tuple[Usage, Usage]:
    """A choice in the status menu."""
    pusher, _ = recording(office.tables)
    with office.meter.measure() as ours:
        statuses.choose(office.tables, pusher, office.caller, Status.BUSY, now())
    with office.meter.measure() as plain:
        references.change_status(office.tables, office.alice)
    return ours, plain


def list_contacts(office: Office) -> tuple[Usage, Usage]:
    """The first page of contacts."""
    with office.meter.measure() as ours:
        contacts.version(office.tables, office.caller)
        contacts.listing(office.tables, office.alice.domain, None, len)
    with office.meter.measure() as plain:
        references.list_contacts(office.tables, office.alice.domain)
    return ours, plain


def list_unchanged(office: Office) -> tuple[Usage, Usage]:
    """The contacts once more, when nothing has changed; beside it, their first page read again."""
    with office.meter.measure() as ours:
        contacts.version(office.tables, office.caller)
    with office.meter.measure() as plain:
        contacts.listing(office.tables, office.alice.domain, None, len)
    return ours, plain


ACTS: dict[str, Callable[[Office], tuple[Usage, Usage]]] = {
    "conversation start": start_conversation,
    "message": send_message,
    "log-in": log_in,
    "status change": change_status,
    "contact page": list_contacts,
    "unchanged contacts": list_unchanged,
}

LIMITS = {
    ("message", "write units"): 3,
    ("message", "read units"): 3,
    ("conversation start", "write units"): 4,
    ("conversation start", "read units"): 3,
}
"""What the design allows; all else only has to stay the same."""
