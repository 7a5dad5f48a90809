"""`bench atoms`: its line for true atoms, and for atoms that are none."""

import torch

from sc2viz import data, dictionary, lasso
from sc2viz.lab.bench import atoms


def test_true_atoms_in_any_order_are_all_found_and_others_are_not(monkeypatch):
    noise = torch.randn(33, 50, generator=torch.Generator().manual_seed(0))
    learned = [data.load("compositional", d_s=50).dictionary.flip(1), lasso.normalised(noise)]
    monkeypatch.setattr(dictionary, "learn", lambda *_, **__: learned.pop(0))
    row = atoms.measure(50, "online", 0)
    assert (row["numbers"], row["n"], row["found"]) == (33, 2500, 1)
    assert min(row["MCC out"], row["MCC in"]) > 0.99
    assert row["recall"] > 0.95 and row["precision"] > 0.8
    row = atoms.measure(50, "online", 0)
    assert row["found"] == 0 and row["MCC out"] < 0.5 and row["precision"] < 0.5
