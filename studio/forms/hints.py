"""What the models do not say of their parameters: which come first, when they count, their words.

All of it is advice: a parameter that is not named here gets an editor all the same. A test sees to
it that every name here exists.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

_FEW = 6
"""A model with no more parameters shows all of them at once."""
_FIRST = 4
"""How many of an unknown model with more."""

COMMON: Mapping[str, tuple[str, ...]] = {
    "ChannelParams": ("ratio", "target", "allocation", "criterion", "compensate"),
    "WeightParams": ("sparsity", "distribution", "criterion", "compensation"),
    "NMParams": ("n", "m", "criterion", "compensation"),
    "UniformParams": (
        "weight_bits",
        "activation_bits",
        "granularity",
        "group_size",
        "rounding",
        "bias_correction",
    ),
    "SvdParams": ("rank_by", "size", "ratio", "rank", "energy"),
    "DataAwareSvdParams": ("rank_by", "size", "ratio", "rank", "energy"),
    "SpatialParams": ("rank_by", "size", "ratio", "rank", "energy"),
    "Tucker2Params": ("rank_by", "size", "ratio", "rank", "energy", "input_rank"),
    "FinetuneParams": ("epochs", "learning_rate", "batch_size", "augmentation", "losses"),
    "QatParams": ("epochs", "learning_rate", "batch_size", "augmentation", "losses"),
    "SoftTargetsParams": (
        "epochs",
        "learning_rate",
        "batch_size",
        "augmentation",
        "temperature",
        "weight",
        "teacher",
    ),
}
"""Model → the parameters that are shown first."""

NOT_PERCENT = frozenset(
    {"momentum", "weight_decay", "damping", "average", "weight", "smoothing", "betas"}
)
"""Numbers 0…1 that the field writes as numbers."""

FILES = frozenset({"teacher"})
"""Texts that are paths."""

COUNTS_WHEN: Mapping[str, tuple[str, frozenset[Any]]] = {
    "norm": ("criterion", frozenset({"magnitude"})),
    "absorb": ("compensate", frozenset({True})),
    "size": ("rank_by", frozenset({"size"})),
    "rank": ("rank_by", frozenset({"number"})),
    "energy": ("rank_by", frozenset({"energy"})),
    "input_rank": ("rank_by", frozenset({"number"})),
    "compensation": ("criterion", frozenset({"obs"})),
    "block_size": ("criterion", frozenset({"obs"})),
    "group_size": ("granularity", frozenset({"group"})),
    "percentile": ("activation_range", frozenset({"percentile"})),
    "rounding_settings.gptq": ("rounding", frozenset({"gptq"})),
    "rounding_settings.reconstruction": ("rounding", frozenset({"adaround"})),
    "rounding_settings": ("rounding", frozenset({"gptq", "adaround"})),
    "nesterov": ("optimizer", frozenset({"sgd"})),
    "crop_padding": ("augmentation", frozenset({"auto", "crop", "crop_and_flip"})),
}
"""Path → the parameter that decides whether it counts, and with which values."""

_RATIO_COUNTS = ("rank_by", frozenset({"ratio"}))

_WHEN_EMPTY: Mapping[str, str] = {
    "weight_bits": "Float",
    "activation_bits": "Float",
    "learning_rate": "Automatic",
    "steps": "By epochs",
    "clip_norm": "No limit",
    "crop_padding": "An eighth of the side",
    "validate_every": "Five looks",
    "teacher": "The original network",
    "losses.teacher": "The original network",
    "losses.weight": "What is left of 1",
    "rounding_settings.reconstruction.network_steps": "By the number of bits",
}
_EMPTY = "Automatic"

_WORDS: Mapping[str, str] = {
    "minmax": "Smallest to largest",
    "mse": "Least squared error",
    "obs": "OBS (second order)",
    "gptq": "GPTQ",
    "adaround": "AdaRound (learned)",
    "vbmf": "Variational Bayes",
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "l1": "L1",
    "l2": "L2",
    "bn_scale": "Batch norm scale",
    "macs": "MACs",
    "wanda": "Wanda",
    "number": "Rank",
    "size": "Size",
    "ratio": "Share of the full rank",
    "float16": "float16",
    "bfloat16": "bfloat16",
    "float32": "float32",
    "none": "None",
    "crop_and_flip": "Shift and mirror",
    "crop": "Shift",
    "flip": "Mirror",
    "auto": "Automatic",
    "uniform": "The same for all",
    "global": "Over the whole network",
    "balanced": "By predicted loss",
    "sensitivity": "By sensitivity",
}


def common(model: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the parameters that are shown first, in this order."""
    if model in COMMON:
        return COMMON[model]
    return names if len(names) <= _FEW else names[:_FIRST]


def counts_when(path: str, beside: Container[str]) -> tuple[str, frozenset[Any]] | None:
    """The parameter that decides whether one counts, and with which values; None: it always does.

    Args:
        path: Of the parameter, as `Field.path`.
        beside: Names of the parameters beside it.
    """
    if path == "ratio" and "rank_by" in beside:
        return _RATIO_COUNTS
    found = COUNTS_WHEN.get(path)
    return found if found is not None and found[0] in beside else None


def when_empty(path: str) -> str:
    """What an empty value means, in a word or two."""
    return _WHEN_EMPTY.get(path, _EMPTY)


def words(name: str) -> str:
    """A name as a title: `min_channels` → `Min channels`."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def choice_words(value: Any) -> str:
    """A value of a closed set in words."""
    if isinstance(value, str):
        return _WORDS.get(value) or words(value)
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
