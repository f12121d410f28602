"""What shared workers complain of. Playwright tells of pages alone, so this asks by the DevTools protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from playwright.sync_api import Browser, Error

Hear = Callable[[str], None]


class SharedWorkers:
    """Listens to each shared worker that is started; ``hear`` is who is told now."""

    def __init__(self, browser: Browser) -> None:
        self.hear: Hear | None = None
        self.asked_for: list[str] = []
        """The URLs of all requests and WebSockets of the test's workers."""
        self._numbers = count()
        self._devtools = browser.new_browser_cdp_session()
        self._devtools.on("Target.targetCreated", self._attach)
        self._devtools.on("Target.receivedMessageFromTarget", self._receive)
        self._devtools.send("Target.setDiscoverTargets", {"discover": True})

    def forget(self) -> None:
        """Begin anew with another test."""
        self.asked_for = []

    def _tell(self, session: str, method: str, params: dict[str, Any] | None = None) -> None:
        message = json.dumps({"id": next(self._numbers), "method": method, "params": params or {}})
        with suppress(Error):  # it is gone already
            self._devtools.send("Target.sendMessageToTarget", {"sessionId": session, "message": message})

    def _attach(self, event: dict[str, Any]) -> None:
        if event["targetInfo"]["type"] != "shared_worker":
            return
        with suppress(Error):  # it is gone already
            target = {"targetId": event["targetInfo"]["targetId"], "flatten": False}
            session = self._devtools.send("Target.attachToTarget", target)["sessionId"]
            # The last two tell what was before, too.
            for method in ("Inspector.enable", "Network.enable", "Runtime.enable", "Log.enable"):
                self._tell(session, method)

    def _receive(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if message.get("method") == "Inspector.targetReloadedAfterCrash":
            # The next worker of the same name: it is kept from starting for the sake of who listened to the last one.
            self._tell(event["sessionId"], "Runtime.runIfWaitingForDebugger")
        if url := address(message.get("method", ""), message.get("params", {})):
            self.asked_for.append(url)
        text = complaint(message.get("method", ""), message.get("params", {}))
        if text and self.hear:
            self.hear(f"worker: {text}")


def complaint(method: str, params: dict[str, Any]) -> str | None:
    """The complaint in an event of the protocol, if it is one."""
    if method == "Runtime.exceptionThrown":
        details = params["exceptionDetails"]
        return f"uncaught: {details.get('exception', {}).get('description', details['text'])}"
    if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
        return " ".join(str(each.get("value", each.get("description", ""))) for each in params["args"])
    if method == "Log.entryAdded" and params["entry"]["level"] == "error":
        return f"{params['entry']['text']} ({params['entry'].get('url', '')})"
    return None


def address(method: str, params: dict[str, Any]) -> str | None:
    """The URL in an event of the protocol, if it tells of a request or of a WebSocket."""
    if method == "Network.requestWillBeSent":
        return str(params["request"]["url"])
    return str(params["url"]) if method == "Network.webSocketCreated" else None
