"""A stub in DynamoDB's place, so that the bridge is what is measured (``python -m bench.xmpp_store``).

It answers after 5 ms, about DynamoDB's time, from a dictionary, and costs a tenth of what a whole local cloud does. It
speaks as much of AWS as a bridge needs: DynamoDB with the expressions of the domain library, the secret, the role, the
queue, ``@connections``, and a WebSocket that takes the link. Conditions of writes are taken as met, filters as passed:
nothing that is measured writes against one.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any, cast

from websockets.asyncio.server import ServerConnection, serve

LATENCY = 0.005
"""Seconds to each answer; DynamoDB takes 3 to 10 ms."""
KEY = "a key of the benchmark alone, 32 bytes or more"
_HEADER = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TARGET = re.compile(rb"\r\nx-amz-target: *[A-Za-z0-9_]+\.([A-Za-z]+)", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD|DELETE) ")
_COMMA = re.compile(r",\s*(?![^(]*\))")
_DEFAULT = re.compile(r"if_not_exists\(([^,]+), ([^)]+)\)")
_ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>stub</AccessKeyId><SecretAccessKey>stub</SecretAccessKey><SessionToken>stub</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""

Item = dict[str, Any]


class Partition:
    """The items of one partition key, in the order of their sort keys."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self._sorted: list[str] | None = []

    def put(self, sk: str, item: Item) -> None:
        if sk not in self.items:
            self._sorted = None
        self.items[sk] = item

    def delete(self, sk: str) -> Item | None:
        self._sorted = None
        return self.items.pop(sk, None)

    def between(self, low: str, high: str) -> list[Item]:
        if self._sorted is None:
            self._sorted = sorted(self.items)
        found = self._sorted[bisect_left(self._sorted, low) : bisect_right(self._sorted, high)]
        return [self.items[sk] for sk in found]


class Dynamo:
    """The calls of the domain library, each with the request and answer of DynamoDB's JSON protocol."""

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, str], Partition] = {}

    def call(self, operation: str, request: Item) -> Item:
        """The answer to one call; raises KeyError where the stub has no such operation."""
        return self._calls[operation](self, request)

    def get_item(self, request: Item) -> Item:
        item = self._get(request["TableName"], request["Key"])
        return {"Item": item} if item else {}

    def batch_get_item(self, request: Item) -> Item:
        found = {
            table: [item for key in wanted["Keys"] if (item := self._get(table, key))]
            for table, wanted in request["RequestItems"].items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def put_item(self, request: Item) -> Item:
        self._put(request["TableName"], request["Item"])
        return {}

    def delete_item(self, request: Item) -> Item:
        item = self._delete(request["TableName"], request["Key"])
        return {"Attributes": item} if item else {}

    def update_item(self, request: Item) -> Item:
        before = self._get(request["TableName"], request["Key"]) or {}
        item = updated(before | request["Key"], request)
        self._put(request["TableName"], item)
        return {"Attributes": before if request.get("ReturnValues") == "ALL_OLD" else item}

    def batch_write_item(self, request: Item) -> Item:
        for table, writes in request["RequestItems"].items():
            for write in writes:
                if "PutRequest" in write:
                    self._put(table, write["PutRequest"]["Item"])
                else:
                    self._delete(table, write["DeleteRequest"]["Key"])
        return {"UnprocessedItems": {}}

    def transact_write_items(self, request: Item) -> Item:
        one = {"Put": self.put_item, "Update": self.update_item, "Delete": self.delete_item}
        for write in request["TransactItems"]:
            for kind, content in write.items():
                one[kind](content)
        return {}

    def query(self, request: Item) -> Item:
        values = request["ExpressionAttributeValues"]
        low, high = values[":low"]["S"], values[":high"]["S"]
        if "IndexName" in request:
            items = self._online(request["TableName"], values[":pk"]["S"], low, high)
        else:
            partition = self._partitions.get((request["TableName"], values[":pk"]["S"]))
            items = partition.between(low, high) if partition else []
        if not request.get("ScanIndexForward", True):
            items.reverse()
        most = request.get("Limit", len(items))
        answer: Item = {"Count": len(items[:most])}
        if request.get("Select") != "COUNT":
            answer["Items"] = items[:most]
        if most < len(items):
            names = ("pk", "sk", request.get("IndexName"))
            answer["LastEvaluatedKey"] = {name: value for name, value in items[most - 1].items() if name in names}
        return answer

    def _online(self, table: str, domain: str, low: str, high: str) -> list[Item]:
        """The index of who is there; read once for each domain, so it is made when it is asked for."""
        found = [
            {name: item[name] for name in ("pk", "sk", "online")}  # all that the index has
            for (name, pk), partition in self._partitions.items()
            if name == table and low <= pk <= high
            for item in partition.items.values()
            if item.get("online") == {"S": domain}
        ]
        return sorted(found, key=lambda item: str(item["pk"]["S"]))

    def _get(self, table: str, key: Item) -> Item | None:
        partition = self._partitions.get((table, key["pk"]["S"]))
        return partition.items.get(key["sk"]["S"]) if partition else None

    def _put(self, table: str, item: Item) -> None:
        self._partitions.setdefault((table, item["pk"]["S"]), Partition()).put(item["sk"]["S"], item)

    def _delete(self, table: str, key: Item) -> Item | None:
        partition = self._partitions.get((table, key["pk"]["S"]))
        return partition.delete(key["sk"]["S"]) if partition else None

    _calls: dict[str, Callable[[Dynamo, Item], Item]] = {  # noqa: RUF012  # nobody changes it
        "GetItem": get_item,
        "BatchGetItem": batch_get_item,
        "PutItem": put_item,
        "DeleteItem": delete_item,
        "UpdateItem": update_item,
        "BatchWriteItem": batch_write_item,
        "TransactWriteItems": transact_write_items,
        "Query": query,
    }


def updated(item: Item, request: Item) -> Item:
    """The item after an update expression on its top attributes."""
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    made = dict(item)
    parts = _CLAUSE.split(request["UpdateExpression"])
    for clause, content in zip(parts[1::2], parts[2::2], strict=True):
        for each in _COMMA.split(content.strip()):
            if clause == "SET":
                path, _, value = each.partition(" = ")
                made[names.get(path, path)] = _value(value, item, names, values)
            elif clause == "REMOVE":
                made.pop(names.get(each, each), None)
            elif clause == "ADD":
                path, _, value = each.partition(" ")
                name = names.get(path, path)
                made[name] = _sum(made.get(name, {"N": "0"}), values[value])
            else:
                raise NotImplementedError(f"the stub knows no {clause}")
    return made


def _value(text: str, item: Item, names: dict[str, str], values: Item) -> Any:
    text, _, more = text.partition(" + ")
    default = _DEFAULT.fullmatch(text)
    found: Item = values[default[2] if default else text]
    if default:
        found = item.get(names.get(default[1], default[1])) or found
    return _sum(found, values[more]) if more else found


def _sum(one: Item, other: Item) -> Item:
    return {"N": str(int(one["N"]) + int(other["N"]))}


class Http(asyncio.Protocol):
    """One kept-alive connection of an AWS client: a request, and after 5 ms its answer."""

    def __init__(self, dynamo: Dynamo) -> None:
        self._dynamo = dynamo
        self._data = b""
        self._transport = cast(asyncio.Transport, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while True:
            end = self._data.find(_HEADER)
            if end < 0:
                return
            head = self._data[:end]
            length = _LENGTH.search(head)
            size = end + len(_HEADER) + (int(length[1]) if length else 0)
            if len(self._data) < size:
                return
            body, self._data = self._data[end + len(_HEADER) : size], self._data[size:]
            asyncio.get_running_loop().call_later(LATENCY, self._transport.write, self._answer(head, body))

    def _answer(self, head: bytes, body: bytes) -> bytes:
        target = _TARGET.search(head)
        status, content = b"200 OK", b"{}"
        if target:
            operation = target[1].decode()
            try:
                content = json.dumps(self._json(operation, json.loads(body))).encode()
            except (KeyError, NotImplementedError) as error:
                print(f"{operation}: {error!r}", file=sys.stderr, flush=True)
                status, content = b"400 Bad Request", b'{"__type": "ValidationException"}'
        elif b"AssumeRole" in body:
            content = _ROLE.encode()
        kind = b"text/xml" if content.startswith(b"<") else b"application/x-amz-json-1.0"
        return b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (
            status,
            kind,
            len(content),
            content,
        )

    def _json(self, operation: str, request: Item) -> Item:
        if operation == "GetSecretValue":
            return {"Name": request["SecretId"], "SecretString": json.dumps({"newest": KEY})}
        if operation == "SendMessage":
            return {"MessageId": "stub"}
        return self._dynamo.call(operation, request)


async def _link(connection: ServerConnection) -> None:
    """Take what a node says; nothing is ever pushed to it."""
    async for _ in connection:
        pass


async def _run(port: int, link_port: int) -> None:
    dynamo = Dynamo()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Http(dynamo), "127.0.0.1", port)
    async with server, serve(_link, "127.0.0.1", link_port, ping_interval=None):
        print("ready", flush=True)
        await loop.run_in_executor(None, sys.stdin.read)  # until the benchmark has ended


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), int(sys.argv[2])))
