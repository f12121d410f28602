from __future__ import annotations

from typing import Any

import pytest

from chat import statuses, watching
from chat.callers import Caller
from chat.errors import NotConnected
from chat.presence import LIFETIME, Presence, Status
from chat.tables.connections import Watcher
from tests.unit.world import NOW, SECOND, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol")
    return world


@pytest.fixture
def page(office: World) -> Caller:
    return office.web("alice", "page")


def watch(world: World, caller: Caller, *locals_: str, now: int = NOW) -> list[Presence]:
    return watching.watch(world.tables, caller, world.addresses(*locals_), now)


def watchers(world: World, local: str) -> list[Watcher]:
    return world.tables.connections.watchers(world.domain, local, NOW)


def test_watching_answers_with_the_presence_of_those_named_in_their_order(office: World, page: Caller) -> None:
    office.xmpp("bob", status=Status.BUSY)
    assert [(each.address.local, each.status) for each in watch(office, page, "carol", "bob")] == [
        ("carol", Status.OFFLINE),
        ("bob", Status.BUSY),
    ]


def test_presence_has_a_revision_and_none_where_nothing_is_known(office: World, page: Caller) -> None:
    office.xmpp("bob", now=NOW - 5)
    assert [each.revision for each in watch(office, page, "bob", "carol")] == [NOW - 4, 0]


def test_an_expired_connection_is_not_seen(office: World, page: Caller) -> None:
    office.xmpp("bob", now=NOW - SECOND, lifetime=SECOND)
    assert watch(office, page, "bob")[0].status is Status.OFFLINE


def test_who_watches_is_noted(office: World, page: Caller) -> None:
    watch(office, page, "bob")
    assert watchers(office, "bob") == [Watcher("web:page", page.address)]


def test_watching_others_ends_watching_those_before(office: World, page: Caller) -> None:
    watch(office, page, "bob")
    watch(office, page, "carol")
    assert (watchers(office, "bob"), len(watchers(office, "carol"))) == ([], 1)


def test_watching_nobody_ends_it(office: World, page: Caller) -> None:
    watch(office, page, "bob")
    assert watch(office, page) == []
    assert watchers(office, "bob") == []


def test_a_watch_lasts_as_long_as_its_connection(office: World, page: Caller) -> None:
    watch(office, page, "bob")
    end = NOW + LIFETIME * SECOND
    table = office.tables.connections
    assert len(table.watchers(office.domain, "bob", end - SECOND)) == 1
    assert table.watchers(office.domain, "bob", end) == []


def test_who_is_offline_sees_everybody_offline_and_watches_nobody(office: World, page: Caller) -> None:
    office.xmpp("bob")
    statuses.choose(office.tables, office.pusher, page, Status.OFFLINE, NOW)
    assert watch(office, page, "bob") == [Presence(office.address("bob"), Status.OFFLINE, 0)]
    assert watchers(office, "bob") == []


def test_the_watch_is_noted_before_presence_is_read(office: World, page: Caller) -> None:
    office.client.calls.clear()
    watch(office, page, "bob")
    assert office.client.operations() == ["put_item", "batch_get_item"]


def test_a_choice_of_offline_while_the_watch_is_noted_ends_it(office: World, page: Caller) -> None:
    def before(operation: str, _request: dict[str, Any]) -> None:
        if operation == "batch_get_item":
            office.client.before = lambda *_: None
            statuses.choose(office.tables, office.pusher, page, Status.OFFLINE, NOW)

    office.client.before = before
    office.xmpp("bob")
    assert watch(office, page, "bob")[0].status is Status.OFFLINE
    assert watchers(office, "bob") == []


def test_a_connection_that_is_gone_watches_nobody(office: World, page: Caller) -> None:
    with pytest.raises(NotConnected):
        watch(office, Caller(page.address, "web:gone"), "bob")
    assert watchers(office, "bob") == []
