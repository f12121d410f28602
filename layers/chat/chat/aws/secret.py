"""The signing keys, from Secrets Manager: ``{"newest": …, "older": …}``, ``older`` only after a rotation."""

from __future__ import annotations

import json
import os
import time
from functools import cache

import boto3

from chat.tokens import Signer

_KEPT = 300
"""Seconds until the secret is read again, so that a rotation reaches every execution environment."""


def signer() -> Signer:
    """The signer with the present keys."""
    return _signer(int(time.monotonic() // _KEPT))


@cache
def _client():  # type: ignore[no-untyped-def]
    return boto3.client("secretsmanager")


_made: dict[int, Signer] = {}


def _signer(period: int) -> Signer:
    if period not in _made:
        keys = json.loads(_client().get_secret_value(SecretId=os.environ["SIGNING_SECRET"])["SecretString"])
        _made.clear()
        _made[period] = Signer([keys[name] for name in ("older", "newest") if name in keys])
    return _made[period]
