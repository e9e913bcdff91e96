"""Low ranks to choose from, and what one loses in a layer that has fewer channels.

It is what the same rank loses in the whole: a share of the bytes of a smaller layer is a lower
rank, and what a layer has to tell apart does not become less with its channels: half a rank may be
one too few.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from engine.info import LayerInfo
from engine.methods.low_rank import data_aware_svd, spatial
from engine.methods.low_rank.responses import ResponseParams
from engine.methods.low_rank.shapes import factored_bytes, shape_ranks
from engine.parameters import Params

FORMS = {"data_aware_svd": data_aware_svd.form_of, "spatial": spatial.form_of}
"""Methods of which one gives a layer a lower rank, and the form of its parts."""


def with_between(sizes: Sequence[float]) -> tuple[float, ...]:
    """Sizes that a table knows, falling, and those half way between them and before the first."""
    between = [math.sqrt(a * b) for a, b in itertools.pairwise((1.0, *sizes))]
    found = {*sizes, *(round(size, 2) for size in between)}
    return tuple(sorted(found, reverse=True))


def share_of_whole(
    method: str, whole: LayerInfo, left: LayerInfo, params: Params, least: float
) -> float:
    """The size at which the whole layer has the rank that what is left of it has.

    Args:
        method: One of `FORMS`.
        whole: The layer as it is.
        left: With fewer channels.
        params: Of the method, with a size.
        least: The smallest size whose loss is known.

    Returns:
        At most the size itself; NaN where the loss of such a rank is not known.
    """
    assert isinstance(params, ResponseParams)
    if whole.shape == left.shape:
        return params.size
    form = FORMS[method](params)
    ranks = shape_ranks(left, params, form)
    if ranks is None:
        return math.nan
    share = factored_bytes(whole, ranks, form) / max(whole.size_bytes, 1)
    return math.nan if share < least else min(share, params.size)
