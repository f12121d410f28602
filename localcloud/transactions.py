"""The condition keys of a DynamoDB transaction, which AWS decides on write by write, each as an action of its own."""

from __future__ import annotations

import re
from typing import Any

ACTIONS = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "Get": "dynamodb:GetItem",
}
_NAME = re.compile(r"(?<![:\w#])(#?[A-Za-z_]\w*)(?!\w*\s*\()")
_KEYWORDS = {"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "IN", "BETWEEN"}

Keys = dict[str, list[str]]
"""The values of condition keys by their names."""


def condition_keys(request: dict[str, Any]) -> dict[tuple[str, str], Keys]:
    """Those of all writes of a transaction, by action and table: a list has what any of them names."""
    found: dict[tuple[str, str], Keys] = {}
    for item in request.get("TransactItems") or []:
        for member, write in item.items():
            table = str(write.get("TableName", "")).rpartition("/")[2]
            keys = found.setdefault((ACTIONS[member], table), {"dynamodb:LeadingKeys": [], "dynamodb:Attributes": []})
            row = write.get("Key") or write.get("Item") or {}
            keys["dynamodb:LeadingKeys"].append(row.get("pk", {}).get("S", ""))
            keys["dynamodb:Attributes"] += [*row, *_attributes(write)]
    return found


def _attributes(write: dict[str, Any]) -> set[str]:
    """The attributes that a write's expressions name."""
    aliases = write.get("ExpressionAttributeNames") or {}
    texts = (write.get(each) or "" for each in ("UpdateExpression", "ConditionExpression"))
    names = {name for text in texts for name in _NAME.findall(text) if name.upper() not in _KEYWORDS}
    return {aliases.get(name, name) for name in names}
