"""The signing keys, from Secrets Manager: ``{"newest": …, "older": …}``, ``older`` only after a rotation."""

from __future__ import annotations

import json
import os
import time

from chat.aws import clients
from chat.tokens import Signer

_KEPT = 300
"""Seconds until the secret is read again, so that a rotation reaches every execution environment."""


def signer() -> Signer:
    """The signer with the present keys."""
    return _signer(int(time.monotonic() // _KEPT))


_made: dict[int, Signer] = {}


def _signer(period: int) -> Signer:
    if period not in _made:
        secrets = clients.client("secretsmanager")
        keys = json.loads(secrets.get_secret_value(SecretId=os.environ["SIGNING_SECRET"])["SecretString"])
        _made.clear()
        _made[period] = Signer([keys[name] for name in ("older", "newest") if name in keys])
    return _made[period]
