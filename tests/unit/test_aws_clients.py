"""The quickly made clients are the ones that botocore makes in its own way."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import Session

from chat.aws import clients

REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]
SERVICES = ["dynamodb", "sqs", "secretsmanager", "apigatewaymanagementapi"]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


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
    ours = clients._session().create_client(service, region_name=region)
    plain = Session().create_client(service, region_name=region)
    assert seen(ours) == seen(plain)


def test_only_handlers_of_other_services_and_of_documentation_are_left_out() -> None:
    left_out = {name for name, *_ in BUILTIN_HANDLERS if not clients._concerns_us(name)}
    services = {name.split(".")[1] for name in left_out if not name.startswith("docs.")}
    assert not services & {*clients.SERVICES, "*"}
    assert all("." in name for name in left_out)


def test_one_client_is_made_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert clients.client("dynamodb") is clients.client("dynamodb")
