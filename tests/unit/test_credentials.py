from __future__ import annotations

from typing import Any

import pytest
from scramp import ScramClient, ScramMechanism

from chat import credentials
from chat.errors import BadField
from chat.tables.directory import Credential

ROUNDS = 4096
"""The fewest that RFC 7677 §4 allows: quick tests."""


@pytest.fixture(scope="module")
def credential() -> Credential:
    return credentials.derive("correct horse", 5, ROUNDS)


def test_the_right_password_matches(credential: Credential) -> None:
    assert credentials.matches("correct horse", credential)


@pytest.mark.parametrize("password", ["", "Correct horse", "correct horse ", "correct\0horse"])
def test_another_password_does_not_match(credential: Credential, password: str) -> None:
    assert not credentials.matches(password, credential)


def test_nothing_matches_where_there_is_no_password() -> None:
    assert not credentials.matches("correct horse", None)


def test_spellings_that_saslprep_makes_one_are_one_password() -> None:
    assert credentials.matches("pass\u00adword Ⅸ", credentials.derive("password IX", 0, ROUNDS))


def test_the_password_itself_is_not_kept(credential: Credential) -> None:
    assert "correct horse" not in str(credential)


def test_a_credential_is_valid_from_when_it_was_made(credential: Credential) -> None:
    assert credential.since == 5


def test_equal_passwords_have_different_verifiers(credential: Credential) -> None:
    again = credentials.derive("correct horse", 5, ROUNDS)
    assert again.verifiers[credentials.SHA_256]["stored_key"] != credential.verifiers[credentials.SHA_256]["stored_key"]


@pytest.mark.parametrize("mechanism", [credentials.SHA_1, credentials.SHA_256])
def test_an_xmpp_client_can_log_in_with_the_verifiers(credential: Credential, mechanism: str) -> None:
    def stored(_: str) -> tuple[Any, ...]:
        verifier = credential.verifiers[mechanism]
        return tuple(verifier[name] for name in ("salt", "stored_key", "server_key", "iterations"))

    client = ScramClient([mechanism], "alice", "correct horse")
    server = ScramMechanism(mechanism).make_server(stored)
    server.set_client_first(client.get_client_first())
    client.set_server_first(server.get_server_first())
    server.set_client_final(client.get_client_final())
    client.set_server_final(server.get_server_final())


def test_characters_that_saslprep_forbids_make_no_password() -> None:
    with pytest.raises(BadField):
        credentials.derive("pass\0word", 0, ROUNDS)


@pytest.mark.parametrize("length", [8, 256])
def test_a_password_has_8_to_256_characters(length: int) -> None:
    credentials.check_password("x" * length)


@pytest.mark.parametrize("length", [0, 7, 257])
def test_a_shorter_or_longer_password_is_refused(length: int) -> None:
    with pytest.raises(BadField, match=f"has {length} characters, allowed are 8 to 256"):
        credentials.check_password("x" * length)
