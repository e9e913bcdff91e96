"""The attention operators of ONNX Runtime's own domain.

Shapes: N samples, H heads, Q query and K key positions, D features per head.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.attention import (
    Scores,
    attend,
    merge_heads,
    rotate,
    split_heads,
    visible,
)
from engine.readers.onnx.ops.values import indices, like, optional_like
from engine.readers.onnx.table import Call, UnsupportedOp, Value, op, tensor

MICROSOFT = "com.microsoft"
Heads = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@op("MultiHeadAttention", domain=MICROSOFT)
def multi_head_attention(
    call: Call, query: Value, key: Value = None, value: Value = None, *more: Value
) -> torch.Tensor | tuple[torch.Tensor, ...]:
    """Attention with separate, packed (rank 5) or already split (rank 4) keys and values.

    Args:
        call: Attributes `num_heads`, `scale`, `mask_filter_value`, `unidirectional`.
        query: `[N, Q, H·D]`, or `[N, Q, H, 3, D]` with key and value in it.
        key: `[N, K, H·D]`, `[N, H, K, D]`, or `[N, K, H, 2, D]` with the value in it.
        value: `[N, K, H·D_v]` or `[N, H, K, D_v]`.
        more: Bias of the three projections, key mask, attention bias, past key and value.
    """
    bias, mask, added, past_key, past_value = (*more, *[None] * 5)[:5]
    heads = _heads(tensor(query), key, value, call.get("num_heads"), bias)
    y = _finish(call, heads, (mask, added), (past_key, past_value))
    return y[: call.outputs] if call.outputs > 1 else y[0]


def _heads(x: torch.Tensor, key: Value, value: Value, count: int, bias: Value) -> Heads:
    """Query, key and value as `[N, H, positions, D]`."""
    if x.dim() == 5:
        q, k, v = (part.transpose(1, 2) for part in x.unbind(3))
        return q, k, v
    shift = optional_like(bias, x)
    width = x.shape[2]
    q = split_heads(x if shift is None else x + shift[:width], count)
    if key is None:
        raise UnsupportedOp("an attention without keys")
    k = like(key, x)
    if k.dim() == 5:
        first, second = k.unbind(3)
        return q, first.transpose(1, 2), second.transpose(1, 2)
    v = like(value, x)
    if k.dim() == 4:
        return q, k, v
    if shift is not None:
        k, v = k + shift[width : 2 * width], v + shift[2 * width :]
    return q, split_heads(k, count), split_heads(v, count)


@op("Attention", domain=MICROSOFT)
def packed_attention(
    call: Call, x: Value, weight: Value, bias: Value = None, mask: Value = None, *more: Value
) -> torch.Tensor | tuple[torch.Tensor, ...]:
    """Self-attention with its projections: x `[N, Q, in]`, weight `[in, sizes of Q, K and V]`."""
    x = tensor(x)
    projected = x @ like(weight, x)
    projected = projected if bias is None else projected + like(bias, x)
    sizes, count = list(call.get("qkv_hidden_sizes") or ()), call.get("num_heads")
    if call.get("do_rotary", 0):
        raise UnsupportedOp("rotary embedding inside a packed attention")
    third = projected.shape[2] // 3
    q, k, v = (split_heads(p, count) for p in torch.split(projected, sizes or [third] * 3, 2))
    past, added = (*more, None, None)[:2]
    before = (None, None) if past is None else tuple(like(past, x).unbind(0))
    y = _finish(call, (q, k, v), (mask, added), (before[0], before[1]))
    return y[0] if call.outputs == 1 else (y[0], torch.stack(y[1:]))


def _finish(
    call: Call, heads: Heads, masks: tuple[Value, Value], past: tuple[Value, Value]
) -> Heads:
    """Attention over split heads: the result, and the cache's new keys and values."""
    q, k, v = heads
    offset = 0
    if past[0] is not None and past[1] is not None:
        before = like(past[0], k)
        offset = before.shape[2]
        k, v = torch.cat([before, k], 2), torch.cat([like(past[1], v), v], 2)
    mask, added = masks
    low = float(call.get("mask_filter_value", -10000.0))
    bias = optional_like(added, q)
    if mask is not None:
        hidden = _key_bias(like(mask, q), q, k.shape[2], low)
        bias = hidden if bias is None else bias + hidden
    if call.get("unidirectional", 0):
        seen = visible(q.shape[2], k.shape[2], offset, -1, 0)
        ahead = torch.zeros_like(seen, dtype=q.dtype).masked_fill(~seen, low)
        bias = ahead if bias is None else bias + ahead
    scale = call.get("scale") or 1 / math.sqrt(q.shape[-1])
    if bias is None:
        y = F.scaled_dot_product_attention(q, k, v, scale=scale)
    else:
        y, _ = attend(q, k, v, bias, Scores(scale))
    return merge_heads(y), k, v


def _key_bias(mask: torch.Tensor, q: torch.Tensor, keys: int, low: float) -> torch.Tensor:
    """A key mask (1: visible; or lengths) as a bias, `low` where a key is hidden."""
    if mask.dim() == 1:
        if isinstance(mask.shape[0], int) and mask.shape[0] != q.shape[0]:
            raise UnsupportedOp("an attention mask of packed lengths")
        there = torch.arange(keys, device=q.device) < mask[:, None]
        there = there[:, None, None]
    elif mask.dim() == 2:
        there = mask[:, None, None] > 0
    else:
        there = (mask if mask.dim() == 4 else mask[:, None]) > 0
    return torch.zeros_like(there, dtype=q.dtype).masked_fill(~there, low)


@op("RotaryEmbedding", domain=MICROSOFT)
def rotary_embedding(
    call: Call, x: Value, positions: Value, cos: Value, sin: Value
) -> torch.Tensor:
    """Rotary embedding: x `[N, length, H·D]` or `[N, H, length, D]`, tables `[places, D/2]`."""
    x = tensor(x)
    cosine, sine, at = like(cos, x), like(sin, x), indices(positions, x)
    if call.get("is_packed_batching", 0):
        raise UnsupportedOp("rotary embedding of packed batches")
    half = cosine.shape[-1]
    size = call.get("rotary_embedding_dim", 0) or 2 * half
    count = call.get("num_heads", 0)
    heads = x if x.dim() == 4 else split_heads(x, count or x.shape[2] // size)
    if at.dim() == 1:  # one number: where every sample begins
        at = (at + torch.arange(heads.shape[2], device=x.device))[None]
    tables = [F.embedding(at, table)[:, None] for table in (cosine, sine)]
    y = rotate(heads, tables[0], tables[1], size, bool(call.get("interleaved", 0)))
    scaled = y * float(call.get("scale", 1.0))
    return scaled if x.dim() == 4 else merge_heads(scaled)
