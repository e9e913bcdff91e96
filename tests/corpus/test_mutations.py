"""Sound files, damaged at random: they open, or are refused with a sentence; never anything else.

Nearly all run in this process, where a few thousand files take seconds; some go through the child.
"""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.readers import inside
from engine.readers.child import attempt
from engine.readers.open import read_model
from tests.helpers import valid

FORMS = list(valid.WRITERS)
IN_PROCESS = [form for form in FORMS if form != "torchscript"]
"""Converting damaged TorchScript may abort the process, so that is left to the child."""
SECONDS = 10

flip = st.tuples(st.just("flip"), st.floats(0, 1, exclude_max=True), st.integers(0, 7))
cut = st.tuples(st.just("cut"), st.floats(0, 1), st.just(0))
splice = st.tuples(st.just("splice"), st.floats(0, 1, exclude_max=True), st.binary(max_size=12))
repeat = st.tuples(st.just("repeat"), st.floats(0, 1, exclude_max=True), st.integers(1, 400))
damage = st.lists(st.one_of(flip, flip, flip, cut, splice, repeat), min_size=1, max_size=6)
quick = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def damaged(content, changes):
    data = bytearray(content)
    for kind, part, detail in changes:
        at = int(part * len(data))
        if kind == "flip" and data:
            data[at] ^= 1 << detail
        elif kind == "cut":
            del data[at:]
        elif kind == "splice":
            data[at : at + len(detail)] = detail
        elif kind == "repeat":
            data[at:at] = data[at : at + detail]
    return bytes(data)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    return {form: write(folder) for form, write in valid.WRITERS.items()}


def outcome(task, path, folder):
    started = time.monotonic()
    arguments = {"path": str(path), "input_shapes": valid.SHAPE}
    result = attempt(inside.TASKS[task], arguments, folder, Quiet())
    assert time.monotonic() - started < SECONDS
    return result


def assert_sentence(text):
    assert text
    assert "\n" not in text
    assert len(text) < 2_000
    assert "Traceback" not in text


@pytest.mark.parametrize("form", FORMS)
def test_sound_files_open(form, sound, tmp_path):
    assert outcome("list", sound[form], tmp_path)["ok"]["info"]["layers"]
    result = outcome("read", sound[form], tmp_path)["ok"]
    assert "network" in result or form in ("state_dict", "legacy", "safetensors")


@pytest.mark.parametrize("form", FORMS)
@quick
@given(changes=damage)
def test_listing_damaged_files(form, changes, sound, tmp_path):
    path = sound[form]
    target = path.with_name(f"damaged-{path.name}")
    target.write_bytes(damaged(path.read_bytes(), changes))
    result = outcome("list", target, tmp_path)
    if "error" in result:
        assert_sentence(result["error"]["message"])
    else:
        assert "ok" in result, result


@pytest.mark.parametrize("form", IN_PROCESS)
@settings(quick, max_examples=25)
@given(changes=damage)
def test_reading_damaged_files(form, changes, sound, tmp_path):
    path = sound[form]
    target = path.with_name(f"damaged-{path.name}")
    target.write_bytes(damaged(path.read_bytes(), changes))
    result = outcome("read", target, tmp_path)
    if "ok" in result and "reason" in result["ok"]:
        assert_sentence(result["ok"]["reason"])
    elif "error" in result:
        assert_sentence(result["error"]["message"])
    else:
        assert "ok" in result, result


@pytest.mark.parametrize("form", FORMS)
def test_every_truncation_is_refused(form, sound, tmp_path):
    """A file that breaks off is never taken for a whole one."""
    path = sound[form]
    target = path.with_name(f"cut-{path.name}")
    content = path.read_bytes()
    step = max(len(content) // 150, 1)
    for length in [*range(0, len(content), step), len(content) - 1]:
        target.write_bytes(content[:length])
        result = outcome("list", target, tmp_path)
        assert "error" in result, (length, result)
        assert_sentence(result["error"]["message"])


@pytest.mark.parametrize("form", FORMS)
@settings(quick, max_examples=6)
@given(changes=damage)
def test_damaged_files_through_the_child(form, changes, sound):
    path = sound[form]
    target = path.with_name(f"child-{path.name}")
    target.write_bytes(damaged(path.read_bytes(), changes))
    source = ModelSource(str(target), input_shapes=FrozenMap(valid.SHAPE))
    started = time.monotonic()
    try:
        opened = read_model(source, Quiet())
    except EngineError as error:
        assert_sentence(error.one_line())
    else:
        assert opened.info.name == target.stem
        assert (opened.network is None) == bool(opened.reason)
    assert time.monotonic() - started < 3 * SECONDS
