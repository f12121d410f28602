from __future__ import annotations

from itertools import count
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.items import decode
from chat.store import LAST_SORT_KEY, ConditionFailed, Expression, Key, Store, StoreBusy, Write, after, before
from tests.unit.world import World, no_wait

sort_keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)
numbers = count()

scalars = st.text(max_size=5) | st.booleans() | st.integers(-(10**30), 10**30) | st.binary(max_size=5)
values = st.recursive(
    scalars | st.sets(st.text(min_size=1, max_size=5), min_size=1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3),
    max_leaves=6,
)

EXISTS = Expression("attribute_exists(pk)")
NEW = Expression("attribute_not_exists(pk)")


@pytest.fixture
def store(world: World) -> Store:
    return world.tables.store


@pytest.fixture
def pk() -> str:
    return f"TEST/{next(numbers)}"


def fill(store: Store, pk: str, sort_keys: list[str]) -> None:
    store.write_many([(Key("history", pk, sk), {"number": n}) for n, sk in enumerate(sort_keys)])


@given(sort_keys, sort_keys)
def test_nothing_lies_between_a_sort_key_and_before_it(one: str, other: str) -> None:
    assert before(one) < one
    assert (other <= before(one)) == (other < one)


@given(sort_keys, sort_keys)
def test_nothing_lies_between_a_sort_key_and_after_it(one: str, other: str) -> None:
    assert after(one) > one
    assert (other >= after(one)) == (other > one)


@given(sort_keys)
def test_the_last_sort_key_is_behind_all(key: str) -> None:
    assert max(key, before(key), after(key)) < LAST_SORT_KEY


@settings(max_examples=30)
@given(st.dictionaries(st.text(min_size=1, max_size=5), values, max_size=4))
def test_an_item_comes_back_as_it_was_stored(world: World, item: dict[str, Any]) -> None:
    key = Key("history", "TEST/item", "row")
    item = {name: value for name, value in item.items() if name not in {"pk", "sk", "online"}}
    world.tables.store.put(key, item)
    assert world.tables.store.get(key) == key.attributes | item


def test_what_is_none_is_not_stored(store: Store, pk: str) -> None:
    key = Key("history", pk, "row")
    store.put(key, {"a": None, "b": {"c": None, "d": 1}})
    assert store.get(key) == key.attributes | {"b": {"d": 1}}


def test_what_a_table_cannot_hold_is_refused(store: Store, pk: str) -> None:
    with pytest.raises(TypeError, match="float cannot be stored"):
        store.put(Key("history", pk, "row"), {"a": 1.5})


def test_an_image_of_a_stream_is_an_item() -> None:
    image = {"a": {"S": "x"}, "b": {"M": {"c": {"N": "1"}, "d": {"NULL": True}}}, "e": {"L": [{"BOOL": False}]}}
    assert decode(image) == {"a": "x", "b": {"c": 1, "d": None}, "e": [False]}


def test_an_item_that_is_not_there_is_none(store: Store, pk: str) -> None:
    assert store.get(Key("history", pk, "row"), consistent=True) is None


def test_many_items_are_read_from_several_tables_at_once(store: Store, pk: str) -> None:
    keys = [Key(table, pk, "row") for table in ("history", "directory")]
    for key in keys:
        store.put(key, {"table": key.table})
    found = store.get_many([*keys, keys[0], Key("history", pk, "missing")])
    assert {key: item["table"] for key, item in found.items()} == {key: key.table for key in keys}


def test_more_keys_than_one_call_may_have_are_read_in_several(world: World, pk: str) -> None:
    keys = [Key("history", pk, f"row{number:03}") for number in range(101)]
    world.tables.store.write_many([(key, {}) for key in keys])
    world.client.calls.clear()
    assert set(world.tables.store.get_many(keys)) == set(keys)
    assert world.client.operations() == ["batch_get_item"] * 2


def test_only_the_named_tables_are_read_consistently(world: World, pk: str) -> None:
    world.tables.store.get_many([Key("history", pk, "a"), Key("directory", pk, "a")], consistent=["history"])
    request = world.client.calls[-1][1]["RequestItems"]
    assert {name: table["ConsistentRead"] for name, table in request.items()} == {"history": True, "directory": False}


def test_no_keys_cost_no_call(world: World) -> None:
    world.client.calls.clear()
    assert world.tables.store.get_many([]) == {}
    assert world.client.calls == []


class Throttled:
    """A client that leaves the last key or item of each batch for later, ``times`` times."""

    def __init__(self, client: Any, times: int) -> None:
        self._client = client
        self._times = times

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803  # the API's name
        if self._times:
            self._times -= 1
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        return cast("dict[str, Any]", self._client.batch_get_item(RequestItems=RequestItems))

    def batch_write_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        if self._times:
            self._times -= 1
            return {"UnprocessedItems": RequestItems}
        return cast("dict[str, Any]", self._client.batch_write_item(RequestItems=RequestItems))


def throttled(world: World, times: int, waited: list[float] | None = None) -> Store:
    """A store that is busy ``times`` times, and notes how long it would wait."""
    waited = [] if waited is None else waited
    return Store(cast(Any, Throttled(world.client, times)), waited.append)


def test_keys_that_a_batch_left_are_read_again(world: World, pk: str) -> None:
    fill(world.tables.store, pk, ["a"])
    assert len(throttled(world, 2).get_many([Key("history", pk, "a")])) == 1


def test_items_that_a_batch_left_are_written_again(world: World, pk: str) -> None:
    throttled(world, 2).write_many([(Key("history", pk, "a"), {})])
    assert world.tables.store.get(Key("history", pk, "a"))


def test_the_wait_for_a_busy_table_doubles(world: World, pk: str) -> None:
    waited: list[float] = []
    throttled(world, 3, waited).get_many([Key("history", pk, "a")])
    throttled(world, 3, waited).write_many([(Key("history", pk, "a"), {})])
    assert waited == [0.05, 0.1, 0.2] * 2


def test_keys_that_every_batch_leaves_make_the_store_busy(world: World, pk: str) -> None:
    with pytest.raises(StoreBusy):
        throttled(world, 100).get_many([Key("history", pk, "a")])


def test_items_that_every_batch_leaves_make_the_store_busy(world: World, pk: str) -> None:
    with pytest.raises(StoreBusy):
        throttled(world, 100).write_many([(Key("history", pk, "a"), {})])


def test_a_busy_store_names_what_it_did_not_write(world: World, pk: str) -> None:
    keys = [Key("history", pk, f"row{number:02}") for number in range(60)]

    def refuse(operation: str, request: dict[str, Any]) -> None:
        if "row30" in str(request):
            raise OSError("the network is down")

    world.client.before = refuse
    with pytest.raises(StoreBusy) as busy:
        world.tables.store.put_many([(key, {}) for key in keys])
    world.client.before = lambda *_: None
    assert isinstance(busy.value.__cause__, OSError)
    assert busy.value.keys == set(keys[25:50])
    assert set(world.tables.store.get_many(keys)) == set(keys) - busy.value.keys


def test_of_a_batch_that_is_refused_in_part_the_rest_is_written(world: World, pk: str) -> None:
    keys = [Key("history", pk, f"row{number}") for number in range(3)]

    class Stubborn:
        """A client that always leaves one item of a batch."""

        def batch_write_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803  # the API's name
            taken = [each for each in RequestItems["history"] if "row1" not in str(each)]
            if taken:
                world.client.batch_write_item(RequestItems={"history": taken})
            return {"UnprocessedItems": {"history": [each for each in RequestItems["history"] if each not in taken]}}

    with pytest.raises(StoreBusy) as busy:
        Store(cast(Any, Stubborn()), no_wait).put_many([(key, {}) for key in keys])
    assert busy.value.keys == {keys[1]}
    assert set(world.tables.store.get_many(keys)) == {keys[0], keys[2]}


def test_more_items_than_one_call_may_have_are_written_and_deleted_in_several(world: World, pk: str) -> None:
    keys = [Key("history", pk, f"row{number:02}") for number in range(26)]
    world.client.calls.clear()
    world.tables.store.write_many([(key, {}) for key in keys])
    world.tables.store.write_many(deletes=keys)
    assert world.client.operations() == ["batch_write_item"] * 4
    assert list(world.tables.store.query_all("history", pk)) == []


def test_a_query_gives_what_lies_between_both_ends_included(store: Store, pk: str) -> None:
    fill(store, pk, ["a", "b", "c", "d"])
    assert [item["sk"] for item in store.query("history", pk, low="b", high="c").items] == ["b", "c"]


def test_a_query_may_begin_with_the_newest(store: Store, pk: str) -> None:
    fill(store, pk, ["a", "b", "c"])
    page = store.query("history", pk, newest_first=True, limit=2)
    assert ([item["sk"] for item in page.items], page.last) == (["c", "b"], "b")


def test_the_last_page_of_a_query_says_so(store: Store, pk: str) -> None:
    fill(store, pk, ["a", "b"])
    assert store.query("history", pk, limit=3).last is None


def test_a_limit_bounds_what_is_read_not_what_passes(store: Store, pk: str) -> None:
    fill(store, pk, ["a", "b", "c"])
    odd = Expression("#number = :one", {"#number": "number"}, {":one": 1})
    page = store.query("history", pk, limit=1, condition=odd)
    assert (page.items, page.last) == ([], "a")


def test_all_items_of_a_query_are_fetched_page_by_page(world: World, pk: str) -> None:
    fill(world.tables.store, pk, ["a", "b", "c", "d", "e"])
    world.client.calls.clear()
    found = [item["sk"] for item in world.tables.store.query_all("history", pk, limit=2)]
    assert (found, len(world.client.calls)) == (["a", "b", "c", "d", "e"], 3)


def test_an_index_is_queried_page_by_page_too(store: Store, pk: str) -> None:
    for number in range(3):
        store.put(Key("connections", f"{pk}-{number}", "PRESENCE"), {"online": pk})
    found = store.query_all("connections", pk, index="online", limit=2)
    assert [item["pk"] for item in found] == [f"{pk}-{number}" for number in range(3)]


def test_a_condition_that_holds_lets_a_put_through(store: Store, pk: str) -> None:
    key = Key("history", pk, "row")
    store.put(key, {"a": 1}, condition=NEW)
    store.put(key, {"a": 2}, condition=EXISTS)
    assert store.get(key) == key.attributes | {"a": 2}


def test_a_refused_put_tells_what_is_there(store: Store, pk: str) -> None:
    key = Key("history", pk, "row")
    store.put(key, {"a": 1})
    with pytest.raises(ConditionFailed) as refused:
        store.put(key, {"a": 2}, condition=NEW)
    assert refused.value.item == key.attributes | {"a": 1}


def test_a_refused_update_of_nothing_tells_that_nothing_is_there(store: Store, pk: str) -> None:
    with pytest.raises(ConditionFailed) as refused:
        store.update(Key("history", pk, "row"), Expression("SET a = :a", {}, {":a": 1}), condition=EXISTS)
    assert refused.value.item is None


def test_an_update_gives_the_item_after_it(store: Store, pk: str) -> None:
    key = Key("history", pk, "row")
    assert store.update(key, Expression("ADD a :a", {}, {":a": 2})) == key.attributes | {"a": 2}


def test_an_update_gives_the_item_before_it_where_that_is_wanted(store: Store, pk: str) -> None:
    key = Key("history", pk, "row")
    change = Expression("SET a = :a", {}, {":a": 2})
    assert store.update(key, change, old=True) == {}
    assert store.update(key, change, old=True) == key.attributes | {"a": 2}


def test_a_delete_gives_what_it_deleted(store: Store, pk: str) -> None:
    key = Key("history", pk, "row")
    store.put(key, {"a": 1})
    assert store.delete(key) == key.attributes | {"a": 1}
    assert store.delete(key) is None


def test_a_refused_delete_deletes_nothing(store: Store, pk: str) -> None:
    key = Key("history", pk, "row")
    store.put(key, {"a": 1})
    with pytest.raises(ConditionFailed):
        store.delete(key, condition=Expression("a > :a", {}, {":a": 1}))
    assert store.get(key)


def test_a_transaction_writes_all(store: Store, pk: str) -> None:
    keys = [Key("history", pk, name) for name in ("put", "update", "delete")]
    store.put(keys[2], {})
    store.transact(
        [
            Write.put(keys[0], {"a": 1}, condition=NEW),
            Write.update(keys[1], Expression("SET a = :a", {}, {":a": 1})),
            Write.delete(keys[2], condition=EXISTS),
        ]
    )
    assert [item["sk"] for item in store.query_all("history", pk)] == ["put", "update"]


def test_a_transaction_with_a_condition_that_fails_writes_nothing(store: Store, pk: str) -> None:
    keys = [Key("history", pk, name) for name in ("a", "b")]
    with pytest.raises(ConditionFailed):
        store.transact([Write.put(keys[0], {}), Write.put(keys[1], {}, condition=EXISTS)])
    assert store.get_many(keys) == {}


def test_calls_together_give_their_results_in_order(store: Store) -> None:
    assert store.together(lambda: 1, lambda: 2, lambda: 3) == [1, 2, 3]


def test_one_call_alone_needs_no_thread(store: Store) -> None:
    assert store.together(lambda: "alone") == ["alone"]


def test_an_error_of_one_of_several_calls_is_raised(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.together(lambda: 1, lambda: 1 // 0)
