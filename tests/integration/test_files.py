"""Files by HTTP upload: put with a slot's URL, fetched by the link that stands in messages."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

import boto3
import pytest
from botocore.config import Config

from chat import files
from chat.addresses import Address
from chat.aws.files import UploadSigner
from chat.files import Slot
from localcloud import task_role
from localcloud.endpoints import Endpoints
from tests.company import now

ALICE = Address("alice", "files.example")
PICTURE = b"\x89PNG\r\n\x1a\n" + secrets.token_bytes(1000)


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirection, so that it can be looked at."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        found: str = json.loads(self.body)["error"]["code"]
        return found


def ask(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """One request, whatever its status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body, named, method=method)  # noqa: S310  # the stack's own
    opened: HTTPResponse | urllib.error.HTTPError
    try:
        opened = urllib.request.build_opener(Stay).open(request)
    except urllib.error.HTTPError as error:
        opened = error
    with opened:
        return Answer(opened.status or 0, {name.lower(): of for name, of in opened.headers.items()}, opened.read())


@pytest.fixture(scope="module")
def bridge(stack: Endpoints) -> Callable[[str], Any]:
    """Clients with the rights of the bridge."""
    keys = task_role.assume(stack, stack.bridge_role, "test")
    make: Any = boto3.client
    config = Config(signature_version="s3v4", request_checksum_calculation="when_required")
    return lambda service: make(
        service,
        endpoint_url=stack.cloud,
        region_name=stack.region,
        config=config,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


@dataclass
class Office:
    """Shares files as the bridge does."""

    stack: Endpoints
    signer: UploadSigner

    def slot(self, name: str = "picture.png", size: int = len(PICTURE), kind: str = "image/png") -> Slot:
        return files.slot(ALICE, name, size, kind, now())

    def put(self, slot: Slot, body: bytes = PICTURE, **headers: str) -> Answer:
        return ask(self.signer.put_url(slot), "PUT", body, **headers)

    def share(self, name: str = "picture.png", kind: str = "image/png") -> str:
        """The link of a file that was uploaded."""
        slot = self.slot(name, kind=kind)
        assert self.put(slot, content_type=kind).status == 200
        return self.link(slot)

    def link(self, slot: Slot) -> str:
        return self.stack.http_url + slot.path


@pytest.fixture
def office(stack: Endpoints, bridge: Callable[[str], Any]) -> Office:
    return Office(stack, UploadSigner(lambda: bridge("s3"), stack.upload_bucket))


def test_a_file_is_fetched_by_the_link_that_its_slot_gave(office: Office) -> None:
    sent_on = ask(office.share())
    assert (sent_on.status, sent_on.headers["cache-control"]) == (302, "no-store")
    fetched = ask(sent_on.headers["location"])
    assert (fetched.status, fetched.body) == (200, PICTURE)


def test_a_file_is_saved_and_never_shown_in_place(office: Office) -> None:
    fetched = ask(ask(office.share()).headers["location"])
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert fetched.headers["content-type"] == "image/png"


def test_a_page_is_served_as_something_that_no_browser_runs(office: Office) -> None:
    fetched = ask(ask(office.share("page.html", "text/html")).headers["location"])
    assert fetched.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("name", ["100%.png", "a%25b.png", "año nuevo 年.png", "a?b#c&d=e+f.png", "50%25%25.png"])
def test_a_name_comes_back_as_it_was_given(office: Office, name: str) -> None:
    shared = office.share(name)
    fetched = ask(ask(shared).headers["location"])
    assert fetched.body == PICTURE
    assert fetched.headers["content-disposition"] == files.disposition(name.replace("%25", "%"))


def test_a_client_may_look_before_it_downloads(office: Office) -> None:
    sent_on = ask(office.share(), "HEAD")
    looked = ask(sent_on.headers["location"], "HEAD")
    assert (sent_on.status, looked.status) == (302, 200)
    assert (looked.headers["content-length"], looked.body) == (str(len(PICTURE)), b"")


def test_without_a_type_the_client_is_free(office: Office) -> None:
    slot = office.slot(kind="")
    assert office.put(slot, content_type="text/plain").status == 200
    assert ask(office.link(slot)).status == 302


def test_nothing_is_there_before_the_upload(office: Office) -> None:
    answer = ask(office.link(office.slot()))
    assert (answer.status, answer.code, answer.headers["content-type"]) == (404, "unknown_file", "application/json")


def test_a_link_does_not_work_under_another_name(office: Office) -> None:
    answer = ask(office.share().replace("picture.png", "invoice.exe"))
    assert (answer.status, answer.code) == (404, "unknown_file")


@pytest.mark.parametrize(
    "path", ["/files/x/y", "/files/%2e%2e/y", "/files/.company.example/y", "/files/%00/%00", f"/files/{'a' * 300}/y"]
)
def test_what_is_no_link_is_not_found(stack: Endpoints, path: str) -> None:
    answer = ask(stack.http_url + path)
    assert (answer.status, answer.code) == (404, "unknown_file")


def test_more_or_less_than_the_slot_is_for_is_refused(office: Office) -> None:
    for body in (PICTURE + b"x", PICTURE[:-1], b""):
        assert office.put(office.slot(), body, content_type="image/png").status == 403


def test_another_type_than_the_slot_is_for_is_refused(office: Office) -> None:
    assert office.put(office.slot(), content_type="text/html").status == 403


def test_the_bucket_itself_gives_nothing_to_who_has_no_link(stack: Endpoints, office: Office) -> None:
    slot = office.slot()
    office.put(slot, content_type="image/png")
    assert ask(f"{stack.cloud}/{stack.upload_bucket}/{slot.key}").status == 403


def test_a_web_client_of_another_origin_may_upload(office: Office) -> None:
    url = office.signer.put_url(office.slot())
    allowed = ask(
        url,
        "OPTIONS",
        origin="https://webmail.example",
        access_control_request_method="PUT",
        access_control_request_headers="content-type",
    )
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, "*")
    assert "PUT" in allowed.headers["access-control-allow-methods"]


def test_a_url_is_good_for_a_while_only(office: Office) -> None:
    slot = office.slot()
    assert "X-Amz-Expires=300" in office.signer.put_url(slot)
    assert slot.expires_at - now() <= files.UPLOAD_LIFETIME
    assert "X-Amz-Expires=60" in ask(office.share()).headers["location"]
