"""Cases: indexing, normalization, linear algebra, losses, random numbers, signals."""

import numpy as np

from tests.helpers.onnx_cases import Cases, integers, one, reals

CASES = Cases(seed=3)
_f, _i, _positive = CASES.floats, CASES.whole, CASES.positive

# Indexing.
for _opset in (11, 13):
    for _axis in (0, 1, -1):
        _index = _i(-3, 3, 2, 3, 3)
        CASES.add(
            "GatherElements",
            _opset,
            [_f(3, 3, 3), _index],
            {"axis": _axis},
            batched=(0, 1) if _axis else (),
        )
for _batch, _data, _index in (
    (0, (3, 4, 5), _i(-3, 3, 2, 1)),
    (0, (3, 4, 5), _i(0, 3, 6, 2)),
    (0, (3, 4), _i(0, 3, 2, 2, 2)),
    (1, (2, 3, 4), _i(0, 3, 2, 1)),
    (1, (2, 3, 4, 5), _i(0, 3, 2, 6, 2)),
    (2, (2, 3, 4, 5), _i(-4, 4, 2, 3, 1)),
):
    CASES.add(
        "GatherND",
        12,
        [_f(*_data), _index],
        {"batch_dims": _batch},
        batched=(0, 1) if _batch else (),
    )
    CASES.add("GatherND", 13, [_i(0, 9, *_data), _index], {"batch_dims": _batch})
CASES.add("GatherND", 11, [_f(3, 4), _i(0, 3, 2, 2)])
_rows = integers(1, -1, 0, 2, 3, 1).reshape(2, 3)
for _axis, _index in ((0, _rows), (1, _rows), (-1, _rows)):
    for _opset in (11, 13, 16, 18):
        CASES.add("ScatterElements", _opset, [_f(4, 4), _index, _f(2, 3)], {"axis": _axis})
CASES.add("Scatter", 9, [_f(4, 4), abs(_rows), _f(2, 3)], {"axis": 1})
CASES.add("Scatter", 9, [_f(4, 4), np.abs(_rows), _f(2, 3)], {"axis": 0})
_twice = integers(1, 1, 0, 2, 2, 2).reshape(2, 3)
for _how in ("add", "mul", "max", "min"):
    for _opset in (16, 18):
        if _how in ("max", "min") and _opset < 18:
            continue
        for _type in (np.float32, np.int64):
            CASES.add(
                "ScatterElements",
                _opset,
                [_f(4, 4, dtype=_type), _twice, _f(2, 3, dtype=_type)],
                {"axis": 1, "reduction": _how},
                batched=(0, 1, 2) if _opset == 18 and _type == np.float32 else (),
            )
        CASES.add(
            "ScatterND",
            _opset,
            [_f(4, 5), integers(1, 3, 1, 0).reshape(4, 1), _f(4, 5)],
            {"reduction": _how},
        )
        CASES.add(
            "ScatterND",
            _opset,
            [_f(4, 5), integers(1, 3, 1, 3, 0, -1).reshape(3, 2), _f(3)],
            {"reduction": _how},
        )
CASES[-1] = CASES[-1].with_(batched=())
for _opset in (11, 13, 18):
    CASES.add("ScatterND", _opset, [_f(4, 5, 2), integers(3, -3).reshape(2, 1), _f(2, 5, 2)])
    CASES.add("ScatterND", _opset, [_f(4, 5), _i(0, 4, 1, 3, 2), _f(1, 3)])
for _mode in ("linear", "circular"):
    CASES.add(
        "TensorScatter",
        24,
        [_f(2, 3, 5, 4), _f(2, 3, 2, 4), integers(1, 4 if _mode == "circular" else 3)],
        {"mode": _mode},
        reference=True,
        batched=(0, 1, 2),
    )
CASES.add("TensorScatter", 24, [_f(2, 5, 4), _f(2, 3, 4)], {"axis": 1}, reference=True)

for _axis in (-1, 0, 1):
    CASES.add(
        "TopK", 9, [_f(4, 5)], {"k": 2, "axis": abs(_axis)}, outputs=2
    ) if _axis >= 0 else None
    CASES.add(
        "TopK",
        10,
        [_f(4, 5), integers(3)],
        {"axis": _axis},
        (1,),
        outputs=2,
        batched=(0,) if _axis else (),
    )
    for _largest in (0, 1):
        for _opset in (11, 24):
            for _type in (np.float32, np.int64):
                CASES.add(
                    "TopK",
                    _opset,
                    [_i(0, 6, 4, 5, dtype=_type), integers(3)],
                    {"axis": _axis, "largest": _largest},
                    (1,),
                    outputs=2,
                )
for _axis in (-1, 0, 1):
    for _opset in (9, 11):
        for _type in (np.float32, np.int64):
            CASES.add(
                "OneHot",
                _opset,
                [_i(-4, 4, 2, 3), integers(4), np.array([1, 5], _type)],
                {"axis": _axis},
                (1, 2),
                batched=(0,) if _axis != 0 else (),
            )
CASES.add("OneHot", 11, [_i(0, 4, 3, dtype=np.int32), one(6, np.int32), reals(0, 1)], {}, (1, 2))
CASES.add("OneHot", 11, [_i(0, 4, 3), one(5.0, np.float32), reals(0, 1)], {}, (1, 2))
for _x in (_i(0, 2, 3, 4), _i(0, 2, 2, 3, 2).astype(bool), _f(2, 3), one(3)):
    CASES.add("NonZero", 9, [_x])
    CASES.add("NonZero", 13, [_x])
for _axis in (0, 1, -1, None):
    _kept = np.array([True, False, True])
    _form = {} if _axis is None else {"axis": _axis}
    CASES.add("Compress", 9 if _axis != -1 else 11, [_f(3, 3), _kept], _form)
_many = _i(0, 4, 9)
for _sorted in (0, 1):
    CASES.add("Unique", 11, [_many], {"sorted": _sorted}, outputs=4)
    CASES.add("Unique", 11, [_f(3, 2)[[0, 1, 0, 2, 1]]], {"sorted": _sorted, "axis": 0}, outputs=4)
    CASES.add("Unique", 11, [_i(0, 2, 2, 6)], {"sorted": _sorted, "axis": 1}, outputs=4)
CASES.add("Unique", 11, [_i(0, 3, 2, 3)])
for _time, _batch in ((0, 1), (1, 0)):
    CASES.add(
        "ReverseSequence",
        10,
        [_f(4, 4, 2), integers(1, 3, 4, 2)],
        {"time_axis": _time, "batch_axis": _batch},
        batched=(0, 1) if _batch == 0 else (),
    )
for _upper in (0, 1):
    CASES.add("Trilu", 14, [_f(2, 4, 5)], {"upper": _upper}, batched=(0,))
    for _k in (-2, 0, 1, 7):
        CASES.add("Trilu", 14, [_i(1, 9, 4, 5), one(_k)], {"upper": _upper}, (1,))
for _form in ({}, {"k": 1}, {"k": -1, "dtype": 7}, {"dtype": 11}):
    CASES.add("EyeLike", 9, [_f(3, 4)], _form, batched=(0,))

# Normalization.
for _shape in ((2, 3), (2, 3, 4), (2, 3, 4, 5)):
    for _opset in (9, 14, 15):
        CASES.add(
            "BatchNormalization",
            _opset,
            [_f(*_shape), _f(3), _f(3), _f(3), _positive(3)],
            {"epsilon": 1e-3},
            batched=(0,),
        )
CASES.add(
    "BatchNormalization",
    15,
    [_f(4, 3, 5), _f(3), _f(3), _f(3), _positive(3)],
    {"training_mode": 1, "momentum": 0.7},
    outputs=3,
    batched=(0,),
)
for _shape in ((2, 3, 4), (2, 3, 4, 5), (2, 3, 2, 2, 3)):
    for _opset in (9, 22):
        CASES.add(
            "InstanceNormalization",
            _opset,
            [_f(*_shape), _f(3), _f(3)],
            {"epsilon": 1e-2},
            batched=(0,),
            reference=_opset == 22,
        )
for _axis in (-1, 1, 2, -2, 0):
    _shape = (2, 3, 4)[_axis:]
    for _outputs in (1, 2, 3):
        CASES.add(
            "LayerNormalization",
            17,
            [_f(2, 3, 4), _f(*_shape), _f(*_shape)],
            {"axis": _axis, "epsilon": 1e-3},
            outputs=_outputs,
            batched=(0,) if _axis in (-1, 1, 2) else (),
        )
    CASES.add("LayerNormalization", 17, [_f(2, 3, 4), _f(*_shape)], {"axis": _axis})
    CASES.add(
        "RMSNormalization",
        23,
        [_f(2, 3, 4), _f(*_shape)],
        {"axis": _axis, "epsilon": 1e-3},
        batched=(0,) if _axis in (-1, 1, 2) else (),
    )
CASES.add("LayerNormalization", 17, [_f(2, 3, 4), _f(4), _f(4)], {"axis": 1}, batched=(0,))
CASES.add("SimplifiedLayerNormalization", 1, [_f(2, 3, 4), _f(4)], {"axis": -1}, batched=(0,))
CASES.add("SimplifiedLayerNormalization", 1, [_f(2, 3, 4), _f(4)], {"epsilon": 0.1}, outputs=2)
for _opset, _size in ((18, 2), (21, 4)):
    CASES.add(
        "GroupNormalization",
        _opset,
        [_f(2, 4, 3, 3), _f(_size), _f(_size)],
        {"num_groups": 2, "epsilon": 1e-2},
        batched=(0,),
        reference=_opset == 18,
    )
for _size in (1, 3, 4, 5):
    for _opset in (9, 13):
        CASES.add(
            "LRN",
            _opset,
            [_f(5, 5, 3, 4)],
            {"size": _size, "alpha": 0.5, "beta": 0.6, "bias": 2.0},
            batched=(0,),
            reference=_size % 2 == 0,  # which is right for batches ≥ channels
        )
for _p in (1, 2):
    for _axis in (-1, 0, 1):
        CASES.add(
            "LpNormalization",
            9,
            [_f(3, 4)],
            {"p": _p, "axis": _axis},
            batched=(0,) if _axis else (),
        )
CASES.add("LpNormalization", 22, [np.zeros((2, 3), np.float32)], {"axis": 1}, reference=True)
for _form in ({}, {"axes": [1]}, {"axes": [0, 2]}):
    for _opset in (9, 13):
        CASES.add(
            "MeanVarianceNormalization",
            _opset,
            [_f(2, 3, 4, 5)],
            _form,
            batched=(0,) if "axes" in _form and 0 not in _form["axes"] else (),
        )

# Linear algebra.
for _a, _b in (
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((3,), (3,)),
):
    for _opset in (9, 13):
        CASES.add(
            "MatMul",
            _opset,
            [_f(*_a), _f(*_b)],
            batched=(0,) if len(_a) > 1 and len(_b) < 3 else (),
        )
    CASES.add("MatMul", 13, [_i(0, 9, *_a), _i(0, 9, *_b)])
CASES.add("MatMul", 13, [_f(2, 3, dtype=np.float64), _f(3, 4, dtype=np.float64)])
for _left in (0, 1):
    for _right in (0, 1):
        for _c in (None, (4,), (2, 4), (2, 1), ()):
            CASES.add(
                "Gemm",
                11 if _c is None else 9,
                [
                    _f(*((3, 2) if _left else (2, 3))),
                    _f(*((4, 3) if _right else (3, 4))),
                    *([] if _c is None else [_f(*_c) if _c else one(0.5, np.float32)]),
                ],
                {"transA": _left, "transB": _right, "alpha": 0.5, "beta": 2.0},
                batched=(0,) if not _left and _c in (None, (4,)) else (),
            )
CASES.add("Gemm", 13, [_f(2, 3), _f(3, 4), _f(4)], batched=(0,))
for _equation, _shapes in (
    ("ij,jk->ik", ((2, 3), (3, 4))),
    ("bij, bjk -> bik", ((2, 3, 4), (2, 4, 5))),
    ("ij->ji", ((2, 3),)),
    ("ij,ij", ((2, 3), (2, 3))),
    ("...ij,...jk->...ik", ((2, 2, 3, 4), (2, 2, 4, 5))),
    ("ij->i", ((2, 3),)),
    ("ii->i", ((3, 3),)),
    ("bhqd,bhkd->bhqk", ((2, 2, 3, 4), (2, 2, 5, 4))),
    ("i,j,k->ijk", ((2,), (3,), (4,))),
    ("bij,jk", ((2, 3, 4), (4, 5))),
):
    CASES.add(
        "Einsum",
        12,
        [_f(*s) for s in _shapes],
        {"equation": _equation},
        batched=(0, 1) if _equation[0] == "b" and len(_shapes[1]) > 2 else (),
    )
for _shape in ((3, 3), (2, 4, 4), (2, 3, 2, 2)):
    CASES.add("Det", 11, [_f(*_shape)], batched=(0,) if len(_shape) > 2 else ())

# Losses: the runtime has them for training alone.
for _shape in ((4, 3), (4, 3, 2), (4, 3, 2, 2)):
    _target = _i(0, 3, _shape[0], *_shape[2:])
    for _reduction in ("none", "sum", "mean"):
        for _weighted in (False, True):
            for _form in ({}, {"ignore_index": 1}, {"ignore_index": -7}):
                _labels = (
                    np.where(_target == 2, -7, _target)
                    if "ignore_index" in _form and _form["ignore_index"] == -7
                    else _target
                )
                _inputs = [_f(*_shape), _labels, *([_positive(3)] if _weighted else [])]
                _all = {"reduction": _reduction, **_form}
                CASES.add(
                    "NegativeLogLikelihoodLoss", 13, _inputs, _all, reference=True, batched=(0, 1)
                )
                CASES.add(
                    "SoftmaxCrossEntropyLoss",
                    13,
                    _inputs,
                    _all,
                    outputs=2,
                    reference=True,
                    batched=(0, 1),
                )
CASES.add("SoftmaxCrossEntropyLoss", 12, [_f(4, 3), _i(0, 3, 4)], reference=True)

# Dropout does nothing at inference.
CASES.add("Dropout", 9, [_f(2, 3)], {"ratio": 0.3}, batched=(0,))
CASES.add("Dropout", 10, [_f(2, 3)], {"ratio": 0.3}, outputs=2)
for _opset in (12, 13, 22):
    CASES.add(
        "Dropout", _opset, [_f(2, 3), one(0.3, np.float32)], {}, (1,), outputs=2, batched=(0,)
    )
    CASES.add("Dropout", _opset, [_f(2, 3), one(0.3, np.float32), one(False, bool)], {}, (1, 2))
CASES.add("Dropout", 13, [_f(2, 3), one(0.0, np.float32), one(True, bool)], {}, (1, 2), outputs=2)

# Signals.
for _name in ("HannWindow", "HammingWindow", "BlackmanWindow"):
    for _form in ({}, {"periodic": 0}, {"output_datatype": 11}):
        CASES.add(_name, 17, [one(9)], _form, (0,))
for _shape, _form, _length in (
    ((2, 8, 1), {}, None),
    ((2, 8, 1), {"onesided": 1}, None),
    ((2, 8, 2), {}, None),
    ((2, 8, 2), {"inverse": 1}, None),
    ((2, 8, 1), {}, 11),
    ((2, 8, 1), {"onesided": 1}, 6),
    ((2, 3, 5, 2), {"axis": 2}, None),
    ((2, 3, 5, 1), {"axis": 1}, 4),
):
    _inputs = [_f(*_shape)] if _length is None else [_f(*_shape), one(_length)]
    CASES.add("DFT", 17, _inputs, _form, tuple(range(1, len(_inputs))), batched=(0,))
    _axis = _form.get("axis", 1)
    CASES.add(
        "DFT",
        20,
        [_inputs[0], None if _length is None else one(_length), one(_axis)],
        {k: v for k, v in _form.items() if k != "axis"},
        (1, 2) if _length is not None else (2,),
        batched=(0,),
    )
CASES.add("DFT", 20, [_f(2, 8, 1)])
CASES.add("DFT", 20, [_f(2, 5, 2)], {"inverse": 1, "onesided": 1}, reference=True)
for _onesided in (0, 1):
    CASES.add(
        "STFT",
        17,
        [_f(2, 20, 1), one(4), None, one(8)],
        {"onesided": _onesided},
        (1, 3),
        batched=(0,),
    )
    CASES.add(
        "STFT",
        17,
        [_f(2, 20, 1), one(3), _positive(7), one(7)],
        {"onesided": _onesided},
        (1, 3),
        batched=(0,),
    )
CASES.add("STFT", 17, [_f(2, 20, 2), one(4), _positive(8)], {"onesided": 0}, (1,), batched=(0,))
CASES.add("STFT", 17, [_f(2, 20), one(4), _positive(8)], {"onesided": 1}, (1,), reference=False)
for _count in (4, 8):
    CASES.add(
        "MelWeightMatrix",
        17,
        [one(_count), one(64), one(8000), one(20.0, np.float32), one(4000.0, np.float32)],
        {},
        (0, 1, 2, 3, 4),
    )
