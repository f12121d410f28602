"""A page of another origin may log in, as the template's CorsConfiguration says."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.client import HTTPResponse

import pytest

from localcloud.endpoints import Endpoints
from tests.company import PASSWORD, Company

ORIGIN = "http://127.0.0.1:8480"


def request(url: str, method: str, body: bytes | None = None, **headers: str) -> HTTPResponse | urllib.error.HTTPError:
    """Ask as a browser does for a page of another origin; the answer, whatever its status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(url, body, {"origin": ORIGIN} | named, method=method)  # noqa: S310  # the stack's own
    try:
        answer: HTTPResponse = urllib.request.urlopen(asked)  # noqa: S310
    except urllib.error.HTTPError as error:
        return error
    return answer


def listed(answer: HTTPResponse | urllib.error.HTTPError, name: str) -> set[str]:
    """The entries of a header."""
    return {each.strip().lower() for each in (answer.headers[name] or "").split(",")}


@pytest.mark.parametrize("path", ["/session", "/session/ticket"])
def test_the_browser_is_told_that_it_may(stack: Endpoints, path: str) -> None:
    with request(
        stack.http_url + path,
        "OPTIONS",
        access_control_request_method="POST",
        access_control_request_headers="authorization,content-type",
    ) as answer:
        assert (answer.status, answer.read()) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert listed(answer, "access-control-allow-methods") == {"post"}
        assert listed(answer, "access-control-allow-headers") == {"authorization", "content-type"}
        assert answer.headers["access-control-max-age"] == "86400"
        assert answer.headers["access-control-allow-credentials"] is None


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, 200), ("wrong", 401)])
def test_the_page_may_read_the_answer(company: Company, password: str, status: int) -> None:
    body = json.dumps({"address": company.at("alice"), "password": password}).encode()
    with request(f"{company.stack.http_url}/session", "POST", body, content_type="application/json") as answer:
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == "*"
        assert listed(answer, "access-control-expose-headers") == {"retry-after"}
