"""DynamoDB for a process that calls it all day: requests signed and sent with a third to a fifth of botocore's work.

botocore checks, serializes and parses every item by the service's model. That costs 2 ms of CPU a call, and 6 ms for 25
rows, and the event loop stands still meanwhile. ``chat.store`` makes items in the service's own form already, so here
they only become JSON (DynamoDB's low-level API). Where the service is, the credentials and their renewal, the
certificates that are trusted, time-outs and the number of tries stay botocore's.

A request whose answer is lost is sent again, as botocore does: a transaction carries a token by which the service knows
it, and who writes with a condition has to reckon with finding its own write.
"""

from __future__ import annotations

import base64
import json
import random
import select
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError
from botocore.httpsession import get_cert_path
from botocore.session import Session

from bridge.signing import Signer

Answer = dict[str, Any]

_THROTTLED = frozenset(
    (
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    )
)
_THROTTLED_PAUSE = 1.0
"""Seconds before the second try at most, where the service asks for less; doubled before each."""
_PAUSE = 0.025
"""The same after any other failure."""


class ConditionalCheckFailedException(ClientError):
    """The condition of a write did not hold."""


class TransactionCanceledException(ClientError):
    """A condition of a transaction did not hold, or another one was in the way."""


_ERRORS: dict[str, type[ClientError]] = {
    each.__name__: each for each in (ConditionalCheckFailedException, TransactionCanceledException)
}


class Exceptions:
    """The errors that ``chat.store`` tells apart, where botocore's clients have them."""

    ConditionalCheckFailedException = ConditionalCheckFailedException
    TransactionCanceledException = TransactionCanceledException


class Dynamo:
    """The calls of ``chat.store``, as botocore's client has them: they take and give the same.

    All raise ClientError where the service refuses, and another BotoCoreError where no answer came in the last try.
    Safe to use from several threads: each has a connection of its own, which is kept.
    """

    exceptions = Exceptions

    def __init__(
        self, client: Any, signer: Signer, context: ssl.SSLContext, wait: Callable[[float], None] = time.sleep
    ) -> None:
        """``client``: botocore's, whose endpoint, time-outs and number of tries hold; ``wait`` lets seconds pass."""
        parts = urlsplit(client.meta.endpoint_url)
        config = client.meta.config
        self._is_secure = parts.scheme == "https"
        self._host = parts.netloc
        self._connect_timeout = config.connect_timeout
        self._read_timeout = config.read_timeout
        self._tries = config.retries["total_max_attempts"]
        self._signer = signer
        self._context = context
        self._wait = wait
        self._local = threading.local()

    @classmethod
    def like(cls, client: Any) -> Dynamo:
        """One that does the work of botocore's client.

        Raises:
            NoCredentialsError: there are none.
        """
        session = Session()
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        trusted = session.get_config_variable("ca_bundle") or get_cert_path(True)
        signer = Signer("dynamodb", client.meta.region_name, credentials)
        return cls(client, signer, ssl.create_default_context(cafile=trusted))

    def get_item(self, **request: Any) -> Answer:
        return self._call("GetItem", request)

    def batch_get_item(self, **request: Any) -> Answer:
        return self._call("BatchGetItem", request)

    def put_item(self, **request: Any) -> Answer:
        return self._call("PutItem", request)

    def update_item(self, **request: Any) -> Answer:
        return self._call("UpdateItem", request)

    def delete_item(self, **request: Any) -> Answer:
        return self._call("DeleteItem", request)

    def batch_write_item(self, **request: Any) -> Answer:
        return self._call("BatchWriteItem", request)

    def transact_write_items(self, **request: Any) -> Answer:
        return self._call("TransactWriteItems", {"ClientRequestToken": str(uuid.uuid4())} | request)

    def query(self, **request: Any) -> Answer:
        return self._call("Query", request)

    def _call(self, operation: str, request: dict[str, Any]) -> Answer:
        body = json.dumps(request, separators=(",", ":"), default=_encode_bytes).encode()
        for number in range(1, self._tries + 1):
            try:
                status, answer = self._post(operation, body)
            except (OSError, HTTPException, ValueError) as error:  # what is no JSON was cut off
                self._forget()
                if number == self._tries:
                    raise HTTPClientError(error=error) from error
                pause = _PAUSE
            else:
                if status == 200:
                    return answer
                code = _code(status, answer)
                if number == self._tries or not (status >= 500 or code in _THROTTLED):
                    raise _error(operation, code, status, answer)
                pause = _THROTTLED_PAUSE if code in _THROTTLED else _PAUSE
            self._wait(random.uniform(0, pause * 2 ** (number - 1)))  # noqa: S311  # so that not all try at once
        raise AssertionError("unreachable")

    def _post(self, operation: str, body: bytes) -> tuple[int, Answer]:
        headers = self._signer.headers(self._host, f"DynamoDB_20120810.{operation}", body)
        connection = self._connection()
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        text = response.read()
        checksum = response.headers.get("x-amz-crc32")
        if checksum is not None and int(checksum) != crc32(text):
            raise ValueError("the answer has another checksum than was told")
        return response.status, _decode(text) if response.status == 200 else _decode_error(text)

    def _connection(self) -> HTTPConnection:
        """This thread's, connected."""
        found: HTTPConnection | None = getattr(self._local, "connection", None)
        if found is not None and found.sock is not None and not _has_ended(found.sock):
            return found
        self._forget()
        timeout = self._connect_timeout
        made: HTTPConnection = (
            HTTPSConnection(self._host, timeout=timeout, context=self._context)
            if self._is_secure
            else HTTPConnection(self._host, timeout=timeout)
        )
        made.connect()
        made.sock.settimeout(self._read_timeout)
        self._local.connection = made
        return made

    def _forget(self) -> None:
        found = self._local.__dict__.pop("connection", None)
        if found is not None:
            found.close()


def _has_ended(connection: socket.socket) -> bool:
    """Whether the service has closed a connection on which nothing is asked: then there is something to read."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _code(status: int, answer: Answer) -> str:
    """The name of an error, of ``com.amazonaws.dynamodb.v20120810#Name``."""
    return str(answer.get("__type", status)).partition(":")[0].rpartition("#")[2]


def _error(operation: str, code: str, status: int, answer: Answer) -> ClientError:
    """With what else the answer says (``Item``, ``CancellationReasons``), as botocore's errors have it."""
    message = answer.get("message") or answer.get("Message") or ""
    response: Any = answer | {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return _ERRORS.get(code, ClientError)(response, operation)


def _encode_bytes(value: Any) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} cannot be sent")
    return base64.b64encode(value).decode()


def _decode(text: bytes) -> Answer:
    """Raises ValueError where it is not an object of JSON."""
    # Binary attributes are seldom, and only with them every object is looked at.
    found = json.loads(text, object_hook=_decode_bytes if b'"B"' in text else None)
    if not isinstance(found, dict):
        raise ValueError("the answer is no object")
    return found


def _decode_error(text: bytes) -> Answer:
    """The answer to what was refused; one that is no JSON comes from a machine in between."""
    try:
        return _decode(text)
    except ValueError:
        return {"message": text.decode(errors="replace")}


def _decode_bytes(value: Answer) -> Answer:
    if len(value) == 1 and isinstance(value.get("B"), str):
        return {"B": base64.b64decode(value["B"])}
    return value
