"""What a node pushes goes past its own sessions, to webmail and to other nodes."""

from __future__ import annotations

import pytest

from bridge.pushing import NodePusher
from chat import ids
from chat.frames.events import DirectoryEvent, Event, ReadEvent, TypingEvent
from chat.push import Target
from tests.unit.world import HOUR, NOW, World


@pytest.fixture
def office(world: World) -> World:
    """Two nodes with a link each."""
    for node in ("here", "there"):
        world.tables.connections.add_link(f"{node}.{world.domain}", f"link-{node}", NOW, NOW + HOUR)
    return world


def push(world: World, event: Event) -> None:
    alice = world.address("alice")
    here, there = f"here.{world.domain}", f"there.{world.domain}"
    pusher = NodePusher(world.channel, world.grace, world.tables.connections, node=here)
    refs = ("web:page", f"xmpp:{here}:phone", f"xmpp:{there}:phone")
    pusher.deliver(event, [Target(alice, ref) for ref in refs], NOW)


def test_its_own_sessions_are_left_out(office: World) -> None:
    push(office, DirectoryEvent(domain=office.domain))
    assert office.channel.receivers() == ["link-there", "page"]


def test_typing_and_read_marks_go_to_webmail_alone(office: World) -> None:
    alice, bob = f"alice@{office.domain}", f"bob@{office.domain}"
    push(office, TypingEvent(contact=bob, sender=bob, active=True))
    push(office, ReadEvent(contact=bob, reader=alice, id=ids.new(NOW)))
    assert office.channel.receivers() == ["page", "page"]


def test_another_node_that_takes_nothing_now_is_told_later(office: World) -> None:
    office.channel.deaf.add("link-there")
    push(office, DirectoryEvent(domain=office.domain))
    assert office.grace.missed == [(f"there.{office.domain}", NOW)]
