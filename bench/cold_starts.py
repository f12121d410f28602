"""From the start of a function's program to its first answer, beside ``import boto3`` and pydantic.

Each time is that of a fresh interpreter which finds layers and function where Lambda has them and calls the running
local cloud. Ours and the reference alternate, so that what else the machine does meanwhile meets both.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from bench.figures import Figure
from bench.stack import Stack, now, say
from chat import connecting, ids
from chat.addresses import Address
from chatctl import client
from localcloud import package
from localcloud.cloud import ACCOUNT, REGION
from localcloud.seed import PASSWORD, seed

ROUNDS = 15
LIMIT = 1.3
ALICE, BOB, CAROL = (Address(local, "example.com") for local in ("alice", "bob", "carol"))
CONNECTION = "bench-connection"


@dataclass(frozen=True)
class Start:
    """A function, an event for it, and whether an answer is a good one."""

    function: str
    event: Callable[[Stack], dict[str, Any]]
    good: Callable[[Any], bool]


def measure(stack: Stack) -> Iterator[Figure]:
    """One figure for each function."""
    seed(stack.tables, now())
    connecting.open_web(stack.tables, ALICE, CONNECTION, now())
    say("cold starts: building layers and functions")
    built = _build(stack.folder)
    token = client.log_in(stack.endpoints.http_url, str(BOB), PASSWORD)
    watcher = client.open_connection(stack.endpoints.http_url, token)  # whom a message and a presence change reach
    try:
        watcher.ask("watch", contacts=[str(ALICE)])
        times, reference = _alternate(stack, built, watcher)
    finally:
        watcher.close()
    plain = statistics.median(reference)
    for name, taken in times.items():
        middle = statistics.median(taken)
        measured = {"fastest": min(taken), "slowest": max(taken), "fastest reference": min(reference)}
        yield Figure(f"start: {name}", "ms", middle, plain, f"≤ {LIMIT} ×", middle <= LIMIT * plain, measured)


def _alternate(stack: Stack, built: Path, watcher: client.ChatConnection) -> tuple[dict[str, list[float]], list[float]]:
    """Milliseconds of each function's starts, and of the reference's."""
    environments = {name: _environment(stack, start) for name, start in STARTS.items()}
    times: dict[str, list[float]] = {name: [] for name in STARTS}
    reference = []
    for number in range(ROUNDS + 1):
        say(f"cold starts: round {number} of {ROUNDS}")
        watcher.ask("ping")  # reads what was pushed meanwhile, which would fill its buffer
        for name, start in STARTS.items():
            folders = [str(built / part) for part in (start.function, "chat/python", "dependencies/python")]
            seconds, answer = _first_answer(folders, environments[name], start.event(stack))
            assert start.good(answer), f"{name} answered {answer}"
            plain, _ = _first_answer(folders[2:], environments[name], None)
            if number:  # round 0 fills the machine's file cache
                times[name].append(seconds * 1000)
                reference.append(plain * 1000)
    return times, reference


def _environment(stack: Stack, start: Start) -> dict[str, str]:
    """The environment variables of a function as it is deployed, and those that Lambda adds."""
    deployed: dict[str, str] = stack.function(f"{start.function.capitalize()}Function")["Environment"]["Variables"]
    return deployed | {
        "AWS_ENDPOINT_URL": stack.cloud.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


def _first_answer(folders: list[str], environment: dict[str, str], event: Any) -> tuple[float, Any]:
    """Seconds of a fresh interpreter, and what it answered; without an event, of the reference."""
    task = {"first": folders, "last": [str(Path(boto3.__file__).parent.parent)]}
    if event is not None:
        task["event"] = event
    child = [sys.executable, "-I", "-S", str(Path(__file__).with_name("first_answer.py"))]
    done = subprocess.run(child, env=environment, input=json.dumps(task), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    return result["seconds"], result["answer"]


def _build(folder: Path) -> Path:
    """Layers and functions as Lambda unpacks them."""
    built = folder / "built"
    parts = {"dependencies": package.libraries_layer("dependencies"), "chat": package.chat_layer()}
    parts |= {each.function: package.function(f"functions/{each.function}") for each in STARTS.values()}
    for name, content in parts.items():
        shutil.copytree(content, built / name)
    return built


# ---- Events, as API Gateway, the stream and the queue send them ----


def _frame(**fields: Any) -> dict[str, Any]:
    context = {"connectionId": CONNECTION, "authorizer": {"address": str(ALICE)}}
    return {"requestContext": context, "body": json.dumps({"request_id": "1", **fields})}


def _request(route: str, body: str = "", **headers: str) -> dict[str, Any]:
    source = {"http": {"sourceIp": "192.0.2.1"}}
    return {"routeKey": route, "body": body, "headers": headers, "requestContext": source}


def _log_in(_: Stack) -> dict[str, Any]:
    return _request("POST /session", json.dumps({"address": str(ALICE), "password": PASSWORD}))


def _ticket(stack: Stack) -> dict[str, Any]:
    return _request("POST /session/ticket", authorization=f"Bearer {stack.signer.session(ALICE, now())}")


def _authorize(stack: Stack) -> dict[str, Any]:
    return {"queryStringParameters": {"ticket": stack.signer.ticket(ALICE, now())}, "methodArn": "arn:aws:execute-api"}


def _connect(_: Stack) -> dict[str, Any]:
    who = {"address": str(CAROL)}
    return {"requestContext": {"connectionId": CONNECTION, "eventType": "CONNECT", "authorizer": who}}


def _send(_: Stack) -> dict[str, Any]:
    return _frame(action="send", id=ids.new(now()), recipient=str(BOB), body="Good morning")


def _communications(_: Stack) -> dict[str, Any]:
    return _frame(action="communications", contact=str(BOB), kind="message")


def _change(_: Stack) -> dict[str, Any]:
    """A stream record of a presence item that was not there before."""
    connection = {"status": {"S": "available"}, "since": {"N": "1"}, "expires": {"N": str(now() // 1000 + 3600)}}
    keys = {"pk": {"S": f"USER/{ALICE}"}, "sk": {"S": "PRESENCE"}}
    return {"Records": [{"dynamodb": {"Keys": keys, "NewImage": keys | {f"web:{CONNECTION}": {"M": connection}}}}]}


def _lost(_: Stack) -> dict[str, Any]:
    return {"Records": [{"body": json.dumps({"address": str(ALICE), "ref": f"web:{CONNECTION}"})}]}


def _replied(answer: Any) -> bool:
    return bool(json.loads(answer["body"]).get("ok"))


def _answered(answer: Any) -> bool:
    return bool(answer["statusCode"] == 200)


STARTS = {
    "ping": Start("ping", lambda _: _frame(action="ping"), _replied),
    "presence (watch)": Start("presence", lambda _: _frame(action="watch", contacts=[str(BOB)]), _replied),
    "send": Start("send", _send, lambda answer: json.loads(answer["body"]).get("reached") == 1),
    "contacts": Start("contacts", lambda _: _frame(action="contacts"), _replied),
    "history": Start("history", lambda _: _frame(action="history", contact=str(BOB)), _replied),
    "communications": Start("communications", _communications, _replied),
    "search": Start("search", lambda _: _frame(action="search", contact=str(BOB), words="morning"), _replied),
    "connect": Start("connect", _connect, _answered),
    "authorizer": Start("authorizer", _authorize, lambda answer: "address" in answer["context"]),
    "session (ticket)": Start("session", _ticket, _answered),
    "session (log in)": Start("session", _log_in, _answered),
    "fanout": Start("fanout", _change, lambda answer: answer is None),
    "grace": Start("grace", _lost, lambda answer: answer == {"batchItemFailures": []}),
}
