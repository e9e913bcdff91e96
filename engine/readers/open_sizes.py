"""Inputs whose size an ONNX file leaves open: what the user gives, and what is tried otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.errors import ModelError
from engine.info import Dim, TensorInfo
from engine.readers.examples import BATCH, LENGTH, parse_shape

_LENGTHS = (512, 4096)
_PIXELS = (256, 64)
"""Tried one after the other where the reader's own guess (16 and 224) does not fit."""


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


def attempts(inputs: Sequence[TensorInfo], given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Shapes to try in turn: as given, then with usual sizes where a length is left open."""
    sizes = {i.name: _with_batch(i, inputs) for i in inputs if i.name not in given and i.shape}
    known = {
        name: _text(shape)
        for name, shape in sizes.items()
        if all(isinstance(n, int) for n in shape) and len(shape) > 1
    }
    first = {**known, **given}
    yield first
    missing = {name: shape for name, shape in sizes.items() if _has_lengths(shape)}
    if missing:
        for length, pixels in zip(_LENGTHS, _PIXELS, strict=True):
            yield first | {name: _text(s, length, pixels) for name, s in missing.items()}


def _with_batch(info: TensorInfo, inputs: Sequence[TensorInfo]) -> tuple[Dim, ...]:
    """A shape with the batch's size where it is not the first axis, as in recurrent states."""
    shape = info.shape
    batches = {i.shape[0] for i in inputs if i.shape and isinstance(i.shape[0], str)}
    if not isinstance(shape[0], int) or not batches:
        return shape
    unnamed = len(shape) == 3 and shape[1:2] == ("dim1",) and isinstance(shape[2], int)
    return tuple(
        BATCH if n in batches or (axis == 1 and unnamed) else n for axis, n in enumerate(shape)
    )


def _text(shape: Sequence[Dim], length: int = 0, pixels: int = 0) -> str:
    """As the user would write it: without the batch, open sizes filled in."""
    usual = pixels if len(shape) == 4 else length
    return "x".join(str(usual if isinstance(n, str) else n) for n in shape[1:])


def _open_axes(shape: Sequence[Dim]) -> list[int]:
    """Axes beyond the batch whose size the file leaves open."""
    return [axis for axis, n in enumerate(shape) if axis and isinstance(n, str)]


def _has_lengths(shape: Sequence[Dim]) -> bool:
    """Whether what is open is a length or an image's size; channels cannot be guessed."""
    axes = _open_axes(shape)
    return axes == [2, 3] if len(shape) == 4 else len(axes) == 1 and len(shape) in (2, 3)


def open_hint(inputs: Sequence[TensorInfo], given: Mapping[str, str]) -> str:
    """What to do about sizes that are open and that nobody gave; empty where there are none."""
    open_ones = [i for i in inputs if i.name not in given and _open_axes(_with_batch(i, inputs))]
    if not open_ones:
        return ""
    first = open_ones[0]
    return (
        f"The file leaves the size of {_listed(open_ones)} open, and the usual ones do not fit: "
        f"give it (--input-shape {first.name}={_text(first.shape, _LENGTHS[0], _PIXELS[0])} on "
        "the command line, for example)."
    )


def _listed(inputs: Sequence[TensorInfo]) -> str:
    return ", ".join(repr(info.name) for info in inputs) or "none"


def fix_hint(hint: str, inputs: Sequence[TensorInfo]) -> str:
    """`hint`, with the inputs that could be fixed to a constant where it says to fix one."""
    if "Fix the input" not in hint:
        return hint
    switches = [info.name for info in inputs if not info.shape or info.dtype == "bool"]
    names = switches or [info.name for info in inputs]
    return f"{hint.rstrip('.')} (--fix {names[0]}=VALUE on the command line)." if names else hint
