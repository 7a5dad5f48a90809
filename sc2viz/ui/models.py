"""The solvers and networks that a reader can choose for a data set: every registered solver, and every trained file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from threading import Condition, Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from cachetools import LRUCache, cached
from torch import Tensor

from sc2viz import checkpoints, defaults, lasso, solvers
from sc2viz.analysis import sweeps
from sc2viz.browser import readings
from sc2viz.draw import style
from sc2viz.jobs import training_job
from sc2viz.solvers import Traits, Variant
from sc2viz.solvers.weights import Weights, keep_matrices
from sc2viz.ui import known_codes, network_files, own, session, sets, untrusted
from sc2viz.words import N_, _, localized


@dataclass(frozen=True)
class Model:
    """A solver as a reader meets it: built anew, or loaded from a file."""

    data: str  # the data set that it codes
    solver: str  # its name in `solvers.NAMES`, or of photographs in `solvers.ON_FILTERS`
    variant: str = ""  # the name of one of its solver's variants; "": the solver itself
    label: str = ""
    file: str = ""  # the checkpoint, a shipped name or a path; "": it is built from the dictionary
    lam: float | None = None  # the λ that it was trained for, where it was one
    mark: str = ""  # of the reader's own network: which one, and at which step
    when: str = ""  # of the reader's own network: "at step 1,200"
    dictionary: str = ""  # stands for the dictionary in use, `sets.mark`
    other_atoms: bool = (
        False  # whether it is a shipped network that was trained from another dictionary
    )
    given: tuple[tuple[str, Any], ...] | None = (
        None  # options that it is built with; None: the usual ones
    )
    network: solvers.Solver | None = field(default=None, compare=False, repr=False)  # that network
    further: int = 0  # the number of files of its solver and variant before its own
    trained_on: str = (
        ""  # the data that a network was trained on, where they are others than it codes
    )

    @cached_property
    def id(self) -> str:
        """Names these very weights, for caches."""
        if self.mark:
            return f"yours/{self.mark}"
        if self.file:
            path = checkpoints.locate(self.file)
            return f"{path}/{path.stat().st_mtime_ns}"
        return f"{self.data}/{self.dictionary}/{self.solver}/{self.variant}/{self.given}"

    @property
    def traits(self) -> Traits:
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
    def trained(self) -> bool:
        """False for a learned solver that is as it was built."""
        return bool(self.file or self.mark) or not self.traits.learned

    @property
    def own_atoms(self) -> bool:
        """Whether it has learned a dictionary of its own, and so has an optimum of its own."""
        return bool(self.mark) or bool(self.file)

    @property
    def drawn(self) -> str:
        """Which dash pattern it has of its solver's (`style.look`): that of a variant, of a further file of a variant, or of
        the reader's own network."""
        if self.mark and self.traits.learned:
            return YOURS
        return f"{self.variant}#{self.further}" if self.further else self.variant

    @property
    def options(self) -> dict:
        """What it is built with, where it is built."""
        usual = defaults.OPTIONS.get(self.solver, {}) if self.given is None else dict(self.given)
        return {**usual, **self.traits.variant(self.variant).options}

    @property
    def note(self) -> str:
        """A few words under its label."""
        if self.mark:
            return self.when
        if not self.trained:
            return _("untrained: {does}", does=as_built(self))
        if not self.file:
            shown = {
                name: localized(f"{value:.3g}") if isinstance(value, float) else value
                for name, value in self.options.items()
            }
            options = (f"{name.replace('_', ' ')} {value}" for name, value in shown.items())
            return ", ".join(options)
        if self.other_atoms:
            return _("trained from another dictionary, with its own atoms")
        if self.trained_on:
            return _("trained on {data}", data=self.trained_on)
        if self.variant:
            return _(
                _TAUGHT.get(
                    self.traits.variant(self.variant).loss, self.traits.variant(self.variant).label
                )
            )
        return _("trained")


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
_TAUGHT = {
    "codes": N_("trained to predict exact codes"),
    "supervised": N_("trained with labels"),
    "codes-supervised": N_("trained to predict exact codes and labels"),
    "denoising": N_("trained to remove noise"),
}
YOURS = "yours"  # in looks, the reader's own network
_EARLIER = {
    "(supervised": "(labels",
    "(paper": "(as printed",
}  # what labels said in earlier versions, and say today


def choices(data: str) -> dict[str, Model]:
    """Every model for a data set by its label, solver by solver, the reader's own among them."""
    return _by_solver([*public(data).values(), *_yours(data)])


def public(data: str) -> dict[str, Model]:
    """The models that every reader has: each solver, its trained variants, and its networks untrained."""
    stamp = network_files.stamp(data) if data in sets.ABOUT or data == sets.PHOTOGRAPHS else None
    if stamp is None:
        return _public.__wrapped__(data)
    here = sets.chosen(data), sets.mark(data), sets.asks_for_others(), checkpoints.PRETRAINED, stamp
    return dict(_public(data, *here, solvers.classes()))


@cached(LRUCache(64), lock=Lock())
def _public(data: str, *here: Any) -> dict[str, Model]:
    """`public`, which a page asks for many times, given all that it depends on."""
    files_of, mark = network_files.networks(data), sets.mark(data)
    others = sets.chosen(data) in network_files.OTHERS
    built_with = _built_with(data)
    found: list[Model] = []
    for name in (*solvers.NAMES, *solvers.ON_FILTERS):
        traits = solvers.solver_class(name).traits
        for variant in (Variant("", ""), *traits.variants):
            files = files_of.get((name, variant.name), [])
            for k, file in enumerate(files):
                # Files of one solver and variant are told apart by their names.
                also = "" if k == 0 else untrusted.as_label(Path(file).stem)
                elsewhere = untrusted.as_label(network_files.elsewhere(file, data))
                label = named(
                    name, variant.label, also, f"trained on {elsewhere}" if elsewhere else ""
                )
                lam = checkpoints.notes(file).get("lam")
                other = others and file in checkpoints.available()
                found.append(
                    Model(
                        data,
                        name,
                        variant.name,
                        label,
                        file,
                        lam,
                        dictionary=mark,
                        other_atoms=other,
                        further=k,
                        trained_on=elsewhere,
                    )
                )
            built = not variant.name or variant.options and variant.loss == "sc2net"
            if built and not traits.filters and (traits.learned or not variant.name):
                also = N_("untrained") if files or variant.name else ""
                given = tuple(built_with[name].items()) if name in built_with else None
                label = named(name, variant.label, also)
                found.append(Model(data, name, variant.name, label, dictionary=mark, given=given))
    return _by_solver(found)


def _built_with(data: str) -> dict[str, dict[str, Any]]:
    """The options of solvers that depend on the data set, by name. On Known codes, each that takes k is told it."""
    if data == sets.PATCH:
        return own.patch.options()
    if data == sets.KNOWN:
        k = known_codes.at_hand().k
        return {name: {"k": k} for name in solvers.NAMES if "k" in solvers.options_of(name)}
    return {}


def trained_for_codes() -> list[str]:
    """The labels of the trained networks for the problem at hand on Known codes."""
    stamp = network_files.stamp(sets.KNOWN)
    here = checkpoints.PRETRAINED, stamp, known_codes.at_hand(), solvers.classes()
    return (_trained_for_codes.__wrapped__ if stamp is None else _trained_for_codes)(*here)


@cached(LRUCache(16), lock=Lock())
def _trained_for_codes(*here: Any) -> list[str]:
    """`trained_for_codes`, given all that they depend on."""
    found = network_files.networks(sets.KNOWN)
    return [
        named(name, solvers.solver_class(name).traits.variant(variant).label)
        for name, variant in found
    ]


def meant(text: str, known: Mapping[str, Model]) -> str | None:
    """The label of `known` that the text of a link means; for a variant that is not there, its solver's. None for others."""
    by_text = {label.lower(): label for label in known}
    asked = text.strip().lower()
    return by_text.get(asked) or by_text.get(asked.partition(" (")[0])


def reworded(text: str) -> str:
    """A label of earlier versions as it is today."""
    for earlier, now in _EARLIER.items():
        text = text.replace(earlier, now)
    return text


def build(model: Model) -> solvers.Solver:
    """The solver itself, shared by all readers: never change it. ValueError where the dictionary does not suit it."""
    if model.network:
        return model.network
    if model.file or not sets.private(model.data):
        return _shared(model)
    # It is built from a dictionary that no other reader may reach.
    built = session.BUILT.kept(
        lambda: LRUCache(1e6 * own.memory.BUILT, getsizeof=own.memory.nbytes)
    )
    return cached(built, key=lambda model: model.id)(_made)(model)


# Each is one object while the solver lives, so that `cache` knows it without reading it.
_while_it_lives = partial(cached, key=build, lock=Lock())


@_while_it_lives(WeakKeyDictionary())
def atoms(model: Model) -> Tensor:
    """The dictionary that a model reconstructs with, (d_x, d_s), without gradients."""
    return build(model).dictionary.detach()


@_while_it_lives(WeakKeyDictionary())
def unit_atoms(model: Model) -> Tensor:
    """The same atoms scaled to norm 1."""
    return lasso.normalised(atoms(model))


@_while_it_lives(WeakKeyDictionary())
def drawn_atoms(model: Model) -> np.ndarray:
    """The atoms as an array."""
    return atoms(model).numpy()


def offset(model: Model) -> np.ndarray | None:
    """What the reconstructions of a model begin from, (d_x,); None for 0."""
    found = build(model).offset
    return None if found is None else found.detach().numpy()


def centred(model: Model, pixels: np.ndarray) -> np.ndarray:
    """Pictures (n, d_x) minus the offset of a model, which its atoms must reconstruct."""
    begins = offset(model)
    return pixels if begins is None else pixels - begins


def reconstructed(model: Model, codes: np.ndarray) -> np.ndarray:
    """What codes (…, d_s) of a model make, (…, d_x)."""
    with torch.no_grad():
        return build(model).reconstruct(torch.from_numpy(codes)).numpy()


def _made(model: Model) -> solvers.Solver:
    if model.file:
        solver = checkpoints.load(model.file).float()  # as data are, whatever a file has
    else:
        solver = solvers.build(model.solver, sets.dictionary(model.data), **model.options)
    if isinstance(solver.weights, Weights):
        keep_matrices(solver.weights)
    return solver.eval().requires_grad_(False)


_shared = cached(LRUCache(64), key=lambda model: model.id, condition=Condition())(_made)


@dataclass(frozen=True)
class _Seen:
    """What chips say of a model that was built."""

    takes: int  # d_x
    traits: Traits
    offset: bool


@cached(LRUCache(512), key=lambda model: model.id, lock=Lock())
def seen(model: Model) -> _Seen:
    """Build a model for its chip, and let it go: most are never chosen, and all of a data set take up to 15 MB."""
    solver = model.network or _made(model)
    return _Seen(len(solver.dictionary), solver.traits, solver.offset is not None)


def trained_to(model: Model) -> int:
    """The most iterations that a network was trained for: its own T, or those of the random T beyond it."""
    steps = build(model).steps
    job = own.network.job() if model.mark else None
    settings = vars(job.settings) if job else checkpoints.notes(model.file) if model.file else {}
    return max(steps, settings.get("horizon") or 0)


def guard(model: Model, asked: bool) -> int | None:
    """The number of iterations beyond which the safeguard acts: none where the reader asked for it; None where it is off."""
    if asked:
        return 0
    return sweeps.guarded_beyond(build(model), trained_to(model)) if model.own_atoms else None


def acts_beyond(model: Model, steps: int) -> int | None:
    """The number of iterations, below `steps`, beyond which the safeguard acts without being asked for; None where it does
    not act within `steps`."""
    beyond = guard(model, False)
    return beyond if beyond is not None and beyond < steps else None


def ranked(chosen: Sequence[Model]) -> list[Model]:
    """The models that F ranks."""
    return [model for model in chosen if not aside(model)]


def with_distance(chosen: Sequence[Model]) -> list[Model]:
    """The models with a distance to the shared optimum: those whose F is that of x, not of x minus an offset."""
    return [model for model in chosen if offset(model) is None]


def aside(model: Model) -> str:
    """Why F does not rank a model, as what it does (`readings.aside`); "" where F does."""
    try:
        return (
            ""
            if isinstance(model, ExactModel)
            else readings.aside(seen(model).traits, seen(model).offset)
        )
    except Exception:  # it cannot be built, which its chip says
        return readings.aside(model.traits)


def as_built(model: Model) -> str:
    """What an untrained model is, as what it does: "equals ISTA"."""
    return _(seen(model).traits.untrained or N_("is as it was built"))


def named(solver: str, *which: str) -> str:
    """A network's name: "SLSTM", "SLSTM (as printed, untrained)"."""
    label, _between, name = style.label(solver).partition(" (")
    said = ", ".join(filter(None, (name.removesuffix(")"), *which)))
    return f"{label} ({said})" if said else label


def _by_solver(found: Sequence[Model]) -> dict[str, Model]:
    names = (*solvers.NAMES, *solvers.ON_FILTERS)
    return {
        model.label: model for model in sorted(found, key=lambda model: names.index(model.solver))
    }


def _yours(data: str) -> list[Model]:
    """The network that the reader is training, or has trained or loaded."""
    job = own.network.job()
    if job is None or not (job.step or job.loaded):
        return []
    if (
        job.base is not None and job.base.offset is not None
    ):  # it takes rows less this offset, which no other page has
        return []
    network = job.network()
    when, there = (
        _("at step {n:,}", n=job.step) if job.step else _("as loaded"),
        getattr(job.setup, "data", data),
    )
    if there not in sets.families(data):
        when = _("{when}, trained on {data}", when=when, data=sets.file(there))
    return [
        Model(
            data,
            network.name,
            "",
            named(network.name, N_("yours")),
            lam=_only(job),
            mark=f"{job.id}/{job.step}",
            when=when,
            network=network,
        )
    ]


def _only(job: training_job.Training) -> float | None:
    """The λ that the network of a job was trained for, where it was one."""
    seen = {job.solver.notes.get("lam")} if job.loaded else set()
    if job.step:
        seen |= {
            job.first_settings["lam"],
            *(values["lam"] for _t, values in job.changes if "lam" in values),
        }
    return seen.pop() if len(seen) == 1 else None
