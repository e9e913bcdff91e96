"""Agreement, error measures and the paired test by hand-computed cases."""

import math

import numpy as np
import pytest
from scipy import special, stats
from sklearn import metrics

from engine.errors import DataError
from engine.measure.accuracy import ClassificationMeter
from engine.measure.agreement import AgreementMeter
from engine.measure.paired import compare_predictions, mcnemar_p_value
from engine.measure.regression import RegressionMeter


def agreement(ours, theirs, **kwargs):
    meter = AgreementMeter()
    meter.add(np.asarray(ours), np.asarray(theirs), **kwargs)
    return meter.result()


def test_agreement_by_hand():
    ours = np.log([[0.5, 0.5], [0.9, 0.1]])
    theirs = np.log([[0.25, 0.75], [0.9, 0.1]])
    found = agreement(ours, theirs)
    assert found.samples == 2
    assert found.agreement == 0.5
    expected = (0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)) / 2
    assert found.kl == pytest.approx(expected)
    assert found.max_abs_difference == pytest.approx(math.log(2))
    assert found.max_relative_difference == pytest.approx(math.log(2) / -math.log(0.1))
    assert found.interval[0] < 0.5 < found.interval[1]


def test_kl_is_from_the_reference():
    ours, theirs = np.array([[0.0, 3.0]]), np.array([[1.0, 0.0]])
    p, q = special.softmax(theirs, axis=1), special.softmax(ours, axis=1)
    assert agreement(ours, theirs).kl == pytest.approx(stats.entropy(p[0], q[0]))


def test_kl_of_probabilities_is_that_of_their_logits():
    generator = np.random.default_rng(1)
    ours, theirs = generator.normal(size=(2, 9, 6))
    expected = agreement(ours, theirs).kl
    found = agreement(special.softmax(ours, axis=1), special.softmax(theirs, axis=1))
    assert found.kl == pytest.approx(expected)


def test_kl_of_equal_networks_is_zero_and_of_a_lost_class_finite():
    shares = np.array([[1.0, 0.0], [0.5, 0.5]])
    assert agreement(shares, shares).kl == 0.0
    assert 0 < agreement(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])).kl < 100


def test_small_differences_of_large_logits_are_seen():
    theirs = np.array([[1000.0, 1000.0]])
    found = agreement(theirs + np.array([[1e-3, 0.0]]), theirs)
    assert found.kl == pytest.approx(1e-6 / 8, rel=1e-3)


def test_dense_outputs_compare_each_position():
    theirs = np.zeros((1, 2, 2, 2))
    theirs[:, 1] = 1
    ours = theirs.copy()
    ours[0, 0, 0, 0] = 5
    assert agreement(ours, theirs).agreement == 0.75


def test_tokens_without_labels_have_their_classes_last():
    theirs = np.zeros((1, 2, 3))
    theirs[0, :, 2] = 1
    ours = theirs.copy()
    ours[0, 1, 0] = 2
    assert agreement(ours, theirs).agreement == 0.5


def test_values_alone():
    found = agreement(np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]))
    assert found.agreement is None
    assert found.kl is None
    assert found.max_abs_difference == 2.0
    assert agreement(np.eye(2), np.eye(2), classes=False).agreement is None


def test_what_is_not_finite_disagrees():
    found = agreement(np.array([[np.nan, 0.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert found.nonfinite == 1
    assert found.agreement == 0.5
    assert found.kl == 0.0


def test_other_shapes_are_an_error():
    with pytest.raises(DataError, match=r"\[1, 2\].*\[1, 3\]"):
        agreement(np.zeros((1, 2)), np.zeros((1, 3)))
    with pytest.raises(DataError, match="not one sample"):
        AgreementMeter().result()


def test_regression_agrees_with_scikit_learn():
    generator = np.random.default_rng(2)
    target = generator.normal(50, 3, (40, 3)).astype(np.float32)
    output = target + generator.normal(0, 1, target.shape).astype(np.float32)
    meter = RegressionMeter()
    for start in range(0, 40, 7):
        meter.add(output[start : start + 7], target[start : start + 7])
    found = meter.result()
    assert found.samples == 40
    assert found.mse == pytest.approx(metrics.mean_squared_error(target, output), rel=1e-5)
    assert found.mae == pytest.approx(metrics.mean_absolute_error(target, output), rel=1e-5)
    expected = metrics.r2_score(target, output, multioutput="variance_weighted")
    assert found.r2 == pytest.approx(expected, rel=1e-5)


def test_psnr_and_snr_by_hand():
    meter = RegressionMeter()
    meter.add(np.array([[0.0, 9.0]]), np.array([[0.0, 10.0]]))
    found = meter.result()
    assert found.psnr_db == pytest.approx(10 * math.log10(100 / 0.5))
    assert found.snr_db == pytest.approx(20)


def test_no_error_has_no_decibels():
    meter = RegressionMeter()
    meter.add(np.ones((2, 1)), np.ones(2))
    found = meter.result()
    assert (found.mse, found.psnr_db, found.snr_db, found.r2) == (0.0, None, None, None)


def test_regression_leaves_out_what_is_not_finite():
    meter = RegressionMeter()
    meter.add(np.array([1.0, np.nan, np.inf]), np.array([2.0, 0.0, 0.0]))
    found = meter.result()
    assert (found.mse, found.nonfinite) == (1.0, 2)
    meter = RegressionMeter()
    meter.add(np.array([np.nan]), np.array([0.0]))
    with pytest.raises(DataError, match="NaN or infinite"):
        meter.result()


def test_regression_shapes_must_fit():
    with pytest.raises(DataError, match="do not fit an output"):
        RegressionMeter().add(np.zeros((2, 3)), np.zeros((2, 2)))


def predictions(right, indices):
    meter = ClassificationMeter()
    scores = np.stack([np.array(right, float), 1 - np.array(right, float)], axis=1) * 9
    meter.add(scores, np.zeros(len(right), int), np.array(indices))
    return meter.result().predictions


def test_paired_by_hand():
    first = predictions([1, 1, 1, 0, 0], [4, 3, 2, 1, 0])
    second = predictions([1, 0, 0, 1, 1, 0], [2, 1, 0, 3, 9, 4])
    found = compare_predictions(first, second)
    assert found.samples == 5
    assert (found.both_right, found.first_only, found.second_only, found.both_wrong) == (2, 1, 0, 2)
    assert found.difference == -0.2
    assert found.changed == (4,)
    assert found.interval[0] < -0.2 < found.interval[1]


def test_interval_of_a_difference_by_hand():
    """20 against 5 of 100: b = 20.5, c = 5.5, n = 102 (Agresti and Min 2005)."""
    first = predictions([1] * 20 + [0] * 5 + [1] * 75, range(100))
    second = predictions([0] * 20 + [1] * 5 + [1] * 75, range(100))
    found = compare_predictions(first, second)
    assert found.difference == pytest.approx(-0.15)
    half = 1.959964 * np.sqrt(26 - 15**2 / 102) / 102
    assert found.interval == pytest.approx((-15 / 102 - half, -15 / 102 + half))


def test_mcnemar_is_the_sign_test():
    assert mcnemar_p_value(0, 0) == 1.0
    assert mcnemar_p_value(0, 5) == pytest.approx(2 / 32)
    assert mcnemar_p_value(3, 3) == 1.0


def test_paired_needs_the_same_samples():
    one = predictions([1], [0])
    with pytest.raises(DataError, match="no sample in common"):
        compare_predictions(one, predictions([1], [1]))
    with pytest.raises(DataError, match="twice"):
        compare_predictions(one, predictions([1, 1], [0, 0]))
