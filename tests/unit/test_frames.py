from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chat import ids
from chat.addresses import Address
from chat.errors import (
    BadField,
    BadJson,
    BadText,
    ChatError,
    FrameTooLarge,
    JsonTooDeep,
    MissingField,
    UnknownField,
)
from chat.frames.base import MAX_FRAME, PAGE_BYTES, MessageFrame
from chat.frames.contacts import Contacts
from chat.frames.history import History
from chat.frames.paging import fit
from chat.frames.parsing import read_frame, read_object
from chat.frames.presence import Presence, Watch
from chat.frames.send import Send
from chat.frames.session import LogIn
from chat.tables.history import Message
from tests.unit.world import NOW

SEND = {"action": "send", "request_id": "1", "id": ids.new(NOW), "recipient": "bob@company.example", "body": "hello"}


# ---- from text to an object ----


def test_an_object_is_read() -> None:
    assert read_object('{"a": [1, "é"]}') == read_object('{"a": [1, "é"]}'.encode()) == {"a": [1, "é"]}


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())))
def test_what_json_writes_is_read_back(content: dict[str, Any]) -> None:
    assert read_object(json.dumps(content), 10**6) == content


@given(st.text() | st.binary())
def test_whatever_comes_is_an_object_or_one_of_our_errors(text: str | bytes) -> None:
    try:
        outcome = type(read_object(text)).__name__
    except ChatError as error:
        outcome = error.code
    assert outcome in {"dict", "bad_json", "bad_text", "frame_too_large", "json_too_deep"}


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", '{"a"', '{"a":1,}', "{'a':1}", "undefined", '{"a":NaN}', '{"a":Infinity}', '{"a":1}x', '"\\x"'),
        *(b"\xff", b'{"a":"\xe2\x28\xa1"}', "\ufeff{}"),
    ],
)
def test_what_is_no_json_is_bad_json(text: str | bytes) -> None:
    with pytest.raises(BadJson, match="not JSON"):
        read_object(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[]", "an array"),
        ('"x"', "a string"),
        ("true", "a boolean"),
        ("null", "null"),
        ("1", "a number"),
        ("1.5", "a number"),
    ],
)
def test_json_that_is_no_object_is_bad_json_and_named(text: str, kind: str) -> None:
    with pytest.raises(BadJson, match=f"not a JSON object but {kind}"):
        read_object(text)


@pytest.mark.parametrize("text", ["[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300], ids=["arrays", "objects"])
def test_what_nests_deeper_than_the_parser_follows_is_too_deep(text: str) -> None:
    with pytest.raises(JsonTooDeep):
        read_object(text)


def test_what_nests_less_deep_is_read() -> None:
    assert read_object('{"a":' * 150 + "1" + "}" * 150)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\ud800"}',
        '{"a":"\\udc00"}',
        '{"a":"\\ud800x"}',
        '{"a":"\\ud800\\n"}',
        '{"a":"\\ud800\\u0041"}',
        '{"a":"\\ud800\\ud800"}',
        '{"\\ud800":1}',
        '{"a":"\ud800"}',
    ],
)
def test_half_of_a_character_is_bad_text(text: str) -> None:
    with pytest.raises(BadText):
        read_object(text)


def test_both_halves_of_a_character_are_text() -> None:
    assert read_object('{"a":"\\ud83c\\udf82"}') == {"a": "🎂"}


@pytest.mark.parametrize("text", ["x" * (MAX_FRAME + 1), b"x" * (MAX_FRAME + 1), "é" * (MAX_FRAME // 2) + "x"])
def test_a_frame_over_32_kib_is_too_large_whatever_is_in_it(text: str | bytes) -> None:
    with pytest.raises(FrameTooLarge) as refused:
        read_object(text)
    assert refused.value.details == {"limit": MAX_FRAME, "given": MAX_FRAME + 1}


def test_a_frame_of_32_kib_is_read() -> None:
    assert read_object('{"a":"' + "x" * (MAX_FRAME - 8) + '"}')


# ---- from an object to a request ----


def test_a_request_is_read() -> None:
    assert read_frame(Send, SEND).body == "hello"


@pytest.mark.parametrize("field", sorted(SEND))
def test_a_field_that_is_missing_is_named(field: str) -> None:
    with pytest.raises(MissingField, match=f"^{field} is missing") as refused:
        read_frame(Send, {name: value for name, value in SEND.items() if name != field})
    assert refused.value.details == {"field": field}


def test_a_field_too_many_is_named() -> None:
    with pytest.raises(UnknownField, match="'colour' is not a field") as refused:
        read_frame(Send, SEND | {"colour": "red"})
    assert refused.value.details == {"field": "colour"}


def test_of_a_long_field_too_many_the_beginning_is_named() -> None:
    with pytest.raises(UnknownField) as refused:
        read_frame(Send, SEND | {"x" * 1000: 1})
    assert refused.value.details == {"field": "x" * 64}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "not-an-id"),
        ("id", SEND["id"].upper()),
        ("id", SEND["id"] + "\n"),
        ("id", 1),
        ("body", None),
        ("body", ["hello"]),
        ("recipient", "x" * 500),
        ("recipient", ""),
        ("request_id", ""),
        ("request_id", "x" * 65),
        ("request_id", 1),
        ("action", "typing"),
    ],
)
def test_a_field_that_is_wrong_is_named(field: str, value: object) -> None:
    with pytest.raises(BadField, match=f"^{field}: ") as refused:
        read_frame(Send, SEND | {field: value})
    assert refused.value.details == {"field": field}


def test_an_entry_of_a_list_that_is_wrong_is_named_with_its_place() -> None:
    with pytest.raises(BadField) as refused:
        read_frame(Watch, {"action": "watch", "request_id": "1", "contacts": ["alice@company.example", 2]})
    assert refused.value.details == {"field": "contacts.1"}


def test_an_error_does_not_repeat_what_was_given() -> None:
    with pytest.raises(BadField) as refused:
        read_frame(LogIn, {"address": "alice@company.example", "password": "secret" * 500})
    assert "secret" not in refused.value.message


@pytest.mark.parametrize("value", [1, "true", "yes"])
def test_only_a_boolean_is_a_boolean(value: object) -> None:
    with pytest.raises(BadField):
        read_frame(Presence, {"action": "presence", "request_id": "1", "status": "away", "automatic": value})


@pytest.mark.parametrize("value", [True, "1", 1.5, -1])
def test_only_a_whole_number_from_zero_is_a_version(value: object) -> None:
    with pytest.raises(BadField):
        read_frame(Contacts, {"action": "contacts", "request_id": "1", "version": value})


def test_what_may_be_left_out_may_be_null() -> None:
    request = {"action": "history", "request_id": "1", "contact": "bob@company.example", "cursor": None}
    assert read_frame(History, request).conversation is None


def test_more_contacts_than_one_may_watch_are_refused() -> None:
    with pytest.raises(BadField):
        read_frame(Watch, {"action": "watch", "request_id": "1", "contacts": ["a@company.example"] * 201})


# ---- what goes out ----


def message(body: str) -> MessageFrame:
    alice = Address("alice", "company.example")
    return MessageFrame.model_validate(Message(ids.new(NOW), alice, alice, body))


def size(frames: Sequence[MessageFrame]) -> int:
    return sum(len(frame.model_dump_json().encode()) + 1 for frame in frames)


def test_a_message_goes_out_with_its_address_as_text() -> None:
    assert message("hello").sender == "alice@company.example"


def test_a_frame_that_is_made_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        message("hello").body = "bye"  # type: ignore[misc]


@given(st.lists(st.integers(0, 12_000), max_size=8))
def test_as_many_entries_fit_as_a_page_has_room_for(lengths: list[int]) -> None:
    frames = [message("é" * (length // 2)) for length in lengths]
    count = fit(frames)
    assert size(frames[:count]) <= PAGE_BYTES
    assert count == len(frames) or size(frames[: count + 1]) > PAGE_BYTES


def test_one_entry_at_least_fits() -> None:
    assert fit([message("x" * PAGE_BYTES), message("y")]) == 1


def test_nothing_fits_where_there_is_nothing() -> None:
    assert fit([]) == 0


def test_the_longest_message_fits_into_a_frame() -> None:
    long = Address("l" * 64, ".".join(["d" * 61] * 4))
    frame = MessageFrame.model_validate(Message(ids.new(NOW), long, long, "x" * (28 * 1024 - 2)))
    assert size([frame]) < MAX_FRAME - 1024
