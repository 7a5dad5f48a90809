"""What the page to take away weighs, and what making it costs the server."""

import subprocess
import sys

import pytest

import sc2viz
from sc2viz import checkpoints, data, defaults, solvers


def on_mnist(names) -> list[solvers.Solver]:
    """Solvers as they ship for mnist-5k: trained where there is a network. Those that its atoms do not suit are left out."""
    B, found = checkpoints.load_dictionary("mnist"), []
    for name in names:
        try:
            trained = f"mnist/{name}" in checkpoints.available("mnist")
            found.append(checkpoints.load(f"mnist/{name}") if trained else solvers.build(name, B))
        except ValueError:
            continue
    return found


@pytest.mark.parametrize(("count", "names", "most"), [(1, defaults.SITE, 3e6), (16, defaults.SITE, 3e6),
                                                      (1, solvers.NAMES, 4e6)])  # fmt: skip
def test_the_page_is_small(count, names, most):
    x, chosen = data.load("mnist-5k", "test").pixels[:count], on_mnist(names)
    page = sc2viz.live(x, checkpoints.load_dictionary("mnist"), chosen, noun="digit").html
    assert len(chosen) >= 4 and "is not computed in the browser" not in page
    assert len(page.encode()) <= most


def test_export_imports_no_compiler():
    code = """import sys
from sc2viz import checkpoints, solvers
from sc2viz.stage.export import export
before = set(sys.modules)
for name in ("digits/slstm", "digits/lfista"):
    export(checkpoints.load(name))
print(sorted(each for each in set(sys.modules) - before if each.startswith(("torch", "sympy"))))"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
