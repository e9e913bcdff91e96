"""All cases."""

from tests.helpers.onnx_cases import Case
from tests.unit.onnx_ops.cases import images, mathematics, runtime, shapes, tensors

ALL: tuple[Case, ...] = tuple(
    case for module in (mathematics, images, tensors, runtime, shapes) for case in module.CASES
)


def by_operator() -> dict[str, list[Case]]:
    """Cases by operator: a test for each case would spend most of its time in pytest."""
    groups: dict[str, list[Case]] = {}
    for case in ALL:
        groups.setdefault(f"{case.domain}::{case.op}".removeprefix("::"), []).append(case)
    return groups
