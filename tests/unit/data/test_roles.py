import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.arrays import ArraySplit
from engine.data.dataset import DataSet
from engine.data.roles import roles
from engine.data.rows import MemoryRows
from tests.unit.data.conftest import write_image


def dataset(classes=10, labelled=True, **sizes):
    splits = {}
    for name, size in sizes.items():
        labels = np.arange(size) % classes if labelled else None
        splits[name] = ArraySplit(name, {"x": MemoryRows(np.zeros((size, 1)))}, labels)
    return DataSet("d", "arrays", splits)


def parts(division):
    return (division.calibration, division.training, division.validation, division.evaluation)


def as_sets(division):
    return [{(p.split.name, int(i)) for i in p.indices} for p in parts(division)]


def test_train_and_test_splits():
    division = roles(dataset(train=10_000, test=3000))
    assert [len(p) for p in parts(division)] == [512, 8488, 1000, 3000]
    assert division.evaluation.split.name == "test"
    assert division.training.split.name == division.validation.split.name == "train"
    assert "1000 samples" in division.notes[0]


def test_validation_is_at_most_five_thousand():
    assert len(roles(dataset(train=80_000, test=10)).validation) == 5000


def test_a_validation_split_is_used_as_such():
    division = roles(dataset(train=2000, validation=300, test=100))
    assert [len(p) for p in parts(division)] == [512, 1488, 300, 100]
    assert division.validation.split.name == "validation"
    large = roles(dataset(train=2000, validation=7000, test=100))
    assert len(large.validation) == 5000


def test_without_a_test_split_validation_reports():
    division = roles(dataset(train=2000, validation=300))
    assert division.evaluation.split.name == "validation"
    assert division.validation.split.name == "train"
    assert [len(p) for p in parts(division)] == [512, 1288, 200, 300]
    assert any("no test split" in note for note in division.notes)


@pytest.mark.parametrize("name", ["all", "test", "train"])
def test_one_split_is_divided_60_10_30(name):
    division = roles(dataset(**{name: 20_000}))
    calibration, training, validation, evaluation = (len(p) for p in parts(division))
    assert calibration == 512
    assert calibration + training == pytest.approx(12_000, rel=0.03)
    assert validation == pytest.approx(2000, rel=0.06)
    assert evaluation == pytest.approx(6000, rel=0.04)
    assert "one split" in division.notes[0]


SIZES = st.integers(1, 700)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.fixed_dictionaries(
        {}, optional={"train": SIZES, "validation": SIZES, "test": SIZES}
    ).filter(bool),
    seed=st.integers(0, 3),
    labelled=st.booleans(),
)
def test_no_sample_has_two_roles_and_none_is_lost(sizes, seed, labelled):
    data = dataset(labelled=labelled, **sizes)
    division = roles(data, seed)
    sets = as_sets(division)
    assert sum(map(len, sets)) == len(set.union(*sets))
    whole = {(n, i) for n, s in data.splits.items() for i in range(len(s))}
    assert set.union(*sets) <= whole
    if len(sizes) == 1:
        assert set.union(*sets) == whole
    for part in parts(division):
        assert (np.diff(part.indices) > 0).all()
    if sum(sizes.values()) >= 8 and min(sizes.values()) >= 8:
        assert len(division.evaluation)
        assert len(division.calibration)
        assert len(division.training)


def test_the_same_seed_gives_the_same_and_another_one_does_not():
    data = dataset(all=3000)
    assert as_sets(roles(data, 1)) == as_sets(roles(data, 1))
    assert all(
        a != b for a, b in zip(as_sets(roles(data, 1)), as_sets(roles(data, 2)), strict=True)
    )


def test_it_is_the_same_on_every_machine():
    """Fixed numbers: a change would silently give old projects another division."""
    division = roles(dataset(all=40), 7)
    assert division.evaluation.indices.tolist() == [1, 10, 11, 13, 21, 27, 29, 30, 31, 34, 38]


def test_added_samples_move_none_between_the_parts():
    before, after = (as_sets(roles(dataset(all=size, classes=1), 0)) for size in (2000, 2600))
    for old, new in zip(before[2:], after[2:], strict=True):
        assert old <= new
    assert before[0] | before[1] <= after[0] | after[1]


def test_an_added_file_moves_none_either(opened, tmp_path):
    def members():
        data = opened(tmp_path / "d")
        division = roles(data)
        return [{p.split.path(int(i)).name for i in p.indices} for p in parts(division)[2:]]

    for number in range(60):
        write_image(tmp_path / "d" / "ab"[number % 2] / f"{number}.png", number)
    before = members()
    write_image(tmp_path / "d" / "a" / "000.png", 1)
    for old, new in zip(before, members(), strict=True):
        assert old <= new


def test_calibration_has_as_many_of_each_class():
    counts = np.bincount(roles(dataset(train=5000, test=10, classes=10)).calibration.labels)
    assert counts.min() >= 51
    assert counts.max() <= 52


def test_a_rare_class_is_all_in_calibration_but_no_more():
    labels = np.array([1] * 20 + [0] * 4000)
    split = ArraySplit("train", {"x": MemoryRows(np.zeros((4020, 1)))}, labels)
    test = ArraySplit("test", {"x": MemoryRows(np.zeros((5, 1)))}, labels[:5])
    division = roles(DataSet("d", "arrays", {"train": split, "test": test}))
    chosen = np.bincount(division.calibration.labels)
    assert chosen.sum() == 512
    assert 10 < chosen[1] <= 20


def test_calibration_takes_no_more_than_half():
    division = roles(dataset(train=100, test=10))
    assert [len(p) for p in parts(division)] == [45, 45, 10, 10]


def test_the_evaluation_sample():
    division = roles(dataset(train=100, test=9000))
    sample = division.evaluation_sample()
    assert len(sample) == 2000
    assert set(sample.indices.tolist()) <= set(division.evaluation.indices.tolist())
    assert (division.evaluation_sample().indices == sample.indices).all()
    smaller = division.evaluation_sample(100)
    assert set(smaller.indices.tolist()) <= set(sample.indices.tolist())
    small = roles(dataset(train=100, test=90))
    assert len(small.evaluation_sample()) == 90
    assert np.bincount(sample.labels).min() > 150
