"""Passwords: SCRAM verifiers for web and XMPP log-ins alike, never the password itself."""

from __future__ import annotations

import hashlib
import hmac

from chat.errors import BadField
from chat.tables.directory import Credential

ITERATIONS = 20_000
"""PBKDF2 rounds. RFC 7677 §4 wants 4,096 at least; the phones that log in by XMPP do them too."""
MIN_PASSWORD = 8
MAX_PASSWORD = 256
"""Characters of a password."""
SHA_1 = "SCRAM-SHA-1"
SHA_256 = "SCRAM-SHA-256"

_DECOY_SALT = hashlib.sha256(b"nobody").digest()[:16]


def check_password(password: str) -> None:
    """Raises BadField where a password is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise BadField(f"password has {len(password)} characters, allowed are {MIN_PASSWORD} to {MAX_PASSWORD}")


def derive(password: str, now: int, iterations: int = ITERATIONS) -> Credential:
    """The verifiers of a password (RFC 5802 §3), valid from ``now``, in ms.

    Raises:
        BadField: the password has characters that SASLprep (RFC 4013) forbids.
    """
    from scramp import ScramException, ScramMechanism  # 70 ms that only a log-in pays

    verifiers = {}
    for mechanism in (SHA_1, SHA_256):
        try:
            made = ScramMechanism(mechanism).make_auth_info(password, iteration_count=iterations)
        except ScramException as error:
            raise BadField("password has characters that SASLprep (RFC 4013) forbids") from error
        verifiers[mechanism] = dict(zip(("salt", "stored_key", "server_key", "iterations"), made, strict=True))
    return Credential(verifiers, now)


def matches(password: str, credential: Credential | None) -> bool:
    """Whether the password is right. Takes as long where there is no credential."""
    from scramp import ScramException, ScramMechanism

    verifier = credential.verifiers[SHA_256] if credential else {}
    salt, rounds = verifier.get("salt", _DECOY_SALT), verifier.get("iterations", ITERATIONS)
    try:
        _, stored_key, _, _ = ScramMechanism(SHA_256).make_auth_info(password, iteration_count=rounds, salt=salt)
    except ScramException:
        return False  # SASLprep forbids the characters, so no stored password has them
    return hmac.compare_digest(stored_key, verifier.get("stored_key", b""))
