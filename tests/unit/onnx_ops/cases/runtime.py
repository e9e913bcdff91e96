"""Cases: attention, and the operators of ONNX Runtime's own domain."""

import itertools

import numpy as np

from tests.helpers.onnx_cases import Cases, integers, reals

CASES = Cases(seed=4, domain="com.microsoft")
_f, _i, _positive = CASES.floats, CASES.whole, CASES.positive
_int32 = np.int32

# Fused products and convolutions.
for _activation, _parameters in (
    ("Relu", None),
    ("Tanh", None),
    ("Sigmoid", None),
    ("LeakyRelu", [0.1]),
    ("Clip", [0.0, 0.5]),
    ("HardSigmoid", [0.3, 0.4]),
):
    _form = {"activation": _activation, "kernel_shape": [3, 3], "pads": [1, 1, 0, 1]}
    _form |= {} if _parameters is None else {"activation_params": _parameters}
    CASES.add("FusedConv", 1, [_f(2, 3, 5, 5), _f(4, 3, 3, 3), _f(4)], _form, batched=(0,))
CASES.add(
    "FusedConv",
    1,
    [_f(2, 3, 5, 5), _f(4, 3, 3, 3), _f(4), _f(2, 4, 3, 3)],
    {"activation": "Relu", "kernel_shape": [3, 3]},
    batched=(0, 3),
)
for _activation in ("Relu", "LeakyRelu", "Sigmoid", "Tanh"):
    _form = {"activation": _activation, "transB": 1, "alpha": 0.5}
    _form |= {"activation_alpha": 0.2} if _activation == "LeakyRelu" else {}
    CASES.add("FusedGemm", 1, [_f(3, 4), _f(5, 4), _f(5)], _form, batched=(0,))
for _swapped_a, _swapped_b, _moved_a, _moved_b in itertools.product((0, 1), repeat=4):
    _a = (
        (4, 2, 3)
        if _swapped_a and _moved_a
        else (3, 2, 4)
        if _moved_a
        else (2, 4, 3)
        if _swapped_a
        else (2, 3, 4)
    )
    _b = (
        (5, 2, 4)
        if _swapped_b and _moved_b
        else (4, 2, 5)
        if _moved_b
        else (2, 5, 4)
        if _swapped_b
        else (2, 4, 5)
    )
    CASES.add(
        "FusedMatMul",
        1,
        [_f(*_a), _f(*_b)],
        {
            "transA": _swapped_a,
            "transB": _swapped_b,
            "transBatchA": _moved_a,
            "transBatchB": _moved_b,
            "alpha": 0.7,
        },
        batched=() if _moved_a or _moved_b else (0, 1),
    )
CASES.add("TransposeMatMul", 1, [_f(3, 4), _f(3, 5)], {"transA": 1})

# Activations.
CASES.add("BiasGelu", 1, [_f(2, 3, 4), _f(4)], batched=(0,))
CASES.add("FastGelu", 1, [_f(2, 3, 4), _f(4)], batched=(0,))
CASES.add("FastGelu", 1, [_f(2, 3, 4)])
CASES.add("Gelu", 1, [_f(2, 3, 4)], batched=(0,))
for _form in ({}, {"alpha": 1.5}):
    CASES.add("QuickGelu", 1, [_f(2, 3)], _form, batched=(0,))
    CASES.add("ScaledSiLU", 1, [_f(2, 3)], _form, batched=(0,))
CASES.add("ScaledSiLU", 1, [_f(2, 3), np.array(0.7, np.float32)])
CASES.add("GatedAdd", 1, [_f(2, 3), _f(2, 3), _f(2, 1)], batched=(0, 1, 2))

# Normalization.
for _form in ({}, {"epsilon": 0.1}):
    for _skip in ((2, 3, 4), (3, 4)):
        for _many in (3, 4, 5):
            _inputs = [_f(2, 3, 4), _f(*_skip), _f(4), _f(4), _f(4)][:_many]
            CASES.add(
                "SkipLayerNormalization",
                1,
                _inputs,
                _form,
                batched=(0, 1) if len(_skip) > 2 else (0,),
            )
    CASES.add("SkipSimplifiedLayerNormalization", 1, [_f(2, 3, 4), _f(2, 3, 4), _f(4)], _form)
CASES.add(
    "SkipLayerNormalization",
    1,
    [_f(2, 3, 4), _f(2, 3, 4), _f(4), _f(4), _f(4)],
    outputs=4,
    shown=(0, 3),
)
CASES.add(
    "SkipSimplifiedLayerNormalization",
    1,
    [_f(2, 3, 4), _f(2, 3, 4), _f(4), _f(4)],
    outputs=4,
    shown=(0, 3),
    batched=(0, 1),
)
_ids, _kinds = _i(0, 7, 2, 3, dtype=_int32), _i(0, 2, 2, 3, dtype=_int32)
_tables = [_f(7, 4), _f(6, 4), _f(2, 4), _f(4), _f(4)]
_near = {"epsilon": 1e-5}
CASES.add("EmbedLayerNormalization", 1, [_ids, _kinds, *_tables], _near, outputs=2, batched=(0, 1))
CASES.add(
    "EmbedLayerNormalization",
    1,
    [
        _ids,
        _kinds,
        *_tables,
        np.array([[1, 1, 0], [1, 0, 0]], _int32),
        np.array([[2, 1, 0], [3, 4, 5]], _int32),
    ],
    _near,
    outputs=3,
)
CASES.add(
    "EmbedLayerNormalization", 1, [_ids, None, *_tables[:2], None, *_tables[3:]], _near, outputs=3
)
for _activation in ("silu", "swish", "sigmoid"):
    CASES.add(
        "GatedRMSNorm",
        1,
        [_f(2, 3, 8), _f(4), _f(2, 3, 8)],
        {"activation": _activation},
        batched=(0, 2),
    )

# Others.
CASES.add("Inverse", 1, [_f(2, 3, 3) + 2 * np.eye(3, dtype=np.float32)], rtol=1e-3, batched=(0,))
for _axis in (1, -1, 0):
    CASES.add(
        "ExpandDims",
        1,
        [_f(2, 3), np.array(_axis, _int32)],
        {},
        (1,),
        batched=(0,) if _axis else (),
    )
for _form in ({}, {"metric": "euclidean"}):
    CASES.add("CDist", 1, [_f(3, 4), _f(5, 4)], _form, batched=(0,))
CASES.add("UnfoldTensor", 1, [_f(2, 7)], {"dim": 1, "size": 3, "step": 2}, batched=(0,))
CASES.add(
    "ConvTransposeWithDynamicPads",
    1,
    [_f(1, 2, 4, 4), _f(2, 3, 3, 3), integers(1, 1, 1, 1), _f(3)],
    {"strides": [2, 2], "kernel_shape": [3, 3]},
    (2,),
    batched=(0,),
)
CASES.add("GridSample", 1, [_f(1, 2, 4, 4), np.clip(_f(1, 3, 3, 2), -1, 1)])
CASES.add("GatherND", 1, [_f(2, 3), integers(0, 1).reshape(1, 2)])
CASES.add("Trilu", 1, [_f(3, 3)])
CASES.add("Unique", 1, [reals(3, 1, 3, 2, 1)], outputs=3, shown=(0, 1))
CASES.add("Pad", 1, [_f(2, 3), integers(0, 1, 1, 0)], {}, (1,))
for _bits, _k, _block in ((4, 32, 16), (4, 40, 32), (8, 32, 32), (2, 32, 16)):
    _n, _blocks = 3, -(-_k // _block)
    _packed = _i(0, 256, _n, _blocks, _block * _bits // 8, dtype=np.uint8)
    _zeros = _i(0, 256, _n * -(-_blocks * _bits // 8), dtype=np.uint8)
    _form = {"K": _k, "N": _n, "bits": _bits, "block_size": _block}
    _scales = _positive(_n * _blocks)
    for _rest in ([], [_zeros], *([[None, None, _f(_n)]] if _bits < 8 else [])):
        CASES.add(
            "MatMulNBits",
            1,
            [_f(2, _k), _packed, _scales, *_rest],
            _form,
            tuple(i for i in range(1, 3 + len(_rest)) if i < 3 or _rest[i - 3] is not None),
            rtol=1e-3,
            atol=1e-3,
            batched=(0,),
        )

# The oldest experimental operators.
for _name, _form in (
    ("ImageScaler", {"scale": 0.5, "bias": [0.1, 0.2, 0.3]}),
    ("ScaledTanh", {"alpha": 0.5, "beta": 2.0}),
    ("ParametricSoftplus", {"alpha": 0.5, "beta": 2.0}),
    ("Affine", {"alpha": 0.5, "beta": 2.0}),
    ("Scale", {"scale": 0.5}),
    ("Crop", {"border": [1, 1, 2, 1]}),
    ("Crop", {"border": [1, 1, 2, 1], "scale": [2, 3]}),
):
    CASES.add(_name, 1, [_f(2, 3, 5, 6)], _form, domain="", batched=(0,))

# Attention: n samples, h heads, q queries, k keys, d features.
_n, _h, _q, _k, _d = 2, 2, 3, 5, 4
_heads = {"num_heads": _h}
_query, _key, _value = _f(_n, _q, _h * _d), _f(_n, _k, _h * _d), _f(_n, _k, _h * _d)
_near_key = _f(_n, _q, _h * _d)
for _more, _form in (
    ([], {}),
    ([_f(3 * _h * _d)], {"scale": 0.3}),
    ([None, np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]], _int32)], {}),
    ([None, np.array([3, 5], _int32)], {}),
    ([None, _i(0, 2, _n, _q, _k, dtype=_int32) | np.eye(_q, _k, dtype=_int32)], {}),
    ([None, None, _f(_n, _h, _q, _k)], {}),
    ([None, None, _f(1, 1, _q, _k)], {}),
):
    CASES.add(
        "MultiHeadAttention",
        1,
        [_query, _key, _value, *_more],
        {**_heads, **_form},
        batched=(0, 1, 2) if not any(m is not None for m in _more) else (),
    )
CASES.add(
    "MultiHeadAttention",
    1,
    [_query, _near_key, _near_key],
    {**_heads, "unidirectional": 1},
    batched=(0, 1, 2),
)
CASES.add("MultiHeadAttention", 1, [_query, _f(_n, _h, _k, _d), _f(_n, _h, _k, _d)], _heads)
CASES.add(
    "MultiHeadAttention",
    1,
    [_query, _near_key, _near_key, None, None, None, _f(_n, _h, 2, _d), _f(_n, _h, 2, _d)],
    _heads,
    outputs=3,
)
_x, _weight, _bias = _f(_n, _q, 6), _f(6, 3 * _h * _d), _f(3 * _h * _d)
for _more, _form in (
    ([], {}),
    ([np.array([[1, 1, 0], [1, 1, 1]], _int32)], {}),
    ([np.array([2, 3], _int32)], {"unidirectional": 1}),
    ([None, None, _f(_n, _h, _q, _q)], {"scale": 0.2}),
):
    CASES.add(
        "Attention",
        1,
        [_x, _weight, _bias, *_more],
        {**_heads, **_form},
        batched=() if _more else (0,),
    )
CASES.add("Attention", 1, [_x, _weight, _bias, None, _f(2, _n, _h, 2, _d)], _heads, outputs=2)
CASES.add("Attention", 1, [_x, _f(6, 28), _f(28)], {**_heads, "qkv_hidden_sizes": [8, 8, 12]})
_cos, _sin = _f(8, _d // 2), _f(8, _d // 2)
_at = np.array([[0, 1, 2], [3, 4, 5]])
for _inputs, _form in (
    ([_query, _at], {}),
    ([_query, integers(2)], {"interleaved": 1}),
    ([_f(_n, _h, _q, _d), _at], {}),
    ([_f(_n, _q, _h * 6), _at], {"num_heads": 2, "rotary_embedding_dim": 4}),
):
    CASES.add(
        "RotaryEmbedding",
        1,
        [*_inputs, _cos, _sin],
        _form,
        batched=(0, 1) if _inputs[1].ndim == 2 else (0,),
    )

# The standard's own: the runtime has a kernel of the first form, the reference knows all.
_split = [_f(_n, _h, _q, _d), _f(_n, _h, _k, _d), _f(_n, _h, _k, 6)]
_flat = [_f(_n, _q, 4 * _d), _f(_n, _k, 2 * _d), _f(_n, _k, 2 * _d)]
_grouped = {"q_num_heads": 4, "kv_num_heads": 2}
_hidden = np.array([[0, 1, 1, 1, 1], [1, 1, 0, 1, 0], [1, 1, 0, 1, 1]], bool)
for _inputs, _form, _outputs in (
    (_split, {}, 1),
    (_split, {"scale": 0.3}, 1),
    (_split, {"is_causal": 1}, 1),
    (_split, {"softcap": 2.0}, 1),
    ([*_split, _hidden], {}, 1),
    ([*_split, _hidden], {"is_causal": 1}, 1),
    ([*_split, _f(_n, 1, _q, _k)], {"softcap": 1.5}, 1),
    (_flat, _grouped, 1),
    ([*_flat, _hidden], {**_grouped, "is_causal": 1}, 1),
    ([*_split, None, _f(_n, _h, 2, _d), _f(_n, _h, 2, 6)], {"is_causal": 1}, 3),
    (_split, {"softmax_precision": 1}, 1),
):
    CASES.add(
        "Attention",
        23,
        _inputs,
        _form,
        outputs=_outputs,
        domain="",
        reference=True,
        batched=(0, 1, 2) if len(_inputs) == 3 or _inputs[3] is _hidden else (),
    )
    if _outputs == 1:
        CASES.add("Attention", 23, _inputs, _form, domain="")
for _mode in range(4):
    CASES.add(
        "Attention",
        23,
        [*_split, _hidden, None, None],
        {"qk_matmul_output_mode": _mode, "softcap": 2.0},
        outputs=4,
        domain="",
        reference=_mode == 2,  # where the runtime shows −∞ as a large number
        batched=(0, 1, 2),
    )
CASES.add(
    "Attention",
    24,
    [*_split, None, None, None, integers(3, 5)],
    {"is_causal": 1},
    domain="",
    reference=True,
)
CASES.add(
    "Attention",
    25,
    _split,
    {"left_window_size": 1, "right_window_size": 2},
    domain="",
    reference=True,
    batched=(0, 1, 2),
)
for _inputs, _form in (
    ([_f(_n, _h, _q, _d), _cos, _sin, _at], {}),
    ([_f(_n, _h, _q, _d), _f(_n, _q, 2), _f(_n, _q, 2)], {"interleaved": 1}),
    ([_query, _cos, _sin, _at], {"num_heads": _h}),
    ([_f(_n, _h, _q, 6), _cos, _sin, _at], {"rotary_embedding_dim": 4}),
):
    CASES.add(
        "RotaryEmbedding",
        23,
        _inputs,
        _form,
        domain="",
        batched=(0, 3) if len(_inputs) == 4 else (0, 1, 2),
    )
for _activation in ("none", "silu"):
    CASES.add(
        "CausalConvWithState",
        27,
        [_f(2, 3, 6), _f(3, 1, 4), _f(3), _f(2, 3, 3)],
        {"activation": _activation},
        outputs=2,
        domain="",
        reference=True,
        batched=(0, 3),
    )
CASES.add("CausalConvWithState", 27, [_f(2, 3, 6), _f(3, 1, 4)], domain="", reference=True)
for _rule in ("linear", "gated", "delta", "gated_delta"):
    _decay = -_positive(_n, _q, 2) if "gated" in _rule else None
    _rate = _positive(_n, _q, 2) if "delta" in _rule else None
    _inputs = [_f(_n, _q, 4 * _d), _f(_n, _q, 2 * _d), _f(_n, _q, 2 * 3), _f(_n, 2, _d, 3)]
    _places = tuple(i for i, x in enumerate([*_inputs, _decay, _rate]) if x is not None)
    CASES.add(
        "LinearAttention",
        27,
        [*_inputs, _decay, _rate],
        {"update_rule": _rule, **_grouped},
        outputs=2,
        domain="",
        reference=True,
        batched=_places,
    )

# Quantized activations, between bytes: a step of the output is one.
_step = {"atol": 1.0, "rtol": 0.0, "constants": (1, 2, 3, 4)}
for _kind in (np.uint8, np.int8):
    _zero, _low, _high = (128, 0, 256) if _kind is np.uint8 else (3, -128, 128)
    _z = np.array(_zero, _kind)
    _s, _t = np.array(0.02, np.float32), np.array(0.05, np.float32)
    _x = _i(_low, _high, 2, 3, 4, 5, dtype=_kind)
    _y = _i(_low, _high, 2, 3, 4, 5, dtype=_kind)
    for _op in ("QLinearAdd", "QLinearMul"):
        CASES.add(_op, 1, [_x, _s, _z, _y, _t, _z, _t, _z], {}, batched=(0, 3), **_step)
    CASES.add("QLinearSigmoid", 1, [_x, _s, _z, _t, _z], {}, batched=(0,), **_step)
    for _form in ({}, {"alpha": 0.3}):
        CASES.add("QLinearLeakyRelu", 1, [_x, _s, _z, _t, _z], _form, batched=(0,), **_step)
    for _axis in (1, -1):
        _form = {"axis": _axis, "opset": 13}
        _sixth = np.array(1 / 128, np.float32)
        CASES.add("QLinearSoftmax", 1, [_x, _s, _z, _sixth, _z], _form, batched=(0,), **_step)
    for _last in (0, 1):
        _form = {"channels_last": _last}
        CASES.add("QLinearGlobalAveragePool", 1, [_x, _s, _z, _t, _z], _form, batched=(0,), **_step)
    _parts = [_t, _z, _x, _s, _z, _y, _t, _z]
    CASES.add("QLinearConcat", 1, _parts, {"axis": 1}, atol=1.0, rtol=0.0, batched=(2, 5))
    CASES.add("QuantizeLinear", 1, [_f(2, 3), _s, _z], {}, batched=(0,))
    CASES.add("QuantizeLinear", 1, [_f(2, 3), reals(0.1, 0.2, 0.3), np.full(3, _zero, _kind)], {})
    CASES.add("DequantizeLinear", 1, [_x, _s, _z], {}, batched=(0,))
    _scales = [_x, reals(0.1, 0.2, 0.3), np.full(3, _zero, _kind)]
    CASES.add("DequantizeLinear", 1, _scales, {"axis": 1}, batched=(0,))
