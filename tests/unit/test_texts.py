from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import BadText, BodyTooLarge, EmptyBody
from chat.texts import MAX_BODY, MAX_BODY_AS_JSON, PREVIEW, check_body, check_text, preview


@given(st.text(min_size=1))
def test_text_that_passes_can_stand_in_xml(text: str) -> None:
    try:
        check_text(text, "body")
    except BadText:
        return
    element = ElementTree.Element("body")
    element.text = text
    parsed = ElementTree.fromstring(ElementTree.tostring(element, "unicode"))  # noqa: S314  # made two lines above
    assert (parsed.text or "").replace("\r", "\n") == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_forbids_is_named_with_its_place(character: str) -> None:
    with pytest.raises(BadText, match=f"body has the character U\\+{ord(character):04X} at 2"):
        check_body(f"ab{character}")


@pytest.mark.parametrize("body", ["x", " x ", "\t\r\n.", "🎂", "\U0010ffff", "e\u0301"])
def test_other_text_can_be_sent(body: str) -> None:
    assert check_body(body) == body


@pytest.mark.parametrize("body", ["", " ", "\n\t", "\u00a0\u2003"])
def test_white_space_is_no_message(body: str) -> None:
    with pytest.raises(EmptyBody):
        check_body(body)


@pytest.mark.parametrize("body", ["x" * MAX_BODY, "é" * (MAX_BODY // 2), "🎂" * (MAX_BODY // 4)])
def test_a_body_may_have_16_kib(body: str) -> None:
    assert check_body(body) == body


@pytest.mark.parametrize("body", ["x" * (MAX_BODY + 1), "é" * (MAX_BODY // 2) + "x"])
def test_a_longer_body_is_refused_with_limit_and_size(body: str) -> None:
    with pytest.raises(BodyTooLarge) as refused:
        check_body(body)
    assert refused.value.details == {"limit": MAX_BODY, "given": MAX_BODY + 1}


def test_a_body_that_escaping_makes_too_long_is_refused() -> None:
    with pytest.raises(BodyTooLarge) as refused:
        check_body('"' * (MAX_BODY_AS_JSON // 2))
    assert refused.value.details["limit"] == MAX_BODY_AS_JSON


@given(st.text(st.sampled_from('a"\\\n\té🎂'), max_size=200).map(lambda text: text * 100))
def test_every_body_that_passes_fits_into_a_frame(text: str) -> None:
    try:
        check_body(text)
    except (EmptyBody, BodyTooLarge):
        return
    assert len(json.dumps(text, ensure_ascii=False).encode()) <= MAX_BODY_AS_JSON


@given(st.text())
def test_a_preview_is_one_short_line(body: str) -> None:
    line = preview(body)
    assert len(line) <= PREVIEW
    assert line.splitlines() in ([], [line])


@given(st.text(min_size=1).filter(str.strip))
def test_a_preview_of_a_message_is_never_empty(body: str) -> None:
    assert preview(" " * 1000 + body)


def test_a_preview_of_a_long_message_says_that_there_is_more() -> None:
    assert preview("x" * 101) == "x" * 99 + "…"


def test_a_preview_of_a_short_message_is_the_message() -> None:
    assert preview(" two\n lines ") == "two lines"
