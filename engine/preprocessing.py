"""How a sample becomes what the network reads, and what of it has not been said yet.

A prepared value is (pixel × scale − mean) / std, with mean and std in the network's own channel
order. The files that say so are read by `engine.preprocessing_file`; data sets are `engine/data`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    model_validator,
)

from engine.errors import DataError


class Task(enum.StrEnum):
    """What the network is for."""

    CLASSIFICATION = "classification"
    MULTILABEL = "multilabel"
    REGRESSION = "regression"
    SEGMENTATION = "segmentation"
    DETECTION = "detection"
    LANGUAGE = "language"
    OTHER = "other"


class ChannelOrder(enum.StrEnum):
    """Which color each channel of the network's input is. Stored pixels are RGB or gray."""

    RGB = "RGB"
    BGR = "BGR"
    GRAY = "gray"


class Interpolation(enum.StrEnum):
    """How pixels between pixels are found."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    LANCZOS = "lanczos"


Side = Annotated[int, Field(strict=True, ge=1, le=16384)]


class Resize(BaseModel):
    """Bring an image to size: stretch it to `size`, or its shorter side to `shorter` and crop.

    In JSON also a bare number or `[height, width]`, which is `size`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: tuple[Side, Side] | None = Field(
        default=None, title="Size", description="Height and width that the image is stretched to."
    )
    shorter: Side | None = Field(
        default=None,
        title="Shorter side",
        description="Scale the image until its shorter side is this long, then crop its center.",
    )
    crop: tuple[Side, Side] | None = Field(
        default=None, title="Crop", description="Height and width of the center that is kept."
    )
    interpolation: Interpolation = Field(default=Interpolation.BILINEAR, title="Interpolation")

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"size": (value, value)}
        if isinstance(value, list | tuple):
            return {"size": tuple(value)}
        if isinstance(value, Mapping) and isinstance(value.get("shorter"), int):
            return {"crop": (value["shorter"], value["shorter"])} | dict(value)
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Resize:
        if (self.size is None) == (self.shorter is None):
            raise ValueError("give either size, or shorter and crop")
        if self.shorter and self.crop and max(self.crop) > self.shorter:
            raise ValueError(f"crop {self.crop} is larger than the shorter side {self.shorter}")
        if self.size and self.crop:
            raise ValueError("crop goes with shorter, not with size")
        return self

    @property
    def result(self) -> tuple[int, int]:
        """Height and width of what comes out."""
        shape = self.size or self.crop
        assert shape is not None  # `_one_way` has seen to it
        return shape


def _as_shape(value: object) -> object:
    """Dimensions that vary are written as a name, null or −1."""
    if not isinstance(value, list | tuple):
        return value
    return tuple(
        (f"dim{axis}" if axis else "batch") if dim is None or dim == -1 else dim
        for axis, dim in enumerate(value)
    )


def _as_numbers(value: object) -> object:
    return (value,) if isinstance(value, int | float) else value


def _as_names(value: object) -> object:
    """Label names as a list, or as a map from index to name."""
    if isinstance(value, Mapping):
        try:
            value = [value[key] for key in sorted(value, key=int)]
        except ValueError:
            return value
    if isinstance(value, list | tuple):
        return tuple(str(name) if isinstance(name, int | float) else name for name in value)
    return value


def _as_layout(value: str) -> str:
    upper = value.upper()
    letters = set(upper[1:])
    if upper and (upper[0] != "N" or not letters or len(letters) != len(upper) - 1):
        raise ValueError(f"'{value}' is not a layout such as NCHW, NHWC, NCL or NC")
    if letters - set("CDHWL"):
        raise ValueError(f"'{value}' has letters other than N, C, D, H, W and L")
    return upper


def _as_data_layout(value: str) -> str:
    return _as_layout(f"N{value.upper().removeprefix('N')}")[1:] if value else ""


def _no_resize(value: object) -> object:
    return None if value in ("none", "") else value


Number = Annotated[float, Field(allow_inf_nan=False)]
Numbers = Annotated[tuple[Number, ...], BeforeValidator(_as_numbers)]
Dims = Annotated[
    tuple[Annotated[int, Field(strict=True, ge=1, le=1 << 31)] | str, ...],
    BeforeValidator(_as_shape),
]


class Preprocessing(BaseModel):
    """What turns a stored sample into the network's input. Empty fields have not been said.

    Fields that are not known here are kept, and written again.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    input: str = Field(default="", title="Input", description="Name of the network's input.")
    input_shape: Dims = Field(
        default=(), title="Input shape", description="Shape of the network's input."
    )
    layout: Annotated[str, AfterValidator(_as_layout)] = Field(
        default="", title="Layout", description="Order of the input's axes: NCHW, NHWC, NCL, NC."
    )
    channel_order: ChannelOrder | None = Field(
        default=None, title="Channel order", description="Which color each channel is."
    )
    scale: Number | None = Field(
        default=None, title="Scale", description="Each pixel is first multiplied by this."
    )
    mean: Numbers = Field(
        default=(), title="Mean", description="Subtracted after scaling, one number per channel."
    )
    std: Numbers = Field(
        default=(), title="Standard deviation", description="Divides after the mean is taken off."
    )
    resize: Annotated[Resize | None, BeforeValidator(_no_resize)] = Field(
        default=None, title="Resize", description="How an image is brought to size."
    )
    labels: Annotated[tuple[str, ...], BeforeValidator(_as_names)] = Field(
        default=(), title="Labels", description="Class names, in the order of the outputs."
    )
    task: Task | None = Field(default=None, title="Task", description="What the network is for.")
    first_label: int = Field(
        default=0, title="First label", description="The number that stands for the first class."
    )
    data_layout: Annotated[str, AfterValidator(_as_data_layout)] = Field(
        default="", title="Data layout", description="Order of a stored sample's axes: HWC, CHW."
    )
    label_column: str = Field(
        default="", title="Label column", description="Of a table: the column with the answer."
    )
    input_columns: tuple[str, ...] = Field(
        default=(), title="Input columns", description="Of a table: the columns that go in."
    )
    max_length: Annotated[int, Field(ge=1, le=1 << 20)] | None = Field(
        default=None, title="Longest text", description="Tokens; longer texts are cut."
    )
    pad: Annotated[int, Field(ge=0)] | None = Field(
        default=None, title="Padding token", description="Number of the token that fills up."
    )

    @model_validator(mode="after")
    def _sound(self) -> Preprocessing:
        if self.scale == 0:
            raise ValueError("scale must not be 0")
        if any(value <= 0 for value in self.std):
            raise ValueError("std must be greater than 0")
        if len(self.mean) > 1 and len(self.std) > 1 and len(self.mean) != len(self.std):
            raise ValueError(
                f"mean has {len(self.mean)} numbers and std has {len(self.std)}; "
                "both need one per channel"
            )
        if len(set(self.labels)) != len(self.labels):
            twice = next(name for name in self.labels if self.labels.count(name) > 1)
            raise ValueError(f"labels has '{twice}' more than once")
        if self.layout and self.input_shape:
            axes = len(self.input_shape)
            if axes not in (len(self.layout), len(self.layout) - 1):
                raise ValueError(f"input_shape has {axes} axes, but layout is {self.layout}")
        return self

    @field_serializer("resize")
    def _write_resize(self, value: Resize | None) -> dict[str, Any] | None:
        return value.model_dump(mode="json", exclude_none=True) if value else None

    @property
    def sample_shape(self) -> tuple[int | str, ...]:
        """`input_shape` without the batch axis; empty where the shape is not known."""
        shape = self.input_shape
        if not shape:
            return ()
        if self.layout:
            return shape[len(shape) - len(self.layout) + 1 :]
        batched = isinstance(shape[0], str) or (shape[0] == 1 and len(shape) in (2, 4, 5))
        return shape[1:] if batched else shape

    @property
    def is_text(self) -> bool:
        """Whether the fields that only text has are given."""
        return self.max_length is not None or self.pad is not None


@dataclass(frozen=True, slots=True)
class Question:
    """A field that nobody has filled in, as the data dialog asks for it."""

    field: str
    text: str


QUESTIONS = (
    Question("input_shape", "Which shape does the network's input have?"),
    Question("layout", "In which order are the axes of the input?"),
    Question("channel_order", "Are the channels RGB, BGR or gray?"),
    Question("scale", "What is each pixel multiplied by first (1/255 makes 0…255 into 0…1)?"),
    Question("mean", "Which mean is then subtracted from each channel?"),
    Question("std", "Which standard deviation is each channel then divided by?"),
    Question("labels", "What are the classes called, in the order of the outputs?"),
    Question("task", "Does the network classify, or predict numbers?"),
)


def questions(preprocessing: Preprocessing) -> tuple[Question, ...]:
    """What has not been said yet; empty when everything has."""
    open_ones = (q for q in QUESTIONS if getattr(preprocessing, q.field) in ((), "", None))
    if _channels(preprocessing) == 1:  # one channel has no order
        open_ones = (q for q in open_ones if q.field != "channel_order")
    return tuple(open_ones)


def _channels(preprocessing: Preprocessing) -> int | str | None:
    """How many channels pictures have, where shape and order of axes tell it."""
    shape, layout = preprocessing.input_shape, preprocessing.layout
    place = layout.find("C") - (len(layout) - len(shape))  # the shape may leave the batch out
    return shape[place] if layout and 0 <= place < len(shape) else None


def parse(fields: Mapping[str, Any], name: str = "preprocessing") -> Preprocessing:
    """Check fields as they are given.

    Args:
        fields: Name → value; names that are not known are kept.
        name: What an error calls their place: a file, say.

    Raises:
        DataError: Naming the place and the field.
    """
    try:
        return Preprocessing.model_validate(dict(fields))
    except ValidationError as error:
        raise _field_error(name, error) from None


def _field_error(place: str, error: ValidationError) -> DataError:
    first = error.errors()[0]
    steps = [str(step) for step in first["loc"]]
    # pydantic names the branches of a union too: `int`, `constrained-int`, `function-before[…]`
    name = ".".join(s for s in steps if not {"-", "["} & set(s) and s not in ("int", "str"))
    what = first["msg"].removeprefix("Value error, ")
    if name:
        message = f"{place}, field '{name}': {what[:1].lower()}{what[1:]}."
    else:
        message = f"{place}: {what}."
    return DataError(message, hint="Correct that field.", where=place)
