"""A store that can be made to refuse: a proxy in front of the local cloud's DynamoDB."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

REFUSAL = json.dumps(
    {
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": "The level of configured provisioned throughput for the table was exceeded.",
    }
).encode()


class Throttle(ThreadingHTTPServer):
    """Forwards every call, but for those that it refuses."""

    daemon_threads = True

    def __init__(self, cloud: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cloud = urlsplit(cloud).netloc
        self._refused: frozenset[str] = frozenset()
        self._left = 0
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="throttle", daemon=True
        ).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def refuse(self, *operations: str, times: int) -> None:
        """Refuse these operations from now on; after so many refusals it ``is_enough``."""
        self._left = times
        self._refused = frozenset(operations)

    @property
    def is_enough(self) -> bool:
        """Whether as much has been refused as was asked for."""
        return self._left <= 0

    def relent(self) -> None:
        """Refuse nothing any more."""
        self._refused = frozenset()

    def refuses(self, operation: str) -> bool:
        if operation not in self._refused:
            return False
        self._left -= 1
        return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Throttle

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if self.server.refuses(operation):
            self._answer(400, "application/x-amz-json-1.0", REFUSAL)
            return
        connection = http.client.HTTPConnection(self.server.cloud)
        try:
            connection.request("POST", self.path, body, dict(self.headers))
            answer = connection.getresponse()
            self._answer(answer.status, answer.headers.get("Content-Type", ""), answer.read())
        finally:
            connection.close()

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads what it would print."""


@contextmanager
def throttle_of(cloud: str) -> Iterator[Throttle]:
    """A throttle that is there until the end."""
    made = Throttle(cloud)
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
