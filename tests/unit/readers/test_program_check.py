"""What an exported program's JSON may hold."""

import dataclasses
import json
import typing
import zipfile

import pytest
import sympy
from torch._export.serde import schema
from torch._export.serde.union import _Union

from engine.readers.program_check import (
    _KEYED_BY_NAME,
    _WHOLE,
    HANDLED,
    Refused,
    checked_program,
    expression,
    operator_name,
)
from tests.helpers.valid import write_pt2

GOOD = [
    "s77",
    "2*s77 + 1",
    "Symbol('s77', positive=True, integer=True)",
    "Mul(Integer(2), Symbol('s0', integer=True))",
    "FloorDiv(s0 + 1, 2)",
    "Max(1, s0)",
    "s0**2",
    "Pow(Symbol('s1', integer=True), Integer(2))",
    "Eq(u0, 4)",
    "-s0",
    "1.5*zf3",
]
BAD = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "s0.func",
    "[x for x in (1,)]",
    "lambda: 0",
    "s0 if s0 else 1",
    "exec('1')",
    "Symbol('__import__')",
    "Symbol('s0', cls=print)",
    "eval",
    "f'{s0}'",
    "9**9**9**9",
    "9**99",
    "Pow(9, Pow(9, 9))",
    "(((((((9**8)**8)**8)**8)**8)**8)**8)",
    "LShift(1, 999999999)",
    "(s0 := 1)",
    "s0 s1",
    "",
    "(" * 5_000 + "1" + ")" * 5_000,
    "1" * 30_000,
]


@pytest.mark.parametrize("text", GOOD)
def test_arithmetic_passes(text):
    assert expression(text) == text


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:30])
def test_anything_else_is_refused(text):
    with pytest.raises(Refused):
        expression(text)


def test_what_sympy_prints_passes():
    batch = sympy.Symbol("s77", positive=True, integer=True)
    for made in (batch * 3 - 1, (batch + 1) // 2, sympy.Max(batch, 4), sympy.Eq(batch, 3)):
        assert expression(str(made).replace("floor(", "floor("))
        assert expression(sympy.srepr(made))


@pytest.mark.parametrize(
    "name",
    [
        "torch.ops.aten.conv2d.default",
        "torch.ops.aten.add_.Tensor",
        "torch.ops.aten._to_copy.default",
        "_operator.getitem",
        "torch.sym_max",
        "torch.ops.higher_order.wrap_with_set_grad_enabled",
    ],
)
def test_operators_pass(name):
    assert operator_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "torch.os.system",
        "torch.load",
        "torch.hub.load",
        "torch.ops.load_library",
        "torch.ops.aten.__class__.mro",
        "torch.ops.aten.conv2d",
        "torch.ops.aten.from_file.default",
        "torch.ops.aten.save.default",
        "torch.ops.mylib.thing.default",
        "torch.ops.higher_order.triton_kernel_wrapper_functional",
        "_operator.methodcaller",
        "_operator.call",
        "math.__loader__",
        "#ext:op",
        "print",
        "torch.ops.aten.add.Tensor\n",
    ],
)
def test_other_calls_are_refused(name):
    with pytest.raises(Refused):
        operator_name(name)


def texts_of(cls):
    """Fields of a schema class that may hold text, keys of its tables included."""
    hints = typing.get_type_hints(cls, globalns=vars(schema))
    for field in dataclasses.fields(cls):
        if "str" in str(hints[field.name]).replace("NoneType", ""):
            yield field.name


def test_every_text_of_the_schema_is_looked_at():
    """A new version of torch may add a field that nobody has thought about."""
    classes = [
        value
        for value in vars(schema).values()
        if isinstance(value, type)
        and (dataclasses.is_dataclass(value) or issubclass(value, _Union))
    ]
    packaged = {"AOTInductorModelPickleData", "ExternKernelNode", "ExternKernelNodes"}
    found = {
        name
        for cls in classes
        if dataclasses.is_dataclass(cls) and cls.__name__ not in packaged
        for name in texts_of(cls)
    }
    assert "expr_str" in found
    assert "parameter_name" in found
    beside = {"range_constraints", "treespec_namedtuple_fields", "field_names"}
    weights_table = {"path_name", "config"}
    unknown = found - HANDLED - set(_WHOLE) - _KEYED_BY_NAME - beside - weights_table
    assert unknown <= {"as_expr", "name"}, unknown


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    with zipfile.ZipFile(write_pt2(tmp_path_factory.mktemp("pt2"))) as archive:
        name = next(n for n in archive.namelist() if n.endswith("models/model.json"))
        return archive.read(name)


def test_sound_program_keeps_its_graph(program):
    data = json.loads(program)
    kept = checked_program(data)
    graph, before = kept["graph_module"]["graph"], data["graph_module"]["graph"]
    assert [n["target"] for n in graph["nodes"]] == [n["target"] for n in before["nodes"]]
    assert [n["inputs"] for n in graph["nodes"]] == [n["inputs"] for n in before["nodes"]]
    assert graph["tensor_values"] == before["tensor_values"]
    assert kept["graph_module"]["signature"] == data["graph_module"]["signature"]


def test_notes_and_guards_are_dropped(program):
    data = json.loads(program)
    data["guards_code"] = ["print(1)"]
    data["graph_module"]["metadata"] = {"custom": "{}"}
    node = data["graph_module"]["graph"]["nodes"][0]
    node["metadata"] |= {
        "stack_trace": "/home/me/secret.py",
        "source_fn_stack": "a,torch.os.system",
    }
    text = json.dumps(checked_program(data))
    for gone in ("print(1)", "secret", "os.system", '"custom"'):
        assert gone not in text
    assert "nn_module_stack" in text


def test_other_devices_become_the_processor(program):
    data = json.loads(
        program.replace(b'"type": "cpu", "index": null', b'"type": "cuda", "index": 1')
    )
    if "cuda" not in json.dumps(data):
        data = json.loads(program.replace(b'"cpu"', b'"cuda"'))
    assert "cuda" in json.dumps(data)
    assert "cuda" not in json.dumps(checked_program(data))


@pytest.mark.parametrize("data", [None, [], {}, {"graph_module": 3}, {"graph_module": {}}])
def test_other_json_is_refused(data):
    with pytest.raises(Refused):
        checked_program(data)
