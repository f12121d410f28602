from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import BadField
from chat.words import EXCERPT, MAX_OTHERS, MAX_OTHERS_LENGTH, MAX_WORDS, PASSAGE, Words, fold, pack, unpack

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
FLAGS = "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7"
letters = st.text(st.sampled_from("aAbéÉßſςΣийİıаяשלوم東京かがกา한क्षि👍🏽_-. \n"), max_size=30)


def found(query: str, *texts: str) -> bool:
    return Words.of(query).are_in(*map(fold, texts))


# ---- what is the same ----


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("offer", "The OFFER for Harbour"),
        ("harb", "The offer for Harbour"),
        ("cafe", "Café"),
        ("CAFÉ", "cafe"),
        ("cafe\u0301", "caf\u00e9"),
        ("strasse", "Lange Straße 7"),
        ("straße", "STRASSE"),
        ("istanbul", "İSTANBUL"),
        ("φως", "ΦΩΣ"),
        ("елка", "Ёлка"),
        ("محمد", "مُحَمَّد"),
        ("שלום", "שָׁלוֹם"),
        ("office", "o\ufb03ce"),
        ("42", "\uff14\uff12"),
        ("final", "offer_final.pdf"),
        ("offer_final", "offer final"),
        ("bob@example.com", "From: bob@example.com"),
        ("हिन्दी", "हिन्दी भाषा"),
        ("한", "한국"),
        ("東", "関東"),
        ("タワー", "東京タワー"),
        ("tower", "東京tower"),
        ("วัน", "สวัสดีวันนี้"),
        ("👍", "ok 👍🏽"),
        ("❤", "I ❤️ it"),
        ("c++", "C++ and more"),
        ("10 €", "10€"),
        ("soft\u00adware", "software"),
    ],
)
def test_it_is_found(query: str, text: str) -> None:
    assert found(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("fer", "offer"),
        ("offers", "offer"),
        ("की", "कि"),
        ("京東", "東京"),
        ("👎", "👍"),
        ("offer lost", "offer"),
        ("c++", "C"),
    ],
)
def test_it_is_not_found(query: str, text: str) -> None:
    assert not found(query, text)


def test_all_words_are_needed_wherever_they_are() -> None:
    assert found("offer harbour", "Harbour", "the offer")
    assert not found("offer harbour", "the offer", "the other")


def test_punctuation_does_not_count() -> None:
    assert found("«offer», (harbour)!", "Offer: harbour")


def test_a_word_that_is_there_twice_is_one() -> None:
    assert Words.of("Offer offer OFFER").words == ("offer",)


@pytest.mark.parametrize("text", ["", " \n", "?! …", "\u0301", "\u200b"])
def test_without_a_word_there_is_nothing_to_look_for(text: str) -> None:
    with pytest.raises(BadField):
        Words.of(text)


def test_too_many_words_are_refused() -> None:
    assert len(Words.of("a b c d e f g h").words) == MAX_WORDS
    with pytest.raises(BadField) as refused:
        Words.of("a b c d e f g h i")
    assert refused.value.details == {"field": "words", "limit": 8, "given": 9}


@given(letters, letters)
def test_folding_goes_character_by_character(one: str, other: str) -> None:
    assert fold(one) + fold(other) == fold(one + other)


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(letters)
def test_how_it_is_composed_does_not_matter(text: str) -> None:
    assert {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")} == {fold(text)}


@given(st.text(min_size=1, max_size=60))
def test_a_text_has_its_own_words(text: str) -> None:
    try:
        words = Words.of(text)
    except BadField:
        return
    assert words.are_in(fold(text))


# ---- the passage ----


def test_a_short_text_is_the_passage_on_one_line() -> None:
    assert Words.of("offer").passage("Dear Bob,\r\n\r\n  the offer\tis here.") == "Dear Bob, the offer is here."


def test_the_passage_is_around_the_word() -> None:
    text = "start " + "x " * 300 + "the Øffer øf Häfen " + "y " * 300
    passage = Words.of("hafen").passage(text)
    assert "Häfen" in passage
    assert (passage[:3], passage[-3:], len(passage) <= PASSAGE) == ("…x ", " y…", True)


def test_the_first_word_that_is_there_counts() -> None:
    text = "x " * 300 + "second " + "y " * 300
    assert "second" in Words.of("first second").passage(text)


def test_without_a_word_it_is_the_beginning() -> None:
    passage = Words.of("other").passage("This is how it begins. " * 20)
    assert passage.startswith("This is how it begins.")
    assert len(passage) <= PASSAGE


def test_what_grows_when_it_is_folded_leaves_the_passage_in_its_place() -> None:
    text = "ﷺ " * 200 + "word " + "ß " * 200
    assert "word" in Words.of("word").passage(text)


@pytest.mark.parametrize("character", [FAMILY, FLAGS[:2], "👍🏽", "e\u0301\u0323", "❤\ufe0f", "क्षि"[:2]])
@pytest.mark.parametrize("offset", range(8))
def test_no_character_is_cut(character: str, offset: int) -> None:
    passage = Words.of("word").passage("x" * offset + character * 200 + "word" + character * 200)
    inner = passage.strip("…").lstrip("x").replace("word", "")
    assert inner == character * (len(inner) // len(character))


@given(letters, st.text(max_size=500), st.text(max_size=500))
def test_a_passage_is_within_its_limits_and_part_of_the_text(query: str, front: str, behind: str) -> None:
    try:
        words = Words.of(query)
    except BadField:
        return
    text = f"{front} {query} {behind}"
    passage = words.passage(text)
    assert len(passage) <= PASSAGE
    assert passage.removeprefix("…").removesuffix("…") in " ".join(text.split())
    passage.encode()


# ---- long texts ----


@given(letters)
def test_of_a_short_text_all_is_kept(text: str) -> None:
    assert unpack(pack(text)) == (text, "")


def test_words_that_go_with_it_are_kept_once() -> None:
    also = ["Zoë Müller", "zoe@example.com"]
    assert unpack(pack("See you there, Zoë", also)) == ("See you there, Zoë", "muller example com")


def test_of_a_long_one_the_beginning_and_the_words() -> None:
    text = " ".join(f"Wörd{number}" for number in range(1000))
    beginning, others = unpack(pack(text))
    assert beginning == text[:EXCERPT]
    assert all(found(f"word{number}", beginning, others) for number in range(1000))


def test_a_word_at_the_edge_is_found_whole() -> None:
    text = "x" + " y" * 1496 + " Constantinople" + " z" * 10
    beginning, others = unpack(pack(text))
    assert beginning.endswith(" Consta")
    assert found("constantinople", beginning, others)


def test_a_packed_text_has_a_limit() -> None:
    words = [f"{number:x}" for number in range(10**6, 10**6 + 5000)]
    _, others = unpack(pack("x" * EXCERPT + " " + " ".join(words)))
    assert len(others) <= MAX_OTHERS_LENGTH
    assert len(others.split()) <= MAX_OTHERS
    _, others = unpack(pack("\u6771" * 60_000))
    assert len(others) <= MAX_OTHERS_LENGTH


def test_a_usual_mail_is_a_kilobyte_or_two() -> None:
    line = (
        "Dear Bob, the offer for the Harbour is enclosed; the price of part {0} is {1} euros until the {2}th of May.\n"
    )
    text = "".join(line.format(number, number * 37 % 1009, number % 28 + 1) for number in range(25))
    assert len(text) > 2500
    assert len(pack(text)) < 1024


def test_what_no_text_should_have_is_packed_all_the_same() -> None:
    assert unpack(pack("a\0b\ud800c")) == ("a b?c", "")
