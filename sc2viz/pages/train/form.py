"""The widgets of Train live: the settings of a run, those that can change during it, and the buttons."""

from functools import partial

import streamlit as st
import torch

from sc2viz import checkpoints, defaults, solvers
from sc2viz.draw import style
from sc2viz.jobs import training_job
from sc2viz.pages.train import lessons
from sc2viz.pages.train import setup as setups
from sc2viz.pages.train.setup import RunSetup
from sc2viz.training import Settings, losses
from sc2viz.training.settings import PAPER
from sc2viz.ui import learning, models, own, page, session, sets, sidebar, url
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

UNSEEN_SECONDS = 1.0  # until the learning of the initial atoms is shown, which mostly takes less
_PLATEAU = 2e-3  # a run can stop when an epoch improves the objective by less than this share


def choose_lesson() -> lessons.TrainingLesson | None:
    """Draw the menu of lessons; return the one whose button was pressed last."""
    about = _("Sets the data, λ, T and all settings, and starts training.")
    with st.container(key="lessons", width="content"):
        return page.lessons(
            "lesson",
            lessons.LESSONS,
            session.LESSON.get(),
            _take_lesson,
            _("Runs that show one thing each."),
            lambda lesson: f"{_(lesson.before)} {about}".strip(),
            lambda lesson: (
                lesson.start == "yours"
                and not setups.gives_atoms(RunSetup(data=lesson.data), positive=True)
            ),
        )


def _take_lesson(lesson: lessons.TrainingLesson) -> None:
    if (
        st.session_state["data"] != lesson.data
    ):  # setting a widget's own value again would make Streamlit warn
        st.session_state["data"] = lesson.data
    st.session_state.update(T=lesson.steps, lam=lesson.lam or lessons.MEASURED_AT)
    st.session_state.update(
        trainee=style.label(lesson.solver),
        loss=lesson.loss,
        start=lesson.start,
        rate=lesson.rate,
        every=lesson.lam is None,
        preset=lesson.preset,
        atoms=lesson.atoms,
        batch=lesson.batch_size,
        epochs=lesson.epochs,
        project=lesson.project,
        weight=lesson.cross_entropy,
        **setups.parts(lesson.preset),
    )
    session.TRAIN_WISH.set("lesson")
    session.LESSON.set(lesson.title)


def buttons(job: training_job.Job | None) -> None:
    """Draw the buttons play or pause, one step, one epoch, stop and reset."""
    going = job is not None and job.status in ("training", "waiting")
    rests, ended = job is None or not job.can_go_on, job is None or job.status in ("ready", "ended")
    play = _("Play"), "play_arrow", _("Start or continue training."), lambda: _play(job), rests
    pause = _("Pause"), "pause", _("Pause after the current step."), lambda: job.pause(), False
    off = going or rests
    keys = {
        "play": pause if going else play,
        "one-step": (
            _("One step"),
            "skip_next",
            _("Train on one batch, then pause."),
            lambda: job.one_step(),
            off,
        ),
        "one-epoch": (
            _("One epoch"),
            "fast_forward",
            _("Train to the end of the epoch, then pause."),
            lambda: job.one_epoch(),
            off,
        ),
        "stop": (_("Stop"), "stop", _("End the run."), lambda: job.stop(), ended),
        "reset": (
            _("Reset"),
            "restart_alt",
            _("Start again with an untrained network."),
            _reset,
            False,
        ),
    }
    for key, (label, icon, about, act, off) in keys.items():
        st.button(
            label,
            key,
            about,
            act,
            icon=f":material/{icon}:",
            disabled=off,
            type="primary" if key == "play" else "secondary",
        )


def _play(job: training_job.Job) -> None:
    if (
        job.stopped == "plateau"
    ):  # the run continues without the rule of the plateau, which would stop it again
        st.session_state["plateau"] = False
        job.change(plateau=None)
    job.play()


def _reset() -> None:
    session.TRAIN_WISH.set("reset")
    session.LESSON.pop()


def choose(view: sidebar.View) -> RunSetup:
    """Draw the settings of a run, in a row; return them."""
    names = {style.label(name): name for name in solvers.NAMES}
    trainee = names[url.widget("trainee", width=118)]
    known = RunSetup(data=view.data, solver=trainee)
    takes = setups.takes(known)
    if url.now("loss") not in takes:
        st.session_state["loss"] = url.default("loss")
    loss = url.widget("loss", options=takes, width=138)
    starts = [
        name for name in url.domain("start").options if name != "yours" or setups.gives_atoms(known)
    ]
    if url.now("start") not in starts:
        st.session_state["start"] = url.default("start")
    start = url.widget("start", options=starts, width=118)
    url.widget("rate", width=100)
    with st.popover(
        _("More"), icon=":material/tune:", help=_("Presets, sizes, and networks from files.")
    ):
        left, right = st.columns(2, gap="medium", width=460)
        with left:
            preset = url.widget("preset", on_change=_take_preset)
            activation = url.widget("activation", disabled=not setups.takes_activation(trainee))
            optimiser = url.widget("optimiser", on_change=_take_optimiser)
            url.widget("every")
            url.widget("project")
            url.widget("plateau", given={"percent": 100 * _PLATEAU})
        with right:
            most = url.default("atoms")
            opens = url.domain("atoms").nearest(min(most, sets.dictionary(view.data).shape[1]))
            atoms = url.following("atoms", opens, width="stretch", given={"most": most})
            batch, epochs = url.widget("batch"), url.widget("epochs")
            url.widget("weight", disabled=loss not in losses.LABELLED)
            if url.now("beside") not in models.public(view.data):
                st.session_state["beside"] = url.default("beside")
            url.widget("beside")
        _own_network(view)
    return RunSetup(
        known.data,
        trainee,
        preset,
        activation,
        start,
        atoms,
        view.steps,
        loss,
        optimiser,
        batch,
        epochs,
    )


def settings(view: sidebar.View) -> dict:
    """The settings that can change during the run, named as in `training.Settings`."""
    return {
        "rate": url.now("rate"),
        "lam": None if url.now("every") else view.lam,
        "measured_at": view.lam,
        "cross_entropy": url.now("weight"),
        "project": url.now("project"),
        "plateau": _PLATEAU if url.now("plateau") else None,
    }


def _take_preset() -> None:
    paper = url.now("preset") == "paper"
    known = PAPER if paper else Settings()
    st.session_state.update(
        setups.parts(url.now("preset")), project=known.project, every=known.lam is None
    )
    if paper:
        st.session_state["lam"] = known.lam
    _take_optimiser()


def _take_optimiser() -> None:
    adadelta = url.OPTIMISERS[url.now("optimiser")] == "paper"
    st.session_state["rate"] = PAPER.rate if adadelta else url.default("rate")


def baseline(job: training_job.Job) -> models.Model:
    """The baseline: the solver that the reader chose, or, for the reader's own data, ISTA or FISTA on the initial atoms."""
    label = url.now("beside")
    if job.setup.data != sets.YOURS and job.base is None:
        known = models.public(job.setup.data)
        return known.get(label) or known[url.default("beside")]
    name = next(
        (name for name in defaults.UNTRAINED if style.label(name) == label), defaults.BASELINE
    )
    B = torch.from_numpy(job.frames[0].atoms.astype("float32")) if job.base is None else job.base.B
    options = (
        {"positive": True}
        if job.solver.traits.positive and "positive" in solvers.options_of(name)
        else {}
    )
    solver = solvers.build(name, B, **options).requires_grad_(False)
    return models.Model(
        job.setup.data,
        name,
        label=style.label(name),
        mark=f"{job.id}/0",
        when=_("on the initial atoms"),
        network=solver,
    )


def _own_network(view: sidebar.View) -> None:
    """Draw the uploader of a network, and what is wrong with the file that was chosen last."""
    about = _(
        "A network that was saved here or by the command line. You can train it further, and every page offers it."
    )
    own.memory.uploader(
        "_network_file",
        _("A network (.safetensors)"),
        ["safetensors"],
        partial(_take_network, view),
        session.NETWORK_PROBLEM,
        help=about,
    )
    if problem := session.NETWORK_PROBLEM.get():
        st.warning(plain(problem), icon=":material/block:")


def _take_network(view: sidebar.View, file) -> None:
    solver = checkpoints.load_bytes(file.getvalue()).float().requires_grad_(True)
    setup = setups.of_network(solver, view.data)
    setups.begin(setup, settings(view), view, solver)
    nearest = url.domain("atoms").nearest(setup.atoms)
    st.session_state.update(trainee=setup.name, loss=setup.loss, atoms=nearest)
    session.LESSON.pop()


def waits(setup: RunSetup, view: sidebar.View) -> bool:
    """Whether a new job is to begin, and its initial atoms are still being learned: the progress is then drawn."""
    if setup.start != "strokes" or not _begins(setup, view):
        return False
    atoms = setups.strokes(setup)
    atoms.wait(UNSEEN_SECONDS)
    return learning.unfinished(
        atoms, _("The untrained network then starts from them, whatever λ it is trained for.")
    )


def job(setup: RunSetup, view: sidebar.View) -> training_job.Job:
    """The reader's job: a new one if they ask for it, or if the settings changed before the job was started."""
    begins, wish, now = _begins(setup, view), session.TRAIN_WISH.pop(), own.network.job()
    if begins:
        now = setups.begin(setup, settings(view), view)
    now.change(**settings(view))
    if wish == "lesson":
        now.play()
    return now


def _begins(setup: RunSetup, view: sidebar.View) -> bool:
    now = own.network.job()
    if now is None or session.TRAIN_WISH.get():
        return True
    untouched = now.status == "ready" and not now.loaded
    return untouched and (
        now.setup != setup or bool((now.pictures != setups.shown(setup, view)).any())
    )
