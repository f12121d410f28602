"""DynamoDB without botocore's model: the same requests and answers, and the same care with failures."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import ClientError, HTTPClientError

from chat.aws import clients
from bridge.dynamo import Dynamo
from bridge.signing import Signer
from chat.store import ConditionFailed, Expression, Key, Store, Write
from localcloud import certificates

NOON = 1_700_000_000.0
KEY = Key("directory", "a", "b")
PREFIX = "com.amazonaws.dynamodb.v20120810#"


class Renewing:
    """Credentials as botocore has them where they end: each look at them may find others."""

    def __init__(self, *keys: ReadOnlyCredentials) -> None:
        self._keys = list(keys)

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return self._keys.pop(0) if len(self._keys) > 1 else self._keys[0]


class Service(BaseHTTPRequestHandler):
    """Answers each request with the next of the server's answers."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:  # the library's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((dict(self.headers), json.loads(body), self.client_address[1]))
        answer = self.server.answers.pop(0)
        answer(self)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("", 0), Service)
        self.answers: list[Callable[[Service], None]] = []
        self.requests: list[tuple[dict[str, str], dict[str, Any], int]] = []

    def handle_error(self, *_: object) -> None:
        pass  # a client that does not trust us

    @property
    def operations(self) -> list[str]:
        return [headers["x-amz-target"] for headers, _, _ in self.requests]


def gives(answer: dict[str, Any] | bytes, status: int = 200, **headers: str) -> Callable[[Service], None]:
    """An answer."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def give(service: Service) -> None:
        service.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            service.send_header(name.replace("_", "-"), value)
        service.end_headers()
        service.wfile.write(body)

    return give


def refuses(code: str, status: int = 400, **more: Any) -> Callable[[Service], None]:
    return gives({"__type": PREFIX + code, "message": "no", **more}, status)


def breaks_off(service: Service) -> None:
    """Half of an answer, and then the end."""
    service.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"Item":')
    service.close_connection = True


def hangs_up(service: Service) -> None:
    """An answer, and then the end without announcing it, as an idle connection ends."""
    gives({})(service)
    service.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def dynamo(server: Server, pauses: list[float]) -> Iterator[Dynamo]:
    client = clients.client("dynamodb", f"http://localhost:{server.server_port}")
    signer = Signer("dynamodb", "eu-central-1", Credentials("AKID", "secret", "token"))
    made = Dynamo(client, signer, ssl.create_default_context(), pauses.append)
    yield made
    made._forget()


@pytest.fixture
def store(dynamo: Dynamo) -> Store:
    client: Any = dynamo
    return Store(client, lambda _: None)


# Signing.


@pytest.mark.parametrize("token", [None, "a session's token"])
@pytest.mark.parametrize("host", ["dynamodb.eu-central-1.amazonaws.com", "localhost:4566"])
def test_the_signature_is_botocores(host: str, token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    body = '{"TableName":"ü"}'.encode()
    made = Signer("dynamodb", "eu-central-1", Credentials("AKID", "secret", token), lambda: NOON).headers(
        host, "DynamoDB_20120810.GetItem", body
    )
    at_noon = datetime.fromtimestamp(NOON, UTC).replace(tzinfo=None)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: at_noon)
    plain = {"Host": host, "Content-Type": made["content-type"], "X-Amz-Target": made["x-amz-target"]}
    request = AWSRequest("POST", f"https://{host}/", plain, body)
    SigV4Auth(Credentials("AKID", "secret", token), "dynamodb", "eu-central-1").add_auth(request)
    assert made["authorization"] == request.headers["Authorization"]
    assert made["x-amz-date"] == request.headers["X-Amz-Date"]
    assert made.get("x-amz-security-token") == request.headers.get("X-Amz-Security-Token")


def test_renewed_credentials_sign_from_then_on() -> None:
    renewing: Any = Renewing(ReadOnlyCredentials("OLD", "one", "t1"), ReadOnlyCredentials("NEW", "two", "t2"))
    signer = Signer("dynamodb", "eu-central-1", renewing, lambda: NOON)
    fresh = Signer("dynamodb", "eu-central-1", Credentials("NEW", "two", "t2"), lambda: NOON)
    first, second = (signer.headers("h", "t", b"") for _ in range(2))
    assert "Credential=OLD/" in first["authorization"]
    assert second == fresh.headers("h", "t", b"")


def test_a_key_holds_for_one_day() -> None:
    days = iter([NOON, NOON + 86400])
    credentials = Credentials("AKID", "secret")
    signer = Signer("dynamodb", "eu-central-1", credentials, lambda: next(days))
    signer.headers("h", "t", b"")
    tomorrow = Signer("dynamodb", "eu-central-1", credentials, lambda: NOON + 86400)
    assert signer.headers("h", "t", b"") == tomorrow.headers("h", "t", b"")


# Requests and answers.


def test_items_go_and_come_as_the_store_has_them(server: Server, store: Store) -> None:
    raw = bytes(range(256))
    packed = {"B": base64.b64encode(raw).decode()}
    server.answers = [
        gives({}),
        gives({"Item": {"pk": {"S": "a"}, "key": packed, "list": {"L": [packed]}, "B": {"S": '"B"'}}}),
    ]
    store.put(KEY, {"key": raw, "count": 3, "tags": {"x", "y"}})
    assert server.requests[0][1] == {
        "TableName": "directory",
        "Item": {
            "pk": {"S": "a"},
            "sk": {"S": "b"},
            "key": packed,
            "count": {"N": "3"},
            "tags": {"SS": ["x", "y"]},
        },
    }
    assert store.get(KEY) == {"pk": "a", "key": raw, "list": [raw], "B": '"B"'}
    assert server.operations == ["DynamoDB_20120810.PutItem", "DynamoDB_20120810.GetItem"]


def test_one_connection_carries_one_request_after_the_other(server: Server, dynamo: Dynamo) -> None:
    server.answers = [gives({}), refuses("ValidationException"), gives({})]
    dynamo.get_item()
    with pytest.raises(ClientError):
        dynamo.get_item()
    dynamo.get_item()
    assert len({port for _, _, port in server.requests}) == 1


def test_each_thread_has_a_connection_of_its_own(server: Server, dynamo: Dynamo) -> None:
    server.answers = [gives({}), gives({})]
    dynamo.get_item()

    def work() -> None:
        dynamo.get_item()
        dynamo._forget()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len({port for _, _, port in server.requests}) == 2


# Refusals.


def test_a_condition_that_does_not_hold_gives_what_is_there(server: Server, store: Store) -> None:
    there = {"pk": {"S": "a"}, "sk": {"S": "b"}, "key": {"B": "AAE="}}
    server.answers = [refuses("ConditionalCheckFailedException", Item=there)]
    with pytest.raises(ConditionFailed) as caught:
        store.put(KEY, {}, condition=Expression("attribute_not_exists(pk)"))
    assert caught.value.item == {"pk": "a", "sk": "b", "key": b"\x00\x01"}


def test_a_cancelled_transaction_tells_why(server: Server, store: Store) -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}]
    server.answers = [refuses("TransactionCanceledException", CancellationReasons=reasons)]
    with pytest.raises(ConditionFailed) as caught:
        store.transact([Write.put(KEY, {})])
    cause = caught.value.__cause__
    assert isinstance(cause, ClientError)
    assert cause.response.get("CancellationReasons") == reasons


def test_a_refusal_is_told_as_botocore_tells_it(server: Server, dynamo: Dynamo) -> None:
    server.answers = [refuses("ValidationException")]
    with pytest.raises(ClientError, match=r"\(ValidationException\) when calling the Query operation: no") as caught:
        dynamo.query()
    assert caught.value.response["Error"] == {"Code": "ValidationException", "Message": "no"}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(server.requests) == 1


def test_a_refusal_that_is_no_json_is_one_by_its_status(server: Server, dynamo: Dynamo, pauses: list[float]) -> None:
    server.answers = [gives(b"<html>Forbidden</html>", 403)]
    with pytest.raises(ClientError) as caught:
        dynamo.query()
    assert caught.value.response["Error"] == {"Code": "403", "Message": "<html>Forbidden</html>"}
    assert not pauses


# Trying again.


@pytest.mark.parametrize(
    "failure",
    [
        refuses("InternalServerError", 500),
        gives(b"<html>Bad Gateway</html>", 502),
        breaks_off,
        gives(b'{"Item":'),
        gives(b"[]"),
        gives({"Item": {}}, x_amz_crc32=str(crc32(b"something else"))),
    ],
    ids=["500", "502", "broken off", "half", "no object", "checksum"],
)
def test_what_failed_is_tried_again(
    failure: Callable[[Service], None], server: Server, dynamo: Dynamo, pauses: list[float]
) -> None:
    body = b'{"Count": 1}'
    server.answers = [failure, failure, gives(body, x_amz_crc32=str(crc32(body)))]
    assert dynamo.query(TableName="t") == {"Count": 1}
    assert [request for _, request, _ in server.requests] == [{"TableName": "t"}] * 3
    assert [0 <= pause <= most for pause, most in zip(pauses, (0.025, 0.05), strict=True)] == [True, True]


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "TransactionInProgressException"]
)
def test_who_is_told_to_ask_for_less_waits_longer(
    code: str, server: Server, dynamo: Dynamo, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda _low, high: high)
    server.answers = [refuses(code), refuses(code), gives({})]
    dynamo.query()
    assert pauses == [1, 2]


def test_the_last_refusal_is_told(server: Server, dynamo: Dynamo) -> None:
    server.answers = [refuses("ThrottlingException") for _ in range(4)]
    with pytest.raises(ClientError, match="ThrottlingException"):
        dynamo.query()
    assert len(server.requests) == clients.client("dynamodb").meta.config.retries["total_max_attempts"] == 3


def test_no_answer_is_an_error_of_botocore(server: Server, dynamo: Dynamo) -> None:
    server.answers = [breaks_off] * 3
    with pytest.raises(HTTPClientError):
        dynamo.query()


def test_nobody_there_is_an_error_of_botocore(server: Server, dynamo: Dynamo, pauses: list[float]) -> None:
    server.socket.close()
    with pytest.raises(HTTPClientError):
        dynamo.query()
    assert len(pauses) == 2


def test_a_connection_that_ended_while_idle_costs_no_try(server: Server, dynamo: Dynamo, pauses: list[float]) -> None:
    server.answers = [hangs_up, gives({})]
    dynamo.query()
    connection = dynamo._local.connection.sock
    assert connection.recv(1, 0x02) == b""  # MSG_PEEK: the end has come
    dynamo.query()
    assert not pauses
    assert len({port for _, _, port in server.requests}) == 2


def test_a_transaction_that_is_tried_again_has_the_same_token(server: Server, dynamo: Dynamo) -> None:
    server.answers = [breaks_off, gives({}), gives({})]
    dynamo.transact_write_items(TransactItems=[])
    dynamo.transact_write_items(TransactItems=[])
    first, again, another = (request["ClientRequestToken"] for _, request, _ in server.requests)
    assert first == again != another


# Where it connects to, and how long it waits.


def test_endpoint_and_time_outs_are_the_clients() -> None:
    client = clients.client("dynamodb")
    made = Dynamo.like(client)
    assert f"https://{made._host}" == client.meta.endpoint_url
    assert (made._connect_timeout, made._read_timeout) == (1, 2)


def test_a_connection_waits_for_answers_as_long_as_the_client(server: Server, dynamo: Dynamo) -> None:
    server.answers = [gives({})]
    dynamo.query()
    assert dynamo._local.connection.sock.gettimeout() == 2


def encrypt(server: Server, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{certificate}.crt", f"{certificate}.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)


def test_over_tls_it_trusts_whom_botocore_is_told_to_trust(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = certificates.ensure(tmp_path, ["localhost"])
    encrypt(server, tmp_path / "localhost")
    client = clients.client("dynamodb", f"https://localhost:{server.server_port}")
    with pytest.raises(HTTPClientError, match="CERTIFICATE_VERIFY_FAILED"):
        Dynamo.like(client).query()
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority))
    server.answers = [gives({"Count": 0})]
    trusting = Dynamo.like(client)
    assert trusting.query() == {"Count": 0}
    trusting._forget()


def test_over_tls_the_certificate_has_to_be_for_the_host(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificates.ensure(tmp_path, ["another.example"])))
    encrypt(server, tmp_path / "another.example")
    client = clients.client("dynamodb", f"https://127.0.0.2:{server.server_port}")
    with pytest.raises(HTTPClientError, match="IP address mismatch"):
        Dynamo.like(client).query()
