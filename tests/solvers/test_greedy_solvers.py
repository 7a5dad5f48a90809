"""OMP and IHT, and the masked problem of ISTA and FISTA, against scikit-learn, numpy and the certified exact codes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import orthogonal_mp
from torch.testing import assert_close

from sc2viz import data, lasso, solvers


def problem(n, d_x, d_s, seed=0, atoms=5):
    """Sparse combinations of unit atoms plus noise, float64."""
    generator = torch.Generator().manual_seed(seed)
    B = lasso.normalised(torch.randn(d_x, d_s, generator=generator, dtype=torch.float64))
    codes = torch.randn(n, d_s, generator=generator, dtype=torch.float64)
    codes *= torch.rand(n, d_s, generator=generator) < atoms / d_s
    return codes @ B.T + 0.05 * torch.randn(n, d_x, generator=generator, dtype=torch.float64), B


@pytest.mark.parametrize("steps", [1, 7, 20])
def test_omp_is_that_of_scikit_learn(steps):
    x, B = problem(1000, 30, 60)
    ours = solvers.build("omp", B, steps)(x, 0.1).detach().numpy()
    theirs = orthogonal_mp(B.numpy(), x.numpy().T, n_nonzero_coefs=steps).T
    assert_array_equal(ours != 0, theirs != 0)
    assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_omp_has_the_supports_of_scikit_learn_for_many_atoms():
    """In float32."""
    x, B = (array.float() for array in problem(40, 256, 1024, atoms=32))
    ours = solvers.build("omp", B, 32)(x, 0.1).detach().numpy()
    theirs = orthogonal_mp(B.numpy(), x.numpy().T, n_nonzero_coefs=32).T
    assert ((ours != 0).sum(1) == 32).all()
    assert_array_equal(ours != 0, theirs != 0)
    assert_allclose(ours, theirs, rtol=0, atol=1e-4)


def test_omp_stops_where_scikit_learn_does():
    x, B = problem(300, 30, 60, seed=1)
    epsilon = 0.4
    ours = solvers.build("omp", B, 30, epsilon=epsilon)(x, 0.1)
    theirs = orthogonal_mp(B.numpy(), x.numpy().T, tol=epsilon**2).T
    theirs[x.norm(dim=1) <= epsilon] = 0  # scikit-learn always takes one atom
    assert_array_equal(ours.detach().numpy() != 0, theirs != 0)
    assert_allclose(ours.detach().numpy(), theirs, rtol=0, atol=1e-9)
    assert ((x - ours @ B.T).norm(dim=1) <= epsilon * (1 + 1e-9)).all() and len(
        set((ours != 0).sum(1).tolist())
    ) > 1


def test_omp_chooses_by_the_angle_where_atoms_are_not_of_norm_one():
    x, B = problem(50, 12, 20, seed=2)
    scale = torch.linspace(0.2, 1, 20, dtype=torch.float64)
    plain, scaled = (solvers.build("omp", atoms, 5)(x, 0.1) for atoms in (B, B * scale))
    assert_close(scaled * scale, plain)


@given(
    n=st.integers(1, 4),
    d_x=st.integers(1, 10),
    d_s=st.integers(1, 14),
    steps=st.integers(1, 16),
    seed=st.integers(0, 999),
)
@settings(max_examples=60)
def test_every_atom_of_omp_improves_the_fit_and_its_residual_is_orthogonal(
    n, d_x, d_s, steps, seed
):
    x, B = problem(n, d_x, d_s, seed)
    B = torch.cat((B, B[:, :1], torch.zeros(d_x, 1)), 1)  # an atom twice, and one of zeros
    codes = solvers.build("omp", B, steps).trace(x, 0.1).codes.detach()
    residual_norms = (x - codes @ B.T).norm(dim=2)
    assert (residual_norms[1:] <= residual_norms[:-1] + 1e-9).all()
    for t, s in enumerate(codes):
        assert ((s != 0).sum(1) <= t).all()
        assert ((s != 0) * ((x - s @ B.T) @ B)).abs().max() < 1e-7


def test_omp_leaves_its_drive_and_its_states_as_they_are():
    """A drive serves any number of runs, and a state any number of continuations, whichever come first."""
    x, B = problem(40, 20, 50, seed=4)
    solver = solvers.build("omp", B, 12)
    drive = solver.drive(x, torch.tensor(0.1))
    drive_before = [tensor.clone() for tensor in drive]
    states = [solver.start(x)]
    for _ in range(12):
        states.append(solver.step(states[-1], drive))
    for state, next_state in reversed([*zip(states, states[1:], strict=False)]):
        assert_close(solver.step(state, drive).codes, next_state.codes)
    assert all(map(torch.equal, drive_before, drive))


@given(k=st.integers(1, 30), seed=st.integers(0, 999), ties=st.booleans())
@settings(max_examples=40)
def test_iht_never_has_more_than_k_codes_and_never_fits_worse(k, seed, ties):
    x, B = problem(6, 12, 24, seed)
    if ties:
        x, B = x.sign(), torch.cat((B[:, :12].sign(), B[:, :12].sign()), 1) / 12**0.5
    solver = solvers.build("iht", B, 15, k=k)
    codes = solver.trace(x, 0.1).codes.detach()
    assert ((codes != 0).sum(2) <= k).all()
    residual_norms = (x - codes @ B.T).norm(dim=2)
    assert (residual_norms[1:] <= residual_norms[:-1] + 1e-9).all()


def test_iht_is_its_equation():
    x, B = problem(5, 10, 25, seed=4)
    s, tau = np.zeros((5, 25)), 1 / np.linalg.norm(B.numpy(), 2) ** 2
    for _ in range(8):
        s = s + tau * (x.numpy() - s @ B.numpy().T) @ B.numpy()
        s[np.abs(s) < np.sort(np.abs(s))[:, -3:-2]] = 0  # ⌈25/10⌉ = 3 stay
    assert_allclose(solvers.build("iht", B, 8)(x, 0.1).detach(), s, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("iht", {"k": 0}, "k must be a whole number ≥ 1, got 0"),
        ("iht", {"k": 2.5}, r"k must be a whole number or None, got 2\.5"),
        ("omp", {"epsilon": -1.0}, r"epsilon must be ≥ 0 and finite, got -1\.0"),
        ("omp", {"epsilon": float("nan")}, "epsilon must be ≥ 0 and finite, got nan"),
    ],
)
def test_bad_options_are_named(name, options, message):
    with pytest.raises(ValueError, match=message):
        solvers.build(name, torch.eye(4), **options)


# The masked problem ---------------------------------------------------------------------------------------------------


def masked(n=20, seed=0):
    x, B = problem(n, 16, 24, seed)
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(seed)) < 0.6
    return x, B, mask


@pytest.mark.parametrize(("name", "steps", "excess"), [("ista", 5000, 1e-3), ("fista", 2000, 1e-6)])
def test_masked_solvers_reach_the_optimum_of_the_atoms_where_x_was_observed(name, steps, excess):
    x, B, mask = masked()
    codes = solvers.build(name, B, steps)(x, 0.1, mask=mask).detach()
    for row, observed, s in zip(x, mask, codes, strict=True):
        exact = lasso.solve(row[None, observed], B[observed], 0.1, tol=1e-10)
        reached, optimum = (
            lasso.objective(row[None, observed], code, B[observed], 0.1)
            for code in (s[None], exact.codes)
        )
        assert_close(reached, optimum, rtol=excess, atol=0)


@pytest.mark.parametrize("name", ["ista", "fista", "iht"])
def test_what_was_not_observed_does_not_matter_and_a_full_mask_changes_nothing(name):
    x, B, mask = masked()
    solver = solvers.build(name, B, 12)
    elsewhere = torch.where(mask, x, torch.nan)
    assert_close(solver(elsewhere, 0.1, mask=mask), solver(x, 0.1, mask=mask))
    assert_close(solver.trace(elsewhere, 0.1, mask=mask).codes[-1], solver(x, 0.1, mask=mask))
    with pytest.raises(ValueError, match="safeguard .* leave it out with a mask"):
        solver.trace(x, 0.1, mask=mask, safeguard=True)
    assert_close(solver(x, 0.1, mask=torch.ones_like(mask)), solver(x, 0.1))


def test_solvers_say_whether_they_take_a_mask():
    B = data.load("digits").pixels[:80].T.contiguous()
    takes = {name for name in solvers.NAMES if solvers.takes_mask(solvers.build(name, B))}
    assert takes >= {"ista", "fista", "iht"} and not takes & {
        "adaptive-ista",
        "lista",
        "lfista",
        "slstm",
        "omp",
    }
