"""A webmail that signs its users on: its keys, its tokens, and the server of its public keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUER = "https://webmail.example"
AUDIENCE = "company-chat"
SHARED_KEY = b"a key of sixty-four bytes that the webmail and the chat both have"


@dataclass(frozen=True)
class SigningKey:
    """A key pair of the webmail."""

    kid: str
    algorithm: str
    private: Any

    @property
    def public(self) -> dict[str, Any]:
        """The public key as a key set has it."""
        made = jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.private.public_key(), as_dict=True)
        return {name: value for name, value in made.items() if name != "key_ops"} | {"kid": self.kid, "use": "sig"}

    @property
    def pem(self) -> bytes:
        """The public key as a file has it."""
        found: bytes = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return found

    def sign(self, claims: dict[str, Any], **header: str) -> str:
        return jwt.encode(claims, self.private, self.algorithm, {"kid": self.kid} | header)


@cache
def signing_key(kid: str, algorithm: str = "RS256") -> SigningKey:
    """A new key, or the one that was made under this name."""
    match algorithm:
        case "ES256":
            return SigningKey(kid, algorithm, ec.generate_private_key(ec.SECP256R1()))
        case "ES384":
            return SigningKey(kid, algorithm, ec.generate_private_key(ec.SECP384R1()))
        case "EdDSA":
            return SigningKey(kid, algorithm, ed25519.Ed25519PrivateKey.generate())
    return SigningKey(kid, algorithm, rsa.generate_private_key(65537, 2048))


def claims(email: object, now: int, /, **changed: Any) -> dict[str, Any]:
    """The claims of a token that is signed at ``now``, in ms, and good for a minute; what is None is left out."""
    seconds = now // 1000
    made = {"iss": ISSUER, "aud": AUDIENCE, "iat": seconds, "exp": seconds + 60, "email": email} | changed
    return {name: value for name, value in made.items() if value is not None}


def shared(claims: dict[str, Any], key: bytes = SHARED_KEY, algorithm: str = "HS256") -> str:
    """A token that a shared key signs."""
    return jwt.encode(claims, key, algorithm)


def by_hand(header: dict[str, Any], payload: object, key: bytes | None = None) -> str:
    """A token that no library would make; signed by HMAC with SHA-256, whatever the header says, or not at all.

    A payload of bytes goes in as it is.
    """
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signed = f"{_part(json.dumps(header).encode())}.{_part(content)}"
    return f"{signed}.{_part(hmac.digest(key, signed.encode(), hashlib.sha256)) if key else ''}"


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class KeyServer(ThreadingHTTPServer):
    """Serves a key set on 127.0.0.1; what it answers can be changed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.body = b""
        self.more_headers: dict[str, str] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/keys.json"

    def serve(self, *keys: SigningKey) -> None:
        """Have these keys in the set from now on."""
        self.body = json.dumps({"keys": [key.public for key in keys]}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        for name, value in ({"content-length": str(len(self.server.body))} | self.server.more_headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def key_server(*keys: SigningKey) -> Iterator[KeyServer]:
    """A running server of a key set."""
    with KeyServer() as server:
        server.serve(*keys)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
