"""The chat in somebody else's page: one script tag, one element, attributes, events and single sign-on."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from chat import ids, signon_settings
from chat.tables.directory import SignOnSettings
from tests.browser.chat_windows import bodies, hash_of, log_in
from tests.browser.complaints import Complaints
from tests.browser.conftest import Serve, Visit
from tests.browser.panes import row, status_button, write
from tests.company import PASSWORD, Company, now
from tests.webmail import AUDIENCE, ISSUER, SHARED_KEY, claims, shared

Host = Callable[[str], str]

TELL = """
<script>
  globalThis.told = [];
  for (const name of ["unread", "status", "session"])
    document.addEventListener(`company-chat-${name}`, (event) => told.push([name, event.detail]));
</script>
"""


@pytest.fixture
def embed(serve: Serve, host: Host, visit: Visit) -> Callable[..., Page]:
    """A page of another origin with the element in it; ``head`` and ``script`` are the page's own."""

    def open_host(attributes: str = "", head: str = "", script: str = "", path: str = "/") -> Page:
        html = (
            f'<!doctype html><meta charset="utf-8"><title>Webmail</title><link rel="icon" href="data:,">{TELL}{head}'
            f'<script type="module" src="{serve()}/chat.js"></script>'
            f"<h1>A webmail</h1><company-chat {attributes}></company-chat><script>{script}</script>"
        )
        return visit(path, site=host(html))

    return open_host


Embed = Callable[..., Page]


@pytest.fixture
def office(company: Company) -> Company:
    """A company whose webmail signs its users on."""
    signon_settings.set_up(company.tables, company.domain, SignOnSettings(ISSUER, AUDIENCE, SHARED_KEY))
    return company


def sign_on(token: str) -> str:
    """A script of the webmail that gives the chat a token."""
    return f"document.querySelector('company-chat').signOn = async () => '{token}'"


def token(company: Company, local: str, **changed: object) -> str:
    return shared(claims(company.at(local), now(), **changed))


def told(page: Page, name: str) -> list[object]:
    """What the events of this name had to tell so far."""
    return [detail for each, detail in page.evaluate("told") if each == name]


def test_a_page_with_nothing_but_the_script_and_the_element_is_a_chat(visit: Visit, company: Company) -> None:
    page = visit("/embed.html")
    log_in(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()


def test_a_page_of_another_origin_logs_in(embed: Embed, company: Company) -> None:
    page = embed()
    log_in(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    expect(page.get_by_role("heading", name="A webmail")).to_be_visible()


def test_the_policy_that_the_documentation_names_is_enough(
    serve: Serve, host: Host, visit: Visit, company: Company
) -> None:
    files, backend = serve(), [urlsplit(url) for url in (company.stack.http_url, company.stack.websocket_url)]
    policy = (
        f"default-src 'none'; script-src {files}; img-src {files} data: https:;"
        f" connect-src {files} {' '.join(f'{url.scheme}://{url.netloc}' for url in backend)};"
        " require-trusted-types-for 'script'; trusted-types lit-html company-chat"
    )
    page = visit(
        site=host(
            f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{policy}">'
            f'<link rel="icon" href="data:,"><script type="module" src="{files}/chat.js"></script>'
            '<company-chat language="ar"></company-chat>'
        )
    )
    page.locator("input[type=email]").fill(company.at("alice"))
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("option").filter(has_text="Bob")).to_be_visible()


def test_two_pages_of_another_origin_have_one_connection(embed: Embed, company: Company) -> None:
    page = embed()
    log_in(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    other = page.context.new_page()
    other.goto("/")
    expect(row(other, "Bob")).to_be_visible()
    connections = company.tables.connections.of(company.address("alice")) or {}
    assert len([name for name in connections if name.startswith("web:")]) == 1


def test_the_chat_window_of_another_origin_is_that_page_itself(embed: Embed, company: Company) -> None:
    page = embed()
    log_in(page, company.at("alice"))
    row(page, "Bob").click()
    with page.expect_popup() as opened:
        page.get_by_role("toolbar", name="Contact").get_by_role("button", name="Chat").click()
    window = opened.value
    expect(window.get_by_role("heading", name="Bob")).to_be_visible()
    assert window.url == page.url + hash_of(company.at("bob"))
    expect(window.get_by_role("heading", name="A webmail", include_hidden=True)).to_have_attribute("inert", "")


def test_a_chat_window_of_another_origin_sends(embed: Embed, company: Company) -> None:
    page = embed()
    bob = company.connect("bob")
    log_in(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    window = page.context.new_page()
    window.goto("/" + hash_of(company.at("bob")))
    write(window, "from a webmail")
    assert bob.event("message")["message"]["body"] == "from a webmail"
    expect(bodies(window)).to_have_text(["from a webmail"])


def test_the_api_may_be_named_by_an_attribute(embed: Embed, company: Company) -> None:
    elsewhere = company.stack.http_url.replace("127.0.0.1", "localhost")
    page = embed(f'api="{elsewhere}/"')
    with page.expect_request(lambda request: request.url == f"{elsewhere}/session"):
        log_in(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_given_by_an_attribute(embed: Embed, theme: str) -> None:
    page = embed(f'theme="{theme}"')
    expect(page.locator("company-chat")).to_have_css("color-scheme", theme)


def test_the_language_is_given_by_an_attribute(embed: Embed) -> None:
    page = embed('language="ar"')
    expect(page.locator("company-chat")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("heading", name="تسجيل الدخول")).to_be_visible()


def test_what_the_page_decides_is_not_offered_in_the_settings(embed: Embed, company: Company) -> None:
    page = embed('theme="dark" language="en" title-count="off"')
    log_in(page, company.at("alice"))
    page.get_by_role("button", name="Settings").click()
    settings = page.get_by_role("dialog", name="Settings")
    expect(settings.get_by_role("checkbox")).to_have_count(2)
    expect(settings.get_by_role("combobox")).to_have_count(0)


def test_the_heading_is_given_by_an_attribute(embed: Embed, company: Company) -> None:
    page = embed('heading="Team talk"')
    log_in(page, company.at("alice"))
    expect(page.get_by_role("heading", name="Team talk")).to_be_visible()


def test_a_custom_property_of_the_page_colours_the_chat(embed: Embed) -> None:
    page = embed(head="<style>company-chat { --chat-accent: rgb(0, 128, 128) }</style>")
    expect(page.get_by_role("button", name="Log in")).to_have_css("background-color", "rgb(0, 128, 128)")


def test_a_webmail_signs_its_user_on_without_a_form(embed: Embed, office: Company) -> None:
    page = embed(script=sign_on(token(office, "alice")))
    expect(row(page, "Bob")).to_be_visible()
    assert {"address": office.at("alice")} in told(page, "session")


def test_a_refused_sign_on_says_why(embed: Embed, office: Company, complaints: Complaints) -> None:
    complaints.allow("401")
    page = embed(script=sign_on(token(office, "alice", aud="something else")))
    expect(page.get_by_role("alert")).to_contain_text("The sign-on was refused")
    expect(page.get_by_role("alert")).to_contain_text("audience")


def test_a_sign_on_can_be_tried_again(embed: Embed, office: Company, complaints: Complaints) -> None:
    complaints.allow("401")
    page = embed(script=sign_on(token(office, "alice", aud="something else")))
    button = page.get_by_role("button", name="Try again")
    expect(button).to_be_visible()
    good = token(office, "alice")
    page.evaluate("(good) => { globalThis.good = good; }", good)
    page.evaluate("document.querySelector('company-chat').signOn = async () => good")
    expect(row(page, "Bob")).to_be_visible()


def test_what_the_webmail_cannot_sign_is_told(embed: Embed) -> None:
    page = embed(script="document.querySelector('company-chat').signOn = async () => { throw new Error('no key'); }")
    expect(page.get_by_role("alert")).to_contain_text("The webmail could not sign you on")


def test_another_user_of_the_webmail_takes_the_place_of_the_kept_session(embed: Embed, office: Company) -> None:
    page = embed()
    log_in(page, office.at("bob"))
    expect(row(page, "Carol")).to_be_visible()
    page.evaluate(
        """([address, jwt]) => {
          const chat = document.querySelector("company-chat");
          chat.signOn = async () => jwt;
          chat.address = address;
        }""",
        [office.at("alice"), token(office, "alice")],
    )
    expect(row(page, "Bob")).to_be_visible()
    status_button(page).click()
    expect(page.get_by_text(office.at("alice"))).to_be_visible()


def test_a_token_of_somebody_else_than_the_webmails_user_is_refused(embed: Embed, office: Company) -> None:
    page = embed(f'address="{office.at("alice")}"', script=sign_on(token(office, "bob")))
    expect(page.get_by_role("alert")).to_contain_text("somebody else than the person who is logged in there")


def test_the_page_is_told_of_unread_messages(embed: Embed, company: Company) -> None:
    page = embed(script="document.hasFocus = () => false")
    log_in(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    company.connect("bob").ask("send", id=ids.new(now()), recipient=company.at("alice"), body="hello")
    expect(page).to_have_title("(1) Webmail")
    assert told(page, "unread")[-1] == {"unread": 1}


def test_the_title_is_left_alone_where_the_page_wants_that(embed: Embed, company: Company) -> None:
    page = embed('title-count="off"')
    log_in(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    company.connect("bob").ask("send", id=ids.new(now()), recipient=company.at("alice"), body="hello")
    expect(row(page, "Bob")).to_contain_text("1 unread message")
    expect(page).to_have_title("Webmail")


def test_the_page_is_told_of_the_status(embed: Embed, company: Company) -> None:
    page = embed()
    log_in(page, company.at("alice"))
    status_button(page).click()
    page.get_by_role("menuitemradio", name="Busy").click()
    expect(status_button(page)).to_have_accessible_name("Status: Busy")
    assert told(page, "status")[-1] == {"status": "busy"}


def test_the_page_is_told_of_the_end_of_the_session(embed: Embed, company: Company) -> None:
    page = embed()
    log_in(page, company.at("alice"))
    status_button(page).click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in to chat")).to_be_visible()
    assert told(page, "session") == [{"address": None}, {"address": company.at("alice")}, {"address": None}]


def test_the_page_opens_a_chat_by_the_method(embed: Embed, company: Company) -> None:
    button = "document.querySelector('company-chat').openChat('{}')".format(company.at("bob").upper())
    page = embed(head=f'<button onclick="{button}">Write to Bob</button>')
    log_in(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Write to Bob").click()
    expect(opened.value.get_by_role("heading", name="Bob")).to_be_visible()
