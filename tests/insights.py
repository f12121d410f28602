"""Queries of CloudWatch Logs Insights on lines of JSON: as much of their language as the stack's own queries use.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from localcloud.endpoints import ROOT

Line = dict[str, Any]

_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "like": lambda value, text: text in value,
    "=": lambda value, text: value == text,
    "!=": lambda value, text: value != text,
}


def saved(resource: str) -> str:
    """The text of a query that the template saves."""
    resources = yaml_parse((ROOT / "templates/watch.yaml").read_text())["Resources"]
    return str(resources[resource]["Properties"]["QueryString"])


def run(query: str, lines: Iterable[Line]) -> list[Line]:
    """The answer of a query; the time of a line is that in the line itself.

    Raises:
        ValueError: the query uses what is not known here.
    """
    found = [line | {"@timestamp": line["timestamp"]} for line in lines if "timestamp" in line]
    shown: list[str] = []
    for command in query.strip().split("\n| "):
        name, _, rest = command.partition(" ")
        if name == "fields":
            shown = rest.split(", ")
        else:
            found = _COMMANDS[name](found, rest)
    return [{name: each[name] for name in shown if name in each} for each in found] if shown else found


def _filter(found: list[Line], condition: str) -> list[Line]:
    for part in condition.split(" and "):
        parsed = re.fullmatch(r'(@?\w+) (like|=|!=) "([^"]*)"', part)
        if parsed is None:
            raise ValueError(f"{part!r} is not known")
        name, comparison, text = parsed.groups()
        found = [each for each in found if name in each and _COMPARISONS[comparison](str(each[name]), text)]
    return found


def _sort(found: list[Line], by: str) -> list[Line]:
    name, _, order = by.partition(" ")
    return sorted(found, key=lambda each: each[name], reverse=order == "desc")


def _stats(found: list[Line], counting: str) -> list[Line]:
    parsed = re.fullmatch(r"count\(\*\) as (\w+) by ([\w, ]+)", counting)
    if parsed is None:
        raise ValueError(f"{counting!r} is not known")
    by = parsed[2].split(", ")
    counts = Counter(tuple((name, each[name]) for name in by if name in each) for each in found)
    return [dict(group) | {parsed[1]: count} for group, count in counts.items()]


_COMMANDS: dict[str, Callable[[list[Line], str], list[Line]]] = {
    "filter": _filter,
    "sort": _sort,
    "stats": _stats,
}
