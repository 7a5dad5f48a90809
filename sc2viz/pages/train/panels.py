"""A job's frames as cards and its events as curves, for the scrubber."""

import functools
import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from sc2viz import training
from sc2viz.browser.readings import aside
from sc2viz.draw import atoms, mosaics, style
from sc2viz.jobs import training_job
from sc2viz.pages.train import describe_training
from sc2viz.ui import boards, models, phrases, sets, sidebar
from sc2viz.words import _, count, count_rows, localized, of_noun

POINTS = 300  # that a curve on the screen has at most
COLUMNS = 4  # in which the test pictures stand
At = Callable[[float], dict]  # what `measure_baseline` gives at a λ


def build(
    job: training_job.Job,
    frames: Sequence[training_job.Frame],
    model: models.Model,
    measured: At,
    dark: bool,
) -> tuple[list[boards.Group], list[boards.Curves], list[tuple[str, str]], list[str]]:
    """The groups of `frames` next to those of the baseline `model`, `measured` at the λ of each frame; the curves; of each
    frame a sentence and its reasons; and the frames' names."""
    shape, setup, truth = sets.drawn(job.tests), job.setup, job.pictures.numpy()
    raised = (
        0.0 if job.base is None or job.base.offset is None else job.base.offset.numpy()
    )  # where pictures are drawn
    colour, lam, noun = style.colour(setup.solver, dark), job.frame.lam, sidebar.noun_of(shape)
    beside, turned = (
        [measured(frame.lam) for frame in frames],
        len({frame.lam for frame in frames}) > 1,
    )
    top = _baseline_errors(job, measured(lam), shape)[1]
    longest = [
        float(np.linalg.norm(frame.atoms.astype(np.float32), axis=0).max()) for frame in frames
    ]
    baseline = describe_training.baseline_name(model)
    tall = style.round_up(
        max(
            float(np.abs(np.nan_to_num(frame.codes[0])).max())
            for frame in (job.frames[0], job.frame)
        )
    )

    def mosaic(label: str, made: np.ndarray, alt: str) -> boards.Picture:
        return boards.Picture(label, boards.tiles(made + raised, shape), alt, columns=COLUMNS)

    def wrong(values: np.ndarray, alt: str) -> boards.Picture:
        return boards.Picture(
            _("error"), boards.scaled(values, 0, top), alt, table=style.ERROR_TABLE, columns=COLUMNS
        )

    def rebuilt(made: np.ndarray, name: str) -> boards.Picture:
        return mosaic(_("reconstruction"), made, _("Reconstructions by {solver}", solver=name))

    made = np.stack([frame.made for frame in frames]).astype(np.float32)
    network = [
        rebuilt(made, setup.name),
        wrong(
            np.stack([_errors(truth, one, shape) for one in made]),
            _("Errors of {solver}", solver=setup.name),
        ),
        boards.Stems(
            of_noun(noun, "code of the first {noun}"),
            np.stack([frame.codes[0] for frame in frames]),
            tall,
            colour,
            of_noun(
                noun, "Code of the first {noun} by {solver}, one stem per atom", solver=setup.name
            ),
        ),
    ]
    drawn = beside if turned else beside[:1]
    compared = [
        rebuilt(np.stack([each["made"] for each in drawn]), baseline),
        wrong(
            np.stack([_baseline_errors(job, each, shape)[0] for each in drawn]),
            _("Errors of {solver}", solver=baseline),
        ),
    ]
    ticks = "0", localized(f"{top / 2:g}"), localized(f"≥ {top:g}")
    scale = (style.ERROR_TABLE, ticks, _("Error |x − Bs|, the same scale for all"))
    steps = [localized(f"T = {job.solver.steps}, λ = {frame.lam:g}") for frame in frames]
    note = steps if turned else steps[0]
    groups = [
        boards.Group(_("Learned atoms"), colour, [_learned(frames, setup.name, shape)], setup.name),
        boards.Group(
            setup.name,
            colour,
            network,
            note,
            _readings(job, frames, longest),
            solver=setup.solver,
            dash=_dash(job),
        ),
        boards.Group(
            baseline,
            style.colour(model.solver, dark),
            compared,
            note,
            _baseline_readings(beside, model),
            solver=model.solver,
            dash=style.dash(model),
        ),
        boards.Group(
            _("Ground truth"),
            None,
            [mosaic(of_noun(noun, "test {noun}s"), truth[None], of_noun(noun, "The test {noun}s"))],
            _("numbers are means over {rows}", rows=count_rows(len(job.tests), noun)),
            scale=scale,
        ),
    ]
    captions = [
        describe_training.caption(
            frame,
            setup.name,
            baseline,
            measured(lam),
            lam,
            norm,
            job.distance(frame.event) if frame.event else math.nan,
            _aside(job),
            job.base,
        )
        for frame, norm in zip(frames, longest, strict=True)
    ]
    names = [describe_training.step(frame) for frame in frames]
    return groups, curves(job, frames, model, measured, dark), captions, names


def _aside(job: training_job.Job) -> str:
    """Why F does not rank the network that is trained; "" where it does."""
    return aside(job.solver.traits, job.solver.offset is not None)


def _dash(job: training_job.Job) -> str:
    """The dash pattern of the network that is trained, which is that of the reader's network on other pages."""
    solver = job.setup.solver
    return style.look(solver, models.YOURS if job.solver.traits.learned else "").dash


def _baseline_errors(job: training_job.Job, measured: dict, shape) -> tuple[np.ndarray, float]:
    """The errors of the baseline, and the top of the scale of all errors. `measured` keeps them, because the page is redrawn
    several times a second during training."""
    if "errors" not in measured:
        truth = job.pictures.numpy()
        measured["errors"] = _errors(truth, measured["made"], shape)
        starts = [_errors(truth, job.frames[0].made, shape), measured["errors"]]
        measured["top"] = mosaics.shared_top(starts, most=mosaics.span(shape))
    return measured["errors"], measured["top"]


def _learned(frames: Sequence[training_job.Frame], name: str, shape) -> boards.Picture:
    """The atoms in each frame."""
    tiles = np.stack([atoms.tiles(frame.atoms, shape) for frame in frames])
    light, dark = (
        style.DIVERGING_TABLE[dark] if tiles.ndim == 4 else None for dark in (False, True)
    )
    label = count(frames[0].atoms.shape[1], "atom")
    alt = _("The atoms of {solver}, each at full contrast", solver=name)
    return boards.Picture(label, tiles, alt, table=light, dark_table=dark)


def _readings(
    job: training_job.Job, frames: Sequence[training_job.Frame], longest: Sequence[float]
) -> dict[str, list[str]]:
    """The numbers under the network's pictures, one a frame. Nothing is measured before training starts."""
    events = [frame.event for frame in frames]
    noted = [describe_training.noted(event) for event in events]
    readings = {}
    if not _aside(job):
        readings = {
            _("from the optimum"): [
                phrases.above(job.distance(event)) if event else "–" for event in events
            ]
        }
    readings[_("Own atoms")] = [phrases.above(event.excess) if event else "–" for event in events]
    readings |= {name: [numbers.get(name, "–") for numbers in noted] for name in noted[-1]}
    return readings | {_("longest atom"): [localized(f"{norm:.2f}") for norm in longest]}


def _baseline_readings(measured: Sequence[dict], model: models.Model) -> dict[str, list[str]]:
    """The numbers under the baseline's pictures, one a frame: they follow its λ."""
    far = {_("from the optimum"): [phrases.above(each["excess"]) for each in measured]}
    readings = {} if models.aside(model) else far
    readings[_("Objective F")] = [phrases.objective(each["objective"]) for each in measured]
    readings[_("Non-zeros")] = [f"{100 * each['nonzero']:.0f} %" for each in measured]
    if measured[-1]["accuracy"] is not None:
        readings[_("Test accuracy")] = [
            describe_training.number(100 * each["accuracy"], ".1f", " %") for each in measured
        ]
    return readings


def curves(
    job: training_job.Job,
    frames: Sequence[training_job.Frame],
    model: models.Model,
    measured: At,
    dark: bool = False,
) -> list[boards.Curves]:
    """Curves against the step: distance to the optimum, objectives, and the accuracy if the loss uses labels.

    Where λ changes, a mark says so, and the baseline steps to its value at the new λ.
    """
    history = list(job.history)  # which the run goes on to extend
    kept = np.unique(np.linspace(0, len(history) - 1, min(len(history), POINTS)).astype(int))
    events, colour, name = (
        [history[k] for k in kept],
        style.colour(job.setup.solver, dark),
        job.setup.name,
    )
    steps = np.array([event.step for event in events] or [0], float)
    common = {
        "axis": _("step"),
        "places": np.array([frame.step for frame in frames]),
        "marks": describe_training.marks(job.changes),
    }
    line = functools.partial(_line, events, steps, frames)
    baseline, ends = describe_training.baseline_name(model), np.array([0, max(steps[-1], 1)])
    mine = colour, style.lengths(_dash(job))

    def level(label: str, value: float, colour: str | None, dash: Sequence[int]) -> boards.Line:
        return boards.Line(label, np.full(2, value), colour, dash, ends)

    turns = [(0, history[0].lam if history else job.frame.lam)]
    turns += [
        (before.step, after.lam)
        for before, after in itertools.pairwise(history)
        if before.lam != after.lam
    ]
    corners = np.append(np.repeat([at for at, _lam in turns], 2)[1:], ends[-1])

    def beside(label: str, key: str, scale: float = 1.0) -> boards.Line:
        values = np.repeat([scale * measured(lam)[key] for _at, lam in turns], 2)
        there = np.array([scale * measured(frame.lam)[key] for frame in frames])
        look = style.colour(model.solver, dark), style.lengths(style.dash(model))
        return boards.Line(label, values, *look, corners, {"t": there})

    if _aside(job):  # F does not rank it beside others, but it has exact codes on its own atoms
        lines = [
            line(name, "excess", *mine, told=phrases.percent)
            if events
            else level(name, math.nan, *mine)
        ]
        if job.base is not None and math.isfinite(job.base.excess):
            lines.append(level(job.base.name, job.base.excess, None, (9, 4)))
        title = _("Above exact codes on its atoms")
        about = _(
            "How far {solver} is above exact codes on its own atoms, in percent against the step",
            solver=name,
        )
    else:
        lines = [*([line(name, job.distance, *mine)] if events else []), beside(baseline, "excess")]
        title = _("Distance to the optimum")
        about = _(
            "Distance to the optimum of {solver} and {other} in percent against the step",
            solver=name,
            other=baseline,
        )
    drawn = [boards.Curves(title, lines, about, unit=" %", **common)]
    if not events:
        return drawn
    if events[-1].accuracy is not None:
        right = [
            line(
                name,
                "accuracy",
                *mine,
                100,
                functools.partial(describe_training.number, form=".1f", unit=" %"),
            )
        ]
        if measured(job.frame.lam)["accuracy"] is not None:
            right.append(beside(_("codes of {solver}", solver=baseline), "accuracy", 100))
        bottom = min(
            float(np.quantile(line.values, 0.1)) for line in right
        )  # without the first steps, a tenth
        about = _("Test accuracy in percent against the step")
        drawn.append(
            boards.Curves(
                _("Test accuracy"), right, about, unit=" %", log=False, bottom=bottom, **common
            )
        )
    objectives = [
        line(_("unit-norm atoms"), "objective", colour, told=phrases.objective),
        line(_("as printed"), "printed", colour, (2, 3), told=phrases.objective),
        line(_("exact codes on its atoms"), "optimum", None, (6, 4), told=phrases.objective),
    ]
    about = _("Objective F on unit-norm atoms, as printed, and of exact codes, against the step")
    first = [line.values[np.isfinite(line.values)] for line in objectives]
    top = 1.3 * max(
        (float(np.quantile(values, 0.9)) for values in first if len(values)), default=1.0
    )
    drawn.append(boards.Curves(_("Objective"), objectives, about, log=False, top=top, **common))
    return drawn


def _line(
    events: Sequence[training.Event],
    steps: np.ndarray,
    frames: Sequence[training_job.Frame],
    label: str,
    read,
    colour: str | None,
    dash: Sequence[int] = (),
    scale: float = 1.0,
    told=None,
) -> boards.Line:
    """What `read` gives of each event, at the `steps`."""

    def value(event: training.Event | None) -> float:
        if event is None:
            return math.nan
        return scale * (read(event) if callable(read) else getattr(event, read))

    # What sentences and cards say of a frame, because a curve has fewer points than the run has events.
    there = np.array([value(frame.event) for frame in frames])
    words = [told(each) if math.isfinite(each) else "–" for each in there.tolist()] if told else ()
    return boards.Line(
        label,
        np.array([value(event) for event in events]),
        colour,
        dash,
        steps,
        {"t": there},
        words,
    )


def _errors(truth: np.ndarray, made: np.ndarray, shape) -> np.ndarray:
    return mosaics.error(truth, made.astype(np.float32), shape)
