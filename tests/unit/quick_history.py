"""A History table in memory, for tests that read and write much: moto takes some ms a call, more with more items."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from tests.unit.world import REGION, World

Row = dict[str, Any]

TABLE = "history"
PAGE_BYTES = 1024 * 1024
"""What one query reads at most."""


class QuickHistory:
    """A DynamoDB client that keeps one table itself; of all others it reads items where moto keeps them, and leaves the
    rest to another client.

    It knows what ``HistoryTable`` asks of it to store and find messages, and nothing else.
    """

    def __init__(self, others: Any) -> None:
        self._others = others
        self._rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self.page_bytes = PAGE_BYTES
        self.read_bytes = 0
        """What queries have read of the table: keys, names and values, as text."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._others, name)

    def clear(self) -> None:
        """Delete every item."""
        self._rows.clear()

    def batch_get_item(self, **request: Any) -> Any:
        wanted = request["RequestItems"].items()
        rows = {table: [self._row(table, key) for key in each["Keys"]] for table, each in wanted}
        return {"Responses": {table: [dict(row) for row in found if row] for table, found in rows.items()}}

    def get_item(self, **request: Any) -> Any:
        row = self._row(request["TableName"], request["Key"])
        return {"Item": dict(row)} if row else {}

    def put_item(self, **request: Any) -> Any:
        if request["TableName"] != TABLE:
            return self._others.put_item(**request)
        item = request["Item"]
        self._check(self._row(TABLE, item), request)
        self._rows[item["pk"]["S"]][item["sk"]["S"]] = dict(item)
        return {}

    def update_item(self, **request: Any) -> Any:
        if request["TableName"] != TABLE:
            return self._others.update_item(**request)
        key, row = request["Key"], self._row(TABLE, request["Key"])
        self._check(row, request)
        changes = request["UpdateExpression"].removeprefix("SET ").split(", ")
        values = request["ExpressionAttributeValues"]
        changed = {name: values[value] for name, value in (each.split(" = ") for each in changes)}
        self._rows[key["pk"]["S"]][key["sk"]["S"]] = key | row | changed
        shown = row if request["ReturnValues"] == "ALL_OLD" else key | row | changed
        return {"Attributes": dict(shown)} if shown else {}

    def query(self, **request: Any) -> Any:
        if request["TableName"] != TABLE:
            return self._others.query(**request)
        assert request["KeyConditionExpression"].endswith("BETWEEN :low AND :high")
        assert not {"FilterExpression", "IndexName"} & set(request)
        pk, low, high = (request["ExpressionAttributeValues"][name]["S"] for name in (":pk", ":low", ":high"))
        rows = self._rows[pk]
        wanted = sorted((sk for sk in rows if low <= sk <= high), reverse=not request.get("ScanIndexForward", True))
        read: list[str] = []
        before = self.read_bytes
        for sk in wanted[: request.get("Limit")]:
            read.append(sk)
            self.read_bytes += len(str(rows[sk]))
            if self.read_bytes - before >= self.page_bytes:
                break
        answer: dict[str, Any] = {"Count": len(read)}
        if request.get("Select") != "COUNT":
            answer["Items"] = [dict(rows[sk]) for sk in read]
        if read and (len(read) == request.get("Limit") or self.read_bytes - before >= self.page_bytes):
            answer["LastEvaluatedKey"] = {"pk": {"S": pk}, "sk": {"S": read[-1]}}
        return answer

    def _row(self, table: str, key: Row) -> Row:
        if table == TABLE:
            return self._rows[key["pk"]["S"]].get(key["sk"]["S"], {})
        stored = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[table]
        found = stored.get_item(DynamoType(key["pk"]), DynamoType(key["sk"]))
        return dict(found.to_json()["Attributes"]) if found else {}

    def _check(self, row: Row, request: dict[str, Any]) -> None:
        condition = request.get("ConditionExpression")
        if condition is None or any(_holds(each, row, request) for each in condition.split(" OR ")):
            return
        failed = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}, "Item": dict(row)}
        raise self._others.exceptions.ConditionalCheckFailedException(failed, "PutItem")


def _holds(term: str, row: Row, request: dict[str, Any]) -> bool:
    absent = re.fullmatch(r"attribute_not_exists\((\w+)\)", term)
    if absent:
        return absent[1] not in row
    below = re.fullmatch(r"(\w+) < (:\w+)", term)
    assert below, term
    name, value = below.groups()
    return name in row and bool(row[name]["S"] < request["ExpressionAttributeValues"][value]["S"])


def quick(world: World) -> World:
    """A domain beside the one of ``world``, with a history that is quick."""
    client: Any = QuickHistory(world.client)
    return World.on(client, f"quick.{world.domain}", "directory", "connections", TABLE)
