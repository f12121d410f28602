"""The command line on a domain of its own in moto's tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from chat import directory, ids
from chat.addresses import Address
from chat.entries import Alias, User
from chat.presence import Connection, Status
from chat.store import Store
from chat.tables import Tables
from chat.tables.history import Last
from chatctl.clock import now
from chatctl.deployment import Deployment
from chatctl.main import app

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient

PASSWORD = "correct horse"
_numbers = count(1)


class FakeManagement:
    """API Gateway's open connections: those in ``gone`` do not exist, those in ``stuck`` cannot be closed."""

    class exceptions:  # noqa: N801  # as boto3 spells it
        class GoneException(ClientError):
            """There is no such connection."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.gone: set[str] = set()
        self.stuck: set[str] = set()

    def delete_connection(self, ConnectionId: str) -> None:  # noqa: N803  # as boto3 spells it
        if ConnectionId in self.gone:
            raise self.exceptions.GoneException({"Error": {"Code": "GoneException"}}, "DeleteConnection")
        if ConnectionId in self.stuck:
            raise ClientError({"Error": {"Code": "LimitExceeded", "Message": "too fast"}}, "DeleteConnection")
        self.closed.append(ConnectionId)


@dataclass
class Chatctl:
    """Runs commands, and looks at what they left in the tables."""

    tables: Tables
    domain: str
    folder: Path
    is_local: bool = True
    management: FakeManagement = field(default_factory=FakeManagement)

    @classmethod
    def on_new_domain(cls, dynamodb: DynamoDBClient, folder: Path) -> Chatctl:
        """With a domain without users."""
        tables = Tables.named(Store(dynamodb, lambda _seconds: None), "directory", "connections", "history")
        domain = f"office{next(_numbers)}.example"
        directory.create_domain(tables, domain)
        return cls(tables, domain, folder)

    def run(self, *arguments: str, input: str | None = None) -> Result:  # noqa: A002  # as click calls it
        management = cast("ApiGatewayManagementApiClient", self.management)
        client: DynamoDBClient = self.tables.store._client
        where = Deployment("http://nowhere.invalid", self.tables, client, management, self.is_local)
        return CliRunner().invoke(
            app, [each.replace("@@", f"@{self.domain}") for each in arguments], input, obj=where, prog_name="chatctl"
        )

    def done(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002
        """What a command printed that went well."""
        result = self.run(*arguments, input=input)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    def refused(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002
        """The sentence with which a command ended that did not go well."""
        result = self.run(*arguments, input=input)
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        return str(result.stderr).strip()

    def imported(self, what: str, text: str, exit_code: int = 0) -> Result:
        """Import a file in which ``@@`` stands for the domain."""
        file = self.folder / f"{what}.csv"
        file.write_text(text.replace("@@", f"@{self.domain}"))
        result = self.run("import", what, str(file), "--domain", self.domain)
        assert result.exit_code == exit_code, result.output
        return result

    def address(self, local: str) -> Address:
        return Address(local, self.domain)

    def user(self, local: str) -> User | None:
        found = self.tables.directory.user(self.address(local))
        return None if found is None or found.removed else found

    def alias(self, local: str) -> Alias | None:
        found = self.tables.directory.alias(self.address(local))
        return None if found is None or found.removed else found

    def version(self) -> int | None:
        return self.tables.directory.version(self.domain)

    def connect(self, local: str, *connection_ids: str) -> None:
        """Register webmail connections."""
        expires = now() // 1000 + 600
        for each in connection_ids:
            connection = Connection(f"web:{each}", Status.AVAILABLE, now(), expires)
            self.tables.connections.open(self.address(local), connection, now(), expires)

    def remember(self, owner: str, peer: str) -> None:
        """Put a message into an inbox."""
        last = Last(self.address(peer), ids.new(now()), self.address(peer), "hello")
        self.tables.history.set_last(self.address(owner), last)


def lines(result: Any) -> list[str]:
    """What was said about the lines of a file."""
    return str(result.stderr).splitlines()
