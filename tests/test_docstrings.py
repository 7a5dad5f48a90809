"""The examples in the docstrings of the public modules run, and print what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

from sc2viz import solvers

PACKAGE = Path(__file__).parents[1] / "sc2viz"
PUBLIC = sorted(path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__"))
MODULES = [f"sc2viz.{name}" for name in PUBLIC] + [
    "sc2viz.solvers.registry",
    "sc2viz.solvers.cell",
    "sc2viz.training.loop",
    "sc2viz.photographs.denoising",
]
WITH_EXAMPLES = {
    "sc2viz.lasso",
    "sc2viz.estimators",
    "sc2viz.dictionary",
    "sc2viz.checkpoints",
    "sc2viz.data",
    "sc2viz.solvers.registry",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name):
    names_before = solvers.NAMES
    failed, tried = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert not failed and (tried or name not in WITH_EXAMPLES)
    assert names_before == solvers.NAMES
