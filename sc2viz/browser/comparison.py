"""The board that compares solvers: the ground truth, the exact optimum, and each solver's pictures, errors and numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.analysis import sweeps
from sc2viz.analysis.sweeps import Sweep
from sc2viz.browser.board import Board, Column, Dots
from sc2viz.draw import cards, mosaics, style
from sc2viz.draw.cards import Reads
from sc2viz.draw.mosaics import Shape
from sc2viz.words import N_, _, templates

Describe = Callable[[str, int], str]  # (an axis, a stop of it) → what a card says there


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
    """A solver of a comparison. `extras`: what else its card says, each as a function of an axis and a stop."""

    label: str
    solver: str
    movement: Moving
    note: str = ""
    dash: str = ""  # of the rule over its name, by default the solver's own
    unranked: str = ""  # why F does not rank it (`readings.why_unranked`), where it stands below a line, without a distance
    extras: Mapping[str, Describe] = field(default_factory=dict)


EXACT = N_("Exact optimum")  # its name among the solvers, as in coder.js
Columns = tuple[
    tuple[np.ndarray, ...], ...
]  # of each column codes (stops, n, d_s), atoms (d_x, d_s), maybe an offset
OWN_ATOMS = N_("Own atoms")
# The numbers under a card's pictures, by their names in `readings.format_reading`
READS = {N_("Objective F"): "F", N_("PSNR"): "psnr", N_("Non-zeros"): "nonzeros", OWN_ATOMS: "own"}
TIME = N_("Time")
SAMPLE = 4  # pictures, spread over all, whose errors tell the top of the scale


def brightest(pixels: np.ndarray, shape: Shape, columns: Columns) -> np.ndarray:
    """The top of the error scale that all columns share at each stop, (stops,)."""
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
    return mosaics.shared_tops(np.concatenate(errors, 1), limit=mosaics.span(shape))


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
    entries: Sequence[Entry],
    subject: str,
    brightest=brightest,
    dots: Sequence[Dots] = (),
    average: str = "",
) -> Board:
    """The board of the pictures x (n, d_x), which `subject` names, with sliders that stop at `stops` and stand at
    `position`, and `dots` on a chart beside it. average: of which pictures the numbers are means; "" for one. brightest: the
    function of this name, or another one that keeps what it returns."""
    entries = sorted(entries, key=lambda entry: entry.unranked != "")
    everyone = [best, *(entry.movement for entry in entries)]
    axes = list(best.sweeps)
    # One error scale for all cards, all λ and all T, so that a picture keeps its colours while a slider moves: up to the
    # brightest error of the optimum, which is that at the largest λ.
    optimum = best.sweeps[axes[0]].codes
    top = max(brightest(x, shape, ((optimum[-1:], best.atoms),)).tolist())
    tops = {axis: [top] for axis in axes}
    stop = list(stops[axes[0]]).index(position[axes[0]])
    code_top = style.round_up(max(float(np.abs(optimum).max()), 1e-6))

    def at_stops(movement: Moving, describe: Describe) -> cards.Said:
        texts = {
            axis: [describe(axis, k) for k in range(len(movement.excess[axis]))] for axis in axes
        }
        first = texts[axes[0]]
        return cards.Said(first[stop % len(first)], texts)

    def pictures(column: int, label: str, movement: Moving) -> list[cards.Canvas]:
        reconstruction = _("{subject}, reconstruction: {label}", subject=subject, label=label)
        images = [
            cards.Canvas(column, "picture", reconstruction),
            cards.Canvas(
                column, "error", _("Errors of {label}", label=label), Reads(column, "missing")
            ),
        ]
        if len(x) == 1:  # the browser says how many at each stop
            alt = _(
                "Code of {label}: {active} of {total} atoms in use",
                label=label,
                active="{active}",
                total=len(movement.atoms.T),
            )
            images.append(cards.Canvas(column, "code", alt))
        return images

    def rows(column: int, movement: Moving) -> dict[str, cards.Text]:
        """The numbers under the pictures of a card, by their names in the language at hand."""
        reads = (
            dict(READS)
            if movement.own_excess
            else {k: v for k, v in READS.items() if k != OWN_ATOMS}
        )
        reads |= {TIME: "ms"} if movement.milliseconds else {}
        return {_(name): Reads(column, number) for name, number in reads.items()}

    def solved(column: int, entry: Entry) -> cards.Card:
        extras = {
            name: at_stops(entry.movement, describe) for name, describe in entry.extras.items()
        }
        headline, numbers = (
            (Reads(column, "above"), Reads(column, "side")),
            rows(column, entry.movement),
        )
        if entry.unranked:
            numbers.pop(_("PSNR"))
            about = _("PSNR. It {reason}, so F does not rank it", reason=entry.unranked)
            headline = (Reads(column, "psnr"), about)
        return cards.Card(
            entry.label,
            entry.solver,
            entry.note,
            pictures(column, entry.label, entry.movement),
            headline,
            numbers | extras,
            dash=entry.dash,
            is_unranked=bool(entry.unranked),
        )

    truth = cards.Card(
        _("Ground truth"),
        "truth",
        pictures=[cards.Canvas(0, "picture", _("{subject}, ground truth", subject=subject))],
        extra=_legend(subject, top, code_top if len(x) == 1 else None),
    )
    exact = cards.Card(
        _(EXACT),
        "exact",
        "",
        pictures(1, _(EXACT), best),
        (Reads(1, "F"), _("F*, the minimum")),
        rows(1, best),
    )
    names = EXACT, *(entry.label for entry in entries)
    columns = [
        Column(
            movement.atoms,
            {axis: sweep.codes for axis, sweep in movement.sweeps.items()},
            movement.offset,
            solver,
            numbers=numbers(movement, x),
        )
        for movement, solver in zip(everyone, names, strict=True)
    ]
    shown_cards = [
        truth,
        exact,
        *(solved(column, entry) for column, entry in enumerate(entries, 2)),
    ]
    return Board(
        x,
        shape,
        stops,
        position,
        [Column(), *columns],
        tops,
        code_top,
        shown_cards,
        dots,
        narrowest=88,
        cards_in_row=6,
        subject=subject,
        sentence={
            "kind": "lowest",
            "ranked": [entry.label for entry in entries if not entry.unranked],
            "average": average,
        },
    )


def _legend(subject: str, top: float, code_top: float | None) -> str:
    """The colour bars under the ground truth: of errors up to `top`, and of codes up to `code_top` where they are shown."""
    code_bar = "" if code_top is None else cards.code_bar(code_top)
    return templates.filled(
        __file__, subject=subject, error_bar=cards.error_bar(top), code_bar=code_bar
    )
