"""Cases: elementwise mathematics, activations, reductions."""

import numpy as np

from tests.helpers.onnx_cases import Cases, integers, one, reals

CASES = Cases(seed=1)
_f, _i = CASES.floats, CASES.whole

# operator, oldest opset tried, how the input is made from normal numbers
# The runtime has no kernel of these for float64.
_NO_DOUBLE = ("Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cosh", "Sinh", "Tan", "Erf")

_UNARY = [
    ("Acos", 7, np.tanh),
    ("Acosh", 9, lambda x: 1.1 + np.abs(x)),
    ("Asin", 7, np.tanh),
    ("Asinh", 9, None),
    ("Atan", 7, None),
    ("Atanh", 9, np.tanh),
    ("Ceil", 9, None),
    ("Cos", 9, None),
    ("Cosh", 9, None),
    ("Erf", 9, None),
    ("Exp", 9, None),
    ("Floor", 9, None),
    ("Log", 9, lambda x: 0.1 + np.abs(x)),
    ("Reciprocal", 9, lambda x: 0.5 + np.abs(x)),
    ("Round", 11, lambda x: np.round(4 * x) / 2),
    ("Sin", 9, None),
    ("Sinh", 9, None),
    ("Sqrt", 9, lambda x: 0.1 + np.abs(x)),
    ("Tan", 9, None),
    ("Abs", 9, None),
    ("Neg", 9, None),
    ("Sign", 9, None),
]
for _name, _opset, _prepare in _UNARY:
    for _version, _type in ((_opset, np.float32), (22, np.float32), (22, np.float64)):
        _x = _f(2, 3, 4, dtype=_type)
        _x = (_x if _prepare is None else _prepare(_x)).astype(_type)
        _missing = _type == np.float64 and _name in _NO_DOUBLE
        CASES.add(_name, _version, [_x], batched=(0,), reference=_missing)

for _type in (np.int8, np.int16, np.int32, np.int64):
    for _name in ("Abs", "Neg", "Sign"):
        CASES.add(_name, 13, [_i(-5, 6, 2, 3, dtype=_type)])
for _type in (np.uint8, np.uint16, np.uint32, np.uint64):
    for _name in ("Abs", "Sign"):
        CASES.add(_name, 13, [_i(0, 6, 2, 3, dtype=_type)])
for _name in ("Abs", "Neg", "Sqrt", "Exp", "Floor", "Ceil"):
    CASES.add(_name, 13, [np.abs(_f(2, 3, dtype=np.float16))], reference=True, rtol=2e-3, atol=2e-3)

_ODD = reals(np.nan, np.inf, -np.inf, 0.0, -1.5, 2.5, -0.5)
CASES.add("IsNaN", 9, [_ODD], batched=(0,))
CASES.add("IsNaN", 20, [_ODD.astype(np.float64)])
for _up in (0, 1):
    for _down in (0, 1):
        CASES.add("IsInf", 10, [_ODD], {"detect_positive": _up, "detect_negative": _down})
CASES.add("IsInf", 20, [_ODD.astype(np.float64)], batched=(0,))
CASES.add("Round", 11, [reals(0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.4, 1e9)])

for _type in (np.uint8, np.int8, np.int32, np.int64, np.uint16, np.uint32, np.uint64):
    for _name in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        CASES.add(_name, 18, [_i(0, 100, 2, 3, dtype=_type), _i(0, 100, 3, dtype=_type)])
    CASES.add("BitwiseNot", 18, [_i(0, 100, 2, 3, dtype=_type)], batched=(0,))
CASES[-2] = CASES[-2].with_(batched=(0,))
for _type in (np.uint8, np.uint32, np.uint64):
    for _direction in ("LEFT", "RIGHT"):
        CASES.add(
            "BitShift",
            11,
            [_i(0, 250, 2, 3, dtype=_type), _i(0, 8, 2, 3, dtype=_type)],
            {"direction": _direction},
            batched=(0, 1),
        )
CASES.add("BitCast", 26, [_f(2, 3)], {"to": 6}, reference=True, batched=(0,))
CASES.add("BitCast", 26, [_i(0, 99, 2, 3, dtype=np.uint8)], {"to": 3}, reference=True)

# Activations.
for _name, _opset, _forms in (
    ("Relu", 9, [{}]),
    ("LeakyRelu", 9, [{}, {"alpha": 0.3}]),
    ("ThresholdedRelu", 10, [{}, {"alpha": 0.2}]),
    ("Elu", 9, [{}, {"alpha": 0.5}]),
    ("Celu", 12, [{}, {"alpha": 0.5}]),
    ("Selu", 9, [{}, {"alpha": 0.5, "gamma": 2.0}]),
    ("Gelu", 20, [{}, {"approximate": "none"}, {"approximate": "tanh"}]),
    ("Sigmoid", 9, [{}]),
    ("Tanh", 9, [{}]),
    ("HardSigmoid", 9, [{}, {"alpha": 0.3, "beta": 0.4}, {"alpha": 1 / 6, "beta": 0.5}]),
    ("Softplus", 9, [{}]),
    ("Softsign", 9, [{}]),
    ("Shrink", 9, [{}, {"lambd": 0.3, "bias": 0.2}]),
):
    for _form in _forms:
        CASES.add(_name, _opset, [2 * _f(2, 3, 4)], _form, batched=(0,))
    if _name != "Gelu":
        CASES.add(_name, 22, [2 * _f(2, 3, 4)], _forms[-1])
CASES.add("Relu", 14, [_i(-5, 6, 2, 3, dtype=np.int32)])
CASES.add("Relu", 14, [_f(2, 3, dtype=np.float64)])
CASES.add("Sigmoid", 13, [_f(2, 3, dtype=np.float64)])
CASES.add("HardSwish", 14, [4 * _f(2, 3)], reference=True, batched=(0,))
CASES.add("Mish", 18, [_f(2, 3)], reference=True, batched=(0,))
CASES.add("Swish", 24, [_f(2, 3)], reference=True, batched=(0,))
CASES.add("Swish", 24, [_f(2, 3)], {"alpha": 0.5}, reference=True)
CASES.add("SwiGLU", 28, [_f(2, 3), _f(2, 3)], reference=True, batched=(0, 1))
CASES.add("SwiGLU", 28, [_f(2, 3), _f(2, 3)], {"alpha": 0.5}, reference=True)
for _slope in ((3, 1, 1), (1,), (2, 3, 4, 5), (5,), (3, 4, 5)):
    for _opset in (9, 16):
        CASES.add("PRelu", _opset, [_f(2, 3, 4, 5), np.abs(_f(*_slope))], constants=(1,))
CASES.add("PRelu", 16, [_f(2, 3, 4), _f(2, 3, 4)], batched=(0, 1))

_x = _f(2, 3, 4)
CASES.add("Clip", 9, [_x], {"min": -0.5, "max": 0.5}, batched=(0,))
CASES.add("Clip", 9, [_x], {"max": 0.5})
CASES.add("Clip", 9, [_x])
_low, _high = one(-0.5, np.float32), one(0.5, np.float32)
for _inputs in ([_x], [_x, _low], [_x, None, _high], [_x, _low, _high], [_x, _high, _low]):
    for _opset in (11, 13):
        CASES.add("Clip", _opset, _inputs, batched=(0,) if len(_inputs) == 3 else ())
        CASES.add("Clip", _opset, _inputs, constants=tuple(range(1, len(_inputs))), batched=(0,))
for _type in (np.int8, np.uint8, np.int32, np.int64, np.float64, np.uint32, np.uint64):
    CASES.add(
        "Clip", 13, [_i(0, 9, 2, 3, dtype=_type), one(2, _type), one(6, _type)], constants=(1, 2)
    )

for _name in ("Softmax", "LogSoftmax", "Hardmax"):
    for _opset in (9, 11, 13):
        for _axis in (None, 0, 1, 2, -1, -2):
            if _axis is not None and _axis < 0 and _opset < 11:
                continue
            CASES.add(
                _name,
                _opset,
                [_f(2, 3, 4)],
                {} if _axis is None else {"axis": _axis},
                batched=(0,) if _axis in (None, 1) else (),
            )
    CASES.add(_name, 13, [_f(2, 3, dtype=np.float64)], reference=_name == "Hardmax")
CASES.add("Hardmax", 13, [reals(1, 3, 3, 0).reshape(1, 4)])

# Reductions.
_REDUCTIONS = (
    *("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2"),
    *("ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"),
)
for _name in _REDUCTIONS:
    _x = CASES.positive(2, 3, 4)
    for _form in (
        {},
        {"axes": [1]},
        {"axes": [-1, 1]},
        {"axes": [2], "keepdims": 0},
        {"keepdims": 0},
    ):
        for _opset in (9, 11):
            if _opset < 11 and any(a < 0 for a in _form.get("axes", ())):
                continue
            CASES.add(_name, _opset, [_x], _form, batched=(0,) if "axes" in _form else ())
    _since = 13 if _name == "ReduceSum" else 18
    for _axes in ((1,), (-1, 1), (0, 1, 2)):
        for _keep in (0, 1):
            CASES.add(
                _name,
                _since,
                [_x, integers(*_axes)],
                {"keepdims": _keep},
                constants=(1,),
                batched=(0,) if 0 not in _axes else (),
            )
    CASES.add(_name, _since, [_x])
    CASES.add(_name, _since, [_x, None], {"keepdims": 0})
    CASES.add(_name, _since, [_x], {"noop_with_empty_axes": 1}, reference=True)
    CASES.add(_name, _since, [_x, np.zeros(0, np.int64)], {"noop_with_empty_axes": 0}, (1,))
    CASES.add(_name, _since, [_x.astype(np.float64), integers(0)], constants=(1,))
    CASES.add(_name, _since, [_i(1, 5, 2, 3, dtype=np.int32), integers(1)], constants=(1,))
    CASES.add(_name, _since, [one(2.5, np.float32)])
for _name in ("ReduceMax", "ReduceMin"):
    CASES.add(_name, 20, [CASES.truths(2, 3), integers(1)], constants=(1,))
    for _type in (np.int8, np.uint8, np.int64):
        CASES.add(_name, 18, [_i(0, 9, 2, 3, dtype=_type), integers(0)], constants=(1,))
for _name in ("ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceLogSumExp"):
    CASES.add(_name, 18, [np.zeros((2, 0, 3), np.float32), integers(1)], {}, (1,), reference=True)

for _name in ("ArgMax", "ArgMin"):
    for _form in ({}, {"axis": 1}, {"axis": -1, "keepdims": 0}, {"axis": 1, "keepdims": 0}):
        CASES.add(
            _name,
            9 if _form.get("axis", 0) >= 0 else 11,
            [_f(2, 3, 4)],
            _form,
            batched=(0,) if _form.get("axis") else (),
        )
        CASES.add(_name, 13, [_f(2, 3, 4)], _form)
    for _last in (0, 1):
        _ties = _i(0, 3, 4, 5, dtype=np.int32)
        CASES.add(_name, 13, [_ties], {"axis": 1, "select_last_index": _last}, batched=(0,))
        CASES.add(_name, 12, [_ties.astype(np.float32)], {"axis": 0, "select_last_index": _last})
for _name, _opset in (("CumSum", 11), ("CumSum", 14), ("CumProd", 26)):
    for _exclusive in (0, 1):
        for _reverse in (0, 1):
            for _axis in (1, -1):
                CASES.add(
                    _name,
                    _opset,
                    [_f(2, 3, 4), one(_axis)],
                    {"exclusive": _exclusive, "reverse": _reverse},
                    constants=(1,),
                    reference=_name == "CumProd",
                    batched=(0,),
                )
CASES.add("CumSum", 14, [_i(0, 5, 4, dtype=np.int32), one(0, np.int32)], constants=(1,))
CASES.add("CumSum", 14, [_f(2, 3, dtype=np.float64), integers(0)], constants=(1,))
