"""What may be uploaded, where it goes, and which links lead to it."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import files
from chat.addresses import Address
from chat.errors import BadField, BadText
from chat.files import MAX_FILE, FileTooLarge, UnknownFile
from tests.unit.world import MINUTE, NOW

ALICE = Address("alice", "company.example")
BOB = Address("bob", "other.example")


def slot(
    name: str = "report.pdf", size: int = 10, kind: str = "application/pdf", sender: Address = ALICE
) -> files.Slot:
    return files.slot(sender, name, size, kind, NOW)


def link(made: files.Slot) -> tuple[str, str]:
    """The id and the name in a link, as the HTTP API hands them over."""
    _, _, file_id, name = made.path.split("/")
    return file_id, unquote(name)


def test_the_link_of_a_slot_leads_to_its_place_in_the_bucket() -> None:
    made = slot()
    assert files.locate(*link(made)) == files.File(made.key, "report.pdf")


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters="/\\"), min_size=1, max_size=60))
def test_whatever_a_file_is_called_its_link_leads_to_it(name: str) -> None:
    if name.strip(" ."):
        made = slot(name)
        assert made.path.isascii()
        assert files.locate(*link(made)).key == made.key


@pytest.mark.parametrize("decode", [unquote, lambda text: text, lambda text: unquote(text).replace("%", "%25")])
def test_a_percent_sign_survives_however_the_api_decodes_it(decode) -> None:  # type: ignore[no-untyped-def]
    made = slot("100%.pdf")
    _, _, file_id, name = made.path.split("/")
    assert files.locate(file_id, decode(name)) == files.File(made.key, "100%.pdf")


def test_two_files_of_one_name_have_nothing_in_common_but_the_domain() -> None:
    one, other = slot(), slot()
    shared = set(one.key.split("/")) & set(other.key.split("/"))
    assert shared == {"company.example", one.key.split("/")[2]}
    assert one.path != other.path


def test_an_id_has_more_than_128_random_bits() -> None:
    ids = {link(slot())[0].partition(".")[0] for _ in range(200)}
    assert len(ids) == 200
    assert {len(each) for each in ids} == {32}
    assert len({each[:4] for each in ids}) > 190
    assert len({each[-4:] for each in ids}) > 190


def test_a_key_tells_its_domain_and_no_name() -> None:
    made = slot("salaries.pdf", sender=BOB)
    assert made.key.startswith("other.example/")
    assert "salaries" not in made.key


def test_a_link_under_another_name_or_domain_leads_elsewhere() -> None:
    made = slot()
    file_id, name = link(made)
    assert files.locate(file_id, "report.exe").key != made.key
    assert files.locate(file_id.replace("company", "other"), name).key != made.key


@pytest.mark.parametrize(
    "file_id",
    [
        "",
        "x",
        ".company.example",
        "a" * 32,
        f"{'a' * 32}.",
        f"{'a' * 33}.company.example",
        f"{'a' * 32}.COMPANY.example",
        f"{'a' * 31}/.company.example",
        f"{'a' * 31}é.company.example",
        f"{'a' * 32}.{'b' * 300}",
        f"{'a' * 32}.a/b",
    ],
)
def test_what_is_no_id_leads_nowhere(file_id: str) -> None:
    with pytest.raises(UnknownFile):
        files.locate(file_id, "report.pdf")


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 256, "a\nb", "a\x00b"])
def test_what_is_no_name_leads_nowhere(name: str) -> None:
    with pytest.raises(UnknownFile):
        files.locate(link(slot())[0], name)


@pytest.mark.parametrize("name", ["", " ", ".", "..", " . "])
def test_a_file_needs_a_name(name: str) -> None:
    with pytest.raises(BadField, match="is not a file name"):
        slot(name)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a/b", "002F"),
        ("a\\b", "005C"),
        ("a\rb", "000D"),
        ("a\x7fb", "007F"),
        ("a\x85b", "0085"),
        ("a\u202egpj.exe", "202E"),
    ],
)
def test_a_name_has_neither_folders_nor_control_characters(name: str, told: str) -> None:
    with pytest.raises(BadField, match=f"U\\+{told}"):
        slot(name)


@pytest.mark.parametrize("name", ["a\x00b", "a\ud800b", "a\uffffb"])
def test_a_name_is_text(name: str) -> None:
    with pytest.raises(BadText):
        slot(name)


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "年" * 85, "👩‍💻" * 23])
def test_a_name_may_have_255_bytes(name: str) -> None:
    assert files.locate(*link(slot(name))).name == name


@pytest.mark.parametrize(("name", "given"), [("x" * 256, 256), ("é" * 128, 256), ("年" * 86, 258)])
def test_a_longer_name_is_told_how_long_it_is(name: str, given: int) -> None:
    with pytest.raises(BadField) as refused:
        slot(name)
    assert refused.value.details == {"field": "name", "limit": 255, "given": given}


@pytest.mark.parametrize("size", [1, MAX_FILE])
def test_a_file_has_up_to_50_mib(size: int) -> None:
    assert slot(size=size).size == size


def test_a_larger_file_is_told_how_large_it_may_be() -> None:
    with pytest.raises(FileTooLarge) as refused:
        slot(size=MAX_FILE + 1)
    assert refused.value.details == {"limit": 50 * 1024 * 1024, "given": 50 * 1024 * 1024 + 1}


@pytest.mark.parametrize("size", [0, -1])
def test_a_file_has_something_in_it(size: int) -> None:
    with pytest.raises(BadField) as refused:
        slot(size=size)
    assert refused.value.details["given"] == size


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "image/png",
        "text/plain; charset=utf-8",
        'text/plain;charset="us ascii"',
        "application/vnd.a+b",
        "x/" + "y" * 253,
    ],
)
def test_a_content_type_is_kept_as_it_is(kind: str) -> None:
    assert slot(kind=kind).content_type == kind


@pytest.mark.parametrize("kind", ["png", "/png", "image/", "image/png\r\nx: y", "image/png;", "ímage/png", "a/b" * 90])
def test_what_is_no_content_type_is_refused(kind: str) -> None:
    with pytest.raises(BadField):
        slot(kind=kind)


def test_a_slot_is_to_be_used_within_five_minutes() -> None:
    assert slot().expires_at == NOW + 5 * MINUTE


@pytest.mark.parametrize(
    "kind", ["image/png", "IMAGE/JPEG", "image/webp; q=1", "audio/ogg", "video/mp4", "application/pdf"]
)
def test_pictures_sound_and_films_are_served_as_what_they_are(kind: str) -> None:
    assert files.served_type(kind) == kind.partition(";")[0].lower()


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/javascript", "text/xml", "", "image/png\nx"]
)
def test_everything_else_is_served_as_mere_bytes(kind: str) -> None:
    assert files.served_type(kind) == "application/octet-stream"


def test_a_file_is_to_be_saved_under_its_name() -> None:
    assert files.disposition("año 100%.pdf") == (
        "attachment; filename=\"a_o 100_.pdf\"; filename*=UTF-8''a%C3%B1o%20100%25.pdf"
    )


@given(st.text(max_size=80))
def test_no_name_leaves_its_place_in_the_header(name: str) -> None:
    made = files.disposition(name.encode(errors="replace").decode())
    assert made.isascii()
    assert made.isprintable()
    assert made.count('"') == 2
