"""Recipes in files: round trips, and what is said of files that are none."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pickle
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import RecipeError
from engine.recipe import files
from engine.recipe.edit import (
    make_rule,
    make_step,
    override,
    with_params,
    with_step,
    without_step,
)
from engine.recipe.model import InvalidRecipe, Recipe, recipe_from
from engine.recipe.source import MAX_BYTES, parse_yaml, scalar
from tests.helpers.methods import make_registry, residual_table
from tests.helpers.recipes import RECIPES, steady

EXAMPLE = Path(__file__).parents[2] / "golden" / "recipes" / "a_whole_recipe.yaml"


@steady
@given(RECIPES)
def test_yaml_round_trip(recipe: Recipe) -> None:
    file = files.read_text(files.to_yaml(recipe))
    assert not file.problems
    assert file.recipe == recipe
    assert file.recipe.key == recipe.key


@steady
@given(RECIPES)
def test_json_round_trip(recipe: Recipe) -> None:
    file = files.read_text(files.to_json(recipe), as_json=True)
    assert not file.problems
    assert file.recipe == recipe
    assert file.recipe.key == recipe.key


@steady
@given(RECIPES)
def test_data_and_pickle_round_trip(recipe: Recipe) -> None:
    assert recipe_from(json.loads(json.dumps(recipe.to_data()))) == recipe
    assert pickle.loads(pickle.dumps(recipe)) == recipe


@settings(steady, max_examples=25)
@given(RECIPES, RECIPES)
def test_writing_over_a_file_says_what_the_recipe_says(old: Recipe, new: Recipe) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.yaml"
        path.write_text("# mine\n" + files.to_yaml(old), encoding="utf-8")
        files.save(new, path)
        assert files.load(path) == new


@pytest.mark.parametrize("name", [":0", "?x", "a:", " b", "-", "0", "null", "x y"])
def test_odd_names_are_put_in_quotes(name: str) -> None:
    steps = [{"method": "m", "rules": [{"layers": [name], name: None}]}]
    recipe = recipe_from({"espalier": 1, "steps": steps})
    assert recipe_from(files.read_text(files.to_yaml(recipe)).recipe.to_data()) == recipe


def test_the_key_tells_recipes_apart_and_does_not_depend_on_the_order_of_fields() -> None:
    a = recipe_from({"espalier": 1, "steps": [{"method": "m", "x": 1, "y": 2}]})
    b = recipe_from({"steps": [{"y": 2, "x": 1, "method": "m"}], "espalier": 1})
    assert a.key == b.key
    assert a.key != with_params(a, 0, x=3).key
    assert a.key != recipe_from({"espalier": 1, "seed": 1, "steps": a.to_data()["steps"]}).key
    plain = b'{"espalier":1,"seed":0,"steps":[]}'  # on every machine, in every version
    assert Recipe().key == hashlib.sha256(plain).hexdigest()


def test_comments_stay_when_a_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    recipe = files.load(path)
    recipe = override(with_params(recipe, 0, ratio=0.4), 0, "fc", skip=True)
    files.save(without_step(recipe, 2), path)
    text = path.read_text(encoding="utf-8")
    assert "ratio: 0.4                 # parameters for every layer it applies to …\n" in text
    assert "steps:                         # run in order\n" in text
    assert "# not run, and not looked into" in text
    assert "      - {layers: fc, skip: true}\n" in text
    assert "finetune" not in text
    assert files.load(path) == without_step(recipe, 2)


def test_a_file_with_anchors_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        "espalier: 1\nsteps:\n"
        "  - &first {method: uniform, rules: [{layers: &l [a, b], skip: true}]}\n"
        "  - *first\n"
        "  - {method: uniform, rules: [{layers: *l, weight_bits: 4}]}\n"
    )
    recipe = files.load(path)
    assert recipe.steps[0] == recipe.steps[1]
    assert recipe.steps[2].rules[0].layers == ("a", "b")
    changed = with_params(recipe, 0, weight_bits=3)
    files.save(changed, path)
    assert files.load(path) == changed


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.yaml"
    files.save(Recipe(), path)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecipeError, match="cannot be written: No space left"):
        files.save(Recipe(seed=1), path)
    assert files.load(path) == Recipe()
    assert list(tmp_path.iterdir()) == [path]


def test_writing_over_keeps_permissions_and_follows_links(tmp_path: Path) -> None:
    path, link = tmp_path / "r.json", tmp_path / "link.json"
    files.save(Recipe(), path)
    path.chmod(0o640)
    link.symlink_to(path)
    files.save(Recipe(seed=5), link)
    assert link.is_symlink()
    assert files.load(path).seed == 5
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.json", "r.json"]


def test_a_folder_that_is_not_there_is_an_error_of_the_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be written"):
        files.save(Recipe(), tmp_path / "no" / "r.yaml")
    with pytest.raises(RecipeError, match="cannot be read"):
        files.load(tmp_path / "no" / "r.yaml")
    with pytest.raises(RecipeError, match="cannot be read"):
        files.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [", 1, "not YAML"),
        ("espalier: 1\n\tseed: 0", 2, "not YAML"),
        ("espalier: 1\nsteps:\n- a: b: c", 3, "not YAML"),
        ("espalier: 1\nseed: !!python/object:os.system x", 2, "Tags"),
        ("!foo {espalier: 1}", 1, "Tags"),
        ("espalier: 1\nsteps: &a [*a]", 2, "names nothing"),
        ("espalier: 1\nseed: *nowhere", 2, "names nothing"),
        ("espalier: 1\n<<: {seed: 1}", 2, "Merge keys"),
        ("espalier: 1\n3: x", 2, "must be text"),
        ("espalier: 1\n[a, b]: x", 2, "must be text"),
        ("espalier: 1\nseed: .nan", 2, "not a number that"),
        ("espalier: 1\nseed: 1e999", 2, "too large"),
        ("espalier: 1\nseed: " + "9" * 5000, 2, "too many digits"),
        ("espalier: 1\n---\nespalier: 1", 2, "one recipe"),
        ("espalier: 1\nx: " + "[" * 30 + "]" * 30, 2, "nested"),
        ('espalier: 1\nx: "\\ud800"', 2, "not Unicode"),
        ("espalier: \x00", 0, "not YAML"),
        ("%YAML 9999999999999999999.1\n--- {}", 1, "YAML"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidRecipe) as error:
        files.read_text(text, "r.yaml")
    assert words in error.value.message
    assert error.value.problems[0].line == line
    assert error.value.one_line().startswith("r.yaml" + (f", line {line}: " if line else ": "))
    assert "\n" not in error.value.one_line()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"espalier": 1,\n"seed": 1,}', 2, "not JSON"),
        ("", 1, "not JSON"),
        ("[" * 100_000, 0, "nested"),
        ('{"espalier": 1, "x": ' + "[" * 30 + "]" * 30 + "}", 1, "nested"),
        ('{"espalier": 1, "seed": NaN}', 0, "not a number"),
        ('{"espalier": 1, "seed": 1e999}', 0, "too large"),
        ('{"espalier": 1, "seed": ' + "9" * 5000 + "}", 0, "too many digits"),
        ('{"espalier": 1,\n "seed": "\\ud800"}', 2, "not Unicode"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidRecipe) as error:
        files.read_text(text, "r.json", as_json=True)
    assert words in error.value.message
    assert error.value.problems[0].line == line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "not text"),
        (b"\xff\xfee\x00s\x00", "not text"),
        (b"x" * (MAX_BYTES + 1), "larger than"),
        (b"", "is a mapping"),
        (b"- 1", "is a mapping"),
        (b"{}", "does not say"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=words):
        files.load(path)


BOMB = "a: &a [1,2,3,4,5,6,7,8,9]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    "text",
    [BOMB, "[" * 500_000, "{a: " * 100_000, "- " * 300_000, "? " * 300_000, "[" + "1," * 400_000],
    ids=["aliases", "lists", "mappings", "sequences", "keys", "values"],
)
def test_no_text_takes_long_or_much(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidRecipe):
        files.read_text(text)
    assert time.process_time() - began < 20


@steady
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_any_text_is_read_or_refused(text: str) -> None:
    for as_json in (False, True):
        try:
            file = files.read_text(text, as_json=as_json)
        except InvalidRecipe:
            continue
        assert file.problems  # no text of this kind says “espalier: 1”


@steady
@given(st.integers(0, 400), st.sampled_from(["", "}", "\t", ":", "[", "0", "&", "*x", "\n"]))
def test_a_recipe_with_one_thing_changed_is_read_or_refused(at: int, what: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    mutated = text[:at] + what + text[at + 1 :]
    try:
        file = files.read_text(mutated)
    except InvalidRecipe:
        return
    resolution = file.examine(residual_table(), make_registry())
    assert len(resolution.plan.tables) == len(file.recipe.steps) + 1


def test_all_that_is_wrong_is_told_in_one_line_and_the_list_survives_a_pickle() -> None:
    text = "espalier: 1\nsteps:\n  - method: channel\n    ratio: 2\n    rules: [{layers: nope}]\n"
    with pytest.raises(InvalidRecipe) as error:
        files.read_text(text, "r.yaml").resolve(residual_table(), make_registry())
    line = error.value.one_line()
    assert line == (
        "r.yaml, line 4: step 1 (channel), ratio: must be below 1, not 2 (and 1 more problem)."
    )
    again = pickle.loads(pickle.dumps(error.value))
    assert again.problems == error.value.problems
    assert again.one_line() == line
    assert [(p.step, p.rule, p.field) for p in again.problems] == [
        (0, None, "ratio"),
        (0, 0, "layers"),
    ]


def test_what_is_wrong_whatever_the_network() -> None:
    text = "espalier: 1\nsteps:\n  - method: channel\n    ratio: 2\n    rules: [{layers: nope}]\n"
    problems = files.read_text(text).check(make_registry())
    assert [(p.line, p.field) for p in problems] == [(4, "ratio")]


def test_lines_are_those_of_the_nearest_thing() -> None:
    source = parse_yaml("a:\n  - {b: 1}\n  -\n    c: 2\n")
    assert source.line_of(("a", 1, "c")) == 4
    assert source.line_of(("a", 0, "variant", "b")) == 2
    assert source.line_of(("a", 7)) == 1
    assert source.line_of(("z",)) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", "yes"), ("0x1F", 31), ("0o17", 15), ("017", 17), ("1_000", "1_000"), ("1e3", 1000.0),
     ("+.5", 0.5), ("~", None), ("", None), ("True", True), ("2020-01-01", "2020-01-01")],
)  # fmt: skip
def test_scalars_mean_what_they_mean_in_json(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_a_new_file_looks_like_the_manual() -> None:
    step = make_step("channel", [make_rule("layer3.*", ratio=0.5)], ratio=0.3)
    assert files.to_yaml(with_step(Recipe(), step)) == (
        "espalier: 1\n"
        "seed: 0\n"
        "steps:\n"
        "  - method: channel\n"
        "    ratio: 0.3\n"
        "    rules:\n"
        "      - {layers: layer3.*, ratio: 0.5}\n"
    )
