"""Turning what a file says into layer names: patterns, paths, safe characters."""

from __future__ import annotations

import ast
import re

import onnx_ir as ir
from torch import nn

WEIGHT_SUFFIX = re.compile(
    r"(?:[._/](?:weights?|kernel|gamma|scale|slope|embeddings?|w_0|w|W)|_weight)$"
)
BIAS_SUFFIX = re.compile(r"(?:[._/](?:bias|biases|beta|b_0|b|B|shift)|_bias)$")
# Names that exporters and optimizers make up.
ANONYMOUS = re.compile(
    r"^(?:onnx::\w+?_\d+|_?v_?\d+|val_\d+|\d+|const(?:ant)?\w*?_?\d*|ortshared\w*|"
    r"const_fold_opt__\d+|new_\w+__\d+|[A-Za-z]|tensor_?\d*|t\d+|initializer_?\d*|.*_output_\d+|node_.*)$",
    re.IGNORECASE,
)
_NODE_NOISE = re.compile(r"^(?:node_)?[A-Za-z]+(?:_\d+)?$")
TAIL = re.compile(
    r"(?:/ReadVariableOp(?:_\d+)?|/resource)?(?::\d+)?(?:_quantized|(?:_DQ)?_Q\d\w*)?$"
)
LONGEST = 500
"""Characters of a name that are looked at."""

_TAKEN = frozenset(dir(nn.Module()))


def scope_of(node: ir.Node) -> str:
    """The module path that `torch.onnx.export(dynamo=True)` writes: `['', 'a', 'a.b', 'op']`."""
    text = node.metadata_props.get("pkg.torch.onnx.name_scopes", "")
    if not text or len(text) > 10_000:
        return ""
    try:
        scopes = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ""
    ok = isinstance(scopes, list) and len(scopes) >= 2 and all(isinstance(s, str) for s in scopes)
    return scopes[-2] if ok else ""


def path_of(name: str) -> str:
    """`/layer1/layer1.0/conv1/Conv` → `layer1.0.conv1` (the older PyTorch exporter)."""
    if not name.startswith("/"):
        return ""
    path: list[str] = []
    for part in name.strip("/").split("/")[:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path[-1] = part
        else:
            path.append(part)
    return ".".join(path)


def plain_name(name: str) -> str:
    """A node's name, unless it is only the operator and a number."""
    return "" if _NODE_NOISE.match(name) and not re.search(r"[a-z]\d|[_.].*[_.]", name) else name


def sanitize(name: str) -> str:
    """A name that works as a module path, a recipe's key and a file's tensor name."""
    parts = [re.sub(r"\W+", "_", part).strip("_") for part in re.split(r"[./:]+", name[:LONGEST])]
    safe = [f"{part}_" if part in _TAKEN else part for part in parts if part]
    return ".".join(safe)[:200].rstrip(".") or "layer"


def unique_name(name: str, used: dict[str, int]) -> str:
    """The name, numbered from the second time on; `used` counts."""
    count = used.get(name, 0) + 1
    used[name] = count
    if count == 1:
        return name
    while f"{name}_{count}" in used:
        count += 1
    used[name] = count
    used[f"{name}_{count}"] = 1
    return f"{name}_{count}"
