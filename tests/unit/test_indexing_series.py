from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from chat import directory, ids
from chat.appointments import occurrence as next_one
from chat.mail import known
from chat.mail.known import MAX_ATTENDEES, MAX_EXCEPTIONS
from chat.tables.communications import Communication, Occurrence
from tests.unit.mailing import has, mail, meeting, put
from tests.unit.meetings import CANCELLED, answer, invite, occurrence, one, uninvite, weekly
from tests.unit.world import DAY, HOUR, NOW, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol", "dave")
    return world


def all_of(series: Communication) -> list[Communication]:
    """Its occurrences from now on, each as it is shown when it is the next one."""
    found = [next_one(series, NOW)]
    while (following := next_one(series, found[-1].ends or 0)).begins != found[-1].begins:
        found.append(following)
    return found


def test_an_occurrence_that_is_moved_is_an_exception(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, weekly(office), weekly(office, rule="", recurrence=when, begins=when + HOUR, ends=when + 2 * HOUR))
    found = one(office, "bob", "alice")
    assert found.exceptions == (Occurrence(when, when + HOUR, when + 2 * HOUR),)
    assert (found.begins, found.rule) == (NOW + DAY, "FREQ=WEEKLY;COUNT=4")


def test_an_occurrence_may_be_cancelled_and_the_others_take_place(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, weekly(office))
    invite(office, occurrence(office, when, **CANCELLED), message_id="two")
    found = one(office, "bob", "alice")
    assert [(each.recurrence, each.cancelled) for each in found.exceptions] == [(when, True)]
    assert found.state == "confirmed"


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=400"])
def test_a_series_that_is_cancelled_is_over_with_what_would_have_been_next(office: World, rule: str) -> None:
    then = NOW + 10 * DAY
    invite(office, weekly(office, rule=rule))
    invite(office, weekly(office, rule=rule, **CANCELLED, sequence=1, stamp=then), message_id="two")
    found = one(office, "bob", "alice")
    assert ids.time_of(found.id) == NOW + 15 * DAY + HOUR
    for now in (then, then + 90 * DAY):
        shown = next_one(found, now)
        assert (shown.begins, shown.ends, shown.state) == (NOW + 15 * DAY, NOW + 15 * DAY + HOUR, "cancelled")
    invite(office, weekly(office, rule=rule, sequence=2, stamp=then), message_id="three")
    [again] = has(office, "bob", "alice", "appointment")
    assert next_one(again, then + 90 * DAY).begins == NOW + 106 * DAY


def test_a_series_from_which_everybody_is_uninvited_is_over_as_well(office: World) -> None:
    invite(office, weekly(office, rule="FREQ=WEEKLY"))
    uninvite(office, "bob", to=("bob",), stamp=NOW + 10 * DAY)
    assert ids.time_of(one(office, "bob", "alice").id) == NOW + 15 * DAY + HOUR


def test_who_declines_one_occurrence_comes_to_the_others(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, weekly(office))
    answer(office, "bob", "accepted")
    answer(office, "bob", "declined", stamp=NOW + 2, recurrence=when, begins=None, ends=None)
    ours, theirs = (one(office, *two) for two in (("alice", "bob"), ("bob", "alice")))
    occurring = [
        (each, "declined" if each == when else "accepted") for each in range(NOW + DAY, NOW + 23 * DAY, 7 * DAY)
    ]
    assert [(each.begins, each.contact_answer) for each in all_of(ours)] == occurring
    assert [(each.begins, each.answer) for each in all_of(theirs)] == occurring
    assert (ours.answer, theirs.contact_answer, ours.state) == (None, None, "confirmed")
    assert theirs.exceptions == (Occurrence(when, when, when + HOUR, answer="declined"),)
    assert one(office, "carol", "alice").exceptions == ()


def test_who_was_moved_to_another_time_has_not_answered_that_yet(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, weekly(office))
    answer(office, "bob", "accepted")
    invite(office, occurrence(office, when, sequence=1, begins=when + HOUR, ends=when + 2 * HOUR), message_id="two")
    assert [each.answer for each in all_of(one(office, "bob", "alice"))] == [
        "accepted",
        "needs-action",
        "accepted",
        "accepted",
    ]
    answer(office, "bob", "tentative", sequence=1, recurrence=when)
    found = all_of(one(office, "bob", "alice"))[1]
    assert (found.begins, found.answer) == (when + HOUR, "tentative")


def test_an_answer_to_an_occurrence_that_the_series_has_no_more_is_not_shown(office: World) -> None:
    when = NOW + 8 * DAY
    answer(office, "bob", "declined", recurrence=when)
    later = {"begins": NOW + DAY + HOUR, "ends": NOW + DAY + 2 * HOUR}
    invite(office, weekly(office, sequence=1, **later), message_id="two")
    assert one(office, "bob", "alice").exceptions == ()
    invite(office, weekly(office, sequence=2), message_id="three")
    assert [each.answer for each in one(office, "bob", "alice").exceptions] == ["declined"]


def test_nobody_but_the_organizer_moves_or_cancels_an_occurrence(office: World) -> None:
    when = NOW + 8 * DAY
    moved = weekly(office, rule="", recurrence=when, begins=NOW, ends=NOW + HOUR)
    put(office, mail(office, "carol", "bob", message_id="first", appointments=(moved,)))
    invite(office, weekly(office))
    assert one(office, "bob", "alice").exceptions == ()
    gone = replace(moved, **CANCELLED)
    put(office, mail(office, "carol", "bob", message_id="two", appointments=(gone,)))
    assert one(office, "bob", "alice").exceptions == ()
    invite(office, moved, message_id="three")
    assert [each.begins for each in one(office, "bob", "alice").exceptions] == [NOW]


def test_who_is_invited_to_one_occurrence_has_that(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, occurrence(office, when))
    found = one(office, "bob", "alice")
    assert (found.begins, found.rule, found.answer) == (when, None, "needs-action")
    answer(office, "bob", "accepted", recurrence=when, begins=None, ends=None)
    assert (one(office, "bob", "alice").answer, one(office, "alice", "bob").contact_answer) == ("accepted", "accepted")
    invite(office, occurrence(office, when, **CANCELLED, summary=""), message_id="two")
    found = one(office, "bob", "alice")
    assert (found.title, found.state) == ("Review", "cancelled")


def test_of_an_answer_to_an_occurrence_alone_that_is_shown(office: World) -> None:
    when = NOW + 8 * DAY
    answer(office, "bob", "accepted", recurrence=when, begins=when, ends=when + HOUR)
    found = one(office, "alice", "bob")
    assert (found.begins, found.state, found.contact_answer) == (when, "confirmed", "accepted")


def test_who_is_invited_to_some_occurrences_has_the_next_of_them(office: World) -> None:
    first, second = NOW + 8 * DAY, NOW + 15 * DAY
    invite(office, occurrence(office, second))
    invite(office, occurrence(office, first, stamp=NOW + 1), message_id="two")
    found = one(office, "bob", "alice")
    assert [each.begins for each in all_of(found)] == [first, second]
    answer(office, "bob", "declined", recurrence=first)
    answer(office, "bob", "accepted", recurrence=second)
    assert [each.answer for each in all_of(one(office, "bob", "alice"))] == ["declined", "accepted"]
    invite(office, occurrence(office, first, **CANCELLED, sequence=1), message_id="three")
    found = one(office, "bob", "alice")
    assert (next_one(found, NOW).begins, found.state) == (second, "confirmed")


def test_who_is_uninvited_from_one_of_some_occurrences_has_the_others(office: World) -> None:
    first, second = NOW + 8 * DAY, NOW + 15 * DAY
    invite(office, occurrence(office, first))
    invite(office, occurrence(office, second), message_id="two")
    for number, (when, left, state) in enumerate([(first, [second], "confirmed"), (second, [second], "cancelled")]):
        of = occurrence(office, when, method="CANCEL", sequence=1, answers=meeting(office, "alice", "bob").answers)
        invite(office, of, message_id=f"not {number}")
        found = one(office, "bob", "alice")
        assert ([each.begins for each in all_of(found)], found.state) == (left, state)


def test_who_is_uninvited_from_one_occurrence_comes_to_the_others(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, weekly(office, answers=meeting(office, "alice", "bob", "carol").answers))
    of = occurrence(office, when, method="CANCEL", sequence=1, answers=meeting(office, "alice", "bob").answers)
    invite(office, of, message_id="two")
    for owner, contact in permutations(("alice", "bob", "carol"), 2):
        found = one(office, owner, contact)
        cancelled = [each.recurrence for each in found.exceptions if each.cancelled]
        assert (cancelled, found.state) == ([when] if "bob" in (owner, contact) else [], "confirmed")


def test_who_is_uninvited_from_the_series_may_be_invited_to_one_occurrence(office: World) -> None:
    when = NOW + 8 * DAY
    attendees = meeting(office, "alice", "bob", "carol").answers
    invite(office, weekly(office, answers=attendees), occurrence(office, when, begins=when + HOUR, answers=attendees))
    uninvite(office, "bob", to=("bob", "carol"))
    assert {one(office, "bob", each).state for each in ("alice", "carol")} == {"cancelled"}
    invite(office, occurrence(office, when, sequence=1, stamp=NOW + 1), message_id="but to this one")
    for owner, contact in permutations(("alice", "bob", "carol"), 2):
        found = one(office, owner, contact)
        begin = [each.begins for each in all_of(found)]
        every = list(range(NOW + DAY, NOW + 23 * DAY, 7 * DAY))
        assert (begin, found.state) == ([when] if "bob" in (owner, contact) else every, "confirmed")
    answer(office, "bob", "accepted", sequence=1, recurrence=when)
    assert [each.answer for each in all_of(one(office, "bob", "alice"))] == ["accepted"]
    uninvite(office, "bob", to=("bob", "carol"), stamp=NOW + 2)
    assert one(office, "bob", "alice").state == "cancelled"


def test_an_occurrence_from_which_everybody_is_uninvited_is_cancelled(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, weekly(office), to=("bob", "carol"))
    assert [each.begins for each in all_of(one(office, "carol", "alice"))][1] == when
    invite(office, occurrence(office, when, method="CANCEL", sequence=1), message_id="two")
    assert when not in [each.begins for each in all_of(one(office, "carol", "alice"))]
    assert len(all_of(one(office, "carol", "alice"))) == 3


def test_of_many_attendees_colleagues_are_kept(office: World) -> None:
    others = {f"{number:03}@example.net": "accepted" for number in range(MAX_ATTENDEES + 50)}
    ours = meeting(office, "alice", "bob", "carol").answers
    series = weekly(office, answers=others | ours)
    invite(office, series, message_id="two")
    when = [NOW + (1 + 7 * week) * DAY for week in range(4)]
    changes = [occurrence(office, each, answers=others | dict.fromkeys(ours, "declined")) for each in when[:2]]
    invite(office, *changes, message_id="three")
    found = one(office, "bob", "carol")
    assert (found.answer, found.contact_answer) == ("needs-action", "needs-action")
    assert [(each.recurrence, each.answer, each.contact_answer) for each in found.exceptions] == [
        (each, "declined", "declined") for each in when[:2]
    ]


def test_nobody_takes_the_place_of_the_organizer_or_of_whom_the_organizer_invites(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "MAX_CONTACTS", 4)
    crowd = [f"a{number}" for number in range(6)]
    office.add(*crowd)
    for some in (crowd[3:], crowd[:3]):  # an outsider's word
        told = (meeting(office, "alice", *some),)
        put(office, mail(office, "mallory@example.org", "bob", message_id=some[0], appointments=told))
    invite(office, meeting(office, "alice", "bob", "carol"))
    uninvite(office, "bob", to=("bob", "carol"))
    put(office, mail(office, "mallory@example.org", "bob", "carol", message_id="three", appointments=told))
    there = {each for each in ("alice", "carol", *crowd) if has(office, "bob", each, "appointment")}
    assert there == {"alice", "carol", "a0", "a1"}
    assert {one(office, "bob", each).state for each in there} == {"cancelled"}


def test_of_many_contacts_the_organizer_is_kept(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_CONTACTS", 2)
    told = (meeting(office, "dave", "alice", "bob", "carol"),)  # an assistant's word
    put(office, mail(office, "erin@example.net", "alice", "bob", "carol", "dave", appointments=told))
    assert [len(has(office, "alice", each, "appointment")) for each in ("bob", "carol", "dave")] == [1, 0, 1]


def test_who_got_the_address_of_somebody_removed_knows_nothing_of_that_ones_appointments(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    answer(office, "bob", "declined")
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    invite(office, meeting(office, "alice", "bob", "carol"))  # it is indexed again
    update = meeting(office, "alice", "bob", stamp=NOW + 2 * HOUR, summary="Moved")
    put(office, mail(office, "alice", "bob", message_id="two", at=NOW + 2 * HOUR, appointments=(update,)))
    assert (one(office, "bob", "alice").title, one(office, "bob", "alice").answer) == ("Moved", "needs-action")
    assert {each.title for each in has(office, "bob", "carol", "appointment")} == {"Review"}  # of before, and not seen
    assert one(office, "alice", "bob").title == "Moved"


def test_of_many_colleagues_the_owner_is_kept(office: World) -> None:
    colleagues = {f"user{number:03}@{office.domain}": "accepted" for number in range(MAX_ATTENDEES)}
    invite(office, meeting(office, "alice", answers=meeting(office, "alice", "bob").answers | colleagues))
    assert (one(office, "bob", "alice").answer, one(office, "alice", "bob").contact_answer) == ("needs-action", None)


def test_a_change_from_before_the_series_was_moved_counts_no_more(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, weekly(office), occurrence(office, when, begins=NOW + 2 * DAY, ends=NOW + 20 * DAY))
    moved = {"begins": NOW + DAY + HOUR, "ends": NOW + DAY + 2 * HOUR}
    invite(office, weekly(office, sequence=1, **moved), message_id="two")
    found = one(office, "bob", "alice")
    assert found.exceptions == ()
    assert ids.time_of(found.id) == NOW + 22 * DAY + 2 * HOUR
    invite(office, weekly(office, sequence=2), message_id="three")  # back again: now it is of the series
    assert [each.recurrence for each in one(office, "bob", "alice").exceptions] == [when]


def test_a_change_stays_where_the_series_is_given_another_name(office: World) -> None:
    when = NOW + 8 * DAY
    invite(office, weekly(office), occurrence(office, when, begins=when + HOUR))
    invite(office, weekly(office, sequence=1, summary="Talk"), message_id="two")
    found = one(office, "bob", "alice")
    assert (found.title, [each.begins for each in found.exceptions]) == ("Talk", [when + HOUR])


def test_an_occurrence_behind_the_end_of_the_series_counts(office: World) -> None:
    when, late = NOW + 8 * DAY, NOW + 300 * DAY
    invite(office, weekly(office), weekly(office, rule="", recurrence=when, begins=late, ends=late + HOUR))
    assert ids.time_of(one(office, "bob", "alice").id) == late + HOUR


def test_what_others_say_takes_no_room_from_the_organizers_exceptions(office: World) -> None:
    when = NOW + 8 * DAY
    moved = weekly(office, rule="", recurrence=when, begins=when + HOUR, ends=when + 2 * HOUR)
    invite(office, weekly(office), moved)
    later = [replace(moved, recurrence=when + (1 + each) * DAY) for each in range(MAX_EXCEPTIONS)]
    put(office, mail(office, "carol", "bob", message_id="two", appointments=tuple(later)))
    assert [each.recurrence for each in one(office, "bob", "alice").exceptions] == [when]


def test_many_exceptions_are_bounded(office: World) -> None:
    changes = [weekly(office, rule="", recurrence=NOW + number, begins=NOW, ends=NOW) for number in range(80)]
    invite(office, weekly(office), *changes)
    assert len(one(office, "bob", "alice").exceptions) == MAX_EXCEPTIONS
