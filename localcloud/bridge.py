"""The XMPP bridge as a child process: with the rights of its role, and a certificate for each domain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from localcloud import certificates, task_role
from localcloud.cloud import check_port, free_port
from localcloud.endpoints import ROOT, Endpoints
from localcloud.problem import Problem

COMMAND = (sys.executable, "-m", "bridge")
CODE = ROOT / "xmpp-bridge"
START_SECONDS = 30
STOP_SECONDS = 40
"""What the template's ``StopTimeout`` gives a container between SIGTERM and SIGKILL."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where clients reach the bridge, on 127.0.0.1."""

    starttls: int = 5222
    tls: int = 5223
    websocket: int = 5443

    @classmethod
    def free(cls) -> Ports:
        """Three ports that nothing uses now."""
        found: set[int] = set()
        while len(found) < 3:
            found.add(free_port())
        return cls(*found)

    def check(self) -> None:
        """Raises Problem where one is taken; it names the setting that chooses another."""
        check_port(self.starttls, "XMPP_PORT=5322")
        check_port(self.tls, "XMPPS_PORT=5323")
        check_port(self.websocket, "XMPP_WEBSOCKET_PORT=5543")

    def named(self) -> dict[str, int]:
        """As ``endpoints.json`` has them."""
        return {"starttls": self.starttls, "tls": self.tls, "websocket": self.websocket}


def is_built() -> bool:
    """Whether there is a bridge to start."""
    return (CODE / "bridge" / "__main__.py").is_file()


class Bridge:
    """One bridge node of a running stack. Certificates and log are kept in ``folder``.

    It serves ``domains``, and every other domain that has a certificate in the folder.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        folder: Path,
        domains: Iterable[str],
        ports: Ports | None = None,
        *,
        node: str = "local",
        command: Sequence[str] | None = None,
        **settings: str,
    ) -> None:
        """``settings`` adds to the environment of the bridge, such as ``BRIDGE_LINK_LIFETIME="60"``."""
        self.endpoints = endpoints
        self.folder = folder
        self.ports = ports or Ports.free()
        self.health_port = free_port()
        self.node = node
        self._domains = sorted(domains)
        self._command = list(command or COMMAND)
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._until_stopped = ExitStack()

    @property
    def log(self) -> Path:
        return self.folder / f"bridge-{self.node}.log"

    @property
    def ca_file(self) -> Path:
        """What clients have to trust; there once the bridge has started."""
        return self._certificates / certificates.AUTHORITY / f"{certificates.CA}.crt"

    @property
    def _certificates(self) -> Path:
        return self.folder / "certificates"

    @property
    def pid(self) -> int | None:
        """The process, where it is started."""
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Start it and wait until it is healthy.

        Raises:
            Problem: a port is taken, or it does not start.
        """
        self.ports.check()
        self.folder.mkdir(parents=True, exist_ok=True)
        certificates.ensure(self._certificates, self._domains)
        role = task_role.serving(self.endpoints, self.endpoints.bridge_role, f"bridge-{self.node}")
        environment = self._environment() | self._until_stopped.enter_context(role)
        try:
            with self.log.open("ab") as log:
                # A session of its own, so that Ctrl-C reaches us alone and we stop it in order.
                self._process = subprocess.Popen(
                    self._command,
                    env=environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            self._wait_until_healthy(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop it; it says goodbye to its clients on the way.

        Raises:
            Problem: it did not stop in time, and was killed.
        """
        process = self._process
        try:
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise Problem(f"The XMPP bridge did not stop within {STOP_SECONDS} s; see {self.log}.") from None
        finally:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a machine that fails does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        self._until_stopped.close()

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if process.poll() is not None:
                raise Problem(f"The XMPP bridge did not start; its last words are in {self.log}.")
            if time.monotonic() > deadline:
                raise Problem(f"The XMPP bridge was not healthy within {START_SECONDS} s; see {self.log}.")
            time.sleep(0.05)

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health_port}/", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PYTHON", "BRIDGE_", "COV_"))
        }
        stack = self.endpoints
        return (
            inherited
            | {
                "PYTHONPATH": f"{ROOT / 'layers' / 'chat'}{os.pathsep}{CODE}",
                "AWS_DEFAULT_REGION": stack.region,
                "AWS_ENDPOINT_URL": stack.cloud,
                "BRIDGE_NODE": self.node,
                "BRIDGE_DOMAINS": "",  # all that have a certificate, so that one may be added
                "BRIDGE_CERTIFICATES": str(self._certificates),
                "BRIDGE_BIND": "127.0.0.1",
                "BRIDGE_STARTTLS_PORT": str(self.ports.starttls),
                "BRIDGE_TLS_PORT": str(self.ports.tls),
                "BRIDGE_WEBSOCKET_PORT": str(self.ports.websocket),
                "BRIDGE_HEALTH_PORT": str(self.health_port),
                "DIRECTORY_TABLE": stack.directory_table,
                "CONNECTIONS_TABLE": stack.connections_table,
                "HISTORY_TABLE": stack.history_table,
                "SIGNING_SECRET": stack.signing_secret,
                "WEBSOCKET_URL": stack.websocket_url,
                "HTTP_URL": stack.http_url,
                "CONNECTIONS_ENDPOINT": stack.connections_endpoint,
                "GRACE_QUEUE": stack.grace_queue,
                "UPLOAD_BUCKET": stack.upload_bucket,
            }
            | self._settings
        )
