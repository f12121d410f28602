"""Directory entries: users and aliases. Both are contacts as somebody else of their domain sees them."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat import ids
from chat.addresses import Address

MAX_NAME = 100
"""Characters of a name, title or department."""
MAX_PHONES = 5
MAX_PHONE = 40
"""Characters of a phone number."""
MAX_PHOTO = 500
"""Characters of a photo's https address."""
MAX_MEMBERS = 1000
"""Users that one alias reaches: a message to it reads and pushes to each of them."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user's details say."""

    name: str
    title: str = ""
    department: str = ""
    phones: tuple[str, ...] = ()
    photo: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A person with an address."""

    address: Address
    profile: Profile
    aliases: frozenset[str] = frozenset()
    """Local parts of the aliases that reach this user, nested ones included."""
    disabled: bool = False
    removed: bool = False
    history_from: str = ""
    """The lowest message id that this user may see: set when a removed user's address is given to somebody else."""

    @property
    def active(self) -> bool:
        return not (self.disabled or self.removed)

    def given_after(self, time: float) -> bool:
        """Whether the address was somebody else's at ``time``, in ms, and given to this user later."""
        return bool(self.history_from) and time < ids.time_of(self.history_from)


@dataclass(frozen=True, slots=True)
class Alias:
    """An address that stands for several users."""

    address: Address
    name: str
    members: tuple[Address, ...] = ()
    """As written: users and other aliases of the domain."""
    reach: frozenset[str] = field(default_factory=frozenset)
    """Local parts of the users that a message reaches, nested aliases expanded."""
    removed: bool = False

    @property
    def active(self) -> bool:
        return not self.removed

    def reached(self) -> list[Address]:
        """The addresses of the users that a message reaches."""
        return [Address(local, self.address.domain) for local in sorted(self.reach)]
