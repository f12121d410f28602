from __future__ import annotations

import tracemalloc
from base64 import encodebytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.mail.calendars import MAX_APPOINTMENTS
from chat.mail.model import MAX_MAIL, MAX_TEXT, Envelope, Mail, Person, Unreadable
from chat.mail.parts import MAX_PARTS
from chat.mail.people import MAX_PEOPLE
from chat.mail.reading import MAX_SUBJECT, read
from tests.unit.mails import HEADER, RECEIVED, SENT, calendar, calendar_corpus, mail, multipart, part, python_corpus

PNG = part("image/png", "", "Content-ID: <a@b>")
JANE = Person("Jane", "jane@example.com")
BY_SES = Envelope(by_ses=True)
SES = """Received: from mail.example.net (mail.example.net [203.0.113.7])
 by inbound-smtp.eu-west-1.amazonaws.com with SMTP id 8i6cr4aeu15skb2lb71a0qo4ts7a8mbou5nfpgg1"""
PASSED = """amazonses.com;
 spf=pass (spfCheck: domain of example.com designates 203.0.113.7 as permitted sender) client-ip=203.0.113.7;
 envelope-from=jane@example.com; helo=mail.example.net;
 dkim=pass header.i=@example.com;
 dmarc=pass header.from=example.com;"""
NAMED_PNG = part("image/png; name=logo.png", "x", "Content-ID: <a@b>", "Content-Disposition: inline")


def files(read_: Mail) -> list[tuple[str, str]]:
    return [(file.name, file.content_type) for file in read_.files]


def test_a_plain_mail_is_read() -> None:
    assert mail("Subject: Hi\nCc: Ann <ann@example.com>\n\nHello,\n\nBob\n") == Mail(
        message_id="1@example.com",
        at=SENT,
        subject="Hi",
        sender=Person("Jane", "jane@example.com"),
        to=(Person("", "bob@example.com"),),
        cc=(Person("Ann", "ann@example.com"),),
        bcc=(),
        text="Hello,\n\nBob",
        is_cut=False,
        size=len(HEADER) + 51,
        files=(),
        appointments=(),
    )


def test_a_subject_holds_no_line_end_and_no_control_character() -> None:
    subject = mail("Subject: =?utf-8?q?a=0D=0ABcc:_x=00=E2=80=AEy?=\n\n").subject
    assert subject == "a Bcc: xy"


@pytest.mark.parametrize(
    ("header", "author", "others"),
    [
        ("From: a@b.c, a@b.c\n", "a@b.c", []),
        ("From: a@b.c\nFrom: a@b.c\n", "a@b.c", []),
        ("From: a@b.c\nSender: d@b.c\n", "a@b.c", ["d@b.c"]),
        ("Sender: d@b.c, x@b.c\nFrom: a@b.c\nSender: a@b.c\n", "a@b.c", ["d@b.c", "x@b.c"]),
        ("From: a@b.c, d@b.c, a@b.c\n", None, ["a@b.c", "d@b.c"]),
        ("From: a@b.c, d@e.f\nSender: d@e.f\n", None, ["a@b.c", "d@e.f"]),
        ("From: a@b.c\nFrom: d@b.c\n", None, ["a@b.c", "d@b.c"]),
        ("From: <a@b.c> <d@b.c>\n", None, ["a@b.c", "d@b.c"]),
        ("From: <a@b.c> d@b.c\n", None, ["a@b.c", "d@b.c"]),
        ("From: <a@b.c> A\n", "a@b.c", []),
        ("From: <>\nSender: a@b.c\n", None, ["a@b.c"]),
        ("From: undisclosed:;\nSender: a@b.c\n", None, ["a@b.c"]),
    ],
)
def test_whom_mail_servers_do_not_look_at_is_no_author(header: str, author: str | None, others: list[str]) -> None:
    read_ = mail("\n", header=header)
    assert read_.sender
    assert read_.sender.address == "a@b.c"
    assert read_.author == (read_.sender if author else None)
    assert [each.address for each in read_.others] == others
    assert read_.bcc == ()


def test_a_name_without_an_address_is_no_author() -> None:
    read_ = mail("\n", header="From: Jane\nSender: e@b.c\n")
    assert (read_.sender, read_.author, read_.others) == (Person("Jane", ""), None, (Person("", "e@b.c"),))


def test_a_name_may_have_a_comma_in_it() -> None:
    read_ = mail("\n", header="From: Doe, Jane <a@b.c>\n")
    assert (read_.author, read_.others) == (Person("Jane", "a@b.c"), ())


def test_what_is_not_authentic_is_told_from_others_of_the_same_id() -> None:
    prints = [mail(f"\n{text}", header="To: a@b.c\nMessage-ID: <1@b.c>\n").fingerprint for text in ("a", "b", "a\n")]
    assert prints[0] == prints[2] != prints[1]
    assert mail("\na").fingerprint == ""


@pytest.mark.parametrize(
    ("header", "envelope", "sender"),
    [
        ("Sender: a@b.c\nTo: x@y.z\n", Envelope(), "a@b.c"),
        ("Return-Path: <a@b.c>\nTo: x@y.z\n", Envelope(), "a@b.c"),
        ("Return-Path: <d@e.f>\nTo: x@y.z\n", Envelope("a@b.c"), "a@b.c"),
    ],
)
def test_a_mail_without_an_author_shows_its_sender(header: str, envelope: Envelope, sender: str) -> None:
    read_ = mail("\n", header=header, envelope=envelope)
    assert (read_.sender, read_.author) == (Person("", sender), None)


@pytest.mark.parametrize(
    ("fields", "envelope"),
    [
        ("Bcc: eve@example.com\n", Envelope()),
        ("", Envelope(recipients=("BOB@example.com", "<eve@example.com>", "jane@example.com"))),
        ("Delivered-To: eve@example.com\n", Envelope()),
        ("X-Original-To: eve@example.com\nDelivered-To: bob@example.com\n", Envelope()),
        ("Received: from a by b with SMTP id 1\n for <eve@example.com>; Mon, 1 Jan 2024 10:00:00 +0100\n", Envelope()),
        (f"{SES}\n for eve@example.com;\n Sat, 26 Apr 2025 16:24:59 +0000 (UTC)\n", Envelope()),
        ("Delivered-To: other@example.com\n", Envelope(recipients=("eve@example.com",))),
    ],
)
def test_recipients_of_blind_copies_are_found(fields: str, envelope: Envelope) -> None:
    assert mail(f"{fields}\n", envelope=envelope).bcc == (Person("", "eve@example.com"),)


@pytest.mark.parametrize(
    "fields", ["List-Id: Staff <staff.example.com>", "List-Post: <x>", "Resent-To: eve@example.com"]
)
def test_whom_a_list_or_a_reader_passes_a_mail_on_to_is_no_recipient_of_a_blind_copy(fields: str) -> None:
    envelope = Envelope(recipients=("eve@example.com", "<Bob@example.com>", "eve@example.com", "x"))
    read_ = mail(f"{fields}\n\n", envelope=envelope)
    assert (read_.bcc, [each.address for each in read_.passed_to or ()]) == ((), ["eve@example.com", "bob@example.com"])


def test_recipients_of_blind_copies_stand_in_the_order_of_their_addresses() -> None:
    read_ = mail("Bcc: zoe@example.com, ann@example.com\n\n", envelope=Envelope(recipients=("eve@example.com",)))
    assert [each.address for each in read_.bcc] == ["ann@example.com", "eve@example.com", "zoe@example.com"]


@pytest.mark.parametrize(
    ("results", "is_authentic"),
    [
        (PASSED, True),
        (PASSED.replace("example.com", "Example.COM"), True),
        (PASSED.replace("dmarc=pass", "dmarc=fail"), False),
        (PASSED.replace("dmarc=pass", "dmarc=none"), False),
        (PASSED.replace("dmarc=pass", "dmarc=passed"), False),
        (PASSED.replace("amazonses.com", "mx.evil.example"), False),
        (PASSED.replace("header.from=example.com", "header.from=evil.example"), False),
        (PASSED.replace("header.from=example.com", "header.from=example.com.evil.example"), False),
        (PASSED.replace("jane@", "dmarc=bounce+dmarc=fail@"), True),
        (PASSED.replace("jane@", '"header.from=x"@'), True),
        ("amazonses.com; spf=pass envelope-from=dmarc=pass@evil.example; helo=header.from=example.com;", False),
        ("amazonses.com; dmarc=pass; helo=header.from=example.com;", False),
        (PASSED.replace("client-ip", "; dmarc=pass header.from=example.com; client-ip"), False),
        ('amazonses.com; spf=pass envelope-from="; dmarc=pass header.from=example.com;"@evil.example;', False),
        ("amazonses.com; spf=pass (; dmarc=pass header.from=example.com;) envelope-from=x@evil.example;", False),
        ("amazonses.com; spf=pass", False),
    ],
)
def test_of_what_ses_takes_an_author_is_whom_dmarc_passed_for(results: str, is_authentic: bool) -> None:
    read_ = mail("X-SES-RECEIPT: A\n\n", header=f"Authentication-Results: {results}\n{HEADER}", envelope=BY_SES)
    assert (read_.author, read_.sender) == (JANE if is_authentic else None, JANE)
    assert (read_.others, read_.notes) == (
        ((), ()) if is_authentic else ((JANE,), ("Amazon SES could not tell that it is from whom it says",))
    )
    assert mail("\n", header=f"Authentication-Results: {results}\n{HEADER}").author == JANE


def test_what_a_sender_says_of_himself_counts_for_nothing_with_ses() -> None:
    header = f"X-SES-RECEIPT: A\nAuthentication-Results: {PASSED}\n{HEADER}"
    assert mail("\n", header=header, envelope=BY_SES).author is None
    assert mail("\n", envelope=BY_SES).author is None


def test_a_domain_with_letters_of_all_kinds_is_the_same_as_dmarc_has_it() -> None:
    header = "Authentication-Results: amazonses.com; dmarc=pass header.from=bücher.example\nX-SES-RECEIPT: A\n"
    assert mail("\n", header=f"{header}From: a@xn--bcher-kva.example\n", envelope=BY_SES).author
    assert not mail("\n", header=f"{header}From: a@bucher.example\n", envelope=BY_SES).author


def test_files_in_which_ses_found_a_virus_are_left_out() -> None:
    text = multipart(part("text/plain", "Hi"), part("application/pdf; name=a.pdf", "%PDF"))
    header = f"X-SES-Virus-Verdict: FAIL\nAuthentication-Results: {PASSED}\n{HEADER}"
    read_ = mail(text, header=header, envelope=BY_SES)
    assert (read_.text, read_.files) == ("Hi", ())
    assert read_.notes == ("its files were left out: Amazon SES found a virus in it",)
    assert len(mail(text, header=header.replace("FAIL", "PASS"), envelope=BY_SES).files) == 1


def test_an_appointment_without_an_organizer_is_its_authors() -> None:
    event = ("UID:1", "DTSTART:20260102T100000Z")
    assert [each.organizer for each in mail(calendar(*event)).appointments] == ["jane@example.com"]
    assert [each.organizer for each in mail(calendar(*event), header="Sender: a@b.c\n").appointments] == [""]
    answer = mail(calendar(*event, method="REPLY"), header="From: a@b.c\nTo: d@e.f\n")
    assert [each.organizer for each in answer.appointments] == ["d@e.f"]
    to_two = mail(calendar(*event, method="REPLY"), header="From: a@b.c\nTo: d@e.f, g@h.i\n")
    assert [each.organizer for each in to_two.appointments] == [""]
    named = mail(calendar(*event, "ORGANIZER:mailto:x@y.example"))
    assert [each.organizer for each in named.appointments] == ["x@y.example"]


def test_two_hundred_recipients_are_read() -> None:
    everybody = ", ".join(f"User {number} <user{number}@example.com>" for number in range(200))
    assert len(mail(f"Cc: {everybody}\n\n").cc) == 200


def test_recipients_beyond_a_thousand_are_noted() -> None:
    read_ = mail(f"Cc: {'a@b.c, ' * 2000}\n\n")
    assert (len(read_.cc), read_.notes) == (MAX_PEOPLE, ("Cc names more than 1,000; the others were not read",))


def test_a_mail_without_an_id_has_the_same_one_whichever_way_it_comes() -> None:
    header = "From: a@b.c\nSubject: x\n"
    body = "\nHello\n\nyou\n"
    stored, carried = header + body, "Received: from a by b; Mon, 1 Jan 2024 10:00:00 GMT\r\n" + header + body
    ids = {mail("", header=text).message_id for text in (stored, stored + "\n", carried.replace("\n", "\r\n"))}
    assert len(ids) == 1
    assert ids != {mail("", header=header + "\nHello\n\nme\n").message_id}


@pytest.mark.parametrize("given_", ["<a@b>", "a@b", "(c) <a@b> x", "<a @b>"])
def test_an_id_stands_between_brackets_or_alone(given_: str) -> None:
    assert mail("\n", header=f"From: a@b.c\nMessage-ID: {given_}\n").message_id == "a@b"


def test_the_same_file_is_the_same_whichever_way_its_mail_comes() -> None:
    text = multipart(part("text/plain; name=a.txt", "a\nb"), part("message/rfc822", "Subject: x\n\ny"))
    stored, carried = mail(text), read((HEADER + text).replace("\n", "\r\n").encode(), RECEIVED)
    assert stored.files == carried.files


def test_plain_text_is_preferred_and_files_are_listed() -> None:
    alternative = multipart(part("text/plain", "Hi"), part("text/html", "<p>HI"), kind="alternative", boundary="c")
    pdf = part("application/pdf", encodebytes(b"%PDF").decode(), "Content-Transfer-Encoding: base64",
               "Content-Disposition: attachment; filename=a.pdf")  # fmt: skip
    read_ = mail(multipart(alternative, pdf))
    assert (read_.text, files(read_), read_.files[0].content) == ("Hi", [("a.pdf", "application/pdf")], b"%PDF")


def test_html_is_read_where_the_plain_text_is_empty() -> None:
    assert mail(multipart(part("text/plain", " \n"), part("text/html", "<p>Hi"), kind="alternative")).text == "Hi"


def test_text_around_a_file_is_read_as_one() -> None:
    read_ = mail(multipart(part("text/plain", "one"), part("image/png; name=a.png"), part("text/plain", "two")))
    assert (read_.text, files(read_)) == ("one\n\ntwo", [("a.png", "image/png")])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (multipart(part("text/html", "x"), NAMED_PNG, kind="related"), []),
        (multipart(part("text/html", "x"), NAMED_PNG.replace("inline", "attachment"), kind="related"), ["logo.png"]),
        (multipart(part("text/html", "x"), NAMED_PNG), ["logo.png"]),
        (multipart(part("text/html", "x"), part("application/pdf"), kind="related"), ["attachment.pdf"]),
        (multipart(part("text/plain", "x"), part("application/pgp-signature", "s"), kind="signed"), []),
        (multipart(part("text/plain", "x"), part("message/delivery-status", "s"), kind="report"), []),
        (multipart(part("text/plain", "x"), part("text/x-amp-html", "s"), kind="alternative"), []),
        (multipart(part("text/plain", "x"), part("text/plain; name=a.log", "s")), ["a.log"]),
        (multipart(part("text/plain", "x"), part("text/csv", "s")), ["attachment.csv"]),
        (part("application/pdf; name=scan.pdf"), ["scan.pdf"]),
        (part("application/ms-tnef; name=winmail.dat"), ["winmail.dat"]),
        (multipart(part("message/rfc822", "Subject: Old/one\n\nold")), ["Old_one.eml"]),
        (multipart(part("message/rfc822", "\nold")), ["attachment.eml"]),
        (multipart(part("text/plain", "x"), calendar(), kind="alternative"), []),
        (multipart(part("application/ics; name=invite.ics", "x", "Content-Disposition: attachment")), ["invite.ics"]),
    ],
)
def test_what_counts_as_a_file(text: str, names: list[str]) -> None:
    assert [file.name for file in mail(text).files] == names


def test_a_message_inside_has_its_own_text_and_files() -> None:
    inner = multipart(part("text/plain", "inner"), part("image/png; name=a.png", "x"), boundary="inner")
    read_ = mail(multipart(part("text/plain", "outer"), part("message/rfc822", f"Subject: s\n{inner}")))
    assert (read_.text, files(read_)) == ("outer", [("s.eml", "message/rfc822")])


def test_uuencode_stays_text() -> None:
    text = "begin 644 a.txt\n#86)C\n`\nend"
    assert (mail(f"\n{text}\n").text, mail(f"\n{text}\n").files) == (text, ())


def test_a_long_text_is_cut() -> None:
    read_ = mail("\n" + "é" * (MAX_TEXT + 1))
    assert (read_.text, read_.is_cut) == ("é" * MAX_TEXT, True)


def test_an_endless_line_of_wide_characters_is_cut_where_one_ends() -> None:
    assert mail(b"\n" + "🎂".encode() * 2_000_000).text == "🎂" * MAX_TEXT


def test_a_mail_of_40_mib_is_read_and_a_larger_one_is_not() -> None:
    raw = (HEADER + "\n").encode()
    assert read(raw + b"x" * (MAX_MAIL - len(raw)), RECEIVED).size == MAX_MAIL
    with pytest.raises(Unreadable, match="it has 41,943,041 bytes, allowed are 41,943,040"):
        read(raw + b"x" * (MAX_MAIL - len(raw) + 1), RECEIVED)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", encodebytes(bytes(22_000_000))),
        ("base64", b"AAA\n" * 7_500_000 + b"A"),
        ("quoted-printable", b"a=\n" * 10_000_000),
        ("7bit", b"a\n" * 15_000_000),
    ],
    ids=["base64", "broken base64", "quoted-printable", "short lines"],
)
def test_memory_is_in_proportion_to_the_mail(encoding: str, body: bytes) -> None:
    head = multipart(part("application/pdf; name=a", "", f"Content-Transfer-Encoding: {encoding}")).partition("--b--")
    raw = (HEADER + head[0]).encode() + body
    tracemalloc.start()
    try:
        assert len(read(raw, RECEIVED).files) == 1
        assert tracemalloc.get_traced_memory()[1] < 3 * len(raw)
    finally:
        tracemalloc.stop()


def _is_within_limits(read_: Mail) -> bool:
    return (
        len(read_.text) <= MAX_TEXT
        and len(read_.subject) <= MAX_SUBJECT
        and len(read_.files) <= MAX_PARTS
        and len(read_.appointments) <= MAX_APPOINTMENTS
        and max(len(read_.to), len(read_.cc), len(read_.bcc)) <= MAX_PEOPLE
        and 0 < read_.at <= RECEIVED + 86_400_000
        and bool(read_.message_id)
    )


SEEDS = [path.read_bytes() for path in (*python_corpus(), *calendar_corpus()) if path.stat().st_size < 8000]
PIECES = [b"\r\n", b"\n\n", b"--b", b"=?utf-8?b?", b'"', b"(", b"<", b"*0*=", b";", b"\0", b"&#99999999999;", b"<!--"]
changes = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(PIECES) | st.binary(max_size=8)))


@given(st.sampled_from(SEEDS), changes)
def test_a_broken_mail_is_read_or_unreadable(seed: bytes, changed: list[tuple[float, int, bytes]]) -> None:
    raw = seed if seed[:5] != b"BEGIN" else (HEADER + part("text/calendar")).encode() + seed
    for place, length, instead in changed:
        at = int(place * len(raw))
        raw = raw[:at] + instead + raw[at + length :]
    try:
        read_ = read(raw, RECEIVED)
    except Unreadable:
        return
    assert _is_within_limits(read_)


@given(
    st.binary(max_size=2000),
    st.sampled_from(["text/plain", "text/html", "multipart/mixed; boundary=b", "text/calendar"]),
)
def test_any_bytes_are_read(body: bytes, kind: str) -> None:
    assert _is_within_limits(mail(part(kind).encode() + body))
    assert _is_within_limits(mail(body + b"\n\n" + body))
