"""Fit to budget on networks of many forms: what is promised is what the plan says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.budget import FitBudget, Quantity, Solver, Target
from engine.cost import CostTable, Entry
from engine.info import NetworkInfo
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.layer_table import LayerTable
from engine.network.groups import channel_groups
from engine.network.layers import describe
from engine.prediction import layer_bytes
from engine.recipe.resolve import resolve
from engine.search.coupling import groups_of
from engine.search.fit import fit
from engine.search.savings import applicable, baseline_of, grids_of, rows_of, savings
from tests.helpers.networks import zoo_network

METHODS = ("channel", "data_aware_svd", "uniform")


def described(name: str) -> NetworkInfo:
    network = zoo_network(name)
    groups = channel_groups(network).groups
    info = describe(network, name=name, size_bytes=0, groups=groups)
    return replace(info, size_bytes=layer_bytes(info.layers))


def made_up(info: NetworkInfo) -> CostTable:
    """Real savings, and losses that are drawn."""
    table = LayerTable(info.layers, info.groups)
    grids, rows = grids_of(METHODS), rows_of(table)
    cost = CostTable.empty([row.name for row in rows], grids, baseline_of(rows))
    cost = replace(cost, groups=groups_of(table, grids, Quiet()))
    rng = np.random.default_rng(0)
    for grid in grids:
        cost = cost.with_entries(savings(table, grid, Quiet()))
        for row in applicable(table, grid):
            hurt = 10 ** rng.uniform(-4, -1)
            places = enumerate(grid.settings)
            cost = cost.with_entries(
                Entry(row, grid.method, setting, loss=hurt * 2.0**place)
                for place, setting in places
            )
    return cost


@pytest.mark.network_zoo
@pytest.mark.parametrize(
    "name", ["shared_conv", "tied_weights", "grouped_conv", "lstm_classifier", "densenet_like"]
)
def test_promises_are_those_of_the_plan(name: str) -> None:
    info = described(name)
    cost = made_up(info)
    for quantity, share in ((Quantity.WEIGHTS, 0.25), (Quantity.MACS, 0.7)):
        for solver in Solver:
            target = Target(quantity, share, relative=True)
            request = FitBudget(ModelSource(name), (target,), points=3, solver=solver)
            fitted = fit(info, cost, request, Quiet())
            layers = resolve(fitted.recipe, LayerTable(info.layers, info.groups)).result.layers
            assert fitted.predicted.weight_bytes == layer_bytes(layers)
            before = sum(layer.macs or 0 for layer in info.layers)
            after = sum(layer.macs or 0 for layer in layers)
            assert before - after == fitted.original.macs - fitted.predicted.macs
            (reached,) = fitted.targets
            assert reached.met == (reached.reached <= reached.wanted)
            if not reached.met:  # most of a recurrent network cannot be made smaller
                assert name == "lstm_classifier"
                assert reached.nearest == pytest.approx(reached.reached)
    assert cost.total({}).size_bytes <= layer_bytes(info.layers)
