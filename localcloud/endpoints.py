"""Where everything is: what ``make run`` prints, and writes to ``.local/endpoints.json`` for tools and tests."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
ENDPOINTS = LOCAL / "endpoints.json"


@dataclass(frozen=True)
class Endpoints:
    """A running stack. ``page``, ``xmpp`` and ``ca_file`` are None while nothing serves them."""

    cloud: str
    region: str
    stack: str
    http_url: str
    websocket_url: str
    connections_endpoint: str
    directory_table: str
    connections_table: str
    history_table: str
    signing_secret: str
    grace_queue: str
    upload_bucket: str
    mail_bucket: str
    mail_queue: str
    mail_dead_letters: str
    bridge_role: str
    page: str | None = None
    xmpp: dict[str, int] | None = None
    ca_file: str | None = None

    def save(self, path: Path = ENDPOINTS) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, path: Path = ENDPOINTS) -> Endpoints:
        return cls(**json.loads(path.read_text()))
