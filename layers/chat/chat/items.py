"""Items as plain Python values, and as DynamoDB's API has them (``AttributeValue``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""Strings, integers, booleans, bytes, sets of strings, lists and mappings by the names of attributes."""


def encode(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as the API takes it, without what is None.

    Raises:
        TypeError: a value cannot be stored.
    """
    return {name: _encode_value(value) for name, value in item.items() if value is not None}


def _encode_value(value: Any) -> dict[str, Any]:
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case set() | frozenset():
            return {"SS": sorted(value)}
        case list() | tuple():
            return {"L": [_encode_value(each) for each in value]}
        case Mapping():
            return {"M": encode(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def decode(item: Mapping[str, Any]) -> Item:
    """An item of the API, or of a table's stream."""
    return {name: _decode_value(value) for name, value in item.items()}


def _decode_value(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return int(content)
        case "SS":
            return set(content)
        case "L":
            return [_decode_value(each) for each in content]
        case "M":
            return decode(content)
        case "NULL":
            return None
    return content
