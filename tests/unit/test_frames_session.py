from __future__ import annotations

from typing import Any

import pytest

from chat.errors import BadField, ChatError, MissingField, UnknownField
from chat.frames.session import LogIn, SignOn, read_log_in
from chat.signon import MAX_JWT

PASSWORD = {"address": "alice@example.com", "password": "secret"}


def test_a_log_in_has_a_password_or_a_jwt() -> None:
    assert read_log_in(PASSWORD) == LogIn(address="alice@example.com", password="secret")
    assert read_log_in({"jwt": "a.b.c"}) == SignOn(jwt="a.b.c")


@pytest.mark.parametrize(
    ("content", "error", "field", "said"),
    [
        ({}, MissingField, "address", "address and password are missing, or jwt instead of both"),
        ({"more": 1}, MissingField, "address", "address and password are missing, or jwt instead of both"),
        ({"address": "alice@example.com"}, MissingField, "password", "password is missing"),
        ({"password": "secret"}, MissingField, "address", "address is missing"),
        (PASSWORD | {"jwt": "a.b.c"}, BadField, "jwt", "jwt: give either jwt, or address and password, not both"),
        ({"jwt": "a.b.c", "password": ""}, BadField, "jwt", "not both"),
        ({"jwt": "a.b.c", "more": 1}, UnknownField, "more", "not a field"),
        ({"jwt": None}, BadField, "jwt", "jwt: "),
        ({"jwt": ""}, BadField, "jwt", "jwt: "),
        ({"jwt": 5}, BadField, "jwt", "jwt: "),
        ({"jwt": "x" * (MAX_JWT + 1)}, BadField, "jwt", f"at most {MAX_JWT} characters"),
    ],
)
def test_what_is_wrong_with_a_log_in_is_named(
    content: dict[str, Any], error: type[ChatError], field: str, said: str
) -> None:
    with pytest.raises(error) as refused:
        read_log_in(content)
    assert refused.value.details == {"field": field}
    assert said in refused.value.message
