"""Train live: train a network, watch it, change settings during the run, and step through the training afterwards."""

import functools
import math
from operator import attrgetter

import streamlit as st
import torch

from sc2viz import checkpoints, defaults, solvers, training
from sc2viz.draw import sheet, style
from sc2viz.jobs.training_job import Frame, Training, measure_baseline
from sc2viz.pages.train import frames, runs
from sc2viz.ui import (
    boards,
    describe_models,
    models,
    page,
    pen,
    results,
    session,
    sets,
    sidebar,
    url,
)
from sc2viz.ui.cache import Named, cached, digest
from sc2viz.ui.errors import fragment, guarded
from sc2viz.ui.untrusted import plain
from sc2viz.words import N_, _

SECONDS = 0.4  # between two redraws during training
RUNNING = "training", "waiting"  # the states of a job that goes on
NUMBERS = ("step", "epoch", "loss", "lam", "printed", "objective", "optimum", "excess", "nonzero", "accuracy",
           "gradient_norm", "samples_per_second")  # fmt: skip
ENDS = {
    "finished": N_("The run is finished. Play trains for the same number of epochs again."),
    "plateau": N_("The run stopped, because the last epoch hardly improved the objective."),
    "interrupted": N_("The run was stopped."),
    "limit": N_("The run stopped, because its time is up. Reset starts a new run."),
}


def train_page() -> None:
    view = sidebar.current()
    with page.head(_("Train live"), choices=True):
        pen.switch(view)
        lesson = runs.choose_lesson()
    pen.canvas(view, ())
    with st.container(horizontal=True, vertical_alignment="bottom", key="train-bar"):
        keys = st.container(
            horizontal=True, vertical_alignment="center", width="content", key="train-keys"
        )
        keys.empty()  # so that the keys have their room before it is known which they are
        setup, place = runs.choose(view)
    try:
        job = runs.job_of(setup, view)
    except solvers.Failed as error:  # of a guest: the reader chooses another
        page.notes([plain(error)])
        return
    with keys:
        draw_keys(job)
    if job is None:
        return
    if place:
        is_on = job.status not in RUNNING and job.can_go_on
        with place.container(horizontal=True):
            about = _("Train on one batch, then pause.")
            draw_key("one-step", _("One step"), "skip_next", about, job.one_step, is_on)
            about = _("Train to the end of the epoch, then pause.")
            draw_key("one-epoch", _("One epoch"), "fast_forward", about, job.one_epoch, is_on)
    if lesson:
        st.markdown(f":material/visibility: {_(lesson['watch'])}")
    model = baseline_of(job)
    measure = measuring(job, model)
    _numbers, notes = results.compute_each([model], lambda model: measure(job.frame.lam))
    if notes:
        model = models.public(job.setup.data)[url.default("beside")]
        measure = measuring(job, model)
    if model.traits.learned:
        notes += describe_models.notes([model], job.solver.steps, job.frame.lam)
    if job.status != "ready" and job.setup != setup and not job.loaded:
        notes.append(
            _(
                "The settings have changed, but this run keeps its own. Reset starts a run with the new ones."
            )
        )
    page.notes(notes)
    view_of_run = job, model, measure, view.dark
    fragment(watch, SECONDS if job.status in RUNNING else None)(*view_of_run)
    if job.status not in RUNNING:  # below what is shown, so that a pause leaves that where it is
        lead_on(view.data)
    with guarded():
        page.explained(
            [setup.solver],
            files(*view_of_run),
            __file__,
            charts=False,
            job=job,
            runs=runs,
            **read_settings(job),
        )


def draw_key(key: str, label: str, icon: str, about: str, act, is_on: bool = True) -> None:
    kind = "primary" if key == "play" else "secondary"
    st.button(label, key, about, act, icon=f":material/{icon}:", disabled=not is_on, type=kind)


def draw_keys(job: Training | None) -> None:
    status = job.status if job else ""  # "" while its initial atoms are learned
    if status in RUNNING:
        draw_key("play", _("Pause"), "pause", _("Pause after the current step."), job.pause)
    else:
        can_play = job and job.can_go_on
        about = _("Start or continue training.")
        draw_key("play", _("Play"), "play_arrow", about, lambda: play(job), can_play)
    can_stop = status in (*RUNNING, "paused")
    draw_key("stop", _("Stop"), "stop", _("End the run."), lambda: job.stop(), can_stop)
    about = _("Start again with an untrained network.")
    draw_key("reset", _("Reset"), "restart_alt", about, reset)


def play(job: Training) -> None:
    if job.stopped == "plateau":  # the rule of the plateau would stop it again
        st.session_state["plateau"] = False
        job.change(plateau=None)
    job.play()


def reset() -> None:
    session.train_wish = "reset"
    del session.lesson


def watch(job: Training, model: models.Model, measure: frames.Measure, dark: bool) -> None:
    """Show the run: the latest frame during training, and all frames otherwise."""
    is_going = job.status in RUNNING
    with st.container(horizontal=True, vertical_alignment="center", key="train-status"):
        st.progress(min(job.step / job.total, 1.0), describe_status(job), width="stretch")
        if job.stopped:  # the usual reasons have sentences, and an error has its message
            ending = _(ENDS.get(job.stopped, f"{job.stopped}."))
            st.caption(f":material/flag: {ending}", width="stretch")
        reasons = st.container(width="content")
    visible_frames = [job.frame] if is_going else job.frames
    sentences = [frames.describe(job, frame) for frame in visible_frames]
    drawn_from = job, visible_frames, model, measure, dark
    position = boards.scrubber(
        "training",
        len(visible_frames),
        frames.draw_cards(*drawn_from),
        frames.draw_curves(*drawn_from),
        [sentence for sentence, _reason in sentences],
        unit=_("frame"),
        start=len(visible_frames) - 1,
        names=list(map(frames.name_frame, visible_frames)),
        layout="training",
        live=is_going or len(visible_frames) == 1,
        plays=_("Replay"),
    )
    with reasons:
        page.explain(sentences[position][1])
    if not is_going and session.take("was_going"):
        st.rerun()  # the whole page is drawn anew once the training has ended, with other buttons
    session.was_going = is_going


def describe_status(job: Training) -> str:
    """One line with the progress and the time."""
    if place := job.place:
        return _("Place {place} in the queue.", place=place)
    epoch = _("Epoch {epoch:.1f} of {total}", epoch=job.step / job.steps_an_epoch, total=job.epochs)
    progress = f"{epoch} · {frames.name_frame(job.frame)}"
    if job.status != "training" or not job.step:
        return progress
    seconds = job.seconds * (job.total - job.step) / job.step
    minutes, seconds = divmod(int(min(seconds, job.limits.seconds - job.seconds)), 60)
    return f"{progress} · {_('{time} left', time=f'{minutes}:{seconds:02d}')}"


def baseline_of(job: Training) -> models.Model:
    """The baseline: the solver that the reader chose, or, for the reader's own data, ISTA or FISTA on the initial atoms."""
    label, data = url.value("beside"), job.setup.data
    if data != sets.YOURS and job.base is None:
        public = models.public(data)
        return public.get(label) or public[url.default("beside")]
    names = {style.label(name): name for name in defaults.UNTRAINED}
    name, options = names.get(label, defaults.BASELINE), {}
    B = torch.from_numpy(job.frames[0].atoms.astype("float32")) if job.base is None else job.base.B
    if job.solver.traits.positive and "positive" in solvers.options_of(name):
        options["positive"] = True
    return models.Model(
        data,
        name,
        label=style.label(name),
        mark=f"{job.id}/0",
        progress=_("on the initial atoms"),
        network=solvers.build(name, B, **options).requires_grad_(False),
    )


def measuring(job: Training, model: models.Model) -> frames.Measure:
    """What measures the baseline at a λ."""
    data = job.setup.data
    is_shared = job.shared is sets.dictionary(data) and session.own_picture is None
    private = sets.private(data) or not is_shared
    key = data, job.solver.steps, job.solver.C is None, digest([job.pictures, job.shared])
    return functools.cache(lambda lam: measure(model, Named(key, job), lam, private=private))


@cached
def measure(model: models.Model, job: Named, lam: float) -> dict:
    return measure_baseline(models.build(model), job.value, lam)


def lead_on(data: str) -> None:
    """Links to the pages that show the reader's network; none if its pictures are not those of `data`."""
    network = next((model for model in models.choices(data).values() if model.mark), None)
    if network is None:
        return
    if problem := describe_models.problem(network):
        page.notes([describe_models.not_shown(network, f"it {problem}")])
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lead-on"):
        leads = _("Open **{solver}**, {note}, in", solver=network.label, note=network.note)
        st.markdown(f":material/neurology: {leads}", width="content")
        query = {"solvers": [*map(style.label, defaults.UNTRAINED), network.label]}
        for path in ("compare", "step", "lambda", *["gates"] * bool(network.traits.gates)):
            st.page_link(session.pages[path], query_params=query)


def files(
    job: Training, model: models.Model, measure: frames.Measure, dark: bool
) -> list[page.File]:
    setup = job.setup
    name = f"sc2viz-training-{setup.data}-{setup.solver}"

    def draw(frame: Frame, side: int = 320, dark: bool = False):
        bar = sheet.error_bar(frames.error_top(job, measure(frame.lam)))
        title = _(
            "{solver} on {data}, {step}, λ = {lam:g}",
            solver=setup.name,
            data=setup.data,
            step=frames.name_frame(frame),
            lam=frame.lam,
        )
        cards = frames.draw_cards(job, [frame], model, measure, dark)
        return boards.draw_sheet(title, cards, side, [bar], dark)

    def table() -> str:
        gates, numbers = list(job.solver.traits.gates), attrgetter(*NUMBERS)
        rows = ([*numbers(event), *map(event.gates.get, gates)] for event in [*job.history])
        return page.table([*NUMBERS, *gates], rows)

    def network() -> bytes:
        """The network, with the settings and the changes of the run in its notes."""
        progress = {"changes": job.changes, "steps_trained": job.step}
        return checkpoints.dump(job.network(), vars(setup) | vars(job.settings) | progress)

    return [
        page.png(name, lambda: draw(job.frame)),
        page.film(name, lambda: [draw(frame, 240, dark) for frame in job.frames]),
        page.csv(name, table),
        page.network(setup.solver, network),
    ]


def read_settings(job: Training) -> dict[str, dict]:
    """The settings of the run for Python that repeats it step by step and saves its network."""
    setup, usual = job.setup, vars(training.Settings())
    hidden = ["every", "stop"] if setup.supervised else ["every", "stop", "cross_entropy"]
    arguments = {
        key: value
        for key, value in job.first_settings.items()
        if key not in hidden and value != usual[key]
    }
    changes = {step: values for step, values in job.changes if step < job.step}
    if job.step:
        # An event at every change of the settings and at the end
        arguments["every"] = math.gcd(*changes, job.step)
    built = {key: value for key in ("positive", "norm") if (value := job.solver.config.get(key))}
    options = {"seed": setup.seed, **setup.options, **built}
    return {"changes": changes, "settings": arguments, "options": options}


train_page()
