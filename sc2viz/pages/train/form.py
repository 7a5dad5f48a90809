"""The widgets of Train live: what is set up before a run, what may change while it goes on, and the buttons."""

import streamlit as st
import torch

from sc2viz import checkpoints, defaults, jobs, losses, solvers, training
from sc2viz.figures import style
from sc2viz.pages.train import lessons
from sc2viz.pages.train import setup as setups
from sc2viz.pages.train.setup import Setup
from sc2viz.ui import models, own, sidebar, url

ABOUT_LOSSES = (
    "**sc2net**: the objective itself, Eq. (10). **codes**: predict exact codes, as LISTA was taught. **supervised**: "
    "the objective and the cross-entropy of the labels, Eq. (11)."
)
ABOUT_STARTS = "The atoms before training: **strokes**, learned for a second; **pictures** of the data; or **noise**."
_PLATEAU = 2e-3  # an epoch that brings less than this share of the objective is one too many


def lesson_buttons(playing: str | None) -> None:
    """Three runs, each a click away."""
    with st.container(horizontal=True, vertical_alignment="center", key="lessons"):
        st.markdown("A lesson, ready to run:", width="content")
        for k, lesson in enumerate(lessons.LESSONS):
            st.button(
                lesson.title,
                icon=":material/school:",
                key=f"lesson-{k}",
                type="primary" if lesson.title == playing else "secondary",
                on_click=_take_lesson,
                args=(lesson,),
                help="Sets the data, λ, T and everything below, and plays.",
            )


def _take_lesson(lesson: lessons.Lesson) -> None:
    if st.session_state["data"] != lesson.data:  # Streamlit warns of what is set beside a default
        st.session_state["data"] = lesson.data
    st.session_state.update(T=lesson.steps, lam=lesson.lam or lessons.MEASURED_AT)
    st.session_state.update(
        trainee=style.label(lesson.solver), loss=lesson.loss, start="strokes", rate=lesson.rate, every=lesson.lam is None,
        preset=lesson.preset, atoms=lesson.atoms, batch=lesson.batch_size, epochs=lesson.epochs, project=lesson.project,
        weight=lesson.cross_entropy, own_data=False, **setups.parts(lesson.preset),
    )  # fmt: skip
    st.session_state["_train_wish"] = "lesson"
    st.session_state["_lesson"] = lesson.title


def buttons(job: jobs.Job | None) -> None:
    """Play or pause, step, epoch, stop, reset."""
    going = job is not None and job.status in ("training", "waiting")
    if going:
        _button("play", "Pause", ":material/pause:", "Pause after the step at hand.", job.pause, type="primary")
    else:
        off = job is None or not job.can_go_on
        _button("play", "Play", ":material/play_arrow:", "Train.", lambda: _play(job), type="primary", disabled=off)
    off = job is None or going or not job.can_go_on
    _button("one-step", "One step", ":material/skip_next:", "One batch, then pause.", lambda: job.one_step(), disabled=off)
    _button("one-epoch", "One epoch", ":material/fast_forward:", "To the end of the epoch, then pause.",
            lambda: job.one_epoch(), disabled=off)  # fmt: skip
    ended = job is None or job.status in ("ready", "ended")
    _button("stop", "Stop", ":material/stop:", "End the run here.", lambda: job.stop(), disabled=ended)
    _button("reset", "Reset", ":material/restart_alt:", "A new, untrained network.", _reset)


def _button(key: str, label: str, icon: str, about: str, act, **options) -> None:
    st.button(label, icon=icon, key=key, on_click=act, help=about, **options)


def _play(job: jobs.Job) -> None:
    if job.stopped == "plateau":  # on, then, past it
        st.session_state["plateau"] = False
        job.change(plateau=None)
    job.play()


def _reset() -> None:
    st.session_state["_train_wish"] = "reset"
    st.session_state.pop("_lesson", None)


def choose(view: sidebar.View) -> Setup:
    """The main choices, in a row."""
    names = {style.label(name): name for name in solvers.NAMES}
    about = "What to train. ISTA and FISTA have nothing to learn but their atoms."
    trainee = names[url.widget("trainee", "Network", width=118, help=about)]
    known = Setup(data=_data(view), solver=trainee)
    takes = setups.takes(known)
    if url.now("loss") not in takes:
        st.session_state["loss"] = url.default("loss")
    loss = url.widget("loss", "Loss", options=takes, width=118, help=ABOUT_LOSSES)
    start = url.widget("start", "Atoms from", width=118, help=ABOUT_STARTS)
    about = "The learning rate. May change while it runs; the curves mark where."
    url.widget("rate", "Rate", width=112, help=about)
    with st.popover("More", icon=":material/tune:", help="Presets, sizes, your own data, networks from files."):
        left, right = st.columns(2, gap="medium", width=460)
        with left:
            about = (
                "The paper's equations and settings, or how we would do it today. It sets the parts below, which can be "
                "changed one by one."
            )
            preset = url.widget("preset", "Preset", on_change=_take_preset, help=about)
            off = "activation" not in solvers.options_of(trainee)
            activation = url.widget("activation", "Activation", disabled=off, help="Of SLSTM.")
            about = "Adam with a cosine schedule, or Adadelta as in the paper."
            optimiser = url.widget("optimiser", "Optimiser", on_change=_take_optimiser, help=about)
            about = (
                "One network for every λ, drawn anew for every picture; the curves are measured at the λ on the left. "
                "Off: it is trained at that λ alone."
            )
            url.widget("every", "Every λ", help=about)
            url.widget("project", "Atoms in the unit ball", help="Off: free atoms, with which Eq. (10) can be cheated.")
            about = f"When an epoch improves the objective by less than {100 * _PLATEAU:g} %."
            url.widget("plateau", "Stop at a plateau", help=about)
        with right:
            atoms = url.widget("atoms", "Atoms d_s", help="How many.")
            batch = url.widget("batch", "Batch size", help="Pictures a step.")
            epochs = url.widget("epochs", "Epochs", help="Passes over the data.")
            off, about = loss not in losses.LABELLED, "Of the cross-entropy in Eq. (11). May change while it runs."
            url.widget("weight", "Weight of labels", disabled=off, help=about)
            if url.now("beside") not in models.public(view.data):
                st.session_state["beside"] = url.default("beside")
            about = "What else the pictures are coded by, in as many iterations."
            url.widget("beside", "Beside it", help=about)
        _own_data(view)
    return Setup(known.data, trainee, preset, activation, start, atoms, view.steps, loss, optimiser, batch, epochs)


def settings(view: sidebar.View) -> dict:
    """What may change while it runs, as `training.Settings` names it."""
    chosen = st.session_state
    return {
        "rate": chosen["rate"],
        "lam": None if chosen["every"] else view.lam,
        "measured_at": view.lam,
        "cross_entropy": chosen["weight"],
        "project": chosen["project"],
        "plateau": _PLATEAU if chosen["plateau"] else None,
    }


def _take_preset() -> None:
    paper = st.session_state["preset"] == "paper"
    st.session_state.update(setups.parts(st.session_state["preset"]), project=not paper, every=not paper)
    if paper:
        st.session_state["lam"] = 0.1
    _take_optimiser()


def _take_optimiser() -> None:
    st.session_state["rate"] = 1.0 if st.session_state["optimiser"] == "Adadelta" else url.default("rate")


def _data(view: sidebar.View) -> str:
    brought = st.session_state.get("_npz")
    return brought[0].name if brought is not None and st.session_state.get("own_data") else view.data


def baseline(job: jobs.Job) -> models.Model:
    """What the run is set beside: as the reader chose; ISTA or FISTA on its first atoms where no model is for its data."""
    label = st.session_state["beside"]
    if job.setup.data in url.ABOUT:
        known = models.public(job.setup.data)
        return known.get(label) or known[url.default("beside")]
    name = next((name for name in defaults.UNTRAINED if style.label(name) == label), defaults.BASELINE)
    B = torch.from_numpy(job.frames[0].atoms.astype("float32"))
    solver = solvers.build(name, B).requires_grad_(False)
    return models.Model(job.setup.data, name, label=style.label(name), mark=f"{job.id}/0", when="on the first atoms",
                        network=solver)  # fmt: skip


def _own_data(view: sidebar.View) -> None:
    """Pictures and networks from files."""
    left, right = st.columns(2, gap="medium", width=460)
    with left:
        file = st.file_uploader("Your data (.npz)", ["npz"], key="_npz_file", on_change=_take_npz,
                                help="x_train and x_test, pictures (n, h, w) or (n, h, w, 3), and labels y_train and "
                                "y_test where there are. Kept in this server's memory while this page is open.")  # fmt: skip
        off = file is None and "_npz" not in st.session_state
        about = "Off: the data set on the left."
        st.toggle("Train on it", key="own_data", persist_state="session", disabled=off, help=about)
    with right:
        st.file_uploader("A network (.safetensors)", ["safetensors"], key="_network_file", on_change=_take_network,
                         args=(view,), help="One saved here or by the command line: it can be trained on, and joins the "
                         "models of every page.")  # fmt: skip
    if problem := st.session_state.get("_file_problem"):
        st.warning(problem, icon=":material/block:")


def _take_npz() -> None:
    st.session_state["_file_problem"] = None
    file = st.session_state["_npz_file"]
    if file is None:
        return
    try:
        setups.upload(file)
        st.session_state["own_data"] = True
    except ValueError as error:
        st.session_state["_file_problem"] = f"{file.name}: {error}."


def _take_network(view: sidebar.View) -> None:
    st.session_state["_file_problem"] = None
    file = st.session_state["_network_file"]
    if file is None:
        return
    try:
        solver = checkpoints.load_bytes(file.getvalue()).requires_grad_(True)
        setup = setups.of_network(solver, _data(view))
        chosen = training.Settings(**settings(view))
        setups.begin(setup, chosen, view, solver)
    except ValueError as error:
        st.session_state["_file_problem"] = f"{file.name}: {error}."
        return
    nearest = url.domain("atoms").mend(str(setup.atoms))
    st.session_state.update(trainee=setup.name, loss=setup.loss, atoms=nearest)
    st.session_state.pop("_lesson", None)


def job(setup: Setup, view: sidebar.View) -> jobs.Job:
    """The reader's job: a new one where they ask for it, or where none has been touched yet."""
    wish = st.session_state.pop("_train_wish", None)
    now = own.network.job()
    untouched = now is None or (now.status == "ready" and not now.loaded and _differs(now, setup, view))
    if wish or untouched:
        now = setups.begin(setup, training.Settings(**settings(view)), view)
    now.change(**settings(view))
    if wish == "lesson":
        now.play()
    return now


def _differs(now: jobs.Job, setup: Setup, view: sidebar.View) -> bool:
    return now.setup != setup or (now.pictures.numpy() != setups.shown(setup, view)).any()
