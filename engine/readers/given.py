"""What the user says about the inputs of an ONNX file, checked against what the file says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.errors import ModelError
from engine.info import Dim, TensorInfo
from engine.readers.examples import LENGTH, parse_shape


def given_shapes(inputs: Sequence[TensorInfo], given: Mapping[str, str]) -> dict[str, str]:
    """The shapes that the user gives, by the names of the file's inputs.

    A shape without a name is that of the only input, or of the only one with an open size.

    Raises:
        ModelError: There is no such input, or the file says another shape.
    """
    shapes = {}
    for name, text in given.items():
        info = _input(inputs, name)
        dims, _ = parse_shape(text)
        sizes = tuple(LENGTH if isinstance(n, str) else n for n in dims)
        if info.shape and not _fits(sizes, info):
            fixed = "×".join(str(n) for n in info.shape[1:]) or "a single number"
            raise ModelError(
                f"Input {info.name!r} is {fixed} in the file, without the batch, not {text!r}",
                hint="Give sizes only where the file leaves them open.",
                where=info.name,
            )
        shapes[info.name] = "x".join(str(n) for n in sizes)
    return shapes


def _input(inputs: Sequence[TensorInfo], name: str) -> TensorInfo:
    found = [info for info in inputs if info.name == name]
    if not name:
        found = list(inputs) if len(inputs) == 1 else [i for i in inputs if _open_axes(i.shape)]
    if len(found) != 1:
        listed = _listed(inputs)
        raise ModelError(
            f"The network has no input {name!r}: it has {listed}"
            if name
            else f"A shape needs the name of its input: one of {listed}",
            where=name,
        )
    return found[0]


def _fits(sizes: Sequence[int], info: TensorInfo) -> bool:
    wanted = info.shape[1:]
    return len(sizes) == len(wanted) and all(
        isinstance(want, str) or want == size for size, want in zip(sizes, wanted, strict=True)
    )


def _open_axes(shape: Sequence[Dim]) -> list[int]:
    """Axes beyond the batch whose size the file leaves open."""
    return [axis for axis, n in enumerate(shape) if axis and isinstance(n, str)]


def _listed(inputs: Sequence[TensorInfo]) -> str:
    return ", ".join(repr(info.name) for info in inputs) or "none"


def fix_hint(hint: str, inputs: Sequence[TensorInfo]) -> str:
    """`hint`, with the inputs that could be fixed to a constant where it says to fix one."""
    if "Fix the input" not in hint:
        return hint
    switches = [info.name for info in inputs if not info.shape or info.dtype == "bool"]
    names = switches or [info.name for info in inputs]
    return f"{hint.rstrip('.')} (--fix {names[0]}=VALUE on the command line)." if names else hint
