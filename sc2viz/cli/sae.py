"""`sc2viz sae`: how far a sparse autoencoder's codes are from what its own dictionary could do, with a certificate."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from sc2viz.analysis import encoder_gap
from sc2viz.files import atomic, saelens
from sc2viz.files.rows import Rows, open_rows
from sc2viz.words import _, count, localized

SEARCHED = 100  # rows, at most, by whose non-zeros λ is found
BATCH_NUMBERS, BATCH_ROWS = 1 << 21, 1024  # the most codes, and the most rows, of a batch
QUANTILES = (0.05, 0.5, 0.95)
COLUMNS = {  # what is measured of every row, and how `encoder_gap.measure` calls it
    "F": "F",
    "optimum": "optimum",
    "certificate": "certificate",
    "non_zeros": "count",
    "exact_non_zeros": "exact_count",
    "missed": "missed",
    "exact_missed": "exact_missed",
}


def run(arguments: argparse.Namespace) -> None:
    """Print what the autoencoder costs beside exact codes on its own atoms."""
    if arguments.out:
        if Path(arguments.out).suffix != ".npz":
            raise ValueError(f"--out must end in .npz, got {arguments.out}")
        atomic.keep([arguments.out], [arguments.model, arguments.data])
        atomic.probe(arguments.out)
    model = saelens.read(arguments.model, arguments.k)
    rows = open_rows(arguments.data, arguments.key)
    check(model, rows, arguments.data)
    for note in model.notes:
        print(note, file=sys.stderr)
    numbers = measured(model, rows, arguments.lam, arguments.rows)
    reason = ", where exact codes have as many non-zeros" if numbers["alike"] else ""
    print(f"{described(model, len(numbers['F']))}, lambda = {numbers['lam']:.3g}{reason}")
    print("\n".join(lines(numbers)))
    if arguments.out:
        arrays = {key: np.asarray(value) for key, value in numbers.items()}
        with atomic.replacing(arguments.out) as path, path.open("wb") as stream:
            np.savez(stream, **arrays)
        print(arguments.out)


def check(model: saelens.ReadAutoencoder, rows: Rows, name: str) -> None:
    """ValueError unless the rows of the file `name` fit an autoencoder."""
    if rows.width != len(model.D) or len(rows.shape) != 2:
        raise ValueError(
            f"{name} must hold rows (n, {len(model.D)}) to fit the autoencoder, got {rows.shape}"
        )


def described(model: saelens.ReadAutoencoder, rows: int) -> str:
    """What an autoencoder is, and on how many rows it is measured."""
    d_x, d_s = model.D.shape
    return _(
        "{architecture}, {atoms} for rows of {numbers}, {rows}",
        architecture=model.architecture,
        atoms=count(d_s, "atom"),
        numbers=count(d_x, "number"),
        rows=count(rows, "row"),
    )


@torch.no_grad()
def measured(
    model: saelens.ReadAutoencoder,
    rows: Rows,
    lam: float | None,
    most: int | None = None,
    *,
    at_once: int | None = None,
    report: Callable[[int], None] = lambda rows: None,
) -> dict:
    """The numbers of every row, (n,) each, those of the whole, and λ. `most`: rows, from the first; `at_once`: the
    most of a batch. `report` is called with the number of rows that are done: after each batch, and before each λ that is
    tried.

    `lam` None: that at which exact codes of the first rows have as many non-zeros as the autoencoder's (`alike`), or, where
    they never have so many (`denser`), the smallest λ that was tried.
    """
    n = len(rows) if most is None else min(most, len(rows))
    size = max(1, min(at_once or BATCH_ROWS, BATCH_NUMBERS // model.D.shape[1]))
    norm = 0.0
    for x in rows.batches(0, n, size):
        norm += x.norm(dim=1).sum().item() / n
        report(0)
    columns: dict[str, list[torch.Tensor]] = {}
    used = torch.zeros(model.D.shape[1], dtype=torch.bool)
    total, square, done = torch.zeros(len(model.D), dtype=torch.float64), 0.0, 0
    alike = denser = False
    for x in rows.batches(0, n, size):
        x = model.scaled(x, norm)
        codes, x = model.encode(x), x - model.offset
        if not codes.isfinite().all():
            raise ValueError(
                f"the autoencoder's codes overflow in rows {done} to {done + len(x) - 1}: its weights are too large for them"
            )
        if lam is None:
            non_zeros = encoder_gap.non_zeros(codes[:SEARCHED])
            if not non_zeros:
                raise ValueError(
                    "the autoencoder's codes of the first rows are all zero: pass --lam, or other rows"
                )
            try:
                search = encoder_gap.lambda_for(
                    x[:SEARCHED], model.D, non_zeros, report=lambda: report(0)
                )
                lam, alike = search, True
            except encoder_gap.TooMany as few:
                lam, denser = few.lam, True
        gap = encoder_gap.measure(x, codes, model.D, lam)
        for name, attribute in COLUMNS.items():
            columns.setdefault(name, []).append(getattr(gap, attribute))
        used |= ~gap.dead
        total, square = total + x.double().sum(0), square + x.double().square().sum().item()
        done += len(x)
        report(done)
    numbers = {name: torch.cat(column) for name, column in columns.items()}
    spread = square - total.square().sum().item() / n
    shares = {
        key: 1 - numbers.pop(name).sum().item() / spread if spread > 0 else 0.0
        for key, name in (("r2", "missed"), ("exact_r2", "exact_missed"))
    }
    return {**numbers, **shares, "used": used, "lam": lam, "alike": alike, "denser": denser}


def distances(numbers: dict) -> torch.Tensor:
    """The gap of every row of `measured` in % of its optimum, (n,)."""
    best = numbers["optimum"]
    return torch.where(best > 0, 100 * (numbers["F"] - best) / best.clamp_min(1e-300), 0.0)


def lines(numbers: dict) -> list[str]:
    """What is printed of `measured`."""
    gaps, best = distances(numbers), numbers["optimum"].mean().item()
    quantiles = gaps.quantile(gaps.new_tensor(QUANTILES)).tolist()
    worst, F = int(gaps.argmax()), numbers["F"].mean().item()
    values = {
        "lam": numbers["lam"],
        "F": F,
        "best": best,
        "above": F - best,
        "share": 100 * (F - best) / max(best, 1e-300),
        "worst": worst,
        "most": gaps[worst].item(),
        "lower": 100 * numbers["certificate"].max().item(),
        "told": ", ".join(localized(f"{value:.1f} %") for value in quantiles),
        "r2": numbers["r2"],
        "exact_r2": numbers["exact_r2"],
        "used": numbers["non_zeros"].double().mean().item(),
        "exact": numbers["exact_non_zeros"].double().mean().item(),
        "dead": int((~numbers["used"]).sum()),
        "atoms": count(len(numbers["used"]), "atom"),
    }
    dense = _(
        "no λ that was tried gives exact codes of the first rows as many non-zeros: λ = {lam:.3g} is the smallest of "
        "them, and another one can be given",
        **values,
    )
    return [dense] * numbers["denser"] + [
        _(
            "F of its codes {F:.4g}, of exact codes on its own atoms {best:.4g}: the encoder's gap is {above:.4g}, "
            "{share:.1f} % of the optimum",
            **values,
        ),
        _("certified: every optimum is at most {lower:.2g} % lower", **values),
        _(
            "gaps of rows, 5 %, 50 % and 95 % quantile: {told}; the largest, {most:.1f} %, is that of row {worst}",
            **values,
        ),
        _(
            "R² {r2:.4f} with {used:.1f} non-zeros; exact codes {exact_r2:.4f} with {exact:.1f}",
            **values,
        ),
        _("dead on these rows: {dead:,} of {atoms}", **values),
    ]
