"""Gives a client or a child process the rights of a role, as ECS gives a container those of its task role.

The AWS libraries ask an address from their environment for credentials, and ask again before these end. So a process
may run for longer than one session of a role, which is an hour.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3

from localcloud import cloud
from localcloud.endpoints import Endpoints

_REQUEST_SECONDS = 5


def assume(endpoints: Endpoints, role: str, session: str) -> dict[str, str]:
    """Credentials of a role for an hour, as STS answers them, with ``Expiration`` as text."""
    assumed = cloud.client("sts", endpoints.cloud).assume_role(RoleArn=role, RoleSessionName=session)
    answer: dict[str, Any] = assumed["Credentials"]
    return answer | {"Expiration": answer["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")}


def client(endpoints: Endpoints, role: str, service: str, url: str | None = None) -> Any:
    """A boto3 client with the rights of a role; ``url`` where it calls another address than the local cloud's."""
    keys = assume(endpoints, role, "client")
    make: Any = boto3.client  # its many overloads name each service literally
    return make(
        service,
        endpoint_url=url or endpoints.cloud,
        region_name=endpoints.region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


@contextmanager
def serving(endpoints: Endpoints, role: str, session: str) -> Iterator[dict[str, str]]:
    """The environment by which a process gets a role's rights, until the end."""
    token = secrets.token_urlsafe(24)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, endpoints, role, session, token))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="task role")
    thread.start()
    try:
        yield {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_address[1]}/",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = _REQUEST_SECONDS

    def __init__(self, endpoints: Endpoints, role: str, session: str, token: str, *connection: Any) -> None:
        self._endpoints, self._role, self._session, self._token = endpoints, role, session, token
        super().__init__(*connection)

    def do_GET(self) -> None:
        if not secrets.compare_digest(self.headers.get("Authorization", "").encode(), self._token.encode()):
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        keys = assume(self._endpoints, self._role, self._session)
        body = json.dumps(
            {
                "AccessKeyId": keys["AccessKeyId"],
                "SecretAccessKey": keys["SecretAccessKey"],
                "Token": keys["SessionToken"],
                "Expiration": keys["Expiration"],
            }
        ).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: the bridge asks once an hour."""
