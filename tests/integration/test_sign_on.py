"""Single sign-on with a JWT of the domain's webmail, which has a shared key or serves a key set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chat import directory, signon_settings
from chat.entries import Profile
from chat.sessions import FREE_PER_IP
from chat.signon import MAX_JWT
from chat.tables import Tables
from chat.tables.directory import SignOnSettings
from chat.tokens import SESSION_LIFETIME
from chatctl.client import ChatConnection, Refused, log_in, open_connection, post
from localcloud.endpoints import Endpoints
from tests.company import PASSWORD, Company, now
from tests.integration.test_chatctl import Chatctl
from tests.integration.test_permissions import FUNCTIONS, as_function, is_denied, key, read_directory
from tests.webmail import (
    AUDIENCE,
    ISSUER,
    SHARED_KEY,
    KeyServer,
    by_hand,
    claims,
    key_server,
    shared,
    signing_key,
)

AWS = Callable[[str], Any]


@pytest.fixture(autouse=True)
def forgiven(tables: Tables) -> Iterator[None]:
    """The tests share one IP address: what one did wrong must not slow the next."""
    tables.connections.forget_attempts("127.0.0.1")
    yield
    tables.connections.forget_attempts("127.0.0.1")


@pytest.fixture
def office(company: Company) -> Company:
    """A company whose webmail has a shared key."""
    signon_settings.set_up(company.tables, company.domain, SignOnSettings(ISSUER, AUDIENCE, SHARED_KEY))
    return company


@pytest.fixture
def server(company: Company) -> Iterator[KeyServer]:
    """The server of the key set of a company's webmail."""
    with key_server(signing_key("one")) as running:
        settings = SignOnSettings(ISSUER, AUDIENCE, jwks_url=running.url)
        signon_settings.set_up(company.tables, company.domain, settings, local=True)
        yield running


def alice(company: Company, **changed: Any) -> dict[str, Any]:
    """The claims of a token for alice."""
    return claims(company.at("alice"), now(), **changed)


def sign_on(company: Company, token: str) -> dict[str, Any]:
    return post(f"{company.stack.http_url}/session", {"jwt": token})


def refused(company: Company, token: str) -> Refused:
    with pytest.raises(Refused) as refusal:
        sign_on(company, token)
    return refusal.value


def reason(company: Company, token: str) -> str:
    """Why a token logs nobody in."""
    refusal = refused(company, token)
    assert (refusal.status, refusal.code) == (401, "sign_on_refused")
    return str(refusal.details["reason"])


# ---- who is let in ----


def test_a_token_of_the_shared_key_opens_a_connection(office: Company) -> None:
    started = now()
    session = sign_on(office, shared(alice(office)))
    assert session.keys() == {"token", "address", "expires_at"}
    assert session["address"] == office.at("alice")
    assert started <= session["expires_at"] - SESSION_LIFETIME <= now()
    connection = open_connection(office.stack.http_url, session["token"])
    assert connection.ask("ping")["ok"]
    connection.close()


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "ES384", "EdDSA"])
def test_a_token_of_a_key_in_the_set_opens_a_connection(company: Company, server: KeyServer, algorithm: str) -> None:
    server.serve(signing_key("one"), signing_key("two", algorithm))
    session = sign_on(company, signing_key("two", algorithm).sign(alice(company)))
    connection: ChatConnection = open_connection(company.stack.http_url, session["token"])
    assert connection.ask("ping")["ok"]
    connection.close()


def test_a_user_without_a_password_can_sign_on(office: Company) -> None:
    zoe = directory.NewUser(office.address("zoe"), Profile("Zoe"))
    directory.add_users(office.tables, office.domain, [zoe], now())
    assert sign_on(office, shared(claims(None, now(), sub=office.at("zoe"))))["address"] == office.at("zoe")


def test_keys_are_changed_without_a_gap(company: Company, server: KeyServer) -> None:
    old, new = signing_key("one"), signing_key("two")
    assert sign_on(company, old.sign(alice(company)))
    server.serve(old, new)
    assert sign_on(company, new.sign(alice(company)))
    assert sign_on(company, old.sign(alice(company)))


def test_a_password_still_logs_in(office: Company) -> None:
    assert log_in(office.stack.http_url, office.at("alice"), PASSWORD)


# ---- who is not ----


@pytest.mark.parametrize(
    ("expected", "changed"),
    [
        ("issuer", {"iss": "https://other.example"}),
        ("audience", {"aud": "mail"}),
        ("expired", {"iat": 1_700_000_000, "exp": 1_700_000_060}),
        ("not_yet_valid", {"iat": 9_000_000_000, "exp": 9_000_000_060}),
        ("not_yet_valid", {"nbf": 9_000_000_000}),
        ("too_long_lived", {"iat": 0, "exp": 9_000_000_000}),
        ("claim_missing", {"exp": None}),
        ("claim_missing", {"iat": None}),
        ("malformed", {"exp": "soon"}),
        ("address", {"email": "alice"}),
        ("not_set_up", {"email": "alice@nowhere.example"}),
    ],
)
def test_each_refusal_has_its_reason(office: Company, expected: str, changed: dict[str, Any]) -> None:
    email = changed.pop("email", office.at("alice"))
    assert reason(office, shared(claims(email, now(), **changed))) == expected


def test_who_is_nobody_or_disabled_cannot_sign_on(office: Company) -> None:
    directory.disable_user(office.tables, office.address("carol"), True, now())
    for local in ("nobody", "carol"):
        assert reason(office, shared(claims(office.at(local), now()))) == "no_such_user"
        assert reason(office, shared(claims(office.at(local), now()), b"x" * 32)) == "signature"


def test_a_token_that_is_none_or_unsigned_is_refused(office: Company) -> None:
    assert reason(office, "rubbish") == "malformed"
    assert reason(office, by_hand({"alg": "none"}, alice(office))) == "algorithm"
    assert reason(office, shared(alice(office)) + "AAAA") == "signature"


def test_a_public_key_is_no_shared_key(company: Company, server: KeyServer) -> None:
    for secret in (signing_key("one").pem, server.body):
        assert reason(company, by_hand({"alg": "HS256", "kid": "one"}, alice(company), secret)) == "algorithm"


def test_a_shared_key_takes_no_token_of_a_key_pair(office: Company) -> None:
    assert reason(office, signing_key("one").sign(alice(office))) == "algorithm"


def test_the_key_of_another_domain_opens_nothing(
    office: Company, stack: Endpoints, tables: Tables, credential: Any
) -> None:
    other = Company(stack, tables, credential)
    other.add("alice")
    other_key = SHARED_KEY[::-1]
    signon_settings.set_up(tables, other.domain, SignOnSettings(ISSUER, AUDIENCE, other_key))
    assert sign_on(other, shared(alice(other), other_key))["address"] == other.at("alice")
    assert reason(office, shared(alice(office), other_key)) == "signature"


def test_a_key_that_is_not_in_the_set_is_unknown(company: Company, server: KeyServer) -> None:
    assert reason(company, signing_key("stranger").sign(alice(company))) == "unknown_key"


def test_a_key_set_that_cannot_be_had_is_the_servers_fault(company: Company, server: KeyServer) -> None:
    server.status = 500
    refusal = refused(company, signing_key("one").sign(alice(company)))
    assert (refusal.status, refusal.code, refusal.details) == (
        503,
        "sign_on_unavailable",
        {"reason": "keys_unavailable"},
    )
    assert "500" not in refusal.message


def test_a_refusal_says_what_was_expected(office: Company) -> None:
    message = refused(office, shared(alice(office, aud="mail"))).message
    assert message == f'aud is "mail", expected "{AUDIENCE}"'


def test_wrong_tokens_are_slowed_per_ip(office: Company) -> None:
    codes = [refused(office, shared(alice(office), b"x" * 32)).code for _ in range(FREE_PER_IP + 4)]
    assert codes[:FREE_PER_IP] == ["sign_on_refused"] * FREE_PER_IP
    assert "too_many_attempts" in codes[FREE_PER_IP:]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "missing_field"),
        ({"jwt": "a.b.c", "address": "a@b.example", "password": "x"}, 400, "bad_field"),
        ({"jwt": "a.b.c", "address": "a@b.example"}, 400, "bad_field"),
        ({"jwt": 5}, 400, "bad_field"),
        ({"jwt": "x" * (MAX_JWT + 1)}, 400, "bad_field"),
        ({"jwt": "x" * MAX_JWT}, 401, "sign_on_refused"),
        ({"jwt": "x" * 10_000}, 413, "frame_too_large"),
    ],
)
def test_a_request_that_is_wrong(stack: Endpoints, body: dict[str, Any], status: int, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        post(f"{stack.http_url}/session", body)
    assert (refusal.value.status, refusal.value.code) == (status, code)


# ---- what is set up ----


def test_an_administrator_sets_it_up_checks_it_and_ends_it(company: Company, stack: Endpoints, tmp_path: Path) -> None:
    chatctl, key_file, jwt_file = Chatctl(stack, tmp_path), tmp_path / "key", tmp_path / "jwt"
    key_file.write_bytes(SHARED_KEY + b"\n")
    command = ("domain", "sign-on")
    names = ("--issuer", ISSUER, "--audience", AUDIENCE)
    chatctl.done(*command, "set", company.domain, *names, "--key-file", str(key_file))
    token = shared(alice(company))
    jwt_file.write_text(token)
    told = chatctl.done(*command, "check", company.domain, "--jwt-file", str(jwt_file))
    assert told == f"{company.at('alice')} would be logged in\n"
    assert sign_on(company, token)
    assert SHARED_KEY.decode() not in chatctl.done(*command, "show", company.domain)
    chatctl.done(*command, "remove", company.domain)
    assert reason(company, token) == "not_set_up"


@pytest.mark.parametrize("function", sorted(FUNCTIONS - {"SessionFunction"}))
def test_only_session_reads_the_settings(stack: Endpoints, aws: AWS, function: str) -> None:
    dynamodb = as_function(stack, aws, function, "dynamodb")
    assert all(map(is_denied, read_directory(stack, dynamodb, key("SIGNON/b.example", "SIGNON"))))


def test_session_reads_the_settings_and_cannot_change_them(stack: Endpoints, aws: AWS) -> None:
    dynamodb, row = as_function(stack, aws, "SessionFunction", "dynamodb"), key("SIGNON/b.example", "SIGNON")
    wanted = {stack.directory_table: {"Keys": [row, key("DOMAIN/b.example", "USER/a")]}}
    assert not is_denied(partial(dynamodb.batch_get_item, RequestItems=wanted))
    for change in (partial(dynamodb.put_item, Item=row), partial(dynamodb.delete_item, Key=row)):
        assert is_denied(partial(change, TableName=stack.directory_table))
