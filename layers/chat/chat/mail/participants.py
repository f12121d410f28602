"""Who takes part in a mail message: the users and aliases of each domain that we serve.

Domains are walls: each is looked at by itself, and knows nothing of the others. Whoever had a blind copy is seen by the
sender alone. An address with a tag, as in bob+lists@example.com, is bob's, unless somebody has it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from chat.addresses import Address
from chat.entries import Alias, User
from chat.errors import BadAddress
from chat.mail.model import Mail
from chat.tables import Tables
from chat.tables.directory import active_contact

MAX_PARTICIPANTS = 50
"""Users and aliases of a domain for whom one message is indexed: the work grows with the square."""
MAX_DOMAINS = 1000
"""Domains that are looked up for one message."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who takes part."""

    entry: User | Alias
    is_author: bool
    """Whether the message is from them."""
    is_blind: bool
    """Whether the message came to them as a blind copy, which its author alone knows."""
    is_hidden: bool
    """Whether the message was passed on to them, which its author does not know either."""
    has_copy: bool
    """Whether this copy of it came to them, or to members of the alias."""

    @property
    def address(self) -> Address:
        return self.entry.address

    @property
    def is_alias(self) -> bool:
        return isinstance(self.entry, Alias)

    def sees(self, other: Participant) -> bool:
        """Whether the message tells them of another one."""
        is_known = not other.is_hidden and (self.is_author or not other.is_blind)
        return self.address != other.address and is_known


@dataclass(frozen=True, slots=True)
class Party:
    """Who takes part in one domain, the author first and then in the order of the header."""

    domain: str
    participants: list[Participant]
    attendees: list[Address]
    """Users and aliases whom the message's appointments name."""
    tagged: dict[str, str]
    """Addresses with a tag, as the message has them, and those of the users and aliases whose they are."""
    left_out: bool
    """Whether more take part than are here."""


def parties(tables: Tables, mail: Mail) -> list[Party]:
    """The domains of which somebody takes part in a message, and who does.

    Costs half a read unit a domain that it names, and one for each of its addresses up to the fiftieth that is known.
    """
    named = (*mail.named, *mail.bcc, *(mail.passed_to or ()))
    domains = dict.fromkeys(each.domain for each in _addresses(each.address for each in named))
    found = (party(tables, mail, domain) for domain in _served(tables, domains))
    return [each for each in found if each.participants]


def party(tables: Tables, mail: Mail, domain: str) -> Party:
    """Who takes part of one domain that we serve."""
    authors = _addresses([mail.author.address] if mail.author else [])
    named = _addresses(each.address for each in mail.named)
    blind = _addresses(each.address for each in mail.bcc)
    passed_to = _addresses(each.address for each in mail.passed_to or ())
    invited = _addresses(chain.from_iterable((each.organizer, *each.answers) for each in mail.appointments))
    entries: dict[Address, User | Alias] = {}
    known_as: dict[Address, set[Address]] = {}
    here = dict.fromkeys(each for each in (*authors, *passed_to, *named, *blind) if each.domain == domain)
    for address, entry in _entries(tables, list(here)):
        entries[entry.address] = entry
        known_as.setdefault(entry.address, set()).add(address)
        if len(entries) > MAX_PARTICIPANTS:
            break

    def participant(address: Address, entry: User | Alias) -> Participant:
        is_author, is_named, is_blind, has_copy = (
            not known_as[address].isdisjoint(each) for each in (authors, named, blind, passed_to)
        )
        has_copy |= mail.passed_to is None or (is_named and isinstance(entry, Alias))  # as its members have
        return Participant(entry, is_author, not is_named, not is_named and not is_blind, has_copy)

    participants = [participant(*each) for each in list(entries.items())[:MAX_PARTICIPANTS]]
    if not participants:
        return Party(domain, [], [], {}, False)
    invited_here = [each for each in invited if each.domain == domain][: 2 * MAX_PARTICIPANTS]
    attendees = {address: entry.address for address, entry in _entries(tables, invited_here)}
    everyone = {each: whose for whose, names in known_as.items() for each in names} | attendees
    tagged = {str(each): str(whose) for each, whose in everyone.items() if each != whose}
    there = list(dict.fromkeys(attendees.values()))
    return Party(domain, participants, there, tagged, len(entries) > MAX_PARTICIPANTS)


def _addresses(texts: Iterable[str]) -> dict[Address, None]:
    """Those that can be of users or aliases, each once and in order."""
    found: dict[Address, None] = {}
    for text in texts:
        try:
            found[Address.parse(text)] = None
        except BadAddress:
            continue
    return found


def _served(tables: Tables, domains: Iterable[str]) -> list[str]:
    """Those that are domains of ours."""
    keys = {tables.directory.version_key(each): each for each in list(dict.fromkeys(domains))[:MAX_DOMAINS]}
    there = tables.store.get_many(keys)
    return [domain for key, domain in keys.items() if key in there]


def _entries(tables: Tables, addresses: Sequence[Address]) -> Iterator[tuple[Address, User | Alias]]:
    """The users and aliases whose some of the addresses of one domain are, and who are not disabled, read 50 at a
    time."""
    directory = tables.directory
    for start in range(0, len(addresses), MAX_PARTICIPANTS):
        some = addresses[start : start + MAX_PARTICIPANTS]
        tried = dict.fromkeys(chain.from_iterable((each, each.untagged) for each in some))
        found = tables.store.get_many(
            [key for each in tried for key in (directory.user_key(each), directory.alias_key(each))]
        )
        for address in some:
            for each in dict.fromkeys((address, address.untagged)):
                user, alias = found.get(directory.user_key(each)), found.get(directory.alias_key(each))
                if user or alias:
                    if entry := active_contact(user, alias, each.domain):
                        yield address, entry
                    break
