"""Train a network for the signals at hand: the button says how many minutes that takes, and the page shows it when done."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from sc2viz import checkpoints, dictionary, solvers
from sc2viz.jobs import code_training
from sc2viz.jobs.code_training import CodeTraining
from sc2viz.pages.codes import measured
from sc2viz.ui import known_codes, models, page, phrases, progress, schedulers, session, sets
from sc2viz.ui.cache import cached
from sc2viz.ui.known_codes import LAYERS, Problem
from sc2viz.ui.models import Model
from sc2viz.ui.untrusted import plain
from sc2viz.words import _, count

MOST = 3  # trainings that a session keeps


def choices(at_hand: Problem) -> dict[str, Model]:
    """The models for the problem at hand, those that were trained here in the place of the untrained ones."""
    found = models.choices(sets.KNOWN)
    for (problem, label), job in session.CODE_TRAININGS.get().items():
        if problem == at_hand and label in found and job.done and job.step and not job.problem:
            found[label] = replace(
                found[label], mark=f"known {id(job)}", when=_("trained here"), network=job.solver
            )
    return found


def offer(at_hand: Problem, chosen: Sequence[Model]) -> None:
    """A button for each untrained network, or how far its training is."""
    jobs = session.CODE_TRAININGS.get()
    progress.here("codes", list(jobs.values()))
    for model in chosen:
        job = jobs.get((at_hand, model.label))
        if model.trained:
            continue
        if job is None:
            minutes = max(1, round(_seconds(model, at_hand) / 60))
            about = _(
                "{batches:,} batches of {n} fresh signals, by the true codes.",
                batches=code_training.BATCHES,
                n=code_training.SIZE,
            )
            label = _(
                "Train {solver} for these signals: about {took}",
                solver=model.label,
                took=count(minutes, "minute"),
            )
            st.button(
                label,
                key=f"train-{model.solver}-{model.variant}",
                on_click=_start,
                args=(at_hand, model),
                help=about,
                icon=":material/neurology:",
            )
        elif job.problem:
            page.notes(
                [
                    _(
                        "{solver} could not be trained: {why}",
                        solver=model.label,
                        why=plain(job.problem),
                    )
                ]
            )
        else:
            about = _("Ends the training, with what was learned so far.")
            progress.goes_on(
                job, partial(_said, model.label, job), about, key=f"stop-{model.label}"
            )


def _said(label: str, job: CodeTraining) -> str:
    said = _("{solver}: batch {step:,} of {total:,}", solver=label, step=job.step, total=job.total)
    return f"{said}, {phrases.decibels(job.nmse)}" if job.step else said


def _start(at_hand: Problem, model: Model) -> None:
    """Begin a training, in a callback. The oldest of more than `MOST` is given up."""
    rows = known_codes.images(at_hand, "train")
    job = CodeTraining(
        _fresh(model, at_hand), rows, measured.exact(at_hand).lam, schedulers.scheduler("training")
    )
    jobs = {**session.CODE_TRAININGS.get(), (at_hand, model.label): job}
    while len(jobs) > MOST:
        jobs.pop(next(iter(jobs))).cancel()
    session.CODE_TRAININGS.set(jobs)
    job.start()


def _fresh(model: Model, at_hand: Problem) -> solvers.Solver:
    """The solver as it is built, with as many layers as the page shows."""
    return solvers.build(
        model.solver, known_codes.images(at_hand).dictionary, LAYERS, **model.options
    )


@cached
def _seconds(model: Model, at_hand: Problem) -> float:
    return code_training.seconds(_fresh(model, at_hand), known_codes.images(at_hand, "train"))


def files(chosen: Sequence[Model]) -> list[page.File]:
    """The networks that were trained here, to take away."""

    def dumped(model: Model) -> bytes:
        at_hand = known_codes.at_hand()
        digest = dictionary.digest(known_codes.images(at_hand).dictionary)
        return checkpoints.dump(
            model.network, {"loss": "recovery", "dictionary": digest, **at_hand.options()}
        )

    return [page.network(model.solver, partial(dumped, model)) for model in chosen if model.mark]
