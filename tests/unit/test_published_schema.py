"""The JSON Schema of recipes that is shipped is that of the methods there are."""

import json

from engine.methods import catalog
from engine.paths import RESOURCES
from engine.recipe import files
from engine.recipe.schema import recipe_schema

SHIPPED = RESOURCES / "recipe.schema.json"


def test_the_shipped_schema_is_up_to_date() -> None:
    """Where it is not: `espalier methods --schema > resources/recipe.schema.json`."""
    assert catalog
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == recipe_schema()


def test_the_sample_recipe_is_valid() -> None:
    file = files.read_file(RESOURCES / "samples" / "digits.recipe.yaml")
    assert not file.check()
