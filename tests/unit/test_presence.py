from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.presence import LIFETIME, XMPP_LIFETIME, Connection, Status, blocked_in, connections_in, derive
from tests.unit.world import item_of

connections = st.builds(
    Connection,
    st.from_regex(r"web:[A-Za-z0-9=]{1,8}|xmpp:[a-z]{1,5}:[a-z:]{1,8}", fullmatch=True),
    st.sampled_from(Status),
    st.integers(0, 10**13),
    st.integers(0, 10**10),
    st.booleans(),
    st.none() | st.integers(0, 10**13),
    st.integers(-128, 127),
    st.text(max_size=20),
)
some = st.lists(connections, max_size=5, unique_by=lambda connection: connection.ref)


@given(some)
def test_the_order_of_connections_does_not_matter(found: list[Connection]) -> None:
    assert derive(found) == derive(reversed(found))


@given(some)
def test_presence_is_busy_before_available_before_away_before_offline(found: list[Connection]) -> None:
    order = [Status.OFFLINE, Status.AWAY, Status.AVAILABLE, Status.BUSY]
    assert derive(found) is max([Status.OFFLINE, *(each.status for each in found)], key=order.index)


@given(some, connections)
def test_another_connection_never_makes_a_user_less_present(found: list[Connection], more: Connection) -> None:
    order = [Status.OFFLINE, Status.AWAY, Status.AVAILABLE, Status.BUSY]
    assert order.index(derive([*found, more])) >= order.index(derive(found))


def test_nobody_connected_is_offline() -> None:
    assert derive([]) is Status.OFFLINE


def test_a_lost_connection_counts_until_it_is_removed() -> None:
    assert derive([Connection("web:a", Status.AVAILABLE, 0, 1, leaving=5)]) is Status.AVAILABLE


@given(some)
def test_connections_come_back_from_the_item_they_are_stored_in(found: list[Connection]) -> None:
    assert connections_in(item_of(*found) | {"pk": "USER/x", "sk": "PRESENCE", "online": "x", "revision": 1}) == found


def test_an_expired_connection_is_not_there() -> None:
    item = item_of(Connection("web:a", Status.AVAILABLE, 0, expires=10))
    assert (len(connections_in(item, 9_999)), len(connections_in(item, 10_000))) == (1, 0)


def test_without_an_item_there_are_no_connections() -> None:
    assert connections_in(None) == []


def test_an_item_without_a_block_blocks_nobody() -> None:
    assert blocked_in(None) == blocked_in({}) == frozenset()
    assert blocked_in({"blocked": {"bob"}}) == {"bob"}


def test_no_connection_lives_longer_than_an_xmpp_resource() -> None:
    """Who opens one gives the item its lifetime without looking at the others."""
    assert XMPP_LIFETIME > LIFETIME


def test_a_webmail_connection_knows_its_api_connection() -> None:
    connection = Connection("web:L0SM9cOFvHcCIhw=", Status.AVAILABLE, 0, 1)
    assert (connection.is_web, connection.connection_id) == (True, "L0SM9cOFvHcCIhw=")


def test_a_resource_may_contain_the_separator() -> None:
    connection = Connection("xmpp:node:my:phone", Status.AVAILABLE, 0, 1)
    assert (connection.is_web, connection.node, connection.resource) == (False, "node", "my:phone")


@pytest.mark.parametrize(
    ("connection", "receives"),
    [
        (Connection("web:a", Status.BUSY, 0, 1), True),
        (Connection("web:a", Status.OFFLINE, 0, 1), False),
        (Connection("web:a", Status.AVAILABLE, 0, 1, leaving=1), False),
        (Connection("xmpp:n:r", Status.AWAY, 0, 1), True),
        (Connection("xmpp:n:r", Status.AWAY, 0, 1, leaving=1), False),
    ],
)
def test_offline_webmail_and_lost_connections_receive_nothing(connection: Connection, receives: bool) -> None:
    assert connection.receives is receives
