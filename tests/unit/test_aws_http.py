from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chat.aws import runtime
from chat.aws.http import MAX_BODY, bearer, read_body, serve
from chat.errors import BadJson, FrameTooLarge, SessionExpired, SignOnRefused, SignOnUnavailable, TooManyAttempts
from chat.frames.base import Frame
from chat.frames.session import TicketReply
from chat.store import StoreBusy

ROUTE = "POST /session/ticket"
TICKET = TicketReply(ticket="t", url="wss://api.company.example", expires_in=60)


def handle(result: Frame | Exception, route: str = ROUTE) -> dict[str, Any]:
    def answer(event: dict[str, Any]) -> Frame:
        if isinstance(result, Exception):
            raise result
        return result

    return serve({ROUTE: answer})({"routeKey": route}, None)


def code(answer: dict[str, Any]) -> str:
    found: str = json.loads(answer["body"])["error"]["code"]
    return found


def test_an_answer_is_json() -> None:
    answer = handle(TICKET)
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    assert json.loads(answer["body"]) == TICKET.model_dump()


@pytest.mark.parametrize("result", [TICKET, SessionExpired("over")])
def test_no_answer_is_kept_in_a_cache(result: Frame | Exception) -> None:
    assert handle(result)["headers"]["cache-control"] == "no-store"


def test_an_error_of_the_domain_has_its_status_and_code() -> None:
    answer = handle(SessionExpired("over"))
    assert (answer["statusCode"], json.loads(answer["body"])) == (
        401,
        {"error": {"code": "session_expired", "message": "over"}},
    )


def test_who_has_to_wait_is_told_how_long_in_a_header() -> None:
    answer = handle(TooManyAttempts("wait", retry_after=4))
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (429, "4")


def test_other_errors_have_no_such_header() -> None:
    handle(TooManyAttempts("wait", retry_after=4))
    assert "retry-after" not in handle(SessionExpired("over"))["headers"]


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        (StoreBusy("left"), 503, "busy"),
        (ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "GetItem"), 503, "busy"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "secret"}}, "GetItem"), 500, "internal"),
        (ZeroDivisionError("secret"), 500, "internal"),
    ],
)
def test_troubles_of_ours_tell_a_code_alone(error: Exception, status: int, expected: str) -> None:
    answer = handle(error)
    assert (answer["statusCode"], code(answer)) == (status, expected)
    assert "secret" not in answer["body"]


def test_the_log_has_code_and_reason_and_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[dict[str, str]] = []
    monkeypatch.setattr(runtime.logger, "info", lambda _message, extra: noted.append(extra))
    for result in (TICKET, SessionExpired("over"), SignOnRefused("iss is wrong", reason="issuer")):
        handle(result)
    assert noted == [
        {"route": ROUTE, "code": "ok"},
        {"route": ROUTE, "code": "session_expired"},
        {"route": ROUTE, "code": "sign_on_refused", "reason": "issuer"},
    ]


def test_why_keys_cannot_be_had_is_for_the_log_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[dict[str, str]] = []
    monkeypatch.setattr(runtime.logger, "info", lambda _message, extra: noted.append(extra))
    answer = handle(SignOnUnavailable("the answer is HTTP 500", reason="keys_unavailable"))
    assert "HTTP 500" not in answer["body"]
    assert noted == [
        {
            "route": ROUTE,
            "code": "sign_on_unavailable",
            "reason": "keys_unavailable",
            "cause": "the answer is HTTP 500",
        }
    ]


def test_a_route_that_is_not_there_is_our_mistake() -> None:
    assert code(handle(TICKET, "GET /elsewhere")) == "internal"


def test_a_body_is_read() -> None:
    assert read_body({"body": '{"a":1}'}) == {"a": 1}


def test_an_encoded_body_is_read() -> None:
    assert read_body({"body": base64.b64encode(b'{"a":1}').decode(), "isBase64Encoded": True}) == {"a": 1}


@pytest.mark.parametrize("event", [{}, {"body": None}, {"body": "x"}, {"body": "*", "isBase64Encoded": True}])
def test_a_body_that_is_no_json_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(BadJson):
        read_body(event)


def test_a_body_over_9_kib_is_refused() -> None:
    with pytest.raises(FrameTooLarge) as refused:
        read_body({"body": "x" * (MAX_BODY + 1)})
    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "bearer  abc "}, "abc"),
        ({"authorization": "Basic abc"}, ""),
        ({"authorization": "abc"}, ""),
        ({}, ""),
    ],
)
def test_the_token_of_a_request_is_a_bearer_token(headers: dict[str, str], token: str) -> None:
    assert bearer({"headers": headers}) == token
