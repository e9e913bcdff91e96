"""What a form has to know of a parameter, read from its pydantic model. No Qt.

A `Field` is plain data: the editors in `studio.forms.editors` are chosen by its `shape` alone, so
that a new method needs no line of code in the window.
"""

from __future__ import annotations

import enum
import json
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from studio.forms import hints


class Shape(enum.StrEnum):
    """What kind of editor a field needs."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    RATIO = "ratio"
    """A number 0…1 that people read as percent."""
    CHOICE = "choice"
    TEXT = "text"
    FILE = "file"
    RANGE = "range"
    """Two numbers, the first below the second."""
    NUMBERS = "numbers"
    GROUP = "group"
    """A nested model."""
    VARIANT = "variant"
    """One of several nested models."""
    LIST = "list"
    """Any number of nested models."""
    DATA = "data"
    """Anything else, as JSON."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed set: its plain value and its words."""

    value: str | int | float | bool
    label: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the models that a field can hold, told by the value of a field of its own."""

    tag: str
    name: str
    label: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter.

    Attributes:
        name: As recipes call it.
        title: As the window calls it.
        description: A sentence or two.
        shape: What kind of editor it needs.
        default: Plain value.
        optional: It can be empty.
        low: The least value, if there is a limit.
        high: The largest.
        above: `low` itself is not allowed.
        below: `high` itself is not allowed.
        multiple: It is a multiple of this.
        choices: Of a closed set.
        fields: Of a nested model.
        variants: Of nested models to choose from.
        most: The longest list or text.
        integer: Parts of a range or list of numbers are whole.
        common: It is shown before *More settings* is unfolded.
        path: Names down to it, joined by dots: `rounding_settings.gptq.damping`.
    """

    name: str
    title: str
    description: str
    shape: Shape
    default: Any = None
    optional: bool = False
    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False
    multiple: float | None = None
    choices: tuple[Choice, ...] = ()
    fields: tuple[Field, ...] = ()
    variants: tuple[Variant, ...] = ()
    most: int | None = None
    integer: bool = False
    common: bool = True
    path: str = ""


@lru_cache(maxsize=256)
def fields_of(params: type[BaseModel]) -> tuple[Field, ...]:
    """The parameters of a model, the common ones first, nested ones with their own."""
    read = {one.name: one for one in _fields(params, "")}
    common = [name for name in hints.common(params.__name__, tuple(read)) if name in read]
    ordered = [*common, *(name for name in read if name not in common)]
    return tuple(replace(read[name], common=name in common) for name in ordered)


def plain(value: Any) -> Any:
    """A value of a model (enums, tuples, nested models) as recipes have it: text, lists, dicts."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def defaults_of(fields: tuple[Field, ...]) -> dict[str, Any]:
    """What a model has when nothing is said."""
    return {one.name: one.default for one in fields}


def texts(params: type[BaseModel]) -> tuple[str, ...]:
    """Every text of the engine that a form for this model shows, for translators."""
    return tuple(dict.fromkeys(text for text in _texts(fields_of(params)) if text))


def _texts(fields: tuple[Field, ...]) -> Iterator[str]:
    for one in fields:
        yield one.title
        yield one.description
        if one.optional:
            yield hints.when_empty(one.path)
        yield from (choice.label for choice in one.choices)
        yield from _texts(one.fields)
        for variant in one.variants:
            yield variant.label
            yield from _texts(variant.fields)


def _fields(model: type[BaseModel], prefix: str) -> tuple[Field, ...]:
    return tuple(_field(name, info, f"{prefix}{name}") for name, info in model.model_fields.items())


def _field(name: str, info: FieldInfo, path: str) -> Field:
    default = info.get_default(call_default_factory=True, validated_data={})
    blank = Field(
        name=name,
        title=info.title or hints.words(name),
        description=info.description or "",
        shape=Shape.DATA,
        default=None if default is PydanticUndefined else plain(default),
        path=path,
    )
    limited = _with_limits(blank, info.metadata)
    return _shaped(limited, info.annotation, info.discriminator)


def _with_limits(field: Field, metadata: list[Any]) -> Field:
    """With what `annotated_types` and pydantic say of its bounds."""
    for one in metadata:
        if (least := getattr(one, "ge", None)) is not None:
            field = replace(field, low=least, above=False)
        if (over := getattr(one, "gt", None)) is not None:
            field = replace(field, low=over, above=True)
        if (most := getattr(one, "le", None)) is not None:
            field = replace(field, high=most, below=False)
        if (under := getattr(one, "lt", None)) is not None:
            field = replace(field, high=under, below=True)
        if (step := getattr(one, "multiple_of", None)) is not None:
            field = replace(field, multiple=step)
        if (length := getattr(one, "max_length", None)) is not None:
            field = replace(field, most=length)
    return field


def _shaped(field: Field, annotation: Any, discriminator: Any) -> Field:
    """With the shape that its type asks for."""
    annotation, field, discriminator = _bare(annotation, field, discriminator)
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _of_union(field, get_args(annotation), discriminator)
    if origin is Literal:
        return _of_choices(field, get_args(annotation))
    if origin in (tuple, list) or annotation in (tuple, list):
        return _of_list(field, get_args(annotation))
    if isinstance(annotation, type):
        return _of_class(field, annotation)
    return field


def _bare(annotation: Any, field: Field, discriminator: Any) -> tuple[Any, Field, Any]:
    """Without `Annotated` and type aliases; what they say is taken over."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *metadata = get_args(annotation)
            flat: list[Any] = []
            for one in metadata:
                if isinstance(one, FieldInfo):
                    flat += one.metadata
                    discriminator = one.discriminator or discriminator
                else:
                    flat.append(one)
            field = _with_limits(field, flat)
        elif isinstance(annotation, _ALIAS):
            annotation = annotation.__value__
        else:
            return annotation, field, discriminator


_ALIAS: Any = getattr(typing, "TypeAliasType", ())
"""What `type X = …` makes, from Python 3.12."""


def _of_class(field: Field, kind: type) -> Field:
    if issubclass(kind, BaseModel):
        return replace(field, shape=Shape.GROUP, fields=_fields(kind, f"{field.path}."))
    if issubclass(kind, enum.Enum):
        return _of_choices(field, tuple(one.value for one in kind))
    if issubclass(kind, bool):
        return replace(field, shape=Shape.BOOLEAN)
    if issubclass(kind, int):
        return replace(field, shape=Shape.INTEGER, integer=True)
    if issubclass(kind, float):
        return replace(field, shape=Shape.RATIO if _is_ratio(field) else Shape.NUMBER)
    if issubclass(kind, str):
        shape = Shape.FILE if field.name in hints.FILES else Shape.TEXT
        return replace(field, shape=shape)
    return field


def _is_ratio(field: Field) -> bool:
    return field.low == 0 and field.high == 1 and field.name not in hints.NOT_PERCENT


def _of_choices(field: Field, values: tuple[Any, ...]) -> Field:
    choices = tuple(Choice(value, hints.choice_words(value)) for value in values)
    return replace(field, shape=Shape.CHOICE, choices=choices)


def _of_union(field: Field, members: tuple[Any, ...], discriminator: Any) -> Field:
    rest = tuple(one for one in members if one is not type(None))
    if len(rest) < len(members):
        field = replace(field, optional=True)
    if len(rest) == 1:
        return _shaped(field, rest[0], discriminator)
    models = _models(rest)
    if models is None:
        if set(rest) == {int, float}:
            return _shaped(field, float, None)
        return field
    return replace(field, shape=Shape.VARIANT, variants=_variants(models, discriminator, field))


def _of_list(field: Field, members: tuple[Any, ...]) -> Field:
    rest = tuple(one for one in members if one is not Ellipsis)
    if len(rest) == 2 and len(members) == 2 and set(rest) <= {int, float}:
        return replace(field, shape=Shape.RANGE, integer=set(rest) == {int})
    if len(set(rest)) != 1:
        return field
    inner, field, discriminator = _bare(rest[0], field, None)
    if inner in (int, float):
        return replace(field, shape=Shape.NUMBERS, integer=inner is int)
    union = get_origin(inner) in (Union, types.UnionType)
    models = _models(get_args(inner) if union else (inner,))
    if models is None:
        return field
    return replace(field, shape=Shape.LIST, variants=_variants(models, discriminator, field))


def _models(members: tuple[Any, ...]) -> tuple[type[BaseModel], ...] | None:
    """The members if all of them are models, else None."""
    bare = tuple(_bare(one, _NO_FIELD, None)[0] for one in members)
    if bare and all(isinstance(one, type) and issubclass(one, BaseModel) for one in bare):
        return bare
    return None


_NO_FIELD = Field("", "", "", Shape.DATA)


def _variants(
    models: tuple[type[BaseModel], ...], discriminator: Any, field: Field
) -> tuple[Variant, ...]:
    tag = discriminator if isinstance(discriminator, str) else ""
    found = []
    for model in models:
        name = str(plain(model.model_fields[tag].default)) if tag else ""
        inner = tuple(one for one in _fields(model, f"{field.path}.") if one.name != tag)
        label = hints.choice_words(name) if name else field.title
        found.append(Variant(tag, name, label, inner))
    return tuple(found)


def as_json(value: Any) -> str:
    """A value on one line, for what has no editor of its own."""
    return json.dumps(value, ensure_ascii=False)
