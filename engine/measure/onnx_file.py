"""An ONNX file's structure, for measuring; weights stay on the disk."""

from __future__ import annotations

from pathlib import Path

import onnx_ir as ir

from engine.errors import ModelError


def parse(path: str | Path) -> ir.Model:
    """Parse an ONNX file; external data is mapped where it is used, not read.

    Raises:
        ModelError: There is no such file, or it is not ONNX.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"There is no file {path}", hint="Choose a model file.")
    try:
        return ir.load(path)
    except Exception as error:
        # onnx-ir lets protobuf's errors and whatever its own reading meets out.
        raise ModelError(
            f"{path.name} cannot be read as ONNX ({type(error).__name__})",
            hint="The file may be damaged, or in another format than its name says.",
            where=str(path),
        ) from error
