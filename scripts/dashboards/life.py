"""A morning in the demo's company, by both doors and in a few minutes: people come, chat, look things up, and go."""

from __future__ import annotations

import math
import random
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from threading import Event

from bridge.names import MAM, ROSTER
from chat import connecting, ids
from chat.addresses import Address
from chat.presence import GRACE
from chat.tables import Tables
from chatctl import client
from localcloud.bridge import Bridge
from localcloud.cloud import client as client_of
from localcloud.endpoints import Endpoints
from localcloud.seed import PASSWORD
from tests.bridge.client import XmppClient

DOMAIN = "example.com"
WEB = ["alice", "bob", "carol", "dave", "erin", "judy", "karl", "laura"]
PHONES = ["frank", "grace", "heidi", "ivan"]
TEXTS = ["Did the Harbour offer go out?", "Yes, this morning.", "Shall we meet at ten?", "I will ask Frank.", "Fine!"]
PAUSE = 0.12
"""Seconds between two things that somebody does, at the busiest time."""


@dataclass
class Morning:
    """Who is there, and what they do by lot, the same each time."""

    stack: Endpoints
    bridge: Bridge
    tables: Tables
    pages: dict[str, client.ChatConnection] = field(default_factory=dict)
    phones: dict[str, XmppClient] = field(default_factory=dict)
    until_over: ExitStack = field(default_factory=ExitStack)
    _lot: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311  # nothing secret
    _sent: dict[str, str] = field(default_factory=dict)

    def live(self, seconds: float) -> None:
        """Let them live: more and more until the middle, and less again."""
        began, pause = time.monotonic(), Event()
        doings = self._doings()
        olivia = self._page("olivia@example.org")
        self.until_over.callback(olivia.close)
        for local in WEB[:2]:
            self._come(local)
        while (gone := time.monotonic() - began) < seconds:
            with suppress(client.Refused):
                self._lot.choices([do for do, _ in doings], [often for _, often in doings])[0]()
            busy = math.sin(math.pi * (0.1 + 0.8 * gone / seconds))
            pause.wait(PAUSE / busy - PAUSE)
        for local in [*self.pages, *self.phones]:
            self._go(local)
        self.until_over.close()

    def _doings(self) -> list[tuple[Callable[[], object], int]]:
        """What is done, and how often."""
        return [
            (self._send, 40),
            (self._send_from_phone, 25),
            (self._read, 10),
            (self._look_up, 22),
            (lambda: self._come(self._lot.choice(WEB + PHONES)), 12),
            (lambda: self._go(self._lot.choice([*self.pages, *self.phones])), 5),
            (lambda: self._anybody().ask("presence", status=self._lot.choice(["available", "away", "busy"])), 8),
            (self._mistake, 4),
            (self._lost_page, 1),
            (self._lost_link, 1),
        ]

    # Coming and going.

    def _come(self, local: str) -> None:
        if local in self.pages or local in self.phones:
            return
        if local in PHONES:
            phone = XmppClient(self.bridge.ports.starttls, DOMAIN, str(self.bridge.ca_file))
            phone.log_in(local, PASSWORD)
            phone.bind("phone")
            phone.ask("get", f"<query xmlns='{ROSTER}'/>")
            phone.presence()
            self.phones[local] = phone
        else:
            self.pages[local] = page = self._page(f"{local}@{DOMAIN}")
            page.ask("contacts")
            page.ask("watch", contacts=[f"{each}@{DOMAIN}" for each in WEB + PHONES if each != local])
            page.ask("sync", since=ids.lowest(_now() - 3_600_000))

    def _go(self, local: str) -> None:
        if local in self.phones:
            self.phones.pop(local).close()
        elif len(self.pages) > 1:
            self.pages.pop(local).close(self._lot.choice([1000, 1001]))

    def _page(self, address: str) -> client.ChatConnection:
        return client.open_connection(self.stack.http_url, client.log_in(self.stack.http_url, address, PASSWORD))

    # What people do.

    def _send(self) -> None:
        sender = self._lot.choice(list(self.pages))
        recipient = self._other(sender)
        page = self.pages[sender]
        page.ask("typing", contact=recipient, active=True)
        sent = ids.new(_now())
        page.ask("send", id=sent, recipient=recipient, body=self._lot.choice(TEXTS))
        self._sent[recipient] = sent
        page.events.clear()

    def _send_from_phone(self) -> None:
        if self.phones:
            sender = self._lot.choice(list(self.phones))
            self.phones[sender].message(self._other(sender), self._lot.choice(TEXTS))
            self.phones[sender].settled()
            self.phones[sender].received.clear()

    def _read(self) -> None:
        for local, page in self.pages.items():
            newest = self._sent.pop(f"{local}@{DOMAIN}", None)
            if newest:
                page.ask("read", contact=self._other(local), id=newest)
                return

    def _look_up(self) -> None:
        page, contact = self._anybody(), f"{self._lot.choice(WEB)}@{DOMAIN}"
        match self._lot.randrange(9):
            case 0:
                page.ask("contact", contact=contact)
            case 1:
                page.ask("conversations", contact=contact)
            case 2:
                page.ask("history", contact=contact)
            case 3:
                page.ask("communications", contact=contact, kind="mail")
            case 4:
                page.ask("search", contact=contact, words="Harbour")
            case 5:
                page.ask("sync", since=ids.lowest(_now() - 60_000))
            case 6 if self.phones:
                self._lot.choice(list(self.phones.values())).ask("set", f"<query xmlns='{MAM}'/>")
            case _:
                page.ask("ping")

    # What goes wrong.

    def _mistake(self) -> None:
        match self._lot.randrange(5):
            case 0:
                client.log_in(self.stack.http_url, f"mallory@{DOMAIN}", "not her password")
            case 1:
                phone = XmppClient(self.bridge.ports.starttls, DOMAIN, str(self.bridge.ca_file))
                phone.log_in("niaj", "not his password")
                phone.drop()
            case 2:
                self._anybody().ask("send", id=ids.new(_now()), recipient=f"nobody@{DOMAIN}", body="hello")
            case 3:
                self._anybody().ask("send", id=ids.new(_now() - 600_000), recipient=f"bob@{DOMAIN}", body="late")
            case _:
                self._anybody().ask("history", contact=f"bob@{DOMAIN}", conversation="not an id")

    def _lost_page(self) -> None:
        """A connection that has ended without a word, found by a message for it."""
        niaj = Address("niaj", DOMAIN)
        connecting.open_web(self.tables, niaj, f"lost-{secrets.token_hex(4)}", _now() - 3 * GRACE)
        self._anybody().ask("send", id=ids.new(_now()), recipient=str(niaj), body="hello")

    def _lost_link(self) -> None:
        for link in self.tables.connections.links(self.bridge.node, _now()):
            client_of("apigatewaymanagementapi", self.stack.connections_endpoint).delete_connection(ConnectionId=link)

    def _anybody(self) -> client.ChatConnection:
        return self._lot.choice(list(self.pages.values()))

    def _other(self, local: str) -> str:
        others = [each for each in [*WEB, *PHONES, "salesteam"] if each != local]
        return f"{self._lot.choice(others)}@{DOMAIN}"


def _now() -> int:
    return time.time_ns() // 1_000_000
