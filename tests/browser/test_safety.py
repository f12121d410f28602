"""Hostile text stays text, wherever it is shown; and no window gets a hold on another that it should not have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from chat import directory, ids
from chat.entries import Profile
from tests.browser.chat_windows import bodies, hash_of, open_window
from tests.browser.conftest import OpenPage
from tests.browser.mail import index, rows, show_tab
from tests.browser.panes import composer, row, write
from tests.company import Company, now
from tests.integration.test_communications import keep
from tests.mailing import Mailbox, message

ATTACKS = [
    "<img src=x onerror=globalThis.ran=1>",
    "<script>globalThis.ran=1</script>",
    "javascript:globalThis.ran=1//https://a.example/",
    "${globalThis.ran=1}{{globalThis.ran=1}}<!--?lit$1$-->",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "W" * 90,
    '" onmouseover="globalThis.ran=1" x="',
    "&lt;b&gt; &amp; &#x41;",
]
RAN = "globalThis.ran ?? null"


def ran(*pages: Page) -> list[object]:
    """What the attacks left behind."""
    return [each for each in (page.evaluate(RAN) for page in pages) if each is not None]


def as_shown(text: str) -> str:
    """As a test finds it: runs of white space are one."""
    return " ".join(text.split())


def test_hostile_names_titles_and_departments_are_text(company: Company, open_page: OpenPage) -> None:
    for number, attack in enumerate(ATTACKS):
        profile = Profile(attack, title=attack, department=attack, phones=(attack[:40],))
        user = directory.NewUser(company.address(f"mallory{number}"), profile)
        directory.add_users(company.tables, company.domain, [user], now())
        directory.save_alias(company.tables, company.address(f"sales{number}"), attack, [user.address])
    page = open_page(company.at("alice"))
    for number, attack in enumerate(ATTACKS):
        people = page.get_by_role("group", name="People").get_by_role("option").filter(has_text=as_shown(attack))
        expect(people).to_have_count(1)
        people.click()
        details = page.get_by_role("region", name="Details")
        expect(details.get_by_role("heading", level=2)).to_have_text(attack)
        expect(details.locator("dd", has_text=as_shown(attack)).first).to_be_visible()
        window = open_window(page, company.at(f"mallory{number}"))
        expect(window.get_by_role("heading", level=1)).to_have_text(attack)
        assert ran(page, window) == []
        window.close()


def test_a_hostile_message_is_text(company: Company, open_page: OpenPage) -> None:
    bob = company.connect("bob")
    page = open_page(company.at("alice"))
    row(page, "Bob").click()
    for attack in ATTACKS:
        bob.ask("send", id=ids.new(now()), recipient=company.at("alice"), body=attack)
        expect(page.get_by_role("option").locator(".preview")).to_have_text(attack)
    window = open_window(page, company.at("bob"))
    expect(bodies(window)).to_have_text(ATTACKS)
    assert ran(page, window) == []


def test_a_hostile_draft_is_text(company: Company, open_page: OpenPage) -> None:
    page = open_page(company.at("alice"), "/chat.html" + hash_of(company.at("bob")))
    for number, attack in enumerate(ATTACKS, 1):
        composer(page).fill(attack)
        composer(page).blur()
        page.reload()
        expect(composer(page)).to_have_value(attack)
        write(page, attack)
        expect(bodies(page)).to_have_text(ATTACKS[:number])
    assert ran(page) == []


def test_a_hostile_title_of_an_appointment_is_text(company: Company, open_page: OpenPage) -> None:
    for attack in ATTACKS:
        keep(company, "alice", "bob", attack, now(), "appointment")
    page = open_page(company.at("alice"))
    show_tab(page, "Appointments")
    for attack in ATTACKS:
        expect(page.get_by_role("tabpanel")).to_contain_text(as_shown(attack))
    assert ran(page) == []


def test_a_hostile_mail_is_text(company: Company, mailbox: Mailbox, open_page: OpenPage) -> None:
    subjects = [as_shown(attack) for attack in ATTACKS]
    for kept in subjects:
        files = {f"{kept}.pdf": b"%PDF"}
        index(company, mailbox, message(company, "bob", "alice", subject=kept, text=kept, files=files))
    page = open_page(company.at("alice"))
    show_tab(page, "Messages")
    for number in range(len(subjects)):
        rows(page).nth(number).get_by_role("button").click()
        mail = page.get_by_role("region", name="Message", exact=True)
        expect(mail.locator(".body")).to_be_visible()
        expect(mail.locator(".body *:not(a, bdi)")).to_have_count(0)
        page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("tab", name="Attachments").click()
    expect(rows(page)).to_have_count(len(subjects))
    page.get_by_role("searchbox", name="Search chat and mail").fill("pdf img script ran")
    expect(page.locator("company-chat-search-results")).to_be_visible()
    assert ran(page) == []


@pytest.mark.parametrize(
    "named",
    [
        "<img src=x onerror=globalThis.ran=1>",
        "javascript:globalThis.ran=1",
        "%22%3E%3Cscript%3EglobalThis.ran=1%3C/script%3E@a.example",
        "../../../x@y.example",
        "%E0%A4%A",
        "%00%0A@a.example",
    ],
)
def test_a_hostile_address_of_a_window_runs_nothing(company: Company, open_page: OpenPage, named: str) -> None:
    page = open_page(company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    window = page.context.new_page()
    window.goto(f"/chat.html#company-chat/{named}")
    expect(window.locator("company-chat-window, company-chat-main").first).to_be_visible()
    expect(window.locator("company-chat").get_by_role("heading").first).to_be_visible()
    assert ran(window) == []


def test_the_window_of_somebody_on_another_domain_says_that_nobody_is_there(
    company: Company, open_page: OpenPage
) -> None:
    page = open_page(company.at("alice"), "/chat.html" + hash_of("someone@elsewhere.example"))
    expect(page.get_by_text("is not a contact any more").first).to_be_visible()
    expect(composer(page)).not_to_be_editable()


def test_links_lead_out_without_an_opener(company: Company, open_page: OpenPage) -> None:
    bob = company.connect("bob")
    body = "https://a.example/x www.b.example mailto:c@d.example e@f.example javascript:alert(1) data:text/html,x"
    bob.ask("send", id=ids.new(now()), recipient=company.at("alice"), body=body)
    page = open_page(company.at("alice"), "/chat.html" + hash_of(company.at("bob")))
    links = bodies(page).get_by_role("link")
    expect(links).to_have_count(4)
    found = links.evaluate_all("(all) => all.map(({protocol, rel, target}) => `${protocol} ${rel} ${target}`)")
    assert {each.partition(" ")[2] for each in found} == {"noopener noreferrer _blank"}
    assert {each.partition(" ")[0] for each in found} == {"https:", "mailto:"}


def test_a_link_cannot_read_as_another_by_turning_it_around(company: Company, open_page: OpenPage) -> None:
    bob = company.connect("bob")
    body = "https://evil.example/\u202emoc.elpmaxe//:sptth"
    bob.ask("send", id=ids.new(now()), recipient=company.at("alice"), body=body)
    page = open_page(company.at("alice"), "/chat.html" + hash_of(company.at("bob")))
    link = bodies(page).get_by_role("link")
    expect(link).to_have_text("https://evil.example/")
    expect(link).to_have_attribute("href", "https://evil.example/")


def test_characters_that_cannot_be_sent_are_not_taken(company: Company, open_page: OpenPage) -> None:
    bob = company.connect("bob")
    page = open_page(company.at("alice"), "/chat.html" + hash_of(company.at("bob")))
    write(page, "a\u0001b\u0000c\ufffed\ud83d\ude00")
    expect(bodies(page).first).to_be_visible()
    assert bob.event("message")["message"]["body"] == "abcd😀"


def test_a_very_long_word_stays_in_its_place(company: Company, open_page: OpenPage) -> None:
    bob = company.connect("bob")
    bob.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="W" * 5000)
    page = open_page(company.at("alice"), "/chat.html" + hash_of(company.at("bob")))
    expect(bodies(page)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert bodies(page).evaluate("(it) => it.getBoundingClientRect().right <= innerWidth")


def test_the_page_forgets_whoever_opened_it_from_elsewhere(
    company: Company, open_page: OpenPage, host: Callable[[str], str]
) -> None:
    page = open_page(company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    ours = page.url
    other = page.context.new_page()
    other.goto(host('<!doctype html><link rel="icon" href="data:,"><title>elsewhere</title>'))
    with other.expect_popup() as opened:
        other.evaluate("(url) => { globalThis.held = open(url); }", ours)
    expect(row(opened.value, "Bob")).to_be_visible()
    assert opened.value.evaluate("opener") is None
    assert other.evaluate("held.closed")
