"""Log-ins by the same rules as webmail's: counted, slowed, and without telling who exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.sasl import Password, SaslError
from chat import sessions
from chat.addresses import Address
from chat.errors import TooManyAttempts, WrongCredentials
from chat.tables.directory import Credential

if TYPE_CHECKING:
    from bridge.node import Node


class LogIns:
    """Checks who logs in, off the event loop: the store is asked, and PLAIN derives keys from the password."""

    def __init__(self, node: Node, decoy_key: bytes) -> None:
        """``decoy_key`` makes the salts of addresses that do not exist; the same on all nodes."""
        self._node = node
        self.decoy_key = decoy_key

    async def begin(self, address: Address, ip: str) -> Credential | None:
        """Count a try of SCRAM, and get the verifiers; None where nobody can log in.

        Raises:
            SaslError: wait before the next try.
        """
        tables, now = self._node.tables, self._node.now()

        def count_and_look() -> Credential | None:
            sessions.count_try(tables, address, ip, now)
            return sessions.verifiers(tables, address)

        try:
            return await self._node.call(count_and_look)
        except TooManyAttempts as error:
            raise SaslError("temporary-auth-failure", error.message) from error

    async def succeeded(self, address: Address, ip: str) -> None:
        """A try of SCRAM proved the password: it does not stay counted."""
        await self._node.call(sessions.succeeded, self._node.tables, address, ip)

    async def check(self, plain: Password, ip: str) -> None:
        """Check a password.

        Raises:
            SaslError: it is wrong, or wait before the next try.
        """
        tables, now = self._node.tables, self._node.now()
        try:
            await self._node.call(sessions.check_password, tables, plain.address, plain.password, ip, now)
        except TooManyAttempts as error:
            raise SaslError("temporary-auth-failure", error.message) from error
        except WrongCredentials as error:
            raise SaslError("not-authorized", error.message) from error
