"""Logging in: a password or a JWT for a session token, a session token for a ticket, a ticket for a connection."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Network, ip_address

from chat import credentials, signon
from chat.addresses import Address
from chat.errors import SessionExpired, SignOnUnavailable, TicketUsed, TooManyAttempts, WrongCredentials
from chat.tables import Tables
from chat.tables.directory import Credential, credential_from, user_from
from chat.tokens import TICKET_LIFETIME, Signer, Ticket

FREE_PER_ADDRESS = 5
"""Wrong passwords for one address that cost no waiting."""
LONGEST_PER_ADDRESS = 60
"""Seconds: short, so that a stranger cannot lock a colleague out for long."""
FREE_PER_IP = 30
"""Wrong passwords and JWTs from one IP address that cost no waiting; an office may share one."""
IPV6_NETWORK = 64
"""Bits of an IPv6 address that tell callers apart: whoever has one address has all of its /64 (RFC 6177 §2)."""
LONGEST_PER_IP = 900
"""Seconds."""
WINDOW = 900
"""Seconds after the first refused log-in when all are forgotten, unless a wait still lasts."""


def log_in(tables: Tables, signer: Signer, address: Address, password: str, ip: str, now: int) -> str:
    """A session token for the right password.

    Every try is counted before the password is looked at, per IP and per address, so that tries at once gain nothing;
    a right password takes its count back. A try that the IP may not make does not count for the address.

    Raises:
        WrongCredentials: no such user, wrong password, or disabled: the answer and its time are the same.
        TooManyAttempts: wait before the next try.
    """
    check_password(tables, address, password, ip, now)
    return signer.session(address, now)


def check_password(tables: Tables, address: Address, password: str, ip: str, now: int) -> None:
    """The same check without a token: what an XMPP log-in by SASL PLAIN needs.

    Raises:
        WrongCredentials, TooManyAttempts: as ``log_in``.
    """
    count_try(tables, address, ip, now)
    if not credentials.matches(password, verifiers(tables, address)):
        raise WrongCredentials("wrong address or password")
    succeeded(tables, address, ip)


def count_try(tables: Tables, address: Address, ip: str, now: int) -> None:
    """Count a try to log in with a password, before anything is looked at; ``succeeded`` takes it back.

    Raises:
        TooManyAttempts: wait before the next try.
    """
    _count(tables, _origin(ip), FREE_PER_IP, LONGEST_PER_IP, now)
    _count(tables, str(address), FREE_PER_ADDRESS, LONGEST_PER_ADDRESS, now)


def verifiers(tables: Tables, address: Address) -> Credential | None:
    """What to check a password of this address with, as SCRAM does (RFC 5802 §3).

    None where nobody can log in under it: unknown, disabled, removed, or without a password. Whoever asks must not be
    able to tell that from a wrong password, nor by how long it takes.
    """
    user_key, credential_key = tables.directory.user_key(address), tables.directory.credential_key(address)
    found = tables.store.get_many([user_key, credential_key], consistent=[tables.directory.name])
    user = user_from(found.get(user_key), address.domain)
    return credential_from(found.get(credential_key)) if user and user.active else None


def succeeded(tables: Tables, address: Address, ip: str) -> None:
    """The password was right: forget the wrong ones for the address, and take the try back from where it came."""
    tables.connections.forget_attempts(str(address))
    tables.connections.take_back(_origin(ip))


def sign_on(
    tables: Tables, signer: Signer, token: str, keys: signon.KeySource, ip: str, now: int
) -> tuple[Address, str]:
    """Who has logged in with a JWT of the domain's webmail, and the session token.

    Tries are counted per IP like those with a password. They are not counted per address, which anybody can write into
    a token: a colleague must not have to wait for that. What the key server fails to do is nobody's try, and what is
    wrong behind a valid signature is the webmail's mistake: neither stays counted.

    Raises:
        SignOnRefused, SignOnUnavailable: as ``signon.verify`` and ``signon.accept``.
        TooManyAttempts: wait before the next try.
    """
    origin = _origin(ip)
    _count(tables, origin, FREE_PER_IP, LONGEST_PER_IP, now)
    try:
        signed = signon.verify(tables, token, keys)
    except SignOnUnavailable:
        tables.connections.take_back(origin)
        raise
    tables.connections.take_back(origin)
    address = signon.accept(signed, now)
    return address, signer.session(address, now)


def _count(tables: Tables, who: str, free: int, longest: int, now: int) -> None:
    wait = tables.connections.try_login(who, free, longest, now, WINDOW)
    if wait > 0:
        raise TooManyAttempts(f"too many log-ins were refused; try again in {wait} s", retry_after=wait)


def _origin(ip: str) -> str:
    """Where a try comes from, as it is counted: an IPv4 address, or the network of an IPv6 address."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address), IPV6_NETWORK), strict=False))


def issue_ticket(tables: Tables, signer: Signer, token: str, now: int) -> str:
    """A ticket for a session token.

    Raises:
        SessionForged, SessionExpired: the token is not ours, too old, or from before the present password or from
            before the address was given to this user; or the user has been disabled or removed since.
    """
    session = signer.read_session(token, now)
    user_key = tables.directory.user_key(session.address)
    credential_key = tables.directory.credential_key(session.address)
    found = tables.store.get_many([user_key, credential_key], consistent=[tables.directory.name])
    user = user_from(found.get(user_key), session.address.domain)
    credential = credential_from(found.get(credential_key))
    former_owner = user is not None and user.given_after(session.at)
    outdated = credential is not None and session.at < credential.since
    if user is None or not user.active or former_owner or outdated:
        raise SessionExpired("the session is over; log in again")
    return signer.ticket(session.address, now)


def use_ticket(tables: Tables, signer: Signer, token: str, now: int) -> Ticket:
    """The ticket, which is used up by this.

    Raises:
        TicketForged, TicketExpired, TicketUsed: it opens nothing.
    """
    ticket = signer.read_ticket(token, now)
    if not tables.connections.use_ticket(ticket.id, (now + 2 * TICKET_LIFETIME) // 1000 + 60):
        raise TicketUsed("the ticket has been used before")
    return ticket
