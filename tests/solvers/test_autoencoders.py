"""Sparse autoencoders as solvers, against numpy in float64, against one step of the iterations that they begin, and against
the certified optimum."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from sc2viz import checkpoints, data, evaluation, lasso, solvers, training
from tests.problems import problem, stirred

KINDS = [
    ("relu-sae", {}),
    ("topk-sae", {"k": 3}),
    ("topk-sae", {"k": 3, "batch": True}),
    ("jump-relu-sae", {}),
    ("gated-sae", {}),
    ("matryoshka-sae", {"k": 3}),
    ("mp-sae", {}),
]
every_kind = pytest.mark.parametrize(
    ("name", "options"), KINDS, ids=lambda value: str(value) if value else "-"
)
LAM = 0.1


def written_out(solver, x, lam, steps=4):
    """The codes by the equation of each kind, in numpy."""
    P = {key: value.double().numpy() for key, value in solver.state_dict().items()}
    D, rows, lam = P["weights.B"], x.double().numpy() - P["offset"], np.asarray(lam).reshape(-1, 1)
    if solver.name == "mp-sae":
        codes, norms = np.zeros((len(rows), D.shape[1])), np.linalg.norm(D, axis=0)
        for i, residual in enumerate(rows.copy()):
            for _ in range(steps):
                j = np.argmax(D.T @ residual / norms)
                add = max(0, D[:, j] @ residual) / norms[j] ** 2
                codes[i, j], residual = codes[i, j] + add, residual - add * D[:, j]
        return codes
    z = rows @ P["weights.W"].T + P["weights.c"]
    if solver.name == "relu-sae":
        return np.maximum(0, z - lam * P["weights.tau"])
    if solver.name == "gated-sae":
        return (z > lam * P["weights.tau"]) * np.maximum(
            np.exp(P["r"]) * (rows @ P["weights.W"].T) + P["m"], 0
        )
    if solver.name == "jump-relu-sae":
        return z * (z > np.sqrt(2 * lam * P["weights.tau"]) * np.exp(P["a"]))
    z = np.maximum(z, 0)
    if solver.batch and P["threshold"] > 0:
        return z * (z > P["threshold"])
    return z * (z >= np.sort(z, 1)[:, [-solver.k]])


@every_kind
@pytest.mark.parametrize("lam", [LAM, torch.tensor([0.02, 0.1, 0.3, 0.5, 1.0, 0.05])])
def test_every_kind_is_its_equation(name, options, lam):
    x, B = problem(6)
    solver = stirred(solvers.build(name, B, 4, **options))
    for threshold in (0.0, 0.4) if getattr(solver, "batch", False) else (0.0,):
        if threshold:
            solver.threshold.fill_(threshold)
        codes = solver(x, lam)
        np.testing.assert_allclose(codes, written_out(solver, x, lam), rtol=1e-9, atol=1e-12)
        assert (codes >= 0).all() and (codes > 0).any()


@pytest.mark.parametrize(("name", "options"), KINDS[:-1])
def test_untrained_it_is_one_gradient_step_from_zero_and_every_T_returns_its_codes(name, options):
    x, B = problem(6)
    solver = solvers.build(name, B, **options)
    P = {key: value.detach() for key, value in solver.state_dict().items()}
    assert_close(P.pop("weights.W"), B.T / torch.linalg.matrix_norm(B, 2) ** 2)
    assert not any(
        value.any() for key, value in P.items() if key in ("offset", "weights.c", "a", "r", "m")
    )
    assert torch.equal(solver(x, LAM, steps=1), solver(x, LAM, steps=7))
    assert not solver(x, LAM, steps=0).any() and solver.trace(x, LAM).codes.shape == (11, 6, 20)


@every_kind
def test_traits_say_what_it_ignores(name, options):
    x, B = problem(6)
    solver = stirred(solvers.build(name, B, **options))
    same = torch.equal(solver(x, 0.01), solver(x, 1.0))
    assert same == (not solver.traits.uses_lambda) and solver.traits.positive
    assert (
        (solver.traits.counts == "atoms")
        == (name == "mp-sae")
        == (not torch.equal(solver(x, LAM, 1), solver(x, LAM, 5)))
    )


@pytest.mark.parametrize("k, message", [(0, "≥ 1, got 0"), (2.5, "or None, got 2.5")])
def test_a_wrong_k_is_named(k, message):
    with pytest.raises(ValueError, match=f"k must be a whole number {message}"):
        solvers.build("topk-sae", torch.eye(4), k=k)


# Codes ≥ 0 of the other solvers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ista", "fista", "lista", "slstm"])
def test_positive_solvers_reach_the_certified_optimum_of_codes_above_zero(tmp_path, name):
    x, B = problem(6)
    solver = solvers.build(name, B, 10, positive=True)
    codes = solver(x, LAM, steps=2000).detach()
    best = lasso.objective(x, lasso.solve(x, B, LAM, tol=1e-9, positive=True).codes, B, LAM)
    assert (codes >= 0).all() and (codes == 0).any()
    assert_close(lasso.objective(x, codes, B, LAM), best, rtol=1e-4, atol=0)
    assert solver.traits.positive and not solvers.solver_class(name).traits.positive
    loaded = checkpoints.load(checkpoints.save(solver, tmp_path / "a.safetensors"))
    assert loaded.traits.positive and torch.equal(loaded(x, LAM), solver(x, LAM))
    guarded = solver.trace(x, LAM, 30, safeguard=True).codes
    F = torch.stack([lasso.objective(x, s, B, LAM) for s in guarded])
    assert (guarded >= 0).all() and (F[1:] <= F[:-1] + 1e-12).all()


def test_positive_solvers_are_measured_by_and_trained_on_codes_above_zero():
    x, B = problem(20)
    B = lasso.normalised(B)
    solver = solvers.build("ista", B, 5000, positive=True)
    assert evaluation.yardsticks(solver, x, LAM, B)["above_own"] == pytest.approx(0, abs=0.1)
    assert evaluation.beyond(solver, x, LAM, [5000]).max() < 0.1
    assert evaluation.yardsticks(solver, x, LAM, B)["rank"] > 1 and not solver.is_ranked
    lista, images = solvers.build("lista", B.float(), 3, positive=True), data.Images("x", x.float())
    loop = training.Loop(
        lista, images, "codes", 1, validation=images, settings=training.Settings(lam=LAM)
    )
    targets = loop._exact_codes(images.pixels, torch.arange(20), LAM)
    assert_close(targets, lasso.solve(x.float(), B.float(), LAM, positive=True).codes)


def test_double_tanh_cannot_be_kept_positive():
    with pytest.raises(ValueError, match="positive belongs to shrinkage, got it with double-tanh"):
        solvers.build("slstm", torch.eye(4), activation="double-tanh", positive=True)
