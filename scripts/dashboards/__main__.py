"""Pictures of the dashboards, as they are deployed, over what a local run measures: ``make dashboards``.

A local cloud and a bridge of their own; people live through a morning (``life``), and then the metrics are gathered
(``measured``) and each dashboard is drawn into ``docs/images``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from localcloud.bridge import Bridge
from localcloud.cloud import client, free_port
from localcloud.endpoints import ROOT, Endpoints
from localcloud.problem import Problem
from localcloud.recording import DURATIONS, STORED
from localcloud.run import running, tables_of
from localcloud.seed import PEOPLE
from scripts.dashboards.drawing import draw
from scripts.dashboards.life import Morning
from scripts.dashboards.measured import Measured, count_frames, read_functions, read_log, read_store

IMAGES = ROOT / "docs" / "images"
DASHBOARDS = ("Users", "Health", "Cost")
SECONDS = 200
"""Of the run, which are drawn as minutes."""


def main() -> None:
    try:
        with TemporaryDirectory(prefix="dashboards-") as name:
            folder = Path(name)
            os.environ |= {each: str(folder / each) for each in (DURATIONS, STORED)}
            with running(folder, free_port()) as stack:
                _take(stack, folder)
    except Problem as problem:
        sys.exit(str(problem))


def _take(stack: Endpoints, folder: Path) -> None:
    namespace = f"CompanyChat/{stack.stack}"
    bridge = Bridge(stack, folder, PEOPLE, METRICS_NAMESPACE=namespace, BRIDGE_METRICS_SECONDS="1")
    with ExitStack() as until_end:
        until_end.callback(bridge.stop)
        bridge.start()
        print(f"A morning of {SECONDS} seconds …", flush=True)
        measured = Measured(time.time())
        Morning(stack, bridge, tables_of(stack)).live(SECONDS)
    for log in (folder / "cloud.log", bridge.log):
        read_log(measured, log.read_text().splitlines())
    read_functions(measured, (folder / DURATIONS).read_text().splitlines())
    read_store(measured, (folder / STORED).read_text().splitlines())
    chat_api, http_api = _apis(stack)
    count_frames(measured, namespace, chat_api, http_api)
    for name in DASHBOARDS:
        path = IMAGES / f"dashboard-{name.lower()}.png"
        draw(f"{stack.stack}-{name}", _body(stack, name), measured, path)
        print(path)


def _body(stack: Endpoints, name: str) -> dict[str, Any]:
    """A dashboard as it was deployed."""
    found = client("cloudwatch", stack.cloud).get_dashboard(DashboardName=f"{stack.stack}-{name}")
    body: dict[str, Any] = json.loads(found["DashboardBody"])
    return body


def _apis(stack: Endpoints) -> tuple[str, str]:
    """The ids of the WebSocket API and of the HTTP API."""
    by_kind = {each["ProtocolType"]: each["ApiId"] for each in client("apigatewayv2", stack.cloud).get_apis()["Items"]}
    return by_kind["WEBSOCKET"], by_kind["HTTP"]


if __name__ == "__main__":
    main()
