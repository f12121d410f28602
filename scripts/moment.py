"""What the sample events in ``tests/events`` stand for on a running stack.

A sample is a real event of a function in which is named what is good for one moment or one stack alone, such as
``<ticket>`` or ``<new id>``. ``Moment`` makes all that is named so, and fills it in.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from email.message import EmailMessage
from functools import cached_property
from typing import Any

from chat import connecting, files, ids, messages
from chat.addresses import Address
from chat.presence import GRACE, Status
from chat.tables.history import Message
from chat.tokens import Signer
from chatctl.client import ChatConnection, log_in, open_connection, post
from localcloud.cloud import client
from localcloud.endpoints import ROOT, Endpoints
from localcloud.problem import Problem
from localcloud.run import tables_of
from localcloud.seed import PASSWORD

FOLDER = ROOT / "tests" / "events"
DOMAIN = "example.com"
"""The domain of the samples: the demo's."""
PATIENCE = 40

Event = dict[str, Any]
Values = dict[str, str]
"""What stands for a moment, by the name that it has in the samples."""


def samples() -> dict[str, Event]:
    """The samples by function and name, as ``send/typing``."""
    paths = sorted(FOLDER.glob("*/*.json"))
    return {f"{path.parent.name}/{path.stem}": json.loads(path.read_text()) for path in paths}


def functions_of(stack: Endpoints) -> dict[str, str]:
    """What the functions of a stack are called there, by their names in the template."""
    cloudformation = client("cloudformation", stack.cloud)
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.stack)
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
        if each["ResourceType"] == "AWS::Lambda::Function"
    }


class Moment:
    """What the samples' names stand for on a running stack, for alice and bob of a domain.

    ``values`` grow as it is asked. What it opens ends with it.
    """

    def __init__(self, stack: Endpoints, domain: str = DOMAIN, password: str = PASSWORD) -> None:
        self.stack = stack
        self.domain = domain
        self.alice, self.bob = Address("alice", domain), Address("bob", domain)
        self.tables = tables_of(stack)
        self.values: Values = {}
        self._password = password
        self._until_over = ExitStack()

    def __enter__(self) -> Moment:
        return self

    def __exit__(self, *_: object) -> None:
        self._until_over.close()

    def client(self, service: str) -> Any:
        return client(service, self.stack.cloud)

    def log_in(self, who: Address) -> str:
        """A session token."""
        return log_in(self.stack.http_url, str(who), self._password)

    def connect(self, who: Address) -> ChatConnection:
        """A connection that ends with the moment."""
        opened = open_connection(self.stack.http_url, self.log_in(who))
        self._until_over.callback(opened.close)
        return opened

    def fill(self, event: Event) -> Event:
        """An event of this moment: names are replaced by what they stand for, and so are domain and password of the
        demo where this is another domain. What is good for a minute alone is made anew where the event names it.
        """
        text = json.dumps(event)
        self.values |= {name: make() for name, make in self._perishable.items() if f"<{name}>" in text}
        return fill(event, {DOMAIN: self.domain, PASSWORD: self._password} | named(self.values))

    @property
    def _perishable(self) -> dict[str, Callable[[], str]]:
        """What makes the values that are good for a minute, or once."""
        return {
            "ticket": lambda: str(post(f"{self.stack.http_url}/session/ticket", token=self.values["token"])["ticket"]),
            "node ticket": lambda: self._signer.node_ticket(self.values["node"], _now()),
            "new id": lambda: ids.new(_now()),
        }

    @cached_property
    def _signer(self) -> Signer:
        found = self.client("secretsmanager").get_secret_value(SecretId=self.stack.signing_secret)
        return Signer([json.loads(found["SecretString"])["newest"]])

    def prepare(self) -> None:
        """Make all that the samples name."""
        now, name = _now(), secrets.token_hex(4)
        message = Message(ids.new(now), self.bob, self.alice, "Did the offer go out?")
        messages.record(self.tables, message, None)
        node = f"node-{name}"
        connecting.open_xmpp(self.tables, node, self.alice, "phone", Status.AVAILABLE, 0, "", frozenset(), now)
        file = files.slot(self.alice, "offer.pdf", 5, "application/pdf", now)
        self.client("s3").put_object(Bucket=self.stack.upload_bucket, Key=file.key, Body=b"offer")
        self.values |= {
            "token": self.log_in(self.alice),
            "node": node,
            "connection": f"here-{name}",
            "new connection": f"new-{name}",
            "message id": message.id,
            "file id": str(file.path.split("/")[2]),
            "since": str(now),
        } | self._mail(name)
        self.values |= {name: make() for name, make in self._perishable.items()}
        connecting.open_web(self.tables, self.alice, f"here-{name}", now)  # no push has found yet that nobody is there
        self.lose_connection()

    def lose_connection(self) -> None:
        """Have alice lose a connection whose grace period is over; the next one that she opens would take its place."""
        now, name = _now(), f"lost-{secrets.token_hex(4)}"
        connecting.open_web(self.tables, self.alice, name, now - 3 * GRACE)
        self.tables.connections.lose(self.alice, f"web:{name}", now - 2 * GRACE)
        self.values["lost connection"] = name

    def _mail(self, name: str) -> Values:
        """A mail that is indexed, and its file."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = str(self.bob), str(self.alice), f"Offer {name}"
        mail["Message-ID"] = f"<{name}@{self.domain}>"
        mail["Date"] = "Sat, 31 Jan 2026 09:30:00 +0000"
        mail.set_content("The offer is attached.")
        mail.add_attachment(b"%PDF-1.4 offer", maintype="application", subtype="pdf", filename=f"offer-{name}.pdf")
        key = f"incoming/samples/{name}.eml"
        self.client("s3").put_object(Bucket=self.stack.mail_bucket, Key=key, Body=mail.as_bytes())
        with closing(self.connect(self.alice)) as alice:  # nobody would read what is pushed to her later
            found = self._listed(alice, "message", f"Offer {name}")
            attached = self._listed(alice, "attachment", f"offer-{name}.pdf")
        return {"mail key": key, "mail bucket": self.stack.mail_bucket, "mail id": found, "attachment id": attached}

    def _listed(self, connection: ChatConnection, kind: str, title: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            listed = connection.ask("communications", contact=str(self.bob), kind=kind)["communications"]
            if found := [each["id"] for each in listed if each["title"] == title]:
                return str(found[0])
            time.sleep(0.1)
        raise Problem(f"The mail {title} was not indexed within {PATIENCE} s.")


def _now() -> int:
    return time.time_ns() // 1_000_000


def named(values: Values) -> Values:
    """The values by their names as these stand in the samples."""
    return {f"<{name}>": value for name, value in values.items()}


def fill(event: Event, replaced: Values) -> Event:
    """An event with texts replaced wherever they stand in it, one after the other."""
    text = json.dumps(event, ensure_ascii=False)
    for old, new in replaced.items():
        text = text.replace(old, json.dumps(new, ensure_ascii=False)[1:-1])
    found: Event = json.loads(text)
    return found
