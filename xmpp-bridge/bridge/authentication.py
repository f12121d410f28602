"""Logging in over a stream (RFC 6120 §6): the steps of SASL, between what the client sends and ``bridge.log_ins``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from chat.aws import metrics
from bridge import sasl
from bridge.elements import element, qualified
from bridge.errors import StreamError
from bridge.names import SASL
from chat import metrics as declared
from chat.addresses import Address

if TYPE_CHECKING:
    from bridge.stream import Stream

MAX_LOG_INS = 3
"""Refused log-ins on one connection."""


class Authentication:
    """The log-in of one stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._refused = 0
        self._scram: sasl.Scram | None = None

    async def take(self, step: str, found: Element) -> Address | None:
        """Take one element of SASL; returns who has logged in with it, or None.

        Raises:
            StreamError: somebody is logged in already, or too many log-ins were refused.
        """
        stream = self._stream
        if stream.address is not None:
            raise StreamError("policy-violation", "somebody is logged in")
        try:
            if not stream.wire.secure:
                raise sasl.SaslError("encryption-required", "begin TLS first")
            return await self._step(step, found)
        except sasl.SaslError as error:
            self._scram = None
            text = element(qualified(SASL, "text"), error.text) if error.text else None
            stream.send(element(qualified(SASL, "failure"), element(qualified(SASL, error.condition)), text))
            self._refused += 1
            metrics.note(declared.LOG_INS_REFUSED, of=declared.XMPP)
            if self._refused >= MAX_LOG_INS:
                raise StreamError("policy-violation", f"{MAX_LOG_INS} log-ins were refused") from None
            return None

    async def _step(self, step: str, found: Element) -> Address | None:
        message = sasl.decode(found.text)
        if step == "auth" and self._scram is None:
            return await self._begin(found.get("mechanism", ""), message)
        if step == "response" and self._scram is not None:
            scram, self._scram = self._scram, None
            if scram.address is None:
                await self._challenge(scram, message)
                return None
            proof = scram.finish(message)
            await self._stream.node.log_ins.succeeded(scram.address, self._stream.wire.peer)
            return self._succeed(scram.address, proof)
        if step == "abort":
            raise sasl.SaslError("aborted")
        raise sasl.SaslError("malformed-request", "this step was not expected")

    async def _begin(self, mechanism: str, message: bytes) -> Address | None:
        stream = self._stream
        if mechanism not in sasl.mechanisms(stream.binding is not None):
            raise sasl.SaslError("invalid-mechanism")
        if mechanism == sasl.PLAIN:
            if not message:
                raise sasl.SaslError("malformed-request", "PLAIN needs its message in the first step")
            plain = sasl.read_plain(message, stream.domain)
            await stream.node.log_ins.check(plain, stream.wire.peer)
            return self._succeed(plain.address)
        scram = sasl.Scram(mechanism, stream.domain, stream.binding)
        if message:
            await self._challenge(scram, message)
        else:
            self._scram = scram
            stream.send(element(qualified(SASL, "challenge")))
        return None

    async def _challenge(self, scram: sasl.Scram, message: bytes) -> None:
        log_ins = self._stream.node.log_ins
        credential = await log_ins.begin(scram.begin(message), self._stream.wire.peer)
        challenge = scram.challenge(credential, log_ins.decoy_key)
        self._scram = scram
        self._stream.send(element(qualified(SASL, "challenge"), sasl.encode(challenge)))

    def _succeed(self, address: Address, proof: bytes = b"") -> Address:
        self._stream.send(element(qualified(SASL, "success"), sasl.encode(proof) if proof else None))
        return address
