"""Runs `weight`: single weights become zero."""

from __future__ import annotations

from torch import Tensor

from engine.methods.context import Context
from engine.methods.pruning.allocation import share, uniform_rows, zeros_wanted
from engine.methods.pruning.masking import chosen_layers, forced_zeros, is_solved, pruned
from engine.methods.pruning.matrices import Layer
from engine.methods.pruning.problem import Problem, Wanted
from engine.methods.pruning.scores import (
    in_order_of,
    keep_by,
    obs_keep,
    obs_losses,
    predicted,
    problem_before,
    scores_of,
)
from engine.methods.pruning.sequential import Order
from engine.methods.pruning.sparsity import Criterion
from engine.methods.pruning.weight import Distribution, WeightParams
from engine.network.network import Network
from engine.registry import Choices

Counts = dict[Layer, Tensor]
"""Layer → how many weights of each row become zero, `[groups · R]`."""


def run(network: Network, choices: Choices, context: Context) -> Network:
    """Make single weights zero; see `engine.methods.context.RunStep`.

    Layers with the same settings share one budget; a layer with a setting of its own has its own.
    """
    pools: dict[WeightParams, list[Layer]] = {}
    for layer, params in chosen_layers(network, choices, context).items():
        assert isinstance(params, WeightParams)
        if params.sparsity > 0:
            pools.setdefault(params, []).append(layer)
    masks: dict[Layer, Tensor] = {}
    orders: dict[Layer, Order] = {}
    norms = False
    for params, layers in pools.items():
        pool = _Pool(network, params, layers, context)
        if is_solved(params):
            orders |= pool.orders()
        else:
            masks |= pool.masks()
            norms |= params.reestimate_norms
    return pruned(network, masks, orders, norms, context)


class _Pool:
    """Layers that share a budget."""

    def __init__(
        self, network: Network, params: WeightParams, layers: list[Layer], context: Context
    ) -> None:
        self.network = network
        self.params = params
        self.layers = layers
        self.context = context
        self.forced = {layer: forced_zeros(network, layer) for layer in layers}

    def orders(self) -> dict[Layer, Order]:
        """What becomes of layers whose weights are solved anew."""
        counts = self._layer_counts()
        return {
            layer: Order(
                Wanted(counts[layer], block_size=self.params.block_size),
                self.params.damping,
                self.forced[layer],
            )
            for layer in self.layers
        }

    def masks(self) -> dict[Layer, Tensor]:
        """Which weights stay as they are."""
        if self.params.criterion is Criterion.OBS:
            counts = self._layer_counts()
            return {layer: self._obs_mask(layer, counts[layer]) for layer in self.layers}
        found = {}
        places = {
            layer: in_order_of(scores_of(layer, self.params, self.context), self.forced[layer])
            for layer in self.layers
        }
        rows = self._row_counts({layer: values for layer, (_, values) in places.items()})
        for layer, (order, _) in places.items():
            found[layer] = keep_by(order, rows[layer]).reshape(layer.matrix.shape)
        return found

    def _obs_mask(self, layer: Layer, zeros: int) -> Tensor:
        problem = self._problem(layer)
        wanted = Wanted(zeros, block_size=self.params.block_size)
        return obs_keep(problem, wanted, self.context)

    def _problem(self, layer: Layer) -> Problem:
        forced = self.forced[layer]
        return problem_before(self.network, layer, self.params, forced, self.context)

    def _wanted(self, layers: list[Layer]) -> int:
        return zeros_wanted(sum(layer.weight.numel() for layer in layers), self.params.sparsity)

    def _layer_counts(self) -> dict[Layer, int]:
        """How many weights of each layer `obs` makes zero."""
        if self.params.distribution is Distribution.UNIFORM or len(self.layers) == 1:
            return {layer: self._wanted([layer]) for layer in self.layers}
        losses: dict[Layer, Tensor] = {}
        for done, layer in enumerate(self.layers):
            text = f"Weighing {layer.name}"
            self.context.job.checkpoint(text, done, len(self.layers))
            problem = self._problem(layer)
            if self.params.distribution is Distribution.GLOBAL:
                problem = problem.with_equal_costs()
            losses[layer] = obs_losses(
                problem, self.params.sparsity, self.params.block_size, self.context
            )
        counts = share(losses, self._wanted(self.layers))
        return {layer: int(count.sum()) for layer, count in counts.items()}

    def _row_counts(self, values: dict[Layer, Tensor]) -> Counts:
        """How many weights of each row go by their scores."""
        distribution = self.params.distribution
        if distribution is Distribution.GLOBAL:
            return share(values, self._wanted(self.layers))
        counts: Counts = {}
        totals = {layer: self._wanted([layer]) for layer in self.layers}
        if distribution is Distribution.BALANCED:
            totals = self._balanced_totals()
        for layer, scores in values.items():
            if self.params.criterion is Criterion.WANDA:
                counts[layer] = uniform_rows(len(scores), totals[layer])
            else:
                counts[layer] = share({layer: scores}, totals[layer])[layer]
        return counts

    def _balanced_totals(self) -> dict[Layer, int]:
        losses = {}
        for layer in self.layers:
            scores = scores_of(layer, self.params, self.context)
            if self.params.criterion is not Criterion.WANDA:  # which compares within rows
                scores = scores.reshape(1, 1, -1)
            order, _ = in_order_of(scores, self.forced[layer])
            losses[layer] = predicted(self.network, layer, order, self.context)
        counts = share(losses, self._wanted(self.layers))
        return {layer: int(count.sum()) for layer, count in counts.items()}
