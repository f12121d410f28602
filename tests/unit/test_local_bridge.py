"""The bridge as a child process: started when healthy, stopped in order, and told about in one sentence otherwise."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud import bridge as local
from localcloud import task_role
from localcloud.bridge import Bridge, Ports
from localcloud.cloud import Cloud
from localcloud.endpoints import ENDPOINTS, Endpoints
from localcloud.problem import Problem
from localcloud.run import bridged, wait

STAND_IN = """
import http.server, json, os, pathlib, signal, sys

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/" else 404)
        self.end_headers()

def goodbye(*_):
    pathlib.Path(sys.argv[1], "goodbye").touch()
    sys.exit()

pathlib.Path(sys.argv[1], "environment.json").write_text(json.dumps(dict(os.environ)))
signal.signal(signal.SIGTERM, goodbye)
http.server.HTTPServer(("127.0.0.1", int(os.environ["BRIDGE_HEALTH_PORT"])), Health).serve_forever()
"""
"""Is healthy, keeps its environment, and says goodbye."""
FAILING = "import sys; sys.exit('BRIDGE_NODE is wrong.')"
DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.pause()
"""

STACK = Endpoints(
    cloud="http://127.0.0.1:9",
    region="us-east-1",
    stack="company-chat",
    http_url="http://127.0.0.1:9/http",
    websocket_url="ws://127.0.0.1:9/chat",
    connections_endpoint="http://127.0.0.1:9/chat",
    directory_table="directory",
    connections_table="connections",
    history_table="history",
    signing_secret="signing",
    grace_queue="http://127.0.0.1:9/grace",
    upload_bucket="uploads",
    mail_bucket="mail",
    mail_queue="mail-queue",
    mail_dead_letters="mail-dead-letters",
    bridge_role="arn:aws:iam::000000000000:role/bridge",
)


def bridge(folder: Path, program: str = STAND_IN, ports: Ports | None = None, **settings: str) -> Bridge:
    command = [sys.executable, "-c", program, str(folder)]
    return Bridge(STACK, folder, ["example.com"], ports, command=command, **settings)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Bridge]:
    made = bridge(tmp_path, BRIDGE_LINK_LIFETIME="60")
    made.start()
    yield made
    made.kill()


def environment(made: Bridge) -> dict[str, str]:
    found: dict[str, str] = json.loads((made.folder / "environment.json").read_text())
    return found


def test_it_is_told_where_everything_is(running: Bridge) -> None:
    told = environment(running)
    assert {name: told[name] for name in ("DIRECTORY_TABLE", "GRACE_QUEUE", "UPLOAD_BUCKET", "AWS_ENDPOINT_URL")} == {
        "DIRECTORY_TABLE": "directory",
        "GRACE_QUEUE": "http://127.0.0.1:9/grace",
        "UPLOAD_BUCKET": "uploads",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    assert told["BRIDGE_STARTTLS_PORT"] == str(running.ports.starttls)
    assert told["BRIDGE_LINK_LIFETIME"] == "60"


def test_its_certificates_are_there_before_it_starts(running: Bridge) -> None:
    folder = Path(environment(running)["BRIDGE_CERTIFICATES"])
    assert {path.name for path in folder.iterdir()} == {"authority", "example.com.crt", "example.com.key"}
    assert running.ca_file.is_file()


def test_it_gets_no_rights_of_who_starts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "administrator")
    monkeypatch.setenv("AWS_PROFILE", "administrator")
    made = bridge(tmp_path)
    made.start()
    made.stop()
    assert "administrator" not in environment(made).values()


def test_it_is_stopped_so_that_it_can_say_goodbye(running: Bridge) -> None:
    running.stop()
    assert (running.folder / "goodbye").exists()
    assert not running.has_ended


def test_it_can_be_started_again(running: Bridge) -> None:
    running.stop()
    (running.folder / "environment.json").unlink()
    running.start()
    assert environment(running)


def test_it_can_be_killed_as_a_machine_that_fails_does(running: Bridge) -> None:
    pid = running.pid
    assert pid
    running.kill()
    assert not (running.folder / "goodbye").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_ends_at_once_is_named_with_its_log(tmp_path: Path) -> None:
    made = bridge(tmp_path, FAILING)
    with pytest.raises(Problem, match="did not start") as problem:
        made.start()
    assert str(made.log) in str(problem.value)
    assert "BRIDGE_NODE is wrong." in made.log.read_text()


def test_one_that_is_never_healthy_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "START_SECONDS", 0.3)
    made = bridge(tmp_path, DEAF)
    with pytest.raises(Problem, match="was not healthy"):
        made.start()
    assert made.pid is None


def test_one_that_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "STOP_SECONDS", 0.3)
    made = bridge(tmp_path, STAND_IN.replace("signal.SIGTERM, goodbye", "signal.SIGTERM, signal.SIG_IGN"))
    made.start()
    with pytest.raises(Problem, match="did not stop"):
        made.stop()
    assert made.pid is None


@pytest.mark.parametrize(
    ("taken", "setting"), [("starttls", "XMPP_PORT"), ("tls", "XMPPS_PORT"), ("websocket", "XMPP_WEBSOCKET_PORT")]
)
def test_a_port_in_use_is_named_with_its_setting(tmp_path: Path, taken: str, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port: int = holder.getsockname()[1]
        free = Ports.free()
        ports = Ports(**(free.named() | {taken: port}))
        with pytest.raises(Problem, match=rf"Port {port} cannot be used .*make run {setting}="):
            bridge(tmp_path, ports=ports).start()


def test_what_runs_beside_it_is_told_ports_and_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "COMMAND", [sys.executable, "-c", STAND_IN, str(tmp_path)])
    with bridged(STACK, tmp_path) as (told, running):
        assert Endpoints.load(tmp_path / ENDPOINTS.name) == told
        assert told.xmpp == running.ports.named()
        assert told.ca_file == str(running.ca_file)
    assert (tmp_path / "goodbye").exists()


def test_a_run_ends_with_its_bridge(tmp_path: Path) -> None:
    made = bridge(tmp_path)
    made.start()
    assert made.pid
    os.kill(made.pid, signal.SIGKILL)
    with pytest.raises(Problem, match="ended by itself"):
        wait(Cloud(tmp_path, 9), made)
    made.kill()


def test_rights_are_for_who_has_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.utils import ContainerMetadataFetcher, MetadataRetrievalError

    keys = {"AccessKeyId": "a", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2026-01-01T10:00:00Z"}
    asked: list[tuple[Any, ...]] = []

    def assume(*arguments: Any) -> dict[str, str]:
        asked.append(arguments)
        return keys

    monkeypatch.setattr(task_role, "assume", assume)
    with task_role.serving(STACK, STACK.bridge_role, "n1") as given:
        url, token = given["AWS_CONTAINER_CREDENTIALS_FULL_URI"], given["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        fetcher = ContainerMetadataFetcher(sleep=lambda _seconds: None)
        assert fetcher.retrieve_full_uri(url, {"Authorization": token})["SecretAccessKey"] == "s"
        for wrong in ({"Authorization": "guess"}, None):
            with pytest.raises(MetadataRetrievalError):
                fetcher.retrieve_full_uri(url, wrong)
    assert asked == [(STACK, STACK.bridge_role, "n1")]
