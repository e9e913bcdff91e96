"""The rules an exported program's JSON must keep before torch may turn it into a graph.

torch evaluates parts of that JSON: shape expressions go through `sympify` (an `eval`), node names
and attribute paths are pasted into generated Python, guards are executed as code, and a node may
call anything that hangs below `torch` (`torch.os.system`). So each string in it is either dropped,
or has to match what a program of torch itself would have there.
"""

from __future__ import annotations

import ast
import json
import keyword
import re
from typing import Any

import torch

from engine.errors import ModelError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,500}")
_SYMBOL = re.compile(r"z?[suf]+\d{1,9}|zf\d{1,9}|z\d{1,9}|unbacked_\w{1,40}")
_OPERATOR = re.compile(
    r"torch\.ops\.(aten|prims|quantized_decomposed)\.([A-Za-z_]\w*)\.([A-Za-z_]\w*)"
)
_HIGHER_ORDER = {
    f"torch.ops.higher_order.{name}"
    for name in ("wrap_with_set_grad_enabled", "wrap_with_autocast", "cond", "while_loop", "scan")
}
_SCALAR = {
    f"_operator.{name}"
    for name in (
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "neg", "pos", "getitem"),
        *("eq", "ne", "lt", "le", "gt", "ge", "and_", "or_"),
    )
} | {
    *("math.trunc", "math.ceil", "math.floor", "math.sqrt", "torch.sym_int", "torch.sym_float"),
    *("torch.sym_not", "torch.sym_ite", "torch.sym_max", "torch.sym_min", "torch.sym_sqrt"),
    *("torch._sym_sqrt", "torch.sym_sum"),
}
_FILE_OPERATORS = {"from_file", "save", "load", "open", "_print", "print"}
"""They touch the disk or the screen when the graph runs."""

_NAMES = {"name", "as_name", "user_input_name"}
_PATHS = {"parameter_name", "buffer_name", "tensor_constant_name", "fqn"}
_TEXTS = {"as_string", "as_strings", "torch_version"}
_KEYED_BY_NAME = {
    *("tensor_values", "sym_int_values", "sym_bool_values", "sym_float_values"),
    "as_string_to_argument",
}
_CODE = {"as_custom_obj", "custom_obj", "token", "class_fqn", "custom_obj_name"}
_CONTAINERS = {
    *("builtins.list", "builtins.tuple", "builtins.dict"),
    *("collections.OrderedDict", "torch.Size"),
    "torch.fx.immutable_collections.immutable_dict",
    "torch.fx.immutable_collections.immutable_list",
}
_FUNCTIONS = {
    *("Symbol", "Integer", "Float", "Rational", "Add", "Mul", "Max", "Min", "Mod"),
    *("floor", "ceiling", "Eq", "Ne", "Equality", "Unequality", "Lt", "Le", "Gt", "Ge"),
    *("StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan", "And", "Or", "Not"),
    *("Piecewise", "ExprCondPair", "Abs", "sqrt", "Half", "One", "Zero", "NegativeOne"),
    *("FloorDiv", "ModularIndexing", "Where", "PythonMod", "CleanDiv", "CeilToInt", "FloorToInt"),
    *("CeilDiv", "FloatTrueDiv", "IntTrueDiv", "TruncToFloat"),
    *("TruncToInt", "RoundToInt", "ToFloat", "Identity", "IsNonOverlappingAndDenseIndicator"),
}
_POWERS = {"Pow", "PowByNatural", "FloatPow"}
_CONSTANTS = {"oo", "int_oo", "true", "false", "True", "False"}
_NODES = (
    *(ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.keyword, ast.BinOp),
    *(ast.UnaryOp, ast.USub, ast.UAdd, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv),
    *(ast.Mod, ast.Pow, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
)
HANDLED = (
    _NAMES
    | _PATHS
    | _TEXTS
    | _CODE
    | {"expr_str", "target", "as_operator", "in_spec", "out_spec", "forward_arg_names"}
    | {"type", "metadata", "guards_code", "verifiers"}
)
"""Every field of torch's schema that holds text; a test compares it with the schema."""


class Refused(ModelError):
    """A program holds something that torch's own would not."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The exported program {what}",
            hint="It is damaged, or made to run code: export the model again with torch.export.",
        )


def checked_program(data: Any) -> dict[str, Any]:
    """The parts of a program's JSON that are safe, as a new object.

    Guards, stack traces and other notes are dropped, devices become the CPU, and only the
    outermost call signature is kept.

    Raises:
        Refused: Something in it could make torch run code, or is not as torch writes it.
    """
    if not isinstance(data, dict) or not isinstance(data.get("graph_module"), dict):
        raise Refused("does not have a graph")
    calls = data["graph_module"].get("module_call_graph")
    if not isinstance(calls, list) or not calls or not isinstance(calls[0], dict):
        raise Refused("does not have a call signature")
    kept = {**data, "graph_module": {**data["graph_module"], "module_call_graph": calls[:1]}}
    result: dict[str, Any] = _walk(kept)
    return result


def _walk(value: Any, depth: int = 0) -> Any:
    if depth > 100:
        raise Refused("is nested too deep")
    if isinstance(value, list):
        return [_walk(v, depth + 1) for v in value]
    if not isinstance(value, dict):
        if isinstance(value, str) and value not in ("Infinity", "-Infinity", "NaN"):
            raise Refused(f"holds text where none belongs ({_quoted(value)})")
        return value
    return {key: kept for key, v in value.items() if (kept := _field(key, v, depth)) is not _DROP}


_DROP = object()


def _field(key: str, value: Any, depth: int) -> Any:
    """One field of an object, checked, or `_DROP`."""
    if key in _CODE and value is not None:
        raise Refused("holds an object that brings its own code")
    if key in _WHOLE:
        return _WHOLE[key](value)
    if key in _KEYED_BY_NAME or key == "range_constraints":
        if not isinstance(value, dict):
            raise Refused(f"holds no table where one belongs ({key})")
        return {_name(k): _walk(v, depth + 1) for k, v in value.items()}
    if key in _TEXTS:
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(t, str) for t in texts):
            raise Refused(f"holds no text where some belongs ({key})")
        return value
    if isinstance(value, str) and value not in ("Infinity", "-Infinity", "NaN"):
        check = _BY_KEY.get(key)
        # a field that this version of torch does not know either
        return check(value) if check is not None else _DROP
    return _walk(value, depth + 1)


def _metadata(value: Any) -> dict[str, str]:
    """Keep only the module stack (it names layers); the rest holds code, paths and traces."""
    stack = value.get("nn_module_stack") if isinstance(value, dict) else None
    if isinstance(stack, str) and len(stack) < 100_000 and stack.isprintable():
        return {"nn_module_stack": stack}
    return {}


def _verifiers(value: Any) -> list[str]:
    if not isinstance(value, list) or not set(map(str, value)) <= {"TRAINING", "ATEN", "EDGE", ""}:
        raise Refused("names a dialect that is not torch's own")
    return [v if v == "TRAINING" else "ATEN" for v in value]


def _custom_objects(value: Any) -> dict[str, Any]:
    if value:
        raise Refused("holds an object that brings its own code")
    return {}


def _argument_names(value: Any) -> Any:
    return [_name(v) for v in value] if isinstance(value, list) else None


def _device(value: Any) -> dict[str, Any]:
    return {"type": "cpu", "index": None}


def _opsets(value: Any) -> dict[str, int]:
    return {k: int(v) for k, v in value.items()} if isinstance(value, dict) else {}


_WHOLE: dict[str, Any] = {
    "metadata": _metadata,
    "guards_code": lambda _: [],
    "treespec_namedtuple_fields": lambda _: {},
    "verifiers": _verifiers,
    "custom_obj_values": _custom_objects,
    "forward_arg_names": _argument_names,
    "device": _device,
    "as_device": _device,
    "opset_version": _opsets,
}


def _name(text: Any) -> str:
    """A name that is pasted into generated Python as an identifier."""
    if not isinstance(text, str) or not _NAME.fullmatch(text) or keyword.iskeyword(text):
        raise Refused(f"has a name that is none ({_quoted(text)})")
    return text


def _optional_name(text: str) -> str:
    return _name(text) if text else text


def _path(text: str) -> str:
    """A dotted path that is pasted into generated Python, partly between double quotes."""
    if len(text) > 2_000 or not text.isprintable() or set(text) & set("\"'\\`"):
        raise Refused(f"has a layer with an impossible name ({_quoted(text)})")
    return text


def operator_name(text: str) -> str:
    """Check that a node calls an operator of torch's, and none that opens files."""
    match = _OPERATOR.fullmatch(text)
    known = match is not None and match[2] not in _FILE_OPERATORS and _is_overload(*match.groups())
    if not known and text not in _SCALAR and text not in _HIGHER_ORDER:
        raise Refused(f"calls {_quoted(text)}, which is not a network operator of torch")
    return text


def _is_overload(namespace: str, name: str, overload: str) -> bool:
    """Whether torch has this operator; `torch.ops` has other attributes too."""
    packet = getattr(getattr(torch.ops, namespace), name, None)
    if not isinstance(packet, torch._ops.OpOverloadPacket):
        return False
    return isinstance(getattr(packet, overload, None), torch._ops.OpOverload)


def _spec(text: str) -> str:
    """Check the structure of inputs or outputs: nested lists, tuples and dicts alone."""
    try:
        version, tree = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise Refused("has a damaged call signature") from None
    pending = [tree]
    while pending:
        item = pending.pop()
        if not isinstance(item, dict) or version != 1:
            raise Refused("has a damaged call signature")
        if item.get("type") is not None and item["type"] not in _CONTAINERS:
            raise Refused(f"takes or returns objects of type {_quoted(item['type'])}")
        context = item.get("context")
        if isinstance(context, str) and context not in ("null", "[]"):
            _keys(context)
        children = item.get("children_spec")
        if not isinstance(children, list):
            raise Refused("has a damaged call signature")
        pending.extend(children)
    return text


def _keys(context: str) -> None:
    try:
        keys = json.loads(context)
    except (ValueError, RecursionError):
        raise Refused("has a damaged call signature") from None
    for key in keys if isinstance(keys, list) else [keys]:
        if isinstance(key, str):
            _name(key)
        elif not isinstance(key, int):
            raise Refused("has a damaged call signature")


def expression(text: str) -> str:
    """Check a shape expression: arithmetic over symbols, in calls that sympy's printer writes.

    Raises:
        Refused: Anything else; torch would `eval` it.
    """
    try:
        tree = ast.parse(text, mode="eval") if len(text) <= 20_000 else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    if tree is None:
        raise Refused(f"has a shape that is no expression ({_quoted(text)})")
    powers = 0
    for node in ast.walk(tree):
        powers += isinstance(node, ast.Pow) or getattr(node, "id", "") in _POWERS
        if not isinstance(node, _NODES) or not _harmless(node) or powers > 6:
            raise Refused(f"has a shape that is no plain arithmetic ({_quoted(text)})")
    return text


def _harmless(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in _POWERS:
            return len(node.args) == 2 and _small_exponent(node.args[1])
        return isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS
    if isinstance(node, ast.Name):
        known = node.id in _FUNCTIONS or node.id in _CONSTANTS or node.id in _POWERS
        return known or _SYMBOL.fullmatch(node.id) is not None
    if isinstance(node, ast.keyword):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool)
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return bool(_SYMBOL.fullmatch(node.value) or re.fullmatch(r"-?[\d.e+-]+", node.value))
        return isinstance(node.value, bool | int | float) and abs(node.value) < 1 << 64
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _small_exponent(node.right)
    return True


def _small_exponent(node: ast.expr) -> bool:
    """Refuse towers such as 9**9**9, which would be computed in full."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        node = node.args[0]
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value <= 8


def _quoted(text: Any) -> str:
    shown = repr(text)
    return shown if len(shown) <= 80 else f"{shown[:77]}…"


_BY_KEY: dict[str, Any] = {
    **dict.fromkeys(_NAMES, _optional_name),
    **dict.fromkeys(_PATHS, _path),
    "expr_str": expression,
    "target": operator_name,
    "as_operator": operator_name,
    "in_spec": _spec,
    "out_spec": _spec,
}
