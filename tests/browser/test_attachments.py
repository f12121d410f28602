"""The tab Attachments, and getting files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from chat import ids
from chat.tables.communications import Communication, Correspondence
from tests.browser.complaints import Complaints
from tests.browser.conftest import OpenPage
from tests.browser.mail import index, rows, show_tab
from tests.company import Company, now
from tests.mailing import Mailbox, message

FILES = {"offer.pdf": b"%PDF-1.4 offer", "page.html": b"<script>globalThis.ran = 1</script>", "figures.xlsx": b"PK"}


@pytest.fixture
def alice(company: Company, mailbox: Mailbox, open_page: OpenPage) -> Page:
    """Alice's page, with the files that came with a mail of Bob's."""
    index(company, mailbox, message(company, "bob", "alice", subject="Offer 7", files=FILES))
    page = open_page(company.at("alice"))
    show_tab(page, "Attachments")
    expect(rows(page)).to_have_count(len(FILES))
    return page


@pytest.mark.parametrize(("name", "kind"), [("offer.pdf", "Document"), ("figures.xlsx", "Spreadsheet")])
def test_a_file_is_listed_with_its_kind_size_and_mail(alice: Page, name: str, kind: str) -> None:
    row = rows(alice).filter(has_text=name)
    expect(row).to_contain_text(kind)
    expect(row).to_contain_text(re.compile(r"Received.*0\.1 kB", re.DOTALL))
    expect(row.get_by_role("button", name="from Offer 7")).to_be_visible()


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_downloaded_and_never_shown(alice: Page, name: str) -> None:
    before = alice.url
    with alice.expect_download() as downloading:
        rows(alice).get_by_role("button", name=f"Download {name}").click()
    assert downloading.value.suggested_filename == name
    assert Path(downloading.value.path()).read_bytes() == FILES[name]
    assert alice.url == before
    assert alice.evaluate("globalThis.ran ?? null") is None


def test_a_file_is_downloaded_again_with_a_new_address(alice: Page) -> None:
    addresses = []
    for _ in range(2):
        with alice.expect_download() as downloading:
            rows(alice).get_by_role("button", name="Download offer.pdf").click()
        addresses.append(downloading.value.url)
    assert len(addresses) == 2


def test_a_file_leads_to_its_mail_and_back(alice: Page) -> None:
    rows(alice).get_by_role("button", name="from Offer 7").first.click()
    mail = alice.get_by_role("region", name="Message", exact=True)
    expect(mail.get_by_role("heading", level=2)).to_have_text("Offer 7")
    with alice.expect_download() as downloading:
        mail.get_by_role("button", name="Download offer.pdf").click()
    assert downloading.value.suggested_filename == "offer.pdf"
    alice.get_by_role("button", name="Back", exact=True).click()
    expect(rows(alice).get_by_role("button", name="from Offer 7").first).to_be_focused()


def test_a_file_that_is_gone_is_told(company: Company, alice: Page) -> None:
    of = Correspondence.between(company.address("alice"), company.address("bob"))
    rows_ = company.tables.communications
    [found] = [
        each for each in rows_.page(of, "attachment", low="0", high="g", limit=9)[0] if each.title == "offer.pdf"
    ]
    rows_.write([], [rows_.key(of, "attachment", found.id)])
    rows(alice).get_by_role("button", name="Download offer.pdf").click()
    expect(rows(alice).get_by_role("alert")).to_have_text("This file is not there any more.")


@pytest.mark.parametrize("refusal", ["an error", "no connection"])
def test_a_download_that_fails_leaves_the_page_alone(alice: Page, complaints: Complaints, refusal: str) -> None:
    complaints.allow("403", "ERR_CONNECTION_REFUSED")

    def refuse(route: Route) -> None:
        if refusal == "an error":
            route.fulfill(status=403, content_type="application/xml", body="<Error><Code>AccessDenied</Code></Error>")
        else:
            route.abort("connectionrefused")

    alice.context.route(re.compile("response-content-disposition"), refuse)
    with alice.context.expect_page():
        rows(alice).get_by_role("button", name="Download offer.pdf").click()
    expect(rows(alice)).to_have_count(len(FILES))
    assert len(alice.context.pages) == 2


def test_a_file_of_the_chat_is_opened_where_it_is(company: Company, open_page: OpenPage) -> None:
    of = Correspondence.between(company.address("alice"), company.address("bob"))
    url = "https://files.example/files/1/photo.jpg"
    shared = Communication(ids.new(now()), "attachment", "photo.jpg", now(), "received", url=url)
    company.tables.communications.add(of, shared)
    page = open_page(company.at("alice"))
    show_tab(page, "Attachments")
    link = rows(page).get_by_role("link", name="Open photo.jpg")
    expect(link).to_have_attribute("href", url)
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(rows(page)).to_contain_text("from the chat")


def test_a_file_of_no_web_address_is_not_linked(company: Company, open_page: OpenPage) -> None:
    of = Correspondence.between(company.address("alice"), company.address("bob"))
    shared = Communication(ids.new(now()), "attachment", "x.jpg", now(), url="javascript:globalThis.ran=1")
    company.tables.communications.add(of, shared)
    page = open_page(company.at("alice"))
    show_tab(page, "Attachments")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).get_by_role("link")).to_have_count(0)
