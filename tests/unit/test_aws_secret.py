"""The keys of the secret, while they are rotated."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

import pytest

from chat.aws import clients, secret
from chat.addresses import Address
from chat.errors import SessionForged
from chat.tokens import Signer
from tests.unit.world import NOW

ALICE = Address("alice", "company.example")
With = Callable[..., Signer]


@pytest.fixture
def with_keys(monkeypatch: pytest.MonkeyPatch) -> With:
    """The signer of an execution environment that finds these keys in the secret."""

    class Secrets:
        keys: dict[str, str]

        def get_secret_value(self, **_request: str) -> dict[str, str]:
            return {"SecretString": json.dumps(self.keys)}

    secrets = Secrets()
    monkeypatch.setenv("SIGNING_SECRET", "signing")
    monkeypatch.setattr(clients, "client", lambda _service: secrets)

    def signer(**keys: str) -> Signer:
        secrets.keys = keys
        monkeypatch.setattr(secret, "_made", {})
        return secret.signer()

    return signer


def accepts(signer: Signer, token: str) -> bool:
    try:
        return signer.read_session(token, NOW).address == ALICE
    except SessionForged:
        return False


def test_the_newest_key_signs_whatever_others_there_are(with_keys: With) -> None:
    token = with_keys(next="c", newest="b", older="a").session(ALICE, NOW)
    assert [accepts(Signer([key]), token) for key in "abc"] == [False, True, False]


def test_throughout_a_rotation_environments_accept_what_others_sign(with_keys: With) -> None:
    steps = [{"newest": "a"}, {"newest": "a", "next": "b"}, {"newest": "b", "older": "a"}, {"newest": "b"}]
    signers = [with_keys(**keys) for keys in steps]
    for before, after in pairwise(signers):
        assert accepts(before, after.session(ALICE, NOW))
        assert accepts(after, before.session(ALICE, NOW))
    assert not accepts(signers[3], signers[0].session(ALICE, NOW))


def test_the_secret_is_read_once_in_a_while(with_keys: With, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 1000.0)
    signer = with_keys(newest="a")
    assert secret.signer() is signer
    monkeypatch.setattr("time.monotonic", lambda: 1301.0)
    assert secret.signer() is not signer
