"""Every broken or hostile file gets one sentence; nothing in it runs, nothing hangs."""

import time

import pytest

from engine.errors import ModelError, TrustRequired
from engine.frozen import FrozenMap
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.readers.open import list_model, read_model
from tests.helpers.broken import CASES
from tests.helpers.broken_base import RAN, Broken
from tests.helpers.valid import write_architecture

SECONDS = 30


def source_for(case: Broken, folder):
    path = case.make(folder)
    architecture = f"{write_architecture(folder)}:{case.architecture}" if case.architecture else ""
    return ModelSource(
        str(path),
        architecture=architecture,
        trusted=bool(architecture),
        input_shapes=FrozenMap(case.shapes),
    )


def assert_one_sentence(text: str, case: Broken):
    assert "\n" not in text
    assert "Traceback" not in text
    assert len(text) < 1_500
    for words in case.words:
        assert words in text.lower(), text


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_answer(case, tmp_path):
    source = source_for(case, tmp_path)
    started = time.monotonic()

    if case.outcome in ("refused", "trust"):
        kind = TrustRequired if case.outcome == "trust" else ModelError
        with pytest.raises(kind) as caught:
            read_model(source, Quiet())
        assert_one_sentence(caught.value.one_line(), case)
        if case.outcome == "trust":
            with pytest.raises(TrustRequired):
                list_model(source, Quiet())
    else:
        check_opened(case, source)

    assert time.monotonic() - started < SECONDS
    assert not (tmp_path / RAN).exists()


def check_opened(case, source):
    info = list_model(source, Quiet())
    assert info.layers
    if case.outcome == "listed":
        assert_one_sentence(" ".join(info.warnings), case)
        return
    try:
        opened = read_model(source, Quiet())
    except ModelError as error:
        assert case.outcome == "bounded"
        assert_one_sentence(error.one_line(), case)
        return
    if case.outcome == "bounded":
        return
    assert (opened.network is None) == (case.outcome == "inspection")
    if case.outcome == "inspection":
        assert not opened.info.runnable
        assert_one_sentence(opened.reason, case)
    else:
        assert_one_sentence(" ".join(opened.warnings), case)
        if opened.network is not None:  # what would run with the network must not either
            opened.network.module.recompile()
