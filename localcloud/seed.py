"""The demo: two domains, their people and aliases, and a few conversations of the last days."""

from __future__ import annotations

from chat import credentials, directory, ids, messages
from chat.addresses import Address
from chat.entries import Profile
from chat.tables import Tables
from chat.tables.history import Message

PASSWORD = "chat-demo"  # noqa: S105  # printed by make run: it opens demo accounts on this machine alone

PEOPLE = {
    "example.com": [
        ("alice", "Alice Archer", "Head of Sales", "Sales"),
        ("bob", "Bob Baker", "Account Manager", "Sales"),
        ("carol", "Carol Cooper", "Account Manager", "Sales"),
        ("dave", "Dave Draper", "Sales Engineer", "Sales"),
        ("erin", "Erin Easton", "Head of Engineering", "Engineering"),
        ("frank", "Frank Fisher", "Backend Engineer", "Engineering"),
        ("grace", "Grace Glover", "Frontend Engineer", "Engineering"),
        ("heidi", "Heidi Harper", "Site Reliability Engineer", "Engineering"),
        ("ivan", "Ivan Irving", "Quality Engineer", "Engineering"),
        ("judy", "Judy Jansen", "Head of Operations", "Operations"),
        ("karl", "Karl Keller", "Office Manager", "Operations"),
        ("laura", "Laura Lindt", "Accountant", "Operations"),
        ("mallory", "Mallory Moser", "Personnel Officer", "Operations"),
        ("niaj", "Niaj Nasser", "Support Agent", "Operations"),
    ],
    "example.org": [
        ("olivia", "Olivia Olsen", "Director", "Board"),
        ("peggy", "Peggy Porter", "Secretary", "Board"),
    ],
}
ALIASES = {
    "salesteam@example.com": ("Sales Team", ["alice", "bob", "carol", "dave"]),
    "support@example.com": ("Support", ["heidi", "niaj", "judy"]),
}
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
TALK: list[tuple[str, str, int, list[tuple[str, str]]]] = [
    (
        "alice",
        "bob",
        2 * DAY,
        [
            ("alice", "Morning Bob, did the Harbour offer go out?"),
            ("bob", "Yes, yesterday at five. They want the delivery dates in writing."),
            ("alice", "Good. I will ask Frank for them."),
        ],
    ),
    (
        "alice",
        "bob",
        3 * 60 * MINUTE,
        [
            ("bob", "Harbour signed!"),
            ("alice", "Wonderful. Cake at four?"),
        ],
    ),
    (
        "alice",
        "erin",
        DAY,
        [
            ("alice", "Erin, can we show the new planner on Thursday?"),
            ("erin", "If the demo data is in by Wednesday, yes."),
            ("alice", "It will be."),
        ],
    ),
    (
        "erin",
        "salesteam",
        5 * 60 * MINUTE,
        [
            ("erin", "The demo server is up again. Tell me if anything looks odd."),
            ("dave", "Looks fine from here, thanks!"),
        ],
    ),
]


def seed(tables: Tables, now: int) -> bool:
    """Create the demo domains where they are not there yet; whether it did."""
    if tables.directory.version("example.com") is not None:
        return False
    for domain, people in PEOPLE.items():
        directory.create_domain(tables, domain)
        users = [
            directory.NewUser(
                Address(local, domain),
                Profile(name, title, department, (f"+1 555 01{number:02d}",)),
                credentials.derive(PASSWORD, now - 1000),
            )
            for number, (local, name, title, department) in enumerate(people, 10)
        ]
        directory.add_users(tables, domain, users, now)
    for text, (name, members) in ALIASES.items():
        address = Address.parse(text)
        directory.save_alias(tables, address, name, [Address(each, address.domain) for each in members])
    for one, other, age, lines in TALK:
        _talk(tables, Address(one, "example.com"), Address(other, "example.com"), now - age, lines)
    return True


def _talk(tables: Tables, one: Address, other: Address, start: int, lines: list[tuple[str, str]]) -> None:
    """Store a conversation as if it had been sent then."""
    alias = tables.directory.alias(other)
    for number, (local, body) in enumerate(lines):
        sender = Address(local, one.domain)
        recipient = other if alias or sender == one else one
        messages.record(tables, Message(ids.new(start + number * MINUTE), sender, recipient, body), alias)
