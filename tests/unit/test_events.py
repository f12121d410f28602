"""The sample events: one for every function and route of the template, and nothing in them that lets anybody in."""

from __future__ import annotations

import json
import re

from samtranslator.yaml_helper import yaml_parse

from localcloud.endpoints import ROOT
from scripts.events import name_of, singles
from scripts.moment import fill, named, samples

RESOURCES = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]


def test_every_function_has_samples() -> None:
    functions = {
        resource["Properties"]["CodeUri"].rpartition("/")[2]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert {name.partition("/")[0] for name in samples()} == functions


def test_every_route_of_the_websocket_api_has_a_sample() -> None:
    routes = set(RESOURCES["ChatApi"]["Properties"]["Routes"])
    contexts = [event.get("requestContext", {}) for event in samples().values()]
    assert {context["routeKey"] for context in contexts if "connectionId" in context} == routes


def test_every_route_of_the_http_api_has_a_sample() -> None:
    routes = {
        resource["Properties"]["RouteKey"]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::ApiGatewayV2::Route"
    }
    assert {event["routeKey"] for event in samples().values() if "routeKey" in event} == routes


def test_no_sample_holds_a_ticket_or_a_token() -> None:
    assert [name for name, event in samples().items() if re.search(r"\beyJ[\w-]{10}", json.dumps(event))] == []


def test_what_is_good_for_a_moment_is_filled_in() -> None:
    event = {"body": '{"id": "<new id>", "to": "bob@example.com"}', "names": ["<node>"]}
    replaced = {"example.com": "test.example"} | named({"new id": "1", "node": 'with "quotes"'})
    assert fill(event, replaced) == {"body": '{"id": "1", "to": "bob@test.example"}', "names": ['with "quotes"']}


def test_the_lost_connection_of_the_sample_is_the_one_that_was_lost() -> None:
    """Others are lost on the way, when a push finds them gone."""
    values = {"lost connection": "one"}
    batch = {"Records": [{"body": json.dumps({"ref": f"web:{each}"})} for each in ("other", "one")]}
    assert [name_of("grace", each, values) for each in singles(batch)] == ["", "lost"]
    assert "web:<lost connection>" in samples()["grace/lost"]["Records"][0]["body"]
