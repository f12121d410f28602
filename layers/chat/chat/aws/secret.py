"""The signing keys, from Secrets Manager: ``{"newest": …, "older": …, "next": …}``, of which ``newest`` signs.

All three are accepted. Execution environments read the secret at different times, so a rotation has two steps:

1. Put a new key as ``next``. Wait 5 minutes, until every environment accepts it.
2. Make it ``newest``, and the former ``newest`` the ``older``, in one write. Twelve hours later the last session that
   ``older`` signed is over, and it may be taken out.

``chatctl keys rotate`` does both.
"""

from __future__ import annotations

import json
import os
import time

from chat.aws import clients
from chat.tokens import Signer

_KEYS = ("older", "next", "newest")
"""In the order in which the signer takes them: the last signs."""
KEPT = 300
"""Seconds until the secret is read again, so that a rotation reaches every execution environment."""


def signer() -> Signer:
    """The signer with the present keys."""
    return _signer(int(time.monotonic() // KEPT))


_made: dict[int, Signer] = {}


def _signer(period: int) -> Signer:
    if period not in _made:
        secrets = clients.client("secretsmanager")
        keys = json.loads(secrets.get_secret_value(SecretId=os.environ["SIGNING_SECRET"])["SecretString"])
        _made.clear()
        _made[period] = Signer([keys[name] for name in _KEYS if name in keys])
    return _made[period]
