"""Counts what calls to DynamoDB cost, in request units.

The rules of https://aws.amazon.com/dynamodb/pricing/on-demand/ and, for sizes, of "DynamoDB Item sizes and formats" in
the developer guide:

- A write costs a unit per KB of the item, before or after it, whichever is larger; in a transaction two; each index
  that changes costs its own.
- A strongly consistent read costs a unit per 4 KB, an eventually consistent one half of that. A query rounds the sum of
  what it read, before any filter; a batch rounds each item. What is not there costs as much as the smallest item.

Write units are those that the store reports. Read units are computed from the items: the local store reports one unit
for a read of any size, and none for BatchGetItem.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from localcloud.cloud import client

WRITE_BLOCK = 1024
READ_BLOCK = 4096

_METERED = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}
_METERED |= {"TransactWriteItems"}

Attributes = Mapping[str, Mapping[str, Any]]
"""An item as the API writes it."""


@dataclass
class Usage:
    """What some calls cost."""

    reads: float = 0
    writes: float = 0
    calls: int = 0
    operations: Counter[str] = field(default_factory=Counter)


class Meter:
    """A client whose calls are counted while ``measure`` is open. Safe to call from several threads."""

    def __init__(self, url: str) -> None:
        self.client = client("dynamodb", url)
        self._uncounted = client("dynamodb", url)
        self._usage: Usage | None = None
        self._lock = Lock()
        events = self.client.meta.events
        events.register("before-parameter-build.dynamodb.*", self._ask)
        events.register("after-call.dynamodb.*", self._count)

    @contextmanager
    def measure(self) -> Iterator[Usage]:
        """Count the calls that are made meanwhile."""
        self._usage = usage = Usage()
        try:
            yield usage
        finally:
            self._usage = None

    def _ask(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if self._usage is None:
            return
        assert model.name in _METERED, f"{model.name} is not metered"
        params["ReturnConsumedCapacity"] = "TOTAL"
        context["metered"] = dict(params)

    def _count(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        usage, request = self._usage, context.get("metered")
        if usage is None or request is None:
            return
        reads, writes = self._units(model.name, request, parsed)
        with self._lock:
            usage.reads += reads
            usage.writes += writes
            usage.calls += 1
            usage.operations[model.name] += 1

    def _units(self, operation: str, request: dict[str, Any], answer: dict[str, Any]) -> tuple[float, float]:
        if answer.get("Error"):
            return 0, _refused(answer)
        match operation:
            case "GetItem":
                found = [answer["Item"]] if "Item" in answer else []
                return each_read(found, 1, consistent=request["ConsistentRead"]), 0
            case "BatchGetItem":
                return _batch(request["RequestItems"], answer["Responses"]), 0
            case "Query":
                return read_together(self._read_by(request, answer), consistent=request["ConsistentRead"]), 0
        reported = answer["ConsumedCapacity"]
        return 0, sum(each["CapacityUnits"] for each in (reported if isinstance(reported, list) else [reported]))

    def _read_by(self, request: dict[str, Any], answer: dict[str, Any]) -> list[Attributes]:
        """What a query read, with what its filter dropped: the same query again without the filter."""
        if "FilterExpression" not in request:
            return list(answer["Items"])
        unfiltered = {name: value for name, value in request.items() if name != "FilterExpression"}
        key_condition = unfiltered["KeyConditionExpression"]
        for placeholders in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
            used = {name: value for name, value in unfiltered[placeholders].items() if name in key_condition}
            unfiltered[placeholders] = used
        items: list[Attributes] = self._uncounted.query(**unfiltered)["Items"]
        assert len(items) == answer["ScannedCount"]
        return items


def each_read(found: Iterable[Attributes], asked: int, *, consistent: bool) -> float:
    """Read units of items read one by one, of which ``asked`` were asked for and some may not be there."""
    blocks = [_blocks(item_size(item), READ_BLOCK) for item in found]
    return (sum(blocks) + asked - len(blocks)) * (1 if consistent else 0.5)


def read_together(items: Iterable[Attributes], *, consistent: bool) -> float:
    """Read units of items that one query read."""
    return _blocks(sum(map(item_size, items)), READ_BLOCK) * (1 if consistent else 0.5)


def item_size(item: Attributes) -> int:
    """Bytes that an item counts as."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _batch(asked: Mapping[str, Any], found: Mapping[str, list[Attributes]]) -> float:
    return sum(
        each_read(found.get(table, []), len(wanted["Keys"]), consistent=wanted["ConsistentRead"])
        for table, wanted in asked.items()
    )


def _refused(answer: dict[str, Any]) -> float:
    """Write units of a write whose condition did not hold: as if it had been made."""
    assert answer["Error"]["Code"] == "ConditionalCheckFailedException", answer["Error"]
    return _blocks(item_size(answer.get("Item") or {}), WRITE_BLOCK)


def _blocks(size: int, block: int) -> int:
    return max(1, math.ceil(size / block))


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (len(content.strip("-0.")) + 1) // 2 + 1
        case "B":
            return len(content)
        case "SS":
            return sum(len(each.encode()) for each in content)
        case "L":
            return 3 + sum(1 + _value_size(each) for each in content)
        case "M":
            return 3 + len(content) + item_size(content)
    return 1  # BOOL, NULL
