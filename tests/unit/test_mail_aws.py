"""The mail bucket as S3 answers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from chat.aws import clients
from chat.aws.mail import MAX_REASON, MailLibrary, metadata_of
from chat.mail.documents import Document
from chat.mail.model import MAX_MAIL, Envelope, File, Person, Unreadable

KEY = {"Bucket": "mail", "Key": "incoming/x"}
DOCUMENT = Document(
    "Über uns", Person("Ä", "a@b.example"), [], [Person("", "c@b.example")], 3, "text", False, "m@x", []
)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    clients._client.cache_clear()
    yield clients.client("s3")
    clients._client.cache_clear()


@pytest.fixture
def stub(s3: Any) -> Iterator[Stubber]:
    with Stubber(s3) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def library(s3: Any) -> MailLibrary:
    return MailLibrary(lambda: s3, "mail")


def body(content: bytes) -> StreamingBody:
    return StreamingBody(io.BytesIO(content), len(content))


def answer(content: bytes, **more: Any) -> dict[str, Any]:
    when = datetime(2026, 1, 2, tzinfo=UTC)
    return {"Body": body(content), "ContentLength": len(content), "LastModified": when, "Metadata": {}} | more


def test_a_raw_message_comes_with_when_it_came_and_its_envelope(library: MailLibrary, stub: Stubber) -> None:
    metadata = {"envelope-from": "a@b.example", "envelope-to": "c@b.example, d@b.example,"}
    stub.add_response("get_object", answer(b"raw", Metadata=metadata), KEY)
    found = library.fetch("incoming/x")
    assert found
    assert (found.content, found.received) == (b"raw", 1_767_312_000_000)
    assert found.envelope == Envelope("a@b.example", ("c@b.example", "d@b.example"))


def test_what_ses_took_says_so(library: MailLibrary, stub: Stubber) -> None:
    for name, by_ses in (("ses/x", True), ("session/x", False)):
        stub.add_response("get_object", answer(b"raw"), {"Bucket": "mail", "Key": f"incoming/{name}"})
        found = library.fetch(f"incoming/{name}")
        assert found
        assert found.envelope.by_ses is by_ses


@pytest.mark.parametrize(
    "envelope", [Envelope(), Envelope("", ("c@b.example",)), Envelope("a@b.example", ("c@b.example", "d@b.example"))]
)
def test_an_envelope_comes_back_as_it_was_put(library: MailLibrary, stub: Stubber, envelope: Envelope) -> None:
    stub.add_response("get_object", answer(b"raw", Metadata=metadata_of(envelope)), KEY)
    found = library.fetch(KEY["Key"])
    assert found
    assert found.envelope == envelope


def test_one_that_is_gone_is_none(library: MailLibrary, stub: Stubber) -> None:
    stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    assert library.fetch("incoming/x") is None


def test_one_that_is_refused_is_not_taken_for_gone(library: MailLibrary, stub: Stubber) -> None:
    stub.add_client_error("get_object", "AccessDenied", http_status_code=403)
    with pytest.raises(ClientError):
        library.fetch("incoming/x")


def test_one_that_is_too_large_is_not_read(library: MailLibrary, stub: Stubber) -> None:
    content = answer(b"")
    stub.add_response("get_object", content | {"ContentLength": MAX_MAIL + 1}, KEY)
    with pytest.raises(Unreadable, match="allowed are 41,943,040"):
        library.fetch("incoming/x")


def test_setting_aside_keeps_the_envelope_and_says_why_in_ascii(library: MailLibrary, stub: Stubber) -> None:
    stub.add_response("head_object", {"Metadata": {"envelope-to": "a@b.example"}}, KEY)
    copy = {
        "Bucket": "mail",
        "Key": "unreadable/x",
        "CopySource": {"Bucket": "mail", "Key": "incoming/x"},
        "MetadataDirective": "REPLACE",
        "Metadata": {"envelope-to": "a@b.example", "reason": "line\\none \\xfc"},
    }
    stub.add_response("copy_object", {}, copy)
    stub.add_response("delete_object", {}, KEY)
    library.set_aside("incoming/x", "line\none ü")


def test_setting_aside_twice_does_no_harm(library: MailLibrary, stub: Stubber) -> None:
    stub.add_client_error("head_object", "404", http_status_code=404)
    library.set_aside("incoming/x", "x" * 2 * MAX_REASON)


def test_a_text_comes_back_as_it_was_kept(library: MailLibrary, stub: Stubber) -> None:
    digest = sha256(DOCUMENT.encode()).hexdigest()
    where = {"Bucket": "mail", "Key": f"texts/b.example/m/{digest}.json"}
    stub.add_response("put_object", {}, where | {"Body": DOCUMENT.encode(), "ContentType": "application/json"})
    assert library.put_text("b.example", "m", DOCUMENT) == digest
    stub.add_response("get_object", answer(DOCUMENT.encode()), where)
    assert library.get_text("b.example", "m", digest) == DOCUMENT


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied"])
def test_a_text_that_is_not_there_is_none(library: MailLibrary, stub: Stubber, code: str) -> None:
    stub.add_client_error("get_object", code)
    assert library.get_text("b.example", "m", "0") is None


def test_a_file_is_put_where_it_is_not_there(library: MailLibrary, stub: Stubber) -> None:
    where = {"Bucket": "mail", "Key": "files/b.example/0"}
    file = File("a.txt", "text/plain", "0", b"content")
    stub.add_response("head_object", {}, where)
    library.put_file("b.example", file)
    stub.add_client_error("head_object", "404", http_status_code=404)
    stub.add_response("put_object", {}, where | {"Body": b"content"})
    library.put_file("b.example", file)


@pytest.mark.parametrize("code", ["404", "403"])
def test_a_file_that_is_gone_is_not_given_out(library: MailLibrary, stub: Stubber, code: str) -> None:
    stub.add_client_error("head_object", code)
    assert library.file_url("b.example", "0", "a.txt", "text/plain") is None


def test_a_file_is_fetched_for_a_minute_as_one_to_save(library: MailLibrary, stub: Stubber) -> None:
    stub.add_response("head_object", {}, {"Bucket": "mail", "Key": "files/b.example/0"})
    url = library.file_url("b.example", "0", 'a"\r\n.html', "text/html")
    found = urlsplit(url or "")
    query = parse_qs(found.query)
    assert found.path == "/files/b.example/0"
    assert query["X-Amz-Expires"] == ["60"]
    assert query["response-content-type"] == ["application/octet-stream"]
    [disposition] = query["response-content-disposition"]
    assert disposition.startswith('attachment; filename="a___.html"')
