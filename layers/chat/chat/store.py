"""DynamoDB as the table modules use it: plain Python items in and out, one method per operation.

Every table has a string partition key ``pk`` and a string sort key ``sk``. The client is passed in, so nothing here
imports boto3. Numbers are integers (ms or s since the epoch, counters), sets are sets of strings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from chat.items import Item, decode, encode

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from mypy_boto3_dynamodb import DynamoDBClient

LAST_SORT_KEY = "\U0010ffff"
"""Sorts after every sort key in use."""

_BATCH_GET = 100
"""Keys in one BatchGetItem (API limit)."""
_BATCH_WRITE = 25
"""Items in one BatchWriteItem (API limit)."""
_BATCH_TRIES = 6
_BATCH_WAIT = 0.05
"""Seconds after the first try, doubled after each; 3 in all, within a function's time."""


class ConditionFailed(Exception):
    """The condition of a write did not hold. ``item`` is what is stored, or None."""

    def __init__(self, item: Item | None = None) -> None:
        super().__init__("condition failed")
        self.item = item


class StoreBusy(Exception):
    """The store refused part of a batch again and again."""

    def __init__(self, message: str = "", keys: Iterable[Key] = ()) -> None:
        """``keys``: of a batch of writes, those that are not known to be done; all others are."""
        super().__init__(message)
        self.keys = frozenset(keys)


@dataclass(frozen=True, slots=True)
class Key:
    """Where an item is: table, partition and sort key."""

    table: str
    pk: str
    sk: str

    @property
    def attributes(self) -> Item:
        return {"pk": self.pk, "sk": self.sk}


@dataclass(frozen=True, slots=True)
class Expression:
    """An update or a condition with its placeholders: ``#name`` in ``names``, ``:value`` in ``values``."""

    text: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Items of one query, and the sort key to go on after, or None at the end."""

    items: list[Item]
    last: str | None


class Store:
    """The operations on the tables. Safe to use from several threads."""

    def __init__(self, client: DynamoDBClient, wait: Callable[[float], None]) -> None:
        """``wait`` lets seconds pass between tries of a batch of which the table refused a part."""
        self._client = client
        self._wait = wait

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor  # 3 ms that a call without threads need not pay

        return ThreadPoolExecutor(max_workers=8, thread_name_prefix="store")

    def together(self, *calls: Callable[[], Any]) -> list[Any]:
        """The results of independent calls that run at once, in their order."""
        if len(calls) == 1:
            return [calls[0]()]
        running = [self._threads.submit(call) for call in calls]
        return [call.result() for call in running]

    def outcomes(self, *calls: Callable[[], Any]) -> list[BaseException | None]:
        """What independent calls that run at once failed with, in their order; none is given up for another's sake."""
        running = [self._threads.submit(call) for call in calls]
        return [call.exception() for call in running]

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        answer = self._client.get_item(TableName=key.table, Key=encode(key.attributes), ConsistentRead=consistent)
        return decode(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[Key], *, consistent: Iterable[str] = ()) -> dict[Key, Item]:
        """The items that exist among ``keys``, one BatchGetItem per 100; the tables in ``consistent`` strongly so."""
        strong = set(consistent)
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), _BATCH_GET):
            request: dict[str, Any] = {}
            for key in wanted[start : start + _BATCH_GET]:
                table = request.setdefault(key.table, {"Keys": [], "ConsistentRead": key.table in strong})
                table["Keys"].append(encode(key.attributes))
            for number in range(_BATCH_TRIES):
                answer = self._client.batch_get_item(RequestItems=request)
                for table, items in answer["Responses"].items():
                    for item in map(decode, items):
                        found[Key(table, item["pk"], item["sk"])] = item
                request = dict(answer.get("UnprocessedKeys") or {})
                if not request:
                    break
                self._wait(_BATCH_WAIT * 2**number)
            else:
                raise StoreBusy("BatchGetItem left keys unread")
        return found

    def query(
        self,
        table: str,
        pk: str,
        *,
        low: str = " ",
        high: str = LAST_SORT_KEY,
        newest_first: bool = False,
        limit: int | None = None,
        consistent: bool = False,
        condition: Expression | None = None,
        index: str | None = None,
    ) -> Page:
        """One query of a partition, sort keys from ``low`` to ``high``, both included.

        ``limit`` bounds the items read; one call reads 1 MB at most. ``condition`` filters what was read. With
        ``index``, ``pk`` is the value of that index's partition key, named like the index.
        """
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": "#pk = :pk AND #sk BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#pk": index or "pk", "#sk": "pk" if index else "sk"},
            "ExpressionAttributeValues": {":pk": pk, ":low": low, ":high": high},
            "ScanIndexForward": not newest_first,
            "ConsistentRead": consistent,
        }
        if index is not None:
            request["IndexName"] = index
        if limit is not None:
            request["Limit"] = limit
        if condition is not None:
            request["FilterExpression"] = condition.text
            request["ExpressionAttributeNames"].update(condition.names)
            request["ExpressionAttributeValues"].update(condition.values)
        request["ExpressionAttributeValues"] = encode(request["ExpressionAttributeValues"])
        answer = self._client.query(**request)
        last = answer.get("LastEvaluatedKey")
        return Page([decode(item) for item in answer["Items"]], decode(last)["pk" if index else "sk"] if last else None)

    def count(self, table: str, pk: str, *, low: str, high: str, limit: int) -> tuple[int, bool]:
        """How many items a strongly consistent query would give, and whether there may be more; gives none of them.

        Costs the read units of the query all the same.
        """
        answer = self._client.query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues=encode({":pk": pk, ":low": low, ":high": high}),
            Select="COUNT",
            Limit=limit,
            ConsistentRead=True,
        )
        return answer["Count"], "LastEvaluatedKey" in answer

    def query_all(self, table: str, pk: str, **options: Any) -> Iterator[Item]:
        """Every item of a query, fetched page by page, in ascending order."""
        while True:
            page = self.query(table, pk, **options)
            yield from page.items
            if page.last is None:
                return
            options["low"] = after(page.last)

    def put(self, key: Key, item: Item, *, condition: Expression | None = None) -> None:
        """Write an item whole.

        Raises:
            ConditionFailed: with the item that is there.
        """
        request = {"TableName": key.table, "Item": encode(key.attributes | item)}
        self._conditional(self._client.put_item, request | _condition(condition))

    def update(self, key: Key, change: Expression, *, condition: Expression | None = None, old: bool = False) -> Item:
        """Change attributes; returns the item after the change, or before it with ``old`` (empty if it was new).

        Raises:
            ConditionFailed: with the item that is there.
        """
        request = {
            "TableName": key.table,
            "Key": encode(key.attributes),
            "UpdateExpression": change.text,
            "ReturnValues": "ALL_OLD" if old else "ALL_NEW",
        }
        answer = self._conditional(self._client.update_item, request | _condition(condition, change))
        return decode(answer.get("Attributes") or {})

    def delete(self, key: Key, *, condition: Expression | None = None) -> Item | None:
        """Delete an item; returns what it was.

        Raises:
            ConditionFailed: with the item that is there.
        """
        request = {"TableName": key.table, "Key": encode(key.attributes), "ReturnValues": "ALL_OLD"}
        answer = self._conditional(self._client.delete_item, request | _condition(condition))
        return decode(answer["Attributes"]) if answer.get("Attributes") else None

    def write_many(self, puts: Sequence[tuple[Key, Item]] = (), deletes: Sequence[Key] = ()) -> None:
        """Put and delete without conditions, 25 items a call; on an error some may have been written.

        Raises:
            StoreBusy: part of it was refused again and again.
        """
        for batch in _batches(puts, deletes):
            self._write(batch)

    def put_many(self, puts: Sequence[tuple[Key, Item]]) -> None:
        """Put without conditions, 25 items a call and the calls at once; each is tried, whatever comes of the others.

        Raises:
            StoreBusy: part of it was refused again and again, or is not known to be written because a call failed.
        """
        batches = _batches(puts)
        failed: dict[Key, BaseException] = {}
        for batch, error in zip(batches, self.outcomes(*(partial(self._write, each) for each in batches)), strict=True):
            if error is not None:
                failed |= dict.fromkeys(error.keys if isinstance(error, StoreBusy) else batch, error)
        if failed:
            raise StoreBusy("items are not known to be written", failed) from next(iter(failed.values()))

    def _write(self, batch: Mapping[Key, Item]) -> None:
        """One batch, with tries of what the table refuses."""
        left = dict(batch)
        for number in range(_BATCH_TRIES):
            request: dict[str, Any] = {}
            for key, write in left.items():
                request.setdefault(key.table, []).append(write)
            answer: Any = self._client.batch_write_item(RequestItems=request).get("UnprocessedItems") or {}
            left = {_key_of(table, write): write for table, writes in answer.items() for write in writes}
            if not left:
                return
            self._wait(_BATCH_WAIT * 2**number)
        raise StoreBusy("BatchWriteItem left items unwritten", left)

    def transact(self, writes: Sequence[Write]) -> None:
        """Up to 100 writes, all or none.

        Raises:
            ConditionFailed: a condition did not hold, or another transaction was in the way.
        """
        try:
            requests: list[Any] = [write.request for write in writes]
            self._client.transact_write_items(TransactItems=requests)
        except self._client.exceptions.TransactionCanceledException as error:
            raise ConditionFailed from error

    def _conditional(self, call: Callable[..., Any], request: dict[str, Any]) -> Any:
        if "ConditionExpression" in request:
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            return call(**request)
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item: Any = error.response.get("Item")
            raise ConditionFailed(decode(item) if item else None) from error


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a transaction; made by the class methods."""

    request: dict[str, Any]

    @classmethod
    def put(cls, key: Key, item: Item, *, condition: Expression | None = None) -> Write:
        return cls({"Put": {"TableName": key.table, "Item": encode(key.attributes | item)} | _condition(condition)})

    @classmethod
    def update(cls, key: Key, change: Expression, *, condition: Expression | None = None) -> Write:
        where = {"TableName": key.table, "Key": encode(key.attributes), "UpdateExpression": change.text}
        return cls({"Update": where | _condition(condition, change)})

    @classmethod
    def delete(cls, key: Key, *, condition: Expression | None = None) -> Write:
        return cls({"Delete": {"TableName": key.table, "Key": encode(key.attributes)} | _condition(condition)})


def after(sort_key: str) -> str:
    """The lowest sort key behind ``sort_key``."""
    return sort_key + "\x01"


def before(sort_key: str) -> str:
    """The highest sort key that occurs before ``sort_key``; sort keys are ASCII but for resources and end in ASCII."""
    return sort_key[:-1] + chr(ord(sort_key[-1]) - 1) + LAST_SORT_KEY


def _batches(puts: Iterable[tuple[Key, Item]], deletes: Iterable[Key] = ()) -> list[dict[Key, Item]]:
    """The requests of a batch write by their keys, 25 in each batch."""
    requests = [(key, {"PutRequest": {"Item": encode(key.attributes | item)}}) for key, item in puts]
    requests += [(key, {"DeleteRequest": {"Key": encode(key.attributes)}}) for key in deletes]
    return [dict(requests[start : start + _BATCH_WRITE]) for start in range(0, len(requests), _BATCH_WRITE)]


def _key_of(table: str, request: Mapping[str, Any]) -> Key:
    """The key of a request of a batch write."""
    keyed = request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"]
    return Key(table, keyed["pk"]["S"], keyed["sk"]["S"])


def _condition(condition: Expression | None, change: Expression | None = None) -> dict[str, Any]:
    request: dict[str, Any] = {}
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    for expression in (change, condition):
        if expression is not None:
            names |= expression.names
            values |= expression.values
    if condition is not None:
        request["ConditionExpression"] = condition.text
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = encode(values)
    return request
