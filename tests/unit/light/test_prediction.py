"""What a recipe will come to, from shapes alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.info import Format, LayerInfo, LayerKind, NetworkInfo
from engine.layer_table import LayerTable
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.prediction import predicted_metrics
from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from engine.recipe.resolve import resolve
from tests.unit.studio.test_document import network


def shaped() -> NetworkInfo:
    """Convolutions of 16 channels on 8 × 8 values, after a stem that takes 3."""
    info = network()
    incoming: list[tuple[int, ...]] = [(3, 8, 8), *[(16, 8, 8)] * 4]
    layers = [
        replace(layer, input_shape=shape, activation_bytes=16 * 64 * 4)
        for layer, shape in zip(info.layers[:-1], incoming, strict=True)
    ]
    norm = LayerInfo(
        "wide", LayerKind.BATCH_NORM, (9,), "float32", 18, 144, 0, (999, 8, 8), (999, 8, 8), 255744
    )
    return replace(info, layers=(*layers, norm, info.layers[-1]), activation_bytes=10_000)


def peak(info: NetworkInfo, recipe: Recipe) -> int | None:
    plan = resolve(recipe, LayerTable(info.layers, info.groups))
    return predicted_metrics(plan, info, Format.ONNX).activation_bytes


@pytest.mark.parametrize(
    ("skipped", "share"), [((), 0.5), (("block.0.conv",), 0.75), (("block.0.conv", "stem"), 1.0)]
)
def test_the_peak_of_activations_falls_with_the_widest_layer(
    skipped: tuple[str, ...], share: float
) -> None:
    rules = [make_rule(skipped, skip=True)] if skipped else []
    step = make_step("channel", rules, target="channels", ratio=0.5)
    assert peak(shaped(), Recipe((step,))) == round(10_000 * share)


def test_bits_leave_the_peak_and_what_is_not_known_stays_so() -> None:
    quantized = Recipe((make_step("uniform", weight_bits=4),))
    assert peak(shaped(), quantized) == 10_000
    assert peak(replace(shaped(), activation_bytes=None), quantized) is None
    assert peak(replace(network(), activation_bytes=10_000), quantized) is None
