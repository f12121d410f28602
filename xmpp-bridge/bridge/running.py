"""A node from its settings: clients of AWS, doors, link and health, started in order and stopped in order."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from chat.aws import clients, metrics, secret
from bridge.background import Lasting
from bridge.dynamo import Dynamo
from bridge.health import Health
from bridge.link import Link
from bridge.listener import Listener, Origins
from bridge.node import Node
from bridge.pushing import NodePusher
from bridge.settings import Settings
from bridge.tls import (
    HANDSHAKE_SECONDS,
    RELOAD_SECONDS,
    BadCertificates,
    Certificates,
    Source,
    from_folder,
    from_secret,
)
from bridge.websocket import WebSocketDoor
from chat.aws.channel import ApiGatewayChannel, QueuedGrace
from chat.aws.files import UploadSigner
from chat.metrics import BRIDGE_SESSIONS, EVENT_LOOP_LAG
from chat.push import Pusher
from chat.store import Store
from chat.tables import Tables

logger = logging.getLogger(__name__)

LAG_SECONDS = 1
"""Between two looks at how late the event loop wakes up."""


@dataclass(frozen=True, slots=True)
class Running:
    """A node that takes clients, and its ports."""

    node: Node
    starttls_port: int
    tls_port: int
    websocket_port: int
    health_port: int


def certificates(settings: Settings) -> Certificates:
    """The certificates that the settings name, loaded.

    Raises:
        BadCertificates: one is missing or cannot be used.
    """
    made = Certificates(_source(settings.certificates), settings.domains)
    made.load()
    return made


def _source(where: str) -> Source:
    if where.startswith("arn:"):
        return lambda: from_secret(clients.client("secretsmanager").get_secret_value(SecretId=where)["SecretString"])
    return partial(from_folder, Path(where))


@asynccontextmanager
async def running(
    settings: Settings, environment: dict[str, str], reload: asyncio.Event | None = None
) -> AsyncIterator[Running]:
    """Run a node until the context ends; then it stops as ``Node.stop`` says. ``reload`` has certificates read at once.

    Raises:
        BadCertificates: there is none that can be used.
        OSError: a port cannot be used.
    """
    certs = await asyncio.to_thread(certificates, settings)
    tables = Tables.named(
        Store(cast(Any, Dynamo.like(clients.client("dynamodb"))), time.sleep),
        settings.directory_table,
        settings.connections_table,
        settings.history_table,
    )

    def make_pusher(node: Node) -> Pusher:
        api = partial(clients.client, "apigatewaymanagementapi", environment["CONNECTIONS_ENDPOINT"])
        grace = QueuedGrace(partial(clients.client, "sqs"), environment["GRACE_QUEUE"])
        return NodePusher(ApiGatewayChannel(api), grace, tables.connections, node=node.name)

    uploads = UploadSigner(partial(clients.client, "s3"), settings.upload_bucket) if settings.upload_bucket else None
    decoy_key = hashlib.sha256(f"decoy {settings.signing_secret}".encode()).digest()
    node = Node(settings, tables, make_pusher, certs, decoy_key, uploads=uploads)

    async def ticket() -> str:
        made = await node.call(secret.signer)
        return made.node_ticket(node.name, node.now())

    link = Link(settings.websocket_url, ticket, node.take, node.linked, settings.link_lifetime)
    node.link = link
    origins = Origins(settings.connections_per_ip)
    patience = min(HANDSHAKE_SECONDS, settings.log_in_seconds)
    starttls = Listener(settings.bind, settings.starttls_port, origins, node.serve)
    direct = Listener(
        settings.bind, settings.tls_port, origins, node.serve, lambda: certs.context(None), patience=patience
    )
    door = WebSocketDoor(
        settings.bind, settings.websocket_port, certs.context(None), origins, settings.origins, node.serve
    )
    lasting = Lasting()
    health = Health(
        settings.health_bind,
        settings.health_port,
        lambda: link.up.is_set() and lasting.is_well and not node.stopping,
    )
    for name, work in (
        ("link", link.run()),
        ("storing", node.storing.run()),
        ("delivered", node.delivered.run()),
        ("renewal", node.renewal.keep()),
        ("metrics", _measure(node)),
    ):
        lasting.start(name, work)
    try:
        await link.up.wait()  # a client that comes before it would miss what is pushed
        await door.open()
        lasting.start("STARTTLS", starttls.run())
        lasting.start("direct TLS", direct.run())
        lasting.start("certificates", _reload(certs, reload or asyncio.Event()))
        await health.open()
        yield Running(node, starttls.port, direct.port, door.port, health.port)
    finally:
        health.close()
        door.close()
        for listener in (starttls, direct):
            listener.close()
        await node.stop()
        await lasting.stop()


async def _measure(node: Node) -> None:
    """Write the metrics of the node again and again, the first time at once and the last time when it stops."""
    loop = asyncio.get_running_loop()
    try:
        while True:
            metrics.note(BRIDGE_SESSIONS, len(node.all_sessions()))
            metrics.write()
            for _ in range(node.settings.metrics_seconds // LAG_SECONDS):
                due = loop.time() + LAG_SECONDS
                await asyncio.sleep(LAG_SECONDS)
                metrics.note(EVENT_LOOP_LAG, round((loop.time() - due) * 1000, 1))
    finally:
        metrics.write()


async def _reload(certs: Certificates, at_once: asyncio.Event) -> None:
    """Read the certificates again and again; new handshakes get what is new."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(RELOAD_SECONDS):
                await at_once.wait()
        at_once.clear()
        try:
            changed = await asyncio.to_thread(certs.load)
        except BadCertificates as error:
            logger.error("certificates could not be read again", extra={"cause": str(error)})
        except Exception:  # those of AWS among them
            logger.exception("certificates could not be read again")
        else:
            if changed:
                logger.info("certificates were renewed", extra={"domains": changed})
