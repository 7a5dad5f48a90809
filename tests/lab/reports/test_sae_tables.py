"""The tables of autoencoders on the page of results, from records made by hand."""

import statistics

import numpy as np

from sc2viz.lab.experiments.protocols import KNOWN_CODES, Run
from sc2viz.lab.experiments.records import packed
from sc2viz.lab.reports import sae_tables as tables

METRICS = {
    "dictionary_percent": 1.0,
    "r2": 0.8,
    "exact_r2": 0.9,
    "non_zeros": 10.0,
    "exact_non_zeros": 9.9,
    "dead": 3,
    "multiplications": 1234,
    "lam": 0.3,
    "bar_lam": 0.2,
    "trained_at": 0.3,
    "training_seconds": 1.0,
    "bar_epochs": [5, 6, 7],
}


def run(mode, kind, seed=0, data="digits", atoms=128):
    return Run(data, "", "", mode, kind, atoms, seed, "autoencoders")


def record(percent, gaps=(1.0,)):
    return {"metrics": METRICS | {"percent": percent, "rows": packed(np.array(gaps, float))}}


def test_the_tables_tell_means_over_seeds_and_the_half():
    rng, records = np.random.default_rng(0), {}
    for mode in ("frozen", "joint"):
        for seed in range(3):
            gaps = rng.random(200) + 2
            smaller = gaps - 0.5 * (rng.random(200) < 0.9)
            records[run(mode, "relu", seed)] = record(20.0 + seed, gaps)
            records[run(mode, "steps-2", seed)] = record(12.0, gaps)
            records[run(mode, "steps-5", seed)] = record(9.0, smaller)
    records[run("fixed", "relu")] = record(5.0)
    records[run("joint", "gated")] = record(1.0)
    text = tables.markdown(tables.publish(records))
    spread = f"± {statistics.stdev([20, 21, 22]):.1f} %"
    for passage in (
        f"| ReLU | 3, 3 | 1,234 | 21.0 {spread} | 10.0 ± 0.0 | 21.0 {spread} | 0.30 ± 0.00 | 1.0 ± 0.0 % |",
        "exact codes have 9.9 non-zeros on test rows, and half of the encoder’s gap is gone at T = 5; 5 steps beat",
        "(sign test over 3 seeds, p < 0.0001",
        "D★ (λ = 0.2; 5, 6, 7 epochs",
        "| Gated | 0, 1 |",
        "ReLU has 10.0 non-zeros and R² 0.800;",
    ):
        assert passage in text


def test_published_numbers_stand_beside_measured_ones():
    metrics = {"mcc_out": 0.71, "exact_mcc_out": 0.86, "r2_out": 0.9, "non_zeros_out": 10.0}
    name, atoms = KNOWN_CODES
    records = {
        run("known", kind, 0, name, atoms): {"metrics": metrics} for kind in ("topk", "true")
    }
    text = tables.markdown(tables.publish(records) | {"missing": []})
    assert "| TopK | 0.710 | 0.705 | 0.860 | 0.865 |" in text
    assert "| true atoms |  |  | 0.860 | 0.986 |" in text
    assert text.endswith(
        "Within 0.05 of the published MCC: TopK. Further away: true atoms (0.860, published 0.986)."
    )
