from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, permutations
from typing import Any

import pytest

from chat import directory, ids
from chat.mail import indexing
from chat.mail.forgetting import Forgotten, forget
from chat.mail.indexing import MAX_FILES, id_of
from chat.mail.model import Mail
from chat.mail.participants import MAX_PARTICIPANTS
from chat.store import LAST_SORT_KEY, StoreBusy
from chat.tables.communications import MAX_PEOPLE, Communication, Correspondence
from chat.tables.mail_index import MAX_BLIND
from chat.words import unpack
from tests.unit import mailing
from tests.unit.mailing import RECEIVED, Library, as_library, file, has, mail, meeting, put
from tests.unit.world import HOUR, NOW, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol", "dave")
    return world


# ---- whose ----


def test_each_pair_has_it_each_from_its_own_side(office: World) -> None:
    put(office, mail(office, "alice", "bob", cc=("carol",)))
    [sent], [received], [beside] = has(office, "alice", "bob"), has(office, "bob", "alice"), has(office, "bob", "carol")
    assert (sent.direction, received.direction, beside.direction) == ("sent", "received", "received")
    assert (sent.people, beside.people) == ([str(office.address("carol"))], [str(office.address("alice"))])
    assert {sent.id, received.id, beside.id} == {id_of(NOW, "one@example.net", str(office.address("alice")))}
    assert has(office, "alice", "dave") == has(office, "dave", "alice") == []


def test_a_mail_says_what_there_is_to_know(office: World) -> None:
    put(office, mail(office, "alice", "bob", "dora@example.net", files=(file("offer.pdf"),)))
    [found] = has(office, "bob", "alice")
    assert (found.title, found.preview, found.size, found.files) == ("Offer 7", "The offer is attached.", 1234, 1)
    assert (found.arrived, found.people, found.more_people) == (NOW, ["dora@example.net"], None)


def test_of_many_people_ten_are_named_and_the_others_counted(office: World) -> None:
    others = [f"person{number}@example.net" for number in range(200)]
    put(office, mail(office, "alice", "bob", *others))
    [found] = has(office, "bob", "alice")
    assert (found.people, found.more_people) == (others[:MAX_PEOPLE], 190)


def test_a_blind_copy_is_seen_by_sender_and_recipient_alone(office: World) -> None:
    library = Library()
    put(office, mail(office, "alice", "bob", bcc=("carol", "dave")), library=library)
    assert has(office, "alice", "carol")
    assert has(office, "carol", "alice")
    assert has(office, "carol", "bob")
    assert has(office, "bob", "carol") == has(office, "carol", "dave") == has(office, "dave", "carol") == []
    [seen], [own] = has(office, "bob", "alice"), has(office, "alice", "bob")
    assert (seen.people, own.people) == (None, [str(office.address("carol")), str(office.address("dave"))])
    [document] = library.texts.values()
    assert "carol" not in repr(document)


def copies(world: World) -> list[Mail]:
    """Of a message with blind copies to two, and of one by the header: each knows of its own recipient."""
    return [mail(world, "alice", "bob", bcc=blind) for blind in ((), ("carol",), ("dave", f"erin@{world.domain}"))]


def have_blind_copies(world: World, message_id: str = "one@example.net") -> None:
    """Alice sees with each that the three others took part in a message, and these see nothing of each other."""
    everyone, mail_id = {"bob", "carol", "dave"}, id_of(NOW, message_id, str(world.address("alice")))

    def has(owner: str, contact: str) -> list[Communication]:
        return [each for each in mailing.has(world, owner, contact) if each.id == mail_id]

    for each in everyone:
        [own] = has("alice", each)
        others = [*(["bob"] if each != "bob" else []), *sorted(everyone - {each, "bob"}), "erin"]
        assert own.people == [f"{who}@{world.domain}" for who in others], each
        [theirs] = has(each, "alice")
        assert theirs.people == (None if each == "bob" else [f"bob@{world.domain}"])
    assert [has(*two) for two in permutations(("carol", "dave"), 2)] == [[], []]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_copies_that_name_other_blind_copies_are_one_message_in_any_order(
    office: World, order: tuple[int, ...]
) -> None:
    made = copies(office)
    for each in order:
        office.client.calls.clear()
        put(office, made[each])
        assert office.client.operations().count("batch_write_item") == 1
    have_blind_copies(office)


def test_copies_may_be_indexed_at_once(office: World) -> None:
    """A second copy is indexed between any two steps of the first, and a third one right behind it."""
    first, second, third = copies(office)
    for at in count():
        steps = count()

        def before(_name: str, _request: dict[str, Any], at: int = at, steps: Iterator[int] = steps) -> None:
            if next(steps) == at:
                office.client.before = lambda *_: None
                put(office, *(replace(each, message_id=f"{at}") for each in (second, third)))

        office.client.before = before
        put(office, replace(first, message_id=f"{at}"))
        office.client.before = lambda *_: None
        if next(steps) <= at:
            break
        have_blind_copies(office, f"{at}")
    assert at > 5


def test_blind_copies_that_are_remembered_are_bounded(office: World) -> None:
    for number in range(MAX_BLIND + 20):
        put(office, mail(office, "alice", "bob", bcc=(f"user{number}@example.net",)))
    [own] = has(office, "alice", "bob")
    assert len(own.people or ()) + (own.more_people or 0) == MAX_BLIND + 1


def test_whose_mail_was_deleted_is_not_indexed_again_with_a_copy_of_somebody_elses(office: World) -> None:
    library = Library()
    put(office, mail(office, "alice", "bob", bcc=("carol",)), library=library)
    forget(office.tables, as_library(library), office.address("carol"), lambda _: None, Forgotten())
    put(office, mail(office, "alice", "bob"), library=library)
    assert has(office, "carol", "alice") == []


def test_an_alias_has_it_in_its_own_tabs_and_its_members_do_not(office: World) -> None:
    office.alias("team", "carol", "dave")
    put(office, mail(office, "alice", "team"))
    [own], [sent] = has(office, "team", None), has(office, "alice", "team")
    assert (own.direction, sent.direction) == ("received", "sent")
    assert has(office, "carol", "alice") == has(office, "carol", "team") == []


def test_what_is_sent_as_an_alias_was_sent_by_it(office: World) -> None:
    office.alias("team", "carol")
    put(office, mail(office, "team", "alice"))
    [own], [came] = has(office, "team", None), has(office, "alice", "team")
    assert (own.direction, came.direction) == ("sent", "received")


def test_domains_are_walls(office: World) -> None:
    other = World(f"other-{office.domain}", office.client, office.tables)
    other.add("erin", "frank")
    library = Library()
    put(office, mail(office, "alice", "bob", "erin@" + other.domain, "frank@" + other.domain), library=library)
    assert has(office, "alice", "bob")
    assert has(other, "erin", "frank")
    across = Correspondence.between(office.address("alice"), other.address("erin"))
    assert office.tables.communications.page(across, "message", low="", high=LAST_SORT_KEY, limit=9)[0] == []
    assert {domain for domain, *_ in library.texts} == {office.domain, other.domain}


def test_who_is_disabled_removed_or_unknown_does_not_take_part(office: World) -> None:
    directory.disable_user(office.tables, office.address("bob"), True, NOW)
    directory.remove_user(office.tables, office.address("carol"), NOW)
    assert put(office, mail(office, "alice", "bob", "carol", "nobody", "no address")) == []


def test_an_address_with_a_tag_is_the_users_or_aliass(office: World) -> None:
    office.alias("team", "dave")
    domain = office.address("bob").domain
    to, blind = (f"bob+lists@{domain}", f"team+7@{domain}"), (f"carol+@{domain}",)
    put(office, mail(office, f"alice+chat@{domain}", *to, bcc=blind))
    assert [each.direction for each in has(office, "alice", "bob")] == ["sent"]
    assert [(each.direction, each.people) for each in has(office, "bob", "alice")] == [("received", [f"team@{domain}"])]
    assert has(office, "team", None)
    assert has(office, "carol", "alice")
    assert has(office, "bob", "carol") == []


def test_who_is_named_with_a_tag_and_without_takes_part_once(office: World) -> None:
    domain = office.address("bob").domain
    put(office, mail(office, "alice", f"bob+x@{domain}", cc=("bob",), bcc=(f"bob+y@{domain}", f"alice+z@{domain}")))
    [found] = has(office, "bob", "alice")
    assert (found.direction, found.people) == ("received", None)
    assert [each.direction for each in has(office, "alice", "bob")] == ["sent"]


def test_an_address_of_its_own_is_no_tag(office: World) -> None:
    office.add("bob+lists")
    put(office, mail(office, "alice", "bob+lists"))
    assert has(office, "bob", "alice") == []
    assert has(office, "bob+lists", "alice")


def test_mail_of_other_domains_and_to_oneself_alone_writes_nothing(office: World) -> None:
    library = Library()
    put(office, mail(office, "a@example.net", "b@example.net"), mail(office, "alice", "alice"), library=library)
    assert (library.texts, library.files) == ({}, {})


def test_of_more_than_fifty_the_sender_and_the_first_take_part_and_a_note_says_so(office: World) -> None:
    crowd = [f"user{number}" for number in range(60)]
    office.add(*crowd)
    library = Library()
    put(office, mail(office, "alice", *(f"stranger{each}@example.net" for each in range(140)), *crowd), library=library)
    assert has(office, "alice", "user48")
    assert has(office, "alice", "user49") == []
    [document] = library.texts.values()
    assert document.notes == [
        f"it is indexed for {MAX_PARTICIPANTS} users and aliases of {office.domain}, and for no others"
    ]
    assert (len(document.to), document.more_people) == (50, 150)


# ---- files and texts ----


def test_each_file_is_an_entry_and_its_content_is_kept_once(office: World) -> None:
    library = Library()
    files = (file("offer.pdf"), file("copy.pdf"), file("other.txt", b"other"))
    put(office, mail(office, "alice", "bob", files=files), library=library)
    found = has(office, "bob", "alice", "attachment")
    assert {each.title for each in found} == {"offer.pdf", "copy.pdf", "other.txt"}
    [first] = [each for each in found if each.title == "offer.pdf"]
    assert (first.size, first.content_type, first.direction) == (7, "application/pdf", "received")
    assert (first.mail, first.mail_title) == (
        id_of(NOW, "one@example.net", str(office.address("alice"))),
        "Offer 7",
    )
    assert first.sha256
    assert library.files[office.domain, first.sha256] == b"content"
    assert len(library.files) == 2


def test_many_files_are_bounded_and_a_note_says_so(office: World) -> None:
    library = Library()
    files = tuple(file(f"{number}.txt", str(number).encode()) for number in range(150))
    put(office, mail(office, "alice", "bob", files=files), library=library)
    assert len(has(office, "bob", "alice", "attachment")) == MAX_FILES
    [document] = library.texts.values()
    assert document.notes == ["of its 150 files 100 are indexed"]


def test_many_files_to_many_people_are_bounded_together(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "MAX_ROWS", 12 * 4)
    files = tuple(file(f"{number}.txt") for number in range(9))
    put(office, mail(office, "alice", "bob", "carol", "dave", files=files))
    assert len(has(office, "bob", "alice", "attachment")) == 2


def test_many_appointments_of_many_people_are_bounded_together(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "MAX_ROWS", 12)
    library = Library()
    invited = tuple(meeting(office, "alice", uid=str(number)) for number in range(5))
    put(office, mail(office, "alice", "bob", "carol", appointments=(*invited, invited[0])), library=library)
    assert len(has(office, "bob", "carol", "appointment")) == 2  # of three people, each six rows
    [document] = library.texts.values()
    assert document.notes == ["of its 5 appointments 2 are indexed"]


def test_a_mail_is_found_by_its_text_and_by_who_is_in_it(office: World) -> None:
    put(office, mail(office, "alice", "bob", bcc=("dave",)))
    of = Correspondence.between(office.address("bob"), office.address("alice"))
    [text] = office.tables.communications.texts(of, low="", high=LAST_SORT_KEY)[0]
    beginning, others = unpack(text.packed)
    assert (text.title, text.direction, beginning) == ("Offer 7", "received", "The offer\n\nis attached.")
    assert {"alice", "bob"} <= set(others.split())
    assert "dave" not in others


# ---- again ----


def test_the_same_mail_through_two_ways_is_one_entry(office: World) -> None:
    put(office, mail(office, "alice", "bob"), received=RECEIVED)
    put(office, mail(office, "alice", "bob", bcc=("carol",)), received=RECEIVED + HOUR)
    assert len(has(office, "bob", "alice")) == 1
    assert len(has(office, "alice", "carol")) == 1


def test_another_mail_that_claims_the_same_id_neither_shows_nor_changes_what_the_first_says(office: World) -> None:
    library = Library()
    put(office, mail(office, "alice", "bob", text="secret"), library=library)
    put(office, mail(office, "dave", "carol", text="claimed"), library=library)
    [first], [second] = has(office, "bob", "alice"), has(office, "carol", "dave")
    assert first.id != second.id
    said = [library.texts[office.domain, each.id, each.text or ""].text for each in (first, second)]
    assert said == ["secret", "claimed"]


def test_a_mail_without_a_date_is_one_entry_too(office: World) -> None:
    put(office, mail(office, "alice", "bob", at=RECEIVED), received=RECEIVED)
    put(office, mail(office, "alice", "bob", at=RECEIVED + HOUR), received=RECEIVED + HOUR)
    [found] = has(office, "bob", "alice")
    assert ids.time_of(found.id) == RECEIVED


def test_what_fails_half_way_is_whole_after_the_next_try(office: World) -> None:
    library = Library(broken=StoreBusy("busy"))
    with pytest.raises(StoreBusy):
        put(office, mail(office, "alice", "bob"), library=library)
    assert has(office, "bob", "alice") == []  # no row points to a text that is not there
    library.broken = None
    put(office, mail(office, "alice", "bob"), library=library)
    assert has(office, "bob", "alice")


def test_a_domain_is_noted_as_indexed(office: World) -> None:
    assert not office.tables.communications.is_indexed(office.domain)
    put(office, mail(office, "alice", "bob"))
    assert office.tables.communications.is_indexed(office.domain)


# ---- cost ----


def test_rows_go_in_groups_and_reads_do_not_grow(office: World) -> None:
    def calls() -> list[str]:
        office.client.calls.clear()
        number = len(has(office, "bob", "alice"))
        office.client.calls.clear()
        put(office, mail(office, "alice", "bob", message_id=f"{number}@example.net"))
        return sorted(office.client.operations())

    put(office, mail(office, "alice", "bob"))
    first = calls()
    for number in range(60):
        put(office, mail(office, "alice", "bob", message_id=f"old{number}@example.net", at=NOW - number))
    assert calls() == first
    assert first == [*["batch_get_item"] * 2, "batch_write_item", *["get_item"] * 2, "update_item"]


def test_a_row_of_an_usual_mail_costs_one_write_unit(office: World) -> None:
    people = [f"a.colleague{number}@example-company.example" for number in range(10)]
    text = "This is a sentence of a usual length, as people write them. " * 40
    subject = "Re: Minutes of the meeting on the new offer for the customer in the north"
    put(office, mail(office, "alice", "bob", *people, text=text, subject=subject))
    [write] = [request for name, request in office.client.calls if name == "batch_write_item"]
    sizes = [len(str(each["PutRequest"]["Item"])) for each in write["RequestItems"]["history"]]
    assert max(sizes) < 1024 + 400  # the spelling of its types counts here and not there


def test_entries_are_given_back_whether_they_are_new_or_not(office: World) -> None:
    first = put(office, mail(office, "alice", "bob"))
    assert {(each.owner.local, each.contact.local) for each in first} == {("alice", "bob"), ("bob", "alice")}
    assert put(office, mail(office, "alice", "bob")) == first


def test_of_a_mail_that_is_not_authentic_nobody_is_the_author(office: World) -> None:
    put(office, mail(office, "alice", "bob", bcc=("dave",)))
    made = mail(office, "alice", "bob", bcc=("carol",), subject="Changed", is_authentic=False, fingerprint="1")
    made = replace(made, others=(made.sender,))  # type: ignore[arg-type]
    put(office, made, replace(made, subject="Changed again", fingerprint="2"))
    there = {each.title: each for each in has(office, "alice", "bob")}
    claimed, own = there["Changed"], there["Offer 7"]
    assert len(there) == 3
    assert (claimed.title, claimed.direction, own.title, own.direction) == ("Changed", "received", "Offer 7", "sent")
    assert (claimed.people, own.people) == (None, [str(office.address("dave"))])
    assert has(office, "alice", "carol") == []
    assert has(office, "carol", "alice") != []


def test_whom_sender_names_takes_part_and_is_no_author(office: World) -> None:
    made = mail(office, "alice", "bob", bcc=("dave",))
    put(office, replace(made, others=(mail(office, "carol").sender,)))  # type: ignore[arg-type]
    [found] = has(office, "carol", "bob")
    assert (found.direction, found.people) == ("received", [str(office.address("alice"))])
    assert has(office, "carol", "dave") == []  # who had a blind copy is the author's to know
    assert [each.people for each in has(office, "bob", "alice")] == [[str(office.address("carol"))]]


def test_a_mail_with_the_message_id_of_anothers_takes_nothing_from_it(office: World) -> None:
    put(office, mail(office, "alice", "bob", subject="Budget"))
    put(office, mail(office, "bob", "alice", subject="Budget changed"))
    assert {each.title for each in has(office, "alice", "bob", "message")} == {"Budget", "Budget changed"}
