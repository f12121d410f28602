"""PLAIN, what is offered, and SASL's messages in Base64."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import sasl
from bridge.sasl import SaslError
from tests.unit.test_bridge_sasl import DOMAIN, condition_of


@pytest.mark.parametrize(
    "message", ["\0alice\0secret", "\0Alice@example.com\0secret", "alice@example.com\0alice\0secret"]
)
def test_plain_names_an_address_and_a_password(message: str) -> None:
    found = sasl.read_plain(message.encode(), DOMAIN)
    assert (str(found.address), found.password) == ("alice@example.com", "secret")


@pytest.mark.parametrize(
    ("message", "condition"),
    [
        (b"", "malformed-request"),
        (b"alice\0secret", "malformed-request"),
        (b"\0alice\0se\0cret", "malformed-request"),
        (b"\0al\xffice\0secret", "malformed-request"),
        (b"bob@example.com\0alice\0secret", "invalid-authzid"),
        (b"\0alice@other.example\0secret", "not-authorized"),
        (b"\0two words\0secret", "not-authorized"),
    ],
)
def test_plain_of_another_form_is_refused(message: bytes, condition: str) -> None:
    with pytest.raises(SaslError) as caught:
        sasl.read_plain(message, DOMAIN)
    assert condition_of(caught) == condition


# The elements.


def test_the_strongest_mechanism_is_offered_first() -> None:
    assert sasl.mechanisms(binding=True) == [
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1",
        "PLAIN",
    ]
    assert not any(each.endswith("-PLUS") for each in sasl.mechanisms(binding=False))


@given(st.binary(max_size=100))
def test_messages_go_as_base64(message: bytes) -> None:
    assert sasl.decode(sasl.encode(message)) == message


@pytest.mark.parametrize("text", [None, "", " ", "="])
def test_no_message_is_an_empty_one(text: str | None) -> None:
    assert sasl.decode(text) == b""


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a", "incorrect-encoding"),
        ("YQ==\nYQ==", "incorrect-encoding"),
        ("ä", "incorrect-encoding"),
        ("YWFh" * 1025, "malformed-request"),
    ],
)
def test_what_is_not_base64_is_refused(text: str, condition: str) -> None:
    with pytest.raises(SaslError) as caught:
        sasl.decode(text)
    assert condition_of(caught) == condition
