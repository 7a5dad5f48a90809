"""Lessons ready to run: trainings on built-in data that show something within a minute on two cores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sc2viz import data, dictionary, losses, solvers
from sc2viz.data import Images
from sc2viz.solvers import Solver
from sc2viz.training import Settings

START_EPOCHS = 3  # of learning the first dictionary: it has strokes by then, and much left to learn
MEASURED_AT = 0.1  # the λ of that dictionary, and of the events of a run that learns every λ


@dataclass(frozen=True)
class Lesson:
    """Everything that a run of training is asked for, named as `solvers.build`, `Settings` and `fit` name it."""

    title: str
    watch: str  # what to look at, to be read aloud while it runs
    data: str = "mnist-5k"
    solver: str = "slstm"
    preset: str = "recommended"
    atoms: int = 100
    steps: int = 10
    loss: str = "sc2net"
    lam: float | None = 0.1
    cross_entropy: float = 10.0
    project: bool = True
    rate: float = 3e-4
    batch_size: int = 64
    epochs: int = 20
    seed: int = 0


LESSONS = (
    Lesson(
        title="SLSTM from ISTA's start",
        watch="Untrained, SLSTM heads for the optimum as slowly as ISTA does, and after its few iterations it is far from "
        "there. Watch the distance fall to within 5 % in the first epochs, with no more iterations than before.",
        lam=None,
    ),
    Lesson(
        title="The loss that cheats",
        watch="Eq. (10) as printed leaves the atoms free, so they grow, the codes shrink, and the ℓ1 term weighs less and "
        "less. Watch the printed loss sink below what even the best codes cost, while the honest objective, on unit-norm "
        "atoms, stands still after the first epoch.",
        project=False,
    ),
    Lesson(
        title="Labels steer the codes",
        watch="Eq. (11) adds the labels to the loss. Watch the accuracy on digits not seen in training climb well above "
        "what a classifier makes of codes learned without labels; the objective pays for it.",
        loss="supervised",
        rate=1e-3,
        epochs=12,
    ),
)


class Start(NamedTuple):
    """What `training.fit` begins with; the rest of its arguments are the lesson's own."""

    solver: Solver
    images: Images
    validation: Images
    settings: Settings


def prepare(lesson: Lesson) -> Start:
    """The untrained solver on a dictionary learned in a second, the training split, the test split, and the settings.

    ValueError for what the lesson asks of data or solver and they do not have.
    """
    images, validation = data.load(lesson.data), data.load(lesson.data, "test")
    B = dictionary.learn(images.pixels, lesson.atoms, lesson.lam or MEASURED_AT, seed=lesson.seed, max_epochs=START_EPOCHS)
    classes = images.n_classes if lesson.loss in losses.LABELLED else None
    solver = solvers.build(lesson.solver, B, lesson.steps, seed=lesson.seed, preset=lesson.preset, classes=classes)
    settings = Settings(rate=lesson.rate, lam=lesson.lam, measured_at=MEASURED_AT, cross_entropy=lesson.cross_entropy,
                        project=lesson.project)  # fmt: skip
    return Start(solver, images, validation, settings)
