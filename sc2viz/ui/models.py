"""The solvers and networks that a reader can choose for a data set: every registered solver, and every trained file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from pathlib import Path
from threading import Condition, Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from cachetools import LRUCache, cached
from torch import Tensor

from sc2viz import checkpoints, defaults, lasso, solvers
from sc2viz.analysis import sweeps
from sc2viz.browser import readings
from sc2viz.draw import style
from sc2viz.solvers import Traits, Variant
from sc2viz.solvers.weights import Weights, keep_matrices
from sc2viz.ui import cache, known_codes, network_files, own, sets, untrusted
from sc2viz.words import N_, _, digits

YOURS = "yours"  # in looks, the reader's own network
_TAUGHT = {
    "codes": N_("trained to predict exact codes"),
    "supervised": N_("trained with labels"),
    "codes-supervised": N_("trained to predict exact codes and labels"),
    "denoising": N_("trained to remove noise"),
}
# What labels said in earlier versions, and say today
_RENAMED = {"(supervised": "(labels", "(paper": "(as printed"}


@dataclass(frozen=True)
class Model:
    """A solver, or a variant of one, for a data set, as a reader meets it."""

    data: str  # the data set that it codes
    solver: str  # its name in `solvers.NAMES`, or of photographs in `solvers.ON_FILTERS`
    variant: str = ""  # the name of one of its solver's variants; "": the solver itself
    # Where its weights are: in a file, in the reader's session, or nowhere, so that it is built
    file: str = ""  # the checkpoint, a shipped name or a path
    mark: str = ""  # of the reader's own network: which one, and at which step
    network: solvers.Solver | None = field(default=None, compare=False, repr=False)  # that network
    dictionary: str = ""  # stands for the dictionary in use, `sets.mark`
    built_with: tuple[tuple[str, Any], ...] | None = None  # options; None: the usual ones
    lam: float | None = None  # the λ that it was trained for, where it was one
    trained_on: str = ""  # the data that a network was trained on, where it codes others
    other_atoms: bool = False  # whether a shipped network was trained from another dictionary
    label: str = ""
    number: int = 0  # of files of its solver and variant before its own
    progress: str = ""  # of the reader's own network: "at step 1,200"

    @property
    def traits(self) -> Traits:
        """Its solver's traits."""
        return solvers.solver_class(self.solver).traits

    @property
    def name(self) -> str:
        """Its solver's name on the screen."""
        return style.label(self.solver)

    @property
    def summary(self) -> str:
        """Its solver in a sentence."""
        return solvers.solver_class(self.solver).summary

    @property
    def family(self) -> str:
        """Its solver's group, a key of `solvers.FAMILIES`."""
        return solvers.family(self.solver)

    @property
    def year(self) -> int | None:
        """The year of its solver's source."""
        return solvers.year(self.solver)

    @property
    def own_atoms(self) -> bool:
        """Whether it has learned a dictionary of its own, and so has an optimum of its own."""
        return bool(self.mark or self.file)

    @property
    def is_private(self) -> bool:
        """Whether it is the reader's own network, so that what is computed with it is theirs alone."""
        return bool(self.mark)

    @cached_property
    def id(self) -> str:
        """Names these very weights, for caches."""
        if self.mark:
            return f"yours/{self.mark}"
        if self.file:
            path = checkpoints.locate(self.file)
            return f"{path}/{path.stat().st_mtime_ns}"
        return f"{self.data}/{self.dictionary}/{self.solver}/{self.variant}/{self.built_with}"

    @cached_property
    def key(self) -> tuple:
        """What its results depend on, for `cache`."""
        horizon = trained_to(self) if self.own_atoms else None
        return self.data, horizon, cache.weights(build(self))

    @property
    def trained(self) -> bool:
        """Whether it has learned, or has nothing to learn; False for a learned solver that is as it was built."""
        return self.own_atoms or not self.traits.learned

    @property
    def dash_name(self) -> str:
        """Which dash pattern it has of its solver's (`style.look`): that of a variant, of a further file of a variant, or of
        the reader's own network."""
        if self.mark and self.traits.learned:
            return YOURS
        return f"{self.variant}#{self.number}" if self.number else self.variant

    @property
    def options(self) -> dict:
        """The options with which it is built, where it has no file."""
        usual = defaults.OPTIONS.get(self.solver, {})
        options = usual if self.built_with is None else self.built_with
        return {**dict(options), **self.traits.variant(self.variant).options}

    @property
    def note(self) -> str:
        """A few words under its label."""
        variant = self.traits.variant(self.variant)
        if self.mark:
            return self.progress
        if not self.trained:
            return _("untrained: {predicate}", predicate=as_built(self))
        if not self.file:
            return ", ".join(
                f"{name.replace('_', ' ')} {digits(value) if isinstance(value, float) else value}"
                for name, value in self.options.items()
            )
        if self.other_atoms:
            return _("trained from another dictionary, with its own atoms")
        if self.trained_on:
            return _("trained on {data}", data=self.trained_on)
        return _(_TAUGHT.get(variant.loss, variant.label)) if self.variant else _("trained")


@dataclass(frozen=True)
class ExactModel(Model):
    """The exact solver, where a page offers it beside the others."""

    data: str = sets.PHOTOGRAPHS
    solver: str = "exact"
    label: str = N_("Exact solver")
    traits = Traits()
    name = label
    summary = N_("The codes that minimise F, to a relative duality gap of 1 %.")
    family, year = "paper", None  # its chip stands beside those of the paper's solvers


EXACT = ExactModel()


# The models of a data set ---------------------------------------------------------------------------------------------


def choices(data: str) -> dict[str, Model]:
    """Return every model for a data set by its label, solver by solver, the reader's own among them."""
    names = (*solvers.NAMES, *solvers.ON_FILTERS)
    listed = [*public(data).values(), *_yours(data)]
    return {
        model.label: model for model in sorted(listed, key=lambda model: names.index(model.solver))
    }


def public(data: str) -> dict[str, Model]:
    """Return the models that every reader has, by label: each solver, its trained variants, and its networks untrained."""
    is_fixed = data in (*sets.ABOUT, sets.PHOTOGRAPHS, sets.KNOWN_CODES)
    stamp = network_files.stamp(data) if is_fixed else None
    if stamp is None:
        return _list_public.__wrapped__(data)
    dictionary = sets.chosen(data), sets.mark(data), known_codes.current_problem()
    files = sets.asks_for_others(), checkpoints.PRETRAINED, stamp
    return dict(_list_public(data, dictionary, files, solvers.classes()))


@lru_cache(64)
def _list_public(data: str, *_: Any) -> dict[str, Model]:
    """Return what `public` does, for which a page asks many times. The further arguments are all that it depends on, for the
    cache."""
    files_by_variant, mark = network_files.networks(data), sets.mark(data)
    has_other_dictionary = sets.chosen(data) in network_files.OTHERS
    options: Mapping[str, Mapping[str, Any]] = {}
    if data == sets.PATCH:
        options = own.patch.brought().options
    elif data == sets.KNOWN_CODES:  # each solver that takes k is told it
        k = known_codes.current_problem().k
        options = {name: {"k": k} for name in solvers.NAMES if "k" in solvers.options_of(name)}
    listed: list[Model] = []
    for name in (*solvers.NAMES, *solvers.ON_FILTERS):
        traits = solvers.solver_class(name).traits
        for variant in (Variant("", ""), *traits.variants):
            files = files_by_variant.get((name, variant.name), [])
            create = partial(Model, data=data, solver=name, variant=variant.name, dictionary=mark)
            for number, file in enumerate(files):
                # Files of one solver and variant are told apart by their names.
                stem = untrusted.as_label(Path(file).stem) if number else ""
                data_set = untrusted.as_label(network_files.find_other_data(file, data))
                trained_on = f"trained on {data_set}" if data_set else ""
                listed.append(
                    create(
                        file=file,
                        lam=checkpoints.notes(file).get("lam"),
                        trained_on=data_set,
                        other_atoms=has_other_dictionary and file in checkpoints.available(),
                        label=label_network(name, variant.label, stem, trained_on),
                        number=number,
                    )
                )
            is_built = not variant.name or variant.options and variant.loss == "sc2net"
            if is_built and not traits.filters and (traits.learned or not variant.name):
                untrained = N_("untrained") if files or variant.name else ""
                listed.append(
                    create(
                        built_with=tuple(options[name].items()) if name in options else None,
                        label=label_network(name, variant.label, untrained),
                    )
                )
    return {model.label: model for model in listed}


def _yours(data: str) -> list[Model]:
    """Return, in a list, the network that the reader is training, or has trained or loaded; [] where there is none to
    show."""
    job = own.network.job()
    if job is None or not (job.step or job.loaded):
        return []
    if job.base is not None and job.base.offset is not None:
        return []  # it takes rows less this offset, which no other page has
    network, trained_on = job.network(), getattr(job.setup, "data", data)
    progress = _("at step {n:,}", n=job.step) if job.step else _("as loaded")
    if trained_on not in sets.families(data):
        progress = _("{progress}, trained on {data}", progress=progress, data=sets.file(trained_on))
    lams = {job.solver.notes.get("lam")} if job.loaded else set()
    if job.step:
        changes = [values["lam"] for _step, values in job.changes if "lam" in values]
        lams |= {job.first_settings["lam"], *changes}
    return [
        Model(
            data=data,
            solver=network.name,
            mark=f"{job.id}/{job.step}",
            network=network,
            lam=lams.pop() if len(lams) == 1 else None,
            label=label_network(network.name, N_("yours")),
            progress=progress,
        )
    ]


def by_choice(choices: Mapping[str, Model], labels: Sequence[str]) -> list[Model]:
    """Return the models in the order in which what shows one of them tries them: those of `labels`, which the reader has
    chosen, the last one first; then networks; then the others."""
    chosen = [choices[label] for label in reversed(labels) if label in choices]
    return [*chosen, *sorted(choices.values(), key=lambda model: not model.traits.learned)]


def label_network(solver: str, *details: str) -> str:
    """Return a network's label, with `details` in brackets: "SLSTM", "SLSTM (as printed, untrained)"."""
    label, _bracket, name = style.label(solver).partition(" (")
    text = ", ".join(filter(None, (name.removesuffix(")"), *details)))
    return f"{label} ({text})" if text else label


def find_label(text: str, choices: Mapping[str, Model]) -> str | None:
    """Return the label of `choices` that the text of a link means; for a variant that is not there, its solver's. None for
    others."""
    by_text = {label.lower(): label for label in choices}
    text = reworded(text.strip()).lower()
    return by_text.get(text) or by_text.get(text.partition(" (")[0])


def reworded(text: str) -> str:
    """Return a label of earlier versions as it is today."""
    for earlier, today in _RENAMED.items():
        text = text.replace(earlier, today)
    return text


# What a model computes with -------------------------------------------------------------------------------------------


def build(model: Model) -> solvers.Solver:
    """Return the solver itself, shared by all readers: never change it. ValueError where the dictionary does not suit it."""
    if model.network:
        return model.network
    if model.file or not sets.private(model.data):
        return _build_shared(model)
    # It is built from a dictionary that no other reader may reach.
    return cache.of_session().get(model.id, lambda: _build(model))


def _build(model: Model) -> solvers.Solver:
    """Load the solver from the model's file, or build it, without gradients."""
    if model.file:
        solver = checkpoints.load(model.file).float()  # as data are, whatever a file has
    else:
        solver = solvers.build(model.solver, sets.dictionary(model.data), **model.options)
    if isinstance(solver.weights, Weights):
        keep_matrices(solver.weights)
    return solver.eval().requires_grad_(False)


# Streamlit's own cache takes a fifth of a millisecond a call, and a page builds hundreds of times.
_by_id = partial(cached, key=lambda model: model.id)
_build_shared = _by_id(LRUCache(64), condition=Condition())(_build)


def atoms(model: Model) -> Tensor:
    """Return the dictionary that a model reconstructs with, (d_x, d_s), without gradients."""
    return build(model).dictionary.detach()


# One object while the solver lives, so that `cache` takes its digest once
@cached(WeakKeyDictionary(), key=build, lock=Lock())
def unit_atoms(model: Model) -> Tensor:
    """Return the atoms of a model scaled to norm 1, (d_x, d_s)."""
    return lasso.normalised(atoms(model))


def offset(model: Model) -> np.ndarray | None:
    """Return what the reconstructions of a model begin from, (d_x,); None for 0."""
    tensor = build(model).offset
    return None if tensor is None else tensor.detach().numpy()


def centred(model: Model, pixels: np.ndarray) -> np.ndarray:
    """Return pictures (n, d_x) minus the offset of a model, which its atoms must reconstruct."""
    start = offset(model)
    return pixels if start is None else pixels - start


def reconstructed(model: Model, codes: np.ndarray) -> np.ndarray:
    """Return what codes (…, d_s) of a model reconstruct, (…, d_x)."""
    with torch.no_grad():
        return build(model).reconstruct(torch.from_numpy(codes)).numpy()


# What is known of a model ---------------------------------------------------------------------------------------------


class Facts(NamedTuple):
    """What chips say of a model that was built."""

    d_x: int
    traits: Traits
    has_offset: bool


@_by_id(LRUCache(512), lock=Lock())
def facts(model: Model) -> Facts:
    """Return what a chip says of a model, which is built for that and let go: most are never chosen, and all of a data set
    take up to 15 MB."""
    solver = model.network or _build(model)
    return Facts(len(solver.dictionary), solver.traits, solver.offset is not None)


def trained_to(model: Model) -> int:
    """Return the most iterations that a network was trained for: its own T, or those of the random T beyond it."""
    job = own.network.job() if model.mark else None
    settings = vars(job.settings) if job else checkpoints.notes(model.file) if model.file else {}
    return max(build(model).steps, settings.get("horizon") or 0)


def guard(model: Model, is_asked: bool) -> int | None:
    """Return the number of iterations beyond which the safeguard acts on a model: 0 where the reader asked for it; None where
    it is off."""
    if is_asked:
        return 0
    return sweeps.guarded_beyond(build(model), trained_to(model)) if model.own_atoms else None


def acts_beyond(model: Model, steps: int) -> int | None:
    """Return the number of iterations, below `steps`, beyond which the safeguard acts without being asked for; None where it
    does not act within `steps`."""
    beyond = guard(model, False)
    return beyond if beyond is not None and beyond < steps else None


def ranked(chosen: Sequence[Model]) -> list[Model]:
    """Return those of the models that F ranks."""
    return [model for model in chosen if not why_unranked(model)]


def with_distance(chosen: Sequence[Model]) -> list[Model]:
    """Return those of the models with a distance to the shared optimum: those whose F is that of x, not of x minus an
    offset."""
    return [model for model in chosen if offset(model) is None]


def why_unranked(model: Model) -> str:
    """Return why F does not rank a model, as a predicate (`readings.why_unranked`); "" where F does."""
    if isinstance(model, ExactModel):
        return ""
    try:
        return readings.why_unranked(facts(model).traits, facts(model).has_offset)
    except Exception:  # it cannot be built, which its chip says
        return readings.why_unranked(model.traits)


def as_built(model: Model) -> str:
    """Return what an untrained model is, as a predicate: "equals ISTA"."""
    return _(facts(model).traits.untrained or N_("is as it was built"))
