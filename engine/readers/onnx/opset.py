"""Operator versions: what a file declares, and bringing it into the form that the reader wants."""

from __future__ import annotations

import onnx
import onnx_ir as ir
from onnx_ir.passes import common

from engine.errors import ModelError
from engine.readers.onnx.norm_patterns import fuse_norms
from engine.readers.onnx.sources import standard

OLDEST = 7
"""Broadcasting and batch norm meant something else before."""


def prepared(model: ir.Model) -> ir.Model:
    """A copy, functions inlined, spelled-out norms as one node, in order; weights are shared.

    The quick listing and the converter both start from this, so that layer names agree.

    Raises:
        ModelError: The graph is cyclic, recursive, or declares an unreadable operator set.
    """
    copy = ir.Model(
        model.graph.clone(),
        ir_version=model.ir_version,
        producer_name=model.producer_name,
        functions=[function.clone() for function in model.functions.values()],
    )
    if copy.functions:
        try:
            common.InlinePass()(copy)
        except Exception as error:
            raise ModelError(
                f"The functions inside the file cannot be inlined ({_line(error)})",
                hint="Export the network without model-local functions.",
            ) from error
    try:
        copy.graph.sort()
    except ValueError as error:
        raise ModelError(
            "The graph contains a cycle", hint="The file is damaged; export it again."
        ) from error
    if fuse_norms(copy.graph):
        common.RemoveUnusedNodesPass()(copy)
    return copy


def opsets(model: ir.Model) -> tuple[dict[str, int], list[str]]:
    """Domain → version (the standard domain under ""), and warnings about them.

    Raises:
        ModelError: Versions from before operator set 7.
    """
    versions: dict[str, int] = {}
    for domain, version in model.graph.opset_imports.items():
        versions["" if standard(domain) else domain] = version
    newest = onnx.defs.onnx_opset_version()
    declared = versions.setdefault("", newest)
    if declared < OLDEST:
        raise ModelError(
            f"The file uses ONNX operator set {declared}; sets from {OLDEST} are read",
            hint="Convert it first with onnx.version_converter.",
        )
    if declared > newest:
        text = f"The file uses ONNX operator set {declared}; Espalier knows them up to {newest}"
        return versions, [f"{text}."]
    return versions, []


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
