"""``chatctl keys``: rotating the signing keys without ending a session."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chat.addresses import Address
from chat.errors import SessionForged
from chat.tokens import SESSION_LIFETIME, Signer
from chatctl.signing_keys import SigningKeys, replace, rotate
from localcloud.problem import Problem
from tests.unit.world import NOW

ALICE = Address("alice", "company.example")


class Secrets:
    """Secrets Manager with one secret, and the clock that it goes by."""

    def __init__(self, **keys: str) -> None:
        self.now = NOW
        self.waited: list[float] = []
        self.versions = [(keys, NOW - 100 * SESSION_LIFETIME)]

    @property
    def keys(self) -> dict[str, str]:
        return self.versions[-1][0]

    def get_secret_value(self, **_request: str) -> dict[str, Any]:
        keys, changed = self.versions[-1]
        return {"SecretString": json.dumps(keys), "CreatedDate": datetime.fromtimestamp(changed / 1000, UTC)}

    def put_secret_value(self, **request: str) -> None:
        self.versions.append((json.loads(request["SecretString"]), self.now))

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += int(seconds * 1000)


def rotated(secrets: Secrets) -> None:
    signing: Any = secrets
    rotate(SigningKeys(signing, "signing"), lambda: secrets.now, secrets.wait)


def signer(keys: dict[str, str]) -> Signer:
    return Signer([keys[name] for name in ("older", "next", "newest") if name in keys])


def test_a_rotation_waits_between_its_two_steps() -> None:
    secrets = Secrets(newest="a")
    rotated(secrets)
    _, (announced, _), (signing, _) = secrets.versions
    new = announced["next"]
    assert announced == {"newest": "a", "next": new}
    assert signing == {"newest": new, "older": "a"}
    assert secrets.waited == [300]
    assert len(new) >= 64


def test_a_session_of_before_goes_on_and_a_new_key_signs() -> None:
    secrets = Secrets(newest="a")
    token = signer(secrets.keys).session(ALICE, NOW)
    rotated(secrets)
    assert signer(secrets.keys).read_session(token, NOW).address == ALICE
    with pytest.raises(SessionForged):
        Signer(["a"]).read_session(signer(secrets.keys).session(ALICE, NOW), NOW)


def test_a_rotation_that_was_stopped_goes_on() -> None:
    secrets = Secrets(newest="a")
    secrets.versions.append(({"newest": "a", "next": "b"}, NOW - 100_000))
    rotated(secrets)
    assert secrets.keys == {"newest": "b", "older": "a"}
    assert secrets.waited == [200]


def test_a_second_rotation_waits_for_the_sessions_of_the_first() -> None:
    secrets = Secrets(newest="a")
    rotated(secrets)
    secrets.now += SESSION_LIFETIME - 1
    with pytest.raises(Problem, match="12 hours"):
        rotated(secrets)
    secrets.now += 1
    rotated(secrets)
    assert "a" not in secrets.keys.values()


def test_two_who_rotate_at_once_do_not_undo_each_other() -> None:
    secrets = Secrets(newest="a")
    signing: Any = secrets

    def meanwhile(_seconds: float) -> None:
        secrets.versions.append(({"newest": "c", "older": "a"}, NOW))

    with pytest.raises(Problem, match="Somebody else"):
        rotate(SigningKeys(signing, "signing"), lambda: NOW, meanwhile)
    assert secrets.keys == {"newest": "c", "older": "a"}


def test_at_once_no_other_key_is_good() -> None:
    secrets = Secrets(newest="a", older="b")
    signing: Any = secrets
    replace(SigningKeys(signing, "signing"))
    assert set(secrets.keys) == {"newest"}
    assert "a" not in secrets.keys.values()
