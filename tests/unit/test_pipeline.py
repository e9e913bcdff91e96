"""Steps on real networks: what is handed on, cached, noted, stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import pytest
import torch
from pydantic import Field
from torch import nn

from engine.errors import Cancelled, EngineError
from engine.frozen import FrozenMap
from engine.info import LayerInfo, Metrics
from engine.jobs.job import Quiet
from engine.methods.context import Context
from engine.network.encoding import HalfEncoding
from engine.network.leaves import uses
from engine.network.network import Network
from engine.parameters import Params
from engine.pipeline import StageCache, run
from engine.recipe.model import Recipe, recipe_from
from engine.registry import Choices, Kind, Method, Needs, Registry
from engine.statistics.calibration import Calibration
from engine.surgery.copy import as_kind_of, copy_network, replace_tensors
from tests.helpers.networks import network_of


class ScaleParams(Params):
    by: Annotated[float, Field(title="Factor", description="What weights are multiplied by.")] = 2.0


class Log:
    """What the methods of a test were given."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, tuple[str, ...]]] = []
        self.contexts: list[Context] = []


def scaled(network: Network, choices: Choices) -> Network:
    result = copy_network(network)
    new = {}
    for use in uses(network.module):
        params = choices.get(use.name)
        if params is not None:
            weight = use.weight.detach() * params.by  # type: ignore[attr-defined]  # its kind is known here
            new[id(use.weight)] = as_kind_of(use.weight, weight)
    replace_tensors(result.module, new)
    return result


def only_linear(layer: LayerInfo, _params: Params) -> str:
    return "" if layer.kind.value == "linear" else "It is not linear."


def registry(log: Log) -> Registry:
    table = Registry()

    def scale(network: Network, choices: Choices, context: Context) -> Network:
        log.runs.append(("scale", tuple(choices)))
        log.contexts.append(context)
        context.note("scaled")
        context.note("scaled")
        return scaled(network, choices)

    def half(network: Network, choices: Choices, context: Context) -> Network:
        log.runs.append(("half", tuple(choices)))
        result = copy_network(network)
        new = {
            id(u.weight): as_kind_of(u.weight, u.weight.detach().half().float())
            for u in uses(network.module)
            if u.name in choices
        }
        replace_tensors(result.module, new)
        return replace(result, encodings=FrozenMap({name: HalfEncoding() for name in choices}))

    def fail(network: Network, choices: Choices, context: Context) -> Network:
        raise EngineError("It does not work", hint="Leave it.")

    def make(name: str, function: Any, **more: Any) -> None:
        texts = {"title": name.title(), "summary": "For tests.", "reference": "None 2020"}
        table.register(
            Method(Kind.PRUNING, name, params=ScaleParams, run=function, **texts, **more)
        )

    make("scale", scale, applies=only_linear)
    make("half", half, applies=only_linear)
    make("fail", fail)
    make("look", scale, needs=Needs.INPUT_MOMENTS, applies=only_linear)
    return table


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
    return network_of(module, torch.randn(2, 4))


def recipe(*steps: dict[str, Any], seed: int = 0) -> Recipe:
    return recipe_from({"espalier": 1, "seed": seed, "steps": list(steps)})


def context(network: Network, job: Any = None) -> Context:
    data = Calibration((torch.randn(16, 4, generator=torch.Generator().manual_seed(0)),))
    return Context(job or Quiet(), network, calibration=data)


def weights(network: Network) -> list[torch.Tensor]:
    return [use.weight.detach() for use in uses(network.module)]


def test_each_step_works_on_what_the_one_before_made(network: Network) -> None:
    log = Log()
    before = [w.clone() for w in weights(network)]
    steps = (
        {"method": "scale"},
        {"method": "scale", "by": 3, "rules": [{"layers": "2", "skip": True}]},
    )
    stages = run(network, recipe(*steps), context(network), registry=registry(log))
    assert log.runs == [("scale", ("0", "2")), ("scale", ("0",))]
    factors = (6, 2)
    for old, new, factor in zip(before, weights(stages[-1].network), factors, strict=True):
        torch.testing.assert_close(new, factor * old)
    assert all(torch.equal(a, b) for a, b in zip(before, weights(network), strict=True))
    assert [stage.result.step for stage in stages] == [0, 1]
    assert stages[0].result.notes == ("scaled",)
    assert [one.step for one in log.contexts] == [0, 1]


def test_editing_the_last_step_runs_only_that_step(network: Network) -> None:
    log, cache = Log(), StageCache()
    table = registry(log)
    for by in (2.0, 3.0, 2.0):
        steps = ({"method": "scale"}, {"method": "scale", "by": by})
        stages = run(
            network, recipe(*steps), context(network), cache=cache, key="k", registry=table
        )
    assert len(log.runs) == 3
    assert [stage.result.cached for stage in stages] == [True, True]
    run(
        network, recipe({"method": "scale"}), context(network), cache=cache, key="l", registry=table
    )
    assert len(log.runs) == 4  # other data
    again = recipe({"method": "scale"}, seed=1)
    run(network, again, context(network), cache=cache, key="k", registry=table)
    assert len(log.runs) == 5  # another seed


def test_the_cache_drops_what_was_not_used_for_longest(network: Network) -> None:
    log = Log()
    cache = StageCache(most_bytes=400)  # a network has 172
    table = registry(log)
    for by in (2.0, 3.0, 2.0, 4.0, 2.0, 3.0):
        step = {"method": "scale", "by": by}
        run(network, recipe(step), context(network), cache=cache, registry=table)
    assert len(log.runs) == 4  # 2, 3, 4 and, dropped for 4, 3 again
    assert cache.size_bytes <= 400
    cache.clear()
    assert cache.size_bytes == 0


def test_disabled_steps_are_passed_over(network: Network) -> None:
    log = Log()
    steps = ({"method": "fail", "enabled": False}, {"method": "scale"})
    stages = run(network, recipe(*steps), context(network), registry=registry(log))
    assert [stage.result.method for stage in stages] == ["scale"]


def test_an_error_names_the_step(network: Network) -> None:
    steps = ({"method": "scale"}, {"method": "fail"})
    with pytest.raises(EngineError, match="does not work") as caught:
        run(network, recipe(*steps), context(network), registry=registry(Log()))
    assert caught.value.where == "step 2 (fail)"


def test_a_grid_that_was_left_is_no_longer_claimed(network: Network) -> None:
    kept = {"method": "scale", "by": 2, "rules": [{"layers": "2", "skip": True}]}
    lost = {"method": "scale", "by": 1.001, "rules": [{"layers": "2", "skip": True}]}
    table = registry(Log())
    stages = run(network, recipe({"method": "half"}, kept), context(network), registry=table)
    assert set(stages[-1].network.encodings) == {"0", "2"}  # twice a half is one too
    stages = run(network, recipe({"method": "half"}, lost), context(network), registry=table)
    assert set(stages[-1].network.encodings) == {"2"}
    assert "put quantizing steps last" in stages[-1].result.notes[-1]


def test_statistics_are_collected_for_those_who_ask(network: Network) -> None:
    log = Log()
    steps = ({"method": "scale"}, {"method": "look", "rules": [{"layers": "0", "skip": True}]})
    run(network, recipe(*steps), context(network), registry=registry(log))
    assert not log.contexts[0].statistics.moments
    assert set(log.contexts[1].statistics.moments) == {"2"}


def test_what_looks_at_data_says_that_it_needs_some(network: Network) -> None:
    without = replace(context(network), calibration=None)
    with pytest.raises(EngineError, match="needs data"):
        run(network, recipe({"method": "look"}), without, registry=registry(Log()))


def test_a_stop_keeps_the_steps_that_are_finished(network: Network) -> None:
    class Stopping(Quiet):
        stopping = True

    stages = run(
        network,
        recipe({"method": "scale"}, {"method": "scale"}),
        context(network, Stopping()),
        registry=registry(Log()),
    )
    assert len(stages) == 1


def test_cancel_goes_through(network: Network) -> None:
    class Canceled(Quiet):
        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(
            network,
            recipe({"method": "scale"}),
            context(network, Canceled()),
            registry=registry(Log()),
        )


def test_each_stage_is_measured(network: Network) -> None:
    def measure(found: Network) -> Metrics:
        return Metrics(
            parameters=int(weights(found)[0].abs().sum() > weights(network)[0].abs().sum())
        )

    stages = run(
        network,
        recipe({"method": "scale"}),
        context(network),
        registry=registry(Log()),
        measure=measure,
    )
    assert stages[0].result.metrics.parameters == 1


def test_a_step_that_changes_nothing_says_so(network: Network) -> None:
    steps = ({"method": "scale", "rules": [{"layers": "*", "skip": True}]},)
    stages = run(network, recipe(*steps), context(network), registry=registry(Log()))
    assert stages[0].network is network
    assert "No layer was changed" in stages[0].result.notes[0]
