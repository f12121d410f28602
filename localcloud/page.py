"""The page server: the built page on 127.0.0.1, from a thread of ``make run``, as CloudFront serves it on AWS."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from localcloud.problem import Problem
from localcloud.site import Answer, Site

PORT = 8480
IDLE_SECONDS = 60
"""How long a connection is kept that asks for nothing."""


@contextmanager
def serving(site: Site, port: int = 0) -> Iterator[str]:
    """Serve a site until the end; its address. Port 0 takes any that is free.

    Raises:
        Problem: the port is taken.
    """
    try:
        server = _Server(("127.0.0.1", port), partial(_Handler, site))
    except (OSError, OverflowError) as error:
        raise Problem(f"Port {port} cannot be used for the page ({error}).") from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="page server")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def check_page(folder: Path) -> None:
    """Raises Problem where no page is built."""
    if not (folder / "index.html").is_file():
        raise Problem(f"There is no page in {folder}; build it with: make web")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

    def __init__(self, site: Site, *connection: Any) -> None:
        self._site = site
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._send(self._site.answer(self.command, self.path, {name.title(): of for name, of in self.headers.items()}))

    do_HEAD = do_GET  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse what is no request, or one with another method."""
        self.close_connection = True  # its body was not read
        unknown = code == HTTPStatus.NOT_IMPLEMENTED
        self._send(self._site.refuse(HTTPStatus.METHOD_NOT_ALLOWED if unknown else HTTPStatus(code)))

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing of connections that browsers keep open and do not use."""

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that goes away before it has everything."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
