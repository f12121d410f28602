from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import ChatError
from chat.files import MAX_NAME, locate
from chat.mail.names import file_name, file_type


@pytest.mark.parametrize(
    ("given_", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\report.pdf", "report.pdf"),
        ("/", "attachment.pdf"),
        ("..", "attachment.pdf"),
        ("", "attachment.pdf"),
        ("  .  ", "attachment.pdf"),
        ("dir/", "dir"),
        ("CON", "_CON"),
        ("con.pdf", "_con.pdf"),
        ("lpt1 .tar.gz", "_lpt1 .tar.gz"),
        ("console.pdf", "console.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("a\r\nContent-Type: x.pdf", "a Content-Type_ x.pdf"),
        ("a\0b.pdf", "ab.pdf"),
        ("ann\u202efdp.exe", "annfdp.exe"),
        ("invoice.pdf" + " " * 200 + ".exe", "invoice.pdf .exe"),
        (".bashrc", "bashrc"),
        ("e\u0301.pdf", "\u00e9.pdf"),
        ("report.pdf. . ", "report.pdf"),
    ],
)
def test_a_name_is_made_fit(given_: str, name: str) -> None:
    assert file_name(given_, "application/pdf") == name


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("text/plain", "attachment.txt"),
        ("message/rfc822", "attachment.eml"),
        ("text/calendar", "attachment.ics"),
        ("image/jpeg", "attachment.jpg"),
        ("application/x-nobody-knows", "attachment.bin"),
    ],
)
def test_a_file_without_a_name_gets_one_of_its_type(content_type: str, name: str) -> None:
    assert file_name("", content_type) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = file_name("ä" * 1000 + ".pdf", "application/pdf")
    assert name.endswith("ä.pdf")
    assert MAX_NAME - 1 <= len(name.encode()) <= MAX_NAME


@given(st.text(max_size=300) | st.text(st.sampled_from("./\\ \u202eaCON:"), max_size=20))
def test_every_name_is_one_that_uploads_may_have_too(given_: str) -> None:
    name = file_name(given_, "application/pdf")
    try:
        locate(f"{'a' * 32}.example.com", name)
    except ChatError as error:  # pragma: no cover  # it fails
        pytest.fail(f"{name!a}: {error}")
    assert file_name(name, "application/pdf") == name


@pytest.mark.parametrize(
    ("declared", "name", "content_type"),
    [
        ("application/octet-stream", "a.pdf", "application/pdf"),
        ("application/octet-stream", "a.nobody", "application/octet-stream"),
        ("image/png", "a.pdf", "image/png"),
    ],
)
def test_a_type_that_says_nothing_gives_way_to_that_of_the_name(declared: str, name: str, content_type: str) -> None:
    assert file_type(declared, name) == content_type
