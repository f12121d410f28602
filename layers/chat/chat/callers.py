"""Who makes a request: a user over one of its connections."""

from __future__ import annotations

from dataclasses import dataclass

from chat.addresses import Address
from chat.entries import User
from chat.errors import NotConnected, Offline, UnknownContact
from chat.items import Item
from chat.presence import Connection, Status, connections_in
from chat.tables.directory import user_from


@dataclass(frozen=True, slots=True)
class Caller:
    """A user, and the connection that the request came over."""

    address: Address
    ref: str

    def connection(self, item: Item | None, now: int) -> tuple[Connection, list[Connection]]:
        """The caller's connection in its presence item, and all of the user's.

        Raises:
            NotConnected: it is not registered, or was lost.
        """
        connections = connections_in(item, now)
        for connection in connections:
            if connection.ref == self.ref and connection.leaving is None:
                return connection, connections
        raise NotConnected("this connection is no longer registered; reconnect")

    def online_connection(self, item: Item | None, now: int) -> tuple[Connection, list[Connection]]:
        """The same, refused where the user is Offline in webmail.

        Raises:
            NotConnected: it is not registered, or was lost.
            Offline: the user's webmail status is Offline.
        """
        connection, connections = self.connection(item, now)
        if connection.is_web and connection.status is Status.OFFLINE:
            raise Offline("your status is Offline; choose another to chat")
        return connection, connections

    def user(self, item: Item | None) -> User:
        """The caller's directory entry, from what the table has of it now.

        Raises:
            NotConnected: the user has been disabled or removed since it connected.
        """
        user = user_from(item, self.address.domain)
        if user is None or not user.active:
            raise NotConnected("the account has been disabled or removed")
        return user

    def colleague(self, text: str) -> Address:
        """An address of the caller's domain.

        Raises:
            BadAddress: not an address.
            UnknownContact: of another domain; whether it exists there is not looked up.
        """
        address = Address.parse(text)
        if address.domain != self.address.domain:
            raise unknown_contact(address)
        return address


def unknown_contact(address: Address) -> UnknownContact:
    """The one answer for an address that is not a contact, whatever the reason."""
    return UnknownContact(f"{address} is not one of your contacts")
