"""That nothing a page or worker complains of goes unheard."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.complaints import Complaints
from tests.browser.conftest import PATIENCE, Serve, Visit

PAGE = '<!doctype html><link rel="icon" href="data:,"><title>Small</title><body>'

START_WORKER = """
const policy = trustedTypes.createPolicy("company-chat", {createScriptURL: (url) => url});
const worker = new SharedWorker(policy.createScriptURL("worker.js"));
worker.port.onmessage = () => { document.title = "done"; };
"""


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<script>globalThis.ran = true</script>", "securitypolicyviolation: script-src-elem inline"),
        ("<p style='color: red'>", "securitypolicyviolation: style-src-attr"),
        ("<iframe src='index.html'></iframe>", "securitypolicyviolation: frame-src"),
        ("<script src='sink.js'></script>", "securitypolicyviolation: require-trusted-types-for"),
        ("<script src='missing.js'></script>", "404"),
        ("<script src='broken.js'></script>", "uncaught: .*broken"),
    ],
)
def test_a_page_is_heard(
    visit: Visit, serve: Serve, tmp_path: Path, complaints: Complaints, html: str, complaint: str
) -> None:
    (tmp_path / "index.html").write_text(PAGE + html)
    (tmp_path / "sink.js").write_text("try { document.body.innerHTML = '<b>'; } catch { /* refused */ }")
    (tmp_path / "broken.js").write_text("throw new Error('broken')")
    page = visit(site=serve(tmp_path))
    assert not page.evaluate("globalThis.ran")
    assert any(re.search(complaint, each) for each in complaints.unexpected)
    complaints.allow("")


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('wrong', 1);", "worker: wrong 1"),
        ("Promise.reject(new Error('rejected'));", "worker: uncaught: Error: rejected"),
        ("await fetch('https://elsewhere.example/').catch(() => 0);", "worker: .* Content Security Policy"),
    ],
)
def test_a_shared_worker_is_heard(
    visit: Visit, serve: Serve, tmp_path: Path, complaints: Complaints, script: str, complaint: str
) -> None:
    (tmp_path / "index.html").write_text(f"{PAGE}<script src='start.js'></script>")
    (tmp_path / "start.js").write_text(START_WORKER)
    (tmp_path / "worker.js").write_text(
        f"onconnect = async (event) => {{ {script} event.ports[0].postMessage('done'); }};"
    )
    page = visit(site=serve(tmp_path))
    expect(page).to_have_title("done")
    deadline = time.monotonic() + PATIENCE / 1000
    while not any(re.search(complaint, each) for each in complaints.unexpected):
        assert time.monotonic() < deadline, "the worker was not heard"
        page.evaluate("0")  # what the browser tells is taken while it is asked something
    complaints.allow("")


def test_what_a_test_allows_passes_and_nothing_else(complaints: Complaints) -> None:
    complaints.hear("WebSocket connection failed")
    complaints.allow("^WebSocket")
    complaints.hear("WebSocket connection failed again")
    complaints.hear("something else")
    assert complaints.unexpected == ["something else"]
    complaints.allow("something")
