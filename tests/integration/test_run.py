"""``make run``: what a person who starts it sees, and that nothing is lost between two starts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chat import ids
from chatctl.client import ChatConnection, log_in, open_connection
from localcloud.cloud import free_port
from localcloud.endpoints import ENDPOINTS, ROOT, Endpoints
from localcloud.seed import PASSWORD
from tests.company import now

ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT / 'layers' / 'chat'}:{ROOT}"}


PAGE = "<!doctype html><title>Chat</title>"


def command(folder: Path, port: int, page_port: int | None = None) -> list[str]:
    """A run with a small page in its folder."""
    page = folder / "page"
    page.mkdir(exist_ok=True)
    (page / "index.html").write_text(PAGE)
    ports = ["--port", str(port), "--page-port", str(free_port() if page_port is None else page_port)]
    return [sys.executable, "-m", "localcloud", "--folder", str(folder), "--page", str(page), *ports]


def begin(folder: Path, port: int) -> tuple[subprocess.Popen[str], list[str]]:
    """A run as from a terminal, and the lines that it has printed up to the end of its summary."""
    process = subprocess.Popen(
        command(folder, port), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    printed: list[str] = []
    while not printed or "Ctrl-C" not in printed[-1]:
        line = process.stdout.readline()
        assert line, f"it ended without its summary: {process.communicate()[1]}"
        printed.append(line.rstrip())
    return process, printed


@contextmanager
def started(folder: Path, port: int) -> Iterator[Endpoints]:
    """A run, ended by Ctrl-C."""
    process, printed = begin(folder, port)
    try:
        endpoints = Endpoints.load(folder / ENDPOINTS.name)
        assert f"Company chat is running. Open {endpoints.page} and log in." in printed
        yield endpoints
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "All data is kept" in rest
    assert not (folder / ENDPOINTS.name).exists(), "nothing is served any more"


def person(endpoints: Endpoints, address: str) -> ChatConnection:
    return open_connection(endpoints.http_url, log_in(endpoints.http_url, address, PASSWORD))


def test_a_second_start_has_kept_everything(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as endpoints:
        alice = person(endpoints, "alice@example.com")
        for status in ("available", "busy") * 10:
            alice.ask("presence", status=status)
        alice.ask("send", id=ids.new(now()), recipient="bob@example.com", body="see you tomorrow")
    with started(tmp_path, port) as endpoints:
        bob = person(endpoints, "bob@example.com")
        newest = bob.ask("history", contact="alice@example.com")["messages"][-1]
        assert newest["body"] == "see you tomorrow"
        seen = bob.ask("watch", contacts=["alice@example.com"])["presence"][0]
        assert seen["status"] == "offline", "the connections of the last run are gone"
        alice = person(endpoints, "alice@example.com")
        assert bob.event("presence", address="alice@example.com")["status"] == "busy"
        assert alice.ask("ping")["ok"]


def test_the_page_of_the_summary_is_served(tmp_path: Path) -> None:
    with started(tmp_path, free_port()) as endpoints:
        assert endpoints.page
        with urllib.request.urlopen(endpoints.page) as answer:  # noqa: S310
            assert answer.read().decode() == PAGE
        with urllib.request.urlopen(f"{endpoints.page}/config.json") as answer:  # noqa: S310
            assert json.load(answer) == {"api": endpoints.http_url}


def test_a_local_cloud_that_ends_by_itself_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    process, _ = begin(tmp_path, free_port())
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, text=True, check=True).stdout
    [cloud] = [int(pid) for pid, parent in map(str.split, listed.splitlines()) if int(parent) == process.pid]
    os.kill(cloud, signal.SIGKILL)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith("The local cloud ended by itself with code -9, so what changed in this run is lost")
    assert said.count("\n") == 1
    assert "Saving" not in printed
    assert not (tmp_path / ENDPOINTS.name).exists()


def test_the_demo_domain_has_what_a_new_user_looks_for(stack: Endpoints) -> None:
    contacts = person(stack, "alice@example.com").ask("contacts")["contacts"]
    people = [contact for contact in contacts if contact["kind"] == "user"]
    assert len(people) >= 12
    assert len({contact["department"] for contact in people}) == 3
    assert [contact["address"] for contact in contacts if contact["kind"] == "alias"] == [
        "salesteam@example.com",
        "support@example.com",
    ]
    assert len(person(stack, "olivia@example.org").ask("contacts")["contacts"]) == 2


def refusal(folder: Path, port: int, page_port: int | None = None) -> str:
    """What a start that cannot succeed says."""
    result = subprocess.run(
        command(folder, port, page_port), env=ENVIRONMENT, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        assert f"Port {port} cannot be used" in refusal(tmp_path, port)
        said = refusal(tmp_path, free_port(), port)
        assert f"Port {port} cannot be used" in said
        assert "make run PAGE_PORT=" in said


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_number_that_is_no_port_is_named(tmp_path: Path, port: int) -> None:
    assert f"Port {port} cannot be used" in refusal(tmp_path, port)


def test_a_broken_state_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "dynamodb.json").write_text('{"half": ')
    said = refusal(tmp_path, free_port())
    assert "dynamodb.json" in said
    assert "make clean-state" in said


def test_a_state_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    assert "state" in refusal(tmp_path, free_port())


@pytest.mark.parametrize(
    ("pip_said", "expected"),
    [
        ("error: command 'gcc' failed: No such file or directory", "C compiler"),
        ("ERROR: No matching distribution found for nothing==1", "No matching distribution found"),
    ],
)
def test_packages_that_cannot_be_installed_are_explained(
    monkeypatch: pytest.MonkeyPatch, pip_said: str, expected: str
) -> None:
    from scripts.setup import explain

    monkeypatch.setenv("PATH", "/nowhere")
    assert expected in explain(pip_said)
    assert "\n" not in explain(pip_said)
