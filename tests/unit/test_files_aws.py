"""The URLs that S3 takes and gives files at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session
from botocore.stub import Stubber

from chat.aws import clients, quick
from chat import files
from chat.addresses import Address
from chat.aws.files import Downloads, UploadSigner
from chat.files import File, Slot, UnknownFile
from tests.unit.world import NOW

FILE = File("company.example/x/y", "ñ.html")


@pytest.fixture(params=["quick", "plain"])
def s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The client, made in both ways."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if request.param == "plain":
        monkeypatch.setattr(quick, "session", Session)
    clients._client.cache_clear()
    yield clients.client("s3")
    clients._client.cache_clear()


@pytest.fixture
def signer(s3: Any) -> UploadSigner:
    return UploadSigner(lambda: s3, "uploads")


@pytest.fixture
def stored(s3: Any) -> Iterator[Callable[..., Downloads]]:
    """A bucket that answers what it is told to."""
    with Stubber(s3) as stub:

        def bucket(**answer: Any) -> Downloads:
            if "code" in answer:
                stub.add_client_error("head_object", answer["code"], http_status_code=403)
            else:
                stub.add_response("head_object", answer, {"Bucket": "uploads", "Key": FILE.key})
            return Downloads(lambda: s3, "uploads")

        yield bucket


def slot(kind: str = "image/png") -> Slot:
    return files.slot(Address("alice", "company.example"), "a.png", 7, kind, NOW)


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_an_upload_goes_to_the_regions_own_address(signer: UploadSigner) -> None:
    made = slot()
    parts = urlsplit(signer.put_url(made))
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "uploads.s3.us-east-1.amazonaws.com", f"/{made.key}")


def test_size_and_type_are_part_of_what_is_signed(signer: UploadSigner) -> None:
    query = asked(signer.put_url(slot()))
    assert query["X-Amz-SignedHeaders"] == "content-length;content-type;host"
    assert query["X-Amz-Expires"] == "300"


def test_a_client_that_named_no_type_need_send_none(signer: UploadSigner) -> None:
    assert asked(signer.put_url(slot("")))["X-Amz-SignedHeaders"] == "content-length;host"


def test_a_download_is_saved_as_a_file_of_a_harmless_type(stored: Callable[..., Downloads]) -> None:
    query = asked(stored(ContentType="text/html").url(FILE, "GET"))
    assert query["response-content-disposition"] == files.disposition("ñ.html")
    assert query["response-content-type"] == "application/octet-stream"
    assert query["X-Amz-Expires"] == "60"


def test_a_look_is_signed_as_a_look(stored: Callable[..., Downloads]) -> None:
    got = asked(stored(ContentType="image/png").url(FILE, "GET"))
    looked = asked(stored(ContentType="image/png").url(FILE, "HEAD"))
    assert looked["response-content-type"] == got["response-content-type"] == "image/png"
    assert looked["X-Amz-Signature"] != got["X-Amz-Signature"]


@pytest.mark.parametrize("code", ["404", "403"])
def test_what_is_not_in_the_bucket_is_not_found(stored: Callable[..., Downloads], code: str) -> None:
    with pytest.raises(UnknownFile):
        stored(code=code).url(FILE, "GET")


def test_another_trouble_of_the_bucket_is_ours(stored: Callable[..., Downloads]) -> None:
    with pytest.raises(ClientError):
        stored(code="503").url(FILE, "GET")
