"""`bench atoms`: how many known atoms each rule of learning finds, and how well codes on what is found match the true ones.

The rows are those of arXiv 2603.28744 (`data.compositional`): learned from the training rows alone, at λ = LAM with EPOCHS
epochs, which were chosen on seeds 10 to 12. Codes of test rows are exact, at LAM.
"""

import itertools
from functools import partial

import pandas
import torch

from sc2viz import data, dictionary, evaluation, lasso
from sc2viz.analysis import matching
from sc2viz.lab.bench.stopwatch import Stopwatch, print_table

LAM, EPOCHS = 0.03, 300


def run(arguments):
    """Print a row for each number of atoms, rule and seed, and the means over the seeds with their spread."""
    noise = "no noise" if arguments.snr_db is None else f"noise of {arguments.snr_db:g} dB"
    print(f"exact codes ≥ 0 at λ = {LAM:g}, {noise}; MCC is larger for fewer rows, n")
    rules = arguments.rule or dictionary.RULES
    rows = [
        {"atoms": d_s, "rule": rule, "seed": seed} | measure(d_s, rule, seed, arguments.snr_db)
        for d_s, rule, seed in itertools.product(arguments.atoms, rules, arguments.seeds)
    ]
    print_table(rows)
    if len(arguments.seeds) > 1:
        groups = pandas.DataFrame(rows).drop(columns="seed").groupby(["atoms", "rule"], sort=False)
        print("\n" + groups.agg(["mean", "std"]).T.round(3).to_string())


def measure(d_s, rule, seed, snr_db=None):
    """Of a dictionary learned by `rule`: MCC out of the distribution and in it, the share of atoms found, precision and
    recall of the supports out of the distribution, and the processor's seconds."""
    train, inside, outside = (
        data.load("compositional", split, d_s=d_s, out=out, seed=seed)
        for split, out in (("train", True), ("test", False), ("test", True))
    )
    generator = torch.Generator().manual_seed(seed)
    x, *tests = (add_noise(images.pixels, snr_db, generator) for images in (train, inside, outside))
    options = {"seed": seed, "tol": 1e-9, "max_epochs": EPOCHS, "positive_codes": True}
    learn = partial(dictionary.learn, x, d_s, LAM, rule=rule, **options)
    seconds, B = Stopwatch(processor_time=True).time(learn)
    inside_codes, codes = (lasso.solve(rows, B, LAM, positive=True).codes for rows in tests)
    _, order, cosines = matching.matched(train.dictionary, B)
    counts = evaluation.agreement(codes[:, order], outside.codes)
    hits, missed, alarms = (
        count.sum().item() for count in (counts.hits, counts.missed, counts.alarms)
    )
    numbers = {
        "MCC out": matching.mean_correlation(outside.codes, codes),
        "MCC in": matching.mean_correlation(inside.codes, inside_codes),
        "found": (cosines > matching.MATCHED).float().mean().item(),
        "precision": hits / max(hits + alarms, 1),
        "recall": hits / max(hits + missed, 1),
        "processor s": seconds,
    }
    rounded = {name: round(value, 3) for name, value in numbers.items()}
    return {"numbers": len(B), "n": len(codes)} | rounded


def add_noise(x, snr_db, generator):
    """x (n, d_x) plus white noise at this ratio of ‖x‖² of the row to the mean of ‖noise‖², in decibels; None for none."""
    if snr_db is None:
        return x
    deviation = x.norm(dim=1, keepdim=True) * 10 ** (-snr_db / 20) / x.shape[1] ** 0.5
    return x + deviation * torch.randn(x.shape, generator=generator)
