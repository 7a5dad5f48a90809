"""What networks learned, against numpy: the numbers of their parts, and F of networks that are put together by hand."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from sc2viz import checkpoints, data, solvers
from sc2viz.analysis import learned
from tests.problems import F, soft

LAM = 0.2


def network(name: str, rows: int) -> tuple[solvers.Solver, torch.Tensor]:
    rng = np.random.default_rng(rows)
    return checkpoints.load(f"digits/{name}"), data.load("digits", "test").pixels[
        rng.integers(0, 300, rows)
    ]


def by_hand(W_e, W_d, theta, x, steps: int) -> np.ndarray:
    """The codes of s ← h_θ(W_e s + W_d x), (steps + 1, n, d_s)."""
    codes = [np.zeros((len(x), len(W_d)))]
    for _ in range(steps):
        c = codes[-1] @ W_e.T + x @ W_d.T
        codes.append(soft(c, theta))
    return np.array(codes)


def mean_F(codes, x, B) -> np.ndarray:
    norms = np.linalg.norm(B, axis=0)
    return F(x, codes * norms, B / norms, LAM).mean(1)


@pytest.mark.parametrize(("name", "rows"), [("lista", 3), ("slstm", 5), ("lfista", 2)])
def test_the_numbers_are_those_of_its_weights(name, rows):
    solver, x = network(name, rows)
    result = learned.learned(solver, x, LAM, 4)
    weights = solver.weights.matrices()
    B, W_d, *matrices = (
        matrix.detach().double().numpy() for matrix in (solver.dictionary, weights.W_d, weights.W_e)
    )
    matrices += [weights.W_m.detach().double().numpy()] if name == "lfista" else []
    L = np.linalg.norm(B, 2) ** 2
    assert_allclose(result.values["steps"], L * np.diag(W_d @ B) / (B**2).sum(0), rtol=1e-4)
    spectra = np.concatenate([np.linalg.svd(matrix, compute_uv=False) for matrix in matrices])
    assert_allclose(result.values["matrix"], spectra, atol=1e-4)
    assert_allclose(result.spectrum, np.linalg.svd(np.eye(B.shape[1]) - B.T @ B / L)[1], atol=1e-4)
    assert result.spectrum.max() <= 1 + 1e-5
    bright = solver.norm or np.linalg.norm(x.numpy(), axis=1)
    parameters = {key: value.detach().double().numpy() for key, value in solver.named_parameters()}
    z = np.clip(np.log10(LAM * bright / np.linalg.norm(x.numpy(), axis=1)) + 1, -1.5, 1)
    theta = (
        LAM * weights.step.item() * np.exp(parameters["a"] + parameters["v"] * z[:, None]).mean(0)
    )
    assert_allclose(result.values["thresholds"], theta * L / LAM, rtol=2e-3)
    assert ("gates" in result.values) == (name == "slstm")
    if name == "slstm":
        path = solver.trace(x, LAM, 4)
        assert_allclose(result.values["gates"], path.input_gate.detach().mean((0, 1)), rtol=1e-5)
        assert result.forget == pytest.approx(path.forget_gate.detach().mean().item())


@pytest.mark.parametrize("name", ["lista", "slstm"])
def test_F_with_parts_put_back_is_that_of_the_altered_network(name):
    """Without gates a network is s ← h_θ(W_e s + W_d x), also where some of the three are ISTA's."""
    solver, x = network(name, 4)
    result, x = learned.learned(solver, x, LAM, 5), x.double().numpy()
    B, W_d, W_e = (
        matrix.detach().double().numpy() for matrix in (solver.dictionary, solver.W_d, solver.W_e)
    )
    L = np.linalg.norm(B, 2) ** 2
    gates = ("gates",) if name == "slstm" else ()
    for parts in (("steps",), ("matrix",), ("steps", "matrix")):
        altered = (
            B.T / L if "steps" in parts else W_d,
            np.eye(len(W_e)) - B.T @ B / L if "matrix" in parts else W_e,
        )
        replaced = tuple(kind for kind in learned.KINDS if kind in (*parts, "thresholds", *gates))
        codes = by_hand(altered[1], altered[0], LAM / L, x, 5)
        assert_allclose(result.F[replaced], mean_F(codes, x, B), rtol=1e-3)
    replaced = tuple(result.values)  # all of them
    assert_allclose(result.F[replaced], result.ista[:6], rtol=1e-4)
    assert_allclose(
        result.ista,
        mean_F(by_hand(np.eye(len(W_e)) - B.T @ B / L, B.T / L, LAM / L, x, 100), x, B),
        rtol=1e-3,
    )
    assert len(result.F) == 2 ** len(result.values)


def test_what_a_network_does_not_have_is_left_out():
    B = checkpoints.load_dictionary("digits")
    x = data.load("digits", "test").pixels[:2]
    parts = {
        name: list(learned.learned(solvers.build(name, B, 3), x, LAM, 3).values)
        for name in ("lista-cp", "step-lista")
    }
    assert parts == {"lista-cp": [], "step-lista": ["thresholds"]}
    smooth = checkpoints.load("digits/slstm-double-tanh")
    assert list(learned.learned(smooth, x, LAM, 3).values) == ["steps", "matrix", "gates"]


def test_thresholds_that_differ_between_layers_are_all_there():
    B = checkpoints.load_dictionary("digits")
    solver = solvers.build("step-lista", B, 3)
    with torch.no_grad():
        solver.a += torch.tensor([0.0, 0.5, 1.0])
    values = learned.learned(solver, data.load("digits", "test").pixels[:2], LAM, 3).values[
        "thresholds"
    ]
    assert_allclose(
        values.reshape(3, -1), np.exp([0.0, 0.5, 1.0])[:, None].repeat(B.shape[1], 1), rtol=2e-3
    )
