from __future__ import annotations

from typing import Any

import pytest

from chat import statuses, watching
from chat.callers import Caller
from chat.errors import NotConnected
from chat.presence import Status
from chat.statuses import Choice
from chat.store import StoreBusy
from chat.tables.connections import revision_of
from chat.tables.directory import chosen_status
from tests.unit.world import NOW, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob")
    return world


@pytest.fixture
def page(office: World) -> Caller:
    return office.web("alice", "page")


def choose(world: World, caller: Caller, status: Status, now: int = NOW) -> Choice:
    return statuses.choose(world.tables, world.pusher, caller, status, now)


def chosen(world: World) -> Status:
    return chosen_status(world.tables.store.get(world.tables.directory.setting_key(world.address("alice"))))


@pytest.mark.parametrize("status", Status)
def test_a_chosen_status_is_the_connections_and_kept_for_the_next_log_in(
    office: World, page: Caller, status: Status
) -> None:
    assert choose(office, page, status) == Choice(status, status)
    assert (office.connections("alice")["web:page"].status, chosen(office)) == (status, status)


def test_a_chosen_status_is_that_of_all_webmail(office: World, page: Caller) -> None:
    office.web("alice", "other")
    choose(office, page, Status.BUSY)
    assert {each.status for each in office.connections("alice").values()} == {Status.BUSY}


def test_a_chosen_status_is_not_that_of_xmpp(office: World, page: Caller) -> None:
    office.xmpp("alice", "node", "phone")
    choose(office, page, Status.OFFLINE)
    assert office.connections("alice")["xmpp:node:phone"].status is Status.AVAILABLE
    assert office.presence("alice") is Status.AVAILABLE


def test_a_status_chosen_by_hand_ends_idling(office: World, page: Caller) -> None:
    statuses.idle(office.tables, page, True, NOW)
    choose(office, page, Status.AWAY)
    assert not office.connections("alice")["web:page"].idle


def test_choosing_the_same_status_again_changes_no_connection(office: World, page: Caller) -> None:
    choose(office, page, Status.BUSY, NOW)
    before = office.tables.connections.of(page.address)
    choose(office, page, Status.BUSY, NOW + 1)
    assert office.tables.connections.of(page.address) == before


def test_the_own_other_webmail_is_told_the_choice(office: World, page: Caller) -> None:
    office.web("alice", "other")
    choose(office, page, Status.BUSY)
    assert office.channel.posts == [
        (
            "other",
            {
                "event": "presence",
                "address": str(page.address),
                "status": "busy",
                "revision": revision_of(office.tables.connections.of(page.address)),
                "chosen": "busy",
            },
        )
    ]


def test_the_own_other_webmail_is_told_even_that_it_is_offline(office: World, page: Caller) -> None:
    office.web("alice", "other")
    choose(office, page, Status.OFFLINE)
    assert office.channel.to("other")[0]["chosen"] == "offline"


def test_the_own_other_webmail_is_told_the_presence_that_xmpp_keeps_up(office: World, page: Caller) -> None:
    office.web("alice", "other")
    office.xmpp("alice")
    choose(office, page, Status.OFFLINE)
    assert office.channel.to("other")[0]["status"] == "available"


def test_a_lost_webmail_connection_is_told_nothing(office: World, page: Caller) -> None:
    office.web("alice", "other")
    office.pusher.lost(page.address, "web:other", NOW)
    choose(office, page, Status.BUSY)
    assert office.channel.posts == []


def test_offline_stops_all_webmail_watching(office: World, page: Caller) -> None:
    for caller in (page, office.web("alice", "other")):
        watching.watch(office.tables, caller, office.addresses("bob"), NOW)
    choose(office, page, Status.OFFLINE)
    assert office.tables.connections.watchers(office.domain, "bob", NOW) == []


def test_other_statuses_go_on_watching(office: World, page: Caller) -> None:
    watching.watch(office.tables, page, office.addresses("bob"), NOW)
    choose(office, page, Status.AWAY)
    assert len(office.tables.connections.watchers(office.domain, "bob", NOW)) == 1


def test_a_connection_that_is_gone_chooses_nothing(office: World, page: Caller) -> None:
    with pytest.raises(NotConnected):
        choose(office, Caller(page.address, "web:gone"), Status.BUSY)
    assert chosen(office) is Status.AVAILABLE


def close_before(world: World, ref: str, times: int) -> None:
    """Let a connection end ahead of each of the next updates."""
    left = [times]

    def close(operation: str, request: dict[str, Any]) -> None:
        if operation == "update_item" and "ConditionExpression" in request and left[0]:
            left[0] -= 1
            world.client.before = lambda *_: None
            world.tables.connections.remove(world.address("alice"), [ref], NOW)
            world.client.before = close
            if left[0]:
                world.web("alice", ref.removeprefix("web:"))

    world.client.before = close


def test_a_connection_that_ends_meanwhile_does_not_stop_the_others(office: World, page: Caller) -> None:
    office.web("alice", "other")
    close_before(office, "web:other", 1)
    choose(office, page, Status.BUSY)
    assert office.connections("alice")["web:page"].status is Status.BUSY


def test_where_connections_change_on_and_on_the_store_is_busy(office: World, page: Caller) -> None:
    def refuse(operation: str, request: dict[str, Any]) -> None:
        if operation == "update_item" and "ConditionExpression" in request:
            request["ConditionExpression"] += " AND attribute_exists(never)"

    office.client.before = refuse
    with pytest.raises(StoreBusy):
        choose(office, page, Status.BUSY)


def idle(world: World, caller: Caller, away: bool = True) -> Choice:
    return statuses.idle(world.tables, caller, away, NOW)


def test_idling_makes_one_connection_away(office: World, page: Caller) -> None:
    office.web("alice", "other")
    assert idle(office, page) == Choice(Status.AWAY, Status.AVAILABLE)
    assert {ref: (each.status, each.idle) for ref, each in office.connections("alice").items()} == {
        "web:page": (Status.AWAY, True),
        "web:other": (Status.AVAILABLE, False),
    }


def test_coming_back_makes_it_available(office: World, page: Caller) -> None:
    idle(office, page)
    assert idle(office, page, away=False) == Choice(Status.AVAILABLE, Status.AVAILABLE)
    assert not office.connections("alice")["web:page"].idle


@pytest.mark.parametrize("status", [Status.AWAY, Status.BUSY, Status.OFFLINE])
@pytest.mark.parametrize("away", [True, False])
def test_a_status_chosen_by_hand_is_left_by_idling(office: World, page: Caller, status: Status, away: bool) -> None:
    choose(office, page, status)
    assert idle(office, page, away) == Choice(status, status)
    assert office.connections("alice")["web:page"].status is status


def test_idling_does_not_become_the_choice(office: World, page: Caller) -> None:
    idle(office, page)
    assert chosen(office) is Status.AVAILABLE


def test_idling_again_writes_nothing(office: World, page: Caller) -> None:
    idle(office, page)
    office.client.calls.clear()
    idle(office, page)
    assert office.client.operations() == ["batch_get_item"]


def test_a_connection_that_is_gone_does_not_idle(office: World, page: Caller) -> None:
    with pytest.raises(NotConnected):
        idle(office, Caller(page.address, "web:gone"))


def test_a_connection_that_ends_while_it_idles_is_told_so(office: World, page: Caller) -> None:
    close_before(office, "web:page", 1)
    with pytest.raises(NotConnected):
        idle(office, page)


def test_of_two_choices_at_once_one_holds_everywhere(office: World, page: Caller) -> None:
    other = office.web("alice", "other")
    made: list[str] = []

    def before(operation: str, request: dict[str, Any]) -> None:
        if operation == "update_item" and "WATCH" not in str(request) and made == ["first"]:
            made.append("second")
            choose(office, other, Status.OFFLINE)
        elif operation == "update_item" and not made:
            made.append("first")

    office.client.before = before
    choose(office, page, Status.BUSY)
    assert made == ["first", "second"]
    kept = chosen_status(office.tables.store.get(office.tables.directory.setting_key(page.address)))
    assert {each.status for each in office.connections("alice").values()} == {kept}


def test_idling_never_overtakes_a_choice_that_is_made_meanwhile(office: World, page: Caller) -> None:
    other = office.web("alice", "other")

    def before(operation: str, _request: dict[str, Any]) -> None:
        if operation == "update_item":
            office.client.before = lambda *_: None
            choose(office, other, Status.OFFLINE)

    office.client.before = before
    assert statuses.idle(office.tables, page, True, NOW).status is Status.OFFLINE
    assert {each.status for each in office.connections("alice").values()} == {Status.OFFLINE}
