"""Metrics: what dashboards draw and alarms watch comes out of functions and bridge, by name, unit and dimensions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge.names import MAM
from chat import metrics
from chat.tables import Tables
from chat.tables.directory import Credential
from chatctl.client import Refused
from chatctl.client import log_in as log_in_to_webmail
from localcloud.bridge import Bridge
from localcloud.cloud import client
from localcloud.endpoints import Endpoints
from tests import scenarios
from tests.bridge.client import XmppClient
from tests.bridge.throttle import Throttle, throttle_of
from tests.company import Company, now, until
from tests.drawn import Series, series
from tests.ground import Ground, Scenario

DOMAIN = "metrics.example"
NOWHERE = "http://127.0.0.1:1"
"""Where nothing listens."""

Found = tuple[str, frozenset[tuple[str, str]]]
"""A metric that was emitted: its name, and its dimensions with their values."""


@dataclass
class Emitted:
    """The series that CloudWatch makes of what functions and bridge have written, each with its units."""

    namespace: str
    logs: list[Path]
    units: dict[Found, set[str]] = field(default_factory=dict)

    def read(self) -> None:
        """Read the logs anew, by the rules of the embedded metric format."""
        for line in (json.loads(line) for line in self._lines() if line.startswith('{"_aws"')):
            for directive in line["_aws"]["CloudWatchMetrics"]:
                assert directive["Namespace"] == self.namespace
                for names in directive["Dimensions"]:
                    of = frozenset((name, line[name]) for name in names)
                    for each in directive["Metrics"]:
                        assert line[each["Name"]], "there is a value"
                        self.units.setdefault((each["Name"], of), set()).add(each["Unit"])

    def _lines(self) -> Iterator[str]:
        """The lines that are written whole."""
        for log in self.logs:
            yield from log.read_text().rpartition("\n")[0].splitlines()

    def has(self, wanted: Series) -> bool:
        """Whether a series was emitted."""
        given = {each for each in wanted.dimensions if each[1]}
        return any(
            name == wanted.name and given <= of and {key for key, _ in of} == {key for key, _ in wanted.dimensions}
            for name, of in self.units
        )


@pytest.fixture(scope="module")
def emitted(
    stack: Endpoints, tables: Tables, credential: Credential, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emitted]:
    """What was emitted while people lived through all that is measured, with a node whose store can be busy and whose
    pushes go nowhere."""
    namespace = f"CompanyChat/{stack.stack}"
    [functions] = {path.resolve() for path in tmp_path_factory.getbasetemp().glob("cloud*/cloud.log")}
    with throttle_of(stack.cloud) as store:
        bridge = Bridge(
            stack,
            tmp_path_factory.mktemp("measured"),
            [DOMAIN],
            node="measured",
            BRIDGE_METRICS_SECONDS="1",
            METRICS_NAMESPACE=namespace,
            AWS_ENDPOINT_URL_DYNAMODB=store.url,
            CONNECTIONS_ENDPOINT=NOWHERE,
        )
        doings: list[tuple[str, Scenario]] = [
            ("", a_wrong_password),
            ("", scenarios.a_message),
            ("", scenarios.a_message_to_a_lost_page),
            ("", scenarios.a_goodbye_and_a_loss),
            ("", scenarios.a_mail_cannot_be_read),
            ("", something_unexpected),
            (DOMAIN, partial(xmpp_clients_come_and_chat, store)),
        ]
        bridge.start()
        try:
            for domain, doing in doings:
                company = Company(stack, tables, credential, domain)
                company.add("alice", "bob", "carol")
                ground = Ground(company, bridge, lambda service: client(service, stack.cloud))
                with closing(company), ground.until_over:
                    doing(ground)
            yield Emitted(namespace, [functions, bridge.log])
        finally:
            bridge.stop()


def a_wrong_password(ground: Ground) -> None:
    with suppress(Refused):
        log_in_to_webmail(ground.company.stack.http_url, ground.company.at("alice"), "wrong")


def something_unexpected(ground: Ground) -> None:
    """An entry of the directory that no code of ours has written."""
    company = ground.company
    company.tables.store.put(company.tables.directory.user_key(company.address("broken")), {"aliases": 7})
    with suppress(Refused):
        company.connect("alice").ask("contact", contact=company.at("broken"))


def xmpp_clients_come_and_chat(store: Throttle, ground: Ground) -> None:
    """One is refused; for the other the store is busy once, and the node loses its link."""
    company, links = ground.company, ground.company.tables.connections.links
    wrong = XmppClient(ground.bridge.ports.starttls, DOMAIN, str(ground.bridge.ca_file))
    ground.until_over.callback(wrong.drop)
    wrong.log_in("bob", "wrong")
    phone, page = ground.xmpp("bob", "phone"), company.connect("alice")
    ground.send(page, "bob", "to the phone")
    phone.wait(lambda found: found.findtext("{*}body") == "to the phone")
    phone.message(company.at("alice"), "to a page that takes nothing")

    store.refuse("Query", times=1)
    assert phone.ask("set", f"<query xmlns='{MAM}'/>").get("type") == "error"
    store.relent()

    [link] = links("measured", now())
    client("apigatewaymanagementapi", company.stack.connections_endpoint).delete_connection(ConnectionId=link)
    until(lambda: set(links("measured", now())) - {link})
    phone.close()
    until(lambda: all(each.is_web for each in ground.connections("bob")))


def read_until(emitted: Emitted, condition: Callable[[], bool]) -> None:
    """Read the logs until they have something: a node writes once a second, and functions after they have answered."""

    def is_there() -> bool:
        if not condition():
            emitted.read()
        return condition()

    until(is_there)


@pytest.mark.parametrize("wanted", [each for each in series() if each.is_own], ids=str)
def test_what_is_drawn_or_watched_is_emitted(emitted: Emitted, wanted: Series) -> None:
    read_until(emitted, lambda: emitted.has(wanted))


def test_what_is_emitted_is_declared_with_the_same_unit_and_dimension(emitted: Emitted) -> None:
    emitted.read()
    for (name, of), units in emitted.units.items():
        declared = metrics.ALL[name]
        assert (units, {key for key, _ in of}) == ({declared.unit}, {declared.dimension} - {None})


def test_no_value_of_a_dimension_names_anybody(emitted: Emitted) -> None:
    emitted.read()
    values: set[Any] = {value for _, of in emitted.units for _, value in of}
    assert not [value for value in values if "@" in value or ".example" in value]
