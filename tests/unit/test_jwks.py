"""Key sets: kept for a while, fetched again with care, and what a server may answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import count
from threading import Event

import pytest

from chat.aws import runtime
from chat import jwks
from chat.jwks import AFTER_FAILURE, AGAIN, KEPT, MAX_BYTES, KeySets, fetch
from chat.signon import KeysUnavailable
from tests.webmail import KeyServer, key_server, signing_key

URL = "https://webmail.example/keys.json"


class Webmail:
    """Answers with a key set of these kids, or not at all, and has the clock."""

    def __init__(self, *kids: str) -> None:
        self.kids = list(kids)
        self.now = 1000.0
        self.asked: list[str] = []
        self.sets = KeySets(lambda: self.now, self.answer)

    def answer(self, url: str) -> bytes:
        self.asked.append(url)
        if not self.kids:
            raise KeysUnavailable("nobody is there")
        return json.dumps({"keys": [{"kid": kid} for kid in self.kids]}).encode()

    def get(self, kid: str | None) -> list[str]:
        """The kids of the set that is given for a kid."""
        return [key["kid"] for key in self.sets(URL, kid)]


# ---- what is kept ----


def test_a_set_is_fetched_once_and_kept_for_ten_minutes() -> None:
    webmail = Webmail("a")
    for later in (0.0, KEPT - 1):
        webmail.now = 1000 + later
        assert webmail.get("a") == ["a"]
        assert len(webmail.asked) == 1
    webmail.now = 1000 + KEPT
    webmail.kids = ["b"]
    assert webmail.get("a") == ["b"]


def test_without_kid_the_kept_set_is_enough() -> None:
    webmail = Webmail("a")
    assert [webmail.get(None), webmail.get(None), len(webmail.asked)] == [["a"], ["a"], 1]


def test_sets_are_kept_by_their_url() -> None:
    webmail = Webmail("a")
    for number in (1, 2, 1, 2):
        webmail.sets(f"{URL}?{number}", "a")
    assert webmail.asked == [f"{URL}?1", f"{URL}?2"]


def test_a_new_key_is_found_at_once() -> None:
    webmail = Webmail("a")
    webmail.get("a")
    webmail.kids = ["a", "b"]
    assert webmail.get("b") == ["a", "b"]


def test_keys_that_nobody_has_are_asked_for_once_a_minute() -> None:
    webmail = Webmail("a")
    names = count()
    for _ in range(100):
        assert webmail.get(f"made up {next(names)}") == ["a"]
    assert len(webmail.asked) == 2
    webmail.now += AGAIN
    webmail.get("made up")
    webmail.get("made up")
    assert len(webmail.asked) == 3


def test_a_server_that_failed_is_left_alone_for_a_while() -> None:
    webmail = Webmail()
    for _ in range(3):
        with pytest.raises(KeysUnavailable, match="nobody is there"):
            webmail.get("a")
    assert len(webmail.asked) == 1
    webmail.now += AFTER_FAILURE
    webmail.kids = ["a"]
    assert webmail.get("a") == ["a"]


def test_a_failure_while_looking_for_a_new_key_leaves_the_kept_ones() -> None:
    webmail = Webmail("a")
    webmail.get("a")
    webmail.kids = []
    with pytest.raises(KeysUnavailable):
        webmail.get("b")
    assert webmail.get("a") == ["a"]


def test_a_new_key_that_was_asked_for_in_vain_is_found_as_soon_as_the_server_answers() -> None:
    webmail = Webmail("a")
    webmail.get("a")
    webmail.kids = []
    with pytest.raises(KeysUnavailable):
        webmail.get("b")
    webmail.now += AFTER_FAILURE
    webmail.kids = ["a", "b"]
    assert webmail.get("b") == ["a", "b"]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1/keys.json", False),
        ("https://127.0.0.1/keys.json", False),
        ("https://169.254.169.254/latest", False),
        ("http://webmail.example/keys.json", True),
    ],
)
def test_what_may_not_be_fetched_is_not_whatever_was_set(url: str, local: bool) -> None:
    def get(_url: str) -> bytes:
        raise AssertionError("it was fetched")

    with pytest.raises(KeysUnavailable, match="URL"):
        KeySets(lambda: 0.0, get, local=local)(url, None)


def test_a_set_that_cannot_be_renewed_is_not_used_for_longer() -> None:
    webmail = Webmail("a")
    webmail.get("a")
    webmail.kids = []
    webmail.now += KEPT
    with pytest.raises(KeysUnavailable):
        webmail.get("a")


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"5", b"{}", b'{"keys":{}}', b'{"keys":null}', b"[" * 5000])
def test_what_is_no_key_set_is_said(content: bytes) -> None:
    with pytest.raises(KeysUnavailable, match="not a key set"):
        KeySets(lambda: 0.0, lambda _url: content)(URL, None)


def test_what_is_no_key_in_a_set_is_left_out() -> None:
    assert KeySets(lambda: 0.0, lambda _url: b'{"keys":[5,null,{"kid":"a"},"b"]}')(URL, None) == [{"kid": "a"}]


# ---- what is fetched ----


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server(signing_key("one")) as running:
        yield running


def test_a_set_comes_from_its_server(server: KeyServer) -> None:
    assert KeySets(lambda: 0.0, local=True)(server.url, "one") == [signing_key("one").public]
    assert server.asked == ["/keys.json"]


@pytest.mark.parametrize(("told", "local"), [("this-machine", True), ("internet", False), (None, False)])
def test_a_function_fetches_from_its_own_machine_on_a_local_cloud_alone(
    server: KeyServer, monkeypatch: pytest.MonkeyPatch, told: str | None, local: bool
) -> None:
    monkeypatch.delenv("KEY_SETS_FROM", raising=False)
    if told:
        monkeypatch.setenv("KEY_SETS_FROM", told)
    sets = runtime.key_sets.__wrapped__()
    with nullcontext() if local else pytest.raises(KeysUnavailable, match="not an https URL"):
        sets(server.url, "one")
    assert server.asked == ["/keys.json"] * local


@pytest.mark.parametrize(("path", "asked"), [("", "/"), ("?domain=a", "/?domain=a"), ("/a/b?c=d", "/a/b?c=d")])
def test_the_path_and_the_question_are_sent(server: KeyServer, path: str, asked: str) -> None:
    fetch(server.url.removesuffix("/keys.json") + path)
    assert server.asked == [asked]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: KeyServer, status: int) -> None:
    server.status, server.more_headers = status, {"location": server.url.replace("keys", "others")}
    with pytest.raises(KeysUnavailable, match=f"HTTP {status}, expected 200; redirects are not followed"):
        fetch(server.url)
    assert server.asked == ["/keys.json"]


@pytest.mark.parametrize("status", [204, 404, 500])
def test_an_answer_that_is_none_is_said(server: KeyServer, status: int) -> None:
    server.status = status
    with pytest.raises(KeysUnavailable, match=f"HTTP {status}"):
        fetch(server.url)


def test_an_answer_has_64_kb_at_most(server: KeyServer) -> None:
    server.body = b"x" * MAX_BYTES
    assert len(fetch(server.url)) == MAX_BYTES
    server.body += b"x"
    with pytest.raises(KeysUnavailable, match=f"more than {MAX_BYTES} bytes"):
        fetch(server.url)


def test_an_answer_that_ends_early_is_none(server: KeyServer) -> None:
    server.more_headers = {"content-length": "1000"}
    server.body = server.body[:-1]
    with pytest.raises(KeysUnavailable, match="not a key set"):
        KeySets(lambda: 0.0, local=True)(server.url, "one")


def test_a_server_that_is_not_there_is_said() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(KeysUnavailable, match="ConnectionRefusedError"):
            fetch(f"http://127.0.0.1:{unused.getsockname()[1]}/")


def test_a_server_without_tls_is_no_https_server(server: KeyServer) -> None:
    with pytest.raises(KeysUnavailable, match="SSLError"):
        fetch(server.url.replace("http:", "https:"))


def test_a_host_that_cannot_be_one_is_said() -> None:
    with pytest.raises(KeysUnavailable, match="UnicodeError"):
        fetch(f"http://{'x' * 64}.example/")


def test_a_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(KeysUnavailable, match=r"no answer|timed out"):
        fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/")


def test_a_server_that_sends_little_by_little_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read is in time, the answer as a whole is not."""
    reading = Event()

    def read(url: str) -> bytes:
        reading.wait()
        return b""

    monkeypatch.setattr(jwks, "TIMEOUT", 0.05)
    monkeypatch.setattr(jwks, "_read", read)
    with pytest.raises(KeysUnavailable, match=r"no answer within 0\.05 s"):
        fetch(URL)
    reading.set()
