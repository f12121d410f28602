"""``make events``: records a sample event of every function and route into ``tests/events/<function>/<name>.json``.

It does all that functions are for on a local cloud of its own. What is good for one moment or one stack alone gets a
name in the samples, such as ``<ticket>`` (``scripts.moment``).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from chat import directory
from chat.addresses import Address
from chatctl.client import ChatConnection, post
from localcloud import recording
from localcloud.cloud import free_port
from localcloud.endpoints import ROOT, Endpoints
from localcloud.problem import Problem
from localcloud.run import running
from scripts.moment import FOLDER, PATIENCE, Event, Moment, Values

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


def name_of(function: str, event: Event, values: Values) -> str:
    """What a sample of an event is called: by its route, or by what it tells of; empty where it is none of ours."""
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
        if "node" in body:
            return "missed" if "missed_since" in body else "node"
        return "lost" if body["ref"] == f"web:{values['lost connection']}" else ""
    return "mail"


def singles(event: Event) -> list[Event]:
    """An event of a stream or queue as one for each of its records; how many come in a batch is chance."""
    return [event | {"Records": [record]} for record in event["Records"]] if "Records" in event else [event]


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
    token = moment.log_in(moment.alice)
    ticket = post(f"{stack.http_url}/session/ticket", token=token)
    node = ChatConnection(ticket["url"], values["node ticket"])
    alice = ChatConnection(ticket["url"], ticket["ticket"])
    with closing(node), closing(alice):
        contact = str(moment.bob)
        for action, fields in _frames(values).items():
            alice.ask(action, **fields(contact))
        alice.send({"action": "nothing", "request_id": "7"})
    for method in ("GET", "HEAD"):
        request = urllib.request.Request(f"{stack.http_url}/files/{values['file id']}/offer.pdf", method=method)  # noqa: S310
        with suppress(HTTPError), urllib.request.urlopen(request):  # noqa: S310  # the stack's own
            pass  # urllib goes on with a GET after any redirection, which a link for HEAD does not allow
    moment.tables.connections.lose(moment.alice, f"web:{values['connection']}", int(values["since"]))
    for body in (
        {"address": str(moment.alice), "ref": f"web:{values['lost connection']}"},
        {"node": values["node"]},
        {"node": values["node"], "missed_since": int(values["since"])},
    ):
        moment.client("sqs").send_message(QueueUrl=stack.grace_queue, MessageBody=json.dumps(body))
    directory.save_alias(moment.tables, Address("samples", moment.domain), "Samples", [moment.alice])
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
            [function] = re.findall(r"-(\w+)function-", invocation["function"].lower())
            for event in singles(invocation["event"]):
                if name := name_of(function, event, values):
                    found.setdefault(f"{function}/{name}", event)
        if wanted <= found.keys():
            return {name: _sample(name, event, stack, values) for name, event in found.items()}
        if time.monotonic() > deadline:
            raise Problem(f"There came no events of {', '.join(sorted(wanted - found.keys()))}.")
        time.sleep(0.1)


def _sample(name: str, event: Event, stack: Endpoints, values: Values) -> Event:
    """An event without what is good for one moment or one stack alone."""
    known = dict(values)
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


if __name__ == "__main__":
    try:
        record()
    except Problem as problem:
        sys.exit(str(problem))
