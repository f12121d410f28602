"""Logging in: passwords counted and slowed, sessions that end, tickets that open one connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from chat import credentials, directory
from chat.tables import Tables
from chat.tables.directory import Credential
from chat.tokens import SESSION_LIFETIME, Signer
from chatctl.client import ChatConnection, Refused, log_in, open_connection, post
from localcloud.endpoints import Endpoints
from tests.company import PASSWORD, Company, now, until

AWS = Callable[[str], Any]


@pytest.fixture(scope="session")
def signer(stack: Endpoints, aws: AWS) -> Signer:
    """The stack's own signer."""
    secret = aws("secretsmanager").get_secret_value(SecretId=stack.signing_secret)["SecretString"]
    return Signer([json.loads(secret)["newest"]])


@pytest.fixture(autouse=True)
def forgiven(tables: Tables) -> Iterator[None]:
    """The tests share one IP address: what one did wrong must not slow the next."""
    tables.connections.forget_attempts("127.0.0.1")
    yield
    tables.connections.forget_attempts("127.0.0.1")


def refused_by(call: Callable[..., object], *arguments: object) -> Refused:
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value


def test_the_right_password_opens_a_connection(company: Company) -> None:
    assert company.connect("alice").ask("ping")["ok"]


def test_wrong_password_unknown_user_and_disabled_user_get_the_same_answer(company: Company, stack: Endpoints) -> None:
    directory.disable_user(company.tables, company.address("carol"), True, now())
    tries = [("alice", "wrong password"), ("nobody", PASSWORD), ("carol", PASSWORD)]
    answers = [refused_by(log_in, stack.http_url, company.at(who), password) for who, password in tries]
    assert {(each.status, each.code, each.message) for each in answers} == {
        (401, "wrong_credentials", "wrong address or password")
    }


def test_wrong_passwords_are_slowed_per_address_even_for_the_right_one(company: Company, stack: Endpoints) -> None:
    codes = [refused_by(log_in, stack.http_url, company.at("alice"), "wrong").code for _ in range(8)]
    assert codes[:5] == ["wrong_credentials"] * 5
    assert "too_many_attempts" in codes
    until(lambda: company.tables.connections.try_login(company.at("alice"), 0, 60, now(), 900) == 0)  # a minute's wait
    error = refused_by(log_in, stack.http_url, company.at("alice"), PASSWORD)
    assert (error.status, error.code) == (429, "too_many_attempts")
    assert error.details["retry_after"] >= 1


def test_wrong_passwords_are_slowed_per_ip(company: Company, stack: Endpoints) -> None:
    codes = [refused_by(log_in, stack.http_url, company.at(f"guess{number}"), "wrong").code for number in range(34)]
    assert codes[:30] == ["wrong_credentials"] * 30
    assert "too_many_attempts" in codes[30:]


def test_a_right_password_forgets_the_wrong_ones(company: Company, stack: Endpoints) -> None:
    for _ in range(2):
        for _ in range(4):
            assert refused_by(log_in, stack.http_url, company.at("alice"), "no").code == "wrong_credentials"
        assert log_in(stack.http_url, company.at("alice"), PASSWORD)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"not json", 400, "bad_json"),
        (b"[" * 3000, 400, "json_too_deep"),
        (b'{"address":"a@b.example"}', 400, "missing_field"),
        (b'{"address":"a@b.example","password":5}', 400, "bad_field"),
        (b'{"address":"a@b.example","password":"x","more":1}', 400, "unknown_field"),
        (b'{"address":"nonsense","password":"x"}', 400, "bad_address"),
        (b'{"address":"a@b.example","password":"' + b"x" * 10_000 + b'"}', 413, "frame_too_large"),
    ],
)
def test_a_log_in_that_is_wrong(stack: Endpoints, body: bytes, status: int, code: str) -> None:
    error = refused_by(post, f"{stack.http_url}/session", body)
    assert (error.status, error.code) == (status, code)


def test_a_session_that_is_forged_missing_or_expired_gives_no_ticket(
    company: Company, stack: Endpoints, signer: Signer
) -> None:
    address = company.address("alice")
    tokens: dict[str, list[str | None]] = {
        "session_forged": [
            None,
            "",
            "rubbish",
            Signer(["another key"]).session(address, now()),
            signer.ticket(address, now()),
        ],
        "session_expired": [signer.session(address, now() - SESSION_LIFETIME - 1)],
    }
    for code, wrong in tokens.items():
        for token in wrong:
            error = refused_by(post, f"{stack.http_url}/session/ticket", None, token)
            assert (error.status, error.code) == (401, code)


def test_a_new_password_ends_the_sessions_of_the_old_one(
    company: Company, stack: Endpoints, credential: Credential
) -> None:
    token = company.token("alice")
    directory.set_password(company.tables, company.address("alice"), credentials.derive("another one", now(), 4096))
    error = refused_by(open_connection, stack.http_url, token)
    assert error.code == "session_expired"
    assert log_in(stack.http_url, company.at("alice"), "another one")


def test_a_removed_user_gets_no_ticket(company: Company, stack: Endpoints) -> None:
    token = company.token("alice")
    directory.remove_user(company.tables, company.address("alice"), now())
    assert refused_by(open_connection, stack.http_url, token).code == "session_expired"


def reasons(aws: AWS) -> list[str]:
    """Why the authorizer has refused, in the order of its log."""
    logs, found = aws("logs"), []
    for group in logs.describe_log_groups()["logGroups"]:
        if "authorizer" in group["logGroupName"].lower():  # the template's own, or Lambda's
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                lines = [event["message"] for event in page["events"] if '"refused"' in event["message"]]
                found += [json.loads(line)["code"] for line in lines]
    return found


@pytest.mark.parametrize("code", ["ticket_forged", "ticket_expired", "ticket_used"])
def test_a_ticket_that_opens_nothing(company: Company, stack: Endpoints, signer: Signer, aws: AWS, code: str) -> None:
    address = company.address("alice")
    ticket = {
        "ticket_forged": lambda: Signer(["another key"]).ticket(address, now()),
        "ticket_expired": lambda: signer.ticket(address, now() - 61_000),
        "ticket_used": lambda: signer.ticket(address, now()),
    }[code]()
    if code == "ticket_used":
        ChatConnection(stack.websocket_url, ticket).close()
    with pytest.raises(InvalidStatus) as refused:
        ChatConnection(stack.websocket_url, ticket)
    assert refused.value.response.status_code == 403
    assert code in reasons(aws)


def test_without_a_ticket_there_is_no_connection(stack: Endpoints) -> None:
    with pytest.raises(InvalidStatus) as refused:
        ChatConnection(stack.websocket_url, "")
    assert refused.value.response.status_code in (401, 403)


def test_a_removed_user_whose_connection_is_still_open_can_do_nothing(company: Company) -> None:
    alice = company.connect("alice")
    directory.remove_user(company.tables, company.address("alice"), now())
    with pytest.raises(Refused, match="not_connected"):
        alice.ask("sync")
    with pytest.raises(Refused, match="not_connected"):
        alice.ask("send", id="01900000-0000-7000-8000-000000000000", recipient=company.at("bob"), body="x")
