"""Every function answers every sample of its events as it should, with the rights of its own role.

The samples are filled in for a domain of the test's own (``Moment.fill``). What is named in an answer, such as
``<message id>``, is filled in as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chat.presence import connections_in
from chat.tables import Tables
from chat.tables.directory import Credential
from localcloud.endpoints import Endpoints
from scripts.moment import Event, Moment, functions_of, samples
from tests.company import PASSWORD, Company

AWS = Callable[[str], Any]
Functions = dict[str, str]

DONE: Event = {"batchItemFailures": []}
OK: Event = {"statusCode": 200, "ok": True}
ANSWERS: dict[str, Event | None] = {
    "authorizer/node": {"principalId": "<node>", "context": {"node": "<node>"}},
    "authorizer/user": {"principalId": "alice@example.com", "context": {"address": "alice@example.com"}},
    "communications/communications": OK | {"indexed": True},
    "communications/download": OK,
    "communications/mail": OK | {"id": "<mail id>"},
    "connect/node-connects": {"statusCode": 200},
    "connect/node-disconnects": {"statusCode": 200},
    "connect/user-connects": {"statusCode": 200},
    "connect/user-disconnects": {"statusCode": 200},
    "contacts/contact": OK,
    "contacts/contacts": OK | {"unchanged": False},
    "fanout/directory": None,
    "fanout/presence": None,
    "files/get": {"statusCode": 302},
    "files/head": {"statusCode": 302},
    "grace/lost": DONE,
    "grace/missed": DONE,
    "grace/node": DONE,
    "history/conversations": OK,
    "history/history": OK,
    "history/sync": OK,
    "indexer/mail": DONE,
    "ping/default": {"statusCode": 200, "ok": False, "code": "unknown_action"},
    "ping/ping": OK,
    "presence/presence": OK | {"status": "busy", "chosen": "busy"},
    "presence/watch": OK,
    "search/search": OK,
    "send/read": OK | {"moved": True},
    "send/send": OK | {"id": "<new id>"},
    "send/typing": OK,
    "session/log-in": {"statusCode": 200, "address": "alice@example.com"},
    "session/ticket": {"statusCode": 200, "expires_in": 60},
}
"""What is in the answer to each sample, the fields of a body among it; None where nobody waits for an answer."""


@pytest.fixture(scope="module")
def moment(stack: Endpoints, tables: Tables, credential: Credential) -> Iterator[Moment]:
    """What the samples name, in a domain of its own."""
    company = Company(stack, tables, credential)
    company.add("alice", "bob")
    with Moment(stack, company.domain, PASSWORD) as made:
        made.prepare()
        before = connections(made)
        made.connect(made.alice)
        [ref] = connections(made) - before
        made.values["connection"] = ref.removeprefix("web:")  # one that stays when something is pushed to it
        yield made


@pytest.fixture(scope="module")
def functions(stack: Endpoints) -> Functions:
    return functions_of(stack)


def connections(moment: Moment) -> set[str]:
    """The refs of alice's connections."""
    return {each.ref for each in connections_in(moment.tables.connections.of(moment.alice))}


def invoke(aws: AWS, functions: Functions, name: str, event: Event) -> Any:
    """The answer of the function that a sample is of."""
    function = functions[f"{name.partition('/')[0].title()}Function"]
    invoked = aws("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    answer = json.load(invoked["Payload"])
    assert "FunctionError" not in invoked, answer
    return answer


def fields(answer: Event) -> Event:
    """An answer with the fields of its body, and with the code of its error."""
    body: Event = json.loads(answer.get("body") or "{}")
    return answer | body | {"code": body.get("error", {}).get("code")}


@pytest.mark.parametrize("name", samples())
def test_a_function_answers_a_sample_event(moment: Moment, aws: AWS, functions: Functions, name: str) -> None:
    filled = moment.fill({"event": samples()[name], "answer": ANSWERS[name]})
    answer, expected = invoke(aws, functions, name, filled["event"]), filled["answer"]
    if expected is None:
        assert answer is None
    else:
        found = fields(answer)
        assert {key: found.get(key) for key in expected} == expected, answer


def test_the_sample_of_a_lost_connection_removes_it(moment: Moment, aws: AWS, functions: Functions) -> None:
    moment.lose_connection()
    lost = f"web:{moment.values['lost connection']}"
    assert lost in connections(moment)
    invoke(aws, functions, "grace/lost", moment.fill(samples()["grace/lost"]))
    assert lost not in connections(moment)
