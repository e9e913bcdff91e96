"""What outputs mean, and the losses on them."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from engine.errors import DataError
from engine.preprocessing import Task
from engine.training.heads import Form, Head, check_labels, distance, find_head


def logits(*shape: int) -> torch.Tensor:
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(0))


LABELS = torch.tensor([0, 2, 1, 1])


def test_classes_by_logits_and_by_probabilities_give_the_same_loss() -> None:
    scores = logits(4, 3)
    plain = find_head(scores, LABELS, None)
    soft = find_head(scores.softmax(1), LABELS, None)
    assert (plain.form, plain.probabilities) == (Form.CLASSES, False)
    assert (soft.form, soft.probabilities) == (Form.CLASSES, True)
    expected = F.cross_entropy(scores, LABELS)
    assert torch.allclose(plain.label_loss(plain.rows(scores), LABELS), expected)
    assert torch.allclose(soft.label_loss(soft.rows(scores.softmax(1)), LABELS), expected)


def test_dense_outputs_have_their_classes_on_either_axis() -> None:
    labels = torch.randint(0, 3, (2, 5, 4))
    scores = logits(2, 3, 5, 4)
    first = find_head(scores, labels, Task.SEGMENTATION)
    last = find_head(scores.movedim(1, -1), labels, Task.SEGMENTATION)
    expected = F.cross_entropy(scores, labels)
    assert torch.allclose(first.label_loss(first.rows(scores), labels), expected)
    moved = last.rows(scores.movedim(1, -1))
    assert torch.allclose(last.label_loss(moved, labels), expected)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_score_for_two_classes(shape: tuple[int, ...]) -> None:
    score, labels = logits(*shape), torch.tensor([0, 1, 1, 0])
    expected = F.binary_cross_entropy_with_logits(score.reshape(-1), labels.float())
    for output in (score, score.sigmoid()):
        head = find_head(output, labels, None)
        assert head.form is Form.CHOICES
        rows = head.rows(output)
        assert torch.allclose(head.label_loss(rows, labels), expected, atol=1e-5)
        right = ((score.reshape(-1) > 0).long() == labels).sum()
        assert head.hits(rows, labels) == (int(right), 4)


def test_several_choices_at_once() -> None:
    scores, labels = logits(4, 3), torch.randint(0, 2, (4, 3)).float()
    head = find_head(scores, labels, Task.MULTILABEL)
    expected = F.binary_cross_entropy_with_logits(scores, labels)
    assert torch.allclose(head.label_loss(head.rows(scores), labels), expected)


@pytest.mark.parametrize(("output", "target"), [((4,), (4,)), ((4, 1), (4,)), ((4, 3), (4, 3))])
def test_values_have_the_mean_squared_error(
    output: tuple[int, ...], target: tuple[int, ...]
) -> None:
    found, wanted = logits(*output), logits(*target) + 1
    head = find_head(found, wanted, Task.REGRESSION)
    assert head.form is Form.VALUES
    expected = (found.reshape(-1) - wanted.reshape(-1)).square().mean()
    assert torch.allclose(head.label_loss(head.rows(found), wanted), expected)
    assert head.hits(head.rows(found), wanted) == (0, 0)


def test_label_smoothing_is_that_of_pytorch() -> None:
    scores = logits(4, 3)
    head = Head(Form.CLASSES)
    expected = F.cross_entropy(scores, LABELS, label_smoothing=0.2)
    assert torch.allclose(head.label_loss(scores, LABELS, 0.2), expected)


def test_distance_is_hintons() -> None:
    """T² · KL at temperature T, whose gradient tends to that of the squared error for large T."""
    student, teacher = logits(4, 3), logits(4, 3).flip(0)
    p, q = (teacher / 2).softmax(1), (student / 2).softmax(1)
    expected = 4 * (p * (p / q).log()).sum(1).mean()
    assert torch.allclose(distance(Head(Form.CLASSES), student, teacher, 2.0), expected)
    assert distance(Head(Form.CLASSES), teacher, teacher, 2.0).item() == pytest.approx(0, abs=1e-6)
    values = distance(Head(Form.VALUES), student, teacher, 2.0)
    assert torch.allclose(values, (student - teacher).square().mean())


def test_without_labels_the_task_decides() -> None:
    assert find_head(logits(4, 3), None, Task.CLASSIFICATION).form is Form.CLASSES
    assert find_head(logits(4, 3), None, None).form is Form.CLASSES
    assert find_head(logits(4, 3), None, Task.REGRESSION).form is Form.VALUES
    assert find_head(logits(4, 3, 8, 8), None, None).form is Form.VALUES
    assert find_head(logits(4, 3, 8, 8), None, Task.SEGMENTATION) == Head(Form.CLASSES, 1)
    assert find_head(logits(4, 7, 3), None, Task.LANGUAGE) == Head(Form.CLASSES, 2)


@pytest.mark.parametrize("labels", [torch.zeros(4, 2).long(), torch.zeros(4, 2)])
def test_labels_that_do_not_fit_are_said_in_shapes(labels: torch.Tensor) -> None:
    with pytest.raises(DataError, match=r"\[4, 2\] do not fit an output of shape \[4, 3\]"):
        find_head(logits(4, 3), labels, None)


def test_labels_beyond_the_classes_are_said() -> None:
    head = Head(Form.CLASSES)
    check_labels(head, (4, 3), LABELS)
    with pytest.raises(DataError, match="label 3, and the network has 3 classes"):
        check_labels(head, (4, 3), LABELS + 1)
    with pytest.raises(DataError, match="label -1"):
        check_labels(head, (4, 3), LABELS - 1)
