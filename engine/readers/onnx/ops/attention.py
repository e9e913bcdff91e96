"""Attention and what goes with it: rotary embeddings, causal convolution, linear attention.

Shapes: N samples, H heads, Q query and K key positions, D features per head.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.values import Size, dtype_of, indices, like, optional_like
from engine.readers.onnx.table import Call, UnsupportedOp, Value, op, tensor


def split_heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """`[N, positions, heads·D]` → `[N, heads, positions, D]`."""
    n, positions, width = x.shape
    return x.reshape(n, positions, heads, width // heads).transpose(1, 2)


def merge_heads(x: torch.Tensor) -> torch.Tensor:
    """`[N, heads, positions, D]` → `[N, positions, heads·D]`."""
    n, heads, positions, width = x.shape
    return x.transpose(1, 2).reshape(n, positions, heads * width)


def repeat_heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """Each key or value head for the query heads that share it."""
    times = heads // x.shape[1]
    return x if times == 1 else x.repeat_interleave(times, 1, output_size=heads)


@dataclass(frozen=True, slots=True)
class Scores:
    """How scores become weights: the attributes of ONNX's Attention.

    Attributes:
        scale: Factor of Q·Kᵀ; None means 1/√D.
        softcap: Bound of the scores, by tanh; 0 means none.
        precision: Type of the softmax; None means that of Q.
        output: Which stage goes out as fourth output, 0 … 3.
    """

    scale: float | None = None
    softcap: float = 0.0
    precision: torch.dtype | None = None
    output: int = 0


def attend(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, bias: torch.Tensor | None, scores: Scores
) -> tuple[torch.Tensor, torch.Tensor]:
    """Scaled dot-product attention, step by step.

    Args:
        q: `[N, H, Q, D]`.
        k: `[N, H, K, D]`.
        v: `[N, H, K, D_v]`.
        bias: Added to the scores, −∞ where a key is hidden; broadcasts to `[N, H, Q, K]`.
        scores: How.

    Returns:
        The result `[N, H, Q, D_v]`, and the scores at the stage asked for.
    """
    factor = scores.scale if scores.scale is not None else 1 / math.sqrt(q.shape[-1])
    root = math.sqrt(factor)
    product = (q * root) @ (k * root).transpose(-1, -2)
    capped = product
    if scores.softcap > 0:
        capped = torch.tanh(product / scores.softcap) * scores.softcap
    total = capped if bias is None else capped + bias
    weights = _softmax(total.to(scores.precision or total.dtype), bias).to(q.dtype)
    return weights @ v, (product, capped, total, weights)[scores.output]


def _softmax(total: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """Softmax in which a row that hides every key becomes zeros."""
    if bias is None:
        return F.softmax(total, dim=-1)
    hidden = torch.isneginf(bias).all(-1, keepdim=True)
    weights = F.softmax(torch.where(hidden, torch.zeros_like(total), total), dim=-1)
    return torch.where(hidden, torch.zeros_like(weights), weights)


def as_bias(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """A boolean mask (true: visible) as a bias; any other is one already."""
    if mask.dtype != torch.bool:
        return mask.to(dtype)
    return torch.zeros_like(mask, dtype=dtype).masked_fill(~mask, -math.inf)


def visible(
    queries: Size, keys: Size, offset: torch.Tensor | Size, left: int, right: int
) -> torch.Tensor:
    """Which keys each query may see: `[Q, K]`, or `[N, 1, Q, K]` for an offset per sample.

    Args:
        queries: How many.
        keys: How many.
        offset: How many keys come before the first query.
        left: How far a query sees backwards; −1 without bound.
        right: How far forwards; −1 without bound.
    """
    device = offset.device if isinstance(offset, torch.Tensor) else None
    shift = offset.reshape(-1, 1, 1, 1) if isinstance(offset, torch.Tensor) else offset
    ahead = torch.arange(keys, device=device) - (
        torch.arange(queries, device=device)[:, None] + shift
    )
    seen = torch.ones_like(ahead, dtype=torch.bool)
    if left >= 0:
        seen = seen & (ahead >= -left)
    return seen & (ahead <= right) if right >= 0 else seen


@op("Attention")
def attention(
    call: Call, query: Value, key: Value, value: Value, mask: Value = None, *cache: Value
) -> torch.Tensor | tuple[torch.Tensor, ...]:
    """Attention of opset 23 and later, with grouped heads, cache, masks and windows."""
    q, k, v = tensor(query), tensor(key), tensor(value)
    past_key, past_value, valid = (*cache, None, None, None)[:3]
    flat = q.dim() == 3
    if flat:
        q = split_heads(q, call.get("q_num_heads"))
        k, v = (split_heads(x, call.get("kv_num_heads")) for x in (k, v))
    offset: torch.Tensor | Size = 0
    if past_key is not None:
        past = like(past_key, k)
        offset = past.shape[2]
        k, v = torch.cat([past, k], 2), torch.cat([like(past_value, v), v], 2)
    present = (k, v)
    lengths = None if valid is None else indices(valid, q)
    k, v = repeat_heads(k, q.shape[1]), repeat_heads(v, q.shape[1])
    y, stage = _attention(call, (q, k, v), (optional_like(mask, q), lengths), offset)
    y = merge_heads(y) if flat else y
    return (y, *present, stage)[: call.outputs] if call.outputs > 1 else y


def _attention(
    call: Call,
    qkv: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    masks: tuple[torch.Tensor | None, torch.Tensor | None],
    offset: torch.Tensor | Size,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention over complete heads: torch's own kernel where nothing special is asked for."""
    q, k, v = qkv
    mask, valid = masks
    causal = bool(call.get("is_causal", 0))
    left, right = call.get("left_window_size", -1), call.get("right_window_size", -1)
    softcap, code = call.get("softcap", 0.0), call.get("softmax_precision")
    plain = mask is None and valid is None and left < 0 and right < 0
    scale = call.get("scale")
    at_start = isinstance(offset, int) and offset == 0
    if plain and call.outputs < 4 and not softcap and code is None and (at_start or not causal):
        y = F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)
        return y, y
    queries, keys = q.shape[2], k.shape[2]
    if valid is not None and isinstance(offset, int):
        offset = valid - queries
    bias: torch.Tensor | None = None
    if mask is not None:
        bias = _grown(as_bias(mask, q.dtype), keys)
    if causal or left >= 0 or right >= 0:
        ahead = 0 if causal else right
        seen = visible(queries, keys, offset, left, ahead if right < 0 else min(ahead, right))
        bias = _plus(bias, as_bias(seen, q.dtype))
    if valid is not None:
        there = torch.arange(keys, device=q.device) < valid.reshape(-1, 1, 1, 1)
        bias = _plus(bias, as_bias(there, q.dtype))
    style = Scores(
        scale,
        softcap,
        None if code is None else dtype_of(code),
        call.get("qk_matmul_output_mode", 0),
    )
    return attend(q, k, v, bias, style)


def _plus(bias: torch.Tensor | None, more: torch.Tensor) -> torch.Tensor:
    return more if bias is None else bias + more


def _grown(bias: torch.Tensor, keys: Size) -> torch.Tensor:
    """A mask for fewer keys than there are hides the rest."""
    missing = keys - bias.shape[-1]
    if isinstance(missing, int) and missing == 0:
        return bias
    return F.pad(bias, (0, missing), value=-math.inf)


@op("RotaryEmbedding")
def rotary_embedding(
    call: Call, x: Value, cos: Value, sin: Value, positions: Value = None
) -> torch.Tensor:
    """Rotation of feature pairs by position (Su et al. 2021, arXiv:2104.09864)."""
    x = tensor(x)
    cosine, sine = like(cos, x), like(sin, x)
    if positions is not None:
        at = indices(positions, x)  # [N, positions]
        cosine, sine = F.embedding(at, cosine), F.embedding(at, sine)
    heads = split_heads(x, call.get("num_heads", 0)) if x.dim() == 3 else x
    size = call.get("rotary_embedding_dim", 0) or heads.shape[-1]
    y = rotate(heads, cosine[:, None], sine[:, None], size, bool(call.get("interleaved", 0)))
    return merge_heads(y) if x.dim() == 3 else y


def rotate(
    x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor, size: int, interleaved: bool
) -> torch.Tensor:
    """The first `size` features of x `[N, H, positions, D]` rotated, the others kept.

    Args:
        x: What to rotate.
        cosine: Broadcasts to `[N, H, positions, size/2]`.
        sine: Likewise.
        size: How many features.
        interleaved: Whether a pair is two neighbors, not one feature of each half.
    """
    turned, rest = x[..., :size], x[..., size:]
    half = size // 2
    if interleaved:
        a, b = turned[..., 0::2], turned[..., 1::2]
    else:
        a, b = turned[..., :half], turned[..., half:]
    cosine, sine = cosine[..., :half], sine[..., :half]
    pair = (a * cosine - b * sine, a * sine + b * cosine)
    y = torch.stack(pair, -1).flatten(-2) if interleaved else torch.cat(pair, -1)
    return torch.cat([y, rest], -1)


@op("CausalConvWithState")
def causal_conv(
    call: Call, x: Value, weight: Value, bias: Value = None, past: Value = None
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """Depthwise convolution that sees the past only: x `[N, C, length]`, weight `[C, 1, k]`."""
    x = tensor(x)
    kernel, before = like(weight, x), optional_like(past, x)
    reach = kernel.shape[2] - 1
    whole = F.pad(x, (reach, 0)) if before is None else torch.cat([before, x], 2)
    y = F.conv1d(whole, kernel, optional_like(bias, x), groups=kernel.shape[0])
    if call.get("activation", "none") != "none":
        y = F.silu(y)
    return y if call.outputs == 1 else (y, whole[:, :, whole.shape[2] - reach :])


@op("LinearAttention")
def linear_attention(
    call: Call, query: Value, key: Value, value: Value, *more: Value
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """Attention by a recurrent state (Yang et al. 2024, arXiv:2412.06464), token by token.

    Args:
        call: Attributes as in ONNX.
        query: `[N, T, H_q·D]`.
        key: `[N, T, H·D]`.
        value: `[N, T, H·D_v]`.
        more: State `[N, H, D, D_v]`, decay (log space) and update rate, where the rule has them.
    """
    past, decay, rate = (*more, None, None, None)[:3]
    x = tensor(query)
    heads = call.get("kv_num_heads")
    q = split_heads(x, call.get("q_num_heads")).float()
    k, v = (split_heads(like(t, x), heads).float() for t in (key, value))
    if not isinstance(q.shape[2], int):
        raise UnsupportedOp("linear attention over a length that is not fixed")
    fade = None if decay is None else split_heads(like(decay, x), heads).float().exp()
    step = None if rate is None else like(rate, x).float().transpose(1, 2)[..., None]
    scale = call.get("scale", 0.0) or 1 / math.sqrt(q.shape[-1])
    state = q.new_zeros(k.shape[0], heads, k.shape[-1], v.shape[-1])
    state = state if past is None else like(past, x).float()
    outputs = []
    for t in range(q.shape[2]):
        at = slice(t, t + 1)
        state = state if fade is None else state * fade[:, :, t, :, None]
        new = v[:, :, at]
        if step is not None:
            new = step[:, :, at] * (new - k[:, :, at] @ state)
        state = state + k[:, :, at].transpose(-1, -2) @ new
        outputs.append(scale * q[:, :, at] @ repeat_heads(state, q.shape[1]))
    y = merge_heads(torch.cat(outputs, 2)).to(x.dtype)
    return (
        y if call.outputs == 1 else (y, state.to(x.dtype if past is None else tensor(past).dtype))
    )
