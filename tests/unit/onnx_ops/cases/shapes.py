"""Cases: shapes, arithmetic, comparison, quantization."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.helpers.onnx_cases import Cases, integers, one, reals

CASES = Cases(seed=5)
_f, _i, _positive = CASES.floats, CASES.whole, CASES.positive

# Shapes.
for _opset in (9, 13, 15, 19, 21):
    CASES.add("Shape", _opset, [_f(2, 3, 4)], batched=(0,))
    CASES.add("Size", _opset if _opset != 15 else 13, [_f(2, 3, 4)], batched=(0,))
for _form in ({"start": 1}, {"start": -2, "end": -1}, {"end": 2}, {"start": 2, "end": 1}):
    CASES.add("Shape", 15, [_f(2, 3, 4)], _form)
for _opset in (9, 13, 14, 16, 19, 21):
    CASES.add("Identity", _opset, [_f(2, 3)], batched=(0,))
for _value in (None, np.array([2.5], np.float32), np.array([3], np.int64), np.array([True])):
    _form = {} if _value is None else {"value": numpy_helper.from_array(_value)}
    CASES.add("ConstantOfShape", 9, [integers(2, 3)], _form, (0,))
for _type in (np.float16, np.float64, np.int32, np.int64, np.uint8, np.bool_):
    _code = helper.np_dtype_to_tensor_dtype(np.dtype(_type))
    for _opset in (9, 13, 19):
        CASES.add("Cast", _opset, [reals(0, 1.5, 2.7, 100)], {"to": _code}, batched=(0,))
    CASES.add("CastLike", 15, [reals(0, 1.5, 2.7), np.zeros(1, _type)], reference=True)
CASES.add("Cast", 13, [_i(0, 2, 3).astype(bool)], {"to": TensorProto.FLOAT})
CASES.add("Cast", 13, [_i(-9, 9, 3)], {"to": TensorProto.INT8})
for _axis in (0, 1, -1):
    for _opset in (9, 11, 13):
        if _axis < 0 and _opset < 11:
            continue
        CASES.add(
            "Concat",
            _opset,
            [_f(2, 3), _f(2, 3), _f(2, 3)],
            {"axis": _axis},
            batched=(0, 1, 2) if _axis else (),
        )
CASES.add("Concat", 13, [_f(2, 3)], {"axis": 1})
for _opset in (9, 11):
    CASES.add("Split", _opset, [_f(2, 6)], {"axis": 1, "split": [1, 2, 3]}, outputs=3, batched=(0,))
    CASES.add("Split", _opset, [_f(2, 6)], {"axis": 1}, outputs=2, batched=(0,))
    CASES.add("Split", _opset, [_f(4, 6)], outputs=2)
for _opset in (13, 18):
    CASES.add(
        "Split", _opset, [_f(2, 6), integers(1, 5)], {"axis": -1}, (1,), outputs=2, batched=(0,)
    )
CASES.add("Split", 13, [_f(2, 6)], {"axis": 1}, outputs=3)
CASES.add("Split", 18, [_f(2, 7)], {"axis": 1, "num_outputs": 3}, outputs=3, batched=(0,))
CASES.add(
    "Slice", 9, [_f(3, 4, 5)], {"starts": [1, -3], "ends": [3, 100], "axes": [1, 2]}, batched=(0,)
)
CASES.add("Slice", 9, [_f(3, 4)], {"starts": [1, 0], "ends": [3, -1]})
_far = 2**63 - 1
for _opset in (10, 11, 13):
    CASES.add("Slice", _opset, [_f(3, 4), integers(1, 0), integers(3, -1)], {}, (1, 2))
    CASES.add(
        "Slice",
        _opset,
        [_f(3, 9), integers(1), integers(_far), integers(1)],
        {},
        (1, 2, 3),
        batched=(0,),
    )
    CASES.add(
        "Slice",
        _opset,
        [_f(3, 9), integers(1), integers(8), integers(1), integers(3)],
        {},
        (1, 2, 3, 4),
        batched=(0,),
    )
    for _start, _end, _step in (
        (-1, -_far - 1, -1),
        (7, 1, -2),
        (100, -9, -3),
        (-2, 3, -1),
        (2, 2, 1),
        (5, 2, 1),
    ):
        CASES.add(
            "Slice",
            _opset,
            [_f(3, 9), integers(_start), integers(_end), integers(-1), integers(_step)],
            {},
            (1, 2, 3, 4),
            batched=(0,),
        )
for _opset in (9, 11):
    CASES.add("Squeeze", _opset, [_f(1, 3, 1, 4)], {"axes": [0, 2]})
    CASES.add("Squeeze", _opset, [_f(2, 1, 3)], {"axes": [1]}, batched=(0,))
    CASES.add("Squeeze", _opset, [_f(1, 3, 1, 4)])
    CASES.add("Unsqueeze", _opset, [_f(2, 3)], {"axes": [1, 3]}, batched=(0,))
for _opset in (13, 21):
    CASES.add("Squeeze", _opset, [_f(2, 1, 3, 1), integers(-1, 1)], {}, (1,), batched=(0,))
    CASES.add("Squeeze", _opset, [_f(1, 3, 1, 4)])
    CASES.add("Unsqueeze", _opset, [_f(2, 3), integers(-1, 1)], {}, (1,), batched=(0,))
    CASES.add("Unsqueeze", _opset, [one(3), integers(0)], {}, (1,))
for _opset in (9, 13, 14, 19):
    CASES.add("Reshape", _opset, [_f(2, 3, 4), integers(0, -1)], {}, (1,), batched=(0,))
    CASES.add("Reshape", _opset, [_f(2, 3, 4), integers(-1, 3, 2, 2)], {}, (1,), batched=(0,))
    CASES.add("Reshape", _opset, [_f(2, 3, 4), integers(4, 6)], {}, (1,))
CASES.add("Reshape", 14, [np.zeros((0, 3), np.float32), integers(3, 0)], {"allowzero": 1}, (1,))
for _opset in (9, 11, 13, 21):
    for _axis in (0, 1, 2, 3, -1):
        if _axis < 0 and _opset < 11:
            continue
        CASES.add(
            "Flatten", _opset, [_f(2, 3, 4)], {"axis": _axis}, batched=(0,) if _axis == 1 else ()
        )
for _opset in (9, 13, 21):
    CASES.add("Transpose", _opset, [_f(2, 3, 4)], {"perm": [0, 2, 1]}, batched=(0,))
    CASES.add("Transpose", _opset, [_f(2, 3, 4)])
for _opset in (9, 13):
    CASES.add("Expand", _opset, [_f(2, 1, 4), integers(1, 3, 1)], {}, (1,), batched=(0,))
    CASES.add("Expand", _opset, [_f(3), integers(2, 3)], {}, (1,))
    CASES.add("Tile", _opset, [_f(2, 3), integers(1, 2)], {}, (1,), batched=(0,))
    CASES.add("Tile", _opset, [_f(2, 3), integers(2, 3)], {}, (1,))
for _start, _stop, _step in ((0, 5, 1), (7, 1, -2), (3, 3, 1)):
    CASES.add("Range", 11, [one(_start), one(_stop), one(_step)], {}, (0, 1, 2))
CASES.add(
    "Range", 11, [one(0.5, np.float32), one(2.6, np.float32), one(0.5, np.float32)], {}, (0, 1, 2)
)
for _opset in (9, 16):
    CASES.add("Where", _opset, [CASES.truths(2, 3), _f(2, 3), _f(3)], batched=(0, 1))
    CASES.add("Where", _opset, [CASES.truths(3), _i(0, 9, 2, 3), _i(0, 9, 1)])
for _axis in (0, 1, -1):
    for _opset in (9, 11, 13):
        if _axis < 0 and _opset < 11:
            continue
        for _index in (_i(-2 if _opset > 9 else 0, 3, 2, 2), one(1), integers(2, 0, 1)):
            CASES.add(
                "Gather",
                _opset,
                [_f(3, 4, 5), _index],
                {"axis": _axis},
                batched=(0,) if _axis else (),
            )

# Arithmetic.
_TYPES = (np.float32, np.float64, np.int32, np.int64)
for _name in ("Add", "Sub", "Mul", "Div"):
    for _opset in (9, 13, 14):
        for _type in _TYPES:
            _signs = np.where(CASES.truths(2, 3), 1, -1)
            CASES.add(
                _name,
                _opset,
                [_i(-9, 9, 2, 3, dtype=_type), (_i(1, 5, 2, 3) * _signs).astype(_type)],
                batched=(0, 1),
            )
        CASES.add(_name, _opset, [_f(2, 1, 3), _f(4, 1)])
for _type in _TYPES:
    CASES.add(
        "Mod",
        13,
        [_i(-9, 9, 6, dtype=_type), integers(2, -3, 4, -2, 3, 5).astype(_type)],
        {"fmod": 1},
        batched=(0, 1),
    )
    if _type in (np.int32, np.int64):
        CASES.add(
            "Mod", 10, [_i(-9, 9, 6, dtype=_type), integers(2, -3, 4, -2, 3, 5).astype(_type)]
        )
for _opset in (9, 12, 13, 15):
    CASES.add("Pow", _opset, [_positive(2, 3), _f(2, 3)], batched=(0, 1))
    CASES.add("Pow", _opset, [_f(2, 3), one(2.0, np.float32)], constants=(1,))
for _base in (np.float32, np.int64, np.int32):
    for _power in (np.float32, np.int64):
        CASES.add("Pow", 13, [_i(1, 4, 2, 3, dtype=_base), _i(0, 3, 3, dtype=_power)])
for _name in ("Min", "Max", "Sum", "Mean"):
    for _opset in (9, 13):
        CASES.add(_name, _opset, [_f(2, 3)])
        CASES.add(_name, _opset, [_f(2, 3), _f(2, 3), _f(2, 3)], batched=(0, 1, 2))
        CASES.add(_name, _opset, [_f(2, 1), _f(3), _f(2, 3)])
for _name in ("Min", "Max"):
    for _type in (np.int32, np.int64, np.float64):
        CASES.add(_name, 13, [_i(0, 9, 2, 3, dtype=_type), _i(0, 9, 3, dtype=_type)])
for _name in ("Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"):
    for _opset in (12,) if "Or" in _name else (9, 11, 13):
        for _type in _TYPES[2:] if _opset == 9 and _name == "Equal" else _TYPES:
            CASES.add(
                _name, _opset, [_i(0, 3, 2, 3, dtype=_type), _i(0, 3, 3, dtype=_type)], batched=(0,)
            )
    CASES.add(_name, 16 if "Or" in _name else 13, [_f(2, 3), _f(2, 3)])
CASES.add("Equal", 13, [CASES.truths(4), CASES.truths(4)])
for _name in ("And", "Or", "Xor"):
    CASES.add(_name, 9, [CASES.truths(2, 3), CASES.truths(3)], batched=(0,))
CASES.add("Not", 9, [CASES.truths(2, 3)], batched=(0,))

# Quantization.
for _type, _zero in ((np.uint8, 100), (np.int8, -5)):
    for _opset in (10, 13, 19, 21):
        _point = one(_zero, _type)
        CASES.add(
            "QuantizeLinear",
            _opset,
            [3 * _f(2, 3, 4), one(0.05, np.float32), _point],
            {},
            (1, 2),
            batched=(0,),
        )
        CASES.add(
            "DequantizeLinear",
            _opset,
            [_i(0, 99, 2, 3, dtype=_type), one(0.05, np.float32), _point],
            {},
            (1, 2),
            batched=(0,),
        )
        if _opset > 10:
            _scales, _points = _positive(3), _i(0, 9, 3, dtype=_type)
            CASES.add(
                "QuantizeLinear",
                _opset,
                [3 * _f(2, 3, 4), _scales, _points],
                {"axis": 1},
                (1, 2),
                batched=(0,),
            )
            CASES.add(
                "DequantizeLinear",
                _opset,
                [_i(0, 99, 2, 3, 4, dtype=_type), _scales, _points],
                {"axis": -2},
                (1, 2),
                batched=(0,),
            )
CASES.add("QuantizeLinear", 13, [_f(2, 3), one(0.05, np.float32)], {}, (1,))
CASES.add(
    "DequantizeLinear", 13, [_i(-999, 999, 2, 3, dtype=np.int32), one(0.05, np.float32)], {}, (1,)
)
CASES.add(
    "DequantizeLinear",
    21,
    [_i(0, 99, 4, 3, dtype=np.int8), _positive(2, 3), _i(0, 9, 2, 3, dtype=np.int8)],
    {"axis": 0, "block_size": 2},
    (1, 2),
)
CASES.add(
    "QuantizeLinear",
    21,
    [_f(4, 3), _positive(2, 3), _i(0, 9, 2, 3, dtype=np.int8)],
    {"axis": 0, "block_size": 2},
    (1, 2),
)
CASES.add("DynamicQuantizeLinear", 11, [_f(3, 4)], outputs=3)
CASES.add("DynamicQuantizeLinear", 11, [_positive(3, 4)], outputs=3)
CASES.add(
    "MatMulInteger",
    10,
    [
        _i(0, 99, 2, 3, dtype=np.uint8),
        _i(-9, 9, 3, 4, dtype=np.int8),
        one(50, np.uint8),
        one(1, np.int8),
    ],
    {},
    (2, 3),
    batched=(0,),
)
CASES.add("MatMulInteger", 10, [_i(0, 99, 2, 3, dtype=np.uint8), _i(0, 9, 3, 4, dtype=np.uint8)])
_scale, _zero = one(0.02, np.float32), one(3, np.uint8)
for _opset in (10, 21):
    CASES.add(
        "QLinearMatMul",
        _opset,
        [
            _i(0, 200, 2, 3, dtype=np.uint8),
            _scale,
            _zero,
            _i(0, 200, 3, 4, dtype=np.uint8),
            _scale,
            _zero,
            one(0.1, np.float32),
            _zero,
        ],
        {},
        (1, 2, 4, 5, 6, 7),
        batched=(0,),
    )
