"""The smoke test: two users log in, chat both ways, and find it all again. Every step is timed and told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from chatctl.parties import UNREACHABLE, Frame, Party
from chatctl.problems import reason

MOST_SAID = 300
"""Characters of a failure that are told; a reply may be 32 KB."""


class StepFailed(Exception):
    """A step did not do what it should; the message is a sentence."""


class NotAsExpected(Exception):
    """An answer that is not the right one."""


class Steps:
    """Runs steps and counts those that passed."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.passed = 0
        self._tell = tell

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """One step of the test.

        Raises:
            StepFailed: the server refused something, did not answer, or answered wrongly.
        """
        started = time.perf_counter()
        try:
            yield
        except (NotAsExpected, *UNREACHABLE) as error:
            raise StepFailed(f"{what}: {reason(error)[:MOST_SAID]}") from error
        self.passed += 1
        self._tell(f"✓ {(time.perf_counter() - started) * 1000:7.0f} ms  {what}")


def chat(http_url: str, addresses: tuple[str, str], password: str, tell: Callable[[str], None]) -> int:
    """Let two users chat; returns how many steps passed.

    What they send stays in their history, marked as read. Chosen statuses are given back, whatever happens.

    Raises:
        StepFailed: at the first step that does.
    """
    steps = Steps(tell)
    first, second = (Party(http_url, address) for address in addresses)
    try:
        alone = _come(steps, first, second, password)
        sent = _talk(steps, first, second)
        _look_back(steps, first, second, sent)
        _leave(steps, first, second, alone)
        _come_back(steps, first, second, alone, sent[-1])
    finally:
        kept = [party.address for party in (first, second) if not party.give_back_status()]
        for party in (first, second):
            party.disconnect()
        for address in kept:
            tell(f"{address} was Offline, and is Available now: the status could not be given back")
    return steps.passed


def _come(steps: Steps, first: Party, second: Party, password: str) -> bool:
    """Both log in and connect; returns whether the second user is online by this test alone."""
    for party in (first, second):
        with steps.step(f"{party.address} logs in"):
            party.log_in(password)
    with steps.step(f"{first.address} connects"):
        first.connect()
    with steps.step(f"{first.address} watches {second.address}"):
        before = first.presence_of(second)
    with steps.step(f"{second.address} connects, and {first.address} sees it"):
        chosen = second.connect()
        if before == "offline":
            first.sees(second, online=True)
    return before == "offline" and chosen != "offline"


def _talk(steps: Steps, first: Party, second: Party) -> list[Frame]:
    """Send both ways; returns the replies in the order in which they were sent."""
    sent = []
    for sender, recipient in ((first, second), (second, first)):
        body = f"Smoke test: hello from {sender.address}"
        with steps.step(f"{sender.address} sends a message"):
            sent.append(sender.send(recipient, body))
        with steps.step(f"{recipient.address} receives it"):
            message = recipient.received(sent[-1]["id"])
            given = (message["sender"], message["recipient"], message["body"])
            _expect(given == (sender.address, recipient.address, body), f"it came as {given}")
    return sent


def _look_back(steps: Steps, first: Party, second: Party, sent: Sequence[Frame]) -> None:
    wanted = [reply["id"] for reply in sent]
    for viewer, other in ((first, second), (second, first)):
        with steps.step(f"{viewer.address} finds both in the history"):
            messages = viewer.connection.ask("history", contact=other.address)["messages"]
            _expect(_among(messages, wanted) == wanted, "the history lacks one, or has them in another order")
    with steps.step(f"{first.address} finds their conversation"):
        listed = first.connection.ask("conversations", contact=second.address)["conversations"]
        _expect(
            any(each["id"] <= wanted[0] and each["ended_at"] >= sent[-1]["sent_at"] for each in listed[:1]),
            "the newest conversation does not cover both messages",
        )
    with steps.step(f"{first.address} finds both by sync"):
        threads, messages = first.synced(wanted[0])
        _expect(_among(messages, wanted) == wanted, "sync lacks one, or has them in another order")
        _expect(any(each["contact"] == second.address for each in threads), "sync does not list the thread")


def _leave(steps: Steps, first: Party, second: Party, alone: bool) -> None:
    with steps.step(f"{second.address} leaves"):
        second.disconnect()
        if alone:
            first.sees(second, online=False)


def _come_back(steps: Steps, first: Party, second: Party, alone: bool, newest: Frame) -> None:
    """The second user misses a message, comes back and finds it; ``newest`` is the last one that it has."""
    with steps.step(f"{first.address} sends what {second.address} misses"):
        missed = first.send(second, "Smoke test: what you missed")["id"]
    with steps.step(f"{second.address} comes back"):
        second.connect()
        if alone:
            first.sees(second, online=True)
    with steps.step(f"{second.address} finds by sync what was missed"):
        threads, messages = second.synced(newest["id"])
        _expect(_among(messages, [missed]) == [missed], "sync lacks it")
        unread = [each["unread"] for each in threads if each["contact"] == first.address]
        _expect(any(unread), "the thread does not count it as unread")
    with steps.step(f"{second.address} reads it, and {first.address} is told"):
        second.connection.ask("read", contact=first.address, id=missed)
        first.told_read(second, missed)
        first.connection.ask("read", contact=second.address, id=newest["id"])


def _among(messages: Sequence[Frame], wanted: Sequence[str]) -> list[str]:
    return [message["id"] for message in messages if message["id"] in wanted]


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotAsExpected(otherwise)
