"""The one push channel: events to connections, through API Gateway's ``@connections``.

A webmail connection is pushed to directly. All XMPP resources on one bridge node get one frame, over the node's link. A
connection that turns out to be gone is marked as lost and removed after the grace period. What a webmail client did not
take, it finds by ``sync``; a bridge node that did not take something is told so a moment later, for certain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol

from chat import trail
from chat.addresses import Address
from chat.frames.events import NODE_ONLY, Event, MessageEvent, MissedEvent, NodeFrame, Session
from chat.presence import WEB, Connection
from chat.tables.connections import STALE_AFTER, ConnectionsTable, Watcher
from chat.tables.nodes import NODE
from chat.trail import Step

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

MAX_PUSH = 128 * 1024
"""Bytes of one push: API Gateway's limit for a WebSocket payload."""
_SESSIONS = 50
"""Sessions that one frame to a node names: a resource may have 1,023 bytes (RFC 7622 §3.4), a push 128 KB."""
LINKS_KEPT = 5_000
"""Milliseconds for which a node's links are remembered; a link that is gone is looked up again at once. A node keeps
one that it has replaced for longer, as what is pushed to a link while it is closed is lost."""
_CHECKED_EVERY = 60_000
"""Milliseconds between two checks of a node that takes nothing, asked for by one process."""
CATCH_UP = 5_000
"""Milliseconds until a node that did not take a push is told so."""
_CATCH_UP_EVERY = CATCH_UP - 3_000
"""Milliseconds for which one process asks for no other telling: what is not taken meanwhile is in the store before the
node reads it."""


class Gone(Exception):
    """There is no such API connection any more (410)."""


class NotTaken(Exception):
    """A bridge node did not take what it has to be told."""


class Channel(Protocol):
    """Posts to an API connection."""

    def post(self, connection_id: str, frame: bytes) -> bool:
        """Whether the connection took it; raises Gone where there is none."""


class Grace(Protocol):
    """Comes back to what was lost when its grace period is over."""

    def schedule(self, address: Address, ref: str) -> None:
        """Come back to a user's connection."""

    def schedule_node(self, node: str) -> None:
        """Come back to a bridge node without links."""

    def schedule_catch_up(self, node: str, since: int) -> None:
        """Come back sooner, to tell a bridge node what it did not take ``since`` a time in ms (``tell_missed``)."""


@dataclass(frozen=True, slots=True)
class Target:
    """A connection to push to, and whose it is."""

    owner: Address
    ref: str


Outcome = tuple[Step, Sequence[Target]]
"""What came of a push to some connections: they took it, are gone, or did not take it."""


@dataclass
class Pusher:
    """Delivers events. Links, and which nodes are being checked, are remembered between the calls of one process."""

    channel: Channel
    grace: Grace
    connections: ConnectionsTable
    _links: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    _checked: dict[str, int] = field(default_factory=dict)
    _missing: dict[str, int] = field(default_factory=dict)
    """Since when a node has not taken something that it is going to be told of."""

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor  # 3 ms that a call without threads need not pay

        return ThreadPoolExecutor(max_workers=16, thread_name_prefix="push")

    def deliver(self, event: Event, targets: Iterable[Target], now: int) -> set[Address]:
        """Push an event to connections; returns whose took it."""
        web: dict[str, Target] = {}
        sessions: dict[str, list[Target]] = {}
        for target in targets:
            if target.ref.startswith(WEB):
                web[target.ref] = target
            else:
                sessions.setdefault(target.ref.split(":", 2)[1], []).append(target)
        groups = [
            (node, group[start : start + _SESSIONS])
            for node, group in sessions.items()
            for start in range(0, len(group), _SESSIONS)
        ]
        frame = _web_frame(event) if web else b""
        jobs: list[Callable[[], Outcome]] = [partial(self._to_web, frame, target, now) for target in web.values()]
        jobs += [partial(self._to_node, event, node, group, now) for node, group in groups]
        outcomes = self._run(jobs)
        if isinstance(event, MessageEvent):
            _follow(event.message.id, outcomes)
        return {each.owner for step, group in outcomes if step is Step.PUSHED for each in group}

    def announce(self, event: Event, watchers: Collection[Watcher], now: int) -> int:
        """Push an event to watching connections and nodes; returns to how many."""
        web = [Target(each.owner, each.ref) for each in watchers if each.owner is not None]
        nodes = [each.ref.removeprefix(NODE) for each in watchers if each.owner is None]
        frame = _web_frame(event) if web else b""
        jobs: list[Callable[[], Outcome]] = [partial(self._to_web, frame, target, now, watches=True) for target in web]
        jobs += [partial(self._to_node, event, node, [], now) for node in nodes]
        self._run(jobs)
        return len(jobs)

    def lost(self, address: Address, ref: str, now: int, *, older_than: int = 0) -> None:
        """Mark a connection as lost, and have it removed after the grace period."""
        if self.connections.lose(address, ref, now, older_than=older_than):
            self.grace.schedule(address, ref)

    def _to_web(self, frame: bytes, target: Target, now: int, *, watches: bool = False) -> Outcome:
        try:
            taken = self.channel.post(target.ref.removeprefix(WEB), frame)
            return Step.PUSHED if taken else Step.FAILED, [target]
        except Gone:
            self.lost(target.owner, target.ref, now, older_than=STALE_AFTER)
            if watches:
                self.connections.unwatch(target.owner.domain, [target.ref])
            return Step.GONE, [target]

    def _to_node(self, event: Event, node: str, group: list[Target], now: int) -> Outcome:
        sessions = [Session(address=str(each.owner), resource=each.ref.split(":", 2)[2]) for each in group]
        frame = _node_frame(event, sessions)
        if frame is None:
            return Step.FAILED, group
        read_at, remembered = self._links.get(node, (0, []))
        tried = remembered if now - read_at <= LINKS_KEPT else []
        gone: list[str] = []
        if _post_to_any(self.channel, tried, frame, gone):
            return Step.PUSHED, group
        try:
            links = self.connections.links(node, now)
        except Exception:
            self._node_missed(node, now)  # if that fails as well, whoever pushes tries again
            return Step.FAILED, group
        self._links[node] = (now, links)
        if _post_to_any(self.channel, [each for each in links if each not in tried], frame, gone):
            return Step.PUSHED, group
        if set(links) <= set(gone):
            self._node_lost(node, gone, now)
            return Step.GONE, group
        self._node_missed(node, now)
        return Step.FAILED, group

    def _node_missed(self, node: str, now: int) -> None:
        """Have a node told that it did not take something; it has a link, so nothing else would tell it."""
        if now - self._missing.get(node, now - _CATCH_UP_EVERY) >= _CATCH_UP_EVERY:
            self.grace.schedule_catch_up(node, now)
            self._missing[node] = now

    def _node_lost(self, node: str, gone: list[str], now: int) -> None:
        """Have a node removed after the grace period, unless it has a link again by then.

        Links whose end nobody reported are forgotten, else they would keep a dead node.
        """
        if now - self._checked.get(node, now - _CHECKED_EVERY) < _CHECKED_EVERY:
            return
        for link in gone:
            self.connections.forget_link(node, link, now - STALE_AFTER)
        self.grace.schedule_node(node)
        self._checked[node] = now

    def _run(self, jobs: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
        if len(jobs) < 2:
            return [job() for job in jobs]
        return list(self._threads.map(lambda job: job(), jobs))


def _follow(message_id: str, outcomes: Sequence[Outcome]) -> None:
    """Log what came of pushing a message."""
    for step in (Step.PUSHED, Step.GONE, Step.FAILED):
        aims = [trail.connection(each.owner, each.ref) for found, group in outcomes if found is step for each in group]
        trail.note(step, message_id, to=sorted(aims))


def tell_missed(channel: Channel, connections: ConnectionsTable, node: str, since: int, now: int) -> None:
    """Tell a bridge node that it did not take something ``since`` a time in ms, unless it has been removed: should that
    one come back, it begins anew.

    Raises:
        NotTaken: it did not take that either, or has no link now; it has to be told later.
    """
    links = connections.links(node, now, consistent=True)
    frame = NodeFrame(event=MissedEvent(since=since), sessions=[]).model_dump_json(exclude_none=True).encode()
    gone: list[str] = []
    if _post_to_any(channel, links, frame, gone):
        return
    if len(gone) < len(links) or connections.domains_watched(node):
        raise NotTaken(f"{node} did not take anything over {len(links)} links")


def _post_to_any(channel: Channel, links: list[str], frame: bytes, gone: list[str]) -> bool:
    """Whether a link took the frame; those in front of it that do not exist are added to ``gone``."""
    for link in links:
        try:
            if channel.post(link, frame):
                return True
        except Gone:
            gone.append(link)
    return False


def _web_frame(event: Event) -> bytes:
    return event.model_dump_json(exclude_none=True, exclude=set(NODE_ONLY)).encode()


def _node_frame(event: Event, sessions: list[Session]) -> bytes | None:
    """What a node is pushed, or None where no push can carry it. A message goes without its stanza where that is too
    much: the node can make one of the message, and its extensions are in the archive.
    """
    frame = NodeFrame(event=event, sessions=sessions).model_dump_json(exclude_none=True).encode()
    if len(frame) <= MAX_PUSH:
        return frame
    if isinstance(event, MessageEvent) and event.stanza is not None:
        return _node_frame(event.model_copy(update={"stanza": None}), sessions)
    return None


def targets(owner: Address, connections: Iterable[Connection], *, but: str | None = None) -> list[Target]:
    """The connections of a user that receive, all but the one named."""
    return [Target(owner, each.ref) for each in connections if each.receives and each.ref != but]
