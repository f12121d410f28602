from __future__ import annotations

import pytest

from chat.addresses import Address
from chat.callers import Caller
from chat.errors import BadAddress, NotConnected, Offline, UnknownContact
from chat.presence import Connection, Status
from tests.unit.world import item_of

ALICE = Address("alice", "company.example")
CALLER = Caller(ALICE, "web:page")


def test_a_caller_is_found_among_the_users_connections() -> None:
    own, other = Connection("web:page", Status.BUSY, 0, 10), Connection("xmpp:n:r", Status.AWAY, 0, 10)
    assert CALLER.connection(item_of(own, other), 0) == (own, [own, other])


@pytest.mark.parametrize(
    "connection",
    [
        Connection("web:other", Status.AVAILABLE, 0, 10),
        Connection("web:page", Status.AVAILABLE, 0, 10, leaving=1),
        Connection("web:page", Status.AVAILABLE, 0, 0),
    ],
    ids=["other", "lost", "expired"],
)
def test_a_connection_that_is_not_there_must_reconnect(connection: Connection) -> None:
    with pytest.raises(NotConnected):
        CALLER.connection(item_of(connection), 1)


def test_who_has_no_connection_at_all_must_reconnect() -> None:
    with pytest.raises(NotConnected):
        CALLER.connection(None, 0)


def test_offline_in_webmail_is_not_online() -> None:
    with pytest.raises(Offline):
        CALLER.online_connection(item_of(Connection("web:page", Status.OFFLINE, 0, 10)), 0)


@pytest.mark.parametrize("status", [Status.AVAILABLE, Status.AWAY, Status.BUSY])
def test_every_other_status_is_online(status: Status) -> None:
    own = Connection("web:page", status, 0, 10)
    assert CALLER.online_connection(item_of(own), 0)[0] == own


def test_a_colleague_is_of_the_same_domain() -> None:
    assert CALLER.colleague("Bob@Company.Example") == Address("bob", "company.example")


@pytest.mark.parametrize("text", ["bob@elsewhere.example", "bob@sub.company.example"])
def test_somebody_of_another_domain_is_no_contact(text: str) -> None:
    with pytest.raises(UnknownContact):
        CALLER.colleague(text)


def test_a_colleague_needs_an_address() -> None:
    with pytest.raises(BadAddress):
        CALLER.colleague("bob")
