"""ministack as a child process: started on 127.0.0.1, stopped so that it saves its state."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from localcloud.problem import Problem

REGION = "us-east-1"
ACCOUNT = "000000000000"
START_SECONDS = 60
STOP_SECONDS = 60


class Cloud:
    """A local cloud with IAM enforced and its state kept in ``folder``."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def is_started(self) -> bool:
        """Whether there is something to stop."""
        return self._process is not None

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    @property
    def log(self) -> Path:
        return self.folder / "cloud.log"

    @property
    def _temporary(self) -> Path:
        """Where it unpacks functions; it leaves them behind."""
        return self.folder / "tmp"

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            Problem: the port is taken, the folder is broken, or it does not start.
        """
        state = self.folder / "state"
        check_port(self.port)
        check_state(state)
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir()
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PYTHON", "MINISTACK_", "COV_"))
        }
        environment |= {
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",  # these two would listen on all addresses
            "SFTP_ENABLED": "0",
            "GATEWAY_PORT": str(self.port),
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.folder / "s3"),
            "LOG_LEVEL": "WARNING",
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "TMPDIR": str(self._temporary),
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        }
        command = [sys.executable, "-m", "localcloud.emulator"]
        with self.log.open("ab") as log:
            # A session of its own, so that Ctrl-C reaches us alone and we stop it in order.
            self._process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                raise Problem(f"The local cloud did not start; its last words are in {self.log}.")
            if time.monotonic() > deadline:
                self.stop()
                raise Problem(f"The local cloud did not answer within {START_SECONDS} s; see {self.log}.")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it; it saves its state on the way."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGUSR1)  # localcloud.emulator
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Problem(f"The local cloud did not stop within {STOP_SECONDS} s; what changed may be lost.") from None
        finally:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def wait(self) -> None:
        """Wait until it ends by itself.

        Raises:
            Problem: it did.
        """
        if self._process is not None:
            code = self._process.wait()
            lost = "what changed in this run is lost"
            raise Problem(f"The local cloud ended by itself with code {code}, so {lost}; see {self.log}.")

    def client(self, service: str) -> Any:
        """A boto3 client of this cloud, with an administrator's rights."""
        return client(service, self.url)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False


def client(service: str, url: str) -> Any:
    """A boto3 client of the local cloud at ``url``, with an administrator's rights."""
    make: Any = boto3.client  # its many overloads name each service literally
    return make(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="test",  # noqa: S106  # the local cloud's fixed one
        config=Config(retries={"mode": "standard"}, max_pool_connections=25),
    )


def check_port(port: int, choice: str = "PORT=4600") -> None:
    """Raises Problem where something listens on the port; it names the setting that chooses another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise Problem(f"Port {port} cannot be used ({error}); stop what uses it, or: make run {choice}") from None


def free_port() -> int:
    """A port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def check_state(state: Path) -> None:
    """Raises Problem where the state folder cannot be used or holds a file that is not whole."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        probe = state / ".writable"
        probe.touch()
        probe.unlink()
        for path in sorted(state.glob("*.json")):
            with path.open("rb") as file:
                json.load(file)
    except ValueError as error:
        raise Problem(
            f"The saved state is broken ({path}: {error}); restore that file, or begin anew with: make clean-state"
        ) from None
    except OSError as error:
        raise Problem(f"The state folder {state} cannot be used ({error}).") from None
