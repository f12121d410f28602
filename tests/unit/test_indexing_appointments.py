from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import directory, ids
from chat.appointments import NEVER
from chat.appointments import occurrence as next_one
from chat.mail import appointments
from chat.mail.appointments import MAX_ATTENDEES, MAX_EXCEPTIONS, MAX_MOVES, Known, Source, name
from chat.mail.model import Appointment
from chat.store import StoreBusy
from chat.tables.communications import Communication, Occurrence
from tests.unit.mailing import has, mail, meeting, put
from tests.unit.world import DAY, HOUR, NOW, World

CANCELLED: dict[str, Any] = {"method": "CANCEL", "status": "cancelled"}
"""What tells that an appointment is called off."""


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol", "dave")
    return world


def invite(world: World, *appointments: Appointment, to: tuple[str, ...] = ("bob", "carol"), **fields: Any) -> None:
    """Alice sends something about an appointment to others."""
    put(world, mail(world, "alice", *to, appointments=appointments, **fields))


def occurrence(world: World, when: int, **fields: Any) -> Appointment:
    """Of the weekly meeting, that which would begin at ``when``."""
    return weekly(world, **{"rule": "", "recurrence": when, "begins": when, "ends": when + HOUR} | fields)


def answer(world: World, who: str, given: str, **fields: Any) -> None:
    """Somebody answers Alice."""
    reply = meeting(world, "alice", method="REPLY", **{"stamp": NOW + 1} | fields)
    reply = replace(reply, answers={str(world.address(who)): given})
    put(world, mail(world, who, "alice", message_id=f"{who} {given} {fields}", appointments=(reply,)))


def one(world: World, owner: str, contact: str | None) -> Communication:
    """The one appointment that somebody has with a contact."""
    [found] = has(world, owner, contact, "appointment")
    return found


# ---- invitations ----


def test_an_invitation_is_with_each_of_the_others(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    for owner, contact in permutations(("alice", "bob", "carol"), 2):
        found = one(office, owner, contact)
        assert (found.title, found.place, found.state) == ("Review", "Room 1", "confirmed")
        assert (found.begins, found.ends, found.arrived) == (NOW + DAY, NOW + DAY + HOUR, NOW)
        assert found.mail_title == "Offer 7"
    assert has(office, "dave", "alice", "appointment") == []


def test_its_id_is_of_its_end(office: World) -> None:
    invite(office, meeting(office, "alice", "bob"))
    assert ids.time_of(one(office, "bob", "alice").id) == NOW + DAY + HOUR


def test_one_that_is_repeated_for_ever_never_ends(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", rule="FREQ=WEEKLY"))
    found = one(office, "bob", "alice")
    assert (ids.time_of(found.id), found.rule) == (NEVER, "FREQ=WEEKLY")


def test_one_that_is_repeated_ends_with_its_last_occurrence(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", rule="FREQ=DAILY;COUNT=3", zone="Europe/Berlin"))
    assert ids.time_of(one(office, "bob", "alice").id) == NOW + 3 * DAY + HOUR


def test_whoever_is_invited_is_a_contact_even_where_each_got_a_mail_of_the_own(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"), to=("bob",))
    assert one(office, "bob", "carol").title == "Review"
    assert has(office, "carol", "bob", "appointment") == []  # it did not come to her yet


def test_an_invitation_from_outside_is_with_the_colleagues_it_names(office: World) -> None:
    of = meeting(office, "erin@example.net", "alice", "bob")
    put(office, mail(office, "erin@example.net", "alice", appointments=(of,)))
    assert one(office, "alice", "bob").title == "Review"


def test_an_invitation_of_nobody_else_is_in_no_list(office: World) -> None:
    of = meeting(office, "erin@example.net", "alice")
    assert put(office, mail(office, "erin@example.net", "alice", appointments=(of,))) == []
    assert [has(office, "alice", each, "appointment") for each in ("bob", "carol")] == [[], []]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_what_an_outsider_says_to_one_alone_may_come_in_any_order(office: World, order: tuple[int, ...]) -> None:
    erin = "erin@example.net"
    moved = meeting(office, erin, "alice", sequence=1, summary="Moved")
    accepted = {str(office.address("alice")): "accepted"}
    told = [
        mail(office, erin, "alice", appointments=(meeting(office, erin, "alice", "bob"),)),
        mail(office, erin, "alice", message_id="two", appointments=(moved,)),
        mail(
            office, "alice", erin, message_id="three", appointments=(replace(moved, method="REPLY", answers=accepted),)
        ),
        mail(office, erin, "alice", message_id="four", appointments=(replace(moved, sequence=2, **CANCELLED),)),
    ]
    put(office, *(told[each] for each in order[:3]))
    put(office, told[order[3]])
    found = one(office, "alice", "bob")
    assert (found.title, found.state) == ("Moved", "cancelled")
    assert found.answer == "accepted"


def test_an_alias_that_is_invited_has_it_in_its_own_tab(office: World) -> None:
    office.alias("team", "carol")
    invite(office, meeting(office, "alice", "team"), to=("team",))
    assert one(office, "team", None).title == "Review"
    assert one(office, "alice", "team").title == "Review"


# ---- updates ----


def test_an_update_takes_its_place(office: World) -> None:
    invite(office, meeting(office, "alice", "bob"))
    former = one(office, "bob", "alice")
    moved = meeting(office, "alice", "bob", sequence=1, begins=NOW + 2 * DAY, ends=NOW + 2 * DAY + HOUR)
    entries = put(office, mail(office, "alice", "bob", "carol", message_id="two", appointments=(moved,)))
    assert one(office, "bob", "alice").begins == NOW + 2 * DAY
    [changed] = [
        each
        for each in entries
        if each.communication.kind == "appointment"
        and (each.owner, each.contact) == (office.address("bob"), office.address("alice"))
    ]
    assert changed.replaces == [former.id]


def test_an_update_reaches_contacts_whom_it_does_not_name(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    invite(office, meeting(office, "alice", "bob", sequence=1, summary="Short review"), to=("bob",), message_id="two")
    assert one(office, "bob", "carol").title == "Short review"
    assert one(office, "carol", "bob").title == "Review"


def test_an_older_message_changes_nothing(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", sequence=2, summary="New"), message_id="two")
    invite(office, meeting(office, "alice", "bob", sequence=1, stamp=NOW + DAY, summary="Old"))
    assert one(office, "bob", "alice").title == "New"


def test_of_the_same_sequence_the_later_stamp_holds(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", stamp=NOW + 2, summary="New"), message_id="two")
    invite(office, meeting(office, "alice", "bob", stamp=NOW + 1, summary="Old"))
    assert one(office, "bob", "alice").title == "New"


# ---- cancellations and answers ----


def test_a_cancelled_one_stays_and_says_so(office: World) -> None:
    invite(office, meeting(office, "alice", "bob"))
    invite(office, meeting(office, "alice", "bob", **CANCELLED, sequence=1, place=""), message_id="two")
    found = one(office, "bob", "alice")
    assert (found.state, found.place) == ("cancelled", "Room 1")


def test_it_may_be_cancelled_before_the_invitation_comes(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", **CANCELLED, sequence=1, place=""), message_id="two")
    assert one(office, "bob", "alice").state == "cancelled"
    invite(office, meeting(office, "alice", "bob"))
    found = one(office, "bob", "alice")
    assert (found.state, found.place) == ("cancelled", "Room 1")


def test_who_invites_again_takes_the_cancellation_back(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", **CANCELLED, sequence=1), message_id="two")
    invite(office, meeting(office, "alice", "bob", sequence=2), message_id="three")
    assert one(office, "bob", "alice").state == "confirmed"


def test_an_answer_is_the_attendees_own_and_the_organizers_to_see(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    answer(office, "bob", "accepted")
    assert one(office, "bob", "alice").answer == "accepted"
    assert one(office, "bob", "carol").answer == "accepted"
    assert one(office, "alice", "bob").contact_answer == "accepted"
    assert one(office, "alice", "carol").contact_answer == "needs-action"
    assert one(office, "carol", "bob").contact_answer == "needs-action"  # nobody has told her


def test_an_answer_may_come_before_the_invitation(office: World) -> None:
    answer(office, "bob", "tentative")
    invite(office, meeting(office, "alice", "bob"))
    assert one(office, "bob", "alice").answer == "tentative"
    assert one(office, "alice", "bob").contact_answer == "tentative"


def test_an_answer_changes_nothing_else(office: World) -> None:
    invite(office, meeting(office, "alice", "bob"))
    answer(office, "bob", "accepted", sequence=7, summary="Something else", begins=NOW)
    found = one(office, "alice", "bob")
    assert (found.title, found.begins) == ("Review", NOW + DAY)


def test_who_is_invited_anew_has_to_answer_anew(office: World) -> None:
    invite(office, meeting(office, "alice", "bob"))
    answer(office, "bob", "accepted")
    invite(office, meeting(office, "alice", "bob", stamp=NOW + DAY), message_id="reminder")
    assert one(office, "bob", "alice").answer == "accepted"
    invite(office, meeting(office, "alice", "bob", sequence=1), message_id="moved")
    assert one(office, "bob", "alice").answer == "needs-action"


def test_an_answer_and_a_cancellation_need_not_repeat_when_it_is(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    answer(office, "bob", "accepted", begins=None, ends=None, summary="")
    assert one(office, "alice", "bob").contact_answer == "accepted"
    invite(office, meeting(office, sequence=1, **CANCELLED, begins=None), message_id="two")
    found = one(office, "bob", "alice")
    assert (found.title, found.begins, found.state, found.answer) == ("Review", NOW + DAY, "cancelled", "accepted")


def test_what_came_before_anything_told_when_it_is_is_kept_and_not_listed(office: World) -> None:
    answer(office, "bob", "accepted", begins=None, ends=None)
    assert has(office, "alice", "bob", "appointment") == []
    invite(office, meeting(office, "alice", "carol"), to=("carol",))
    found = one(office, "alice", "bob")
    assert (found.title, found.contact_answer) == ("Review", "accepted")


def uninvite(world: World, who: str, to: tuple[str, ...], **fields: Any) -> None:
    """Alice takes back that she invited somebody."""
    of = meeting(world, "alice", who, **{"method": "CANCEL", "sequence": 1, "begins": None, "ends": None} | fields)
    invite(world, of, to=to, message_id=f"without {who} {fields}")


def test_who_is_uninvited_has_it_no_more_and_the_others_do(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    answer(office, "bob", "accepted")
    uninvite(office, "bob", to=("bob", "carol"))
    assert {(one(office, "bob", each).state) for each in ("alice", "carol")} == {"cancelled"}
    assert (one(office, "alice", "bob").state, one(office, "alice", "carol").state) == ("cancelled", "confirmed")
    assert (one(office, "carol", "bob").state, one(office, "carol", "alice").state) == ("cancelled", "confirmed")
    assert one(office, "alice", "bob").contact_answer is None


def test_who_is_uninvited_may_be_invited_again(office: World) -> None:
    uninvite(office, "bob", to=("bob",))
    invite(office, meeting(office, "alice", "bob"))
    assert one(office, "bob", "alice").state == "cancelled"
    invite(office, meeting(office, "alice", "bob", sequence=2), message_id="again")
    assert (one(office, "bob", "alice").state, one(office, "bob", "alice").answer) == ("confirmed", "needs-action")


def test_where_everybody_is_uninvited_it_is_cancelled(office: World) -> None:
    invite(office, meeting(office, "alice", "alice", "bob", "carol"), to=("bob", "carol", "dave"))
    forwarded = meeting(office, "alice", "dave", sequence=5)
    put(office, mail(office, "dave", "alice", message_id="forwarded", appointments=(forwarded,)))
    uninvite(office, "bob", to=("bob", "carol", "dave"))
    assert (one(office, "dave", "alice").state, one(office, "dave", "bob").state) == ("confirmed", "cancelled")
    uninvite(office, "carol", to=("bob", "carol", "dave"))
    assert {one(office, *two).state for two in permutations(("alice", "bob", "carol", "dave"), 2)} == {"cancelled"}


def test_who_is_invited_again_without_a_new_sequence_is_invited(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    again = meeting(office, "alice", "bob", "carol", sequence=1, stamp=NOW + 2)
    uninvite(office, "bob", to=("bob", "carol"))
    invite(office, again, message_id="again")
    uninvite(office, "bob", to=("bob", "carol"), stamp=NOW + 1)  # it was on its way for long
    for owner, contact in permutations(("alice", "bob", "carol"), 2):
        assert one(office, owner, contact).state == "confirmed"
    assert one(office, "bob", "alice").answer == "needs-action"


def test_who_is_uninvited_cannot_answer_that_away(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    uninvite(office, "bob", to=("bob", "carol"))
    answer(office, "bob", "accepted", sequence=1, stamp=NOW + DAY)
    found = one(office, "alice", "bob")
    assert (found.state, found.contact_answer) == ("cancelled", None)


def test_nobody_but_the_organizer_uninvites(office: World) -> None:
    invite(office, meeting(office, "alice", "bob"))
    for number, who in enumerate(("bob", "carol")):  # carol was not invited: the organizer said nothing of her
        of = meeting(office, "alice", who, method="CANCEL", sequence=1, begins=None, ends=None)
        put(office, mail(office, "dave", "alice", "bob", "carol", message_id=f"{number}", appointments=(of,)))
    assert {one(office, "alice", each).state for each in ("bob", "carol")} == {"confirmed"}


# ---- tagged addresses ----


def test_an_attendee_may_be_known_by_a_tagged_address(office: World) -> None:
    tagged = f"bob+meetings@{office.domain}"
    invite(office, meeting(office, "alice", tagged), to=(tagged,))
    assert one(office, "bob", "alice").answer == "needs-action"
    reply = meeting(office, "alice", method="REPLY", answers={tagged: "accepted"}, stamp=NOW + 1)
    for number, sender in enumerate((tagged, "bob")):
        reply = replace(reply, stamp=reply.stamp + 1, answers={tagged: ("accepted", "declined")[number]})
        put(office, mail(office, sender, "alice", message_id=f"{number}", appointments=(reply,)))
        found = one(office, "alice", "bob")
        assert found.contact_answer == one(office, "bob", "alice").answer == ("accepted", "declined")[number]
    uninvite(office, tagged, to=("bob",), stamp=NOW + DAY)
    assert one(office, "bob", "alice").state == "cancelled"


def test_who_is_named_with_and_without_a_tag_is_one(office: World) -> None:
    answers = {f"bob+x@{office.domain}": "accepted", f"bob@{office.domain}": "needs-action"}
    invite(office, meeting(office, "alice", answers=answers))
    assert one(office, "bob", "alice").answer == "accepted"


def test_an_organizer_may_write_from_the_address_without_the_tag(office: World) -> None:
    tagged = f"alice+calendar@{office.domain}"
    of = meeting(office, tagged, "bob")
    put(office, mail(office, "alice", "bob", appointments=(of,)))
    moved = replace(of, sequence=9, summary="Carol's")
    put(office, mail(office, "carol", "bob", message_id="two", appointments=(moved,)))
    assert one(office, "bob", "alice").title == "Review"


# ---- whose it is ----


def test_an_organizer_with_and_without_a_tag_is_one(office: World) -> None:
    tagged = meeting(office, f"alice+work@{office.domain}", "bob")
    invite(office, tagged, to=("bob",))
    invite(office, meeting(office, "alice", "bob", sequence=1, **CANCELLED, begins=None), to=("bob",), message_id="two")
    assert one(office, "bob", "alice").state == "cancelled"


def test_nobody_but_the_organizer_moves_or_cancels_it(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    for number, fields in enumerate(({}, CANCELLED)):
        of = meeting(office, "alice", "bob", sequence=9, **fields, begins=NOW, summary="Carol's")
        put(office, mail(office, "carol", "bob", message_id=f"{number}", appointments=(of,)))
    found = one(office, "bob", "alice")
    assert (found.title, found.begins, found.state) == ("Review", NOW + DAY, "confirmed")


def test_the_same_uid_of_another_organizer_is_another_one(office: World) -> None:
    invite(office, meeting(office, "alice", "bob"))
    of = meeting(office, "carol", "bob", sequence=9, **CANCELLED)
    put(office, mail(office, "carol", "bob", message_id="two", appointments=(of,)))
    assert one(office, "bob", "alice").state == "confirmed"
    assert {each.state for each in has(office, "bob", "carol", "appointment")} == {"confirmed", "cancelled"}


def test_an_assistant_may_send_it_as_long_as_the_organizer_says_nothing(office: World) -> None:
    of = meeting(office, "alice", "bob")
    put(office, mail(office, "carol", "bob", appointments=(of,)))
    assert one(office, "bob", "alice").title == "Review"
    cancelled = meeting(office, "alice", "bob", sequence=1, **CANCELLED)
    put(office, mail(office, "carol", "bob", message_id="two", appointments=(cancelled,)))
    assert one(office, "bob", "alice").state == "cancelled"


def test_nobody_answers_for_somebody_else(office: World) -> None:
    invite(office, meeting(office, "alice", "bob", "carol"))
    reply = meeting(office, "alice", method="REPLY", answers={str(office.address("bob")): "declined"}, stamp=NOW + 1)
    put(office, mail(office, "carol", "alice", message_id="two", appointments=(reply,)))
    assert one(office, "alice", "bob").contact_answer == "needs-action"


# ---- series ----


def weekly(world: World, **fields: Any) -> Appointment:
    return meeting(world, "alice", "bob", **{"rule": "FREQ=WEEKLY;COUNT=4"} | fields)


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
    monkeypatch.setattr(appointments, "MAX_CONTACTS", 4)
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
    monkeypatch.setattr(appointments, "MAX_CONTACTS", 2)
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


# ---- any order ----


def facts(known: Known) -> tuple[Any, ...]:
    """What an owner knows, without the way there."""
    return (
        known.rank,
        known.details,
        known.cancelled,
        known.exceptions,
        known.answers,
        known.invited,
        known.contacts,
        known.rows[-1:],
    )


MESSAGE = st.builds(
    Appointment,
    uid=st.just("meeting-1"),
    sequence=st.integers(0, 2),
    stamp=st.integers(NOW, NOW + 2),
    method=st.sampled_from(["REQUEST", "PUBLISH", "CANCEL", "REPLY", "COUNTER"]),
    summary=st.sampled_from(["a", "b"]),
    place=st.just(""),
    begins=st.none() | st.integers(NOW, NOW + 2),
    ends=st.integers(NOW + HOUR, NOW + HOUR + 2),
    all_day=st.just(False),
    zone=st.just(""),
    rule=st.sampled_from(["", "FREQ=DAILY;COUNT=2"]),
    excluded=st.just(()),
    recurrence=st.sampled_from([None, None, NOW, NOW + 1]),
    status=st.sampled_from(["confirmed", "cancelled"]),
    organizer=st.just("a@b.example"),
    answers=st.dictionaries(
        st.sampled_from(["a@b.example", "c@b.example"]), st.sampled_from(["needs-action", "accepted", "declined"])
    ),
)


@given(
    st.lists(MESSAGE, min_size=1, max_size=5).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))),
    st.lists(st.frozensets(st.sampled_from(["a@b.example", "c@b.example"])), min_size=5, max_size=5),
)
def test_messages_may_come_in_any_order_and_again(
    orders: tuple[list[Appointment], list[Appointment]], authors: list[frozenset[str]]
) -> None:
    told, again = orders
    sources = {
        id(each): Source(f"mail {number}", "Subject", NOW + number, authors[number]) for number, each in enumerate(told)
    }
    first, second = Known(), Known()
    for each in told:
        first = first.told(each, (), sources[id(each)])
    for each in [*again, *again]:
        second = second.told(each, (), sources[id(each)])
    first, second = first.placed("one"), second.placed("one")
    assert facts(first) == facts(second)
    assert Known.read(first.item()) == first


def test_where_it_was_is_forgotten_after_some_moves(world: World) -> None:
    known = Known()
    for number in range(40):
        moved = meeting(world, sequence=number, ends=NOW + DAY + number)
        known = known.told(moved, (), Source("mail", "", NOW, frozenset())).placed("one")
    assert len(known.rows) == MAX_MOVES


def test_one_message_may_move_it_often(office: World) -> None:
    when = [NOW + (1 + 7 * week) * DAY for week in range(MAX_MOVES + 4)]
    invite(office, weekly(office, rule="FREQ=WEEKLY;COUNT=3"))
    assert one(office, "bob", "alice").title == "Review"
    changes = [occurrence(office, each, begins=each + 90 * DAY, ends=each + 91 * DAY) for each in when]
    again = weekly(office, rule="FREQ=WEEKLY;COUNT=20", summary="Again", stamp=NOW + 1)
    invite(office, again, *changes, message_id="two")
    assert one(office, "bob", "alice").title == "Again"


# ---- at once ----


def test_two_that_come_at_once_end_in_one_row(office: World) -> None:
    """A second message is indexed between any two steps of the first."""
    newer = meeting(office, "alice", "bob", sequence=1, begins=NOW + 2 * DAY, ends=NOW + 2 * DAY + HOUR, uid="x")
    older = replace(newer, sequence=0, begins=NOW + DAY, ends=NOW + DAY + HOUR)

    def interrupted(at: int, first: Appointment, second: Appointment) -> bool:
        """Whether the first one still had a step at which the second could come in between."""
        steps = iter(range(1000))

        def before(_name: str, _request: dict[str, Any]) -> None:
            if next(steps) == at:
                office.client.before = lambda *_: None
                invite(office, second, message_id="second", to=("bob",))

        office.client.before = before
        invite(office, first, message_id="first", to=("bob",))
        was_interrupted = next(steps) > at
        office.client.before = lambda *_: None
        return was_interrupted

    for number, (first, second) in enumerate([(older, newer), (newer, older)]):
        at = 0
        while True:
            uid = f"{number} {at}"
            if not interrupted(at, replace(first, uid=uid), replace(second, uid=uid)):
                break
            at += 1
            found = [
                each
                for each in has(office, "bob", "alice", "appointment")
                if each.id.endswith(_end(replace(first, uid=uid)))
            ]
            assert [each.begins for each in found] == [NOW + 2 * DAY]
        assert at > 8


def _end(appointment: Appointment) -> str:
    """How the ids of all rows of an appointment end."""
    return ids.derived(0, f"appointment {name(appointment)}")[15:]


def test_what_is_changed_without_end_comes_again_later(office: World) -> None:
    def disturb(name: str, request: dict[str, Any]) -> None:
        if name == "put_item":
            office.client.before = lambda *_: None
            invite(office, meeting(office, "alice", "bob", sequence=next(sequences)), message_id="other")
            office.client.before = disturb

    sequences = iter(range(1000))
    office.client.before = disturb
    with pytest.raises(StoreBusy):
        invite(office, meeting(office, "alice", "bob", sequence=2000))
