from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chat.aws import runtime
from chat.aws.socket import THROTTLED, Call, route, serve
from chat import ids
from chat.errors import ClockSkew, Offline
from chat.frames.base import MAX_FRAME, Reply
from chat.frames.ping import Ping, PingReply
from chat.frames.send import Send
from chat.store import StoreBusy
from tests.unit.world import NOW


@route(Ping)
def ping(call: Call, request: Ping) -> PingReply:
    return PingReply(time=call.now)


def handle(frame: object, *routes: Any, encoded: bool = False, **context: Any) -> dict[str, Any]:
    """The reply to a frame."""
    body = frame if isinstance(frame, str) else json.dumps(frame)
    authorizer = {"address": "alice@company.example"}
    event = {
        "requestContext": {"connectionId": "page", "requestId": "r", "authorizer": authorizer, **context},
        "body": body,
        "isBase64Encoded": encoded,
    }
    answer = serve(*(routes or (ping,)))(event, None)
    assert answer["statusCode"] == 200
    reply: dict[str, Any] = json.loads(answer["body"])
    return reply


def failing(error: Exception) -> Any:
    @route(Ping)
    def fail(call: Call, request: Ping) -> Reply:
        raise error

    return fail


PING = {"action": "ping", "request_id": "7"}


def code(reply: dict[str, Any]) -> str:
    assert reply["ok"] is False
    found: str = reply["error"]["code"]
    return found


def test_a_request_is_answered_with_its_id() -> None:
    reply = handle(PING)
    assert (reply["request_id"], reply["ok"]) == ("7", True)


def test_a_reply_leaves_out_what_is_none() -> None:
    assert set(handle(PING)) == {"request_id", "ok", "time"}


def test_the_time_is_the_servers() -> None:
    before = runtime.now()
    assert before <= handle(PING)["time"] <= runtime.now()


def test_a_binary_frame_is_read_too() -> None:
    assert handle(base64.b64encode(json.dumps(PING).encode()).decode(), encoded=True)["ok"]


@pytest.mark.parametrize("body", ["*", "YQ", "YWJj"])
def test_a_binary_frame_that_is_no_json_is_bad_json(body: str) -> None:
    assert code(handle(body, encoded=True)) == "bad_json"


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("", "bad_json"),
        ("hello", "bad_json"),
        ([], "bad_json"),
        ("[" * 300, "json_too_deep"),
        ('{"action":"\\ud800"}', "bad_text"),
        ("x" * (MAX_FRAME + 1), "frame_too_large"),
        ({}, "missing_field"),
        ({"action": 1}, "bad_field"),
        ({"action": ["ping"]}, "bad_field"),
        ({"action": None}, "bad_field"),
        ({"action": ""}, "unknown_action"),
        ({"action": "$default"}, "unknown_action"),
        ({"action": "send"}, "unknown_action"),
        ({"action": "ping"}, "missing_field"),
        (PING | {"colour": "red"}, "unknown_field"),
        (PING | {"request_id": ""}, "bad_field"),
    ],
)
def test_a_bad_frame_is_answered_with_a_code(frame: object, expected: str) -> None:
    assert code(handle(frame)) == expected


def test_a_bad_request_is_answered_with_its_id_where_it_has_one() -> None:
    assert handle({"action": "dance", "request_id": "7"})["request_id"] == "7"


@pytest.mark.parametrize("request_id", [7, None, "x" * 65, {}])
def test_an_id_that_cannot_go_into_a_reply_is_left_out(request_id: object) -> None:
    assert handle({"action": "ping", "request_id": request_id})["request_id"] is None


def test_an_unknown_action_is_named_in_ascii_and_not_at_length() -> None:
    message = handle({"action": "é" * 1000, "request_id": "7"})["error"]["message"]
    assert message.isascii()
    assert len(message) < 300


def test_an_error_of_the_domain_goes_out_with_code_message_and_details() -> None:
    assert handle(PING, failing(ClockSkew("too late", server_time=NOW)))["error"] == {
        "code": "clock_skew",
        "message": "too late",
        "details": {"server_time": NOW},
    }


def test_an_error_without_details_has_none() -> None:
    assert handle(PING, failing(Offline("offline")))["error"]["details"] is None


@pytest.mark.parametrize("name", sorted(THROTTLED))
def test_a_throttled_store_is_busy(name: str) -> None:
    assert code(handle(PING, failing(ClientError({"Error": {"Code": name, "Message": ""}}, "PutItem")))) == "busy"


def test_a_store_that_left_part_of_a_batch_is_busy() -> None:
    assert code(handle(PING, failing(StoreBusy("left")))) == "busy"


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("secret"),
        KeyError("secret"),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "secret"}}, "PutItem"),
    ],
)
def test_our_own_mistakes_are_internal_and_tell_nothing(error: Exception) -> None:
    reply = handle(PING, failing(error))
    assert code(reply) == "internal"
    assert "secret" not in json.dumps(reply)


def test_the_caller_is_the_user_and_the_connection_of_the_event() -> None:
    seen = []

    @route(Ping)
    def look(call: Call, request: Ping) -> PingReply:
        seen.append(call.caller)
        return PingReply(time=0)

    handle(PING, look)
    assert [(str(caller.address), caller.ref) for caller in seen] == [("alice@company.example", "web:page")]


def test_a_bridge_node_has_no_caller() -> None:
    @route(Ping)
    def look(call: Call, request: Ping) -> PingReply:
        return PingReply(time=len(call.caller.ref))

    assert code(handle(PING, look, authorizer={"node": "bridge"})) == "unknown_action"


def test_several_routes_share_a_handler() -> None:
    @route(Send)
    def send(call: Call, request: Send) -> Reply:
        return Reply()

    frame = {"action": "send", "request_id": "7", "id": ids.new(NOW), "recipient": "bob@x.example", "body": "hello"}
    assert handle(frame, ping, send)["ok"]
    assert handle(PING, ping, send)["ok"]


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The lines that were logged, as they are now written."""
    return [json.loads(runtime.logger.registered_formatter.format(each)) for each in caplog.records]


def test_the_log_says_action_code_and_connection_and_no_content(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "chat"):
        handle(PING | {"colour": "secret"})
    line = logged(caplog)[-1]
    assert (line["action"], line["code"], line["connection"]) == ("ping", "unknown_field", "page")
    assert "secret" not in str(line)


def test_each_line_names_the_request_of_api_gateway_and_of_the_page_and_the_trace(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1")

    @route(Ping)
    def look(call: Call, request: Ping) -> PingReply:
        runtime.logger.info("on the way")
        return PingReply(time=0)

    with caplog.at_level("INFO", "chat"):
        handle(PING, look)
    names = ("connection", "request", "request_id", "xray_trace_id")
    found = [tuple(line[name] for name in names) for line in logged(caplog)]
    assert found == [("page", "r", "7", "1-5759e988-bd862e3fe1be46a994272793")] * 2


def test_a_line_does_not_name_the_message_of_the_request_before(caplog: pytest.LogCaptureFixture) -> None:
    @route(Ping)
    def about_a_message(call: Call, request: Ping) -> PingReply:
        runtime.logger.append_keys(message_id="one")
        return PingReply(time=0)

    handle(PING, about_a_message)
    with caplog.at_level("INFO", "chat"):
        handle("hello")
    assert {"message_id", "request_id"}.isdisjoint(logged(caplog)[-1])


def test_a_route_can_push(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECTIONS_ENDPOINT", "https://api.company.example/chat")
    monkeypatch.setenv("GRACE_QUEUE", "https://sqs.company.example/grace")
    seen = []

    @route(Ping)
    def look(call: Call, request: Ping) -> PingReply:
        seen.append(call.pusher)
        return PingReply(time=0)

    with mock_aws():
        assert handle(PING, look)["ok"]
    assert seen == [runtime.pusher()]
