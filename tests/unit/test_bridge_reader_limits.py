"""What one stanza, or one document, may have at most."""

from __future__ import annotations

from collections import deque

import pytest

from bridge.elements import element
from bridge.errors import StreamError
from bridge.names import CLIENT, MESSAGE, STREAM
from bridge.reader import (
    MAX_DEPTH,
    MAX_HEADER,
    MAX_HEADER_ATTRIBUTES,
    MAX_PARTS,
    MAX_PROLOG,
    MAX_STANZA,
    Reader,
    read_document,
)
from tests.unit.stanzas import same
from tests.unit.test_bridge_reader import HEADER, opened, refused, stanzas


def test_a_prolog_has_a_limit() -> None:
    reader = Reader()
    assert reader.feed(b" " * MAX_PROLOG) == []
    assert refused(b" ", reader)


def test_a_stanza_has_a_limit_of_bytes() -> None:
    def sized(size: int) -> bytes:
        return b"<a>" + b"x" * (size - 7) + b"</a>"

    assert opened(1000).feed(sized(1000 - len(HEADER)))
    reader = opened(1000)
    reader.feed(b"<presence/>")
    assert refused(sized(1100)[:-4], reader) == "policy-violation"


def test_the_limit_is_for_each_stanza() -> None:
    reader = opened(1000)
    for _ in range(20):
        assert reader.feed(b"<a>" + b"x" * 500 + b"</a>")


def test_an_unfinished_attribute_ends_at_the_limit() -> None:
    reader, piece = opened(), b"x" * 4096
    reader.feed(b"<message to='")
    for _ in range(MAX_STANZA // len(piece) - 1):
        reader.feed(piece)
    assert refused(piece, reader) == "policy-violation"


def test_depth_has_a_limit() -> None:
    assert stanzas(opened().feed(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH))
    assert refused(b"<a>" * (MAX_DEPTH + 1), opened()) == "policy-violation"


def test_elements_and_attributes_together_have_a_limit() -> None:
    inner = b"<a b='c'/>" * ((MAX_PARTS - 1) // 2)
    assert stanzas(opened().feed(b"<x>" + inner + b"</x>"))
    assert refused(b"<x>" + inner + b"<a/><a/>", opened()) == "policy-violation"


def test_the_number_of_parts_is_for_each_stanza() -> None:
    reader = opened()
    for _ in range(3):
        assert reader.feed(b"<x>" + b"<a/>" * (MAX_PARTS - 1) + b"</x>")


def test_pieces_of_one_stanza_have_a_limit() -> None:
    """The parser looks at an unfinished token again with each piece, so time would grow with their number squared."""
    reader = opened()
    reader.limit = 100_000
    reader.feed(b"<a b='")
    feeds = (reader.feed(b"x" * 64) for _ in range(reader.limit // 64))
    with pytest.raises(StreamError, match="pieces"):
        deque(feeds, maxlen=0)


def test_the_largest_stanza_may_come_in_packets() -> None:
    reader = opened()
    reader.limit = MAX_STANZA
    stanza = b"<a b='" + b"x" * (MAX_STANZA - 100) + b"'/>"
    events = [event for start in range(0, len(stanza), 1400) for event in reader.feed(stanza[start : start + 1400])]
    assert len(events) == 1


@pytest.mark.parametrize("limit", [MAX_STANZA, 10_240])
def test_a_stream_header_has_a_limit_of_its_own(limit: int) -> None:
    """It may be parsed again for each stanza."""
    names = " ".join(f"xmlns:n{number}='n'" for number in range(MAX_HEADER // 10))
    with pytest.raises(StreamError, match="header"):
        Reader(limit).feed(f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}' {names}>".encode())
    many = " ".join(f"a{number}=''" for number in range(MAX_HEADER_ATTRIBUTES + 1))
    with pytest.raises(StreamError, match="attributes"):
        Reader(limit).feed(f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}' {many}>".encode())


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("<a>" + "x" * 100 + "</a>", "policy-violation"),
        ("<!DOCTYPE a><a/>", "restricted-xml"),
        ("<?xml version='1.0' encoding='latin1'?><a/>", "unsupported-encoding"),
        ("<a/><b/>", "not-well-formed"),
        ("<a>", "not-well-formed"),
        ("", "not-well-formed"),
        ("<a>\ud800</a>", "not-well-formed"),
    ],
)
def test_a_document_is_one_element_within_the_limits(text: str, condition: str) -> None:
    with pytest.raises(StreamError) as caught:
        read_document(text, 64)
    assert caught.value.condition == condition


def test_a_document_may_have_a_declaration() -> None:
    assert same(read_document(f"<?xml version='1.0'?><message xmlns='{CLIENT}'/>", 100), element(MESSAGE))
