"""Small networks as the window knows them, and stores that hold one: no engine."""

from __future__ import annotations

from engine.info import (
    ChannelGroup,
    Format,
    LayerInfo,
    LayerKind,
    NetworkInfo,
    TensorInfo,
)
from engine.jobs.requests import ModelSource
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.recipe.model import Recipe
from studio.document.messages import EditRecipe, Opened, OpenModel, SelectStep
from studio.store import Store


def network(layers: int = 6) -> NetworkInfo:
    """Convolutions in a row, each its own channel group, and a dense layer at the end."""
    convolutions = tuple(
        LayerInfo(
            f"layer{number}.conv",
            LayerKind.CONV2D,
            (16, 16, 3, 3),
            "float32",
            2304,
            9216,
            macs=147_456,
            input_shape=(16, 8, 8),
            output_shape=(16, 8, 8),
            position=number,
            group=f"layer{number}.conv",
        )
        for number in range(layers)
    )
    head = LayerInfo(
        "head",
        LayerKind.LINEAR,
        (10, 16),
        "float32",
        170,
        680,
        macs=160,
        input_shape=(16,),
        output_shape=(10,),
        position=layers,
    )
    groups = tuple(ChannelGroup(one.name, (one.name,), 16) for one in convolutions)
    return NetworkInfo(
        "net",
        Format.PT2,
        (TensorInfo("x", ("batch", 16, 8, 8), "float32"),),
        (TensorInfo("y", ("batch", 10), "float32"),),
        (*convolutions, head),
        groups,
        parameters=2304 * layers + 170,
        size_bytes=9216 * layers + 680,
        macs=147_456 * layers + 160,
    )


def store_with(recipe: Recipe, step: int | None = None, info: NetworkInfo | None = None) -> Store:
    """A store in which a network is open and a recipe in force."""
    store = Store()
    store.dispatch(OpenModel(ModelSource("net.pt2")))
    store.dispatch(Opened(info or network()))
    store.dispatch(EditRecipe("Begin", recipe))
    if step is not None:
        store.dispatch(SelectStep(step))
    return store
