"""As much of a JSON Schema validator as the schemas of recipes need."""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
KNOWN = {
    "$ref", "$defs", "$schema", "additionalProperties", "allOf", "anyOf", "const", "default",
    "description", "discriminator", "enum", "exclusiveMaximum", "exclusiveMinimum", "if", "items",
    "maximum", "minItems", "minLength", "minimum", "oneOf", "properties", "required", "then",
    "title", "type",
}  # fmt: skip


def accepts(schema: dict[str, Any], value: Any, root: dict[str, Any] | None = None) -> bool:
    """Whether a value is valid. A keyword that is not known here is an error of the test."""
    root = schema if root is None else root
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return accepts(root["$defs"][name], value, root)
    return (
        _type(schema, value)
        and _limits(schema, value)
        and _parts(schema, value, root)
        and _choices(schema, value, root)
    )


def _type(schema: dict[str, Any], value: Any) -> bool:
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "type" not in schema:
        return True
    kinds = _TYPES[schema["type"]]
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _limits(schema: dict[str, Any], value: Any) -> bool:
    if isinstance(value, str):
        return len(value) >= schema.get("minLength", 0)
    if isinstance(value, list):
        return len(value) >= schema.get("minItems", 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return True
    return bool(
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and value > schema.get("exclusiveMinimum", value - 1)
        and value < schema.get("exclusiveMaximum", value + 1)
    )


def _parts(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    if isinstance(value, list):
        return all(accepts(schema.get("items", {}), item, root) for item in value)
    if not isinstance(value, dict):
        return True
    known = schema.get("properties", {})
    return (
        all(name in value for name in schema.get("required", []))
        and (schema.get("additionalProperties", True) or value.keys() <= known.keys())
        and all(accepts(known[name], value[name], root) for name in known.keys() & value.keys())
    )


def _choices(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    if "if" in schema and accepts(schema["if"], value, root):
        return accepts(schema["then"], value, root)
    return (
        all(accepts(one, value, root) for one in schema.get("allOf", []))
        and ("anyOf" not in schema or any(accepts(o, value, root) for o in schema["anyOf"]))
        and ("oneOf" not in schema or sum(accepts(o, value, root) for o in schema["oneOf"]) == 1)
    )
