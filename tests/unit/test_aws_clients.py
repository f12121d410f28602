"""The quickly made clients are the ones that botocore makes in its own way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import Session

from chat.aws import clients, quick

REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]
SERVICES = ["dynamodb", "sqs", "secretsmanager", "apigatewaymanagementapi"]
FUNCTION_SECONDS = 10
"""The time-out that the template gives to functions which somebody waits for."""


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture(autouse=True)
def nothing_made() -> Iterator[None]:
    """No client is left from, or for, other tests."""
    caches = (clients._client, clients._plain_session, quick.session)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


def seen(client: Any) -> tuple[object, ...]:
    """What of a client decides where its requests go and how they are signed."""
    meta = client.meta
    signer = client._request_signer
    return (
        meta.endpoint_url,
        meta.region_name,
        meta.partition,
        meta.service_model.signature_version,
        signer.signature_version,
        signer.signing_name,
        signer.region_name,
        sorted(client.meta.service_model.operation_names),
    )


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_client_sends_to_the_same_place_signed_the_same_way(service: str, region: str) -> None:
    ours = quick.session().create_client(service, region_name=region)
    plain = Session().create_client(service, region_name=region)
    assert seen(ours) == seen(plain)


def test_only_handlers_of_other_services_and_of_documentation_are_left_out() -> None:
    left_out = {name for name, *_ in BUILTIN_HANDLERS if not quick._concerns_us(name)}
    services = {name.split(".")[1] for name in left_out if not name.startswith("docs.")}
    assert not services & {*quick.SERVICES, "*"}
    assert all("." in name for name in left_out)


def test_one_client_is_made_for_all_who_ask() -> None:
    assert clients.client("dynamodb") is clients.client("dynamodb")


def test_all_tries_of_a_call_end_before_the_time_of_a_function() -> None:
    config = clients.client("dynamodb").meta.config
    waits = sum(2**number for number in range(config.retries["total_max_attempts"] - 1))
    assert config.connect_timeout < config.read_timeout
    assert config.retries["total_max_attempts"] * config.read_timeout + waits < FUNCTION_SECONDS


def breaks(*_arguments: object, **_options: object) -> Any:
    raise AttributeError("botocore has no such thing any more")


@pytest.mark.parametrize("broken", ["botocore.session.Session.register_component", "chat.aws.quick.from_json"])
def test_where_the_quick_way_fails_clients_are_made_the_plain_way(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    plain = Session().create_client("dynamodb")
    with monkeypatch.context() as patch, caplog.at_level("WARNING", "chat"):
        patch.setattr(broken, breaks)
        ours = clients.client("dynamodb")
        clients.client("sqs")
    assert seen(ours) == seen(plain)
    assert (ours.meta.config.connect_timeout, ours.meta.config.read_timeout) == (1, 2)
    assert [record.levelname for record in caplog.records if record.name == "chat"] == ["WARNING"]


def test_where_the_quick_way_cannot_even_be_imported_clients_are_made_the_plain_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("chat.aws.quick")
    monkeypatch.setitem(sys.modules, "chat.aws.quick", None)
    assert clients.client("dynamodb").meta.region_name == "eu-central-1"
