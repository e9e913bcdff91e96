"""What the rows of `fit` are made of: fitted recipes, and recipes scored on the whole test set.

Recipes are run and scored in memory, which takes a fourth of the time of writing each file and
measuring it; the row of a quarter of the bytes writes its file too. What was scored is kept in the
folder of `--keep` by what the recipe says, so that rows and runs share it: one for each version of
the engine.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import special

from engine.budget import FitBudget, Fitted, Target
from engine.compress.material import Material, find_material
from engine.cost import CostTable
from engine.cost_file import table_from, table_to_bytes
from engine.jobs.job import Quiet
from engine.jobs.requests import Compress, DataSource, Estimate, ModelSource
from engine.layer_table import LayerTable
from engine.measure.paired import mcnemar_p_value
from engine.methods.context import Context
from engine.opened import OpenModel, open_model
from engine.pipeline import StageCache, run, table_of
from engine.prediction import layer_bytes
from engine.recipe.files import to_yaml
from engine.recipe.model import Recipe, recipe_from
from engine.recipe.resolve import resolve
from engine.registry import Needs
from engine.worker import handle
from tests.bench.compressing import compress
from tests.bench.scoring import BATCH, Images, images, session

METHODS = ("channel", "data_aware_svd", "spatial", "uniform")
Steps = list[dict[str, Any]]


@dataclass(frozen=True)
class Scored:
    """A recipe over the test set; shares are of the original's layers."""

    logits: np.ndarray
    right: np.ndarray
    kl: float
    weights: float
    macs: float

    @property
    def top1(self) -> float:
        """Percent."""
        return 100 * float(self.right.mean())

    def told(self) -> str:
        """In a line."""
        return (
            f"{self.top1:.2f} %, KL {self.kl:.3g}, {100 * self.weights:.2f} % of the weight bytes, "
            f"{100 * self.macs:.1f} % of the MACs"
        )

    def beside(self, other: Scored) -> str:
        """How much better another one is, and whether by chance (exact McNemar test)."""
        lost = int((self.right & ~other.right).sum())
        won = int((~self.right & other.right).sum())
        p = mcnemar_p_value(lost, won)
        return f"{other.top1 - self.top1:+.2f} points, {won} won, {lost} lost, p = {p:.1g}"


@dataclass
class Bench:
    """One network."""

    asked: argparse.Namespace
    folder: Path
    archive: Path
    out: Path
    name: str
    _known: dict[str, Scored] = field(default_factory=dict, init=False)
    _cache: StageCache = field(default_factory=StageCache, init=False)

    def __post_init__(self) -> None:
        self.path = self.folder / f"{self.name}.pt2"
        self.source = ModelSource(str(self.path))
        self.data = DataSource((str(self.archive),))

    @cached_property
    def original(self) -> Scored:
        """The network as it is."""
        return self.scored("original", Recipe())

    @cached_property
    def table(self) -> CostTable:
        """Estimated once."""
        file = self.out / f"{self.name}_costs.npz"
        if not file.exists():
            began = time.process_time()
            found = handle(Estimate(self.source, self.data, METHODS), Quiet())
            spent = time.process_time() - began
            passes = f"{found.forward_passes:.0f} passes over {found.samples} samples"
            sys.stderr.write(f"{self.name} costs: {spent:.0f} CPU s, {passes}\n")
            file.write_bytes(table_to_bytes(found.table))
        return table_from(file.read_bytes())

    def fit(self, *targets: Target, rounds: int = 1, methods: Sequence[str] = METHODS) -> Fitted:
        """A recipe within targets."""
        request = FitBudget(
            self.source, targets, self.data, self.table, tuple(methods), rounds=rounds, points=0
        )
        fitted: Fitted = handle(request, Quiet())
        return fitted

    def scored(self, label: str, recipe: Recipe | Steps) -> Scored:
        """A recipe, run and scored."""
        if isinstance(recipe, list):
            recipe = recipe_from({"espalier": 1, "seed": 0, "steps": recipe})
        key = hashlib.blake2b(to_yaml(recipe).encode(), digest_size=8).hexdigest()
        file = self.out / f"{self.name}_{key}_{len(self.test)}.npz"
        if key not in self._known:
            began = time.process_time()
            if not file.exists():
                logits, shape = self._answers(recipe)
                np.savez(file, logits=logits, shape=shape)
            with np.load(file) as kept:
                self._known[key] = self._of(kept["logits"], kept["shape"], recipe)
            spent = f"{time.process_time() - began:.0f} CPU s"
            sys.stderr.write(f"{self.name} {label}: {self._known[key].told()}; {spent}\n")
        return self._known[key]

    def written(self, label: str, recipe: Recipe) -> Scored:
        """A recipe as a file, in ONNX Runtime with optimizations on."""
        steps = recipe.to_data()["steps"]
        file = self.out / f"{self.name}_{label}.onnx"
        compress(self.path, self.archive, steps, file, threads=self.asked.threads)
        running = session(file, self.asked.threads)
        name = running.get_inputs()[0].name
        found = []
        for start in range(0, len(self.test), BATCH):
            x = self.test.prepared(start, start + BATCH).astype(np.float32)
            found.append(running.run(None, {name: x})[0])
        plan = resolve(recipe, table_of(self._model.network))
        result = self._of(np.concatenate(found), _shape(plan.result), recipe)
        sys.stderr.write(f"{self.name} {label}, written: {result.told()}\n")
        return result

    @cached_property
    def test(self) -> Images:
        """Used for nothing but scores."""
        onnx = self.folder / f"{self.name}.onnx"
        return images(self.archive, "test", onnx).first(self.asked.samples)

    @cached_property
    def _model(self) -> OpenModel:
        return open_model(self.source, Quiet())

    @cached_property
    def _material(self) -> Material:
        wanted = Compress(self.source, "", "", self.data)
        return find_material(wanted, self._model.network, Needs.CALIBRATION, 0, Quiet())

    def _answers(self, recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
        """Logits of all test samples; bytes and MACs of the network's layers as they became."""
        network = self._model.network
        if recipe.steps:
            material = self._material
            context = Context(
                job=Quiet(),
                original=network,
                calibration=material.calibration(Quiet()),
                training=material.training,
            )
            network = run(network, recipe, context, cache=self._cache)[-1].network
        found = []
        with torch.inference_mode():
            for start in range(0, len(self.test), BATCH):
                x = self.test.prepared(start, start + BATCH).astype(np.float32)
                answers = network.module(torch.from_numpy(x))
                found.append((answers if torch.is_tensor(answers) else answers[0]).numpy())
        return np.concatenate(found), _shape(table_of(network))

    def _of(self, logits: np.ndarray, shape: np.ndarray, recipe: Recipe) -> Scored:
        before = _shape(table_of(self._model.network))
        reference = self.original.logits if recipe.steps else logits
        return Scored(
            logits,
            logits.argmax(1) == self.test.labels,
            divergence(reference, logits),
            float(shape[0] / before[0]),
            float(shape[1] / max(before[1], 1)),
        )


def _shape(table: LayerTable) -> np.ndarray:
    """Bytes and MACs of all layers."""
    return np.array([layer_bytes(table.layers), sum(layer.macs or 0 for layer in table.layers)])


def divergence(reference: np.ndarray, answers: np.ndarray) -> float:
    """Mean KL divergence, nats."""
    p, q = special.log_softmax(reference, axis=1), special.log_softmax(answers, axis=1)
    return float((np.exp(p) * (p - q)).sum(axis=1).mean())
