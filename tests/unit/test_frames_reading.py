from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import ids
from chat.frames.base import MAX_FRAME, MAX_REQUEST_ID
from chat.frames.communications import MailReply
from chat.frames.reading import MAX_TEXT, reply
from chat.mail.documents import Document
from chat.mail.model import Person
from chat.tables.communications import Communication
from tests.unit.world import NOW

MAIL = Communication(ids.new(NOW), "message", "Offer 7", NOW, "received")
ALICE, BOB = Person("Alice", "alice@example.com"), Person("", "bob@example.com")
DOCUMENT = Document("Offer 7", ALICE, [BOB], [], 0, "Dear Bob", False, "a/b@example.com", [])
VIEW = "https://webmail.example.com/mail?id={message_id}"


def frame_size(made: MailReply) -> int:
    """Bytes of a frame, with the longest request id."""
    sent = made.model_copy(update={"request_id": "\x01" * MAX_REQUEST_ID})
    return len(sent.model_dump_json(exclude_none=True).encode())


def attachment(number: int, name: str = "") -> Communication:
    return Communication(ids.lowest(number), "attachment", name or f"file {number}", NOW, mail=MAIL.id)


def test_a_short_mail_is_shown_whole() -> None:
    made = reply(MAIL, DOCUMENT, [], VIEW)
    assert (made.id, made.at, made.subject, made.text, made.cut) == (MAIL.id, MAIL.at, "Offer 7", "Dear Bob", False)
    assert [(each.name, each.address) for each in made.to] == [("", "bob@example.com")]
    assert (made.cc, made.more_people, made.files, made.more_files, made.notes) == ([], 0, [], 0, None)


def test_the_link_leads_to_the_message() -> None:
    assert reply(MAIL, DOCUMENT, [], VIEW).link == "https://webmail.example.com/mail?id=a%2Fb%40example.com"


def test_without_a_view_there_is_no_link() -> None:
    assert reply(MAIL, DOCUMENT, [], "").link is None


def test_a_link_that_is_too_long_is_left_out() -> None:
    assert reply(MAIL, replace(DOCUMENT, message_id="ß" * 900), [], VIEW).link is None


def test_of_a_long_text_16_kib_are_shown() -> None:
    made = reply(MAIL, replace(DOCUMENT, text="x" * MAX_TEXT + "y"), [], VIEW)
    assert (made.text, made.cut) == ("x" * MAX_TEXT, True)


def test_what_the_document_has_not_is_cut_too() -> None:
    assert reply(MAIL, replace(DOCUMENT, cut=True), [], VIEW).cut


def test_people_that_are_not_named_are_counted() -> None:
    many = [Person("x" * 200, f"{number}@example.com") for number in range(50)]
    made = reply(MAIL, replace(DOCUMENT, to=many, cc=many, more_people=100), [], VIEW)
    assert len(made.to) == len(made.cc) > 10
    assert len(made.to) + len(made.cc) + made.more_people == 200


def test_files_that_are_not_listed_are_counted() -> None:
    files = [attachment(number) for number in range(80)]
    made = reply(replace(MAIL, files=90), DOCUMENT, files, VIEW)
    assert len(made.files) > 10
    assert len(made.files) + made.more_files == 90


@pytest.mark.parametrize("character", ["x", "\n", '"', "\x01", "ß", "字", "𝄞", "👩‍👩‍👧"])
@given(st.integers(0, 70_000))
def test_whatever_a_mail_has_fits_into_a_frame(character: str, length: int) -> None:
    long = character * (length // len(character))
    person = Person(long[:200], long[:320])
    document = Document(
        long[:1000], person, [person] * 50, [person] * 50, 900, long[:65536], True, long[:998], [long[:500]] * 20
    )
    files = [replace(attachment(number, long[:200]), mail_title=long[:200]) for number in range(100)]
    made = reply(replace(MAIL, title=long[:200]), document, files, VIEW)
    assert frame_size(made) <= MAX_FRAME
    assert long.startswith(made.text)
    assert len(made.text.encode()) <= MAX_TEXT
    assert len(made.text) % len(character) == 0
    assert bool(made.text) == bool(long)
