from __future__ import annotations

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest

from chat.mail import parts
from chat.mail.model import Unreadable
from chat.mail.parts import Part
from chat.mail.reading import read
from tests.missing import missing
from tests.unit.mails import HEADER, RECEIVED, mail, multipart, part, python_corpus

CORPUS = python_corpus()
UNLIKE = {"msg_15.txt", "msg_17.txt", "msg_25.txt", "msg_31.txt", "msg_39.txt", "msg_41.txt"}
"""Multiparts without a boundary that occurs: the library gives no text, where it can be shown as it is."""
NO_MESSAGES = {"msg_18.txt", "msg_19.txt", "msg_37.txt", "msg_38.txt", "msg_39.txt", "msg_40.txt"}
"""They have a header of a part alone."""


def leaves(root: Part) -> list[Part]:
    return [leaf for child in root.children for leaf in leaves(child)] if root.children else [root]


def take_apart(text: str) -> tuple[list[str], list[str]]:
    """The types of the parts that are no multiparts, and what was noted."""
    root, notes = parts.take_apart(text.encode(), 0)
    return [leaf.type.value for leaf in leaves(root)], notes


def test_a_part_ends_before_the_line_end_that_the_boundary_has() -> None:
    raw = multipart("\nfirst\n", "\n second ").replace("\n", "\r\n").encode()
    root, _ = parts.take_apart(raw, 0)
    assert [each.content() for each in root.children] == [b"first\r\n", b" second "]


def test_boundaries_that_begin_alike_are_told_apart() -> None:
    inner = multipart(part("text/a"), part("text/b"), boundary="b1")
    assert take_apart(multipart(inner, part("text/c"), boundary="b")) == (["text/a", "text/b", "text/c"], [])


def test_the_last_boundary_may_be_missing() -> None:
    text = multipart(part("text/a", "x"), part("text/b", "y")).replace("--b--", "")
    assert take_apart(text)[0] == ["text/a", "text/b"]


def test_an_outer_boundary_ends_the_parts_inside() -> None:
    inner = multipart(part("text/a", "x"), boundary="inner").replace("--inner--", "")
    assert take_apart(multipart(inner, part("text/b", "y")))[0] == ["text/a", "text/b"]


@pytest.mark.parametrize("kind", ['multipart/mixed; boundary="never"', "multipart/mixed"])
def test_a_multipart_without_its_boundary_is_text(kind: str) -> None:
    assert mail(part(kind, "--b\n\nHello")).text == "--b\n\nHello"


def test_of_ten_thousand_parts_a_thousand_are_read() -> None:
    read_ = mail(multipart(*["\nx"] * 10_000))
    assert read_.text.count("x") == 1000
    assert read_.notes == ("it has more than 1,000 parts; the others were not read",)


def test_parts_inside_too_many_others_are_not_read() -> None:
    text = part("text/plain", "deep")
    for level in range(parts.MAX_DEPTH + 1):
        text = multipart(text, boundary=f"level{level}.")
    assert mail(text).notes == ("parts inside too many others were not read",)


def test_a_thousand_levels_are_no_trouble() -> None:
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(5000))
    assert mail(opening + "\n" + "line\n" * 100_000).notes == ("parts inside too many others were not read",)


def test_a_header_of_a_part_that_is_too_long_is_noted() -> None:
    read_ = mail(multipart("X: y\n" * 60_000 + "\nx"))
    assert read_.notes == ("a header is too long; what is beyond the limit was not read",)


def test_a_digest_has_messages() -> None:
    assert take_apart(multipart("\nSubject: a\n\nx", kind="digest"))[0] == ["message/rfc822"]


def test_python_came_with_its_mails_where_everything_must_be_tested() -> None:
    if not CORPUS:
        missing("this Python has no tests of its own, whose mails would be read")


@pytest.mark.parametrize("path", [path for path in CORPUS if path.name not in UNLIKE], ids=lambda path: path.name)
def test_mails_of_python_are_taken_apart_as_its_own_parser_does(path: Path) -> None:
    raw = path.read_bytes()
    theirs = _their_leaves(email.message_from_bytes(raw, policy=policy.default))
    start = raw.index(b"\n") + 1 if raw.startswith(b"From ") else 0
    mine = leaves(parts.take_apart(raw, start)[0])
    if path.name == "msg_37.txt":  # the library's empty parts are fewer where boundaries follow on each other
        mine = [each for each in mine if each.type.value != "text/plain" or each.content()]
    assert [each.type.value for each in mine] == [each.get_content_type() for each in theirs]
    assert [each.name for each in mine] == [each.get_filename() or "" for each in theirs]
    for my, their in zip(mine, theirs, strict=True):
        if their.get_content_maintype() != "message":
            content = cast(bytes, their.get_payload(decode=True))
            assert my.content().replace(b"\r", b"").strip() == content.replace(b"\r", b"").strip()


def _their_leaves(message: EmailMessage) -> list[EmailMessage]:
    if message.get_content_maintype() == "message" or not message.is_multipart():
        return [message]
    return [leaf for child in message.iter_parts() for leaf in _their_leaves(cast(EmailMessage, child))]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_mails_of_python_are_read(path: Path) -> None:
    if path.name in NO_MESSAGES:
        with pytest.raises(Unreadable, match="no header of a message"):
            read(path.read_bytes(), RECEIVED)
        return
    read_ = read(path.read_bytes(), RECEIVED)
    assert read_.size == path.stat().st_size
    assert (
        read_.text
        or read_.files
        or path.name in {"msg_08.txt", "msg_09.txt", "msg_12.txt", "msg_12a.txt", "msg_24.txt"}
    )


@pytest.mark.parametrize("path", [path for path in CORPUS if path.name == "msg_07.txt"], ids=lambda path: path.name)
def test_one_of_them_is_read_exactly(path: Path) -> None:
    read_ = read(path.read_bytes(), RECEIVED)
    assert (read_.subject, str(read_.sender)) == (
        "Here is your dingus fish",
        "Person(name='Barry', address='barry@digicool.com')",
    )
    assert read_.text.startswith("Hi there,\n\nThis is the dingus fish.")
    assert [(file.name, file.content_type, file.content[:6]) for file in read_.files] == [
        ("dingusfish.gif", "image/gif", b"GIF87a")
    ]


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"hello world", b"<html>\n<p>Hi\n", b"A: 1\n\nx"])
def test_what_is_no_message_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable, match=r"it is empty|it has no header of a message"):
        read(raw, RECEIVED)


def test_lines_may_end_with_a_carriage_return_alone() -> None:
    raw = (HEADER + multipart(part("text/plain", "Hello"))).replace("\n", "\r").encode()
    assert read(raw, RECEIVED).text == "Hello"
