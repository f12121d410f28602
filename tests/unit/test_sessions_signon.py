"""Logging in with a JWT: counted like a password, and paid for by those alone who do it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import chat
from chat import directory, sessions
from chat.directory import NewUser
from chat.entries import Profile
from chat.errors import SignOnRefused, SignOnUnavailable, TooManyAttempts
from chat.signon import JsonWebKey, KeysUnavailable
from chat.tables.directory import Credential
from chat.tokens import Signer
from tests.unit.sign_on_office import alice, no_keys, with_key_set, with_shared_key
from tests.unit.world import NOW, PASSWORD, World
from tests.webmail import shared, signing_key

SIGNER = Signer(["key"])
LIBRARY = Path(chat.__file__).parents[1]
SESSION = LIBRARY.parents[1] / "functions" / "session"


@pytest.fixture
def office(world: World) -> World:
    return with_shared_key(world)


def ip(world: World) -> str:
    """An IP address of the test alone."""
    return f"192.0.2.{world.domain}"


def sign_on(world: World, token: str) -> str:
    return sessions.sign_on(world.tables, SIGNER, token, no_keys, ip(world), NOW)[1]


def fail(world: World, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SignOnRefused):
            sign_on(world, shared(alice(world), b"x" * 32))


def test_a_token_gives_a_session(office: World) -> None:
    address, token = sessions.sign_on(office.tables, SIGNER, shared(alice(office)), no_keys, ip(office), NOW)
    assert address == office.address("alice")
    assert SIGNER.read_session(token, NOW).address == address
    assert sessions.issue_ticket(office.tables, SIGNER, token, NOW)


def test_after_wrong_tokens_even_the_right_one_has_to_wait(office: World) -> None:
    fail(office, sessions.FREE_PER_IP + 1)
    with pytest.raises(TooManyAttempts) as refused:
        sign_on(office, shared(alice(office)))
    assert refused.value.details == {"retry_after": 1}


def test_colleagues_behind_one_ip_who_sign_on_right_are_not_slowed(office: World) -> None:
    fail(office, sessions.FREE_PER_IP)
    for _ in range(3):
        assert sign_on(office, shared(alice(office)))


@pytest.mark.parametrize(
    "changed", [{"iss": "x"}, {"aud": "x"}, {"exp": 0}, {"exp": None}, {"nbf": "soon"}, {"email": "nobody@{}"}]
)
def test_what_is_wrong_behind_a_valid_signature_is_not_counted(office: World, changed: dict[str, Any]) -> None:
    if "email" in changed:
        changed = {"email": changed["email"].format(office.domain)}
    token = shared(alice(office, **changed))
    for _ in range(sessions.FREE_PER_IP + 5):
        with pytest.raises(SignOnRefused):
            sign_on(office, token)


def test_tokens_and_passwords_of_one_ip_are_counted_together(office: World) -> None:
    fail(office, sessions.FREE_PER_IP + 1)
    with pytest.raises(TooManyAttempts):
        sessions.check_password(office.tables, office.address("alice"), PASSWORD, ip(office), NOW)


def test_what_a_stranger_writes_into_tokens_makes_no_colleague_wait(office: World, credential: Credential) -> None:
    directory.add_users(office.tables, office.domain, [NewUser(office.address("bob"), Profile("Bob"), credential)], NOW)
    for _ in range(sessions.FREE_PER_ADDRESS + 5):
        with pytest.raises(SignOnRefused):
            sign_on(office, shared(alice(office, email=str(office.address("bob"))), b"x" * 32))
    sessions.check_password(office.tables, office.address("bob"), PASSWORD, "198.51.100.1", NOW)


def test_keys_that_cannot_be_had_are_not_counted(world: World) -> None:
    def keys(_url: str, _kid: str | None) -> Sequence[JsonWebKey]:
        raise KeysUnavailable("nobody is there")

    with_key_set(world, "https://webmail.example/keys.json")
    token = signing_key("one").sign(alice(world))
    for _ in range(sessions.FREE_PER_IP + 5):
        with pytest.raises(SignOnUnavailable):
            sessions.sign_on(world.tables, SIGNER, token, keys, ip(world), NOW)


# ---- what a log-in with a password does not pay ----


def test_a_password_is_checked_without_the_library_for_tokens(
    world: World, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = NewUser(world.address("bob"), Profile("Bob"), credential)
    directory.add_users(world.tables, world.domain, [user], NOW)
    monkeypatch.setitem(sys.modules, "jwt", None)  # to import it is an error now
    assert sessions.log_in(world.tables, SIGNER, user.address, PASSWORD, ip(world), NOW)


def test_the_function_starts_without_the_library_for_tokens() -> None:
    code = "import sys, app; print(sorted({'jwt', 'cryptography', 'chat.jwks'} & sys.modules.keys()))"
    environment = os.environ | {"PYTHONPATH": f"{LIBRARY}{os.pathsep}{SESSION}"}
    child = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert child.stdout == "[]\n"
