"""The sentences of Train live, computed from what the page shows of a run."""

import math

from sc2viz import training
from sc2viz.browser.readings import OFFSET, POSITIVE
from sc2viz.jobs import training_job
from sc2viz.ui import domains, models, phrases
from sc2viz.ui.phrases import apart, objective, percent, side

ENDS = {
    "finished": "The run is finished. Play trains for the same number of epochs again.",
    "plateau": "The run stopped, because the last epoch hardly improved the objective.",
    "interrupted": "The run was stopped.",
    "limit": "The run stopped, because a run may train for {minutes:g} minutes. Reset starts a new run.",
}


def number(value: float | None, form: str, unit: str = "") -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:{form}}{unit}"


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def step(frame: training_job.Frame) -> str:
    """The name of a frame."""
    return f"step {frame.step:,}"


def status(job: training_job.Job) -> str:
    """One line with the progress, the speed and the time."""
    if job.status == "ready":
        noun = "pictures" if job.images.shape else "rows"
        return f"Ready: {len(job.images):,} {noun}, {phrases.count(job.steps_an_epoch, 'step')} per epoch"
    if job.status == "waiting":
        before = job.scheduler.place(job) - 1
        ahead = f"{before} more {phrases.form(before, 'is', 'are')} before you" if before else "you are next"
        return f"Waiting: {phrases.count(job.limits.at_once, 'reader')} can train at a time, and {ahead}"
    parts = [f"Epoch {job.step / job.steps_an_epoch:.1f} of {job.epochs}", f"step {job.step:,}"]
    speed = job.history[-1].samples_per_second if job.history else math.nan
    if math.isfinite(speed):
        parts.append(f"{float(f'{speed:.3g}'):,.0f} samples/s")
    parts.append(clock(job.seconds))
    if job.status == "training" and job.step:
        left = job.seconds * (job.total - job.step) / job.step
        parts[-1] += f", {clock(min(left, job.limits.seconds - job.seconds))} left"
    return " · ".join(parts)


def ending(job: training_job.Job) -> str:
    """Why the run ended: a sentence for each usual reason, else the message of the error."""
    return ENDS.get(job.stopped, f"{job.stopped}.").format(minutes=job.limits.seconds / 60)


def caption(frame: training_job.Frame, name: str, baseline: str, measured: dict, lam: float, longest: float,
            distance: float, aside: str = "", base: training_job.Base | None = None) -> tuple[str, str]:  # fmt: skip
    """The caption of a frame, and where its distance comes from, in at most three sentences.

    measured: the numbers of `baseline` at `lam`; longest: the largest norm of an atom; distance: to the optimum, in
    % of it; aside: why F does not rank the network, where it does not (`readings.aside`); base: the network whose atoms it
    has.
    """
    event = frame.event
    if event is None:
        return f"Press play to train **{name}**.", ""
    when = f"After {phrases.count(event.step, 'step')}" if event.step else "Untrained"
    sentence = f"{when}, **{name}** is **{percent(abs(distance))}** {side(distance)}."
    ranked = not aside
    if aside:
        sentence = f"{when}, **{name}** uses **{percent(100 * event.nonzero)}** of the atoms. It {aside}."
        if aside in (OFFSET, POSITIVE):  # its aim is F, of its own
            sentence = (
                f"{when}, **{name}** is **{percent(event.excess)}** above exact codes on its own atoms, of which it uses "
            )
            sentence += f"**{percent(100 * event.nonzero)}**."
    if base is not None and base.excess > 0:
        gone = 100 * (1 - event.excess / base.excess)
        sentence = f"{when}, **{name}** is **{percent(event.excess)}** above exact codes on these atoms, **{base.name}** "
        sentence += f"{percent(base.excess)}: " + (f"**{percent(gone)}** of its gap is gone." if gone > 0 else "no less.")
    with_exact = ""
    if ranked and event.objective > 0:  # the distance is the sum of what the codes miss and what the atoms gain or miss
        atoms = (100 + distance) * event.optimum / event.objective - 100
        with_exact = f", and with those it would be {apart(atoms)}"
    why = [f"From exact codes on its own atoms **{name}** is {percent(event.excess)} away{with_exact}."]
    if longest > 1.01 and event.printed < event.optimum:
        why.append(
            f"The longest atom has the norm **{longest:.2g}**, so the loss as printed, {event.printed:.3g}, is below the "
            f"minimum for unit-norm atoms, {event.optimum:.3g}, while the honest objective is {event.objective:.3g}."
        )
    if event.accuracy is not None:
        said = f"**{name}** predicts **{100 * event.accuracy:.0f} %** of the test labels correctly"
        if frame.lam == lam and measured["accuracy"] is not None:
            said += f", and logistic regression on the codes of {baseline} predicts {100 * measured['accuracy']:.0f} %"
        why.append(f"{said}.")
    if frame.lam == lam and ranked:
        why.append(f"**{baseline}**, with as many iterations, is {apart(measured['excess'])}.")
    return sentence, " ".join(why[:3])


def marks(changes: list[tuple[int, dict]]) -> list[tuple[int, str]]:
    """The steps at which settings changed, each with a few words on the new values, which hold from there."""
    words = {
        "rate": lambda value: f"rate {domains.written(value)}",
        "lam": lambda value: "every λ" if value is None else f"λ = {value:g}",
        "measured_at": lambda value: f"λ = {value:g}",
        "cross_entropy": lambda value: f"labels × {value:g}",
        "project": lambda value: "unit ball" if value else "free atoms",
    }
    named = [(at, {words[key](value): None for key, value in values.items() if key in words}) for at, values in changes]
    return [(at, f"{', '.join(parts)} from here") for at, parts in named if parts]


def noted(event: training.Event | None) -> dict[str, str]:
    """The numbers of a frame."""
    if event is None:
        return {}
    numbers = {"Objective F": objective(event.objective), "as printed, Eq. (10)": objective(event.printed)}
    numbers["minimum F on its atoms"] = objective(event.optimum)
    numbers["Non-zeros"] = number(100 * event.nonzero, ".0f", " %")
    if event.accuracy is not None:
        numbers["Test accuracy"] = number(100 * event.accuracy, ".1f", " %")
    for name, mean in event.gates.items():
        numbers[f"mean {name.replace('_', ' ')}"] = f"{mean:.2f}"
    numbers["gradient norm"] = number(event.gradient_norm, ".2g")
    return numbers


def baseline_name(model: models.Model) -> str:
    """The label of the baseline, which says if it is untrained."""
    return model.label if model.trained or "untrained" in model.label else models.named(model.solver, "untrained")
