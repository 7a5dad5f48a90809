"""A run's frames as cards and its events as curves, for the scrubber, and the sentences about them."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from sc2viz.browser.readings import why_unranked
from sc2viz.draw import mosaics, style
from sc2viz.jobs.reel import thin
from sc2viz.jobs.training_job import Frame, Training
from sc2viz.ui import boards, domains, models, phrases, sets, sidebar
from sc2viz.words import N_, _, count, count_rows, localized, ngettext, of_noun

POINTS = 300  # that a curve on the screen has at most
COLUMNS = 4  # in which the test pictures stand
Measure = Callable[[float], dict]  # what `measure_baseline` gives at a λ
LOWERED = {  # what a step of training lowers, by loss
    "codes": N_("the distance to exact codes"),
    "sc2net": N_("F"),
    "supervised": N_("F and the cross-entropy of labels"),
    "codes-supervised": N_("the distance to exact codes and the cross-entropy of labels"),
    "denoising": N_("the error that is left after noise was added"),
    "autoencoder": N_("the loss of its own paper"),
}


def name_frame(frame: Frame) -> str:
    return _("step {n:,}", n=frame.step)


def name_baseline(model: models.Model) -> str:
    """The label of the baseline, which says if it is untrained."""
    is_said = model.trained or "untrained" in model.label
    return model.label if is_said else models.label_network(model.solver, "untrained")


def is_ranked(job: Training) -> bool:
    """Whether F ranks the network that is trained."""
    return not why_unranked(job.solver.traits, job.solver.offset is not None)


def dash(job: Training) -> str:
    """The dash pattern of the network that is trained, which is that of the reader's network on other pages."""
    variant = models.YOURS if job.solver.traits.learned else ""
    return style.look(job.setup.solver, variant).dash


def format_percent(share: float, digits: int = 0) -> str:
    return localized(f"{100 * share:.{digits}f} %")


def longest_atom(frame: Frame) -> float:
    return float(np.linalg.norm(frame.atoms.astype(np.float32), axis=0).max())


# Cards ----------------------------------------------------------------------------------------------------------------


def error_top(job: Training, baseline: dict) -> float:
    """The top of the scale of all errors."""
    shape, truth = sets.row_shape(job.tests), job.pictures.numpy()
    pictures = job.frames[0].reconstructions.astype(np.float32), baseline["made"]
    errors = [mosaics.error(truth, values, shape) for values in pictures]
    return mosaics.shared_top(errors, limit=mosaics.span(shape))


def draw_cards(
    job: Training, frames: Sequence[Frame], model: models.Model, measure: Measure, dark: bool
) -> list[boards.Group]:
    """The atoms, the network, the baseline `model` at the λ of each frame, and the test pictures."""
    shape, name, label = sets.row_shape(job.tests), job.setup.name, name_baseline(model)
    noun, truth = sidebar.noun_of(shape), job.pictures.numpy()
    colour = style.colour(job.setup.solver, dark)
    # Pictures are drawn with the offset that was taken off them.
    offset = 0.0 if job.base is None or job.base.offset is None else job.base.offset.numpy()
    baselines = [measure(frame.lam) for frame in frames]
    top = error_top(job, baselines[-1])

    def pictures(solver: str, values: np.ndarray) -> list[boards.Picture]:
        errors = np.stack([mosaics.error(truth, row, shape) for row in values])
        return [
            boards.Picture(
                _("reconstruction"),
                boards.tiles(values + offset, shape),
                _("Reconstructions by {solver}", solver=solver),
                columns=COLUMNS,
            ),
            boards.Picture(
                _("error"),
                boards.scaled(errors, 0, top),
                _("Errors of {solver}", solver=solver),
                style.ERROR_TABLE,
                columns=COLUMNS,
            ),
        ]

    reconstructions = np.stack([frame.reconstructions for frame in frames]).astype(np.float32)
    ends = np.stack([job.frames[0].codes[0], job.frame.codes[0]])
    code = boards.Stems(
        of_noun(noun, "code of the first {noun}"),
        np.stack([frame.codes[0] for frame in frames]),
        style.round_up(float(np.abs(np.nan_to_num(ends)).max())),
        colour,
        of_noun(noun, "Code of the first {noun} by {solver}, one stem per atom", solver=name),
    )
    note = [localized(f"T = {job.solver.steps}, λ = {frame.lam:g}") for frame in frames]
    # The baseline is drawn once where λ is the same throughout.
    distinct = baselines if len({*note}) > 1 else baselines[:1]
    pictures_beside = pictures(label, np.stack([measured["made"] for measured in distinct]))
    learned = boards.atoms_picture(
        [frame.atoms for frame in frames],
        shape,
        count(job.frame.atoms.shape[1], "atom"),
        _("The atoms of {solver}, each at full contrast", solver=name),
    )
    truths = boards.Picture(
        of_noun(noun, "test {noun}s"),
        boards.tiles(truth[None] + offset, shape),
        of_noun(noun, "The test {noun}s"),
        columns=COLUMNS,
    )
    ticks = "0", localized(f"{top / 2:g}"), localized(f"≥ {top:g}")
    return [
        boards.Group(_("Learned atoms"), colour, [learned]),
        boards.Group(
            name,
            colour,
            [*pictures(name, reconstructions), code],
            note,
            by_name([read_frame(job, frame) for frame in frames]),
            solver=job.setup.solver,
            dash=dash(job),
        ),
        boards.Group(
            label,
            style.colour(model.solver, dark),
            pictures_beside,
            note,
            by_name([read_baseline(measured, model) for measured in baselines]),
            solver=model.solver,
            dash=style.dash(model),
        ),
        boards.Group(
            _("Ground truth"),
            None,
            [truths],
            _("numbers are means over {rows}", rows=count_rows(len(job.tests), noun)),
            scale=(style.ERROR_TABLE, ticks, _("Error |x − Bs|, the same scale for all")),
        ),
    ]


def by_name(numbers: Sequence[dict[str, str]]) -> dict[str, list[str]]:
    """The numbers of frames by their names, those of the last frame."""
    return {name: [reading.get(name, "–") for reading in numbers] for name in numbers[-1]}


def read_frame(job: Training, frame: Frame) -> dict[str, str]:
    """The numbers of the network at a frame. Nothing is measured before training starts."""
    event, numbers = frame.event, {}
    if is_ranked(job):
        numbers[_("from the optimum")] = (
            phrases.format_excess(job.distance(event)) if event else "–"
        )
    numbers[_("Own atoms")] = phrases.format_excess(event.excess) if event else "–"
    if event is not None:
        numbers |= {
            _("Objective F"): phrases.objective(event.objective),
            _("as printed, Eq. (10)"): phrases.objective(event.printed),
            _("minimum F on its atoms"): phrases.objective(event.optimum),
            _("Non-zeros"): format_percent(event.nonzero),
        }
        if event.accuracy is not None:
            numbers[_("Test accuracy")] = format_percent(event.accuracy, 1)
        for gate, mean in event.gates.items():
            numbers[_("mean {gate}", gate=_(gate.replace("_", " ")))] = localized(f"{mean:.2f}")
        norm = event.gradient_norm
        numbers[_("gradient norm")] = localized(f"{norm:.2g}") if math.isfinite(norm) else "–"
    return numbers | {_("longest atom"): localized(f"{longest_atom(frame):.2f}")}


def read_baseline(measured: dict, model: models.Model) -> dict[str, str]:
    is_aside, accuracy = models.why_unranked(model), measured["accuracy"]
    numbers = {} if is_aside else {_("from the optimum"): phrases.format_excess(measured["excess"])}
    numbers[_("Objective F")] = phrases.objective(measured["objective"])
    numbers[_("Non-zeros")] = format_percent(measured["nonzero"])
    return numbers | ({} if accuracy is None else {_("Test accuracy"): format_percent(accuracy, 1)})


# Sentences ------------------------------------------------------------------------------------------------------------


def describe(job: Training, frame: Frame) -> tuple[str, str]:
    """The sentence about a frame, and its reasons, in at most three sentences."""
    event, name = frame.event, job.setup.name
    if event is None:
        return describe_step(job), ""
    moment = _("Untrained")
    if event.step:
        moment = ngettext("After {n} step", "After {n} steps", event.step)
    facts = {"moment": moment, "name": name, "excess": phrases.percent(event.excess)}
    sentence = N_("{moment}, **{name}** is **{excess}** above exact codes on its own atoms.")
    reasons, norm = "", longest_atom(frame)
    if is_ranked(job):
        distance = job.distance(event)
        facts |= {"percent": phrases.percent(abs(distance)), "side": phrases.side(distance)}
        sentence = N_("{moment}, **{name}** is **{percent}** {side}.")
        reasons = _(
            "From exact codes on its own atoms **{name}** is {excess} away; the rest is due to these atoms.",
            **facts,
        )
    if norm > 1.01 and event.printed < event.optimum:
        reasons += " " + _(
            "The longest atom has the norm **{norm:.2g}**, so the loss as printed is below the minimum for unit-norm atoms.",
            norm=norm,
        )
    return _(sentence, **facts), reasons


def describe_step(job: Training) -> str:
    """What one step takes, changes and lowers."""
    name, T, rows = job.setup.name, job.solver.steps, len(job.images)
    if hasattr(job.solver, "fit_by_search"):  # it takes all rows at once
        return _("Press play to train **{name}**.", name=name)
    iterations = count(T, "iteration")
    if horizon := job.settings.horizon:
        iterations = f"{T}–{count(horizon, 'iteration')}"
    return of_noun(
        sidebar.noun_of(sets.row_shape(job.tests)),
        "A step codes {batch} of {rows:,} training {noun}s in {iterations}; {numbers:,} numbers move to lower {loss}.",
        batch=min(job.setup.batch_size, rows),
        rows=rows,
        iterations=iterations,
        numbers=sum(weight.numel() for weight in job.solver.parameters() if weight.requires_grad),
        loss=_(LOWERED[job.setup.loss]),
    )


def describe_changes(changes: Sequence[tuple[int, dict]]) -> list[tuple[int, str]]:
    """The steps at which settings changed, each with a few words on the new values, which hold from there."""
    lam = lambda value: _("every λ") if value is None else localized(f"λ = {value:g}")  # noqa: E731
    formats = {
        "rate": lambda value: _("rate {value}", value=domains.written(value)),
        "lam": lam,
        "measured_at": lam,
        "cross_entropy": lambda value: _("labels × {value:g}", value=value),
        "project": lambda value: _("unit ball") if value else _("free atoms"),
    }
    labels = {
        step: dict.fromkeys(formats[key](value) for key, value in values.items() if key in formats)
        for step, values in changes
    }
    return [
        (step, _("{changes} from here", changes=", ".join(texts)))
        for step, texts in labels.items()
        if texts
    ]


# Curves ---------------------------------------------------------------------------------------------------------------


def draw_curves(
    job: Training, frames: Sequence[Frame], model: models.Model, measure: Measure, dark: bool
) -> list[boards.Curves]:
    """Curves against the step: distance to the optimum, the accuracy if the loss uses labels, and objectives.

    Where λ changes, a mark says so, and the baseline has its value at the λ of each step.
    """
    events = thin([*job.history], POINTS)
    # Each point is an event and its λ.
    points = [(event, event.lam) for event in events] or [(None, job.frame.lam)] * 2
    steps = np.array([event.step for event in events] or [0, 1])
    name, label, colour = job.setup.name, name_baseline(model), style.colour(job.setup.solver, dark)
    look = colour, style.lengths(dash(job))

    def line(name: str, read: Callable, look: tuple, format: Callable | None = None) -> boards.Line:
        """What `read` gives of the points and, as `format` writes it in the legend, of the frames."""
        values = np.array([read(*point) for point in points], float)
        at_frames = np.array([read(frame.event, frame.lam) for frame in frames], float)
        texts = [format(k) if math.isfinite(k) else "–" for k in at_frames] if format else ()
        return boards.Line(
            name, values, *look, places=steps, by_axis={"t": at_frames}, legend=texts
        )

    def read_event(key: str) -> Callable:
        return lambda event, lam: getattr(event, key, math.nan)

    def baseline_line(key: str, label: str, scale: int = 1) -> boards.Line:
        return line(label, lambda event, lam: scale * measure(lam)[key], style.stroke(model, dark))

    def chart(title: str, lines: Sequence[boards.Line], **axis) -> boards.Curves:
        return boards.Curves(
            title,
            lines,
            _("{title} against the step", title=title),
            _("step"),
            places=np.array([frame.step for frame in frames]),
            marks=describe_changes(job.changes),
            **axis,
        )

    if is_ranked(job):
        distance = lambda event, lam: job.distance(event) if event else math.nan  # noqa: E731
        lines = [*[line(name, distance, look)] * bool(events), baseline_line("excess", label)]
        charts = [chart(_("Distance to the optimum"), lines, unit=" %")]
    else:  # it has exact codes on its own atoms
        lines = [line(name, read_event("excess"), look)]
        if job.base is not None and math.isfinite(job.base.excess):
            lines.append(line(job.base.name, lambda *_point: job.base.excess, (None, (9, 4))))
        charts = [chart(_("Above exact codes on its atoms"), lines, unit=" %")]
    if not events:
        return charts
    if events[-1].accuracy is not None:
        read = lambda event, lam: 100 * event.accuracy if event else math.nan  # noqa: E731
        lines = [line(name, read, look, lambda percent: format_percent(percent / 100, 1))]
        if measure(job.frame.lam)["accuracy"] is not None:
            lines.append(baseline_line("accuracy", _("codes of {solver}", solver=label), 100))
        # The axis leaves the first steps out.
        bottom = min(float(np.quantile(line.values, 0.1)) for line in lines)
        charts.append(chart(_("Test accuracy"), lines, unit=" %", log=False, bottom=bottom))
    looks = {
        "objective": (_("unit-norm atoms"), (colour,)),
        "printed": (_("as printed"), (colour, (2, 3))),
        "optimum": (_("exact codes on its atoms"), (None, (6, 4))),
    }
    lines = [
        line(label, read_event(key), look, phrases.objective)
        for key, (label, look) in looks.items()
    ]
    finite = [line.values[np.isfinite(line.values)] for line in lines]
    top = 1.3 * max((np.quantile(values, 0.9) for values in finite if len(values)), default=1.0)
    return [*charts, chart(_("Objective"), lines, log=False, top=top)]
