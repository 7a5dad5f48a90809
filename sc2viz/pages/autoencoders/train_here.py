"""Train the networks of a set that are not here: the button says how many minutes that takes, and the page shows them."""

from functools import lru_cache

import streamlit as st

from sc2viz.defaults import KINDS, STEPPED
from sc2viz.jobs import encoder_training
from sc2viz.jobs.encoder_training import EncoderTraining
from sc2viz.published.sentences import name_encoder
from sc2viz.training.autoencoders import EncoderRun
from sc2viz.ui import encoders, page, phrases, progress, schedulers, session
from sc2viz.ui.encoders import EncoderSet
from sc2viz.ui.untrusted import plain
from sc2viz.words import _, ngettext


def missing(of: EncoderSet) -> list[EncoderRun]:
    """The runs whose networks are not here, in the order in which they are trained: D★ first."""
    wanted = [of.run("frozen", "mp"), *(of.run("joint", kind) for kind in KINDS)]
    wanted += [of.run("frozen", kind) for kind in STEPPED]
    return [run for run in wanted if not encoders.stored(run)]


def offer(of: EncoderSet) -> None:
    """A button for the networks that are missing, or how far their training is."""
    job, runs = session.ENCODER_TRAINING.get(), missing(of)
    if job is not None:
        progress.here("autoencoders", [job])
        if job.problem:
            page.notes([_("A network could not be trained: {problem}", problem=plain(job.problem))])
        elif progress.goes_on(
            job, lambda: _said(job), _("Ends after the network at hand. What is trained stays.")
        ):
            return
    if not runs:
        return
    with st.spinner(_("Loading the rows …")):
        minutes = max(1, round(sum(map(seconds, runs)) / 60))
    about = _(
        "One after the other, each with seed 0, as `sc2viz reproduce sae` does. They are kept on this server."
    )
    label = ngettext(
        "Train the network of {data} that is not here: about {minutes}",
        "Train the {many} networks of {data} that are not here: about {minutes}",
        len(runs),
        data=of.name,
        many=phrases.numeral(len(runs)),
        minutes=phrases.count(minutes, "minute"),
    )
    st.button(label, on_click=_start, args=(runs,), help=about, icon=":material/neurology:")


@lru_cache(maxsize=128)
def seconds(run: EncoderRun) -> float:
    """About how long the training of a network takes one core: what its record says, or the time of a step here."""
    measured = encoders.measured(run)
    if measured:
        return measured["training_seconds"]
    return encoder_training.seconds(run, encoders.rows(run.data).x)


def _said(job: EncoderTraining) -> str:
    at = min(job.step, len(job.runs) - 1)
    return _(
        "Network {n} of {all}: {kind}",
        n=at + 1,
        all=len(job.runs),
        kind=name_encoder(job.runs[at].kind),
    )


def _start(runs: list[EncoderRun]) -> None:
    job = EncoderTraining(runs, schedulers.scheduler("training"))
    session.ENCODER_TRAINING.set(job)
    job.start()
