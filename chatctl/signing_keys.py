"""The keys of session tokens and tickets, renewed in the two steps that ``chat.aws.secret`` explains."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.aws.secret import KEPT
from chat.tokens import SESSION_LIFETIME
from localcloud.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

Keys = dict[str, str]
"""``newest``, and at times ``older`` and ``next``."""
Wait = Callable[[float], None]
"""Called with the seconds to wait."""


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The secret of a deployment that has the keys."""

    secrets: SecretsManagerClient
    secret: str

    def read(self) -> tuple[Keys, int]:
        """The keys, and when they last changed, in ms."""
        found = self.secrets.get_secret_value(SecretId=self.secret)
        return json.loads(found["SecretString"]), int(found["CreatedDate"].timestamp() * 1000)

    def write(self, keys: Keys) -> None:
        """Replace the keys; the secret keeps those before as its previous version."""
        self.secrets.put_secret_value(SecretId=self.secret, SecretString=json.dumps(keys))


def rotate(signing: SigningKeys, now: Callable[[], int], wait: Wait) -> None:
    """Have a new key sign, while what the present one has signed is good until its end.

    Waits 5 minutes between the two steps, until every execution environment accepts the new key. A rotation that was
    stopped there goes on where it was.

    Raises:
        Problem: sessions that the key before the present one has signed are not over; or another one rotates.
    """
    keys, changed = signing.read()
    if "next" not in keys:
        if "older" in keys and now() - changed < SESSION_LIFETIME:
            raise Problem(
                "The keys were rotated less than 12 hours ago, and sessions of the key before are not over. "
                "Wait, or end all sessions with --at-once."
            )
        signing.write({"newest": keys["newest"], "next": _new()})
        keys, changed = signing.read()
    wait(max(0, changed / 1000 + KEPT - now() / 1000))
    if signing.read()[0] != keys:
        raise Problem("Somebody else has changed the keys meanwhile; look who, and rotate again if need be.")
    signing.write({"newest": keys["next"], "older": keys["newest"]})


def replace(signing: SigningKeys) -> None:
    """Have a new key sign and no other be good: all sessions end, within the 5 minutes that environments keep keys."""
    signing.write({"newest": _new()})


def _new() -> str:
    return secrets.token_urlsafe(48)
