"""`sc2viz sae`: what it says of a file in SAELens' layout, against numpy and scikit-learn."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sc2viz.__main__ import main
from tests.problems import F, scikit_learn


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A ReLU autoencoder of 24 atoms for 16 numbers, one atom dead; x.npy has 60 rows."""
    monkeypatch.chdir(tmp_path)
    draw = torch.Generator().manual_seed(0)
    W_dec = torch.nn.functional.normalize(torch.randn(24, 16, generator=draw), dim=1)
    model = {
        "W_enc": W_dec.T.contiguous(),
        "W_dec": W_dec,
        "b_enc": torch.full((24,), -0.3),
        "b_dec": 0.1 * torch.randn(16, generator=draw),
    }
    Path("cfg.json").write_text('{"architecture": "standard"}')
    np.save("x.npy", torch.randn(60, 16, generator=draw).numpy())
    write(model)
    return model


def write(model):
    model["b_enc"][5] = -100
    save_file(model, "sae_weights.safetensors")


def coded(model):
    """The rows less the offset, their codes, and the atoms."""
    rows = torch.from_numpy(np.load("x.npy")).double() - model["b_dec"].double()
    codes = (rows @ model["W_enc"].double() + model["b_enc"].double()).relu()
    return rows, codes, model["W_dec"].T.double()


def sae(capsys, options=""):
    main(f"sae . x.npy {options}".split())
    return capsys.readouterr().out


def test_it_prints_the_certified_gap(model, capsys):
    output = sae(capsys, "--lam 0.2 --out rows.npz")
    rows, codes, D = coded(model)
    exact = scikit_learn(rows, D, 0.2, positive=True)
    objective, best = F(rows, codes, D, 0.2), F(rows, exact, D, 0.2)
    used = (codes > 0).any(0).numpy()
    with np.load("rows.npz") as stored:
        np.testing.assert_allclose(stored["F"], objective, rtol=1e-5)
        np.testing.assert_allclose(stored["optimum"], best, rtol=1e-4)
        assert (stored["certificate"] <= 1e-4).all()
        assert not used[5] and (stored["used"] == used).all()
        assert stored["non_zeros"].tolist() == (codes > 0).sum(1).tolist()
    assert f"{100 * (objective.mean() / best.mean() - 1):.1f} % of the optimum" in output
    assert f"dead on these rows: {24 - used.sum()} of 24 atoms" in output
    spread = (rows - rows.mean(0)).square().sum()
    r2, exact_r2 = (1 - (rows - s @ D.T).square().sum() / spread for s in (codes, exact))
    count = (codes > 0).sum(1).double().mean()
    assert f"R² {r2:.4f} with {count:.1f} non-zeros; exact codes {exact_r2:.4f}" in output


def test_one_that_is_denser_than_any_exact_code_is_measured_at_the_smallest_lambda(model, capsys):
    """Rows of 16 numbers have exact codes of at most 16 atoms, and this encoder uses 23 of 24."""
    model["b_enc"][:] = 3.0
    write(model)
    output = sae(capsys, "--out rows.npz")
    rows, codes, D = coded(model)
    with np.load("rows.npz") as stored:
        lam = float(stored["lam"])
        assert stored["non_zeros"].mean() > 16 > stored["exact_non_zeros"].mean()
        np.testing.assert_allclose(stored["F"], F(rows, codes, D, lam), rtol=1e-4)
    assert lam <= 3e-4 * (rows @ D).abs().max()
    assert (
        f"exact codes of the first rows as many non-zeros: λ = {lam:.3g} is the smallest" in output
    )
    assert "where exact codes have as many" not in output
    assert "no λ that was tried" not in sae(capsys, "--lam 0.2")


def test_batches_do_not_matter(model, capsys, monkeypatch):
    output = sae(capsys, "--lam 0.1")
    monkeypatch.setattr("sc2viz.cli.sae.BATCH_ROWS", 7)
    assert sae(capsys, "--lam 0.1") == output
    assert "10 rows" in sae(capsys, "--lam 0.1 --rows 10")


def test_weights_that_overflow_are_named_and_nothing_is_certified(model, capsys):
    write(model | {"W_enc": 1e38 * model["W_enc"]})
    with pytest.raises(SystemExit, match="codes overflow in rows 0 to 59: its weights are too"):
        sae(capsys, "--lam 0.2 --out rows.npz")
    assert "certified" not in capsys.readouterr().out and not Path("rows.npz").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("gone.safetensors x.npy", "gone.safetensors does not exist"),
        (". gone.npy", "gone.npy does not exist"),
        (". wide.npy", r"wide.npy must hold rows \(n, 16\) to fit the autoencoder"),
        (". x.npy --out x.npy", "--out must end in .npz"),
        ("x.npy x.npy", "x.npy is not a readable .safetensors file"),
    ],
)
def test_one_clear_line_where_something_is_wrong(model, options, message):
    np.save("wide.npy", np.zeros((3, 5), np.float32))
    with pytest.raises(SystemExit, match=message) as caught:
        main(f"sae {options}".split())
    assert "\n" not in str(caught.value)
