"""The sentences of Train live, computed from what the page shows of a run."""

import math
from functools import partial

from sc2viz import training
from sc2viz.browser.readings import OFFSET, POSITIVE
from sc2viz.jobs import training_job
from sc2viz.ui import domains, models
from sc2viz.ui.phrases import apart, objective, percent, side
from sc2viz.words import N_, _, count, localized, ngettext, of_noun, templates

said = partial(templates.said, __file__)

ENDS = {
    "finished": N_("The run is finished. Play trains for the same number of epochs again."),
    "plateau": N_("The run stopped, because the last epoch hardly improved the objective."),
    "interrupted": N_("The run was stopped."),
    "limit": N_(
        "The run stopped, because a run may train for {minutes:g} minutes. Reset starts a new run."
    ),
}


def number(value: float | None, form: str, unit: str = "") -> str:
    return "–" if value is None or not math.isfinite(value) else localized(f"{value:{form}}{unit}")


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def step(frame: training_job.Frame) -> str:
    """The name of a frame."""
    return _("step {n:,}", n=frame.step)


def status(job: training_job.Job) -> str:
    """One line with the progress, the speed and the time."""
    if job.status == "ready":
        return of_noun(
            "picture" if job.images.shape else "row",
            "Ready: {n:,} {noun}s, {steps} per epoch",
            n=len(job.images),
            steps=count(job.steps_an_epoch, "step"),
        )
    if job.status == "waiting":
        before = job.scheduler.place(job) - 1
        ahead = (
            ngettext("{n} more is before you", "{n} more are before you", before)
            if before
            else _("you are next")
        )
        return _(
            "Waiting: {readers} can train at a time, and {ahead}",
            readers=count(job.limits.at_once, "reader"),
            ahead=ahead,
        )
    parts = [
        _("Epoch {now:.1f} of {all}", now=job.step / job.steps_an_epoch, all=job.epochs),
        _("step {n:,}", n=job.step),
    ]
    speed = job.history[-1].samples_per_second if job.history else math.nan
    if math.isfinite(speed):
        parts.append(_("{n:,.0f} samples/s", n=float(f"{speed:.3g}")))
    parts.append(clock(job.seconds))
    if job.status == "training" and job.step:
        left = job.seconds * (job.total - job.step) / job.step
        left = clock(min(left, job.limits.seconds - job.seconds))
        parts[-1] = _("{time}, {left} left", time=parts[-1], left=left)
    return " · ".join(parts)


def ending(job: training_job.Job) -> str:
    """Why the run ended: a sentence for each usual reason, else the message of the error."""
    return _(ENDS.get(job.stopped, f"{job.stopped}."), minutes=job.limits.seconds / 60)


def caption(
    frame: training_job.Frame,
    name: str,
    baseline: str,
    measured: dict,
    lam: float,
    longest: float,
    distance: float,
    aside: str = "",
    base: training_job.Base | None = None,
) -> tuple[str, str]:
    """The caption of a frame, and where its distance comes from, in at most three sentences.

    measured: the numbers of `baseline` at `lam`; longest: the largest norm of an atom; distance: to the optimum, in
    % of it; aside: why F does not rank the network, where it does not (`readings.aside`); base: the network whose atoms it
    has.
    """
    event = frame.event
    if event is None:
        return _("Press play to train **{name}**.", name=name), ""
    when = (
        ngettext("After {n} step", "After {n} steps", event.step) if event.step else _("Untrained")
    )
    given = {"name": name, "baseline": baseline, "aside": aside, "excess": percent(event.excess)}
    gone = 100 * (1 - event.excess / base.excess) if base is not None and base.excess > 0 else None
    if gone is not None:
        given |= {"base": base.name, "before": percent(base.excess)}
    sentence = said(
        "caption",
        when=when,
        used=percent(100 * event.nonzero),
        gone=None if gone is None else percent(gone),
        nearer=(gone or 0) > 0,
        aims_at_f=aside in (_(OFFSET), _(POSITIVE)),
        percent=percent(abs(distance)),
        side=side(distance),
        **given,
    )
    ranks = (
        not aside and event.objective > 0
    )  # the distance is the sum of what codes miss and what the atoms gain or miss
    atoms = (100 + distance) * event.optimum / event.objective - 100 if ranks else 0.0
    same = frame.lam == lam
    other = measured["accuracy"] if same and event.accuracy is not None else None
    why = templates.points(
        __file__,
        "why",
        apart=apart(atoms) if ranks else "",
        longest=longest,
        printed=event.printed,
        optimum=event.optimum,
        objective=event.objective,
        grew=longest > 1.01 and event.printed < event.optimum,
        right=event.accuracy,
        other=other,
        beside=apart(measured["excess"]) if same and not aside else "",
        **given,
    )
    return sentence, " ".join(why[:3])


def marks(changes: list[tuple[int, dict]]) -> list[tuple[int, str]]:
    """The steps at which settings changed, each with a few words on the new values, which hold from there."""
    words = {
        "rate": lambda value: _("rate {value}", value=domains.written(value)),
        "lam": lambda value: _("every λ") if value is None else localized(f"λ = {value:g}"),
        "measured_at": lambda value: localized(f"λ = {value:g}"),
        "cross_entropy": lambda value: _("labels × {value:g}", value=value),
        "project": lambda value: _("unit ball") if value else _("free atoms"),
    }
    named = [
        (at, {words[key](value): None for key, value in values.items() if key in words})
        for at, values in changes
    ]
    return [
        (at, _("{changes} from here", changes=", ".join(parts))) for at, parts in named if parts
    ]


def noted(event: training.Event | None) -> dict[str, str]:
    """The numbers of a frame."""
    if event is None:
        return {}
    numbers = {
        _("Objective F"): objective(event.objective),
        _("as printed, Eq. (10)"): objective(event.printed),
        _("minimum F on its atoms"): objective(event.optimum),
        _("Non-zeros"): number(100 * event.nonzero, ".0f", " %"),
    }
    if event.accuracy is not None:
        numbers[_("Test accuracy")] = number(100 * event.accuracy, ".1f", " %")
    for name, mean in event.gates.items():
        numbers[_("mean {gate}", gate=_(name.replace("_", " ")))] = number(mean, ".2f")
    return numbers | {_("gradient norm"): number(event.gradient_norm, ".2g")}


def baseline_name(model: models.Model) -> str:
    """The label of the baseline, which says if it is untrained."""
    return (
        model.label
        if model.trained or "untrained" in model.label
        else models.named(model.solver, "untrained")
    )
