"""What a training run is: its settings and their widgets, the lessons, and the job that carries it out."""

import inspect
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from sc2viz import checkpoints, data, defaults, dictionary, solvers, training, words
from sc2viz.draw import style
from sc2viz.jobs.dictionary_learning import Learning
from sc2viz.jobs.training_job import Base, Training
from sc2viz.training import Settings, losses
from sc2viz.training.settings import PAPER
from sc2viz.ui import learning, models, own, page, schedulers, session, sets, url
from sc2viz.ui.cache import DICTIONARIES, Named, cached, digest
from sc2viz.ui.sidebar import View
from sc2viz.words import _

TESTS = 500  # rows of the test split on which the curves are measured
PICTURES = 8  # test pictures that the page shows
START_EPOCHS = (
    3  # of the learning of initial atoms, which then resemble strokes and can still improve
)
START_LAM = 0.1  # the λ of that learning
UNSEEN_SECONDS = 1.0  # until that learning is shown, which mostly takes less
PLATEAU = 2e-3  # a run can stop when an epoch improves the objective by less than this share
LESSONS = words.read(Path(__file__).with_name("lessons.toml"))["lesson"]
# Rows of the URL: the form behind More, and what a lesson sets
FORM = ("rate", "start", "optimiser", "loss", "preset", "activation", "atoms", "batch", "epochs", "weight", "beside",
        "every", "project", "plateau")  # fmt: skip
ROWS = ("lam", "T", "trainee", *(row for row in FORM if row not in ("beside", "plateau")))


@dataclass(frozen=True)
class RunSetup:
    """The settings of a run that cannot change during it. `training.Settings` holds the others."""

    data: str
    solver: str
    preset: str
    activation: str
    # The initial atoms: "strokes" (a short dictionary learning), "pictures", "noise", "file", or "yours": those of the
    # reader's network, which stay.
    start: str
    atoms: int
    steps: int
    loss: str
    optimiser: str
    batch_size: int
    epochs: int
    seed: int = 0

    @property
    def options(self) -> dict:
        """The options of `solvers.build`."""
        if not solvers.solver_class(self.solver).traits.learned:
            return defaults.OPTIONS.get(self.solver, {})
        preset = {"preset": self.preset} if "preset" in solvers.options_of(self.solver) else {}
        return preset | ({"activation": self.activation} if takes_activation(self.solver) else {})

    @property
    def supervised(self) -> bool:
        """Whether the loss uses labels."""
        return self.loss in losses.LABELLED

    @property
    def name(self) -> str:
        return style.label(self.solver)

    @property
    def base(self) -> Base | None:
        """The network whose atoms the run takes, if it takes those of one."""
        B = sets.dictionary(self.data)
        return own.network.base(len(B)) if self.start == "yours" else None

    @property
    def splits(self) -> tuple[data.Images, data.Images]:
        """The training and the test split."""
        return sets.images(self.data, "train"), sets.images(self.data, "test")


def takes_activation(solver: str) -> bool:
    """Whether a solver takes the activations that this page offers. One whose default is another has its own."""
    option = inspect.signature(solvers.solver_class(solver)).parameters.get("activation")
    offered = (None, inspect.Parameter.empty, *url.domain("activation").options)
    return option is not None and option.default in offered


# Widgets --------------------------------------------------------------------------------------------------------------


def choose_lesson() -> dict | None:
    """Draw the menu of lessons and, until one is taken, a button of the first; return the one that was taken last."""
    with st.container(horizontal=True, key="lessons", width="content"):
        if session.lesson is None:
            st.button(
                _(LESSONS[0]["title"]),
                "first-lesson",
                _(LESSONS[0]["watch"]),
                take_lesson,
                LESSONS[:1],
                icon=":material/play_circle:",
            )
        return page.lessons("lesson", LESSONS, take_lesson, is_too_early)


def take_lesson(lesson: dict) -> None:
    page.take_lesson(lesson, "lesson", ROWS)
    session.train_wish = "lesson"


def is_too_early(lesson: dict) -> bool:
    """Whether a lesson takes the atoms of a network that is not there yet."""
    d_x = sets.images(lesson["data"]).pixels.shape[1]
    return lesson.get("start") == "yours" and not own.network.has_atoms(d_x, positive=True)


def choose(view: View) -> tuple[RunSetup, DeltaGenerator | None]:
    """Draw the choice of the network and, behind More, the form; return the settings of a run, and where More is open."""
    names = {style.label(name): name for name in solvers.NAMES}
    solver = names[url.widget("trainee", width=140)]
    images, B = sets.images(view.data, "train"), view.B
    starts = [*url.domain("start").options]
    if not own.network.has_atoms(len(B)):
        starts.remove("yours")
    offered = {
        "loss": losses.suiting(solvers.solver_class(solver), images.labels is not None),
        "start": starts,
        "beside": [*models.public(view.data)],
    }
    for row, options in offered.items():
        if url.value(row) not in options:
            st.session_state[row] = url.default(row)
    limit = url.default("atoms")
    atoms = url.follow("atoms", min(limit, B.shape[1]))
    if place := page.details():
        options_of: dict = {row: {"options": options} for row, options in offered.items()} | {
            "preset": {"on_change": take_preset},
            "optimiser": {"on_change": take_optimiser},
            "activation": {"disabled": not takes_activation(solver)},
            "weight": {"disabled": url.value("loss") not in losses.LABELLED},
            "plateau": {"help_values": {"percent": 100 * PLATEAU}},
            "atoms": {"opening": session.openings.get("atoms"), "help_values": {"limit": limit}},
        }
        with place:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                for row in FORM:
                    url.widget(row, width=170, **options_of.get(row, {}))
            own.memory.uploader(
                "_network_file",
                _("A network (.safetensors)"),
                ["safetensors"],
                partial(take_network, view),
                help=_(
                    "A network that was saved here or by the command line. You can train it further, and every page offers it."
                ),
            )
    rows = "preset", "activation", "start", "loss", "optimiser", "epochs"
    values = {row: url.value(row) for row in rows}
    setup = RunSetup(
        view.data,
        solver,
        atoms=atoms,
        steps=view.steps,
        batch_size=url.value("batch"),
        **values,
    )
    return setup, place


def settings(view: View) -> dict:
    """The settings that can change during the run, named as in `training.Settings`."""
    return {
        "rate": url.value("rate"),
        "lam": None if url.value("every") else view.lam,
        "measured_at": view.lam,
        "cross_entropy": url.value("weight"),
        "project": url.value("project"),
        "plateau": PLATEAU if url.value("plateau") else None,
    }


def options_of_preset(preset: str) -> dict[str, str]:
    """The rows that a preset sets and that can also be chosen one by one."""
    if preset == "paper":
        return {"activation": "double-tanh", "optimiser": "Adadelta"}
    return {row: url.default(row) for row in ("activation", "optimiser")}


def take_preset() -> None:
    preset = url.value("preset")
    recipe = PAPER if preset == "paper" else Settings()
    every = recipe.lam is None
    st.session_state.update(options_of_preset(preset), project=recipe.project, every=every)
    if not every:
        st.session_state["lam"] = recipe.lam
    take_optimiser()


def take_optimiser() -> None:
    adadelta = url.OPTIMISERS[url.value("optimiser")] == "paper"
    st.session_state["rate"] = PAPER.rate if adadelta else url.default("rate")


def take_network(view: View, file) -> None:
    """Begin a run that trains a network from a file further."""
    solver = checkpoints.load_bytes(file.getvalue()).float().requires_grad_(True)
    labelled = solver.C is not None and sets.images(view.data).labels is not None
    preset = solver.config.get("preset", url.default("preset"))
    setup = RunSetup(
        view.data,
        solver.name,
        preset,
        solver.traits.activation or url.default("activation"),
        "file",
        solver.dictionary.shape[1],
        solver.steps,
        "supervised" if labelled else "sc2net",
        options_of_preset(preset)["optimiser"],
        url.value("batch"),
        url.value("epochs"),
    )
    begin(setup, view, solver)
    st.session_state.update(
        trainee=setup.name, loss=setup.loss, atoms=url.domain("atoms").nearest(setup.atoms)
    )
    del session.lesson


# The job --------------------------------------------------------------------------------------------------------------


def is_new(setup: RunSetup, view: View) -> bool:
    """Whether a new job is to begin: the reader asked for it, or the settings changed before anything was trained."""
    job = own.network.job()
    if job is None or session.train_wish:
        return True
    if job.status != "ready" or job.loaded:
        return False
    return job.setup != setup or bool((job.pictures != pictures(setup, view)).any())


def job_of(setup: RunSetup, view: View) -> Training | None:
    """The reader's job, a new one where that is to begin, with the settings at hand. None while a new one waits for its
    initial atoms: the progress of their learning is then drawn."""
    job = own.network.job()
    if is_new(setup, view):
        if setup.start == "strokes":
            strokes = learn_strokes(setup)
            strokes.wait(UNSEEN_SECONDS)
            if learning.draw_progress(
                strokes,
                _("The untrained network then starts from them, whatever λ it is trained for."),
            ):
                return None
        job = begin(setup, view)
    job.change(**settings(view))
    if session.take("train_wish") == "lesson":
        job.play()
    return job


def begin(setup: RunSetup, view: View, loaded: solvers.Solver | None = None) -> Training:
    """Start the reader's new job, from a `loaded` network or from an untrained one, by the recipe of its preset and with the
    settings that the reader has chosen.

    Raises ValueError if the settings do not fit together.
    """
    images, tests = setup.splits
    base = setup.base
    if base is not None:
        images, tests = (
            replace(split, pixels=base.subtract_offset(split.pixels)) for split in setup.splits
        )
    solver, preset = loaded, url.OPTIMISERS[setup.optimiser]
    if solver is None:
        options = setup.options | training.bounds(setup.solver, images, setup.loss, setup.options)
        if base is not None and base.positive and "positive" in solvers.options_of(setup.solver):
            options["positive"] = True
        options |= {"seed": setup.seed, "classes": images.n_classes if setup.supervised else None}
        if base is not None:
            B = base.B.clone()
        elif setup.start == "strokes":
            B = learn_strokes(setup).dictionary
        else:
            B = dictionary.first_atoms(images.pixels, setup.atoms, setup.start, setup.seed)
        solver = solvers.build(setup.solver, B, setup.steps, **options)
    recipe = replace(training.recipe(solver, setup.loss, preset), **settings(view))
    if setup.start != "file":  # its atoms must still move, but for those of a base
        recipe.dictionary_rate = Settings.dictionary_rate if base is None else 0.0
    # None: the run is ranked by the dictionary that it starts from.
    shared = None if setup.data == sets.YOURS else sets.dictionary(setup.data)
    rows = torch.randperm(len(tests), generator=torch.Generator().manual_seed(0))[:TESTS]
    return own.network.begin(
        Training(
            solver,
            images,
            tests[rows],
            pictures(setup, view),
            recipe,
            schedulers.scheduler("training"),
            setup=setup,
            shared=shared if base is None else base.B,
            base=base,
            loaded=loaded is not None,
            loss=setup.loss,
            seed=setup.seed,
            preset=preset,
            batch_size=setup.batch_size,
            epochs=setup.epochs,
        )
    )


def pictures(setup: RunSetup, view: View) -> torch.Tensor:
    """The test pictures of the run, (n, d_x): those of the sidebar, or the first ones of the data that the run has, less the
    offset of the network whose atoms it takes."""
    pixels = setup.splits[1].pixels[:PICTURES]
    if view.data == setup.data:
        pixels = torch.from_numpy(view.pixels(view.strip[:PICTURES]))
    return pixels if setup.base is None else setup.base.subtract_offset(pixels)


def learn_strokes(setup: RunSetup) -> Learning:
    """The short dictionary learning that gives the initial atoms, begun now unless it was before. All readers share it."""
    rows, private = setup.splits[0].pixels[: sets.ROWS], setup.data == sets.YOURS
    named = Named(digest([rows]) if private else setup.data, rows)
    return _begin_strokes(named, setup.atoms, setup.seed, private=private)


@partial(cached, shared=DICTIONARIES)
def _begin_strokes(rows: Named, atoms: int, seed: int) -> Learning:
    starts = schedulers.scheduler("starts")
    job = Learning(rows.value, atoms, START_LAM, starts, seed, START_EPOCHS)
    job.start()
    return job
