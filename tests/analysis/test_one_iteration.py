"""The phases of an iteration are what numpy makes of the equations, at several pictures and λ, for six solvers."""

import numpy as np
import pytest

from sc2viz import checkpoints, data, solvers
from sc2viz.analysis import one_iteration

DRAW = np.random.default_rng(73)
VIEWS = [(int(DRAW.integers(300)), float(DRAW.choice([0.05, 0.1, 0.3, 0.5, 1]))) for _ in range(20)]
UNTRAINED = {"ista": {}, "fista": {}, "adaptive-ista": {"input_gate": 1.8, "forget_gate": -0.8}}
TRAINED = ("lista", "lfista", "slstm")


def numbers(tensor) -> np.ndarray:
    return tensor.detach().double().numpy()


def shrunk(c, theta):
    return np.sign(c) * np.maximum(np.abs(c) - theta, 0)


def momenta(count: int) -> list[float]:
    """FISTA's, by Beck & Teboulle's recursion."""
    k, factors = 1.0, [0.0]
    for _ in range(count - 1):
        next_k = (1 + np.sqrt(1 + 4 * k**2)) / 2
        factors.append((k - 1) / next_k)
        k = next_k
    return factors


@pytest.mark.parametrize("name", [*UNTRAINED, *TRAINED])
def test_each_phase_is_what_numpy_makes_of_the_equation(name):
    x = data.load("digits", "test").pixels
    B = checkpoints.load_dictionary("digits")
    solver = (
        solvers.build(name, B, **UNTRAINED[name])
        if name in UNTRAINED
        else checkpoints.load(f"digits/{name}")
    )
    D, W_e, W_d = map(numbers, (solver.dictionary, solver.W_e, solver.W_d))
    tau = 1 / np.linalg.norm(D, 2) ** 2
    for row, lam in VIEWS:
        record = one_iteration.record(solver, x[row : row + 1], lam, 10)
        centred, s, cell = numbers(x[row]), np.zeros(D.shape[1]), np.zeros(D.shape[1])
        previous = s
        for t, m in enumerate(momenta(10)):
            point = s + m * (s - previous) if name == "fista" else s
            help = D.T @ (centred - D @ point)
            assert record["help"][t] == pytest.approx(help, abs=1e-5)
            assert record["missing"][t] == pytest.approx(centred - D @ s, abs=1e-5)
            F = np.sum((centred - D @ s) ** 2) / 2 + lam * np.linalg.norm(D, axis=0) @ np.abs(s)
            assert record["F"][t] == pytest.approx(F, rel=1e-5)
            if name == "fista":
                assert record["point"][t] == pytest.approx(point, abs=1e-5)
            candidate = W_e @ point + W_d @ centred
            if name == "lfista":
                m = numbers(solver.m)[min(t, len(solver.m) - 1)]
                W_m = numbers(solver.weights.matrices().W_m)
                candidate = (1 + m) * W_e @ s - m * W_m @ previous + W_d @ centred
            elif name not in TRAINED:
                assert candidate == pytest.approx(point + tau * help, abs=1e-5)
            assert record["candidate"][t] == pytest.approx(candidate, abs=1e-5)
            into = candidate
            if "input_gate" in record:
                into = cell = record["forget_gate"][t] * cell + record["input_gate"][t] * candidate
            previous, s = s, record["codes"][t + 1]
            if name not in TRAINED:
                assert s == pytest.approx(shrunk(into, lam * tau), abs=1e-5)
            else:  # a threshold an atom
                assert np.all((s == 0) | (np.sign(s) == np.sign(into)))


def test_the_strongest_atoms_have_the_largest_weights_of_all_iterations():
    codes = [np.array([[0.0, 0, 0], [1, -4, 2]]), np.array([[0.0, 0, 0], [3, 0, 0]])]
    assert one_iteration.strongest({"codes": code} for code in codes) == [1, 0, 2]
