"""A domain whose webmail signs alice on, and what becomes of its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chat import signon, signon_settings
from chat.errors import SignOnRefused
from chat.signon import JsonWebKey, KeySource
from chat.tables.directory import SignOnSettings
from tests.unit.world import NOW, World
from tests.webmail import AUDIENCE, ISSUER, SHARED_KEY, claims


def with_shared_key(world: World, key: bytes = SHARED_KEY) -> World:
    """The world with alice and a shared key."""
    world.add("alice")
    signon_settings.set_up(world.tables, world.domain, SignOnSettings(ISSUER, AUDIENCE, key))
    return world


def with_key_set(world: World, url: str) -> World:
    """The world with alice and a key set."""
    world.add("alice")
    signon_settings.set_up(world.tables, world.domain, SignOnSettings(ISSUER, AUDIENCE, jwks_url=url))
    return world


def no_keys(url: str, kid: str | None) -> Sequence[JsonWebKey]:
    """Fails the test: no key set has to be asked for."""
    raise AssertionError(f"the key set {url} was asked for {kid}")


def key_set(*keys: JsonWebKey) -> KeySource:
    return lambda _url, _kid: keys


def alice(world: World, **changed: Any) -> dict[str, Any]:
    """The claims of a token for alice."""
    return claims(str(world.address("alice")), NOW, **changed)


def is_alice(world: World, token: str, keys: KeySource = no_keys) -> bool:
    """Whether a token logs alice in."""
    return signon.identify(world.tables, token, keys, NOW) == world.address("alice")


def refused(world: World, token: str, keys: KeySource = no_keys) -> SignOnRefused:
    with pytest.raises(SignOnRefused) as refusal:
        signon.identify(world.tables, token, keys, NOW)
    return refusal.value


def reason(world: World, token: str, keys: KeySource = no_keys) -> str:
    """Why a token logs nobody in."""
    return str(refused(world, token, keys).details["reason"])
