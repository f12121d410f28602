"""What the reading view shows of a mail message: one document beside its rows, since most mail is never read again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from chat.mail.model import Mail, Person

MAX_NAMED = 50
"""People of To, and as many of Cc, that a document names; it counts the others."""


@dataclass(frozen=True, slots=True)
class Document:
    """A message, for whoever may read it: nobody is named in it who had a blind copy."""

    subject: str
    sender: Person | None
    to: list[Person]
    cc: list[Person]
    more_people: int
    """How many recipients are not named here."""
    text: str
    """At most 64 Ki characters."""
    cut: bool
    """Whether the mail says more."""
    message_id: str
    notes: list[str]
    """What was left out, and why."""

    @classmethod
    def of(cls, mail: Mail, notes: list[str]) -> Document:
        to, cc = list(mail.to[:MAX_NAMED]), list(mail.cc[:MAX_NAMED])
        more = len(mail.to) + len(mail.cc) - len(to) - len(cc)
        return cls(mail.subject, mail.sender, to, cc, more, mail.text, mail.is_cut, mail.message_id, notes)

    @classmethod
    def parse(cls, content: bytes) -> Document:
        """The document that was stored as ``content``."""
        found = json.loads(content)
        people = {name: [Person(**each) for each in found[name]] for name in ("to", "cc")}
        sender = Person(**found["sender"]) if found["sender"] else None
        return cls(**found | people | {"sender": sender})

    def encode(self) -> bytes:
        """The document as JSON in ASCII."""
        return json.dumps(asdict(self)).encode()
