"""The page server: what it answers, and what its headers let a page do in the browser."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from localcloud.page import check_page, serving
from localcloud.problem import Problem
from localcloud.site import HEADERS, Site
from tests.browser.conftest import OpenPage, Serve, Visit
from tests.company import PASSWORD, Company

HASHED = "/assets/chat-DxK3f_9a.js"
FILES = {
    "/index.html": '<!doctype html><title>Small</title><link rel="icon" href="data:,"><script src="chat.js"></script>',
    "/chat.html": '<!doctype html><title>Chat</title><link rel="icon" href="data:,">',
    "/chat.js": "globalThis.loaded = true;" + "// made longer, so that it is worth compressing\n" * 50,
    "/worker.js": "",
    HASHED: "",
    "/icons/chat.svg": "<svg/>",
    "/assets/untouched.js": "",
    "/manifest.webmanifest": "{}",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small built page, beside a file that is none of it."""
    made = tmp_path / "dist"
    for path, content in FILES.items():
        file = made / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (made / ".hidden").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    (made / "link.txt").symlink_to(tmp_path / "secret.txt")
    return made


Ask = Callable[..., tuple[HTTPResponse, bytes]]


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """The small page's server."""
    site = Site(folder, "https://api.example/stage", "wss://chat.example/chat", connection_lifetime=5)
    with serving(site) as served:
        yield served


@pytest.fixture
def ask(address: str) -> Ask:
    """Ask the small page's server, with the path as it is."""

    def request(path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): of for name, of in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    return request


@pytest.mark.parametrize("path", [*FILES, "/", "/config.json", "/nothing", "/chat.html?with=bob"])
def test_every_answer_has_the_security_headers(ask: Ask, path: str) -> None:
    answer, _ = ask(path)
    for name in json.loads(HEADERS.read_text())["all"]:
        assert answer.getheader(name), name
    policy = str(answer.getheader("Content-Security-Policy")).split("; ")
    assert "script-src 'self'" in policy
    assert "connect-src 'self' https://api.example wss://chat.example" in policy
    assert "unsafe" not in "".join(policy)


@pytest.mark.parametrize(
    ("path", "embeddable"),
    [
        ("/chat.js", True),
        ("/worker.js", True),
        (HASHED, True),
        ("/icons/chat.svg", True),
        ("/config.json", True),
        ("/index.html", False),
        ("/chat.html", False),
        ("/nothing", False),
    ],
)
def test_other_origins_load_the_scripts_and_no_page(ask: Ask, path: str, embeddable: bool) -> None:
    answer, _ = ask(path)
    assert answer.getheader("Access-Control-Allow-Origin") == ("*" if embeddable else None)
    assert answer.getheader("Cross-Origin-Resource-Policy") == ("cross-origin" if embeddable else "same-origin")


@pytest.mark.parametrize(("path", "kept"), [(path, path == HASHED) for path in FILES])
def test_only_what_has_its_content_in_its_name_is_kept_unasked(ask: Ask, path: str, kept: bool) -> None:
    found = ask(path)[0].getheader("Cache-Control")
    assert found == ("public, max-age=31536000, immutable" if kept else "no-cache")


def test_files_are_sent_with_their_type(ask: Ask) -> None:
    for path, content in FILES.items():
        answer, body = ask(path)
        assert (answer.status, body.decode()) == (200, content)
    assert ask("/")[0].getheader("Content-Type") == "text/html; charset=utf-8"
    assert ask("/")[1] == FILES["/index.html"].encode()
    assert ask("/chat.js")[0].getheader("Content-Type") == "text/javascript; charset=utf-8"
    assert ask("/manifest.webmanifest")[0].getheader("Content-Type") == "application/manifest+json"


def test_the_config_names_the_api_and_what_a_test_adds(ask: Ask) -> None:
    answer, body = ask("/config.json")
    assert json.loads(body) == {"api": "https://api.example/stage", "connection_lifetime": 5}
    assert answer.getheader("Content-Type") == "application/json"
    assert answer.getheader("Cache-Control") == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/assets",
        "/assets/",
        "/chat.js/",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/link.txt",
        "/.hidden",
        "/chat.js%00.html",
        "/%ff",
        "/" + "a" * 5000,
        "secret.txt",
    ],
)
def test_nothing_else_is_there(ask: Ask, path: str) -> None:
    answer, body = ask(path)
    assert (answer.status, body) == (404, b"Not Found\n")


def test_head_is_get_without_the_body(ask: Ask) -> None:
    got, _ = ask("/chat.js")
    answer, body = ask("/chat.js", "HEAD")
    assert (answer.status, body) == (200, b"")
    assert answer.getheaders() == got.getheaders()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_nothing_can_be_done_but_reading(ask: Ask, method: str) -> None:
    answer, _ = ask("/chat.js", method)
    assert answer.status == 405
    assert answer.getheader("Allow") == "GET, HEAD"
    assert answer.getheader("Content-Security-Policy")


def test_what_is_known_already_is_not_sent_again(ask: Ask, folder: Path) -> None:
    tag = str(ask("/chat.js")[0].getheader("ETag"))
    answer, body = ask("/chat.js", If_None_Match=f'"other", {tag}')
    assert (answer.status, body) == (304, b"")
    assert answer.getheader("ETag") == tag
    assert answer.getheader("Content-Security-Policy")
    (folder / "chat.js").write_text("changed")
    assert ask("/chat.js", If_None_Match=tag)[1] == b"changed"


def test_texts_are_compressed_for_those_who_can_read_it(ask: Ask) -> None:
    answer, body = ask("/chat.js", Accept_Encoding="br, gzip;q=0.8")
    assert answer.getheader("Content-Encoding") == "gzip"
    assert answer.getheader("Vary") == "Accept-Encoding"
    assert gzip.decompress(body).decode() == FILES["/chat.js"]
    for refused in ("br", "gzip;q=0", "identity"):
        assert ask("/chat.js", Accept_Encoding=refused)[0].getheader("Content-Encoding") is None


def test_a_connection_that_asks_for_nothing_ends_without_a_word(
    address: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("localcloud.page._Handler.timeout", 0.01)
    with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: page\r\n\r\n")
        with connection.makefile("rb") as answers:
            assert answers.read().startswith(b"HTTP/1.1 200 ")
    assert capfd.readouterr().err == ""


def test_no_page_and_no_port_are_said_in_one_sentence(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(Problem, match="build it with: make web"):
        check_page(tmp_path / "nothing")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(Problem, match=f"Port {port} cannot be used"), serving(Site(folder, "", ""), port):
            pass


def test_a_page_loads_and_logs_in_across_origins(visit: Visit, serve: Serve, folder: Path, company: Company) -> None:
    page = visit(site=serve(folder))
    expect(page).to_have_title("Small")
    assert page.evaluate("loaded")
    answer: dict[str, Any] = page.evaluate(
        """async ([address, password]) => {
          const {api} = await (await fetch("config.json")).json();
          const post = (path, body, headers = {}) => fetch(`${api}${path}`, {
            method: "POST", body: JSON.stringify(body), headers: {"content-type": "application/json", ...headers},
          });
          const {token} = await (await post("/session", {address, password})).json();
          const {ticket, url} = await (await post("/session/ticket", {}, {authorization: `Bearer ${token}`})).json();
          const socket = new WebSocket(`${url}?ticket=${encodeURIComponent(ticket)}`);
          await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
          socket.send(JSON.stringify({action: "ping", request_id: "1"}));
          const reply = await new Promise((resolve) => { socket.onmessage = (event) => resolve(event.data); });
          socket.close();
          return JSON.parse(reply);
        }""",
        [company.at("alice"), PASSWORD],
    )
    assert answer["ok"]


FORM = """
<label>Address <input id="address"></label>
<label>Password <input id="password" type="password"></label>
<button>Log in</button> <output></output>
<script src="form.js"></script>
"""
FORM_SCRIPT = """
const [address, password] = document.querySelectorAll("input");
document.querySelector("button").onclick = () => {
  document.querySelector("output").value = `${address.value} ${password.value}`;
};
"""


def test_tests_log_in_by_the_form(open_page: OpenPage, serve: Serve, folder: Path) -> None:
    (folder / "index.html").write_text(f'<!doctype html><link rel="icon" href="data:,">{FORM}')
    (folder / "form.js").write_text(FORM_SCRIPT)
    page = open_page("alice@small.example", site=serve(folder))
    expect(page.locator("output")).to_have_text(f"alice@small.example {PASSWORD}")


def test_a_window_of_the_page_keeps_its_opener(visit: Visit, serve: Serve, folder: Path) -> None:
    page = visit(site=serve(folder))
    with page.expect_popup() as opened:
        page.evaluate("void open('chat.html', 'chat', 'popup')")
    chat = opened.value
    chat.wait_for_load_state()
    assert chat.evaluate("opener.location.pathname") == "/"
    page.evaluate(
        """() => {
          globalThis.channel = new BroadcastChannel("all");
          channel.onmessage = (event) => { document.title = event.data; };
        }"""
    )
    chat.evaluate("new BroadcastChannel('all').postMessage('hello')")
    expect(page).to_have_title("hello")


def test_another_page_embeds_the_chat_by_a_script_tag(
    visit: Visit, serve: Serve, folder: Path, host: Callable[[str], str]
) -> None:
    script = f"{serve(folder)}/chat.js"
    page = visit(site=host(f'<link rel="icon" href="data:,"><script type="module" src="{script}"></script>'))
    page.wait_for_function("globalThis.loaded")
    assert visit(site=host(f'<link rel="icon" href="data:,"><script src="{script}"></script>')).evaluate("loaded")
