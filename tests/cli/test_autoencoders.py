"""`sc2viz sae`: what it says of a file in SAELens' layout, against numpy and scikit-learn."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from sklearn.linear_model import Lasso

from sc2viz.__main__ import main


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A ReLU autoencoder of 24 atoms for 16 numbers, one atom dead, and 60 rows."""
    monkeypatch.chdir(tmp_path)
    draw = torch.Generator().manual_seed(0)
    W_dec = torch.nn.functional.normalize(torch.randn(24, 16, generator=draw), dim=1)
    b_enc = torch.full((24,), -0.3)
    b_enc[5] = -100
    model = {
        "W_enc": W_dec.T.contiguous(),
        "W_dec": W_dec,
        "b_enc": b_enc,
        "b_dec": 0.1 * torch.randn(16, generator=draw),
    }
    save_file(model, "sae_weights.safetensors")
    (tmp_path / "cfg.json").write_text(json.dumps({"architecture": "standard"}))
    x = torch.randn(60, 16, generator=draw)
    np.save("x.npy", x.numpy())
    return {key: value.double().numpy() for key, value in model.items()}, x.double().numpy()


def optimum(x, D, lam):
    lasso = Lasso(
        alpha=lam / x.shape[1], fit_intercept=False, positive=True, tol=1e-12, max_iter=100_000
    )
    codes = np.array([lasso.fit(D, row).coef_ for row in x])
    return 0.5 * ((x - codes @ D.T) ** 2).sum(1) + lam * codes.sum(1), codes


def test_it_prints_the_certified_gap(files, capsys):
    P, x = files
    main(["sae", ".", "x.npy", "--lam", "0.2", "--out", "each.npz"])
    said = capsys.readouterr().out
    rows, D = x - P["b_dec"], P["W_dec"].T
    codes = np.maximum(rows @ P["W_enc"] + P["b_enc"], 0)
    F = 0.5 * ((rows - codes @ D.T) ** 2).sum(1) + 0.2 * codes.sum(1)
    best, exact = optimum(rows, D, 0.2)
    with np.load("each.npz") as each:
        np.testing.assert_allclose(each["F"], F, rtol=1e-5)
        np.testing.assert_allclose(each["optimum"], best, rtol=1e-4)
        assert (
            (each["certificate"] <= 1e-4).all()
            and not each["used"][5]
            and each["used"].sum() == (codes > 0).any(0).sum()
        )
        assert each["non_zeros"].tolist() == (codes > 0).sum(1).tolist()
    assert re.search(rf"{100 * (F.mean() - best.mean()) / best.mean():.1f} % of the optimum", said)
    assert f"dead on these rows: {24 - (codes > 0).any(0).sum()} of 24 atoms" in said
    spread = ((rows - rows.mean(0)) ** 2).sum()
    assert (
        f"R² {1 - ((rows - codes @ D.T) ** 2).sum() / spread:.4f} with {(codes > 0).sum(1).mean():.1f} non-zeros"
        in said
    )
    assert f"exact codes {1 - ((rows - exact @ D.T) ** 2).sum() / spread:.4f}" in said


def test_the_default_lambda_gives_as_many_non_zeros(files, capsys):
    main(["sae", ".", "x.npy"])
    said = capsys.readouterr().out
    own, exact = map(
        float,
        re.search(
            r"with ([\d.]+) non-zeros; exact codes [\d.-]+ with ([\d.]+)\.?\n", said
        ).groups(),
    )
    assert (
        exact == pytest.approx(own, rel=0.05) and "where exact codes have as many non-zeros" in said
    )


def test_one_that_is_denser_than_any_exact_code_is_measured_at_the_smallest_lambda(files, capsys):
    """Rows of 16 numbers have exact codes of at most 16 atoms, and this encoder uses 23 of 24."""
    P, x = files
    dense = {
        **{key: torch.from_numpy(value).float() for key, value in P.items()},
        "b_enc": torch.full((24,), 3.0),
    }
    dense["b_enc"][5] = -100
    save_file(dense, "sae_weights.safetensors")
    main(["sae", ".", "x.npy", "--out", "each.npz"])
    said = capsys.readouterr().out
    with np.load("each.npz") as each:
        lam = float(each["lam"])
        assert each["non_zeros"].mean() > 16 > each["exact_non_zeros"].mean()
        rows = x - P["b_dec"]
        codes = np.maximum(rows @ P["W_enc"] + dense["b_enc"].double().numpy(), 0)
        F = 0.5 * ((rows - codes @ P["W_dec"]) ** 2).sum(1) + lam * codes.sum(1)
        np.testing.assert_allclose(each["F"], F, rtol=1e-4)
    assert lam <= 3e-4 * np.abs(rows @ P["W_dec"].T).max()
    assert (
        f"no λ that was tried gives exact codes of the first rows as many non-zeros: λ = {lam:.3g} is the smallest"
        in said
    )
    assert "where exact codes have as many" not in said
    main(["sae", ".", "x.npy", "--lam", "0.2"])
    assert "no λ that was tried" not in capsys.readouterr().out


def test_batches_do_not_matter(files, capsys, monkeypatch):
    main(["sae", ".", "x.npy", "--lam", "0.1"])
    whole = capsys.readouterr().out
    monkeypatch.setattr("sc2viz.cli.sae.BATCH_ROWS", 7)
    main(["sae", ".", "x.npy", "--lam", "0.1"])
    assert capsys.readouterr().out == whole
    main(["sae", ".", "x.npy", "--lam", "0.1", "--rows", "10"])
    assert "10 rows" in capsys.readouterr().out


def test_weights_that_overflow_are_named_and_nothing_is_certified(files, capsys):
    model = {key: torch.from_numpy(value).float() for key, value in files[0].items()}
    save_file(model | {"W_enc": 1e38 * model["W_enc"]}, "sae_weights.safetensors")
    with pytest.raises(
        SystemExit, match="codes overflow in rows 0 to 59: its weights are too large"
    ):
        main(["sae", ".", "x.npy", "--lam", "0.2", "--out", "each.npz"])
    assert "certified" not in capsys.readouterr().out and not Path("each.npz").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sae", "gone.safetensors", "x.npy"], "gone.safetensors does not exist"),
        (["sae", ".", "gone.npy"], "gone.npy does not exist"),
        (["sae", ".", "wide.npy"], r"wide.npy must hold rows \(n, 16\) to fit the autoencoder"),
        (["sae", ".", "x.npy", "--out", "x.npy"], "--out must end in .npz"),
        (["sae", "x.npy", "x.npy"], "x.npy is not a readable .safetensors file"),
    ],
)
def test_one_clear_line_where_something_is_wrong(files, words, message):
    np.save("wide.npy", np.zeros((3, 5), np.float32))
    with pytest.raises(SystemExit, match=message) as caught:
        main(words)
    assert "\n" not in str(caught.value)
