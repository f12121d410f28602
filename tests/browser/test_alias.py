"""A message to an alias: whom it reaches, who answers whom, and who sees what."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.panes import composer, mark, message, open_chat, row, write
from tests.company import Company


@pytest.fixture(autouse=True)
def salesteam(company: Company) -> None:
    """Alice and bob are the sales team; carol is not in it."""
    company.alias("salesteam", "alice", "bob")


@pytest.fixture
def alice(company: Company, open_page: OpenPage) -> Page:
    page = open_page(company.at("alice"))
    expect(row(page, "Salesteam")).to_be_visible()
    return page


@pytest.fixture
def bob(company: Company, open_page: OpenPage) -> Page:
    page = open_page(company.at("bob"))
    expect(row(page, "Salesteam")).to_be_visible()
    return page


@pytest.fixture
def question(company: Company, open_page: OpenPage) -> Page:
    """Carol's window of the alias."""
    return open_chat(open_page(company.at("carol")), "Salesteam")


def test_a_message_reaches_the_browsers_of_all_members(question: Page, alice: Page, bob: Page) -> None:
    write(question, "Who can help?")
    for page in (alice, bob):
        expect(row(page, "Salesteam")).to_contain_text("1 unread message")
        expect(message(open_chat(page, "Salesteam"), "Who can help?")).to_be_visible()


def test_a_message_to_an_alias_does_not_show_in_the_chat_with_its_sender(question: Page, alice: Page) -> None:
    write(question, "Who can help?")
    expect(row(alice, "Salesteam")).to_contain_text("1 unread message")
    expect(row(alice, "Carol")).not_to_contain_text("unread")
    expect(open_chat(alice, "Carol").get_by_text("No messages yet")).to_be_visible()


def test_the_composer_tells_a_stranger_whom_it_reaches(question: Page) -> None:
    expect(composer(question)).to_have_accessible_description(
        "Reaches the 2 members of Salesteam: those online at once, the others when they come back."
    )


def test_the_composer_tells_a_member_whom_it_reaches(alice: Page) -> None:
    expect(composer(open_chat(alice, "Salesteam"))).to_have_accessible_description(
        "Reaches the one other member of Salesteam: those online at once, the others when they come back."
    )


def test_reply_to_sender_opens_the_chat_with_the_sender(question: Page, alice: Page) -> None:
    write(question, "Who can help?")
    team = open_chat(alice, "Salesteam")
    with team.expect_popup() as opened:
        team.get_by_role("button", name="Reply to sender: chat with Carol").click()
    reply = opened.value
    expect(reply.get_by_role("textbox", name="Message to Carol")).to_be_focused()


def test_the_reply_reaches_the_sender_alone(question: Page, alice: Page, bob: Page) -> None:
    write(question, "Who can help?")
    team = open_chat(alice, "Salesteam")
    with team.expect_popup() as opened:
        team.get_by_role("button", name="Reply to sender: chat with Carol").click()
    write(opened.value, "I can.")
    expect(mark(opened.value, "I can.")).to_have_text("Sent")
    carol = question.context.pages[0]
    expect(message(open_chat(carol, "Alice"), "I can.")).to_be_visible()
    expect(row(bob, "Salesteam")).to_contain_text("1 unread message")
    expect(message(open_chat(bob, "Salesteam"), "I can.")).to_have_count(0)


def test_the_members_are_told_apart(question: Page, alice: Page, bob: Page) -> None:
    write(question, "Who can help?")
    write(open_chat(bob, "Salesteam"), "Busy until noon.")
    team = open_chat(alice, "Salesteam")
    expect(message(team, "Busy until noon.")).to_be_visible()
    heads = team.locator(".group.several .head .name")
    expect(heads).to_have_text(["Carol", "Bob"])
    expect(team.locator(".group.several company-chat-avatar")).to_have_count(2)


def test_who_is_no_member_sees_only_the_own_part(question: Page, alice: Page) -> None:
    write(question, "mine")
    expect(mark(question, "mine")).to_have_text("Sent")
    team = open_chat(alice, "Salesteam")
    write(team, "among ourselves")
    expect(mark(team, "among ourselves")).to_have_text("Sent")
    write(question, "mine again")
    expect(mark(question, "mine again")).to_have_text("Sent")
    question.reload()
    expect(question.locator(".message .body")).to_have_text(["mine", "mine again"])


def test_the_panes_tell_members_and_strangers_what_they_see(question: Page, alice: Page) -> None:
    row(alice, "Salesteam").click()
    expect(alice.get_by_text("You are a member: you read everything")).to_be_visible()
    expect(question.context.pages[0].get_by_text("You are not a member: here you see only")).to_be_visible()


def test_the_panes_of_an_alias_list_its_members(alice: Page) -> None:
    row(alice, "Salesteam").click()
    details = alice.get_by_role("region", name="Details")
    details.get_by_role("button", name="Bob").click()
    expect(details.get_by_role("heading", name="Bob")).to_be_visible()
