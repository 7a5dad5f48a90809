"""The board that compares solvers: the ground truth, the exact optimum, and each solver's pictures, errors and numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.analysis import sweeps
from sc2viz.analysis.sweeps import Sweep
from sc2viz.browser.board import Board, Codes, Column, Dots
from sc2viz.browser.wire_format import Parcel
from sc2viz.draw import cards, mosaics, style
from sc2viz.draw.cards import Reads
from sc2viz.draw.mosaics import Shape
from sc2viz.words import N_, _, templates


@dataclass(frozen=True, eq=False)
class Moving:
    """Codes of n pictures and their numbers at all stops, by axis: "lam" and "T", the stops of one slider while the other
    is at hand. An axis with one stop holds still."""

    atoms: np.ndarray  # (d_x, d_s)
    sweeps: Mapping[str, Sweep]
    excess: Mapping[str, np.ndarray]  # (stops,) % above the optimum on the shared dictionary
    own_excess: Mapping[str, np.ndarray] | None = (
        None  # (stops,) % above the optimum on the solver's own atoms
    )
    milliseconds: Mapping[str, np.ndarray] | None = None  # (stops,)
    reason_still: str = ""  # why it holds still while λ moves, where it does
    offset: np.ndarray | None = None  # (d_x,) what reconstructions begin from


@dataclass(frozen=True, eq=False)
class Entry:
    """A solver of a comparison. `extras`: what else its card says, each as a function of an axis and a stop of it."""

    label: str
    solver: str
    movement: Moving
    note: str = ""
    dash: str = ""  # of the rule over its name, by default the solver's own
    unranked: str = ""  # why F does not rank it (`readings.why_unranked`), where it stands below a line, without a distance
    extras: Mapping[str, Callable[[str, int], str]] = field(default_factory=dict)


EXACT = N_("Exact optimum")  # its name among the solvers, as in coder.js
OWN_ATOMS = N_("Own atoms")
# The numbers under a card's pictures, by their names in `readings.format_reading`
READS = {
    N_("Objective F"): "F",
    N_("PSNR"): "psnr",
    N_("Non-zeros"): "nonzeros",
    OWN_ATOMS: "own",
    N_("Time"): "ms",
}
SAMPLE = 4  # pictures, spread over all, whose errors tell the top of the scale


def brightest(
    pixels: np.ndarray, shape: Shape, columns: Sequence[tuple[np.ndarray, ...]]
) -> np.ndarray:
    """The top of the error scale that all columns share at each stop, (stops,). columns: of each codes (stops, n, d_s), atoms
    (d_x, d_s), maybe an offset."""
    count = max(len(codes) for codes, *_ in columns)
    sample = slice(None, None, -(-len(pixels) // SAMPLE) or 1)
    pixels, errors = pixels[sample], []
    for codes, atoms, *offset in columns:
        codes, atoms = (
            torch.from_numpy(np.ascontiguousarray(a)) for a in (codes[:, sample], atoms.T)
        )
        pictures = codes @ atoms
        truth = np.broadcast_to(pixels - sum(offset), pictures.shape).reshape(-1, pixels.shape[1])
        error = mosaics.error(truth, pictures.numpy().reshape(truth.shape), shape)
        errors.append(error.reshape(len(codes), -1)[np.arange(count) % len(codes)])
    limit = mosaics.span(shape)
    return np.array([mosaics.shared_top(rows, limit=limit) for rows in zip(*errors, strict=True)])


def numbers(movement: Moving, x: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """The numbers of codes of x (n, d_x) by axis: arrays (stops,) by the names that `readings.format_reading` knows, means
    over the pictures. `missing` is ‖x − Bs‖² as a part of ‖x − mean‖²."""
    contrast = float(evaluation.contrast(torch.from_numpy(x)).sum()) or 1.0
    by_axis = {}
    for axis, sweep in movement.sweeps.items():
        by_axis[axis] = {
            "F": sweep.objective.mean(1),
            "psnr": evaluation.mean_decibels(sweep.psnr),
            "share": sweep.nonzero.mean(1),
            "missing": 2 * sweep.loss.sum(1) / contrast,
            "far": movement.excess[axis],
            "away": sweeps.runs_away(sweep, x),
        }
        for name, values in (("own", movement.own_excess), ("ms", movement.milliseconds)):
            if values:
                by_axis[axis][name] = np.resize(values[axis], len(sweep.stops))
    return by_axis


def comparison(
    x: np.ndarray,
    shape: Shape,
    stops: Mapping[str, Sequence[float]],
    position: Mapping[str, float],
    best: Moving,
    entries: Iterable[Entry],
    subject: str,
    top: float,
    dots: Sequence[Dots] = (),
    average: str = "",
) -> Board:
    """The board of the pictures x (n, d_x), which `subject` names, with sliders that stop at `stops` and stand at
    `position`, and `dots` on a chart beside it. average: of which pictures the numbers are means; "" for one. top: the
    brightest error, on one scale for all cards, all λ and all T, so that a picture keeps its colours while a slider moves:
    that of the optimum at the largest λ (`brightest`)."""
    entries = sorted(entries, key=lambda entry: entry.unranked != "")
    axes = list(best.sweeps)
    stop = list(stops[axes[0]]).index(position[axes[0]])
    code_top = style.round_up(max(float(np.abs(best.sweeps[axes[0]].codes).max()), 1e-6))
    truth = cards.Card(
        _("Ground truth"),
        "truth",
        pictures=[cards.Canvas(0, "picture", _("{subject}, ground truth", subject=subject))],
        # The colour bars, that of codes where they are shown
        extra=templates.filled(
            __file__,
            subject=subject,
            error_bar=cards.error_bar(top),
            code_bar=cards.code_bar(code_top) if len(x) == 1 else "",
        ),
    )
    all_cards, columns = [truth], [Column()]
    for entry in (Entry(_(EXACT), "exact", best), *entries):
        column, label, movement = len(columns), entry.label, entry.movement
        reconstruction = _("{subject}, reconstruction: {label}", subject=subject, label=label)
        errors = _("Errors of {label}", label=label)
        pictures = [
            cards.Canvas(column, "picture", reconstruction),
            cards.Canvas(column, "error", errors, Reads(column, "missing")),
        ]
        if len(x) == 1:  # the browser says how many at each stop
            message = N_("Code of {label}: {active} of {total} atoms in use")
            total = movement.atoms.shape[1]
            alt = _(message, label=label, active="{active}", total=total)
            pictures.append(cards.Canvas(column, "code", alt))
        headline: tuple[cards.Text, cards.Text] = Reads(column, "above"), Reads(column, "side")
        if movement is best:
            headline = Reads(column, "F"), _("F*, the minimum")
        elif entry.unranked:
            about = _("PSNR. It {reason}, so F does not rank it", reason=entry.unranked)
            headline = Reads(column, "psnr"), about
        is_left_out = {
            "psnr": entry.unranked,
            "own": not movement.own_excess,
            "ms": not movement.milliseconds,
        }
        rows: dict[str, cards.Text] = {
            _(name): Reads(column, reading)
            for name, reading in READS.items()
            if not is_left_out.get(reading)
        }
        for name, describe in entry.extras.items():
            texts = {
                axis: [describe(axis, k) for k in range(len(movement.excess[axis]))]
                for axis in axes
            }
            first = texts[axes[0]]
            rows[name] = cards.Said(first[stop % len(first)], texts)
        all_cards.append(
            cards.Card(
                label,
                entry.solver,
                entry.note,
                pictures,
                headline,
                rows,
                dash=entry.dash,
                is_unranked=bool(entry.unranked),
            )
        )
        codes = {axis: sweep.codes for axis, sweep in movement.sweeps.items()}
        solver = EXACT if movement is best else label
        numbers_of_codes = numbers(movement, x)
        columns.append(
            Column(movement.atoms, codes, movement.offset, solver, numbers=numbers_of_codes)
        )
    ranked = [entry.label for entry in entries if not entry.unranked]
    return Board(
        x,
        shape,
        stops,
        position,
        columns,
        {axis: [top] for axis in axes},
        code_top,
        all_cards,
        dots,
        subject=subject,
        sentence={"kind": "lowest", "ranked": ranked, "average": average},
    )


def drawn_sum(
    x: np.ndarray, shape: Shape, position: Mapping[str, float], d_s: int, is_by_hand: bool
) -> tuple[dict, list[Parcel]]:
    """What the picture as a sum of atoms (sum.js) is given where the browser computes the code. is_by_hand: whether readers
    may weigh the atoms."""
    codes = {"lam": np.zeros((1, len(x), d_s), np.float32)}
    stops, tops = {"lam": [position["lam"]]}, {"lam": [mosaics.span(shape)]}
    columns = [Column(), Column(None, codes, solver=EXACT)]
    data, parcels = Codes(x, shape, stops, position, columns, tops).message()
    fixed = {"named": {}, "hand": is_by_hand, "start": None, "turns": 0, "contrast": 1}
    return data | fixed, parcels
