"""`bench atoms`: its line for true atoms and for atoms that are mixed up, and the rules that it measures."""

import pytest
import torch

from sc2viz import data, dictionary, lasso
from sc2viz.__main__ import main
from sc2viz.lab.bench import atoms


@pytest.fixture
def learned(monkeypatch):
    """What is learned, at first the true atoms of seed 0 in another order."""
    atoms = {"B": data.load("compositional", d_s=50).dictionary.flip(1)}
    monkeypatch.setattr(dictionary, "learn", lambda *_, **__: atoms["B"])
    return atoms


def test_true_atoms_in_any_order_are_all_found_and_others_are_not(learned):
    row = atoms.measure(50, "online", 0)
    assert (row["numbers"], row["n"], row["found"]) == (33, 2500, 1)
    assert min(row["MCC out"], row["MCC in"]) > 0.99
    assert row["recall"] > 0.95 and row["precision"] > 0.8
    noise = torch.randn(33, 50, generator=torch.Generator().manual_seed(0))
    learned["B"] = lasso.normalised(noise)
    row = atoms.measure(50, "online", 0)
    assert row["found"] == 0 and row["MCC out"] < 0.5 and row["precision"] < 0.5


def test_noise_has_the_ratio_asked_for():
    x = torch.rand(4000, 30) * torch.arange(1, 4001)[:, None]
    noise = atoms.add_noise(x, 20, torch.Generator().manual_seed(0)) - x
    share = noise.square().sum(1) / x.square().sum(1)
    assert share.mean() == pytest.approx(0.01, rel=0.02)


def test_a_line_is_printed_for_each_rule_and_seed_and_the_means(learned, capsys):
    main(["bench", "atoms", "--atoms", "50", "--seeds", "0", "1"])
    rows, means = capsys.readouterr().out.strip().split("\n\n")[1:]
    expected = [[rule, seed] for rule in dictionary.RULES for seed in ("0", "1")]
    assert [line.split()[1:3] for line in rows.splitlines()[1:]] == expected
    assert "mean" in means and "std" in means
