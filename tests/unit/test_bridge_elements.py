"""Elements as text: namespaces where they change, and nothing that a client could break out of."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from bridge.elements import element, local_name, namespace_of, qualified, write, write_all
from bridge.names import CHAT_STATES, CLIENT, LANG, MESSAGE, STREAM, STREAM_ERRORS
from bridge.wire import framed_text
from tests.unit.stanzas import elements, parse, same, texts


def test_a_stanza_needs_no_declaration_in_its_stream() -> None:
    assert write(element(MESSAGE, to="b")) == '<message to="b"/>'


def test_a_namespace_is_declared_where_it_changes() -> None:
    found = element(MESSAGE, element(qualified(CHAT_STATES, "active")), element(qualified(CLIENT, "body"), "hi"))
    assert write(found) == f'<message><active xmlns="{CHAT_STATES}"/><body>hi</body></message>'


def test_a_child_declares_its_way_back() -> None:
    found = element("{urn:x}a", element(qualified(CLIENT, "b")), element("c"))
    assert write(found) == f'<a xmlns="urn:x"><b xmlns="{CLIENT}"/><c xmlns=""/></a>'


def test_elements_of_the_stream_have_its_prefix() -> None:
    found = element(qualified(STREAM, "error"), element(qualified(STREAM_ERRORS, "conflict")))
    assert write(found) == (f'<stream:error xmlns:stream="{STREAM}"><conflict xmlns="{STREAM_ERRORS}"/></stream:error>')


def test_attributes_of_a_namespace_keep_it() -> None:
    found = Element(MESSAGE, {LANG: "de", "{urn:y}a": "1"})
    assert write(found) == '<message xml:lang="de" xmlns:a1="urn:y" a1:a="1"/>'


def test_what_is_none_is_left_out() -> None:
    assert write(element(MESSAGE, None, "a", None, "b", id=None, from_="x")) == '<message from="x">ab</message>'


def test_text_behind_an_element_is_written_within_another_alone() -> None:
    inner = element(qualified(CLIENT, "b"))
    inner.tail = "<tail>"
    assert write(element(MESSAGE, inner)) == "<message><b/>&lt;tail&gt;</message>"
    assert write_all([inner, inner]) == "<b/><b/>"


@given(elements)
def test_what_is_written_is_read_by_any_parser_as_the_same(found: Element) -> None:
    stream = parse(f'<stream:stream xmlns="{CLIENT}" xmlns:stream="{STREAM}">{write(found)}</stream:stream>')
    assert same(stream[0], found)
    assert stream[0].tail is None


@given(elements)
def test_a_frame_is_a_document_of_its_own(found: Element) -> None:
    assert same(parse(framed_text(write(found))), found)


@given(texts)
def test_no_text_becomes_markup(text: str) -> None:
    found = parse(write(element("a", text, b=text), ""))
    assert (found.text or "", found.get("b"), len(found)) == (text, text, 0)


@pytest.mark.parametrize(
    ("tag", "namespace", "local"), [("{urn:x}a", "urn:x", "a"), ("a", "", "a"), (MESSAGE, CLIENT, "message")]
)
def test_a_name_has_two_parts(tag: str, namespace: str, local: str) -> None:
    found = Element(tag)
    assert (namespace_of(found), local_name(found)) == (namespace, local)
