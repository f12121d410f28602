"""In-band registration (XEP-0077): a logged-in user changes the password. Accounts are made by administrators, but on
test systems that allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bridge import passwords
from bridge.elements import element, qualified
from bridge.errors import StanzaError, error_reply, of_chat_error
from bridge.names import IQ, REGISTER
from bridge.session import Session
from chat import credentials, directory
from chat.addresses import Address
from chat.entries import Profile
from chat.errors import BadAddress, ChatError, DirectoryError

if TYPE_CHECKING:
    from bridge.node import Node
    from bridge.wire import Wire

_QUERY = qualified(REGISTER, "query")
_NAME = qualified(REGISTER, "username")
_PASSWORD = qualified(REGISTER, "password")


async def get(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> Element:
    """The account is registered."""
    _check_server(session, owner)
    registered = element(qualified(REGISTER, "registered"))
    return element(_QUERY, registered, element(_NAME, session.address.local), element(_PASSWORD))


async def put(session: Session, _stanza: Element, query: Element, owner: Address | None) -> None:
    """Change the password; every other log-in from before is over then."""
    _check_server(session, owner)
    if query.find(qualified(REGISTER, "remove")) is not None:
        raise StanzaError("not-allowed", "an account is removed by your mail domain's administrator")
    name, password = query.findtext(_NAME), query.findtext(_PASSWORD)
    if name not in (None, session.address.local, session.bare):
        raise StanzaError("not-allowed", "only your own password can be changed")
    if not password:
        raise StanzaError("bad-request", "the new password is missing")
    node = session.node
    session.authenticated_at = now = node.now()  # it knows the new one
    try:
        await node.call(_change, node, session.address, password, now)
    except ChatError as error:
        raise of_chat_error(error) from error
    for other in node.sessions_of(session.address):
        if other is not session:
            passwords.expel(other)


def _change(node: Node, address: Address, password: str, now: int) -> None:
    credentials.check_password(password)
    directory.set_password(node.tables, address, credentials.derive(password, now))


async def before_log_in(node: Node, domain: str, stanza: Element, wire: Wire) -> Element:
    """Register an account on a system that allows it to anybody; the answer to the stanza."""
    try:
        if not wire.secure:
            raise StanzaError("policy-violation", "begin TLS first")
        result = await _register(node, domain, stanza)
    except StanzaError as error:
        refusal = error_reply(stanza, error, domain)
        return refusal if refusal is not None else element(IQ, type="error")
    return element(IQ, result, type="result", id=stanza.get("id"), from_=domain)


async def _register(node: Node, domain: str, stanza: Element) -> Element | None:
    query = stanza.find(_QUERY)
    if query is None:
        raise StanzaError("not-authorized", "log in first")
    if stanza.get("type") == "get":
        words = element(qualified(REGISTER, "instructions"), "Choose a name and a password.")
        return element(_QUERY, words, element(_NAME), element(_PASSWORD))
    try:
        address = Address.parse(f"{query.findtext(_NAME) or ''}@{domain}")
        password = query.findtext(_PASSWORD) or ""
        credentials.check_password(password)
        credential = await node.call(credentials.derive, password, node.now())
        new = directory.NewUser(address, Profile(address.local), credential)
        await node.call(directory.add_users, node.tables, domain, [new], node.now())
    except BadAddress as error:
        raise StanzaError("not-acceptable", error.message) from error
    except DirectoryError as error:
        raise StanzaError("conflict", str(error)) from error
    except ChatError as error:
        raise of_chat_error(error) from error
    return None


def _check_server(session: Session, owner: Address | None) -> None:
    if owner not in (None, session.address):
        raise StanzaError("forbidden")
