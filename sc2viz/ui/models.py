"""The solvers and networks a reader can choose for a data set. One line in `solvers` or one file in pretrained/ adds one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from sc2viz import checkpoints, jobs, solvers
from sc2viz.figures import style
from sc2viz.ui import mine, phrases, startup

LEARNED = ("lista", "lfista", "slstm")
# i + f = 1 keeps the optimum, f < 0 over-relaxes; (1, 0) would be ISTA once more.
OVER_RELAXED = {"input_gate": 1.8, "forget_gate": -0.8}
_VARIANTS = {
    "codes": "trained to predict exact codes",
    "supervised": "trained with labels",
    "double-tanh": "double tanh",
    "paper": "as the paper prints it",
}
_BEGINS = {
    "lista": "LISTA is ISTA",
    "lfista": "LFISTA is FISTA",
    "slstm": "SLSTM takes nearly ISTA’s steps",
    "slstm-double-tanh": "SLSTM (double tanh) comes to rest elsewhere than the optimum",
    "slstm-paper": "SLSTM (paper) has random gates and may go anywhere",
}
_STARTS = {"double-tanh": {"activation": "double-tanh"}, "paper": {"preset": "paper"}}  # SLSTM's own, untrained


@dataclass(frozen=True)
class Model:
    """A solver as a reader meets it."""

    data: str  # the data set that it codes
    key: str  # the solver, and the variant where there is one: "slstm-double-tanh"
    solver: str  # its name in `solvers.NAMES`, which gives the colour
    label: str
    note: str  # a few words under the label
    trained: bool  # False: a learned solver at its start
    mark: str = ""  # of the reader's own network: which one, and at which step
    network: solvers.Solver | None = field(default=None, compare=False, repr=False)  # that network
    lam: float | None = None  # the λ that it was trained for, where it was one

    @property
    def id(self) -> str:
        """Names these very weights, for caches."""
        if self.mark:
            return f"yours/{self.mark}"
        return f"{self.data}/{self.key}{'' if self.trained else ' untrained'}"

    @property
    def own_atoms(self) -> bool:
        """Whether it has learned a dictionary of its own, and so has an optimum of its own."""
        return self.trained and (self.solver in LEARNED or bool(self.mark))


def choices(data: str) -> dict[str, Model]:
    """Every model for a data set by its label, in the order of `solvers.NAMES`, the reader's own among them."""
    found = [*public(data).values(), *_yours(data)]
    return {model.label: model for model in sorted(found, key=lambda model: solvers.NAMES.index(model.solver))}


def public(data: str) -> dict[str, Model]:
    """The models that every reader has."""
    stored = _stored(data)
    keys = [*solvers.NAMES, *(key for key in stored if key not in solvers.NAMES)]
    found = [_model(data, key, key in stored) for key in keys]
    return {model.label: model for model in sorted(found, key=lambda model: solvers.NAMES.index(model.solver))}


def gated(data: str) -> dict[str, Model]:
    """The models with gates by label, and untrained every variant of SLSTM that has a start of its own."""
    found = {label: model for label, model in choices(data).items() if model.solver in ("adaptive-ista", "slstm")}
    for key in ("slstm", *(f"slstm-{variant}" for variant in _STARTS)):
        start = _model(data, key, False)
        if start not in found.values():
            start = replace(start, label=named(start.solver, _variant(key), "untrained")) if start.label in found else start
            found[start.label] = start
    return {model.label: model for model in sorted(found.values(), key=lambda model: model.solver == "adaptive-ista")}


def build(model: Model):
    """The solver itself, shared by all readers: never change it."""
    return model.network or _build(model.id, model)


@st.cache_resource(max_entries=64, show_spinner=False)
def _build(id: str, _model: Model):
    if _model.solver in LEARNED and _model.trained:
        solver = checkpoints.load(f"{startup.weights(_model.data)}/{_model.key}")
    else:
        solver = solvers.build(_model.solver, startup.dictionary(_model.data), **_options(_model))
    return solver.eval().requires_grad_(False)


def notes(chosen: Sequence[Model], steps: int, lam: float | None = None) -> list[str]:
    """What a reader must know of networks at T = `steps` and λ = `lam`, None for every λ: where that is not what they were
    trained for, and which are untrained."""
    said = []
    learned = [model for model in chosen if model.own_atoms]
    if short := [f"{model.label} for {build(model).steps}" for model in learned if build(model).steps < steps]:
        said.append(
            f"T = {steps} is more iterations than these were trained for: {phrases.listed(short)}. "
            "Beyond, they may leave the optimum."
        )
    if narrow := [f"{model.label} for λ = {model.lam:g} alone" for model in learned if model.lam not in (None, lam)]:
        here = "Not every λ here is" if lam is None else f"λ = {lam:g} is not"
        said.append(f"{here} what these were trained for: {phrases.listed(narrow)}.")
    if untrained := [model for model in chosen if not model.trained]:
        names = [named(model.solver, _variant(model.key)) for model in untrained]
        starts = list(dict.fromkeys(_BEGINS.get(model.key, _BEGINS["slstm-paper"]) for model in untrained))
        are = "is" if len(names) == 1 else "are"
        said.append(f"{phrases.listed(names)} {are} untrained here. At its start {phrases.listed(starts)}.")
    return said


def python(model: Model) -> str:
    """The expression that builds it, where B is the data set's dictionary."""
    if model.mark:
        return f'checkpoints.load("{model.solver}-yours.safetensors")'
    if model.solver in LEARNED and model.trained:
        return f'checkpoints.load("{startup.weights(model.data)}/{model.key}")'
    options = "".join(f", {key}={value!r}" for key, value in _options(model).items()).replace("'", '"')
    return f'solvers.build("{model.solver}", B{options})'


def _options(model: Model) -> dict:
    if model.solver == "adaptive-ista":
        return OVER_RELAXED
    return _STARTS.get(model.key.removeprefix("slstm-"), {})


def _yours(data: str) -> list[Model]:
    """The network that the reader is training, or has trained or loaded, where it takes this data's pictures."""
    job = mine.job()
    if job is None or not (job.step or job.loaded) or job.images.shape != startup.images(data).shape:
        return []
    solver = job.network()
    when = f"at step {job.step:,}" if job.step else "as loaded"
    label, mark = named(solver.name, "yours"), f"{job.id}/{job.step}"
    return [Model(data, f"{solver.name}-yours", solver.name, label, when, True, mark, solver, _only(job))]


def _only(job: jobs.Job) -> float | None:
    """The λ that the network of a job was trained for, where it was one."""
    seen = {job.solver.notes.get("lam")} if job.loaded else set()
    if job.step:
        seen |= {job.first_settings["lam"], *(values["lam"] for _, values in job.changes if "lam" in values)}
    return seen.pop() if len(seen) == 1 else None


def named(solver: str, *which: str) -> str:
    """A network's name: "SLSTM", "SLSTM (paper, untrained)"."""
    said = ", ".join(filter(None, which)).replace("-", " ")
    return f"{style.label(solver)} ({said})" if said else style.label(solver)


def _stored(data: str) -> list[str]:
    folder = f"{startup.weights(data)}/"
    names = [name.removeprefix(folder) for name in checkpoints.available() if name.startswith(folder)]
    return [name for name in names if _solver_of(name)]


def _solver_of(key: str) -> str | None:
    fitting = [name for name in solvers.NAMES if key == name or key.startswith(f"{name}-")]
    return max(fitting, key=len, default=None)


def _variant(key: str) -> str:
    """Of "slstm-double-tanh" "double-tanh", of "slstm" nothing."""
    return key.removeprefix(_solver_of(key)).removeprefix("-")


def _model(data: str, key: str, stored: bool) -> Model:
    solver, variant = _solver_of(key), _variant(key)
    label = named(solver, variant)
    if solver == "adaptive-ista":
        note = "i = {input_gate}, f = {forget_gate}".format(**OVER_RELAXED).replace("-", "−")
    elif solver not in LEARNED:
        note = ""
    else:
        note = _VARIANTS.get(variant, "trained") if stored else "untrained"
    if solver not in LEARNED or not stored:
        return Model(data, key, solver, label, note, solver not in LEARNED)
    return Model(data, key, solver, label, note, True, lam=_trained_for(f"{startup.weights(data)}/{key}"))


@st.cache_data(max_entries=64, show_spinner=False)
def _trained_for(name: str) -> float | None:
    """The λ that a stored network was trained for; None where it was every λ."""
    return checkpoints.notes(name).get("lam")
