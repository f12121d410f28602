"""Sample events of every function, as the real ones are, and all that trying functions by hand with them needs.

``make events`` records them on a local cloud of its own into ``tests/events/<function>/<name>.json``. What is good for
one moment alone, such as a ticket or a new message's id, stands there as ``<ticket>`` or ``<new id>``.

``make sam-local`` fills them in for the stack of a running ``make run``, into ``.local/sam/events``, and writes the
functions' environment beside them for ``sam local invoke --env-vars``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from chat import connecting, directory, files, ids, messages
from chat.addresses import Address
from chat.presence import GRACE, Status
from chat.tables.history import Message
from chat.tokens import Signer
from chatctl.client import ChatConnection, log_in, open_connection, post
from localcloud import recording
from localcloud.cloud import ACCOUNT, REGION, client, free_port
from localcloud.endpoints import LOCAL, ROOT, Endpoints
from localcloud.problem import Problem
from localcloud.run import running, tables_of
from localcloud.seed import PASSWORD

FOLDER = ROOT / "tests" / "events"
FILLED = LOCAL / "sam"
ALICE, BOB = Address("alice", "example.com"), Address("bob", "example.com")
DOCKER_HOST = "host.docker.internal"
"""What a container calls the machine that it runs on."""
PATIENCE = 40

Event = dict[str, Any]
Values = dict[str, str]
"""What stands for a moment, by the name that it has in the samples."""

STEADY = {
    "requestId": "JKJaXmPLvHcESHA=",
    "extendedRequestId": "JKJaXmPLvHcESHA=",
    "messageId": "JKJaXfjKPHcCGtQ=",
    "requestTime": "31/Jan/2026:09:30:00 +0000",
    "requestTimeEpoch": 1769851800123,
    "timeEpoch": 1769851800123,
    "time": "31/Jan/2026:09:30:00 +0000",
    "connectedAt": 1769851800123,
    "apiId": "a1b2c3d4e5",
    "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    "domainPrefix": "a1b2c3d4e5",
    "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    "Host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    "sourceIp": "192.0.2.1",
    "x-forwarded-port": "443",
    "user-agent": "a client",
    "User-Agent": "a client",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "eventID": "0f0e0d0c0b0a09080706050403020100",
    "SequenceNumber": "100000000000000000001",
    "ApproximateCreationDateTime": 1769851800,
    "eventTime": "2026-01-31T09:30:00.123Z",
    "sequencer": "0055AED6DCD90281E5",
    "eTag": "0123456789abcdef0123456789abcdef",
    "receiptHandle": "AQEB",
    "md5OfBody": "0123456789abcdef0123456789abcdef",
    "SentTimestamp": "1769851800123",
    "ApproximateFirstReceiveTimestamp": "1769851800123",
    "x-amz-request-id": "C3D13FE58DE4C810",
    "x-amz-id-2": "sample",
    "SenderId": "AIDAEXAMPLE",
    "methodArn": "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/chat/$connect",
}
"""Samples of what changes from run to run and means nothing to the functions."""


# ---- The moment ----


class Moment:
    """What the samples' names stand for on a running stack, in the demo's domain; ``values`` grow as it is asked."""

    def __init__(self, stack: Endpoints) -> None:
        self.stack = stack
        self.tables = tables_of(stack)
        self.values: Values = {}
        self._until_over = ExitStack()

    def __enter__(self) -> Moment:
        return self

    def __exit__(self, *_: object) -> None:
        self._until_over.close()

    def client(self, service: str) -> Any:
        return client(service, self.stack.cloud)

    def connect(self, who: Address) -> ChatConnection:
        """A connection that ends with the moment."""
        opened = open_connection(self.stack.http_url, log_in(self.stack.http_url, str(who), PASSWORD))
        self._until_over.callback(opened.close)
        return opened

    def prepare(self) -> None:
        """Make all that the samples name."""
        now, name = time.time_ns() // 1_000_000, secrets.token_hex(4)
        stored = json.loads(
            self.client("secretsmanager").get_secret_value(SecretId=self.stack.signing_secret)["SecretString"]
        )
        signer = Signer([stored["newest"]])
        token = log_in(self.stack.http_url, str(ALICE), PASSWORD)
        message = Message(ids.new(now), BOB, ALICE, "Did the offer go out?")
        messages.record(self.tables, message, None)
        node, lost = f"node-{name}", f"lost-{name}"
        connecting.open_web(self.tables, ALICE, lost, now - 3 * GRACE)
        self.tables.connections.lose(ALICE, f"web:{lost}", now - 2 * GRACE)
        connecting.open_web(self.tables, ALICE, f"here-{name}", now)
        connecting.open_xmpp(self.tables, node, ALICE, "phone", Status.AVAILABLE, 0, "", frozenset(), now)
        file = files.slot(ALICE, "offer.pdf", 5, "application/pdf", now)
        self.client("s3").put_object(Bucket=self.stack.upload_bucket, Key=file.key, Body=b"offer")
        self.values |= {
            "token": token,
            "ticket": post(f"{self.stack.http_url}/session/ticket", token=token)["ticket"],
            "node ticket": signer.node_ticket(node, now),
            "node": node,
            "connection": f"here-{name}",
            "new connection": f"new-{name}",
            "lost connection": lost,
            "new id": ids.new(now + 1),
            "message id": message.id,
            "file id": str(file.path.split("/")[2]),
            "since": str(now),
        } | self._mail(name)

    def _mail(self, name: str) -> Values:
        """A mail that is indexed, and its file."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = str(BOB), str(ALICE), f"Offer {name}"
        mail["Message-ID"] = f"<{name}@example.com>"
        mail["Date"] = "Sat, 31 Jan 2026 09:30:00 +0000"
        mail.set_content("The offer is attached.")
        mail.add_attachment(b"%PDF-1.4 offer", maintype="application", subtype="pdf", filename=f"offer-{name}.pdf")
        key = f"incoming/samples/{name}.eml"
        self.client("s3").put_object(Bucket=self.stack.mail_bucket, Key=key, Body=mail.as_bytes())
        alice = self.connect(ALICE)
        found = self._listed(alice, "message", f"Offer {name}")
        attached = self._listed(alice, "attachment", f"offer-{name}.pdf")
        return {"mail key": key, "mail bucket": self.stack.mail_bucket, "mail id": found, "attachment id": attached}

    def _listed(self, connection: ChatConnection, kind: str, title: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            listed = connection.ask("communications", contact=str(BOB), kind=kind)["communications"]
            if found := [each["id"] for each in listed if each["title"] == title]:
                return str(found[0])
            time.sleep(0.1)
        raise Problem(f"The mail {title} was not indexed within {PATIENCE} s.")


def fill(event: Event, values: Values) -> Event:
    """An event of this moment."""
    text = json.dumps(event, ensure_ascii=False)
    for name, value in values.items():
        text = text.replace(f"<{name}>", json.dumps(value, ensure_ascii=False)[1:-1])
    found: Event = json.loads(text)
    return found


def samples() -> dict[str, Event]:
    """The samples by function and name, as ``send/typing``."""
    paths = sorted(FOLDER.glob("*/*.json"))
    return {f"{path.parent.name}/{path.stem}": json.loads(path.read_text()) for path in paths}


# ---- Recording ----


def name_of(function: str, event: Event, values: Values) -> str:
    """What a sample of an event is called: by its route, or by what it tells of."""
    context: dict[str, Any] = event.get("requestContext", {})
    if "routeKey" in event:
        route = str(event["routeKey"])
        return {"POST /session": "log-in", "POST /session/ticket": "ticket"}.get(route, route.partition(" ")[0].lower())
    if function == "authorizer":
        return "node" if event["queryStringParameters"]["ticket"] == values["node ticket"] else "user"
    if function == "connect":
        who = "node" if context["authorizer"].get("node") else "user"
        return f"{who}-{context['eventType'].lower()}s"
    if "connectionId" in context:
        return str(context["routeKey"]).strip("$")
    record = event["Records"][0]
    if function == "fanout":
        return "presence" if record["dynamodb"]["Keys"]["sk"]["S"] == "PRESENCE" else "directory"
    if function == "grace":
        body = json.loads(record["body"])
        return "missed" if "missed_since" in body else "node" if "node" in body else "lost"
    return "mail"


def steady(value: Any) -> Any:
    """The value with samples for what changes from run to run."""
    if isinstance(value, dict):
        return {name: STEADY[name] if name in STEADY else steady(each) for name, each in value.items()}
    return [steady(each) for each in value] if isinstance(value, list) else value


def record() -> None:
    """Do on a local cloud of its own all that functions are for, and keep a sample of each of their events."""
    folder = Path(tempfile.mkdtemp(prefix="events-"))
    log = folder / "invocations.jsonl"
    os.environ[recording.INVOCATIONS] = str(log)
    try:
        with running(folder, free_port()) as stack, Moment(stack) as moment:
            moment.prepare()
            log.write_text("")
            wanted = _act(moment)
            found = _found(log, stack, moment.values, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for old in FOLDER.glob("*/*.json"):
        old.unlink()
    for name, event in sorted(found.items()):
        path = FOLDER / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(event, indent=2, ensure_ascii=False) + "\n")
    print(f"{len(found)} events are in {FOLDER.relative_to(ROOT)}")


def _act(moment: Moment) -> set[str]:
    """Have every function invoked; returns what must come of the streams and queues."""
    values, stack = moment.values, moment.stack
    token = log_in(stack.http_url, str(ALICE), PASSWORD)
    ticket = post(f"{stack.http_url}/session/ticket", token=token)
    node = ChatConnection(ticket["url"], values["node ticket"])
    alice = ChatConnection(ticket["url"], ticket["ticket"])
    with closing(node), closing(alice):
        contact = str(BOB)
        for action, fields in _frames(values).items():
            alice.ask(action, **fields(contact))
        alice.send({"action": "nothing", "request_id": "7"})
    for method in ("GET", "HEAD"):
        request = urllib.request.Request(f"{stack.http_url}/files/{values['file id']}/offer.pdf", method=method)  # noqa: S310
        with suppress(HTTPError), urllib.request.urlopen(request):  # noqa: S310  # the stack's own
            pass  # urllib goes on with a GET after any redirection, which a link for HEAD does not allow
    moment.tables.connections.lose(ALICE, f"web:{values['connection']}", int(values["since"]))
    for body in (
        {"address": str(ALICE), "ref": f"web:{values['lost connection']}"},
        {"node": values["node"]},
        {"node": values["node"], "missed_since": int(values["since"])},
    ):
        moment.client("sqs").send_message(QueueUrl=stack.grace_queue, MessageBody=json.dumps(body))
    directory.save_alias(moment.tables, Address("samples", "example.com"), "Samples", [ALICE])
    bucket = {"Bucket": stack.mail_bucket, "Key": values["mail key"]}
    moment.client("s3").copy_object(**bucket, CopySource=bucket, MetadataDirective="REPLACE")
    return {"grace/lost", "grace/node", "grace/missed", "fanout/presence", "fanout/directory", "indexer/mail"}


def _frames(values: Values) -> dict[str, Callable[[str], Event]]:
    """A request of each route of the WebSocket API to alice's contact."""
    return {
        "ping": lambda _: {},
        "presence": lambda _: {"status": "busy"},
        "watch": lambda contact: {"contacts": [contact]},
        "contacts": lambda _: {},
        "contact": lambda contact: {"contact": contact},
        "send": lambda contact: {"id": values["new id"], "recipient": contact, "body": "Good morning"},
        "typing": lambda contact: {"contact": contact, "active": True},
        "read": lambda contact: {"contact": contact, "id": values["message id"]},
        "conversations": lambda contact: {"contact": contact},
        "history": lambda contact: {"contact": contact},
        "sync": lambda _: {},
        "communications": lambda contact: {"contact": contact, "kind": "message"},
        "mail": lambda contact: {"contact": contact, "id": values["mail id"]},
        "download": lambda contact: {"contact": contact, "id": values["attachment id"]},
        "search": lambda contact: {"contact": contact, "words": "offer"},
    }


def _found(log: Path, stack: Endpoints, values: Values, wanted: set[str]) -> dict[str, Event]:
    """The first event of each kind, once all that are wanted have come."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found: dict[str, Event] = {}
        for line in log.read_text().splitlines():
            invocation = json.loads(line)
            [function] = re.findall(r"-(\w+)Function-", invocation["function"])
            event = invocation["event"]
            found.setdefault(f"{function.lower()}/{name_of(function.lower(), event, values)}", event)
        if wanted <= found.keys():
            return {name: _sample(name, event, stack, values) for name, event in found.items()}
        if time.monotonic() > deadline:
            raise Problem(f"There came no events of {', '.join(sorted(wanted - found.keys()))}.")
        time.sleep(0.1)


def _sample(name: str, event: Event, stack: Endpoints, values: Values) -> Event:
    """An event without what is good for one moment or one stack alone."""
    known = dict(values)
    if "Records" in event:
        event = event | {"Records": event["Records"][:1]}
    context = event.get("requestContext", {})
    if name.startswith("connect/"):
        known["new connection"] = context["connectionId"]
    elif "connectionId" in context:
        known["connection"] = context["connectionId"]
    if name.endswith(("/user", "/user-connects")):
        known["ticket"] = event["queryStringParameters"]["ticket"]
    if "routeKey" in event and "authorization" in event["headers"]:
        known["token"] = event["headers"]["authorization"].removeprefix("Bearer ")
    text = json.dumps(steady(event), ensure_ascii=False)
    for placeholder, value in sorted(known.items(), key=lambda each: -len(each[1])):
        text = text.replace(value, f"<{placeholder}>")
    text = text.replace(stack.connections_table, "Connections").replace(stack.directory_table, "Directory")
    sample: Event = json.loads(text)
    return sample


# ---- Trying by hand ----


def environments(stack: Endpoints) -> dict[str, Values]:
    """The environment of each function for ``sam local --env-vars``, by its name in the template."""
    lambdas = client("lambda", stack.cloud)
    pages = lambdas.get_paginator("list_functions").paginate()
    found = {each["FunctionName"]: each["Environment"]["Variables"] for page in pages for each in page["Functions"]}
    return {
        str(match[1]): {name: _from_container(value) for name, value in variables.items()} | _access(stack)
        for function, variables in sorted(found.items())
        if (match := re.search(r"-(\w+Function)-", function))
    }


def _access(stack: Endpoints) -> Values:
    return {
        "AWS_ENDPOINT_URL": _from_container(stack.cloud),
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }


def _from_container(value: str) -> str:
    return value.replace("127.0.0.1", DOCKER_HOST)


def write_filled(stack: Endpoints, folder: Path = FILLED) -> Iterator[Path]:
    """Write the environment and the events of this moment."""
    folder.mkdir(parents=True, exist_ok=True)
    with Moment(stack) as moment:
        moment.prepare()
        content: dict[str, Any] = {"env.json": environments(stack)}
        content |= {f"events/{name}.json": fill(event, moment.values) for name, event in samples().items()}
    for name, value in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=2) + "\n")
        yield path


def main() -> None:
    parser = argparse.ArgumentParser(prog="events", description="Sample events of every function.")
    parser.add_argument("what", choices=["record", "fill"])
    try:
        if parser.parse_args().what == "record":
            record()
        else:
            count = len(list(write_filled(Endpoints.load())))
            print(f"{count} files are in {FILLED.relative_to(ROOT)}, good for a minute or two.")
    except Problem as problem:
        sys.exit(str(problem))
    except FileNotFoundError as missing:
        sys.exit(f"Nothing is running here ({missing}); start it with: make run")


if __name__ == "__main__":
    main()
