"""`bench atoms`: how many known atoms each rule of learning finds, and how well codes on what is found match the true ones.

The rows are those of arXiv 2603.28744 (`data.compositional`): learned from the training rows alone, at λ = LAM with EPOCHS
epochs, which were chosen on seeds 10 to 12. Codes of test rows are exact, at LAM.
"""

import argparse
from functools import partial

import pandas
import torch
from torch import Tensor

from sc2viz import data, dictionary, evaluation, lasso
from sc2viz.analysis import matching
from sc2viz.lab.bench.stopwatch import Stopwatch, print_table

LAM, EPOCHS = 0.03, 300


def run(arguments: argparse.Namespace) -> None:
    """Print a row for each number of atoms, rule and seed, and the means over the seeds with their spread."""
    noise = "no noise" if arguments.snr_db is None else f"noise of {arguments.snr_db:g} dB"
    print(f"exact codes ≥ 0 at λ = {LAM:g}, {noise}; MCC is larger for fewer rows, n")
    rows = [
        {"atoms": d_s, "rule": rule, "seed": seed} | measure(d_s, rule, seed, arguments.snr_db)
        for d_s in arguments.atoms
        for rule in arguments.rule or dictionary.RULES
        for seed in arguments.seeds
    ]
    print_table(rows)
    if len(arguments.seeds) > 1:
        groups = pandas.DataFrame(rows).drop(columns="seed").groupby(["atoms", "rule"], sort=False)
        print("\n" + groups.agg(["mean", "std"]).T.round(3).to_string())


def measure(d_s: int, rule: str, seed: int, snr_db: float | None = None) -> dict[str, float]:
    """Of a dictionary learned by `rule`: MCC out of the distribution and in it, the share of atoms found, precision and
    recall of the supports out of the distribution, and the processor's seconds."""
    train, seen, unseen = (
        data.load("compositional", split, d_s=d_s, out=out, seed=seed)
        for split, out in (("train", True), ("test", False), ("test", True))
    )
    generator = torch.Generator().manual_seed(seed)
    x, x_seen, x_unseen = (
        noisy(images.pixels, snr_db, generator) for images in (train, seen, unseen)
    )
    seconds, B = Stopwatch(processor_time=True).time(
        partial(
            dictionary.learn,
            x,
            d_s,
            LAM,
            seed=seed,
            tol=1e-9,
            max_epochs=EPOCHS,
            positive_codes=True,
            rule=rule,
        )
    )
    codes, codes_seen = (
        lasso.solve(rows, B, LAM, positive=True).codes for rows in (x_unseen, x_seen)
    )
    _, order, cosines = matching.matched(train.dictionary, B)
    counts = evaluation.agreement(codes[:, order], unseen.codes)
    hits, missed, alarms = (
        part.sum().item() for part in (counts.hits, counts.missed, counts.alarms)
    )
    return {
        "numbers": len(B),
        "n": len(x_unseen),
        "MCC out": round(matching.mean_correlation(unseen.codes, codes), 3),
        "MCC in": round(matching.mean_correlation(seen.codes, codes_seen), 3),
        "found": round((cosines > matching.FOUND).float().mean().item(), 3),
        "precision": round(hits / max(hits + alarms, 1), 3),
        "recall": round(hits / max(hits + missed, 1), 3),
        "processor s": round(seconds, 1),
    }


def noisy(x: Tensor, snr_db: float | None, generator: torch.Generator) -> Tensor:
    """x (n, d_x) plus white noise at this ratio of ‖x‖² of the row to the mean of ‖noise‖², in decibels; None for none."""
    if snr_db is None:
        return x
    deviation = x.norm(dim=1, keepdim=True) * 10 ** (-snr_db / 20) / x.shape[1] ** 0.5
    return x + deviation * torch.randn(x.shape, generator=generator)
