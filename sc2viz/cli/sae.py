"""`sc2viz sae`: how far a sparse autoencoder's codes are from what its own dictionary could do, with a certificate."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.analysis import encoder_gap
from sc2viz.files import atomic, saelens
from sc2viz.files.rows import Rows, open_rows
from sc2viz.words import _, count, localized

SEARCHED = 100  # rows, at most, by whose non-zeros λ is found
BATCH_NUMBERS, BATCH_ROWS = 1 << 21, 1024  # the most codes, and the most rows, of a batch
QUANTILES = (0.05, 0.5, 0.95)
# What is measured of every row, as `encoder_gap.EncoderGap` calls it
COLUMNS = (
    "F",
    "optimum",
    "certificate",
    "non_zeros",
    "exact_non_zeros",
    "missed",
    "exact_missed",
)


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
    numbers = measure(model, rows, arguments.lam, arguments.rows)
    reason = ", where exact codes have as many non-zeros" if numbers["alike"] else ""
    print(f"{describe(model, len(numbers['F']))}, lambda = {numbers['lam']:.3g}{reason}")
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


def describe(model: saelens.ReadAutoencoder, rows: int) -> str:
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
def measure(
    model: saelens.ReadAutoencoder,
    rows: Rows,
    lam: float | None,
    limit: int | None = None,
    *,
    batch_rows: int | None = None,
    report: Callable[[int], None] = lambda rows: None,
) -> dict:
    """The numbers of every row, (n,) each, those of the whole, and λ. `limit`: rows, from the first; `batch_rows`: the
    most of a batch. `report` is called with the number of rows that are done: after each batch, and before each λ that is
    tried.

    `lam` None: that at which exact codes of the first rows have as many non-zeros as the autoencoder's (`alike`), or, where
    they never have so many (`denser`), the smallest λ that was tried.
    """
    n, (d_x, d_s) = min(limit or len(rows), len(rows)), model.D.shape
    size = max(1, min(batch_rows or BATCH_ROWS, BATCH_NUMBERS // d_s))
    norm = 0.0
    for x in rows.batches(0, n, size):
        norm += x.norm(dim=1).sum().item() / n
        report(0)
    gaps, used = [], torch.zeros(d_s, dtype=torch.bool)
    total, square, done = torch.zeros(d_x, dtype=torch.float64), 0.0, 0
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
            first = x[:SEARCHED]
            try:
                lam = encoder_gap.lambda_for(first, model.D, non_zeros, report=lambda: report(0))
                alike = True
            except encoder_gap.TooMany as error:
                lam, denser = error.lam, True
        gaps.append(encoder_gap.measure(x, codes, model.D, lam))
        used |= ~gaps[-1].dead
        total, square = total + x.double().sum(0), square + x.double().square().sum().item()
        done += len(x)
        report(done)
    numbers = {name: torch.cat([getattr(gap, name) for gap in gaps]) for name in COLUMNS}
    spread = square - total.square().sum().item() / n
    for name, missed in (("r2", "missed"), ("exact_r2", "exact_missed")):
        numbers[name] = 1 - numbers.pop(missed).sum().item() / spread if spread > 0 else 0.0
    return {**numbers, "used": used, "lam": lam, "alike": alike, "denser": denser}


def distances(numbers: dict) -> torch.Tensor:
    """The gap of every row of `measure` in % of its optimum, (n,)."""
    return evaluation.percent_above(numbers["F"], numbers["optimum"])


def lines(numbers: dict) -> list[str]:
    """What is printed of `measure`."""
    gaps, best, F = distances(numbers), numbers["optimum"].mean().item(), numbers["F"].mean().item()
    quantiles, worst = gaps.quantile(gaps.new_tensor(QUANTILES)).tolist(), int(gaps.argmax())
    sentences = [
        _(
            "F of its codes {F:.4g}, of exact codes on its own atoms {best:.4g}: the encoder's gap is {gap:.4g}, "
            "{share:.1f} % of the optimum",
            F=F,
            best=best,
            gap=F - best,
            share=100 * (F - best) / max(best, 1e-300),
        ),
        _(
            "certified: every optimum is at most {lower:.2g} % lower",
            lower=100 * numbers["certificate"].max().item(),
        ),
        _(
            "gaps of rows, 5 %, 50 % and 95 % quantile: {quantiles}; the largest, {largest:.1f} %, is that of row {worst}",
            quantiles=", ".join(localized(f"{value:.1f} %") for value in quantiles),
            largest=gaps[worst].item(),
            worst=worst,
        ),
        _(
            "R² {r2:.4f} with {non_zeros:.1f} non-zeros; exact codes {exact_r2:.4f} with {exact:.1f}",
            r2=numbers["r2"],
            non_zeros=numbers["non_zeros"].double().mean().item(),
            exact_r2=numbers["exact_r2"],
            exact=numbers["exact_non_zeros"].double().mean().item(),
        ),
        _(
            "dead on these rows: {dead:,} of {atoms}",
            dead=int((~numbers["used"]).sum()),
            atoms=count(len(numbers["used"]), "atom"),
        ),
    ]
    if numbers["denser"]:
        dense = _(
            "no λ that was tried gives exact codes of the first rows as many non-zeros: λ = {lam:.3g} is the smallest of "
            "them, and another one can be given",
            lam=numbers["lam"],
        )
        sentences.insert(0, dense)
    return sentences
