from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.mail import charsets
from chat.mail.html import to_text
from chat.mail.texts import unflow
from tests.unit.mails import mail, part


def text_of(html: str) -> str:
    return to_text(html, 10_000)[0]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<p>two", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<table><tr><td>a<td>b</tr><tr><td>c</td><td>d</td></tr></table>", "a\tb\nc\td"),
        ("<ul><li>a<li>b</ul><ol><li>c<li>d</ol>", "• a\n• b\n\n1. c\n2. d"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "• a\n  • b\n• c"),
        ("x<blockquote>y<blockquote>z</blockquote></blockquote>", "x\n\n> y\n\n> > z"),
        ("<pre>a\n  b\n</pre>c", "a\n  b\n\nc"),
        ('<a href="https://a.example/">https://a.example</a>', "https://a.example"),
        ('<a href="https://evil.example">https://a.example</a>', "https://a.example <https://evil.example>"),
        ('<a href="mailto:a@b.c">a@b.c</a> <a href="javascript:x">y</a>', "a@b.c y"),
        ('<a href="https://a.example"><img src=x></a>', ""),
        ("<img src=x alt='a cat'>", "a cat"),
        ("a &amp; b &#8364; &nbsp; &unknown;", "a & b € &unknown;"),
        ("&#99999999999999999999;", "\ufffd"),
        ("1 < 2 <3 > 2", "1 < 2 <3 > 2"),
        ("<script>alert('<p>x</p>')</script>y<STYLE>p{}</STYLE>", "y"),
        ("<script>never ends", ""),
        ("<title>t</title><body>b", "b"),
        ("a<!-- b --> c<!--[if mso]>d<![endif]-->", "a c"),
        ("<!--[if !mso]><!-->a<!--<![endif]-->", "a"),
        ("a<!-- never ends", "a"),
        ("a<p title='>'>b</p>", "a\n\nb"),
        ("a<p title='never ends", "a"),
        ("<div style='display: none'>a<div>b</div>c</div>d", "d"),
        ("<div><span style='visibility:hidden'>a</div>b", "b"),
        ("<p hidden>a<p>b", "b"),
        ("<div style='-webkit-backface-visibility:hidden'>a</div>", "a"),
        ("<div style='max-height:0;overflow:hidden'>a</div><div style='max-height:0.5em'>b</div>", "b"),
        ("<td style='font-size:0px'>a<span style='font-size:13px'>b</span>", "b"),
        ("pre\u200bhead&zwnj;&nbsp;&zwnj;&nbsp;&shy;er", "prehead er"),
        ("می\u200cخواهم 👩\u200d💻", "می\u200cخواهم 👩\u200d💻"),
        ("</p></div>a</b>", "a"),
        ("<svg><text>a</text></svg>b", "b"),
        ("<svg><g><svg><text>a<p>b</p>c", "b\n\nc"),
        ("<math><mspace>a<table><tr><td>b", "b"),
        ("<svg><text>a</p>b", "b"),
        ("<svg><text>a<font color=red>b", "b"),
        ("<svg><text>a<font>b", ""),
        ("<svg><foreignObject><div>a</div></foreignObject></svg>b", "b"),
        ("<o:p></o:p>a<?xml x?>b</>c<!DOCTYPE html>d", "abcd"),
    ],
)
def test_html_is_read_as_one_would(html: str, text: str) -> None:
    assert text_of(html) == text


def test_a_link_does_not_bring_markup_into_the_text() -> None:
    assert text_of('<a href="https://a.example/&lt;script&gt;">x</a>') == "x <https://a.example/<script>>"


def test_long_html_is_cut() -> None:
    assert to_text("<p>word" * 1000, 100) == (("word\n\n" * 100)[:100], True)


@given(st.text(st.sampled_from("<>/!-=\"' abp&#;\n")))
def test_no_html_breaks_the_reader(html: str) -> None:
    text, is_cut = to_text(html, 50)
    assert len(text) <= 50
    assert is_cut or text == text.strip("\n")


@pytest.mark.parametrize(
    "piece", ["<a ", '<a "', "<a='", "<!--", "</", "&", "&#1", "<b>", "</b>", "<ol><li>", "<script>", "\u200c"]
)
def test_no_html_keeps_the_reader_busy(piece: str) -> None:
    """What takes time that grows with the square of the length would take minutes here."""
    to_text(piece * (500_000 // len(piece)), 1_000_000)


@pytest.mark.parametrize(
    ("flowed", "text"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("> one \n> two\n>> three", "> one two\n>> three"),
        (" >not quoted\n From", ">not quoted\nFrom"),
        ("a \n-- \nJane", "a \n-- \nJane"),
        ("> a \nb", "> a \nb"),
        ("ends \n", "ends "),
    ],
)
def test_flowed_text_has_its_paragraphs_in_one_line(flowed: str, text: str) -> None:
    assert unflow(flowed) == text


def test_the_space_at_the_end_may_be_no_part_of_flowed_text() -> None:
    assert mail(part('text/plain; format=flowed; delsp="yes"', "日 \n本")).text == "日本"


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "é".encode(), "é"),
        ("", "é".encode(), "é"),
        ("", "é".encode("latin-1"), "é"),
        ("us-ascii", "é".encode("cp1252"), "é"),
        ("iso-8859-1", b"\x93x\x94", "“x”"),
        ("gb2312", "鎔".encode("gb18030"), "鎔"),
        ("ks_c_5601-1987", "한".encode("cp949"), "한"),
        ("no-such-charset", "é".encode(), "é"),
        ("utf8", b"a\xffb", "aÿb"),
        ("zlib", b"x", "x"),
        ("idna", b"xn--a", "xn--a"),
        ("unicode_escape", b"\\d", "\\d"),
        ("../../etc", b"x", "x"),
        ("utf-16", "é".encode("utf-16"), "é"),
        ("utf-8", b"Gr\xfc\xdfe", "Grüße"),
        ("utf-8", "für\xa0".encode() + b"\xfc", "für\xa0\ufffd"),
    ],
)
def test_bytes_are_read_in_the_charset_that_is_meant(charset: str, content: bytes, text: str) -> None:
    assert charsets.decode(content, charset) == text


def test_html_may_name_its_charset_itself() -> None:
    html = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=koi8-r"></head>Привет'
    assert mail(part("text/html").encode() + html.encode("koi8-r")).text == "Привет"


@given(st.text(), st.integers(1, 20))
def test_one_line_is_one_and_short(text: str, limit: int) -> None:
    line = charsets.one_line(text, limit)
    assert len(line) <= limit
    assert line.splitlines() in ([], [line])


@given(st.binary(max_size=40), st.text(max_size=20))
def test_any_bytes_are_text_in_any_charset(content: bytes, charset: str) -> None:
    charsets.visible(charsets.decode(content, charset)).encode()
