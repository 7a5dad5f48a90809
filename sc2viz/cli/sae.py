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


def run(arguments: argparse.Namespace) -> None:
    """Print what the autoencoder costs beside exact codes on its own atoms."""
    if arguments.out:
        if Path(arguments.out).suffix != ".npz":
            raise ValueError(f"--out must end in .npz, got {arguments.out}")
        atomic.keep([arguments.out], [arguments.model, arguments.data])
        atomic.probe(arguments.out)
    model, rows = (
        saelens.read(arguments.model, arguments.k),
        open_rows(arguments.data, arguments.key),
    )
    check(model, rows, arguments.data)
    for note in model.notes:
        print(note, file=sys.stderr)
    found = measured(model, rows, arguments.lam, arguments.rows)
    why = ", where exact codes have as many non-zeros" if found["alike"] else ""
    print(f"{described(model, len(found['F']))}, lambda = {found['lam']:.3g}{why}")
    print("\n".join(lines(found)))
    if arguments.out:
        with atomic.replacing(arguments.out) as path, path.open("wb") as stream:
            np.savez(stream, **{key: np.asarray(value) for key, value in found.items()})
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
        norm += x.norm(dim=1).sum().item()
        report(0)
    norm /= n
    parts, used = [], torch.zeros(model.D.shape[1], dtype=torch.bool)
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
            count = encoder_gap.non_zeros(codes[:SEARCHED])
            if not count:
                raise ValueError(
                    "the autoencoder's codes of the first rows are all zero: pass --lam, or other rows"
                )
            try:
                lam, alike = (
                    encoder_gap.lambda_for(x[:SEARCHED], model.D, count, report=lambda: report(0)),
                    True,
                )
            except encoder_gap.TooMany as few:
                lam, denser = few.lam, True
        gap = encoder_gap.measure(x, codes, model.D, lam)
        parts.append(
            (
                gap.F,
                gap.optimum,
                gap.certificate,
                gap.count,
                gap.exact_count,
                gap.missed,
                gap.exact_missed,
            )
        )
        used |= ~gap.dead
        total, square = total + x.double().sum(0), square + x.double().square().sum().item()
        done += len(x)
        report(done)
    names = "F", "optimum", "certificate", "non_zeros", "exact_non_zeros", "missed", "exact_missed"
    found = {
        name: torch.cat(column)
        for name, column in zip(names, zip(*parts, strict=True), strict=True)
    }
    there = square - total.square().sum().item() / n
    shares = {
        key: 1 - found.pop(part).sum().item() / there if there > 0 else 0.0
        for key, part in (("r2", "missed"), ("exact_r2", "exact_missed"))
    }
    return {**found, **shares, "used": used, "lam": lam, "alike": alike, "denser": denser}


def distances(found: dict) -> torch.Tensor:
    """The gap of every row of `measured` in % of its optimum, (n,)."""
    best = found["optimum"]
    return torch.where(best > 0, 100 * (found["F"] - best) / best.clamp_min(1e-300), 0.0)


def lines(found: dict) -> list[str]:
    """What is printed of `measured`."""
    above, best, each = found["F"] - found["optimum"], found["optimum"], distances(found)
    told = ", ".join(
        localized(f"{value:.1f} %") for value in each.quantile(each.new_tensor(QUANTILES)).tolist()
    )
    worst = int(each.argmax())
    given = {
        "lam": found["lam"],
        "F": found["F"].mean().item(),
        "best": best.mean().item(),
        "above": above.mean().item(),
        "share": (100 * above.mean() / best.mean().clamp_min(1e-300)).item(),
        "worst": worst,
        "most": each[worst].item(),
        "lower": 100 * found["certificate"].max().item(),
        "told": told,
        "r2": found["r2"],
        "exact_r2": found["exact_r2"],
        "used": found["non_zeros"].double().mean().item(),
        "exact": found["exact_non_zeros"].double().mean().item(),
        "dead": int((~found["used"]).sum()),
        "atoms": count(len(found["used"]), "atom"),
    }
    dense = [
        _(
            "no λ that was tried gives exact codes of the first rows as many non-zeros: λ = {lam:.3g} is the smallest of "
            "them, and another one can be given",
            **given,
        )
    ] * found["denser"]
    return [
        *dense,
        _(
            "F of its codes {F:.4g}, of exact codes on its own atoms {best:.4g}: the encoder's gap is {above:.4g}, "
            "{share:.1f} % of the optimum",
            **given,
        ),
        _("certified: every optimum is at most {lower:.2g} % lower", **given),
        _(
            "gaps of rows, 5 %, 50 % and 95 % quantile: {told}; the largest, {most:.1f} %, is that of row {worst}",
            **given,
        ),
        _(
            "R² {r2:.4f} with {used:.1f} non-zeros; exact codes {exact_r2:.4f} with {exact:.1f}",
            **given,
        ),
        _("dead on these rows: {dead:,} of {atoms}", **given),
    ]
