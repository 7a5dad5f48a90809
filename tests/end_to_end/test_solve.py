"""Codes in Chromium against torch, as tests/browser/test_solve.py has them in node."""

import json
import re

import pytest
from browser import test_solve

from sc2viz.browser import modules

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run(chromium):
    """Run tests/browser/codes.mjs in a page, beside the modules that it imports."""
    page = chromium.new_page()
    modules_text = modules.joined(
        *(modules.FOLDER / name for name in ("decode.js", "homotopy.js", "solve.js"))
    )
    text = re.sub(
        r"^import .*\n|^process\.stdout.*\n", "", test_solve.RUNNER.read_text("utf-8"), flags=re.M
    )
    source = f"{modules_text}\n{text}"
    yield lambda **message: json.loads(
        page.evaluate(f"async given => {{ {source}\nreturn computed(given) }}", message)
    )
    page.close()


@pytest.mark.release
@pytest.mark.parametrize("name", ["mnist-5k", "digits"])
def test_every_solver_that_ships_is_torchs(run, name):
    test_solve.test_every_solver_that_ships_is_torchs(run, name)


@pytest.mark.release
def test_guests_that_are_tensor_code_are_torchs(run, bring):
    test_solve.test_guests_that_are_tensor_code_are_torchs(run, bring)


def test_the_homotopy_is_exact(run):
    test_solve.test_the_homotopy_is_exact(run)
