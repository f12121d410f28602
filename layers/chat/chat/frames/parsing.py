"""From the text of a frame to a request, with an error that names what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from chat.errors import BadField, BadJson, BadText, ChatError, FrameTooLarge, JsonTooDeep, MissingField, UnknownField
from chat.frames.base import MAX_FRAME, Frame

F = TypeVar("F", bound=Frame)


def read_object(text: str | bytes, limit: int = MAX_FRAME) -> dict[str, Any]:
    """The JSON object in a frame or body.

    Raises:
        FrameTooLarge: more than ``limit`` bytes.
        BadJson: no JSON, or no object.
        JsonTooDeep: nested beyond the parser's 200 levels.
        BadText: a lone surrogate.
    """
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise FrameTooLarge(f"the frame has {size} bytes, allowed are {limit}", limit=limit, given=size)
    try:
        content = from_json(text, allow_inf_nan=False)
    except TypeError as error:  # what the parser says of text with a lone surrogate
        raise BadText("the frame has half of a character") from error
    except ValueError as error:
        raise _json_error(str(error)) from error
    if not isinstance(content, dict):
        raise BadJson(f"the frame is not a JSON object but {_kind(content)}")
    return content


def read_frame(model: type[F], content: Mapping[str, Any]) -> F:
    """``content`` as a frame.

    Raises:
        MissingField, UnknownField, BadField: names the first field that is wrong.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise _field_error(error) from error


def _json_error(problem: str) -> ChatError:
    """The parser (jiter) tells its errors apart by text alone; a test holds these against the pinned version."""
    if problem.startswith("recursion limit"):
        return JsonTooDeep("the frame nests too deep")
    if "surrogate" in problem or problem.startswith("unexpected end of hex escape"):
        return BadText(f"the frame has half of a character: {problem}")
    return BadJson(f"the frame is not JSON: {problem}")


def _field_error(error: ValidationError) -> ChatError:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"])) or "frame"
    match first["type"]:
        case "missing":
            return MissingField(f"{field} is missing", field=field)
        case "extra_forbidden":
            return UnknownField(f"{field[:64]!a} is not a field of this request", field=field[:64])
    return BadField(f"{field}: {first['msg']}", field=field)


def _kind(content: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(content), "a number")
