"""A method's parameters: the model that all of them are of, and the check of settings as given.

What is wrong with settings is said in sentences that read behind the name of a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json, to_json

from engine.frozen import Data, thaw


class Params(BaseModel):
    """Settings of one method: immutable, strict, and self-describing.

    Every field has a default, a title and a description (`Field(title=, description=)`) and its
    limits; the form in the window, the check of a recipe and the help follow from them.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )


@dataclass(frozen=True, slots=True)
class ParameterFault:
    """One thing wrong with a method's parameters.

    Attributes:
        path: Where, below the method: `("losses", 0, "weight")`; empty for the whole.
        message: One sentence without the field's name: "must be below 1, not 1.5".
    """

    path: tuple[str | int, ...]
    message: str


def parse(params: type[Params], raw: Mapping[str, Data]) -> Params | tuple[ParameterFault, ...]:
    """Check settings as a recipe gives them; all faults at once.

    Returns:
        The parameters, or what is wrong with them.
    """
    return _parse(params, _as_json(raw))


def _as_json(raw: Mapping[str, Data]) -> bytes:
    plain = {name: thaw(value) for name, value in raw.items()}
    return to_json(plain, inf_nan_mode="constants")


@lru_cache(maxsize=4096)
def _parse(params: type[Params], text: bytes) -> Params | tuple[ParameterFault, ...]:
    """Strict in JSON's sense: enums are text and tuples lists, but "0.3" is not a number."""
    try:
        return params.model_validate_json(text, strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        data = from_json(text)
        return tuple(ParameterFault(_path(e["loc"], data), _sentence(dict(e))) for e in faults)


def _path(loc: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """Where a fault is in the data, without the names of variants that pydantic puts between."""
    path: list[str | int] = []
    for number, part in enumerate(loc):
        if isinstance(data, dict):
            if part not in data and number < len(loc) - 1:
                continue
            data = data.get(str(part))
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
        path.append(part)
    return tuple(path)


_SENTENCES = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "model_type": "must be a mapping",
    "none_required": "must be empty",
    "missing": "is missing",
    "extra_forbidden": "is not a parameter here",
    "union_tag_invalid": "its {discriminator} must be one of {expected_tags}, not “{tag}”",
    "union_tag_not_found": "has no {discriminator}",
}


def _sentence(error: dict[str, Any]) -> str:
    """A fault in words, with the value where that helps."""
    kind = error["type"]
    if kind not in _SENTENCES:
        message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
        return message[:1].lower() + message[1:]
    context = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in error.get("ctx", {}).items()
    }
    text = _SENTENCES[kind].format(**context)
    if kind.startswith(("missing", "extra_forbidden", "union_tag")):
        return text
    value = to_json(error["input"], inf_nan_mode="constants").decode()
    return f"{text}, not {value if len(value) <= 40 else value[:39] + '…'}"
