from __future__ import annotations

from dataclasses import replace

import pytest

from chat import ids
from chat.mail import telling
from chat.mail.telling import tell
from tests.unit.mailing import file, mail, meeting, put
from tests.unit.world import DAY, NOW, World, user


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol")
    return world


def told(world: World, connection: str) -> list[tuple[str, str]]:
    """With whom, and what kind of entry, a page was told of."""
    return sorted(
        (each["contact"].partition("@")[0], each["communication"]["kind"]) for each in world.channel.to(connection)
    )


def test_open_pages_are_told_of_their_own_entries(office: World) -> None:
    office.web("alice")
    office.web("bob")
    indexed = put(office, mail(office, "alice", "bob", files=(file("a.pdf"),)))
    assert tell(office.tables, office.pusher, indexed, NOW) == 4
    assert told(office, "alice-page") == [("bob", "attachment"), ("bob", "message")]
    assert told(office, "bob-page") == [("alice", "attachment"), ("alice", "message")]


def test_xmpp_clients_are_not_told(office: World) -> None:
    office.xmpp("bob")
    assert tell(office.tables, office.pusher, put(office, mail(office, "alice", "bob")), NOW) == 0
    assert office.channel.posts == []


def test_members_are_told_what_their_alias_has_and_others_what_they_have_with_it(office: World) -> None:
    office.alias("team", "alice", "carol")
    for each in ("alice", "bob", "carol"):
        office.web(each)
    tell(office.tables, office.pusher, put(office, mail(office, "alice", "team", "bob")), NOW)
    assert told(office, "carol-page") == [("team", "message")]
    assert told(office, "alice-page") == [("bob", "message"), ("team", "message")]
    assert told(office, "bob-page") == [("alice", "message"), ("team", "message")]
    [of_team] = [each for each in office.channel.to("alice-page") if each["contact"].startswith("team")]
    assert of_team["communication"]["direction"] == "received"  # as the alias has it


def test_an_appointment_that_is_repeated_is_told_with_its_next_time(office: World) -> None:
    office.web("bob")
    weekly = meeting(office, "alice", "bob", rule="FREQ=DAILY", begins=NOW - 5 * 86_400_000, ends=NOW - 5 * 86_400_000)
    tell(office.tables, office.pusher, put(office, mail(office, "alice", "bob", appointments=(weekly,))), NOW)
    [event] = [each for each in office.channel.to("bob-page") if each["communication"]["kind"] == "appointment"]
    assert event["communication"]["at"] >= "2026-01-01"


def test_of_very_many_entries_the_first_are_told(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MAX_TOLD", 1)
    office.web("alice")
    office.web("bob")
    assert tell(office.tables, office.pusher, put(office, mail(office, "alice", "bob")), NOW) == 1


def test_who_has_an_address_now_is_not_told_of_its_former_owners_mail(office: World) -> None:
    old = mail(office, "bob", "alice")
    office.web("alice")
    office.web("bob")
    entry = user(office, "alice")
    given = replace(entry, history_from=ids.lowest(NOW + DAY))
    version = office.tables.directory.version(office.domain)
    office.tables.directory.change(office.domain, version or 0, [office.tables.directory.put_user(given)])
    tell(office.tables, office.pusher, put(office, old), NOW)
    assert told(office, "alice-page") == []
    assert told(office, "bob-page") == [("alice", "message")]
