"""The sample project, from a shell: prune, distill, quantize it; check and measure the result."""

from __future__ import annotations

from pathlib import Path

from engine.cli import console
from engine.info import Compressed
from engine.jobs.requests import Compress, DataSource, ModelSource
from engine.paths import RESOURCES
from engine.writers.atomic import check_writable, writing

SAMPLES = RESOURCES / "samples"
MODEL = SAMPLES / "digits.pt2"
DATA = SAMPLES / "digits.npz"
RECIPE = SAMPLES / "digits.recipe.yaml"


def run(out: Path) -> Compressed:
    """Run the sample's recipe; leaves model, recipe and report in the folder."""
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    recipe = RECIPE.read_text(encoding="utf-8")
    model, copy, report = (out / name for name in ("digits.onnx", "recipe.yaml", "report.html"))
    for path in (model, copy, report):
        check_writable(path)
    request = Compress(
        ModelSource(str(MODEL)),
        recipe,
        str(model),
        DataSource((str(DATA),)),
        recipe_name=copy.name,
        report=str(report),
    )
    result: Compressed = console.run(request, keep=True)
    with writing(copy):
        copy.write_text(recipe, encoding="utf-8")
    return result
