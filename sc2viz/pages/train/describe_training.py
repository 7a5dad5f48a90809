"""What is said of a run, computed from what is shown of it."""

import math

from sc2viz import jobs, training
from sc2viz.ui import models
from sc2viz.ui.phrases import objective, percent

ENDS = {
    "finished": "Finished: play goes on for as many epochs more.",
    "plateau": "Stopped by itself: the last epoch brought next to nothing.",
    "interrupted": "Stopped.",
    "limit": "Stopped: a run may train for {minutes:g} minutes. Reset begins another.",
}


def number(value: float | None, form: str, unit: str = "") -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:{form}}{unit}"


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def step(frame: jobs.Frame) -> str:
    """A frame's name."""
    return f"step {frame.step:,}"


def status(job: jobs.Job) -> str:
    """One line: how far, how fast, how long."""
    if job.status == "ready":
        return f"Ready: {len(job.images):,} pictures, {job.steps_an_epoch} steps an epoch"
    if job.status == "waiting":
        before = job.office.place(job) - 1
        ahead = f"{before} more {'is' if before == 1 else 'are'} before you" if before else "you are next"
        return f"In line: {job.limits.at_once} can train here at a time, and {ahead}"
    parts = [f"Epoch {job.step / job.steps_an_epoch:.1f} of {job.epochs}", f"step {job.step:,}"]
    speed = job.history[-1].samples_per_second if job.history else math.nan
    if math.isfinite(speed):
        parts.append(f"{float(f'{speed:.3g}'):,.0f} samples/s")
    parts.append(clock(job.seconds))
    if job.status == "training" and job.step:
        left = job.seconds * (job.total - job.step) / job.step
        parts[-1] += f", {clock(min(left, job.limits.seconds - job.seconds))} left"
    return " · ".join(parts)


def ending(job: jobs.Job) -> str:
    """Why the run ended, for the reader: the core's own words where it is none of the usual reasons."""
    return ENDS.get(job.stopped, f"{job.stopped}.").format(minutes=job.limits.seconds / 60)


def caption(frame: jobs.Frame, name: str, beside: str, measured: dict, lam: float, longest: float) -> str:
    """What a frame shows; `measured`: the baseline's numbers at `lam`; `longest`: the largest norm of an atom."""
    event = frame.event
    if event is None:
        return f"Press play, and **{name}** learns."
    when = f"After {event.step:,} step{'s' if event.step != 1 else ''}" if event.step else "Untrained"
    said = f"{when}, **{name}** is **{percent(event.excess)}** above the optimum on its atoms"
    if frame.lam == lam:
        said += f"; **{beside}**, with as many iterations, {percent(measured['excess'])} on its own"
    said += "."
    if event.accuracy is not None:
        said += f" It gets **{100 * event.accuracy:.0f} %** of the test labels right"
        if frame.lam == lam and measured["accuracy"] is not None:
            said += f"; logistic regression on {beside}’s codes, {100 * measured['accuracy']:.0f} %"
        said += "."
    if longest > 1.01 and event.printed < event.optimum:
        said += (
            f" Its longest atom has grown to **{longest:.2g}**: the loss as printed, {event.printed:.3g}, is less than "
            f"exact codes on unit-norm atoms cost, {event.optimum:.3g}, and the honest objective is {event.objective:.3g}."
        )
    return said


def marks(changes: list[tuple[int, dict]]) -> list[tuple[int, str]]:
    """Where settings were changed, and to what, in a few words."""
    words = {
        "rate": lambda value: f"rate {value:g}",
        "lam": lambda value: "every λ" if value is None else f"λ = {value:g}",
        "cross_entropy": lambda value: f"labels × {value:g}",
        "project": lambda value: "unit ball" if value else "free atoms",
    }
    named = [(at, [words[key](value) for key, value in values.items() if key in words]) for at, values in changes]
    return [(at, ", ".join(parts)) for at, parts in named if parts]


def noted(event: training.Event | None) -> dict[str, str]:
    """The numbers of a frame."""
    if event is None:
        return {}
    numbers = {"Objective F": objective(event.objective), "as printed, Eq. (10)": objective(event.printed)}
    numbers["least F on its atoms"] = objective(event.optimum)
    numbers["Non-zeros"] = number(100 * event.nonzero, ".0f", " %")
    if event.accuracy is not None:
        numbers["Test labels right"] = number(100 * event.accuracy, ".1f", " %")
    for name, mean in event.gates.items():
        numbers[f"mean {name.replace('_', ' ')}"] = f"{mean:.2f}"
    numbers["gradient norm"] = number(event.gradient_norm, ".2g")
    return numbers


def beside_name(model: models.Model) -> str:
    return model.label if model.trained or "untrained" in model.label else models.named(model.solver, "untrained")
