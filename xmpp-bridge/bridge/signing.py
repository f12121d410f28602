"""Signatures for AWS's APIs: Signature Version 4, as far as a POST of JSON to one service needs it."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

from botocore.credentials import Credentials

JSON = "application/x-amz-json-1.0"


class Signer:
    """Signs requests to one service in one region. Safe to use from several threads."""

    def __init__(
        self, service: str, region: str, credentials: Credentials, clock: Callable[[], float] = time.time
    ) -> None:
        """``credentials`` are botocore's, which renew themselves. ``clock`` gives seconds since the epoch."""
        self._region = region
        self._service = service
        self._credentials = credentials
        self._clock = clock
        self._last: tuple[str, str, bytes] = ("", "", b"")
        """The key that was made last, of a secret and a day: it holds for that day."""

    def headers(self, host: str, target: str, body: bytes) -> dict[str, str]:
        """All headers of ``POST /`` with this body, but ``Content-Length``; ``target`` is ``X-Amz-Target``.

        Raises:
            BotoCoreError: the credentials cannot be renewed.
        """
        keys = self._credentials.get_frozen_credentials()
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock()))
        signed = {"content-type": JSON, "host": host, "x-amz-date": stamp}  # in the order of their names
        if keys.token:
            signed["x-amz-security-token"] = keys.token
        signed["x-amz-target"] = target
        names = ";".join(signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        day = stamp[:8]
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self._key(keys.secret_key or "", day), text.encode(), "sha256").hex()
        authorization = f"Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        return signed | {"authorization": f"AWS4-HMAC-SHA256 {authorization}"}

    def _key(self, secret: str, day: str) -> bytes:
        known_secret, known_day, key = self._last
        if (known_secret, known_day) != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._last = (secret, day, key)
        return key
