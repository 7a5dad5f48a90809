"""`bench atoms`: how many known atoms each rule of learning finds, and how well codes on what is found match the true ones.

The rows are those of arXiv 2603.28744 (`data.compositional`): learned from the training rows alone, at λ = LAM with EPOCHS
epochs, which were chosen on seeds 10 to 12. Codes of test rows are exact, at LAM.
"""

import argparse
from functools import partial

import torch
from torch import Tensor

from sc2viz import data, dictionary, evaluation, lasso
from sc2viz.analysis import matching
from sc2viz.lab.bench.stopwatch import Stopwatch

LAM, EPOCHS = 0.03, 300


def run(asked: argparse.Namespace) -> None:
    """Print a line for each number of atoms, rule and seed, and the means over the seeds."""
    noise = "no noise" if asked.snr_db is None else f"noise of {asked.snr_db:g} dB"
    print(
        f"exact codes ≥ 0 at λ = {LAM:g}, {noise}; MCC is larger for fewer rows, n\n\n"
        "atoms  numbers  rule           seed      n   MCC out    in  found  precision  recall  processor s"
    )
    for d_s in asked.atoms:
        for rule in dictionary.RULES if asked.rule is None else asked.rule:
            rows = [measured(d_s, rule, seed, asked.snr_db) for seed in asked.seeds]
            table = torch.tensor([row[2:] for row in rows], dtype=torch.float64)
            for seed, row in zip(asked.seeds, rows, strict=True):
                _say(d_s, rule, str(seed), *row)
            if len(rows) > 1:
                _say(d_s, rule, "mean", *rows[0][:2], *table.mean(0).tolist())
                _say(d_s, rule, "± sd", *rows[0][:2], *table.std(0).tolist())


def _say(d_s: int, rule: str, seed: str, d_x: int, n: int, *figures: float) -> None:
    out, inside, found, precision, recall, seconds = figures
    print(
        f"{d_s:5}  {d_x:7}  {rule:13}  {seed:>4}  {n:5}   {out:7.3f}  {inside:.3f}  {found:.3f}  "
        f"{precision:9.3f}  {recall:6.3f}  {seconds:11.1f}",
        flush=True,
    )


def measured(d_s: int, rule: str, seed: int, snr_db: float | None = None) -> tuple[float, ...]:
    """(d_x, n test rows, MCC out of the distribution, MCC in it, the share of atoms found, precision and recall of the
    supports out of the distribution, seconds of the processor) of a dictionary learned by `rule`."""
    train, seen, unseen = (
        data.load("compositional", split, d_s=d_s, out=out, seed=seed)
        for split, out in (("train", True), ("test", False), ("test", True))
    )
    assert train.dictionary is not None and unseen.codes is not None and seen.codes is not None
    generator = torch.Generator().manual_seed(seed)
    x, x_seen, x_unseen = (
        noisy(images.pixels, snr_db, generator) for images in (train, seen, unseen)
    )
    options = {
        "seed": seed,
        "tol": 1e-9,
        "max_epochs": EPOCHS,
        "positive_codes": True,
        "rule": rule,
    }
    seconds, B = Stopwatch(processor_time=True).time(
        partial(dictionary.learn, x, d_s, LAM, **options)
    )
    codes, codes_seen = (
        lasso.solve(rows, B, LAM, positive=True).codes for rows in (x_unseen, x_seen)
    )
    _, order, cosines = matching.matched(train.dictionary, B)
    counts = evaluation.agreement(codes[:, order], unseen.codes)
    hits, missed, alarms = (
        part.sum().item() for part in (counts.hits, counts.missed, counts.alarms)
    )
    return (
        len(B),
        len(x_unseen),
        matching.mean_correlation(unseen.codes, codes),
        matching.mean_correlation(seen.codes, codes_seen),
        (cosines > matching.FOUND).float().mean().item(),
        hits / max(hits + alarms, 1),
        hits / max(hits + missed, 1),
        seconds,
    )


def noisy(x: Tensor, snr_db: float | None, generator: torch.Generator) -> Tensor:
    """x (n, d_x) plus white noise at this ratio of ‖x‖² of the row to the mean of ‖noise‖², in decibels; None for none."""
    if snr_db is None:
        return x
    deviation = x.norm(dim=1, keepdim=True) * 10 ** (-snr_db / 20) / x.shape[1] ** 0.5
    return x + deviation * torch.randn(x.shape, generator=generator)
