"""A stream at rest has no parser, and goes on as if it had had one all the time."""

from __future__ import annotations

import gc
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import reader as module
from bridge.errors import StreamError
from bridge.names import CLIENT, STREAM
from bridge.reader import MAX_STANZA, Closed, Event, Opened, Reader

OPENED = f"<stream:stream to='example.com' xmlns='{CLIENT}' xmlns:stream='{STREAM}' xmlns:x='urn:x'>".encode()
MESSAGE = b"<message to='a'><x:seen/></message>"
READ = ["{jabber:client}message", "{urn:x}seen"]


def opened() -> Reader:
    reader = Reader(MAX_STANZA)
    assert len(reader.feed(OPENED)) == 1
    return reader


def names(events: list[Event]) -> list[str]:
    return [each.tag for event in events if isinstance(event, Element) for each in event.iter()]


def rests(reader: Reader) -> bool:
    return reader._tree is None


@pytest.mark.parametrize("data", [b"", MESSAGE, MESSAGE * 3, b" ", b"\n\n", MESSAGE + b" "], ids=repr)
def test_between_stanzas_there_is_no_parser(data: bytes) -> None:
    reader = opened()
    reader.feed(data)
    assert rests(reader)


@pytest.mark.parametrize("data", [b"<", b"<mess", MESSAGE + b"<", MESSAGE[:-1], b"<message>", b"\r", MESSAGE + b" <iq"])
def test_while_something_is_on_its_way_there_is_one(data: bytes) -> None:
    reader = opened()
    reader.feed(data)
    assert not rests(reader)


def test_the_prefixes_of_the_header_hold_in_every_stanza() -> None:
    reader = opened()
    assert [names(reader.feed(MESSAGE)) for _ in range(3)] == [READ] * 3


@pytest.mark.parametrize(
    "header",
    [
        f"<stream:stream note='>' xmlns=\"{CLIENT}\" xmlns:stream='{STREAM}' other=\"it's > '\" xmlns:x='urn:x' >",
        f"<?xml version='1.0'?> <a:stream xmlns='{CLIENT}'\nxmlns:a='{STREAM}' xmlns:x='urn:x' note='ü &gt; &#62;'>",
    ],
)
def test_a_header_is_kept_to_its_end(header: str) -> None:
    reader = Reader(MAX_STANZA)
    for byte in header.encode():
        events = reader.feed(bytes([byte]))
    assert [type(each) for each in events] == [Opened]
    assert rests(reader)
    assert names(reader.feed(MESSAGE)) == READ


def test_the_end_of_the_stream_fits_its_beginning() -> None:
    reader = opened()
    reader.feed(MESSAGE)
    assert [type(each) for each in reader.feed(b"</stream:stream>")] == [Closed]
    other = opened()
    with pytest.raises(StreamError):
        other.feed(b"</stream>")


def test_a_client_may_send_white_space_for_ever() -> None:
    reader = opened()
    for _ in range(10_000):
        assert reader.feed(b" ") == []


def test_the_limit_of_a_stanza_is_as_before() -> None:
    reader = opened()
    reader.limit = len(OPENED) + 100
    for _ in range(3):
        reader.feed(MESSAGE)
    reader.feed(b"<message>" + b"a" * (reader.limit - 9))
    with pytest.raises(StreamError):
        reader.feed(b"a")


def test_a_parser_that_is_let_go_is_gone_at_once() -> None:
    reader = opened()
    reader.feed(MESSAGE)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(50):
            reader.feed(MESSAGE)
        assert len(gc.get_objects()) - before < 50
    finally:
        gc.enable()


@given(st.lists(st.sampled_from([MESSAGE, b" ", b"\n", b"<iq/>", b"<iq>\r\n</iq>"]), max_size=8), st.data())
def test_it_reads_the_same_as_one_that_never_rests(stanzas: list[bytes], data: st.DataObject) -> None:
    text = b"".join(stanzas)
    expected = names(opened().feed(text))
    reader, found, rest = opened(), list[str](), text
    while rest:
        count = data.draw(st.integers(1, len(rest)))
        found += names(reader.feed(rest[:count]))
        rest = rest[count:]
    assert found == expected


def test_long_names_are_read_and_not_remembered() -> None:
    reader = opened()
    before = module._short_name.cache_info().currsize
    long = "a" * 1000
    assert names(reader.feed(f"<{long}/>".encode())) == [f"{{{CLIENT}}}{long}"]
    assert module._short_name.cache_info().currsize == before
