"""Layer norm and RMS norm that a file spells out in arithmetic, put back into one node.

Files from before operator set 17 have no layer norm, those from before 23 no RMS norm; exporters
write `x - mean(x)`, squares, `sqrt(mean + epsilon)`, a division, a scale, a shift. As one node it
is one layer with its scale and bias, instead of free-standing weights in a string of operators.
"""

from __future__ import annotations

from dataclasses import dataclass

import onnx_ir as ir

from engine.readers.onnx.sources import Source, Sources, standard, stored


@dataclass(frozen=True, slots=True)
class _Match:
    x: ir.Value
    epsilon: float
    centered: bool


def fuse_norms(graph: ir.Graph) -> int:
    """Replace every spelled-out norm over the last axis; returns how many there were."""
    sources = Sources(graph)
    count = 0
    for node in list(graph.all_nodes()):
        if node.graph is None or not _is(node, "Mul"):
            continue
        for slot in (0, 1):
            scale, inner = node.inputs[slot], node.inputs[1 - slot]
            found = _vector(sources, scale)
            match = _normalized(inner, sources) if found is not None else None
            if scale is not None and found is not None and match is not None:
                _replace(node, scale, match, sources)
                count += 1
                break
    return count


def _replace(node: ir.Node, scale: ir.Value, match: _Match, sources: Sources) -> None:
    last, inputs = node, [match.x, scale]
    add = _only_user(node.outputs[0])
    if match.centered and add is not None and _is(add, "Add") and add.graph is node.graph:
        bias = next((v for v in add.inputs if v is not node.outputs[0]), None)
        if bias is not None and _same_length(sources, bias, scale):
            last, inputs = add, [*inputs, bias]
    new = ir.Node(
        "",
        "LayerNormalization" if match.centered else "RMSNormalization",
        inputs,
        [ir.AttrInt64("axis", -1), ir.AttrFloat32("epsilon", match.epsilon)],
        name=node.name,
        metadata_props=dict(node.metadata_props),
    )
    graph = last.graph
    assert graph is not None
    old = last.outputs[0]
    name = old.name
    graph.insert_after(last, new)
    new.outputs[0].shape, new.outputs[0].type = old.shape, old.type
    old.replace_all_uses_with(new.outputs[0], replace_graph_outputs=True)
    graph.remove(last, safe=True)
    new.outputs[0].name = name


def _normalized(value: ir.Value | None, sources: Sources) -> _Match | None:
    """`d / s` or `d · (1 / s)`, where s is the root of the mean square of d plus epsilon."""
    node = value.producer() if value is not None else None
    if node is None or not (_is(node, "Div") or _is(node, "Mul")):
        return None
    pairs = [(node.inputs[0], node.inputs[1])]
    if _is(node, "Mul"):
        pairs = [(a, _argument(b, "Reciprocal")) for a, b in (pairs[0], pairs[0][::-1])]
    for deviation, root in pairs:
        epsilon = _root_of_mean_square(root, deviation, sources)
        if deviation is not None and epsilon is not None:
            x = _centered(deviation)
            return _Match(deviation if x is None else x, epsilon, x is not None)
    return None


def _root_of_mean_square(
    root: ir.Value | None, deviation: ir.Value | None, sources: Sources
) -> float | None:
    """Epsilon, if `root` is sqrt(mean(deviation²) + epsilon)."""
    shifted = _argument(root, "Sqrt")
    node = shifted.producer() if shifted is not None else None
    if node is None or deviation is None or not _is(node, "Add"):
        return None
    for slot in (0, 1):
        epsilon = _scalar(node.inputs[slot])
        square = _mean_over_last(node.inputs[1 - slot])
        if epsilon is not None and square is not None and _is_square(square, deviation):
            return epsilon
    return None


def _is_square(value: ir.Value, of: ir.Value) -> bool:
    node = value.producer()
    if node is None:
        return False
    if _is(node, "Mul"):
        return all(_same(v, of) for v in node.inputs)
    return _is(node, "Pow") and _same(node.inputs[0], of) and _scalar(node.inputs[1]) == 2.0


def _centered(deviation: ir.Value) -> ir.Value | None:
    """x, if the value is x − mean(x)."""
    node = deviation.producer()
    if node is None or not _is(node, "Sub"):
        return None
    x, mean = node.inputs
    return x if x is not None and _mean_over_last(mean) is x else None


def _same(a: ir.Value | None, b: ir.Value) -> bool:
    """One value, or two subtractions of the same; older exporters write it twice."""
    if a is b:
        return True
    first, second = (a.producer() if a is not None else None), b.producer()
    if first is None or second is None or not (_is(first, "Sub") and _is(second, "Sub")):
        return False
    return list(first.inputs) == list(second.inputs)


def _mean_over_last(value: ir.Value | None) -> ir.Value | None:
    """What the value is the mean of, over the last axis, which it keeps."""
    node = value.producer() if value is not None else None
    if node is None or not _is(node, "ReduceMean"):
        return None
    keep, attribute = node.attributes.get("keepdims"), node.attributes.get("axes")
    if keep is not None and not keep.as_int():
        return None
    axes: list[int] = []
    if attribute is not None:
        axes = [int(a) for a in attribute.as_ints()]
    elif len(node.inputs) > 1 and node.inputs[1] is not None:
        tensor = stored(node.inputs[1])
        axes = [] if tensor is None else [int(a) for a in tensor.numpy().reshape(-1)]
    x = node.inputs[0]
    rank = len(x.shape) if x is not None and x.shape is not None else None
    return x if axes == [-1] or (rank is not None and axes == [rank - 1]) else None


def _argument(value: ir.Value | None, op_type: str) -> ir.Value | None:
    node = value.producer() if value is not None else None
    return node.inputs[0] if node is not None and _is(node, op_type) else None


def _only_user(value: ir.Value) -> ir.Node | None:
    uses = list(value.uses())
    return uses[0].node if len(uses) == 1 and not value.is_graph_output() else None


def _vector(sources: Sources, value: ir.Value | None) -> Source | None:
    source = sources.of(value)
    fits = source is not None and source.is_float and source.shape and len(source.shape) == 1
    return source if fits else None


def _same_length(sources: Sources, a: ir.Value, b: ir.Value) -> bool:
    first, second = _vector(sources, a), _vector(sources, b)
    return first is not None and second is not None and first.shape == second.shape


def _scalar(value: ir.Value | None) -> float | None:
    tensor = stored(value) if value is not None else None
    if tensor is None or any(d != 1 for d in tensor.shape):
        return None
    if tensor.dtype is ir.DataType.STRING:
        return None
    return float(tensor.numpy().reshape(-1)[0])


def _is(node: ir.Node, op_type: str) -> bool:
    return node.op_type == op_type and standard(node.domain)
