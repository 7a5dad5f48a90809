"""What the page to take away computes, and what making it costs the server."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import sc2viz
from sc2viz import checkpoints, data, solvers
from sc2viz.browser.site_data import data_set


def on_mnist(names) -> list[solvers.Solver]:
    """Solvers as they ship for mnist-5k: trained where there is a network. Those that its atoms do not suit are left out."""
    B, solvers_by_name = checkpoints.load_dictionary("mnist"), []
    for name in names:
        try:
            trained = f"mnist/{name}" in checkpoints.available("mnist")
            solvers_by_name.append(
                checkpoints.load(f"mnist/{name}") if trained else solvers.build(name, B)
            )
        except ValueError:
            continue
    return solvers_by_name


def test_every_solver_is_computed_in_the_browser():
    x, chosen = data.load("mnist-5k", "test").pixels[:1], on_mnist(solvers.NAMES)
    page_data = data_set(x, checkpoints.load_dictionary("mnist"), chosen)
    assert len(chosen) > 20 and not page_data.notes


def test_export_imports_no_compiler():
    code = """import sys
from sc2viz import checkpoints, solvers
from sc2viz.browser.export import export
before = set(sys.modules)
for name in ("digits/slstm", "digits/lfista"):
    export(checkpoints.load(name))
print(sorted(each for each in set(sys.modules) - before if each.startswith(("torch", "sympy"))))"""
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output.strip() == "[]"


X, B = torch.rand(1, 16, generator=torch.Generator().manual_seed(0)), torch.eye(16)


@pytest.mark.parametrize("number", [np.float32, np.float64, torch.tensor, np.array])
def test_numbers_of_numpy_and_torch_make_the_same_page(number):
    usual = sc2viz.live(X, B, ["ista"], lam=0.1, steps=7, shape=(4, 4, 1))
    integer = np.int64 if number in (np.float32, np.float64) else number
    page = sc2viz.live(X, B, ["ista"], lam=number(0.1), steps=integer(7), shape=np.array([4, 4, 1]))
    assert page.html == usual.html


@pytest.mark.parametrize(
    "arguments, message",
    [
        *(
            ({"link": link}, "link must be the address of the app, https")
            for link in (
                "javascript:alert(1)",
                " javascript:alert(1)",
                "java\nscript:alert(1)",
                "data:text/html,x",
                "JavaScript://x",
                "https://x y",
                "example.org",
            )
        ),
        ({"link": 5}, "link must be text, got 5"),
        ({"title": None}, "title must be text, got None"),
        ({"lam": True}, "lam must be > 0 and finite, got True"),
        ({"lam": torch.ones(2)}, "lam must be > 0 and finite, got tensor"),
        ({"lam": "0.1"}, "lam must be > 0 and finite, got '0.1'"),
        ({"steps": 2.5}, r"steps must be a whole number ≥ 1, got 2\.5"),
        ({"steps": np.array([1, 2])}, "steps must be a whole number ≥ 1, got array"),
        (
            {"x": torch.ones(2, 5)},
            r"x must be \(16,\) or \(n, 16\) to fit the atoms of B, got \([12], 5\)",
        ),
        ({"x": X[:0]}, r"x must be .* got \(0, 16\)"),
        ({"x": X * torch.nan}, "x must be finite"),
    ],
)
def test_what_no_page_can_be_made_of_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        sc2viz.live(**{"x": X, "B": B} | arguments)


SAVES = """import sys
from sc2viz.browser.live_page import LivePage
from sc2viz.browser.site import Site
from sc2viz.cli import commands, sites
folder = sys.argv[1]
try:
    LivePage("new" * 10_000).save(f"{folder}/index.html")
except OSError as error:
    print(error)
sites.site = lambda *_, **__: Site({"index.html": b"new", "site.js": b"new" * 10_000})
commands.main(["live", "--data", "digits", "--solvers", "ista", "--out", folder])"""


@pytest.mark.release
def test_a_full_disk_leaves_the_page_and_the_site_that_were_there(tmp_path, on_a_full_disk):
    path = tmp_path / "site" / "index.html"
    path.parent.mkdir()
    path.write_text("old")
    assert on_a_full_disk(SAVES, str(path.parent)).count("File too large") == 2
    assert path.read_text() == "old" and {*tmp_path.rglob("*")} == {path.parent, path}
