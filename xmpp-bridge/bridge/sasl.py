"""SASL without I/O (RFC 6120 §6): SCRAM by scramp (RFC 5802, RFC 7677), and PLAIN (RFC 4616).

An exchange takes what the client sends and says what it needs: for SCRAM the verifiers of an address, for PLAIN a check
of a password. An unknown address gets verifiers that look real and that no password matches, so that neither the
answers nor their time tell who exists.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from scramp import ScramException, ScramMechanism

from chat.addresses import Address
from chat.credentials import ITERATIONS, SHA_1, SHA_256
from chat.errors import BadAddress
from chat.tables.directory import Credential

PLAIN = "PLAIN"
PLUS = "-PLUS"
END_POINT = "tls-server-end-point"
"""The channel binding that every TLS has (RFC 5929 §4); Python's ssl has no tls-exporter before 3.14."""
MAX_MESSAGE = 4096
"""Characters of one SASL message, in Base64."""
_SALT = 32
"""Bytes, as scramp makes salts of real users."""
_USER = re.compile(r"(?:^|,)n=([^,]*)")


class SaslError(Exception):
    """A failure of RFC 6120 §6.5: its condition, and words for the user."""

    def __init__(self, condition: str, text: str = "") -> None:
        super().__init__(text or condition)
        self.condition = condition
        self.text = text


def mechanisms(binding: bool) -> list[str]:
    """What to offer over TLS, the strongest first; with ``-PLUS`` where the channel can be bound."""
    scram = (SHA_256, SHA_1)
    return [*(f"{name}{PLUS}" for name in scram if binding), *scram, PLAIN]


@dataclass(frozen=True, slots=True)
class Password:
    """What PLAIN brings."""

    address: Address
    password: str


def read_plain(message: bytes, domain: str) -> Password:
    """The address and password of a PLAIN message.

    Raises:
        SaslError: it has another form, or is for somebody else (``invalid-authzid``).
    """
    try:
        authorize, name, password = message.decode().split("\0")
    except ValueError as error:
        raise SaslError("malformed-request", "PLAIN takes two names and a password, with NUL between") from error
    address = _address(name, domain)
    if authorize and _bare(authorize) != str(address):
        raise SaslError("invalid-authzid", "nobody may log in for somebody else")
    return Password(address, password)


class Scram:
    """One exchange of SCRAM: ``begin``, ``challenge``, ``finish``."""

    def __init__(self, mechanism: str, domain: str, binding: bytes | None) -> None:
        """``binding`` is the channel's ``tls-server-end-point`` data, None where there is none."""
        self._base = mechanism.removesuffix(PLUS)
        self._mechanism = mechanism
        self._domain = domain
        self._binding = binding
        self._first = ""
        self.address: Address | None = None

    def begin(self, message: bytes) -> Address:
        """Take the client's first message; returns whose verifiers ``challenge`` needs.

        Raises:
            SaslError: it has another form, or is for somebody else.
        """
        self._first = _text(message)
        header, _, bare = self._first.partition(",")
        authorize, _, bare = bare.partition(",")
        found = _USER.search(bare)
        if header[:1] not in ("n", "y", "p") or not found:
            raise SaslError("malformed-request", "this is not the first message of SCRAM")
        address = _address(found[1].replace("=2C", ",").replace("=3D", "="), self._domain)
        if authorize and _bare(authorize.removeprefix("a=")) != str(address):
            raise SaslError("invalid-authzid", "nobody may log in for somebody else")
        self.address = address
        return address

    def challenge(self, credential: Credential | None, decoy_key: bytes) -> bytes:
        """The server's first message. ``credential`` None: of nobody, so that the exchange will fail.

        Raises:
            SaslError: the client's message is wrong, or its channel binding does not fit.
        """
        verifier = credential.verifiers.get(self._base) if credential else None
        self._known = verifier is not None
        values = verifier or self._decoy(decoy_key)
        answer = (values["salt"], values["stored_key"], values["server_key"], values["iterations"])
        binding = (END_POINT, self._binding) if self._binding else None
        try:
            self._server: Any = ScramMechanism(self._mechanism).make_server(lambda _: answer, channel_binding=binding)
            self._server.set_client_first(self._first)
            return str(self._server.get_server_first()).encode()
        except ScramException as error:
            raise _failure(error) from error

    def finish(self, message: bytes) -> bytes:
        """The server's last message, which proves that it knows the verifiers too.

        Raises:
            SaslError: ``not-authorized`` where the password is wrong, or there is no such user.
        """
        try:
            self._server.set_client_final(_text(message))
            if not self._known:
                raise SaslError("not-authorized", "wrong address or password")
            return str(self._server.get_server_final()).encode()
        except ScramException as error:
            raise _failure(error) from error
        except (ValueError, KeyError) as error:  # what scramp raises for messages without some part
            raise SaslError("malformed-request", "this is not the last message of SCRAM") from error

    def _decoy(self, key: bytes) -> dict[str, Any]:
        """The same salt for an address each time, and keys that nothing matches."""
        seed = hmac.digest(key, f"{self._base} {self.address}".encode(), hashlib.sha512)
        size = 20 if self._base == SHA_1 else 32
        return {"salt": seed[:_SALT], "stored_key": seed[-size:], "server_key": seed[-size:], "iterations": ITERATIONS}


def decode(text: str | None) -> bytes:
    """The bytes of a SASL element; ``=`` stands for none (RFC 6120 §6.4.2).

    Raises:
        SaslError: no Base64, or too long.
    """
    text = (text or "").strip()
    if len(text) > MAX_MESSAGE:
        raise SaslError("malformed-request", f"a message has {len(text)} characters, allowed are {MAX_MESSAGE}")
    if text == "=":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # binascii's is one, and there is another for what is not ASCII
        raise SaslError("incorrect-encoding", "a message is not Base64") from error


def encode(message: bytes) -> str:
    """The bytes as a SASL element has them."""
    return base64.b64encode(message).decode() or "="


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        raise SaslError("malformed-request", "a message is not UTF-8") from error


def _address(name: str, domain: str) -> Address:
    """The address of a name: its local part, or the whole address."""
    try:
        address = Address.parse(name if "@" in name else f"{name}@{domain}")
    except BadAddress as error:
        raise SaslError("not-authorized", "wrong address or password") from error
    if address.domain != domain:
        raise SaslError("not-authorized", "wrong address or password")
    return address


def _bare(jid: str) -> str:
    return jid.partition("/")[0].lower()


_WRONG = {"INVALID_PROOF", "UNKNOWN_USER"}
_MALFORMED = {"OTHER_ERROR", "INVALID_ENCODING", "EXTENSIONS_NOT_SUPPORTED", "INVALID_USERNAME_ENCODING"}


def _failure(error: ScramException) -> SaslError:
    name = error.server_error.name if error.server_error else "OTHER_ERROR"
    if name in _WRONG:
        return SaslError("not-authorized", "wrong address or password")
    if name in _MALFORMED:
        return SaslError("malformed-request", "this is not a message of SCRAM")
    return SaslError("not-authorized", "the channel binding does not fit: somebody may stand between")
