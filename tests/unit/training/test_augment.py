"""Random shifts and mirror images of batches."""

from __future__ import annotations

import pytest
import torch

from engine.training.augment import Augmenter, augmenter
from engine.training.options import Augmentation


def images(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def by_hand(image: torch.Tensor, padding: int, fill: torch.Tensor) -> list[torch.Tensor]:
    """All crops `[C, H, W]` of an image that was padded, and their mirror images."""
    channels, height, width = image.shape
    shape = (channels, height + 2 * padding, width + 2 * padding)
    padded = fill[:, None, None].expand(shape).clone()
    padded[:, padding : padding + height, padding : padding + width] = image
    crops = [
        padded[:, top : top + height, left : left + width]
        for top in range(2 * padding + 1)
        for left in range(2 * padding + 1)
    ]
    return [*crops, *(crop.flip(2) for crop in crops)]


def test_each_image_is_a_crop_of_itself_filled_with_black() -> None:
    fill = (-1.0, 0.5, 2.0)
    batch = images(40, 3, 6, 5)
    made = Augmenter(2, 2, True, fill, 1)(batch, 7)
    assert made.shape == batch.shape
    kinds = set()
    for before, after in zip(batch, made, strict=True):
        crops = by_hand(before, 2, torch.tensor(fill))
        (found,) = [i for i, crop in enumerate(crops) if torch.equal(crop, after)]
        kinds.add(found)
    assert len(kinds) > 20
    assert any(kind >= 25 for kind in kinds)
    assert any(kind < 25 for kind in kinds)


def test_the_seed_decides() -> None:
    batch = images(16, 3, 8, 8)
    augment = Augmenter(2, 1, True, channel_axis=1)
    assert torch.equal(augment(batch, 3), augment(batch, 3))
    assert not torch.equal(augment(batch, 3), augment(batch, 4))


def test_flips_alone_keep_every_pixel() -> None:
    batch = images(32, 1, 8, 8)
    made = Augmenter(2, 0, True)(batch, 0)
    mirrored = [torch.equal(a, b.flip(2)) for a, b in zip(made, batch, strict=True)]
    same = [torch.equal(a, b) for a, b in zip(made, batch, strict=True)]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 5 < sum(mirrored) < 27


def test_other_layouts_shift_along_height_and_width() -> None:
    batch = images(20, 3, 8, 8)
    usual = Augmenter(2, 2, True, (0.0, 1.0, 2.0), 1)(batch, 5)
    last = Augmenter(1, 2, True, (0.0, 1.0, 2.0), 3)(batch.permute(0, 2, 3, 1), 5)
    assert torch.equal(last.permute(0, 3, 1, 2), usual)


@pytest.mark.parametrize(
    ("shape", "layout", "expected"),
    [
        ((4, 3, 32, 32), "NCHW", (4, True)),
        ((4, 32, 32, 3), "NHWC", (4, True)),
        ((4, 3, 32, 32), "", (4, True)),
        ((4, 1, 28, 28), "NCHW", (4, False)),
        ((4, 28, 28), "NHW", (4, False)),
    ],
)
def test_automatic_choice_mirrors_only_color(
    shape: tuple[int, ...], layout: str, expected: tuple[int, bool]
) -> None:
    found = augmenter(Augmentation.AUTO, None, shape, layout, (0.0,))
    assert found is not None
    assert (found.padding, found.flip) == expected


@pytest.mark.parametrize(
    ("shape", "layout"),
    [((4, 16), "NC"), ((4, 9, 6), ""), ((4, 64, 16, 16), "NCHW"), ((4, 3, 4, 4), "NCHW")],
)
def test_automatic_choice_leaves_what_is_no_image(shape: tuple[int, ...], layout: str) -> None:
    assert augmenter(Augmentation.AUTO, None, shape, layout, (0.0,)) is None


def test_what_the_user_says_goes() -> None:
    shape = (4, 1, 28, 28)
    assert augmenter(Augmentation.NONE, 3, shape, "NCHW", (0.0,)) is None
    flip = augmenter(Augmentation.FLIP, 3, shape, "NCHW", (0.0,))
    both = augmenter(Augmentation.CROP_AND_FLIP, 3, shape, "NCHW", (0.0,))
    assert flip is not None
    assert both is not None
    assert (flip.padding, flip.flip) == (0, True)
    assert (both.padding, both.flip) == (3, True)
