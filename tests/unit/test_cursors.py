from __future__ import annotations

import base64
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chat import cursors, ids
from chat.errors import BadCursor

parts = st.text(st.characters(exclude_characters="\0"), max_size=20)
bindings = st.lists(parts, min_size=1, max_size=4)


@given(st.text(), bindings)
def test_a_cursor_gives_its_position_back(position: str, binding: list[str]) -> None:
    assert cursors.decode(cursors.encode(position, *binding), *binding) == position


@given(st.text(), bindings, bindings)
def test_a_cursor_of_another_question_is_refused(position: str, binding: list[str], other: list[str]) -> None:
    assume(binding != other)
    with pytest.raises(BadCursor):
        cursors.decode(cursors.encode(position, *binding), *other)


def test_without_a_cursor_there_is_no_position() -> None:
    assert cursors.decode(None, "alice", "history") is None


@given(st.text() | st.text("ABCdef019-_=", max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        cursors.decode(text, "alice", "history")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(JSON)
def test_json_that_is_no_cursor_is_refused(content: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    with pytest.raises(BadCursor):
        cursors.decode(text, "alice", "history")


@given(st.binary())
def test_bytes_that_are_no_cursor_are_refused(content: bytes) -> None:
    with pytest.raises(BadCursor):
        cursors.decode(base64.urlsafe_b64encode(content).decode(), "alice", "history")


@pytest.mark.parametrize("position", [None, 1, ["x"]])
def test_a_position_that_is_no_text_is_refused(position: object) -> None:
    digest = json.loads(base64.urlsafe_b64decode(cursors.encode("", "alice") + "=="))[0]
    forged = base64.urlsafe_b64encode(json.dumps([digest, position]).encode()).decode()
    with pytest.raises(BadCursor):
        cursors.decode(forged, "alice")


def test_text_that_nests_deep_is_refused() -> None:
    forged = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    with pytest.raises(BadCursor):
        cursors.decode(forged, "alice")


def test_a_cursor_for_the_longest_position_in_use_stays_within_its_limit() -> None:
    assert len(cursors.encode("alias:" + "x" * 64, "alice", "contacts")) <= cursors.MAX_CURSOR


def test_a_cursor_of_an_id_is_refused_where_its_position_is_none() -> None:
    with pytest.raises(BadCursor):
        cursors.decode_id(cursors.encode("not an id", "alice"), "alice")


def test_a_cursor_of_an_id_gives_it_back() -> None:
    message_id = ids.new(1_767_258_000_000)
    assert cursors.decode_id(cursors.encode(message_id, "alice"), "alice") == message_id
