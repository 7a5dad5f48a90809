"""The settings of a training run, and the job that carries it out."""

import inspect
import math
from dataclasses import dataclass, replace

import torch

from sc2viz import data, defaults, lasso, solvers, training
from sc2viz.draw import style
from sc2viz.jobs import training_job
from sc2viz.jobs.dictionary_learning import Learning
from sc2viz.pages.train import lessons
from sc2viz.training import losses
from sc2viz.ui import own, schedulers, sets, sidebar, url
from sc2viz.ui.cache import Named, cached, digest

TESTS = 500  # rows of the test split on which the curves are measured
SHOWN = 8  # test pictures that the page shows


@dataclass(frozen=True)
class RunSetup:
    """The settings of a run that cannot change during it. `training.Settings` holds the others."""

    data: str = url.default("data")
    solver: str = defaults.TRAINED
    preset: str = url.default("preset")
    activation: str = url.default("activation")
    # The initial atoms: "strokes" (a short dictionary learning), "pictures", "noise", "file", or "yours": those of the
    # reader's network, which stay.
    start: str = url.default("start")
    atoms: int = url.default("atoms")
    steps: int = url.default("T")
    loss: str = url.default("loss")
    optimiser: str = url.default("optimiser")
    batch_size: int = url.default("batch")
    epochs: int = url.default("epochs")
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


def takes_activation(name: str) -> bool:
    """Whether a solver takes the activations that this page offers. One whose default is another has its own."""
    taken = inspect.signature(solvers.solver_class(name)).parameters.get("activation")
    return taken is not None and taken.default in (
        None,
        taken.empty,
        *url.domain("activation").options,
    )


def parts(preset: str) -> dict[str, str]:
    """The options that a preset sets and that can also be chosen one by one."""
    if preset == "paper":
        return {"activation": "double-tanh", "optimiser": "Adadelta"}
    return {key: url.default(key) for key in ("activation", "optimiser")}


def of_network(solver: solvers.Solver, data_name: str) -> RunSetup:
    """The setup of a run that trains a network from a file further."""
    plain = RunSetup()
    labelled = splits(data_name)[0].labels is not None and solver.C is not None
    preset = solver.config.get("preset", plain.preset)
    return replace(
        plain,
        data=data_name,
        solver=solver.name,
        preset=preset,
        start="file",
        steps=solver.steps,
        activation=solver.traits.activation or plain.activation,
        atoms=solver.dictionary.shape[1],
        loss="supervised" if labelled else "sc2net",
        optimiser=parts(preset)["optimiser"],
    )


def begin(
    setup: RunSetup, chosen: dict, view: sidebar.View, solver: solvers.Solver | None = None
) -> training_job.Job:
    """Start the reader's new job, from `solver` or from an untrained network, by the recipe of its preset and with the
    settings that the reader has `chosen`.

    Raises ValueError if the settings do not fit together.
    """
    loaded = solver is not None
    images, tests = splits(setup.data)
    pictures = shown(setup, view)
    before = base(setup) if setup.start == "yours" else None
    if before is not None:
        images, tests = (replace(part, pixels=before.less(part.pixels)) for part in (images, tests))
    if solver is None:
        classes = images.n_classes if setup.supervised else None
        options = setup.options | training.bounds(setup.solver, images, setup.loss, setup.options)
        if (
            before is not None
            and before.positive
            and "positive" in solvers.options_of(setup.solver)
        ):
            options["positive"] = True
        B = first_atoms(setup)
        solver = solvers.build(
            setup.solver, B, setup.steps, seed=setup.seed, classes=classes, **options
        )
    settings = recipe(setup, solver, chosen)
    rows = torch.randperm(len(tests), generator=torch.Generator().manual_seed(0))[:TESTS]
    own_or_shared = (
        None if setup.data == sets.YOURS else sets.dictionary(setup.data)
    )  # None: the one that it starts from
    return own.network.begin(
        training_job.Job(
            solver,
            images,
            tests[rows],
            pictures,
            settings,
            schedulers.scheduler("training"),
            setup=setup,
            shared=own_or_shared if before is None else before.B,
            base=before,
            loaded=loaded,
            loss=setup.loss,
            seed=setup.seed,
            preset=url.OPTIMISERS[setup.optimiser],
            batch_size=setup.batch_size,
            epochs=setup.epochs,
        )
    )


def recipe(setup: RunSetup, solver: solvers.Solver, chosen: dict) -> training.Settings:
    """The recipe of the preset, but for what the reader has chosen and, unless a network is trained further, the rate of
    the atoms: those that a run starts from here must still move."""
    known = training.recipe(solver, setup.loss, url.OPTIMISERS[setup.optimiser])
    if setup.start != "file":
        stays = setup.start == "yours"
        known = replace(known, dictionary_rate=0.0 if stays else training.Settings.dictionary_rate)
    return replace(known, **chosen)


def shown(setup: RunSetup, view: sidebar.View) -> torch.Tensor:
    """The test pictures of the run, (n, d_x): those of the sidebar, or the first ones of the data that the run has, less the
    offset of the network whose atoms it takes."""
    if view.data == setup.data:
        pixels = torch.from_numpy(view.pixels(view.strip[:SHOWN]))
    else:
        pixels = splits(setup.data)[1].pixels[:SHOWN]
    before = base(setup) if setup.start == "yours" else None
    return pixels if before is None else before.less(pixels)


def gives_atoms(setup: RunSetup, positive: bool = False) -> bool:
    """Whether there is a network whose atoms a run can take; with `positive`, one whose codes are ≥ 0. Nothing is copied, so
    that a page that asks does not wait for a training that goes on."""
    job = own.network.job()
    if job is None or not (job.base or job.step or job.loaded):
        return False
    above_zero = job.base.positive if job.base else job.solver.traits.positive
    d_x = len(job.base.B if job.base else job.solver.dictionary)
    return d_x == splits(setup.data)[0].pixels.shape[1] and (above_zero or not positive)


def base(setup: RunSetup) -> training_job.Base | None:
    """The network whose atoms a run can take: the reader's, or the one whose atoms that has; None where there is none for
    these data."""
    job = own.network.job()
    if job is None or not gives_atoms(setup):
        return None
    found = job.base
    if found is None:
        network = job.network()
        excess = job.history[-1].excess if job.history else math.nan
        found = training_job.Base(
            network.label,
            lasso.normalised(network.dictionary.detach()),
            network.offset,
            network.traits.positive,
            excess,
        )
    return found


def splits(name: str) -> tuple[data.Images, data.Images]:
    """The training and the test split."""
    return sets.images(name, "train"), sets.images(name, "test")


def first_atoms(setup: RunSetup) -> torch.Tensor:
    """The initial atoms B (d_x, d_s)."""
    images = splits(setup.data)[0]
    if setup.start == "strokes":
        return strokes(setup).dictionary
    if setup.start == "yours":
        return base(setup).B.clone()
    generator = torch.Generator().manual_seed(setup.seed)
    if setup.start == "pictures":
        rows = torch.randperm(len(images), generator=generator)[: setup.atoms]
        if len(rows) < setup.atoms:
            raise ValueError(
                f"{setup.data} has {len(rows)} training rows: choose at most as many atoms, or other initial atoms"
            )
        return lasso.normalised(images.pixels[rows].T.contiguous())
    return lasso.normalised(
        torch.randn(images.pixels.shape[1], setup.atoms, generator=generator, dtype=torch.float32)
    )


def strokes(setup: RunSetup) -> Learning:
    """The short dictionary learning that gives the initial atoms, begun now unless it was before. All readers share it."""
    rows, mine = splits(setup.data)[0].pixels[: sets.ROWS], setup.data == sets.YOURS
    return _strokes(
        Named(digest([rows]) if mine else setup.data, rows), setup.atoms, setup.seed, private=mine
    )


@cached(dictionary=True)
def _strokes(rows: Named, atoms: int, seed: int) -> Learning:
    job = Learning(
        rows.value,
        atoms,
        lessons.MEASURED_AT,
        schedulers.scheduler("starts"),
        seed,
        lessons.START_EPOCHS,
    )
    job.start()
    return job


def takes(setup: RunSetup) -> list[str]:
    """The losses that suit the data and the solver. True codes belong to true atoms, and a run here starts from others."""
    labelled, cls = splits(setup.data)[0].labels is not None, solvers.solver_class(setup.solver)
    return [
        name
        for name in losses.NAMES
        if name not in losses.RECOVERING
        and (labelled or name not in losses.LABELLED)
        and (cls.traits.learned or name not in losses.REGRESSING)
        and (hasattr(cls, "cost") or name not in losses.OWN)
    ]
