"""Methods, their parameters, and the table of them."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from pydantic import Field

from engine.info import LayerInfo
from engine.layer_table import LayerTable, changed
from engine.parameters import ParameterFault, Params
from engine.registry import REGISTRY, Axis, Kind, Method, Needs, Registry, Stage, describe, register
from tests.helpers.methods import UniformParams, conv, kept, make_registry, residual_table


def method(name: str = "plain", **changes: Any) -> Method:
    texts: dict[str, Any] = {
        "kind": Kind.PRUNING,
        "title": "T",
        "summary": "S",
        "params": Params,
        "run": "a.b:c",
        "reference": "R",
    }
    return Method(name=name, **(texts | changes))


def messages(faults: Params | tuple[ParameterFault, ...]) -> list[str]:
    assert isinstance(faults, tuple)
    return [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in faults]


def test_parameters_are_checked_as_json_would_be() -> None:
    uniform = make_registry().step("uniform")
    assert uniform is not None
    assert uniform.parse({"weight_bits": 4}) == UniformParams(weight_bits=4)
    assert messages(uniform.parse({"weight_bits": "4", "symmetric": 1})) == [
        'weight_bits: must be a whole number, not "4"',
        "symmetric: must be true or false, not 1",
    ]
    assert messages(uniform.parse({"weight_bits": True})) == [
        "weight_bits: must be a whole number, not true"
    ]


def test_all_faults_are_found_at_once_and_large_values_are_shortened() -> None:
    uniform = make_registry().step("uniform")
    assert uniform is not None
    found = messages(uniform.parse({"weight_bits": 99, "bits": 3, "group_size": "x" * 500}))
    assert found[0] == "weight_bits: must be at most 16, not 99"
    assert found[2] == "bits: is not a parameter here"
    assert len(found[1]) < 100


def test_a_number_without_end_is_refused() -> None:
    svd = make_registry().step("svd")
    assert svd is not None
    assert messages(svd.parse({"energy": float("nan")})) == [
        "energy: must be a finite number, not NaN"
    ]


def test_a_whole_number_will_do_for_a_ratio() -> None:
    channel = make_registry().step("channel")
    assert channel is not None
    parsed = channel.parse({"ratio": 0, "criterion": "taylor"})
    assert isinstance(parsed, Params)
    assert parsed.model_dump(mode="json") == {"ratio": 0.0, "criterion": "taylor", "round_to": 1}


def test_parameters_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        UniformParams().weight_bits = 3  # type: ignore[misc]  # wrong on purpose


def test_names_are_looked_up() -> None:
    registry = make_registry()
    assert registry.step("channel") is registry.get(Kind.PRUNING, "channel")
    assert registry.step("taylor") is None  # a criterion is no step
    assert registry.get(Kind.CRITERION, "taylor") is registry.find("taylor")[0]
    assert registry.step("nothing") is None
    assert [m.name for m in registry.steps()] == ["channel", "uniform", "svd", "finetune", "fold"]
    assert len(registry) == 6


def test_a_name_is_taken_once_among_steps_and_once_in_a_kind() -> None:
    registry = Registry()
    registry.register(method("one"))
    registry.register(method("one", kind=Kind.CRITERION))
    with pytest.raises(ValueError, match="twice"):
        registry.register(method("one", kind=Kind.QUANTIZATION))
    with pytest.raises(ValueError, match="twice"):
        registry.register(method("one", kind=Kind.CRITERION))


def test_registries_do_not_share() -> None:
    registry = Registry()
    register(method("mine"), registry)
    assert registry.step("mine") is not None
    assert REGISTRY.step("mine") is None
    assert describe() == REGISTRY.describe()


class Untitled(Params):
    ratio: float = 0.5


class Reserved(Params):
    skip: Annotated[bool, Field(title="T", description="D")] = False


class Required(Params):
    ratio: Annotated[float, Field(title="T", description="D")]


class Mutable(Params):
    names: Annotated[list[str], Field(title="T", description="D")] = []  # noqa: RUF012


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "Bad Name"}, "lower-case"),
        ({"title": " "}, "no title"),
        ({"reference": ""}, "no reference"),
        ({"params": Untitled}, "no title or no description"),
        ({"params": Reserved}, "use this word"),
        ({"params": Required}, "Field required"),
        ({"params": Mutable}, "unhashable"),
        ({"axis": Axis("ratio", (0.1, 0.2))}, "no parameter ratio"),
        ({"run": "torch"}, "package.module:function"),
    ],
)
def test_an_incomplete_method_is_not_taken(changes: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        Registry().register(method(**changes))


def test_describe_is_json_with_the_stable_fields() -> None:
    rows = json.loads(json.dumps(make_registry().describe()))
    fields = ["kind", "name", "title", "summary", "tags", "needs", "reference", "schema"]
    assert all(list(row) == fields for row in rows)
    uniform = next(row for row in rows if row["name"] == "uniform")
    assert uniform["needs"] == ["calibration", "activation_ranges"]
    assert uniform["tags"] == ["back-end", "size"]
    bits = uniform["schema"]["properties"]["weight_bits"]
    assert bits == {
        "default": 8,
        "description": "Bits of each weight.",
        "maximum": 16,
        "minimum": 2,
        "title": "Weight bits",
        "type": "integer",
    }


def test_the_heavy_half_is_imported_when_it_is_asked_for() -> None:
    assert method(run="tests.helpers.methods:kept").load_run() is kept
    assert method(run=len).load_run() is len
    with pytest.raises(ModuleNotFoundError):
        method(run="engine.no_such_module:run").load_run()


def test_needs_can_depend_on_the_parameters() -> None:
    channel = make_registry().step("channel")
    assert channel is not None
    plain, taylor = channel.parse({}), channel.parse({"criterion": "taylor"})
    assert isinstance(plain, Params)
    assert isinstance(taylor, Params)
    assert channel.all_needs(plain) is Needs.NOTHING
    assert channel.all_needs(taylor).names() == ("calibration", "output_gradients")


def test_the_canonical_order() -> None:
    registry = make_registry()
    stages = {m.name: m.order() for m in registry.steps()}
    assert stages["channel"] == Stage.CHANNEL
    assert stages["svd"] < stages["finetune"] < stages["uniform"]
    assert method(kind=Kind.PRUNING).order() == Stage.WEIGHT


def test_an_axis_knows_its_direction() -> None:
    assert Axis("ratio", (0.1, 0.5), identity=0.0).ascending
    assert not Axis("weight_bits", (8, 4, 2)).ascending


def test_a_table_finds_layers_and_refuses_two_of_a_name() -> None:
    table = residual_table()
    assert table["layer1.conv2"].name == "layer1.conv2"
    assert "nowhere" not in table
    assert len(table) == 11
    with pytest.raises(ValueError, match="same name"):
        LayerTable((conv("a", 1, 1), conv("a", 1, 1)))


def test_a_changed_layer_is_another_layer() -> None:
    layer = conv("a", 4, 4)
    other = changed(layer, name="b", size_bytes=1)
    assert isinstance(other, LayerInfo)
    assert (other.name, other.size_bytes, other.shape) == ("b", 1, layer.shape)
    assert layer.name == "a"
    assert changed(layer) == layer
    with pytest.raises(KeyError):
        changed(layer, nam="b")
