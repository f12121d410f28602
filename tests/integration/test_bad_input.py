"""Bad input: each mistake has its code, names what is wrong, and leaves the connection usable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chat import ids
from chat.presence import connections_in
from chatctl.client import ChatConnection, Refused
from localcloud.endpoints import Endpoints
from tests.company import Company, now


def refusal(connection: ChatConnection, frame: dict[str, Any] | str, request_id: str | None = "r") -> Refused:
    """The error that a frame gets; the connection must still answer after it."""
    connection.send(frame)
    with pytest.raises(Refused) as refused:
        connection.reply(request_id)
    assert connection.ask("ping")["ok"]
    return refused.value


def sending(company: Company, **changed: Any) -> dict[str, Any]:
    fields = {"action": "send", "request_id": "r", "id": ids.new(now()), "recipient": company.at("bob"), "body": "x"}
    return fields | changed


FRAMES: list[tuple[str, str, str | None, str]] = [
    ("unknown action", '{"action":"dance","request_id":"r"}', "r", "unknown_action"),
    ("no action", '{"request_id":"r"}', "r", "missing_field"),
    ("action of the wrong type", '{"action":["send"],"request_id":"r"}', "r", "bad_field"),
    ("no JSON", "hello", None, "bad_json"),
    ("empty frame", " ", None, "bad_json"),
    ("broken JSON", '{"action":"send",', None, "bad_json"),
    ("no object", '["send"]', None, "bad_json"),
    ("NaN", '{"action":"ping","request_id":"r","x":NaN}', None, "bad_json"),
    ("nested 500 deep", '{"action":"ping","request_id":"r","x":' + "[" * 500 + "]" * 500 + "}", None, "json_too_deep"),
    ("nested 10,000 deep", "[" * 10_000 + "]" * 10_000, None, "json_too_deep"),
    ("no request id", '{"action":"ping"}', None, "missing_field"),
    ("request id of the wrong type", '{"action":"ping","request_id":5}', None, "bad_field"),
    ("request id too long", '{"action":"ping","request_id":"' + "r" * 65 + '"}', None, "bad_field"),
    ("extra field", '{"action":"ping","request_id":"r","more":1}', "r", "unknown_field"),
    ("status that is none", '{"action":"presence","request_id":"r","status":"sleepy"}', "r", "bad_field"),
    ("half of a character", '{"action":"ping","request_id":"r","x":"\\ud800"}', None, "bad_text"),
]


@pytest.mark.parametrize(
    ("frame", "request_id", "code"), [each[1:] for each in FRAMES], ids=[each[0] for each in FRAMES]
)
def test_a_frame_that_is_wrong(company: Company, frame: str, request_id: str | None, code: str) -> None:
    assert refusal(company.connect("alice"), frame, request_id).code == code


@pytest.mark.parametrize("action", ["$connect", "$disconnect", "$default"])
def test_a_route_of_the_gateway_is_no_action(company: Company, action: str) -> None:
    alice = company.connect("alice")
    assert refusal(alice, {"action": action, "request_id": "r"}).code == "unknown_action"
    assert alice.ask("sync")["ok"]


@pytest.fixture
def cloud_log(stack: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stack's cloud writes."""
    [log] = {path.resolve() for path in tmp_path_factory.getbasetemp().glob("cloud*/cloud.log")}
    return log


def test_what_is_wrong_with_a_frame_is_in_the_log_of_the_cloud(company: Company, cloud_log: Path) -> None:
    alice = company.connect("alice")
    [opened] = connections_in(company.tables.connections.of(company.address("alice")))
    refusal(alice, {"action": "typing", "request_id": "r"})
    connection_id = opened.ref.removeprefix("web:")
    lines = [json.loads(line) for line in cloud_log.read_text().splitlines() if connection_id in line]
    assert ("typing", "missing_field") in [(line.get("action"), line.get("code")) for line in lines]


def test_a_frame_over_32_kb(company: Company) -> None:
    frame = json.dumps(sending(company, body="x" * 33_000))
    error = refusal(company.connect("alice"), frame, None)
    assert error.code == "frame_too_large"
    assert error.details == {"limit": 32_768, "given": len(frame)}


MESSAGES: list[tuple[str, dict[str, Any], str, str]] = [
    ("lone surrogate", {"body": "a\ud800b"}, "bad_text", ""),
    ("null character", {"body": "a\x00b"}, "bad_text", "U+0000"),
    ("escape character", {"body": "a\x1bb"}, "bad_text", "U+001B"),
    ("non-character", {"body": "a\ufffeb"}, "bad_text", "U+FFFE"),
    ("empty body", {"body": ""}, "empty_body", "body"),
    ("body of white space", {"body": " \n\t "}, "empty_body", "body"),
    ("body over 16 KiB", {"body": "x" * 16_385}, "body_too_large", "16385"),
    ("body over 16 KiB in UTF-8", {"body": "é" * 8_193}, "body_too_large", "16386"),
    ("body too large once escaped", {"body": '"' * 15_000}, "body_too_large", "28672"),
    ("body of the wrong type", {"body": 5}, "bad_field", "body"),
    ("no body", {"body": None}, "bad_field", "body"),
    ("id that is none", {"id": "1234"}, "bad_field", "id"),
    ("id in capitals", {"id": "0192F0C0-0000-7000-8000-000000000000"}, "bad_field", "id"),
    ("id of version 4", {"id": "0192f0c0-0000-4000-8000-000000000000"}, "bad_field", "id"),
    ("id of yesterday", {"id": "0192f0c0-0000-7000-8000-000000000000"}, "clock_skew", "server"),
    ("id of the far future", {"id": "ffffffff-ffff-7000-8000-000000000000"}, "clock_skew", "server"),
    ("recipient that is no address", {"recipient": "not an address"}, "bad_address", "address"),
    ("recipient with a slash", {"recipient": "a/b@c.example"}, "bad_address", "address"),
    ("recipient of the wrong type", {"recipient": ["bob"]}, "bad_field", "recipient"),
]


@pytest.mark.parametrize(
    ("changed", "code", "named"), [each[1:] for each in MESSAGES], ids=[each[0] for each in MESSAGES]
)
def test_a_message_that_is_wrong(company: Company, changed: dict[str, Any], code: str, named: str) -> None:
    alice = company.connect("alice")
    lone = changed.get("body") == "a\ud800b"
    frame = sending(company, **changed)
    error = refusal(alice, json.dumps(frame) if lone else frame, None if lone else "r")
    assert error.code == code
    assert named in error.message
    assert alice.ask("history", contact=company.at("bob"))["messages"] == []


def test_an_unknown_recipient(company: Company) -> None:
    error = refusal(company.connect("alice"), sending(company, recipient=company.at("nobody")))
    assert error.code == "unknown_recipient"


def test_the_largest_body_goes_through(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="x" * 16_384)
    assert len(bob.event("message")["message"]["body"]) == 16_384


@pytest.mark.parametrize(
    ("action", "fields"),
    [("contacts", {}), ("conversations", {"contact": "bob"}), ("history", {"contact": "bob"}), ("sync", {})],
)
@pytest.mark.parametrize("cursor", ["rubbish", "", "AAAA"])
def test_a_cursor_that_is_none(company: Company, action: str, fields: dict[str, str], cursor: str) -> None:
    named = {field: company.at(local) for field, local in fields.items()}
    frame = {"action": action, "request_id": "r", "cursor": cursor, **named}
    assert refusal(company.connect("alice"), frame).code == "bad_cursor"


def test_a_cursor_of_somebody_else(company: Company) -> None:
    start = now() - 3_600_000
    for number in range(60):
        company.remember("alice", "bob", ids.new(start + number), "text")
    cursor = company.connect("alice").ask("history", contact=company.at("bob"))["cursor"]
    frame = {"action": "history", "request_id": "r", "contact": company.at("alice"), "cursor": cursor}
    assert refusal(company.connect("bob"), frame).code == "bad_cursor"


def test_a_cursor_of_another_question(company: Company) -> None:
    start = now() - 3_600_000
    for number in range(60):
        company.remember("alice", "bob", ids.new(start + number), "text")
    alice = company.connect("alice")
    cursor = alice.ask("history", contact=company.at("bob"))["cursor"]
    frame = {"action": "history", "request_id": "r", "contact": company.at("carol"), "cursor": cursor}
    assert refusal(alice, frame).code == "bad_cursor"


def test_too_many_watched(company: Company) -> None:
    frame = {"action": "watch", "request_id": "r", "contacts": [company.at(f"user{number}") for number in range(201)]}
    assert refusal(company.connect("alice"), frame).code == "bad_field"


def test_reading_ahead_of_time(company: Company) -> None:
    frame = {"action": "read", "request_id": "r", "contact": company.at("bob"), "id": ids.new(now() + 3_600_000)}
    assert refusal(company.connect("alice"), frame).code == "bad_field"


def test_busy_by_itself_is_refused(company: Company) -> None:
    frame = {"action": "presence", "request_id": "r", "status": "busy", "automatic": True}
    assert refusal(company.connect("alice"), frame).code == "bad_field"
