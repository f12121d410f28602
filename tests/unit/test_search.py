from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import directory, ids, search
from chat.callers import Caller
from chat.entries import Alias
from chat.errors import BadCursor, BadField, NotConnected, UnknownContact
from chat.messages import record
from chat.search import FIRST, PAGE, Hit, Results
from chat.tables.communications import Communication, Correspondence, Kind, Text
from chat.tables.history import Message
from chat.words import fold, pack
from tests.unit.quick_history import QuickHistory, quick
from tests.unit.world import HOUR, MINUTE, NOW, World, everything, room_for


@pytest.fixture
def office(world: World) -> World:
    made = quick(world)
    made.add("alice", "bob", "carol")
    return made


def say(office: World, sender: str, recipient: str, body: str, at: int = NOW, message_id: str = "") -> str:
    one, other = office.addresses(sender, recipient)
    alias = Alias(other, recipient) if recipient == "team" else None
    message = Message(message_id or ids.new(at), one, other, body)
    record(office.tables, message, alias)
    return message.id


def keep(
    office: World,
    owner: str,
    contact: str | None,
    kind: Kind,
    title: str,
    at: int = NOW,
    item_id: str = "",
    text: str = "",
    **more: Any,
) -> str:
    """Keep something as the indexer does; without a contact, of an alias."""
    of = Correspondence.of_alias(office.address(owner))
    if contact:
        of = Correspondence.between(office.address(owner), office.address(contact))
    rows, item_id = office.tables.communications, item_id or ids.new(at)
    rows.add(of, Communication(item_id, kind, title, **{"arrived": at} | more))
    if kind == "message":
        key, item = rows.text_row(of, Text(item_id, title, pack(text), more.get("direction")))
        office.tables.store.put(key, item)
    return item_id


def find(
    office: World,
    words: str,
    position: str | None = None,
    fit: Any = everything,
    viewer: str = "alice",
    contact: str = "bob",
) -> Results:
    caller = Caller(office.address(viewer), f"web:{viewer}-page")
    return search.page(office.tables, caller, office.address(contact), words, position, NOW, fit)


def find_all(office: World, words: str, fit: Any = everything, **who: str) -> list[list[Hit]]:
    """All pages."""
    pages = [find(office, words, None, fit, **who)]
    while (position := pages[-1].position) is not None:
        assert len(pages) < 400
        pages.append(find(office, words, position, fit, **who))
    return [page.hits for page in pages]


def history_of(office: World) -> QuickHistory:
    history: Any = office.client._client
    assert isinstance(history, QuickHistory)
    return history


def kinds(results: Results) -> list[str]:
    return [hit.kind for hit in results.hits]


# ---- what is found ----


def test_a_chat_message_is_found(office: World) -> None:
    said = say(office, "bob", "alice", "Did the Harbour offer go out?")
    [hit] = find(office, "harbour").hits
    bob = office.address("bob")
    assert hit == Hit(said, "chat", ids.iso(NOW), "", "Did the Harbour offer go out?", sender=bob)


def test_a_mail_is_found_by_its_subject_its_text_and_who_took_part(office: World) -> None:
    text = "Dear all, the price is enclosed."
    kept = keep(office, "alice", "bob", "message", "Harbour", text=text, direction="sent")
    hit = Hit(kept, "message", ids.iso(NOW), "Harbour", text, direction="sent")
    for words in ("harbour", "price", "harb enclosed"):
        assert find(office, words) == Results([hit], None, None)


def test_a_mail_without_text_is_found_by_its_subject(office: World) -> None:
    of = Correspondence.between(*office.addresses("alice", "bob"))
    office.tables.store.put(*office.tables.communications.text_row(of, Text(ids.new(NOW), "Only a subject")))
    assert [hit.title for hit in find(office, "subject").hits] == ["Only a subject"]


def test_an_appointment_is_found_by_its_title_and_its_place(office: World) -> None:
    at = NOW + HOUR
    kept = keep(office, "alice", "bob", "appointment", "Review", at, begins=at - MINUTE, ends=at, place="Room 7")
    hit = Hit(kept, "appointment", ids.iso(at - MINUTE), "Review", "Room 7")
    assert find(office, "room review").hits == [hit]


def test_an_attachment_is_found_by_its_name(office: World) -> None:
    kept = keep(office, "alice", "bob", "attachment", "offer_final.pdf", mail_title="Harbour", direction="received")
    hit = Hit(kept, "attachment", ids.iso(NOW), "offer_final.pdf", "Harbour", direction="received")
    assert find(office, "final pdf").hits == [hit]


def test_nothing_is_found_where_there_is_nothing(office: World) -> None:
    assert find(office, "harbour") == Results([], None, None)


# ---- whose ----


def test_it_is_the_viewers_own_with_this_contact(office: World) -> None:
    say(office, "alice", "carol", "harbour")
    say(office, "bob", "carol", "harbour")
    keep(office, "bob", "alice", "message", "harbour")
    keep(office, "alice", "carol", "attachment", "harbour")
    assert find(office, "harbour").hits == []


def test_members_of_an_alias_find_all_that_it_has(office: World) -> None:
    office.alias("team", "alice")
    said = say(office, "carol", "team", "harbour")
    kept = keep(office, "team", None, "message", "harbour", NOW - 1)
    assert [hit.id for hit in find(office, "harbour", contact="team").hits] == [said, kept]


def test_others_find_their_own_messages_to_it(office: World) -> None:
    office.alias("team", "bob")
    say(office, "carol", "team", "harbour")
    keep(office, "team", None, "message", "harbour")
    own = say(office, "alice", "team", "harbour", NOW - 1)
    kept = keep(office, "alice", "team", "message", "harbour", NOW - 2)
    assert [hit.id for hit in find(office, "harbour", contact="team").hits] == [own, kept]


def test_who_got_the_address_of_somebody_removed_finds_nothing_of_before(office: World) -> None:
    say(office, "bob", "alice", "harbour", NOW - 1)
    for kind in ("message", "attachment"):
        keep(office, "alice", "bob", kind, "harbour", NOW - 1)
    keep(office, "alice", "bob", "appointment", "harbour", NOW + 9 * HOUR, arrived=NOW - 1)
    directory.remove_user(office.tables, office.address("alice"), NOW)
    office.add("alice", now=NOW + HOUR)
    assert find_all(office, "harbour") == [[]]


def test_nobody_is_unknown(office: World) -> None:
    with pytest.raises(UnknownContact):
        find(office, "harbour", contact="nobody")


def test_who_has_been_disabled_finds_nothing(office: World) -> None:
    directory.disable_user(office.tables, office.address("alice"), True, NOW)
    with pytest.raises(NotConnected):
        find(office, "harbour")


# ---- bad input ----


@pytest.mark.parametrize("words", ["?!", " ", "a b c d e f g h i"])
def test_words_that_are_none_or_too_many(office: World, words: str) -> None:
    with pytest.raises(BadField):
        find(office, words)


@pytest.mark.parametrize("position", ["", "x", ids.new(NOW), f"{ids.new(NOW)}/letter", f"x{ids.new(NOW)}/chat"])
def test_a_position_that_no_page_gave(office: World, position: str) -> None:
    with pytest.raises(BadCursor):
        find(office, "harbour", position)


# ---- pages ----


def test_the_newest_come_first_whatever_they_are(office: World) -> None:
    keep(office, "alice", "bob", "message", "harbour", NOW - 3)
    say(office, "bob", "alice", "harbour", NOW - 2)
    keep(office, "alice", "bob", "attachment", "harbour", NOW - 1)
    keep(office, "alice", "bob", "appointment", "harbour", NOW)
    assert kinds(find(office, "harbour")) == ["appointment", "attachment", "chat", "message"]


def test_a_page_has_25_at_most_and_says_how_far_it_came(office: World) -> None:
    said = [say(office, "bob", "alice", "harbour", NOW + number) for number in range(PAGE + 1)]
    first = find(office, "harbour")
    assert [hit.id for hit in first.hits] == said[:0:-1]
    assert first.searched_to == ids.iso(NOW + 1)
    rest = find(office, "harbour", first.position)
    assert ([hit.id for hit in rest.hits], rest.searched_to, rest.position) == (said[:1], None, None)


def test_what_does_not_fit_into_a_frame_comes_on_the_next_page(office: World) -> None:
    said = [say(office, "bob", "alice", "harbour", NOW + number) for number in range(5)]
    found = find_all(office, "harbour", room_for(2))
    assert [[hit.id for hit in page] for page in found] == [said[:2:-1], said[2:0:-1], said[:1]]


def test_a_mail_stands_in_front_of_its_files(office: World) -> None:
    for number in range(5):
        keep(office, "alice", "bob", "message", "harbour", NOW, ids.derived(NOW, f"mail {number}"))
        keep(office, "alice", "bob", "attachment", "harbour", NOW, ids.derived(NOW, f"file {number}"))
    assert [hit.kind for page in find_all(office, "harbour", room_for(3)) for hit in page] == 5 * ["message"] + 5 * [
        "attachment"
    ]


def test_those_with_the_same_id_are_parted_by_no_page(office: World) -> None:
    same = ids.new(NOW)
    say(office, "bob", "alice", "harbour", message_id=same)
    for kind in ("message", "appointment", "attachment"):
        keep(office, "alice", "bob", kind, "harbour", item_id=same)
    found = find_all(office, "harbour", room_for(1))
    assert [hit.kind for page in found for hit in page] == ["chat", "message", "appointment", "attachment"]


words = st.lists(st.sampled_from(["Harbour", "offer", "Straße", "東京", "x"]), max_size=3).map(" ".join)
entry = st.tuples(st.sampled_from(["chat", "message", "appointment", "attachment"]), words, st.integers(0, 40))


@settings(max_examples=40)
@given(
    st.lists(entry, max_size=40),
    st.sampled_from(["harbour", "off", "strasse x", "京", "x harb offer"]),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_all_that_have_the_words_are_found_once_newest_first(
    office: World, entries: list[tuple[Any, str, int]], query: str, room: int, chunk: int, page_rows: int
) -> None:
    office.client.clear()
    expected = []
    for kind, text, at in entries:
        if kind == "chat":
            item_id = say(office, "alice", "bob", text or "-", NOW + at)
        else:
            item_id = keep(office, "alice", "bob", kind, text, NOW + at)
        if naive(query, text):
            expected.append((item_id, kind))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "FIRST", chunk)
        patch.setattr(search, "MORE", page_rows)
        found = [(hit.id, hit.kind) for page in find_all(office, query, room_for(room)) for hit in page]
    order = sorted(
        expected, key=lambda each: (ids.time_of(each[0]), search.KINDS.index(each[1]), each[0]), reverse=True
    )
    assert found == order


def naive(query: str, text: str) -> bool:
    """Whether a text has all words, by another way of looking."""
    of_text = fold(text).split()
    return all(
        any(each.startswith(word) or (word == "京" and word in each) for each in of_text) for word in query.split()
    )


# ---- what it costs ----


def test_hits_that_are_near_cost_four_small_reads(office: World) -> None:
    for number in range(FIRST + 50):
        say(office, "bob", "alice", "harbour", NOW + number)
    office.client.calls.clear()
    assert len(find(office, "harbour").hits) == PAGE
    assert office.client.operations() == ["batch_get_item"] + 4 * ["query"]
    assert {request["Limit"] for _, request in office.client.calls[1:]} == {FIRST}
    assert not any(request["ConsistentRead"] for _, request in office.client.calls[1:])


@pytest.mark.parametrize("much", [300, 900])
def test_a_request_reads_a_page_of_each_at_most_however_much_there_is(office: World, much: int) -> None:
    for number in range(much):
        say(office, "bob", "alice", "something else " * 5, NOW + 2 * number)
        keep(office, "alice", "bob", "message", "something else", NOW + 2 * number + 1)
    history, limit = history_of(office), 40_000
    history.page_bytes, history.read_bytes = limit, 0
    office.client.calls.clear()
    found = find(office, "harbour")
    assert found.hits == []
    assert found.position
    assert office.client.operations().count("query") <= 8
    assert history.read_bytes <= 4 * limit


def test_it_goes_on_where_it_stopped_until_all_has_been_looked_at(office: World) -> None:
    wanted = say(office, "bob", "alice", "harbour", NOW - HOUR)
    for number in range(300):
        say(office, "bob", "alice", "something else " * 5, NOW + number)
    history_of(office).page_bytes = 20_000
    found = find_all(office, "harbour")
    assert len(found) > 2
    assert [hit.id for page in found for hit in page] == [wanted]


def test_a_source_that_holds_nothing_back_is_not_read_further(office: World) -> None:
    """The chat is long and dense, the mail goes far back: its old part is not read again with each page of the chat."""
    for number in range(3 * FIRST):
        say(office, "bob", "alice", "something else", NOW + number)
        keep(office, "alice", "bob", "message", "something else", NOW - number * HOUR)
    office.client.calls.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MORE", FIRST)
        find(office, "harbour")
    read = [request["ExpressionAttributeValues"][":low"]["S"][:4] for _, request in office.client.calls[1:]]
    assert sorted(read) == ["APPO", "ATTA", "MESS", "MESS", "TEXT"]


def test_of_messages_that_are_found_by_pointers_fewer_are_read(office: World) -> None:
    office.alias("team", "bob")
    for number in range(600):
        say(office, "alice", "team", "something else", NOW + number)
    office.client.calls.clear()
    found = find(office, "harbour", contact="team")
    assert found.searched_to == ids.iso(NOW + 600 - FIRST - search.MORE_BY_POINTER)
