from __future__ import annotations

import pytest

from chat import ids
from chat.frames.base import MessageFrame
from chat.frames.events import (
    MAX_STANZA,
    DirectoryEvent,
    Event,
    MessageEvent,
    NodeFrame,
    PresenceEvent,
    Resource,
    Session,
    StanzaEvent,
)
from chat.presence import Connection, Status
from chat.push import MAX_PUSH, NotTaken, Pusher, Target, targets, tell_missed
from chat.tables.connections import Watcher
from chat.tables.history import XMPP, Message
from tests.unit.world import HOUR, NOW, SECOND, World

EVENT = DirectoryEvent(domain="company.example")
FRAME = {"event": "directory", "domain": "company.example"}


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob")
    return world


@pytest.fixture
def node(office: World) -> str:
    """A node of the test alone, with a link."""
    office.tables.connections.add_link(office.domain, "link", NOW, NOW + HOUR)
    return office.domain


def deliver(world: World, *wanted: tuple[str, str], now: int = NOW) -> set[str]:
    """The local parts of those who took it."""
    aims = [Target(world.address(local), ref) for local, ref in wanted]
    return {address.local for address in world.pusher.deliver(EVENT, aims, now)}


def node_frame(world: World, *sessions: tuple[str, str]) -> dict[str, object]:
    named = [{"address": str(world.address(local)), "resource": resource} for local, resource in sessions]
    return {"event": FRAME, "sessions": named}


def test_a_webmail_connection_is_pushed_to_directly(office: World) -> None:
    assert deliver(office, ("alice", "web:page")) == {"alice"}
    assert office.channel.posts == [("page", FRAME)]


def test_nobody_is_pushed_nothing(office: World) -> None:
    assert deliver(office) == set()
    assert office.channel.posts == []


def test_who_took_it_over_one_of_two_connections_took_it(office: World) -> None:
    office.channel.deaf.add("page")
    assert deliver(office, ("alice", "web:page"), ("alice", "web:other"), ("bob", "web:page")) == {"alice"}


def test_a_node_gets_one_frame_for_all_its_sessions(office: World, node: str) -> None:
    wanted = [("alice", f"xmpp:{node}:phone"), ("bob", f"xmpp:{node}:desk:top")]
    assert deliver(office, *wanted) == {"alice", "bob"}
    assert office.channel.posts == [("link", node_frame(office, ("alice", "phone"), ("bob", "desk:top")))]


def test_several_nodes_get_a_frame_each(office: World, node: str) -> None:
    office.tables.connections.add_link(f"other.{node}", "other-link", NOW, NOW + HOUR)
    deliver(office, ("alice", f"xmpp:{node}:phone"), ("bob", f"xmpp:other.{node}:phone"))
    assert office.channel.receivers() == ["link", "other-link"]


def test_sessions_of_a_node_without_a_link_are_not_reached(office: World) -> None:
    assert deliver(office, ("alice", f"xmpp:{office.domain}:phone")) == set()


def test_a_node_without_links_has_its_grace_period(office: World) -> None:
    deliver(office, ("alice", f"xmpp:{office.domain}:phone"))
    assert office.grace.nodes == [office.domain]


def test_a_node_whose_links_are_all_gone_has_its_grace_period_and_loses_them(office: World, node: str) -> None:
    office.tables.connections.add_link(node, "newer", NOW + 1, NOW + HOUR)
    office.channel.gone |= {"link", "newer"}
    deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + 10 * SECOND + 1)
    assert office.grace.nodes == [node]
    assert office.tables.connections.links(node, NOW) == []


def test_a_link_younger_than_ten_seconds_may_not_be_open_yet(office: World, node: str) -> None:
    office.channel.gone.add("link")
    deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + 10 * SECOND - 1)
    assert office.tables.connections.links(node, NOW) == ["link"]


def test_a_node_whose_link_takes_nothing_now_is_not_lost(office: World, node: str) -> None:
    office.tables.connections.add_link(node, "newer", NOW + 1, NOW + HOUR)
    office.channel.gone.add("newer")
    office.channel.deaf.add("link")
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    assert (office.grace.nodes, len(office.tables.connections.links(node, NOW))) == ([], 2)


def test_a_node_whose_link_takes_nothing_now_is_told_later(office: World, node: str) -> None:
    office.channel.deaf.add("link")
    for ms in (0, 1_999, 2_000):
        deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + ms)
    assert (office.grace.missed, office.grace.nodes) == ([(node, NOW), (node, NOW + 2_000)], [])


def test_a_node_that_watches_and_takes_nothing_is_told_later(office: World, node: str) -> None:
    office.channel.deaf.add("link")
    office.pusher.announce(EVENT, [Watcher(f"node:{node}", None)], NOW)
    assert office.grace.missed == [(node, NOW)]


def test_a_link_that_takes_nothing_is_tried_once_for_a_frame(office: World, node: str) -> None:
    """Each try may take as long as a function has nearly."""
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    posts: list[str] = []

    def post(connection_id: str, frame: bytes) -> bool:
        posts.append(connection_id)
        return False

    office.channel.post = post  # type: ignore[method-assign]
    deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + 1)
    assert posts == ["link"]


def test_what_the_queue_did_not_take_is_asked_for_again(
    office: World, node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.channel.deaf.add("link")

    def refuse(*_: object) -> None:
        raise OSError("the queue is down")

    with monkeypatch.context() as patch:
        patch.setattr(office.grace, "schedule_catch_up", refuse)
        with pytest.raises(OSError, match="queue"):
            deliver(office, ("alice", f"xmpp:{node}:phone"))
    deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + 1)
    assert office.grace.missed == [(node, NOW + 1)]


class TestTellMissed:
    def tell(self, world: World) -> None:
        tell_missed(world.channel, world.tables.connections, world.domain, NOW - HOUR, NOW)

    def test_a_node_is_told_since_when(self, office: World, node: str) -> None:
        self.tell(office)
        assert office.channel.to("link") == [{"event": {"event": "missed", "since": NOW - HOUR}, "sessions": []}]
        assert node == office.domain

    @pytest.mark.usefixtures("node")
    def test_one_that_does_not_take_that_either_has_to_be_told_later(self, office: World) -> None:
        office.channel.deaf.add("link")
        with pytest.raises(NotTaken, match=office.domain):
            self.tell(office)

    @pytest.mark.parametrize("links", [0, 1])
    def test_one_that_may_come_back_has_to_be_told_later(self, office: World, links: int) -> None:
        for number in range(links):
            office.tables.connections.add_link(office.domain, f"gone{number}", NOW, NOW + HOUR)
            office.channel.gone.add(f"gone{number}")
        office.tables.connections.watch_all("company.example", office.domain, NOW + HOUR)
        with pytest.raises(NotTaken):
            self.tell(office)

    def test_one_that_was_removed_is_not_told(self, office: World) -> None:
        self.tell(office)
        assert office.channel.posts == []


def test_a_node_is_checked_once_a_minute(office: World) -> None:
    for second in (0, 59, 60):
        deliver(office, ("alice", f"xmpp:{office.domain}:phone"), now=NOW + second * SECOND)
    assert office.grace.nodes == [office.domain] * 2


def test_links_are_looked_up_once_in_five_seconds(office: World, node: str) -> None:
    for second in (0, 5):
        office.client.calls.clear()
        deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + second * SECOND)
    assert office.client.calls == []


def test_links_are_looked_up_again_after_five_seconds(office: World, node: str) -> None:
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    office.client.calls.clear()
    deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + 5 * SECOND + 1)
    assert office.client.operations() == ["query"]


def test_a_remembered_link_that_is_gone_is_looked_up_again_at_once(office: World, node: str) -> None:
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    office.channel.gone.add("link")
    office.tables.connections.add_link(node, "new-link", NOW + 1, NOW + HOUR)
    assert deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + 1) == {"alice"}
    assert office.channel.receivers() == ["link", "new-link"]


def test_of_two_links_the_newest_is_used(office: World, node: str) -> None:
    office.tables.connections.add_link(node, "newer", NOW + 1, NOW + HOUR)
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    assert office.channel.receivers() == ["newer"]


@pytest.mark.parametrize("trouble", ["gone", "deaf"])
def test_a_link_that_fails_leaves_the_older_one(office: World, node: str, trouble: str) -> None:
    office.tables.connections.add_link(node, "newer", NOW + 1, NOW + HOUR)
    getattr(office.channel, trouble).add("newer")
    assert deliver(office, ("alice", f"xmpp:{node}:phone")) == {"alice"}
    assert office.channel.receivers() == ["link"]


def test_a_connection_found_gone_is_lost_and_comes_to_its_grace_period(office: World) -> None:
    office.web("alice", "page", now=NOW - 10 * SECOND)
    office.channel.gone.add("page")
    assert deliver(office, ("alice", "web:page")) == set()
    assert office.connections("alice")["web:page"].leaving == NOW
    assert office.grace.scheduled == [(office.address("alice"), "web:page")]


def test_a_connection_younger_than_ten_seconds_may_not_be_open_yet(office: World) -> None:
    office.web("alice", "page", now=NOW - 10 * SECOND + 1)
    office.channel.gone.add("page")
    deliver(office, ("alice", "web:page"))
    assert office.connections("alice")["web:page"].leaving is None


def test_a_connection_found_gone_twice_is_lost_once(office: World) -> None:
    office.web("alice", "page", now=NOW - HOUR)
    office.channel.gone.add("page")
    deliver(office, ("alice", "web:page"))
    lost = office.connections("alice")
    deliver(office, ("alice", "web:page"))
    assert office.connections("alice") == lost


def test_one_connection_that_is_gone_does_not_stop_the_others(office: World) -> None:
    office.web("alice", "page")
    office.channel.gone.add("page")
    assert deliver(office, ("alice", "web:page"), ("bob", "web:bobs")) == {"bob"}


def test_watchers_are_told_directly_and_nodes_once_for_everybody(office: World, node: str) -> None:
    watchers = [Watcher("web:page", office.address("alice")), Watcher(f"node:{node}", None)]
    assert office.pusher.announce(EVENT, watchers, NOW) == 2
    assert sorted(office.channel.posts, key=str) == [("link", node_frame(office)), ("page", FRAME)]


def test_a_watcher_found_gone_is_lost(office: World) -> None:
    office.web("alice", "page", now=NOW - HOUR)
    office.channel.gone.add("page")
    office.pusher.announce(EVENT, [Watcher("web:page", office.address("alice"))], NOW)
    assert office.connections("alice")["web:page"].leaving == NOW


def test_what_is_none_is_not_in_the_frame(office: World) -> None:
    deliver(office, ("alice", "web:page"))
    assert None not in office.channel.to("page")[0].values()


def test_what_nodes_alone_are_told_of_a_message_does_not_go_to_web_clients(office: World, node: str) -> None:
    alice, bob = office.addresses("alice", "bob")
    message = MessageFrame.model_validate(Message(ids.new(NOW), alice, bob, "hello", XMPP))
    event = MessageEvent(message=message, stanza="<message id='purple1'/>")
    office.pusher.deliver(event, [Target(bob, "web:page"), Target(bob, f"xmpp:{node}:phone")], NOW)
    plain = {"event": "message", "message": message.model_dump()}
    assert office.channel.to("page") == [plain]
    only = {"stanza": "<message id='purple1'/>"}
    assert [frame["event"] for frame in office.channel.to("link")] == [plain | only]


def test_what_nodes_alone_are_told_of_a_presence_does_not_go_to_web_clients(office: World, node: str) -> None:
    resource = Resource(resource="phone", status="busy", priority=5, payload="<status>on the phone</status>")
    event = PresenceEvent(address="bob@x", status="busy", revision=1, resources=[resource], blocked=["carol"])
    watchers = [Watcher("web:page", office.address("alice")), Watcher(f"node:{node}", None)]
    office.pusher.announce(event, watchers, NOW)
    plain = {"event": "presence", "address": "bob@x", "status": "busy", "revision": 1}
    assert office.channel.to("page") == [plain]
    only = {"resources": [resource.model_dump()], "blocked": ["carol"]}
    assert [frame["event"] for frame in office.channel.to("link")] == [plain | only]


class TestTooLarge:
    """API Gateway takes 128 KB, and JSON writes two characters for a quotation mark."""

    @pytest.fixture
    def aims(self, office: World, node: str) -> list[Target]:
        return [Target(office.address("bob"), f"xmpp:{node}:phone")]

    @pytest.mark.parametrize("marks", [0, 1])
    def test_a_message_is_pushed_without_its_stanza(self, office: World, aims: list[Target], marks: int) -> None:
        alice, bob = office.addresses("alice", "bob")
        message = MessageFrame.model_validate(Message(ids.new(NOW), alice, bob, "", XMPP))
        room = MAX_PUSH - len(node_frame_of(MessageEvent(message=message, stanza=""), aims))
        message = message.model_copy(update={"body": '"' * 7_000 + "x" * (room - 2 * (7_000 + 58_000) + marks)})
        event = MessageEvent(message=message, stanza='"' * 58_000)
        assert len(node_frame_of(event, aims)) == MAX_PUSH + marks
        assert office.pusher.deliver(event, aims, NOW) == {bob}
        [taken] = office.channel.to("link")
        assert taken["event"]["message"] == message.model_dump()
        assert ("stanza" in taken["event"]) is not marks

    def test_what_no_push_can_carry_is_not_tried(self, office: World, node: str, aims: list[Target]) -> None:
        assert office.pusher.deliver(StanzaEvent(xml='"' * MAX_STANZA), aims, NOW) == set()
        assert (office.channel.posts, office.grace.missed, office.grace.nodes) == ([], [], [])
        assert office.tables.connections.links(node, NOW) == ["link"]


def node_frame_of(event: Event, aims: list[Target]) -> bytes:
    sessions = [Session(address=str(each.owner), resource="phone") for each in aims]
    return NodeFrame(event=event, sessions=sessions).model_dump_json(exclude_none=True).encode()


def test_a_stanza_goes_from_node_to_node_as_it_is(office: World, node: str) -> None:
    xml = "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"
    office.pusher.deliver(StanzaEvent(xml=xml), [Target(office.address("alice"), f"xmpp:{node}:phone")], NOW)
    assert office.channel.to("link") == [
        {
            "event": {"event": "stanza", "xml": xml},
            "sessions": [{"address": str(office.address("alice")), "resource": "phone"}],
        }
    ]


def test_links_are_remembered_per_pusher(office: World, node: str) -> None:
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    another = Pusher(office.channel, office.grace, office.tables.connections)
    office.client.calls.clear()
    another.deliver(EVENT, [Target(office.address("alice"), f"xmpp:{node}:phone")], NOW)
    assert office.client.operations() == ["query"]


def test_targets_are_the_connections_that_receive_but_the_one_named(office: World) -> None:
    alice = office.address("alice")
    connections = [
        Connection("web:a", Status.AVAILABLE, 0, 1),
        Connection("web:b", Status.OFFLINE, 0, 1),
        Connection("web:c", Status.AVAILABLE, 0, 1, leaving=1),
        Connection("web:d", Status.AVAILABLE, 0, 1),
        Connection("xmpp:n:r", Status.AWAY, 0, 1),
    ]
    assert targets(alice, connections, but="web:d") == [Target(alice, "web:a"), Target(alice, "xmpp:n:r")]


def test_more_sessions_than_a_frame_can_name_come_in_several(office: World, node: str) -> None:
    wanted = [("alice", f"xmpp:{node}:{number}") for number in range(51)]
    assert deliver(office, *wanted) == {"alice"}
    sizes = [len(frame["sessions"]) for _, frame in office.channel.posts]
    assert sorted(sizes) == [1, 50]


def test_a_watcher_that_is_gone_watches_nobody_any_more(office: World) -> None:
    office.tables.connections.watch(office.address("alice"), "web:page", ["bob"], NOW // SECOND + 60)
    office.channel.gone.add("page")
    watchers = office.tables.connections.watchers(office.domain, "bob", NOW)
    office.pusher.announce(EVENT, watchers, NOW)
    assert office.tables.connections.watchers(office.domain, "bob", NOW) == []
    assert office.grace.scheduled == []
