"""What ``chatctl mail`` does with the bucket, on moto's."""

from __future__ import annotations

from typing import Any, cast

import boto3
import pytest

from chat.aws.mail import MailLibrary
from chatctl import mailroom
from chatctl.deployment import MailPlace
from chatctl.mailfiles import Found
from tests.unit.world import World

REASON = "it has no header"
IMPORT = [Found("box, message 1", b"no mail", 7)]


@pytest.fixture
def place(world: World) -> MailPlace:
    """A bucket of its own, and no queues."""
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket=world.domain)
    return MailPlace(world.domain, "", "", s3, cast(Any, None))


def keys(place: MailPlace) -> list[str]:
    return [each["Key"] for each in place.s3.list_objects_v2(Bucket=place.bucket).get("Contents", [])]


def set_aside(place: MailPlace) -> mailroom.Unreadable:
    """As the indexer does what was put in."""
    [key] = keys(place)
    MailLibrary(lambda: place.s3, place.bucket).set_aside(key, REASON)
    [found] = mailroom.unreadable(place)
    return found


def test_what_was_put_back_is_imported_no_second_time(place: MailPlace) -> None:
    assert mailroom.put_in(place, IMPORT, "", lambda _size: None).added == 1
    mailroom.put_back(place, set_aside(place))
    again = mailroom.put_in(place, IMPORT, "", lambda _size: None)
    assert (again.added, again.known, len(keys(place))) == (0, 1, 1)


def test_what_is_set_aside_again_at_once_is_not_lost(place: MailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    mailroom.put_in(place, IMPORT, "", lambda _size: None)
    found, library = set_aside(place), MailLibrary(lambda: place.s3, place.bucket)
    copy = place.s3.copy_object

    def copy_and_have_it_read(**request: Any) -> Any:
        answer = copy(**request)
        if request["Key"].startswith("incoming/"):
            library.set_aside(request["Key"], REASON)
        return answer

    monkeypatch.setattr(place.s3, "copy_object", copy_and_have_it_read)
    mailroom.put_back(place, found)
    [left] = mailroom.unreadable(place)
    assert left.reason == REASON


def test_a_key_does_not_grow_with_each_try(place: MailPlace) -> None:
    mailroom.put_in(place, IMPORT, "", lambda _size: None)
    mailroom.put_back(place, set_aside(place))
    [once] = keys(place)
    mailroom.put_back(place, set_aside(place))
    [twice] = keys(place)
    assert len(once) == len(twice)
