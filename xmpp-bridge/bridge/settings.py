"""The bridge's configuration: the environment, checked at the start with one sentence for each mistake."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from chat.metrics import MAX_VALUES

_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?")
STOP_SECONDS = 20
"""Seconds in which a graceful stop ends; ECS kills a container after the template's ``StopTimeout``."""


class BadSettings(Exception):
    """What is wrong with the environment, one sentence a line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One node's configuration. Ports of 0 mean any free one, and None that the door is closed."""

    node: str
    domains: frozenset[str]
    """Domains to serve; empty: all that have a certificate."""
    certificates: str
    """A folder with <domain>.crt and <domain>.key, or the ARN of a secret with both by domain."""
    bind: str
    """The IP address on which clients are taken."""
    starttls_port: int
    tls_port: int
    websocket_port: int
    health_bind: str
    """The IP address on which the health check answers: this machine alone, unless a load balancer asks."""
    health_port: int
    directory_table: str
    connections_table: str
    history_table: str
    signing_secret: str
    websocket_url: str
    http_url: str
    upload_bucket: str
    link_lifetime: int
    """Seconds after which the link is renewed: before API Gateway ends it after 2 hours."""
    resume_seconds: int
    """Seconds for which a lost session can be resumed (XEP-0198 §5)."""
    idle_seconds: int
    """Seconds of silence after which a client is asked whether it is still there."""
    log_in_seconds: int
    """Seconds from the first byte of a client until it has bound a resource."""
    metrics_seconds: int
    """Seconds between two lines of metrics, at most as many as one line has values."""
    registration: bool
    """Whether strangers may register accounts: for test systems."""
    connections_per_ip: int
    origins: tuple[str, ...]
    """Origins of pages that may log in over WebSocket; ``*`` for all: a log-in takes a password, never a cookie."""
    photo_hosts: frozenset[str]
    """Hosts of photos, each ``host:port``, that may have private addresses (``bridge.photo_fetching``)."""


def read(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment.

    Raises:
        BadSettings: names every variable that is missing or wrong.
    """
    wrong: list[str] = []

    def text(name: str, default: str | None = None) -> str:
        value = environment.get(name, default or "")
        if not value and default is None:
            wrong.append(f"{name} is not set.")
        return value

    def number(name: str, default: int, low: int, high: int) -> int:
        value = environment.get(name, "") or str(default)
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            wrong.append(f"{name} is {value!a}; it must be a number from {low} to {high}.")
            return default
        return int(value)

    node = text("BRIDGE_NODE", f"node-{secrets.token_hex(4)}")
    if not _NODE.fullmatch(node):
        wrong.append(f"BRIDGE_NODE is {node!a}; it must be 1 to 63 letters, digits, dots and hyphens.")
    domains = frozenset(filter(None, (each.strip().lower() for each in text("BRIDGE_DOMAINS", "").split(","))))
    strange = (domain for domain in sorted(domains) if not _DOMAIN.fullmatch(domain))
    wrong += [f"BRIDGE_DOMAINS names {domain!a}, which is not a domain." for domain in strange]
    photo_hosts = list(filter(None, (each.strip().lower() for each in text("BRIDGE_PHOTO_HOSTS", "").split(","))))
    unknown = (each for each in photo_hosts if not _HOST.fullmatch(each))
    wrong += [f"BRIDGE_PHOTO_HOSTS names {each!a}; it must be a host, or host:port." for each in unknown]
    bind, health_bind = text("BRIDGE_BIND", "127.0.0.1"), text("BRIDGE_HEALTH_BIND", "127.0.0.1")
    for name, ip in (("BRIDGE_BIND", bind), ("BRIDGE_HEALTH_BIND", health_bind)):
        try:
            ip_address(ip)
        except ValueError:
            wrong.append(f"{name} is {ip!a}; it must be an IP address.")
    websocket_url, http_url = text("WEBSOCKET_URL"), text("HTTP_URL")
    for name, url, schemes in (
        ("WEBSOCKET_URL", websocket_url, ("ws", "wss")),
        ("HTTP_URL", http_url, ("http", "https")),
    ):
        if url and not _is_url(url, schemes):
            wrong.append(f"{name} is {url!a}; it must begin with {' or '.join(f'{each}://' for each in schemes)}.")
    registration = text("BRIDGE_REGISTRATION", "off")
    if registration not in ("on", "off"):
        wrong.append(f"BRIDGE_REGISTRATION is {registration!a}; it must be on or off.")
    for name in ("CONNECTIONS_ENDPOINT", "GRACE_QUEUE"):
        text(name)
    settings = Settings(
        node=node,
        domains=domains,
        certificates=text("BRIDGE_CERTIFICATES"),
        bind=bind,
        starttls_port=number("BRIDGE_STARTTLS_PORT", 5222, 0, 65535),
        tls_port=number("BRIDGE_TLS_PORT", 5223, 0, 65535),
        websocket_port=number("BRIDGE_WEBSOCKET_PORT", 5443, 0, 65535),
        health_bind=health_bind,
        health_port=number("BRIDGE_HEALTH_PORT", 8081, 0, 65535),
        directory_table=text("DIRECTORY_TABLE"),
        connections_table=text("CONNECTIONS_TABLE"),
        history_table=text("HISTORY_TABLE"),
        signing_secret=text("SIGNING_SECRET"),
        websocket_url=websocket_url,
        http_url=http_url,
        upload_bucket=text("UPLOAD_BUCKET", ""),
        link_lifetime=number("BRIDGE_LINK_LIFETIME", 6900, 2, 7000),
        resume_seconds=number("BRIDGE_RESUME_SECONDS", 300, 1, 3600),
        idle_seconds=number("BRIDGE_IDLE_SECONDS", 240, 1, 3600),  # a load balancer of AWS forgets after 350
        log_in_seconds=number("BRIDGE_LOG_IN_SECONDS", 30, 1, 300),
        metrics_seconds=number("BRIDGE_METRICS_SECONDS", 60, 1, MAX_VALUES),
        registration=registration == "on",
        connections_per_ip=number("BRIDGE_CONNECTIONS_PER_IP", 100, 1, 100_000),
        origins=tuple(filter(None, (each.strip() for each in text("BRIDGE_ORIGINS", "*").split(",")))),
        photo_hosts=frozenset(each if ":" in each else f"{each}:443" for each in photo_hosts),
    )
    if wrong:
        raise BadSettings("\n".join(wrong))
    return settings


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname)
    except ValueError:  # an IPv6 address without its end
        return False
