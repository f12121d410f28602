"""SASL without sockets: the RFCs' own examples, and no answer that tells who exists."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scramp import ScramClient, ScramException, ScramMechanism
from scramp import core as scramp_core

from bridge import sasl
from bridge.sasl import END_POINT, SaslError, Scram
from chat import credentials
from chat.credentials import SHA_1, SHA_256
from chat.tables.directory import Credential
from tests.unit.world import NOW, PASSWORD

DOMAIN = "example.com"
KEY = b"decoys"
BINDING = b"the certificate's hash"
VECTORS = {
    SHA_1: (  # RFC 5802 §5
        "QSXCR+Q6sek8bf92",
        "fyko+d2lbbFgONRv9qkxdawL",
        "3rfcNHYJY1ZVvWVs7j",
        "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    SHA_256: (  # RFC 7677 §3
        "W22ZaJ0SNY7soEsUEjb6gQ==",
        "rOprNGfwEbeRWgbNEkqO",
        "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
}


def log_in(
    mechanism: str,
    credential: Credential | None,
    password: str = PASSWORD,
    user: str = "alice",
    *,
    binding: bytes | None = BINDING,
    seen: bytes | None = None,
) -> Scram:
    """A whole exchange, between scramp's client and our side; ``seen``: the binding as the client has it."""
    channel = (END_POINT, seen or binding) if mechanism.endswith(sasl.PLUS) else None
    client: Any = ScramClient([mechanism], user, password, channel_binding=channel)
    server = Scram(mechanism, DOMAIN, binding)
    server.begin(client.get_client_first().encode())
    client.set_server_first(server.challenge(credential, KEY).decode())
    client.set_server_final(server.finish(client.get_client_final().encode()).decode())
    return server


def answer(
    first: bytes,
    credential: Credential | None,
    final: bytes = b"",
    mechanism: str = SHA_256,
    binding: bytes | None = None,
) -> bytes:
    """What these messages of a client end with."""
    server = Scram(mechanism, DOMAIN, binding)
    server.begin(first)
    server.challenge(credential, KEY)
    return server.finish(final)


def condition_of(error: pytest.ExceptionInfo[SaslError]) -> str:
    return error.value.condition


# SCRAM.


@pytest.mark.parametrize("mechanism", VECTORS)
def test_the_examples_of_the_rfcs(mechanism: str, monkeypatch: pytest.MonkeyPatch) -> None:
    salt, client_nonce, server_nonce, first, challenge, final, proof = VECTORS[mechanism]
    made = ScramMechanism(mechanism).make_auth_info("pencil", iteration_count=4096, salt=base64.b64decode(salt))
    verifier = dict(zip(("salt", "stored_key", "server_key", "iterations"), made, strict=True))
    nonce = scramp_core.Nonce(server_nonce)
    monkeypatch.setattr(scramp_core.Nonce, "create", lambda: nonce)
    server = Scram(mechanism, DOMAIN, None)
    assert str(server.begin(first.encode())) == "user@example.com"
    assert server.challenge(Credential({mechanism: verifier}, NOW), KEY).decode() == challenge
    assert server.finish(final.encode()).decode() == proof
    assert client_nonce in challenge


@pytest.mark.parametrize("mechanism", sasl.mechanisms(binding=True)[:-1])
def test_each_mechanism_logs_in(mechanism: str, credential: Credential) -> None:
    assert str(log_in(mechanism, credential).address) == "alice@example.com"


@pytest.mark.parametrize("user", ["alice", "Alice", "alice@example.com", "ALICE@EXAMPLE.COM"])
def test_the_name_is_a_local_part_or_an_address(user: str, credential: Credential) -> None:
    assert str(log_in(SHA_256, credential, user=user, binding=None).address) == "alice@example.com"


@pytest.mark.parametrize("mechanism", [SHA_1, SHA_256])
@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_password_and_nobody_have_the_same_answer(mechanism: str, known: bool, credential: Credential) -> None:
    with pytest.raises(SaslError) as caught:
        log_in(mechanism, credential if known else None, "wrong password", binding=None)
    assert (condition_of(caught), caught.value.text) == ("not-authorized", "wrong address or password")


def challenge_of(user: str, credential: Credential | None, mechanism: str = SHA_256) -> dict[str, str]:
    server = Scram(mechanism, DOMAIN, None)
    server.begin(f"n,,n={user},r=clientnonce".encode())
    parts = server.challenge(credential, KEY).decode().split(",")
    return dict(part.split("=", 1) for part in parts)


@pytest.mark.parametrize("mechanism", [SHA_1, SHA_256])
def test_the_challenge_of_nobody_looks_like_a_users(mechanism: str) -> None:
    real, decoy = (
        challenge_of("alice", credentials.derive(PASSWORD, NOW), mechanism),
        challenge_of("x", None, mechanism),
    )
    assert [(name, len(value)) for name, value in decoy.items()] == [(name, len(value)) for name, value in real.items()]
    assert decoy["i"] == real["i"]


def test_the_salt_of_nobody_is_always_the_same_and_nobody_elses() -> None:
    assert challenge_of("nobody", None)["s"] == challenge_of("Nobody", None)["s"]
    assert challenge_of("nobody", None)["s"] != challenge_of("somebody", None)["s"]
    assert challenge_of("nobody", None)["s"] != challenge_of("nobody", None, SHA_1)["s"]


def test_another_nodes_decoys_need_the_same_key() -> None:
    one, other = Scram(SHA_256, DOMAIN, None), Scram(SHA_256, DOMAIN, None)
    for each in (one, other):
        each.begin(b"n,,n=nobody,r=clientnonce")
    assert one.challenge(None, KEY).split(b",")[1] != other.challenge(None, b"another").split(b",")[1]


def test_a_user_without_a_verifier_of_the_mechanism_is_nobody(credential: Credential) -> None:
    old = Credential({SHA_1: credential.verifiers[SHA_1]}, NOW)
    with pytest.raises(SaslError, match="wrong address"):
        log_in(SHA_256, old, binding=None)


def test_another_certificate_does_not_log_in(credential: Credential) -> None:
    with pytest.raises(SaslError, match="channel binding") as caught:
        log_in(f"{SHA_256}{sasl.PLUS}", credential, seen=b"somebody between")
    assert condition_of(caught) == "not-authorized"


@pytest.mark.parametrize(
    ("mechanism", "header"),
    [
        (SHA_256, "y"),  # the client could bind, and believes that we cannot: -PLUS was cut out (RFC 5802 §6)
        (f"{SHA_256}-PLUS", "n"),
        (f"{SHA_256}-PLUS", "p=tls-unique"),
        (f"{SHA_256}-PLUS", "p=tls-exporter"),
    ],
)
def test_a_binding_that_does_not_fit_is_refused(mechanism: str, header: str, credential: Credential) -> None:
    with pytest.raises(SaslError) as caught:
        answer(f"{header},,n=alice,r=nonce".encode(), credential, mechanism=mechanism, binding=BINDING)
    assert condition_of(caught) == "not-authorized"


def test_an_unbound_log_in_may_say_that_it_could_bind_where_we_cannot(credential: Credential) -> None:
    server = Scram(SHA_256, DOMAIN, None)
    server.begin(b"y,,n=alice,r=nonce")
    assert server.challenge(credential, KEY)


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"n",
        b"n,,",
        b"n,,r=nonce",
        b"x,,n=alice,r=nonce",
        b"\xff\xfe",
        b"n,,n=alice",
        b"n,,m=1,n=alice,r=x",
        b"n,,,,n=a",
    ],
)
def test_a_first_message_of_another_form_is_malformed(first: bytes, credential: Credential) -> None:
    with pytest.raises(SaslError) as caught:
        answer(first, credential)
    assert condition_of(caught) == "malformed-request"


@given(first=st.binary(max_size=40), tail=st.text(max_size=20))
def test_no_message_raises_anything_else(first: bytes, tail: str) -> None:
    known = {"salt": b"s" * 32, "stored_key": b"k" * 32, "server_key": b"k" * 32, "iterations": 4096}
    credential = Credential({SHA_256: known}, NOW)
    for message in (first, f"n,,n=alice,r={tail}".encode("utf-8", "replace"), f"n,a={tail},n=alice,r=x".encode()):
        for last in (first, f"c=biws,r={tail},p=eA==".encode(), f"c={tail}".encode(), f"c=biws,{tail}=".encode()):
            with pytest.raises(SaslError):
                answer(message, credential, last)


@pytest.mark.parametrize(
    "final", [b"", b"c=biws", b"c=biws,r=another,p=eA==", b"c=!,r=nonce,p=!", b"\xff", b"p=,c=,r="]
)
def test_a_last_message_of_another_form_is_refused(final: bytes, credential: Credential) -> None:
    with pytest.raises(SaslError) as caught:
        answer(b"n,,n=alice,r=nonce", credential, final)
    assert condition_of(caught) == "malformed-request"


@pytest.mark.parametrize("authorize", ["bob", "bob@example.com", "alice@other.example", "alice"])
def test_nobody_logs_in_for_somebody_else(authorize: str) -> None:
    with pytest.raises(SaslError) as caught:
        Scram(SHA_256, DOMAIN, None).begin(f"n,a={authorize},n=alice,r=nonce".encode())
    assert condition_of(caught) == "invalid-authzid"


def test_ones_own_address_may_be_named(credential: Credential) -> None:
    server = Scram(SHA_256, DOMAIN, None)
    assert str(server.begin(b"n,a=Alice@example.com/phone,n=alice,r=nonce")) == "alice@example.com"


@pytest.mark.parametrize("name", ["alice@other.example", "two words", "", "@", "a@b@c"])
def test_a_name_that_is_no_address_here_is_a_wrong_one(name: str) -> None:
    with pytest.raises(SaslError) as caught:
        Scram(SHA_256, DOMAIN, None).begin(f"n,,n={name},r=nonce".encode())
    assert condition_of(caught) == "not-authorized"


def test_escaped_characters_of_a_name_are_read() -> None:
    assert str(Scram(SHA_256, DOMAIN, None).begin(b"n,,n=a=3Db,r=nonce")) == "a=b@example.com"


def test_the_client_learns_that_the_server_knows_the_password(credential: Credential) -> None:
    stranger = credentials.derive("something else", NOW, 4096)
    mixed = {**credential.verifiers[SHA_256], "server_key": stranger.verifiers[SHA_256]["server_key"]}
    with pytest.raises(ScramException):
        log_in(SHA_256, Credential({SHA_256: mixed}, NOW), binding=None)
