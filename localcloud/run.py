"""``make run``: the whole backend in the foreground, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import FrameType

from chat.store import Store
from chat.tables import Tables
from localcloud.bridge import Bridge, Ports
from localcloud.cloud import Cloud, check_port, client
from localcloud.demo_mail.seeding import seeding
from localcloud.deploy import deploy
from localcloud.endpoints import ENDPOINTS, LOCAL, Endpoints
from localcloud.page import check_page, serving
from localcloud.problem import Problem
from localcloud.seed import PASSWORD, PEOPLE, seed
from localcloud.site import DIST, Site

PORT = 4566


def tables_of(endpoints: Endpoints) -> Tables:
    """The tables of a local stack, with an administrator's rights."""
    return Tables.named(
        Store(client("dynamodb", endpoints.cloud), time.sleep),
        endpoints.directory_table,
        endpoints.connections_table,
        endpoints.history_table,
    )


@contextmanager
def running(
    folder: Path = LOCAL, port: int = PORT, page_port: int | None = None, page_folder: Path = DIST
) -> Iterator[Endpoints]:
    """A local cloud with the stack deployed and the demo seeded; stopped and saved at the end.

    With a port for it, the page is served too.

    Raises:
        Problem: it cannot run.
    """
    with running_on(Cloud(folder, port), page_port, page_folder) as endpoints:
        yield endpoints


@contextmanager
def running_on(cloud: Cloud, page_port: int | None, page_folder: Path) -> Iterator[Endpoints]:
    """The same on a cloud that is yet to be started."""
    if page_port is not None:
        check_page(page_folder)
        check_port(page_port, "PAGE_PORT=8500")
    cloud.folder.mkdir(parents=True, exist_ok=True)
    _say("Starting the local cloud …")
    try:
        cloud.start()
        _say("Deploying template.yaml …")
        endpoints = deploy(cloud)
        tables = tables_of(endpoints)
        _forget_connections(endpoints)
        if seed(tables, time.time_ns() // 1_000_000):
            _say("Seeded the demo domains.")
        with nullcontext() if page_port is None else serving(_site(page_folder, endpoints), page_port) as address:
            endpoints = replace(endpoints, page=address)
            endpoints.save(cloud.folder / ENDPOINTS.name)
            yield endpoints
    finally:
        if cloud.is_started:
            (cloud.folder / ENDPOINTS.name).unlink(missing_ok=True)
            if not cloud.has_ended:
                _say("Saving and stopping …")
            cloud.stop()


@contextmanager
def bridged(endpoints: Endpoints, folder: Path, ports: Ports | None = None) -> Iterator[tuple[Endpoints, Bridge]]:
    """The XMPP bridge of a running stack, for the demo domains; stopped at the end. Without ports, on free ones.

    Raises:
        Problem: it cannot run.
    """
    bridge = Bridge(endpoints, folder, PEOPLE, ports)
    bridge.start()
    try:
        endpoints = replace(endpoints, xmpp=bridge.ports.named(), ca_file=str(bridge.ca_file))
        endpoints.save(folder / ENDPOINTS.name)
        yield endpoints, bridge
    finally:
        bridge.stop()


def main(
    folder: Path, port: int, page_port: int, page_folder: Path, ports: Ports | None = None, *, demo_mail: bool = False
) -> None:
    """Run until Ctrl-C or SIGTERM, or until a part ends by itself.

    With ``ports``, the XMPP bridge runs too; with ``demo_mail``, the demo's people get their mail.
    """
    cloud = Cloud(folder, port)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        if ports:
            ports.check()
        with running_on(cloud, page_port, page_folder) as endpoints, ExitStack() as parts:
            bridge = None
            if ports:
                _say("Starting the XMPP bridge …")
                endpoints, bridge = parts.enter_context(bridged(endpoints, folder, ports))
            _summary(endpoints, folder)
            if demo_mail:
                parts.enter_context(seeding(tables_of(endpoints), cloud.client("s3"), endpoints.mail_bucket, _say))
            wait(cloud, bridge)
    except KeyboardInterrupt:
        _say("Stopped. All data is kept for the next start.")
    except Problem as problem:
        sys.exit(str(problem))


def wait(cloud: Cloud, bridge: Bridge | None) -> None:
    """Wait until one of the two ends by itself.

    Raises:
        Problem: it did.
    """
    while bridge is None or not bridge.has_ended:
        if cloud.has_ended:
            cloud.wait()
        time.sleep(0.2)
    raise Problem(f"The XMPP bridge ended by itself; its last words are in {bridge.log}.")


def _site(folder: Path, endpoints: Endpoints) -> Site:
    return Site(folder, endpoints.http_url, endpoints.websocket_url)


def _summary(endpoints: Endpoints, folder: Path) -> None:
    people = ", ".join(local for local, *_ in PEOPLE["example.com"])
    others = ", ".join(local for local, *_ in PEOPLE["example.org"])
    print(
        f"""
Company chat is running. Open {endpoints.page} and log in.

  HTTP API        {endpoints.http_url}
  WebSocket API   {endpoints.websocket_url}
{_about_xmpp(endpoints)}  Local cloud     {endpoints.cloud}   (all AWS APIs, IAM enforced)
  Facts as JSON   {folder / ENDPOINTS.name}

  Log-ins         password {PASSWORD}
    @example.com  {people}
    @example.org  {others}
    aliases       salesteam@example.com, support@example.com

  Try it          make smoke            (in a second terminal)
                  .venv/bin/chatctl --help
  Stop            Ctrl-C                (saves everything)
""",
        flush=True,
    )


def _about_xmpp(endpoints: Endpoints) -> str:
    if endpoints.xmpp is None:
        return ""
    ports = endpoints.xmpp
    return f"""  XMPP            127.0.0.1, port {ports["starttls"]} (STARTTLS) or {ports["tls"]} (TLS)
                  wss://localhost:{ports["websocket"]}/xmpp-websocket
                  clients have to trust {endpoints.ca_file}
"""


def _forget_connections(endpoints: Endpoints) -> None:
    """Remove the connections of the last run: nobody told the tables that the cloud was stopped."""
    dynamodb = client("dynamodb", endpoints.cloud)
    pages = dynamodb.get_paginator("scan").paginate(TableName=endpoints.connections_table)
    for item in (item for page in pages for item in page["Items"]):
        if item["pk"]["S"].startswith(("USER/", "WATCH/", "NODE/")):
            dynamodb.delete_item(TableName=endpoints.connections_table, Key={"pk": item["pk"], "sk": item["sk"]})


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)
