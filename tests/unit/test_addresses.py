from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.addresses import MAX_DOMAIN, MAX_LOCAL, Address, domain_name
from chat.errors import BadAddress
from tests.unit.strategies import LOCAL_CHARACTERS, domains, locals_

SEPARATORS = "/: "


@given(locals_, domains)
def test_an_address_is_its_text_in_lower_case(local: str, domain: str) -> None:
    assert str(Address.parse(f"{local}@{domain}")) == f"{local}@{domain}".lower()


@given(locals_, domains)
def test_parsing_the_text_of_an_address_gives_the_address(local: str, domain: str) -> None:
    address = Address.parse(f"{local}@{domain}")
    assert Address.parse(str(address)) == address


@given(locals_, domains)
def test_spelling_an_address_in_capitals_makes_no_other_address(local: str, domain: str) -> None:
    assert Address.parse(f"{local}@{domain}".upper()) == Address.parse(f"{local}@{domain}")


@given(st.text(max_size=40) | st.text(LOCAL_CHARACTERS + "@./: '&\t", max_size=40))
def test_whatever_is_an_address_is_ascii_without_key_separators(text: str) -> None:
    try:
        address = str(Address.parse(text))
    except BadAddress:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(SEPARATORS) & set(address)


@given(locals_, st.sampled_from("/: '&\"<>()[]\\,;@\n\0é"), domains)
def test_a_forbidden_character_in_the_local_part_is_refused(local: str, character: str, domain: str) -> None:
    with pytest.raises(BadAddress):
        Address.parse(f"{local}{character}x@{domain}")


@given(locals_, st.sampled_from("/: '&\"<>()[]\\,;_!\n\0é"), domains)
def test_a_forbidden_character_in_the_domain_is_refused(local: str, character: str, domain: str) -> None:
    with pytest.raises(BadAddress):
        Address.parse(f"{local}@x{character}{domain}")


@pytest.mark.parametrize(
    "text", ["", "@", "alice", "alice@", "@example.com", ".alice@example.com", "alice.@example.com", "a..b@example.com"]
)
def test_a_missing_part_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        Address.parse(text)


@pytest.mark.parametrize("domain", ["-a.example", "a-.example", "a..example", ".example", "a" * 64, "a_b.example"])
def test_what_is_no_domain_name_is_refused(domain: str) -> None:
    with pytest.raises(BadAddress):
        domain_name(domain)


KELVIN = "\u212a"
"""Its lower case is the letter k."""


@pytest.mark.parametrize("text", [f"{KELVIN}arl@example.com", f"karl@{KELVIN}.example", "karl@exämple.com"])
def test_what_is_not_ascii_is_refused_before_it_could_become_so(text: str) -> None:
    with pytest.raises(BadAddress, match="other than ASCII"):
        Address.parse(text)


def test_a_domain_that_is_not_ascii_is_refused() -> None:
    with pytest.raises(BadAddress, match="other than ASCII"):
        domain_name(f"{KELVIN}.example")


def test_white_space_around_and_a_final_dot_are_no_part_of_it() -> None:
    assert str(Address.parse(" alice@example.com. ")) == "alice@example.com"


def test_the_longest_local_part_is_an_address() -> None:
    assert len(Address.parse("a" * MAX_LOCAL + "@example.com").local) == MAX_LOCAL


def test_a_longer_local_part_is_refused_with_the_limit() -> None:
    with pytest.raises(BadAddress, match=f"has {MAX_LOCAL + 1} characters, allowed are {MAX_LOCAL}"):
        Address.parse("a" * (MAX_LOCAL + 1) + "@example.com")


def test_a_longer_domain_is_refused_with_the_limit() -> None:
    with pytest.raises(BadAddress, match=f"allowed are 1 to {MAX_DOMAIN}"):
        domain_name("a." * (MAX_DOMAIN // 2) + "aa")


def test_an_error_shows_no_more_than_the_beginning_of_a_long_text() -> None:
    with pytest.raises(BadAddress) as refused:
        Address.parse("x" * 1000)
    assert len(refused.value.message) < 150


def test_addresses_sort() -> None:
    assert sorted([Address("b", "x.example"), Address("a", "y.example")])[0].local == "a"


@pytest.mark.parametrize(
    ("tagged", "whose"), [("bob+lists", "bob"), ("bob+", "bob"), ("a.b+c+d", "a.b"), ("bob", "bob"), ("+bob", "+bob")]
)
def test_an_address_without_its_tag_is_an_address(tagged: str, whose: str) -> None:
    assert str(Address.parse(f"{tagged}@example.com").untagged) == f"{whose}@example.com"
