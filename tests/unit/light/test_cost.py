"""The cost table."""

from __future__ import annotations

import io
import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.correction import Finished
from engine.cost import CostTable, Entry, Grid, Groups
from engine.cost_file import table_from, table_to_bytes
from engine.errors import EngineError
from engine.factors import correction_from
from tests.helpers.recipes import steady

BITS = Grid("uniform", (8, 4, 2))
RATIO = Grid("channel", (0.25, 0.5), identity=0.0)
BASELINE = np.array([[1000.0, 10.0, 2.0], [3000.0, 30.0, 6.0]])
EMPTY = CostTable.empty(["a", "b"], [BITS, RATIO], BASELINE)


def filled(**changes: float) -> CostTable:
    entries = [
        Entry("a", "uniform", 8, loss=0.01, loss_low=0.005, loss_high=0.02, size_bytes=250),
        Entry("a", "uniform", 4, loss=0.1, loss_low=0.05, loss_high=0.2, size_bytes=125),
        Entry("a", "uniform", 2, loss=1.0, loss_low=0.5, loss_high=2.0, size_bytes=63),
        Entry("a", "channel", 0.25, loss=0.2, size_bytes=750, macs=7.5, latency_ms=1.5),
        Entry("a", "channel", 0.5, loss=0.8, size_bytes=500, macs=5, latency_ms=1),
        Entry("b", "uniform", 4, loss=0.3, accuracy_drop=0.01, size_bytes=375),
    ]
    return EMPTY.with_entries(replace(entry, **changes) for entry in entries)


def test_entries_are_kept_as_given() -> None:
    entry = Entry("a", "uniform", 4, 0.1, 0.05, 0.2, 0.02, 125, 10, 2, measured=True)
    table = EMPTY.with_entries([entry])
    assert table.entry("a", "uniform", 4) == entry
    assert math.isnan(EMPTY.entry("a", "uniform", 4).loss)  # the table before is as it was
    with pytest.raises(KeyError):
        table.entry("a", "uniform", 3)
    with pytest.raises(KeyError):
        EMPTY.with_entries([Entry("c", "uniform", 4)])


def test_measured_replaces_estimated_and_not_the_other_way_round() -> None:
    table = EMPTY.with_entries([Entry("a", "uniform", 4, loss=0.1, size_bytes=125)])
    table = table.with_entries([Entry("a", "uniform", 4, loss=0.3, measured=True)])
    table = table.with_entries([Entry("a", "uniform", 4, loss=0.1, macs=10)])
    entry = table.entry("a", "uniform", 4)
    assert (entry.loss, entry.size_bytes, entry.macs, entry.measured) == (0.3, 125, 10, True)


def test_only_a_measured_loss_makes_an_entry_measured() -> None:
    table = EMPTY.with_entries([Entry("a", "uniform", 4, loss=0.1)])
    table = table.with_entries([Entry("a", "uniform", 4, latency_ms=0.5, measured=True)])
    assert not table.entry("a", "uniform", 4).measured
    assert table.with_entries([Entry("a", "uniform", 4, latency_ms=9)]).entry(
        "a", "uniform", 4
    ).latency_ms == pytest.approx(0.5)


def test_between_settings_losses_are_interpolated_by_factors_and_bytes_linearly() -> None:
    prediction = filled().predict("a", "uniform", 3)
    assert prediction.loss == pytest.approx(math.sqrt(0.1 * 1.0))
    assert prediction.loss_low == pytest.approx(math.sqrt(0.05 * 0.5))
    assert prediction.size_bytes == pytest.approx((125 + 63) / 2)


def test_the_identity_costs_nothing_and_saves_nothing() -> None:
    table = filled()
    none = table.predict("a", "channel", 0.0)
    assert (none.loss, none.size_bytes, none.macs, none.latency_ms) == (0, 1000, 10, 2)
    half_way = table.predict("a", "channel", 0.125)
    assert half_way.loss == pytest.approx(0.1)
    assert half_way.size_bytes == pytest.approx(875)


def test_beyond_the_ends_the_end_holds() -> None:
    table = filled()
    assert table.predict("a", "uniform", 16).loss == table.predict("a", "uniform", 8).loss
    assert table.predict("a", "channel", 0.9).loss == table.predict("a", "channel", 0.5).loss


def test_a_gap_is_closed_and_an_open_end_is_not() -> None:
    table = EMPTY.with_entries(
        [Entry("a", "uniform", 8, loss=0.0), Entry("a", "uniform", 2, loss=0.6)]
    )
    assert table.predict("a", "uniform", 4).loss == pytest.approx(0.4)
    table = EMPTY.with_entries([Entry("a", "uniform", 4, loss=0.1)])
    assert math.isnan(table.predict("a", "uniform", 3).loss)
    assert table.predict("a", "uniform", 4).loss == pytest.approx(0.1)


def test_an_order_that_cannot_be_is_mended_and_measurements_count_most() -> None:
    table = EMPTY.with_entries(
        [
            Entry("a", "uniform", 8, loss=0.3),
            Entry("a", "uniform", 4, loss=0.1, measured=True),
            Entry("a", "uniform", 2, loss=0.9),
        ]
    )
    mild, middle = (table.predict("a", "uniform", bits).loss for bits in (8, 4))
    assert mild == middle == pytest.approx(0.1, rel=0.05)
    assert table.entry("a", "uniform", 8).loss == 0.3


def test_losses_add_up_and_savings_multiply() -> None:
    total = filled().total({"uniform": {"a": 4, "b": 4}, "channel": {"a": 0.5}})
    assert total.loss == pytest.approx(0.1 + 0.8 + 0.3)
    assert total.size_bytes == pytest.approx(1000 * 0.125 * 0.5 + 375)
    assert total.macs == pytest.approx(5 + 30)
    assert total.latency_ms == pytest.approx(1 + 6)
    assert total.loss_low == pytest.approx(1.2 - 0.05)
    assert total.loss_high == pytest.approx(1.2 + 0.1)
    assert total.unknown == ()


def grouped() -> CostTable:
    """Rows a and b are one channel group; c reads them and is in a group with nobody."""
    table = CostTable.empty(["a", "b", "c"], [BITS, RATIO], np.full((3, 3), 100.0))
    shares = np.full((3, 2, 3), 0.75)
    shares[:, 1] = 0.5
    groups = Groups("channel", ("g",), (("a", "b"),), np.array([[0, 0], [0, 1], [0, 2]]), shares)
    losses = [Entry(row, "channel", s, loss=2 * s) for row in "ab" for s in (0.25, 0.5)]
    bits = [Entry(row, "uniform", 8, loss=0.1, size_bytes=25) for row in "abc"]
    return replace(table, groups=(groups,)).with_entries([*losses, *bits])


@pytest.mark.parametrize("names", [("a",), ("b",), ("a", "b"), ("g",)])
def test_a_group_loses_once_and_makes_members_and_readers_smaller(names: tuple[str, ...]) -> None:
    total = grouped().total({"channel": dict.fromkeys(names, 0.5)})
    assert total.loss == pytest.approx(1.0)
    assert total.size_bytes == pytest.approx(3 * 50)
    assert total.by_method == {"channel": pytest.approx(1.0)}
    both = grouped().total({"channel": dict.fromkeys(names, 0.5), "uniform": {"c": 8}})
    assert both.size_bytes == pytest.approx(2 * 50 + 0.5 * 25)
    assert both.loss == pytest.approx(1.1)


def test_a_row_without_a_group_that_can_go_saves_nothing() -> None:
    total = grouped().total({"channel": {"c": 0.5}})
    assert (total.loss, total.size_bytes) == (0, 300)
    with pytest.raises(KeyError):
        grouped().total({"channel": {"d": 0.5}})


def test_groups_are_saved_and_read_again() -> None:
    again = table_from(table_to_bytes(grouped()))
    choices = {"channel": {"a": 0.4}, "uniform": {"b": 8.0}}
    assert again.total(choices) == grouped().total(choices)


def test_totals_are_corrected_by_finished_trials() -> None:
    choices = {"uniform": {"a": 4, "b": 4}}
    plain = filled().total(choices)
    trial = Finished(plain.by_method, 3 * plain.loss, accuracy_drop=0.1, samples=1000)
    total = filled().total(choices, correction_from([trial] * 20))
    assert total.loss == pytest.approx(3 * plain.loss, rel=0.05)
    assert total.loss_low < total.loss < total.loss_high
    assert filled().total({"uniform": {"a": 4}}).accuracy_drop == pytest.approx(
        correction_from([]).accuracy_drop(0.1)
    )
    assert filled().total({"uniform": {"b": 4}}).accuracy_drop == pytest.approx(0.01)


def test_nothing_chosen_is_the_original() -> None:
    total = filled().total({})
    assert (total.loss, total.size_bytes, total.macs, total.measured) == (0, 4000, 40, 0)


def test_what_is_not_known_is_told() -> None:
    total = filled().total({"uniform": {"b": 2}, "channel": {"b": 0.25}})
    assert sorted(total.unknown) == [("b", "channel"), ("b", "uniform")]
    assert total.loss == 0
    with pytest.raises(KeyError):
        filled().total({"uniform": {"c": 4}})
    with pytest.raises(KeyError):
        filled().total({"svd": {"a": 4}})


def test_the_share_that_was_measured() -> None:
    table = filled().with_entries([Entry("a", "uniform", 4, loss=0.1, measured=True)])
    assert table.total({"uniform": {"a": 4, "b": 4}}).measured == 0.5
    assert table.total({"uniform": {"a": 3}}).measured == 0


def test_layers_without_macs_and_tables_without_a_baseline() -> None:
    bare = CostTable.empty(["a"], [BITS]).with_entries([Entry("a", "uniform", 4, loss=0.1)])
    total = bare.total({"uniform": {"a": 4}})
    assert total.loss == pytest.approx(0.1)
    assert math.isnan(total.size_bytes)
    baseline = np.array([[100.0, 0.0, np.nan]])
    table = CostTable.empty(["a"], [BITS], baseline)
    table = table.with_entries([Entry("a", "uniform", 4, loss=0.1, size_bytes=50, macs=0)])
    assert table.total({"uniform": {"a": 4}}).size_bytes == 50
    assert table.total({"uniform": {"a": 4}}).macs == 0


@steady
@given(
    st.lists(st.floats(0, 10), min_size=5, max_size=5),
    st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_stronger_is_never_predicted_to_cost_less(
    losses: list[float], measured: list[bool]
) -> None:
    grid = Grid("uniform", (8, 6, 4, 3, 2))
    table = CostTable.empty(["a"], [grid]).with_entries(
        Entry("a", "uniform", bits, loss=loss, size_bytes=loss, measured=real)
        for bits, loss, real in zip(grid.settings, losses, measured, strict=True)
    )
    line = [table.predict("a", "uniform", bits) for bits in np.arange(8, 1.9, -0.25)]
    assert (np.diff([p.loss for p in line]) >= -1e-9).all()
    assert (np.diff([p.size_bytes for p in line]) <= 1e-9).all()
    assert min(losses) - 1e-9 <= line[0].loss <= line[-1].loss <= max(losses) + 1e-9


def test_it_is_saved_and_read_again() -> None:
    table = filled().with_entries([Entry("b", "uniform", 8, loss=0.1, measured=True)])
    again = table_from(table_to_bytes(table))
    choices = {"uniform": {"a": 3.5, "b": 8}, "channel": {"a": 0.3}}
    assert again.total(choices) == table.total(choices)
    assert again.grids == table.grids
    assert repr(again.entry("b", "uniform", 8)) == repr(table.entry("b", "uniform", 8))


def test_what_is_no_table_is_refused() -> None:
    whole = table_to_bytes(filled())
    pickled = io.BytesIO()
    np.savez(pickled, header=np.array([object()], dtype=object))
    for content in (b"", b"nonsense", whole[:-30], whole[:100], pickled.getvalue()):
        with pytest.raises(EngineError, match="cannot be read"):
            table_from(content)


@pytest.mark.parametrize("at", range(0, 1800, 97))
def test_a_flipped_byte_is_refused_or_harmless(at: int) -> None:
    content = bytearray(table_to_bytes(filled()))
    content[at % len(content)] ^= 0x41
    try:
        table = table_from(bytes(content))
    except EngineError:
        return
    assert table.total({}).loss == 0


def test_grids_must_make_sense() -> None:
    for settings in ((), (1, 1), (1, 3, 2), (math.nan,)):
        with pytest.raises(ValueError, match="settings must"):
            Grid("uniform", settings)
    with pytest.raises(ValueError, match="once each"):
        CostTable.empty(["a", "a"], [BITS])
    with pytest.raises(ValueError, match="once each"):
        CostTable.empty(["a"], [BITS, BITS])
    with pytest.raises(ValueError, match="too large"):
        CostTable.empty([str(n) for n in range(50_000)], [Grid("x", tuple(range(100)))])
    odd = CostTable.empty(["a"], [Grid("x", (0.2, 0.4), identity=0.3)])
    with pytest.raises(ValueError, match="milder"):
        odd.total({"x": {"a": 0.2}})


def test_a_slider_is_answered_on_the_spot() -> None:
    """500 layers × 30 settings: a guard with ten times what it takes, not a benchmark."""
    layers = [f"layer{i}" for i in range(500)]
    grids = [Grid("uniform", (8, 6, 5, 4, 3, 2)), Grid("channel", tuple(np.linspace(0.1, 0.9, 24)))]
    table = CostTable.empty(layers, grids, np.ones((500, 3)))
    table = table.with_entries(
        Entry(layer, grid.method, s, loss=0.1 * i, size_bytes=1 / (i + 1))
        for layer in layers
        for grid in grids
        for i, s in enumerate(grid.settings)
    )
    choices = {grid.method: dict.fromkeys(layers, grid.settings[1]) for grid in grids}
    table.total(choices)
    began = time.process_time()
    for step in range(20):
        total = table.total({**choices, "uniform": dict.fromkeys(layers, 8 - 0.3 * step)})
    assert (time.process_time() - began) / 20 < 0.05
    assert total.loss > 0
