"""CloudWatch's metric math, as far as our dashboards use it: + - * / > and FILL, SUM, METRICS, IF, SEARCH.

Expressions are Python's syntax, too, so Python reads them; what is not named here is refused. A series is missing where
one of its parts is, and where it would be divided by zero (Amazon CloudWatch User Guide, "Using math expressions").
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Points = dict[int, float]
"""A series: the start of each period, in seconds, and its value."""
Value = float | Points | list[Points]

_OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
}


class NotUnderstood(Exception):
    """An expression that goes beyond what is understood here."""


@dataclass(frozen=True)
class Formulas:
    """Evaluates the expressions of a widget."""

    series: Mapping[str, Points]
    """By id: metrics, and what was calculated before."""
    periods: Iterable[int]
    """All starts of periods, which FILL fills."""
    search: Callable[[str, str, int], list[Points]]
    """What SEARCH finds: query, statistic, seconds of a period."""

    def value(self, expression: str) -> Value:
        """What an expression comes to.

        Raises:
            NotUnderstood: by us.
        """
        return self._value(ast.parse(expression, mode="eval").body)

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=float() | int() as number):
                return float(number)
            case ast.Name(id=name):
                return self.series[name]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _combined(_OPERATORS[type(op)], self._value(left), self._value(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
                return _combined(_OPERATORS[type(op)], self._value(left), self._value(right))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._called(name, arguments)
        raise NotUnderstood(ast.unparse(node))

    def _called(self, name: str, arguments: list[ast.expr]) -> Value:
        match name, arguments:
            case "METRICS", [ast.Constant(value=str() as part)]:
                return [points for each, points in self.series.items() if part in each]
            case "SEARCH", [ast.Constant(value=query), ast.Constant(value=statistic), ast.Constant(value=period)]:
                return self.search(str(query), str(statistic), int(str(period)))
            case "FILL", [filled, ast.Constant(value=float() | int() as number)]:
                found = self._value(filled)
                each = [dict.fromkeys(self.periods, float(number)) | one for one in _several(found)]
                return each if isinstance(found, list) else each[0]
            case "SUM", [added]:
                total: Points = {}
                for one in _several(self._value(added)):
                    for at, value in one.items():
                        total[at] = total.get(at, 0) + value
                return total
            case "IF", [condition, then, otherwise]:
                return self._chosen(_single(self._value(condition)), self._value(then), self._value(otherwise))
        raise NotUnderstood(name)

    def _chosen(self, condition: Points, then: Value, otherwise: Value) -> Points:
        both = {at: then if chosen else otherwise for at, chosen in condition.items()}
        return {
            at: value[at] if isinstance(value, dict) else float(value)
            for at, value in both.items()
            if not isinstance(value, list) and (not isinstance(value, dict) or at in value)
        }


def _several(value: Value) -> list[Points]:
    return value if isinstance(value, list) else [_single(value)]


def _single(value: Value) -> Points:
    if not isinstance(value, dict):
        raise NotUnderstood("not one series")
    return value


def _combined(combine: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if isinstance(left, list) or isinstance(right, list):
        raise NotUnderstood("arithmetic of several series")
    if not isinstance(left, dict) and not isinstance(right, dict):
        return float(combine(left, right))
    at = set.intersection(*(set(each) for each in (left, right) if isinstance(each, dict)))
    one, other = (dict.fromkeys(at, each) if isinstance(each, float) else each for each in (left, right))
    divides = combine is operator.truediv
    return {each: float(combine(one[each], other[each])) for each in sorted(at) if not (divides and other[each] == 0)}
