"""Copies of mail that a list or a reader has passed on: whose they are, and who knows of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from chat.mail.model import Mail
from chat.mail.participants import MAX_PARTICIPANTS
from chat.store import StoreBusy
from tests.unit.mailing import Library, file, has, mail, meeting, person, put
from tests.unit.world import World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol", "dave")
    return world


def passed_to(world: World, *who: str, **fields: Any) -> Mail:
    """A copy of Alice's message to Bob that was passed on to others."""
    return replace(mail(world, "alice", "bob", **fields), passed_to=tuple(person(world, each) for each in who))


def test_nobody_knows_to_whom_a_mail_was_passed_on(office: World) -> None:
    copies = passed_to(office, "carol"), passed_to(office, "dave", "carol", "alice")
    put(office, mail(office, "alice", "bob"), *copies)
    for owner, contact in permutations(("alice", "bob", "carol", "dave"), 2):
        there = has(office, owner, contact)
        assert len(there) == (contact in ("alice", "bob")), (owner, contact)
        assert str(office.address("carol")) not in repr([each.people for each in there])


def test_a_copy_that_was_passed_on_takes_the_place_of_none(office: World) -> None:
    direct = mail(office, "alice", "bob", files=(file("a.pdf"),))
    copy = passed_to(office, "bob", subject="[list] Offer 7", text="changed", files=(file("a.pdf"), file("b.pdf")))
    assert put(office, copy)
    put(office, direct)
    assert put(office, copy) == []
    assert [each.title for each in has(office, "bob", "alice")] == ["Offer 7"]
    other = replace(direct, message_id="two")
    put(office, other)
    assert [each.communication.title for each in put(office, replace(copy, message_id="two"))] == ["b.pdf"]
    assert [each.title for each in has(office, "bob", "alice")] == ["Offer 7", "Offer 7"]


def test_a_copy_that_was_passed_on_to_nobody_known_is_nobodys(office: World) -> None:
    put(office, passed_to(office, appointments=(meeting(office, "alice", "bob"),)))
    assert has(office, "bob", "alice") == has(office, "bob", "alice", "appointment") == []


def test_what_members_of_an_alias_got_by_a_list_is_the_aliass_too(office: World) -> None:
    office.alias("team", "bob", "carol")
    put(office, replace(mail(office, "alice", "team"), passed_to=(person(office, "bob"),)))
    assert [each.direction for each in has(office, "team", None)] == ["received"]
    assert len(has(office, "bob", "team")) == 1
    assert has(office, "alice", "team") == []
    put(office, passed_to(office, "dave", bcc=("team",), message_id="two"))
    assert len(has(office, "team", None)) == 1


def test_a_copy_that_was_passed_on_comes_again_where_the_store_refuses(office: World) -> None:
    def refuse(name: str, _request: dict[str, Any]) -> None:
        if name == "put_item":
            raise ConnectionError

    office.client.before = refuse
    with pytest.raises(StoreBusy):
        put(office, passed_to(office, "carol"))
    office.client.before = lambda *_: None
    assert len(put(office, passed_to(office, "carol"))) == 2


@pytest.mark.parametrize("is_first", [True, False])
def test_a_copy_that_was_passed_on_is_of_those_alone_to_whom_it_was(office: World, is_first: bool) -> None:
    copy = passed_to(office, "carol", subject="[list] Offer 7", text="Carol's own link")
    library = Library()
    put(
        office,
        *([copy] if is_first else []),
        mail(office, "alice", "bob"),
        *([] if is_first else [copy]),
        library=library,
    )
    [bobs], [alices], [carols] = has(office, "bob", "alice"), has(office, "alice", "bob"), has(office, "carol", "alice")
    assert (bobs.title, alices.title, carols.title) == ("Offer 7", "Offer 7", "[list] Offer 7")
    texts = {digest: each.text for (*_, digest), each in library.texts.items()}
    assert ["Carol" in texts[each.text or ""] for each in (bobs, alices, carols)] == [False, False, True]


def test_appointments_of_a_copy_that_was_passed_on_are_theirs_to_whom_it_was(office: World) -> None:
    put(office, passed_to(office, "carol", appointments=(meeting(office, "alice", "bob", "carol"),)))
    assert len(has(office, "carol", "alice", "appointment")) == 1
    assert [has(office, *two, "appointment") for two in (("alice", "bob"), ("bob", "alice"))] == [[], []]


def test_of_more_than_fifty_whoever_has_the_copy_takes_part(office: World) -> None:
    crowd = [f"user{number}" for number in range(MAX_PARTICIPANTS)]
    office.add(*crowd)
    copy = mail(office, "alice", *crowd)
    put(office, replace(copy, passed_to=(person(office, "carol"),)))
    assert len(has(office, "carol", "alice")) == 1


def test_whoever_is_named_is_known_however_the_copy_came(office: World) -> None:
    put(office, passed_to(office, "bob", "alice"))
    assert [has(office, *two)[0].direction for two in (("alice", "bob"), ("bob", "alice"))] == ["sent", "received"]
