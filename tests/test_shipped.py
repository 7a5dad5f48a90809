"""The networks that ship: near their own optimum after the iterations that they were trained for, and beyond them."""

import pytest

from sc2viz import checkpoints, data, evaluation

LAMBDAS = (0.01, 0.03, 0.1, 0.3, 1.0)
BEYOND = (20, 50, 100, 300)
ROWS = 200  # of the test split: the commands in pretrained/README.md measure all of it
DATA = {"mnist": "mnist-5k", "digits-256": "digits"}  # where it is not the folder's name
# Most that the mean may lie above the own optimum at T = 10, in %; a subsample is allowed a little more than the whole.
MOST = {"mnist": 0.8, "patches": 1.4, "cifar10": 1.2, "digits": 4.6, "digits-256": 20.0, "grey-patches": 11.0}


def holds(name):
    """Whether a network was trained by today's recipe for every λ: without labels, by shrinkage."""
    notes = checkpoints.notes(name)
    return notes.get("horizon") is not None and checkpoints.config(name).get("activation", "shrinkage") == "shrinkage"


@pytest.mark.parametrize("name", [name for name in checkpoints.available() if holds(name)])
def test_a_network_holds_at_every_number_of_iterations_and_every_lambda(name):
    folder = name.split("/")[0]
    pictures = DATA.get(folder, folder)
    if pictures not in data.available():
        pytest.skip(f"{pictures} is not on this machine")
    solver, x = checkpoints.load(name), data.load(pictures, "test").pixels[:ROWS]
    for lam in LAMBDAS:
        first, *later = evaluation.beyond(solver, x, lam, (solver.steps, *BEYOND))[:, 0].tolist()
        assert first < MOST[folder], (lam, first)
        assert max(later) < max(2 * first, 1.0), (lam, first, later)
