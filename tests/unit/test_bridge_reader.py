"""Bytes to elements: the same in whatever pieces they come, and within bounds whatever they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.elements import qualified, write
from bridge.errors import StreamError
from bridge.names import CLIENT, STREAM
from bridge.reader import (
    MAX_STANZA,
    Closed,
    Event,
    Opened,
    Reader,
    read_document,
)
from tests.unit.stanzas import elements, same

HEADER = f"<stream:stream to='example.com' xmlns='{CLIENT}' xmlns:stream='{STREAM}'>"
OPENED = f"<?xml version='1.0'?>{HEADER}".encode()


def opened(limit: int = MAX_STANZA) -> Reader:
    reader = Reader(limit)
    (header,) = reader.feed(OPENED)
    assert isinstance(header, Opened)
    return reader


def refused(data: bytes, reader: Reader | None = None) -> str:
    """The condition that these bytes end a stream with."""
    with pytest.raises(StreamError) as caught:
        (reader or Reader()).feed(data)
    return caught.value.condition


def stanzas(events: list[Event]) -> list[Element]:
    return [each for each in events if isinstance(each, Element)]


# What is read.


def test_a_stream_header_is_an_event_of_its_own() -> None:
    (header,) = Reader().feed(OPENED)
    assert header == Opened(qualified(STREAM, "stream"), {"to": "example.com"})


def test_a_stream_needs_no_declaration() -> None:
    assert isinstance(Reader().feed(HEADER.encode())[0], Opened)


def test_a_stream_split_at_every_byte_is_the_same() -> None:
    stream = OPENED + b"<message to='b'><body>\xc3\xa4 &amp; b</body>tail</message> <presence/></stream:stream>"
    whole = Reader().feed(stream)
    for cut in range(1, len(stream)):
        reader = Reader()
        events = reader.feed(stream[:cut]) + reader.feed(stream[cut:])
        assert [type(each) for each in events] == [type(each) for each in whole]
        assert all(same(*pair) for pair in zip(stanzas(events), stanzas(whole), strict=True))


def test_a_stream_in_single_bytes_is_the_same() -> None:
    reader = Reader()
    events = [
        event for byte in OPENED + b"<presence><show>away</show></presence>" for event in reader.feed(bytes([byte]))
    ]
    assert [write(each) for each in stanzas(events)] == ["<presence><show>away</show></presence>"]


def test_a_stanza_is_there_with_its_last_byte() -> None:
    reader = opened()
    assert reader.feed(b"<presence/") == []
    assert len(reader.feed(b">")) == 1


def test_white_space_between_stanzas_means_nothing() -> None:
    reader = opened(200)
    for _ in range(50):
        assert reader.feed(b" \r\n\t ") == []
    assert len(reader.feed(b"<presence/>")) == 1


def test_the_end_of_the_stream_is_an_event() -> None:
    assert isinstance(opened().feed(b"</stream:stream>")[0], Closed)


@given(elements, st.data())
def test_any_element_that_is_written_is_read_back_the_same(found: Element, data: st.DataObject) -> None:
    text = write(found).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    reader = opened()
    events: list[Event] = []
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        events += reader.feed(text[start:end])
    (read,) = stanzas(events)
    assert same(read, found)


@given(elements)
def test_any_element_is_a_document_too(found: Element) -> None:
    assert same(read_document(write(found, ""), MAX_STANZA), found)


# What is never raised but a stream error.


CONDITIONS = {
    "bad-format",
    "bad-namespace-prefix",
    "not-well-formed",
    "policy-violation",
    "restricted-xml",
    "unsupported-encoding",
}
MARKUP = (
    "<",
    ">",
    "/",
    "?",
    "!",
    "[",
    "]",
    "&",
    ";",
    "'",
    '"',
    "=",
    "a:",
    "x",
    "xmlns",
    "DOCTYPE",
    "--",
    "\0",
    "é",
    "\ud800",
)


def condition_of(read: Callable[[], object]) -> str | None:
    try:
        read()
    except StreamError as error:
        return error.condition
    return None


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_random_bytes_end_a_stream_in_order_or_wait_for_more(pieces: list[bytes]) -> None:
    for reader in (Reader(), opened()):
        assert condition_of(partial(list, map(reader.feed, pieces))) in {None, *CONDITIONS}


@given(st.lists(st.sampled_from(MARKUP), max_size=30).map("".join))
def test_random_markup_ends_a_stream_in_order_or_waits_for_more(text: str) -> None:
    for reader in (Reader(), opened()):
        assert condition_of(partial(reader.feed, text.encode("utf-8", "surrogatepass"))) in {None, *CONDITIONS}
    assert condition_of(partial(read_document, text, MAX_STANZA)) in {None, *CONDITIONS}


# What RFC 6120 §11.1 forbids.

LAUGHS = b"<!DOCTYPE lol [<!ENTITY a 'ha'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(10)
)


@pytest.mark.parametrize(
    "prolog",
    [b"<!DOCTYPE x>", b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>", LAUGHS, b"<!-- hello -->", b"<?php echo 1 ?>"],
)
def test_nothing_but_a_declaration_comes_before_the_stream(prolog: bytes) -> None:
    assert refused(prolog) == "restricted-xml"
    assert refused(b"<?xml version='1.0'?>" + prolog + HEADER.encode()) == "restricted-xml"


def test_billion_laughs_never_reach_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader()
    monkeypatch.setattr(reader, "_tree", None)
    assert refused(LAUGHS + b"]><x>&k;</x>", reader) == "restricted-xml"


@pytest.mark.parametrize(
    "forbidden",
    [
        b"<!-- hello -->",
        b"<?target text?>",
        b"<!DOCTYPE x>",
        b"<message><!-- hello --></message>",
        b"<message><body><?target text?></body></message>",
        b"<message><body>&unknown;</body></message>",
        b"<message to='&unknown;'/>",
    ],
)
def test_a_stream_has_elements_and_text_alone(forbidden: bytes) -> None:
    assert refused(forbidden, opened()) in ("restricted-xml", "not-well-formed")


@pytest.mark.parametrize("forbidden", [b"<!-- hello -->", b"<?target text?>", b"<message>&unknown;</message>"])
def test_what_is_forbidden_has_a_condition_of_its_own(forbidden: bytes) -> None:
    assert refused(forbidden, opened()) == "restricted-xml"


@pytest.mark.parametrize(
    "stream",
    [
        HEADER.encode("utf-16"),
        HEADER.encode("utf-16-le"),
        HEADER.encode("utf-16-be"),
        HEADER.encode("utf-32"),
        b"\xef\xbb\xbf" + OPENED,
        b"<?xml version='1.0' encoding='ISO-8859-1'?>" + HEADER.encode(),
        b"<?xml version='1.0' encoding='UTF-16'?>" + HEADER.encode(),
    ],
)
def test_the_encoding_is_utf_8(stream: bytes) -> None:
    assert refused(stream) == "unsupported-encoding"


def test_utf_8_may_be_named() -> None:
    assert Reader().feed(b"<?xml version='1.0' encoding='utf-8'?>" + HEADER.encode())


@pytest.mark.parametrize(
    "data", [b"<message>\xe4</message>", b"<message>\xed\xa0\x80</message>", b"<a></b>", b"<a b=1/>"]
)
def test_what_is_not_xml_is_not_well_formed(data: bytes) -> None:
    assert refused(data, opened()) == "not-well-formed"


def test_a_prefix_is_declared() -> None:
    assert refused(b"<x:message/>", opened()) == "bad-namespace-prefix"


def test_there_is_no_text_between_stanzas() -> None:
    assert refused(b"hello<presence/>", opened()) == "bad-format"
