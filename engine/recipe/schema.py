"""The JSON Schema of recipes, made from the registry: for editors that complete and check."""

from __future__ import annotations

from typing import Any

from engine.recipe.model import MAX_SEED, VERSION
from engine.registry import REGISTRY, Method, Registry, Scope

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEFINITIONS = "#/$defs/"
_FLAG = {"type": "boolean"}


def recipe_schema(registry: Registry = REGISTRY) -> dict[str, Any]:
    """A schema that accepts what `check` finds nothing wrong with.

    What only a network can tell (whether a layer exists) and what concerns several parameters at
    once is left to `resolve`.
    """
    methods = registry.steps()
    definitions: dict[str, Any] = {}
    for method in methods:
        definitions[f"step.{method.name}"] = _step(method, definitions)
    by_method = [
        {
            "if": {"properties": {"method": {"const": method.name}}},
            "then": {"$ref": f"#/$defs/step.{method.name}"},
        }
        for method in methods
    ]
    step: dict[str, Any] = {
        "type": "object",
        "required": ["method"],
        "properties": {
            "method": {
                "description": "A name of the catalog (espalier methods lists them).",
                "enum": [method.name for method in methods],
            }
        },
    }
    if by_method:
        step["allOf"] = by_method
    return {
        "$schema": _DIALECT,
        "title": "Espalier recipe",
        "type": "object",
        "additionalProperties": False,
        "required": ["espalier"],
        "properties": {
            "espalier": {"const": VERSION, "description": "Version of the format."},
            "seed": {"type": "integer", "minimum": 0, "maximum": MAX_SEED, "default": 0},
            "steps": {"type": "array", "items": step, "description": "Run in order."},
        },
        "$defs": definitions,
    }


def _step(method: Method, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one method's steps; what its parameters refer to goes into `definitions`."""
    schema = _named(method.params.model_json_schema(), f"{method.name}.")
    definitions |= {f"{method.name}.{name}": one for name, one in schema.get("$defs", {}).items()}
    params: dict[str, Any] = schema.get("properties", {})
    step: dict[str, Any] = {
        "title": method.title,
        "description": method.summary,
        "type": "object",
        "additionalProperties": False,
        "properties": {"method": {"const": method.name}, "enabled": {**_FLAG, "default": True}}
        | params,
    }
    if method.scope is not Scope.NETWORK:
        step["properties"]["rules"] = {"type": "array", "items": _rule(params)}
    return step


def _rule(params: dict[str, Any]) -> dict[str, Any]:
    name = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["layers"],
        "properties": {
            "layers": {
                "description": "A layer's name, a pattern, or a list of them.",
                "anyOf": [name, {"type": "array", "items": name, "minItems": 1}],
            },
            "skip": {**_FLAG, "description": "Leave these layers out, or take them in again."},
            "optional": {**_FLAG, "description": "No error if a pattern matches no layer."},
        }
        | {key: _without_default(schema) for key, schema in params.items()},
    }


def _without_default(schema: dict[str, Any]) -> dict[str, Any]:
    """In a rule a parameter that is not there is the step's."""
    return {key: value for key, value in schema.items() if key != "default"}


def _named(schema: Any, prefix: str) -> Any:
    """Let references (`$ref`, a discriminator's) name definitions that begin with the method."""
    if isinstance(schema, dict):
        return {key: _named(value, prefix) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_named(item, prefix) for item in schema]
    if isinstance(schema, str) and schema.startswith(_DEFINITIONS):
        return f"{_DEFINITIONS}{prefix}{schema.removeprefix(_DEFINITIONS)}"
    return schema
