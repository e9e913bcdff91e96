"""Cases: convolution, pooling, padding, resizing and other operators on images."""

import numpy as np

from tests.helpers.onnx_cases import NOTHING, Cases, integers, one, reals

CASES = Cases(seed=2)
_f, _i = CASES.floats, CASES.whole

# Convolution with weights from the graph.
for _opset in (9, 11, 22):
    for _auto in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        CASES.add(
            "Conv",
            _opset,
            [_f(2, 4, 7, 8), _f(6, 2, 3, 2), _f(6)],
            {"auto_pad": _auto, "strides": [2, 1], "group": 2},
            batched=(0,),
        )
for _form in (
    {},
    {"pads": [1, 0, 2, 1]},
    {"pads": [1, 1, 1, 1], "dilations": [2, 1]},
    {"strides": [2, 3], "kernel_shape": [3, 2]},
):
    CASES.add("Conv", 11, [_f(2, 4, 7, 8), _f(6, 4, 3, 2)], _form, batched=(0,))
CASES.add("Conv", 11, [_f(2, 4, 9), _f(6, 4, 3), _f(6)], {"pads": [0, 2]}, batched=(0,))
CASES.add("Conv", 11, [_f(1, 2, 5, 6, 4), _f(3, 2, 3, 2, 2)], {"pads": [1, 0, 1, 1, 1, 0]})
CASES.add("Conv", 11, [_f(2, 4, 5, 5), _f(4, 1, 3, 3)], {"group": 4}, batched=(0,))

for _opset in (9, 11, 22):
    for _form in (
        {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
        {"auto_pad": "SAME_LOWER", "strides": [2, 3]},
        {"auto_pad": "VALID", "strides": [2, 2]},
        {"pads": [1, 0, 0, 2], "strides": [2, 2], "output_padding": [1, 0]},
    ):
        CASES.add(
            "ConvTranspose", _opset, [_f(2, 4, 4, 5), _f(4, 3, 3, 3), _f(3)], _form, batched=(0,)
        )
for _form in (
    {},
    {"group": 2},
    {"pads": [1, 1, 1, 1], "strides": [2, 2], "output_padding": [1, 1]},
    {"strides": [2, 2], "output_shape": [9, 11]},
    {"strides": [2, 2], "output_shape": [10, 12], "auto_pad": "SAME_UPPER"},
    {"strides": [2, 2], "output_shape": [8, 9], "auto_pad": "SAME_UPPER"},
    {"dilations": [2, 1], "pads": [2, 1, 1, 0]},
):
    CASES.add("ConvTranspose", 11, [_f(2, 4, 4, 5), _f(4, 3, 3, 3)], _form, batched=(0,))
CASES.add("ConvTranspose", 11, [_f(2, 4, 5), _f(4, 3, 3), _f(3)], {"strides": [3]}, batched=(0,))
CASES.add("ConvTranspose", 11, [_f(1, 2, 3, 4, 3), _f(2, 2, 2, 3, 2)], {"strides": [2, 1, 2]})

# Pooling.
for _name, _opsets in (
    ("MaxPool", (9, 10, 12, 22)),
    ("AveragePool", (9, 10, 11, 19, 22)),
    ("LpPool", (9, 11, 18, 22)),
):
    for _opset in _opsets:
        _rounds = _opset >= (18 if _name == "LpPool" else 10)
        _dilates = _opset >= {"MaxPool": 10, "AveragePool": 19, "LpPool": 18}[_name]
        for _form in (
            {"kernel_shape": [3, 2]},
            {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 0]},
            {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [0, 1, 2, 0]},
            {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"},
            {"kernel_shape": [3, 2], "strides": [2, 1], "auto_pad": "SAME_LOWER"},
            {"kernel_shape": [3, 2], "auto_pad": "VALID"},
        ):
            CASES.add(_name, _opset, [_f(2, 3, 7, 8)], _form, batched=(0,))
            if _rounds:
                CASES.add(_name, _opset, [_f(2, 3, 8, 7)], {**_form, "ceil_mode": 1}, batched=(0,))
            if _dilates and "SAME" not in _form.get("auto_pad", ""):
                CASES.add(_name, _opset, [_f(2, 3, 8, 7)], {**_form, "dilations": [2, 1]})
            if _name == "AveragePool":
                CASES.add(_name, _opset, [_f(2, 3, 8, 7)], {**_form, "count_include_pad": 1})
                if _rounds:
                    CASES.add(
                        _name,
                        _opset,
                        [_f(2, 3, 8, 7)],
                        {**_form, "count_include_pad": 1, "ceil_mode": 1},
                    )
    for _shape, _form in (
        ((2, 3, 9), {"kernel_shape": [3], "strides": [2], "pads": [1, 0]}),
        ((1, 2, 5, 6, 7), {"kernel_shape": [3, 2, 2], "pads": [1, 0, 1, 0, 1, 0]}),
        ((2, 3, 9), {"kernel_shape": [4], "strides": [3]}),
    ):
        CASES.add(_name, 11, [_f(*_shape)], _form, batched=(0,))
for _order in (0, 1):
    for _form in (
        {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 1]},
        {"kernel_shape": [2, 2], "ceil_mode": 1, "strides": [3, 3]},
        {"kernel_shape": [2, 2], "dilations": [2, 2]},
    ):
        CASES.add(
            "MaxPool",
            12,
            [_f(2, 3, 7, 8)],
            {**_form, "storage_order": _order},
            outputs=2,
            batched=(0,),
        )
CASES.add("MaxPool", 12, [_f(2, 3, 9)], {"kernel_shape": [3]}, outputs=2)
CASES.add("MaxPool", 12, [_f(1, 2, 4, 5, 6)], {"kernel_shape": [2, 2, 2]}, outputs=2)
for _type in (np.int8, np.uint8, np.float64):
    CASES.add("MaxPool", 12, [_i(0, 99, 2, 3, 5, 6, dtype=_type)], {"kernel_shape": [2, 3]})
CASES.add("MaxPool", 12, [_f(2, 3, 5, 5) - 9], {"kernel_shape": [3, 3], "pads": [2, 2, 0, 0]})
for _p in (1, 2, 3):
    CASES.add("LpPool", 18, [_f(2, 3, 7, 8)], {"kernel_shape": [2, 2], "p": _p}, batched=(0,))
    CASES.add("GlobalLpPool", 9, [_f(2, 3, 4, 5)], {"p": _p}, batched=(0,))
for _shape in ((2, 3, 4), (2, 3, 4, 5), (2, 3, 4, 5, 2)):
    for _name in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
        CASES.add(_name, 9, [_f(*_shape)], batched=(0,))
        if _name != "GlobalLpPool":  # neither the runtime nor the reference has a newer one
            CASES.add(_name, 22, [_f(*_shape)])

_index = integers(1, 2, 9, 14).reshape(1, 1, 2, 2)
_x = _f(1, 1, 2, 2)
CASES.add("MaxUnpool", 11, [_x, _index], {"kernel_shape": [2, 2], "strides": [2, 2]})
CASES.add("MaxUnpool", 9, [_x, _index], {"kernel_shape": [2, 2], "strides": [2, 2]})
CASES.add(
    "MaxUnpool",
    11,
    [_x, integers(0, 4, 12, 16).reshape(1, 1, 2, 2)],
    {"kernel_shape": [3, 3], "strides": [2, 2]},
)
_rois = reals(0, 1, 1, 6, 5, 1, 0, 2, 7, 7, 0, 3, 3, 3, 3).reshape(3, 5)
for _scale in (1.0, 0.6):
    CASES.add(
        "MaxRoiPool",
        9,
        [_f(2, 3, 8, 8), _rois],
        {"pooled_shape": [3, 2], "spatial_scale": _scale},
    )
_boxes, _batch = reals(1, 1, 6, 5, 0, 2, 7, 7.5, 3, 3, 3.5, 3.2).reshape(3, 4), integers(0, 1, 0)
for _mode in ("avg", "max"):
    for _opset, _form in (
        (10, {}),
        (16, {}),
        (16, {"coordinate_transformation_mode": "output_half_pixel"}),
        (16, {"spatial_scale": 0.5}),
    ):
        CASES.add(
            "RoiAlign",
            _opset,
            [_f(2, 3, 8, 8), _boxes, _batch],
            {"output_height": 3, "output_width": 2, "sampling_ratio": 2, "mode": _mode, **_form},
        )

# Padding.
_pads = integers(0, 1, 2, 0, 1, 0)
for _mode in ("constant", "reflect", "edge"):
    CASES.add("Pad", 9, [_f(3, 4, 5)], {"mode": _mode, "pads": [0, 1, 2, 0, 1, 0]})
    for _opset in (11, 13, 18):
        CASES.add("Pad", _opset, [_f(3, 4, 5), _pads], {"mode": _mode}, (1,), batched=(0,))
    CASES.add(
        "Pad",
        18,
        [_f(2, 3, 4, 5), integers(0, 0, 1, 2, 0, 0, 0, 1)],
        {"mode": _mode},
        (1,),
        batched=(0,),
    )
    CASES.add("Pad", 13, [_f(4, 5), integers(-1, 2, 1, -2)], {"mode": _mode}, (1,))
    CASES.add(
        "Pad",
        18,
        [_f(2, 4, 5), integers(1, 2, 0, 1), None, integers(-1, 1)],
        {"mode": _mode},
        (1, 3),
        batched=(0,),
    )
    CASES.add("Pad", 13, [_i(0, 9, 4, 5), integers(1, 2, 2, 1)], {"mode": _mode}, (1,))
CASES.add("Pad", 9, [_f(3, 4)], {"pads": [0, 1, 2, 0], "value": 1.5})
for _opset in (19, 21):
    CASES.add("Pad", _opset, [_f(2, 4, 5), _pads], {"mode": "wrap"}, (1,), batched=(0,))
CASES.add("Pad", 19, [_f(2, 3, 4, 5), integers(0, 0, 1, 2, 0, 0, 0, 1)], {"mode": "wrap"}, (1,))
CASES.add("Pad", 19, [_f(3), integers(7, 5)], {"mode": "wrap"}, (1,))
CASES.add("Pad", 18, [_f(3), integers(2, 2)], {"mode": "reflect"}, (1,))
for _type in (np.float32, np.float64, np.int32, np.int64, np.uint8, np.int8):
    CASES.add(
        "Pad", 13, [_i(0, 9, 3, 4, dtype=_type), integers(0, 1, 2, 0), one(7, _type)], {}, (1, 2)
    )
CASES.add("Pad", 13, [_f(3, 4), integers(0, 1, 2, 0), one(1.5, np.float32)], {}, (1,))
for _wanted, _form in (
    ((2, 5, 3), {}),
    ((3, 4, 9), {}),
    ((6, 2), {"axes": [1, 2]}),
    ((7, 3), {"axes": [-1, 1]}),
):
    CASES.add(
        "CenterCropPad",
        18,
        [_f(2, 4, 6), integers(*_wanted)],
        _form,
        (1,),
        reference=True,
        batched=(0,) if _form else (),
    )

# Resizing.
_image = _f(1, 2, 4, 6)
_scales = (reals(1, 1, 2, 3), reals(1, 1, 0.5, 0.5), reals(1, 1, 0.6, 1.5))
for _mode in ("nearest", "linear"):
    for _scale in _scales:
        CASES.add("Upsample", 9, [_image, _scale], {"mode": _mode}, (1,), batched=(0,)) if min(
            _scale
        ) >= 1 else None
        CASES.add("Resize", 10, [_image, _scale], {"mode": _mode}, (1,), batched=(0,))
    CASES.add(
        "Upsample", 7, [_image], {"mode": _mode, "scales": [1.0, 1.0, 2.0, 1.5]}, batched=(0,)
    )
_TRANSFORMS = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
for _opset in (11, 13, 18, 19):
    _kinds = [*_TRANSFORMS]
    _kinds += ["tf_half_pixel_for_nn"] if _opset == 11 else []
    _kinds += ["half_pixel_symmetric"] if _opset == 19 else []
    for _kind in _kinds:
        for _mode in ("nearest", "linear", "cubic"):
            _form = {"mode": _mode, "coordinate_transformation_mode": _kind}
            for _scale in _scales:
                CASES.add("Resize", _opset, [_image, NOTHING, _scale], _form, (1, 2), batched=(0,))
            CASES.add(
                "Resize", _opset, [_image, NOTHING, NOTHING, integers(1, 2, 7, 3)], _form, (1, 2, 3)
            )
for _kind in _TRANSFORMS:
    for _round in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        _form = {"mode": "nearest", "coordinate_transformation_mode": _kind, "nearest_mode": _round}
        CASES.add("Resize", 13, [_image, NOTHING, reals(1, 1, 2, 1.5)], _form, (1, 2))
        CASES.add("Resize", 13, [_image, NOTHING, reals(1, 1, 0.5, 0.7)], _form, (1, 2))
for _form in (
    {"cubic_coeff_a": -0.5},
    {"exclude_outside": 1},
    {"cubic_coeff_a": -0.6, "exclude_outside": 1, "coordinate_transformation_mode": "asymmetric"},
):
    CASES.add("Resize", 13, [_image, NOTHING, _scales[2]], {"mode": "cubic", **_form}, (1, 2))
for _mode in ("linear", "cubic"):
    for _scale in _scales:
        for _more in ({}, {"exclude_outside": 1}):
            CASES.add(
                "Resize",
                18,
                [_image, None, _scale],
                {"mode": _mode, "antialias": 1, **_more},
                (2,),
                batched=(0,),
            )
for _mode in ("nearest", "linear", "cubic"):
    CASES.add(
        "Resize",
        13,
        [_image, reals(0, 0, 0.1, 0.2, 1, 1, 0.9, 1.3), NOTHING, integers(1, 2, 5, 7)],
        {
            "mode": _mode,
            "coordinate_transformation_mode": "tf_crop_and_resize",
            "extrapolation_value": 9.0,
        },
        (1, 2, 3),
    )
for _policy in ("stretch", "not_larger", "not_smaller"):
    CASES.add(
        "Resize",
        18,
        [_image, None, None, integers(9, 7)],
        {"axes": [2, 3], "keep_aspect_ratio_policy": _policy, "mode": "linear"},
        (3,),
        batched=(0,),
    )
CASES.add("Resize", 18, [_image, None, reals(2, 1.5)], {"axes": [3, 2]}, (2,), batched=(0,))
CASES.add(
    "Resize", 13, [_f(2, 3, 5), NOTHING, reals(1, 1, 2)], {"mode": "linear"}, (1, 2), batched=(0,)
)
CASES.add(
    "Resize", 13, [_f(1, 2, 3, 4, 3), NOTHING, reals(1, 1, 2, 1.5, 2)], {"mode": "linear"}, (1, 2)
)
CASES.add(
    "Resize",
    13,
    [_i(0, 255, 1, 2, 4, 4, dtype=np.uint8), NOTHING, reals(1, 1, 2, 2)],
    {"mode": "nearest"},
    (1, 2),
)

# Rearrangement and sampling.
for _opset in (9, 11, 13):
    CASES.add("DepthToSpace", _opset, [_f(2, 8, 3, 4)], {"blocksize": 2}, batched=(0,))
    CASES.add("SpaceToDepth", min(_opset, 13), [_f(2, 3, 4, 6)], {"blocksize": 2}, batched=(0,))
for _mode in ("DCR", "CRD"):
    CASES.add("DepthToSpace", 13, [_f(2, 18, 2, 3)], {"blocksize": 3, "mode": _mode}, batched=(0,))
    CASES.add("SpaceToDepth", 28, [_f(2, 2, 4, 6)], {"blocksize": 2, "mode": _mode}, reference=True)

_grid = np.clip(_f(2, 3, 4, 2), -1.37, 1.37)
for _old, _new in (("bilinear", "linear"), ("nearest", "nearest"), ("bicubic", "cubic")):
    for _border in ("zeros", "border", "reflection"):
        for _corners in (0, 1):
            _form = {"padding_mode": _border, "align_corners": _corners}
            CASES.add(
                "GridSample", 16, [_f(2, 3, 5, 6), _grid], {"mode": _old, **_form}, batched=(0, 1)
            )
            CASES.add("GridSample", 20, [_f(2, 3, 5, 6), _grid], {"mode": _new, **_form})
for _mode in ("linear", "nearest"):
    CASES.add(
        "GridSample", 20, [_f(1, 2, 4, 4, 4), np.clip(_f(1, 2, 3, 2, 3), -1, 1)], {"mode": _mode}
    )
for _corners in (0, 1):
    for _theta, _size in ((_f(2, 2, 3), (2, 3, 4, 5)), (_f(2, 3, 4), (2, 3, 2, 4, 5))):
        CASES.add("AffineGrid", 20, [_theta, integers(*_size)], {"align_corners": _corners}, (1,))
for _image_size, _block, _form, _count in (
    ((5, 5), (1, 5), {}, 5),
    ((6, 6), (2, 2), {"strides": [2, 2]}, 9),
    ((5, 5), (2, 3), {"pads": [1, 0, 1, 1]}, 24),
    ((6, 6), (2, 2), {"dilations": [2, 3]}, 12),
    ((4, 5, 6), (1, 2, 3), {}, 64),
):
    CASES.add(
        "Col2Im",
        18,
        [_f(2, 3 * int(np.prod(_block)), _count), integers(*_image_size), integers(*_block)],
        _form,
        (1, 2),
        batched=(0,),
    )
for _form, _groups, _offsets, _out in (
    ({"pads": [0, 0, 0, 0]}, 1, 1, (3, 4)),
    ({"pads": [1, 1, 1, 1], "strides": [2, 1]}, 1, 1, (3, 6)),
    ({"pads": [0, 1, 1, 0], "group": 2, "offset_group": 2}, 2, 2, (4, 5)),
    ({"dilations": [2, 1], "pads": [1, 0, 1, 0]}, 1, 1, (3, 4)),
):
    for _masked in (False, True):
        _inputs = [_f(2, 4, 5, 6), _f(6, 4 // _groups, 3, 3), _f(2, _offsets * 18, *_out)]
        _inputs += [_f(6), CASES.positive(2, _offsets * 9, *_out)] if _masked else []
        for _opset in (19, 22):
            CASES.add(
                "DeformConv",
                _opset,
                _inputs,
                {"kernel_shape": [3, 3], **_form},
                batched=(0, 2, 4) if _masked else (0, 2),
            )
