"""``make run`` with the XMPP bridge: what a person who starts it can reach, and what he is told when it cannot."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import urllib.request
from pathlib import Path

from localcloud.bridge import Ports
from localcloud.cloud import free_port
from localcloud.endpoints import ENDPOINTS, Endpoints
from tests.integration.test_run import ENVIRONMENT, command

HELLO = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
    b" to='%s' version='1.0'>"
)


def with_bridge(folder: Path, ports: Ports) -> list[str]:
    names = ["--xmpp-port", "--xmpps-port", "--xmpp-websocket-port"]
    numbers = [str(each) for each in ports.named().values()]
    return [
        *command(folder, free_port()),
        "--xmpp",
        *(part for pair in zip(names, numbers, strict=True) for part in pair),
    ]


def features(endpoints: Endpoints, domain: str) -> bytes:
    """What the bridge offers to a client that knows the authority, on the TLS port."""
    assert endpoints.xmpp
    trusting = ssl.create_default_context(cafile=endpoints.ca_file)
    with (
        socket.create_connection(("127.0.0.1", endpoints.xmpp["tls"]), timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname=domain) as stream,
    ):
        stream.sendall(HELLO % domain.encode())
        said = b""
        while b"features>" not in said:
            more = stream.recv(4096)
            assert more, said
            said += more
        return said


def test_clients_of_both_domains_can_come(tmp_path: Path) -> None:
    process = subprocess.Popen(
        with_bridge(tmp_path, Ports.free()), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        printed: list[str] = []
        while not printed or "Ctrl-C" not in printed[-1]:
            line = process.stdout.readline()
            assert line, f"it ended without its summary: {process.communicate()[1]}"
            printed.append(line)
        endpoints = Endpoints.load(tmp_path / ENDPOINTS.name)
        for domain in ("example.com", "example.org"):
            assert b"SCRAM-SHA-256" in features(endpoints, domain)
        assert f"clients have to trust {endpoints.ca_file}" in "".join(printed)
        with urllib.request.urlopen(str(endpoints.page)) as answer:  # noqa: S310  # the page is there as well
            assert answer.status == 200
    finally:
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=90)
    assert (process.returncode, said) == (0, "")
    assert "All data is kept" in rest


def test_a_port_in_use_is_named_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        free = Ports.free()
        result = subprocess.run(
            with_bridge(tmp_path, Ports(free.starttls, port, free.websocket)),
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (result.returncode, result.stdout) == (1, "")
    assert f"Port {port} cannot be used" in result.stderr
    assert "make run XMPPS_PORT=" in result.stderr
    assert result.stderr.count("\n") == 1
