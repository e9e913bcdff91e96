"""Recipes made at random."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from engine.frozen import FrozenMap, freeze
from engine.recipe.model import MAX_SEED, Recipe, Rule, Step
from engine.registry import RESERVED_FIELDS

steady = settings(deadline=None, max_examples=60)
"""For property tests: no limit on time, which depends on what else the machine does."""

WORDS = st.text(min_size=1, max_size=12)
"""Any text at all: names of layers come from other people's files."""

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["yes", "1e5", "0x1F", "0o17", "null", "~", ".inf", "1_000", "2020-01-01"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
).map(freeze)
PARAMS = st.dictionaries(
    WORDS.filter(lambda word: word not in RESERVED_FIELDS), VALUES, max_size=3
).map(FrozenMap)
RULES = st.builds(
    Rule,
    layers=st.lists(WORDS, min_size=1, max_size=3).map(tuple),
    params=PARAMS,
    skip=st.none() | st.booleans(),
    optional=st.booleans(),
)
STEPS = st.builds(
    Step,
    method=WORDS,
    params=PARAMS,
    rules=st.lists(RULES, max_size=3).map(tuple),
    enabled=st.booleans(),
)
RECIPES = st.builds(
    Recipe, steps=st.lists(STEPS, max_size=3).map(tuple), seed=st.integers(0, MAX_SEED)
)
