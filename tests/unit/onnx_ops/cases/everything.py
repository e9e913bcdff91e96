"""All cases."""

from tests.helpers.onnx_cases import Case
from tests.unit.onnx_ops.cases import images, mathematics, runtime, shapes, tensors

ALL: tuple[Case, ...] = tuple(
    case for module in (mathematics, images, tensors, runtime, shapes) for case in module.CASES
)
