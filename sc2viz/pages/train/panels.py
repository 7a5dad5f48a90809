"""A job's frames as cards, and its events as curves, for the scrubber: the last of them while it trains, all afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sc2viz import jobs
from sc2viz.figures import atoms, pictures, style
from sc2viz.pages.train import describe_training
from sc2viz.ui import models, phrases, stage

POINTS = 300  # of a curve on the screen
COLUMNS = 4  # of the test pictures


@dataclass(frozen=True, eq=False)
class Reel:
    """What the scrubber takes."""

    groups: list[stage.Group]
    curves: list[stage.Curves]
    captions: list[str]
    names: list[str]


def shoot(job: jobs.Job, frames: Sequence[jobs.Frame], model: models.Model, measured: dict, dark: bool) -> Reel:
    """`frames` of the job beside `model`, whose numbers on the same pictures are `measured` (`jobs.beside`)."""
    shape, setup, truth = job.images.shape, job.setup, job.pictures.numpy()
    colour, lam = style.colour(setup.solver), job.frame.lam
    if "errors" not in measured:  # they hold still, and this is looked at many times a second
        measured["errors"] = _errors(truth, measured["made"], shape)
        measured["top"] = pictures.shared_top([_errors(truth, job.frames[0].made, shape), measured["errors"]])
    other, top = measured["errors"], measured["top"]
    longest = [float(np.linalg.norm(frame.atoms.astype(np.float32), axis=0).max()) for frame in frames]
    beside = describe_training.beside_name(model)
    tall = style.round_up(max(float(np.abs(np.nan_to_num(frame.codes[0])).max()) for frame in (job.frames[0], job.frame)))

    def mosaic(label: str, made: np.ndarray, alt: str) -> stage.Picture:
        return stage.Picture(label, stage.tiles(made, shape), alt, columns=COLUMNS)

    def wrong(values: np.ndarray, alt: str) -> stage.Picture:
        return stage.Picture("error", stage.scaled(values, 0, top), alt, table=style.ERROR_TABLE, columns=COLUMNS)

    learned = stage.Picture(
        f"{frames[0].atoms.shape[1]} atoms",
        np.stack([atoms.tiles(frame.atoms, shape) for frame in frames]),
        f"The atoms of {setup.name}, each at its own contrast",
        table=style.DIVERGING_TABLE[False] if shape[2] == 1 else None,
        dark_table=style.DIVERGING_TABLE[True] if shape[2] == 1 else None,
    )
    made = np.stack([frame.made for frame in frames]).astype(np.float32)
    events = [frame.event for frame in frames]
    noted = [describe_training.noted(event) for event in events]
    # Before the first press of play nothing is measured.
    readings = {"above the optimum": [phrases.above(event.excess) if event else "–" for event in events]}
    readings |= {name: [numbers.get(name, "–") for numbers in noted] for name in noted[-1]}
    readings["longest atom"] = [f"{norm:.2f}" for norm in longest]
    network = [
        mosaic("reconstruction", made, f"Reconstructions by {setup.name}"),
        wrong(np.stack([_errors(truth, one, shape) for one in made]), f"Errors of {setup.name}"),
        stage.Stems(
            "code of the first", np.stack([frame.codes[0] for frame in frames]), tall, colour,
            f"Code of the first picture by {setup.name}, one stem an atom",
        ),
    ]  # fmt: skip
    baseline = [
        mosaic("reconstruction", measured["made"][None], f"Reconstructions by {beside}"),
        wrong(other[None], f"Errors of {beside}"),
    ]
    theirs = {
        "above the optimum": [phrases.above(measured["excess"])],
        "Objective F": [phrases.objective(measured["objective"])],
        "Non-zeros": [f"{100 * measured['nonzero']:.0f} %"],
    }
    if measured["accuracy"] is not None:
        theirs["Test labels right"] = [describe_training.number(100 * measured["accuracy"], ".1f", " %")]
    scale = (style.ERROR_TABLE, ("0", f"{top / 2:g}", f"≥ {top:g}"), "Error |x − Bs|, one scale for all")
    steps = f"T = {job.solver.steps}, λ = {lam:g}"
    groups = [
        stage.Group("What it learns", colour, [learned], setup.name),
        stage.Group(setup.name, colour, network, steps, readings),
        stage.Group(beside, style.colour(model.solver), baseline, steps, theirs),
        stage.Group("Ground truth", None, [mosaic("test pictures", truth[None], "The test pictures")],
                       f"numbers: mean of {len(job.tests):,}", scale=scale),
    ]
    captions = [
        describe_training.caption(frame, setup.name, beside, measured, lam, norm)
        for frame, norm in zip(frames, longest, strict=True)
    ]
    return Reel(groups, curves(job, frames, model, measured), captions, [describe_training.step(frame) for frame in frames])


def curves(job: jobs.Job, frames: Sequence[jobs.Frame], model: models.Model, measured: dict) -> list[stage.Curves]:
    """Distance to the optimum and objectives against the step, and accuracy where there are labels to get right."""
    events = _thinned(job.history)
    steps = np.array([event.step for event in events] or [0], float)
    colour = style.colour(job.setup.solver)
    places, marks = np.array([frame.step for frame in frames]), describe_training.marks(job.changes)
    common = {"axis": "step", "places": places, "marks": marks}

    def line(label: str, name: str, colour: str | None = colour, dash: Sequence[int] = (), scale: float = 1.0):
        values = np.array([scale * getattr(event, name) for event in events])
        return stage.Line(label, values, colour, dash, steps)

    beside = describe_training.beside_name(model)

    def level(label: str, value: float) -> stage.Line:
        span = np.array([0, max(steps[-1], 1)])
        return stage.Line(label, np.full(2, value), style.colour(model.solver), (9, 4), span)

    distance = level(beside, measured["excess"])
    drawn = [
        stage.Curves(
            "Distance to the optimum", [line(job.setup.name, "excess"), distance] if events else [distance],
            f"Distance to the optimum of {job.setup.name} and {beside} in percent against the step", unit=" %", **common,
        )  # fmt: skip
    ]
    if not events:
        return drawn
    if events[-1].accuracy is not None:
        right = [line(job.setup.name, "accuracy", scale=100)]
        if measured["accuracy"] is not None:
            right.append(level(f"{beside}’s codes", 100 * measured["accuracy"]))
        bottom = min(float(np.quantile(line.values, 0.1)) for line in right)  # where the first steps are out of the picture
        about = "Share of test labels right in percent against the step"
        drawn.append(stage.Curves("Test labels right", right, about, unit=" %", log=False, bottom=bottom, **common))
    objectives = [
        line("unit-norm", "objective"),
        line("as printed", "printed", dash=(2, 3)),
        line("exact codes", "optimum", None, (6, 4)),
    ]
    about = "Objective F on unit-norm atoms, as printed, and of exact codes, against the step"
    first = [line.values[np.isfinite(line.values)] for line in objectives]
    top = 1.3 * max((float(np.quantile(values, 0.9)) for values in first if len(values)), default=1.0)
    drawn.append(stage.Curves("Objective", objectives, about, log=False, top=top, **common))
    return drawn


def _errors(truth: np.ndarray, made: np.ndarray, shape) -> np.ndarray:
    return pictures.error(truth, made.astype(np.float32), shape)


def _thinned(events: list) -> list:
    if len(events) <= POINTS:
        return list(events)
    return [events[k] for k in np.unique(np.linspace(0, len(events) - 1, POINTS).astype(int))]
