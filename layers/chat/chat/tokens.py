"""Session tokens and tickets: signed, so that checking one needs no read.

A session token is what a log-in gives; a ticket opens one connection within a minute and is the only secret that may
stand in a URL. Bridge nodes make node tickets themselves, with the same keys.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from chat.addresses import Address
from chat.errors import BadAddress, SessionExpired, SessionForged, TicketExpired, TicketForged

SESSION_LIFETIME = 12 * 3600_000
"""Milliseconds: a working day."""
TICKET_LIFETIME = 60_000
"""Milliseconds between asking for a ticket and opening the connection."""
MAX_TOKEN = 1024
"""Characters."""


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in: whose, and when, in ms."""

    address: Address
    at: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to open one connection, as a user or as a bridge node."""

    id: str
    at: int
    address: Address | None = None
    node: str | None = None


class Signer:
    """Makes and checks tokens. The newest key signs, the older ones are still accepted (key rotation)."""

    def __init__(self, keys: list[str]) -> None:
        """``keys`` from the oldest to the newest."""
        self._sessions = _serializer(keys, "session")
        self._tickets = _serializer(keys, "ticket")

    def session(self, address: Address, now: int) -> str:
        return self._sessions.dumps({"a": str(address), "t": now})

    def read_session(self, token: str, now: int) -> Session:
        """The session in a token.

        Raises:
            SessionForged: not a token of ours.
            SessionExpired: older than 12 hours.
        """
        try:
            content = _load(self._sessions, token)
            session = Session(Address.parse(content["a"]), content["t"])
        except (BadSignature, BadAddress) as error:
            raise SessionForged("the session token is missing or not valid; log in again") from error
        if not 0 <= now - session.at + TICKET_LIFETIME <= SESSION_LIFETIME + TICKET_LIFETIME:
            raise SessionExpired("the session is over; log in again")
        return session

    def ticket(self, address: Address, now: int) -> str:
        return self._tickets.dumps({"a": str(address), "t": now, "i": secrets.token_urlsafe(12)})

    def node_ticket(self, node: str, now: int) -> str:
        return self._tickets.dumps({"n": node, "t": now, "i": secrets.token_urlsafe(12)})

    def read_ticket(self, token: str, now: int) -> Ticket:
        """The ticket in a token; whether it was used before is not looked at.

        Raises:
            TicketForged: not a ticket of ours.
            TicketExpired: older than a minute.
        """
        try:
            content = _load(self._tickets, token)
            address = Address.parse(content["a"]) if "a" in content else None
            ticket = Ticket(content["i"], content["t"], address, content.get("n"))
        except (BadSignature, BadAddress) as error:
            raise TicketForged("the ticket is missing or not valid") from error
        if not -TICKET_LIFETIME <= now - ticket.at <= TICKET_LIFETIME:
            raise TicketExpired("the ticket is older than a minute")
        return ticket


def _serializer(keys: list[str], salt: str) -> URLSafeSerializer:
    options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(keys, salt=f"chat.{salt}", signer_kwargs=options)


def _load(serializer: URLSafeSerializer, token: str) -> dict[str, Any]:
    if len(token) > MAX_TOKEN:
        raise BadSignature("too long")
    content: dict[str, Any] = serializer.loads(token)
    return content
