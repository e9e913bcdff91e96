"""Accuracy by hand-computed cases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from engine.errors import DataError
from engine.measure.accuracy import CONFUSION_CLASSES, ClassificationMeter, wilson_interval


def result(scores, labels, **kwargs):
    meter = ClassificationMeter(**kwargs)
    meter.add(np.asarray(scores), np.asarray(labels))
    return meter.result()


def test_three_samples_by_hand():
    logits = np.log([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.5, 0.3, 0.2]]).astype(np.float32)
    found = result(logits, [0, 2, 1])
    assert found.samples == 3
    assert found.top1 == pytest.approx(1 / 3)
    assert found.top5 is None
    assert found.loss == pytest.approx(-(math.log(0.7) + math.log(0.3) + math.log(0.3)) / 3)
    assert found.per_class == (1.0, 0.0, 0.0)
    assert found.confusion.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert found.predictions.predicted.tolist() == [0, 1, 0]
    assert found.predictions.correct.tolist() == [True, False, False]
    assert found.predictions.confidence.tolist() == pytest.approx([0.7, 0.6, 0.5])
    assert found.mean_iou is None


def test_probabilities_and_logits_give_the_same_loss():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(50, 7)).astype(np.float32) * 3
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = generator.integers(0, 7, 50)
    as_logits, as_shares = result(logits, labels), result(shares, labels)
    assert as_shares.loss == pytest.approx(as_logits.loss, rel=1e-5)
    assert as_shares.top5 == as_logits.top5
    expected = -np.log(shares[np.arange(50), labels]).mean()
    assert as_shares.loss == pytest.approx(float(expected), rel=1e-5)


def test_what_looks_like_probabilities_at_first_need_not_be():
    meter = ClassificationMeter()
    meter.add(np.array([[0.5, 0.5]]), np.array([0]))
    meter.add(np.array([[3.0, -1.0]]), np.array([0]))
    expected = (math.log(2) + math.log1p(math.exp(-4))) / 2
    assert meter.result().loss == pytest.approx(expected)


def test_a_probability_of_zero_costs_a_finite_loss():
    assert result([[1.0, 0.0]], [1]).loss == pytest.approx(-math.log(np.finfo(np.float32).tiny))


def test_top5_counts_ties_by_class_number():
    scores = np.zeros((6, 6), np.float32)
    found = result(scores, np.arange(6))
    assert found.top1 == pytest.approx(1 / 6)  # constant scores are not all right
    assert found.top5 == pytest.approx(5 / 6)


def test_top5_by_hand():
    scores = np.arange(8, 0, -1, dtype=np.float32)[None].repeat(2, axis=0)
    assert result(scores, [4, 5]).top5 == 0.5


def test_wilson_interval_of_a_textbook_case():
    # Newcombe 1998, table I: 81 of 263
    low, high = wilson_interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(0, 20)[0] == 0.0


def test_nonfinite_scores_are_wrong_and_counted():
    scores = np.array([[np.nan, 1.0], [2.0, 0.0], [np.inf, 0.0]], np.float32)
    found = result(scores, [1, 0, 0])
    assert found.nonfinite == 2
    assert found.top1 == pytest.approx(1 / 3)
    assert found.loss == pytest.approx(math.log1p(math.exp(-2)))
    assert found.predictions.predicted.tolist() == [-1, 0, -1]
    assert found.predictions.correct.tolist() == [False, True, False]


def test_only_nonfinite_scores_have_no_loss():
    assert math.isnan(result([[np.nan, 0.0]], [0]).loss)


@pytest.mark.parametrize("column", [True, False])
def test_one_logit_per_sample_is_two_classes(column):
    scores = np.array([-2.0, 3.0, 1.0], np.float32)
    found = result(scores[:, None] if column else scores, [0, 1, 0])
    assert found.top1 == pytest.approx(2 / 3)
    expected = (math.log1p(math.exp(-2)) + math.log1p(math.exp(-3)) + math.log1p(math.e)) / 3
    assert found.loss == pytest.approx(expected)


def test_one_probability_per_sample_is_split_at_one_half():
    found = result(np.array([0.2, 0.9, 0.4], np.float32), [0, 1, 1])
    assert found.top1 == pytest.approx(2 / 3)
    expected = -(math.log(0.8) + math.log(0.9) + math.log(0.4)) / 3
    assert found.loss == pytest.approx(expected, rel=1e-6)
    assert found.predictions.confidence.tolist() == pytest.approx([0.8, 0.9, 0.6])


def test_one_score_is_a_logit_if_any_later_one_is():
    meter = ClassificationMeter()
    meter.add(np.array([0.4], np.float32), np.array([1]))  # a probability would be class 0
    meter.add(np.array([-5.0], np.float32), np.array([0]))
    assert meter.result().top1 == 1.0


def test_segmentation_counts_pixels_and_iou():
    labels = np.array([[[0, 0], [1, 1]], [[2, 2], [255, 2]]])
    predicted = np.array([[[0, 1], [1, 1]], [[2, 2], [0, 0]]])
    scores = np.moveaxis(np.eye(3, dtype=np.float32)[predicted], -1, 1) * 9
    assert scores.shape == (2, 3, 2, 2)
    found = result(scores, labels, ignore_label=255)
    assert (found.samples, found.positions) == (2, 7)
    assert found.top1 == pytest.approx(5 / 7)
    assert found.mean_iou == pytest.approx((1 / 3 + 2 / 3 + 2 / 3) / 3)
    assert found.predictions.confidence.tolist() == pytest.approx([3 / 4, 2 / 3])
    assert found.interval[0] < 0.7 < found.interval[1]


def test_tokens_have_their_classes_last():
    labels = np.array([[0, 3, 1], [2, 2, 0]])
    scores = np.eye(4, dtype=np.float32)[labels]  # [2, 3, 4]
    assert result(scores, labels).top1 == 1.0


def test_ignored_labels_are_left_out():
    found = result([[9.0, 0.0], [0.0, 9.0]], [0, -1], ignore_label=-1)
    assert found.positions == 1
    assert found.top1 == 1.0


@pytest.mark.parametrize(
    ("scores", "labels", "words"),
    [
        (np.zeros((2, 3)), [0, 3], "3 does not fit a network with 3 classes"),
        (np.zeros((2, 3)), [-1, 0], "-1 does not fit"),
        (np.zeros((2, 3)), [0.5, 1.0], "not class numbers"),
        (np.zeros((2, 3)), [0, 1, 2], r"\[3\] do not fit an output of shape \[2, 3\]"),
        (np.zeros((2, 3, 4, 4)), np.zeros((2, 5, 5), int), "do not fit an output"),
        (np.zeros((2, 3)), np.zeros((2, 3), int), "do not fit an output"),
    ],
)
def test_labels_that_do_not_fit(scores, labels, words):
    with pytest.raises(DataError, match=words):
        result(scores, labels)


def test_whole_numbers_may_be_stored_as_fractions():
    assert result([[9.0, 0.0], [0.0, 9.0]], np.array([0.0, 1.0])).top1 == 1.0


def test_no_samples_is_an_error():
    with pytest.raises(DataError, match="not one labelled sample"):
        ClassificationMeter().result()


def test_other_number_of_classes_later_is_an_error():
    meter = ClassificationMeter()
    meter.add(np.zeros((1, 3)), np.array([0]))
    with pytest.raises(DataError, match="differs from one batch"):
        meter.add(np.zeros((1, 4)), np.array([0]))


def test_many_classes_have_no_confusion_matrix():
    found = result(np.zeros((1, CONFUSION_CLASSES + 1), np.float32), [0])
    assert found.confusion is None
    assert found.top1 == 1.0


@given(st.integers(1, 40), st.integers(2, 12), st.integers(0, 1000), st.integers(1, 7))
def test_batches_and_scikit_learn_agree(samples, classes, seed, step):
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=(samples, classes)).astype(np.float32)
    labels = generator.integers(0, classes, samples)
    meter = ClassificationMeter()
    for start in range(0, samples, step):
        meter.add(scores[start : start + step], labels[start : start + step])
    found = meter.result()
    assert found.top1 == pytest.approx(metrics.accuracy_score(labels, scores.argmax(1)))
    matrix = metrics.confusion_matrix(labels, scores.argmax(1), labels=range(classes))
    assert (found.confusion == matrix).all()
    assert found.predictions.indices.tolist() == list(range(samples))
    if classes > 5:
        top5 = metrics.top_k_accuracy_score(labels, scores, k=5, labels=range(classes))
        assert found.top5 == pytest.approx(top5)
