from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from chat import ids
from chat.appointments import NEVER
from tests.unit.mailing import has, mail, meeting, put
from tests.unit.meetings import CANCELLED, answer, invite, one, uninvite
from tests.unit.world import DAY, HOUR, NOW, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol", "dave")
    return world


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
