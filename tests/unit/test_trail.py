"""The trail of a message: what its lines say, and what they never do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from bridge import log
from bridge.storing import NotStored
from bridge.telling import Present
from chat import trail
from chat.addresses import Address
from chat.callers import Caller
from chat.frames.base import MessageFrame
from chat.frames.events import MessageEvent
from chat.push import Target
from chat.store import StoreBusy
from chat.trail import Step
from tests.unit.storing_office import Given, Office
from tests.unit.timeless import run
from tests.unit.world import World

ALICE = Address("alice", "example.com")


def steps(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Step and receivers of each line, without whose they are."""
    found = [vars(each) for each in caplog.records if each.name == trail.__name__]
    return [(each["step"], " ".join(name.partition("/")[2] for name in each.get("to", "").split())) for each in found]


@pytest.fixture
def office(world: World, caplog: pytest.LogCaptureFixture) -> World:
    world.add("alice", "bob", "carol")
    world.web("alice")
    caplog.set_level("INFO", trail.__name__)
    return world


@pytest.fixture
def alice(office: World) -> Caller:
    return Caller(office.address("alice"), "web:alice-page")


def test_a_person_is_named_by_a_hash_that_anybody_who_knows_the_address_can_make() -> None:
    assert trail.person(ALICE) == hashlib.sha256(b"alice@example.com").hexdigest()[:8]


def test_a_connection_is_named_by_its_id_and_a_resource_by_a_hash() -> None:
    assert trail.connection(ALICE, "web:L0SM9cOFvHcCIhw=") == f"{trail.person(ALICE)}/web:L0SM9cOFvHcCIhw="
    phone = hashlib.sha256(b"my: phone").hexdigest()[:8]
    assert trail.connection(ALICE, "xmpp:node:my: phone") == f"{trail.person(ALICE)}/xmpp:node:{phone}"


def test_connections_that_took_it_are_told_apart_from_those_that_did_not(
    office: World, alice: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    for page in ("takes", "gone", "deaf"):
        office.web("bob", page)
    office.channel.gone.add("gone")
    office.channel.deaf.add("deaf")
    office.send(alice, "bob")
    assert steps(caplog) == [("stored", ""), ("pushed", "web:takes"), ("gone", "web:gone"), ("failed", "web:deaf")]


def test_who_is_not_there_is_told_once_for_all_members_of_an_alias(
    office: World, alice: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    office.alias("team", "bob", "carol")
    office.send(alice, "team")
    waiting = " ".join(trail.person(office.address(local)) for local in ("bob", "carol"))
    assert [vars(each)["to"] for each in caplog.records if vars(each).get("step") == Step.WAITS] == [waiting]


def test_a_try_that_finds_everything_done_leaves_no_trail(
    office: World, alice: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    sent = office.send(alice, "bob", "hello")
    caplog.clear()
    office.send_as(alice, sent.id, "bob", "hello")
    assert steps(caplog) == []


@pytest.mark.parametrize("origin", ["", "two words", "x" * 65, "née"])
def test_what_is_no_id_is_not_logged_as_one(origin: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", trail.__name__):
        trail.note(Step.STORED, "one", origin=origin)
    assert "origin" not in vars(caplog.records[-1])


def test_what_the_store_did_not_take_in_time_was_refused(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [StoreBusy()] * 1000
        with pytest.raises(NotStored):
            await (await office.send())

    caplog.set_level("INFO", trail.__name__)
    run(work())
    assert steps(caplog) == [("refused", "")]


def test_what_a_node_could_not_push_failed(caplog: pytest.LogCaptureFixture) -> None:
    @dataclass
    class Telling(Given):
        """A delivery that is pushed as a message."""

        def elsewhere(self, present: Present) -> tuple[Any, set[Target]]:
            event = MessageEvent(message=MessageFrame.model_validate(self.draft.message))
            recipient = self.draft.message.recipient
            return event, {Target(each, "web:page") for each in present if each == recipient}

    async def work() -> None:
        office = Office()
        office.node.unpushable = 1000
        draft = office.draft()
        await office.storing.add(draft, Telling(draft, office.here))
        await office.settled()

    caplog.set_level("INFO", trail.__name__)
    run(work())
    assert steps(caplog) == [("stored", ""), ("failed", "web:page")]


def test_the_lines_of_a_node_are_those_of_functions(capsys: pytest.CaptureFixture[str]) -> None:
    log.write_step({"step": Step.GIVEN, "message_id": "one", "to": "née"})
    line = json.loads(capsys.readouterr().out)
    assert datetime.strptime(line.pop("timestamp"), "%Y-%m-%d %H:%M:%S,%f%z")
    assert line == {"level": "INFO", "message": "message", "step": "given", "message_id": "one", "to": "née"}
