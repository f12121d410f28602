"""``chatctl mail`` on the deployed stack."""

from __future__ import annotations

import json
import mailbox as maildirs
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chatctl.main import app
from localcloud.endpoints import Endpoints
from tests.company import Company, until
from tests.mailing import Mailbox, listed, message, titles


class Chatctl:
    """Runs commands on the stack."""

    def __init__(self, stack: Endpoints, folder: Path) -> None:
        self._endpoints = folder / "endpoints.json"
        stack.save(self._endpoints)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["--endpoints", str(self._endpoints), "mail", *arguments])

    def done(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return str(result.stdout)


@pytest.fixture
def chatctl(stack: Endpoints, tmp_path: Path) -> Chatctl:
    return Chatctl(stack, tmp_path)


@pytest.fixture
def mailbox(stack: Endpoints) -> Mailbox:
    return Mailbox(stack)


def test_a_maildir_is_imported_with_its_folders_and_once(company: Company, chatctl: Chatctl, tmp_path: Path) -> None:
    inbox = maildirs.Maildir(tmp_path / "Maildir")
    inbox.add(message(company, "bob", "alice", subject="In the inbox"))
    inbox.add_folder("Sent").add(message(company, "alice", "bob", subject="In a folder"))
    assert chatctl.done("import", str(tmp_path / "Maildir")) == "2 messages put in, 0 there already\n"
    bob = company.connect("bob")
    until(lambda: set(titles(bob, company.at("alice"))) == {"In the inbox", "In a folder"})
    assert chatctl.done("import", str(tmp_path / "Maildir")) == "no messages put in, 2 there already\n"


def test_drafts_are_not_imported_and_told_of(company: Company, chatctl: Chatctl, tmp_path: Path) -> None:
    inbox = maildirs.Maildir(tmp_path / "Maildir")
    draft = maildirs.MaildirMessage(message(company, "alice", "bob", subject="Not sent"))
    draft.set_flags("D")
    inbox.add(draft)
    told = chatctl.done("import", str(tmp_path / "Maildir"))
    assert told == "no messages put in, 0 there already; 1 message left out as draft, deleted or junk\n"


def test_an_mbox_is_imported_for_its_owner_who_had_blind_copies(
    company: Company, chatctl: Chatctl, tmp_path: Path
) -> None:
    box = maildirs.mbox(tmp_path / "box")
    box.add(message(company, "alice", "bob", text="From here\n\nFrom there"))
    box.add(message(company, "alice", "bob", subject="Another"))
    box.close()
    chatctl.done("import", str(tmp_path / "box"), "--recipient", company.at("carol"))
    carol = company.connect("carol")
    until(lambda: set(titles(carol, company.at("alice"))) == {"Offer 7", "Another"})
    [found] = [each for each in listed(carol, company.at("alice")) if each["title"] == "Offer 7"]
    assert found["preview"] == "From here From there"


def test_what_cannot_be_read_is_listed_and_tried_again(company: Company, chatctl: Chatctl, mailbox: Mailbox) -> None:
    name = f"{company.domain}/bad"
    mailbox.put(b"no mail", f"incoming/{name}", envelope_to=company.at("bob"))
    until(lambda: f"unreadable/{name}" in chatctl.done("unreadable"))
    assert "no header" in chatctl.done("unreadable")
    assert "no messages will" in chatctl.done("retry", "--reason", "another reason")
    good = message(company, "alice", "carol").as_bytes()
    metadata = mailbox.metadata(f"unreadable/{name}")
    mailbox.s3.put_object(Bucket=mailbox.stack.mail_bucket, Key=f"unreadable/{name}", Body=good, Metadata=metadata)
    assert "will be tried again" in chatctl.done("retry")
    bob = company.connect("bob")
    until(lambda: titles(bob, company.at("alice")) == ["Offer 7"])  # its envelope has come with it
    assert name not in chatctl.done("unreadable")


def test_what_was_given_up_is_tried_again(company: Company, chatctl: Chatctl, mailbox: Mailbox) -> None:
    key = f"incoming/{company.domain}/late"
    body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
    mailbox.sqs.send_message(QueueUrl=mailbox.stack.mail_dead_letters, MessageBody=body)
    mailbox.put(message(company, "alice", "bob"), key)
    until(lambda: titles(company.connect("bob"), company.at("alice")) == ["Offer 7"])
    chatctl.done("retry")
    assert body not in mailbox.given_up()


def test_a_users_index_is_deleted_and_what_others_have_stays(
    company: Company, chatctl: Chatctl, mailbox: Mailbox
) -> None:
    files = {"ours.txt": b"ours", "shared.txt": company.domain.encode()}
    mailbox.put(message(company, "alice", "bob", files=files))
    mailbox.put(message(company, "carol", "alice", subject="To Alice", files={"shared.txt": company.domain.encode()}))
    alice, bob, carol = (company.connect(each) for each in ("alice", "bob", "carol"))
    until(lambda: titles(bob, company.at("alice")) and titles(carol, company.at("alice")))

    def kept(prefix: str) -> int:
        return len(mailbox.keys(f"{prefix}/{company.domain}/"))

    assert (kept("texts"), kept("files")) == (2, 2)
    assert "Deleted" in chatctl.done("delete", company.at("bob"), "--yes")
    assert titles(bob, company.at("alice")) == titles(bob, company.at("alice"), "attachment") == []
    assert titles(alice, company.at("bob")) == ["Offer 7"]
    assert (kept("texts"), kept("files")) == (2, 2)

    chatctl.done("delete", company.at("alice"), "--yes")
    assert titles(carol, company.at("alice")) == ["To Alice"]
    assert (kept("texts"), kept("files")) == (1, 1)  # what Carol still has

    chatctl.done("reindex", "--yes")
    until(lambda: titles(bob, company.at("alice")) == ["Offer 7"])
    assert (kept("texts"), kept("files")) == (2, 2)


def test_what_is_no_mailbox_is_told(chatctl: Chatctl, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    result = chatctl.run("import", str(tmp_path / "folder"))
    assert (result.exit_code, "is not a Maildir" in result.stderr) == (1, True)
    (tmp_path / "file").write_text("Subject: one message\n\n")
    result = chatctl.run("import", str(tmp_path / "file"))
    assert (result.exit_code, "is not an mbox" in result.stderr) == (1, True)
