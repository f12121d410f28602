from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.mail import dates, headers
from chat.mail.headers import Fields
from chat.mail.model import Person
from chat.mail.people import MAX_PEOPLE, people

DAY = 86_400_000


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("=?utf-8?q?J=C3=B6rg?=", "Jörg"),
        ("=?ISO-8859-1?B?Suly?=", "Jér"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=  b =?utf-8?q?c?=", "a  b c"),
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"),
        ("=?utf-8?Q?a b?=", "a b"),
        ("x=?utf-8?q?a?=y", "xay"),
        ("=?utf-8*en?q?a_b?=", "a b"),
        ("=?gb2312?b?xOO6ww==?=", "你好"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?no-such?q?=E9?=", "é"),
        ("=?utf-8?b?w6k?=", "é"),
        ("=?zlib?b?eJwDAAAAAAE=?=", "xœ\x03\x00\x00\x00\x00\x01"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("plain", "plain"),
    ],
)
def test_encoded_words_are_decoded_as_senders_write_them(written: str, meant: str) -> None:
    assert headers.words(written) == meant


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("attachment; filename=foo bar.pdf", "foo bar.pdf"),
        ('attachment; filename="=?utf-8?Q?caf=C3=A9.pdf?="', "café.pdf"),
        ("attachment; filename*0*=utf-8''caf%C3%A9; filename*1=-x; filename*2=.pdf", "café-x.pdf"),
        ("attachment; filename*=iso-8859-1'en'%e9.pdf; filename=x.pdf", "é.pdf"),
        ("attachment; filename*1=b; filename*0=a; filename*3=d", "ab"),
        ('attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
        ('attachment; filename="C:\\temp\\x.pdf"', "C:\\temp\\x.pdf"),
        ('attachment; filename="a;b.pdf"; size=3', "a;b.pdf"),
        ('attachment; filename="unterminated', "unterminated"),
        ("attachment filename=x.pdf", "x.pdf"),
        ("attachment; FileName = x.pdf ; size=3", "x.pdf"),
    ],
)
def test_a_file_name_is_found_however_it_is_written(written: str, name: str) -> None:
    found = headers.parametrised(written)
    assert (found.value, found.parameters["filename"]) == ("attachment", name)


def test_an_unquoted_boundary_may_have_any_character() -> None:
    assert headers.parametrised("multipart/mixed; boundary=----=_Part_1.2").parameters["boundary"] == "----=_Part_1.2"


def test_a_header_ends_at_the_empty_line() -> None:
    raw = b"A: 1\r\n b: 2\r\nC:3\r\n\r\nD: 4\r\n"
    assert headers.parse(raw, 0, len(raw)) == (Fields((("a", "1 b: 2"), ("c", "3"))), raw.index(b"D"))


def test_a_line_broken_on_the_way_does_not_end_the_header() -> None:
    raw = b"A: 1\nbroken\nB: 2\n\nbody"
    assert headers.parse(raw, 0, len(raw)) == (Fields((("a", "1"), ("b", "2"))), raw.index(b"body"))


def test_a_body_without_an_empty_line_before_it_begins_where_no_field_is() -> None:
    raw = b"A: 1\nHello there\nyou\n"
    assert headers.parse(raw, 0, len(raw)) == (Fields((("a", "1"),)), 5)


def test_eight_bit_headers_are_read_as_utf_8_or_windows_1252() -> None:
    raw = "A: é\n".encode() + "B: é\n".encode("latin-1")
    assert headers.parse(raw, 0, len(raw))[0] == Fields((("a", "é"), ("b", "é")))


def test_of_a_huge_header_the_beginning_is_read_and_the_body_is_found() -> None:
    raw = b"A: 1\n" + b"B: 2\n" * 100_000 + b"\nbody"
    fields, body = headers.parse(raw, 0, len(raw))
    assert len(fields.fields) <= headers.MAX_HEADER // 5 + 1
    assert raw[body:] == b"body"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"Doe, Jane" <Jane@Example.com>', [("Doe, Jane", "jane@example.com")]),
        ("a@b.c (Jane Doe)", [("Jane Doe", "a@b.c")]),
        ("=?utf-8?q?Doe,_J=C3=B6rg?= <a@b.c>", [("Doe, Jörg", "a@b.c")]),
        ("undisclosed-recipients:;", []),
        ("Team: a@b.c, B <d@e.f>;", [("", "a@b.c"), ("B", "d@e.f")]),
        ("a@b.c; d@e.f", [("", "a@b.c"), ("", "d@e.f")]),
        ("Jane <a@b.c", [("Jane", "a@b.c")]),
        ("Jane Doe", [("Jane Doe", "")]),
        ("<@relay,@other:a@b.c>", [("", "a@b.c")]),
        ("'a@b.c' <'a@b.c'>", [("a@b.c", "a@b.c")]),
        ("mailto:a@b.c", [("", "a@b.c")]),
        ("Foo [x] <a@b.c>", [("Foo [x]", "a@b.c")]),
        ("=?utf-8?q?ceo=40b.c_=3Cceo=40b.c=3E?= <x@evil.example>", [("ceo@b.c <ceo@b.c>", "x@evil.example")]),
        ("Jane <a@münchen.example>", [("Jane", "a@xn--mnchen-3ya.example")]),
        ("a@@b.c, @b.c, a@, <>", [("a@@b.c", ""), ("@b.c", ""), ("a@", "")]),
        (",,  ,", []),
        ("Jane al ice@b.c", [("Jane al ice@b.c", "")]),
        ("<al ice@b.c>, <al\u202eice@b.c>, <a@b .c>, <a @b.c>", []),
        ("< a@b.c >, <A@B.C>, <\u212aelly@b.c>", [("", "a@b.c"), ("", "a@b.c"), ("", "\u212aelly@b.c")]),
        ('"Jane\u202egpj" <a@b.c>', [("Janegpj", "a@b.c")]),
    ],
)
def test_who_is_named_is_found_however_it_is_written(written: str, meant: list[tuple[str, str]]) -> None:
    assert people([written]) == [Person(*each) for each in meant]


def test_two_hundred_recipients_are_read_and_a_hundred_thousand_are_not() -> None:
    assert len(people(["a@b.c, " * 200])) == 200
    assert len(people(["a@b.c, " * 100_000])) == MAX_PEOPLE + 1


@given(st.text(st.sampled_from('a@.,;:<>()"\\=?q \n\u202e'), max_size=60))
def test_an_address_that_is_found_is_one(written: str) -> None:
    for person in people([written]):
        assert not person.address or ("@" in person.address and person.address == person.address.lower())
        assert len(person.name.splitlines()) < 2


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 1 Jan 2024 10:00:00 +0100",
        "1 Jan 24 09:00 GMT",
        "Mon, 1 Jan 2024 10.00.00 +0100 (CET)",
        "Mon Jan  1 09:00:00 2024",
        "2024-01-01T09:00:00Z",
        "2024-01-01 09:00:00",
    ],
)
def test_a_date_is_read_however_it_is_written(written: str) -> None:
    assert dates.parse(written) == 1_704_099_600_000


@pytest.mark.parametrize(
    "written",
    ["", "x", "Mon, 32 Jan 2024 10:00:00", "Mon, 1 Jan 99999 10:00:00 +0100", "Thu, 1 Jan 1970 00:00:00 GMT", "1 Jan"],
)
def test_a_date_that_is_none_is_not_read(written: str) -> None:
    assert dates.parse(written) is None


def _fields(date: str, *received: str) -> Fields:
    return Fields((("date", date), *(("received", f"from a by b; {each}") for each in received)))


def test_an_absurd_date_gives_way_to_when_the_first_server_took_the_mail() -> None:
    fields = _fields("Mon, 1 Jan 2035 10:00:00 +0000", "Tue, 2 Jan 2024 09:00:00 GMT", "Mon, 1 Jan 2024 09:00:00 GMT")
    assert dates.sent(fields, 1_764_000_000_000) == 1_704_099_600_000


def test_without_any_time_it_is_when_the_mail_came() -> None:
    assert dates.sent(Fields(), 1_764_000_000_000) == 1_764_000_000_000


def test_servers_that_live_in_the_future_are_not_believed() -> None:
    future = "Mon, 1 Jan 2035 10:00:00 +0000"
    assert dates.sent(_fields(future, future), 1_764_000_000_000) == 1_764_000_000_000


@given(st.text(max_size=40))
def test_no_date_breaks_the_reader(written: str) -> None:
    dates.parse(written)
